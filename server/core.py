"""What every router is built from."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import Vocabulary
from ivigraph.server.access import Access
from ivigraph.server.answers import Answers
from ivigraph.server.asking import Asking
from ivigraph.server.edges import Edges
from ivigraph.server.federation import Federation
from ivigraph.server.fetching import Fetcher
from ivigraph.server.memory import Memory
from ivigraph.server.pages import Pages
from ivigraph.server.querylog import QueryLog
from ivigraph.store import Applied, Change, Store

_MOST_WRITERS = 256  # threads that wait for a publication, apart from those that answer
_TAG = re.compile(r'(?:W/)?"(\d+)-[^"]*-(\w+)"')

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """The graph and how to show it. `query_timeout` is the most seconds a query may take."""

    store: Store
    minter: Minter
    vocabulary: Vocabulary
    pages: Pages
    query_timeout: float
    max_body_bytes: int
    asking: Asking
    answers: Answers
    access: Access
    fetcher: Fetcher
    federation: Federation
    queries: QueryLog
    edges: Edges
    # Generations count from 1 in every store: an ETag must not outlive the process that served another one.
    process: str = field(default_factory=lambda: secrets.token_hex(4))
    memory: Memory = field(default_factory=Memory)
    writers: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_MOST_WRITERS))

    def remembered(self, key: Hashable, read: Callable[[], T]) -> T:
        """What `read` gives, read once for each generation of the graph."""
        return self.memory.get(self.store.generation, key, read)

    def etag(self, generation: int, variant: str) -> str:
        """The entity tag of a representation that depends on nothing but the graph and its media type.

        One that no other answer has, where the store does not tell when the graph changed.
        """
        process = self.process if self.store.versioned else secrets.token_hex(8)
        return f'W/"{generation}-{variant}-{process}"'

    def generation_of(self, tag: str) -> int | None:
        """Undoes `etag`; None for a tag that this process did not give."""
        match = _TAG.fullmatch(tag)
        return int(match[1]) if match and match[2] == self.process else None

    def seen(self, if_match: str) -> int | None:
        """The generation that a client has seen, by the header If-Match; None for any, -1 for a tag of others."""
        tags = [tag.strip() for tag in if_match.split(",") if tag.strip()]
        if not tags or tags == ["*"]:
            return None
        return next((found for tag in tags if (found := self.generation_of(tag)) is not None), -1)

    async def write(self, change: Change) -> Applied:
        """See `Store.apply`; other requests go on meanwhile."""
        return await anyio.to_thread.run_sync(self.store.apply, change, limiter=self.writers)
