-- contents: what was said in spans of keys that keep content: the values that were taken out of the span's own row. Written before
-- the span's row, within its commit. Days are those of the spans; a whole day is dropped at once when it is over age.
CREATE TABLE contents (
    project_id      LowCardinality(String),
    day             Date CODEC(ZSTD(1)),
    trace_id        FixedString(16) CODEC(ZSTD(1)),
    span_id         FixedString(8) CODEC(ZSTD(1)),
    record_id       FixedString(16) CODEC(ZSTD(1)),         -- of the log record it stood in; zeros: in the span itself
    time            DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    commit          UInt64 CODEC(Delta, ZSTD(1)),           -- Unix microseconds of the commit that kept it
    cut             Bool,                                   -- some of it was too long
    document        String CODEC(ZSTD(3))                   -- JSON: attributes, events by their place, a record's name and body
) ENGINE = ReplacingMergeTree(commit)
PARTITION BY day
ORDER BY (project_id, trace_id, span_id, record_id)
-- A trace is looked up, and its rows are long: small granules.
SETTINGS index_granularity = 256, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_full_part_storage = 1048576;
