"""Kill an ingest again and again, and compare its graph with that of one that was left in peace.

    python benchmarks/endurance.py [DOCUMENTS] [--kills 20] [--seed 4] [--extractor NAME] [--keep DIR]

DOCUMENTS (default 10,000) case texts are generated: half of them as text files, the others as records of PubMed, with
later records and deletions among them. One ingest runs undisturbed. Another is killed with SIGKILL at random moments,
every fifth time just when it hands a generation to the store, and started again each time; where it ends before it was
killed so often, as on a machine that became faster, it reads all again by force. At last it runs to its end. Both
graphs have to be the same to the letter, and so has the graph of a third run, which must find nothing to do.

With --keep, papers, stores and what was done so far stay in DIR, and the same command goes on from there, with the
same code; once it has succeeded, it begins anew. Where one ingest takes T, all of it takes about 2.5 T.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
_ENTERED = "SELECT COUNT(*) FROM (SELECT id, how FROM results UNION SELECT id, how FROM published) WHERE how != ''"
RECORDS = 500  # in a file
PUBLISHED_BY = 150  # seconds in which a run hands something to the store: it does so every minute
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


@dataclass(kw_only=True)
class State:
    """What was done so far; kept in the folder, so that the command can be stopped and goes on."""

    documents: int
    seed: int
    extractor: str
    seconds: float = 0.0
    digest: str = ""
    quads: int = 0
    kills: list[str] = field(default_factory=list)
    ended: bool = False  # the killed run came to an end before its last kill

    @classmethod
    def of(cls, folder: Path, documents: int, seed: int, extractor: str) -> State:
        """What the folder holds, or a new beginning. Exits where it holds a run of another kind."""
        file = folder / "state.json"
        new = cls(documents=documents, seed=seed, extractor=extractor)
        if not file.exists():
            return new
        found = cls(**json.loads(file.read_bytes()))
        if (found.documents, found.seed, found.extractor) != (documents, seed, extractor):
            raise SystemExit(f"{file}: another run was begun there ({asdict(found)}); name another folder")
        return found

    def save(self, folder: Path) -> None:
        draft = folder / "state.draft"
        draft.write_text(json.dumps(asdict(self), indent=1))
        draft.replace(folder / "state.json")


class Trial:
    """One folder of papers and the two stores that are made of it."""

    def __init__(self, folder: Path, state: State) -> None:
        self.folder, self.state = folder, state
        self.papers, self.peace, self.killed = folder / "papers", folder / "peace", folder / "killed"

    def start(self, store: Path, *, quiet: bool, force: bool = False) -> subprocess.Popen[bytes]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("IVIGRAPH_")}
        command = [sys.executable, "-m", "ivigraph", "ingest", str(self.papers), "--store", str(store)]
        if self.state.extractor:
            command += ["--extractor", self.state.extractor]
        if force:
            command += ["--force"]
        return subprocess.Popen(
            command,
            cwd=ROOT,  # what runs is this program and no installed one
            env=clean,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if quiet else None,
        )

    def run(self, store: Path) -> float:
        """Seconds of an ingest that is left in peace; it shows its own progress."""
        begun = time.monotonic()
        if status := self.start(store, quiet=False).wait():
            raise SystemExit(f"the ingest ended with status {status}")
        return time.monotonic() - begun

    def run_killed(self, number: int, remaining: int) -> bool:
        """Start an ingest and kill it at a moment that chance chooses; False where it came to its end before."""
        chance = random.Random(f"{self.state.seed} {number}")
        state = self.state
        left = state.seconds * (1 - (0 if state.ended else entered(self.killed)) / state.documents)
        aimed = number % 5 == 4 and left > 2 * PUBLISHED_BY
        patience = PUBLISHED_BY if aimed else chance.uniform(0.2, 3 + 1.6 * left / remaining)
        known = drafts(self.killed)
        begun = time.monotonic()
        process = self.start(self.killed, quiet=True, force=state.ended)
        published = False
        try:
            while process.poll() is None and time.monotonic() - begun < patience:
                time.sleep(0.02)
                if aimed and not published and drafts(self.killed) - known:
                    published, patience = True, time.monotonic() - begun + chance.uniform(0, 1)
            state.ended = process.poll() is not None
        finally:
            process.kill()
            status = process.wait()
        if state.ended and status:
            raise SystemExit(f"the ingest ended with status {status}")
        how = ", while it published" if published else ""
        if not state.ended:
            state.kills.append(f"after {time.monotonic() - begun:.1f} s{how}, {entered(self.killed):,} documents done")
        return not state.ended


def drafts(store: Path) -> set[str]:
    """What writers prepare or left behind."""
    return {path.name for path in (store / "generations").glob(".draft*")}


def entered(store: Path) -> int:
    """Documents whose claims the ledger holds."""
    file = store / "ledger.sqlite"
    if not file.exists():
        return 0
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        try:
            return int(database.execute(_ENTERED).fetchone()[0])
        except sqlite3.OperationalError:  # killed before the tables were made
            return 0


def digest(store: Path) -> tuple[str, int]:
    """The graph as a digest of its sorted lines, and their number."""
    from ivigraph.store import open_store

    with open_store(store) as graph:
        answer = graph.answer("SELECT * { GRAPH ?g { ?s ?p ?o } }", accept="text/tab-separated-values", timeout=3600)
        lines = sorted(b"".join(answer.chunks).splitlines())
    return hashlib.sha256(b"\n".join(lines)).hexdigest(), len(lines) - 1


def tell(message: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {message}", flush=True)


def endure(folder: Path, state: State, kills: int) -> None:
    trial = Trial(folder, state)
    if not state.digest:
        tell(f"{state.documents:,} documents are written, then read undisturbed")
        for earlier in (trial.papers, trial.peace, trial.killed):  # one that was stopped was disturbed
            shutil.rmtree(earlier, ignore_errors=True)
        write(trial.papers, state.documents)
        state.seconds = trial.run(trial.peace)
        state.digest, state.quads = digest(trial.peace)
        state.save(folder)
    tell(f"undisturbed: {state.documents:,} documents, {state.quads:,} quads in {state.seconds:.0f} s")
    while len(state.kills) < kills:
        if trial.run_killed(len(state.kills), kills - len(state.kills)):
            tell(f"kill {len(state.kills)} of {kills}: {state.kills[-1]}")
        else:
            tell("it came to its end: all is read again by force")
        state.save(folder)
    seconds = trial.run(trial.killed)
    found, _ = digest(trial.killed)
    tell(f"to its end in {seconds:.0f} s: the graph is {'the same' if found == state.digest else 'ANOTHER'}")
    again = trial.run(trial.killed)
    after, _ = digest(trial.killed)
    tell(f"once more, {again:.0f} s: {'nothing changed' if after == found else 'SOMETHING CHANGED'}")
    if not state.digest == found == after:
        raise SystemExit(1)
    (folder / "state.json").unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", nargs="?", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--extractor", default="", help="the default one without")
    parser.add_argument("--keep", type=Path, help="leave papers, stores and progress in this folder, and go on there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ivigraph-endurance-") as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        endure(folder, State.of(folder, options.documents, options.seed, options.extractor), options.kills)


if __name__ == "__main__":
    main()
