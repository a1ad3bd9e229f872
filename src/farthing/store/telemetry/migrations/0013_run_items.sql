-- run_items: the cases of experiments: which item of a dataset a run tried, in which trace, and how that went. Several signals
-- tell of one case (spans, a link made by hand, a posted result), in any order and again and again; of each column the greater
-- value holds, of starts the earlier one, so what is read does not depend on who came first. '' and NULL: not told.
CREATE TABLE run_items (
    project_id      LowCardinality(String),
    dataset_id      LowCardinality(String),                 -- '': data that is in no dataset
    run_id          LowCardinality(String),
    item_id         String CODEC(ZSTD(1)),
    trace_id        FixedString(16) CODEC(NONE),            -- zeros: it left no trace
    run_name        SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    description     SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    metadata        SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),                  -- the run's, JSON
    item_version    SimpleAggregateFunction(max, Nullable(DateTime64(9, 'UTC'))) CODEC(ZSTD(1)),
    trace           SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),                  -- the id as told, where it is not trace_id
    span_id         SimpleAggregateFunction(max, FixedString(8)) CODEC(ZSTD(1)),          -- the span that is the case; zeros: none told
    observation     SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),                  -- its id as told, where it is not span_id
    told            SimpleAggregateFunction(min, Nullable(DateTime64(9, 'UTC'))) CODEC(ZSTD(1)),  -- the earliest anybody speaks of
    began           SimpleAggregateFunction(min, Nullable(DateTime64(9, 'UTC'))) CODEC(ZSTD(1)),  -- of the case itself
    ended           SimpleAggregateFunction(max, Nullable(DateTime64(9, 'UTC'))) CODEC(ZSTD(1)),
    outcome         SimpleAggregateFunction(max, UInt8),                                  -- 0 unknown, 1 ok, 2 error
    error           SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    output          SimpleAggregateFunction(max, String) CODEC(ZSTD(3)),                  -- JSON, where it is to be kept
    whole           SimpleAggregateFunction(max, UInt8),                                  -- 1: the trace was made for this case
    commit          SimpleAggregateFunction(max, UInt64) CODEC(ZSTD(1)),                  -- Unix microseconds
    INDEX by_run run_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = AggregatingMergeTree
ORDER BY (project_id, dataset_id, run_id, item_id, trace_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_full_part_storage = 1048576;
