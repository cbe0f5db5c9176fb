import hashlib
import re
from contextlib import ExitStack
from dataclasses import replace

import httpx
import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib.plugins.sparql.parser import parseQuery, parseUpdate

from ivigraph.errors import QueryError, QuerySyntaxError
from ivigraph.ingest import rdf
from ivigraph.model import Related, Relation
from ivigraph.namespaces import Minter, expand, prefixes
from ivigraph.ontology.graph import vocabulary_graph
from ivigraph.ontology.vocabulary import load
from ivigraph.queries import catalogue, relations
from ivigraph.server import plotrows, plots, run
from ivigraph.server.app import create_app
from ivigraph.store import open_store
from ivigraph.terminals import tokens

HEADER = "#+ title: A title\n#+ description: What it answers\n"
VALUES = {
    "design": "https://w3id.org/ivigraph/ontology#CaseReport",
    "concept": "http://purl.obolibrary.org/obo/HP_0002315",
    "relation": relations.BY_NAME["causes"].iri,
    "document": "pmid:900001",
    "text": "a text",
    "integer": "2",
}
QUERIES = catalogue.load()


def answer(store, name, **given):
    query = QUERIES[name]
    return list(store.select(query.bind(catalogue.resolve(query, given, load().find))))


def texts(rows, column):
    return [str(row[column]) for row in rows if column in row]


def query(text):
    return catalogue.parse("example", text)


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_valid_sparql_with_and_without_its_parameters(name):
    found = QUERIES[name]
    parseQuery(found.text)
    parseQuery(found.bind({p.name: VALUES[p.type] for p in found.parameters}, limit=5))


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_declares_its_prefixes_so_that_it_runs_anywhere(name, filled):
    pyoxigraph.Store().query(QUERIES[name].text)
    nothing_in_the_reports = {"possible-duplicates", "retracted-claims"}
    assert bool(answer(filled, name)) is (name not in nothing_in_the_reports)


@pytest.mark.parametrize("name", QUERIES)
def test_each_parameter_alone_narrows_the_answer_or_leaves_it(name, filled):
    everything = answer(filled, name)
    for parameter in QUERIES[name].parameters:
        bound = QUERIES[name].bind({parameter.name: VALUES[parameter.type]})
        assert len(filled.select(bound)) <= len(everything)


def test_adverse_events_are_counted_by_disease_with_a_sentence(filled):
    rows = answer(filled, "adverse-events-by-disease", disease="dermatomyositis")
    assert set(texts(rows, "eventLabel")) == {"headache", "thrombocytopenia"}
    assert {(str(r["claims"]), str(r["documents"]), str(r["cases"])) for r in rows} == {("1", "1", "1")}
    assert "Two days after the infusion she had a severe headache, which resolved completely." in texts(
        rows, "sentence"
    )


def test_every_affirmed_event_comes_with_its_sentence_and_document(filled):
    rows = answer(filled, "adverse-event-sentences")
    assert len(rows) == 6
    assert all({"quote", "document", "documentLabel"} <= set(row) for row in rows)
    assert "No thrombosis occurred." not in texts(rows, "quote")


def test_a_broader_concept_finds_the_narrower_ones(filled):
    broad = next(iter(load().concepts["HP:0002315"].parents))
    assert "headache" in texts(answer(filled, "adverse-event-sentences", event=broad), "eventLabel")


def test_a_name_without_a_concept_is_found_by_its_iri(filled):
    term = Minter().unlinked("condition", "falling feeling")
    assert texts(answer(filled, "adverse-event-sentences", event=term), "eventLabel") == ["falling feeling"]


def test_a_condition_is_part_of_the_query_only_when_its_parameter_is_given():
    found = query(HEADER + "#+ parameter x concept: One\n#+ parameter y concept: Two\n"
                  "SELECT * {\n  #? ?s ?p ?_x .\n  #? ?s ?_y ?_x .\n  ?s ?p ?o\n}")  # fmt: skip
    assert "\n  ?s ?p <http://e/x> .\n  #? ?s ?_y ?_x .\n" in found.bind({"x": "http://e/x"})
    assert found.bind({}) == found.text


def test_absent_findings_are_found_with_their_quote(filled):
    rows = answer(filled, "negated-claims")
    assert set(texts(rows, "quote")) == {"No thrombosis occurred.", "There was no thrombocytopenia after IVIG."}


