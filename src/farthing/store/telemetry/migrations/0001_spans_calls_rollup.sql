-- spans: every span as received, scrubbed; never rewritten. A re-sent span replaces itself.
CREATE TABLE spans (
    project_id      LowCardinality(String),
    start_time      DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    trace_id        FixedString(16) CODEC(NONE),
    span_id         FixedString(8) CODEC(NONE),
    parent_span_id  FixedString(8) CODEC(ZSTD(1)),          -- zeros: a root
    commit          UInt64 CODEC(Delta, ZSTD(1)),           -- Unix microseconds of the commit that kept it
    duration_ns     UInt64 CODEC(ZSTD(1)),
    name            LowCardinality(String),
    kind            UInt8,
    status          UInt8,
    status_message  String CODEC(ZSTD(3)),
    scope_name      LowCardinality(String),
    scope_version   LowCardinality(String),
    resource        String CODEC(ZSTD(1)),                  -- JSON object, as received
    attributes      String CODEC(ZSTD(1)),                  -- JSON object, as received, scrubbed
    events          String CODEC(ZSTD(1)),                  -- JSON array or ''
    INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_commit commit TYPE minmax GRANULARITY 1
) ENGINE = ReplacingMergeTree(commit)
PARTITION BY toYYYYMM(start_time)
PRIMARY KEY (project_id, start_time)
ORDER BY (project_id, start_time, trace_id, span_id)
-- many small parts at once: merging a few at a time would rewrite every row four times an hour under load
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_parts_to_merge_at_once = 48;

-- calls: what the spans of a trace mean. Derived, so it can be derived again: the highest revision holds.
-- Numbers keep the default codec, LZ4: ZSTD would take twice the time of inserts and merges for a fifth of the size.
-- What questions add up is packed for reading (LZ4, T64), the rest for the disk (ZSTD).
CREATE TABLE calls (
    project_id          LowCardinality(String),
    start_time          DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    trace_id            FixedString(16) CODEC(NONE),
    span_id             FixedString(8) CODEC(NONE),
    revision            UInt64 CODEC(Delta, LZ4),
    owner_span_id       FixedString(8),      -- zeros: this row owns its tokens
    owner_trace_id      FixedString(16),     -- zeros: the owner, if any, is in the same trace
    is_owner            Bool,
    dialect             LowCardinality(String),
    provider            LowCardinality(String),
    request_model       LowCardinality(String),
    response_model      LowCardinality(String),
    model               LowCardinality(String),             -- request model, else response model
    operation           LowCardinality(String),
    response_id         String CODEC(ZSTD(1)),
    external_request_id String CODEC(ZSTD(1)),
    status              LowCardinality(String),
    error_type          LowCardinality(String),
    finish_reason       LowCardinality(String),
    streaming           LowCardinality(String),             -- 'true', 'false' or '' when nobody said
    duration_ns         UInt64 CODEC(T64, LZ4),
    ttft_ns             Nullable(UInt64) CODEC(T64, LZ4),
    requested_tier      LowCardinality(String),
    served_tier         LowCardinality(String),
    usage_source        LowCardinality(String),
    usage_convention    LowCardinality(String),
    usage_flags         Array(LowCardinality(String)),
    input_tokens        Nullable(UInt64) CODEC(T64, LZ4),    -- cached included
    cached_input_tokens Nullable(UInt64) CODEC(T64, LZ4),
    cache_write_tokens  Nullable(UInt64) CODEC(T64, LZ4),
    output_tokens       Nullable(UInt64) CODEC(T64, LZ4),    -- reasoning included
    reasoning_tokens    Nullable(UInt64) CODEC(T64, LZ4),
    cost_status         LowCardinality(String),
    cost                Nullable(Decimal(38, 24)) CODEC(LZ4),
    input_cost          Nullable(Decimal(38, 24)) CODEC(LZ4),
    output_cost         Nullable(Decimal(38, 24)) CODEC(LZ4),
    reported_cost       Nullable(Decimal(38, 24)),
    price_version       LowCardinality(String),
    price_source        LowCardinality(String),
    price_rule          LowCardinality(String),
    matched_model       LowCardinality(String),
    line_bucket         Array(LowCardinality(String)),
    line_quantity       Array(UInt64),
    line_rate           Array(Nullable(Decimal(38, 24))),
    line_amount         Array(Nullable(Decimal(38, 24))),
    line_terms          LowCardinality(String),             -- JSON: [unit, per, grade, tier, rule] of each line
    feature             LowCardinality(String),
    user_id             String CODEC(ZSTD(1)),
    session_id          String CODEC(ZSTD(1)),
    team                LowCardinality(String),
    tenant              LowCardinality(String),
    environment         LowCardinality(String),
    prompt_version      LowCardinality(String),
    config              LowCardinality(String),
    variant             LowCardinality(String),
    tags                Map(LowCardinality(String), LowCardinality(String)) CODEC(LZ4),
    links               Array(UInt64) CODEC(NONE),           -- keys shared with what other traces tell of the same call
    INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_revision revision TYPE minmax GRANULARITY 1
) ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(start_time)
PRIMARY KEY (project_id, start_time)
ORDER BY (project_id, start_time, trace_id, span_id)
-- many small parts at once: merging a few at a time would rewrite every row four times an hour under load
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_parts_to_merge_at_once = 48;

