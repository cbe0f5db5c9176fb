"""Fits the confidence of the pair head to how often it is right, on development folds, and writes it into the model.

    python -m training.calibrate --model DIR --corpora ../shared/corpora

Each answer gets a scale and a shift of its logit (Platt 1999), fitted on pairs of names that the model found itself:
a pair counts as right when both names overlap those of a gold relation. Prints the reliability before and after.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ivigraph.evaluation.corpora import Gold, read
from ivigraph.evaluation.reading import Place, Related, document
from ivigraph.ingest import segment
from ivigraph.ingest.tagger.schemes import ANSWERS
from ivigraph.ingest.tagger.tagger import ABOUT, PAIRS, Tagger, load

Array = npt.NDArray[np.float64]
BINS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--corpora", type=Path, required=True)
    options = parser.parse_args()
    tagger = load(options.model)
    with np.load(options.model / PAIRS) as stored:
        arrays = {name: stored[name] for name in stored.files}
    about = json.loads((options.model / ABOUT).read_text(encoding="utf-8"))
    about["calibration"] = {}
    for column, answer in enumerate(ANSWERS[:2]):
        outputs, right = _outcomes(tagger, options.corpora, answer, column)
        logits = _logit(outputs)
        scale, shift = fit(logits, right)
        # The head applies its present scale and shift before the new ones.
        arrays["scale"][column] *= scale
        arrays["shift"][column] = arrays["shift"][column] * scale + shift
        after = sigmoid(scale * logits + shift)
        before_error, after_error = expected_error(outputs, right), expected_error(after, right)
        about["calibration"][answer] = {"pairs": len(right), "error_before": before_error, "error": after_error}
        print(f"{answer}: {len(right)} pairs, calibration error {before_error:.3f} -> {after_error:.3f}")
    np.savez(options.model / PAIRS, **arrays)
    changed = about["version"].encode() + (options.model / PAIRS).read_bytes()
    about["version"] = hashlib.sha256(changed).hexdigest()[:12]
    (options.model / ABOUT).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def _outcomes(tagger: Tagger, corpora: Path, answer: str, column: int) -> tuple[Array, Array]:
    """The uncalibrated answers for pairs within a sentence, and which are right.

    BC5CDR joins in for what a drug causes: most of its pairs are unrelated, as in the articles that we read.
    """
    files = {"phee.dev.jsonl": "events"} | ({"bc5cdr.dev.jsonl": "names"} if answer == "causes" else {})
    pairs = [
        pair
        for file, scheme in files.items()
        for gold in read(corpora / file)
        for pair in _pairs(tagger, gold, scheme, answer, column)
    ]
    return np.array([p for p, _ in pairs]), np.array([float(right) for _, right in pairs])


def _pairs(tagger: Tagger, gold: Gold, scheme: str, answer: str, column: int) -> Iterator[tuple[float, bool]]:
    ranges = [(s.start, s.end) for s in segment.sentences(document(gold.text))]
    for reading in tagger.read(gold.text, ranges):
        spans = reading.spans(scheme)
        drugs, conditions = ([s for s in spans if s.type == type] for type in ("drug", "condition"))
        found = [(d, c) for d in drugs for c in conditions if d.sentence == c.sentence]
        rows = reading.probabilities([((d.first, d.last), (c.first, c.last)) for d, c in found])
        for (drug, condition), row in zip(found, rows, strict=True):
            places = (drug.start, drug.end), (condition.start, condition.end)
            yield float(row[column]), _is_right(gold, answer, *places)


def _is_right(gold: Gold, answer: str, head: Place, tail: Place) -> bool:
    if not gold.links:
        return any(_agrees(r, head, tail) for r in gold.relations if r.type == answer)
    return any(
        (answer, chemical, disease) in gold.links
        for chemical in _concepts(gold, head, "drug")
        for disease in _concepts(gold, tail, "condition")
    )


def _concepts(gold: Gold, place: Place, type: str) -> set[str]:
    here = [n for n in gold.names if n.type == type and n.start < place[1] and place[0] < n.end]
    return {concept for name in here for concept in gold.concepts[name]}


def _agrees(related: Related, head: Place, tail: Place) -> bool:
    return all(
        left[0] < right[1] and right[0] < left[1] for left, right in ((related.head, head), (related.tail, tail))
    )


def _logit(probabilities: Array) -> Array:
    clipped = np.clip(probabilities, 1e-6, 1 - 1e-6)
    result: Array = np.log(clipped / (1 - clipped))
    return result


def fit(logits: Array, right: Array, steps: int = 100) -> tuple[float, float]:
    """Scale and shift of the logits that make the answers likeliest, by Newton's method with ever shorter steps."""
    design = np.stack([logits, np.ones_like(logits)], axis=1)
    weights = np.array([1.0, 0.0])
    best = _surprise(design @ weights, right)
    for _ in range(steps):
        expected = sigmoid(design @ weights)
        slope = design.T @ (right - expected)
        curve = (design * (expected * (1 - expected))[:, None]).T @ design + 1e-6 * np.eye(2)
        step = np.linalg.solve(curve, slope)
        while (found := _surprise(design @ (weights + step), right)) > best and np.abs(step).max() > 1e-9:
            step = step / 2
        if found >= best - 1e-9:
            break
        weights, best = weights + step, found
    return float(weights[0]), float(weights[1])


def _surprise(logits: Array, right: Array) -> float:
    return float(np.sum(np.logaddexp(0.0, logits) - right * logits))


def sigmoid(logits: Array) -> Array:
    result: Array = 1 / (1 + np.exp(-np.clip(logits, -60.0, 60.0)))
    return result


def expected_error(probabilities: Array, right: Array) -> float:
    """Mean distance between confidence and share of right answers, over BINS equal ranges of confidence."""
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    total = 0.0
    for number in range(BINS):
        inside = bins == number
        if inside.any():
            total += inside.mean() * abs(probabilities[inside].mean() - right[inside].mean())
    return round(float(total), 4)


if __name__ == "__main__":
    main()
