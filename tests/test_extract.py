"""Extraction: whole documents of the kinds that people read, written for these tests."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivigraph.errors import ReadError, SettingsError
from ivigraph.ingest.extract import Extractor, extractor, names
from ivigraph.ingest.jsonl import to_json
from ivigraph.ingest.readers import text
from ivigraph.model import Claim, Extraction, Predicate, Qualifiers
from ivigraph.ontology import vocabulary

SHARED = Path(__file__).parents[1] / "../shared"


@cache
def rules() -> Extractor:
    return extractor("rules", vocabulary.load())


def read(content: str) -> Extraction:
    extraction = rules().extract(text.document(content, "document.txt"))
    whole = extraction.document.text
    for claim in extraction.claims:
        assert whole[claim.evidence.start : claim.evidence.end] == claim.evidence.quote
        assert whole[claim.object.start : claim.object.end] == claim.object.text
        assert whole[claim.subject.start : claim.subject.end] == claim.subject.text
        assert 0 < claim.confidence <= 1
    return extraction


def told(extraction: Extraction, predicate: Predicate, *, negated: bool = False) -> dict[str, Claim]:
    """The claims about immunoglobulins by the label of their object."""
    return {
        claim.object.label: claim
        for claim in extraction.claims
        if claim.predicate is predicate and claim.negated is negated and "globulin" in claim.subject.label
    }


def test_the_diagnosis_of_a_case_is_carried_to_the_therapy_sentences_later() -> None:
    found = told(
        read(
            "A 55-year-old man was admitted with weakness of both legs. Nerve conduction studies were abnormal. "
            "A diagnosis of Guillain-Barre syndrome was made. His mother had asthma. "
            "Intravenous immunoglobulin was started. His strength improved, and he recovered completely."
        ),
        Predicate.TREATS,
    )
    assert list(found) == ["Guillain-Barre syndrome"]
    claim = found["Guillain-Barre syndrome"]
    assert claim.evidence.quote == "Intravenous immunoglobulin was started."
    assert (claim.qualifiers.effect, claim.qualifiers.outcome) == ("improved", "recovered")
    assert claim.case == "1"


def test_an_earlier_illness_is_not_what_the_therapy_was_for() -> None:
    found = told(
        read(
            "A 67-year-old man with a history of prostate cancer and hypertension had progressive weakness. "
            "Biopsy confirmed dermatomyositis. Prednisone was ineffective. Intravenous immunoglobulin was added."
        ),
        Predicate.TREATS,
    )
    assert list(found) == ["dermatomyositis"]


def test_a_treatment_without_response_says_so() -> None:
    found = told(
        read(
            "A 40-year-old woman was diagnosed with multifocal motor neuropathy. "
            "Intravenous immunoglobulin was given without benefit."
        ),
        Predicate.TREATS,
    )
    assert found["multifocal motor neuropathy"].qualifiers.effect == "no_response"


def test_an_adverse_event_of_a_case_has_its_onset_and_course() -> None:
    extraction = read(
        "Aseptic meningitis after immunoglobulin: a case report\n\n"
        "A 12-year-old boy with immune thrombocytopenia was given intravenous immunoglobulin (IVIG) at 1 g/kg. "
        "Twenty-four hours after the infusion he developed severe headache and vomiting. "
        "Symptoms resolved completely after discontinuation of IVIG. A second infusion was well tolerated."
    )
    headache = told(extraction, Predicate.CAUSES)["headache"].qualifiers
    assert headache.onset is not None
    assert (headache.onset.min_days, headache.onset.max_days) == (1, 1)
    assert (headache.severity, headache.outcome) == ("severe", "recovered")
    assert (headache.dechallenge, headache.rechallenge) == ("positive", "negative")
    treated = told(extraction, Predicate.TREATS)
    assert list(treated) == ["immune thrombocytopenia"]
    assert treated["immune thrombocytopenia"].qualifiers.dose is not None
    assert treated["immune thrombocytopenia"].qualifiers.effect is None


def test_what_treats_an_adverse_event_is_not_what_caused_it() -> None:
    extraction = read(
        "We report four patients with neuropathy who developed dermatitis 8 to 10 days after IVIG infusions. "
        "It recurred after each subsequent infusion and resolved with topical corticosteroids."
    )
    dermatitis = told(extraction, Predicate.CAUSES)["dermatitis"]
    assert dermatitis.qualifiers.rechallenge == "positive"
    others = {(c.subject.label, c.object.label) for c in extraction.claims if "corticosteroid" in c.subject.label}
    assert others == {("topical corticosteroid", "dermatitis")}


def test_each_patient_of_a_series_has_claims_of_their_own() -> None:
    extraction = read(
        "Headache after immunoglobulin: a report of two cases\n\n"
        "Case 1: A 12-year-old boy had a headache six hours after the infusion of IVIG. "
        "Case 2: A 45-year-old woman developed a severe headache two days after IVIG."
    )
    onsets = {
        claim.case: claim.qualifiers.onset.min_days
        for claim in extraction.claims
        if claim.predicate is Predicate.CAUSES and claim.case and claim.qualifiers.onset
    }
    assert onsets == {"1": 0.25, "2": 2}


def test_a_cohort_counts_its_events_without_naming_the_therapy_again() -> None:
    extraction = read(
        "Thromboembolic events after immunoglobulin infusion: a retrospective cohort study\n\n"
        "Methods: We reviewed the records of 112 patients who received IVIG.\n"
        "Results: Thrombosis occurred in 9 of 112 patients (8.0%). Deep vein thrombosis was seen in five patients "
        "(4.5%), stroke in 3 (2.7%). Headache was reported in 30% of infusions. No patient developed renal failure.\n"
    )
    found = told(extraction, Predicate.CAUSES)
    thrombosis = found["thrombosis"].qualifiers
    assert (thrombosis.count, thrombosis.total, thrombosis.percent, thrombosis.unit) == (9, 112, 8.0, "patients")
    assert found["stroke"].qualifiers.count == 3
    assert (found["headache"].qualifiers.percent, found["headache"].qualifiers.unit) == (30, "infusions")
    assert "renal failure" in told(extraction, Predicate.CAUSES, negated=True)
    assert "renal failure" not in found


def test_counts_go_with_their_names_when_told_respectively() -> None:
    found = told(
        read(
            "Neutropenia following intravenous immunoglobulin in children\n\n"
            "Neutropenia occurred in 18 children (28%) after IVIG. Fever and headache were seen in 12 (19%) and "
            "20 (31%) children, respectively. Neutropenia resolved spontaneously."
        ),
        Predicate.CAUSES,
    )
    assert (found["fever"].qualifiers.count, found["headache"].qualifiers.count) == (12, 20)
    assert found["neutropenia"].qualifiers.outcome == "spontaneous remission"


def test_a_review_lists_indications_reactions_mechanisms_and_what_does_not_work() -> None:
    extraction = read(
        "Intravenous immunoglobulin in dermatology: a review\n\n"
        "Intravenous immunoglobulin (IVIG) is used in refractory autoimmune skin disease. It was of no benefit in "
        "atopic dermatitis. Infusion reactions, such as flushing, chills and myalgia, occur in 5% of infusions and "
        "are generally mild. Anaphylaxis is extremely rare. Acute renal failure has been described, mainly with "
        "sucrose-stabilised products. IVIG works by inhibition of complement activation. It should not be used for "
        "chronic fatigue syndrome. IVIG is contraindicated in patients with selective IgA deficiency."
    )
    treats, causes = told(extraction, Predicate.TREATS), told(extraction, Predicate.CAUSES)
    assert treats["autoimmune skin disease"].qualifiers.line == "refractory"
    assert treats["atopic eczema"].qualifiers.effect == "no_response"
    assert {"flushing", "chills", "myalgia"} <= set(causes)
    assert causes["myalgia"].qualifiers.severity == "mild"
    assert causes["anaphylaxis"].qualifiers.frequency == "very rare"
    assert causes["acute renal failure"].qualifiers.product_class == "sucrose-stabilised"
    assert "chronic fatigue syndrome" in told(extraction, Predicate.TREATS, negated=True)
    assert "chronic fatigue syndrome" not in treats
    assert set(told(extraction, Predicate.CONTRAINDICATED_IN)) == {"selective IgA deficiency"}
    assert set(told(extraction, Predicate.HAS_MECHANISM)) == {"inhibition of complement activation"}


def test_a_leaflet_is_read_by_its_headings() -> None:
    extraction = read(
        "Immunoglobulin treatment\n\nUses\nIVIG is licensed for Kawasaki disease and given off-label for pemphigus.\n\n"
        "Side effects\nCommon side effects include:\n- headache\n- fever\n- back pain\n\n"
        "Rarely, blood clots or kidney failure may occur.\n"
    )
    causes = told(extraction, Predicate.CAUSES)
    assert set(causes) == {"headache", "fever", "back pain", "thrombosis", "renal failure"}
    assert (causes["headache"].qualifiers.frequency, causes["thrombosis"].qualifiers.frequency) == ("common", "rare")
    assert told(extraction, Predicate.TREATS)["Kawasaki disease"].qualifiers.label_status == "on-label"


def test_a_finding_absent_beside_an_adverse_event_is_a_negated_claim() -> None:
    extraction = read(
        "The present case of dermatomyositis exhibited two episodes of IVIG-induced neutropenia, which occurred a few "
        "days after initiating IVIG, without fever. Spontaneous remission of neutropenia was repeatedly observed."
    )
    said = [c.qualifiers for c in extraction.claims if c.object.label == "neutropenia"]
    (onset,) = (q.onset for q in said if q.onset)
    assert (onset.min_days, onset.max_days) == (2, 7)
    assert {q.outcome for q in said} >= {"spontaneous remission"}
    assert {q.rechallenge for q in said} >= {"positive"}
    absent = told(extraction, Predicate.CAUSES, negated=True)["fever"]
    assert absent.qualifiers.onset is None
    assert list(told(extraction, Predicate.TREATS)) == ["dermatomyositis"]


def test_measured_antibodies_and_monoclonal_antibodies_treat_nothing() -> None:
    extraction = read(
        "A 20-year-old woman with asthma had serum immunoglobulin levels of 5 g/L. Denosumab, a human immunoglobulin "
        "G2 monoclonal antibody, was given. Biopsy showed immunoglobulin A deposits."
    )
    assert told(extraction, Predicate.TREATS) == {}


def test_each_sentence_that_states_an_event_is_a_claim_and_the_surest_takes_what_only_continues_it() -> None:
    extraction = read(
        "Thrombocytopenia is rarely caused by IVIG. IVIG-induced thrombocytopenia occurred two days after the start "
        "of IVIG. Polyethylene glycol-treated products were used. The thrombocytopenia resolved completely."
    )
    general, told_of = (c for c in extraction.claims if c.object.label == "thrombocytopenia")
    assert general.qualifiers == Qualifiers(frequency="rare")
    said = told_of.qualifiers
    assert (said.frequency, said.outcome, said.product_class) == (None, "recovered", "polyethylene glycol-treated")
    assert said.onset is not None


def test_a_title_is_a_claim_only_where_no_sentence_says_it() -> None:
    title = "Headache after intravenous immunoglobulin in a woman with dermatomyositis"
    said = read(f"{title}\n\nShe received IVIG for dermatomyositis. Headache was caused by IVIG.")
    alone = read(f"{title}\n\nShe received IVIG for dermatomyositis and went home without any sequelae.")
    for extraction, quotes in ((said, ["Headache was caused by IVIG."]), (alone, [title])):
        assert [c.evidence.quote for c in extraction.claims if c.object.label == "headache"] == quotes


def test_a_list_of_what_did_not_occur_after_the_therapy_is_negated_in_a_case() -> None:
    extraction = read(
        "A 74-year-old man with Guillain-Barre syndrome was treated with IVIG for five days. "
        "No headache, fever or rash was observed during any of the five infusions. Renal failure did not occur."
    )
    assert {"headache", "fever", "rash", "renal failure"} <= set(told(extraction, Predicate.CAUSES, negated=True))
    assert told(extraction, Predicate.CAUSES) == {}


def test_what_warns_of_a_reaction_is_not_treated() -> None:
    extraction = read(
        "Anaphylaxis during a first infusion of IVIG in a man with selective IgA deficiency\n\n"
        "We report a reaction that was seen within minutes and was gone within the hour.\n"
    )
    assert set(told(extraction, Predicate.CAUSES)) == {"anaphylaxis"}
    assert told(extraction, Predicate.TREATS) == {}


def test_what_a_work_up_did_not_find_is_no_claim_about_safety() -> None:
    found = read(
        "A 50-year-old woman had dermatomyositis. No underlying neoplasm was found and her condition was successfully "
        "treated with intravenous immunoglobulin."
    )
    assert told(found, Predicate.CAUSES, negated=True) == {}


def test_no_adverse_event_is_a_negated_claim() -> None:
    found = read(
        "A 50-year-old woman with dermatomyositis received intravenous immunoglobulin. "
        "No adverse event was attributed to immunoglobulin therapy. She suffered no side effects."
    )
    assert "adverse event" in told(found, Predicate.CAUSES, negated=True)
    assert told(found, Predicate.CAUSES) == {}


def test_a_review_of_mechanisms_need_not_name_the_therapy_again() -> None:
    found = told(
        read(
            "Mechanisms of action of intravenous immunoglobulin\n\nIntravenous immunoglobulin saturates the neonatal "
            "Fc receptor. Blockade of Fc gamma receptors on macrophages explains the rise of platelets."
        ),
        Predicate.HAS_MECHANISM,
    )
    assert set(found) == {"FcRn saturation", "Fc receptor blockade"}


def test_what_is_said_of_all_that_was_listed_grades_each() -> None:
    found = told(
        read(
            "Unwanted effects of intravenous immunoglobulin: a review\n\nHeadache, chills and myalgia are common. "
            "They are mostly mild."
        ),
        Predicate.CAUSES,
    )
    assert {(label, c.qualifiers.frequency, c.qualifiers.severity) for label, c in found.items()} == {
        (label, "common", "mild") for label in ("headache", "chills", "myalgia")
    }


def test_keywords_state_nothing() -> None:
    extraction = read(
        "Immunoglobulin is made from the plasma of many donors.\n\n"
        "Keywords: IVIG for dermatomyositis; IVIG-induced stroke"
    )
    assert extraction.claims == ()


def test_the_json_has_the_keys_of_the_guidelines() -> None:
    extraction = read("A 40-year-old woman had a headache two days after IVIG was given at 2 g/kg for dermatomyositis.")
    printed = json.loads(json.dumps(to_json(extraction)))
    assert list(printed) == ["source", "id", "title", "type", "text", "mentions", "cases", "claims"]
    assert list(printed["mentions"][0]) == ["start", "end", "text", "type", "id", "label", "link"]
    assert printed["cases"] == [{"id": "1", "age_years": 40, "sex": "female", "start": 2, "end": 19}]
    claim = next(c for c in printed["claims"] if c["predicate"] == "treats")
    assert list(claim) == [
        "predicate", "subject", "object", "negated", "certainty", "quote", "start", "end", "case", "confidence",
        "qualifiers",
    ]  # fmt: skip
    assert list(claim["object"]) == ["id", "label", "text", "start", "end"]
    assert claim["qualifiers"]["dose"] == {"value": 2.0, "unit": "g/kg", "text": "2 g/kg"}


def test_what_is_below_the_threshold_is_kept_as_a_candidate() -> None:
    text = "Headache developed after IVIG for dermatomyositis."
    sure = read(text)
    careful = extractor("rules", vocabulary.load(), threshold=1.0).extract(sure.document)
    assert sure.claims
    assert not sure.candidates
    assert careful.claims == ()
    assert careful.candidates == sure.claims
    assert to_json(careful)["candidates"]


def test_an_unknown_extractor_is_refused_with_the_known_ones() -> None:
    assert "rules" in names()
    with pytest.raises(SettingsError, match="rules"):
        extractor("oracle", vocabulary.load())


def test_reading_twice_gives_the_same() -> None:
    content = "A 40-year-old woman with dermatomyositis was given IVIG and developed headache and rash after IVIG."
    assert read(content) == read(content)


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_text_can_be_extracted(content: str) -> None:
    try:
        document = text.document(content + "\nIVIG-induced fever, rash (n = 3) <C0>", "-")
    except ReadError:
        return
    rules().extract(document)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared folder is not here")
@pytest.mark.parametrize(("gold", "least"), [("seeds.yaml", 0.95), ("ivig_cases_dev.yaml", 0.85)])
def test_the_gold_documents_are_read_as_people_read_them(gold: str, least: float) -> None:
    tool = SHARED / "tools/score_extraction.py"
    command = [sys.executable, str(tool), str(SHARED / "gold" / gold)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    figures = dict(
        zip(
            ("recall", "precision", "qualifiers"),
            (float(part.split()[0]) for part in result.stdout.split("= ")[1:]),
            strict=True,
        )
    )
    assert min(figures.values()) >= least, result.stdout + result.stderr
    if gold == "seeds.yaml":
        assert "forbidden broken 0" in result.stdout


def test_what_a_disease_was_refractory_to_is_not_the_therapy_that_the_text_goes_on_about() -> None:
    extraction = read(
        "Intravenous immunoglobulin in pemphigus\n\nIVIG is reserved for patients with pemphigus that is refractory to "
        "corticosteroids and azathioprine. Common side effects are headache and chills."
    )
    assert {"headache", "chills"} <= set(told(extraction, Predicate.CAUSES))


def test_a_drug_that_induced_an_event_is_told_apart_from_the_event() -> None:
    extraction = read("IVIG-induced haemolysis was noted on day 3 in a boy with Kawasaki disease.")
    assert set(told(extraction, Predicate.CAUSES)) == {"hemolysis"}


def test_the_days_that_a_cure_took_are_no_number_of_patients() -> None:
    extraction = read(
        "A man with pemphigus was given IVIG and had eczema induced by IVIG. Clobetasol cleared the eczema in 2 weeks."
    )
    quotes = [c.evidence.quote for c in extraction.claims if c.object.label == "eczema" and c.predicate == "causes"]
    assert quotes == ["A man with pemphigus was given IVIG and had eczema induced by IVIG."]


def told_of(content: str, predicate: Predicate) -> dict[str, Qualifiers]:
    return {label: claim.qualifiers for label, claim in told(read(content), predicate).items()}


def test_what_came_of_another_therapy_is_not_said_of_this_one() -> None:
    [found] = told_of(
        "A 9-year-old boy received intravenous immunoglobulin for immune thrombocytopenia that had not responded to "
        "prednisolone.",
        Predicate.TREATS,
    ).values()
    assert (found.line, found.effect) == ("refractory", None)


def test_a_patient_who_dies_of_something_else_keeps_what_the_event_left() -> None:
    [found] = told_of(
        "After intravenous immunoglobulin he developed hemiparesis. He was left with a severe hemiparesis and died of "
        "pneumonia.",
        Predicate.CAUSES,
    ).values()
    assert (found.outcome, found.severity) == ("sequelae", None)


def test_what_is_said_of_all_reactions_holds_for_those_that_the_next_sentence_lists() -> None:
    found = told_of(
        "Most adverse reactions to intravenous immunoglobulin are mild. They include headache and chills.",
        Predicate.CAUSES,
    )
    assert {label: q.severity for label, q in found.items()} == {"headache": "mild", "chills": "mild"}


def test_the_response_of_a_series_counts_those_who_were_treated() -> None:
    found = told_of(
        "Six patients with refractory pemphigus vulgaris were treated with intravenous immunoglobulin. All had "
        "received prednisolone. Each cycle consisted of 2 g/kg over three days. Four patients achieved complete "
        "remission.",
        Predicate.TREATS,
    )["pemphigus vulgaris"]
    assert (found.effect, found.count, found.total, found.line) == ("improved", 4, 6, "refractory")
    assert found.dose is not None
    assert found.dose.text == "2 g/kg over three days"


def test_a_disease_that_another_therapy_did_not_help_right_before_is_refractory() -> None:
    [found] = told_of(
        "A 46-year-old woman had stiff-person syndrome. A trial of plasma exchange had been futile. Intravenous "
        "immunoglobulin was commenced.",
        Predicate.TREATS,
    ).values()
    assert found.line == "refractory"


def test_the_event_is_taken_up_by_what_cured_it() -> None:
    found = told_of(
        "Vesicles appeared eight days after the first infusion of immunoglobulin. A biopsy was taken. "
        "Treatment with betamethasone ointment cleared the eruption in three weeks.",
        Predicate.CAUSES,
    )
    assert {q.outcome for q in found.values()} == {"recovered"}
