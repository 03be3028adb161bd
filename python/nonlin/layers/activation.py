"""Layers that apply an activation: `Activation`, and a class for each one of the table."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from .. import _backend, fused, rowwise
from .._activations import table
from .._errors import integer
from . import initializers
from .base import Layer, as_result

if TYPE_CHECKING:
    from .base import Shape

# Their backward passes start from the output.
_OF_ROWS: dict[str, Any] = {
    name: getattr(rowwise, name)
    for name in ("softmax", "softmin", "log_softmax", "sparsemax", "entmax15")
}
# f'(f(x)) is f'(x), so that what was written over its input will do.
_ALLOW_INPLACE = frozenset({"linear", "relu", "relu6", "hard_tanh", "leaky_relu", "hard_shrink"})


class Activated:
    """An activation with its parameters, as layers use it."""

    def __init__(self, activation: Any, parameters: dict[str, Any] | None = None) -> None:
        if activation in ("prelu", table["prelu"]):
            message = (
                "activation 'prelu': its slope is learned by the layer PReLU; add that instead"
            )
            raise ValueError(message)
        if isinstance(activation, Layer):
            message = f"activation {activation!r} is a layer; add it to the model as one"
            raise TypeError(message)
        by_name = isinstance(activation, str) and activation in _OF_ROWS
        function = _OF_ROWS[activation] if by_name else activation
        self.of_rows = function in _OF_ROWS.values()
        self.function = (
            function if self.of_rows else fused.elementwise("activation", function, "backward")
        )
        self.name: str = getattr(self.function, "name", "")
        self.built_in = fused.is_built_in(self.function)
        self.ours = self.built_in or self.of_rows
        self.takes = ("axis", "temperature") if self.of_rows else fused.keywords(self.function)
        self.parameters = parameters or {}
        self.linear = self.name == "linear" and not self.parameters

    def config(self, layer: str) -> str:
        """Return the name for a configuration."""
        try:
            if Activated(self.name or None).function is self.function:
                return self.name
        except ValueError:
            pass
        message = f"{layer}: its activation has no name; give it one with nl.register"
        raise ValueError(message)

    def forward(self, x: Any, out: Any = None) -> tuple[Any, Any]:
        """Return f(x), and what `backward` needs."""
        if not self.ours:
            return self._own(self.function, x), x
        y = self.function(x, **self.parameters, **({} if out is None else {"out": out}))
        return y, (y if self.of_rows else x)

    def backward(self, grad_output: Any, needed: Any) -> Any:
        """Return the gradient of x."""
        if not self.ours:
            return self._own(self.function.backward, grad_output, needed)
        return self.function.backward(grad_output, needed, **self.parameters)

    def _own(self, function: Any, *arrays: Any) -> Any:
        """Call a function of the user's: it cannot write into arrays that others need."""
        given = [_backend.guarded(a) for a in arrays]
        x, name = arrays[-1], self.name or type(self.function).__name__
        result = as_result(f"activation {name}", function(*given, **self.parameters), x.shape)
        # Nor can others write into it, if it is a view of them.
        copy = not _backend.is_writeable(result)
        return _backend.namespace(result).astype(result, x.dtype, copy=copy)

    def slope(self, needed: Any, bias: Any = None) -> tuple[float, Any] | None:
        """Return the largest |f'| near 0, and f' at each number of the input."""
        if self.of_rows or self.linear or not hasattr(self.function, "derivative"):
            return None
        x = needed if bias is None else needed + bias
        near, local = (
            _backend.namespace(x).broadcast_to(
                self.function.derivative(a, **self.parameters), a.shape
            )
            for a in (_backend.beside(np.linspace(-8, 8, 321), x), x)
        )
        return float(abs(_backend.to_host(near)).max()), local

    def biased(self, sums: Any, bias: Any) -> tuple[Any, Any]:
        """Return f(sums + bias), and what `biased_backward` needs; sums may be overwritten."""
        if self.built_in and not self.linear and bias is not None:
            return fused.bias_activation(sums, bias, self.function, **self.parameters), sums
        if bias is not None:
            _backend.namespace(sums).add(sums, bias, out=sums)
        return (sums, None) if self.linear else self.forward(sums)

    def biased_backward(self, grad_output: Any, needed: Any, bias: Any) -> tuple[Any, Any]:
        """Return the gradients of the sums and of the bias."""
        if self.built_in and not self.linear and bias is not None:
            function, parameters = self.function, self.parameters
            grads: tuple[Any, Any] = fused.bias_activation.backward(
                grad_output, needed, bias, function, **parameters
            )
            return grads
        grad = grad_output if self.linear else self.backward(grad_output, needed)
        return grad, None if bias is None else fused.sum_to_bias(grad)


