"""The corpora as texts with names and relations, in one form.

PHEE (MIT), BC5CDR and NCBI disease (public domain) are JSON Lines of {text, entities, relations}; types of
names are mapped to those of `ivigraph.ingest.tagger.schemes`, conditions without their role.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivigraph.ingest import segment
from ivigraph.model import Document, DocumentType, Passage

TYPES: Mapping[str, str] = {
    "drug": "drug", "adverse_event": "condition", "disease": "condition", "dose": "dose", "route": "route",
    "duration": "duration", "time_elapsed": "time_elapsed", "freq": "frequency", "age": "age", "gender": "sex",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """`concepts` are the identifiers of the corpus for what is named; empty where it gives none."""

    start: int
    end: int
    type: str
    concepts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A relation between two names, by their places in `Annotated.names`, or between two concepts."""

    type: str
    head: int | str
    tail: int | str
    negated: bool = False
    speculated: bool = False


@dataclass(frozen=True, slots=True)
class Annotated:
    """A text of a corpus; `doc` is the article that it is from."""

    id: str
    doc: str
    text: str
    names: tuple[Name, ...] = ()
    links: tuple[Link, ...] = ()


def read(path: Path) -> Iterator[Annotated]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield _annotated(json.loads(line))


def _annotated(record: Mapping[str, Any]) -> Annotated:
    names: list[Name] = []
    places: dict[str, list[int]] = {}
    for entity in record.get("entities", ()):
        type = TYPES.get(entity["type"])
        if type is None:
            continue
        # A name in several parts is as many names: the parts are names of their own more often than not.
        for start, end in entity.get("spans", ((entity["start"], entity["end"]),)):
            places.setdefault(entity["id"], []).append(len(names))
            names.append(Name(start, end, type, _concepts(entity.get("norm"))))
    links = [link for relation in record.get("relations", ()) for link in _links(relation, places)]
    return Annotated(record["id"], record.get("doc") or record["id"], record["text"], tuple(names), tuple(links))


def _concepts(norm: str | None) -> tuple[str, ...]:
    return tuple(part for part in (norm or "").replace("+", "|").split("|") if part and part != "-1")


def _links(relation: Mapping[str, Any], places: Mapping[str, list[int]]) -> Iterator[Link]:
    if relation["type"] not in ("causes", "treats"):
        return
    attributes = relation.get("attrs") or {}
    marks = (bool(attributes.get("negated")), bool(attributes.get("speculated")))
    if relation.get("level") == "doc":
        yield Link(relation["type"], relation["head"], relation["tail"], *marks)
        return
    for head in places.get(relation["head"], ()):
        for tail in places.get(relation["tail"], ()):
            yield Link(relation["type"], head, tail, *marks)


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences as ivigraph splits them in use, so that training sees the same windows."""
    document = Document(
        id="training:text",
        source="",
        title="",
        type=DocumentType.OTHER,
        text=text,
        passages=(Passage(section="body", start=0, end=len(text)),),
    )
    return [(sentence.start, sentence.end) for sentence in segment.sentences(document)]