def test_off_label_uses_tell_the_effect(filled):
    (row,) = answer(filled, "off-label-uses")
    assert (str(row["diseaseLabel"]), str(row["therapyLabel"]), str(row["effect"])) == (
        "dermatomyositis",
        "Octagam",
        "improved",
    )
    assert "off-label" in str(row["quote"])


def test_documents_that_carry_a_claim_are_named(filled):
    rows = answer(filled, "documents-of-claim", subject="IVIG", relation="causes", object="headache")
    assert len(rows) == 3  # a brand is narrower than IVIG
    assert len(set(texts(rows, "document"))) == 3


def test_treatments_count_the_effect(filled):
    (row,) = answer(filled, "treatments-by-disease", disease="Kawasaki disease")
    assert (str(row["claims"]), str(row["noResponse"]), str(row["improved"])) == ("2", "1", "0")


def test_onset_is_in_days_with_the_words_of_the_text(filled):
    (row,) = answer(filled, "onset-of-events")
    assert (str(row["minDays"]), str(row["words"]), str(row["from"])) == (
        "2",
        "Two days after the infusion",
        "start of therapy",
    )


def test_counts_keep_their_denominator(filled):
    rows = answer(filled, "proportions", object="headache")
    assert [(str(r["count"]), str(r["total"]), str(r["unit"])) for r in rows] == [("19", "62", "patients")]
    assert not answer(filled, "proportions", least="63")


def test_a_brand_is_told_from_its_group(filled):
    rows = answer(filled, "products", product="Octagam")
    assert texts(rows, "eventLabel") == ["headache"]


def test_a_patient_comes_with_what_was_reported(filled):
    (row,) = answer(filled, "cases")
    assert str(row["diseases"]) == "dermatomyositis"
    assert set(str(row["events"]).split("; ")) == {"headache", "thrombocytopenia"}
    assert str(row["absent"]) == "thrombosis"
    assert not answer(filled, "cases", event="thrombosis")


def test_a_document_is_found_by_any_of_its_identifiers_and_its_page(filled):
    for name in (
        "pmid:900001",
        "doi:10.5555/ivig.1",
        "https://doi.org/10.5555/ivig.1",
        Minter().document("pmid:900001"),
    ):
        assert len(answer(filled, "adverse-event-sentences", document=name)) == 2


def test_claims_are_found_by_the_disease_they_were_made_in(filled):
    rows = answer(filled, "claims-of-concept", concept="dermatomyositis")
    assert "thrombocytopenia" in texts(rows, "objectLabel")


def test_an_edge_counts_claims_documents_patients_and_denials(filled):
    rows = answer(filled, "network-edges", concept="thrombocytopenia")
    (row,) = rows
    assert [str(row[name]) for name in ("claims", "negated", "documents", "cases")] == ["1", "1", "1", "1"]
    assert str(row["objectKind"]).endswith("#AdverseEvent")


def test_the_edges_of_a_disease_hold_what_was_reported_in_its_patients(filled):
    rows = answer(filled, "network-edges", concept="dermatomyositis")
    assert set(texts(rows, "objectLabel")) == {"dermatomyositis", "headache", "thrombocytopenia"}


def test_names_are_counted_by_where_their_concept_was_found(filled):
    rows = {str(row["foundIn"]): row for row in answer(filled, "linking")}
    assert set(rows) == {"vocabulary", "nowhere"}
    assert (int(rows["nowhere"]["mentions"]), int(rows["nowhere"]["names"])) == (2, 2)
    assert int(rows["vocabulary"]["mentions"]) > int(rows["vocabulary"]["names"]) > 5


def test_names_without_a_concept_are_listed_for_a_curator(filled):
    (row,) = (r for r in answer(filled, "unlinked-names") if str(r["termLabel"]) == "falling feeling")
    assert (str(row["termLabel"]), str(row["type"]), int(row["documents"])) == ("falling feeling", "condition", 1)
    assert answer(filled, "unlinked-names", document="pmid:1") == []


@pytest.mark.parametrize("identifier", ["MESH:D013921", "SCTID:302215000", "HP:0001873"])
def test_an_identifier_of_another_ontology_leads_to_the_claims_about_its_concept(filled, identifier):
    (row,) = answer(filled, "concept-by-identifier", identifier=identifier)
    assert str(row["conceptLabel"]) == "thrombocytopenia"
    assert str(row["identifier"]) == expand(identifier)
    assert ("mapping" in row) == (not identifier.startswith("HP"))
    assert int(row["claims"]) > 0
    assert "thrombocytopenia" in str(row["sentence"]).lower()


