"""What the wording of reports says of who was treated, of what, and what is blamed, in sentences written for this."""

from __future__ import annotations

from functools import cache

import pytest

from ivigraph.ingest.extract import Extractor, extractor
from ivigraph.ingest.readers import text
from ivigraph.model import Claim, DocumentType, Predicate
from ivigraph.ontology import vocabulary


@cache
def rules() -> Extractor:
    return extractor("rules", vocabulary.load())


def told(content: str, predicate: Predicate) -> dict[str, Claim]:
    """The affirmed claims about immunoglobulins by the label of their object."""
    return {
        claim.object.label: claim
        for claim in rules().extract(text.document(content, "document.txt")).claims
        if claim.predicate is predicate and not claim.negated and "globulin" in claim.subject.label
    }


def treated(content: str) -> dict[str, Claim]:
    return told(content, Predicate.TREATS)


def caused(content: str) -> dict[str, Claim]:
    return told(content, Predicate.CAUSES)


def test_a_name_that_only_says_of_what_kind_the_next_one_is_is_not_treated() -> None:
    found = treated(
        "A 30-year-old HIV-infected man was admitted. He received IVIG for the treatment of HIV-related "
        "thrombocytopenic purpura."
    )
    assert not any("HIV" in label for label in found)
    assert any("purpura" in label for label in found)


def test_the_final_diagnosis_and_not_the_first_one_is_what_was_treated() -> None:
    found = treated(
        "A 60-year-old man was initially diagnosed with Guillain-Barre syndrome. He was finally diagnosed as having "
        "dermatomyositis. Intravenous immunoglobulin was given."
    )
    assert list(found) == ["dermatomyositis"]


def test_what_these_responded_to_was_given_for_all_that_the_sentence_before_told() -> None:
    found = treated(
        "An 80-year-old man had autoimmune hemolytic anemia and neutropenia. These responded to steroids and "
        "immunoglobulins."
    )
    assert set(found) == {"autoimmune hemolytic anemia", "neutropenia"}


def test_a_bare_immunoglobulin_in_a_list_of_what_was_given_is_the_therapy() -> None:
    found = treated(
        "A 25-year-old man developed fever. Streptococcal toxic shock syndrome was diagnosed. Treatment consisted of "
        "antibiotics, corticosteroids, immunoglobulin and fluids."
    )
    assert len(found) == 1


def test_what_the_mother_was_given_does_not_treat_the_child() -> None:
    assert not treated(
        "A newborn boy was admitted with jaundice. Rhesus incompatibility was diagnosed. The mother had received "
        "immunoglobulin after her first delivery."
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "A 43-year-old man with immune thrombocytopenia refractory to intravenous immunoglobulin developed dyspnea "
        "after rituximab.",
        "A 40-year-old woman had a relapse of optic neuritis during tapering of intravenous immunoglobulin.",
        "A 40-year-old woman experienced a reduction in proteinuria following intravenous immunoglobulin.",
    ],
)
def test_what_came_after_another_drug_on_tapering_or_got_better_is_no_effect(sentence: str) -> None:
    assert not caused(sentence)


def test_what_happened_after_another_drug_that_is_blamed_is_not_the_immunoglobulins() -> None:
    found = caused(
        "A 10-year-old boy developed urticaria during an infusion of immunoglobulin. He was given epinephrine, and "
        "epinephrine caused tachycardia. He developed pulmonary edema."
    )
    assert list(found) == ["urticaria"]


@pytest.mark.parametrize(
    ("course", "effect"),
    [
        ("The patient recovered with antibiotics, bowel rest and intravenous immunoglobulin.", "improved"),
        ("Symptoms persisted despite dose reduction, plasma exchange and intravenous immunoglobulin.", "no_response"),
        ("Intravenous immunoglobulin allowed withdrawal of the steroids.", "improved"),
    ],
)
def test_how_it_ended_is_told_across_a_list(course: str, effect: str) -> None:
    found = treated(f"A 20-year-old woman was diagnosed with myasthenia gravis. {course}")
    assert {claim.qualifiers.effect for claim in found.values()} == {effect}


def test_what_a_disease_does_is_not_blamed_on_its_treatment() -> None:
    content = (
        "Intravenous immunoglobulin: a review\n\n"
        "Intravenous immunoglobulin is used for many diseases. Respiratory failure is a complication of "
        "Guillain-Barre syndrome. Dermatomyositis causes weakness. Adverse effects are common."
    )
    assert not caused(content)


