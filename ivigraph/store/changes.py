"""What a client may ask the store to change; each is done whole, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A serialised graph or dataset; `base` resolves its relative IRIs."""

    data: bytes
    media_type: str
    base: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A SPARQL 1.1 Update request of a client.

    `default_graphs` and `named_graphs` are those of the protocol (`using-graph-uri`, `using-named-graph-uri`).
    `loads` are the fetched documents of its LOAD operations by their IRI. `if_generation` is the generation that the
    client has seen; the update fails when it is no longer so. `admin` may write managed graphs too.
    """

    text: str
    base: str | None = None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    loads: Mapping[str, Content] = field(default_factory=dict)
    if_generation: int | None = None
    admin: bool = False

    def head(self) -> dict[str, Any]:
        """All but the bytes of `loads`, as JSON can hold it."""
        return {
            "kind": "update",
            "text": self.text,
            "base": self.base,
            "default_graphs": self.default_graphs,
            "named_graphs": self.named_graphs,
            "if_generation": self.if_generation,
            "admin": self.admin,
            "contents": [[name, item.media_type, item.base] for name, item in self.loads.items()],
        }

    def data(self) -> list[bytes]:
        return [item.data for item in self.loads.values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphWrite:
    """A write of the Graph Store Protocol: `contents` replace (PUT) or join (POST) what the graph holds.

    `graph` None is the whole dataset: the contents name their graphs. `if_generation` is the generation that the
    client has seen, `if_absent` that there was no such graph; the write fails when it is no longer so.
    """

    action: Literal["put", "post", "delete"]
    graph: str | None
    contents: tuple[Content, ...] = ()
    if_generation: int | None = None
    if_absent: bool = False
    admin: bool = False

    def head(self) -> dict[str, Any]:
        """All but the bytes of `contents`, as JSON can hold it."""
        return {
            "kind": "graph",
            "action": self.action,
            "graph": self.graph,
            "if_generation": self.if_generation,
            "if_absent": self.if_absent,
            "admin": self.admin,
            "contents": [[item.media_type, item.base] for item in self.contents],
        }

    def data(self) -> list[bytes]:
        return [item.data for item in self.contents]


Change: TypeAlias = Update | GraphWrite


def change(head: Mapping[str, Any], data: list[bytes]) -> Change:
    """Undoes `head` and `data`."""
    if head["kind"] == "update":
        loads = {
            name: Content(data=one, media_type=kind, base=base)
            for one, (name, kind, base) in zip(data, head["contents"], strict=True)
        }
        return Update(
            text=head["text"],
            base=head["base"],
            default_graphs=tuple(head["default_graphs"]),
            named_graphs=tuple(head["named_graphs"]),
            loads=loads,
            if_generation=head["if_generation"],
            admin=head["admin"],
        )
    contents = tuple(
        Content(data=one, media_type=kind, base=base) for one, (kind, base) in zip(data, head["contents"], strict=True)
    )
    return GraphWrite(
        action=head["action"],
        graph=head["graph"],
        contents=contents,
        if_generation=head["if_generation"],
        if_absent=head["if_absent"],
        admin=head["admin"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A change that is published. `created`: the graph was not there before. `left`: graphs that were kept."""

    generation: int
    created: bool = False
    found: bool = True
    left: int = 0
