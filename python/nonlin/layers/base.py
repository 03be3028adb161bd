"""What every layer is: weights, a forward and a backward pass, a configuration."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

import numpy as np

from .._backend import cast, kind, misplaced, namespace, on_device, to_host
from .._errors import check_result, flag, integer
from .._errors import seed as checked_seed
from .._rows import plain
from . import initializers
from .node import Node
from .weights import Weights

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Shape = tuple[int, ...]
_DTYPES = ("float32", "float64")
_NOTHING = object()
_ANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_HOST = np.empty(0)

# Every class of layers by its name, for configurations.
classes: dict[str, type[Layer]] = {}


class Layer:
    """Base of all layers.

    Parameters
    ----------
    name : str, optional
        Unique in a model, which names its layers itself where this is None.
    dtype : {"float32", "float64"}, default "float32"
        Of the weights, and of what the layer computes.
    seed : int, optional
        Where initial weights and noise come from. None: from the seed of the model that the layer
        is first put in; of a layer that was called before, or without either, anew each time.
    trainable : bool, default True
        Whether `fit` changes the weights; may be assigned too, before it.

    Attributes
    ----------
    weights : dict of str to ndarray
        By name. They exist once the shape of the input is known. What is assigned to one, or to a
        part of it, is written into it. With inputs on a GPU they are arrays there; see `to`.
    gradients : dict of str to ndarray
        Of the trainable weights, from the last backward pass.

    Notes
    -----
    A layer of your own overrides `forward` and `gradient`, and the others where their defaults (no
    weights, the shape of the input, no options, one input) are not what it does:

    | build(*shapes): call `add_weight` for each weight. Shapes are those of samples, without batch.
    | output_shape(*shapes): the shape of an output sample; or call `refuse_shapes`.
    | forward(*inputs, training): a tuple of the output and of anything that `gradient` needs.
    | gradient(context, grad_output): a tuple of the gradients of the inputs; call `keep` for those
      of the weights. `context` is what `forward` returned besides the output.
    | get_config(): {**super().get_config(), ...} with the arguments of the class's own.
    | inputs_allowed: the least and largest number of inputs; None for any.
    | needs_output: False if `gradient` does not read the output, and that never shares memory with
      an input: then a layer after it may work in place. True where a class does not say.

    Inputs and gradients are arrays of the layer's dtype, not to be written into. Saved models find
    a class by its name, which must not be that of one of nonlin's. docs/guide.md has an example.
    """

    # Whether the backward pass reads what the layer returned, or what shares its memory.
    needs_output = False
    overwrites_input = False
    # Whether it only passes numbers on, so that its input is a head's as well as its output.
    passes_on = False
    inputs_allowed: ClassVar[tuple[int, int | None]] = (1, 1)
    # The name of a layer without one, before a number is added: by default that of the class.
    word: ClassVar[str]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "needs_output" not in cls.__dict__ and not _is_ours(cls):
            cls.needs_output = True
        if "word" not in cls.__dict__:
            cls.word = re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        if not cls.__name__.startswith("_"):
            known = classes.get(cls.__name__)
            if known and _is_ours(known) and not _is_ours(cls):
                message = (
                    f"class {cls.__name__}: nonlin has a layer of this name, by which saved models "
                    "find it; choose another name"
                )
                raise ValueError(message)
            classes[cls.__name__] = cls

    def __init__(
        self,
        *,
        name: str | None = None,
        dtype: str = "float32",
        seed: int | None = None,
        trainable: bool = True,
        **unknown: Any,
    ) -> None:
        if unknown:
            message = (
                f"{type(self).__name__} does not take {min(unknown)!r}; it takes "
                f"{', '.join(self._arguments())}"
            )
            raise TypeError(message)
        if name is not None and not (isinstance(name, str) and name and "/" not in name):  # type: ignore[redundant-expr]
            message = f"{type(self).__name__}: name={name!r} is not allowed; pass text without '/'"
            raise ValueError(message)
        if dtype not in _DTYPES:
            message = f"{type(self).__name__}: dtype={dtype!r} is none of {', '.join(_DTYPES)}"
            raise ValueError(message)
        self._given_name = name
        self.auto_name: str | None = None
        self.dtype: Any = dtype
        self.seed = checked_seed(type(self).__name__, seed)
        self.trainable = trainable
        self.input_shapes: tuple[Shape, ...] | None = None
        self.weights = Weights()
        self.gradients = Weights()
        self.random = np.random.default_rng(self.seed)
        self._on_device = False
        self._context: Any = _NOTHING
        self._shapes: tuple[Shape, ...] = ()
        self._output_shape: Shape = ()
        # Set before each backward pass: whether gradients of weights are added to those that are
        # there, and whether that of the input is wanted; without, None will do.
        self.adds = False
        self.wants_input_gradient = True

    @property
    def given_name(self) -> str | None:
        """The name that the user gave."""
        try:
            return self._given_name
        except AttributeError:
            message = f"{type(self).__name__}: its __init__ must call super().__init__(**options)"
            raise TypeError(message) from None

    @property
    def trainable(self) -> bool:
        """Whether `fit` changes the weights."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = flag(type(self).__name__, "trainable", value)

    @property
    def name(self) -> str:
        """The given name, or the one that the last model gave."""
        return self.given_name or self.auto_name or self.word

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    # What layers override.

    def build(self, *shapes: Shape) -> None:
        """Add the weights for inputs whose samples have these shapes."""

    def output_shape(self, *shapes: Shape) -> Shape:
        """Return the shape of an output sample, or call `refuse_shapes`."""
        return shapes[0]

    def forward(self, *inputs: Any, training: bool) -> tuple[Any, Any]:
        """Return the output, and what `gradient` will need."""
        message = f"class {type(self).__name__} has no method forward; see nonlin.layers.Layer"
        raise NotImplementedError(message)

    def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
        """Return the gradient of every input, and `keep` those of the weights."""
        message = f"class {type(self).__name__} has no method gradient; see nonlin.layers.Layer"
        raise NotImplementedError(message)

    @property
    def activation_name(self) -> str:
        """The name of the activation, if there is one."""
        return ""

    def slope(self, context: Any) -> tuple[float, Any] | None:
        """Return the largest |f'| of an elementwise activation, and f' at each number."""
        del context
        return None

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make such a layer again; JSON can hold them."""
        config = {"name": self.given_name, "dtype": self.dtype, "seed": self.seed}
        return config if self.trainable else {**config, "trainable": False}

    # What they use.

    @classmethod
    def _arguments(cls) -> list[str]:
        """Return the names of the arguments that make such a layer."""
        bases = (c for c in cls.__mro__ if issubclass(c, Layer))
        found = [p for c in bases for p in inspect.signature(c).parameters.values()]
        return list(dict.fromkeys(p.name for p in found if p.kind not in _ANY))

    def add_weight(
        self, name: str, shape: Shape, initializer: Any, *, trainable: bool = True
    ) -> None:
        """Make a weight, and the array for its gradient."""
        made = to_host(initializers.get(initializer)(shape, self.random))
        if np.shape(made) != tuple(shape):
            message = f"{self.name}: the initializer of {name} gave {np.shape(made)}, not {shape}"
            raise ValueError(message)
        self.weights.setdefault(name, np.array(made, self.dtype, order="C"))
        if trainable:
            self.gradients.setdefault(name, np.zeros(shape, self.dtype))

    def keep(self, name: str, compute: Callable[[Any], object]) -> None:
        """Store the gradient that ``compute(out)`` writes to `out`, or add it."""
        stored = self.gradients[name]
        if self.adds:
            more = namespace(stored).empty_like(stored)
            compute(more)
            stored += more
        else:
            compute(stored)

    def refuse_shapes(self, expected: str, *shapes: Shape) -> NoReturn:
        """Raise a ValueError that names the layer and both shapes."""
        got = " and ".join(shown(s) for s in shapes)
        message = f"{self.name}: expected input of shape {expected}, got {got}"
        raise ValueError(message)

    def sample_axis(self, axis: int, shape: Shape) -> int:
        """Return which axis of a sample is meant by one that counts with the batch as axis 0."""
        place = (axis + len(shape) + 1 if axis < 0 else axis) - 1
        if not 0 <= place < len(shape):
            message = f"{self.name}: axis={axis} is no axis of features in {shown(shape)}"
            raise ValueError(message)
        return place

    # What users call.

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Layer:
        """Make a layer from what `get_config` returned."""
        return cls(**config)

    def count_params(self) -> int:
        """Return the number of numbers in the weights."""
        return sum(math.prod(w.shape) for w in self.weights.values())

    def to(self, place: Any) -> Self:
        """Bring the weights to where an array lives, or with "cpu" to the host.

        By itself a layer brings them to the first input on a GPU that it gets. Copies that are made
        are of the library of that array.
        """
        like = _HOST if isinstance(place, str) and place == "cpu" else plain(self.name, place)
        self.weights.to(like)
        self.gradients.to(like)
        self._on_device = bool(self.weights) and on_device(like)
        return self

    def checked(self, *shapes: Shape) -> Shape:
        """Return the shape of an output sample, or say why inputs do not fit."""
        low, high = self.inputs_allowed
        if len(shapes) < low or (high is not None and len(shapes) > high):
            wanted = f"{low}" if low == high else f"at least {low}"
            message = f"{self.name}: got {len(shapes)} inputs; pass {wanted}"
            raise ValueError(message)
        return self.output_shape(*shapes)

    def prepare(self, *shapes: Shape, random: np.random.Generator | None = None) -> Shape:
        """Check the shapes of input samples; make the weights if there are none yet.

        Return the shape of an output sample.

        Parameters
        ----------
        *shapes : tuple of int
        random : numpy.random.Generator, optional
            Where a layer without a seed takes weights and noise from.
        """
        shape = self.checked(*shapes)
        if self.input_shapes is None:
            if random is not None and self.seed is None:
                self.random = random
            try:
                self.build(*shapes)
            except BaseException:
                self.forget()
                raise
            self.input_shapes = shapes
        return shape

    def forget(self) -> None:
        """Drop the weights, as if there had been no input yet."""
        self.weights.clear()
        self.gradients.clear()
        self.input_shapes = None
        self._on_device = False

    def compute(self, arrays: Sequence[Any], shape: Shape, *, training: bool) -> tuple[Any, Any]:
        """Return what `forward` does, checked: samples of this shape, in the layer's dtype."""
        given = [cast(a, self.dtype) for a in arrays]
        if self._on_device or {*map(type, given)} != {np.ndarray}:
            self._settle(given)
        try:
            made = self._several("forward", 2, self.forward(*given, training=training))
            output = as_result(f"{self.name}: forward", made[0], (len(arrays[0]), *shape))
        except Exception as error:
            error.add_note(f"In the forward pass of layer {self.name}.")
            raise
        return cast(output, self.dtype), made[1]

    def _settle(self, inputs: Sequence[Any]) -> None:
        """Bring weights on the host to inputs on a GPU; refuse inputs elsewhere than they."""
        if on_device(inputs[0]) and not self._on_device:
            self.to(inputs[0])
        weights = next(iter(self.weights.values()), None)
        self._check_places(weights=weights, **{f"input {i}": a for i, a in enumerate(inputs)})

    def _check_places(self, **arrays: Any) -> None:
        message = misplaced(self.name, **arrays)
        if message:
            message += ', or bring the weights there with .to(array) or .to("cpu")'
            raise TypeError(message)

    def differentiate(self, context: Any, grad_output: Any, shapes: Sequence[Shape]) -> list[Any]:
        """Return what `gradient` does, checked, for inputs whose samples have these shapes."""
        name = f"{self.name}: gradient"
        if self._on_device or type(grad_output) is not np.ndarray:
            weights = next(iter(self.weights.values()), None)
            self._check_places(weights=weights, gradient=grad_output)
        grad_output = cast(grad_output, self.dtype)
        try:
            made = self._several("gradient", len(shapes), self.gradient(context, grad_output))
            grads = [
                None if g is None else as_result(name, g, (len(grad_output), *s))
                for g, s in zip(made, shapes, strict=True)
            ]
        except Exception as error:
            error.add_note(f"In the backward pass of layer {self.name}.")
            raise
        return [g if g is None else cast(g, self.dtype) for g in grads]

    def _several(self, method: str, count: int, result: Any) -> Any:
        if isinstance(result, tuple | list) and len(result) == count:
            return result
        message = (
            f"{self.name}: {method} returned a {type(result).__name__}; a layer's must return a "
            f"tuple of {count}"
        )
        raise TypeError(message)

    def __call__(self, inputs: Any, training: bool = False) -> Any:
        """Compute the layer, or extend a graph if the inputs are nodes.

        Parameters
        ----------
        inputs : array_like, Node, or list of them
            Arrays whose first axis is the batch. Layers with several inputs take a list.
        training : bool, default False
            Whether noise is added, and running statistics follow the batch.
        """
        given = inputs if several(inputs) else [inputs]
        if any(isinstance(a, Node) for a in given):
            if not all(isinstance(a, Node) for a in given):
                message = (
                    f"{self.name}: inputs are nodes and arrays; pass only nodes, or only arrays"
                )
                raise TypeError(message)
            return Node(self, tuple(given), self.checked(*(a.shape for a in given)))
        arrays = [as_input(self.name, a, self.dtype) for a in given]
        shapes = tuple(a.shape[1:] for a in arrays)
        shape = self.prepare(*shapes)
        output, self._context = self.compute(arrays, shape, training=training)
        self._shapes, self._output_shape = shapes, output.shape
        # What `backward` will read, or the user's own input, is not for others to write into.
        shared = self.needs_output and not self.overwrites_input
        return namespace(output).array(output, order="C") if shared else output

    def backward(self, grad_output: Any) -> Any:
        """Return the gradient of the input of the last call, and set `gradients`.

        Parameters
        ----------
        grad_output : array_like
            Gradient with respect to what the call returned, of its shape.

        Returns
        -------
        ndarray, or list of them if the layer has several inputs
        """
        if self._context is _NOTHING:
            message = f"{self.name}.backward: call the layer first"
            raise RuntimeError(message)
        self.adds, self.wants_input_gradient = False, True
        grad_output = as_input(self.name, grad_output, self.dtype)
        if grad_output.shape != self._output_shape:
            shapes = tuple(grad_output.shape), tuple(self._output_shape)
            message = (
                f"{self.name}.backward: grad_output has shape {shapes[0]}; the output had "
                f"{shapes[1]}"
            )
            raise ValueError(message)
        grads = self.differentiate(self._context, grad_output, self._shapes)
        return grads[0] if len(grads) == 1 else grads


