"""Abstracts a second of processor time, and peak memory, of the way from text to quads, by step.

    python benchmarks/extraction.py [--corpus FILE] [--extractor model] [--limit 200]

The gate lets only texts through that name an immunoglobulin; the share of this corpus that it lets through is
printed, and the whole way is measured with it and without.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from ivigraph.evaluation.reading import document
from ivigraph.ingest import extract, segment
from ivigraph.ingest.gate import Gate
from ivigraph.ingest.lexicon import Lexicon
from ivigraph.ingest.rdf import graph
from ivigraph.namespaces import DEFAULT_BASE, Minter
from ivigraph.ontology import vocabulary as terms

T = TypeVar("T")
CORPUS = Path(__file__).parents[1] / "../shared/corpora/bc5cdr.dev.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="JSON Lines with a text in each record")
    parser.add_argument("--extractor", default="rules", choices=extract.names())
    parser.add_argument("--limit", type=int, default=200)
    options = parser.parse_args()
    records = [json.loads(line) for line in options.corpus.read_text(encoding="utf-8").splitlines()[: options.limit]]
    documents = [document(record["text"], f"pmid:{number}") for number, record in enumerate(records)]
    print(f"{len(documents)} texts, {sum(len(d.text) for d in documents) / len(documents):.0f} characters each")
    begun = time.process_time()
    extractor = extract.extractor(options.extractor, terms.load())
    print(f"{'loading':28} {time.process_time() - begun:8.2f} s   {_memory():6.0f} MB")
    lexicon = Lexicon.of(terms.load())
    _step("sentences", documents, lambda d: list(segment.sentences(d)))
    _step("lexicon", documents, lambda d: lexicon.mentions(d, tuple(segment.sentences(d))))
    tagger = getattr(extractor, "tagger", None)
    if tagger is not None:
        _step("encoder", documents, lambda d: tagger.read(d.text, [(s.start, s.end) for s in segment.sentences(d)]))
    _step("extractor, all steps", documents, extractor.extract)
    minter = Minter(DEFAULT_BASE)
    extractions = [extractor.extract(d) for d in documents]
    _step("graph", extractions, lambda e: graph(e, minter))
    _step("text to quads", documents, lambda d: graph(extractor.extract(d), minter))
    gate = Gate(terms.load())
    passed = sum(gate(d.text.encode()) for d in documents)
    _step("gate", documents, lambda d: gate(d.text.encode()))
    print(f"{'passed by the gate':28} {passed:8} of {len(documents)}")
    _step(
        "text to quads, gated",
        documents,
        lambda d: graph(extractor.extract(d), minter) if gate(d.text.encode()) else None,
    )


def _step(name: str, items: Sequence[T], work: Callable[[T], object]) -> None:
    begun = time.process_time()
    for item in items:
        work(item)
    print(f"{name:28} {len(items) / (time.process_time() - begun):8.1f} /s  {_memory():6.0f} MB", flush=True)


def _memory() -> float:
    """The peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
