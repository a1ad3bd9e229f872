-- Where a call was served and with which key it came: a price may depend on both, so pricing a call again needs them.
ALTER TABLE calls ADD COLUMN IF NOT EXISTS region LowCardinality(String) AFTER served_tier;
ALTER TABLE calls ADD COLUMN IF NOT EXISTS key_id LowCardinality(String);

-- calls_repriced: what a job of re-pricing changed: a row's cost columns as they were and as they became. A step that
-- is repeated after a crash may tell of the same call twice: the first `old_` and the last `new_` ones hold.
CREATE TABLE calls_repriced (
    project_id          LowCardinality(String),
    job                 LowCardinality(String),
    start_time          DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    trace_id            FixedString(16) CODEC(NONE),
    span_id             FixedString(8) CODEC(NONE),
    revision            UInt64 CODEC(Delta, LZ4),           -- of the row of `calls` that has the new columns
    old_cost_status     LowCardinality(String),
    old_cost            Nullable(Decimal(38, 24)) CODEC(LZ4),
    old_input_cost      Nullable(Decimal(38, 24)) CODEC(LZ4),
    old_output_cost     Nullable(Decimal(38, 24)) CODEC(LZ4),
    old_price_version   LowCardinality(String),
    old_price_source    LowCardinality(String),
    old_price_rule      LowCardinality(String),
    old_matched_model   LowCardinality(String),
    old_line_bucket     Array(LowCardinality(String)),
    old_line_quantity   Array(UInt64),
    old_line_rate       Array(Nullable(Decimal(38, 24))),
    old_line_amount     Array(Nullable(Decimal(38, 24))),
    old_line_terms      LowCardinality(String),
    new_cost_status     LowCardinality(String),
    new_cost            Nullable(Decimal(38, 24)) CODEC(LZ4),
    new_input_cost      Nullable(Decimal(38, 24)) CODEC(LZ4),
    new_output_cost     Nullable(Decimal(38, 24)) CODEC(LZ4),
    new_price_version   LowCardinality(String),
    new_price_source    LowCardinality(String),
    new_price_rule      LowCardinality(String),
    new_matched_model   LowCardinality(String),
    new_line_bucket     Array(LowCardinality(String)),
    new_line_quantity   Array(UInt64),
    new_line_rate       Array(Nullable(Decimal(38, 24))),
    new_line_amount     Array(Nullable(Decimal(38, 24))),
    new_line_terms      LowCardinality(String)
) ENGINE = MergeTree
ORDER BY (project_id, job, start_time, trace_id, span_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
