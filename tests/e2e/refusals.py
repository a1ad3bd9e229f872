"""A server that can't start in; the one sentence that says why, out."""

import os
import shutil
import subprocess
from collections.abc import Sequence

import pytest
from server_process import FARTHING, ServerProcess

ENDED_WITHIN_S = 30

_OVERRIDES = "-dac_override,-dac_read_search,-fowner"


def refusal(server: ServerProcess, prefix: Sequence[str] = ()) -> str:
    """What `farthing up` says before it ends; it must be one sentence on stderr and nothing else."""
    done = subprocess.run(
        [*prefix, FARTHING, "up"],
        env=server.client_environment,
        cwd=server.log.parent,
        capture_output=True,
        text=True,
        timeout=ENDED_WITHIN_S,
        check=False,
    )
    assert done.returncode == 1, done
    assert done.stdout == ""
    assert done.stderr.startswith("farthing: "), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.removeprefix("farthing: ").rstrip()


def as_bound_by_permissions() -> list[str]:
    """The command before a command that makes the kernel ask root, too, what it may."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere, and there is no setpriv to take that away")
    return ["setpriv", "--bounding-set", _OVERRIDES, "--inh-caps", _OVERRIDES]
