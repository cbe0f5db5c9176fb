"""From names in texts to concepts, with scores and reasons."""

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigraph.ontology.external import Mapping, Scope, Source, Term, TermName
from ivigraph.ontology.index import TermIndex
from ivigraph.ontology.linking import VOCABULARY, Linker
from ivigraph.ontology.names import normalise
from ivigraph.ontology.vocabulary import Kind, Vocabulary
from ivigraph.ontology.vocabulary import load as load_vocabulary
from ivigraph.ontology.wording import bag, variants

NOTHING = Vocabulary(MappingProxyType({}), MappingProxyType({}), MappingProxyType({}))


def term(curie, label, *exact, parents=()):
    return Term(id=curie, label=label, names=tuple(TermName(n, Scope.EXACT) for n in exact), parents=parents)


TERMS = (
    term("MONDO:1", "myotonic dystrophy", "Steinert disease"),
    term("MONDO:2", "diabetes mellitus", "DM"),
    term("MONDO:3", "kidney disorder"),
    term("MONDO:4", "breast cancer"),
    term("MONDO:5", "thrombocytopenia"),
    term("MONDO:6", "allergic rhinitis"),
    term("MONDO:7", "von Willebrand disease"),
    term("MONDO:8", "ischemia"),
    term("MONDO:9", "autoimmune blistering disease"),
    term("MONDO:10", "bullous pemphigoid", parents=("MONDO:9",)),
    term("MONDO:11", "drug-induced liver injury"),
    term("MONDO:12", "glycogen storage disease type 1"),
    term("MONDO:13", "glycogen storage disease type 2"),
    Term(id="MONDO:99", label="wasting palsy", obsolete=True),
)
ELSEWHERE = (
    term("MESH:D1", "Kidney Diseases"),
    term("MESH:D5", "Thrombocytopenia"),
    term("MESH:D8", "Brain Ischemia"),
    term("MESH:D9", "Skin Diseases, Vesiculobullous"),
    term("OMIM:5", "thrombocytopenia"),
)
MAPPINGS = (
    Mapping(subject="MONDO:3", predicate="skos:exactMatch", object="MESH:D1"),
    Mapping(subject="MONDO:5", predicate="skos:exactMatch", object="OMIM:5"),
    Mapping(subject="MONDO:9", predicate="skos:exactMatch", object="MESH:D9"),
)


@pytest.fixture
def index(tmp_path):
    with TermIndex.open(tmp_path / "terms.sqlite", create=True) as opened:
        opened.add("test", Source(format="test", terms=TERMS))
        yield opened


@pytest.fixture
def elsewhere(index):
    """The index with two more ontologies, and mappings to them."""
    index.add("elsewhere", Source(format="test", terms=ELSEWHERE, mappings=MAPPINGS))
    return index


@pytest.fixture
def linker(index):
    return Linker(NOTHING, index)


@pytest.mark.parametrize(
    ("text", "found", "reason"),
    [
        ("myotonic dystrophy", "MONDO:1", "label 'myotonic dystrophy'"),
        ("Steinert's Diseases", "MONDO:1", "exact 'Steinert disease'"),
        ("disease of the kidney", "MONDO:3", "other order or wording"),
        ("renal disorders", "MONDO:3", "other order or wording"),
        ("mammary carcinoma", "MONDO:4", "other order or wording"),
        ("thrombocytopaenia", "MONDO:5", "label"),
        ("ischaemic", "MONDO:8", "ischemia for ischemic"),
        ("von Willebrand", "MONDO:7", "as a disease"),
        ("hepatotoxicity", "MONDO:11", "toxicity is injury by a drug"),
        ("seasonal allergic rhinitis", "MONDO:6", "without 'seasonal'"),
        ("heparin-induced thrombocytopenia", "MONDO:5", "whatever it was induced by"),
        ("renal impairment", "MONDO:3", "disease for impairment"),
        ("buulous pemphigoid", "MONDO:10", "of the words' weight"),
    ],
)
def test_a_name_is_linked_with_its_reason(linker, text, found, reason):
    best = linker.link(text).best
    assert best.id == found
    assert reason in " ".join(best.reasons)


def test_the_nearer_the_wording_the_higher_the_score(linker):
    wordings = ("kidney disorder", "Kidney disorders", "disorder of the kidney", "renal impairment")
    scores = [next(c.score for c in linker.link(w).candidates if c.id == "MONDO:3") for w in wordings]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_names_linked_together_are_linked_as_one_by_one(index, linker):
    names = ["myotonic dystrophy", "palsy, wasting", "trombocytopenia", "no such thing"] * 600
    others = Linker(NOTHING, index).link_all(names)
    assert [next(others) for _ in range(3)] == [linker.link(name) for name in names[:3]]
    index.add("more", Source(format="test", terms=(term("DOID:1", "no such thing"),)))  # between two links
    assert [link.text for link in others] == names[3:]


def test_what_only_includes_the_name_is_marked_broader(linker):
    assert linker.link("seasonal allergic rhinitis").best.broader
    assert not linker.link("allergic rhinitis").best.broader


@pytest.mark.parametrize("text", ["", "…", "Tuesday", "disease of the moon people", "xyzzy syndrome"])
def test_what_names_nothing_stays_unlinked(linker, text):
    assert linker.link(text).best is None


