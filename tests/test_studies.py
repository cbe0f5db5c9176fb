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