def test_indications_that_were_counted_are_indications() -> None:
    found = treated(
        "Haemolysis after immunoglobulin\n\nIndications for IVIG were Guillain-Barre syndrome (n = 5) and immune "
        "thrombocytopenia (n = 4)."
    )
    assert found["Guillain-Barre syndrome"].qualifiers.count == 5


def test_reviews_that_speak_of_case_reports_are_none() -> None:
    page = "Case reports describe benefit in scleromyxoedema."
    assert text.document(page, "document.txt").type is not DocumentType.CASE_REPORT


def test_the_title_of_a_case_has_the_end_that_its_story_tells() -> None:
    found = rules().extract(
        text.document(
            "Sinus thrombosis complicating immunoglobulin therapy\n\n"
            "A 31-year-old woman received IVIG for immune thrombocytopenia. Two days after the infusion she developed "
            "headache. The headache resolved within a week.",
            "document.txt",
        )
    )
    title = next(c for c in found.claims if c.evidence.start == 0 and c.predicate is Predicate.CAUSES)
    assert title.qualifiers.outcome == "recovered"


def test_a_later_word_on_the_illness_tells_how_the_therapy_worked() -> None:
    found = treated(
        "A 39-year-old woman with multifocal motor neuropathy was treated with IVIG. She noticed loss of hair after "
        "the third infusion. The hair regrew. The neuropathy remains well controlled."
    )
    assert found["multifocal motor neuropathy"].qualifiers.effect == "improved"


def test_the_results_of_a_trial_tell_the_response_and_its_count() -> None:
    found = treated(
        "Immunoglobulin in dermatomyositis: a randomized trial\n\nWe assigned adults with active dermatomyositis to "
        "IVIG or placebo. At week 16, 36 of 45 patients in the IVIG group (80%) had a response."
    )
    qualifiers = found["dermatomyositis"].qualifiers
    assert (qualifiers.effect, qualifiers.count, qualifiers.total) == ("improved", 36, 45)


def test_a_diagnosis_that_was_called_refractory_where_it_was_named_is_so_where_it_is_treated() -> None:
    found = treated(
        "A 17-year-old girl with refractory dermatomyositis was admitted. Intravenous immunoglobulin was given."
    )
    assert found["dermatomyositis"].qualifiers.line == "refractory"


def test_the_infusions_are_those_of_the_sentences_own_therapy() -> None:
    found = rules().extract(
        text.document(
            "Patients changed from IVIG to subcutaneous immunoglobulin (SCIG). During IVIG, 17 patients had had "
            "headache after the infusions.",
            "document.txt",
        )
    )
    assert {c.subject.label for c in found.claims if c.object.label == "headache"} == {"intravenous immunoglobulin"}


def test_mechanisms_follow_where_the_text_announces_them() -> None:
    found = told(
        "Immunoglobulin in skin disease\n\nIntravenous immunoglobulin is used in pemphigus. Its mode of action is not "
        "fully understood. Neutralisation of autoantibodies and inhibition of complement have been proposed.",
        Predicate.HAS_MECHANISM,
    )
    assert len(found) == 2


def test_an_event_timed_after_the_therapy_is_its_effect_on_that_day() -> None:
    found = caused(
        "A 53-year-old woman had painful swelling of both optic discs 2 weeks after a dose of immunoglobulin. A "
        "23-year-old woman developed diplopia on the 3rd day after the second infusion."
    )
    assert found["diplopia"].qualifiers.onset.min_days == 3


def test_why_a_therapy_was_given_is_not_how_it_ended() -> None:
    found = treated(
        "A 76-year-old man was treated with IVIG for an acute exacerbation of chronic inflammatory demyelinating "
        "polyradiculoneuropathy."
    )
    assert all(claim.qualifiers.effect is None for claim in found.values())
    assert found


def test_a_short_form_that_nothing_explains_is_a_diagnosis_where_the_patient_was_diagnosed_with_it() -> None:
    (claim,) = treated(
        "A 46-year-old man had nausea and weight loss. He was diagnosed with EPX on the basis of imaging. He received "
        "immunoglobulin therapy (1 g/kg) without any improvement."
    ).values()
    assert claim.object.text == "EPX"
    assert claim.qualifiers.effect == "no_response"


