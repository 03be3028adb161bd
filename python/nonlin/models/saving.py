"""Models as files: safetensors, with the configuration as JSON among the metadata."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _backend
from .. import optimizers as _optimizers

if TYPE_CHECKING:
    from os import PathLike

    from .model import Model

_FORMAT = "nonlin model 1"


def _safetensors() -> Any:
    try:
        import safetensors.numpy  # noqa: PLC0415
    except ImportError:
        message = "saving and loading models needs safetensors: pip install nonlin[models]"
        raise ImportError(message) from None
    return safetensors


def save(model: Model, path: str | PathLike[str]) -> None:
    """Write a model; see `Model.save`."""
    numpy = _safetensors().numpy
    config: dict[str, Any] = {"model": model.get_config(), "version": _backend.version}
    tensors = {f"weights/{name}": array for name, array in model.weights.items()}
    config["random"] = {a.name: a.random.bit_generator.state for a in model.layers}
    if model.optimizer is not None:
        optimizer = model.optimizer
        config["compile"] = {
            "optimizer": {"class": type(optimizer).__name__, "config": optimizer.get_config()},
            "loss": [loss.get_config() for loss in model.losses],
            **model.compile_config(),
        }
        config["step"] = optimizer.step
        for name, slots in optimizer.state.items():
            tensors.update({f"optimizer/{slot}/{name}": array for slot, array in slots.items()})
    metadata = {"format": _FORMAT, "config": json.dumps(config)}
    numpy.save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()}, path, metadata)


def load(path: str | PathLike[str]) -> Model:
    """Read a model; see `Model.load`."""
    from .model import Model  # noqa: PLC0415

    with _safetensors().safe_open(path, "numpy") as file:
        metadata = file.metadata() or {}
        if metadata.get("format") != _FORMAT:
            message = f"load: {path} is not a model that nonlin saved"
            raise ValueError(message)
        config = json.loads(metadata["config"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    model = Model.from_config(config["model"])
    for name, array in model.weights.items():
        array[...] = tensors[f"weights/{name}"]
    for layer in model.layers:
        layer.random.bit_generator.state = config["random"][layer.name]
    if "compile" in config:
        words = config["compile"]
        model.compile(
            _optimizers.get(words["optimizer"]),
            words["loss"],
            words["metrics"],
            words["loss_weights"],
        )
        model.optimizer.step = config["step"]
        for name in model.gradients:
            slots = {s: tensors.get(f"optimizer/{s}/{name}") for s in model.optimizer.slots}
            if all(v is not None for v in slots.values()) and slots:
                model.optimizer.state[name] = slots
    return model
