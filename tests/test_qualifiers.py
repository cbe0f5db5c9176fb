"""Qualifiers: the small grammars, each over one sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigraph.ingest.counts import Count
from ivigraph.ingest.qualifiers import find
from ivigraph.ingest.quantities import days, number
from ivigraph.model import Dose, Onset, Unit


def values(name: str, sentence: str) -> list[object]:
    return [finding.value for finding in find(sentence) if finding.name == name]


@pytest.mark.parametrize(
    ("sentence", "count"),
    [
        ("Headache occurred in 19 of 62 patients (30.6%).", Count(19, 62, 30.6, Unit.PATIENTS)),
        ("It was used in three of the five cases.", Count(3, 5, None, Unit.CASES)),
        ("Rash was seen in 3/5 patients.", Count(3, 5, None, Unit.PATIENTS)),
        ("Fever followed 30% of infusions.", Count(None, None, 30.0, Unit.INFUSIONS)),
        ("Chills occurred in 8.5% (17/200) of infusions.", Count(17, 200, 8.5, Unit.INFUSIONS)),
        ("Stroke was seen in five patients (4.5%).", Count(5, None, 4.5, Unit.PATIENTS)),
        ("12 (24%) patients had fever.", Count(12, None, 24.0, Unit.PATIENTS)),
        ("We report two cases of haemolysis.", Count(2, None, None, Unit.CASES)),
        ("1,204 courses were given.", Count(1204, None, None, Unit.COURSES)),
        ("Twenty-one children were treated.", Count(21, None, None, Unit.PATIENTS)),
        ("It recurred in one out of four treatment cycles.", Count(1, 4, None, Unit.COURSES)),
    ],
)
def test_a_count_needs_its_group(sentence: str, count: Count) -> None:
    assert values("count", sentence) == [count]


@pytest.mark.parametrize(
    "sentence",
    [
        "Muscle power was 3/5 in both legs.",
        "GCS 15/15 was recorded.",
        "Blood pressure was 109/59 mmHg.",
        "A 5-year-old boy was admitted.",
        "The count fell to 5.8 patients",
    ],
)
def test_numbers_without_a_group_are_no_count(sentence: str) -> None:
    assert values("count", sentence) == []


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("a few days", (2, 7)),
        ("several days", (3, 7)),
        ("within two weeks", (0, 14)),
        ("2-3 days", (2, 3)),
        ("8 to 10 days", (8, 10)),
        ("less than 24 hours", (0, 1)),
        ("six hours", (0.25, 0.25)),
        ("a week", (7, 7)),
        ("more than three days", (3, None)),
        ("about 48 h", (2, 2)),
        ("a green apple", (None, None)),
    ],
)
def test_a_duration_is_counted_in_days(text: str, span: tuple[float | None, float | None]) -> None:
    assert days(text) == span


@pytest.mark.parametrize(
    ("sentence", "low", "high", "anchor"),
    [
        ("It occurred a few days after initiating IVIG.", 2, 7, "start"),
        ("Twelve hours after her sixth infusion she woke.", 0.5, 0.5, "start"),
        ("Three days after the end of the infusion it began.", 3, 3, "end"),
        ("Two days later she was jaundiced.", 2, 2, "start"),
        ("On the third day of treatment he fell.", 3, 3, "start"),
        ("On the fourth day after the second infusion he was pale.", 4, 4, "start"),
        ("During the first infusion she felt faint.", 0, 0, "start"),
        ("The next day it was gone.", 1, 1, "start"),
        ("Shortly thereafter, he died.", None, None, "start"),
    ],
)
def test_an_onset_is_normalised(sentence: str, low: float | None, high: float | None, anchor: str) -> None:
    (onset,) = values("onset", sentence)
    assert isinstance(onset, Onset)
    assert (onset.min_days, onset.max_days, onset.anchor) == (low, high, anchor)
    assert onset.text in sentence


@pytest.mark.parametrize(
    "sentence", ["It was given for five days.", "She had a history of three months.", "He is 5 days old."]
)
def test_a_duration_that_follows_nothing_is_no_onset(sentence: str) -> None:
    assert values("onset", sentence) == []


@pytest.mark.parametrize(
    ("sentence", "dose"),
    [
        ("It was given at 2 g/kg over five days.", Dose(value=2, unit="g/kg", text="2 g/kg over five days")),
        ("IVIG 0.4 g/kg/day for 5 days", Dose(value=0.4, unit="g/kg/day", text="0.4 g/kg/day for 5 days")),
        ("A dose of 400 mg per kg was given.", Dose(value=400, unit="mg/kg", text="400 mg per kg")),
        ("He had high-dose immunoglobulin.", Dose(value=None, unit=None, text="high-dose")),
    ],
)
def test_a_dose_keeps_its_unit_and_schedule(sentence: str, dose: Dose) -> None:
    assert values("dose", sentence) == [dose]


def test_a_laboratory_value_is_no_dose() -> None:
    assert values("dose", "Haemoglobin was 7.2 g/dL and IgG 53 mg/dl.") == []


@pytest.mark.parametrize(
    ("name", "sentence", "value"),
    [
        ("frequency", "Stroke is a rare complication.", "rare"),
        ("frequency", "Stroke is very rarely seen.", "very rare"),
        ("frequency", "Headache is the most common effect.", "common"),
        ("frequency", "Fatal haemolysis is exceptional.", "very rare"),
        ("severity", "Grade 3 meningitis was seen.", "severe"),
        ("outcome", "It was fully reversible.", "recovered"),
        ("outcome", "Recovery was incomplete.", "not_recovered"),
        ("effect", "The response was attained by all.", "improved"),
        ("effect", "Recovery was poor.", "no_response"),
        ("effect", "It was no better than placebo.", "no_response"),
        ("effect", "It lowers the frequency of relapses.", "improved"),
        ("effect", "The platelet count reached 120 x 10^9/L.", "improved"),
        ("line", "It was given as primary therapy.", "first"),
        ("line", "Plasma exchange had been futile.", "refractory"),
        ("dechallenge", "After its discontinuation the patient recovered.", "positive"),
        ("severity", "It can be life-threatening.", "serious"),
        ("severity", "Reactions were mild.", "mild"),
        ("severity", "A fatal stroke followed.", "fatal"),
        ("outcome", "Spontaneous remission was observed.", "spontaneous remission"),
        ("outcome", "The rash resolved completely.", "recovered"),
        ("outcome", "He died of stroke.", "fatal"),
        ("outcome", "Weakness remained as sequelae.", "sequelae"),
        ("outcome", "She made a partial recovery.", "recovering"),
        ("outcome", "The fever did not resolve.", "not_recovered"),
        ("effect", "His strength improved.", "improved"),
        ("effect", "There was no response.", "no_response"),
        ("effect", "She did not improve.", "no_response"),
        ("effect", "The weakness worsened.", "worsened"),
        ("line", "It is not a first-line treatment.", "first"),
        ("line", "It is an alternative.", "alternative"),
        ("line", "In treatment-resistant disease it is used.", "refractory"),
        ("line", "It is used as an adjuvant.", "adjunct"),
        ("label_status", "It is used off-label.", "off-label"),
        ("label_status", "It is licensed for two diseases.", "on-label"),
        ("label_status", "It is not approved for it.", "off-label"),
        ("dechallenge", "The rash resolved after discontinuation of the drug.", "positive"),
        ("dechallenge", "The rash persisted despite discontinuation.", "negative"),
        ("rechallenge", "It recurred after the next infusion.", "positive"),
        ("rechallenge", "A second infusion was well tolerated.", "negative"),
        ("population", "It was seen in patients with IgA deficiency.", "patients with IgA deficiency"),
        ("product_class", "Sucrose-stabilised products were used.", "sucrose-stabilised"),
        ("product_class", "Polyethylene glycol-treated products were used.", "polyethylene glycol-treated"),
        ("percent", "The rate of headache was 12.5%.", 12.5),
    ],
)
def test_a_word_gives_its_value(name: str, sentence: str, value: object) -> None:
    assert values(name, sentence)[0] == value


def test_not_responding_to_another_therapy_is_a_line_and_no_effect() -> None:
    sentence = "It helps patients who have not responded to other therapies."
    assert values("line", sentence) == ["refractory"]
    assert "no_response" not in values("effect", sentence)


def test_a_list_of_counts_shares_its_group() -> None:
    found = values("count", "Headache in 7, fever in 4 and rash in 2 of 24 patients.")
    assert sorted(c.count for c in found) == [2, 4, 7]  # type: ignore[attr-defined]
    assert {(c.total, c.unit) for c in found} == {(24, Unit.PATIENTS)}  # type: ignore[attr-defined]
    found = values("count", "Fatigue was noted in 5 patients (21%) and nausea in 3 (13%).")
    assert Count(3, None, 13.0, Unit.PATIENTS) in found
    assert values("count", "In a registry of 305 patients, 4 (1.3%) had a stroke.") == [
        Count(4, 305, 1.3, Unit.PATIENTS)
    ]


def test_who_was_treated_is_counted_of_the_group_named_before() -> None:
    sentence = "Of 78 children with dermatomyositis, 30 were treated with immunoglobulin."
    assert values("count", sentence) == [Count(30, 78, None, Unit.PATIENTS)]
    assert values("count", "Twelve patients (9 women, 3 men) had fever.") == [Count(12, None, None, Unit.PATIENTS)]
    sentence = "Rash (4 of 54) and fever (1 of 11 patients) were seen; 3 patients had chills and 5 had nausea."
    assert [c.count for c in values("count", sentence)] == [4, 1, 3, 5]  # type: ignore[attr-defined]


def test_the_strength_of_a_product_is_no_percentage() -> None:
    assert values("percent", "A new 10% liquid immunoglobulin was given.") == []


def test_a_falling_platelet_count_is_no_improvement() -> None:
    assert values("effect", "The platelet count fell to 7 x 10^9/L.") == []


def test_episodes_are_no_cases() -> None:
    assert values("count", "She had two episodes of thrombocytopenia.") == []


def test_a_day_is_an_onset_and_not_that_of_the_recovery() -> None:
    assert [o.min_days for o in values("onset", "A rash on day 9 was noted.")] == [9.0]  # type: ignore[attr-defined]
    assert values("onset", "The rash resolved on day 9.") == []


def test_a_percentage_within_a_count_is_not_told_twice() -> None:
    assert values("percent", "Headache occurred in 19 of 62 patients (30.6%).") == []


@given(st.integers(1, 400), st.integers(1, 400), st.sampled_from(["patients", "infusions", "courses", "cases"]))
def test_any_count_is_read_back(one: int, other: int, group: str) -> None:
    count, total = sorted((one, other))
    assert values("count", f"Headache occurred in {count} of {total} {group}.") == [
        Count(count, total, None, Unit(group))
    ]


@given(st.integers(1, 90), st.integers(1, 90), st.sampled_from(["hours", "days", "weeks", "months"]))
def test_a_range_of_days_has_its_ends_in_order(one: int, other: int, unit: str) -> None:
    low, high = days(f"{one} to {other} {unit}")
    assert low is not None
    assert high is not None
    assert 0 < low <= high


@given(st.text(max_size=200))
def test_findings_of_any_sentence_lie_within_it(sentence: str) -> None:
    assert all(0 <= finding.start < finding.end <= len(sentence) for finding in find(sentence))


def test_number_words_are_numbers() -> None:
    assert [number(word) for word in ("three", "twenty-one", "ninety", "1,204", "an")] == [3, 21, 90, 1204, 1]
