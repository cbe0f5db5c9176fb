"""Kills processes that write, at random, and looks what is left: `python benchmarks/kills.py --kills 100`.

Two processes write to one store for as long as they live: one applies updates and notes each that was
acknowledged, one replaces documents, all of a version in one transaction. Each round, one or both, or the process
that publishes, get SIGKILL at a random moment. Then the store is opened as it is: every acknowledged update must be
there, every document whole, and all of one version.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rdflib import RDFS, Graph, Literal, URIRef

from ivigraph.errors import StoreLockedError
from ivigraph.store import Ownership, Update, open_store
from ivigraph.store.embedded import EmbeddedStore

START = "http://example.org/graph/"
DOCUMENTS, TRIPLES = 5, 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """`lost` acknowledged updates and `torn` documents are failures."""

    kills: int
    acknowledged: int
    versions: int
    lost: int
    torn: int


def opened(directory: Path) -> EmbeddedStore:
    ownership = Ownership(default=f"{START}curated", managed=(f"{START}document/",))
    return open_store(directory, create=True, readers=1, ownership=ownership, write_wait=60.0)


def update_for_ever(directory: Path) -> None:
    with opened(directory) as store:
        for number in range(1_000_000):
            mark = f"{os.getpid()}-{number}"
            store.apply(Update(text=f'INSERT DATA {{ <{START}a> <{START}acknowledged> "{mark}" }}'))
            print(mark, flush=True)


def read_for_ever(directory: Path) -> None:
    with opened(directory) as store:
        for number in range(1_000_000):
            version = f"{os.getpid()}-{number}"
            with store.writer() as writer:
                for document in range(DOCUMENTS):
                    graph = Graph()
                    for line in range(TRIPLES):
                        graph.add((URIRef(f"{START}{document}/{line}"), RDFS.label, Literal(version)))
                    writer.replace_graph(f"{START}document/{document}", graph)
            print(version, flush=True)


def run(directory: Path, kills: int, seed: int, *, longest: float = 2.0) -> Outcome:
    """`longest` is how many seconds, at most, the writers go on between their first answer and a kill."""
    chance = random.Random(seed)
    acknowledged: set[str] = set()
    versions = lost = torn = 0
    opened(directory).close()
    for _ in range(kills):
        updates, documents = _round(directory, chance, longest)
        acknowledged.update(updates)
        versions += len(documents)
        missing, broken = _look(directory, acknowledged)
        lost, torn = lost + missing, torn + broken
    return Outcome(kills, len(acknowledged), versions, lost, torn)


def _round(directory: Path, chance: random.Random, longest: float) -> list[list[str]]:
    """What each writer acknowledged until it was killed."""
    writers = [_start(directory, role) for role in ("updates", "documents")]
    try:
        first = [_first_line(writer) for writer in writers]  # on a busy machine a start may take longer than any sleep
        time.sleep(chance.uniform(0.0, longest))
        for victim in _victims(writers, chance):
            _kill(victim)
        time.sleep(chance.uniform(0.0, 0.3))  # the other goes on for a moment, with what the first left behind
    finally:
        for writer in writers:  # else it would go on in a folder that is being removed
            writer.kill()
    return [[line, *writer.communicate()[0].splitlines()] for line, writer in zip(first, writers, strict=True)]


def _start(directory: Path, role: str) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--role", role, "--store", str(directory)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _first_line(writer: subprocess.Popen[str]) -> str:
    """What it acknowledged first. Raises RuntimeError when it ended without: then the kills would prove nothing."""
    assert writer.stdout is not None
    if not (line := writer.stdout.readline()):
        raise RuntimeError("a writer ended before it acknowledged anything")
    return line.rstrip("\n")


def _victims(writers: list[subprocess.Popen[str]], chance: random.Random) -> list[int]:
    """A writer, both, or the processes that one of them started, such as the one that publishes."""
    pids = [writer.pid for writer in writers]
    choice = chance.randrange(4)
    if choice < 2:
        return [pids[choice]]
    return pids if choice == 2 else _children(pids[0])


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    except OSError:
        return []
    return found


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _look(directory: Path, acknowledged: set[str]) -> tuple[int, int]:
    """How many acknowledged updates are missing, and how many documents are not whole."""
    with opened(directory) as store:
        _write_once(store)
        rows = store.select(f"SELECT ?mark {{ ?a <{START}acknowledged> ?mark }}")
        lost = len(acknowledged - {str(row["mark"]) for row in rows})
        counts = "(COUNT(*) AS ?n) (COUNT(DISTINCT ?v) AS ?versions)"
        counted = store.select(f"SELECT ?g {counts} {{ GRAPH ?g {{ ?s <{RDFS.label}> ?v }} }} GROUP BY ?g")
        torn = sum(int(row["n"]) != TRIPLES or int(row["versions"]) != 1 for row in counted)
        different = store.select(f"SELECT DISTINCT ?v {{ ?s <{RDFS.label}> ?v }}")
        return lost, torn + (len(different) > 1)


def _write_once(store: EmbeddedStore) -> None:
    """The store can be written as it is; a process that ends this moment may still hold the lock."""
    for _ in range(100):
        try:
            store.apply(Update(text=f"INSERT DATA {{ <{START}a> <{START}looked> {time.time_ns()} }}"))
        except StoreLockedError:
            time.sleep(0.1)
        else:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--role", choices=["updates", "documents"])
    given = parser.parse_args()
    if given.role:
        {"updates": update_for_ever, "documents": read_for_ever}[given.role](given.store)
        return
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder) / "store", given.kills, given.seed)
    print(
        f"{outcome.kills} kills, {outcome.acknowledged} updates acknowledged, {outcome.versions} versions written: "
        f"{outcome.lost} updates lost, {outcome.torn} times half a document"
    )
    sys.exit(1 if outcome.lost or outcome.torn else 0)


if __name__ == "__main__":
    main()
