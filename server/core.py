"""What every router is built from."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar

from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import Vocabulary
from ivigraph.server.memory import Memory
from ivigraph.server.pages import Pages
from ivigraph.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """The graph and how to show it. `query_timeout` is the most seconds a query may take."""

    store: Store
    minter: Minter
    vocabulary: Vocabulary
    pages: Pages
    query_timeout: float
    max_query_bytes: int
    # Generations count from 1 in every store: an ETag must not outlive the process that served another one.
    process: str = field(default_factory=lambda: secrets.token_hex(4))
    memory: Memory = field(default_factory=Memory)

    def remembered(self, key: Hashable, read: Callable[[], T]) -> T:
        """What `read` gives, read once for each generation of the graph."""
        return self.memory.get(self.store.generation, key, read)

    def etag(self, generation: int, variant: str) -> str:
        """The entity tag of a representation that depends on nothing but the graph and its media type."""
        return f'W/"{generation}-{variant}-{self.process}"'
