"""Hostile queries beside light ones: `python benchmarks/adversary.py [--seconds S] [--quads N] [--rounds N]`.

Serves a graph, asks light queries alone, and then beside attacks, each with a deadline of S seconds: cartesian
products, huge sorts and groups, deep paths, a text that doubles, an answer without end to a reader that hardly reads,
clients that vanish, 200 connections at once. For each attack it tells how late the last of its answers ended after its
deadline, how they ended, and the 99th percentile of the light queries beside it, as a multiple of the undisturbed one;
at the end the memory of server and readers before and after. An answer that ends as if complete and is not whole, or
comes later than half a second after its deadline, is a failure: exit status 1.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import httpx

LATE = 0.5  # seconds after its deadline by which an answer has ended
LIGHT = "SELECT ?c ?q { ?c biolink:object ?o ; biolink:supporting_text ?q } LIMIT 20"
CROSS = "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
DOUBLING = "BIND(STR(RAND()) AS ?t0) " + " ".join(f"BIND(CONCAT(?t{n}, ?t{n}) AS ?t{n + 1})" for n in range(34))
QUERIES = {
    "cartesian product": f"SELECT (COUNT(*) AS ?n) {CROSS}",
    "huge sort": f"SELECT ?a ?d ?g {CROSS} ORDER BY ?f ?i ?c",
    "huge groups": f"SELECT ?a ?d ?g (COUNT(*) AS ?n) (SAMPLE(?i) AS ?one) {CROSS} GROUP BY ?a ?d ?g",
    "distinct": f"SELECT DISTINCT ?a ?d ?g {CROSS}",
    "deep path": "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>|^!<urn:x>)* ?b . ?b (!<urn:x>|^!<urn:x>)* ?c }",
    "text that doubles": f"SELECT (STRLEN(?t34) AS ?n) {{ {DOUBLING} }}",
    "long text of all": f"SELECT (STRLEN(GROUP_CONCAT(CONCAT(STR(?c), STR(?f), STR(?i)))) AS ?n) {CROSS}",
    "construct of all": f"CONSTRUCT {{ ?a ?e ?i }} WHERE {CROSS}",
    "gigabytes": f"SELECT * {CROSS}",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How one hostile request ended: `how` is the status, "broken off", "whole", "left" or "short".

    It may neither be short nor a failure of the server.
    """

    attack: str
    late: float
    how: str

    @property
    def bad(self) -> bool:
        return self.how in ("short", "500") or self.late > LATE