class _Applied(Layer):
    """Base of the layers that are one activation without weights."""

    def _apply(self, activation: Any, parameters: dict[str, Any]) -> None:
        """Say which activation; refuse parameters that it does not allow."""
        self._of = Activated(activation, parameters)
        self.needs_output |= self._of.of_rows
        self.passes_on = self._of.linear
        if self._of.ours:  # on an input that has any axis
            self._of.function(np.zeros((1,) * 8, self.dtype), **parameters)

    def forward(self, *inputs: Any, training: bool) -> tuple[Any, Any]:
        """As `Layer.forward`."""
        del training
        return self._of.forward(*inputs)

    def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
        """As `Layer.gradient`."""
        return (self._of.backward(grad_output, context),)

    @property
    def activation_name(self) -> str:
        """As `Layer.activation_name`."""
        return self._of.name

    def slope(self, context: Any) -> tuple[float, Any] | None:
        """As `Layer.slope`."""
        return self._of.slope(context)


class Activation(_Applied):
    """An activation as a layer of its own.

    Parameters
    ----------
    activation : str or callable
        A name (see `nonlin.activations`), one of the softmax family, or what `nonlin.register`
        returned.
    slc : slice or tuple of slices and Ellipsis, optional
        Where it is computed; the rest passes through. A plain slice counts along the flattened
        input, batch included; a tuple is NumPy's basic indexing.
    inplace : bool, default False
        Write over the input. Only for activations whose derivative can be told from the output.
    name : str, optional
    args : tuple, default ()
        Values of the activation's parameters, in their order.
    **options
        As for every `Layer`.

    Raises
    ------
    ValueError
        If the activation is unknown, has fewer parameters than `args`, refuses them, or cannot be
        in place.
    TypeError
        If `args` is no tuple.
    """

    def __init__(
        self,
        activation: Any,
        slc: Any = None,
        inplace: bool = False,
        name: str | None = None,
        args: tuple[Any, ...] = (),
        **options: Any,
    ) -> None:
        super().__init__(name=name, **options)
        plain = Activated(activation)
        names = plain.takes
        if not isinstance(args, list | tuple):
            message = (
                f"{self.name}: args={args!r} is not allowed; pass a tuple, such as ({args!r},)"
            )
            raise TypeError(message)
        if len(args) > len(names):
            message = f"{self.name}: args={args} are more than {plain.name} has: {names}"
            raise ValueError(message)
        self.args = tuple(args)
        self._apply(activation, dict(zip(names, args, strict=False)))
        parts = slc if isinstance(slc, tuple) else ()
        if not (slc is None or isinstance(slc, slice)) and not (
            parts and all(isinstance(p, slice) or p is ... for p in parts)
        ):
            message = f"{self.name}: slc={slc!r} is not allowed; pass a slice, or a tuple of slices"
            raise TypeError(message)
        self.slc = slc
        self.inplace = self.overwrites_input = inplace
        self.needs_output |= inplace
        if inplace and not (plain.built_in and plain.name in _ALLOW_INPLACE):
            message = (
                f"{self.name}: inplace=True would lose what the backward pass of {plain.name} "
                f"needs; it is allowed for {', '.join(sorted(_ALLOW_INPLACE))}"
            )
            raise ValueError(message)
        if inplace and plain.name == "leaky_relu" and np.any(np.less(args, 0)):
            message = f"{self.name}: inplace=True needs a slope that is not negative"
            raise ValueError(message)

    def forward(self, *inputs: Any, training: bool) -> tuple[Any, Any]:
        """As `Layer.forward`."""
        del training
        (x,) = inputs
        if self.slc is None:
            return self._of.forward(x, x if self.inplace else None)
        array = _backend.namespace(x).array
        if not (self.inplace or _backend.is_contiguous(x)):
            x = array(x, order="C")
        output = x if self.inplace else array(x, order="C")
        part = self._part(output)
        result, needed = self._of.forward(part if self.inplace else self._part(x))
        part[...] = result
        return output, part if self.inplace else needed

    def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
        """As `Layer.gradient`."""
        if self.slc is None:
            return (self._of.backward(grad_output, context),)
        grad = _backend.namespace(grad_output).array(grad_output, order="C")
        part = self._part(grad)
        part[...] = self._of.backward(part, context)
        return (grad,)

    def slope(self, context: Any) -> tuple[float, Any] | None:
        """As `Layer.slope`."""
        return self._of.slope(context) if self.slc is None else None

    def _part(self, array: Any) -> Any:
        if isinstance(self.slc, slice):
            if not _backend.is_contiguous(array):
                message = f"{self.name}: slc={self.slc} counts along a C-contiguous array; pass one"
                raise ValueError(message)
            return _backend.call("reshape", array, (-1,))[self.slc]
        return array[self.slc]

    def get_config(self) -> dict[str, Any]:
        """As `Layer.get_config`."""
        slc = self.slc
        if slc is not None:
            parts = [slc] if isinstance(slc, slice) else list(slc)
            listed = ["..." if p is ... else [p.start, p.stop, p.step] for p in parts]
            slc = {"slice": listed[0]} if isinstance(slc, slice) else {"index": listed}
        return {
            **super().get_config(),
            "activation": self._of.config(self.name),
            "slc": slc,
            "inplace": self.inplace,
            "args": list(self.args),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Layer:
        """As `Layer.from_config`."""
        slc = config["slc"]
        if slc is not None and "slice" in slc:
            slc = slice(*slc["slice"])
        elif slc is not None:
            slc = tuple(... if p == "..." else slice(*p) for p in slc["index"])
        return cls(**{**config, "slc": slc, "args": tuple(config["args"])})


class _OneActivation(_Applied):
    """Base of the classes that stand for one activation."""

    function: ClassVar[str]

    def __init__(self, *args: Any, **options: Any) -> None:
        own = Activated(self.function).takes
        if len(args) > len(own):
            message = (
                f"{type(self).__name__}: {args} are more parameters than it has: "
                f"{', '.join(own) or 'none'}; pass name and other options by keyword"
            )
            raise TypeError(message)
        given = {**dict(zip(own, args, strict=False)), **options}
        self.parameters = {p: given.pop(p) for p in own if p in given}
        super().__init__(**given)
        self._apply(self.function, self.parameters)

    @classmethod
    def _arguments(cls) -> list[str]:
        return [*Activated(cls.function).takes, *super()._arguments()]

    def get_config(self) -> dict[str, Any]:
        """As `Layer.get_config`."""
        return {**super().get_config(), **self.parameters}


class PReLU(Layer):
    """leaky_relu whose slope is learned.

    Parameters
    ----------
    alpha_initializer : str, number or callable, default that of `nonlin.prelu`
        The first slopes; see `Dense` for what it may be.
    shared_axes : sequence of int, optional
        Axes of the input along which one slope is shared, counted with the batch as axis 0.
    **options
        As for every `Layer`.

    Notes
    -----
    Weight: alpha, of the shape of a sample with 1 along the shared axes. K. He et al.,
    arXiv:1502.01852.
    """

    word = "prelu"

    def __init__(
        self,
        alpha_initializer: Any = table["prelu"].parameters["negative_slope"],
        shared_axes: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.alpha_initializer = initializers.known(alpha_initializer)
        axes = () if shared_axes is None else shared_axes
        if not isinstance(axes, Iterable):
            message = f"PReLU: shared_axes={axes!r} is not allowed; pass a list, such as [1, 2]"
            raise TypeError(message)
        self.shared_axes = [integer("PReLU", "shared_axes", a, "a list of ints") for a in axes]

    def build(self, *shapes: Shape) -> None:
        """Add alpha."""
        (shape,) = shapes
        shared = {a % (len(shape) + 1) for a in self.shared_axes}
        if any(not 1 <= abs(a) <= len(shape) for a in self.shared_axes):
            message = (
                f"{self.name}: shared_axes={self.shared_axes} are not axes of (batch, *{shape})"
            )
            raise ValueError(message)
        alpha = tuple(1 if a in shared else n for a, n in enumerate(shape, 1))
        self.add_weight("alpha", alpha, self.alpha_initializer)

    def output_shape(self, *shapes: Shape) -> Shape:
        """Return that of the input."""
        (shape,) = shapes
        if self.input_shapes is not None:
            made = self.weights["alpha"].shape
            if len(made) != len(shape) or any(
                n not in {1, m} for n, m in zip(made, shape, strict=True)
            ):
                self.refuse_shapes(f"(batch, *) like the slopes, {made}", shape)
        return shape

    def forward(self, *inputs: Any, training: bool) -> tuple[Any, Any]:
        """As `Layer.forward`."""
        del training
        return table["prelu"](*inputs, self.weights["alpha"]), inputs[0]

    def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
        """As `Layer.gradient`."""
        grad, slope = table["prelu"].backward(grad_output, context, self.weights["alpha"])
        self.keep("alpha", lambda out: _backend.namespace(out).copyto(out, slope))
        return (grad,)

    @property
    def activation_name(self) -> str:
        """As `Layer.activation_name`."""
        return "prelu"

    def slope(self, context: Any) -> tuple[float, Any] | None:
        """As `Layer.slope`."""
        return 1.0, table["prelu"].derivative(context, self.weights["alpha"])

    def get_config(self) -> dict[str, Any]:
        """As `Layer.get_config`."""
        return {
            **super().get_config(),
            "alpha_initializer": self.alpha_initializer,
            "shared_axes": self.shared_axes,
        }


class RReLU(Layer):
    """leaky_relu with slopes drawn anew for every number while training, else their mean.

    Parameters
    ----------
    lower, upper : float, default 1/8 and 1/3
        Between which slopes are drawn.
    **options
        As for every `Layer`.

    Notes
    -----
    B. Xu, N. Wang, T. Chen, M. Li, arXiv:1505.00853.
    """

    word = "rrelu"

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, **options: Any) -> None:
        super().__init__(**options)
        if not 0 <= lower <= upper <= 1:
            message = f"{self.name}: lower={lower}, upper={upper}; pass 0 <= lower <= upper <= 1"
            raise ValueError(message)
        self.lower, self.upper = lower, upper

    def forward(self, *inputs: Any, training: bool) -> tuple[Any, Any]:
        """As `Layer.forward`."""
        (x,) = inputs
        slope: Any = (self.lower + self.upper) / 2
        if training:
            slope = self.random.random(x.shape, self.dtype)
            slope *= float(self.upper - self.lower)
            slope += float(self.lower)
            slope = _backend.beside(slope, x)
        return table["leaky_relu"](x, slope), (x, slope)

    def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
        """As `Layer.gradient`."""
        return (table["leaky_relu"].backward(grad_output, *context),)

    @property
    def activation_name(self) -> str:
        """As `Layer.activation_name`."""
        return "leaky_relu"

    def slope(self, context: Any) -> tuple[float, Any] | None:
        """As `Layer.slope`."""
        return 1.0, table["leaky_relu"].derivative(*context)

    def get_config(self) -> dict[str, Any]:
        """As `Layer.get_config`."""
        return {**super().get_config(), "lower": self.lower, "upper": self.upper}


# Words that are not simply capitalized in the name of a class.
_WORDS = {
    w.lower(): w
    for w in ("ReLU", "ReLU6", "ELU", "SELU", "CELU", "GELU", "SiLU", "ISRU", "ISRLU", "SQNL")
}


def class_name(activation: str) -> str:
    """Return the name of the layer: LeakyReLU for leaky_relu."""
    return "".join(_WORDS.get(word, word.capitalize()) for word in activation.split("_"))


def _make(activation: str) -> type[Layer]:
    members = {
        "function": activation,
        "word": activation,
        "__module__": "nonlin.layers",
        "__doc__": f"{activation} as a layer; see `nonlin.{activation}`.\n\n"
        f"Parameters: {', '.join(Activated(activation).takes) or 'none'}; `name`, `dtype`, "
        "`seed`, `trainable` as for every `Layer`.",
    }
    return type(class_name(activation), (_OneActivation,), members)


_made = [_make(name) for name in (*table, *_OF_ROWS) if name != "prelu"]
for _class in _made:
    setattr(sys.modules[__name__], _class.__name__, _class)

__all__ = ["Activation", "PReLU", "RReLU", *(c.__name__ for c in _made)]  # noqa: PLE0604
