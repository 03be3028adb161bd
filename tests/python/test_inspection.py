"""What models look like from the inside, as text and as pictures."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import nonlin as nl
from nonlin import layers as L  # noqa: N812

if TYPE_CHECKING:
    from pathlib import Path

needs_matplotlib = pytest.mark.skipif(
    not importlib.util.find_spec("matplotlib"), reason="needs matplotlib"
)


def model() -> nl.Model:
    start = L.Input([5])
    hidden = L.Dense(8, "relu", name="hidden")(start)
    squeezed = L.Dense(4, "sigmoid", name="squeezed", kernel_initializer=3.0)(hidden)
    out = L.Dense(2, name="out")(L.Dropout(0.5)(squeezed))
    made = nl.Model(start, out, seed=1)
    made.weights["hidden/bias"][:3] = -100
    made.compile("sgd", "mse")
    return made


def data() -> Any:
    return np.random.default_rng(0).standard_normal((300, 5)).astype(np.float32)


def test_reports() -> None:
    x, made = data(), model()
    report = nl.inspect(made, x)
    assert [r.layer for r in report] == ["hidden", "squeezed", "dropout", "out"]
    hidden, squeezed, out = report["hidden"], report["squeezed"], report["out"]
    assert (hidden.activation, hidden.units, hidden.dead) == ("relu", 8, 3)
    h = nl.relu(x @ made.weights["hidden/kernel"] + made.weights["hidden/bias"])
    assert hidden.sparsity == np.mean(h == 0)
    assert hidden.saturated == np.mean(h == 0)
    assert hidden.mean == pytest.approx(h.mean())
    assert hidden.deviation == pytest.approx(h.std())
    slopes = nl.sigmoid.derivative(h @ made.weights["squeezed/kernel"])
    assert squeezed.saturated == pytest.approx(np.mean(slopes <= 0.0025))
    assert squeezed.dead == 0
    assert out.dead is None
    assert out.saturated is None
    assert out.gradient == 1
    # Of the sum of the outputs: what reaches `squeezed` is the sum over rows of the last kernel.
    down = made.weights["out/kernel"].sum(1)
    assert report["dropout"].gradient == pytest.approx(np.sqrt(np.mean(down**2)), rel=1e-6)
    assert report[0] is hidden
    with pytest.raises(KeyError, match="there is no layer 'nothing'"):
        report["nothing"]


def test_gradient_of_the_loss() -> None:
    x, made = data(), model()
    t = np.ones((300, 2))
    grad = nl.mean_squared_error.value_and_gradient(made.predict(x), t.astype(np.float32))[1]
    report = nl.inspect(made, x, t)
    assert report["out"].gradient == pytest.approx(np.sqrt(np.mean(np.square(grad))), rel=1e-6)
    fresh = nl.Sequential([L.Dense(2)])
    with pytest.raises(RuntimeError, match="compile the model first, or leave out y"):
        nl.inspect(fresh, x, t)


def test_text() -> None:
    lines = str(nl.inspect(model(), data())).splitlines()
    assert lines[0].split() == [
        "layer", "activation", "units", "dead", "saturated", "sparsity", "mean", "deviation",
        "gradient",
    ]  # fmt: skip
    assert lines[1].split()[:4] == ["hidden", "relu", "8", "3"]
    assert lines[4].split()[:4] == ["out", "-", "2", "-"]
    assert len({len(line) for line in lines}) <= 2


def test_every_activation_layer_is_inspected() -> None:
    """Weights and noise are left as they were."""
    for name in ("PReLU", "RReLU", "ELU", "Tanh", "Softmax", "GLU"):
        layer = getattr(L, name)()
        made = nl.Sequential([L.Dense(6), layer, L.Dense(1)], seed=1)
        x = data()
        before = made.predict(x)
        report = nl.inspect(made, x)[1]
        assert (report.dead is None) == (name in {"Softmax", "GLU"})
        np.testing.assert_array_equal(made.predict(x), before)


@pytest.mark.parametrize("name", ["exponential", "squared_relu", "softplus", "relu"])
def test_saturation_where_the_slope_has_no_bound(name: str) -> None:
    x = np.linspace(-8, 8, 1600, dtype=np.float32)[:, None]
    report = nl.inspect(nl.Sequential([L.Activation(name)]), x)[0]
    assert report.saturated == np.mean(np.abs(nl.get(name).derivative(x)) <= 0.01)
    assert report.saturated <= 0.5 + 1e-3


def test_slopes_that_are_learned_or_drawn() -> None:
    x = np.array([[-2, -1, 2, -3], [-1, 1, 3, -1]], np.float32)
    alpha = np.float32([0.0, 0.005, 1.0, -0.5])
    for layer, slope, dead, saturated in (
        (L.PReLU(), alpha, 1, 3 / 8),
        (L.RReLU(0.0, 0.0), 0.0, 2, 5 / 8),
        (L.RReLU(0.1, 0.5), 0.3, 0, 0),
    ):
        model = nl.Sequential([layer], seed=1)
        model.build([4])
        if layer.weights:
            layer.weights["alpha"] = alpha
        (report,) = nl.inspect(model, x)
        assert (report.dead, report.saturated) == (dead, saturated)
        (context,) = model.graph.forward([x], training=False, keep=True)[1].values()
        expected = np.where(x < 0, np.float32(slope), np.float32(1))
        np.testing.assert_array_equal(layer.slope(context)[1], expected)


def test_gradients_are_put_back() -> None:
    x, made = data(), model()
    made(x)
    made.backward(np.ones((300, 2)))
    before = {name: g.copy() for name, g in made.gradients.items()}
    nl.inspect(made, x, np.zeros((300, 2)))
    for name, gradient in made.gradients.items():
        np.testing.assert_array_equal(gradient, before[name])


def test_what_is_no_model_and_no_data() -> None:
    x = data()
    with pytest.raises(TypeError, match="inspect: model is a Dense; pass a Model, and then x"):
        nl.inspect(L.Dense(1), x)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="inspect: x is an iterator; pass one batch"):
        nl.inspect(model(), iter([x]))


def test_data_that_says_nothing() -> None:
    x, made = data(), model()
    wrong = x.copy()
    wrong[3, 2] = np.nan
    t = np.ones((300, 2))
    for arguments, text in (
        ((wrong,), "the inputs hold NaN or infinite"),
        ((x, t * np.inf), "the targets hold NaN or infinite"),
        ((x[:0],), "there are no samples"),
        ((x, t[:4]), "do not have one number of samples"),
    ):
        with pytest.raises(ValueError, match=f"inspect: .*{text}"):
            nl.inspect(made, *arguments)
    made.weights["squeezed/kernel"][:] = np.inf
    report = nl.inspect(made, x)
    assert np.isfinite(report["hidden"].mean)
    assert np.isnan(report["squeezed"].mean)


def test_a_layer_that_is_used_twice_has_two_rows() -> None:
    shared, start = L.Dense(5, "relu", name="shared"), L.Input([5])
    made = nl.Model(start, shared(L.Tanh()(shared(start))), seed=1)
    report = nl.inspect(made, data())
    assert [r.layer for r in report] == ["shared", "tanh", "shared (2)"]
    assert report["shared"].mean != report["shared (2)"].mean


def pixels(figure: Any) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]


@needs_matplotlib
def test_picture_of_a_report(tmp_path: Path) -> None:
    figure = nl.inspect(model(), data()).plot()
    shown = pixels(figure)
    assert (shown != 255).any(axis=-1).mean() > 0.02
    left, right = figure.axes
    assert [text.get_text() for text in left.get_yticklabels()] == [
        "hidden", "squeezed", "dropout", "out",
    ]  # fmt: skip
    assert left.patches[0].get_width() == 3 / 8
    assert right.get_xscale() == "log"
    figure.savefig(tmp_path / "report.png")
    assert (tmp_path / "report.png").stat().st_size > 1000


@needs_matplotlib
def test_picture_of_activations() -> None:
    figure = nl.plot("elu", "binary_step", alpha=0.5, low=-4, high=4)
    (axes,) = figure.axes
    lines = {line.get_label(): line for line in axes.lines}
    assert {"elu", "elu'", "binary_step", "binary_step'"} <= set(lines)
    x, y = lines["elu"].get_xdata(), lines["elu"].get_ydata()
    np.testing.assert_array_equal(y, nl.elu(x, alpha=0.5))
    step = np.asarray(lines["binary_step"].get_ydata())
    assert np.isnan(step).sum() == 1, "a jump is no vertical line"
    assert axes.get_xlim() == (-4, 4)
    for low, high in ((-1000, 1000), (-6, 6)):
        wide = nl.plot("relu", "scaled_tanh", low=low, high=high, derivative=False).axes[0]
        assert not any(np.isnan(np.asarray(line.get_ydata())).any() for line in wide.lines)
    shown = pixels(figure)
    assert (shown != 255).any(axis=-1).mean() > 0.01
    assert nl.plot("relu", derivative=False, axes=axes) is figure
    drawn = nl.plot("gelu", "elu", approximate="tanh").axes[0].lines[2]
    np.testing.assert_array_equal(drawn.get_ydata(), nl.gelu_tanh(drawn.get_xdata()))
    nl.plot("exponential", "tanh", low=-1000, high=1000)  # warnings are errors here


@needs_matplotlib
def test_every_activation_can_be_drawn() -> None:
    for name in nl.activations():
        low, high = nl.plot(name).axes[0].get_ylim()
        assert -4 < low < high < 5


@needs_matplotlib
def test_any_function_can_be_drawn() -> None:
    own = nl.register("drawn", np.sin, np.cos, overwrite=True)
    axes = nl.plot(np.tanh, own, lambda x: x**2).axes[0]
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["tanh", "drawn", "drawn'", "<lambda>"]
    with pytest.raises(ValueError, match=r"plot: sum gave float64 of shape \(\)"):
        nl.plot(np.sum)
    with pytest.raises(TypeError, match="a name, a callable"):
        nl.plot(3)
    for rows in (nl.softmax, nl.log_softmax, nl.softmin, nl.hardmax, nl.sparsemax, np.cumsum):
        for high in (6, 1e6):
            with pytest.raises(ValueError, match=f"plot: {rows.__name__} of a number is not"):
                nl.plot(rows, low=-high, high=high)
    with pytest.raises(ValueError, match="is not always the same"):
        nl.plot(lambda x: x - x.mean())
    nl.plot(nl.gelu.derivative, low=-1e6, high=1e6)


@needs_matplotlib
def test_limits_contain_the_curves() -> None:
    for name, low, high in (
        ("linear", 5, 10), ("linear", 3.9, 10), ("linear", -20, -10), ("exponential", 3, 6),
        ("relu", 0, 100), ("exponential", 100, 200), ("tanh", 3, 9), ("linear", 0, 0.1),
    ):  # fmt: skip
        bottom, top = nl.plot(name, low=low, high=high, derivative=False).axes[0].get_ylim()
        y = nl.get(name)(np.array([low, high], np.float64))
        assert bottom < y.min() < y.max() < top
        assert top - bottom < 2 * np.ptp(y) + 1
    with pytest.raises(ValueError, match="plot: nothing is finite between low=-6"):
        nl.plot(lambda x: x * np.nan)


def test_plot_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="pass the names"):
        nl.plot()
    with pytest.raises(ValueError, match=r"low=1\.0 below high=0\.0"):
        nl.plot("relu", low=1, high=0)
    for wrong in (-np.inf, np.nan):
        with pytest.raises(ValueError, match=f"plot: low={wrong} is not allowed; pass any finite"):
            nl.plot("relu", low=wrong)
    with pytest.raises(TypeError, match="plot: high is a str; pass any finite number"):
        nl.plot("relu", high="a")
    with pytest.raises(TypeError, match=r"plot: axes is a int; pass one Axes, such as plt.gca\(\)"):
        nl.plot("relu", axes=3)
    with pytest.raises(ValueError, match="none of these activations has"):
        nl.plot("relu", beta=1)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install nonlin\[plot\]"):
        nl.plot("relu")
