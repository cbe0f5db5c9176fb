"""Linking measured: index build, accuracy on gold mentions by kind of error, speed and memory.

    python benchmarks/linking.py              all of it, from ../shared
    python benchmarks/linking.py --scale      besides, an ontology of MONDO's size (1.4 million triples)

Gold: the disease mentions of BC5CDR (development and training fold) and of the NCBI disease corpus (training fold),
which are linked to MeSH and OMIM; none of their texts is used to build anything. Side by side with a plain dictionary
(names folded to lower case) and with rapidfuzz alone (the most similar of all names), both with the same mappings. A
mention of several concepts counts as right ("part") when its best candidate is one of them; "strict" counts it as
wrong.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import sqlite3
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

from rapidfuzz import fuzz, process

from ivigraph.ingest.abbreviations import definitions
from ivigraph.ontology import external
from ivigraph.ontology.crossing import Crossing
from ivigraph.ontology.index import TermIndex
from ivigraph.ontology.linking import Candidate, Link, Linker
from ivigraph.ontology.vocabulary import Kind, Vocabulary
from ivigraph.ontology.vocabulary import load as load_vocabulary

SHARED = Path(__file__).parents[1] / "../shared"
FILES = (
    "mesh/terms.tsv",
    "doid/doid-b.obo",
    "mondo/*.json.gz",
    "mondo/hp_import.owl",
    "mondo/sssom/*.tsv",
    "hpo/*.tsv",
    "maxo/*.owl",
    "oae/*.owl",
    "biomappings/*.tsv",
)
# The rules of wording were written with the errors on the first two at hand; the third was never looked at.
CORPORA = ("bc5cdr.dev.jsonl", "ncbi_disease.train.jsonl", "bc5cdr.train.jsonl")
TO = ("MESH", "OMIM")
KINDS = frozenset((Kind.DISEASE, Kind.EVENT))
NO_VOCABULARY = Vocabulary(MappingProxyType({}), MappingProxyType({}), MappingProxyType({}))
FUZZY_SAMPLE = 300  # mentions; rapidfuzz alone compares each with every name

Gold = tuple[tuple[int, int], frozenset[str]]
Approach = Callable[[str, Sequence[tuple[int, int]]], list[Link]]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--shared", type=Path, default=SHARED)
    options.add_argument("--scale", action="store_true", help="also load an ontology of MONDO's size")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with TermIndex.open(Path(folder) / "terms.sqlite", create=True) as index:
            build(index, chosen.shared / "ontologies")
            speed(index)
            accuracy(index, chosen.shared / "corpora")
        if chosen.scale:
            scale(Path(folder))


def build(index: TermIndex, folder: Path) -> None:
    begun, work = time.perf_counter(), time.process_time()
    for pattern in FILES:
        for path in sorted(folder.glob(pattern)):
            index.add(path.name, external.read(path), file=path.name)
    sources = index.sources()
    names = sum(source.names for source in sources)
    seconds, processor = time.perf_counter() - begun, time.process_time() - work
    print(
        f"index: {len(sources)} files, {names:,} names, {sum(s.mappings for s in sources):,} mappings in "
        f"{seconds:.1f} s ({processor:.1f} s of processor time); {index.path.stat().st_size / 1e6:.0f} MB on disk; "
        f"{_memory()}"
    )


def speed(index: TermIndex) -> None:
    """Distinct names, each linked for the first time: as they are, and with a slip of the pen."""
    names = sorted({text for text, _ in all_names(index)})
    random.Random(7).shuffle(names)
    written, written_alone = names[:40_000], names[40_000:80_000]
    slips = [_slip(name) for name in names[:1_000]]
    print(f"\nspeed over {len(names):,} distinct names, each for the first time, a second of processor time")
    table = {name.casefold(): name for name in names}
    linker = Linker(NO_VOCABULARY, index)
    look_up: Callable[[str], object] = lambda name: table.get(name.casefold())  # noqa: E731
    compare: Callable[[str], object] = lambda name: process.extractOne(  # noqa: E731
        name, names, scorer=fuzz.ratio, score_cutoff=80
    )
    for what, work, sample in (
        ("plain dictionary", partial(map, look_up), written),
        ("ivigraph", linker.link_all, written),
        ("ivigraph, again", linker.link_all, written),
        ("ivigraph, one by one", partial(map, linker.link), written_alone),
        ("with a slip: plain dictionary", partial(map, look_up), slips),
        ("with a slip: ivigraph", linker.link_all, slips),
        ("with a slip: rapidfuzz alone", partial(map, compare), slips[:50]),
    ):
        begun = time.process_time()
        for _ in work(sample):
            pass
        seconds = time.process_time() - begun
        size = sum(len(name.encode()) for name in sample) / 1e6
        print(
            f"  {what:30} {len(sample) / seconds:12,.0f} links/s {size / seconds:8.3f} MB/s"
            f"  ({len(sample):,} names); {_memory()}"
        )


def _slip(name: str) -> str:
    """The name without one letter of its longest word."""
    word = max(name.split(), key=len)
    place = name.index(word) + len(word) // 2
    return name[:place] + name[place + 1 :]


def accuracy(index: TermIndex, folder: Path) -> None:
    print("\naccuracy of the best candidate")
    given, own = Linker(NO_VOCABULARY, index, to=TO), Linker(load_vocabulary(), index, to=TO)
    approaches: tuple[tuple[str, Approach, int | None], ...] = (
        ("ivigraph, given files", _linked(given), None),
        ("ivigraph, and its vocabulary", _linked(own), None),
        ("plain dictionary", _dictionary(index), None),
        ("rapidfuzz alone", _fuzzy(index), FUZZY_SAMPLE),
    )
    for corpus in CORPORA:
        documents = list(gold(folder / corpus))
        print(f"  {corpus}: {sum(len(mentions) for _, mentions in documents):,} mentions")
        for name, approach, most in approaches:
            begun = time.process_time()
            counts = evaluate(approach, documents, most)
            seconds = time.process_time() - begun
            total = counts.total()
            right = counts["right"] + counts["part"]
            kinds = ", ".join(f"{kind} {counts[kind] / total:.1%}" for kind in KINDS_OF_ERROR)
            print(
                f"    {name:29} {right / total:.3f} (strict {counts['right'] / total:.3f}); {kinds}; "
                f"{total / seconds:,.0f} mentions/s" + (f", sample of {total}" if most else "")
            )


KINDS_OF_ERROR = ("unlinked", "second or later", "broader", "wrong")


def evaluate(approach: Approach, documents: Iterable[tuple[str, list[Gold]]], most: int | None) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text, mentions in documents:
        links = approach(text, [span for span, _ in mentions])
        counts.update(verdict(link, ids) for link, (_, ids) in zip(links, mentions, strict=True))
        if most is not None and counts.total() >= most:
            break
    return counts


def verdict(link: Link, ids: frozenset[str]) -> str:
    best = link.best
    if best is None:
        return "unlinked"
    if best.id in ids:
        return "right" if len(ids) == 1 else "part"
    if any(candidate.id in ids for candidate in link.candidates):
        return "second or later"
    return "broader" if best.broader else "wrong"


def gold(path: Path) -> Iterator[tuple[str, list[Gold]]]:
    """The text of each document and its disease mentions that have an identifier."""
    for line in path.read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        mentions = [
            ((entity["start"], entity["end"]), frozenset(map(_curie, re.split(r"[|+]", entity["norm"].strip()))))
            for entity in document["entities"]
            if entity["type"] == "disease" and entity.get("norm")
        ]
        yield document["text"], mentions


def _curie(identifier: str) -> str:
    return identifier if ":" in identifier else f"MESH:{identifier}"


def _linked(linker: Linker) -> Approach:
    def approach(text: str, mentions: Sequence[tuple[int, int]]) -> list[Link]:
        forms = {d.short: text[d.start : d.end] for d in definitions(text, 0, len(text))}
        return linker.link_document(text, mentions, kinds=[KINDS] * len(mentions), long_forms=forms)

    return approach


def _dictionary(index: TermIndex) -> Approach:
    names: defaultdict[str, set[str]] = defaultdict(set)
    for text, term in all_names(index):
        names[text.casefold()].add(term)
    crossing = Crossing(index, TO)
    return lambda text, mentions: [
        _carried(text[start:end], names.get(text[start:end].casefold(), set()), crossing) for start, end in mentions
    ]


def _fuzzy(index: TermIndex) -> Approach:
    names: defaultdict[str, set[str]] = defaultdict(set)
    for text, term in all_names(index):
        names[text.casefold()].add(term)
    choices, crossing = list(names), Crossing(index, TO)

    def approach(text: str, mentions: Sequence[tuple[int, int]]) -> list[Link]:
        links = []
        for start, end in mentions:
            found = process.extractOne(text[start:end].casefold(), choices, scorer=fuzz.ratio, score_cutoff=70)
            links.append(_carried(text[start:end], names[found[0]] if found else set(), crossing))
        return links

    return approach


def _carried(text: str, terms: Iterable[str], crossing: Crossing) -> Link:
    found = [Candidate(id=term, label=text, score=1.0, reasons=(), source="dictionary") for term in sorted(terms)]
    return Link(text, tuple(sorted(crossing.over(found), key=lambda c: (-c.score, c.id))))


def all_names(index: TermIndex) -> Iterator[tuple[str, str]]:
    """(name, term) of every English name."""
    with sqlite3.connect(index.path) as db:
        yield from db.execute("SELECT text, term FROM names WHERE language = 'en'")


def scale(folder: Path) -> None:
    path = folder / "large.owl"
    triples = write_large(path)
    begun, work = time.perf_counter(), time.process_time()
    with TermIndex.open(folder / "large.sqlite", create=True) as index:
        loaded = index.add("large", external.read(path))
    print(
        f"\n{triples:,} triples ({path.stat().st_size / 1e6:.0f} MB of RDF/XML), {loaded.terms:,} terms, "
        f"{loaded.names:,} names loaded in "
        f"{time.perf_counter() - begun:.1f} s ({time.process_time() - work:.1f} s of processor time); "
        f"{_memory()}, all steps together"
    )


def write_large(path: Path, classes: int = 26_000) -> int:
    """An ontology shaped like MONDO: synonyms and cross references, each with an axiom that annotates it."""
    triples = 0
    with path.open("w", encoding="utf-8") as out:
        out.write(
            '<?xml version="1.0"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
            ' xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:owl="http://www.w3.org/2002/07/owl#"'
            ' xmlns:oio="http://www.geneontology.org/formats/oboInOwl#">\n<owl:Ontology rdf:about="http://x/o"/>\n'
        )
        for number in range(classes):
            iri = f"http://purl.obolibrary.org/obo/MONDO_{number:07}"
            parent = f"http://purl.obolibrary.org/obo/MONDO_{number // 7:07}"
            values = [("hasExactSynonym", f"disorder {number} of kind {k}") for k in range(4)]
            values += [("hasDbXref", f"UMLS:C{number}{k}") for k in range(4)]
            out.write(f'<owl:Class rdf:about="{iri}"><rdfs:label>large disorder {number}</rdfs:label>')
            out.write(f'<rdfs:subClassOf rdf:resource="{parent}"/>')
            out.writelines(f"<oio:{name}>{value}</oio:{name}>" for name, value in values)
            out.write("</owl:Class>\n")
            for name, value in values:
                out.write(
                    f'<owl:Axiom><owl:annotatedSource rdf:resource="{iri}"/><owl:annotatedProperty rdf:resource='
                    f'"http://www.geneontology.org/formats/oboInOwl#{name}"/><owl:annotatedTarget>{value}'
                    f"</owl:annotatedTarget><oio:source>MONDO:{number}</oio:source></owl:Axiom>\n"
                )
            triples += 3 + len(values) * 6
        out.write("</rdf:RDF>\n")
    return triples


def _memory() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most"


if __name__ == "__main__":
    main()
