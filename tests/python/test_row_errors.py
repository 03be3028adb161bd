"""Functions along an axis: where results are written, and the errors for what does not fit."""

from __future__ import annotations

import numpy as np
import pytest

import nonlin as nl

inf, nan = np.inf, np.nan


def test_out() -> None:
    x = np.random.default_rng(0).standard_normal((4, 30)).astype(np.float32)
    for axis in (0, 1, None, (0, 1)):
        expected = nl.softmax(x, axis)
        out = np.empty_like(x)
        assert nl.softmax(x, axis, out=out) is out
        np.testing.assert_array_equal(out, expected)
        copy = x.copy()
        np.testing.assert_array_equal(nl.softmax(copy, axis, out=copy), expected)
        wide = np.empty(x.shape)
        np.testing.assert_array_equal(nl.softmax(x, axis, out=wide), expected)
    total = np.empty(4, np.float32)
    assert nl.logsumexp(x, out=total) is total
    np.testing.assert_array_equal(total, nl.logsumexp(x))
    with pytest.raises(ValueError, match=r"softmax: out has shape \(4, 3\); the result has"):
        nl.softmax(x, out=np.empty((4, 3)))
    out.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        nl.softmax(x, out=out)


def test_errors() -> None:
    x = np.ones((2, 3))
    for axis in (2, -3, (0, 5)):
        with pytest.raises(np.exceptions.AxisError, match="softmax"):
            nl.softmax(x, axis)
    with pytest.raises(ValueError, match="names an axis twice"):
        nl.softmax(x, (0, -2))
    for axis in (True, 1.0, "1", (0, 1.0)):
        with pytest.raises(TypeError, match="softmax: axis is a"):
            nl.softmax(x, axis)
    for temperature in (0, -1, nan, inf, 1e31):
        with pytest.raises(ValueError, match=r"softmax: temperature=.* pass a number in"):
            nl.softmax(x, temperature=temperature)
    with pytest.raises(TypeError, match="softmax: temperature is a str"):
        nl.softmax(x, temperature="hot")
    with pytest.raises(TypeError, match="softmax: where has dtype int64; pass booleans"):
        nl.softmax(x, where=np.ones(3, np.int64))
    with pytest.raises(ValueError, match=r"softmax: where has shape \(4,\), .* not fit \(2, 3\)"):
        nl.softmax(x, where=np.ones(4, bool))
    for name in ("softmax", "hardmax", "softmax2d", "gumbel_softmax"):
        with pytest.raises(
            ValueError, match=rf"^{name}.backward: .* \(4,\) and \(2, 3\) do not fit"
        ):
            getattr(nl, name).backward(np.ones(4), x)
        with pytest.raises(TypeError, match=rf"^{name}.backward: dtype complex128 is not supp"):
            getattr(nl, name).backward(np.ones(3, complex), x)
    read_only = np.empty_like(x)
    read_only.flags.writeable = False
    for out, error, text in (
        ([0], TypeError, "out is a list"),
        (read_only, ValueError, "out is read-only"),
        (np.empty((3, 2)), ValueError, r"out has shape \(3, 2\)"),
        (np.empty((2, 3), np.int64), TypeError, "out has dtype int64"),
    ):
        with pytest.raises(error, match=f"^softmax: {text}"):
            nl.softmax(x, out=out)
    with pytest.raises(
        ValueError, match=r"^logsumexp.backward: grad_output has shape \(3,\); pass"
    ):
        nl.logsumexp.backward(np.ones(3), x)
    with pytest.raises(ValueError, match=r"^maxout.backward: grad_output has shape \(3,\); pass"):
        nl.maxout.backward(np.ones(3), x, 3)
    with pytest.raises(ValueError, match=r"^softmax2d: temperature=0"):
        nl.softmax2d(np.ones((1, 2, 3)), temperature=0)
    with pytest.raises(TypeError, match=r"^hardmax.backward: axis is a float"):
        nl.hardmax.backward(x, x, 0.5)
    for function in (nl.softmax, nl.hardmax, nl.logsumexp, nl.gumbel_softmax, nl.glu):
        with pytest.raises(TypeError, match=rf"^{function.name}: masked arrays are not supported"):
            function(np.ma.masked_array(x, x > 0))
    with pytest.raises(TypeError, match=r"^softmax: masked arrays are not supported"):
        nl.softmax(x, where=np.ma.masked_array(x > 0))
