"""Whole journeys through the pages in a real browser; tests/test_accessibility.py looks at each page by itself."""

import re

import pytest

from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import load
from ivigraph.server import run
from ivigraph.server.app import create_app

MINTER = Minter()
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def address(filled):
    with run.running(create_app(filled, MINTER, load())) as url:
        yield url.rstrip("/")


def violations(page):
    """What axe-core finds wrong, each with the first place where it is wrong."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed").Axe()
    found = axe.run(page, options={"runOnly": {"type": "tag", "values": WCAG}}).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found]


def test_suggestions_lead_from_a_few_letters_to_a_sentence_by_keyboard_alone(page, address):
    page.goto(address)
    page.keyboard.press("Tab")  # the link that skips to the content
    assert page.evaluate("document.activeElement.className") == "skip"
    page.get_by_role("combobox", name="Search").focus()
    page.keyboard.type("low plate")
    option = page.get_by_role("option", name=re.compile("thrombocytopenia"))
    option.first.wait_for()
    page.keyboard.press("ArrowDown")
    assert page.get_by_role("combobox").get_attribute("aria-activedescendant")
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name=re.compile("thrombocytopenia")).wait_for()
    page.locator("#reported-after summary").first.focus()
    page.keyboard.press("Enter")
    quote = page.locator("#reported-after blockquote").first
    assert quote.inner_text() == "Thrombocytopenia was noted a week later and was possibly related to IVIG."
    page.locator("#reported-after").get_by_role("link", name=re.compile("In context")).first.focus()
    page.keyboard.press("Enter")
    page.locator("mark.sentence").wait_for()


def test_a_suggestion_that_was_chosen_stays_chosen_when_a_later_answer_comes(page, address):
    page.goto(address)
    box = page.get_by_role("combobox", name="Search")
    box.press_sequentially("low pla")
    page.get_by_role("option", name=re.compile("thrombocytopenia")).first.wait_for()
    held = []
    page.route("**/suggest*", lambda route: held.extend([route]))  # Playwright takes no built-in as a handler
    box.fill("low plate")
    while not held:
        page.wait_for_timeout(20)
    box.press("ArrowDown")
    chosen = box.get_attribute("aria-activedescendant")
    with page.expect_response("**/suggest*"):
        held[0].continue_()
    page.wait_for_timeout(200)  # nothing is to happen
    assert chosen
    assert box.get_attribute("aria-activedescendant") == chosen


def test_escape_puts_the_suggestions_away_and_the_form_still_searches(page, address):
    page.goto(address)
    box = page.get_by_role("combobox", name="Search")
    box.fill("head")
    page.get_by_role("option").first.wait_for()
    box.press("Escape")
    assert page.get_by_role("option").count() == 0
    assert box.get_attribute("aria-expanded") == "false"
    box.press("Enter")
    page.wait_for_url("**/search?q=head")


def test_two_products_are_compared_by_the_filter_of_an_event(page, address):
    page.goto(f"{address}/id/concept/HP:0002315")
    page.get_by_text("Filter", exact=True).click()
    products = page.get_by_label("Therapy or product")
    assert {"intravenous immunoglobulin (2)", "Octagam (1)"} <= set(products.locator("option").all_inner_texts())
    counted = {}
    for product in ("Octagam", "intravenous immunoglobulin"):
        value = products.locator("option", has_text=product).get_attribute("value")
        products.select_option(value)
        page.get_by_role("button", name="Apply").click()
        page.wait_for_url(re.compile("product="))
        counted[product] = page.locator(".figures dd").first.inner_text()
        products = page.get_by_label("Therapy or product")
    # What is said of intravenous immunoglobulin includes what is said of its brands.
    assert counted == {"Octagam": "1", "intravenous immunoglobulin": "3"}
    shared = page.url
    page.goto("about:blank")
    page.goto(shared)
    assert page.locator(".figures dd").first.inner_text() == "3"


def test_kinds_of_marks_in_a_text_can_be_switched_off_without_scripts(page, address):
    page.goto(f"{address}/id/document/pmid/900001")
    mark = page.locator("mark:not(.negated)").first
    shown = "element => getComputedStyle(element).backgroundColor"
    assert mark.evaluate(shown) != "rgba(0, 0, 0, 0)"
    page.get_by_role("checkbox", name="Claims").uncheck()
    assert mark.evaluate(shown) == "rgba(0, 0, 0, 0)"


def test_a_table_of_findings_is_read_on_a_phone_without_scrolling_sideways(page, address):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{address}/id/concept/ivo:IVIG")
    assert page.locator("#causes td[data-label=Documents]").first.is_visible()
    assert violations(page) == []


def test_hostile_names_and_words_stay_text(page, address):
    page.goto(f"{address}/search?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E")
    page.goto(f"{address}/id/concept/ivo:IVIG?section=contraindicated-in")
    assert "<script>alert('x')</script>" in page.locator("#contraindicated-in").inner_text()
    page.goto(f"{address}/")
    page.get_by_role("combobox", name="Search").fill("<script>al")
    page.get_by_role("option").first.wait_for()
    assert page.get_by_role("option").locator("script, img").count() == 0
