"""The trained extractor on sentences that no rule was written for; skipped where the model is not installed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ivigraph.evaluation.reading import document
from ivigraph.ingest import extract
from ivigraph.ingest.jsonl import to_json
from ivigraph.ingest.tagger import tagger
from ivigraph.ingest.verify import verbatim
from ivigraph.ontology.vocabulary import load

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(not tagger.is_installed(), reason="the trained model is not installed: make train")


@pytest.fixture(scope="module")
def model():
    return extract.extractor("model", load())


def claims(model, text):
    extraction = verbatim(model.extract(document(text)))
    return {(c.predicate, c.subject.text, c.object.text, c.negated) for c in extraction.claims}


def test_it_finds_an_effect_of_a_drug_that_the_vocabulary_does_not_know(model):
    found = claims(model, "Livedo racemosa emerged in two children soon after zelbutamide.")
    assert any(c[:2] == ("causes", "zelbutamide") and "ivedo" in c[2] for c in found)


def test_it_tells_what_a_drug_is_for_from_what_it_does(model):
    found = claims(model, "Carbamazepine for epilepsy was complicated by hyponatremia.")
    assert ("treats", "Carbamazepine", "epilepsy", False) in found
    assert ("causes", "Carbamazepine", "hyponatremia", False) in found


def test_it_claims_nothing_of_a_sentence_without_an_effect(model):
    text = "She had asthma and hypertension and was taking enalapril; the examination was unremarkable."
    assert not [c for c in claims(model, text) if c[0] == "causes"]


def test_an_immunoglobulin_is_the_lexicons(model):
    extraction = model.extract(document("IVIG-induced headache was noted on day 3."))
    assert [c.subject.id for c in extraction.claims] == ["ivo:IVIG"]


def test_confidence_is_a_probability(model):
    extraction = model.extract(document("Headache and aseptic meningitis developed after IVIG for myositis."))
    assert extraction.claims
    assert all(0 < c.confidence <= 1 for c in extraction.claims)


def test_the_same_text_gives_the_same_answer_in_another_process(model):
    text = "Thrombosis occurred two days after Privigen was given for Kawasaki disease. She recovered."
    code = (
        "import json,sys; from ivigraph.evaluation.reading import document; from ivigraph.ingest import extract;"
        "from ivigraph.ingest.jsonl import to_json; from ivigraph.ontology.vocabulary import load;"
        "print(json.dumps(to_json(extract.extractor('model', load()).extract(document(sys.argv[1])))))"
    )
    other = subprocess.run([sys.executable, "-c", code, text], capture_output=True, text=True, cwd=ROOT, check=True)
    assert other.stdout.strip() == json.dumps(to_json(model.extract(document(text))))


def test_what_stands_before_does_not_change_the_answer_for_a_document(model):
    text = "Carbamazepine was complicated by hyponatremia."
    first = to_json(model.extract(document(text)))
    model.extract(document("Something else altogether: rash after penicillin. " * 20))
    assert to_json(model.extract(document(text))) == first


def test_the_model_is_small():
    assert sum(path.stat().st_size for path in tagger.DATA.iterdir()) <= 25_000_000


def test_what_the_model_doubts_is_a_candidate(model):
    text = "Livedo racemosa emerged in two children soon after zelbutamide."
    careful = extract.extractor("model", load(), threshold=0.99).extract(document(text))
    assert not careful.claims
    assert {(c.predicate, c.subject.text) for c in careful.candidates} == {("causes", "zelbutamide")}
