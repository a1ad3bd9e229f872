-- Test and demo calls are left out of every total unless asked for; '' is real. `rollup` holds sums of real calls only.
ALTER TABLE calls ADD COLUMN IF NOT EXISTS data_mode LowCardinality(String);

-- external_requests: which span a sender's own request id stands for, and what was answered when it came first. Written
-- before the span: a row holds only while that span is there, otherwise a crash came between and nothing was kept.
CREATE TABLE external_requests (
    project_id      LowCardinality(String),
    id              FixedString(16) CODEC(NONE),            -- a digest of the sender's id
    commit          UInt64 CODEC(Delta, ZSTD(1)),           -- Unix microseconds of the commit that kept it
    start_time      DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    trace_id        FixedString(16) CODEC(NONE),
    span_id         FixedString(8) CODEC(NONE),
    body            FixedString(16) CODEC(NONE),            -- a digest of what was sent
    answer          String CODEC(ZSTD(1))                   -- JSON
) ENGINE = ReplacingMergeTree(commit)
ORDER BY (project_id, id)
-- Ids are looked up one by one: small granules.
SETTINGS index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1;
