"""From a name in a text to the concepts that it may stand for.

The vocabulary comes first, then the loaded ontologies. A name is looked up as it is written, then with its words in
another order or by another word for the same (`wording.bag`), then in other wordings (`wording.variants`), then by
likeness. The search ends where what it could still find cannot be better than what it has. Every candidate keeps
its score and the reasons for it; what scores less than `minimum` stays unlinked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, pairwise

from ivigraph.ontology.crossing import Crossing
from ivigraph.ontology.external import Scope
from ivigraph.ontology.index import Hit, TermIndex
from ivigraph.ontology.likeness import Likeness
from ivigraph.ontology.names import normalise
from ivigraph.ontology.vocabulary import Kind, Vocabulary
from ivigraph.ontology.wording import bag, heads, variants

VOCABULARY = "vocabulary"

# How far a name of each scope is trusted to mean its term.
_TRUST: Mapping[str, float] = {
    Scope.LABEL: 1.0,
    Scope.EXACT: 0.98,
    Scope.ABBREVIATION: 0.95,
    Scope.LAY: 0.95,
    Scope.RELATED: 0.85,
    Scope.NARROW: 0.8,
    Scope.BROAD: 0.75,
}
_NORMALISED = 0.01  # another spelling
_BAG = 0.05  # other order, or another word for the same
_OTHER_CASE = 0.3  # "als" for "ALS"
_OBSOLETE = 0.25
_OTHER_KIND = 0.2
_IN_VOCABULARY = 0.05  # the project's own concept goes before those of other ontologies
_LEXICAL = 0.85  # of the likeness of two names
_LEAST_LIKENESS = 0.45
_FOUND = 0.7  # a name found as it is written is better than any other wording
_CARRIED = 0.85  # the same where it is carried over to another ontology: the way there may be the worse one

_TOGETHER = 1000  # names that are linked in one view of the index

# Identifier spaces that hold one kind of thing; the others hold many.
_KINDS: Mapping[str, frozenset[Kind]] = {
    **dict.fromkeys(("MONDO", "DOID", "Orphanet", "OMIM"), frozenset({Kind.DISEASE, Kind.EVENT})),
    **dict.fromkeys(("HP", "OAE"), frozenset({Kind.EVENT, Kind.DISEASE})),
    **dict.fromkeys(("CHEBI", "ATC", "drugbank"), frozenset({Kind.THERAPY, Kind.PRODUCT})),
    "MAXO": frozenset({Kind.PROCEDURE, Kind.THERAPY}),
    **dict.fromkeys(("GO", "uniprot", "hgnc", "CL", "UBERON", "PR"), frozenset({Kind.MECHANISM})),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A concept that a name may stand for. `score` is 0 to 1; `broader` when it only includes what is meant."""

    id: str
    label: str
    score: float
    reasons: tuple[str, ...]
    source: str
    broader: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A name and its candidates, the best first; without any it stays unlinked."""

    text: str
    candidates: tuple[Candidate, ...] = ()

    @property
    def best(self) -> Candidate | None:
        return self.candidates[0] if self.candidates else None

    def rivals(self, margin: float = 0.03) -> tuple[Candidate, ...]:
        """The best, and those of its identifier space that score nearly as much: more than one is an ambiguous name.

        A counterpart in another ontology is no rival: MONDO and DOID both have bullous pemphigoid.
        """
        space = self.candidates[0].id.partition(":")[0] if self.candidates else ""
        return tuple(
            c
            for c in self.candidates
            if c.score >= self.candidates[0].score - margin and c.id.partition(":")[0] == space
        )


class Linker:
    """Links names to a vocabulary and, where an index is given, to the ontologies in it.

    `to` names identifier spaces in order of preference ("MESH", "OMIM"): candidates are then carried over to these
    through mappings, shared names and broader terms; what has no counterpart there stays unlinked.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        index: TermIndex | None = None,
        *,
        to: Sequence[str] = (),
        minimum: float = 0.5,
        most: int = 10,
    ) -> None:
        self._vocabulary, self._index = vocabulary, index
        self._minimum, self._most = minimum, most
        self._bags: dict[str, list[str]] = {}
        for key in sorted(vocabulary.keys()):
            self._bags.setdefault(bag(key), []).append(key)
        self._crossing = Crossing(index, tuple(to)) if index is not None and to else None
        self._found = _FOUND if self._crossing is None else _CARRIED
        self._own_first = _IN_VOCABULARY if self._crossing is None else 0.0
        self._likeness = Likeness(self._bags, index)
        self._cached = lru_cache(maxsize=1 << 16)(self._link)

    def link(
        self,
        text: str,
        *,
        kinds: frozenset[Kind] = frozenset(),
        long_forms: Mapping[str, str] | None = None,
        context: frozenset[str] = frozenset(),
    ) -> Link:
        """The candidates for one name.

        `kinds` says what it can be; `long_forms` are the abbreviations that its document defines; `context` holds
        the ids that the document's other names were linked to: among rivals, one of these wins.
        """
        long_form = _expanded(text, long_forms) if long_forms else None
        link = self._cached(long_form or text, kinds)
        if long_form is not None:
            reason = f"abbreviation of {long_form!r}"
            link = Link(text, tuple(replace(c, reasons=(reason, *c.reasons)) for c in link.candidates))
        if context and len(link.candidates) > 1:
            link = _in_context(link, context)
        return link

    def named(self, text: str) -> Link:
        """The concepts of the vocabulary that bear this very name, in any spelling; looks no further."""
        found = self._candidates(text, frozenset(), self._own_by_key(normalise(text)), 1.0, ())
        return Link(text, tuple(sorted(found, key=lambda c: (-c.score, c.id))))

    def link_all(self, texts: Iterable[str], *, kinds: frozenset[Kind] = frozenset()) -> Iterator[Link]:
        """The links of many names, each found once; the fastest way to link them."""
        rest = iter(texts)
        while some := list(islice(rest, _TOGETHER)):
            with self._reading():
                links = [self._cached(text, kinds) for text in some]
            yield from links

    def link_document(
        self,
        text: str,
        mentions: Sequence[tuple[int, int]],
        *,
        kinds: Sequence[frozenset[Kind]] = (),
        long_forms: Mapping[str, str] | None = None,
        others: Sequence[tuple[int, int]] = (),
        context: frozenset[str] = frozenset(),
    ) -> list[Link]:
        """The links of the mentions of one document, which share its abbreviations and its subject.

        `kinds` says what each mention can be. Beside `long_forms`, a mention in brackets right after another is its
        short form: "myotonic dystrophy (DM)". `others` are places that are linked already, `context` their concepts.
        """
        with self._reading():
            return self._in_document(text, mentions, kinds, dict(long_forms or {}), others, context)

    def _in_document(
        self,
        text: str,
        mentions: Sequence[tuple[int, int]],
        kinds: Sequence[frozenset[Kind]],
        forms: dict[str, str],
        others: Sequence[tuple[int, int]],
        context: frozenset[str],
    ) -> list[Link]:
        places = (*mentions, *others)
        for short, long in (*_appositions(text, places), *_initials(text, places)):
            # A definition found in the text alone may begin too late: "(attenuated) adenomatous polyposis coli (AAPC)".
            if short not in forms or long[0].lower() == short[0].lower():
                forms[short] = long
        of = dict(zip(mentions, kinds, strict=True)) if kinds else {}
        for (start, end), long in _induced(text, mentions):
            best = self.link(long, kinds=of.get((start, end), frozenset())).best
            if best is not None and best.score >= _CARRIED and not best.broader:
                forms.setdefault(text[start:end], long)
        first = [self.link(text[s:e], kinds=of.get((s, e), frozenset()), long_forms=forms) for s, e in mentions]
        certain = context.union(link.candidates[0].id for link in first if _stands_out(link))
        return [_in_context(link, certain) if len(link.candidates) > 1 else link for link in first]

    def _reading(self) -> AbstractContextManager[None]:
        return self._index.reading() if self._index is not None else nullcontext()

    def _link(self, text: str, kinds: frozenset[Kind]) -> Link:
        best: dict[str, Candidate] = {}
        for ceiling, candidates in self._stages(text, kinds):
            for candidate in candidates:
                known = best.get(candidate.id)
                if known is None or candidate.score > known.score:
                    best[candidate.id] = candidate
            if best and max(c.score for c in best.values()) >= ceiling:
                break
        ranked = sorted(best.values(), key=lambda c: (-c.score, c.source != VOCABULARY, c.id))
        return Link(text, tuple(c for c in ranked[: self._most] if c.score >= self._minimum))

    def _stages(self, text: str, kinds: frozenset[Kind]) -> Iterator[tuple[float, Iterator[Candidate]]]:
        """(the most that later stages can score, candidates), from the surest stage to the least sure."""
        key = normalise(text)
        if not key:
            return
        yield self._found, self._candidates(text, kinds, self._by_key(key), 1.0, ())
        words = bag(key)
        reason = ("other order or wording",)
        yield self._found, self._candidates(text, kinds, self._by_bag(words), 1 - _BAG, reason)
        nearer = list(variants(key))
        for number, variant in enumerate(nearer):
            ceiling = 1 - nearer[number + 1].cost if number + 1 < len(nearer) else _LEXICAL
            hits = [*self._by_key(variant.key)] or [*self._by_bag(bag(variant.key))]
            found = self._candidates("", kinds, hits, 1 - variant.cost, (variant.reason,), broader=variant.broader)
            yield max(ceiling, _LEXICAL), found
        yield 0.0, self._alike(text, key, kinds)

    def _own_by_key(self, key: str) -> Iterator[Hit]:
        for name, concept in self._vocabulary.keys().get(key, ()):
            yield Hit(concept.id, concept.label, name.text, name.scope.value, name.language, VOCABULARY)

    def _by_key(self, key: str) -> Iterator[Hit]:
        yield from self._own_by_key(key)
        if self._index is not None:
            yield from self._index.by_key(key)

    def _by_bag(self, words: str) -> Iterator[Hit]:
        for key in self._bags.get(words, ()):
            yield from self._own_by_key(key)
        if self._index is not None:
            yield from self._index.by_bag(words)

    def _alike(self, text: str, key: str, kinds: frozenset[Kind]) -> Iterator[Candidate]:
        for other, likeness in self._likeness.nearest(bag(key), heads(key), _LEAST_LIKENESS, self._most):
            reason = (f"shares {likeness:.0%} of the words' weight",)
            yield from self._candidates(text, kinds, self._by_bag(other), _LEXICAL * (0.4 + 0.6 * likeness), reason)

    def _candidates(
        self,
        text: str,
        kinds: frozenset[Kind],
        hits: Iterable[Hit],
        factor: float,
        reasons: tuple[str, ...],
        *,
        broader: bool = False,
    ) -> Iterator[Candidate]:
        best: dict[str, tuple[float, Hit]] = {}
        for hit in hits:
            score = _score(text, hit, kinds, factor, self._own_first)
            if (known := best.get(hit.term)) is None or score > known[0]:
                best[hit.term] = score, hit
        found = [
            Candidate(
                id=hit.term,
                label=hit.label or hit.text,
                score=round(score, 3),
                reasons=(*reasons, f"{hit.scope} {hit.text!r} of {hit.source}" + ", obsolete" * hit.obsolete),
                source=hit.source,
                broader=broader or hit.scope == Scope.BROAD,
            )
            for score, hit in best.values()
        ]
        if self._crossing is None:
            yield from found
        else:
            yield from self._crossing.over(found)


