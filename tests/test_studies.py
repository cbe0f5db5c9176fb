"""What a study tells of its claims in other sentences than those that state them."""

from __future__ import annotations

from functools import cache

import pytest

from ivigraph.ingest.extract import Extractor, extractor
from ivigraph.ingest.readers import text
from ivigraph.model import Predicate, Qualifiers
from ivigraph.ontology import vocabulary

CAUSES, TREATS = Predicate.CAUSES, Predicate.TREATS


@cache
def rules() -> Extractor:
    return extractor("rules", vocabulary.load())


def told(content: str, predicate: Predicate) -> dict[str, Qualifiers]:
    """The qualifiers of the affirmed claims about immunoglobulins, by the label of their object."""
    return {
        claim.object.label: claim.qualifiers
        for claim in rules().extract(text.document(content, "document.txt")).claims
        if claim.predicate is predicate and not claim.negated and "globulin" in claim.subject.label
    }


def test_a_percentage_tells_which_of_the_groups_it_is_of() -> None:
    found = told(
        "We studied 112 patients with dermatomyositis who received 1,908 courses of intravenous immunoglobulin. "
        "Thromboembolism after immunoglobulin was recorded in 12 patients (10.7%).",
        CAUSES,
    )["thromboembolism"]
    assert (found.count, found.total, found.percent) == (12, 112, 10.7)


def test_a_percentage_that_fits_no_group_has_no_total() -> None:
    found = told(
        "We studied 112 patients with dermatomyositis who received intravenous immunoglobulin. "
        "Headache after immunoglobulin was recorded in 12 patients (30%).",
        CAUSES,
    )["headache"]
    assert (found.count, found.total) == (12, None)


@pytest.mark.parametrize(
    ("sentence", "counts"),
    [
        ("Adverse events were headache in 7 and rash in 2.", {"headache": 7, "rash": 2}),
        ("Adverse events included six strokes and one pulmonary embolism.", {"stroke": 6, "pulmonary embolism": 1}),
        ("After infusions, six complained of headache and one of urticaria.", {"headache": None, "urticaria": 1}),
        ("After infusions, one each had hypotension and syncope.", {"hypotension": 1, "syncope": 1}),
        ("Adverse events were fever and rash in one patient each.", {"fever": 1, "rash": 1}),
    ],
)
def test_a_number_counts_the_event_beside_it(sentence: str, counts: dict[str, int | None]) -> None:
    found = told(f"Side effects of intravenous immunoglobulin\n\nImmunoglobulin was given. {sentence}", CAUSES)
    assert {label: qualifiers.count for label, qualifiers in found.items()} == counts


def test_one_in_so_many_people_is_a_frequency_and_no_count() -> None:
    found = told("Side effects of immunoglobulin\n\nCommon (may affect up to 1 in 10 people): headache, rash.", CAUSES)[
        "headache"
    ]
    assert (found.count, found.frequency) == (None, "common")


def test_the_dose_of_the_methods_is_that_of_the_treatment() -> None:
    found = told(
        "Intravenous immunoglobulin for dermatomyositis\n\nTwelve patients received 2 g/kg of immunoglobulin per "
        "month. Azathioprine 150 mg was allowed.",
        TREATS,
    )["dermatomyositis"]
    assert found.dose is not None
    assert (found.dose.value, found.dose.unit) == (2.0, "g/kg")


def test_a_response_is_told_before_the_clause_about_another_condition() -> None:
    found = told(
        "Intravenous immunoglobulin for immune thrombocytopenia\n\nImmunoglobulin was given to 40 adults with immune "
        "thrombocytopenia. Recovery was more frequent after immunoglobulin, and bleeding was rare.",
        TREATS,
    )["immune thrombocytopenia"]
    assert found.effect == "improved"


def test_an_event_is_told_in_a_clause_without_a_verb() -> None:
    found = told(
        "A 74-year-old man had a stroke on the day after intravenous immunoglobulin, an 81-year-old woman a pulmonary "
        "embolism ten days after the fourth infusion.",
        CAUSES,
    )
    assert found["stroke"].onset is not None
    assert found["pulmonary embolism"].onset is not None
    assert (found["stroke"].onset.min_days, found["pulmonary embolism"].onset.min_days) == (1, 10)


def test_an_outcome_is_told_of_all_events_of_a_sentence() -> None:
    found = told(
        "After intravenous immunoglobulin, five patients had headache and two had fever; all of these resolved.", CAUSES
    )
    assert {label: qualifiers.outcome for label, qualifiers in found.items()} == {
        "headache": "recovered",
        "fever": "recovered",
    }


def test_the_next_sentence_tells_when_the_events_began() -> None:
    found = told(
        "Stroke occurred in six patients after intravenous immunoglobulin. Most occurred within two weeks of an "
        "infusion.",
        CAUSES,
    )["stroke"]
    assert found.onset is not None
    assert (found.onset.min_days, found.onset.max_days) == (0, 14)


