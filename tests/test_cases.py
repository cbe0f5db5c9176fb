"""Cases: who is described, how old they are and of which sex."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigraph.ingest.cases import cases
from ivigraph.ingest.segment import sentences
from ivigraph.model import Document, DocumentType, Passage, Sex


def patients(content: str) -> list[tuple[int | float | None, Sex | None]]:
    passages = (Passage(section="body", start=0, end=len(content)),)
    document = Document(id="sha256:0", source="-", title="", type=DocumentType.OTHER, text=content, passages=passages)
    return [(s.case.age_years, s.case.sex) for s in cases(document, tuple(sentences(document)))]


@pytest.mark.parametrize(
    ("sentence", "age", "sex"),
    [
        ("A 49-year-old woman presented with fever.", 49, Sex.FEMALE),
        ("A previously healthy 10 year old Asian boy presented with bruises.", 10, Sex.MALE),
        ("We saw a nine-year-old previously healthy Caucasian male with a rash.", 9, Sex.MALE),
        ("A 20 yr old primigravida was admitted. She was well.", 20, Sex.FEMALE),
        ("A 72 y/o man was admitted.", 72, Sex.MALE),
        ("A woman aged 45 years was admitted.", 45, Sex.FEMALE),
        ("The child, a girl (3 years), was admitted.", 3, Sex.FEMALE),
        ("A 14-month-old girl was admitted.", 1, Sex.FEMALE),
        ("A 5-month-old girl was admitted.", 0, Sex.FEMALE),
        ("A male newborn was treated.", 0, Sex.MALE),
        ("A thirty-five-year-old patient was admitted. He was febrile.", 35, Sex.MALE),
        ("A 3-year-old child was admitted.", 3, None),
    ],
)
def test_age_and_sex_are_read_as_they_are_written(sentence: str, age: int, sex: Sex | None) -> None:
    assert patients(sentence) == [(age, sex)]


@pytest.mark.parametrize(
    "sentence",
    [
        "She had a 10-year history of asthma.",
        "Patients older than 65 years are at risk.",
        "Forty patients were treated for two years.",
        "At 55 years of age the symptoms began again.",
    ],
)
def test_an_age_without_a_person_is_no_patient(sentence: str) -> None:
    assert patients(sentence) == []


def test_each_patient_of_a_series_is_a_case() -> None:
    text = "A 33-year-old man had fever. A 21-year-old woman had a rash. The 33-year-old man recovered."
    assert patients(text) == [(33, Sex.MALE), (21, Sex.FEMALE)]


def test_the_text_after_a_patient_is_about_them_until_the_next_one() -> None:
    content = "A 33-year-old man had fever. He recovered. A 21-year-old woman had a rash."
    passages = (Passage(section="body", start=0, end=len(content)),)
    document = Document(id="sha256:0", source="-", title="", type=DocumentType.OTHER, text=content, passages=passages)
    first, second = cases(document, tuple(sentences(document)))
    assert content[first.start : first.end].strip() == "A 33-year-old man had fever. He recovered."
    assert content[second.case.start : second.case.end] == "21-year-old woman"


def test_a_patient_without_an_age_is_known_by_the_sex() -> None:
    assert patients("We report a woman with dermatomyositis.") == [(None, Sex.FEMALE)]


@given(st.text(max_size=200))
def test_patients_of_any_text_lie_within_it(content: str) -> None:
    assert len(patients(content + " A 40-year-old man died.")) >= 1