def test_the_overview_counts_what_is_there(filled, reports):
    (row,) = answer(filled, "overview")
    assert int(row["documents"]) == len(reports)
    assert int(row["claims"]) == sum(len(report.claims) for report in reports)
    assert (int(row["absent"]), int(row["cases"]), int(row["diseases"])) == (2, 1, 2)


@pytest.fixture(scope="module")
def without_retracted(reports, tmp_path_factory):
    """Two stores: with three documents, two of them retracted, and with the third alone."""
    kept, *others = reports
    notice = (Related(relation=Relation.RETRACTED_BY, id="pmid:1"),)
    withdrawn = [replace(report, document=replace(report.document, related=notice)) for report in others]
    minter = Minter()
    with ExitStack() as opened:
        stores = []
        for documents in ([kept, *withdrawn], [kept]):
            place = tmp_path_factory.mktemp("retracted") / "store"
            store = open_store(place, create=True, prefixes=prefixes(minter), derive=catalogue.derivation(minter))
            stores.append(opened.enter_context(store))
            with store.writer() as writer:
                writer.replace_graph(minter.vocabulary_graph, vocabulary_graph(load()))
                for report in documents:
                    writer.replace_graph(minter.document_graph(report.document.id), rdf.graph(report, minter))
        yield stores


# What was read, as it was read, is not evidence; and one question is about what was retracted.
_TELLS_ALL = {"documents", "overview", "linking", "unlinked-names", "retracted-claims"}


@pytest.mark.parametrize("name", sorted(set(QUERIES) - _TELLS_ALL))
def test_a_retracted_document_counts_for_nothing_in_a_question(name, without_retracted):
    with_them, alone = (answer(store, name) for store in without_retracted)
    assert with_them == alone


@pytest.mark.parametrize("name", plots.PLOTS)
def test_a_retracted_document_counts_for_nothing_in_a_plot(name, without_retracted):
    with_them, alone = (
        plotrows.read(store, load(), Minter(), plots.PLOTS[name].query, {}) for store in without_retracted
    )
    assert with_them == alone


def test_a_retracted_document_counts_for_nothing_on_the_home_page_but_as_a_document(without_retracted):
    pages = []
    for store in without_retracted:
        with run.running(create_app(store, Minter(), load())) as url:
            text = httpx.get(url, headers={"Accept": "text/html"}, timeout=60).text
        pages.append(re.search(r"[\d,]+ claims?, [\d,]+ of them.*?patients? described", text, re.DOTALL)[0])
        (row,) = answer(store, "overview")
        assert [int(number) for number in re.findall(r"(\d+) (?:claims?,|of them|patients?)", pages[-1])] == [
            int(row[name]) for name in ("claims", "absent", "cases")
        ]
    assert pages[0] == pages[1]


def test_a_retracted_document_is_listed_with_no_claims_and_told_apart(without_retracted):
    with_them, alone = without_retracted
    found = [row for row in answer(with_them, "documents") if "retracted" in row]
    assert [(str(row["claims"]), str(row["absent"]), str(row["cases"])) for row in found] == [("0", "0", "0")] * 2
    counted = [next(iter(answer(store, "overview"))) for store in without_retracted]
    assert [str(row["documents"]) for row in counted] == ["3", "1"]
    assert [{**row, "documents": None} for row in counted[:1]] == [{**row, "documents": None} for row in counted[1:]]
    assert answer(with_them, "retracted-claims")
    assert not answer(alone, "retracted-claims")


def test_a_derived_edge_has_the_iri_that_the_minter_gives(filled):
    for row in filled.select("SELECT ?e ?s ?p ?o { ?e ivo:from ?s ; ivo:relation ?p ; ivo:to ?o }"):
        assert str(row["e"]) == Minter().edge(str(row["s"]), str(row["p"]), str(row["o"]))


def test_deriving_twice_gives_the_same_edges(filled):
    minter = Minter()
    everything = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{minter.derived_graph}> {{ ?s ?p ?o }} }}"
    before = set(filled.construct(everything))
    with filled.writer() as writer:
        writer.update(catalogue.derivation(minter))
    assert set(filled.construct(everything)) == before


