"""Functions along an axis: softmax and its family."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from . import _backend, _rows
from ._errors import check_out
from ._parameters import Range, checked, interval
from ._public import WORDS, publish

__all__ = [
    "entmax15",
    "gumbel_softmax",
    "log_softmax",
    "logsumexp",
    "softmax",
    "softmax2d",
    "softmin",
    "sparsemax",
]


class _RowFunction(Protocol):
    """A function along an axis that carries its backward pass."""

    backward: Any

    def __call__(self, *args: Any, **options: Any) -> Any: ...


_TEMPERATURE = Range("temperature", 1e-30, 1e30)
_ALLOWED = interval(_TEMPERATURE).capitalize()
_WORDS = {
    "x": f"""\
x : array_like
    Input of any shape.
    {WORDS["kept"]}""",
    "axis": """\
axis : int, tuple of ints or None, default -1
    The axis, or axes, of a row; None: the whole array is one row.""",
    "where": """\
where : array_like of bool, optional
    The entries that take part; broadcasts with `x`.""",
    "temperature": f"""\
temperature : float, default 1
    `x` is divided by it first. {_ALLOWED}.""",
    "allowed": _ALLOWED,
    "raises": """\
TypeError
    If a dtype is not supported, `axis` is no integer, or arrays live in several places.
