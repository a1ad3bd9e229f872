"""The same as with the fifth version."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[1] / "langfuse_5" / "notebook.py"))