def _score(text: str, hit: Hit, kinds: frozenset[Kind], factor: float, own_first: float) -> float:
    """How likely a name that was found means what the text says."""
    score = _TRUST[hit.scope]
    if text != hit.text:
        if hit.scope == Scope.ABBREVIATION and hit.text not in text:
            score -= _OTHER_CASE
        elif text.casefold() != hit.text.casefold():
            score -= _NORMALISED
    if hit.obsolete:
        score -= _OBSOLETE
    if hit.source == VOCABULARY:
        score += own_first
    elif kinds and not kinds & _KINDS.get(hit.term.partition(":")[0], kinds):
        score -= _OTHER_KIND
    return min(score * factor, 1.0)


def _expanded(text: str, long_forms: Mapping[str, str]) -> str | None:
    """The name with its abbreviations written out: all of it, or single words ("VHL disease")."""
    if (whole := long_forms.get(text) or long_forms.get(text.removesuffix("s"))) is not None:
        return whole
    words = text.split()
    written = [long_forms.get(word) or word for word in words]
    return " ".join(written) if written != words else None


def _stands_out(link: Link, margin: float = 0.03) -> bool:
    scores = [candidate.score for candidate in link.candidates[:2]]
    return len(scores) == 1 or (len(scores) == 2 and scores[1] < scores[0] - margin)


