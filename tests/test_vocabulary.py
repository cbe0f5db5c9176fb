"""The vocabulary: its tables are consistent, its identifiers exist, and faults are told with their line."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, BNode, Literal, URIRef

from ivigraph.errors import VocabularyError
from ivigraph.ontology import build, sources
from ivigraph.ontology.graph import CLASSES, IVO, vocabulary_graph
from ivigraph.ontology.sources import Catalogue
from ivigraph.ontology.vocabulary import (
    COLUMNS,
    FACT_COLUMNS,
    FILES,
    INFERRED,
    TERMS,
    Kind,
    Scope,
    Vocabulary,
    allows,
    load,
    read,
)

ONTOLOGIES = Path(__file__).parents[1] / "../shared/ontologies"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    if not ONTOLOGIES.is_dir():
        pytest.skip("the ontologies in ../shared are not here")
    return sources.read(ONTOLOGIES)


def tables(folder: Path, **rows: Iterable[dict[str, str]]) -> Path:
    """A directory of tables with these rows, by the stem of their file; cells that are not given are empty."""
    for file, kind in FILES.items():
        columns = COLUMNS + FACT_COLUMNS if kind is Kind.PRODUCT else COLUMNS
        lines = ["\t".join(row.get(column, "") for column in columns) for row in rows.get(file[:-4], ())]
        (folder / file).write_text("\n".join(["\t".join(columns), *lines, ""]), encoding="utf-8")
    return folder


def test_every_external_identifier_exists_and_names_what_we_name(catalogue: Catalogue) -> None:
    assert build.verify(read(TERMS), catalogue) == []


def test_an_identifier_that_names_something_else_is_found_out(tmp_path: Path, catalogue: Catalogue) -> None:
    wrong = tables(
        tmp_path,
        events=[{"id": "HP:0002315", "label": "nausea"}, {"id": "HP:9999999", "label": "vomiting"}],
        diseases=[{"id": "MONDO:0005290", "label": "rhabdomyolysis"}],
    )
    problems = build.verify(read(wrong), catalogue)
    assert [problem.partition(":")[2] for problem in problems] == [
        "0002315 (nausea): HP:0002315 is 'Headache', and no name of ours agrees",
        "9999999 (vomiting): HP:9999999 is in none of the files",
        "0005290 (rhabdomyolysis): MONDO:0005290 is obsolete",
    ]


def test_the_vocabulary_has_the_size_that_was_asked_for() -> None:
    numbers = Counter(concept.kind for concept in load().concepts.values())
    least = {Kind.DISEASE: 120, Kind.EVENT: 120, Kind.PRODUCT: 30, Kind.THERAPY: 60, Kind.MECHANISM: 20}
    assert {kind: numbers[kind] for kind in least if numbers[kind] < least[kind]} == {}


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("IVIg", "ivo:IVIG"),
        ("IVIGs", "ivo:IVIG"),
        ("intravenous immune globulin", "ivo:IVIG"),
        ("autoimmune diseases", "MONDO:0007179"),
        ("haematological disorders", "MONDO:0005570"),
        ("infectious diseases", "MONDO:0005550"),
        ("neurologic disorders", "MONDO:0005071"),
        ("connective tissue diseases", "MONDO:0003900"),
        ("dermatomyositis", "MONDO:0016367"),
        ("MCTD", "MONDO:0005854"),
        ("systemic scleroderma", "MONDO:0005100"),
        ("thrombocytopaenia", "HP:0001873"),
        ("low platelet count", "HP:0001873"),
        ("haemorrhagic symptoms", "HP:0001892"),
        ("headaches", "HP:0002315"),
        ("nausea", "HP:0002018"),
        ("flu-like symptoms", "ivo:FluLikeSymptoms"),
        ("Guillain–Barré syndrome", "MONDO:0016218"),
        ("Kenketsu Benilon-I", "ivo:KenketsuVenilonI"),
        ("献血グロベニン-I", "ivo:KenketsuGloveninI"),
        ("blood clots", "MONDO:0000831"),
    ],
)
def test_a_name_finds_its_concept_first(name: str, id: str) -> None:
    assert load().find(name)[0].id == id


@pytest.mark.parametrize(
    ("id", "ancestor"),
    [
        ("HP:0001873", "HP:0001871"),
        ("MONDO:0016367", "MONDO:0003900"),
        ("MONDO:0016367", "MONDO:0007179"),
        ("ivo:KenketsuVenilonI", "ivo:SulfonatedImmunoglobulin"),
        ("ivo:KenketsuVenilonI", "ivo:Immunoglobulin"),
        ("ivo:FacilitatedSCIG", "ivo:SCIG"),
        ("MESH:D011239", "MESH:D007166"),
        ("HP:0001873", "HP:0001873"),
    ],
)
def test_a_concept_is_what_is_broader(id: str, ancestor: str) -> None:
    assert load().is_a(id, ancestor)
    assert load().is_a(ancestor, id) == (id == ancestor)


def test_an_unknown_identifier_is_its_own_only_ancestor() -> None:
    assert load().ancestors("MONDO:0000000") == {"MONDO:0000000"}


def test_an_abbreviation_keeps_its_case() -> None:
    [als] = (name for name in load().concepts["MONDO:0004976"].names if name.text == "ALS")
    assert als.scope is Scope.ABBREVIATION
    assert allows(als, "ALS")
    assert not allows(als, "als")
    assert "MONDO:0004976" not in [concept.id for concept in load().find("als")]


def test_the_bearers_of_an_ambiguous_name_come_in_a_fixed_order(tmp_path: Path) -> None:
    rows = [{"id": f"ivo:{id}", "label": id, "synonyms": "the gout"} for id in ("C", "A", "B")]
    vocabulary = read(tables(tmp_path, events=rows[:2], diseases=rows[2:]))
    assert [concept.id for concept in vocabulary.find("the gout")] == ["ivo:B", "ivo:A", "ivo:C"]
    assert list(build.ambiguous(vocabulary)) == ["the gout"]


def test_the_lines_of_a_table_are_sorted_by_label() -> None:
    for file in FILES:
        lines = (TERMS / file).read_text(encoding="utf-8").splitlines()[1:]
        labels = [(line.split("\t")[1].casefold(), line.split("\t")[0]) for line in lines]
        assert labels == sorted(labels), file


def test_every_product_fact_names_its_source_or_is_marked_unverified() -> None:
    facts = {concept.label: concept.facts for concept in load().concepts.values() if concept.facts}
    assert facts
    for label, fact in facts.items():
        assert fact.status in {"sourced", "unverified"}, label
        assert bool(fact.source) == (fact.status == "sourced"), label


@pytest.mark.parametrize(
    ("rows", "message", "line"),
    [
        ([{"id": "HP:1", "label": "a"}, {"id": "HP:1", "label": "b"}], "HP:1 was defined already", 3),
        ([{"id": "HP:1", "label": "Anaemia"}, {"id": "HP:2", "label": "anemias"}], "was given already", 3),
        ([{"id": "HP:1", "label": "a", "parents": "HP:2"}], "HP:2 is not in the vocabulary", 2),
        ([{"id": "XX:1", "label": "a"}], "unknown prefix 'XX'", 2),
        ([{"id": "HP:", "label": "a"}], "is no CURIE", 2),
        ([{"id": "HP:1 2", "label": "a"}], "is no CURIE", 2),
        ([{"id": "HP:1", "label": "a", "exact": "nothing"}], "unknown prefix", 2),
        ([{"id": "HP:1"}], "has no label", 2),
        ([{"id": "HP:1", "label": "a\tb"}], "12 cells instead of 11", 2),
        ([{"id": "HP:1", "label": "a", "parents": "HP:1"}], "go round in a cycle: HP:1 -> HP:1", 2),
        (
            [
                {"id": "HP:1", "label": "a", "parents": "HP:2"},
                {"id": "HP:2", "label": "b", "parents": "HP:3"},
                {"id": "HP:3", "label": "c", "parents": "HP:1"},
            ],
            "go round in a cycle",
            None,
        ),
    ],
)
def test_a_fault_in_a_table_is_told_with_its_line(
    tmp_path: Path, rows: list[dict[str, str]], message: str, line: int | None
) -> None:
    with pytest.raises(VocabularyError) as caught:
        read(tables(tmp_path, events=rows))
    assert message in caught.value.message
    assert caught.value.where.startswith("events.tsv, line " + ("" if line is None else str(line)))
    assert caught.value.remedy


def test_a_fact_without_a_source_is_refused(tmp_path: Path) -> None:
    row = {"id": "ivo:X", "label": "X", "route": "intravenous", "status": "sourced"}
    with pytest.raises(VocabularyError, match="no source is named"):
        read(tables(tmp_path, products=[row]))


def test_a_missing_table_and_wrong_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="cannot be read"):
        read(tmp_path)
    folder = tables(tmp_path)
    (folder / "events.tsv").write_text("name\n", encoding="utf-8")
    with pytest.raises(VocabularyError, match="does not name the columns"):
        read(folder)


def test_a_folder_without_ontologies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="cannot be read"):
        sources.read(tmp_path)


def test_the_shipped_tables_are_read_from_anywhere(tmp_path: Path) -> None:
    shutil.copytree(TERMS, tmp_path / "terms")
    copied: Vocabulary = read(tmp_path / "terms")
    assert list(copied.concepts) == list(load().concepts)


def test_what_a_reasoner_inferred_is_part_of_the_closure() -> None:
    asserted = read(TERMS, asserted=True)
    for disease, group in (("MONDO:0009688", "MONDO:0002977"), ("MONDO:0019098", "MONDO:0000602")):
        assert not asserted.is_a(disease, group)
        assert load().is_a(disease, group)
    node = URIRef("http://purl.obolibrary.org/obo/MONDO_0009688")
    assert (node, IVO.isA, URIRef("http://purl.obolibrary.org/obo/MONDO_0002977")) in vocabulary_graph(load())


def test_the_closure_with_what_was_inferred_is_transitive() -> None:
    for id in load().concepts:
        for above in load().ancestors(id):
            assert load().ancestors(above) <= load().ancestors(id), (id, above)


def test_an_inferred_line_about_a_concept_that_is_no_more_is_passed_over(tmp_path: Path) -> None:
    folder = tables(tmp_path, events=[{"id": "HP:1", "label": "a"}])
    (folder / INFERRED).write_text("id\tancestor\nHP:1\tHP:2\nHP:3\tHP:1\n", encoding="utf-8")
    assert read(folder).ancestors("HP:1") == {"HP:1"}


def test_the_values_of_the_ontology_have_checked_identifiers(catalogue: Catalogue) -> None:
    assert build.verify(Vocabulary({}, {}, {}), catalogue) == []
    catalogue = replace(catalogue, labels={**catalogue.labels, "MESH:D016449": "Randomness"}, keys={**catalogue.keys})
    catalogue.keys["MESH:D016449"] = {"randomness"}
    (problem,) = build.verify(Vocabulary({}, {}, {}), catalogue)
    assert "RandomizedControlledTrial: MESH:D016449 is 'Randomness'" in problem


def test_the_graph_shows_a_concept_as_the_graph_model_does() -> None:
    graph = vocabulary_graph(load())
    event = URIRef("http://purl.obolibrary.org/obo/HP_0001873")
    group = URIRef("http://purl.obolibrary.org/obo/HP_0001871")
    assert set(graph.objects(event, RDF.type)) == {IVO.AdverseEvent, SKOS.Concept, OWL.Class}
    assert list(graph.objects(event, RDFS.label)) == [Literal("thrombocytopenia", lang="en")]
    assert Literal("low platelet count", lang="en") in graph.objects(event, SKOS.altLabel)
    assert Literal("血小板減少", lang="ja") in graph.objects(event, SKOS.altLabel)
    assert {event, group} <= set(graph.objects(event, IVO.isA))
    assert set(graph.objects(event, RDFS.subClassOf)) == set(graph.objects(event, SKOS.broader))
    brand = IVO.KenketsuVenilonI
    assert list(graph.objects(brand, IVO.process)) == [Literal("sulfonated")]
    assert list(graph.objects(brand, IVO.factStatus)) == [Literal("sourced")]


def test_every_concept_is_in_the_graph_with_its_kind_and_no_node_is_blank() -> None:
    graph = vocabulary_graph(load())
    for kind, cls in CLASSES.items():
        number = sum(concept.kind is kind for concept in load().concepts.values())
        assert len(list(graph.subjects(RDF.type, cls))) == number
    assert not any(isinstance(node, BNode) for node in graph.all_nodes())