def ask(url: str, attack: str, query: str, seconds: float, *, pause: float = 0.0) -> Ending:
    """Ask from another address than the light queries; until the deadline, read with a pause after each piece."""
    parts = urlsplit(url)
    # Equal questions would share one evaluation.
    body = urlencode({"query": f"{query}\n# {random.random()}", "timeout": str(seconds)})
    connection = http.client.HTTPConnection(parts.netloc, timeout=60, source_address=("127.0.0.2", 0))
    begin = time.monotonic()
    try:
        connection.request("POST", parts.path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        data = bytearray()
        while piece := answer.read1(4096 if pause else 1_000_000):
            data += piece
            if time.monotonic() < begin + seconds:  # what was sent by then lies in buffers, and is read at once
                time.sleep(pause)
        how = str(answer.status) if answer.status != 200 else whole(bytes(data))
    except (OSError, http.client.HTTPException):
        how = "broken off"
    finally:
        connection.close()
    return Ending(attack, time.monotonic() - begin - seconds, how)


def whole(data: bytes) -> str:
    """Whether an answer has its end: one that lacks it although the connection ended well is "short"."""
    if data[:1] != b"{":  # N-Triples
        return "whole" if data.endswith(b".\n") or not data else "short"
    try:
        json.loads(data)
    except ValueError:
        return "short"
    return "whole"


def vanish(url: str, query: str, after: float) -> Ending:
    """Ask and hang up."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 80), source_address=("127.0.0.2", 0)) as sock:
        sock.sendall(f"GET {parts.path}?query={quote(query)} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        time.sleep(after)
    return Ending("clients that vanish", 0.0, "left")


def at_once(actions: list[Callable[[], Ending]]) -> list[Ending]:
    """Run them all side by side."""
    endings: list[Ending] = []
    threads = [threading.Thread(target=lambda act=act: endings.append(act())) for act in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return endings


def attacks(url: str, seconds: float, *, connections: int = 200) -> Iterator[tuple[str, Callable[[], list[Ending]]]]:
    """Each attack by its name; to run it is to wait for its end."""
    for name, query in QUERIES.items():
        if name != "gigabytes":
            yield name, lambda n=name, q=query: at_once([lambda: ask(url, n, q, seconds)] * 3)
    big = QUERIES["gigabytes"]
    yield "a slow reader", lambda: at_once([lambda: ask(url, "a slow reader", big, seconds, pause=0.2)] * 4)
    yield (
        "clients that vanish",
        lambda: at_once([lambda n=n: vanish(url, big, 0.01 * n) for n in range(min(40, connections))]),
    )
    yield (
        f"{connections} at once",
        lambda: at_once(
            [lambda: ask(url, f"{connections} at once", QUERIES["cartesian product"], seconds)] * connections
        ),
    )


def light(client: httpx.Client, url: str) -> float:
    """Seconds that a light query takes. Raises where it gets no answer: nobody may be kept out."""
    begin = time.perf_counter()
    answer = client.post(url, data={"query": LIGHT}, headers={"Cache-Control": "no-cache"})
    answer.raise_for_status()
    return time.perf_counter() - begin


def beside(url: str, attack: Callable[[], list[Ending]]) -> tuple[list[float], list[Ending]]:
    """The times of light queries for as long as an attack lasts, and its endings."""
    endings: list[Ending] = []
    thread = threading.Thread(target=lambda: endings.extend(attack()))
    times = []
    with httpx.Client(timeout=60) as client:
        thread.start()
        while thread.is_alive():
            times.append(light(client, url))
            time.sleep(0.01)
    return times, endings


def memory(home: str) -> float:
    """Resident megabytes of the server and its readers."""
    told = httpx.get(f"{home}metrics", timeout=60).text
    return sum(float(size) for size in re.findall(r"ivigraph_memory_bytes\{[^}]*\} (\S+)", told)) / 1e6


def p99(times: list[float]) -> float:
    return sorted(times)[min(int(len(times) * 0.99), len(times) - 1)] * 1000


@contextlib.contextmanager
def served(store: Path) -> Iterator[str]:
    """Our own server in a process of its own; gives the address of its home page."""
    command = [sys.executable, "-m", "ivigraph", "serve", "--store", str(store), "--port", "0"]
    environment = {"IVIGRAPH_QUERY_MEMORY_MB": "512", "IVIGRAPH_QUERY_LOG": ""}

    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}) as process:
        assert process.stderr is not None
        found = next(filter(None, (re.search(r" at (http://\S+)", line) for line in process.stderr)))
        threading.Thread(target=process.stderr.read, daemon=True).start()
        try:
            yield found[1]
        finally:
            process.terminate()


def main() -> None:
    import servers  # beside this file

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quads", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=3.0, help="deadline of a query")
    parser.add_argument("--rounds", type=int, default=300, help="light queries alone")
    options = parser.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made"
        servers.written(made, options.quads)
        servers.Ivigraph(made).load()
        with served(made / "store") as home, httpx.Client(timeout=60) as client:
            url = f"{home}sparql"
            for _ in range(50):
                light(client, url)
            alone = [light(client, url) for _ in range(options.rounds)]
            before = memory(home)
            print(f"light queries alone: p50 {p99(sorted(alone)[: len(alone) // 2]):.1f} ms, p99 {p99(alone):.1f} ms")
            print(f"{'attack':22}{'light p99':>12}{'times':>7}{'latest end':>12}   how they ended")
            for name, attack in attacks(url, options.seconds):
                times, endings = beside(url, attack)
                latest = max(ending.late for ending in endings)
                how = ", ".join(f"{number} {how}" for how, number in Counter(e.how for e in endings).items())
                print(f"{name:22}{p99(times):9.1f} ms{p99(times) / p99(alone):7.1f}{latest:+10.2f} s   {how}")
                bad += sum(ending.bad for ending in endings)
            time.sleep(5)
            print(f"memory: {before:.0f} MB before, {memory(home):.0f} MB after")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
