import time

from openai import OpenAI, RateLimitError
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode

PRICING = {"gpt-4o-mini": {"input": 0.15, "output": 0.60}, "gpt-4o": {"input": 2.50, "output": 10.00}}

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("llm-cost")
client = OpenAI(max_retries=0)


def calculate_cost(model, input_tokens, output_tokens):
    rates = PRICING[model]
    return round((input_tokens * rates["input"] + output_tokens * rates["output"]) / 1_000_000, 6)


def tracked_chat(messages, model="gpt-4o-mini", feature="unknown", user_id="anon", team="", environment="dev"):
    with tracer.start_as_current_span("gen_ai.chat") as span:
        span.set_attribute("gen_ai.provider.name", "openai")
        span.set_attribute("gen_ai.request.model", model)
        span.set_attribute("feature", feature)
        span.set_attribute("user_id", user_id)
        span.set_attribute("team", team)
        span.set_attribute("environment", environment)
        start = time.perf_counter()
        try:
            response = client.chat.completions.create(model=model, messages=messages)
        except RateLimitError as error:
            span.set_attribute("gen_ai.response.error.type", error.code)
            span.set_status(Status(StatusCode.ERROR))
            return None
        elapsed_ms = (time.perf_counter() - start) * 1000
        usage = response.usage
        span.set_attribute("gen_ai.usage.input_tokens", usage.prompt_tokens)
        span.set_attribute("gen_ai.usage.output_tokens", usage.completion_tokens)
        cost = calculate_cost(model, usage.prompt_tokens, usage.completion_tokens)
        span.set_attribute("gen_ai.usage.cost_usd", cost)
        span.set_attribute("gen_ai.latency.duration_ms", elapsed_ms)
        span.set_attribute("gen_ai.response.model", response.model)
        return response


def stream_with_ttft(messages, model="gpt-4o", **who):
    with tracer.start_as_current_span("gen_ai.chat") as span:
        span.set_attribute("gen_ai.provider.name", "openai")
        span.set_attribute("gen_ai.request.model", model)
        span.set_attribute("gen_ai.response.streaming", True)
        for name, value in who.items():
            span.set_attribute(name, value)
        start = time.perf_counter()
        ttft_ms = None
        for chunk in client.chat.completions.create(model=model, messages=messages, stream=True):
            if ttft_ms is None and chunk.choices[0].delta.content:
                ttft_ms = (time.perf_counter() - start) * 1000
                span.set_attribute("gen_ai.latency.ttft_ms", ttft_ms)
        span.set_attribute("gen_ai.latency.duration_ms", (time.perf_counter() - start) * 1000)


def ask(text):
    return [{"role": "user", "content": text}]


who = {"user_id": "u-81", "team": "growth", "environment": "prod"}
tracked_chat(ask("Summarize this."), feature="document_summary", **who)
tracked_chat(ask("refuse me"), feature="document_summary", **who)
stream_with_ttft(ask("Reply to this."), feature="chat_reply", **who)
provider.shutdown()