_SWAYED = 0.12  # how much less a candidate may score that the document names elsewhere


def _in_context(link: Link, context: frozenset[str]) -> Link:
    known = [c for c in link.candidates if c.id in context and c.score >= link.candidates[0].score - _SWAYED]
    if len(known) != 1 or known[0] is link.candidates[0]:
        return link
    chosen = replace(
        known[0], score=link.candidates[0].score, reasons=(*known[0].reasons, "named in the same document")
    )
    return Link(link.text, (chosen, *(c for c in link.candidates if c.id != chosen.id)))


def _appositions(text: str, mentions: Sequence[tuple[int, int]]) -> Iterator[tuple[str, str]]:
    """(short form, long form) where one mention stands in brackets after another and is made of its initials."""
    ordered = sorted(mentions)
    for (start, end), (short_start, short_end) in pairwise(ordered):
        short, long = text[short_start:short_end], text[start:end]
        between = text[end:short_start].strip()
        if between == "(" and len(short) <= 10 and sum(map(str.isupper, short)) >= 2 and len(long) > len(short):
            letters = [letter for letter in short.lower() if letter.isalpha()]
            if all(letter in long.lower() for letter in letters):
                yield short, long


def _initials(text: str, mentions: Sequence[tuple[int, int]]) -> Iterator[tuple[str, str]]:
    """(short form, long form) where a mention is the initials of another, which its authors left undefined."""
    names = {text[start:end] for start, end in mentions}
    by_initials = {
        "".join(word[0] for word in re.findall(r"\w+", name)).upper(): name for name in sorted(names) if " " in name
    }
    for name in sorted(names):
        short = name.removesuffix("s")
        if 2 < len(short) <= 10 and short.isupper() and short in by_initials:
            yield name, by_initials[short]


_INDUCED = re.compile(r"([\w,'-]*\w)[- \u2010-\u2013]induced\s+", re.IGNORECASE)


def _induced(text: str, mentions: Sequence[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], str]]:
    """(place, fuller name) of every mention of what the text somewhere says a drug induced.

    Once "levodopa-induced dyskinesia" is the subject, "dyskinesias" are the same.
    """
    inducers: dict[str, str] = {}
    for start, end in mentions:
        if (within := _INDUCED.match(text, start, end)) is not None:
            inducers.setdefault(normalise(text[within.end() : end]), within.group(1))
        for before in _INDUCED.finditer(text, max(0, start - 60), start):
            if before.end() == start:
                inducers.setdefault(normalise(text[start:end]), before.group(1))
    for start, end in mentions:
        if (inducer := inducers.get(normalise(text[start:end]))) is not None:
            yield (start, end), f"{inducer}-induced {text[start:end]}"
