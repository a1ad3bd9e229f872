-- repriced_shapes: what a step of re-pricing changed for all calls of a shape, that is, of calls that differ in nothing
-- but times and quantities. What a line costs is its quantity times its piece, so that says the amounts of all of them.
CREATE TABLE repriced_shapes (
    project_id          LowCardinality(String),
    job                 LowCardinality(String),
    revision            UInt64,                             -- of the rows of `calls` that have the new columns
    shape               UInt64,
    line_bucket         Array(LowCardinality(String)),
    old_cost_status     LowCardinality(String),
    old_price_version   LowCardinality(String),
    old_price_source    LowCardinality(String),
    old_price_rule      LowCardinality(String),
    old_matched_model   LowCardinality(String),
    old_line_rate       Array(Nullable(Decimal(38, 24))),
    old_line_terms      LowCardinality(String),
    old_piece           Array(Nullable(Decimal(38, 24))),   -- dollars for one of each line; NULL: it has no rate
    old_input_piece     Array(Decimal(38, 24)),             -- the same of those lines that are the input's, 0 of others
    old_output_piece    Array(Decimal(38, 24)),
    new_cost_status     LowCardinality(String),
    new_price_version   LowCardinality(String),
    new_price_source    LowCardinality(String),
    new_price_rule      LowCardinality(String),
    new_matched_model   LowCardinality(String),
    new_line_rate       Array(Nullable(Decimal(38, 24))),
    new_line_terms      LowCardinality(String),
    new_piece           Array(Nullable(Decimal(38, 24))),
    new_input_piece     Array(Decimal(38, 24)),
    new_output_piece    Array(Decimal(38, 24))
) ENGINE = MergeTree
ORDER BY (project_id, job, revision, shape)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- repriced_calls: which calls those were. A step that is repeated after a crash may tell of the same call twice.
CREATE TABLE repriced_calls (
    project_id          LowCardinality(String),
    job                 LowCardinality(String),
    start_time          DateTime64(9, 'UTC') CODEC(Delta, LZ4),
    trace_id            FixedString(16) CODEC(NONE),
    span_id             FixedString(8) CODEC(NONE),
    revision            UInt64 CODEC(Delta, LZ4),
    shape               UInt64 CODEC(LZ4)
) ENGINE = MergeTree
ORDER BY (project_id, job, start_time, trace_id, span_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
