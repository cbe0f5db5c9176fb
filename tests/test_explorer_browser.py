"""Journeys through the network explorer in a real browser, with nothing loaded from anywhere else."""

import xml.etree.ElementTree as ElementTree

import pytest

from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import load
from ivigraph.server import run
from ivigraph.server.app import create_app

HEADACHE, HAEMOLYSIS = "HP:0002315", "ivo:Hemolysis"


@pytest.fixture(scope="module")
def address(filled):
    with run.running(create_app(filled, Minter(), load())) as url:
        yield url.rstrip("/")


@pytest.fixture(autouse=True)
def patient(request):
    """A busy machine may take its time."""
    if "page" in request.fixturenames:
        request.getfixturevalue("page").set_default_timeout(30_000)


def opened(page, address, path="/graph"):
    page.emulate_media(reduced_motion="reduce")  # so that the view does not glide
    page.goto(address + path)
    page.locator("#network[data-ready]").wait_for()


def picture(page):
    """What is drawn: the place of every node that is seen, and the edges between them."""
    return page.evaluate(
        """() => {
          const { network, nodes, edges } = window.ivigraph.picture;
          const seen = nodes.getIds({ filter: (node) => !node.hidden });
          const places = network.getPositions(seen);
          return [places, edges.getIds({ filter: (e) => e.from in places && e.to in places }).sort()];
        }"""
    )


def on_screen(page, expression):
    return page.evaluate(
        f"""() => {{
          const {{ network }} = window.ivigraph.picture;
          document.getElementById("network").scrollIntoView({{ block: "center", behavior: "instant" }});
          const at = network.canvasToDOM({expression});
          const box = document.getElementById("network").getBoundingClientRect();
          return [box.x + at.x, box.y + at.y];
        }}"""
    )


def node_at(page, node):
    return on_screen(page, f"network.getPositions(['{node}'])['{node}']")


def edge_at(page, edge):
    return on_screen(page, f"network.body.edges['{edge}'].edgeType.getPoint(0.5)")


def after(page, act):
    """Do something and wait until its state is shown."""
    shown = page.locator("#network")
    before = shown.get_attribute("data-shown")
    act()
    page.wait_for_function("old => document.getElementById('network').getAttribute('data-shown') !== old", arg=before)


def test_explore_expand_filter_share_the_link_and_see_the_same_in_a_fresh_browser(page, browser, address, tmp_path):
    opened(page, address, "/graph?concept=hemolysis")
    assert len(picture(page)[0]) == 2
    after(page, lambda: page.mouse.dblclick(*node_at(page, "ivo:IVIG")))
    assert HEADACHE in picture(page)[0]
    page.locator("#graph-filters summary").click()
    page.get_by_label("Reported only as absent").select_option("without")
    after(page, page.get_by_role("button", name="Show").first.click)
    x, y = node_at(page, HEADACHE)

    def drag():
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 40, y + 60, steps=4)
        page.mouse.up()

    after(page, drag)
    assert f"pin={HEADACHE}~" in page.url
    shown = picture(page)
    fresh = browser.browser.new_context() if browser.browser else browser
    other = fresh.new_page()
    opened(other, "", page.url)
    assert picture(other) == shown
    other.close()


def test_going_back_shows_what_was_there_before(page, address):
    opened(page, address, "/graph?concept=hemolysis")
    before = picture(page)
    after(page, lambda: page.mouse.dblclick(*node_at(page, "ivo:IVIG")))
    assert picture(page) != before
    after(page, page.go_back)
    assert picture(page) == before


def test_a_click_on_an_edge_shows_its_sentences(page, address):
    opened(page, address)
    page.mouse.click(*edge_at(page, f"ivo:IVIG~causes~{HAEMOLYSIS}"))
    page.locator("#panel blockquote").wait_for()
    assert page.locator("#panel blockquote").all_inner_texts() == [
        "Haemolysis was seen in 2 of 62 patients after IVIG."
    ]
    page.locator("#panel").get_by_role("link", name="In context").click()
    assert page.locator("mark.sentence").inner_text() == "Haemolysis was seen in 2 of 62 patients after IVIG."


def test_a_click_on_a_node_counts_what_is_around_it_and_leads_to_its_page(page, address):
    opened(page, address, "/graph?concept=hemolysis")
    page.mouse.click(*node_at(page, "ivo:IVIG"))
    page.locator("#panel[data-node='ivo:IVIG']").wait_for()
    assert "adverse events and findings\n1 of 4" in page.locator("#panel").inner_text()
    page.locator("#panel").get_by_role("link", name="Its page").click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("intravenous immunoglobulin")


