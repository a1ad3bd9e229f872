"""The door for questions: HTTP in, JSON out, the same for scripts, the command line and the web UI."""

from farthing.api.web import create

__all__ = ["create"]
