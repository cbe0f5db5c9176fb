"""SERVICE for hosts that the settings allow: the server asks them, and the query gets what they answered as VALUES.

No reader can open a connection, so this process asks before a reader sees the query. Each block is asked for as a
whole, and what is too much for that is an error, never a part of the answer.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import anyio.to_thread
from anyio import CapacityLimiter

from ivigraph.errors import QueryError, QueryRefusedError, QueryTimeoutError
from ivigraph.server.fetching import Fetcher
from ivigraph.store import services
from ivigraph.store.services import Block
from ivigraph.store.sparql import replaced

MOST_BLOCKS = 8
MOST_ROWS = 100_000  # of all blocks of a query
MOST_BYTES = 16_000_000
_PART = 0.5  # of the time that a query has: the rest is for its evaluation
_AT_ONCE = 16  # queries whose endpoints are asked: threads that nobody else waits for
_TYPES = (services.JSON, "application/json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Federation:
    """`prefixes` are known to every query without a declaration."""

    fetcher: Fetcher
    prefixes: Mapping[str, str]
    threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_AT_ONCE))

    def concerns(self, query: str) -> bool:
        """Whether the answer depends on others; False where nobody is allowed, which the store tells."""
        if not self.fetcher.hosts:
            return False
        try:
            return bool(services.parse(query, self.prefixes))
        except QueryError:
            return True

    async def filled(self, query: str, base: str, seconds: float) -> str:
        """As `fill`, in a thread."""
        try:
            with anyio.fail_after(seconds):
                return await anyio.to_thread.run_sync(self.fill, query, base, seconds, limiter=self.threads)
        except TimeoutError as error:
            raise QueryTimeoutError("other queries wait for their endpoints", where="SERVICE") from error

    def fill(self, query: str, base: str, seconds: float) -> str:
        """The query with the answers of its endpoints. Raises QueryRefusedError for who is not allowed, QueryError."""
        deadline, rows, size = time.monotonic() + seconds * _PART, 0, 0
        blocks = services.parse(query, self.prefixes, base)
        if len(blocks) > MOST_BLOCKS:
            raise QueryRefusedError(f"more than {MOST_BLOCKS} SERVICE blocks", where="query", remedy="ask in parts")
        pieces = []
        for block in blocks:
            try:
                answer = self._asked(block, deadline - time.monotonic(), MOST_BYTES - size)
                piece, found = services.values(block, answer, MOST_ROWS - rows)
                size, rows = size + len(answer), rows + found
            except QueryRefusedError:
                raise
            except QueryError:
                if not block.silent:
                    raise
                piece = services.nothing(block)
            pieces.append((block.start, block.end, piece))
        return replaced(query, pieces)

    def _asked(self, block: Block, seconds: float, most: int) -> bytes:
        content = self.fetcher.ask(block.url, block.query, services.JSON, max(seconds, 0.001), most)
        if content.media_type not in _TYPES:
            raise QueryError(
                f"answers with {content.media_type}, not {services.JSON}",
                where=f"SERVICE <{block.url}>",
                remedy="look whether the address is that of an endpoint",
            )
        return content.data
