"""Every name that an extractor found gets its concept, and every concept the reasons for it.

    Extraction -> Linking.linked -> Extraction

An extractor names a concept where the vocabulary has the very name. What it leaves open is linked here: by the
vocabulary in other wordings, then by the loaded ontologies. A term of theirs that the vocabulary has under its own
identifier, or maps to exactly, becomes that concept. What scores less than `ACCEPTED`, or only includes what is
meant, stays unlinked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ivigraph.ingest.abbreviations import definitions
from ivigraph.ingest.lexicon import TYPES
from ivigraph.model import Claim, ExternalTerm, Extraction, Link, Mention, MentionType
from ivigraph.ontology import identifiers
from ivigraph.ontology.index import TermIndex
from ivigraph.ontology.linking import VOCABULARY, Candidate, Linker
from ivigraph.ontology.vocabulary import Kind, Vocabulary

ACCEPTED = 0.8
"""The least score of a link that nobody looks at: the name in other words, or one slip of the pen away."""

ACCEPTED_BEYOND = 0.85
"""The same for a term of a loaded ontology, where a name of another kind of thing may be as near."""

_VERSION = 1  # of the rules here
_FROM_CONTEXT = (
    0.9  # what an extractor tells from more than the name: a short form defined elsewhere, a count that fell
)
_NEAR = 0.05  # candidates that score nearly the same: the vocabulary's own goes first
_KINDS: Mapping[MentionType, frozenset[Kind]] = {
    type: frozenset(kind for kind, its in TYPES.items() if its is type) for type in MentionType
}
# Where several ontologies know a name, the one made for its type goes first; the others are counterparts.
_PREFERRED: Mapping[MentionType, tuple[str, ...]] = {
    MentionType.CONDITION: ("MONDO", "HP", "DOID", "OAE", "Orphanet", "MESH", "OMIM", "NCIT"),
    MentionType.DRUG: ("CHEBI", "MESH", "ATC", "NCIT"),
    MentionType.PROCEDURE: ("MAXO", "MESH", "NCIT"),
    MentionType.MECHANISM: ("GO", "MESH", "NCIT"),
}
# What a term is at home as, where nothing broader in the vocabulary tells.
_HOME: Mapping[str, Kind] = {"HP": Kind.EVENT, "OAE": Kind.EVENT}
_USUAL: Mapping[MentionType, Kind] = {
    MentionType.CONDITION: Kind.DISEASE,
    MentionType.DRUG: Kind.THERAPY,
    MentionType.PROCEDURE: Kind.PROCEDURE,
    MentionType.MECHANISM: Kind.MECHANISM,
}


@dataclass(frozen=True, slots=True)
class _Target:
    """What a candidate comes to: a concept of the vocabulary, or the term itself."""

    id: str
    label: str
    candidate: Candidate
    own: bool
    reasons: tuple[str, ...]


class Linking:
    """Links the mentions of extractions. `version` changes whenever the same extraction may be linked otherwise."""

    def __init__(self, vocabulary: Vocabulary, index: TermIndex | None = None) -> None:
        self._vocabulary, self._index = vocabulary, index
        self._linker = Linker(vocabulary, index)
        self._own = _counterparts(vocabulary)
        self._known = lru_cache(maxsize=1 << 14)(self._named)
        self._described = lru_cache(maxsize=1 << 12)(self._term)
        self.version = _version(vocabulary, index)

    def linked(self, extraction: Extraction) -> Extraction:
        """The same extraction with a link for every mention that has a concept, and the terms beyond the vocabulary."""
        named = list(dict.fromkeys((*extraction.mentions, *_of_claims((*extraction.claims, *extraction.candidates)))))
        found = {m: replace(m, link=self._known(m.text, m.id, m.reasons)) for m in named if m.id is not None}
        found |= dict(self._beyond(extraction.document.text, [m for m in named if m.id is None], list(found)))
        beyond = {m.id: m.type for m in found.values() if m.id and m.id not in self._vocabulary.concepts}
        return replace(
            extraction,
            mentions=tuple(found[m] for m in extraction.mentions),
            claims=_relinked(extraction.claims, found),
            candidates=_relinked(extraction.candidates, found),
            terms=tuple(self._described(id, beyond[id]) for id in sorted(beyond)) if self._index is not None else (),
        )

    def _named(self, text: str, id: str, reasons: tuple[str, ...]) -> Link:
        """Why the extractor's own concept is meant, and which others bear the name."""
        candidates = self._linker.named(text).candidates
        meant = next((c for c in candidates if c.id == id), None)
        if meant is None:
            return Link(score=_FROM_CONTEXT, reasons=reasons or ("found by the extractor",), source=VOCABULARY)
        type = TYPES[self._vocabulary.concepts[id].kind]
        rivals = [
            c.id
            for c in candidates
            if c.id != id
            and c.score >= meant.score - _NEAR
            and TYPES[self._vocabulary.concepts[c.id].kind] is type
            and not self._is_counterpart(id, c.id)
        ]
        return Link(score=meant.score, reasons=meant.reasons, source=VOCABULARY, rivals=tuple(rivals))

    def _beyond(
        self, text: str, open: Sequence[Mention], settled: Sequence[Mention]
    ) -> Iterator[tuple[Mention, Mention]]:
        if not open:
            return
        forms = {d.short: text[d.start : d.end] for d in definitions(text, 0, len(text))}
        context = frozenset(m.id for m in settled if m.id is not None)
        links = self._linker.link_document(
            text,
            [(m.start, m.end) for m in open],
            kinds=[_KINDS[m.type] for m in open],
            long_forms=forms,
            others=[(m.start, m.end) for m in settled],
            context=context,
        )
        for mention, link in zip(open, links, strict=True):
            # "renal" of "renal and hepatic failure" is called "renal failure".
            own = mention.label == mention.text
            meant = link if own else self._linker.link(mention.label, kinds=_KINDS[mention.type], context=context)
            yield mention, self._settled(mention, meant.candidates)

    def _settled(self, mention: Mention, candidates: Iterable[Candidate]) -> Mention:
        targets = list(self._targets(mention.type, candidates))
        if not targets:
            return mention
        best = min(targets, key=lambda t: self._order(t, targets[0].candidate.score, mention.type))
        rivals = [
            t.id
            for t in targets
            if t.id != best.id
            and t.own == best.own
            and t.candidate.score >= best.candidate.score - _NEAR
            and (not t.own or not self._is_counterpart(best.id, t.id))
            and (t.own or _space(t.id) == _space(best.id))
        ]
        link = Link(
            score=best.candidate.score,
            reasons=best.reasons,
            source=best.candidate.source,
            rivals=tuple(dict.fromkeys(rivals)),
        )
        return replace(mention, id=best.id, label=best.label, link=link)

    def _targets(self, type: MentionType, candidates: Iterable[Candidate]) -> Iterator[_Target]:
        for candidate in candidates:
            if candidate.score < ACCEPTED or candidate.broader:
                continue
            own = candidate.id if candidate.id in self._vocabulary.concepts else self._own.get(candidate.id)
            if own is None:
                if candidate.score >= ACCEPTED_BEYOND and identifiers.iri(candidate.id) is not None:
                    yield _Target(candidate.id, candidate.label, candidate, False, candidate.reasons)
                continue
            concept = self._vocabulary.concepts[own]
            if TYPES[concept.kind] is type:
                way = () if own == candidate.id else (f"skos:exactMatch {candidate.id}",)
                yield _Target(own, concept.label, candidate, True, (*candidate.reasons, *way))

    def _order(self, target: _Target, top: float, type: MentionType) -> tuple[bool, bool, int, float, str]:
        preferred = _PREFERRED[type]
        space = _space(target.id)
        rank = preferred.index(space) if space in preferred else len(preferred)
        return target.candidate.score < top - _NEAR, not target.own, rank, -target.candidate.score, target.id

    def _is_counterpart(self, one: str, other: str) -> bool:
        """Whether two concepts of the vocabulary are one thing seen from two sides, as a disease and as an event."""
        return any(m.id == other for m in self._vocabulary.concepts[one].matches) or any(
            m.id == one for m in self._vocabulary.concepts[other].matches
        )

    def _term(self, id: str, type: MentionType) -> ExternalTerm:
        """What the loaded ontologies say of a term; what is broader goes on into the vocabulary."""
        assert self._index is not None  # noqa: S101 - only an index gives such terms
        concepts = self._vocabulary.concepts
        entry = self._index.entry(id)
        broader: dict[str, str] = {}
        for ancestor, label in entry.ancestors:
            broader[ancestor] = concepts[ancestor].label if ancestor in concepts else label
            own = ancestor if ancestor in concepts else self._own.get(ancestor)
            for above in sorted(self._vocabulary.ancestors(own)) if own is not None else ():
                broader.setdefault(above, concepts[above].label)
        kinds = [
            concepts[above].kind for above in broader if above in concepts and concepts[above].kind in _KINDS[type]
        ]
        matches = dict.fromkeys((p, other) for p, other, _, _ in entry.mappings if p.startswith("skos:"))
        return ExternalTerm(
            id=id,
            kind=kinds[0] if kinds else _HOME.get(_space(id), _USUAL[type]),
            label=entry.label,
            source=entry.sources[0],
            broader=tuple((a, label) for a, label in broader.items() if a != id and identifiers.iri(a) is not None),
            matches=tuple((p, other) for p, other in matches if identifiers.iri(other) is not None),
        )


def _relinked(claims: Iterable[Claim], found: Mapping[Mention, Mention]) -> tuple[Claim, ...]:
    return tuple(replace(c, subject=found[c.subject], object=found[c.object]) for c in claims)


def _of_claims(claims: Iterable[Claim]) -> Iterator[Mention]:
    for claim in claims:
        yield claim.subject
        yield claim.object


def _counterparts(vocabulary: Vocabulary) -> Mapping[str, str]:
    """The concept of the vocabulary for each identifier elsewhere that names just the same."""
    found: dict[str, str] = {}
    for concept in vocabulary.concepts.values():
        for match in concept.matches:
            if match.predicate == "skos:exactMatch":
                found.setdefault(match.id, concept.id)
    return found


def _space(id: str) -> str:
    return id.partition(":")[0]


def _version(vocabulary: Vocabulary, index: TermIndex | None) -> str:
    sources = [] if index is None else [(s.name, s.sha256) for s in index.sources()]
    concepts = [
        (c.id, [n.text for n in c.names], c.parents, [(m.predicate, m.id) for m in c.matches])
        for c in vocabulary.concepts.values()
    ]
    return hashlib.sha256(json.dumps([_VERSION, sources, concepts]).encode()).hexdigest()[:12]
