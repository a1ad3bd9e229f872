"""Spans in, calls out: the one normal form that pricing, storage and questions rely on."""
