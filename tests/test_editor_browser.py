"""The SPARQL editor in a real browser: writing, running, cancelling, sharing, and the views of an answer."""

import os
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import load
from ivigraph.server import editor, run
from ivigraph.server.app import create_app

EVENTS = """SELECT ?event ?eventLabel (COUNT(DISTINCT ?claim) AS ?claims) WHERE {
  ?claim biolink:predicate biolink:has_adverse_event ; biolink:object ?event . ?event rdfs:label ?eventLabel
} GROUP BY ?event ?eventLabel ORDER BY DESC(?claims)"""
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
EDGES = "CONSTRUCT { ?a biolink:has_adverse_event ?b } WHERE { ?e a ivo:Edge ; ivo:from ?a ; ivo:to ?b }"


@pytest.fixture(scope="module")
def address(filled):
    if not editor.installed() and os.environ.get("IVIGRAPH_EDITOR") != "require":
        pytest.skip("the editor is not built: install with npm at hand")
    with run.running(create_app(filled, Minter(), load())) as url:
        yield url.rstrip("/")


@pytest.fixture
def opened(page, address):
    """The page of the endpoint with an editor that remembers nothing of other tests."""
    page.goto(address)
    page.evaluate("localStorage.clear()")
    page.goto(f"{address}/sparql")
    page.locator("#editor[data-ready=true]").wait_for()
    return page


def write(page, query):
    page.evaluate("query => { ivigraphEditor.getTab().setQuery(query); }", query)


def ask(page, query):
    write(page, query)
    page.get_by_role("button", name="Run", exact=True).click()


def view(page, name):
    page.get_by_role("button", name=f"Shows {name} view").click()


def rows(page):
    return page.locator("#editor .yasr tbody tr")


def test_a_query_without_prefix_declarations_is_no_error_and_its_answer_leads_to_the_pages(opened):
    ask(opened, EVENTS)
    rows(opened).first.wait_for()
    assert opened.locator("#editor .parseErrorIcon").count() == 0
    assert opened.locator("#editor .yasr th").all_inner_texts() == ["event", "eventLabel", "claims"]
    opened.locator("#editor .yasr").get_by_role("link", name="HP:0001873").click()
    assert opened.get_by_role("heading", level=1).inner_text().startswith("thrombocytopenia")


def test_rows_are_sorted_by_the_number_under_a_heading(opened):
    ask(opened, 'SELECT * { VALUES (?name ?size) { ("a" 9) ("b" 10) ("c" 8) } }')
    opened.get_by_role("button", name="size").click()
    assert [text.split("\t")[0] for text in rows(opened).all_inner_texts()] == ["c", "a", "b"]
    opened.get_by_role("button", name="size").click()
    assert [text.split("\t")[0] for text in rows(opened).all_inner_texts()] == ["b", "a", "c"]


def test_the_answer_is_drawn_as_bars_with_its_numbers(opened):
    ask(opened, EVENTS)
    rows(opened).first.wait_for()
    expected = [text.split("\t")[1:] for text in rows(opened).all_inner_texts()]
    view(opened, "Chart")
    opened.locator("#editor .chart rect").first.wait_for()
    titles = [text.split(": ") for text in opened.locator("#editor .chart title").all_text_contents()]
    assert titles == expected


def test_a_graph_is_drawn_as_a_network_and_listed_as_triples(opened):
    ask(opened, EDGES)
    rows(opened).first.wait_for()
    triples = rows(opened).count()
    view(opened, "Network")
    opened.locator("#editor .result-network[data-ready=true] canvas").wait_for()
    assert f"{triples} edges" in opened.locator("#editor .yasr_results p").first.inner_text()


def test_markup_in_an_answer_stays_text(opened):
    ask(opened, 'SELECT ("<img src=x onerror=alert(1)>" AS ?text) (3 AS ?n) {}')
    assert rows(opened).first.inner_text().startswith("<img src=x")
    view(opened, "Chart")
    assert opened.locator("#editor .yasr img").count() == 0


def test_a_syntax_error_is_told_with_its_place(browser, address):
    page = browser.new_page()  # chromium itself reports the status 400 on the console
    page.goto(f"{address}/sparql")
    page.locator("#editor[data-ready=true]").wait_for()
    ask(page, "SELECT * WHERE {\n  ?a ?b }")
    assert "line 2" in page.locator("#editor .problem").inner_text()
    page.close()


def test_cancelled_queries_leave_the_server_free(opened):
    """The store of the tests has two readers: two queries that went on would leave none for the third."""
    for _ in range(2):
        ask(opened, ENDLESS)
        opened.locator("#editor[data-state=running]").wait_for()
        opened.get_by_role("button", name="Cancel").click()
        opened.get_by_text("Cancelled.").wait_for()
    ask(opened, EVENTS)
    rows(opened).first.wait_for()


def test_a_link_shows_the_same_query_view_and_answer_elsewhere(opened, browser, address):
    ask(opened, EVENTS)
    rows(opened).first.wait_for()
    view(opened, "Chart")
    opened.locator("#editor .chart rect").first.wait_for()
    opened.get_by_role("button", name="Copy link").click()
    opened.wait_for_function("location.search.includes('query=')")
    link = opened.url
    assert parse_qs(urlsplit(link).query)["query"] == [EVENTS]
    assert urlsplit(link).fragment == "chart"
    opened.evaluate("localStorage.clear()")
    other = browser.new_page()
    other.goto(link)
    other.locator("#editor .chart rect").first.wait_for()
    assert other.evaluate("ivigraphEditor.getTab().getQuery()") == EVENTS
    other.close()


def test_a_question_of_the_catalogue_opens_in_a_tab_and_runs(opened):
    opened.locator("#examples").get_by_role("link", name="Adverse events by disease", exact=True).click()
    opened.locator("#editor .tabPanel.active .yasr tbody tr").first.wait_for()
    assert opened.get_by_role("tab", selected=True).inner_text().startswith("Adverse events by disease")
    assert "#+" not in opened.evaluate("ivigraphEditor.getTab().getQuery()")


def test_classes_and_properties_are_completed_from_what_the_graph_holds(opened):
    write(opened, "SELECT * { ?claim a ivo:Cl")
    opened.evaluate(
        "() => { const y = ivigraphEditor.getTab().getYasqe(); y.focus(); y.setCursor(0, 99); y.autocomplete() }"
    )
    hints = opened.locator(".CodeMirror-hint")
    hints.first.wait_for()
    assert "ivo:Claim" in hints.all_inner_texts()
    opened.keyboard.press("Enter")
    assert re.search(r"a ivo:Claim$", opened.evaluate("ivigraphEditor.getTab().getQuery()"))


def test_a_query_is_written_run_and_cancelled_by_keyboard(opened):
    opened.get_by_role("textbox", name="SPARQL query").focus()
    opened.keyboard.press("Control+a")
    opened.keyboard.insert_text("SELECT (40 + 2 AS ?sum) {}")
    opened.keyboard.press("Control+Enter")
    rows(opened).first.wait_for()
    assert rows(opened).first.inner_text() == "42"
    opened.keyboard.press("Control+a")
    opened.keyboard.insert_text(ENDLESS)
    opened.keyboard.press("Control+Enter")
    opened.locator("#editor[data-state=running]").wait_for()
    opened.keyboard.press("Escape")
    opened.get_by_text("Cancelled.").wait_for()
