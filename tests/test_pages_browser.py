"""Journeys through the pages in a real browser, with nothing loaded from anywhere else."""

import pytest

from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import load
from ivigraph.queries import catalogue
from ivigraph.server import editor, run
from ivigraph.server.app import create_app
from ivigraph.visualizations import network


@pytest.fixture(scope="module")
def address(filled):
    with run.running(create_app(filled, Minter(), load())) as url:
        yield url.rstrip("/")


def ready(page):
    page.wait_for_function("document.getElementById('network').dataset.ready === 'true'")


def middle_of_edge(page, to):
    """Where on the page the middle of the edge to a node is drawn."""
    return page.evaluate(
        """label => {
          const { network, nodes, edges } = window.ivigraphNetwork;
          const node = nodes.get().find((n) => n.label === label);
          const edge = edges.get().find((e) => e.to === node.id);
          const ends = network.getPositions([edge.from, edge.to]);
          const drawn = network.body.edges[edge.id].edgeType.getPoint(0.5);
          const at = network.canvasToDOM(drawn);
          const box = document.getElementById("network").getBoundingClientRect();
          return [box.x + at.x, box.y + at.y];
        }""",
        to,
    )


def test_from_the_search_to_the_sentence(page, address):
    page.goto(address)
    page.get_by_role("combobox", name="Search").fill("low platelet")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="thrombocytopenia", exact=True).first.click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("thrombocytopenia")
    page.get_by_role("link", name="In context").first.click()
    mark = page.locator("mark.sentence")
    assert mark.inner_text() == "Thrombocytopenia was noted a week later and was possibly related to IVIG."
    assert page.locator("mark .object").inner_text() == "Thrombocytopenia"
    assert mark.evaluate("element => getComputedStyle(element).backgroundColor") != "rgba(0, 0, 0, 0)"


def test_a_click_on_an_edge_shows_its_sentences(page, address):
    page.goto(f"{address}/graph")
    ready(page)
    assert page.evaluate("window.ivigraphNetwork.nodes.length") == 11
    page.mouse.click(*middle_of_edge(page, "hemolysis"))
    page.locator("#panel blockquote").wait_for()
    assert page.locator("#panel blockquote").all_inner_texts() == [
        "Haemolysis was seen in 2 of 62 patients after IVIG."
    ]


def test_a_click_on_a_node_shows_what_it_is_and_where_it_leads(page, address):
    page.goto(f"{address}/graph")
    ready(page)
    at = page.evaluate(
        """() => {
          const { network, nodes } = window.ivigraphNetwork;
          const node = nodes.get().find((n) => n.label === "Octagam");
          const point = network.canvasToDOM(network.getPositions([node.id])[node.id]);
          const box = document.getElementById("network").getBoundingClientRect();
          return [box.x + point.x, box.y + point.y];
        }"""
    )
    page.mouse.click(*at)
    assert page.locator("#panel h2").inner_text() == "Octagam"
    page.locator("#panel").get_by_role("link", name="Its page").click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("Octagam")


def test_the_table_beside_the_network_does_the_same_by_keyboard(page, address):
    page.goto(f"{address}/graph?concept=thrombosis")
    ready(page)
    page.get_by_role("link", name="read").first.focus()
    page.keyboard.press("Enter")
    page.locator("#panel blockquote").wait_for()
    assert page.locator("#panel blockquote").inner_text() == "No thrombosis occurred."
    assert page.evaluate("document.activeElement.id") == "panel"


def test_nothing_moves_once_the_layout_has_settled(page, address):
    page.goto(f"{address}/graph")
    ready(page)
    positions = "JSON.stringify(window.ivigraphNetwork.network.getPositions())"
    before = page.evaluate(positions)
    page.wait_for_timeout(300)
    assert page.evaluate(positions) == before


def test_a_hostile_label_is_drawn_as_text(page, address):
    page.goto(f"{address}/graph")
    ready(page)
    labels = page.evaluate("window.ivigraphNetwork.nodes.get().map((n) => n.label)")
    assert any(label.startswith("<script>") for label in labels)
    assert page.locator("main script:not([type='application/json'])").count() == 0


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


def test_the_stand_alone_picture_opens_without_a_network(browser, page, filled, tmp_path):
    file = tmp_path / "network.html"
    rows = filled.select(catalogue.load()["network-edges"].bind({}))
    file.write_text(network.html(network.build(rows)), encoding="utf-8")
    browser.set_offline(True)
    try:
        page.goto(file.as_uri())
        page.locator("#network canvas").wait_for()
        page.wait_for_function("nodes.length === 11")
        box = page.locator("#network").bounding_box()
        at = page.evaluate(
            """() => {
              const id = nodes.get().find((n) => n.label === "Octagam").id;
              const point = network.canvasToDOM(network.getPositions([id])[id]);
              return [point.x, point.y];
            }"""
        )
        page.mouse.click(box["x"] + at[0], box["y"] + at[1])
        assert page.locator("#chosen").inner_text().startswith("Octagam")
        page.locator("summary").click()
        assert page.locator("tbody tr").count() == 10
    finally:
        browser.set_offline(False)


def test_without_the_editor_a_query_is_written_into_a_form_and_run_by_keyboard(page, address, monkeypatch):
    monkeypatch.setattr(editor, "installed", lambda: False)
    page.goto(f"{address}/sparql")
    page.get_by_label("Query").fill("SELECT ?quote { ?c biolink:negated true ; biolink:supporting_text ?quote }")
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="Answer").wait_for()
    assert page.locator("tbody tr").count() == 2
