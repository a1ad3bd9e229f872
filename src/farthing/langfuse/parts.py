"""What the groups of routes of this door need of the rest of the house."""

import msgspec

from farthing.access.keys import Keys
from farthing.access.workspaces import Projects
from farthing.catalogue.live import Live
from farthing.media.library import Media
from farthing.pipeline import Pipeline
from farthing.store.meta.database import Database
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

SETTLED_S = 5.0


class Parts(msgspec.Struct, frozen=True):
    """Everything a group of routes may ask for. All of it is running."""

    keys: Keys
    projects: Projects
    database: Database
    engine: Engine
    rollup: Rollup
    pipeline: Pipeline
    prices: Live
    media: Media
    most_bytes: int
    """How large a body may be."""
    root_path: str = ""
    """The prefix under which browsers see the UI."""

    def settled(self) -> None:
        """What was acknowledged is priced when this returns, so that who wrote reads it whole; soon, even if not all is."""
        self.pipeline.wait_settled(SETTLED_S)
