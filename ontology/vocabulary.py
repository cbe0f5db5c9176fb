"""The concepts of the project, read from the tables in `terms/`.

A table holds one concept a line, sorted by label, so that a curator can edit it and a diff shows what changed;
`python -m ivigraph.ontology.build` checks it against the ontologies it refers to. A cell holds several values
with `|` between them. What the columns mean is written in `terms/README.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from ivigraph.errors import VocabularyError
from ivigraph.namespaces import expand
from ivigraph.ontology.names import normalise

TERMS = Path(__file__).parent / "terms"
MAPPINGS = Path(__file__).parent / "mappings" / "ivigraph.sssom.tsv"
JAPANESE = "labels_ja.tsv"
INFERRED = "inferred.tsv"
INFERRED_COLUMNS = ("id", "ancestor")


class Kind(StrEnum):
    """What a concept is at home as. A text may give it another role: an event can be what is treated."""

    DISEASE = "disease"
    EVENT = "event"
    PRODUCT = "product"
    THERAPY = "therapy"
    MECHANISM = "mechanism"
    PROCEDURE = "procedure"


class Scope(StrEnum):
    """How a name stands to its concept, the closest first. An abbreviation keeps its case: "ALS" is not "als"."""

    LABEL = "label"
    EXACT = "exact"
    ABBREVIATION = "abbreviation"
    LAY = "lay"
    BROAD = "broad"


class Name(NamedTuple):
    text: str
    scope: Scope
    language: str = "en"


class Match(NamedTuple):
    """An identifier of the concept elsewhere; `predicate` is a CURIE such as `skos:exactMatch`."""

    predicate: str
    id: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a product as made; a text is empty where nothing citable was found.

    `status` is "sourced" when `source` bears out every text, "unverified" when it does not yet.
    """

    manufacturer: str = ""
    route: str = ""
    concentration: str = ""
    stabiliser: str = ""
    iga_content: str = ""
    process: str = ""
    status: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """`id` is a CURIE; `names` holds the label first; `parents` are the nearest broader concepts."""

    id: str
    kind: Kind
    label: str
    names: tuple[Name, ...]
    parents: tuple[str, ...] = ()
    definition: str = ""
    matches: tuple[Match, ...] = ()
    facts: Facts | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All concepts by id, sorted by id."""

    concepts: Mapping[str, Concept]
    _ancestors: Mapping[str, frozenset[str]] = field(repr=False)
    _by_key: Mapping[str, tuple[tuple[Name, Concept], ...]] = field(repr=False)

    def ancestors(self, id: str) -> frozenset[str]:
        """The concept and everything broader; just itself for an id that is not in the vocabulary."""
        return self._ancestors.get(id, frozenset((id,)))

    def is_a(self, id: str, ancestor: str) -> bool:
        return ancestor in self.ancestors(id)

    def keys(self) -> Mapping[str, tuple[tuple[Name, Concept], ...]]:
        """Every normalised name with what bears it, the best first: by scope, then kind, then id."""
        return self._by_key

    def find(self, text: str) -> tuple[Concept, ...]:
        """The concepts of that name, the best first; several when the name is ambiguous."""
        bearers = self._by_key.get(normalise(text), ())
        return tuple(dict.fromkeys(concept for name, concept in bearers if allows(name, text)))


def allows(name: Name, text: str) -> bool:
    """Whether `text`, which has the key of `name`, may stand for it: an abbreviation must agree in case.

    The plural of an abbreviation is a small s: "IVIGs".
    """
    return name.scope is not Scope.ABBREVIATION or name.text in (text, text.removesuffix("s"))


@cache
def load() -> Vocabulary:
    """The vocabulary that ships with the package. Raises VocabularyError naming the file, the line and a remedy."""
    return read(TERMS, MAPPINGS)


def read(terms: Path, mappings: Path | None = None, *, asserted: bool = False) -> Vocabulary:
    """The vocabulary in a directory of tables, checked: ids, parents, labels, and no cycle among the parents.

    `asserted`: without what a reasoner inferred from the definitions of the ontology (`inferred.tsv`).
    """
    rows = [row for file, kind in FILES.items() for row in _rows(terms / file, kind)]
    concepts: dict[str, Concept] = {}
    places: dict[str, str] = {}
    labels: dict[tuple[Kind, str], str] = {}
    for place, concept in rows:
        if concept.id in concepts:
            raise VocabularyError(
                f"{concept.id} was defined already at {places[concept.id]}",
                where=place,
                remedy="keep one of the two lines",
            )
        key = (concept.kind, normalise(concept.label))
        if key in labels:
            raise VocabularyError(
                f"the label {concept.label!r} was given already at {labels[key]}",
                where=place,
                remedy="merge the two concepts, or tell them apart by their labels",
            )
        concepts[concept.id], places[concept.id], labels[key] = concept, place, place
    closure = _closure(concepts, places)
    if not asserted:
        closure = _with_inferred(closure, terms / INFERRED)
    japanese = _japanese(terms / JAPANESE)
    matches = _matches(mappings)
    concepts = {
        id: replace(
            concepts[id],
            names=(*concepts[id].names, *japanese.get(id, ())),
            matches=tuple(matches.get(id, concepts[id].matches)),
        )
        for id in sorted(concepts)
    }
    return Vocabulary(MappingProxyType(concepts), closure, _index(concepts.values()))


FILES: Mapping[str, Kind] = MappingProxyType(
    {
        "products.tsv": Kind.PRODUCT,
        "diseases.tsv": Kind.DISEASE,
        "events.tsv": Kind.EVENT,
        "therapies.tsv": Kind.THERAPY,
        "mechanisms.tsv": Kind.MECHANISM,
        "procedures.tsv": Kind.PROCEDURE,
    }
)
COLUMNS = (
    "id", "label", "parents", "synonyms", "abbreviations", "lay", "broad", "definition", "exact", "close", "note",
)  # fmt: skip
FACT_COLUMNS = (
    "manufacturer", "route", "concentration", "stabiliser", "iga_content", "process", "status", "source",
)  # fmt: skip
STATUSES = ("", "sourced", "unverified")


def table(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """The lines of a tab-separated file as (place, cells by column); lines that start with # are comments."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise VocabularyError(
            f"cannot be read: {error}",
            where=path.name,
            remedy="install the package again, or restore the file",
        ) from error
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line and not line.startswith("#")]
    if not numbered or tuple(numbered[0][1].split("\t")) != columns:
        raise VocabularyError(
            "the first line does not name the columns",
            where=path.name,
            remedy=f"it must be: {', '.join(columns)}",
        )
    for number, line in numbered[1:]:
        cells = line.split("\t")
        if len(cells) != len(columns):
            raise VocabularyError(
                f"{len(cells)} cells instead of {len(columns)}",
                where=f"{path.name}, line {number}",
                remedy="separate the cells with tabs, and leave empty ones in place",
            )
        yield f"{path.name}, line {number}", dict(zip(columns, cells, strict=True))


