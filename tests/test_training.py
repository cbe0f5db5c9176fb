"""What training is fed: corpora, our own sentences, masks and calibration. Only the network's test needs torch."""

import json
import random

import pytest

pytest.importorskip("training", reason="the training code stands beside the package, not in it")

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from ivigraph.ingest.tagger.gazetteer import Gazetteer
from ivigraph.ingest.tagger.schemes import labels
from ivigraph.ontology.vocabulary import load
from training import calibrate, corpora, data, sentences

RECORD = {
    "id": "phee:1",
    "doc": "1",
    "text": "Aspirin caused rash, itching of asthma.",
    "entities": [
        {"id": "T1", "type": "drug", "start": 0, "end": 7},
        {"id": "T2", "type": "adverse_event", "start": 15, "end": 28, "spans": [[15, 19], [21, 28]]},
        {"id": "T3", "type": "disease", "start": 32, "end": 38},
        {"id": "T4", "type": "trigger", "start": 8, "end": 14},
    ],
    "relations": [
        {"type": "causes", "head": "T1", "tail": "T2", "attrs": {"speculated": True}},
        {"type": "treats", "head": "T1", "tail": "T3"},
    ],
}


@pytest.fixture(scope="module")
def encoder():
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz.,"]
    pieces += [f"##{piece}" for piece in pieces[4:]]
    tokenizer = Tokenizer(models.WordPiece({piece: n for n, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return data.Encoder(tokenizer, Gazetteer.of({"condition": ["asthma", "gout", "rash"], "drug": ["aspirin"]}))


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "phee.jsonl"
    path.write_text(json.dumps(RECORD) + "\n")
    return next(corpora.read(path))


def test_a_name_in_parts_is_read_as_its_parts_with_the_relation_of_each(text):
    assert [(RECORD["text"][n.start : n.end], n.type) for n in text.names] == [
        ("Aspirin", "drug"), ("rash", "condition"), ("itching", "condition"), ("asthma", "condition"),
    ]  # fmt: skip
    assert {(link.type, link.head, link.tail, link.speculated) for link in text.links} == {
        ("causes", 0, 1, True), ("causes", 0, 2, True), ("treats", 0, 3, False),
    }  # fmt: skip


def test_an_event_says_of_every_pair_what_it_is_and_is_not(text, encoder):
    (sample,) = data.event_samples([text], encoder)
    known = labels("events")
    assert [known[tag] for tag in sample.tags["events"]] == [
        "B-drug", "O", "B-condition", "O", "B-condition", "O", "B-condition", "O",
    ]  # fmt: skip
    assert [pair.answers for pair in sample.pairs] == [
        (1, 0, 0, 1), (1, 0, 0, 1), (0, 1, data.UNKNOWN, data.UNKNOWN),
    ]  # fmt: skip


def test_a_condition_that_takes_part_in_nothing_is_a_negative(encoder):
    annotated = corpora.Annotated("x", "x", "Aspirin helps; gout.", (corpora.Name(0, 7, "drug"),))
    (sample,) = data.event_samples([annotated], encoder)
    assert [pair.answers[:2] for pair in sample.pairs] == [(0, 0)]


def test_a_quiet_sentence_denies_causes_and_says_nothing_of_treatment(encoder):
    texts = [corpora.Annotated("x", "x", "Aspirin for asthma. Asthma developed after aspirin.")]
    (sample,) = data.quiet_samples(texts, encoder)
    assert [pair.answers for pair in sample.pairs] == [(0, data.UNKNOWN, data.UNKNOWN, data.UNKNOWN)]
    assert sample.tags == {}


def test_joined_samples_keep_their_tags_and_pairs_to_themselves(text, encoder):
    (one,) = data.event_samples([text], encoder)
    joined = data.join([one, one])
    half = len(one.window.words)
    assert joined.tags["events"] == one.tags["events"] * 2
    assert [p.drug for p in joined.pairs[len(one.pairs) :]] == [(half, half + 1)] * len(one.pairs)
    assert len({p.bag for p in joined.pairs}) == 2 * len(one.pairs)
    assert {w.sentence for w in joined.window.words} == {0, 1}
    for word in joined.window.words[half:]:
        assert joined.window.ids[word.piece] == one.window.ids[word.piece - len(one.window.ids) + 2]


def test_mixing_loses_no_pair(text, encoder):
    samples = list(data.event_samples([text] * 20, encoder))
    mixed = data.mixed(samples, random.Random(1))
    assert len(mixed) < 20
    assert sum(len(s.pairs) for s in mixed) == sum(len(s.pairs) for s in samples)


def test_our_sentences_are_the_same_for_the_same_seed_and_mark_what_they_name():
    count = len(sentences.FRAMES)
    found = list(sentences.generate(load(), count, 13))
    assert found == list(sentences.generate(load(), count, 13))
    assert found != list(sentences.generate(load(), count, 14))
    for text in found:
        assert "{" not in text.text
        for link in text.links:
            assert text.names[link.head].type == "drug"
            assert text.names[link.tail].type == "condition"


def test_calibration_finds_the_scale_and_shift_that_were_put_in():
    chance = np.random.default_rng(1)
    logits = chance.normal(0, 3, 20_000)
    right = (chance.random(20_000) < calibrate.sigmoid(0.5 * logits - 1)).astype(float)
    scale, shift = calibrate.fit(logits, right)
    assert (scale, shift) == pytest.approx((0.5, -1), abs=0.05)
    before = calibrate.expected_error(calibrate.sigmoid(logits), right)
    assert calibrate.expected_error(calibrate.sigmoid(scale * logits + shift), right) < 0.02 < before


def test_the_network_describes_a_pair_as_the_extractor_does(text, encoder):
    torch = pytest.importorskip("torch", reason="training needs torch")
    from ivigraph.ingest.tagger.pairs import STATES, place
    from ivigraph.ingest.tagger.pairs import describe as expected_row
    from training.batches import collate
    from training.model import describe

    (sample,) = data.event_samples([text], encoder)
    batch = collate([sample])
    states = torch.rand(1, batch.ids.shape[1], STATES)
    rows = describe(states, batch.ranges).numpy()
    for pair, row in zip(sample.pairs, rows, strict=True):
        expected = expected_row(states[0].numpy(), place(sample.window, pair.drug, pair.condition))
        np.testing.assert_allclose(row, expected)
