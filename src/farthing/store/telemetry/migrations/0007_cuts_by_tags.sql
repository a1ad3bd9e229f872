-- Aggregates by tags: `tags` has the values of the tags that a row's cut is by, in the cut's order.
ALTER TABLE rollup
    ADD COLUMN IF NOT EXISTS tags Array(String) CODEC(ZSTD(1)) AFTER user_id,
    MODIFY ORDER BY (project_id, cut, bucket, provider, model, response_model, operation, status, streaming, environment,
                     feature, team, tenant, prompt_version, user_id, tags);
