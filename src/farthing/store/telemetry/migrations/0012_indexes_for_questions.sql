-- by_tag: for each tag, which rows of a part have it. A question about tags combines these sets instead of looking through the
-- column. by_id: which three letters follow one another in the ids of a granule, so that a text is looked for only where it may
-- stand; `filters.py` says the same expression. Both are made when parts are merged, not while somebody waits for his rows to be
-- durable (`engine.py`); what is not merged yet is small, and looked through.
ALTER TABLE calls ADD INDEX IF NOT EXISTS by_tag tag_pairs TYPE text(tokenizer = 'array');
ALTER TABLE calls ADD INDEX IF NOT EXISTS by_id lower(concatWithSeparator('\n', user_id, session_id, response_id, external_request_id))
    TYPE ngrambf_v1(3, 8192, 2, 0) GRANULARITY 1;
ALTER TABLE calls MATERIALIZE INDEX by_tag;
ALTER TABLE calls MATERIALIZE INDEX by_id;
