"""A gateway and its rivals before the same provider: requests per second, added latency, streams."""
