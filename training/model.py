"""The network: a BERT encoder of six layers (MiniLM) with a tag head and a pair head.

Written out rather than taken from a library, so that what is exported is what stands here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from ivigraph.ingest.tagger.encoding import FEATURES, MOST_PIECES
from ivigraph.ingest.tagger.pairs import FACTS, STATES
from ivigraph.ingest.tagger.schemes import ANSWERS, TAG_COUNT

START_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WIDTH, LAYERS, ATTENTION_HEADS, INNER = 384, 6, 12, 1536
HIDDEN = 256
EPSILON = 1e-12
DROPOUT = 0.1


class Layer(nn.Module):
    """One transformer layer, normalised after each half as BERT is."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.mix = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.widen, self.narrow = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.after_attention, self.after_inner = (nn.LayerNorm(WIDTH, eps=EPSILON) for _ in range(2))
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        query, key, value = (self._split(layer(states)) for layer in (self.query, self.key, self.value))
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        joined = seen.transpose(1, 2).flatten(2)
        states = self.after_attention(states + self.dropout(self.mix(joined)))
        inner = self.narrow(functional.gelu(self.widen(states)))
        result: Tensor = self.after_inner(states + self.dropout(inner))
        return result

    @staticmethod
    def _split(states: Tensor) -> Tensor:
        return states.unflatten(2, (ATTENTION_HEADS, WIDTH // ATTENTION_HEADS)).transpose(1, 2)


class Network(nn.Module):
    """`forward` gives the tag logits [batch, pieces, TAG_COUNT] and the states for pairs [batch, pieces, STATES]."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.words = nn.Embedding(pieces, WIDTH)
        self.positions = nn.Embedding(MOST_PIECES, WIDTH)
        self.normalise = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.features = nn.Linear(FEATURES, WIDTH, bias=False)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.tags = nn.Linear(WIDTH, TAG_COUNT)
        self.states = nn.Linear(WIDTH, STATES)
        self.hidden = nn.Linear(5 * STATES + FACTS, HIDDEN)
        self.answer = nn.Linear(HIDDEN, len(ANSWERS))
        self.dropout = nn.Dropout(DROPOUT)
        nn.init.zeros_(self.features.weight)

    def forward(self, ids: Tensor, mask: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
        positions = self.positions.weight[: ids.shape[1]]
        # The facts about a word come in after the normalisation, at nought when training starts.
        states = self.normalise(self.words(ids) + positions) + self.features(features)
        states = self.dropout(states)
        bias = (1.0 - mask[:, None, None, :].to(states.dtype)) * -1e4
        for layer in self.layers:
            states = layer(states, bias)
        states = self.dropout(states)
        return self.tags(states), functional.relu(self.states(states))

    def pairs(self, described: Tensor) -> Tensor:
        """Logits [pairs, ANSWERS] from rows as `ivigraph.ingest.tagger.pairs` describes them."""
        result: Tensor = self.answer(self.dropout(functional.relu(self.hidden(self.dropout(described)))))
        return result


@dataclass(frozen=True, slots=True)
class Ranges:
    """For each pair its row in the batch and four ranges of pieces: drug, condition, between, sentence."""

    rows: Tensor
    starts: Tensor
    ends: Tensor
    facts: Tensor


def describe(states: Tensor, ranges: Ranges) -> Tensor:
    """The rows for `Network.pairs`: the strongest signals in each range, and the facts."""
    levels = _levels(states)
    drug, condition, between, sentence = (
        _strongest(levels, ranges.rows, ranges.starts[:, i], ranges.ends[:, i]) for i in range(4)
    )
    return torch.cat([drug, condition, between, sentence, drug * condition, ranges.facts], dim=1)


def _levels(states: Tensor) -> Tensor:
    """[level, batch, pieces, width]: level k holds the maximum over 2**k pieces from each place on."""
    levels = [states]
    size = 1
    while 2 * size <= states.shape[1]:
        last = levels[-1]
        levels.append(torch.maximum(last, torch.cat([last[:, size:], last[:, -1:].expand(-1, size, -1)], dim=1)))
        size *= 2
    return torch.stack(levels)


def _strongest(levels: Tensor, rows: Tensor, starts: Tensor, ends: Tensor) -> Tensor:
    length = (ends - starts).clamp(min=1)
    level = torch.log2(length.float() + 0.5).floor().long()
    left = levels[level, rows, starts]
    right = levels[level, rows, torch.maximum(ends - 2**level, starts)]
    return torch.maximum(left, right) * (ends > starts).unsqueeze(1)


def start_weights(folder: Path, kept: Sequence[int]) -> Mapping[str, Tensor]:
    """The weights of all-MiniLM-L6-v2 by our names, with the rows of the word pieces that are kept.

    Raises ValueError when the file is not the one that was published.
    """
    path = folder / "model.safetensors"
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != START_WEIGHTS_SHA256:
        raise ValueError(f"{path.name} has SHA-256 {found}, not {START_WEIGHTS_SHA256}")
    theirs = load_file(path)
    ours = {
        "words.weight": theirs["embeddings.word_embeddings.weight"][list(kept)],
        "positions.weight": theirs["embeddings.position_embeddings.weight"][:MOST_PIECES]
        + theirs["embeddings.token_type_embeddings.weight"][0],
    }
    names = {"normalise": "embeddings.LayerNorm"}
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}"
        for our, their in _LAYER_NAMES.items():
            names[f"layers.{layer}.{our}"] = f"{prefix}.{their}"
    for our, their in names.items():
        for part in ("weight", "bias"):
            ours[f"{our}.{part}"] = theirs[f"{their}.{part}"]
    return ours


_LAYER_NAMES: Mapping[str, str] = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "mix": "attention.output.dense",
    "after_attention": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "after_inner": "output.LayerNorm",
}
