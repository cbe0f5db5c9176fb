"""Whose each named graph is: what reading documents writes, what is computed, and what people write.

They are kept apart so that an update is never lost: a document that is read again replaces its own graph, and a
publication makes the derived graph anew.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """`managed` graphs (a name, or the start of names) are for administrators, `computed` ones for nobody.

    `default` is the graph of statements that name none; empty for the unnamed graph of the engine.
    """

    default: str = ""
    managed: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()

    def refusal(self, graph: str, *, admin: bool) -> str | None:
        """Why this graph must not be written, or None where it may be."""
        if graph in self.computed:
            return f"{graph} is computed anew at every publication"
        if not admin and self.is_managed(graph):
            return f"{graph} holds what was read from documents, which reading them again would bring back"
        return None

    def is_managed(self, graph: str) -> bool:
        return any(graph == name or (name.endswith("/") and graph.startswith(name)) for name in self.managed)
