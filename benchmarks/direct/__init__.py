"""Calls posted as JSON to a running server in; how many a second are durable, one by one and in batches, out."""
