"""The telemetry store's migrations in; the file that new stores are made by, as they are now, out."""

import tempfile
from pathlib import Path

from farthing.store.telemetry import schema
from farthing.store.telemetry.engine import Engine

FILE = Path(schema.__file__).with_name("schema.sql")


def main() -> None:
    """Migrate a store step by step and write down what became of it."""
    with tempfile.TemporaryDirectory() as folder:
        store = Engine(f"chdb://{folder}/telemetry")
        known = schema.steps()
        schema.migrate(store, folder, known, at_once=False)
        FILE.write_text(schema.described(store, max(known)), encoding="utf-8")
        store.close()


if __name__ == "__main__":
    main()
