"""An OTLP exporter for the global tracer provider, and for logs if asked; a function that flushes both out."""

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def tracing(logs=False):
    provider = TracerProvider(resource=Resource.create())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), schedule_delay_millis=60000))
    trace.set_tracer_provider(provider)
    logger_provider = logging() if logs else None

    def flush():
        provider.force_flush()
        if logger_provider:
            logger_provider.force_flush()

    return flush


def logging():
    from opentelemetry import _logs
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

    provider = LoggerProvider(resource=Resource.create())
    provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(), schedule_delay_millis=60000))
    _logs.set_logger_provider(provider)
    try:
        from opentelemetry import _events
        from opentelemetry.sdk._events import EventLoggerProvider

        _events.set_event_logger_provider(EventLoggerProvider(provider))
    except ImportError:
        pass
    return provider


def flush_global():
    trace.get_tracer_provider().force_flush()
