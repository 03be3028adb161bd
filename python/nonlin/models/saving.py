"""Models as files: safetensors, with the configuration as JSON among the metadata."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _backend
from .. import optimizers as _optimizers
from . import config

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    safetensors = _safetensors()
    words: dict[str, Any] = {"model": model.get_config(), "version": _backend.version}
    tensors = {f"weights/{name}": array for name, array in model.weights.items()}
    names = model.graph.names
    words["random"] = {names[a]: a.random.bit_generator.state for a in model.layers}
    if model.optimizer is not None:
        optimizer = model.optimizer
        words["compile"] = {
            "optimizer": {"class": type(optimizer).__name__, "config": optimizer.get_config()},
            "loss": [loss.get_config() for loss in model.losses],
            **model.compile_config(),
        }
        words["step"], words["state"] = optimizer.step, list(optimizer.state)
        for name, slots in optimizer.state.items():
            tensors.update({f"optimizer/{slot}/{name}": array for slot, array in slots.items()})
    metadata = {"format": _FORMAT, "config": json.dumps(config.plain(model.name, words))}
    # Beside the file, which it then replaces: what fails leaves the old one.
    path = Path(path)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        safetensors.numpy.save_file(
            {k: np.ascontiguousarray(_backend.to_host(v)) for k, v in tensors.items()},
            part,
            metadata,
        )
        part.replace(path)
    except safetensors.SafetensorError as error:
        message = f"save: {path} cannot be written: {error}"
        raise OSError(message) from None
    finally:
        part.unlink(missing_ok=True)


def load(path: str | PathLike[str], custom_objects: Mapping[str, Any] | None = None) -> Model:
    """Read a model; see `Model.load`."""
    safetensors = _safetensors()
    path = Path(path)
    try:
        with safetensors.safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != _FORMAT:
                message = f"load: {path} is not a model that nonlin saved"
                raise ValueError(message)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        words = json.loads(metadata.get("config", ""))
    except (safetensors.SafetensorError, json.JSONDecodeError) as error:
        message = f"load: {path} is no model, or damaged: {error}"
        raise ValueError(message) from None
    try:
        return _made(config.restored(words, custom_objects or {}), tensors)
    except ValueError as error:
        message = f"load: {path}: {error}"
        raise ValueError(message) from error
    except (LookupError, TypeError) as error:
        message = f"load: {path} lacks what its model needs, or holds what it does not: {error}"
        raise ValueError(message) from error


def _made(words: dict[str, Any], tensors: dict[str, Any]) -> Model:
    def tensor(name: str, like: Any) -> Any:
        found = tensors.get(name)
        if found is None or found.shape != like.shape:
            message = f"tensor {name} of shape {like.shape}"
            raise LookupError(message)
        return found.astype(like.dtype, copy=False)

    model = config.make(words["model"])
    for name, array in model.weights.items():
        array[...] = tensor(f"weights/{name}", array)
    for layer in model.layers:
        layer.random.bit_generator.state = words["random"][model.graph.names[layer]]
    if "compile" in words:
        given = words["compile"]
        model.compile(
            _optimizers.get(given["optimizer"]),
            given["loss"],
            given["metrics"],
            given["loss_weights"],
        )
        optimizer = model.optimizer
        optimizer.step = words["step"]
        for name in words["state"]:
            weight = model.weights[name]
            optimizer.state[name] = {
                slot: tensor(f"optimizer/{slot}/{name}", weight) for slot in optimizer.slots
            }
    return model
