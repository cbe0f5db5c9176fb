"""An invented graph of any size, shaped like what ingest writes: `python benchmarks/synthetic.py DIR [--quads N]`.

The documents go through the code that writes real ones (`ingest/rdf.py`). Products, diseases and events are drawn with
the skew of the literature: a few carry most claims, and thousands of names stand in a handful of documents, so that
what a hub costs is measured too. The same seed gives the same graph.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

from ivigraph.ingest import rdf
from ivigraph.model import (
    Case,
    Certainty,
    Claim,
    Document,
    DocumentType,
    Evidence,
    Extraction,
    Mention,
    MentionType,
    Passage,
    Predicate,
    Qualifiers,
    Sex,
    Unit,
)
from ivigraph.namespaces import Minter, prefixes
from ivigraph.ontology.graph import vocabulary_graph
from ivigraph.ontology.vocabulary import Kind, load
from ivigraph.queries import catalogue
from ivigraph.store import Store, open_store

CLAIMS = 6  # a document
QUADS = 300  # a document, roughly
NAMES = 4_000  # names that no vocabulary knows
_SENTENCE = "After {subject}, {object} was noted in patient {n} of the series."
_FILLER = " The course was otherwise uneventful and laboratory values returned to the range of reference." * 4


class _Names:
    """What claims are about, each drawn with a probability that falls with its rank."""

    def __init__(self, source: random.Random) -> None:
        self._source = source
        concepts = sorted(load().concepts.values(), key=lambda concept: concept.id)
        self._labels = {concept.id: concept.label for concept in concepts}
        self._by_kind = {
            kind: [concept.id for concept in concepts if concept.kind is kind]
            for kind in (Kind.EVENT, Kind.DISEASE, Kind.PRODUCT)
        }
        self._by_kind[Kind.EVENT] += (f"finding number {n}" for n in range(NAMES))
        self._by_kind[Kind.PRODUCT].insert(0, "ivo:IVIG")

    def draw(self, kind: Kind) -> tuple[str | None, str]:
        """(identifier, label); the identifier is None for a name without a concept."""
        names = self._by_kind[kind]
        name = names[int(len(names) * self._source.random() ** 3)]
        return (name, self._labels[name]) if name in self._labels else (None, name)


def extractions(documents: int, *, seed: int = 7) -> Iterator[Extraction]:
    """So many documents with claims, mentions, a patient and passages."""
    source = random.Random(seed)
    names = _Names(source)
    for number in range(documents):
        yield _extraction(number, source, names)


def opened(directory: Path, quads: int) -> Store:
    """The store in `directory`, filled with about so many quads where there is none; the caller closes it."""
    minter = Minter()
    new = not (directory / "generations").exists()
    store = open_store(directory, create=True, prefixes=prefixes(minter), derive=catalogue.derivation(minter))
    if new:
        with store.writer() as writer:
            writer.replace_graph(minter.vocabulary_graph, vocabulary_graph(load()))
            for extraction in extractions(quads // QUADS):
                writer.replace_graph(minter.document_graph(extraction.document.id), rdf.graph(extraction, minter))
    return store


def _extraction(number: int, source: random.Random, names: _Names) -> Extraction:
    id_ = f"pmid:{90_000_000 + number}"
    title = f"Invented report {number} on immunoglobulin therapy"
    text, passages, claims = title, [Passage(section="title", start=0, end=len(title))], []
    disease = names.draw(Kind.DISEASE)
    for n in range(CLAIMS):
        causes = source.random() < 0.7
        subject, object_ = names.draw(Kind.PRODUCT), names.draw(Kind.EVENT) if causes else disease
        sentence = _SENTENCE.format(subject=subject[1], object=object_[1], n=n)
        start = len(text) + 1
        text += f"\n{sentence}{_FILLER}"
        passages.append(Passage(section=f"part {n}", start=start, end=len(text)))
        claims.append(
            Claim(
                predicate=Predicate.CAUSES if causes else Predicate.TREATS,
                subject=_mention(text, start, subject, MentionType.DRUG),
                object=_mention(text, start, object_, MentionType.CONDITION),
                evidence=Evidence(start=start, end=start + len(sentence), quote=sentence),
                negated=source.random() < 0.08,
                certainty=source.choice(list(Certainty)),
                confidence=round(source.uniform(0.5, 1), 2),
                case="1" if source.random() < 0.4 else None,
                qualifiers=_qualifiers(source) if causes else Qualifiers(),
            )
        )
    return Extraction(
        document=Document(
            id=id_,
            source=f"{number}.txt",
            title=title,
            type=source.choice(list(DocumentType)),
            text=text,
            passages=tuple(passages),
            identifiers=(id_,),
            year=source.randint(1985, 2025),
            journal=f"Journal {number % 40}",
        ),
        extractor="synthetic-1",
        mentions=tuple(dict.fromkeys(mention for claim in claims for mention in (claim.subject, claim.object))),
        cases=(Case(id="1", age_years=source.randint(1, 90), sex=source.choice(list(Sex)), start=0, end=len(title)),),
        claims=tuple(claims),
    )


def _mention(text: str, start: int, name: tuple[str | None, str], type: MentionType) -> Mention:
    at = text.index(name[1], start)
    return Mention(start=at, end=at + len(name[1]), text=name[1], type=type, id=name[0], label=name[1])


def _qualifiers(source: random.Random) -> Qualifiers:
    outcome = source.choice(["recovered", "not_recovered", "fatal", None])
    if source.random() > 0.3:
        return Qualifiers(outcome=outcome)
    total = source.randint(5, 300)
    return Qualifiers(count=source.randint(1, total), total=total, unit=Unit.PATIENTS, outcome=outcome)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--quads", type=int, default=1_000_000, help="about so many (default: 1,000,000)")
    options = parser.parse_args()
    with opened(options.directory, options.quads) as store:
        row = next(iter(store.select("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", timeout=600)))
        print(f"{int(str(row['n'])):,} quads in {options.directory}")


if __name__ == "__main__":
    main()