def test_everything_can_be_done_by_keyboard(page, address):
    opened(page, address, "/graph?concept=hemolysis")
    page.locator("#network").focus()
    page.keyboard.press("ArrowRight")
    said = page.locator("#graph-said")
    assert "neighbour" in said.inner_text()
    page.evaluate("window.ivigraph.picture.at = 'ivo:IVIG'")
    after(page, lambda: page.keyboard.press("Enter"))
    assert "1 of" in said.inner_text()
    after(page, lambda: page.keyboard.press("Enter"))
    assert HEADACHE in picture(page)[0]
    after(page, lambda: page.keyboard.press("c"))
    assert HEADACHE not in picture(page)[0]
    after(page, lambda: page.keyboard.press("p"))
    assert "pin=ivo:IVIG~" in page.url
    after(page, lambda: page.keyboard.press("h"))
    assert "ivo:IVIG" not in picture(page)[0]
    page.get_by_role("link", name="Show 1 hidden node again").focus()
    after(page, lambda: page.keyboard.press("Enter"))
    read = page.locator("a.sentences").first
    read.focus()
    after(page, lambda: page.keyboard.press("Enter"))
    assert page.locator("#panel blockquote").count() == 1
    assert page.evaluate("document.activeElement.id") == "panel"


def test_nothing_moves_by_itself(page, address):
    opened(page, address)
    before = picture(page)
    page.wait_for_timeout(300)
    assert picture(page) == before
    assert page.evaluate("window.ivigraph.picture.network.physics.physicsEnabled") is False


def test_a_hostile_label_is_drawn_as_text(page, address):
    opened(page, address)
    labels = page.evaluate("window.ivigraph.picture.nodes.get().map((node) => node.title)")
    assert any(label.startswith("<script>") for label in labels)
    assert page.locator("main script:not([type='application/json'])").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picture_is_saved_as_png(page, address, tmp_path, scheme):
    page.emulate_media(color_scheme=scheme)
    opened(page, address)
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG").click()
    download.value.save_as(tmp_path / "network.png")
    assert (tmp_path / "network.png").read_bytes().startswith(b"\x89PNG")


def test_the_drawing_opens_by_itself(page, address, tmp_path):
    opened(page, address)
    with page.expect_download() as download:
        page.get_by_role("link", name="SVG").click()
    download.value.save_as(tmp_path / "network.svg")
    ElementTree.parse(tmp_path / "network.svg")
    page.goto((tmp_path / "network.svg").as_uri())
    assert page.locator("g.edge").count() == 10


def test_the_stand_alone_page_opens_without_a_network(browser, page, address, tmp_path):
    opened(page, address)
    places = picture(page)[0]
    with page.expect_download() as download:
        page.get_by_role("link", name="stand-alone HTML").click()
    download.value.save_as(tmp_path / "network.html")
    browser.set_offline(True)
    try:
        page.goto((tmp_path / "network.html").as_uri())
        page.locator("#network canvas").wait_for()
        assert page.evaluate("Object.values(network.getPositions()).length") == len(places)
        box = page.locator("#network").bounding_box()
        at = page.evaluate(
            """() => {
              const id = nodes.get().find((node) => node.label === "Octagam").id;
              return network.canvasToDOM(network.getPositions([id])[id]);
            }"""
        )
        page.mouse.click(box["x"] + at["x"], box["y"] + at["y"])
        assert page.locator("#chosen").inner_text().startswith("Octagam")
        page.locator("summary").click()
        assert page.locator("tbody tr").count() == 10
    finally:
        browser.set_offline(False)


def test_without_a_script_the_same_can_be_done_by_links(browser, address):
    if browser.browser is None:
        pytest.skip("this browser makes no second context")
    context = browser.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/graph?concept=hemolysis")
    page.locator("#graph-nodes summary").click()
    page.get_by_role("link", name="expand intravenous immunoglobulin").click()
    assert page.locator("a.sentences").count() > 1
    page.locator("a.sentences").first.click()
    assert page.locator("#panel blockquote").count() > 0
    assert page.locator("noscript img").evaluate("image => image.naturalWidth") > 0
    context.close()
