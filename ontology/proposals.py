"""Mappings that a program proposes and a person decides on, in one file.

The file is SSSOM TSV with one more column, `status`: proposed, accepted or rejected. A curator edits that column and
nothing else. What is decided stays as it is: an accepted mapping enters the graph, a rejected one is never
proposed again, and a proposal that nobody has looked at is replaced by the next run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

import platformdirs

from ivigraph.errors import VocabularyError
from ivigraph.ontology.external import EXACT
from ivigraph.ontology.index import TermIndex
from ivigraph.ontology.linking import Candidate, Linker
from ivigraph.ontology.vocabulary import SSSOM_COLUMNS, Concept, Match, Name, Scope, Vocabulary, table

COLUMNS = (*SSSOM_COLUMNS, "status")
LEXICAL_MATCHING = "semapv:LexicalMatching"
# A name found as it stands is proposed as the same; one found in other words only as near.
_SAME = 0.9
_MOST_FOR_ONE = 3


class Status(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One line of the file. `source` says which name was found where."""

    subject: str
    subject_label: str
    predicate: str
    object: str
    object_label: str
    justification: str = LEXICAL_MATCHING
    confidence: float
    source: str = ""
    status: Status = Status.PROPOSED

    @property
    def pair(self) -> tuple[str, str]:
        return self.subject, self.object


def default_path() -> Path:
    """The user's own file of decisions."""
    return platformdirs.user_data_path("ivigraph") / "mappings.sssom.tsv"


def unmapped(vocabulary: Vocabulary) -> list[Concept]:
    """The project's own concepts that no mapping leads out of; the others are mapped by their identifier."""
    return [c for c in vocabulary.concepts.values() if c.id.startswith("ivo:") and not c.matches]


def propose(concepts: Iterable[Concept], index: TermIndex, *, minimum: float = 0.6) -> Iterator[Proposal]:
    """The likeliest counterparts of each concept among the loaded ontologies."""
    nothing = Vocabulary(MappingProxyType({}), MappingProxyType({}), MappingProxyType({}))
    linker = Linker(nothing, index, minimum=minimum)
    for concept in concepts:
        best: dict[str, tuple[Candidate, Name]] = {}
        for name in concept.names:
            if name.scope in (Scope.LABEL, Scope.EXACT):
                for candidate in linker.link(name.text, kinds=frozenset((concept.kind,))).candidates:
                    known = best.get(candidate.id)
                    if known is None or candidate.score > known[0].score:
                        best[candidate.id] = candidate, name
        ranked = sorted(best.values(), key=lambda pair: (-pair[0].score, pair[0].id))
        yield from (_proposal(concept, *pair) for pair in ranked[:_MOST_FOR_ONE])


def _proposal(concept: Concept, candidate: Candidate, name: Name) -> Proposal:
    same = candidate.score >= _SAME and not candidate.broader
    return Proposal(
        subject=concept.id,
        subject_label=concept.label,
        predicate="skos:broadMatch" if candidate.broader else EXACT if same else "skos:closeMatch",
        object=candidate.id,
        object_label=candidate.label,
        confidence=round(candidate.score, 2),
        source=f"{name.text!r}: {'; '.join(candidate.reasons)}",
    )


def merged(decided: Iterable[Proposal], fresh: Iterable[Proposal]) -> list[Proposal]:
    """The decisions as they are, and of the new proposals those that nobody has decided on."""
    kept = {p.pair: p for p in decided if p.status is not Status.PROPOSED}
    new = {p.pair: p for p in fresh if p.pair not in kept}
    return sorted((*kept.values(), *new.values()), key=lambda p: (p.subject, -p.confidence, p.object))


def with_accepted(vocabulary: Vocabulary, proposals: Iterable[Proposal]) -> Vocabulary:
    """The vocabulary with the accepted mappings among its matches; those of unknown concepts are ignored."""
    matches: dict[str, list[Match]] = {}
    for proposal in proposals:
        if proposal.status is Status.ACCEPTED:
            matches.setdefault(proposal.subject, []).append(Match(proposal.predicate, proposal.object))
    concepts = {
        id: replace(concept, matches=tuple(dict.fromkeys((*concept.matches, *matches.get(id, ())))))
        for id, concept in vocabulary.concepts.items()
    }
    return replace(vocabulary, concepts=MappingProxyType(concepts))


def read(path: Path) -> list[Proposal]:
    """The proposals in a file. Raises VocabularyError naming the line."""
    return [_parsed(row, place) for place, row in table(path, COLUMNS)]


def _parsed(row: dict[str, str], place: str) -> Proposal:
    try:
        status, confidence = Status(row["status"].strip().lower()), float(row["confidence"])
    except ValueError as error:
        raise VocabularyError(
            str(error), where=place, remedy="write proposed, accepted or rejected, and a confidence of 0 to 1"
        ) from error
    return Proposal(
        subject=row["subject_id"],
        subject_label=row["subject_label"],
        predicate=row["predicate_id"],
        object=row["object_id"],
        object_label=row["object_label"],
        justification=row["mapping_justification"],
        confidence=confidence,
        source=row["mapping_source"],
        status=status,
    )


def write(path: Path, proposals: Iterable[Proposal]) -> None:
    """Write the file anew, all or nothing."""
    lines = ["\t".join(COLUMNS)]
    for p in proposals:
        cells = (
            p.subject, p.subject_label, p.predicate, p.object, p.object_label, p.justification,
            f"{p.confidence:.2f}", p.source, p.status.value,
        )  # fmt: skip
        lines.append("\t".join(" ".join(cell.split()) for cell in cells))
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    draft.replace(path)