def _rows(path: Path, kind: Kind) -> Iterator[tuple[str, Concept]]:
    columns = COLUMNS + FACT_COLUMNS if kind is Kind.PRODUCT else COLUMNS
    for place, row in table(path, columns):
        for curie in (row["id"], *_split(row["exact"]), *_split(row["close"])):
            _check_curie(curie, place)
        if not row["label"]:
            raise VocabularyError(f"{row['id']} has no label", where=place, remedy="give it its preferred name")
        yield (
            place,
            Concept(
                id=row["id"],
                kind=kind,
                label=row["label"],
                names=tuple(_names(row)),
                parents=_split(row["parents"]),
                definition=row["definition"],
                matches=tuple(
                    Match(f"skos:{column}Match", curie)
                    for column in ("exact", "close")
                    for curie in _split(row[column])
                ),
                facts=_facts(row, place) if kind is Kind.PRODUCT else None,
            ),
        )


def _check_curie(curie: str, place: str) -> None:
    try:
        expand(curie)
    except VocabularyError as error:
        raise VocabularyError(error.message, where=f"{place}, {curie!r}", remedy=error.remedy) from error
    if curie != curie.strip() or any(character.isspace() for character in curie) or curie.endswith(":"):
        raise VocabularyError(
            f"{curie!r} is no CURIE", where=place, remedy="write prefix:identifier without white space"
        )


