"""The figures: counted by hand on small corpora, with readers whose errors are known."""

import json
from pathlib import Path

import pytest

from ivigraph.errors import ReadError
from ivigraph.evaluation import claims, corpora, report
from ivigraph.evaluation.reading import ExtractorReader, Named, Read, Related
from ivigraph.evaluation.run import evaluate
from ivigraph.evaluation.scores import Kind
from ivigraph.ingest.extract import extractor
from ivigraph.ontology.vocabulary import load

SHARED = Path(__file__).parents[1] / "../shared"
TEXT = "IVIG caused severe rash and fever in lupus."
NAMES = {
    "T1": ("drug", 0, 4),
    "T2": ("adverse_event", 19, 23),
    "T3": ("adverse_event", 28, 33),
    "T4": ("disease", 37, 42),
}
RELATIONS = [("causes", "T1", "T2"), ("causes", "T1", "T3"), ("treats", "T1", "T4")]


def record(text=TEXT, names=NAMES, relations=RELATIONS, **more):
    return {
        "id": "x:1",
        "doc": "1",
        "text": text,
        "entities": [
            {"id": id, "type": type, "start": start, "end": end, "text": text[start:end]}
            for id, (type, start, end) in names.items()
        ],
        "relations": [{"type": type, "head": head, "tail": tail} for type, head, tail in relations],
        **more,
    }


def write(path, *records):
    path.write_text("".join(json.dumps(r) + "\n" for r in records))
    return path


class Fixed:
    """A reader that answers every text in the same way."""

    def __init__(self, names=(), relations=()):
        self.answer = Read(tuple(names), tuple(relations), tuple(relations))

    def types(self, scheme):
        return ("drug", "condition")

    def read(self, text, scheme):
        return self.answer


DRUG, SEVERE_RASH, FEVER, LUPUS = (
    Named(0, 4, "drug"), Named(12, 23, "condition"), Named(28, 33, "condition"), Named(37, 42, "condition"),
)  # fmt: skip


def figures(path, reader):
    return {f.name: f for f in corpora.measure(path, reader)[0]}


def test_a_name_of_other_boundaries_counts_only_as_relaxed(tmp_path):
    path = write(tmp_path / "phee.jsonl", record())
    found = figures(path, Fixed([DRUG, SEVERE_RASH, FEVER]))["names: drugs and conditions"]
    assert (found.exact.recall, found.exact.precision) == (2 / 4, 2 / 3)
    assert (found.relaxed.recall, found.relaxed.precision) == (3 / 4, 3 / 3)


def test_a_relation_counts_by_the_places_of_both_names(tmp_path):
    path = write(tmp_path / "phee.jsonl", record())
    given = [
        Related("causes", DRUG.place, SEVERE_RASH.place),
        Related("causes", DRUG.place, FEVER.place),
        Related("causes", DRUG.place, LUPUS.place),
    ]
    found = figures(path, Fixed([DRUG, SEVERE_RASH, FEVER, LUPUS], given))
    causes = found["causes, end to end"]
    assert (causes.exact.recall, causes.exact.precision) == (1 / 2, 1 / 3)
    assert (causes.relaxed.recall, causes.relaxed.precision) == (2 / 2, 2 / 3)
    assert found["treats, end to end"].exact.recall == 0


def test_each_error_has_its_kind(tmp_path):
    path = write(tmp_path / "phee.jsonl", record())
    given = [Related("causes", DRUG.place, LUPUS.place)]
    _, errors = corpora.measure(path, Fixed([DRUG, SEVERE_RASH, LUPUS, Named(24, 27, "condition")], given))
    assert {(e.kind, e.about) for e in errors} == {
        (Kind.BOUNDARY, "condition 'rash'"),
        (Kind.MISSED, "condition 'fever'"),
        (Kind.SPURIOUS, "condition 'and'"),
        (Kind.PAIR_MISSED, "'IVIG' causes 'rash'"),
        (Kind.NAME_MISSED, "'IVIG' causes 'fever'"),
        (Kind.WRONG_PAIR, "'IVIG' causes 'lupus'"),
        (Kind.PAIR_MISSED, "'IVIG' treats 'lupus'"),
    }


def test_relations_between_concepts_are_counted_once_for_the_document(tmp_path):
    gold = record(relations=[])
    for entity, norm in zip(gold["entities"], ("D1", "D2", "D2", "D3"), strict=True):
        entity["norm"] = norm
    gold["relations"] = [{"type": "causes", "head": "D1", "tail": "D2", "level": "doc"}]
    path = write(tmp_path / "bc5cdr.jsonl", gold)
    given = [Related("causes", DRUG.place, place) for place in (SEVERE_RASH.place, FEVER.place, LUPUS.place)]
    found = figures(path, Fixed([], given))["causes, concepts of the document"].exact
    assert (found.gold, found.found, found.right) == (1, 2, 1)


def test_articles_that_the_model_was_trained_on_are_counted_apart(tmp_path):
    write(tmp_path / "phee.train.jsonl", record(doc="1"))
    path = write(tmp_path / "ade.jsonl", record(doc="1"), record(doc="2"), record(doc="3", relations=[]))
    given = [Related("causes", DRUG.place, FEVER.place)]
    found = figures(path, Fixed([], given))
    assert found["causes, end to end"].exact.found == 3
    assert found["causes, sentences with an effect"].exact.found == 2
    assert found["causes, articles not in PHEE's training fold"].exact.found == 2
    assert found["causes, sentences with an effect, articles not in PHEE's training fold"].exact.found == 1


