"""Re-pricing through the real server: previewed, applied, killed in the middle, undone; exact at every moment."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from e2e import wire
from e2e.otlp_client import OtlpClient, accepted
from e2e.waiting import until, wait_until_settled
from server_process import ServerProcess

DAY = 1_790_000_000 - 1_790_000_000 % 86_400
CALLS = 300
RANGE = {"from": str(DAY), "to": str(DAY + 2 * 86_400)}
OVERRIDE = {
    "kind": "rates",
    "provider": "acme",
    "model": "quill-9",
    "rates": {"input": {"usd": "2"}, "output": {"usd": "6"}},
}


def send(server: ServerProcess, numbers: range, calls: int = 1) -> None:
    spans = [
        wire.span(
            (number + 1).to_bytes(16, "big"),
            (number * 10 + part + 1).to_bytes(8, "big"),
            (DAY + 500 * number) * 10**9 + part,
            wire.chat(100 + number, 10)
            | ({"gen_ai.provider.name": "acme", "gen_ai.request.model": "quill-9"} if number % 3 else {}),
        )
        for number in numbers
        for part in range(calls)
    ]
    with OtlpClient(server) as client:
        accepted(client.send(*spans), wire.PROTOBUF)
    wait_until_settled(server)


def post(server: ServerProcess, path: str, body: Any = None, status: int = 202) -> Any:
    answer = httpx.post(server.url + path, json=body, headers=server.headers, timeout=30)
    assert answer.status_code == status, answer.text
    return answer.json()


def finished(server: ServerProcess, job: Any) -> Any:
    path = f"/api/v1/prices/reprice/{job['id']}"
    until(lambda: server.get(path)["state"] not in ("queued", "running", "undoing"), 60)
    return server.get(path)


def reprice(server: ServerProcess, *, dry_run: bool, **filters: str) -> Any:
    job = post(server, "/api/v1/prices/reprice", {**RANGE, "filters": filters, "dry_run": dry_run})
    return finished(server, job)


def total(server: ServerProcess) -> Any:
    return server.get("/api/v1/spend", **RANGE, by="model")["total"]


def cost_of(numbers: range, usd_in: str, usd_out: str, *, quill: bool) -> Decimal:
    told = [n for n in numbers if bool(n % 3) is quill]
    return sum(((100 + n) * Decimal(usd_in) + 10 * Decimal(usd_out) for n in told), Decimal(0)) / 10**6


PRICED = cost_of(range(CALLS), "0.15", "0.6", quill=False)
QUILL = cost_of(range(CALLS), "2", "6", quill=True)


def test_a_price_that_came_late_is_previewed_applied_and_undone(server: ServerProcess) -> None:
    send(server, range(CALLS))
    before = total(server)
    assert (Decimal(before["cost_usd"]), before["unpriced_calls"]) == (PRICED, 200)
    rows = server.get("/api/v1/calls", **RANGE, limit="1000")["data"]
    detail = server.get(f"/api/v1/calls/{rows[0]['id']}")
    assert not reprice(server, dry_run=True)["touched"]
    trial = post(server, "/api/v1/prices/reprice", {**RANGE, "override": OVERRIDE})
    tried = finished(server, trial)
    assert (tried["touched"], tried["tried"]["model"]) == (200, "quill-9")
    assert not server.get("/api/v1/prices/overrides")["data"]
    assert not reprice(server, dry_run=True)["touched"]
    post(server, "/api/v1/prices/reprice", {**RANGE, "override": OVERRIDE, "dry_run": False}, 400)
    post(server, "/api/v1/prices/overrides", OVERRIDE, 201)

    preview = reprice(server, dry_run=True)
    assert (preview["touched"], preview["tried"]) == (200, None)
    assert (preview["total"], preview["by_day"]) == (tried["total"], tried["by_day"])
    assert Decimal(preview["total"]["old_cost_usd"]) == PRICED
    assert Decimal(preview["total"]["new_cost_usd"]) == PRICED + QUILL
    assert [(m["model"], m["changed_calls"], m["old_cost_usd"]) for m in preview["by_model"]] == [
        ("quill-9", 200, None)
    ]
    assert Decimal(preview["by_model"][0]["new_cost_usd"]) == QUILL
    assert sum((Decimal(day["new_cost_usd"]) for day in preview["by_day"]), Decimal(0)) == QUILL
    assert total(server) == before

    job = reprice(server, dry_run=False)
    assert (job["touched"], job["total"]) == (200, preview["total"])
    after = total(server)
    assert (Decimal(after["cost_usd"]), after["unpriced_calls"]) == (PRICED + QUILL, 0)
    assert reprice(server, dry_run=True)["touched"] == 0

    # A part that comes later has its trace settled anew, at the prices of now; undoing must not take that back.
    send(server, range(1, 2), calls=2)
    undone = finished(server, post(server, f"/api/v1/prices/reprice/{job['id']}/undo"))
    assert (undone["state"], undone["restored"]) == ("undone", 200)
    listed = {row["id"]: row for row in server.get("/api/v1/calls", **RANGE, limit="1000")["data"]}
    assert len(listed) == CALLS + 1
    assert all(listed[row["id"]] == row for row in rows)
    assert server.get(f"/api/v1/calls/{rows[0]['id']}") == detail
    httpx.delete(f"{server.url}/api/v1/prices/reprice/{job['id']}", headers=server.headers).raise_for_status()
    assert job["id"] not in [told["id"] for told in server.get("/api/v1/prices/reprice")["data"]]


def test_filters_and_the_command_line(server: ServerProcess) -> None:
    send(server, range(30))
    post(server, "/api/v1/prices/overrides", OVERRIDE, 201)
    assert reprice(server, dry_run=False, model="gpt-4o-mini")["touched"] == 0
    told = server.run_cli("reprice", "--since", str(DAY), "--filter", "model=quill-9", "--dry-run")
    assert "quill-9" in told
    assert "20" in told
    assert total(server)["unpriced_calls"] == 20
    server.run_cli("reprice", "--since", str(DAY), "--filter", "model=quill-9", "--yes")
    assert total(server)["unpriced_calls"] == 0
    job = server.get("/api/v1/prices/reprice")["data"][0]
    assert (job["touched"], job["calls_seen"], job["created_by"] != "") == (20, 20, True)
    assert "undone" in server.run_cli("reprice", "--undo", job["id"])
    assert total(server)["unpriced_calls"] == 20


def test_a_job_goes_on_after_a_kill(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path)
    server.start()
    try:
        send(server, range(CALLS))
        post(server, "/api/v1/prices/overrides", OVERRIDE, 201)
        job = post(server, "/api/v1/prices/reprice", {**RANGE, "dry_run": False})
        server.kill()
        server.start()
        assert finished(server, job)["touched"] == 200
        assert Decimal(total(server)["cost_usd"]) == PRICED + QUILL
        undo = post(server, f"/api/v1/prices/reprice/{job['id']}/undo")
        server.kill()
        server.start()
        finished(server, undo)
        assert Decimal(total(server)["cost_usd"]) == PRICED
        assert server.stop() == 0
    finally:
        server.kill()


def test_what_can_not_be_asked_is_refused(server: ServerProcess) -> None:
    path = "/api/v1/prices/reprice"
    assert "from" in post(server, path, {"to": "now"}, 422)["detail"]
    assert "from" in post(server, path, {"from": "soon"}, 400)["detail"]
    assert "colour" in post(server, path, {"from": "now-1d", "filters": {"colour": "red"}}, 400)["detail"]
    job = reprice(server, dry_run=True)
    assert "dry run" in post(server, f"{path}/{job['id']}/undo", None, 409)["detail"]
    post(server, f"{path}/rp_none/undo", None, 404)
