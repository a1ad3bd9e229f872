-- logs: every log record as received, scrubbed; never rewritten. A re-sent record has the same id and replaces itself.
CREATE TABLE logs (
    project_id      LowCardinality(String),
    time            DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    id              FixedString(16) CODEC(NONE),            -- a digest of all that was received
    trace_id        FixedString(16) CODEC(ZSTD(1)),         -- zeros: belongs to no trace
    span_id         FixedString(8) CODEC(ZSTD(1)),
    commit          UInt64 CODEC(Delta, ZSTD(1)),           -- Unix microseconds of the commit that kept it
    severity        UInt8,
    severity_text   LowCardinality(String),
    event_name      LowCardinality(String),
    scope_name      LowCardinality(String),
    scope_version   LowCardinality(String),
    resource        String CODEC(ZSTD(1)),                  -- JSON object, as received
    attributes      String CODEC(ZSTD(1)),                  -- JSON object, as received, scrubbed
    body            String CODEC(ZSTD(1)),                  -- JSON, scrubbed, or ''
    INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree(commit)
PARTITION BY toYYYYMM(time)
PRIMARY KEY (project_id, time)
ORDER BY (project_id, time, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- scores: judgements of spans. The same score told by two signals is one row: its id is made of what it says.
CREATE TABLE scores (
    project_id      LowCardinality(String),
    trace_id        FixedString(16) CODEC(NONE),
    span_id         FixedString(8) CODEC(NONE),
    id              FixedString(16) CODEC(NONE),
    commit          UInt64 CODEC(Delta, ZSTD(1)),
    time            DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    name            LowCardinality(String),
    value           Nullable(Float64),                      -- NULL: only a label was given
    label           LowCardinality(String),
    explanation     String CODEC(ZSTD(1)),
    source          LowCardinality(String),                 -- the signal: log or span_event
    rank            UInt8                                   -- of the source: the highest one's row stays
) ENGINE = ReplacingMergeTree(rank)
ORDER BY (project_id, trace_id, span_id, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- metric_points: every data point as received. They restate what spans tell and are never added to it.
CREATE TABLE metric_points (
    project_id      LowCardinality(String),
    name            LowCardinality(String),
    time            DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    series          FixedString(16) CODEC(ZSTD(1)),         -- a digest of all that names the series
    commit          UInt64 CODEC(Delta, ZSTD(1)),
    start_time      DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),   -- 1970: not told
    kind            LowCardinality(String),
    unit            LowCardinality(String),
    temporality     LowCardinality(String),                 -- delta, cumulative or ''
    monotonic       Bool,
    scope_name      LowCardinality(String),
    scope_version   LowCardinality(String),
    resource        String CODEC(ZSTD(1)),                  -- JSON object, scrubbed
    attributes      String CODEC(ZSTD(1)),                  -- JSON object, scrubbed
    int_value       Nullable(Int64),                        -- a number that was sent as an integer
    value           Nullable(Float64),                      -- any number
    count           Nullable(UInt64),
    sum             Nullable(Float64),
    min             Nullable(Float64),
    max             Nullable(Float64),
    shape           String CODEC(ZSTD(1))                   -- JSON object: buckets or quantiles as received, or ''
) ENGINE = ReplacingMergeTree(commit)
PARTITION BY toYYYYMM(time)
PRIMARY KEY (project_id, name, time)
ORDER BY (project_id, name, time, series)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
