"""Answers that were given before, kept for as long as the graph stays what it was; equal questions are asked once.

Only whole answers are kept, to queries that give the same as often as they are asked. All of it happens on the thread
of the event loop, so nothing is locked; metrics may read the numbers from any thread.
"""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import cast

from ivigraph.errors import QueryCancelledError, QueryError
from ivigraph.store import Dataset, Form

_PART = 8  # one answer may take so much of the cache: an eighth
_COMPRESSED_FROM = 4_000  # bytes: below, packing costs more time than sending
_AGAIN = object()
_ENTRY_BYTES = 1_000  # about what an entry takes beside its texts


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer depends on, beside the graph; `generation` is the newest when it was asked."""

    query: str
    dataset: Dataset | None
    base: str
    media_type: str
    generation: int


@dataclass(slots=True, eq=False)
class Whole:
    """A complete answer. `media_type` is the engine's."""

    form: Form
    media_type: str
    generation: int
    body: bytes
    rows: int
    _packed: bytes | None = field(default=None, repr=False)

    def packed(self) -> bytes | None:
        """The body in gzip, made once; None where it is too small to gain by it."""
        if self._packed is None and len(self.body) >= _COMPRESSED_FROM:
            self._packed = gzip.compress(self.body, compresslevel=3, mtime=0)
        return self._packed


class Answers:
    """The answers of the newest generation, at most `most_bytes` of them; 0: none is kept."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self.found = 0
        self.made = 0
        self.shared = 0
        self._generation = -1
        self._kept: OrderedDict[Question, tuple[Whole, int]] = OrderedDict()
        self._asked: dict[tuple[Question, float], asyncio.Future[object]] = {}

    @property
    def largest(self) -> int:
        """The most bytes of an answer that is kept."""
        return self.most_bytes // _PART

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, question: Question) -> Whole | None:
        """The answer that was kept."""
        found = self._kept.get(question)
        if found is None:
            return None
        self._kept.move_to_end(question)
        self.found += 1
        return found[0]

    async def once(
        self, question: Question, timeout: float, ask: Callable[[], Awaitable[Whole | None]]
    ) -> Whole | None:
        """What `ask` gives, asked once by all who want the same at the same time; kept where it is whole.

        None where the answer is not whole: each then asks for himself. What is wrong with the query is told to all, and
        where something befell the one who asked (his client left, the queue was full) another asks in his place.
        """
        key = (question, timeout)
        while (asked := self._asked.get(key)) is not None:
            outcome = await asyncio.shield(asked)
            if isinstance(outcome, QueryError):
                raise outcome
            if outcome is not _AGAIN:
                self.shared += 1
                return cast("Whole | None", outcome)
        self.made += 1
        future = self._asked[key] = asyncio.get_running_loop().create_future()
        outcome = _AGAIN
        try:
            outcome = answer = await ask()
        except QueryError as error:
            if not isinstance(error, QueryCancelledError):
                outcome = error
            raise
        finally:
            del self._asked[key]
            future.set_result(outcome)
        if answer is not None:
            self._keep(question, answer)
        return answer

    def _keep(self, question: Question, answer: Whole) -> None:
        if answer.generation < self._generation or len(answer.body) > self.largest:
            return
        if answer.generation > self._generation:
            self._kept.clear()
            self._generation, self.bytes = answer.generation, 0
        question = replace(question, generation=answer.generation)
        # With the packed form, which is made when somebody wants it.
        size = _ENTRY_BYTES + len(question.query) + 2 * len(answer.body)
        if (before := self._kept.pop(question, None)) is not None:
            self.bytes -= before[1]
        self._kept[question] = answer, size
        self.bytes += size
        while self.bytes > self.most_bytes:
            _, (_, freed) = self._kept.popitem(last=False)
            self.bytes -= freed