ValueError
    If there is no such axis, shapes do not fit, or `temperature` is outside its domain.""",
}


def publish_rows(name: str, function: Any, backward: Any, **words: str) -> _RowFunction:
    """Make a function along an axis public."""
    made: _RowFunction = publish(name, function, {"backward": backward}, **_WORDS, **words)
    return made


def _backward(
    name: str,
    kernel: str,
    grad_output: Any,
    output: Any,
    axis: Any,
    *,
    temperature: float,
    out: Any,
    sign: float = 1.0,
) -> Any:
    """Compute the gradient of the function `name` from its output."""
    name = f"{name}.backward"
    t = sign * checked(name, _TEMPERATURE, temperature)
    return _rows.call(name, kernel, [grad_output, output], axis, parameters=[t], out=out)


def _probabilities(
    name: str, *, of: str = "", sign: float = 1.0, nothing: str = "0", **words: str
) -> _RowFunction:
    """Make a function whose rows are probabilities, or their logarithms.

    Its gradient is `sign` times that of the function `of`, itself if not given.
    """
    gradient = f"{of or name}_backward"

    def function(
        x: Any, axis: Any = -1, *, where: Any = None, temperature: float = 1.0, out: Any = None
    ) -> Any:
        """{summary}.

        Parameters
        ----------
        {x}
        {axis}
        {where}
            The others get exactly {nothing}; so does a row without any.
        {temperature}
        {out}

        Returns
        -------
        ndarray or scalar
            Of the shape of `x`.

        Raises
        ------
        {raises}

        Notes
        -----
        {notes}

        A row with NaN or inf gives NaN, as does one with nothing but -inf; others do not notice.
        Sums have one order, so that the bits of a row depend neither on the other rows nor on the
        instruction set, the number of threads or the strides.
        """
        t = checked(name, _TEMPERATURE, temperature)
        return _rows.call(name, name, [x], axis, where=where, parameters=[t], out=out)

    def backward(
        grad_output: Any, output: Any, axis: Any = -1, *, temperature: float = 1.0, out: Any = None
    ) -> Any:
        """Gradient of {name} with respect to its input, computed from its output.

        Parameters
        ----------
        grad_output : array_like
            Gradient with respect to the output.
        output : array_like
            What ``{name}`` returned.
        axis, temperature, out
            As for ``{name}``. Entries that were masked have gradient 0 by themselves.

        Returns
        -------
        ndarray or scalar
            {formula}

        Notes
        -----
        Where `output` is {nothing}, the gradient is 0, whatever `grad_output` is there. Entries are
        off by at most 2 ULP, or by 2^-50 of the row's largest `grad_output` where that is more.
        """
        return _backward(
            name, gradient, grad_output, output, axis, temperature=temperature, sign=sign, out=out
        )

    return publish_rows(name, function, backward, nothing=nothing, **words)


softmax = _probabilities(
    "softmax",
    summary="exp(x / T) along an axis, divided by its sum",
    notes="| y_i = exp(x_i / T) / sum_j exp(x_j / T), at most 2 ULP off in float32: no difference "
    "x - max\n|       is rounded.\n\n"
    "A constant added to x can change last bits, within that error: x / T is reduced itself, not\n"
    "its distance from the maximum.",
    formula="output * (grad_output - sum(grad_output * output)) / temperature",
)
softmin = _probabilities(
    "softmin",
    of="softmax",
    sign=-1.0,
    summary="exp(-x / T) along an axis, divided by its sum",
    notes="| y_i = exp(-x_i / T) / sum_j exp(-x_j / T)",
    formula="-output * (grad_output - sum(grad_output * output)) / temperature",
)
log_softmax = _probabilities(
    "log_softmax",
    nothing="-inf",
    summary="Logarithm of softmax, without computing softmax",
    notes="| y_i = x_i / T - log(sum_j exp(x_j / T))\n\n"
    "Where one entry dominates its row, its result is close to 0, and has all its digits.",
    formula="(grad_output - exp(output) * sum(grad_output)) / temperature",
)
sparsemax = _probabilities(
    "sparsemax",
    summary="Euclidean projection of x / T onto the probability simplex: softmax with exact zeros",
    notes="| y_i = max(x_i / T - tau, 0), with tau such that the row sums to 1; off by at most\n"
    "|       2 ULP, or 2^-50 where that is more\n\nA. Martins, R. Astudillo, ICML 2016.",
    formula="(grad_output - its mean over the support) / temperature on the support, 0 elsewhere",
)
entmax15 = _probabilities(
    "entmax15",
    summary="Entmax with alpha = 1.5: half way between softmax and sparsemax",
    notes="| y_i = max(x_i / (2 T) - tau, 0)^2, with tau such that the row sums to 1; off\n"
    "|       by at most 2 ULP, or 2^-50 if that is more\n\n"
    "B. Peters, V. Niculae, A. Martins, ACL 2019.",
    formula="q * (grad_output - sum(q * grad_output) / sum(q)) / temperature with q = sqrt(output)",
)


def _logsumexp(
    x: Any,
    axis: Any = -1,
    *,
    where: Any = None,
    temperature: float = 1.0,
    keepdims: bool = False,
    out: Any = None,
) -> Any:
    """log(sum(exp(x / T))) along an axis.

    Parameters
    ----------
    {x}
    {axis}
    {where}
        A row without any gives -inf.
    {temperature}
    {out}

    Returns
    -------
    ndarray or scalar
        Of the shape of `x` without the axes of a row; with `keepdims` they stay, as 1.

    Raises
    ------
    {raises}

    Notes
    -----
    | y = log(sum_j exp(x_j / T))

    A row with nothing but -inf gives -inf, one with inf gives inf, one with NaN gives NaN.
    """
    return _rows.call(
        "logsumexp",
        "logsumexp",
        [x],
        axis,
        where=where,
        parameters=[checked("logsumexp", _TEMPERATURE, temperature)],
        out=out,
        reduces=True,
        keepdims=keepdims,
    )


def _logsumexp_backward(
    grad_output: Any,
    x: Any,
    axis: Any = -1,
    *,
    where: Any = None,
    temperature: float = 1.0,
    out: Any = None,
) -> Any:
    """Gradient of logsumexp with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result, with or without the axes that the sum ran over.
    x, axis, where, temperature, out
        As for `logsumexp`.

    Returns
    -------
    ndarray or scalar
        grad_output * softmax(x, temperature) / temperature
    """
    return _rows.call(
        "logsumexp.backward",
        "logsumexp_backward",
        [x],
        axis,
        per_row=grad_output,
        where=where,
        parameters=[checked("logsumexp.backward", _TEMPERATURE, temperature)],
        out=out,
    )


logsumexp = publish_rows("logsumexp", _logsumexp, _logsumexp_backward)


def _softmax2d(x: Any, *, where: Any = None, temperature: float = 1.0, out: Any = None) -> Any:
    """Softmax over the channels of images: `softmax` with ``axis=-3``.

    Parameters
    ----------
    x : array_like
        Images (channels, height, width), or a batch of them with one axis more in front.
    where, temperature, out
        As for `softmax`.

    Returns
    -------
    ndarray
        Of the shape of `x`.

    Raises
    ------
    ValueError
        If `x` has neither 3 nor 4 axes.
    """
    if np.ndim(x) not in {3, 4}:
        message = f"softmax2d: x has {np.ndim(x)} axes; pass (channels, height, width) or a batch"
        raise ValueError(message)
    t = checked("softmax2d", _TEMPERATURE, temperature)
    return _rows.call("softmax2d", "softmax", [x], -3, where=where, parameters=[t], out=out)


def _softmax2d_backward(
    grad_output: Any, output: Any, *, temperature: float = 1.0, out: Any = None
) -> Any:
    """Gradient of softmax2d with respect to its input, computed from its output.

    Parameters
    ----------
    grad_output, output : array_like
        Gradient with respect to the output, and what ``softmax2d`` returned.
    temperature, out
        As for `softmax`.

    Returns
    -------
    ndarray
    """
    return _backward(
        "softmax2d", "softmax_backward", grad_output, output, -3, temperature=temperature, out=out
    )


softmax2d = publish_rows("softmax2d", _softmax2d, _softmax2d_backward)


def _gumbel_softmax(
    x: Any,
    temperature: float = 1.0,
    hard: bool = False,
    axis: Any = -1,
    *,
    where: Any = None,
    seed: int | np.random.Generator | None = None,
    out: Any = None,
) -> Any:
    """Softmax of x plus Gumbel noise: a differentiable draw from the categories of a row.

    Parameters
    ----------
    x : array_like
        Logarithms of the categories' weights; dtypes as in `softmax`.
    temperature : float, default 1
        The smaller, the closer to a single category. {allowed}.
    hard : bool, default False
        Return the drawn category itself, 1 among 0. For a straight-through gradient call again with
        the same seed and ``hard=False``, and give that result to ``gumbel_softmax.backward``.
    {axis}
    {where}
        The others get exactly 0; so does a row without any.
    seed : int or numpy.random.Generator, optional
        Where the noise comes from; the same integer gives the same noise.
    {out}

    Returns
    -------
    ndarray or scalar
        Of the shape of `x`.

    Notes
    -----
    E. Jang, S. Gu, B. Poole; C. Maddison, A. Mnih, Y. Teh, ICLR 2017.
    """
    name = "gumbel_softmax"
    t = checked(name, _TEMPERATURE, temperature)
    kernel, parameters = ("hardmax", []) if hard else ("softmax", [t])
    _backend.together(name, x=x, where=where, out=out)
    x = _rows.plain(name, x)
    noise = np.random.default_rng(seed).gumbel(size=tuple(x.shape))
    dtype = _rows.dtype_of(name, [x])
    work = _rows.working(dtype)
    noisy = _backend.namespace(x).add(x, _backend.beside(noise.astype(work), x), dtype=work)
    y = _rows.call(name, kernel, [noisy], axis, where=where, parameters=parameters)
    check_out(name, "out", out, y.shape)
    return _rows.delivered(y, dtype, out)


def _gumbel_softmax_backward(
    grad_output: Any, output: Any, axis: Any = -1, *, temperature: float = 1.0, out: Any = None
) -> Any:
    """Gradient of gumbel_softmax with respect to x, from its output with ``hard=False``.

    Parameters
    ----------
    grad_output, output : array_like
        Gradient with respect to the output, and what ``gumbel_softmax`` returned.
    axis, temperature, out
        As for `gumbel_softmax`.

    Returns
    -------
    ndarray or scalar
    """
    return _backward(
        "gumbel_softmax",
        "softmax_backward",
        grad_output,
        output,
        axis,
        temperature=temperature,
        out=out,
    )


gumbel_softmax = publish_rows("gumbel_softmax", _gumbel_softmax, _gumbel_softmax_backward)
