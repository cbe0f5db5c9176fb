"""Relations: what one sentence says of a therapy and a condition, in many wordings."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigraph.ingest.frames import Frame, frames
from ivigraph.ingest.lexicon import Lexicon
from ivigraph.ingest.relations import relations
from ivigraph.ingest.segment import sentences
from ivigraph.model import Certainty, Document, DocumentType, Passage, Predicate
from ivigraph.ontology import vocabulary


@cache
def lexicon() -> Lexicon:
    return Lexicon.of(vocabulary.load())


def read(content: str) -> list[Frame]:
    passages = (Passage(section="body", start=0, end=len(content)),)
    document = Document(id="sha256:0", source="-", title="", type=DocumentType.OTHER, text=content, passages=passages)
    found = tuple(sentences(document))
    return frames(content, found, lexicon().mentions(document, found))


def said(content: str, predicate: Predicate, *, negated: bool = False) -> set[tuple[str, str]]:
    """The pairs that the last sentence tells, as written."""
    return {
        (r.subject.text, r.object.text)
        for r in relations(read(content)[-1], ())
        if r.predicate is predicate and r.negated is negated
    }


def test_a_sentence_is_masked_with_a_list_as_one_slot() -> None:
    (frame,) = read("Prednisone and IVIG were given for fever, rash and severe myositis.")
    assert frame.masked == "<D0> were given for <C0>."
    assert [m.text for m in frame.slots["C0"]] == ["fever", "rash", "myositis"]


def test_an_abbreviation_in_brackets_is_the_same_slot() -> None:
    (frame,) = read("Intravenous immunoglobulin (IVIG) was given.")
    assert frame.masked == "<D0> was given."


def test_a_therapy_named_before_stands_behind_its_pronoun() -> None:
    frame = read("IVIG was started. She felt faint during the infusion.")[-1]
    assert frame.masked == "She felt faint during <D0>."
    assert [m.text for m in frame.slots["D0"]] == ["IVIG"]


def test_an_infusion_means_the_immunoglobulin_and_not_the_last_drug() -> None:
    frame = read("IVIG was started. Prednisone was added. The infusion was stopped.")[-1]
    assert [m.text for m in frame.slots["D0"]] == ["IVIG"]


@pytest.mark.parametrize(
    "sentence",
    [
        "IVIG-induced headache was seen.",
        "Headache was caused by IVIG.",
        "The headache was attributed to IVIG.",
        "IVIG caused a severe headache.",
        "IVIG resulted in headache.",
        "She developed headache two days after IVIG.",
        "After the first infusion of IVIG, she complained of headache.",
        "Twelve hours after receiving IVIG, a headache occurred.",
        "Headache was observed in three patients after IVIG.",
        "Headache occurred in 8 of 20 patients (40%) receiving IVIG.",
        "Adverse events of IVIG included headache.",
        "Side effects of IVIG, such as headache, are mild.",
        "Headache is a common side effect of IVIG.",
        "Headache is an uncommon complication of IVIG.",
        "IVIG was discontinued because of headache.",
        "IVIG was considered the cause of the headache.",
    ],
)
def test_an_adverse_event_is_told_in_many_ways(sentence: str) -> None:
    pairs = said(sentence, Predicate.CAUSES)
    assert {(drug, event.lower()) for drug, event in pairs} == {("IVIG", "headache")}


@pytest.mark.parametrize(
    "sentence",
    [
        "Headache resolved after IVIG.",
        "IVIG resulted in improvement of headache.",
        "After IVIG, her headache improved.",
        "She had headache and was treated with IVIG.",
        "He developed weakness three days after vaccination and was treated with IVIG.",
    ],
)
def test_a_therapy_given_for_a_finding_is_not_its_cause(sentence: str) -> None:
    assert "IVIG" not in {drug for drug, _ in said(sentence, Predicate.CAUSES)}


@pytest.mark.parametrize(
    "sentence",
    [
        "IVIG is an effective treatment for dermatomyositis.",
        "IVIG is used to treat dermatomyositis.",
        "IVIG is indicated in dermatomyositis.",
        "IVIG therapy for dermatomyositis is expensive.",
        "IVIG treatment of dermatomyositis was studied.",
        "The treatment of dermatomyositis is IVIG.",
        "Dermatomyositis was treated with IVIG.",
        "Dermatomyositis responded well to IVIG.",
        "He was treated for dermatomyositis with IVIG.",
        "IVIG led to remission of dermatomyositis.",
        "Dermatomyositis prompted IVIG administration.",
        "Dermatomyositis was refractory to steroids but IVIG was highly efficient.",
        "Dermatomyositis was resistant to IVIG.",
        "Indications for IVIG include dermatomyositis.",
        "A patient with dermatomyositis was on IVIG.",
        "The present case of dermatomyositis showed IVIG-induced headache.",
        "Patients with dermatomyositis who developed headache after IVIG were studied.",
    ],
)
def test_a_treatment_is_told_in_many_ways(sentence: str) -> None:
    assert "dermatomyositis" in {c.lower() for d, c in said(sentence, Predicate.TREATS) if d == "IVIG"}


def test_a_value_that_rose_after_a_therapy_was_treated_by_it() -> None:
    assert said("His platelet count rose after IVIG.", Predicate.TREATS) == {("IVIG", "platelet count")}


def test_each_member_of_a_list_is_a_pair_of_its_own() -> None:
    pairs = said("Side effects of IVIG include headache, nausea, and flu-like symptoms.", Predicate.CAUSES)
    assert {event for _, event in pairs} == {"headache", "nausea", "flu-like symptoms"}


def test_a_list_goes_on_over_the_counts_within_it() -> None:
    pairs = said("Adverse events of IVIG were headache in 30% of patients, nausea in 12% and rash.", Predicate.CAUSES)
    assert {event for _, event in pairs} >= {"headache", "nausea"}


def test_side_effects_without_a_therapy_are_those_of_the_context() -> None:
    first, second = read("IVIG is given slowly. Side effects include headache.")
    assert {(r.subject.text, r.object.text) for r in relations(second, first.drugs())} == {("IVIG", "headache")}


def test_what_did_not_happen_is_negated() -> None:
    assert said("No headache occurred after IVIG.", Predicate.CAUSES, negated=True) == {("IVIG", "headache")}


def test_a_therapy_that_is_not_recommended_is_negated() -> None:
    sentence = "IVIG is not recommended for chronic fatigue syndrome."
    assert said(sentence, Predicate.TREATS, negated=True) == {("IVIG", "chronic fatigue syndrome")}
    assert said(sentence, Predicate.TREATS) == set()


def test_a_possible_effect_is_possible_and_a_list_of_effects_is_not() -> None:
    def certainty(sentence: str) -> set[Certainty]:
        return {r.certainty for r in relations(read(sentence)[-1], ()) if r.predicate is Predicate.CAUSES}

    assert certainty("The headache may be caused by IVIG. It may have been that IVIG caused headache.") == {
        Certainty.POSSIBLE
    }
    assert certainty("Side effects of IVIG may include headache.") == {Certainty.ASSERTED}


def test_contraindications_interactions_and_mechanisms_are_told_apart() -> None:
    text = "IVIG is contraindicated in patients with selective IgA deficiency."
    assert said(text, Predicate.CONTRAINDICATED_IN) == {("IVIG", "selective IgA deficiency")}
    assert said(text, Predicate.TREATS) == set()
    assert said("IVIG may interfere with prednisone.", Predicate.INTERACTS_WITH) == {("IVIG", "prednisone")}
    text = "IVIG works by inhibition of complement activation and modulation of cytokine production."
    assert {m for _, m in said(text, Predicate.HAS_MECHANISM)} == {
        "inhibition of complement activation",
        "modulation of cytokine production",
    }


@pytest.mark.parametrize(
    ("sentence", "label"),
    [
        ("IVIG saturates the neonatal Fc receptor.", "FcRn saturation"),
        ("IVIG may block Fc receptors on macrophages.", "Fc receptor blockade"),
        ("By inhibiting complement activation IVIG protects the endothelium.", "inhibition of complement activation"),
        ("IVIG expands regulatory T cells.", "expansion of regulatory T cells"),
        ("IVIG neutralises autoantibodies.", "neutralization of pathogenic antibodies"),
    ],
)
def test_a_mechanism_may_be_told_by_a_verb(sentence: str, label: str) -> None:
    found = [r.object.label for r in relations(read(sentence)[-1], ()) if r.predicate is Predicate.HAS_MECHANISM]
    assert found == [label]


@pytest.mark.parametrize(
    "sentence",
    ["IVIG blocks the vein.", "IVIG increased the dose.", "IVIG was reduced to 1 g/kg.", "IVIG affects sleep."],
)
def test_a_verb_whose_object_is_no_part_of_the_immune_system_tells_no_mechanism(sentence: str) -> None:
    assert said(sentence, Predicate.HAS_MECHANISM) == set()


def test_a_mechanism_is_as_certain_as_the_sentence_says() -> None:
    (denied,) = relations(read("There is no evidence that IVIG depletes B cells.")[-1], ())
    assert denied.negated
    (guessed,) = relations(read("It was hypothesized that IVIG modulates dendritic cells.")[-1], ())
    assert (guessed.negated, guessed.certainty) == (False, Certainty.HYPOTHETICAL)


@pytest.mark.parametrize(
    "sentence",
    [
        "Live vaccines should be postponed for three months after IVIG.",
        "Live vaccines must not be given during IVIG.",
        "Live vaccines should be avoided in patients receiving IVIG.",
        "IVIG interferes with live vaccines.",
    ],
)
def test_what_is_not_to_be_given_together_interacts(sentence: str) -> None:
    assert {(d, e.lower()) for d, e in said(sentence, Predicate.INTERACTS_WITH)} == {("IVIG", "live vaccines")}


def test_what_is_given_after_a_therapy_does_not_interact_with_it() -> None:
    assert said("Prednisone was given after IVIG.", Predicate.INTERACTS_WITH) == set()
    assert said("Prednisone should be given before IVIG.", Predicate.INTERACTS_WITH) == set()


def test_what_is_said_of_a_kind_is_said_of_its_examples() -> None:
    pairs = said(
        "IVIG does not interact with inactivated vaccines such as influenza vaccine.", Predicate.INTERACTS_WITH
    )
    assert pairs == set()
    text = "IVIG does not interact with inactivated vaccines such as influenza vaccine."
    assert {e for _, e in said(text, Predicate.INTERACTS_WITH, negated=True)} == {
        "inactivated vaccines",
        "influenza vaccine",
    }
    text = "IVIG benefits patients with autoimmune diseases as different as dermatomyositis and myasthenia gravis."
    assert {c for _, c in said(text, Predicate.TREATS)} >= {
        "autoimmune diseases",
        "dermatomyositis",
        "myasthenia gravis",
    }


@pytest.mark.parametrize(
    "sentence",
    [
        "IVIG should not be given to patients who lack IgA.",
        "People who lack IgA should not receive IVIG.",
        "IVIG is not suitable for patients with IgA deficiency.",
    ],
)
def test_a_contraindication_may_be_told_of_the_people(sentence: str) -> None:
    assert {d for d, _ in said(sentence, Predicate.CONTRAINDICATED_IN)} == {"IVIG"}


@pytest.mark.parametrize(
    ("sentence", "certainty"),
    [
        ("After IVIG she had a rash, possibly related to the drug.", Certainty.POSSIBLE),
        ("She had a rash after IVIG, which was judged to be probably related to it.", Certainty.PROBABLE),
        ("She had a rash after IVIG; either drug could have been responsible.", Certainty.POSSIBLE),
        ("She had a rash after IVIG and possibly will get another course.", Certainty.ASSERTED),
    ],
)
def test_the_link_may_be_in_doubt_where_the_event_is_not(sentence: str, certainty: Certainty) -> None:
    found = {r.certainty for r in relations(read(sentence)[-1], ()) if r.predicate is Predicate.CAUSES}
    assert found == {certainty}


def test_the_relief_of_a_condition_is_no_event() -> None:
    assert said("Denosumab induced osteosclerosis and pain relief.", Predicate.CAUSES) == {
        ("Denosumab", "osteosclerosis")
    }
    assert said("IVIG led to fever reduction.", Predicate.CAUSES) == set()


def test_no_better_than_is_no_denial() -> None:
    text = "IVIG was no better than placebo for dermatomyositis and caused more headache."
    assert said(text, Predicate.CAUSES) == {("IVIG", "headache")}
    assert said(text, Predicate.CAUSES, negated=True) == set()


WORDS = (
    "IVIG",
    "caused",
    "headache,",
    "fever",
    "and",
    "after",
    "for",
    "with",
    "no",
    "treated",
    "(rash)",
    "<C0>",
    ".",
    ";",
)


@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_any_order_of_words_can_be_read(words: list[str]) -> None:
    for frame in read(" ".join(words) or "IVIG"):
        for relation in relations(frame, ()):
            assert relation.subject != relation.object