def test_ambiguity_is_not_hidden(index):
    index.add(
        "more", Source(format="test", terms=[term("MONDO:50", "Thrombocytopenia"), term("MESH:D5", "thrombocytopenia")])
    )
    link = Linker(NOTHING, index).link("thrombocytopenia")
    assert {c.id for c in link.candidates} == {"MONDO:5", "MONDO:50", "MESH:D5"}


def test_a_counterpart_in_another_ontology_is_no_rival(index):
    index.add(
        "more", Source(format="test", terms=[term("MONDO:50", "dystonia musculorum", "DM"), term("X:1", "x", "DM")])
    )
    assert {c.id for c in Linker(NOTHING, index).link("DM").rivals()} == {"MONDO:50", "MONDO:2"}


def test_types_that_differ_by_a_number_are_told_apart(linker):
    assert linker.link("glycogen storage disease type 2").best.id == "MONDO:13"
    assert linker.link("type 1 glycogen storage disease").best.id == "MONDO:12"


def test_an_abbreviation_in_another_case_counts_less(linker):
    assert linker.link("DM").best.score > 0.9
    assert all(c.score < 0.7 for c in linker.link("dm").candidates)


def test_a_document_defines_its_abbreviations(linker):
    link = linker.link("DM", long_forms={"DM": "myotonic dystrophy"})
    assert (link.text, link.best.id) == ("DM", "MONDO:1")
    assert link.best.reasons[0] == "abbreviation of 'myotonic dystrophy'"
    assert linker.link("severe DM", long_forms={"DM": "myotonic dystrophy"}).best.id == "MONDO:1"


def spans(text, *names):
    start, found = 0, []
    for name in names:
        start = text.index(name, start)
        found.append((start, start + len(name)))
        start += len(name)
    return found


def test_a_mention_in_brackets_after_another_is_its_short_form(linker):
    text = "Two sisters had myotonic dystrophy (DM). DM was mild."
    links = linker.link_document(text, spans(text, "myotonic dystrophy", "DM", "DM"))
    assert [link.best.id for link in links] == ["MONDO:1"] * 3


def test_the_initials_of_a_name_in_the_document_stand_for_it(linker):
    text = "GSD was suspected; glycogen storage disease type 1 and von Willebrand disease (VWD)."
    names = ("von Willebrand disease", "VWD")
    assert [link.best.id for link in linker.link_document(text, spans(text, *names))] == ["MONDO:7"] * 2


def test_a_name_that_the_document_said_was_induced_keeps_that_meaning(index):
    index.add(
        "more", Source(format="test", terms=[term("X:1", "Dyskinesias"), term("X:2", "Dyskinesia, Drug-Induced")])
    )
    text = "Levodopa-induced dyskinesia is common. Dyskinesia is late."
    links = Linker(NOTHING, index).link_document(text, spans(text, "dyskinesia"))
    assert links[0].best.id == "X:2"


def test_candidates_are_carried_over_to_the_ontology_that_is_asked_for(elsewhere):
    linker = Linker(NOTHING, elsewhere, to=("MESH", "OMIM"))
    kidney = linker.link("disorder of the kidney").best
    assert (kidney.id, kidney.broader) == ("MESH:D1", False)
    assert linker.link("thrombocytopenia").best.id == "MESH:D5"
    assert "OMIM:5" in {c.id for c in linker.link("thrombocytopenia").candidates}
    pemphigoid = linker.link("bullous pemphigoid").best
    assert (pemphigoid.id, pemphigoid.broader) == ("MESH:D9", True)
    assert "broader MONDO:9" in pemphigoid.reasons
    assert linker.link("myotonic dystrophy").best is None


def test_the_vocabulary_comes_before_the_loaded_ontologies(index):
    best = Linker(load_vocabulary(), index).link("thrombocytopenia").best
    assert (best.id, best.source) == ("HP:0001873", VOCABULARY)


def test_what_cannot_be_of_the_kind_ranks_lower(index):
    index.add("acts", Source(format="test", terms=[term("MAXO:1", "splint"), term("HP:1", "splint")]))
    linker = Linker(NOTHING, index)
    for kind, first in ((Kind.PROCEDURE, "MAXO:1"), (Kind.EVENT, "HP:1")):
        assert linker.link("splint", kinds=frozenset({kind})).best.id == first


def test_an_obsolete_term_is_a_last_resort_and_says_so(linker):
    best = linker.link("wasting palsy").best
    assert best.id == "MONDO:99"
    assert best.score < 0.8
    assert "obsolete" in best.reasons[0]


def test_the_vocabulary_alone_needs_no_index():
    assert Linker(load_vocabulary()).link("low platelets counts").best is not None


def test_every_name_of_the_vocabulary_links_to_its_concept():
    vocabulary = load_vocabulary()
    linker = Linker(vocabulary)
    lost = [
        (concept.id, name.text)
        for concept in vocabulary.concepts.values()
        for name in concept.names
        if concept.id not in {c.id for c in linker.link(name.text).candidates}
    ]
    assert not lost


@given(
    st.lists(
        st.sampled_from(
            ["renal", "kidney", "disease", "of", "severe", "type", "1", "toxicity", "nephrotoxic", "induced"]
        ),
        max_size=6,
    )
)
def test_a_bag_does_not_depend_on_order_and_a_variant_never_repeats_the_name(words):
    key = normalise(" ".join(words))
    assert bag(key) == bag(" ".join(reversed(key.split())))
    if key:
        assert all(v.key != key and 0 < v.cost < 1 for v in variants(key))
