"""How to instrument and which cases in; each case run, its telemetry flushed, between its begin and end at the receiver, out."""

import asyncio
import http.client
import importlib
import inspect
import json
import os
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def tell(path, said=None):
    connection = http.client.HTTPConnection(os.environ["RECEIVER_URL"].removeprefix("http://"), timeout=10)
    connection.request("POST", path, json.dumps(said or {}), {"Content-Type": "application/json"})
    connection.getresponse().read()
    connection.close()


def main(instrument, modules, only, skip):
    loop = asyncio.new_event_loop()  # one for all: clients keep connections, and these belong to a loop
    asyncio.set_event_loop(loop)
    flush = importlib.import_module(instrument).instrument()
    cases = {}
    for module in modules.split(","):
        for name, case in vars(importlib.import_module(module)).items():
            if name.startswith("case_"):
                cases[name.removeprefix("case_")] = case
    for name, case in cases.items():
        if (only and name not in only.split(",")) or name in skip.split(","):
            continue
        tell(f"/case/{name}/begin")
        app = {}
        try:
            result = case()
            app = (loop.run_until_complete(result) if inspect.isawaitable(result) else result) or {}
        except Exception as error:
            app["raised"] = f"{type(error).__module__.partition('.')[0]}.{type(error).__name__}"
            if "429" not in name and "error" not in name:
                print(f"--- {name}", file=sys.stderr)
                traceback.print_exc()
        flush()
        tell(f"/case/{name}/end", app)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # what hangs at the end has been flushed


main(*sys.argv[1:5])
