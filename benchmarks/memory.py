"""A graph in the readers' memory beside one on disk: `python benchmarks/memory.py [--quads N] [--cache DIR]`.

Seconds and memory that it takes to be there, then each question of benchmarks/sparql.py both ways, without HTTP.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph
import quads
from servers import MINTER, Ivigraph, written
from sparql import questions, timed


def loaded(disk: pyoxigraph.Store, file: Path) -> pyoxigraph.Store:
    """As a reader does it."""
    memory = pyoxigraph.Store()
    disk.dump(str(file), pyoxigraph.RdfFormat.N_QUADS)
    memory.bulk_load(path=str(file), format=pyoxigraph.RdfFormat.N_QUADS, lenient=True)
    return memory


def resident() -> float:
    """Megabytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1000
    return float("nan")


def median(action: Callable[[], object], rounds: int) -> float:
    action()
    return statistics.median(timed(action) for _ in range(rounds)) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quads", type=int, default=1_000_000)
    parser.add_argument("--cache", type=Path, help="keep the graph here, and use it again; shared with sparql.py")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (options.cache or Path(scratch)) / str(options.quads)
        written(folder, options.quads)
        own = Ivigraph(folder)
        own.prepared()
        disk, before, begin = own.engine(), resident(), time.perf_counter()
        memory = loaded(disk, Path(scratch) / "graph.nq")
        print(f"in memory after {time.perf_counter() - begin:.1f} s, {resident() - before:.0f} MB")
        ratios = []
        for question in questions(quads.Documents(MINTER)):
            text = question.elsewhere or question.text
            times = [
                median(
                    lambda s=store, t=text: s.query(t).serialize(format=pyoxigraph.QueryResultsFormat.JSON),
                    options.rounds,
                )
                for store in (disk, memory)
            ]
            ratios.append(times[0] / times[1])
            shown = f"disk {times[0]:9.1f} ms   memory {times[1]:9.1f} ms   {ratios[-1]:5.1f} times as fast"
            print(f"{question.name:34} {shown}")
        print(f"median: {statistics.median(ratios):.1f} times as fast")


if __name__ == "__main__":
    main()
