"""A door that makes its own visitors: believable telemetry of a fictional company, the same for the same seed."""
