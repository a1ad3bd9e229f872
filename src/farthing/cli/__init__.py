"""The command line: words in, the server run or asked, its answers printed out."""

import sys

try:
    from farthing.cli.main import main
except KeyboardInterrupt:
    # Loading takes a second on a slow machine: who stops it then is shown no traceback either.
    sys.exit(130)

__all__ = ["main"]
