"""Training samples: a window with the tags that its corpus knows and the pairs whose relation is known.

What a corpus does not annotate is masked, not taken as absent: BC5CDR says nothing of treatments, NCBI disease
nothing of drugs, PHEE nothing of a condition that takes part in no event.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from ivigraph.ingest.tagger.encoding import MOST_PIECES, Window, Word, windows
from ivigraph.ingest.tagger.gazetteer import Gazetteer
from ivigraph.ingest.tagger.schemes import SCHEMES, labels
from training.corpora import Annotated, Name, sentences

UNKNOWN = -100
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pair:
    """A drug and a condition by their words. `answers` has one value for each of ANSWERS, UNKNOWN where masked.

    Pairs of one `bag` are told together: the strongest of them decides (the corpus relates concepts, not names).
    """

    drug: Range
    condition: Range
    answers: tuple[int, ...]
    bag: int


@dataclass(frozen=True, slots=True)
class Sample:
    """`text` is the id of the text that the window is from, where an epoch must know it."""

    window: Window
    tags: Mapping[str, tuple[int, ...]]
    pairs: tuple[Pair, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Encoder:
    tokenizer: Tokenizer
    gazetteer: Gazetteer

    def windows(self, text: str, ranges: Iterable[Range] | None = None, most: int = MOST_PIECES) -> Iterator[Window]:
        return windows(text, sentences(text) if ranges is None else ranges, self.tokenizer, self.gazetteer, most)


def event_samples(texts: Iterable[Annotated], encoder: Encoder) -> Iterator[Sample]:
    """PHEE: every pair of an annotated drug and condition is known; other known names take part in nothing."""
    for text in texts:
        for window in encoder.windows(text.text, [(0, len(text.text))]):
            places = _places(window, text.names)
            pairs = list(_told(text, places))
            pairs += _bystanders(window, text, places, encoder.gazetteer, len(pairs))
            yield Sample(window, {"events": _tags(window, text.names, "events")}, tuple(pairs))


def _told(text: Annotated, places: Mapping[int, Range]) -> Iterator[Pair]:
    said = {(link.head, link.tail, link.type): link for link in text.links}
    bag = 0
    for head, drug in places.items():
        for tail, condition in places.items():
            if text.names[head].type != "drug" or text.names[tail].type != "condition":
                continue
            causes, treats = said.get((head, tail, "causes")), said.get((head, tail, "treats"))
            marks = (int(causes.negated), int(causes.speculated)) if causes else (UNKNOWN, UNKNOWN)
            yield Pair(drug, condition, (int(causes is not None), int(treats is not None), *marks), bag)
            bag += 1


def _bystanders(
    window: Window, text: Annotated, places: Mapping[int, Range], gazetteer: Gazetteer, bag: int
) -> Iterator[Pair]:
    taken = [(name.start, name.end) for name in text.names]
    for start, end, kind in gazetteer.find(text.text):
        if kind != 0 or any(left < end and start < right for left, right in taken):
            continue
        if text.text[max(0, start - 1)] == "(":  # the short form of a name that is annotated in full
            continue
        condition = _range(window, start, end)
        for head, drug in places.items():
            if condition and text.names[head].type == "drug":
                yield Pair(drug, condition, (0, 0, UNKNOWN, UNKNOWN), bag)
                bag += 1


def own_samples(texts: Iterable[Annotated], encoder: Encoder) -> Iterator[Sample]:
    """Our own sentences, in which every name and relation is known."""
    for text in texts:
        for window in encoder.windows(text.text, [(0, len(text.text))]):
            pairs = tuple(_told(text, _places(window, text.names)))
            yield Sample(window, {"names": _tags(window, text.names, "names")}, pairs)


def abstract_samples(
    texts: Iterable[Annotated], encoder: Encoder, scheme: str, most: int = MOST_PIECES
) -> Iterator[Sample]:
    """BC5CDR ("names"), with its relations between concepts, and NCBI disease ("diseases"), which has none.

    Windows hold at most `most` word pieces. A narrow one relates names of one sentence alone, since what relates
    others may stand outside it.
    """
    for text in texts:
        caused = {(link.head, link.tail) for link in text.links if link.type == "causes"}
        for window in encoder.windows(text.text, most=most):
            pairs = tuple(_bags(window, text, caused, across=most == MOST_PIECES)) if scheme == "names" else ()
            yield Sample(window, {scheme: _tags(window, text.names, scheme)}, pairs, text.id)


_NEAREST = 6
"""Pairs of names that stand for a pair of concepts: the nearest ones, since most relations are told nearby."""


def _bags(window: Window, text: Annotated, caused: set[tuple[int | str, int | str]], *, across: bool) -> Iterator[Pair]:
    bags: dict[tuple[str, str], list[tuple[Range, Range]]] = {}
    places = _places(window, text.names)
    for head, drug in places.items():
        for tail, condition in places.items():
            together = window.words[drug[0]].sentence == window.words[condition[0]].sentence
            if text.names[head].type == "drug" and text.names[tail].type == "condition" and (across or together):
                for chemical in text.names[head].concepts:
                    for disease in text.names[tail].concepts:
                        bags.setdefault((chemical, disease), []).append((drug, condition))
    for bag, (concepts, members) in enumerate(sorted(bags.items())):
        answers = (int(concepts in caused), UNKNOWN, UNKNOWN, UNKNOWN)
        for drug, condition in sorted(members, key=lambda m: (abs(m[0][0] - m[1][0]), m))[:_NEAREST]:
            yield Pair(drug, condition, answers, bag)


# Words by which a case report ties a finding to a drug; a sentence without any is unlikely to report an effect.
_CAUSAL = re.compile(
    r"induc|caus|associat|relat|due to|second|after|follow|develop|adverse|side effect|toxic|react|complicat|result|"
    r"led to|lead|trigger|during|attribut|withdr|discontinu|stop|cessation|provok|precipitat|receiving|while on|"
    r"suspect|exposure|intoxicat|overdose|abuse|experienc|occur|appear|despite",
    re.IGNORECASE,
)


def quiet_samples(texts: Iterable[Annotated], encoder: Encoder) -> Iterator[Sample]:
    """Sentences of case reports that name a drug and a condition and say of no effect: none is caused.

    PHEE holds only sentences that report an effect; a model that sees nothing else finds one everywhere. The names
    are the gazetteer's, so nothing is known of the tags, nor of treatments.
    """
    for text in texts:
        for start, end in sentences(text.text):
            sentence = text.text[start:end]
            found = list(encoder.gazetteer.find(sentence))
            kinds = {kind for _, _, kind in found}
            if not {0, 1} <= kinds or _CAUSAL.search(sentence):
                continue
            for window in encoder.windows(sentence, [(0, len(sentence))]):
                yield Sample(window, {}, tuple(_quiet(window, found)))


def _quiet(window: Window, found: Sequence[tuple[int, int, int]]) -> Iterator[Pair]:
    bag = 0
    for start, end, kind in found:
        drug = _range(window, start, end) if kind == 1 else None
        for left, right, other in found:
            condition = _range(window, left, right) if other == 0 else None
            if drug and condition and (end <= left or right <= start):
                yield Pair(drug, condition, (0, UNKNOWN, UNKNOWN, UNKNOWN), bag)
                bag += 1


def _range(window: Window, start: int, end: int) -> Range | None:
    inside = [i for i, word in enumerate(window.words) if word.start < end and start < word.end]
    return (inside[0], inside[-1] + 1) if inside else None


def _places(window: Window, names: Sequence[Name]) -> dict[int, Range]:
    found = {i: _range(window, name.start, name.end) for i, name in enumerate(names)}
    return {i: range for i, range in found.items() if range}


def _tags(window: Window, names: Sequence[Name], scheme: str) -> tuple[int, ...]:
    known = labels(scheme)
    tags = [0] * len(window.words)
    # Where two names overlap the drug or condition stays, then the longer one.
    order = sorted(names, key=lambda n: (n.type not in ("drug", "condition"), n.start - n.end, n.start))
    for name in order:
        range_ = _range(window, name.start, name.end) if name.type in SCHEMES[scheme] else None
        if range_ is None or any(tags[range_[0] : range_[1]]):
            continue
        tags[range_[0]] = known.index(f"B-{name.type}")
        tags[range_[0] + 1 : range_[1]] = [known.index(f"I-{name.type}")] * (range_[1] - range_[0] - 1)
    return tuple(tags)


def join(samples: Sequence[Sample]) -> Sample:
    """Several samples as one window, each keeping its sentences, tags and pairs to itself."""
    words: list[Word] = []
    ids, features = [samples[0].window.ids[:1]], [samples[0].window.features[:1]]
    pairs: list[Pair] = []
    schemes = sorted({scheme for sample in samples for scheme in sample.tags})
    tags: dict[str, list[int]] = {scheme: [] for scheme in schemes}
    pieces, sentence, bags = 0, 0, 0
    for sample in samples:
        shift = len(words)
        window = sample.window
        words += [w._replace(piece=w.piece + pieces, sentence=w.sentence + sentence) for w in window.words]
        ids.append(window.ids[1:-1])
        features.append(window.features[1:-1])
        for scheme in schemes:
            tags[scheme] += sample.tags.get(scheme, (UNKNOWN,) * len(window.words))
        pairs += [
            Pair(_shift(p.drug, shift), _shift(p.condition, shift), p.answers, p.bag + bags) for p in sample.pairs
        ]
        pieces += len(window.ids) - 2
        sentence = words[-1].sentence + 1
        bags += max((p.bag for p in sample.pairs), default=-1) + 1
    ids.append(samples[-1].window.ids[-1:])
    features.append(samples[-1].window.features[-1:])
    joined = Window(np.concatenate(ids), np.concatenate(features), tuple(words))
    return Sample(joined, {scheme: tuple(values) for scheme, values in tags.items()}, tuple(pairs))


def _shift(range: Range, by: int) -> Range:
    return range[0] + by, range[1] + by


def mixed(samples: Sequence[Sample], chance: random.Random, longest: int = 160) -> list[Sample]:
    """Single sentences, some joined at random with others: in use a window holds several."""
    order = list(samples)
    chance.shuffle(order)
    result: list[Sample] = []
    while order:
        group = [order.pop()]
        size = len(group[0].window.ids)
        while order and chance.random() < 0.5 and size + len(order[-1].window.ids) <= min(longest, MOST_PIECES):
            size += len(order[-1].window.ids)
            group.append(order.pop())
        result.append(join(group) if len(group) > 1 else group[0])
    return result
