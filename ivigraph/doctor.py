"""Checks of an installation: what works, what is missing, and what to do about it."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ivigraph.errors import IvigraphError
from ivigraph.settings import Settings


class State(StrEnum):
    OK = "ok"
    MISSING = "missing"  # something optional
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    state: State
    found: str
    remedy: str = ""


def run(settings: Settings) -> list[Check]:
    return [
        _python(),
        *_packages(),
        _loads("vocabulary", _vocabulary),
        _loads("queries", _queries),
        _loads("network library", _vis_network),
        _editor(),
        _full_text(),
        _store(settings),
        _java(),
    ]


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    state = State.OK if sys.version_info >= (3, 11) else State.FAILED
    return Check("Python", state, version, "install Python 3.11 or later")


def _packages() -> Iterator[Check]:
    for name in (
        "rdflib",
        "pyshacl",
        "pyoxigraph",
        "owlready2",
        "trafilatura",
        "fastapi",
        "networkx",
        "pyvis",
    ):
        try:
            yield Check(name, State.OK, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Check(name, State.FAILED, "not installed", "install ivigraph again with pip")


def _loads(name: str, load: Callable[[], str]) -> Check:
    try:
        return Check(name, State.OK, load())
    except IvigraphError as error:
        return Check(name, State.FAILED, str(error), error.remedy)
    except OSError as error:
        return Check(name, State.FAILED, str(error), "install ivigraph again with pip")


def _vocabulary() -> str:
    from ivigraph.ontology.conformance import schema, shapes
    from ivigraph.ontology.vocabulary import load

    return f"{len(load().concepts)} concepts, {len(schema()) + len(shapes())} triples of ontology and shapes"


def _queries() -> str:
    from ivigraph.queries import catalogue

    return f"{len(catalogue.load())} in the catalogue"


def _vis_network() -> str:
    from ivigraph.visualizations.assets import vis_network

    return f"{len(vis_network().script) // 1000} kB, from the installed pyvis"


def _editor() -> Check:
    from ivigraph.server import editor

    if editor.installed():
        return Check("SPARQL editor", State.OK, "built in")
    remedy = "install Node.js with npm, then ivigraph again from its source, or a released wheel"
    return Check("SPARQL editor", State.MISSING, "not built in; the SPARQL page is a plain form", remedy)


def _full_text() -> Check:
    with sqlite3.connect(":memory:") as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE t USING fts5(text)")
        except sqlite3.OperationalError:
            return Check("SQLite full text", State.FAILED, "FTS5 is missing", "use a Python whose sqlite3 has FTS5")
    return Check("SQLite full text", State.OK, sqlite3.sqlite_version)


def _store(settings: Settings) -> Check:
    if settings.endpoint:
        return _endpoint(settings)
    path = settings.store
    if not path.exists():
        parent = _nearest(path)
        writable = os.access(parent, os.W_OK)
        remedy = "run: ivigraph ingest PATH" if writable else f"make {parent} writable, or name another with --store"
        return Check("store", State.MISSING if writable else State.FAILED, f"none yet in {path}", remedy)
    from ivigraph.assembly import opened

    try:
        with opened(settings) as store:
            return Check("store", State.OK, f"{path}, generation {store.generation}")
    except IvigraphError as error:
        return Check("store", State.FAILED, str(error), error.remedy)


def _endpoint(settings: Settings) -> Check:
    from ivigraph.assembly import opened

    try:
        with opened(settings) as store:
            store.ask("ASK {}")
            return Check("store", State.OK, f"{settings.endpoint}, an endpoint")
    except IvigraphError as error:
        return Check("store", State.FAILED, str(error), error.remedy)


def _nearest(path: Path) -> Path:
    """The nearest folder above that exists."""
    return next(parent for parent in path.absolute().parents if parent.is_dir())


def _java() -> Check:
    java = shutil.which("java")
    if java is None:
        remedy = "only for classifying the ontology (make vocabulary): install a Java runtime"
        return Check("Java", State.MISSING, "not found", remedy)
    return Check("Java", State.OK, java)
