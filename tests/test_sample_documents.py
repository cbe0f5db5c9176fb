"""The documents of the demonstration: self-contained, marked as invented, and read as what they are."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from ivigraph.demo import SAMPLES
from ivigraph.ingest.extract import extractor
from ivigraph.ingest.jsonl import to_json
from ivigraph.ingest.readers import read
from ivigraph.ontology.vocabulary import load

GOLD = Path(__file__).parent / "data" / "samples.yaml"
DOCUMENTS = {document["id"]: document for document in yaml.safe_load(GOLD.read_text(encoding="utf-8"))}
NOTE = "Written for the ivigraph demonstration; the patients are invented."
# What a browser would fetch by itself, and where a reader could be led.
LOADS = {"src", "srcset", "poster", "background", "data", "manifest"}
LEADS = {"href", "action", "formaction", "cite", "ping"}


class Links(HTMLParser):
    """The addresses that a page loads or leads to."""

    def __init__(self, page):
        super().__init__()
        self.loaded, self.led = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in LOADS or (tag in ("link", "base") and name == "href"):
                self.loaded.append(value)
            elif name in LEADS:
                self.led.append(value)


@pytest.fixture(scope="module")
def extractions():
    rules = extractor("rules", load())
    return {
        file.stem: to_json(rules.extract(document))
        for file in sorted(SAMPLES.iterdir())
        for document in read(file, max_bytes=1_000_000)
    }


def test_every_sample_is_annotated_and_every_annotation_has_its_sample():
    assert {(GOLD.parent / document["file"]).resolve() for document in DOCUMENTS.values()} == {
        path.resolve() for path in SAMPLES.iterdir()
    }


@pytest.mark.parametrize("file", sorted(SAMPLES.iterdir()), ids=lambda file: file.name)
def test_a_sample_says_that_it_is_invented(file):
    text = file.read_text(encoding="utf-8")
    assert text.count(NOTE) == 1
    assert re.findall(r"\b10\.\d{4,9}(?=/)", text) == ["10.5555"] * text.count("10.5555/")  # the prefix for examples


@pytest.mark.parametrize("file", sorted(SAMPLES.glob("*.html")), ids=lambda file: file.name)
def test_a_saved_page_loads_nothing_and_leads_nowhere_real(file):
    links = Links(file.read_text(encoding="utf-8"))
    assert links.loaded == []
    assert all(address.startswith(("https://example.org/", "#")) for address in links.led)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_sample_is_read_with_its_title_kind_identifier_and_patients(extractions, name):
    found = extractions[name]
    for key, pattern in DOCUMENTS[name]["document"].items():
        assert re.search(pattern, found[key]), f"{key} is {found[key]!r}"
    patients = [(case["age_years"], case["sex"]) for case in found["cases"]]
    for case in DOCUMENTS[name].get("cases", []):
        assert (case["age_years"], case["sex"]) in patients


# A few words of each page's furniture, which no reader may take for the article.
FURNITURE = {
    "case-report-thrombocytopenia": ["cookies", "pneumonitis", "newsletter", "Fatal haemorrhage", "Copy link"],
    "case-report-dyshidrotic-eczema": ["webinar", "Toxic epidermal necrolysis", "alopecia", "Sign in", "Privacy"],
    "case-series-infusion-reactions": ["40 years of reports", "pancreatitis", "Submit a manuscript", "mobile app"],
    "case-series-autoimmune-blistering": ["vildagliptin", "Download PDF", "Register", "None declared"],
    "review-adverse-effects": ["lithium", "Basket", "diabetes insipidus", "Subscribe"],
    "teaching-page-immunoglobulin": ["Asthma", "cirrhosis", "Log out", "Heparin-induced", "CME credits"],
    "guidance-live-vaccines": ["gum overgrowth", "Warfarin", "On call", "Was this page helpful"],
}


@pytest.mark.parametrize("name", FURNITURE)
def test_the_furniture_of_a_page_is_left_out(extractions, name):
    page = next(SAMPLES.glob(f"{name}.*")).read_text(encoding="utf-8")
    assert all(words in page for words in FURNITURE[name])
    assert [words for words in FURNITURE[name] if words in extractions[name]["text"]] == []


# The end of each article, which is lost where a reader stops too early.
LAST_WORDS = {
    "case-report-dyshidrotic-eczema": "had not been changed for three months.",
    "case-report-no-adverse-event": "a rigid cutoff of the glomerular filtration rate.",
    "case-report-thrombocytopenia": "in the first week of every course.",
    "case-series-infusion-reactions": "did not lead any patient to give up treatment.",
    "case-series-autoimmune-blistering": "a particular concern in elderly patients.",
    "review-adverse-effects": "with little evidence of benefit.",
    "teaching-page-immunoglobulin": "should not receive IVIG.",
    "guidance-live-vaccines": "contraindicated in hereditary fructose intolerance.",
}


@pytest.mark.parametrize("name", LAST_WORDS)
def test_an_article_is_read_to_its_end(extractions, name):
    assert LAST_WORDS[name] in " ".join(extractions[name]["text"].split())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_claim_is_made_that_the_text_does_not_make(extractions, name):
    for wrong in DOCUMENTS[name]["forbidden"]:
        made = [
            claim["quote"]
            for claim in extractions[name]["claims"]
            if claim["predicate"] == wrong["predicate"]
            and not claim["negated"]
            and claim["certainty"] in ("asserted", "probable")
            and matches(wrong["object"], claim["object"])
            and matches(wrong.get("subject", ["immun[eo] ?globulin"]), claim["subject"])
        ]
        assert made == [], wrong


def matches(patterns, term):
    """As the scoring tool compares: a pattern is found in the label, the text or the identifier."""
    fields = [term[key] or "" for key in ("label", "text", "id")]
    return any(re.search(pattern, field, re.IGNORECASE) for pattern in patterns for field in fields)
