"""Journeys through the pages in a real browser, with nothing loaded from anywhere else."""

import pytest

from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import load
from ivigraph.server import editor, run
from ivigraph.server.app import create_app


@pytest.fixture(scope="module")
def address(filled):
    with run.running(create_app(filled, Minter(), load())) as url:
        yield url.rstrip("/")


DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (DESK, "dark"), (PHONE, "light")])
def test_from_the_search_to_the_sentence(page, address, size, scheme):
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    page.goto(address)
    page.get_by_role("combobox", name="Search").fill("low platelet")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="thrombocytopenia", exact=True).first.click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("thrombocytopenia")
    page.locator("#reported-after summary").first.click()
    page.get_by_role("link", name="In context").first.click()
    mark = page.locator("mark.sentence")
    assert mark.inner_text() == "Thrombocytopenia was noted a week later and was possibly related to IVIG."
    assert page.locator("mark .object").inner_text() == "Thrombocytopenia"
    assert mark.is_visible()
    assert mark.evaluate("element => getComputedStyle(element).backgroundColor") != "rgba(0, 0, 0, 0)"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.evaluate(LOW_CONTRAST) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone_and_text_contrasts_with_its_ground(page, address, scheme):
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme=scheme)
    for path in ("/", "/id/concept/ivo:IVIG", "/id/document/pmid/900001", "/graph", "/queries", "/sparql", "/ontology"):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        assert page.evaluate(LOW_CONTRAST) == [], path


# The contrast of every text with the nearest ground behind it; WCAG 2.2 asks for 4.5 (large text for 3).
LOW_CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const low = [];
  const walker = document.createTreeWalker(document.querySelector("body"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || element.closest("script") || !element.getClientRects().length) {
      continue;
    }
    const style = getComputedStyle(element);
    const [a, b] = [light(rgba(style.color)), light(ground(element))].sort((p, q) => q - p);
    const large = parseFloat(style.fontSize) >= 24;
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < (large ? 3 : 4.5)) low.push(`${element.textContent.trim().slice(0, 30)}: ${contrast.toFixed(2)}`);
  }
  return low;
}"""


def test_without_the_editor_a_query_is_written_into_a_form_and_run_by_keyboard(page, address, monkeypatch):
    monkeypatch.setattr(editor, "installed", lambda: False)
    page.goto(f"{address}/sparql")
    page.get_by_label("Query").fill("SELECT ?quote { ?c biolink:negated true ; biolink:supporting_text ?quote }")
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="Answer").wait_for()
    assert page.locator("tbody tr").count() == 2
