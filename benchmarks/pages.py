"""How long pages take on a large graph: `python benchmarks/pages.py [--quads N] [--cache DIR] [--rounds N]`.

Over HTTP from the same machine: time to the first byte, time until the page was read to its end, and bytes sent, for
each kind of page. "First" is the first visit after the graph has changed, "then" are p50 and p95 of later visits
with other filters, orders and pages, which is what a reader does. Ready in a browser adds the layout of the page.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import httpx
from servers import Ivigraph, written  # beside this file

from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import load
from ivigraph.server import run
from ivigraph.server.app import create_app
from ivigraph.store import Store

HEADERS = {"Accept": "text/html"}


def pages(store: Store, minter: Minter) -> Mapping[str, Sequence[str]]:
    """The addresses of each kind of page; the first is the first visited."""

    def some(pattern: str, most: int = 8) -> Sequence[str]:
        rows = store.select(f"SELECT DISTINCT ?x {{ {pattern} }} LIMIT {most}", timeout=120)
        return [minter.page(str(row["x"])) for row in rows]

    event, hub = some("?x a ivo:AdverseEvent . ?e ivo:to ?x"), "/id/concept/ivo:IVIG"
    return {
        "home": ["/"],
        "suggest": ["/suggest?q=thr", "/suggest?q=headac", "/suggest?q=pla"],
        "search": ["/search?q=thrombocytopenia", "/search?q=headache", "/search?q=lin*"],
        "browse": ["/browse/event", "/browse/event?page=3", "/browse/document?sort=year", "/browse/disease?q=der"],
        "event": event,
        "event, filtered": [f"{page}?design=CaseReport&sort=name" for page in event],
        "product": some("?x a ivo:ImmunoglobulinProduct . ?e ivo:from ?x FILTER(?x != ivo:IVIG)"),
        "hub (IVIG)": [hub, f"{hub}?section=causes&page=5", f"{hub}?design=Trial&since=2010", f"{hub}?sort=latest"],
        "claims": [
            "/claims?concept=ivo:IVIG",
            "/claims?concept=ivo:IVIG&page=9",
            "/claims?concept=ivo:IVIG&negated=true",
        ],
        "claim": some("?x a ivo:Claim"),
        "document": some("?x a ivo:Document"),
        "patient": some("?x a ivo:Case"),
    }


def visited(client: httpx.Client, address: str) -> tuple[float, float, int]:
    """(seconds to the first byte, seconds to the last, bytes)."""
    begin = time.perf_counter()
    with client.stream("GET", address, headers=HEADERS) as response:
        first, size = 0.0, 0
        for chunk in response.iter_bytes():
            first = first or time.perf_counter() - begin
            size += len(chunk)
    if response.is_error:
        print(f"{address} was answered with {response.status_code}", flush=True)  # such as a query that took too long
    return first, time.perf_counter() - begin, size


def measured(base: str, kinds: Mapping[str, Sequence[str]], rounds: int) -> Iterator[str]:
    yield f"{'page':18} {'first visit':>12} {'first byte p50':>15} {'p95':>8} {'ready p50':>10} {'p95':>8} {'kB':>7}"
    with httpx.Client(base_url=base, timeout=120) as client:
        for kind, addresses in kinds.items():
            _, cold, size = visited(client, addresses[0])
            times = [visited(client, addresses[n % len(addresses)]) for n in range(rounds)]
            early, ready = sorted(t[0] for t in times), sorted(t[1] for t in times)
            at = min(len(times) - 1, int(0.95 * len(times)))
            yield (
                f"{kind:18} {cold * 1000:9.0f} ms {statistics.median(early) * 1000:12.0f} ms {early[at] * 1000:5.0f} ms"
                f" {statistics.median(ready) * 1000:7.0f} ms {ready[at] * 1000:5.0f} ms {size / 1000:7.1f}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quads", type=int, default=1_000_000, help="about so many (default: 1,000,000)")
    parser.add_argument("--cache", type=Path, help="keep the graph here, and use it again; shared with sparql.py")
    parser.add_argument("--rounds", type=int, default=40, help="visits of each kind of page (default: 40)")
    options = parser.parse_args()
    minter = Minter()
    with ExitStack() as stack:
        folder = (options.cache or Path(stack.enter_context(tempfile.TemporaryDirectory()))) / str(options.quads)
        written(folder, options.quads)
        own = Ivigraph(folder)
        own.prepared()
        store = stack.enter_context(own.opened())
        app = create_app(store, minter, load(), query_timeout=60)
        kinds = pages(store, minter)
        with run.running(app) as base:
            for line in measured(base, kinds, options.rounds):
                print(line, flush=True)


if __name__ == "__main__":
    main()
