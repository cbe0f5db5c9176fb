"""The names that the gazetteer keeps, from ontologies whose licence allows it.

MONDO and its mappings, DOID and Biomappings are CC0; MeSH's names are public; the therapies are our own vocabulary's.
No name comes from a corpus, so that the tagger learns how far to trust a name that it has not seen.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from ivigraph.ingest.tagger.gazetteer import Gazetteer
from ivigraph.ontology.vocabulary import Kind, Vocabulary

_SYNONYM = re.compile(r'^synonym: "(.+?)\s*" (?:EXACT|RELATED|NARROW)')


def gazetteer(ontologies: Path, vocabulary: Vocabulary) -> Gazetteer:
    conditions = {
        *_of_vocabulary(vocabulary, Kind.DISEASE, Kind.EVENT),
        *_mondo(ontologies / "mondo" / "sssom"),
        *_doid(ontologies / "doid" / "doid-b.obo"),
    }
    drugs = {*_of_vocabulary(vocabulary, Kind.PRODUCT, Kind.THERAPY), *_chemicals(ontologies / "biomappings")}
    other = set(_mesh(ontologies / "mesh" / "terms.tsv"))
    return Gazetteer.of({"condition": conditions, "drug": drugs, "other": other})


def _of_vocabulary(vocabulary: Vocabulary, *kinds: Kind) -> Iterator[str]:
    for concept in vocabulary.concepts.values():
        if concept.kind in kinds:
            yield from (name.text for name in concept.names if name.language == "en")


def _mondo(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.sssom.tsv")):
        header: list[str] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("#"):
                continue
            cells = line.split("\t")
            if not header:
                header = cells
                continue
            row = dict(zip(header, cells, strict=False))
            yield from (row[column] for column in ("subject_label", "object_label") if row.get(column))


def _chemicals(folder: Path) -> Iterator[str]:
    """What Biomappings maps to ChEBI, by the names of both sides."""
    rows = csv.DictReader(
        (line for line in (folder / "positive.sssom.tsv").open(encoding="utf-8") if not line.startswith("#")),
        delimiter="\t",
    )
    for row in rows:
        if any(row[side].lower().startswith("chebi:") for side in ("subject_id", "object_id")):
            yield from (row[side] for side in ("subject_label", "object_label") if row[side])


def _doid(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("name: "):
            yield line[6:]
        elif match := _SYNONYM.match(line):
            yield match.group(1)


def _mesh(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        yield line.split("\t")[1]
