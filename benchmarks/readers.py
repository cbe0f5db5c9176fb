"""How fast and in how much memory the readers read, beside lxml parsing alone; and the gate.

    python benchmarks/readers.py [RECORDS] [--many 300000] [--json FILE]

RECORDS (default 30,000, as a real baseline file has) is the number of PubMed records of a file that is generated as it
is read. Each measurement runs in a process of its own, all of them in two rounds, of which the better one counts;
seconds are those of the processor, so that a busy machine slows all alike. Memory is the peak of the process over
that of one that imports all readers and holds the samples. At the end a tenth of RECORDS and MANY of them are read, to
show that memory stays flat; 0 leaves that out.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import trafilatura
from lxml import etree

from ivigraph.errors import ReadError
from ivigraph.ingest.gate import Gate
from ivigraph.ingest.readers import html, jats, pubmed
from ivigraph.ontology import vocabulary

SEED = 20201121
SAMPLE = 200  # different records; they come again in a fixed order
MB = 1_000_000
ROUNDS = 2
TEXT = (
    "the of and in with patients was were treatment for after study a to results clinical disease by we therapy "
    "response associated cells significant increased group levels risk years compared between during observed"
)
WORDS = TEXT.split()


def sentence(chance: random.Random, length: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(length)).capitalize() + "."


def prose(chance: random.Random, sentences: int) -> str:
    return " ".join(sentence(chance, 20) for _ in range(sentences))


def record(number: int) -> bytes:
    """A record as baseline files have them: structured abstract, 6 authors, 12 headings, 25 references."""
    chance = random.Random(SEED + number)
    pmid = 10_000_000 + number
    title = sentence(chance, 14)
    if number % 100 == 0:
        title = f"Intravenous immunoglobulin and {title}"
    parts = "".join(
        f'<AbstractText Label="{label}" NlmCategory="{label}">{prose(chance, 3)}</AbstractText>'
        for label in ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")
    )
    authors = "".join(
        f'<Author ValidYN="Y"><LastName>Name{n}</LastName><ForeName>Given {n}</ForeName><Initials>G</Initials>'
        f"<AffiliationInfo><Affiliation>{sentence(chance, 12)}</Affiliation></AffiliationInfo></Author>"
        for n in range(6)
    )
    mesh = "".join(
        f'<MeshHeading><DescriptorName UI="D{n:06}" MajorTopicYN="N">Heading {n}</DescriptorName>'
        f'<QualifierName UI="Q{n:06}" MajorTopicYN="Y">therapy</QualifierName></MeshHeading>'
        for n in range(12)
    )
    references = "".join(
        f"<Reference><Citation>{sentence(chance, 15)}</Citation><ArticleIdList>"
        f'<ArticleId IdType="pubmed">{pmid + n}</ArticleId>'
        f"</ArticleIdList></Reference>"
        for n in range(25)
    )
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{pmid}</PMID>'
        '<Article PubModel="Print">'
        "<Journal><JournalIssue><PubDate><Year>2020</Year><Month>Apr</Month></PubDate></JournalIssue>"
        "<Title>Journal of tests"
        f"</Title></Journal><ArticleTitle>{title}</ArticleTitle><Abstract>{parts}</Abstract><AuthorList>{authors}"
        "</AuthorList>"
        '<Language>eng</Language><PublicationTypeList><PublicationType UI="D016428">Journal Article'
        "</PublicationType>"
        f"</PublicationTypeList></Article><MeshHeadingList>{mesh}</MeshHeadingList></MedlineCitation><PubmedData>"
        "<ArticleIdList>"
        f'<ArticleId IdType="pubmed">{pmid}</ArticleId><ArticleId IdType="doi">10.1000/test.{pmid}</ArticleId>'
        "</ArticleIdList>"
        f"<ReferenceList>{references}</ReferenceList></PubmedData></PubmedArticle>\n"
    ).encode()


@cache
def records() -> list[bytes]:
    return [record(n) for n in range(SAMPLE)]


@cache
def articles() -> list[bytes]:
    return [article(n) for n in range(20)]


@cache
def pages() -> list[str]:
    return [page(n) for n in range(20)]


@cache
def default_gate() -> Gate:
    return Gate(vocabulary.load())


def article(number: int) -> bytes:
    """A JATS article of about 5,000 words with two tables."""
    chance = random.Random(SEED + number)
    rows = "".join(f"<tr><td>{sentence(chance, 3)}</td><td>{chance.random():.3f}</td></tr>" for _ in range(20))
    caption = f"<label>Table 1</label><caption><p>{sentence(chance, 8)}</p></caption>"
    table = f"<table-wrap>{caption}<table>{rows}</table></table-wrap>"
    sections = "".join(
        f"<sec><title>Part {n}</title>"
        + "".join(
            f'<p>{prose(chance, 5)}<xref ref-type="bibr" rid="r{p}">{p}</xref> {sentence(chance, 20)}</p>'
            for p in range(7)
        )
        + (table if n in (2, 4) else "")
        + "</sec>"
        for n in range(6)
    )
    references = "".join(
        f'<ref id="r{n}"><element-citation><article-title>{sentence(chance, 12)}</article-title>'
        f'<pub-id pub-id-type="pmid">{1000 + n}</pub-id></element-citation></ref>'
        for n in range(40)
    )
    return (
        '<article article-type="case-report"><front><article-meta>'
        f'<article-id pub-id-type="doi">10.1000/jats.{number}</article-id>'
        f"<title-group><article-title>{sentence(chance, 12)}</article-title></title-group><abstract>"
        f"<p>{sentence(chance, 60)}</p>"
        f"</abstract></article-meta></front><body>{sections}</body><back><ref-list>{references}</ref-list></back>"
        "</article>"
    ).encode()


def page(number: int) -> str:
    """A saved web page: an article of 1,500 words between menus."""
    chance = random.Random(SEED + number)
    menu = "".join(f'<li><a href="/{n}">Menu {n}</a></li>' for n in range(40))
    body = "".join(f"<p>{prose(chance, 5)}</p>" for _ in range(15))
    return (
        f"<!DOCTYPE html><html><head><title>{sentence(chance, 8)}</title></head><body><nav><ul>{menu}</ul></nav>"
        "<article>"
        f"<h1>{sentence(chance, 8)}</h1>{body}</article><footer><ul>{menu}</ul></footer></body></html>"
    )


class Baseline:
    """A baseline file that is made while it is read."""

    def __init__(self, count: int) -> None:
        self._parts = self._made(records(), count)

    @staticmethod
    def _made(sample: list[bytes], count: int) -> Iterator[bytes]:
        yield b'<?xml version="1.0" encoding="utf-8"?>\n<PubmedArticleSet>\n'
        for start in range(0, count, SAMPLE):
            yield b"".join(sample[: min(SAMPLE, count - start)])
        yield b"</PubmedArticleSet>\n"

    def read(self, size: int, /) -> bytes:
        return next(self._parts, b"")


Work = Callable[[int], int]


def read_pubmed(count: int) -> int:
    return sum(1 for _ in pubmed.documents(Baseline(count), "baseline", max_bytes=20 * MB))


def read_pubmed_through_gate(count: int) -> int:
    gate = default_gate()
    return count if sum(1 for _ in pubmed.documents(Baseline(count), "b", max_bytes=20 * MB, keep=gate)) else 0


def parse_pubmed(count: int) -> int:
    """What lxml needs to walk through the same file and forget each record: the floor for any reader."""
    found = 0
    for _, element in etree.iterparse(Baseline(count), tag="PubmedArticle", resolve_entities=False, no_network=True):
        found += 1
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return found


def scan(count: int) -> int:
    gate = default_gate()
    sample = records()
    for number in range(count):
        gate(sample[number % SAMPLE])
    return count


def read_jats(count: int) -> int:
    sample = articles()
    return sum(1 for n in range(count) for _ in jats.documents(io.BytesIO(sample[n % 20]), "a", max_bytes=20 * MB))


def parse_jats(count: int) -> int:
    sample = articles()
    return sum(etree.fromstring(sample[n % 20]) is not None for n in range(count))


def read_html(count: int) -> int:
    sample = pages()
    found = 0
    for number in range(count):
        try:
            html.document(sample[number % 20], "page")
            found += 1
        except ReadError:
            pass
    return found


def parse_html(count: int) -> int:
    sample = pages()
    return sum(etree.fromstring(sample[n % 20], etree.HTMLParser()) is not None for n in range(count))


def extract_html(count: int) -> int:
    """The library that finds the article of a page: the floor for a reader that uses it."""
    sample = pages()
    return sum(trafilatura.extract(sample[n % 20], favor_recall=True) is not None for n in range(count))


def nothing(count: int) -> int:
    records(), articles(), pages(), default_gate()
    return count


def measured(work: Work, count: int) -> dict[str, float]:
    """Seconds of processor time and peak memory of one piece of work, in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (work, count))


