"""The tagger: reads sentences once and answers which names they hold and what stands between two of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from threadpoolctl import threadpool_limits
from tokenizers import Tokenizer

from ivigraph.errors import SettingsError
from ivigraph.ingest.tagger.decode import Span, spans
from ivigraph.ingest.tagger.encoding import WINDOW, Floats, Ints, Window, windows
from ivigraph.ingest.tagger.gazetteer import Gazetteer
from ivigraph.ingest.tagger.pairs import PairHead, place

Run: TypeAlias = Callable[[Ints, Ints, Floats], tuple[Floats, Floats]]
"""(ids, mask, features) of a batch -> tag logits and states, as `training.model.Network.forward` gives them."""

DATA = Path(__file__).parent / "data"
ENCODER, TOKENIZER, GAZETTEER, PAIRS, ABOUT = (
    "encoder.onnx", "tokenizer.json", "gazetteer.npz", "pairs.npz", "model.json",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """What the encoder made of one window of a text."""

    window: Window
    tags: Floats
    states: Floats
    head: PairHead

    def spans(self, scheme: str) -> list[Span]:
        return spans(self.window, self.tags, scheme)

    def probabilities(self, pairs: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> Floats:
        """One row for each (drug, condition), both as words of the window, in the order of `schemes.ANSWERS`."""
        return self.head.probabilities(self.states, [place(self.window, *pair) for pair in pairs])


@dataclass(frozen=True, slots=True)
class Tagger:
    """`version` names the weights: it changes whenever the answers may."""

    run: Run
    tokenizer: Tokenizer
    gazetteer: Gazetteer
    head: PairHead
    version: str

    def read(self, text: str, sentences: Iterable[tuple[int, int]], most: int = WINDOW) -> list[Reading]:
        """One reading for each window of the sentences, given as ranges of the text, in order.

        A window holds whole sentences of at most `most` word pieces, up to `encoding.MOST_PIECES`.

        A window is run by itself: quantised arithmetic depends on what shares a batch, and the answer must not.
        """
        found = []
        for window in windows(text, sentences, self.tokenizer, self.gazetteer, most):
            mask = np.ones((1, len(window.ids)), dtype=np.int64)
            tags, states = self.run(window.ids[None], mask, window.features[None])
            found.append(Reading(window, tags[0], states[0], self.head))
        return found


def is_installed(folder: Path = DATA) -> bool:
    """Whether the files of the model are there."""
    return all((folder / name).is_file() for name in (ENCODER, TOKENIZER, GAZETTEER, PAIRS, ABOUT))


def load(folder: Path = DATA) -> Tagger:
    """The model in a folder, on one thread, as is all arithmetic of the process from now on.

    Raises SettingsError when it is not there or cannot be used.
    """
    # The matrices of the pair head are so small that a second thread only waits, and does so busily.
    threadpool_limits(1, user_api="blas")
    if not is_installed(folder):
        raise SettingsError(
            "the trained model is not here",
            where=str(folder),
            remedy="use the extractor 'rules', or build the model with `make train`",
        )
    try:
        return Tagger(
            run=_session(folder / ENCODER),
            tokenizer=Tokenizer.from_file(str(folder / TOKENIZER)),
            gazetteer=Gazetteer.load(folder / GAZETTEER),
            head=_head(folder / PAIRS),
            version=json.loads((folder / ABOUT).read_text(encoding="utf-8"))["version"],
        )
    except Exception as error:  # the libraries raise errors of their own, down to bare Exception
        raise SettingsError(
            f"the trained model cannot be used: {error}", where=str(folder), remedy="install ivigraph again"
        ) from error


def _session(path: Path) -> Run:
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(ids: Ints, mask: Ints, features: Floats) -> tuple[Floats, Floats]:
        tags, states = session.run(["tags", "states"], {"ids": ids, "mask": mask, "features": features})
        return tags, states

    return run


def _head(path: Path) -> PairHead:
    with np.load(path) as arrays:
        return PairHead({name: arrays[name].astype(np.float32) for name in arrays.files})
