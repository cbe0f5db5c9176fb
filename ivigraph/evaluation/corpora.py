"""The corpora's JSON Lines and the figures that are measured on each.

A record is {id, doc, text, entities, relations}. A name in several parts counts as its parts. Names are compared by
type and place, relations by type and the places of both names; "relaxed" is content when places overlap. Relations
between concepts (BC5CDR) are compared for the document: a name stands for the concepts of the gold name that it
overlaps, so linking is not part of the figure, and a name that overlaps none stands for itself and is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivigraph.errors import ReadError
from ivigraph.evaluation.reading import Named, Place, Read, Reader, Related
from ivigraph.evaluation.scores import Error, Figure, Kind, Tally
from ivigraph.ingest.assertion import assess

TYPES: Mapping[str, str] = {
    "drug": "drug", "adverse_event": "condition", "disease": "condition", "dose": "dose", "route": "route",
    "duration": "duration", "time_elapsed": "time_elapsed", "freq": "frequency", "age": "age", "gender": "sex",
    "finding": "finding",
}  # fmt: skip
# The convention of a corpus, by how the name of its file begins.
SCHEMES = {"phee": "events", "ade": "effects", "bc5cdr": "names", "ncbi": "diseases", "negex": "negation"}


@dataclass(frozen=True, slots=True)
class Gold:
    """A record. `concepts` are those of each name; `links` relate concepts of the whole text."""

    id: str
    doc: str
    text: str
    names: tuple[Named, ...]
    concepts: Mapping[Named, frozenset[str]]
    relations: frozenset[Related]
    links: frozenset[tuple[str, str, str]]
    negated: Mapping[Named, bool]


def read(path: Path) -> Iterator[Gold]:
    """Raises ReadError naming the line that is no record."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield _gold(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise ReadError(
                    f"no record of a corpus: {error!r}",
                    where=f"{path}, line {number}",
                    remedy="each line is an object with id, text, entities and relations",
                ) from error


def _gold(record: Mapping[str, Any]) -> Gold:
    names: dict[str, list[Named]] = {}
    concepts: dict[Named, frozenset[str]] = {}
    negated: dict[Named, bool] = {}
    for entity in record["entities"]:
        if (type := TYPES.get(entity["type"])) is None:
            continue
        for start, end in entity.get("spans", ((entity["start"], entity["end"]),)):
            name = Named(start, end, type)
            names.setdefault(entity["id"], []).append(name)
            norm = (entity.get("norm") or "").replace("+", "|").split("|")
            concepts[name] = frozenset(part for part in norm if part and part != "-1")
            negated[name] = (entity.get("attrs") or {}).get("neg") == "Negated"
    relations, links = set(), set()
    for relation in record["relations"]:
        type = relation["type"]
        if relation.get("level") == "doc":
            links.add((type, relation["head"], relation["tail"]))
            continue
        if type not in ("causes", "treats"):
            continue
        for head in names.get(relation["head"], ()):
            for tail in names.get(relation["tail"], ()):
                relations.add(Related(type, head.place, tail.place))
    every = tuple(dict.fromkeys(name for parts in names.values() for name in parts))
    doc = str(record.get("doc") or record["id"])
    return Gold(record["id"], doc, record["text"], every, concepts, frozenset(relations), frozenset(links), negated)


def scheme_of(path: Path) -> str:
    name = path.name.lower()
    found = next((scheme for prefix, scheme in SCHEMES.items() if name.startswith(prefix)), None)
    if found is None:
        raise ReadError(
            "the convention of this corpus is not known",
            where=str(path),
            remedy=f"its name must begin with one of: {', '.join(SCHEMES)}",
        )
    return found


def measure(path: Path, reader: Reader, *, limit: int | None = None) -> tuple[list[Figure], list[Error]]:
    """The figures of one corpus file and the errors behind them."""
    scheme = scheme_of(path)
    records = [gold for number, gold in enumerate(read(path)) if limit is None or number < limit]
    corpus = path.name.removesuffix(".jsonl")
    if scheme == "negation":
        return _negation(corpus, records)
    session = _Session(corpus, scheme, reader, _trained_on(path))
    for gold in records:
        session.add(gold)
    return session.figures(), session.errors


def _trained_on(path: Path) -> frozenset[str]:
    """The articles of ADE that PHEE's training fold holds as well, where that file stands beside it."""
    training = path.with_name("phee.train.jsonl")
    if not path.name.startswith("ade") or not training.is_file():
        return frozenset()
    return frozenset(gold.doc for gold in read(training))


