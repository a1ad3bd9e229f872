"""OTLP trace messages with the same bytes on the wire as the official ones, but cheaper and harder to break.

Spans, attributes and text are declared as raw bytes: they are parsed one by one, so what is wrong with one of
them costs that span alone, and attributes that come again and again are decoded once. Field numbers are those of
opentelemetry-proto's trace.proto, resource.proto and common.proto.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_FIXED64, _INT32, _BYTES, _MESSAGE = 6, 5, 12, 11
_ONE, _MANY = 1, 3

_MESSAGES: dict[str, tuple[tuple[str, int, int, int, str], ...]] = {
    "Request": (("groups", 1, _MESSAGE, _MANY, "Group"),),
    "Group": (("resource", 1, _MESSAGE, _ONE, "Resource"), ("scopes", 2, _MESSAGE, _MANY, "Scoped")),
    "Resource": (("attributes", 1, _BYTES, _MANY, ""),),
    "Scoped": (("scope", 1, _MESSAGE, _ONE, "Scope"), ("spans", 2, _BYTES, _MANY, "")),
    "Scope": (("name", 1, _BYTES, _ONE, ""), ("version", 2, _BYTES, _ONE, "")),
    "Span": (
        ("trace_id", 1, _BYTES, _ONE, ""),
        ("span_id", 2, _BYTES, _ONE, ""),
        ("parent_span_id", 4, _BYTES, _ONE, ""),
        ("name", 5, _BYTES, _ONE, ""),
        ("kind", 6, _INT32, _ONE, ""),
        ("start", 7, _FIXED64, _ONE, ""),
        ("end", 8, _FIXED64, _ONE, ""),
        ("attributes", 9, _BYTES, _MANY, ""),
        ("events", 11, _MESSAGE, _MANY, "Event"),
        ("status", 15, _MESSAGE, _ONE, "Status"),
    ),
    "Event": (
        ("time", 1, _FIXED64, _ONE, ""),
        ("name", 2, _BYTES, _ONE, ""),
        ("attributes", 3, _BYTES, _MANY, ""),
    ),
    "Status": (("message", 2, _BYTES, _ONE, ""), ("code", 3, _INT32, _ONE, "")),
}
"""Message → (field, number, type, how many, message type), of the fields that are read."""


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="farthing/lean.proto", package="farthing.lean", syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind, label, of in fields:
            declared: dict[str, Any] = {"name": field, "number": number, "type": kind, "label": label}
            if of:
                declared["type_name"] = f".farthing.lean.{of}"
            message.field.add(**declared)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"farthing.lean.{name}")) for name in _MESSAGES
    }


_CLASSES = _classes()
Request: Any = _CLASSES["Request"]
Span: Any = _CLASSES["Span"]
