"""Settled spans in; the same as OTLP, each call with what it cost, out to another backend."""
