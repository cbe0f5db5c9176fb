"""Plots count what they say they count, and are pages, drawings and tables."""

from xml.etree import ElementTree

import httpx
import pytest

from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import load
from ivigraph.queries import catalogue
from ivigraph.server import plotrows, plots, run
from ivigraph.server.app import create_app
from ivigraph.server.results import table
from ivigraph.visualizations import evidence, forest, matrix, timeline
from ivigraph.visualizations.plot import duration, ticks

HTML = {"Accept": "text/html"}
PLOTS = ("matrix", "timeline", "forest", "evidence")


@pytest.fixture(scope="module")
def client(filled):
    with run.running(create_app(filled, Minter(), load())) as url, httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


def test_a_document_counts_once_in_a_cell_and_claims_without_a_disease_are_counted_apart():
    rows = [
        {"event": "e", "disease": "d", "document": "1", "claim": "a", "negated": "false"},
        {"event": "e", "disease": "d", "document": "1", "claim": "b", "negated": "false"},
        {"event": "e", "disease": "d", "document": "2", "claim": "c", "negated": "true"},
        {"event": "e", "disease": "", "document": "3", "claim": "d", "negated": "false"},
    ]
    plot = matrix.draw(rows)
    assert list(plot.rows) == [("e", "d", 1, 1)]
    assert any("1 claim about adverse events left out that name no disease" in note for note in plot.notes)
    assert list(matrix.draw(rows, unit="claims").rows) == [("e", "d", 2, 1)]
    assert not matrix.draw(rows, unit="patients")


def test_the_same_onset_told_twice_is_one_report_and_words_alone_are_left_out():
    row = {"event": "e", "minDays": "2", "maxDays": "3", "from": "start of therapy", "words": "w", "document": "1"}
    plot = timeline.draw(
        [
            {**row, "claim": "a"},
            {**row, "claim": "b"},
            {**row, "claim": "c", "from": "end of therapy"},
            {**row, "claim": "d", "minDays": "", "maxDays": ""},
        ]
    )
    assert len(plot.rows) == 2
    assert "1 claim left out" in plot.notes[-1]


@pytest.mark.parametrize(
    ("first", "last", "ends"),
    [
        (2, 5, ("1 day", "1 month")),
        (0, 0, ("1 h", "3 d")),
        (0.5, 400, ("6 h", "10 y")),
        (5000, 9000, ("1 month", "10 y")),
        (4, 4, ("3 d", "3 m")),
    ],
)
def test_the_scale_of_days_fits_the_reports(first, last, ends):
    report = timeline.Report("e", first, last, "start of therapy", "d", "w", "c")
    ticks = [words for _, words in timeline.scale([report]).ticks]
    assert (ticks[0], ticks[-1]) == ends


def test_the_interval_is_that_of_wilson():
    # Newcombe (1998), Statistics in Medicine 17:857, table I: 81 of 263, and 0 of 20.
    assert forest.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert forest.wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert forest.wilson(20, 20)[1] == 1.0


def test_units_are_never_mixed_and_impossible_counts_are_left_out():
    row = {"object": "e", "therapy": "t", "document": "1"}
    plot = forest.draw(
        [
            {**row, "count": "2", "total": "10", "unit": "infusions", "claim": "a"},
            {**row, "count": "1", "total": "4", "unit": "patients", "claim": "b"},
            {**row, "count": "1", "total": "4", "unit": "patients", "claim": "c"},
            {**row, "count": "5", "total": "4", "unit": "patients", "claim": "d"},
            {**row, "count": "5", "total": "", "unit": "patients", "claim": "e"},
        ]
    )
    assert [(r[3], r[4], r[5]) for r in plot.rows] == [(1, 4, "patients"), (2, 10, "infusions")]
    assert "1 claim left out whose count exceeds the total." in plot.notes
    assert {"of patients", "of infusions"} <= {element.text for part in plot.body for element in part.iter("text")}


