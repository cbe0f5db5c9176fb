"""Abstracts a second of processor time, and peak memory, of the way from text to quads, by step.

    python benchmarks/extraction.py [--corpus FILE] [--extractor model] [--limit 200] [--best-of 3]

Each text goes through each step several times and its best time counts, so that other work on the machine disturbs
less. The gate lets only texts through that name an immunoglobulin; the share of this corpus that it lets through is
printed, and the whole way is measured with it and without.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from ivigraph.evaluation.reading import document
from ivigraph.ingest import extract, segment
from ivigraph.ingest.gate import Gate
from ivigraph.ingest.lexicon import Lexicon
from ivigraph.ingest.rdf import graph
from ivigraph.model import Document
from ivigraph.namespaces import DEFAULT_BASE, Minter
from ivigraph.ontology import vocabulary as terms

CORPUS = Path(__file__).parents[1] / "../shared/corpora/bc5cdr.dev.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="JSON Lines with a text in each record")
    parser.add_argument("--extractor", default="rules", choices=extract.names())
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--best-of", type=int, default=3, help="times that each text goes through each step")
    options = parser.parse_args()
    records = [json.loads(line) for line in options.corpus.read_text(encoding="utf-8").splitlines()[: options.limit]]
    documents = [document(record["text"], f"pmid:{number}") for number, record in enumerate(records)]
    print(f"{len(documents)} texts, {sum(len(d.text) for d in documents) / len(documents):.0f} characters each")
    begun = time.process_time()
    extractor = extract.extractor(options.extractor, terms.load())
    print(f"{'loading':28} {time.process_time() - begun:8.2f} s   {_memory():6.0f} MB")
    step = partial(_step, options.best_of, documents)
    lexicon = Lexicon.of(terms.load())
    step("sentences", lambda d: list(segment.sentences(d)))
    step("lexicon", lambda d: lexicon.mentions(d, tuple(segment.sentences(d))))
    tagger = getattr(extractor, "tagger", None)
    if tagger is not None:
        step("encoder", lambda d: tagger.read(d.text, [(s.start, s.end) for s in segment.sentences(d)]))
    step("extractor, all steps", extractor.extract)
    minter = Minter(DEFAULT_BASE)
    extractions = {d.id: extractor.extract(d) for d in documents}
    step("graph", lambda d: graph(extractions[d.id], minter))
    step("text to quads", lambda d: graph(extractor.extract(d), minter))
    gate = Gate(terms.load())
    passed = sum(gate(d.text.encode()) for d in documents)
    step("gate", lambda d: gate(d.text.encode()))
    print(f"{'passed by the gate':28} {passed:8} of {len(documents)}")
    step("text to quads, gated", lambda d: graph(extractor.extract(d), minter) if gate(d.text.encode()) else None)


def _step(best_of: int, documents: Sequence[Document], name: str, work: Callable[[Document], object]) -> None:
    best = [float("inf")] * len(documents)
    for _ in range(best_of):
        for number, text in enumerate(documents):
            begun = time.process_time()
            work(text)
            best[number] = min(best[number], time.process_time() - begun)
    print(f"{name:28} {len(documents) / sum(best):8.1f} /s  {_memory():6.0f} MB", flush=True)


def _memory() -> float:
    """The peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
