"""What is published beside the ontology: the prefix map, the JSON-LD context, the names of other vocabularies."""

import json
import re
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse
from rdflib import DCTERMS, OWL, RDF, RDFS, Literal, URIRef

from ivigraph import __version__
from ivigraph.ingest import rdf
from ivigraph.ingest.links import Linking
from ivigraph.namespaces import IDENTIFIERS, ONTOLOGY, VOCABULARIES, Minter, expand
from ivigraph.ontology import publish
from ivigraph.ontology.conformance import schema, shapes
from ivigraph.ontology.vocabulary import load

ONTOLOGIES = Path(__file__).parents[1] / "../shared/ontologies"


def test_the_shipped_files_are_what_the_code_makes_of_the_ontology():
    made = publish.generated(schema())
    assert [path.name for path, text in made.items() if path.read_text(encoding="utf-8") != text] == []


def test_no_two_prefixes_share_an_iri_so_that_curies_can_go_both_ways():
    prefixes = json.loads(publish.PREFIXES.read_text(encoding="utf-8"))
    assert len(set(prefixes.values())) == len(prefixes)
    assert set(prefixes.values()) == {*IDENTIFIERS.values(), *VOCABULARIES.values()}


def test_curies_loads_the_prefix_map():
    curies = pytest.importorskip("curies", reason="curies is not installed")
    converter = curies.load_prefix_map(str(publish.PREFIXES))
    for curie in ("MONDO:0016367", "MESH:D013921", "SCTID:302215000", "ivo:IVIG"):
        assert converter.expand(curie) == expand(curie)
        assert converter.compress(expand(curie)) == curie


def test_json_written_with_the_context_is_the_graph(reports):
    graph = rdf.graph(Linking(load()).linked(reports[0]), Minter())
    context = json.loads(publish.CONTEXT.read_text(encoding="utf-8"))["@context"]
    written = graph.serialize(format="json-ld", context=context, auto_compact=False)
    (claim, *_) = (node for node in json.loads(written)["@graph"] if "negated" in node)
    assert claim["negated"] in (True, False)
    assert claim["certainty"].startswith("ivo:")
    read = (set(parse(written, RdfFormat.JSON_LD)), set(parse(graph.serialize(format="nt"), RdfFormat.N_TRIPLES)))
    assert read[0] == read[1]


def test_the_version_of_the_ontology_is_that_of_the_package():
    ontology = URIRef("https://w3id.org/ivigraph/ontology")
    assert schema().value(ontology, OWL.versionInfo) == Literal(__version__)
    assert schema().value(ontology, OWL.versionIRI) == URIRef(f"{ontology}/{__version__}")
    assert schema().value(ontology, DCTERMS.license)


def test_every_term_of_the_ontology_has_a_label_and_a_comment():
    own = {s for s in schema().subjects() if str(s).startswith(ONTOLOGY)}
    assert len(own) > 150
    for term in own:
        for relation in (RDFS.label, RDFS.comment):
            assert {str(text.language) for text in schema().objects(term, relation)} == {"en"}, (term, relation)


def test_every_property_and_class_that_the_shapes_name_is_declared():
    declared = {s for s, _, kind in schema().triples((None, RDF.type, None)) if str(kind).startswith(str(OWL))}
    named = set(shapes().objects(None, URIRef("http://www.w3.org/ns/shacl#path")))
    named |= set(shapes().objects(None, URIRef("http://www.w3.org/ns/shacl#targetClass")))
    assert {str(n) for n in named - declared if str(n).startswith((ONTOLOGY, VOCABULARIES["biolink"]))} == set()


def test_every_term_of_biolink_that_is_used_exists_in_its_model():
    model = ONTOLOGIES / "biolink/biolink-model.yaml"
    if not model.is_file():
        pytest.skip("the Biolink model in ../shared is not here")
    terms = set(re.findall(r"(?m)^  ([a-z][a-z0-9 ]+):$", model.read_text(encoding="utf-8")))
    biolink = VOCABULARIES["biolink"]
    used = {str(node).removeprefix(biolink) for node in schema().all_nodes() if str(node).startswith(biolink)}
    used |= {
        str(p).removeprefix(biolink) for pair in rdf.PREDICATES.values() for p in pair if str(p).startswith(biolink)
    }
    spaced = {name: re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower().replace("_", " ") for name in used}
    assert len(used) > 15
    assert {name for name, words in spaced.items() if words not in terms} == set()
