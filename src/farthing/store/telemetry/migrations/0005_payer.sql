-- The key a span came with, and so its call: prices may be agreed for one key, also when a trace is read again.
ALTER TABLE spans ADD COLUMN IF NOT EXISTS key_id LowCardinality(String);
ALTER TABLE calls ADD COLUMN IF NOT EXISTS key_id LowCardinality(String);
