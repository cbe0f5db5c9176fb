"""Sentences of our own about immunoglobulins and other therapies, of which the corpora have few.

Written for training by the developers; slots are filled with names of the vocabulary, so that the wording and not
the name decides. {D} is the therapy that the sentence is about, {O} another one that it says nothing of; {C} a
condition that {D} causes, {S} one that it may cause, {X} one that it is said not to have caused, {T} one that it
is given for, {N} any other condition.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ivigraph.ontology.names import normalise
from ivigraph.ontology.vocabulary import Concept, Kind, Scope, Vocabulary
from training.corpora import Annotated, Link, Name

FRAMES = tuple(
    line
    for line in (Path(__file__).parent / "frames.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)

_SLOT = re.compile(r"\{([DOCSXTN])\}")
_DRUGS = frozenset("DO")


def generate(vocabulary: Vocabulary, count: int, seed: int) -> Iterator[Annotated]:
    """So many sentences, each frame as often as any other, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311
    names = {
        "product": _names(vocabulary, Kind.PRODUCT),
        "therapy": _names(vocabulary, Kind.THERAPY),
        "event": _names(vocabulary, Kind.EVENT),
        "disease": _names(vocabulary, Kind.DISEASE),
    }
    for number in range(count):
        yield _fill(FRAMES[number % len(FRAMES)], names, chance, f"own:{number}")


def _names(vocabulary: Vocabulary, kind: Kind) -> list[str]:
    return sorted({n for c in vocabulary.concepts.values() if c.kind is kind for n in _english(c)})


def _english(concept: Concept) -> Iterator[str]:
    for name in concept.names:
        if name.language == "en" and name.scope in (Scope.LABEL, Scope.EXACT, Scope.ABBREVIATION):
            yield name.text if name.scope is Scope.ABBREVIATION or not name.text[1:].islower() else name.text.lower()


def _pick(slot: str, names: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    if slot in _DRUGS:
        return chance.choice(names["product" if chance.random() < 0.4 else "therapy"])
    diseases = {"T": 0.9, "N": 0.5}.get(slot, 0.1)
    return chance.choice(names["disease" if chance.random() < diseases else "event"])


def _fill(frame: str, names: Mapping[str, Sequence[str]], chance: random.Random, id: str) -> Annotated:
    text, position, slots = "", 0, []
    used: set[str] = set()
    found: list[Name] = []
    for match in _SLOT.finditer(frame):
        slot = match.group(1)
        name = _pick(slot, names, chance)
        while normalise(name) in used:
            name = _pick(slot, names, chance)
        used.add(normalise(name))
        text += frame[position : match.start()]
        if not text and name[1:].islower():
            name = name[0].upper() + name[1:]
        found.append(Name(len(text), len(text) + len(name), "drug" if slot in _DRUGS else "condition"))
        slots.append(slot)
        text += name
        position = match.end()
    links = tuple(
        Link("treats" if right == "T" else "causes", head, tail, negated=right == "X", speculated=right == "S")
        for head, left in enumerate(slots)
        for tail, right in enumerate(slots)
        if left == "D" and right in "CSXT"
    )
    return Annotated(id, id, text + frame[position:], tuple(found), links)
