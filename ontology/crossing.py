"""From a term of one ontology to its counterparts in another: mappings, shared names, broader terms.

Mappings are followed over one term between ("NCIT:C2991 = MONDO:0000001 = MESH:D004194"). A term that has none may
still share a name with one of the ontology that is asked for; failing that, its nearest broader term is taken and
marked so.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from ivigraph.ontology.external import EXACT, XREF, Scope
from ivigraph.ontology.index import TermIndex
from ivigraph.ontology.wording import GENERIC

if TYPE_CHECKING:
    from ivigraph.ontology.linking import Candidate

# How far each step is trusted to keep the meaning.
_TRUST = {EXACT: 0.98, "skos:closeMatch": 0.9, XREF: 0.94}
_SHARED_NAME = {Scope.LABEL: 0.92, Scope.EXACT: 0.88, Scope.LAY: 0.8, Scope.ABBREVIATION: 0.0}
_SHARED_BAG = 0.04
_ONE_OF_MANY = 0.12  # a cross reference to one of several
_NEXT_CHOICE = 0.1  # each identifier space after the first
_BROADER = 0.62
_FURTHER = 0.06
_FARTHEST = 4
_STEPS = 3  # mappings that are followed one after another
_LEAST = 0.75  # trust below which a way is given up
_NAMELESS = 0.1  # an identifier that no loaded ontology gives a name cannot be checked by reading


@dataclass(frozen=True, slots=True)
class Counterpart:
    id: str
    trust: float
    reason: str
    broader: bool = False


class Crossing:
    """Carries candidates over to the identifier spaces `to`, the first preferred."""

    def __init__(self, index: TermIndex, to: tuple[str, ...]) -> None:
        self._index = index
        self._rank = {prefix: rank for rank, prefix in enumerate(to)}
        self._of = lru_cache(maxsize=1 << 16)(self._counterparts)

    def over(self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        """The counterparts of candidates, each with the best score that leads to it."""
        best: dict[str, Candidate] = {}
        for candidate in candidates:
            for other in self._of(candidate.id):
                label = self._index.label(other.id)
                score = candidate.score * other.trust - _NEXT_CHOICE * self._rank[_prefix(other.id)]
                score -= _NAMELESS * (label == other.id)
                known = best.get(other.id)
                if known is None or score > known.score:
                    best[other.id] = replace(
                        candidate,
                        id=other.id,
                        label=label,
                        score=round(score, 3),
                        reasons=(*candidate.reasons, other.reason) if other.reason else candidate.reasons,
                        broader=candidate.broader or other.broader,
                    )
        yield from best.values()

    def _counterparts(self, term: str) -> tuple[Counterpart, ...]:
        if _prefix(term) in self._rank:
            return (Counterpart(term, 1.0, ""),)
        return tuple(self._same(term)) or tuple(self._broader(term))

    def _same(self, term: str) -> Iterator[Counterpart]:
        best: dict[str, Counterpart] = {}
        for other in (*self._mapped(term), *self._sharing_a_name(term)):
            if other.id not in best or other.trust > best[other.id].trust:
                best[other.id] = other
        yield from best.values()

    def _mapped(self, term: str) -> Iterator[Counterpart]:
        """What mappings lead to, the surest way first, until the preferred identifier space is reached."""
        queue, seen = [(-1.0, 0, term, "")], set[str]()
        while queue:
            trust, steps, here, reason = heapq.heappop(queue)
            if here in seen:
                continue
            seen.add(here)
            if (rank := self._rank.get(_prefix(here))) is not None:
                yield Counterpart(here, -trust, reason)
                if rank == 0:
                    continue
            if steps < _STEPS:
                for other, step, why in self._steps(here):
                    if other not in seen and -trust * step >= _LEAST:
                        way = f"{reason}, {why}" if reason else why
                        heapq.heappush(queue, (trust * step, steps + 1, other, way))

    def _steps(self, term: str) -> list[tuple[str, float, str]]:
        found = [(o, _TRUST[p], p) for p, o in self._index.mappings(term) if p in _TRUST]
        many: dict[str, int] = {}
        for other, _, predicate in found:
            if predicate == XREF:
                many[_prefix(other)] = many.get(_prefix(other), 0) + 1
        return [(o, t - _ONE_OF_MANY if p == XREF and many[_prefix(o)] > 1 else t, f"{p} {o}") for o, t, p in found]

    def _sharing_a_name(self, term: str) -> Iterator[Counterpart]:
        for key, words, scope in self._index.names(term):
            trust = _SHARED_NAME.get(scope, 0.0)
            for hits, less in ((self._index.by_key(key), 0.0), (self._index.by_bag(words), _SHARED_BAG)):
                for hit in hits:
                    if trust and _prefix(hit.term) in self._rank and not hit.obsolete:
                        yield Counterpart(hit.term, trust - less, f"shares the name {hit.text!r}")

    def _broader(self, term: str) -> Iterator[Counterpart]:
        level, seen = self._index.parents(term), {term}
        for distance in range(_FARTHEST):
            found = False
            for parent in dict.fromkeys(level):
                if self._says_nothing(parent):
                    continue
                for other in self._same(parent):
                    trust = (_BROADER - _FURTHER * distance) * other.trust
                    found = True
                    yield Counterpart(other.id, trust, f"broader {parent}", broader=True)
            if found:
                return
            seen.update(level)
            level = [p for parent in level for p in self._index.parents(parent) if p not in seen]

    def _says_nothing(self, term: str) -> bool:
        """Whether a term is so broad that a link to it tells nothing: "disease", "finding"."""
        return any(words in GENERIC for _, words, _ in self._index.names(term))


def _prefix(term: str) -> str:
    return term.partition(":")[0]
