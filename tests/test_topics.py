"""What a text is speaking of, what followed an adverse event, and what was only given beforehand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivigraph.ingest.counts import Count
from ivigraph.ingest.extract import extractor
from ivigraph.ingest.qualifiers import find
from ivigraph.ingest.readers import text
from ivigraph.model import Predicate
from ivigraph.ontology.vocabulary import load


def claims(content):
    return extractor("rules", load()).extract(text.document(content, "x.txt")).claims


def told(found, predicate, *, negated=False):
    return {c.object.label for c in found if c.predicate is predicate and c.negated is negated}


LEAFLET = """Immunoglobulin for patients

{heading}
{sentence}

Intravenous immunoglobulin is given in hospital, and the nurse looks after each patient for the whole time."""


def test_under_a_heading_of_harm_a_condition_is_an_event_and_under_one_of_contraindications_it_is_none():
    harm = claims(LEAFLET.format(heading="Adverse reactions", sentence="Patients may get headache or feel feverish."))
    against = claims(LEAFLET.format(heading="Contraindications", sentence="History of anaphylaxis to immunoglobulin."))
    assert told(harm, Predicate.CAUSES) >= {"headache", "fever"}
    assert told(against, Predicate.CAUSES) == set()
    assert told(against, Predicate.CONTRAINDICATED_IN) == {"anaphylaxis"}


def test_what_an_event_was_found_to_be_is_one_too_with_the_time_that_it_began():
    found = claims(
        "Haemolysis after immunoglobulin: a case report\n\nA 4-year-old girl was given IVIG for Kawasaki disease. "
        "Three days after the second dose she became pale. Haemolytic anaemia was diagnosed."
    )
    onset = next(c.qualifiers.onset for c in found if c.object.label == "hemolytic anemia")
    assert (onset.min_days, onset.max_days) == (3, 3)


def test_an_event_is_put_down_to_the_infusion_and_not_to_the_drug_given_beforehand():
    found = claims(
        "Premedication with paracetamol before immunoglobulin: a randomised trial\n\nForty adults with primary "
        "immunodeficiency received IVIG. Headache occurred in 4 of 20 patients with paracetamol "
        "and in 5 of 20 without it."
    )
    assert {c.subject.label for c in found if c.object.label == "headache"} == {"immunoglobulin"}


def test_each_arm_of_a_comparison_has_its_own_count():
    found = claims(
        "Safety of two immunoglobulins: a cohort study\n\nFever developed in 9 of 118 patients after Privigen, but in "
        "only 1 of 94 patients after Octagam."
    )
    counts = {c.subject.label.split()[0]: c.qualifiers.count for c in found if c.object.label == "fever"}
    assert (counts["Privigen"], counts["Octagam"]) == (9, 1)


@pytest.mark.parametrize(
    ("sentence", "count"),
    [
        ("Headache (19 patients, 43%) was seen.", Count(19, None, 43.0, "patients")),
        ("It was given for lupus (n = 58).", Count(58, None, None, "patients")),
        ("Fever was seen in 9 patients and nausea in 7.", Count(7, None, None, "patients")),
    ],
)
def test_a_count_is_read_in_brackets_and_at_the_end_of_a_list(sentence, count):
    assert count in [f.value for f in find(sentence) if f.name == "count"]


@pytest.mark.parametrize("sentence", ["Muscle power was 3/5.", "It was first used in 2014.", "GCS was 15/15 in 3 h."])
def test_a_score_a_year_and_a_bare_number_count_nothing(sentence):
    assert [f for f in find(sentence) if f.name == "count"] == []


@settings(max_examples=60, deadline=None)
@given(
    low=st.integers(2, 40),
    more=st.integers(1, 40),
    unit=st.sampled_from([("hours", 1 / 24), ("days", 1), ("weeks", 7)]),
)
def test_a_range_around_a_median_is_the_onset(low, more, unit):
    name, days = unit
    sentence = f"Rash began a median of {low + 1} {name} (range {low}-{low + more}) after the infusion."
    onsets = [f.value for f in find(sentence) if f.name == "onset"]
    assert any(
        o.min_days == pytest.approx(low * days, abs=0.01) and o.max_days == pytest.approx((low + more) * days, abs=0.01)
        for o in onsets
    )