def _names(row: Mapping[str, str]) -> Iterator[Name]:
    yield Name(row["label"], Scope.LABEL, _language(row["label"]))
    for column, scope in (
        ("synonyms", Scope.EXACT),
        ("abbreviations", Scope.ABBREVIATION),
        ("lay", Scope.LAY),
        ("broad", Scope.BROAD),
    ):
        yield from (Name(text, scope, _language(text)) for text in _split(row[column]))


def _language(text: str) -> str:
    """The tables hold English names, and Japanese ones in kana and kanji."""
    return "ja" if not text.isascii() and any("\u3040" <= character <= "\u9fff" for character in text) else "en"


def _facts(row: Mapping[str, str], place: str) -> Facts | None:
    values = {column: row[column] for column in FACT_COLUMNS}
    if values["status"] not in STATUSES:
        raise VocabularyError(
            f"unknown status {values['status']!r}",
            where=place,
            remedy="leave it empty, or write sourced or unverified",
        )
    if values["status"] == "sourced" and not values["source"]:
        raise VocabularyError("sourced, but no source is named", where=place, remedy="name it, or write unverified")
    return Facts(**values) if any(values.values()) else None


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part) if cell else ()


def _closure(concepts: Mapping[str, Concept], places: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    """Every concept with all that is broader, itself among them; refuses an unknown parent and a cycle."""
    for concept in concepts.values():
        for parent in concept.parents:
            if parent not in concepts:
                raise VocabularyError(
                    f"the parent {parent} is not in the vocabulary",
                    where=places[concept.id],
                    remedy="correct it, or add a line for it",
                )
    closure: dict[str, frozenset[str]] = {}
    try:
        for id in TopologicalSorter({id: concepts[id].parents for id in sorted(concepts)}).static_order():
            closure[id] = frozenset((id,)).union(*(closure[parent] for parent in concepts[id].parents))
    except CycleError as error:
        cycle: list[str] = error.args[1]
        raise VocabularyError(
            f"the parents go round in a cycle: {' -> '.join(reversed(cycle))}",
            where=places[cycle[0]],
            remedy="take one of these out of its line's parents",
        ) from error
    return MappingProxyType(closure)


def _with_inferred(closure: Mapping[str, frozenset[str]], path: Path) -> Mapping[str, frozenset[str]]:
    """The closure with what a reasoner found besides; what concerns concepts that are no more is left to the build."""
    more: dict[str, set[str]] = {}
    if path.is_file():
        for _, row in table(path, INFERRED_COLUMNS):
            if row["id"] in closure and row["ancestor"] in closure:
                more.setdefault(row["id"], set()).add(row["ancestor"])
    return MappingProxyType({**closure, **{id: closure[id] | above for id, above in more.items()}})


def _japanese(path: Path) -> dict[str, list[Name]]:
    names: dict[str, list[Name]] = {}
    if path.is_file():
        for _, row in table(path, LABEL_COLUMNS):
            names.setdefault(row["id"], []).append(Name(row["label"], Scope.EXACT, "ja"))
    return names


def _matches(path: Path | None) -> dict[str, list[Match]]:
    matches: dict[str, list[Match]] = {}
    if path is not None and path.is_file():
        for _, row in table(path, SSSOM_COLUMNS):
            matches.setdefault(row["subject_id"], []).append(Match(row["predicate_id"], row["object_id"]))
    return matches


LABEL_COLUMNS = ("id", "label", "source")
SSSOM_COLUMNS = (
    "subject_id", "subject_label", "predicate_id", "object_id", "object_label",
    "mapping_justification", "confidence", "mapping_source",
)  # fmt: skip


_SCOPES = {scope: rank for rank, scope in enumerate(Scope)}
_KINDS = {kind: rank for rank, kind in enumerate(FILES.values())}


def _index(concepts: Iterable[Concept]) -> Mapping[str, tuple[tuple[Name, Concept], ...]]:
    index: dict[str, list[tuple[Name, Concept]]] = {}
    for concept in concepts:
        for name in concept.names:
            index.setdefault(normalise(name.text), []).append((name, concept))
    for bearers in index.values():
        if len(bearers) > 1:
            bearers.sort(key=lambda bearer: (_SCOPES[bearer[0].scope], _KINDS[bearer[1].kind], bearer[1].id))
    return MappingProxyType({key: tuple(bearers) for key, bearers in index.items()})
