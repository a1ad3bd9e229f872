"""The only room that speaks to databases: `telemetry` (ClickHouse SQL) and `meta` (SQLAlchemy)."""
