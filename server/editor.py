"""The page of the SPARQL endpoint: an editor where this installation carries it, else a plain form.

The editor is Yasgui, which the build takes from npm (setup.py). The page works without it and without scripts: the
form sends the query to the same address, and the answer comes with the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from starlette.responses import Response

from ivigraph.namespaces import IDENTIFIERS, prefixes
from ivigraph.queries import catalogue
from ivigraph.server.core import Core
from ivigraph.server.problems import Problem
from ivigraph.server.results import Shown

_WHOLE = Path(__file__).parent / "static" / "yasgui" / "package-lock.json"  # the build writes it last


def installed() -> bool:
    """Whether this installation carries the editor."""
    return _WHOLE.is_file()


def render(core: Core, query: str, *, shown: Shown | None = None, problem: Problem | None = None) -> Response:
    """The page with a query and its answer, or with what is wrong with the query."""
    return core.pages.render(
        "sparql.html",
        status=200 if problem is None else problem.status,
        query=query,
        shown=shown,
        problem=problem,
        examples=_examples(),
        editor=_data(core) if installed() else None,
    )


def _examples() -> Sequence[tuple[str, str]]:
    queries = [query for query in catalogue.load().values() if query.name != "overview"]
    return [(query.title, _without_header(query.bind({}, limit=100))) for query in queries]


def _without_header(text: str) -> str:
    """The query alone: its header and its unused conditions say something to the catalogue only."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("#+", "#?"))).strip()


def _data(core: Core) -> dict[str, object]:
    """What the editor's script has to know: the base IRI, and the prefixes that queries need not declare."""
    return {"base": core.minter.base, "prefixes": prefixes(core.minter), "identifiers": IDENTIFIERS}