def test_the_derivation_is_valid_sparql_for_any_base():
    update = catalogue.derivation(Minter("https://example.org/kg/"))
    parseUpdate(update)
    assert "<https://example.org/kg/graph/derived>" in update


def test_the_kinds_of_claim_are_those_that_ingest_writes():
    assert {name: relations.BY_NAME[name.value].iri for name in rdf.PREDICATES} == {
        predicate: str(iri) for predicate, (iri, _) in rdf.PREDICATES.items()
    }


def test_a_variable_in_a_string_a_comment_or_an_iri_stays():
    text = HEADER + (
        '#+ parameter x text: A text\nSELECT * { ?s <http://e/?_x> \'?_x\', """?_x " ?_x""" ; ?p ?_x } # ?_x\n'
    )
    bound = query(text).bind({"x": "v"})
    assert '<http://e/?_x> \'?_x\', """?_x " ?_x""" ; ?p "v" } # ?_x' in bound


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])).filter(lambda t: "\\u" not in t.lower()))
def test_a_text_can_hold_anything_and_stays_one_string(value):
    bound = query(HEADER + "#+ parameter x text: A text\nSELECT * { ?s ?p ?_x }").bind({"x": value})
    kinds = [token.kind for token in tokens(bound.partition("SELECT")[2])]
    assert kinds == ["mark", "variable", "variable", "string", "mark"]


@pytest.mark.parametrize("value", ["x> . ?a ?b ?c", "http://e/a b", "no-scheme", 'http://e/"', "http://e/\n", ""])
def test_what_is_no_iri_is_refused(value):
    with pytest.raises(QueryError, match="no IRI"):
        query(HEADER + "#+ parameter x concept: A concept\nSELECT * { ?s ?p ?_x }").bind({"x": value})


@pytest.mark.parametrize("value", ["1; DROP ALL", "1.5", "", "x"])
def test_what_is_no_whole_number_is_refused(value):
    with pytest.raises(QueryError, match="whole number"):
        query(HEADER + "#+ parameter x integer: A number\nSELECT * { ?s ?p ?_x }").bind({"x": value})


def test_an_unknown_parameter_is_refused_with_those_that_there_are():
    with pytest.raises(QueryError, match="it takes disease, event, therapy"):
        QUERIES["adverse-events-by-disease"].bind({"illness": "x"})


@pytest.mark.parametrize("name", ["thrombocytopenia", "HP:0001873", expand("HP:0001873"), "low platelet count"])
def test_a_concept_is_found_by_name_synonym_curie_and_iri(name):
    found = catalogue.resolve(QUERIES["onset-of-events"], {"event": name}, load().find)
    assert found == {"event": expand("HP:0001873")}


def test_a_name_that_nothing_has_is_refused_with_a_remedy():
    with pytest.raises(QueryError) as caught:
        catalogue.resolve(QUERIES["onset-of-events"], {"event": "wobblitis"}, load().find)
    assert "another name" in caught.value.remedy


def test_an_empty_value_is_no_value():
    assert catalogue.resolve(QUERIES["onset-of-events"], {"event": "  "}, load().find) == {}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("#+ title: A\nSELECT * {}", 1, "no description"),
        ("#+   goes on\n", 1, "continues nothing"),
        (HEADER + "#+ parameter x colour: A colour\nSELECT * { ?_x ?p ?o }", 3, "unknown type 'colour'"),
        (HEADER + "#+ nonsense\nSELECT * {}", 3, "cannot be read"),
        (HEADER + "SELECT *\n{ ?_x ?p ?o }", 4, "not declared"),
        (HEADER + "#+ parameter x text: A text\nSELECT * { ?s ?p ?o }", 1, "not used"),
    ],
)
def test_a_faulty_file_is_named_with_the_line(text, line, message):
    with pytest.raises(QuerySyntaxError, match=message) as caught:
        query(text)
    assert caught.value.line == line
    assert caught.value.where == f"example.rq, line {line}"


def test_a_description_goes_on_over_indented_lines():
    assert query("#+ title: A\n#+ description: one\n#+   two\nASK {}").description == "one two"


def test_the_digest_of_an_edge_is_the_same_in_python_and_sparql(filled):
    (row,) = filled.select('SELECT (SUBSTR(SHA256(CONCAT("a", "\\u001F", "b")), 1, 24) AS ?digest) {}')
    assert str(row["digest"]) == hashlib.sha256(b"a\x1fb").hexdigest()[:24]
