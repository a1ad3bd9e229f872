"""The telemetry store: ClickHouse SQL, embedded (chDB) or a server, through one client."""

from farthing.store.telemetry.arrow import forgo_pandas

forgo_pandas()