def test_a_dose_before_the_conjunction_is_that_of_the_drug_before_it() -> None:
    (claim,) = treated(
        "A 26-year-old woman was diagnosed with dermatomyositis. She received methylprednisolone at an initial dose of "
        "500 mg and intravenous immunoglobulin to 2 g/kg."
    ).values()
    assert claim.qualifiers.dose is not None
    assert claim.qualifiers.dose.text == "2 g/kg"


def test_the_reason_for_the_next_therapy_is_how_the_one_before_worked() -> None:
    (claim,) = treated(
        "A patient was diagnosed with neuromyelitis optica. She was treated with intravenous immunoglobulin. Since "
        "there was no significant improvement, we decided to use cyclophosphamide for neuromyelitis optica."
    ).values()
    assert claim.qualifiers.effect == "no_response"


def test_what_harmed_a_patient_was_given_for_the_diagnosis_before() -> None:
    content = (
        "A 34-year-old woman was diagnosed with sarcoidosis. She was started on intravenous immunoglobulin and "
        "developed hemolysis."
    )
    assert list(treated(content)) == ["sarcoidosis"]
    assert list(caused(content)) == ["hemolysis"]


def test_a_disease_that_came_back_is_no_effect_of_what_was_given_since() -> None:
    assert not caused(
        "A 46-year-old man had myelodysplastic syndrome. He was given immunoglobulin therapy for enteritis. He "
        "developed recurrence of myelodysplastic syndrome one month after initiation of immunoglobulin therapy."
    )


def test_what_patients_who_take_a_therapy_for_something_have_is_its_effect() -> None:
    content = "We describe three cases of retinopathy in patients taking intravenous immunoglobulin due to lupus."
    assert any("retinopathy" in label for label in caused(content))
    assert any("lupus" in label for label in treated(content))


def test_antibodies_that_a_test_finds_are_no_therapy() -> None:
    assert not treated(
        "A boy was diagnosed with Kawasaki disease and treated with intravenous fluids. Testing confirmed the "
        "presence of immunoglobulin (IgG) antibodies against the virus, and treatment was started."
    )


def test_a_patient_who_subsequently_developed_something_is_not_one_who_had_it() -> None:
    found = caused(
        "A 39-year-old man was treated with intravenous immunoglobulin for polyneuropathy. The patient subsequently "
        "developed acute rash. The probability of immunoglobulin-induced hepatitis was definite."
    )
    assert any("rash" in label for label in found)


def test_what_went_away_when_the_therapy_was_stopped_is_its_effect() -> None:
    content = (
        "A 71-year-old man with lupus was given intravenous immunoglobulin. We discontinued immunoglobulin, and his "
        "cerebellar syndrome resolved."
    )
    (claim,) = caused(content).values()
    assert claim.qualifiers.dechallenge == "positive"
    assert "cerebellar syndrome" not in treated(content)


def test_stopping_and_giving_again_are_told_before_what_came_of_them() -> None:
    found = caused(
        "A woman with lupus developed leukopenia two days after the infusion of intravenous immunoglobulin. "
        "Immunoglobulin was stopped. The leukopenia resolved. We prescribed immunoglobulin again. There was a "
        "recurrence of leukopenia."
    )
    assert found["leukopenia"].qualifiers.dechallenge == "positive"
    assert found["leukopenia"].qualifiers.rechallenge == "positive"


def test_what_was_found_only_after_a_response_is_not_what_was_treated() -> None:
    found = treated(
        "A 22-year-old woman had gastroparesis. The gastroparesis improved with intravenous immunoglobulin. She was "
        "later diagnosed with multiple sclerosis."
    )
    assert list(found) == ["gastroparesis"]


def test_the_weeks_of_treatment_after_which_something_began_are_its_onset() -> None:
    (claim,) = caused(
        "A man was given immunoglobulin for myositis. After 6 weeks of immunoglobulin treatment, he developed headache."
    ).values()
    assert claim.qualifiers.onset is not None
    assert claim.qualifiers.onset.min_days == 42


def test_the_reason_for_which_a_therapy_was_started_is_what_it_treats_and_not_how_it_went() -> None:
    found = treated(
        "A 56-year-old woman had lupus. On account of rapidly worsening renal failure she was started on intravenous "
        "immunoglobulin, which led to partial recovery."
    )
    claim = next(claim for label, claim in found.items() if "failure" in label or "kidney injury" in label)
    assert claim.qualifiers.effect == "improved"