def test_documents_without_a_year_have_a_bar_of_their_own():
    rows = [{"document": "1", "year": "2001", "design": "x#Trial"}, {"document": "2", "year": "", "design": "x#Review"}]
    assert list(evidence.draw(rows).rows) == [("2001", "trial", 1), ("no year", "review", 1)]


@pytest.mark.parametrize("draw", [matrix.draw, timeline.draw, forest.draw, evidence.draw])
def test_nothing_is_an_empty_plot_that_can_be_drawn(draw):
    assert not draw([])
    ElementTree.fromstring(draw([]).svg())


@pytest.mark.parametrize(
    ("days", "said"), [(0, "0 d"), (1 / 144, "10 min"), (0.25, "6 h"), (0.9999, "24 h"), (1, "1 d"), (10.5, "10.5 d")]
)
def test_a_span_is_told_as_people_say_it(days, said):
    assert duration(days) == said


def test_ticks_are_round():
    assert ticks(71) == [0, 20, 40, 60]
    assert ticks(1) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])


@pytest.mark.parametrize("name", PLOTS)
def test_each_plot_is_a_page_a_drawing_and_a_table(client, name):
    page = client.get(f"/{name}", headers=HTML, follow_redirects=True)
    assert page.status_code == 200
    assert "<style" not in page.text
    drawing = client.get(f"/plots/{name}", params={"format": "svg"})
    root = ElementTree.fromstring(drawing.text)
    assert root.find("{http://www.w3.org/2000/svg}title").text
    assert client.get(f"/plots/{name}", params={"format": "csv"}).text.count("\r\n") > 1
    assert client.get(f"/plots/{name}", params={"format": "json"}).json()["rows"]
    assert client.get(f"/plots/{name}", params={"since": "2090"}, headers=HTML).text.count("Nothing to draw") == 1


@pytest.mark.parametrize(
    "address", ["matrix?event=wobblitis", "forest?by=colour", "timeline?design=Opinion", "matrix?format=gif"]
)
def test_what_cannot_be_drawn_says_why(client, address):
    assert client.get(f"/plots/{address}", headers=HTML).status_code == 400


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("matrix", {}),
        ("matrix", {"disease": "MONDO:0016367", "unit": "claims"}),
        ("matrix", {"event": "thrombosis", "therapy": "IVIG"}),
        ("timeline", {}),
        ("timeline", {"therapy": "IVIG", "design": "CaseReport"}),
        ("forest", {}),
        ("forest", {"by": "class", "least": "10"}),
        ("forest", {"object": "hemolysis", "since": "2000"}),
        ("evidence", {}),
        ("evidence", {"concept": "headache", "relation": "causes", "until": "2030"}),
    ],
)
def test_a_plot_is_drawn_from_what_its_question_answers(filled, name, given):
    kind = plots.PLOTS[name]
    values = plots.resolved(kind, given, load().find)
    rows = plotrows.read(filled, load(), Minter(), kind.query, values)
    asked = list(table(filled, catalogue.load()[kind.query].bind(values)))
    option = given.get(kind.option, "")
    drawn, expected = (plots.drawn_from(kind, each, option) for each in (rows, asked))
    assert drawn.rows or not asked
    assert sorted(drawn.rows) == sorted(expected.rows)
    assert sorted(drawn.notes) == sorted(expected.notes)


def test_the_command_line_draws_the_same(ivigraph, store, tmp_path):
    done = ivigraph("draw", "matrix", "--store", store, "--out", "matrix.csv")
    assert done.returncode == 0, done.stderr
    assert "headache,dermatomyositis,1,0" in (tmp_path / "matrix.csv").read_text()
    done = ivigraph("draw", "network", "--store", store, "--param", "kind=Wizard", "--out", "network.svg")
    assert done.returncode == 2
    assert "ImmunoglobulinProduct" in done.stderr
