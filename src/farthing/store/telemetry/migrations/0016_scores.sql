-- A score may have an id of its sender's, judge more than spans, and be more than a number: what is judged stands in `target`, and
-- `id` is a digest of the sender's id where there is one, so a score that is told again replaces itself.
ALTER TABLE scores ADD COLUMN IF NOT EXISTS external_id String CODEC(ZSTD(1));
ALTER TABLE scores ADD COLUMN IF NOT EXISTS data_type LowCardinality(String) DEFAULT if(isNull(value), 'CATEGORICAL', 'NUMERIC');
ALTER TABLE scores ADD COLUMN IF NOT EXISTS text String CODEC(ZSTD(1));
ALTER TABLE scores ADD COLUMN IF NOT EXISTS target LowCardinality(String) DEFAULT 'observation';
ALTER TABLE scores ADD COLUMN IF NOT EXISTS trace String CODEC(ZSTD(1));
ALTER TABLE scores ADD COLUMN IF NOT EXISTS observation String CODEC(ZSTD(1));
ALTER TABLE scores ADD COLUMN IF NOT EXISTS session_id String CODEC(ZSTD(1));
ALTER TABLE scores ADD COLUMN IF NOT EXISTS run_id String CODEC(ZSTD(1));
ALTER TABLE scores ADD COLUMN IF NOT EXISTS origin LowCardinality(String) DEFAULT 'EVAL';
ALTER TABLE scores ADD COLUMN IF NOT EXISTS metadata String CODEC(ZSTD(1));
ALTER TABLE scores ADD COLUMN IF NOT EXISTS config_id String CODEC(ZSTD(1));
ALTER TABLE scores ADD COLUMN IF NOT EXISTS queue_id String CODEC(ZSTD(1));
ALTER TABLE scores ADD COLUMN IF NOT EXISTS author String CODEC(ZSTD(1));
ALTER TABLE scores ADD COLUMN IF NOT EXISTS environment LowCardinality(String);
ALTER TABLE scores ADD COLUMN IF NOT EXISTS created DateTime64(9, 'UTC') DEFAULT time CODEC(Delta, ZSTD(1));
ALTER TABLE scores ADD INDEX IF NOT EXISTS by_score id TYPE bloom_filter(0.01) GRANULARITY 1;
