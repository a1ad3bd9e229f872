"""The command line: words in, the server run or asked, its answers printed out."""

from farthing.cli.main import main

__all__ = ["main"]
