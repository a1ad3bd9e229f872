"""The stores in; the routes about what stands beside traces, prompts, score configs, queues, comments and media, out."""

from collections.abc import Callable
from datetime import datetime

from farthing.annotation.comments import Comments
from farthing.annotation.queues import Queues
from farthing.annotation.score_configs import ScoreConfigs
from farthing.api import annotation, media, prompts
from farthing.api.identity import Guard
from farthing.api.routes import Routes
from farthing.media.library import Media
from farthing.prompts.book import Prompts
from farthing.store.meta.database import Database
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup


def routers(
    database: Database, telemetry: tuple[Engine, Rollup], files: Media, clock: Callable[[], datetime], *guards: Guard
) -> list[Routes]:
    """All of them; the guards let in keys with the scopes read and admin. `clock` answers an aware moment."""
    reading, changing = guards
    return [
        prompts.router(Prompts(database, clock), *telemetry, reading, changing),
        annotation.score_configs(ScoreConfigs(database, clock), reading, changing),
        annotation.queues(Queues(database, clock), reading, changing),
        annotation.comments(Comments(database, clock), reading, changing),
        media.router(files, reading, changing),
    ]
