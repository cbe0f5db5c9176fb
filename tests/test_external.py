"""Ontologies of every supported format, read into the same terms."""

import gzip
import json
from pathlib import Path

import pytest

from ivigraph.errors import ReadError
from ivigraph.ontology import external
from ivigraph.ontology.external import ProblemKind, Scope
from ivigraph.ontology.identifiers import canonical

SHARED = Path(__file__).parents[1] / "../shared/ontologies"

TURTLE = """
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix obo: <http://purl.obolibrary.org/obo/> . @prefix oio: <http://www.geneontology.org/formats/oboInOwl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix dcterms: <http://purl.org/dc/terms/> .
<http://example.org/o> a owl:Ontology ; dcterms:title "Little ontology" ; owl:versionInfo "3" ;
  owl:imports <http://nowhere.invalid/other.owl> .
obo:DOID_1 a owl:Class ; rdfs:label "dermatitis"@en, "皮膚炎"@ja ; rdfs:subClassOf obo:DOID_4 ;
  oio:hasExactSynonym "skin inflammation", "DRM" ; oio:hasDbXref "MSH:D003872" ;
  obo:IAO_0000115 "Inflamed skin." ; skos:exactMatch <http://identifiers.org/mesh/D003872> .
[] a owl:Axiom ; owl:annotatedSource obo:DOID_1 ; owl:annotatedProperty oio:hasExactSynonym ;
  owl:annotatedTarget "DRM" ; oio:hasSynonymType <http://purl.obolibrary.org/obo/OMO_0003000> .
obo:DOID_2 a owl:Class ; rdfs:label "obsolete eczema" ; owl:deprecated true ; obo:IAO_0100001 obo:DOID_1 .
"""


def written(tmp_path, name, text):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def loaded(path, **options):
    source = external.read(path, **options)
    return source, {term.id: term for term in source.terms}, list(source.mappings)


def converted(format_):
    from rdflib import Graph

    return Graph().parse(data=TURTLE, format="turtle").serialize(format=format_)


@pytest.mark.parametrize(
    ("name", "format_"), [("a.ttl", "turtle"), ("a.owl", "xml"), ("a.nt", "nt"), ("a.jsonld", "json-ld")]
)
def test_an_owl_ontology_is_the_same_in_every_syntax(tmp_path, name, format_):
    source, terms, mappings = loaded(written(tmp_path, name, converted(format_)))
    dermatitis = terms["DOID:1"]
    assert (dermatitis.label, dermatitis.parents, dermatitis.definition) == (
        "dermatitis",
        ("DOID:4",),
        "Inflamed skin.",
    )
    assert {(n.text, n.scope, n.language) for n in dermatitis.names} == {
        ("皮膚炎", Scope.EXACT, "ja"),
        ("skin inflammation", Scope.EXACT, "en"),
        ("DRM", Scope.ABBREVIATION, "en"),
    }
    assert (terms["DOID:2"].obsolete, terms["DOID:2"].replaced_by) == (True, "DOID:1")
    assert {(m.predicate, m.object) for m in mappings} == {
        ("oboInOwl:hasDbXref", "MESH:D003872"),
        ("skos:exactMatch", "MESH:D003872"),
    }
    assert (source.title, source.version) == ("Little ontology", "3")


def test_what_an_ontology_imports_is_reported_and_not_fetched(tmp_path):
    source, _, _ = loaded(written(tmp_path, "a.ttl", TURTLE))
    (problem,) = [p for p in source.problems if p.kind is ProblemKind.IMPORT]
    assert "http://nowhere.invalid/other.owl" in problem.message


def test_owl_xml_is_read(tmp_path):
    path = written(
        tmp_path,
        "a.owx",
        """<?xml version="1.0"?>
<Ontology xmlns="http://www.w3.org/2002/07/owl#" ontologyIRI="http://example.org/o">
  <Prefix name="rdfs" IRI="http://www.w3.org/2000/01/rdf-schema#"/>
  <Declaration><Class IRI="http://purl.obolibrary.org/obo/DOID_1"/></Declaration>
  <AnnotationAssertion><AnnotationProperty abbreviatedIRI="rdfs:label"/>
    <IRI>http://purl.obolibrary.org/obo/DOID_1</IRI><Literal>dermatitis</Literal></AnnotationAssertion>
</Ontology>""",
    )
    _, terms, _ = loaded(path)
    assert terms["DOID:1"].label == "dermatitis"


def test_a_skos_scheme_is_read(tmp_path):
    path = written(
        tmp_path,
        "a.ttl",
        """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix x: <http://id.nlm.nih.gov/mesh/> .
        x:D1 a skos:Concept ; skos:prefLabel "Purpura"@en ; skos:altLabel "purple spots"@en ;
          skos:hiddenLabel "purpurra" ; skos:broader x:D2 ;
          skos:closeMatch <http://purl.obolibrary.org/obo/HP_0000979> .""",
    )
    _, terms, mappings = loaded(path)
    assert terms["MESH:D1"].label == "Purpura"
    assert terms["MESH:D1"].parents == ("MESH:D2",)
    assert {n.text: n.scope for n in terms["MESH:D1"].names} == {
        "purple spots": Scope.EXACT,
        "purpurra": Scope.RELATED,
    }
    assert [(m.predicate, m.object) for m in mappings] == [("skos:closeMatch", "HP:0000979")]


