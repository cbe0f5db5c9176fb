"""The second look: what stands between a drug and a condition, from the states that the encoder left.

A pair is described by the strongest signals within the drug, within the condition, between them and in the sentence
of the condition, by their product, and by how far apart they are (after SpERT; Eberts and Ulges, ECAI 2020).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from ivigraph.ingest.tagger.encoding import Floats, Window

STATES = 192
"""Width of the states that the encoder leaves for this head."""

DISTANCES = (2, 4, 8, 16, 32, 64)
"""Bounds, in word pieces between the two names."""

FACTS = 2 + len(DISTANCES) + 1 + 3
WIDTH = 5 * STATES + FACTS


@dataclass(frozen=True, slots=True)
class Place:
    """Where two names and what matters for them stand in a window, in word pieces (start, exclusive end)."""

    drug: tuple[int, int]
    condition: tuple[int, int]
    between: tuple[int, int]
    sentence: tuple[int, int]
    sentences_apart: int


def place(window: Window, drug: tuple[int, int], condition: tuple[int, int]) -> Place:
    """The place of a pair of names, each given by its words (first, exclusive last) in the window."""
    words = window.words
    left, right = sorted((drug, condition))
    number = words[condition[0]].sentence
    first, last = window.sentence(number)
    return Place(
        drug=_pieces(window, drug),
        condition=_pieces(window, condition),
        between=(_end(window, left[1]), words[right[0]].piece),
        sentence=(words[first].piece, _end(window, last)),
        sentences_apart=abs(words[drug[0]].sentence - number),
    )


def _pieces(window: Window, span: tuple[int, int]) -> tuple[int, int]:
    return window.words[span[0]].piece, _end(window, span[1])


def _end(window: Window, word: int) -> int:
    return window.words[word].piece if word < len(window.words) else len(window.ids) - 1


def facts(place: Place) -> Floats:
    """Order, distance and sentences apart, as ones and zeros."""
    values = np.zeros(FACTS, dtype=np.float32)
    values[0 if place.drug < place.condition else 1] = 1.0
    distance = max(0, place.between[1] - place.between[0])
    values[2 + sum(distance > bound for bound in DISTANCES)] = 1.0
    values[3 + len(DISTANCES) + min(place.sentences_apart, 2)] = 1.0
    return values


@dataclass(frozen=True, slots=True)
class PairHead:
    """Two dense layers; `scale` and `shift` turn each logit into a calibrated one."""

    weights: Mapping[str, Floats]

    def probabilities(self, states: Floats, places: Sequence[Place]) -> Floats:
        """One row a pair, in the order of `schemes.ANSWERS`, from the states of one window."""
        if not places:
            return np.zeros((0, len(self.weights["scale"])), dtype=np.float32)
        strongest = cache(partial(_strongest, states))
        rows = np.stack([_describe(strongest, place) for place in places])
        w = self.weights
        hidden = np.maximum(rows @ w["hidden.weight"].T + w["hidden.bias"], 0.0)
        logits = hidden @ w["answer.weight"].T + w["answer.bias"]
        result: Floats = 1.0 / (1.0 + np.exp(-np.clip(logits * w["scale"] + w["shift"], -60.0, 60.0)))
        return result


def describe(states: Floats, place: Place) -> Floats:
    """The row of WIDTH numbers that stands for a pair; `training.model.describe` gives the same for a batch."""
    return _describe(partial(_strongest, states), place)


def _describe(strongest: Callable[[tuple[int, int]], Floats], place: Place) -> Floats:
    drug, condition = strongest(place.drug), strongest(place.condition)
    between, sentence = strongest(place.between), strongest(place.sentence)
    return np.concatenate([drug, condition, between, sentence, drug * condition, facts(place)])


def _strongest(states: Floats, range: tuple[int, int]) -> Floats:
    start, end = range
    if end <= start:
        return np.zeros(states.shape[1], dtype=np.float32)
    result: Floats = states[start:end].max(axis=0)
    return result
