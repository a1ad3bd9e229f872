-- quarantine: what was refused or can't be read, the latest of each project. It is a ring: a row replaces the one that
-- has its slot, so a flood of broken spans can't fill the disk.
CREATE TABLE quarantine (
    project_id      LowCardinality(String),
    slot            UInt16,                                 -- number modulo the ring's length
    number          UInt64,                                 -- rises by one with each row of the project
    version         UInt64,                                 -- of the slot: twice the commit, plus one when it is gone
    commit          UInt64 CODEC(Delta, ZSTD(1)),           -- Unix microseconds of the commit that kept it
    id              FixedString(16) CODEC(NONE),            -- a digest of all that is shown: the same when it is sent again
    gone            Bool,
    signal          LowCardinality(String),
    reason          LowCardinality(String),
    trace_id        String CODEC(ZSTD(1)),                  -- in hex, as received, whatever its length
    start_ns        Int64,                                  -- Unix nanoseconds, as near as 64 bits can tell
    size            UInt64,                                 -- bytes of what the sample was taken from
    replayable      Bool,
    sample          String CODEC(ZSTD(3))                   -- OTLP/JSON, scrubbed; of what can't be read, its shape
) ENGINE = ReplacingMergeTree(version)
ORDER BY (project_id, slot)
TTL toDateTime(intDiv(commit, 1000000)) + INTERVAL 30 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
