"""How long pages take on a large graph: `python benchmarks/pages.py [--quads N] [--cache DIR] [--rounds N]`.

In Debian's chromium on the same machine, for each kind of page: time to the first byte, and time until it is ready,
which is loaded, and drawn where a script draws it (networks, the editor). "First" is the first visit after the graph
has changed; p50 and p95 are of visits after that with other things, filters, orders and pages. Then how long an
expansion takes from the key to the picture, and the frames while a node of a picture of 300 nodes is dragged.
"""

from __future__ import annotations

import argparse
import math
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright
from servers import Ivigraph, written  # beside this file

from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import load
from ivigraph.server import run
from ivigraph.server.app import create_app
from ivigraph.store import Store

CROWD = "http://example.org/benchmark/crowd"
NEIGHBOURS = 10_000
NODES, EDGES = 300, 1_000
_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_LINE = """<{claim}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/ivigraph/ontology#Claim> .
<{claim}> <https://w3id.org/biolink/vocab/subject> <{crowd}> .
<{claim}> <https://w3id.org/biolink/vocab/predicate> <https://w3id.org/biolink/vocab/has_adverse_event> .
<{claim}> <https://w3id.org/biolink/vocab/object> <{thing}{n}> .
<{claim}> <https://w3id.org/biolink/vocab/negated> "false"^^<http://www.w3.org/2001/XMLSchema#boolean> .
<{claim}> <https://w3id.org/ivigraph/ontology#certainty> <https://w3id.org/ivigraph/ontology#Asserted> .
<{claim}> <https://w3id.org/biolink/vocab/publications> <{crowd}/document/{document}> .
<{thing}{n}> <http://www.w3.org/2000/01/rdf-schema#label> "thing {n}" .
"""
_READY = """() => { const [at] = performance.getEntriesByType("navigation");
    const drawn = document.querySelector("#network, #editor:not([hidden])");
    if (!at.loadEventEnd || (drawn && !drawn.dataset.ready)) return null;
    return [at.responseStart, drawn ? performance.now() : at.loadEventEnd, at.transferSize]; }"""
_EXPAND = """async (node) => {
    const shown = document.getElementById("network"), before = shown.dataset.shown, began = performance.now();
    window.ivigraph.picture.at = node;
    shown.dispatchEvent(new KeyboardEvent("keydown", { key: "e", bubbles: true }));
    while (shown.dataset.shown === before) await new Promise(requestAnimationFrame);
    return performance.now() - began; }"""
_NODES = """() => { const { network, nodes } = window.ivigraph.picture;
    const degree = (node) => network.getConnectedEdges(node).length;
    return nodes.getIds().sort((a, b) => degree(b) - degree(a)); }"""
_PLACE = """(node) => { const { network } = window.ivigraph.picture, stage = document.getElementById("network");
    stage.scrollIntoView({ block: "center", behavior: "instant" });
    const at = network.canvasToDOM(network.getPositions([node])[node]), box = stage.getBoundingClientRect();
    return [box.x + at.x, box.y + at.y]; }"""
_WATCH = """() => { window.frames_ = []; let last = performance.now();
    const tick = (now) => { window.frames_.push(now - last); last = now; requestAnimationFrame(tick); };
    requestAnimationFrame(tick); }"""


def pages(store: Store, minter: Minter) -> Mapping[str, Sequence[str]]:
    """The addresses of each kind of page; the first is the first visited."""

    def some(pattern: str, most: int = 8) -> Sequence[str]:
        rows = store.select(f"SELECT DISTINCT ?x {{ {pattern} }} LIMIT {most}", timeout=120)
        return [minter.page(str(row["x"])) for row in rows]

    event, hub, claims = (
        some("?x a ivo:AdverseEvent . ?e ivo:to ?x"),
        "/id/concept/ivo:IVIG",
        "/claims?concept=ivo:IVIG",
    )
    crowd = f"/graph?concept={CROWD}"
    return {
        "home": ["/"],
        "search": ["/search?q=thrombocytopenia", "/search?q=headache", "/search?q=lin*"],
        "browse": ["/browse/event", "/browse/event?page=3", "/browse/document?sort=year", "/browse/disease?q=der"],
        "event": event,
        "event, filtered": [f"{page}?design=CaseReport&sort=name" for page in event],
        "product": some("?x a ivo:ImmunoglobulinProduct . ?e ivo:from ?x FILTER(?x != ivo:IVIG)"),
        "hub (IVIG)": [hub, f"{hub}?section=causes&page=5", f"{hub}?design=Trial&since=2010", f"{hub}?sort=latest"],
        "claims": [claims, f"{claims}&page=9", f"{claims}&negated=true"],
        "claim": some("?x a ivo:Claim ; ivo:case ?case"),
        "document": some("?x a ivo:Document"),
        "patient": some("?x a ivo:Case"),
        "network": ["/graph", "/graph?most=150", "/graph?relation=treats"],
        "network, concept": ["/graph?concept=ivo:IVIG", "/graph?concept=HP:0002315", "/graph?concept=dermatomyositis"],
        "network, filtered": ["/graph?design=CaseReport", "/graph?since=2010&until=2020", "/graph?least=3&absent=only"],
        "network, search": ["/graph?q=headache", "/graph?q=thrombo", "/graph?q=lin*"],
        "network, path": ["/graph?from=HP:0002315&to=dermatomyositis", "/graph?from=ivo:IVIG&to=HP:0001873"],
        f"network, {NEIGHBOURS:,}": [crowd, f"{crowd}&node={CROWD}", f"{crowd}&least=1", f"{crowd}&most=300"],
        "plot: matrix": ["/plots/matrix", "/plots/matrix?unit=claims", "/plots/matrix?therapy=ivo:IVIG"],
        "plot: timeline": ["/plots/timeline", "/plots/timeline?therapy=ivo:IVIG"],
        "plot: forest": ["/plots/forest", "/plots/forest?by=event", "/plots/forest?least=50"],
        "plot: evidence": ["/plots/evidence", "/plots/evidence?relation=treats"],
        "editor": ["/sparql"],
    }


