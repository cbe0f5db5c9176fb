"""From samples to the arrays of a batch: which samples an epoch sees, which share a batch, and how they are padded."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ivigraph.ingest.tagger.encoding import MOST_PIECES
from ivigraph.ingest.tagger.pairs import facts, place
from ivigraph.ingest.tagger.schemes import SCHEMES
from training.data import UNKNOWN, Sample, mixed
from training.model import Ranges

BATCH_PIECES = 640
STEP = 8
QUIET = 500
"""Samples of case reports without an effect in an epoch."""
FIRST = 2
"""Epochs in which names are learnt first; after them our sentences, about immunoglobulins, weigh more."""
OWN, DISEASES = (500, 1000), (100, 60)
"""Samples of our own sentences, and of NCBI disease, in one of the first epochs and in one of the others."""


def epoch_samples(samples: Mapping[str, Sequence[Sample]], chance: random.Random, epoch: int) -> list[Sample]:
    """What one epoch sees: all of PHEE and BC5CDR, an abstract whole or in parts, and a share of the rest.

    Epochs count from 0.
    """
    own, diseases = (sizes[epoch >= FIRST] for sizes in (OWN, DISEASES))
    return [
        *mixed(samples["events"], chance),
        *_wide_or_narrow(samples["names"], samples["names in part"], chance),
        *chance.sample(samples["diseases"], min(diseases, len(samples["diseases"]))),
        *mixed(chance.sample(samples["own"], min(own, len(samples["own"]))), chance),
        *mixed(chance.sample(samples["quiet"], min(QUIET, len(samples["quiet"]))), chance),
    ]


def _wide_or_narrow(whole: Sequence[Sample], parts: Sequence[Sample], chance: random.Random) -> Iterator[Sample]:
    """Half of the texts in wide windows, the others in narrow ones: names are learnt sooner in few words."""
    texts = sorted({sample.text for sample in whole})
    wide = set(chance.sample(texts, len(texts) // 2))
    yield from (sample for sample in whole if sample.text in wide)
    yield from (sample for sample in parts if sample.text not in wide)


def batches(samples: Sequence[Sample], chance: random.Random) -> list[list[Sample]]:
    """Samples of about one length together, no more pieces in a batch than BATCH_PIECES, in random order."""
    order = sorted(samples, key=lambda sample: len(sample.window.ids) * chance.uniform(0.9, 1.1))
    found: list[list[Sample]] = [[]]
    for sample in order:
        longest = _padded([sample, *found[-1]])
        if longest * (len(found[-1]) + 1) > BATCH_PIECES and found[-1]:
            found.append([])
        found[-1].append(sample)
    chance.shuffle(found)
    return found


def _padded(samples: Sequence[Sample]) -> int:
    """The pieces to which windows of a batch are padded: few different sizes, since each has kernels of its own."""
    longest = max(len(sample.window.ids) for sample in samples)
    return min(MOST_PIECES, -(-longest // STEP) * STEP)


@dataclass(frozen=True, slots=True)
class Batch:
    """`first` are the places of the first pieces of all words as (row, piece); `tags` their tags by scheme."""

    ids: Tensor
    mask: Tensor
    features: Tensor
    first: tuple[Tensor, Tensor]
    tags: Mapping[str, Tensor]
    ranges: Ranges
    answers: Tensor
    bags: Tensor


def collate(samples: Sequence[Sample]) -> Batch:
    size = (len(samples), _padded(samples))
    ids, mask = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    features = np.zeros((*size, samples[0].window.features.shape[1]), dtype=np.float32)
    rows, pieces, starts, ends, known, answers, bags, pair_rows = [], [], [], [], [], [], [], []
    tags: dict[str, list[int]] = {scheme: [] for scheme in SCHEMES}
    bag = 0
    for row, sample in enumerate(samples):
        window = sample.window
        ids[row, : len(window.ids)] = window.ids
        mask[row, : len(window.ids)] = 1
        features[row, : len(window.ids)] = window.features
        rows += [row] * len(window.words)
        pieces += [word.piece for word in window.words]
        for scheme in tags:
            tags[scheme] += sample.tags.get(scheme, (UNKNOWN,) * len(window.words))
        for pair in sample.pairs:
            found = place(window, pair.drug, pair.condition)
            ranges = (found.drug, found.condition, found.between, found.sentence)
            pair_rows.append(row)
            starts.append([start for start, _ in ranges])
            ends.append([end for _, end in ranges])
            known.append(facts(found))
            answers.append(pair.answers)
            bags.append(bag + pair.bag)
        bag += max((pair.bag for pair in sample.pairs), default=-1) + 1
    return Batch(
        torch.from_numpy(ids),
        torch.from_numpy(mask),
        torch.from_numpy(features),
        (torch.tensor(rows), torch.tensor(pieces)),
        {scheme: torch.tensor(values) for scheme, values in tags.items()},
        Ranges(
            torch.tensor(pair_rows, dtype=torch.long),
            torch.tensor(starts, dtype=torch.long).reshape(-1, 4),
            torch.tensor(ends, dtype=torch.long).reshape(-1, 4),
            torch.from_numpy(np.array(known, dtype=np.float32)),
        ),
        torch.tensor(answers, dtype=torch.long),
        torch.tensor(bags, dtype=torch.long),
    )
