"""A reader may hold the graph in memory; its answers are the same, and follow what is written."""

import os
import time
from pathlib import Path

import pytest

from ivigraph.store import open_store
from ivigraph.store.reader import SETTLE_SECONDS

QUERY = "SELECT ?o { <http://example.org/a> <http://example.org/p> ?o } ORDER BY ?o"
PREFIXES = {"ex": "http://example.org/"}


def memory_of_children():
    """Anonymous memory of this process's children, in kB."""
    total = 0
    for child in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split():
        for line in Path(f"/proc/{child}/status").read_text().splitlines():
            total += int(line.split()[1]) if line.startswith("RssAnon") else 0
    return total


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the memory of a process")
def test_a_graph_in_memory_gives_the_answers_of_the_one_on_disk_and_follows_it(tmp_path):
    data = "".join(f"ex:s{n} ex:p 'value {n}', {n} . " for n in range(20_000))
    with open_store(tmp_path / "store", create=True, prefixes=PREFIXES) as store, store.writer() as writer:
        writer.update(f"INSERT DATA {{ GRAPH ex:g {{ ex:a ex:p 1 . {data} }} }}")
    with open_store(tmp_path / "store", prefixes=PREFIXES, readers=1, in_memory_mb=100) as store:
        assert [int(row["o"]) for row in store.select(QUERY)] == [1]
        on_disk, end = memory_of_children(), time.monotonic() + 60
        while memory_of_children() < on_disk + 5_000 and time.monotonic() < end:
            time.sleep(0.1)
        assert memory_of_children() >= on_disk + 5_000
        time.sleep(SETTLE_SECONDS)
        assert [int(row["o"]) for row in store.select(QUERY)] == [1]
        assert len(store.select("SELECT * { ?s ?p ?o }")) == 40_001
        with store.writer() as writer:
            writer.update("INSERT DATA { GRAPH ex:g { ex:a ex:p 2 } }")
        assert [int(row["o"]) for row in store.select(QUERY)] == [1, 2]
