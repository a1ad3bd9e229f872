-- Test and demo calls are left out of every total unless asked for; '' is real. `rollup` holds sums of real calls only.
ALTER TABLE calls ADD COLUMN IF NOT EXISTS data_mode LowCardinality(String);

-- external_requests: where the spans of posted calls are, by their ids, which are digests of the senders' own request ids.
-- An index of rows of `spans` and no more: a row without its span says nothing.
CREATE TABLE external_requests (
    project_id      LowCardinality(String),
    span_id         FixedString(8) CODEC(NONE),
    commit          UInt64 CODEC(Delta, ZSTD(1)),           -- Unix microseconds of the commit that kept the span
    start_time      DateTime64(9, 'UTC') CODEC(NONE),
    trace_id        FixedString(16) CODEC(NONE)
) ENGINE = ReplacingMergeTree(commit)
ORDER BY (project_id, span_id)
-- Ids are looked up one by one: small granules.
SETTINGS index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1;
