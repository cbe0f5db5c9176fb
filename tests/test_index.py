"""The term index: what was loaded, found again."""

import pytest

from ivigraph.errors import StoreError, VocabularyError
from ivigraph.ontology.external import Mapping, ProblemKind, Scope, Source, Term, TermName
from ivigraph.ontology.index import TermIndex


@pytest.fixture
def index(tmp_path):
    with TermIndex.open(tmp_path / "terms.sqlite", create=True) as opened:
        yield opened


def source(*terms, mappings=()):
    return Source(format="test", terms=terms, mappings=mappings)


ITP = Term(
    id="MONDO:1",
    label="immune thrombocytopenia",
    names=(TermName("ITP", Scope.EXACT), TermName("Werlhof's disease", Scope.EXACT)),
    parents=("MONDO:2",),
    definition="Too few platelets.",
)
PLATELETS = Term(id="MONDO:2", label="thrombocytopenia", parents=("MONDO:3",))
BLOOD = Term(id="MONDO:3", label="blood disorder")


def test_a_name_is_found_in_any_spelling(index):
    index.add("m", source(ITP, PLATELETS))
    assert [hit.term for hit in index.by_key("immune thrombocytopenia")] == ["MONDO:1"]
    assert [hit.term for hit in index.search("Immune Thrombocytopaenia")] == ["MONDO:1"]
    assert [hit.term for hit in index.search("thrombocytopenia")] == ["MONDO:2", "MONDO:1"]


def test_a_short_name_in_capitals_is_an_abbreviation(index):
    index.add("m", source(ITP))
    assert [hit.scope for hit in index.by_key("itp")] == [Scope.ABBREVIATION]


def test_an_entry_shows_names_ancestors_and_mappings(index):
    exact = Mapping(subject="MONDO:1", predicate="skos:exactMatch", object="MESH:D016553")
    index.add("m", source(ITP, PLATELETS, BLOOD, mappings=[exact]))
    entry = index.entry("http://purl.obolibrary.org/obo/MONDO_1")
    assert entry.definition == "Too few platelets."
    assert entry.ancestors == (("MONDO:2", "thrombocytopenia"), ("MONDO:3", "blood disorder"))
    assert entry.mappings == (("skos:exactMatch", "MESH:D016553", "MESH:D016553", "m"),)


def test_adding_a_source_again_replaces_it(index):
    index.add("m", source(ITP, BLOOD))
    index.add("m", source(PLATELETS))
    assert [s.terms for s in index.sources()] == [1]
    assert index.by_key("immune thrombocytopenia") == []
    assert index.by_key("thrombocytopenia")


def test_a_source_that_fails_leaves_what_was_there(index):
    index.add("m", source(ITP))

    def broken():
        yield PLATELETS
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError):
        index.add("m", Source(format="test", terms=broken()))
    assert [hit.term for hit in index.by_key("immune thrombocytopenia")] == ["MONDO:1"]
    assert index.by_key("thrombocytopenia") == []


def test_two_sources_may_name_one_term(index):
    index.add("m", source(ITP))
    index.add("other", source(Term(id="MONDO:1", label="idiopathic thrombocytopenic purpura")))
    assert index.entry("MONDO:1").sources == ("m", "other")
    index.remove("m")
    assert index.entry("MONDO:1").label == "idiopathic thrombocytopenic purpura"


def test_a_reader_sees_what_another_process_added(index, tmp_path):
    with TermIndex.open(tmp_path / "terms.sqlite") as reader:
        assert reader.by_key("blood disorder") == []
        index.add("m", source(BLOOD))
        assert [hit.source for hit in reader.by_key("blood disorder")] == ["m"]


def problems(loaded, kind):
    return [(p.where, p.message) for p in loaded.examples if p.kind is kind]


def test_a_cyclic_hierarchy_is_reported_and_its_ancestors_still_end(index):
    around = Term(id="MONDO:3", label="blood disorder", parents=("MONDO:1",))
    loaded = index.add("m", source(ITP, PLATELETS, around))
    assert problems(loaded, ProblemKind.CYCLE) == [
        ("MONDO:1", "MONDO:1 -> MONDO:2 -> MONDO:3 -> MONDO:1"),
    ]
    assert index.ancestors("MONDO:1") == ["MONDO:2", "MONDO:3"]


def test_a_label_of_two_terms_is_reported(index):
    loaded = index.add("m", source(BLOOD, Term(id="MONDO:4", label="Blood disorders")))
    assert problems(loaded, ProblemKind.DUPLICATE) == [("blood disorder", "MONDO:3, MONDO:4")]


def test_an_unknown_prefix_is_reported_and_the_term_is_kept(index):
    xref = Mapping(subject="LAB:1", predicate="oboInOwl:hasDbXref", object="ICD9CM:1")
    loaded = index.add("lab", source(Term(id="LAB:1", label="our term"), mappings=[xref]))
    assert problems(loaded, ProblemKind.PREFIX) == [
        ("ICD9CM", "1 cross references left out"),
        ("LAB", "1 terms keep this spelling of their identifier"),
    ]
    assert index.entry("LAB:1").label == "our term"


def test_a_mapping_to_an_obsolete_term_is_reported_with_its_replacement(index):
    index.add("m", source(Term(id="DOID:1", label="old", obsolete=True, replaced_by="DOID:2")))
    mapping = Mapping(subject="MONDO:1", predicate="skos:exactMatch", object="DOID:1")
    loaded = index.add("set", source(ITP, mappings=[mapping]))
    assert problems(loaded, ProblemKind.OBSOLETE) == [("MONDO:1", "skos:exactMatch DOID:1, replaced by DOID:2")]


def test_a_term_without_a_name_is_left_to_its_own_ontology(index):
    loaded = index.add("m", source(BLOOD, Term(id="CHEBI:1", label="")))
    assert (loaded.terms, loaded.problems) == (1, {"term without a label": 1})


def test_an_unknown_term_and_a_missing_index_say_what_to_do(index, tmp_path):
    with pytest.raises(VocabularyError, match="ontology search"):
        index.entry("MONDO:9")
    with pytest.raises(StoreError, match="ontology add"):
        TermIndex.open(tmp_path / "none.sqlite")
    (tmp_path / "text.sqlite").write_text("no database")
    with pytest.raises(StoreError, match="cannot be opened"):
        TermIndex.open(tmp_path / "text.sqlite", create=True)
