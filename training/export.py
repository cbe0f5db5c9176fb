"""Writes what the extractor reads: the encoder as ONNX in eight-bit integers, the pair head, and what they are.

    python -m training.export --weights DIR --out ingest/tagger/data

`--float` leaves the encoder in 32-bit floats, to see what the integers cost.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from ivigraph.ingest.tagger.encoding import FEATURES
from ivigraph.ingest.tagger.schemes import ANSWERS, SCHEMES
from ivigraph.ingest.tagger.tagger import ABOUT, ENCODER, GAZETTEER, PAIRS, TOKENIZER
from training.model import Network
from training.train import CHECKPOINT, KEPT

OPSET = 17


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True, help="folder that training.train wrote")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--float", action="store_true", help="do not quantise")
    options = parser.parse_args()
    export(options.weights, options.out, quantised=not options.float)
    for path in sorted(options.out.iterdir()):
        print(f"{path.stat().st_size:10} {path.name}")


def export(weights: Path, out: Path, *, quantised: bool) -> None:
    """The averaged weights of a training run, in the files that `ivigraph.ingest.tagger.tagger.load` wants."""
    out.mkdir(parents=True, exist_ok=True)
    state = torch.load(weights / CHECKPOINT, weights_only=True)
    network = Network(len(json.loads((weights / KEPT).read_text())))
    network.load_state_dict(state["mean"])
    network.eval()
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        _to_onnx(network, whole)
        if quantised:
            quantize_dynamic(
                whole, out / ENCODER, per_channel=True, weight_type=QuantType.QInt8,
                op_types_to_quantize=["MatMul", "Gather"],
            )  # fmt: skip
        else:
            shutil.copyfile(whole, out / ENCODER)
    _pair_head(network, out / PAIRS)
    for name in (TOKENIZER, GAZETTEER):
        if (weights / name).resolve() != (out / name).resolve():
            shutil.copyfile(weights / name, out / name)
    version = _digest([out / ENCODER, out / PAIRS, out / TOKENIZER, out / GAZETTEER])
    about = {"version": version, "epochs": state["epoch"], "schemes": {k: list(v) for k, v in SCHEMES.items()}}
    (out / ABOUT).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def _to_onnx(network: Network, path: Path) -> None:
    length = 16
    example = (
        torch.ones(1, length, dtype=torch.long),
        torch.ones(1, length, dtype=torch.long),
        torch.zeros(1, length, FEATURES),
    )
    dynamic = {name: {0: "batch", 1: "pieces"} for name in ("ids", "mask", "features", "tags", "states")}
    with warnings.catch_warnings(), torch.no_grad():
        # The older exporter writes a plain graph that the quantiser knows; torch warns that it will go.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, example, str(path), input_names=["ids", "mask", "features"], output_names=["tags", "states"],
            dynamic_axes=dynamic, opset_version=OPSET, dynamo=False,
        )  # fmt: skip


def _pair_head(network: Network, path: Path) -> None:
    arrays = {
        name: getattr(getattr(network, layer), part).detach().numpy().astype(np.float32)
        for layer in ("hidden", "answer")
        for part in ("weight", "bias")
        for name in (f"{layer}.{part}",)
    }
    # `training.calibrate` puts the calibration in place of these.
    arrays["scale"] = np.ones(len(ANSWERS), dtype=np.float32)
    arrays["shift"] = np.zeros(len(ANSWERS), dtype=np.float32)
    np.savez(path, **arrays)  # type: ignore[arg-type]


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


if __name__ == "__main__":
    main()