-- rollup: sums of owner calls per cut (a fixed set of dimensions at a grain, `cuts.py`) and time bucket. A bucket
-- is recomputed whole from `calls`, so it stays exact under re-sends, late spans and corrections. A row with
-- `calls = 0` says that this group is no more. NULL sums: nobody told.
CREATE TABLE rollup (
    project_id      LowCardinality(String),
    cut             LowCardinality(String),
    bucket          DateTime('UTC') CODEC(Delta, ZSTD(1)),
    provider        LowCardinality(String),
    model           LowCardinality(String),
    response_model  LowCardinality(String),
    operation       LowCardinality(String),
    status          LowCardinality(String),
    streaming       LowCardinality(String),
    environment     LowCardinality(String),
    feature         LowCardinality(String),
    team            LowCardinality(String),
    tenant          LowCardinality(String),
    prompt_version  LowCardinality(String),
    user_id         String CODEC(ZSTD(1)),
    revision        UInt64 CODEC(Delta, ZSTD(1)),
    calls           UInt64 CODEC(ZSTD(1)),
    errors          UInt64 CODEC(ZSTD(1)),
    unpriced_calls  UInt64 CODEC(ZSTD(1)),
    unknown_usage_calls UInt64 CODEC(ZSTD(1)),
    cost            Nullable(Decimal(38, 24)) CODEC(ZSTD(1)),
    input_cost      Nullable(Decimal(38, 24)) CODEC(ZSTD(1)),
    output_cost     Nullable(Decimal(38, 24)) CODEC(ZSTD(1)),
    input_tokens    Nullable(UInt64) CODEC(ZSTD(1)),
    output_tokens   Nullable(UInt64) CODEC(ZSTD(1)),
    cached_input_tokens Nullable(UInt64) CODEC(ZSTD(1)),
    duration_sum    UInt64 CODEC(ZSTD(1)),                  -- milliseconds
    duration_min    UInt64 CODEC(ZSTD(1)),
    duration_max    UInt64 CODEC(ZSTD(1)),
    duration_sketch AggregateFunction(quantilesDD(0.01, 0.5, 0.95), UInt64) CODEC(LZ4)  -- most of what questions decompress
) ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(bucket)
PRIMARY KEY (project_id, cut, bucket)
ORDER BY (project_id, cut, bucket, provider, model, response_model, operation, status, streaming, environment,
          feature, team, tenant, prompt_version, user_id)
-- Sketches are read by the granule: small ones, or a question for ten rows decodes eight thousand.
SETTINGS index_granularity = 64, fsync_after_insert = 1, fsync_part_directory = 1;

-- rollup_watermark: every bucket of `rollup` that was made by this definition of cuts accounts for all rows of
-- `calls` up to this revision; whatever is newer is recomputed after a start.
CREATE TABLE rollup_watermark (
    definition      String,
    revision        UInt64
) ENGINE = ReplacingMergeTree(revision)
ORDER BY definition
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
