"""Answers on their way: read in a thread, sent as they come, and never ended as if complete when they are not."""

from __future__ import annotations

import logging
from collections.abc import Generator, Mapping

from anyio import CancelScope
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Send

from ivigraph.errors import IvigraphError
from ivigraph.store import Chunks

log = logging.getLogger(__name__)


def packing(app: ASGIApp) -> ASGIApp:
    """Compresses what the application answers, where the client takes it and there is enough of it."""
    return GZipMiddleware(app, minimum_size=1_000, compresslevel=3)


class AnswerResponse(StreamingResponse):
    """Streams the chunks of an answer. One that fails before its first byte raises the error, to be told as any other.

    One that fails midway is left without its end: the server then drops the connection, which every client reports.
    """

    def __init__(
        self, chunks: Chunks | Generator[bytes, None, None], *, media_type: str, headers: Mapping[str, str]
    ) -> None:
        super().__init__(iterate_in_threadpool(chunks), media_type=media_type, headers=headers)
        self._chunks = chunks

    async def stream_response(self, send: Send) -> None:
        begun = False
        try:
            async for chunk in self.body_iterator:
                if not begun:
                    await self._begin(send)
                    begun = True
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except IvigraphError as error:
            if not begun:
                raise
            log.warning("an answer was cut off: %s", error)
            return
        finally:
            with CancelScope(shield=True):  # also when the client went away, so that the reader is free again
                await run_in_threadpool(self._chunks.close)
        if not begun:
            await self._begin(send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _begin(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
