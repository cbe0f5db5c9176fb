"""axe-core finds no violation of WCAG 2.2 AA on any page, in light and dark, on a desk and on a phone."""

import dataclasses

import pytest

from ivigraph.ingest import rdf
from ivigraph.ingest.links import Linking
from ivigraph.namespaces import Minter, prefixes
from ivigraph.ontology.graph import vocabulary_graph
from ivigraph.ontology.vocabulary import load
from ivigraph.queries import catalogue
from ivigraph.server import editor, run
from ivigraph.server.app import create_app
from ivigraph.store import open_store

MINTER = Minter()
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
# What depends on colours, and what on the width; all else is the same however a page is shown.
COLOURS = ["color-contrast", "link-in-text-block"]
WIDTHS = ["color-contrast", "target-size", "scrollable-region-focusable", "meta-viewport"]

PAGES = (
    "/",
    "/search?q=headache",
    "/search?q=wobblitis",
    "/browse",
    "/browse/event",
    "/browse/document?sort=year",
    "/browse/disease?q=nothing+like+it",
    "/glossary",
    "/claims",
    "/claims?event=headache&certainty=asserted",
    "/claims?since=2090",
    "/id/concept/ivo:IVIG",
    "/id/concept/ivo:IVIG?section=causes&design=Review",
    "/id/concept/HP:0001873",
    "/id/concept/MONDO:0016367",
    "/id/document/pmid/900001",
    "/queries",
    "/queries/adverse-events-by-disease",
    "/queries/off-label-uses?disease=MONDO:0012727",
    "/ontology",
    "/graph",
    "/graph?concept=hemolysis&expand=ivo:IVIG&node=ivo:IVIG",
    "/graph?edge=ivo:IVIG~causes~HP:0002315",
    "/graph?from=headache&to=dermatomyositis",
    "/graph?since=2090",
    "/graph/measures",
    "/plots",
    "/plots/matrix",
    "/plots/timeline",
    "/plots/forest",
    "/plots/evidence",
    "/plots/matrix?since=2090",
    "/sparql",
)
PROBLEMS = (
    "/nowhere",
    "/id/concept/HP:9999999",
    "/id/claim/%3Cscript%3E",
    "/graph?concept=wobblitis",
    "/graph?kind=Wizard",
    "/plots/matrix?event=wobblitis",
    "/claims?design=Opinion",
    "/queries/negated-claims?event=wobblitis",
)


@pytest.fixture(scope="module")
def odd(reports, tmp_path_factory):
    """A store with statements that were not sure enough, and a patient who may be another."""
    first, *others = reports
    unsure = dataclasses.replace(first.claims[1], confidence=0.31)
    twins = [f"<{MINTER.case(report.document.id, '1')}>" for report in reports if report.cases]
    with open_store(
        tmp_path_factory.mktemp("odd") / "store",
        create=True,
        prefixes=prefixes(MINTER),
        derive=catalogue.derivation(MINTER),
        readers=1,
    ) as store:
        with store.writer() as writer:
            writer.replace_graph(MINTER.vocabulary_graph, vocabulary_graph(load()))
            for report in (dataclasses.replace(first, candidates=(unsure,)), *others):
                linked = Linking(load()).linked(report)
                writer.replace_graph(MINTER.document_graph(report.document.id), rdf.graph(linked, MINTER))
            writer.update(f"INSERT DATA {{ {twins[0]} ivo:possibleDuplicateOf {twins[-1]} }}")
        yield store


@pytest.fixture(scope="module")
def address(odd):
    with run.running(create_app(odd, MINTER, load())) as url:
        yield url.rstrip("/")


@pytest.fixture(scope="module")
def opened(browser):
    """One window for all pages."""
    page = browser.new_page()
    page.set_default_timeout(60_000)
    yield page
    page.close()


def violations(page, options):
    """What axe-core finds wrong, each with the first place where it is wrong."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(pytest.importorskip("axe_playwright_python.base", reason="axe-core is not installed").AXE_SCRIPT)
    found = page.evaluate("options => axe.run(document, options)", {**options, "resultTypes": ["violations"]})
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found["violations"]]


def shown_everywhere(page, address):
    """What is wrong on a page however it is shown, by how it was shown."""
    wrong = {}
    for width, size in (("desk", DESK), ("phone", PHONE)):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if (width, scheme) == ("desk", "light"):
                page.goto(address)
                if "/graph" in address and page.locator("#network").count():
                    page.locator("#network[data-ready]").wait_for()
                if "/sparql" in address and editor.installed():
                    page.locator("#editor[data-ready=true]").wait_for()
                for details in page.locator("main details").all():
                    details.evaluate("element => { element.open = true; }")
                options = {"runOnly": {"type": "tag", "values": WCAG}}
            else:
                options = {"runOnly": {"type": "rule", "values": COLOURS if width == "desk" else WIDTHS}}
            if found := violations(page, options):
                wrong[width, scheme] = found
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wrong[width] = "scrolls sideways"
    return wrong


@pytest.mark.parametrize("path", PAGES)
def test_no_page_violates_wcag(opened, address, path):
    assert shown_everywhere(opened, address + path) == {}


@pytest.mark.parametrize("path", PROBLEMS)
def test_no_page_of_an_error_violates_wcag(opened, address, path):
    assert shown_everywhere(opened, address + path) == {}
    assert opened.get_by_role("heading", level=1).count() == 1


@pytest.mark.parametrize("kind", ["Claim", "Case"])
def test_no_page_of_a_claim_or_a_patient_violates_wcag(opened, address, odd, kind):
    iri = next(iter(odd.select(f"SELECT ?x {{ ?x a ivo:{kind} }} ORDER BY ?x LIMIT 1")))["x"]
    assert shown_everywhere(opened, address + MINTER.page(str(iri))) == {}


def test_no_page_of_an_empty_graph_violates_wcag(opened, tmp_path):
    store = open_store(tmp_path / "empty", create=True, prefixes=prefixes(MINTER), readers=1)
    with store, run.running(create_app(store, MINTER, load())) as url:
        for path in ("", "graph", "browse/event", "plots/matrix", "claims", "id/concept/HP:0002315"):
            assert shown_everywhere(opened, url + path) == {}, path
            assert opened.locator("main").inner_text().strip()


def test_what_was_not_sure_enough_stands_apart_from_the_claims_of_its_document(opened, address):
    opened.set_viewport_size(DESK)
    opened.goto(f"{address}/id/document/pmid/900001")
    claims = opened.locator("table").first.locator("tbody tr").count()
    opened.get_by_text("Not sure enough to be claimed (1)").click()
    row = opened.locator(".candidates tbody tr")
    assert row.count() == 1
    assert "0.31" in row.inner_text()
    assert "severe headache" in row.inner_text()
    assert claims == 4


def test_a_patient_who_may_have_been_reported_twice_leads_to_the_other(opened, address, odd):
    pair = next(iter(odd.select("SELECT ?a ?b { ?a ivo:possibleDuplicateOf ?b }")))
    for one, other in (("a", "b"), ("b", "a")):
        opened.goto(address + MINTER.page(str(pair[one])))
        note = opened.locator(".note", has_text="Perhaps reported more than once")
        assert note.locator("a").first.get_attribute("href") == MINTER.page(str(pair[other]))
