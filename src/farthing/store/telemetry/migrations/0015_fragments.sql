-- fragments: of spans that come as events (created, updated, again), each event, scrubbed. A span is what all of its fragments make
-- together; whoever keeps one more makes the span anew from all of them, so no order and no two at once can lose any.
CREATE TABLE fragments (
    project_id      LowCardinality(String),
    trace_id        FixedString(16) CODEC(NONE),
    span_id         FixedString(8) CODEC(NONE),
    event_id        FixedString(16) CODEC(NONE),            -- a digest of the event's own id: sent again it replaces itself
    time            DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    commit          UInt64 CODEC(Delta, ZSTD(1)),           -- Unix microseconds of the commit that kept it
    is_update       Bool,
    document        String CODEC(ZSTD(3)),                  -- JSON: what it tells
    content         String CODEC(ZSTD(3)),                  -- JSON: what was taken out of its attributes, where content is kept
    INDEX by_span span_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree(commit)
ORDER BY (project_id, trace_id, span_id, event_id)
SETTINGS index_granularity = 256, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_full_part_storage = 1048576;