def crowded(store: Store, minter: Minter) -> None:
    """Add something with so many neighbours, names that no vocabulary knows as most names are."""
    thing = minter.unlinked("condition", "thing ")
    lines = (
        _LINE.format(claim=f"{CROWD}/claim/{n}", crowd=CROWD, thing=thing, n=n, document=n % 500)
        for n in range(NEIGHBOURS)
    )
    with store.writer() as writer:
        writer.replace_graph(CROWD, ("".join(lines) + f'<{CROWD}> <{_LABEL}> "crowd" .\n').encode())


def changed(store: Store, n: int) -> None:
    """A new generation."""
    with store.writer() as writer:
        writer.replace_graph(f"{CROWD}/change", f'<{CROWD}/change> <{_LABEL}> "change {n}" .\n'.encode())


def visited(page: Page, address: str) -> Sequence[float]:
    """(milliseconds to the first byte, milliseconds until it is ready, bytes)."""
    answer = page.goto(address, timeout=120_000)
    if answer is None or not answer.ok:
        print(f"{address} was answered with {answer and answer.status}", flush=True)
    found: Sequence[float] = page.wait_for_function(_READY, timeout=120_000).json_value()
    return found


def measured(page: Page, base: str, store: Store, kinds: Mapping[str, Sequence[str]], rounds: int) -> Iterator[str]:
    yield f"{'page':18} {'first visit':>12} {'first byte p50':>15} {'p95':>8} {'ready p50':>10} {'p95':>8} {'kB':>7}"
    for number, (kind, addresses) in enumerate(kinds.items()):
        changed(store, number)
        _, cold, _ = visited(page, base + addresses[0])
        times = [visited(page, base + addresses[n % len(addresses)]) for n in range(rounds)]
        early, ready = ([time[column] for time in times] for column in (0, 1))
        yield (
            f"{kind:18} {cold:9.0f} ms {statistics.median(early):12.0f} ms {p95(early):5.0f} ms"
            f" {statistics.median(ready):7.0f} ms {p95(ready):5.0f} ms {max(time[2] for time in times) / 1000:7.1f}"
        )


def expansions(page: Page, base: str, starts: Sequence[str], each: int) -> list[float]:
    """Milliseconds from the key to the picture, of the first nodes of each start."""
    times = []
    for start in starts:
        visited(page, base + start)
        times += [page.evaluate(_EXPAND, node) for node in page.evaluate(_NODES)[:each]]
    return times


def dragged(page: Page, base: str) -> tuple[int, int, list[float]]:
    """Nodes, edges, and milliseconds between frames while the node with most edges is dragged across."""
    visited(page, f"{base}/graph?most={NODES}&among=true")
    nodes, edges = (page.evaluate(f"() => window.ivigraph.picture.{name}.length") for name in ("nodes", "edges"))
    page.evaluate(
        "most => { const { edges } = window.ivigraph.picture; edges.remove(edges.getIds().slice(most)); }", EDGES
    )
    x, y = page.evaluate(_PLACE, page.evaluate(_NODES)[0])
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(_WATCH)
    for step in range(120):
        page.mouse.move(x + 2 * step, y + step)
    frames = page.evaluate("() => window.frames_.slice(1)")
    page.mouse.up()
    return nodes, min(edges, EDGES), frames


def p95(values: Sequence[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quads", type=int, default=1_000_000, help="about so many (default: 1,000,000)")
    parser.add_argument("--cache", type=Path, help="keep the graph here, and use it again; shared with sparql.py")
    parser.add_argument("--rounds", type=int, default=20, help="visits of each kind of page (default: 20)")
    options = parser.parse_args()
    minter = Minter()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = (options.cache or scratch / "cache") / str(options.quads)
        written(folder, options.quads)
        Ivigraph(folder).prepared()
        shutil.copytree(folder / "store", scratch / "store")  # which is written below
        store = stack.enter_context(Ivigraph(scratch).opened())
        crowded(store, minter)
        base = stack.enter_context(run.running(create_app(store, minter, load(), query_timeout=60))).rstrip("/")
        page = stack.enter_context(chromium()).new_page()
        for line in measured(page, base, store, pages(store, minter), options.rounds):
            print(line, flush=True)
        starts = [
            "/graph?concept=HP:0002315",
            "/graph?concept=dermatomyositis",
            f"/graph?concept={CROWD}&most=10",
            "/graph",
        ]
        times = expansions(page, base, starts, 5)
        print(f"{len(times)} expansions: p50 {statistics.median(times):.0f} ms, p95 {p95(times):.0f} ms")
        nodes, edges, frames = dragged(page, base)
        print(
            f"dragging among {nodes} nodes and {edges:,} edges: {len(frames)} frames, "
            f"p50 {statistics.median(frames):.0f} ms, p95 {p95(frames):.0f} ms"
        )


@contextmanager
def chromium() -> Iterator[Any]:
    """A window of Debian's browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
        browser.close()


if __name__ == "__main__":
    main()
