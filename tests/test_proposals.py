"""Mappings proposed by a program and decided on by a person."""

import pytest

from ivigraph.errors import VocabularyError
from ivigraph.ontology import proposals
from ivigraph.ontology.external import Source, Term
from ivigraph.ontology.index import TermIndex
from ivigraph.ontology.proposals import Status
from ivigraph.ontology.vocabulary import Concept, Kind, Match, Name, Scope, load


@pytest.fixture
def index(tmp_path):
    terms = [
        Term(id="MONDO:1", label="aseptic meningitis"),
        Term(id="MONDO:2", label="meningitis"),
        Term(id="OAE:3", label="headache adverse event"),
    ]
    with TermIndex.open(tmp_path / "terms.sqlite", create=True) as opened:
        opened.add("test", Source(format="test", terms=terms))
        yield opened


def concept(label, id="ivo:X"):
    return Concept(id=id, kind=Kind.DISEASE, label=label, names=(Name(label, Scope.LABEL),))


def test_an_equal_name_is_proposed_as_the_same(index):
    (best, *_) = proposals.propose([concept("aseptic meningitis")], index)
    assert (best.subject, best.predicate, best.object) == ("ivo:X", "skos:exactMatch", "MONDO:1")
    assert best.justification == "semapv:LexicalMatching"
    assert best.status is Status.PROPOSED
    assert best.confidence >= 0.9


def test_a_wider_term_is_proposed_as_broader(index):
    (best, *_) = proposals.propose([concept("severe meningitis")], index)
    assert (best.predicate, best.object) == ("skos:broadMatch", "MONDO:2")


def test_a_decision_survives_the_next_run_and_a_rejected_mapping_never_comes_back(index, tmp_path):
    path = tmp_path / "mappings.sssom.tsv"
    concepts = [concept("aseptic meningitis"), concept("severe meningitis", "ivo:Y")]
    first = list(proposals.propose(concepts, index))
    proposals.write(path, proposals.merged([], first))
    text = path.read_text()
    path.write_text(
        "\n".join(line.replace("proposed", "rejected" if "ivo:X" in line else "accepted") for line in text.splitlines())
        + "\n"
    )
    again = proposals.merged(proposals.read(path), proposals.propose(concepts, index))
    assert {p.subject: p.status for p in again if p.object in ("MONDO:1", "MONDO:2")}["ivo:Y"] is Status.ACCEPTED
    assert all(p.status is Status.REJECTED for p in again if p.subject == "ivo:X")
    assert len({p.pair for p in again}) == len(again)


def test_a_proposal_that_nobody_decided_on_is_replaced(index):
    old = list(proposals.propose([concept("aseptic meningitis")], index))
    assert proposals.merged(old, []) == []


def test_accepted_mappings_enter_the_vocabulary(index):
    vocabulary = load()
    subject = next(id for id in vocabulary.concepts if id.startswith("ivo:"))
    line = proposals.Proposal(
        subject=subject, subject_label="x", predicate="skos:closeMatch", object="MONDO:1", object_label="y",
        confidence=0.8,
    )  # fmt: skip
    for status, entered in ((Status.ACCEPTED, True), (Status.REJECTED, False), (Status.PROPOSED, False)):
        from dataclasses import replace

        found = proposals.with_accepted(vocabulary, [replace(line, status=status)])
        assert (Match("skos:closeMatch", "MONDO:1") in found.concepts[subject].matches) is entered


def test_a_status_that_is_none_is_refused_with_its_line(tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text("\t".join(proposals.COLUMNS) + "\nivo:X\tx\tskos:exactMatch\tMONDO:1\ty\tj\t0.9\ts\tmaybe\n")
    with pytest.raises(VocabularyError) as raised:
        proposals.read(path)
    assert raised.value.where == "m.tsv, line 2"


def test_a_file_is_read_as_it_was_written(index, tmp_path):
    lines = proposals.merged([], proposals.propose([concept("aseptic meningitis")], index))
    proposals.write(tmp_path / "m.tsv", lines)
    assert proposals.read(tmp_path / "m.tsv") == lines
