"""How a therapy works, where a text tells it in verbs or without naming the therapy again.

"IVIG saturates the neonatal Fc receptor" tells what the vocabulary calls "saturation of the neonatal Fc receptor";
a review that explains the mechanisms of a therapy goes on about them without its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ivigraph.ingest.frames import Frame, is_product
from ivigraph.ingest.relations import Relation, mechanism
from ivigraph.ingest.sieve import sieved
from ivigraph.model import Mention, Predicate

# Verbs of doing something to a part of the immune system, and the nouns by which vocabularies call the deed.
_DEEDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"saturat(?:es?|ed|ing)", ("saturation", "blockade")),
    (r"block(?:s|ed|ing)?", ("blockade", "inhibition")),
    (r"inhibit(?:s|ed|ing)?", ("inhibition", "suppression", "blockade")),
    (r"(?:suppress(?:es|ed|ing)?|dampen(?:s|ed|ing)?)", ("suppression", "inhibition")),
    (r"(?:modulat(?:es?|ed|ing)|regulat(?:es?|ed|ing)|alter(?:s|ed|ing)?|affect(?:s|ed|ing)?)", ("modulation",)),
    (r"neutrali[sz](?:es?|ed|ing)", ("neutralization",)),
    (r"(?:expand(?:s|ed|ing)?|increas(?:es?|ed|ing))", ("expansion", "increase", "induction")),
    (r"(?:induc(?:es?|ed|ing)|promot(?:es?|ed|ing)|stimulat(?:es?|ed|ing))", ("induction", "expansion", "activation")),
    (r"enhanc(?:es?|ed|ing)", ("enhancement", "expansion")),
    (r"(?:accelerat(?:es?|ed|ing)|speed(?:s|ed|ing)?(?: up)?|hasten(?:s|ed|ing)?)", ("acceleration",)),
    (r"scaveng(?:es?|ed|ing)", ("scavenging",)),
    (r"(?:deplet(?:es?|ed|ing)|eliminat(?:es?|ed|ing))", ("depletion",)),
    (r"(?:reduc(?:es?|ed|ing)|decreas(?:es?|ed|ing)|lower(?:s|ed|ing)?)", ("reduction", "suppression", "inhibition")),
    (r"up-?regulat(?:es?|ed|ing)", ("upregulation", "induction")),
    (r"(?:solubili[sz](?:es?|ed|ing)|dissolv(?:es?|ed|ing))", ("solubilization",)),
    (r"restor(?:es?|ed|ing)", ("restoration",)),
)
_MOST_WORDS = 5
_DEED_RULES = tuple(
    (nouns, sieved(rf"\b{verb}\s+(?P<object>(?:[\w-]+\s+){{0,{_MOST_WORDS - 1}}}[\w-]+)", re.IGNORECASE))
    for verb, nouns in _DEEDS
)


@dataclass(frozen=True, slots=True)
class Deed:
    """What a verb and its object do, at `start` to `end`; `names` are what a vocabulary may call it."""

    start: int
    end: int
    names: tuple[str, ...]


def deeds(text: str, start: int, end: int) -> Iterator[Deed]:
    """The verbs of a sentence with their object, the longest object first."""
    for nouns, rule in _DEED_RULES:
        for match in rule.finditer(text, start, end):
            words = list(re.finditer(r"[\w-]+", match["object"]))
            for last in reversed(words):
                told = match["object"][: last.end()]
                bare = re.sub(r"^(?:the|its|their|this|these)\s+", "", told, flags=re.IGNORECASE)
                names = tuple(f"{noun} of {form}" for noun in nouns for form in (bare, f"the {bare}"))
                yield Deed(match.start(), match.start("object") + last.end(), names)


_ABOUT = sieved(r"\bmechanisms?\b|\bmodes? of action\b|\bhow (?:\w+ ){1,4}works?\b", re.IGNORECASE)
_NEAR = 3  # sentences for which a statement of a mechanism keeps the text on that subject


def explained(
    stated: Sequence[Relation], frames: Sequence[Frame], contexts: Mapping[int, Sequence[Mention]]
) -> Iterator[Relation]:
    """Mechanisms in sentences that name no therapy, where the text is explaining that of an immunoglobulin."""
    titled = any(f.sentence.section == "title" and _ABOUT.search(f.text) for f in frames)
    told = {r.frame.index for r in stated if r.predicate is Predicate.HAS_MECHANISM}
    announced = {f.index for f in frames if _ABOUT.search(f.text) and contexts[f.index]}
    near = {index + step for index in told | announced for step in range(_NEAR + 1)}
    for frame in frames:
        if frame.index in told or any(name[0] == "D" for name in frame.slots) or frame.sentence.section == "title":
            continue
        if titled or frame.index in near or _ABOUT.search(frame.sentence.section):
            for subject in filter(is_product, contexts[frame.index]):
                for thing in frame.named("M"):
                    yield mechanism(subject, thing, frame)