def test_obo_graphs_json_packed_with_gzip_is_read(tmp_path):
    graph = {
        "graphs": [
            {
                "id": "http://example.org/o",
                "nodes": [
                    {
                        "id": "http://www.orpha.net/ORDO/Orphanet_124",
                        "lbl": "Blackfan-Diamond anemia",
                        "type": "CLASS",
                        "meta": {
                            "synonyms": [{"pred": "hasExactSynonym", "val": "Aase syndrome"}],
                            "xrefs": [{"val": "MESH:D029503"}],
                            "deprecated": True,
                        },
                    }
                ],
                "edges": [
                    {
                        "sub": "http://www.orpha.net/ORDO/Orphanet_124",
                        "pred": "is_a",
                        "obj": "http://www.orpha.net/ORDO/Orphanet_1",
                    }
                ],
            }
        ]
    }
    path = written(tmp_path, "a.json.gz", gzip.compress(json.dumps(graph).encode()))
    _, terms, mappings = loaded(path)
    term = terms["Orphanet:124"]
    assert (term.label, term.parents, term.obsolete) == ("Blackfan-Diamond anemia", ("Orphanet:1",), True)
    assert [m.object for m in mappings] == ["MESH:D029503"]


def test_a_mapping_set_gives_mappings_and_the_labels_of_both_sides(tmp_path):
    path = written(
        tmp_path,
        "a.sssom.tsv",
        "# mapping_set_id: http://example.org/set\n# license: http://example.org/free\n"
        "subject_id\tsubject_label\tpredicate_id\tobject_id\tobject_label\tmapping_justification\tconfidence\n"
        "MONDO:1\tacne\tskos:exactMatch\tmesh:D000152\tAcne Vulgaris\tsemapv:ManualMappingCuration\t0.9\n"
        "MONDO:1\tacne\tskos:exactMatch\tnothing\t\t\t\n",
    )
    source, terms, mappings = loaded(path)
    assert [(m.subject, m.object, m.confidence) for m in mappings] == [("MONDO:1", "MESH:D000152", 0.9)]
    assert terms["MESH:D000152"].label == "Acne Vulgaris"
    assert source.licence == "http://example.org/free"
    assert [(p.kind, p.where) for p in source.problems] == [(ProblemKind.SYNTAX, "line 5")]


def test_a_table_of_labels_takes_its_prefix_from_its_column_or_from_the_caller(tmp_path):
    _, terms, _ = loaded(written(tmp_path, "a.tsv", "mesh_id\tmesh_name\nD000152\tAcne Vulgaris\n"))
    assert terms["MESH:D000152"].label == "Acne Vulgaris"
    _, terms, _ = loaded(written(tmp_path, "b.tsv", "id\tlabel\n17\tAcne\n"), prefix="LAB")
    assert terms["LAB:17"].label == "Acne"


def test_a_table_without_prefix_is_refused_with_the_option_that_helps(tmp_path):
    with pytest.raises(ReadError, match="--prefix"):
        loaded(written(tmp_path, "b.tsv", "id\tlabel\n17\tAcne\n"))


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        (
            "a.owl",
            '<?xml version="1.0"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n<a>\n</rdf:RDF>',
            4,
        ),
        ("a.ttl", "@prefix x: <http://x/> .\nx:a x:b ,,, .\n", 2),
        ("a.nt", "<http://a> <http://b> <http://c> .\n<http://a> oops\n", 2),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path, name, text, line):
    with pytest.raises(ReadError) as raised:
        loaded(written(tmp_path, name, text))
    assert raised.value.where == f"{name}, line {line}"


def test_a_file_of_another_kind_is_refused(tmp_path):
    with pytest.raises(ReadError, match="not an ontology"):
        loaded(written(tmp_path, "a.bin", "hello"))


@pytest.mark.parametrize(
    ("written_as", "curie"),
    [
        ("mesh:D1", "MESH:D1"),
        ("SNOMEDCT_US_2015_03_01:2", "SCTID:2"),
        ("http://purl.obolibrary.org/obo/HP_0000979", "HP:0000979"),
        ("http://purl.obolibrary.org/obo/FOO_17", "FOO:17"),
        ("http://identifiers.org/mesh/D1", "MESH:D1"),
        ("http://example.org/my/term", "http://example.org/my/term"),
        ("LAB:1", "LAB:1"),
    ],
)
def test_identifiers_are_brought_to_one_spelling(written_as, curie):
    assert canonical(written_as) == curie


def test_medical_action_ontology_loads(tmp_path):
    path = SHARED / "maxo/maxo-base.owl"
    if not path.exists():
        pytest.skip("../shared is absent")
    fractions = []
    source, terms, _ = loaded(path, progress=fractions.append)
    assert terms["MAXO:0001077"].label == "splenectomy"
    assert "MAXO:0000004" in terms
    assert "creativecommons.org/licenses/by/4.0" in source.licence
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
