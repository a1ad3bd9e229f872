"""Recorded requests in; several connections that post them side by side, as many applications would, out: all are accepted."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import httpx
from server_process import ServerProcess

CONNECTIONS = 8

Request = tuple[str, str, bytes]
"""Signal, content type and body."""


def post_all(server: ServerProcess, groups: Iterable[Iterable[Request]]) -> None:
    """Post each group's requests one after the other, and the groups side by side."""
    with (
        httpx.Client(base_url=server.url, headers=server.headers, timeout=60) as client,
        ThreadPoolExecutor(CONNECTIONS) as threads,
    ):

        def post(group: Iterable[Request]) -> None:
            for signal, kind, body in group:
                answer = client.post(f"/v1/{signal}", content=body, headers={"Content-Type": kind})
                assert answer.status_code == 200, answer.text
                assert answer.content in (b"", b"{}"), answer.text

        # Taken out one by one, so that a failure is raised here.
        for _ in threads.map(post, groups):
            pass