def _measured(work: Work, count: int) -> dict[str, float]:
    work(min(count, 20))  # what is built once: patterns, the vocabulary
    start = time.process_time()
    done = work(count)
    seconds = time.process_time() - start
    if done != count:
        raise SystemExit(f"{work.__name__}: {done} of {count} were read")
    return {
        "seconds": seconds,
        "per_second": count / seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def rows(count: int) -> list[tuple[str, Work, int, str]]:
    """What is measured: its name, the work, the number of records, and the name of what it is compared with."""
    few = max(20, min(300, count // 20))
    return [
        ("PubMed, lxml.iterparse alone", parse_pubmed, count, ""),
        ("PubMed, read", read_pubmed, count, "PubMed, lxml.iterparse alone"),
        ("PubMed, read what the gate keeps (1 %)", read_pubmed_through_gate, count, "PubMed, lxml.iterparse alone"),
        ("PubMed, the gate alone", scan, count, "PubMed, lxml.iterparse alone"),
        ("JATS, lxml alone", parse_jats, few, ""),
        ("JATS, read", read_jats, few, "JATS, lxml alone"),
        ("web page, lxml alone", parse_html, few, ""),
        ("web page, trafilatura alone", extract_html, few, "web page, lxml alone"),
        ("web page, read", read_html, few, "web page, lxml alone"),
    ]


def speeds(count: int, floor: float) -> dict[str, dict[str, float]]:
    """Measure and print each row; the figures by its name."""
    size = len(record(1))
    print(f"a PubMed record has {size:,} bytes; {floor:.0f} MB are the readers themselves\n")
    print(f"{'':40} {'records':>8} {'a second':>9} {'of lxml':>8} {'MB/s':>6} {'MB':>5}")
    found: dict[str, dict[str, float]] = {}
    for round in range(ROUNDS):
        for name, work, number, _ in rows(count):
            last = measured(work, number)
            if name not in found or last["seconds"] < found[name]["seconds"]:
                found[name] = last
            progress(f"round {round + 1} of {ROUNDS}: {name}")
    for name, _, number, other in rows(count):
        here = found[name]
        share = f"{here['per_second'] / found[other]['per_second']:8.0%}" if other else " " * 8
        rate = f"{here['per_second'] * size / MB:6.1f}" if name.startswith("PubMed") else " " * 6
        memory = f"{max(0, here['peak_mb'] - floor):5.0f}"
        print(f"{name:40} {number:8,} {here['per_second']:9,.0f} {share} {rate} {memory}")
    return found


def memory(counts: tuple[int, int], floor: float) -> dict[str, dict[str, float]]:
    """Peak memory for few and for many records."""
    print(f"\n{'MB':40} " + " ".join(f"{count:>9,}" for count in counts))
    found = {}
    for name, work in (
        ("PubMed, read what the gate keeps (1 %)", read_pubmed_through_gate),
        ("PubMed, read", read_pubmed),
    ):
        peaks = {}
        for count in counts:
            progress(f"memory: {name}, {count:,} records")
            peaks[f"{count}"] = max(0, measured(work, count)["peak_mb"] - floor)
        found[f"memory: {name}"] = peaks
        print(f"{name:40} " + " ".join(f"{peak:9.0f}" for peak in peaks.values()))
    return found


def progress(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", nargs="?", type=int, default=30_000)
    parser.add_argument("--many", type=int, default=300_000)
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    options = parser.parse_args()
    floor = measured(nothing, 1)["peak_mb"]
    figures = speeds(options.records, floor)
    if options.many:
        figures |= memory((max(20, options.records // 10), options.many), floor)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
