"""The telemetry store: ClickHouse SQL, embedded (chDB) or a server, through one client."""
