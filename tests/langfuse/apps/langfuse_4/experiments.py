"""The same as with the third version."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[1] / "langfuse_3" / "experiments.py"))