class _Session:
    def __init__(self, corpus: str, scheme: str, reader: Reader, seen: frozenset[str]) -> None:
        self.scheme, self.reader, self.seen = scheme, reader, seen
        self.errors: list[Error] = []
        self._corpus = corpus
        self._tallies: dict[str, Tally] = {}

    def figures(self) -> list[Figure]:
        return [tally.figure() for tally in self._tallies.values()]

    def add(self, gold: Gold) -> None:
        read = self.reader.read(gold.text, self.scheme)
        if not self._corpus.startswith("ade"):  # ADE marks only the names of its relations
            self._names(gold, read)
        if self.scheme in ("events", "effects"):
            self._relations(gold, read)
        if gold.links:
            self._document(gold, read)

    def _tally(self, name: str) -> Tally:
        return self._tallies.setdefault(name, Tally(self._corpus, name))

    def _names(self, gold: Gold, read: Read) -> None:
        known = self.reader.types(self.scheme)
        groups: dict[str, tuple[str, ...]] = {"names: drugs and conditions": ("drug", "condition")}
        if len(known) > 2:
            groups["names: all types"] = known
        for figure, types in groups.items():
            wanted = [n for n in gold.names if n.type in types and n.type in known]
            given = [n for n in read.names if n.type in types]
            self._tally(figure).add(wanted, given, _same_name)
        self.errors += _name_errors(self._corpus, gold, read, known)

    def _relations(self, gold: Gold, read: Read) -> None:
        for type in ("causes", "treats"):
            if type == "treats" and self._corpus.startswith("ade"):
                continue
            wanted = {r for r in gold.relations if r.type == type}
            given = {Related(r.type, r.head, r.tail) for r in read.near if r.type == type}
            self._tally(f"{type}, end to end").add(wanted, given, _same_relation)
            if self._corpus.startswith("ade"):
                if gold.relations:
                    self._tally(f"{type}, sentences with an effect").add(wanted, given, _same_relation)
                if self.seen and gold.doc not in self.seen:
                    self._tally(f"{type}, articles not in PHEE's training fold").add(wanted, given, _same_relation)
                    if gold.relations:
                        name = f"{type}, sentences with an effect, articles not in PHEE's training fold"
                        self._tally(name).add(wanted, given, _same_relation)
            self.errors += _relation_errors(self._corpus, gold, read, wanted, given)

    def _document(self, gold: Gold, read: Read) -> None:
        given = {
            (related.type, head, tail)
            for related in read.all
            if related.type == "causes"
            for head in _concepts(gold, related.head, "drug")
            for tail in _concepts(gold, related.tail, "condition")
        }
        wanted = {link for link in gold.links if link[0] == "causes"}
        tally = self._tally("causes, concepts of the document")
        tally.add(wanted, given, lambda left, right: bool(left == right))


def _concepts(gold: Gold, place: Place, type: str) -> frozenset[str]:
    here = [n for n in gold.names if n.type == type and _overlap(n.place, place)]
    found: frozenset[str] = frozenset().union(*(gold.concepts[n] for n in here))
    return found or frozenset((gold.text[slice(*place)].casefold(),))


def _overlap(left: Place, right: Place) -> bool:
    return left[0] < right[1] and right[0] < left[1]


def _same_name(left: Named, right: Named) -> bool:
    return left.type == right.type and _overlap(left.place, right.place)


def _same_relation(left: Related, right: Related) -> bool:
    return _overlap(left.head, right.head) and _overlap(left.tail, right.tail)


def _name_errors(corpus: str, gold: Gold, read: Read, known: tuple[str, ...]) -> Iterator[Error]:
    def error(kind: Kind, name: Named) -> Error:
        marks = ((name.start, name.end, name.type),)
        about = f"{name.type} {gold.text[name.start : name.end]!r}"
        return Error(f"{corpus}: names", kind, gold.id, gold.text, about, marks)

    for name in gold.names:
        if name.type in known and name not in read.names:
            near = any(_same_name(name, found) for found in read.names)
            yield error(Kind.BOUNDARY if near else Kind.MISSED, name)
    for name in read.names:
        if not any(_same_name(name, wanted) for wanted in gold.names):
            yield error(Kind.SPURIOUS, name)


def _relation_errors(corpus: str, gold: Gold, read: Read, wanted: set[Related], given: set[Related]) -> Iterator[Error]:
    def error(kind: Kind, related: Related) -> Error:
        marks = ((*related.head, "drug"), (*related.tail, "condition"))
        about = f"{gold.text[slice(*related.head)]!r} {related.type} {gold.text[slice(*related.tail)]!r}"
        return Error(f"{corpus}: {related.type}", kind, gold.id, gold.text, about, marks)

    for related in wanted:
        if not any(_same_relation(related, found) for found in given):
            both = all(any(_overlap(place, n.place) for n in read.names) for place in (related.head, related.tail))
            yield error(Kind.PAIR_MISSED if both else Kind.NAME_MISSED, related)
    for related in given:
        if not any(_same_relation(related, found) for found in wanted):
            yield error(Kind.WRONG_PAIR, related)


def _negation(corpus: str, records: list[Gold]) -> tuple[list[Figure], list[Error]]:
    """Findings that are negated, given their place: the grammar that every extractor uses."""
    tally, errors = Tally(corpus, "negated findings"), []
    for gold in records:
        for name in gold.names:
            given = assess(gold.text, name.start, name.end).negated
            wanted = gold.negated[name]
            tally.add([name] if wanted else [], [name] if given else [], lambda left, right: bool(left == right))
            if wanted is not given:
                about = f"{gold.text[name.start : name.end]!r} is {'negated' if wanted else 'affirmed'}"
                marks = ((name.start, name.end, "finding"),)
                errors.append(Error(f"{corpus}: negation", Kind.ASSERTION, gold.id, gold.text, about, marks))
    return [tally.figure()], errors