def test_negation_is_measured_on_given_findings(tmp_path):
    text = "No rash but fever."
    gold = record(text, {"T1": ("finding", 3, 7), "T2": ("finding", 12, 17)}, [])
    for entity, negation in zip(gold["entities"], ("Negated", "Affirmed"), strict=True):
        entity["attrs"] = {"neg": negation}
    figure = figures(write(tmp_path / "negex.jsonl", gold), Fixed())["negated findings"]
    assert (figure.exact.gold, figure.exact.f1) == (1, 1.0)


@pytest.mark.parametrize("line", ["[]", "{", '{"id": 1}'])
def test_a_line_that_is_no_record_is_named(tmp_path, line):
    path = tmp_path / "phee.jsonl"
    path.write_text(json.dumps(record()) + "\n" + line + "\n")
    with pytest.raises(ReadError, match="line 2"):
        corpora.measure(path, Fixed())


def test_a_corpus_of_unknown_convention_is_refused(tmp_path):
    with pytest.raises(ReadError, match="convention"):
        corpora.measure(write(tmp_path / "other.jsonl", record()), Fixed())


def test_a_file_that_is_no_gold_is_refused(tmp_path):
    (tmp_path / "gold.txt").write_text("")
    with pytest.raises(ReadError, match="no gold file"):
        evaluate([tmp_path / "gold.txt"], extractor("rules", load()))


GOLD = r"""
- id: one
  text: A 40-year-old woman was treated with IVIG for dermatomyositis. She developed headache two days after IVIG.
  cases: [{age_years: 40, sex: female}, {age_years: 41, sex: female}]
  claims:
    - {predicate: causes, object: ['headache'], qualifiers: {onset_days: [2, 2], severity: mild}}
    - {predicate: causes, object: ['stroke']}
  forbidden:
    - {predicate: treats, object: ['dermatomyositis']}
"""


def test_gold_claims_are_counted_with_their_qualifiers(tmp_path):
    path = tmp_path / "gold.yaml"
    path.write_text(GOLD)
    found, errors = claims.measure(path, extractor("rules", load()))
    by_name = {figure.name: figure.exact for figure in found}
    assert (by_name["claims"].recalled, by_name["claims"].gold) == (1, 2)
    assert (by_name["claims"].right, by_name["claims"].found) == (1, 2)
    assert (by_name["qualifiers"].recalled, by_name["qualifiers"].gold) == (1, 2)
    assert (by_name["facts about documents and cases"].recalled, by_name["forbidden claims kept out"].recalled) == (
        1,
        0,
    )
    assert {e.kind for e in errors} == {Kind.MISSED, Kind.SPURIOUS, Kind.QUALIFIER, Kind.FACT, Kind.FORBIDDEN}
    [wrong] = [e for e in errors if e.kind is Kind.QUALIFIER]
    assert f"| gold: claims | qualifier {wrong.detail} | 1 |" in report.kinds(errors)


@pytest.mark.parametrize("text", ["{", "a: b", "- 1", "- {id: 1}"])
def test_a_yaml_that_holds_no_gold_is_refused(tmp_path, text):
    path = tmp_path / "gold.yaml"
    path.write_text(text)
    with pytest.raises(ReadError, match="no gold file"):
        claims.measure(path, extractor("rules", load()))


def test_gold_may_name_a_record_of_a_corpus_or_all_sentences_of_an_article(tmp_path):
    records = [
        {"id": "c:1", "doc": "7", "text": "A man with Guillain-Barré syndrome received plasmapheresis."},
        {"id": "c:2", "doc": "7", "text": "He recovered."},
        {"id": "c:3", "doc": "8", "text": "Another story."},
    ]
    (tmp_path / "corpus.jsonl").write_text(
        "\n".join(json.dumps(r, ensure_ascii=False) for r in records), encoding="utf-8"
    )
    gold = {
        "id": "gbs", "file": "corpus.jsonl", "record": 7, "replace": {"plasmapheresis": "IVIG"},
        "claims": [{"predicate": "treats", "object": ["Guillain"], "qualifiers": {"effect": "improved"}}],
    }  # fmt: skip
    path = tmp_path / "gold.yaml"
    path.write_text(json.dumps([gold]), encoding="utf-8")

    figures, errors = evaluate([path], extractor("rules", load()))

    assert errors == []
    assert figures[0].exact.recalled == 1

    path.write_text(json.dumps([{**gold, "record": "9"}]), encoding="utf-8")
    with pytest.raises(ReadError, match="there is no record 9"):
        evaluate([path], extractor("rules", load()))


def test_the_report_shows_every_error_in_its_sentence_and_escapes_it(tmp_path):
    text = "IVIG caused <b>rash</b>."
    gold = record(text, {"T1": ("drug", 0, 4), "T2": ("adverse_event", 15, 19)}, [("causes", "T1", "T2")])
    figures, errors = corpora.measure(write(tmp_path / "phee.jsonl", gold), Fixed())
    page = report.page(figures, errors, "Evaluation")
    assert "<b>" not in page
    assert '<mark class="drug" title="drug">IVIG</mark> caused &lt;b&gt;' in page
    assert '<mark class="condition" title="condition">rash</mark>' in page
    assert "| phee | causes, end to end | - | 0.0 (0/1) | - |" in report.table(figures)
    assert "| phee: causes | relation missed with a name of it | 1 |" in report.kinds(errors)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared corpora are not here")
@pytest.mark.parametrize("name", ["phee.dev", "bc5cdr.dev", "ade.dev", "ncbi_disease.train", "negex"])
def test_every_corpus_can_be_measured_with_the_rules(name):
    path = SHARED / "corpora" / f"{name}.jsonl"
    found, _ = corpora.measure(path, ExtractorReader(extractor("rules", load())), limit=20)
    assert all(figure.exact is not None for figure in found)
    assert found
