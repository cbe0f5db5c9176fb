"""Photographs every page, light and dark, on a desk and on a phone: `make screenshots`.

Reads the sample documents into a store of its own, serves it on 127.0.0.1 and writes build/screenshots/*.png with
Debian's chromium. Nothing is committed but the pictures that are copied to docs/images by hand.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from ivigraph import assembly, pipeline, settings
from ivigraph.demo import SAMPLES
from ivigraph.namespaces import Minter
from ivigraph.server import run
from ivigraph.store import Store

SIZES = {"desk": (1280, 860), "phone": (390, 844)}
SCREENS = 4  # of a long page
PAGES = {
    "home": "/",
    "search": "/search?q=thrombo",
    "event": "/id/concept/HP:0001873",
    "therapy": "/id/concept/ivo:IVIG",
    "therapy-filtered": "/id/concept/ivo:IVIG?section=causes&certainty=asserted&sort=name",
    "claims": "/claims?relation=causes",
    "browse": "/browse/event",
    "documents": "/browse/document",
    "glossary": "/glossary",
    "not-found": "/id/concept/HP:9999999",
    "network": "/graph",
    "network-node": "/graph?concept=HP:0001873&expand=ivo:IVIG&node=ivo:IVIG",
    "network-edge": "/graph?edge=ivo:IVIG~causes~HP:0002315",
    "network-measures": "/graph/measures",
    "matrix": "/plots/matrix",
    "timeline": "/plots/timeline",
    "forest": "/plots/forest",
    "evidence": "/plots/evidence",
    "questions": "/queries",
    "question": "/queries/adverse-events-by-disease",
    "sparql": "/sparql",
    "sparql-answer": "/sparql?query=SELECT+%3Fevent+%28COUNT%28%2A%29+AS+%3Fclaims%29+%7B+%3Fc+biolink%3Apredicate+"
    "biolink%3Ahas_adverse_event+%3B+biolink%3Aobject+%3Fevent+%7D+GROUP+BY+%3Fevent+ORDER+BY+DESC%28%3Fclaims%29#chart",
    "ontology": "/ontology",
}
# What draws itself by script says so when it is done.
DRAWN = "#network[data-ready], #editor[data-ready]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--store", type=Path, help="photograph this store instead of the samples")
    parser.add_argument("--only", help="only the pages whose name holds this text")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        place = options.store or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        chosen = settings.load({"store": place, "host": "127.0.0.1", "port": 0})
        store = stack.enter_context(assembly.opened(chosen, create=True))
        if options.store is None:
            assembly.ingest(list(pipeline.sources([SAMPLES])), store, chosen)
        address = stack.enter_context(run.running(assembly.application(store, chosen))).rstrip("/")
        pages = {**PAGES, **examples(store, Minter(chosen.base_iri))}
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(reduced_motion="reduce")
        page.set_default_timeout(120_000)
        for name, path in pages.items():
            if not options.only or options.only in name:
                for file in photographed(page, f"{address}{path}", name, options.out):
                    print(file, flush=True)


def examples(store: Store, minter: Minter) -> dict[str, str]:
    """A disease, a document, a claim and a patient of this store: of each the one with the most to show."""
    asked = {
        "disease": "?c biolink:disease_context_qualifier ?thing",
        "product": "?thing a ivo:ImmunoglobulinProduct . ?c biolink:subject ?thing FILTER(?thing != ivo:IVIG)",
        "document": "?c biolink:publications ?thing",
        "claim": "?thing a ivo:Claim ; ivo:onset ?o ; ivo:case ?c",
        "patient": "?c ivo:case ?thing",
    }
    return {
        name: minter.page(str(row["thing"]))
        for name, pattern in asked.items()
        for row in store.select(
            f"SELECT ?thing (COUNT(DISTINCT ?c) AS ?n) {{ {pattern} }} GROUP BY ?thing ORDER BY DESC(?n) ?thing LIMIT 1"
        )
    }


def photographed(page: Page, address: str, name: str, out: Path) -> Iterator[Path]:
    """The page as files, one for each size and colour scheme; of a long one the first screens."""
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.goto(address)
            page.locator(DRAWN).or_(page.locator("body:not(:has(#network, #editor))")).first.wait_for()
            tall = page.evaluate("document.documentElement.scrollHeight")
            file = out / f"{name}-{size}-{scheme}.png"
            page.screenshot(
                path=file,
                full_page=True,
                animations="disabled",
                clip={"x": 0, "y": 0, "width": width, "height": min(tall, SCREENS * height)},
            )
            yield file


if __name__ == "__main__":
    main()
