"""Libraries that are loaded afterwards do as they were told, unless somebody has told them otherwise; and they are loaded afterwards."""

import os
import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux is told anything")

_ENGINE = """
from farthing import allocators
allocators.give_back()
import clickhouse_connect, sys
client = clickhouse_connect.get_client(dsn=f"chdb://{sys.argv[1]}/telemetry")
print("\\n".join(row[0] for row in client.query("SELECT * FROM system.jemalloc_stats").result_rows))
client.close()
"""

_BEFORE = """
import sys
import farthing.cli.main
print(sorted({"pyarrow", "chdb", "clickhouse_connect"} & set(sys.modules)))
"""


def run(program: str, *arguments: str, **environment: str) -> str:
    given = {**os.environ, **environment}
    ran = subprocess.run(
        [sys.executable, "-c", program, *arguments], env=given, check=True, capture_output=True, text=True
    )
    return ran.stdout


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, ("4096", "1000", "false")), ({"JE_MALLOC_CONF": "tcache_max:2048"}, ("2048", "5000", "true"))],
    ids=["as Farthing has it", "as an operator has it"],
)
def test_the_engine_is_told(tmp_path: os.PathLike[str], environment: dict[str, str], expected: tuple[str, ...]) -> None:
    told = run(_ENGINE, str(tmp_path), **environment)
    found = [
        re.search(rf"^\s*opt\.{name}: (\S+)", told, re.MULTILINE) for name in ("tcache_max", "dirty_decay_ms", "prof")
    ]
    assert tuple(one[1] for one in found if one) == expected


def test_the_command_line_loads_none_of_them_by_itself() -> None:
    assert run(_BEFORE) == "[]\n"
