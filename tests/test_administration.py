"""Route, rate and schedule: read as prescriptions say them, and given to the therapy of which they are said."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivigraph.ingest.extract import extractor
from ivigraph.ingest.qualifiers import find
from ivigraph.ingest.readers import read
from ivigraph.model import Document, Predicate, Qualifiers
from ivigraph.ontology.vocabulary import load


def values(name: str, sentence: str) -> list[object]:
    return [finding.value for finding in find(sentence) if finding.name == name]


@pytest.mark.parametrize(
    ("name", "sentence", "value"),
    [
        ("route", "It was given subcutaneously.", "subcutaneous"),
        ("route", "Intravenous immunoglobulin was given.", "intravenous"),
        ("route", "He had i.v. methylprednisolone.", "intravenous"),
        ("route", "IV immunoglobulin was given.", "intravenous"),
        ("route", "It was taken by mouth.", "oral"),
        ("rate", "It was infused at a rate of 0.5 mL/kg/h.", "0.5 mL/kg/h"),
        ("rate", "It ran at 30-60 mL per hour.", "30-60 mL per hour"),
        ("rate", "The infusion rate was 4 mg/kg/min.", "4 mg/kg/min"),
        ("schedule", "It was given every 4 weeks.", "every 4 weeks"),
        ("schedule", "It was given every three to four weeks.", "every three to four weeks"),
        ("schedule", "It was given on five consecutive days.", "on five consecutive days"),
        ("schedule", "It was given once a week.", "once a week"),
        ("schedule", "It was given at 3-week intervals.", "at 3-week intervals"),
        ("schedule", "It was given daily for two days.", "daily for two days"),
        ("schedule", "He received 2 g/kg over five days.", "over five days"),
        ("schedule", "He received 1 g/kg q4w.", "q4w"),
    ],
)
def test_the_words_of_a_prescription_give_their_value(name: str, sentence: str, value: str) -> None:
    assert values(name, sentence) == [value]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("route", "He had stage IV melanoma and type IV hypersensitivity."),
        ("route", "Grade IV toxicity was seen in arm IV of the trial."),
        ("route", "IVIG and SCIg are names."),
        ("rate", "Urine output fell to 0.3 mL/kg/h."),
        ("rate", "Creatinine clearance was 40 mL/min."),
        ("rate", "He received 2 g/kg."),
        ("schedule", "The fever lasted for five days."),
    ],
)
def test_what_only_looks_like_one_is_none(name: str, sentence: str) -> None:
    assert values(name, sentence) == []


def test_a_rate_is_no_dose() -> None:
    assert values("dose", "It was infused at 0.5 mL/kg/h.") == []


def treated(tmp_path: Path, text: str, therapy: str) -> Qualifiers:
    """The qualifiers of what a text says of a therapy that was given for dermatomyositis."""
    path = tmp_path / "a.txt"
    path.write_text(text)
    (document,) = read(path, max_bytes=100_000)
    assert isinstance(document, Document)
    claims = extractor("rules", load()).extract(document).claims
    (found,) = (c for c in claims if c.predicate is Predicate.TREATS and therapy in c.subject.text.lower())
    return found.qualifiers


def test_a_therapy_has_its_route_rate_and_schedule(tmp_path: Path) -> None:
    text = "A woman with dermatomyositis received intravenous immunoglobulin at a rate of 0.5 mL/kg/h every 4 weeks."
    found = treated(tmp_path, text, "immunoglobulin")
    assert (found.route, found.rate, found.schedule) == ("intravenous", "0.5 mL/kg/h", "every 4 weeks")


def test_two_therapies_of_a_sentence_keep_their_own(tmp_path: Path) -> None:
    text = "Her dermatomyositis was treated with oral prednisolone and monthly intravenous immunoglobulin."
    prednisolone = treated(tmp_path, text, "prednisolone")
    immunoglobulin = treated(tmp_path, text, "immunoglobulin")
    assert (prednisolone.route, prednisolone.schedule) == ("oral", None)
    assert (immunoglobulin.route, immunoglobulin.schedule) == ("intravenous", "monthly")


def test_what_is_said_of_the_disease_is_not_said_of_the_therapy(tmp_path: Path) -> None:
    text = "A woman with dermatomyositis was treated with immunoglobulin, but she had headaches every week."
    found = treated(tmp_path, text, "immunoglobulin")
    assert (found.route, found.schedule) == (None, None)