class Input(Layer):
    """The beginning of a graph; use `nonlin.layers.Input` to get its node."""

    inputs_allowed = (0, 0)
    needs_output = True  # which is the user's

    def __init__(self, shape: Sequence[int], dtype: str | None = None, **options: Any) -> None:
        super().__init__(dtype=dtype or "float32", **options)
        self.dtype = dtype
        if not isinstance(shape, Iterable):
            message = f"Input: shape={shape!r} is not allowed; pass a sequence, such as [{shape!r}]"
            raise TypeError(message)
        allowed = "lengths that are not negative, without that of the batch"
        self.shape = tuple(integer("Input", "shape", n, allowed, 0) for n in shape)

    def node(self) -> Node:
        """Return the node of this input."""
        return Node(self, (), self.shape)

    def output_shape(self, *shapes: Shape) -> Shape:
        """Return the given shape."""
        del shapes
        return self.shape

    def get_config(self) -> dict[str, Any]:
        """As `Layer.get_config`."""
        return {**super().get_config(), "shape": list(self.shape)}


def _is_ours(cls: type[Layer]) -> bool:
    return cls.__module__.partition(".")[0] == __name__.partition(".")[0]


def as_input(name: str, value: Any, dtype: str | None) -> Any:
    """Return an array of numbers in the dtype of a layer; None leaves it as it is."""
    array = plain(name, value)
    if kind(array) not in "biuf":
        message = (
            f"{name}: the input has dtype {array.dtype}; pass numbers, as {dtype or 'float32'}"
        )
        raise TypeError(message)
    if array.ndim == 0:
        message = f"{name}: the input is a single number; pass an array whose first axis is a batch"
        raise ValueError(message)
    return cast(array, dtype or array.dtype)


def as_result(what: str, result: Any, shape: Shape) -> Any:
    """Return what a function of a layer made, an array of real numbers of this shape."""
    array = result if on_device(result) else np.asarray(result)
    check_result(what, array, shape)
    return array


def shown(shape: Shape) -> str:
    """Return the shape of a batch of samples, as text."""
    return f"({', '.join(map(str, ('batch', *shape)))})"


def several(value: Any) -> bool:
    """Tell whether these are several inputs, or targets: a list or tuple with nodes or arrays.

    A list of numbers, of NumPy's too, is one.
    """
    return isinstance(value, list | tuple) and any(
        isinstance(a, Node) or (is_array(a) and np.ndim(a) > 0) for a in value
    )


def is_array(value: Any) -> bool:
    """Tell whether this is an array of any library."""
    return hasattr(value, "__array__") or on_device(value)
