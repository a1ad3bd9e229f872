"""The door for telemetry: bytes from the wire in, spans for the pipeline out."""
