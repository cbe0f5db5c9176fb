"""Kill an ingest again and again, and compare its graph with that of one that was left in peace.

    python benchmarks/endurance.py [DOCUMENTS] [--kills 20] [--seed 4] [--keep DIR]

DOCUMENTS (default 10,000) case texts are generated: half of them as text files, the others as records of PubMed, with
later records and deletions among them. One ingest runs undisturbed. Another is killed with SIGKILL at random moments,
and started again each time until it ends by itself. Both graphs have to be the same to the letter, and so has the
graph of a third run, which must find nothing to do.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
RECORDS = 500  # in a file
EVENTS = (
    "headache",
    "fever",
    "chills",
    "nausea",
    "a rash",
    "aseptic meningitis",
    "haemolysis",
    "thrombosis",
    "fatigue",
)
DISEASES = ("dermatomyositis", "Kawasaki disease", "myasthenia gravis", "pemphigus vulgaris", "polymyositis")


def sentences(number: int) -> str:
    chance = random.Random(number)
    return (
        f"A {chance.randint(1, 95)}-year-old {chance.choice(('woman', 'man'))} with {chance.choice(DISEASES)} received "
        f"intravenous immunoglobulin {chance.choice((1, 2))} g/kg. Headache did not occur. On day "
        f"{chance.randint(1, 9)} {chance.choice(EVENTS)} was noted after the infusion; report {number} of this series."
    )


def write(folder: Path, documents: int) -> None:
    """Text files in folders of a thousand, and files of PubMed; every file of these corrects or deletes of the last."""
    texts = documents // 2
    for number in range(texts):
        place = folder / f"{number // 1000:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:06}.txt").write_text(sentences(number), encoding="utf-8")
    for start in range(texts, documents, RECORDS):
        numbers = range(start, min(start + RECORDS, documents))
        earlier = [start - 1, start - 2] if start > texts + 1 else []
        parts = [record(number, "2021") for number in numbers] + [record(number, "2023") for number in earlier[:1]]
        parts += [f"<DeleteCitation><PMID>{number}</PMID></DeleteCitation>" for number in earlier[1:]]
        (folder / f"records{start:07}.xml").write_text(f"<PubmedArticleSet>{''.join(parts)}</PubmedArticleSet>")


def record(number: int, revised: str) -> str:
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{number}</PMID><DateRevised><Year>{revised}</Year><Month>1'
        f"</Month><Day>1</Day></DateRevised><Article><ArticleTitle>Report {number} of {revised}</ArticleTitle>"
        f"<Abstract><AbstractText>{sentences(number)}</AbstractText></Abstract><Language>eng</Language></Article>"
        "</MedlineCitation></PubmedArticle>"
    )


def command(papers: Path, store: Path) -> list[str]:
    return [sys.executable, "-m", "ivigraph", "ingest", str(papers), "--store", str(store)]


def environment() -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("IVIGRAPH_")}
    return {**clean, "PYTHONPATH": str(ROOT)}


def run(papers: Path, store: Path) -> float:
    """Seconds of an ingest that is left in peace."""
    begun = time.monotonic()
    subprocess.run(command(papers, store), env=environment(), check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def run_killed(papers: Path, store: Path, *, kills: int, longest: float, chance: random.Random) -> int:
    """Kill an ingest `kills` times, each after at most `longest` seconds; gives how often it was killed in time."""
    for done in range(kills):
        process = subprocess.Popen(
            command(papers, store), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(timeout=chance.uniform(0.2, longest))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        else:
            return done
    return kills


def digest(store: Path) -> tuple[str, int]:
    """The graph as a digest of its sorted lines, and their number."""
    from ivigraph.store import open_store

    with open_store(store) as graph:
        answer = graph.answer("SELECT * { GRAPH ?g { ?s ?p ?o } }", accept="text/tab-separated-values", timeout=3600)
        lines = sorted(b"".join(answer.chunks).splitlines())
    return hashlib.sha256(b"\n".join(lines)).hexdigest(), len(lines) - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", nargs="?", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--keep", type=Path, help="leave papers and stores in this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ivigraph-endurance-") as temporary:
        folder = options.keep or Path(temporary)
        write(folder / "papers", options.documents)
        seconds = run(folder / "papers", folder / "peace")
        wanted, quads = digest(folder / "peace")
        print(f"undisturbed: {options.documents:,} documents, {quads:,} quads in {seconds:.0f} s", flush=True)
        longest = max(2.0, 2 * seconds / options.kills)
        chance = random.Random(options.seed)
        killed = run_killed(folder / "papers", folder / "killed", kills=options.kills, longest=longest, chance=chance)
        run(folder / "papers", folder / "killed")
        found, _ = digest(folder / "killed")
        print(f"killed {killed} times, then to its end: the graph is {'the same' if found == wanted else 'ANOTHER'}")
        again = run(folder / "papers", folder / "killed")
        after, _ = digest(folder / "killed")
        print(f"once more: {'nothing changed' if after == found else 'SOMETHING CHANGED'}, {again:.0f} s")
        if not wanted == found == after:
            raise SystemExit(1)
        if killed < options.kills:
            raise SystemExit(f"it ended before kill {killed + 1}: take more documents")


if __name__ == "__main__":
    main()
