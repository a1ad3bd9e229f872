"""An empty telemetry store and a number in, that many believable calls of one month out; the same ones every time."""

import msgspec

from farthing.store.telemetry.engine import Engine

PROJECT = "bench"
DAYS = 30
END_S = 1_764_547_200
"""2025-12-01 00:00 UTC: the month ends here."""
START_S = END_S - DAYS * 86_400

_CHUNK = 1_000_000

# Every column is a function of the row's number, so any chunk can be made by itself. h1..h3 are independent hashes.
# Latencies are log-normal around half a second; the last model has no price; every fiftieth call is an error.
_SELECT = """
INSERT INTO calls (
    project_id, start_time, trace_id, span_id, revision, owner_span_id, owner_trace_id, is_owner, dialect, provider,
    request_model, response_model, model, operation, response_id, external_request_id, status, error_type,
    finish_reason, streaming, duration_ns, ttft_ns, requested_tier, served_tier, region, usage_source,
    usage_convention, usage_flags, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
    reasoning_tokens, cost_status, cost, input_cost, output_cost, reported_cost, price_version, price_source,
    price_rule, matched_model, line_bucket, line_quantity, line_rate, line_amount, line_terms, feature, user_id,
    session_id, team, tenant, environment, prompt_version, config, variant, tags, links
)
WITH
    sipHash64(number, 1) AS h1, sipHash64(number, 2) AS h2, sipHash64(number, 3) AS h3, intDiv(number, 3) AS trace,
    toUInt8(1 + least(h1 % 11, h2 % 9, 7)) AS m,
    toUInt8(1 + least(h2 % 13, h3 % 17, 9)) AS f,
    toUInt64(least(h3 % 400, h1 % 600)) AS u,
    h1 % 50 = 0 AS failed,
    ['openai','anthropic','openai','google','anthropic','google','openai','mistral'][m] AS provider_,
    ['gpt-4o-mini','claude-sonnet-4-5','gpt-4o','gemini-2.5-flash','claude-haiku-4-5','gemini-2.5-pro','o3','mistral-large'][m] AS model_,
    [0.15, 3, 2.5, 0.3, 1, 1.25, 2, 0][m] AS rate_in, [0.6, 15, 10, 2.5, 5, 10, 8, 0][m] AS rate_out,
    toUInt64(100 + h2 % 4000) AS tokens_in, toUInt64(10 + h3 % 800) AS tokens_out,
    toDecimal128(tokens_in, 0) * toDecimal128(toUInt64(rate_in * 100), 0) * toDecimal128('0.00000001', 24) AS cost_in,
    toDecimal128(tokens_out, 0) * toDecimal128(toUInt64(rate_out * 100), 0) * toDecimal128('0.00000001', 24) AS cost_out,
    NOT failed AND m < 8 AS priced,
    exp(6.2 + 0.9 * sqrt(-2 * log((h2 % 1000003 + 1) / 1000004)) * cos(6.28318530718 * (h3 % 1000003) / 1000003)) AS ms
SELECT
    {project:String} AS project_id,
    fromUnixTimestamp64Nano(toInt64({start:UInt64} * 1000000000 + number * {step:UInt64} * 1000 + h1 % 1000)) AS start_time,
    CAST(concat(reinterpretAsFixedString(sipHash64(trace, 4)), reinterpretAsFixedString(sipHash64(trace, 5))), 'FixedString(16)') AS trace_id,
    CAST(reinterpretAsFixedString(sipHash64(number, 6)), 'FixedString(8)') AS span_id,
    {start:UInt64} * 1000000 + number AS revision, toFixedString('', 8) AS owner_span_id, toFixedString('', 16) AS owner_trace_id, true AS is_owner,
    'otel' AS dialect, provider_ AS provider, model_ AS request_model,
    if(failed, '', concat(model_, '-2025-08-01')) AS response_model, model_ AS model,
    'chat' AS operation, concat('chatcmpl-', hex(h1)) AS response_id, '' AS external_request_id,
    if(failed, 'error', 'ok') AS status, if(failed, ['429', 'timeout'][1 + h2 % 2], '') AS error_type,
    if(failed, '', 'stop') AS finish_reason, ['true', 'false', ''][1 + h3 % 3] AS streaming,
    toUInt64(ms * 1e6) AS duration_ns, if(streaming = 'true', intDiv(duration_ns, 4), NULL) AS ttft_ns,
    '' AS requested_tier, '' AS served_tier, '' AS region, if(failed, 'missing', 'provider') AS usage_source,
    if(failed, '', 'inclusive') AS usage_convention, [] AS usage_flags,
    if(failed, NULL, tokens_in) AS input_tokens, if(failed, NULL, if(h3 % 4 = 0, h2 % 100, 0)) AS cached_input_tokens,
    NULL AS cache_write_tokens, if(failed, NULL, tokens_out) AS output_tokens, NULL AS reasoning_tokens,
    multiIf(failed, 'unknown', m = 8, 'unpriced', 'computed') AS cost_status,
    if(priced, cost_in + cost_out, NULL) AS cost, if(priced, cost_in, NULL) AS input_cost, if(priced, cost_out, NULL) AS output_cost,
    NULL AS reported_cost, '2025-11' AS price_version, 'catalogue' AS price_source, if(priced, 'exact', '') AS price_rule,
    if(priced, model_, '') AS matched_model,
    if(failed, [], ['input', 'output']) AS line_bucket, if(failed, [], [tokens_in, tokens_out]) AS line_quantity,
    if(failed, [], [if(priced, toDecimal128(rate_in, 24), NULL), if(priced, toDecimal128(rate_out, 24), NULL)]) AS line_rate,
    if(failed, [], [input_cost, output_cost]) AS line_amount,
    if(failed, '', if(priced, {priced:String}, {unpriced:String})) AS line_terms,
    ['chat-assistant','search','summarise','triage','translate','extract','code-review','email-draft','moderation','report'][f] AS feature,
    concat('user-', toString(u)) AS user_id, concat('session-', toString(intDiv(number, 7))) AS session_id,
    ['core','growth','support','data','platform'][1 + (f % 5)] AS team,
    concat('tenant-', toString(u % 30)) AS tenant, if(h2 % 10 < 8, 'production', 'staging') AS environment,
    concat('v', toString(1 + intDiv(number * 3, {total:UInt64}))) AS prompt_version, '' AS config, '' AS variant,
    map('region', ['eu','us','ap'][1 + h1 % 3], 'plan', ['free','pro','team','enterprise'][1 + u % 4],
        'run', toString(h2 % 1000), 'service.name', concat('svc-', toString(f))) AS tags, [] AS links
FROM numbers({lo:UInt64}, {n:UInt64})
SETTINGS max_threads = 1, max_insert_threads = 1
"""


def _terms(grade: str) -> str:
    return msgspec.json.encode([("token", 1_000_000, grade, "", "")] * 2).decode()


def fill(engine: Engine, calls: int) -> None:
    """Write `calls` calls, spread evenly over the month that ends at `END_S`."""
    for lo in range(0, calls, _CHUNK):
        engine.command(
            _SELECT,
            {
                "project": PROJECT,
                "start": START_S,
                "step": DAYS * 86_400 * 1_000_000 // calls,
                "total": calls,
                "lo": lo,
                "n": min(_CHUNK, calls - lo),
                "priced": _terms("computed"),
                "unpriced": _terms("unpriced"),
            },
        )
