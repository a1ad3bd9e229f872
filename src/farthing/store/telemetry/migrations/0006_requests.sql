-- How many requests a call made of metrics stands for. NULL: one, as all other calls do, or nobody counted them.
ALTER TABLE calls ADD COLUMN IF NOT EXISTS requests Nullable(UInt64);
