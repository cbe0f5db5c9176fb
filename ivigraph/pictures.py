"""The pictures that `ivigraph draw` writes: the same that the server shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ivigraph.errors import IvigraphError, SettingsError
from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import load as load_vocabulary
from ivigraph.queries import catalogue
from ivigraph.queries.relations import BY_NAME
from ivigraph.server import plotrows, plots
from ivigraph.server.edges import Studies
from ivigraph.server.graph_state import State
from ivigraph.server.neighbourhood import Explorer
from ivigraph.settings import Settings
from ivigraph.store import Store
from ivigraph.visualizations import drawing, network
from ivigraph.visualizations.plot import Plot

_FILTERS = ("concept", "relation", "kind", "design", "since", "until", "least")


def draw_network(store: Store, settings: Settings, out: Path, given: Mapping[str, str], most: int) -> Sequence[str]:
    """Write the network of derived edges; gives what to say of it. Raises SettingsError, IvigraphError."""
    picture = Explorer(store, load_vocabulary(), Minter(settings.base_iri)).picture(_state(given, most))
    writers: Mapping[str, Callable[[network.Graph], str]] = {
        ".svg": drawing.svg,
        ".html": drawing.html,
        ".graphml": network.graphml,
        ".json": network.json,
        ".csv": network.csv,
    }
    write = _writer(out, writers)
    if not len(picture.graph):
        raise IvigraphError("nothing to draw", where=given.get("concept", "the store"), remedy="ingest documents first")
    _save(out, write(picture.graph))
    return [f"{picture.left_out} nodes with less evidence left out"] if picture.left_out else []


def draw_plot(store: Store, settings: Settings, name: str, out: Path, given: Mapping[str, str]) -> Sequence[str]:
    """Write a plot; gives what it counts and leaves out. Raises QueryError, SettingsError, IvigraphError."""
    kind = plots.PLOTS[name]
    writers: Mapping[str, Callable[[Plot], str]] = {
        ".svg": Plot.svg,
        ".html": Plot.html,
        ".csv": Plot.csv,
        ".json": Plot.json,
    }
    write = _writer(out, writers)
    vocabulary = load_vocabulary()
    values = plots.resolved(kind, given, vocabulary.find)
    rows = plotrows.read(store, vocabulary, Minter(settings.base_iri), kind.query, values)
    plot = plots.drawn_from(kind, rows, given.get(kind.option, ""))
    if not plot:
        raise IvigraphError("nothing to draw", where=name, remedy="ask for less with --param, or ingest documents")
    _save(out, write(plot))
    return plot.notes


def _state(given: Mapping[str, str], most: int) -> State:
    for name in given:
        if name not in _FILTERS:
            raise SettingsError(f"no filter {name!r}", where="--param", remedy=f"one of {', '.join(_FILTERS)}")
    for name, known in (("relation", BY_NAME), ("kind", network.LOOKS), ("design", catalogue.DESIGNS)):
        if name in given and given[name] not in known:
            raise SettingsError(f"no {name} {given[name]!r}", where="--param", remedy=f"one of {', '.join(known)}")
    numbers = {name: given[name] for name in ("since", "until", "least") if name in given}
    for name, value in numbers.items():
        if not value.isdecimal():
            raise SettingsError(f"{value!r} is no whole number", where=f"--param {name}", remedy="give digits only")
    counts = {name: int(value) for name, value in numbers.items()}
    return State(
        concepts=(given["concept"],) if "concept" in given else (),
        relation=given.get("relation", ""),
        kinds=(given["kind"],) if "kind" in given else (),
        studies=Studies((given["design"],) if "design" in given else (), counts.get("since"), counts.get("until")),
        least=counts.get("least", 0),
        most=most,
    )


def _writer(out: Path, writers: Mapping[str, Callable[..., str]]) -> Callable[..., str]:
    if out.suffix not in writers:
        raise SettingsError(
            f"unknown kind of file {out.suffix!r}", where=str(out), remedy=f"name a file {', '.join(writers)}"
        )
    return writers[out.suffix]


def _save(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise IvigraphError(
            f"cannot be written: {error.strerror}", where=str(out), remedy="name another file with --out"
        ) from error
