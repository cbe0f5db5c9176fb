"""The gate: records that mention a therapy of interest come through, and fast."""

import re
from pathlib import Path

import pytest

from ivigraph.ingest.gate import Gate
from ivigraph.ontology.vocabulary import Scope, load

SAMPLES = Path(__file__).parents[1] / "../shared/samples"
SEEDS = Path(__file__).parents[1] / "../shared/seeds"


@pytest.fixture(scope="module")
def gate():
    return Gate(load())


@pytest.mark.parametrize("text", [
    "treated with intravenous immunoglobulin",
    "Intravenous\n      immune globulin",
    "intravenous immune-globulins",
    "IVIG-induced haemolysis",
    "low-dose IVIg.",
    "Privigen",
    "GAMUNEX-C",
    "<i>intravenous</i> gammaglobulin",
    '<DescriptorName UI="D016756" MajorTopicYN="N">',
])  # fmt: skip
def test_a_mention_in_any_spelling_comes_through(gate, text):
    assert gate(f"<Abstract>{text}</Abstract>".encode())


@pytest.mark.parametrize(
    "text", ["treated with aspirin", "was given intravenous fluids", "IVIGOROUS", "haemoglobin", ""]
)
def test_other_records_do_not(gate, text):
    assert not gate(f"<Abstract>{text}</Abstract>".encode())


def test_what_is_only_cited_is_no_mention(gate):
    assert not gate(b"<Abstract>aspirin</Abstract><ReferenceList><Citation>IVIG in ITP.</Citation></ReferenceList>")


def test_every_name_of_a_concept_of_interest_comes_through(gate):
    vocabulary = load()
    for concept in vocabulary.concepts.values():
        if vocabulary.is_a(concept.id, "ivo:Immunoglobulin"):
            for name in concept.names:
                if name.text.isascii() and len(name.text) >= 4:
                    assert gate(f"He received {name.text} twice.".encode()), name


def test_the_interest_may_be_any_concept():
    vocabulary = load()
    chosen = next(c for c in vocabulary.concepts.values() if c.kind == "therapy" and "ritux" in c.label.lower())
    narrow = Gate(vocabulary, [chosen.id])
    label = next(name.text for name in chosen.names if name.scope is Scope.LABEL)
    assert narrow(f"treated with {label}".encode())
    assert not narrow(b"treated with IVIG")


@pytest.mark.skipif(not SEEDS.is_dir(), reason="../shared/seeds is absent")
def test_the_seeds_come_through(gate):
    assert all(gate(path.read_bytes()) for path in SEEDS.glob("*.txt"))


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="../shared/samples is absent")
def test_the_gate_misses_nothing_that_a_plain_search_finds(gate):
    plain = re.compile(rb"immunoglobulin|IVIG|gammaglobulin|immune globulin", re.IGNORECASE)
    for path in SAMPLES.glob("pubmed_xml/*.xml"):
        own = path.read_bytes().partition(b"<ReferenceList>")[0]
        assert gate(own) == bool(plain.search(own)), path.name
