-- Made by `make schema`: what the migrations lead to, up to 18.

CREATE TABLE calls
(
    `project_id` LowCardinality(String),
    `start_time` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `trace_id` FixedString(16) CODEC(NONE),
    `span_id` FixedString(8) CODEC(NONE),
    `revision` UInt64 CODEC(Delta(8), LZ4),
    `owner_span_id` FixedString(8),
    `owner_trace_id` FixedString(16),
    `is_owner` Bool,
    `dialect` LowCardinality(String),
    `provider` LowCardinality(String),
    `request_model` LowCardinality(String),
    `response_model` LowCardinality(String),
    `model` LowCardinality(String),
    `operation` LowCardinality(String),
    `response_id` String CODEC(ZSTD(1)),
    `external_request_id` String CODEC(ZSTD(1)),
    `status` LowCardinality(String),
    `error_type` LowCardinality(String),
    `finish_reason` LowCardinality(String),
    `streaming` LowCardinality(String),
    `duration_ns` UInt64 CODEC(T64, LZ4),
    `ttft_ns` Nullable(UInt64) CODEC(T64, LZ4),
    `requested_tier` LowCardinality(String),
    `served_tier` LowCardinality(String),
    `region` LowCardinality(String),
    `usage_source` LowCardinality(String),
    `usage_convention` LowCardinality(String),
    `usage_flags` Array(LowCardinality(String)),
    `input_tokens` Nullable(UInt64) CODEC(T64, LZ4),
    `cached_input_tokens` Nullable(UInt64) CODEC(T64, LZ4),
    `cache_write_tokens` Nullable(UInt64) CODEC(T64, LZ4),
    `output_tokens` Nullable(UInt64) CODEC(T64, LZ4),
    `reasoning_tokens` Nullable(UInt64) CODEC(T64, LZ4),
    `cost_status` LowCardinality(String),
    `cost` Nullable(Decimal(38, 24)) CODEC(LZ4),
    `input_cost` Nullable(Decimal(38, 24)) CODEC(LZ4),
    `output_cost` Nullable(Decimal(38, 24)) CODEC(LZ4),
    `reported_cost` Nullable(Decimal(38, 24)),
    `price_version` LowCardinality(String),
    `price_source` LowCardinality(String),
    `price_rule` LowCardinality(String),
    `matched_model` LowCardinality(String),
    `line_bucket` Array(LowCardinality(String)),
    `line_quantity` Array(UInt64),
    `line_rate` Array(Nullable(Decimal(38, 24))),
    `line_amount` Array(Nullable(Decimal(38, 24))),
    `line_terms` LowCardinality(String),
    `feature` LowCardinality(String),
    `user_id` String CODEC(ZSTD(1)),
    `session_id` String CODEC(ZSTD(1)),
    `team` LowCardinality(String),
    `tenant` LowCardinality(String),
    `environment` LowCardinality(String),
    `prompt_version` LowCardinality(String),
    `config` LowCardinality(String),
    `variant` LowCardinality(String),
    `tags` Map(LowCardinality(String), LowCardinality(String)) CODEC(LZ4),
    `tag_pairs` Array(LowCardinality(String)) MATERIALIZED arrayFilter(pair -> (length(pair) <= 41), arrayMap((key, value) -> concat(key, '', value), mapKeys(tags), mapValues(tags))) CODEC(LZ4),
    `links` Array(UInt64) CODEC(NONE),
    `key_id` LowCardinality(String),
    `requests` Nullable(UInt64),
    `data_mode` LowCardinality(String),
    INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_revision revision TYPE minmax GRANULARITY 1,
    INDEX by_tag tag_pairs TYPE text(tokenizer = 'array') GRANULARITY 100000000,
    INDEX by_id lower(concatWithSeparator('\n', user_id, session_id, response_id, external_request_id)) TYPE ngrambf_v1(3, 8192, 2, 0) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(start_time)
PRIMARY KEY (project_id, start_time)
ORDER BY (project_id, start_time, trace_id, span_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_parts_to_merge_at_once = 48, index_granularity = 8192, min_bytes_for_full_part_storage = 1048576, old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000, cleanup_delay_period = 10, max_cleanup_delay_period = 30, vertical_merge_algorithm_min_rows_to_activate = 1, max_compress_block_size = 262144;

CREATE TABLE calls_repriced
(
    `project_id` LowCardinality(String),
    `job` LowCardinality(String),
    `start_time` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `trace_id` FixedString(16) CODEC(NONE),
    `span_id` FixedString(8) CODEC(NONE),
    `revision` UInt64 CODEC(Delta(8), LZ4),
    `old_cost_status` LowCardinality(String),
    `old_cost` Nullable(Decimal(38, 24)) CODEC(LZ4),
    `old_input_cost` Nullable(Decimal(38, 24)) CODEC(LZ4),
    `old_output_cost` Nullable(Decimal(38, 24)) CODEC(LZ4),
    `old_price_version` LowCardinality(String),
    `old_price_source` LowCardinality(String),
    `old_price_rule` LowCardinality(String),
    `old_matched_model` LowCardinality(String),
    `old_line_bucket` Array(LowCardinality(String)),
    `old_line_quantity` Array(UInt64),
    `old_line_rate` Array(Nullable(Decimal(38, 24))),
    `old_line_amount` Array(Nullable(Decimal(38, 24))),
    `old_line_terms` LowCardinality(String),
    `new_cost_status` LowCardinality(String),
    `new_cost` Nullable(Decimal(38, 24)) CODEC(LZ4),
    `new_input_cost` Nullable(Decimal(38, 24)) CODEC(LZ4),
    `new_output_cost` Nullable(Decimal(38, 24)) CODEC(LZ4),
    `new_price_version` LowCardinality(String),
    `new_price_source` LowCardinality(String),
    `new_price_rule` LowCardinality(String),
    `new_matched_model` LowCardinality(String),
    `new_line_bucket` Array(LowCardinality(String)),
    `new_line_quantity` Array(UInt64),
    `new_line_rate` Array(Nullable(Decimal(38, 24))),
    `new_line_amount` Array(Nullable(Decimal(38, 24))),
    `new_line_terms` LowCardinality(String)
)
ENGINE = MergeTree
ORDER BY (project_id, job, start_time, trace_id, span_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000, cleanup_delay_period = 10, max_cleanup_delay_period = 30, vertical_merge_algorithm_min_rows_to_activate = 1, max_compress_block_size = 262144;

CREATE TABLE contents
(
    `project_id` LowCardinality(String),
    `day` Date CODEC(ZSTD(1)),
    `trace_id` FixedString(16) CODEC(ZSTD(1)),
    `span_id` FixedString(8) CODEC(ZSTD(1)),
    `record_id` FixedString(16) CODEC(ZSTD(1)),
    `time` DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `commit` UInt64 CODEC(Delta(8), ZSTD(1)),
    `cut` Bool,
    `document` String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree(commit)
PARTITION BY day
ORDER BY (project_id, trace_id, span_id, record_id)
SETTINGS index_granularity = 256, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_full_part_storage = 1048576, old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000, cleanup_delay_period = 10, max_cleanup_delay_period = 30;

CREATE TABLE external_requests
(
    `project_id` LowCardinality(String),
    `span_id` FixedString(8) CODEC(NONE),
    `commit` UInt64 CODEC(Delta(8), ZSTD(1)),
    `start_time` DateTime64(9, 'UTC') CODEC(NONE),
    `trace_id` FixedString(16) CODEC(NONE)
)
ENGINE = ReplacingMergeTree(commit)
ORDER BY (project_id, span_id)
SETTINGS index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_full_part_storage = 1048576, old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000, cleanup_delay_period = 10, max_cleanup_delay_period = 30;

CREATE TABLE fragments
(
    `project_id` LowCardinality(String),
    `trace_id` FixedString(16) CODEC(NONE),
    `span_id` FixedString(8) CODEC(NONE),
    `event_id` FixedString(16) CODEC(NONE),
    `time` DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `commit` UInt64 CODEC(Delta(8), ZSTD(1)),
    `is_update` Bool,
    `document` String CODEC(ZSTD(3)),
    `content` String CODEC(ZSTD(3)),
    INDEX by_span span_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(commit)
ORDER BY (project_id, trace_id, span_id, event_id)
SETTINGS index_granularity = 256, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_full_part_storage = 1048576, old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000, cleanup_delay_period = 10, max_cleanup_delay_period = 30;

CREATE TABLE logs
(
    `project_id` LowCardinality(String),
    `time` DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `id` FixedString(16) CODEC(NONE),
    `trace_id` FixedString(16) CODEC(ZSTD(1)),
    `span_id` FixedString(8) CODEC(ZSTD(1)),
    `commit` UInt64 CODEC(Delta(8), ZSTD(1)),
    `severity` UInt8,
    `severity_text` LowCardinality(String),
    `event_name` LowCardinality(String),
    `scope_name` LowCardinality(String),
    `scope_version` LowCardinality(String),
    `resource` String CODEC(ZSTD(1)),
    `attributes` String CODEC(ZSTD(1)),
    `body` String CODEC(ZSTD(1)),
    INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(commit)
PARTITION BY toYYYYMM(time)
PRIMARY KEY (project_id, time)
ORDER BY (project_id, time, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, min_bytes_for_full_part_storage = 1048576, old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000, cleanup_delay_period = 10, max_cleanup_delay_period = 30, vertical_merge_algorithm_min_rows_to_activate = 1, max_compress_block_size = 262144;

CREATE TABLE metric_points
(
    `project_id` LowCardinality(String),
    `name` LowCardinality(String),
    `time` DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `series` FixedString(16) CODEC(ZSTD(1)),
    `commit` UInt64 CODEC(Delta(8), ZSTD(1)),
    `start_time` DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `kind` LowCardinality(String),
    `unit` LowCardinality(String),
    `temporality` LowCardinality(String),
    `monotonic` Bool,
    `scope_name` LowCardinality(String),
    `scope_version` LowCardinality(String),
    `resource` String CODEC(ZSTD(1)),
    `attributes` String CODEC(ZSTD(1)),
    `int_value` Nullable(Int64),
    `value` Nullable(Float64),
    `count` Nullable(UInt64),
    `sum` Nullable(Float64),
    `min` Nullable(Float64),
    `max` Nullable(Float64),
    `shape` String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(commit)
PARTITION BY toYYYYMM(time)
PRIMARY KEY (project_id, name, time)
ORDER BY (project_id, name, time, series)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, min_bytes_for_full_part_storage = 1048576, old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000, cleanup_delay_period = 10, max_cleanup_delay_period = 30, vertical_merge_algorithm_min_rows_to_activate = 1, max_compress_block_size = 262144;

CREATE TABLE quarantine
(
    `project_id` LowCardinality(String),
    `slot` UInt16,
    `number` UInt64,
    `version` UInt64,
    `commit` UInt64 CODEC(Delta(8), ZSTD(1)),
    `id` FixedString(16) CODEC(NONE),
    `gone` Bool,
    `signal` LowCardinality(String),
    `reason` LowCardinality(String),
    `trace_id` String CODEC(ZSTD(1)),
    `start_ns` Int64,
    `size` UInt64,
    `replayable` Bool,
    `sample` String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project_id, slot)
TTL toDateTime(intDiv(commit, 1000000)) + toIntervalDay(30)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000, cleanup_delay_period = 10, max_cleanup_delay_period = 30;

CREATE TABLE repriced_calls
(
    `project_id` LowCardinality(String),
    `job` LowCardinality(String),
    `start_time` DateTime64(9, 'UTC') CODEC(Delta(8), LZ4),
    `trace_id` FixedString(16) CODEC(NONE),
    `span_id` FixedString(8) CODEC(NONE),
    `revision` UInt64 CODEC(Delta(8), LZ4),
    `shape` UInt64 CODEC(LZ4)
)
ENGINE = MergeTree
ORDER BY (project_id, job, start_time, trace_id, span_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000, cleanup_delay_period = 10, max_cleanup_delay_period = 30;

CREATE TABLE repriced_shapes
(
    `project_id` LowCardinality(String),
    `job` LowCardinality(String),
    `revision` UInt64,
    `shape` UInt64,
    `line_bucket` Array(LowCardinality(String)),
    `old_cost_status` LowCardinality(String),
    `old_price_version` LowCardinality(String),
    `old_price_source` LowCardinality(String),
    `old_price_rule` LowCardinality(String),
    `old_matched_model` LowCardinality(String),
    `old_line_rate` Array(Nullable(Decimal(38, 24))),
    `old_line_terms` LowCardinality(String),
    `old_piece` Array(Nullable(Decimal(38, 24))),
    `old_input_piece` Array(Decimal(38, 24)),
    `old_output_piece` Array(Decimal(38, 24)),
    `new_cost_status` LowCardinality(String),
    `new_price_version` LowCardinality(String),
    `new_price_source` LowCardinality(String),
    `new_price_rule` LowCardinality(String),
    `new_matched_model` LowCardinality(String),
    `new_line_rate` Array(Nullable(Decimal(38, 24))),
    `new_line_terms` LowCardinality(String),
    `new_piece` Array(Nullable(Decimal(38, 24))),
    `new_input_piece` Array(Decimal(38, 24)),
    `new_output_piece` Array(Decimal(38, 24))
)
ENGINE = MergeTree
ORDER BY (project_id, job, revision, shape)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000, cleanup_delay_period = 10, max_cleanup_delay_period = 30;

CREATE TABLE rollup
(
    `project_id` LowCardinality(String),
    `cut` LowCardinality(String),
    `bucket` DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    `provider` LowCardinality(String),
    `model` LowCardinality(String),
    `response_model` LowCardinality(String),
    `operation` LowCardinality(String),
    `status` LowCardinality(String),
    `streaming` LowCardinality(String),
    `environment` LowCardinality(String),
    `feature` LowCardinality(String),
    `team` LowCardinality(String),
    `tenant` LowCardinality(String),
    `prompt_version` LowCardinality(String),
    `user_id` String CODEC(ZSTD(1)),
    `tags` Array(String) CODEC(ZSTD(1)),
    `revision` UInt64 CODEC(Delta(8), ZSTD(1)),
    `calls` UInt64 CODEC(ZSTD(1)),
    `errors` UInt64 CODEC(ZSTD(1)),
    `unpriced_calls` UInt64 CODEC(ZSTD(1)),
    `unknown_usage_calls` UInt64 CODEC(ZSTD(1)),
    `cost` Nullable(Decimal(38, 24)) CODEC(ZSTD(1)),
    `input_cost` Nullable(Decimal(38, 24)) CODEC(ZSTD(1)),
    `output_cost` Nullable(Decimal(38, 24)) CODEC(ZSTD(1)),
    `input_tokens` Nullable(UInt64) CODEC(ZSTD(1)),
    `output_tokens` Nullable(UInt64) CODEC(ZSTD(1)),
    `cached_input_tokens` Nullable(UInt64) CODEC(ZSTD(1)),
    `duration_sum` UInt64 CODEC(ZSTD(1)),
    `duration_min` UInt64 CODEC(ZSTD(1)),
    `duration_max` UInt64 CODEC(ZSTD(1)),
    `duration_sketch` AggregateFunction(quantilesDD(0.01, 0.5, 0.95), UInt64) CODEC(LZ4)
)
ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(bucket)
PRIMARY KEY (project_id, cut, bucket)
ORDER BY (project_id, cut, bucket, provider, model, response_model, operation, status, streaming, environment, feature, team, tenant, prompt_version, user_id, tags)
SETTINGS index_granularity = 64, fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000, cleanup_delay_period = 10, max_cleanup_delay_period = 30;

CREATE TABLE rollup_watermark
(
    `definition` String,
    `revision` UInt64
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY definition
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000, cleanup_delay_period = 10, max_cleanup_delay_period = 30;

CREATE TABLE run_items
(
    `project_id` LowCardinality(String),
    `dataset_id` LowCardinality(String),
    `run_id` LowCardinality(String),
    `item_id` String CODEC(ZSTD(1)),
    `trace_id` FixedString(16) CODEC(NONE),
    `run_name` SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    `description` SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    `metadata` SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    `item_version` SimpleAggregateFunction(max, Nullable(DateTime64(9, 'UTC'))) CODEC(ZSTD(1)),
    `trace` SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    `span_id` SimpleAggregateFunction(max, FixedString(8)) CODEC(ZSTD(1)),
    `observation` SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    `told` SimpleAggregateFunction(min, Nullable(DateTime64(9, 'UTC'))) CODEC(ZSTD(1)),
    `began` SimpleAggregateFunction(min, Nullable(DateTime64(9, 'UTC'))) CODEC(ZSTD(1)),
    `ended` SimpleAggregateFunction(max, Nullable(DateTime64(9, 'UTC'))) CODEC(ZSTD(1)),
    `outcome` SimpleAggregateFunction(max, UInt8),
    `error` SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    `output` SimpleAggregateFunction(max, String) CODEC(ZSTD(3)),
    `whole` SimpleAggregateFunction(max, UInt8),
    `commit` SimpleAggregateFunction(max, UInt64) CODEC(ZSTD(1)),
    INDEX by_run run_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = AggregatingMergeTree
ORDER BY (project_id, dataset_id, run_id, item_id, trace_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_full_part_storage = 1048576, index_granularity = 8192, old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000, cleanup_delay_period = 10, max_cleanup_delay_period = 30;

CREATE TABLE scores
(
    `project_id` LowCardinality(String),
    `trace_id` FixedString(16) CODEC(NONE),
    `span_id` FixedString(8) CODEC(NONE),
    `id` FixedString(16) CODEC(NONE),
    `commit` UInt64 CODEC(Delta(8), ZSTD(1)),
    `time` DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `name` LowCardinality(String),
    `value` Nullable(Float64),
    `label` LowCardinality(String),
    `explanation` String CODEC(ZSTD(1)),
    `source` LowCardinality(String),
    `rank` UInt8,
    `external_id` String CODEC(ZSTD(1)),
    `data_type` LowCardinality(String) DEFAULT if(isNull(value), 'CATEGORICAL', 'NUMERIC'),
    `text` String CODEC(ZSTD(1)),
    `target` LowCardinality(String) DEFAULT 'observation',
    `trace` String CODEC(ZSTD(1)),
    `observation` String CODEC(ZSTD(1)),
    `session_id` String CODEC(ZSTD(1)),
    `run_id` String CODEC(ZSTD(1)),
    `origin` LowCardinality(String) DEFAULT 'EVAL',
    `metadata` String CODEC(ZSTD(1)),
    `config_id` String CODEC(ZSTD(1)),
    `queue_id` String CODEC(ZSTD(1)),
    `author` String CODEC(ZSTD(1)),
    `environment` LowCardinality(String),
    `created` DateTime64(9, 'UTC') DEFAULT time CODEC(Delta(8), ZSTD(1)),
    INDEX by_score id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(rank)
ORDER BY (project_id, trace_id, span_id, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, min_bytes_for_full_part_storage = 1048576, old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000, cleanup_delay_period = 10, max_cleanup_delay_period = 30, vertical_merge_algorithm_min_rows_to_activate = 1, max_compress_block_size = 262144;

CREATE TABLE spans
(
    `project_id` LowCardinality(String),
    `start_time` DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `trace_id` FixedString(16) CODEC(NONE),
    `span_id` FixedString(8) CODEC(NONE),
    `parent_span_id` FixedString(8) CODEC(ZSTD(1)),
    `commit` UInt64 CODEC(Delta(8), ZSTD(1)),
    `duration_ns` UInt64 CODEC(ZSTD(1)),
    `name` LowCardinality(String),
    `kind` UInt8,
    `status` UInt8,
    `status_message` String CODEC(ZSTD(3)),
    `scope_name` LowCardinality(String),
    `scope_version` LowCardinality(String),
    `resource` String CODEC(ZSTD(1)),
    `attributes` String CODEC(ZSTD(1)),
    `events` String CODEC(ZSTD(1)),
    `key_id` LowCardinality(String),
    INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_commit commit TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(commit)
PARTITION BY toYYYYMM(start_time)
PRIMARY KEY (project_id, start_time)
ORDER BY (project_id, start_time, trace_id, span_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_parts_to_merge_at_once = 48, index_granularity = 8192, min_bytes_for_full_part_storage = 1048576, old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000, cleanup_delay_period = 10, max_cleanup_delay_period = 30, vertical_merge_algorithm_min_rows_to_activate = 1, max_compress_block_size = 262144;
