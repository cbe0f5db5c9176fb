"""The demonstration: read the sample documents, say what was found, serve the graph on this machine.

`--check` asks the running server over HTTP what a visitor would see, and compares it with what was read.
"""

from __future__ import annotations

import json
import re
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html import unescape
from pathlib import Path
from urllib.parse import urlencode, urljoin

from ivigraph import assembly, console, pipeline, settings
from ivigraph.errors import IvigraphError
from ivigraph.ingesting import Report
from ivigraph.namespaces import Minter
from ivigraph.queries import catalogue
from ivigraph.server import run as server
from ivigraph.store import Store

SAMPLES = Path(__file__).parent / "samples"
_QUESTIONS = ("adverse-events-by-disease", "negated-claims", "off-label-uses")
_SHOWN = 8


def run(*, check: bool, port: int | None, directory: Path | None, verbose: bool) -> int:
    """Gives the exit status: 1 when a check failed."""
    with ExitStack() as stack:
        place = directory or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ivigraph-demo-")))
        chosen = settings.load({"store": place, "host": "127.0.0.1", "port": 0 if check else port})
        store = stack.enter_context(assembly.opened(chosen, create=True))
        report = _read(store, chosen)
        _show(store, assembly.shortener(chosen))
        app = assembly.application(store, chosen)
        if check:
            with server.running(app) as address:
                return _check(address, store, report, Minter(chosen.base_iri))
        listener = server.bind(chosen.host, chosen.port)
        console.note(f"\nOpen {server.address(listener)} in a browser. Ctrl-C stops.")
        server.serve(app, listener, verbose=verbose)
    return 0


def _read(store: Store, chosen: settings.Settings) -> Report:
    files = list(pipeline.sources([SAMPLES]))
    report = assembly.ingest(files, store, chosen, console.progress)
    console.note(console.summary(report, f"generation {store.generation}"))
    if report.failures:
        console.failures(report.failures)
        raise IvigraphError("the sample documents were not all read", remedy="install ivigraph again with pip")
    return report


def _show(store: Store, shorten: Callable[[str], str]) -> None:
    """The first rows of three questions that the catalogue answers."""
    queries = catalogue.load()
    for name in _QUESTIONS:
        answer = store.select(queries[name].bind({}))
        console.note(f"\n{queries[name].title} ({len(answer)} rows; ivigraph query {name})")
        console.rows(answer.head(_SHOWN), shorten)


def _check(address: str, store: Store, report: Report, minter: Minter) -> int:
    failed = 0
    for name, passes in _checks(address, store, report, minter):
        try:
            problem = passes()
        except (urllib.error.URLError, ValueError, KeyError, StopIteration) as error:
            problem = f"{type(error).__name__}: {error}"
        console.note(f"{'ok' if not problem else 'FAILED'}  {name}{': ' + problem if problem else ''}")
        failed += bool(problem)
    return 1 if failed else 0


def _checks(address: str, store: Store, report: Report, minter: Minter) -> Iterator[tuple[str, Callable[[], str]]]:
    """Each check's name, and a function that gives "" or what is wrong."""
    edge = next(iter(store.select(_BEST_SUPPORTED)))
    claim = next(iter(store.select(_ONE_CLAIM)))
    pages = {
        "home page": "/",
        "page of a concept": minter.page(str(edge["to"])),
        "page of a claim": minter.page(str(claim["claim"])),
        "page of a document": minter.page(str(claim["document"])),
        "network": "/graph",
        "questions": "/queries",
    }

    def endpoint() -> str:
        rows = _sparql(address, "SELECT (COUNT(*) AS ?n) { ?d a ivo:Document }")
        found = int(rows[0]["n"]["value"])
        return "" if found == report.documents else f"{found} documents instead of {report.documents}"

    def counts() -> str:
        rows = _sparql(address, "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?c a ivo:Claim ; biolink:supporting_text ?quote }")
        return "" if int(rows[0]["n"]["value"]) > 0 else "no claim has a sentence"

    def quote() -> str:
        text = _text(_get(urljoin(address, pages["page of a claim"])))
        sentence = " ".join(str(claim["quote"]).split())
        return "" if sentence in text else f"the page does not show the sentence {sentence[:60]!r}"

    yield "health", lambda: "" if _get(urljoin(address, "/health")) else "no answer"
    yield "SPARQL endpoint counts the documents", endpoint
    yield "SPARQL endpoint finds claims with sentences", counts
    for name, path in pages.items():
        yield name, lambda path=path: _page(address, path)  # type: ignore[misc]
    yield "the claim's page shows its sentence", quote
    for name in _QUESTIONS:
        yield f"question {name}", lambda name=name: _page(address, f"/queries/{name}")  # type: ignore[misc]


_BEST_SUPPORTED = "SELECT ?to { ?edge a ivo:Edge ; ivo:to ?to ; ivo:claimCount ?n } ORDER BY DESC(?n) ?to LIMIT 1"
_ONE_CLAIM = """SELECT ?claim ?document ?quote {
  ?claim a ivo:Claim ; biolink:publications ?document ; biolink:supporting_text ?quote } ORDER BY ?claim LIMIT 1"""
_LOADED = re.compile(r"<(?:script|img|iframe|source)\b[^>]*?\bsrc=\"([^\"]+)\"|<link\b[^>]*?\bhref=\"([^\"]+)\"")


def _page(address: str, path: str) -> str:
    """A page answers, and all that it loads comes from this server and is there."""
    html = _get(urljoin(address, path)).decode()
    for found in _LOADED.finditer(html):
        link = urljoin(urljoin(address, path), unescape(found[1] or found[2]))
        if not link.startswith(address):
            return f"it would load {link}"
        _get(link)
    return ""


def _get(url: str, accept: str = "text/html") -> bytes:
    request = urllib.request.Request(url, headers={"Accept": accept})  # noqa: S310 - always this server's own address
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        content: bytes = answer.read()
        return content


def _sparql(address: str, query: str) -> list[dict[str, dict[str, str]]]:
    url = f"{urljoin(address, '/sparql')}?{urlencode({'query': query})}"
    rows: list[dict[str, dict[str, str]]] = json.loads(_get(url, "application/sparql-results+json"))["results"][
        "bindings"
    ]
    return rows


def _text(html: bytes) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html.decode())).split())
