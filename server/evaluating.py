"""Asks the store for a request: a light query on the thread of the event loop, one that has to wait in another."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from ivigraph.errors import IvigraphError
from ivigraph.server.answers import Question, Whole
from ivigraph.server.core import Core
from ivigraph.server.querylog import Watched
from ivigraph.store import Answer, Begun

T = TypeVar("T")

_GATHER_SECONDS = 1.0  # an answer that goes on for longer after its first bytes is sent as it comes
_ALONE_SECONDS = 0.001  # for which the event loop itself waits where it has nothing else to do: that is faster
_LIGHT_SECONDS = 0.02  # for which the event loop watches a reader, before a thread waits for it
_SHORT = 8_000  # characters: to look through a longer query would hold up the others


async def ask(core: Core, question: Question, timeout: float, most: int) -> Whole | Watched:
    """The answer; it is whole where it has no more than `most` bytes and comes at once.

    To hand a query to a thread and its answer back costs more than to evaluate a light one.
    """
    entry = core.queries.begin(question.query)
    text = question.query

    def put(to: Callable[..., T]) -> T:
        return to(
            text,
            accept=question.media_type,
            dataset=question.dataset,
            timeout=timeout,
            base=question.base,
        )

    def gathered(answer: Answer, seconds: float) -> Whole | Watched:
        chunks = entry.watch(answer)
        return _whole(answer, chunks, most, seconds) or chunks

    alone = core.queries.metrics.running == 1
    try:
        if core.federation.concerns(text):
            start = time.monotonic()
            text = await core.federation.filled(text, question.base, timeout)
            timeout -= time.monotonic() - start
        begun = put(core.store.begin) if len(text) <= _SHORT else None
        if begun is None:
            return await run_in_threadpool(lambda: gathered(put(core.store.answer), _GATHER_SECONDS))
        if begun.waits or not ((alone and begun.arrives(_ALONE_SECONDS)) or await _arrives(begun)):
            return await run_in_threadpool(lambda: gathered(begun.answer(), _GATHER_SECONDS))
        answer = begun.answer()
        chunks = entry.watch(answer)
        here = _whole(answer, chunks, most, 0.0)
        return here or await run_in_threadpool(_whole, answer, chunks, most, _GATHER_SECONDS) or chunks
    except IvigraphError as error:
        entry.failed(error)
        raise


def _whole(answer: Answer, chunks: Watched, most: int, seconds: float) -> Whole | None:
    body = chunks.gathered(most, seconds)
    return None if body is None else Whole(answer.form, answer.media_type, answer.generation, body, chunks.rows)


async def _arrives(begun: Begun) -> bool:
    """True as soon as an answer begins to arrive, False where it is not a light query."""
    loop = asyncio.get_running_loop()
    arrived: asyncio.Future[bool] = loop.create_future()

    def tell(value: bool) -> None:
        if not arrived.done():
            arrived.set_result(value)

    descriptor = begun.fileno()
    loop.add_reader(descriptor, tell, True)
    end = loop.call_later(_LIGHT_SECONDS, tell, False)
    try:
        return await arrived
    except BaseException:
        begun.close()
        raise
    finally:
        loop.remove_reader(descriptor)
        os.set_blocking(descriptor, True)  # uvloop leaves what it has watched as it needs it
        end.cancel()
