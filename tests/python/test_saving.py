"""Models as files and configurations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from networks import data, network, two_headed, two_inputs

import nonlin as nl
from nonlin import layers as L  # noqa: N812

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("make", [network, two_headed])
def test_saved_and_loaded_bit_for_bit(make: Any, tmp_path: Path) -> None:
    """Training goes on as it would have without a pause, noise and optimizer included."""
    x, t = data(64) if make is network else two_inputs()
    whole, first = make(), make()
    whole.fit(x, t, epochs=6, verbose=False)
    first.fit(x, t, epochs=3, verbose=False)
    path = tmp_path / "model.safetensors"
    first.save(path)
    second = nl.Model.load(path)
    assert type(second) is type(first)
    assert second.get_config() == first.get_config()
    second.fit(x, t, epochs=6, initial_epoch=3, verbose=False)
    assert second.optimizer.step == whole.optimizer.step
    for name, weight in whole.weights.items():
        np.testing.assert_array_equal(weight, second.weights[name])
    for name, slots in whole.optimizer.state.items():
        for slot, array in slots.items():
            np.testing.assert_array_equal(array, second.optimizer.state[name][slot])
    assert whole.evaluate(x, t) == second.evaluate(x, t)


def test_config_is_json_and_makes_the_same_graph() -> None:
    model = two_headed()
    again = nl.Model.from_config(json.loads(json.dumps(model.get_config())))
    assert again.get_config() == model.get_config()
    assert again.summary() == model.summary()
    x, _ = two_inputs(5)
    for a, b in zip(model.predict(x), again.predict(x), strict=True):
        np.testing.assert_array_equal(a, b)  # one seed, one beginning


def test_own_activation_in_a_saved_model(tmp_path: Path) -> None:
    nl.register("bent", lambda x: x + x**2 / 8, lambda x: 1 + x / 4, overwrite=True)
    model = nl.Sequential([L.Dense(4, "bent"), L.Dense(1)], seed=1)
    x = np.ones((3, 2), np.float32)
    expected = model.predict(x)
    model.save(tmp_path / "m")
    np.testing.assert_array_equal(nl.Model.load(tmp_path / "m").predict(x), expected)
    (tmp_path / "other").write_bytes(b"nothing")
    with pytest.raises(Exception, match=r"(?i)header"):
        nl.Model.load(tmp_path / "other")


def test_a_layer_that_is_used_twice_is_saved_as_such(tmp_path: Path) -> None:
    act, twice = L.ReLU(), L.Dense(4)
    model = nl.Sequential([L.Dense(4), act, twice, act, twice, L.Dense(1)], seed=1)
    x = data()[0]
    expected = model.predict(x)
    model.save(tmp_path / "m")
    again = nl.Model.load(tmp_path / "m")
    assert [a.name for a in again.layers] == [a.name for a in model.layers]
    np.testing.assert_array_equal(again.predict(x), expected)
    assert model.count_params() == again.count_params() == 28 + 20 + 5
