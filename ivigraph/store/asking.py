"""What every store does with whole answers, however it comes by them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

from ivigraph.errors import QueryError
from ivigraph.store import terms
from ivigraph.store.base import Answer, Begun, Form, How, Rows

if TYPE_CHECKING:
    from rdflib import Graph


class Asking(ABC):
    """The part of `base.Store` that follows from `answer` and `close`."""

    @abstractmethod
    def answer(self, sparql: str, **how: Unpack[How]) -> Answer: ...

    @abstractmethod
    def close(self) -> None: ...

    def begin(self, sparql: str, **how: Unpack[How]) -> Begun | None:
        return None

    def select(self, sparql: str, *, timeout: float | None = None) -> Rows:
        return terms.rows(self._whole(sparql, Form.SELECT, timeout))

    def ask(self, sparql: str, *, timeout: float | None = None) -> bool:
        return terms.truth(self._whole(sparql, Form.ASK, timeout))

    def construct(self, sparql: str, *, timeout: float | None = None) -> Graph:
        return terms.graph(self._whole(sparql, Form.GRAPH, timeout))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _whole(self, sparql: str, wanted: Form, timeout: float | None) -> bytes:
        answer = self.answer(sparql, timeout=timeout)
        if answer.form is not wanted:
            answer.chunks.close()
            raise QueryError(
                f"answers with {answer.form.value}, {wanted.value} was expected",
                where="query",
                remedy="use its other form",
            )
        return b"".join(answer.chunks)
