"""The tagger without its weights: windows, tags, names and the arithmetic of pairs."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from ivigraph.errors import SettingsError
from ivigraph.ingest.tagger import tagger
from ivigraph.ingest.tagger.decode import spans
from ivigraph.ingest.tagger.encoding import FEATURES, MOST_PIECES, SHAPES, windows
from ivigraph.ingest.tagger.gazetteer import KINDS, Gazetteer
from ivigraph.ingest.tagger.pairs import DISTANCES, FACTS, STATES, WIDTH, PairHead, facts, place
from ivigraph.ingest.tagger.schemes import ANSWERS, SCHEMES, TAG_COUNT, columns, labels


@pytest.fixture(scope="module")
def tokenizer():
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz0123456789.,()-"]
    pieces += [f"##{piece}" for piece in pieces[4:]]
    made = Tokenizer(models.WordPiece({piece: n for n, piece in enumerate(pieces)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


GAZETTEER = Gazetteer.of({"condition": ["optic neuritis", "rash"], "drug": ["aspirin"]})


def read(text, tokenizer, ranges=None):
    return list(windows(text, ranges or [(0, len(text))], tokenizer, GAZETTEER))


def certain(window, tags, scheme="events"):
    """Logits that say these tags of the words, and nothing about the other schemes."""
    logits = np.full((len(window.ids), TAG_COUNT), -5.0, dtype=np.float32)
    for word, tag in zip(window.words, tags, strict=True):
        logits[word.piece, columns(scheme).start + labels(scheme).index(tag)] = 5.0
    return logits


def test_words_keep_their_place_in_the_text(tokenizer):
    text = "Rash. Zoë’s insulin-induced (mild) rash."
    (window,) = read(text, tokenizer, [(0, 5), (6, len(text))])
    assert [text[w.start : w.end] for w in window.words] == [
        "Rash", ".", "Zoë", "’", "s", "insulin", "-", "induced", "(", "mild", ")", "rash", ".",
    ]  # fmt: skip
    assert [w.sentence for w in window.words] == [0, 0] + [1] * 11


@given(st.text(max_size=300))
def test_any_text_has_words_that_lie_in_it_in_order(tokenizer, text):
    for window in read(text, tokenizer):
        places = [(w.start, w.end) for w in window.words]
        assert all(0 <= start < end <= len(text) for start, end in places)
        assert places == sorted(places)


def test_a_sentence_that_is_too_long_is_cut_between_words(tokenizer):
    text = " ".join(["abcdefghij"] * 100)
    found = read(text, tokenizer)
    assert len(found) > 1
    assert all(len(window.ids) <= MOST_PIECES for window in found)
    assert sum(len(window.words) for window in found) == 100


def test_short_sentences_share_a_window(tokenizer):
    assert len(read("A rash. A rash.", tokenizer, [(0, 7), (8, 15)])) == 1


def test_a_known_name_is_marked_at_its_begin_and_inside(tokenizer):
    (window,) = read("Severe optic neuritis", tokenizer)
    marks = [window.features[w.piece, SHAPES : SHAPES + 2].tolist() for w in window.words]
    assert marks == [[0, 0], [1, 0], [0, 1]]
    assert window.features.shape[1] == FEATURES == SHAPES + 2 * len(KINDS)


def test_the_gazetteer_prefers_the_longest_name_whatever_its_plural_and_case():
    known = Gazetteer.of({"condition": ["heart failure", "congestive heart failure"]})
    assert list(known.find("Congestive Heart Failures")) == [(0, 25, 0)]


def test_the_gazetteer_is_the_same_after_it_was_saved(tmp_path):
    GAZETTEER.save(tmp_path / "names.npz")
    assert Gazetteer.load(tmp_path / "names.npz") == GAZETTEER


def test_tags_become_names_with_their_places(tokenizer):
    text = "Aspirin caused optic neuritis."
    (window,) = read(text, tokenizer)
    found = spans(window, certain(window, ["B-drug", "O", "B-condition", "I-condition", "O"]), "events")
    assert [(s.type, text[s.start : s.end]) for s in found] == [("drug", "Aspirin"), ("condition", "optic neuritis")]
    assert all(0.9 < s.score <= 1 for s in found)


def test_a_name_never_begins_in_its_middle(tokenizer):
    (window,) = read("a rash", tokenizer)
    logits = certain(window, ["O", "I-condition"])
    assert spans(window, logits, "events") == []


@given(st.lists(st.lists(st.floats(-9, 9, width=32), min_size=3, max_size=3), min_size=5, max_size=5))
def test_the_tags_of_a_sentence_are_the_best_of_all_that_fit_together(tokenizer, logits):
    """Against every sequence of O, B and I for five words in two sentences."""
    (window,) = read("one two three four five", tokenizer, [(0, 13), (14, 23)])
    scores = np.full((len(window.ids), TAG_COUNT), -50.0, dtype=np.float32)
    rows = [word.piece for word in window.words]
    scores[rows, columns("diseases")] = np.array(logits, dtype=np.float32)

    def valid(tags):
        return all(tag != 2 or (i not in (0, 3) and tags[i - 1] != 0) for i, tag in enumerate(tags))

    chances = np.array(logits) - np.log(np.exp(np.array(logits)).sum(axis=1, keepdims=True))
    total = {tags: sum(chances[i][tag] for i, tag in enumerate(tags)) for tags in product(range(3), repeat=5)}
    best = max(total[tags] for tags in total if valid(tags))
    found = spans(window, scores, "diseases")
    chosen = [0] * 5
    for span in found:
        chosen[span.first] = 1
        chosen[span.first + 1 : span.last] = [2] * (span.last - span.first - 1)
    assert valid(chosen)
    assert total[tuple(chosen)] == pytest.approx(best, abs=1e-3)


def test_a_name_does_not_go_on_into_the_next_sentence(tokenizer):
    text = "Rash. Rash."
    (window,) = read(text, tokenizer, [(0, 5), (6, 11)])
    found = spans(window, certain(window, ["B-condition", "I-condition", "I-condition", "I-condition"]), "events")
    assert [text[s.start : s.end] for s in found] == ["Rash.", "Rash."]


def test_the_schemes_share_the_outputs_without_overlap():
    taken = [column for scheme in SCHEMES for column in range(TAG_COUNT)[columns(scheme)]]
    assert taken == list(range(TAG_COUNT))


def test_a_pair_knows_its_order_and_its_distance(tokenizer):
    (window,) = read("rash then aspirin", tokenizer)
    found = place(window, (2, 3), (0, 1))
    values = facts(found)
    assert values.shape == (FACTS,)
    assert (values[0], values[1]) == (0, 1)
    distance = found.between[1] - found.between[0]
    assert values[2 + sum(distance > bound for bound in DISTANCES)] == 1


def test_the_pair_head_answers_with_calibrated_probabilities(tokenizer):
    (window,) = read("aspirin caused rash", tokenizer)
    weights = {
        "hidden.weight": np.zeros((3, WIDTH), dtype=np.float32),
        "hidden.bias": np.ones(3, dtype=np.float32),
        "answer.weight": np.ones((len(ANSWERS), 3), dtype=np.float32),
        "answer.bias": np.zeros(len(ANSWERS), dtype=np.float32),
        "scale": np.full(len(ANSWERS), 0.5, dtype=np.float32),
        "shift": np.full(len(ANSWERS), -1.5, dtype=np.float32),
    }
    states = np.zeros((len(window.ids), STATES), dtype=np.float32)
    answers = PairHead(weights).probabilities(states, [place(window, (0, 1), (2, 3))])
    assert answers.tolist() == [[0.5] * len(ANSWERS)]
    assert PairHead(weights).probabilities(states, []).shape == (0, len(ANSWERS))


def test_a_model_that_is_not_there_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(SettingsError, match="make train"):
        tagger.load(tmp_path)


def test_a_model_that_is_broken_is_refused(tmp_path):
    for name in (tagger.ENCODER, tagger.TOKENIZER, tagger.GAZETTEER, tagger.PAIRS, tagger.ABOUT):
        (tmp_path / name).write_text("no model")
    with pytest.raises(SettingsError, match="cannot be used"):
        tagger.load(tmp_path)
