"""What is blamed on a therapy, and what only stands near it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivigraph.ingest import segment
from ivigraph.ingest.extract import extractor
from ivigraph.ingest.readers import text
from ivigraph.ingest.tagger.gazetteer import Gazetteer
from ivigraph.ingest.tagger.plausible import is_condition, is_drug
from ivigraph.model import Predicate
from ivigraph.ontology.vocabulary import load

KNOWN = Gazetteer.load(Path(__file__).parents[1] / "ingest/tagger/data/gazetteer.npz")


def told(content: str, predicate: Predicate) -> set[str]:
    found = extractor("rules", load()).extract(text.document(content, "x.txt")).claims
    return {c.object.label for c in found if c.predicate is predicate and not c.negated}


@pytest.mark.parametrize(
    ("sentence", "event"),
    [
        ("She received IVIG for pemphigus and developed a headache.", "headache"),
        ("Patients treated with high doses of IVIG developed hyperalgesia.", "hyperalgesia"),
        ("The rash resolved after IVIG was discontinued.", "rash"),
        ("Neutropenia after IVIG is common and transient.", "neutropenia"),
        ("Dyshidrotic eczema is a common cutaneous reaction to IVIG.", "dyshidrotic eczema"),
        ("Fever was attributed to IVIG in four patients and haemolysis in one.", "hemolysis"),
    ],
)
def test_what_came_of_a_therapy_is_its_effect_and_not_what_it_is_for(sentence: str, event: str) -> None:
    assert event in told(sentence, Predicate.CAUSES)
    assert event not in told(sentence, Predicate.TREATS)


def test_a_complication_of_the_treated_disease_in_a_cohort_is_no_adverse_event() -> None:
    cohort = (
        "Methods: The records of 284 children with Kawasaki disease who were treated with IVIG were examined. Results: "
        "Coronary artery aneurysms developed in 22 patients. Haemolysis was recognised in six children."
    )
    assert told(cohort, Predicate.CAUSES) == {"hemolysis"}


def test_a_therapys_story_ends_where_another_drug_is_given_before_the_event() -> None:
    case = (
        "Our patient had arthritis. She was started on IVIG but after 8 months of treatment developed pustular "
        "psoriasis. After three infusions of infliximab she was admitted with fever and a vesicular rash."
    )
    assert "psoriasis" in {label.removeprefix("pustular ") for label in told(case, Predicate.CAUSES)}
    assert "fever" not in told(case, Predicate.CAUSES)


def test_the_headings_of_an_abstract_in_one_paragraph_are_its_sections() -> None:
    document = text.document("Aims: To study IVIG. Methods: We saw 24 patients. Results: Two had a rash.", "x.txt")
    assert [s.section for s in segment.sentences(document)] == [
        "aims",
        "aims",
        "methods",
        "methods",
        "results",
        "results",
    ]


@pytest.mark.parametrize(
    ("before", "name", "after", "drug"),
    [
        ("serum ", "creatinine", " reached 6.1 mg/dL", False),
        ("", "Creatine", " kinase stayed normal", False),
        ("a ", "maltose", "-stabilised product", False),
        ("given ", "clobetasol", " twice daily", True),
    ],
)
def test_what_is_measured_or_contained_is_no_drug(before: str, name: str, after: str, drug: bool) -> None:
    start = len(before)
    assert is_drug(before + name + after, start, start + len(name)) is drug


@pytest.mark.parametrize(
    ("before", "name", "condition"),
    [
        ("by ", "trichoscopy", False),
        ("the ", "platelet count", False),
        ("an ", "erosive", False),
        ("she was ", "tachycardic", True),
        ("a ", "telogen effluvium", True),
    ],
)
def test_tests_values_and_adjectives_are_no_conditions(before: str, name: str, condition: bool) -> None:
    start = len(before)
    assert is_condition(before + name, start, start + len(name), KNOWN) is condition


def test_a_text_opens_with_its_title_when_its_first_sentence_has_no_verb() -> None:
    case = text.document(
        "Pyoderma gangrenosum successfully treated with immunoglobulin. A woman had an ulcer. It healed.", "x.txt"
    )
    assert [s.section for s in segment.sentences(case)] == ["title", "body", "body"]


def test_events_with_their_numbers_are_one_list() -> None:
    trial = "Headache was reported in 42% of patients, pyrexia in 19% and nausea in 16% after receiving IVIG."
    assert told(trial, Predicate.CAUSES) >= {"headache", "fever", "nausea"}
    assert told(trial, Predicate.TREATS) == set()


def test_where_patients_are_counted_no_event_takes_the_course_of_another() -> None:
    content = (
        "Headache and other infusion reactions to IVIG: a series of 24 patients\n\nResults\n\n"
        "Headache was reported by 7 of 24 patients after IVIG. One patient had urticaria after IVIG, which subsided. "
        "Another had deep vein thrombosis 11 days after IVIG.\n"
    )
    found = extractor("rules", load()).extract(text.document(content, "x.txt")).claims
    course = {c.object.label: (c.qualifiers.onset, c.qualifiers.outcome) for c in found if not c.negated}
    assert course["headache"] == (None, None)
    assert course["urticaria"] == (None, "recovered")
    assert course["deep venous thrombosis"][0] is not None