def test_what_an_event_was_treated_with_is_not_what_did_no_harm() -> None:
    claims = (
        rules()
        .extract(
            text.document(
                "Hemolysis occurred in 14 children after IVIG. Six required transfusion; none developed renal failure.",
                "document.txt",
            )
        )
        .claims
    )
    denied = [c for c in claims if c.negated and c.object.label == "renal failure"]
    assert [c.subject.label for c in denied] == ["intravenous immunoglobulin"]


def test_a_part_of_the_patients_is_a_percentage() -> None:
    found = told("Headache occurs in a quarter of patients after intravenous immunoglobulin.", CAUSES)["headache"]
    assert found.percent == 25.0


def test_reports_of_a_product_concern_its_harm() -> None:
    found = told("Of 200 reports on human normal immunoglobulin, 96 concerned renal failure.", CAUSES)["renal failure"]
    assert (found.count, found.total) == (96, 200)


def test_what_an_indication_was_is_treated() -> None:
    found = told(
        "Five patients had eczema after intravenous immunoglobulin. The indication was myasthenia gravis in three.",
        TREATS,
    )
    assert "myasthenia gravis" in found


def test_a_part_of_a_group_in_one_sentence_is_counted_of_it() -> None:
    found = told(
        "Thrombosis after immune globulin\n\nAmong 11,785 users of immune globulin, thrombosis was recorded in 122 "
        "persons (1.04%) after infusions.",
        CAUSES,
    )["thrombosis"]
    assert (found.count, found.total, found.percent) == (122, 11785, 1.04)


def test_the_members_of_a_list_share_the_unit_of_its_first_count() -> None:
    found = told(
        "Side effects of intravenous immunoglobulin were headache (22 infusions), chills (9) and urticaria (3).", CAUSES
    )
    assert {label: (q.count, q.unit) for label, q in found.items()} == {
        "headache": (22, "infusions"),
        "chills": (9, "infusions"),
        "urticaria": (3, "infusions"),
    }


def test_a_number_in_brackets_alone_may_be_a_reference() -> None:
    found = told("Side effects of intravenous immunoglobulin were headache (12) and chills (13).", CAUSES)
    assert [q.count for q in found.values()] == [None, None]


def test_patients_who_received_an_amount_were_given_the_therapy_of_the_text() -> None:
    found = told(
        "Intravenous immunoglobulin in practice\n\nForty patients with dermatomyositis received 1 g/kg/day on two "
        "consecutive days.",
        TREATS,
    )["dermatomyositis"]
    assert found.dose is not None
    assert found.dose.value == 1.0


def test_events_listed_with_their_treatment_are_not_due_to_it() -> None:
    found = told(
        "Intravenous immunoglobulin in pemphigus\n\nAdverse events comprised heart failure, which necessitated "
        "furosemide, and lymphopenia.",
        CAUSES,
    )
    assert set(found) == {"heart failure", "lymphopenia"}


def test_a_number_of_reports_is_that_of_each_event_that_they_are_of() -> None:
    found = told(
        "Thirty-six reports of neutropenia or leukopenia after intravenous immunoglobulin were retrieved.", CAUSES
    )
    assert {label: q.count for label, q in found.items()} == {"neutropenia": 36, "leukopenia": 36}


def test_the_most_frequent_indications_are_treated_and_not_caused() -> None:
    content = (
        "Side effects of intravenous immunoglobulin\n\nMyasthenia gravis was the most frequent indication (15 cases), "
        "followed by dermatomyositis (5)."
    )
    assert {"myasthenia gravis", "dermatomyositis"} <= set(told(content, TREATS))
    assert not told(content, CAUSES)


def test_so_many_grams_are_given_of_immunoglobulin_alone() -> None:
    found = told(
        "Immunoglobulin is given for myasthenia gravis with prednisone; weekly doses of 1 g/kg are usual. "
        "Intravenous immunoglobulin works.",
        TREATS,
    )["myasthenia gravis"]
    assert found.dose is not None
    assert found.dose.unit == "g/kg"


def test_a_study_of_one_kind_of_people_holds_for_them() -> None:
    content = (
        "Randomised trial of intravenous immunoglobulin\n\nForty children with dermatomyositis received intravenous "
        "immunoglobulin. Headache occurred in 7 children after immunoglobulin."
    )
    assert told(content, CAUSES)["headache"].population == "children"
    assert told(content.replace("7 children", "7 adults"), CAUSES)["headache"].population is None


def test_the_patients_of_a_study_were_those_whom_another_therapy_had_failed() -> None:
    found = told(
        "Intravenous immunoglobulin in bullous pemphigoid: a retrospective study\n\nFourteen patients who had not "
        "responded to prednisolone were included.",
        TREATS,
    )["bullous pemphigoid"]
    assert found.line == "refractory"
