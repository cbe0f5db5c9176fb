"""vis-network, the library that draws networks in the browser, taken from the installed pyvis package."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from ivigraph.errors import IvigraphError

_SCRIPT = "vis-network.min.js"
_STYLE = "vis-network.css"


@dataclass(frozen=True, slots=True)
class VisNetwork:
    """The texts of the two files that a page needs."""

    script: str
    style: str


@cache
def vis_network() -> VisNetwork:
    """Raises IvigraphError when the installed pyvis carries no vis-network."""
    # The package is located, not imported: importing pyvis takes most of a second.
    spec = find_spec("pyvis")
    roots = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    found = sorted(script for root in roots for script in root.glob(f"lib/vis-*/{_SCRIPT}"))
    if not found or not (style := found[-1].with_name(_STYLE)).is_file():
        raise IvigraphError(
            "vis-network is missing from the installed pyvis",
            where="pyvis",
            remedy="install pyvis 0.3.2 or later again with pip",
        )
    return VisNetwork(found[-1].read_text(encoding="utf-8"), style.read_text(encoding="utf-8"))
