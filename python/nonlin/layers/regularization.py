"""Layers that behave differently while training: Dropout and BatchNormalization."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .._backend import beside, call, cast, is_finite, namespace
from .._errors import integer
from .._parameters import Range, checked
from .base import Layer

if TYPE_CHECKING:
    from .base import Shape


class Dropout(Layer):
    """Sets a share of the numbers to 0 while training, and scales the others up.

    Parameters
    ----------
    rate : float
        Which share, in [0, 1).
    **options
        As for every `Layer`.

    Notes
    -----
    N. Srivastava et al., JMLR 15, 2014.
    """

    needs_output = True  # without training, it is the input
    passes_on = True

    def __init__(self, rate: float, **options: Any) -> None:
        super().__init__(**options)
        self.rate = checked(self.name, Range("rate", 0, 1, high_included=False), rate)

    def forward(self, *inputs: Any, training: bool) -> tuple[Any, Any]:
        """As `Layer.forward`."""
        (x,) = inputs
        if not training or self.rate == 0:
            return x, None
        kept = beside(self.random.random(x.shape, np.float32) >= self.rate, x)
        return self._scaled(x, kept), kept

    def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
        """As `Layer.gradient`."""
        return (grad_output if context is None else self._scaled(grad_output, context),)

    def _scaled(self, x: Any, kept: Any) -> Any:
        xp = namespace(x)
        return xp.multiply(x, 1 / (1 - self.rate), out=xp.zeros_like(x), where=kept)

    def get_config(self) -> dict[str, Any]:
        """As `Layer.get_config`."""
        return {**super().get_config(), "rate": self.rate}


class BatchNormalization(Layer):
    """Shifts and scales each feature to mean 0 and variance 1, then by learned numbers.

    Parameters
    ----------
    axis : int, default -1
        The axis of the features, counted with the batch as axis 0.
    momentum : float, default 0.99
        How much of the running mean and variance, which serve outside training, is kept.
    epsilon : float, default 1e-3
        Added to the variance.
    center, scale : bool, default True
        Whether beta is added, and gamma multiplied with.
    **options
        As for every `Layer`.

    Notes
    -----
    Weights: gamma, beta, and, not trained, moving_mean and moving_variance, each (features,).
    Means are taken in float64. A layer that is not trainable keeps the running statistics, and uses
    them in training too. S. Ioffe, C. Szegedy, ICML 2015.
    """

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.axis = integer("BatchNormalization", "axis", axis)
        if not (0 <= momentum <= 1 and epsilon > 0):
            message = (
                f"{self.name}: momentum={momentum}, epsilon={epsilon}; pass momentum in [0, 1] and "
                "epsilon above 0"
            )
            raise ValueError(message)
        self.momentum, self.epsilon = momentum, epsilon
        self.center, self.scale = center, scale

    def build(self, *shapes: Shape) -> None:
        """Add gamma, beta and the running statistics."""
        features = (shapes[0][self.sample_axis(self.axis, shapes[0])],)
        if self.scale:
            self.add_weight("gamma", features, 1.0)
        if self.center:
            self.add_weight("beta", features, 0.0)
        self.add_weight("moving_mean", features, 0.0, trainable=False)
        self.add_weight("moving_variance", features, 1.0, trainable=False)

    def output_shape(self, *shapes: Shape) -> Shape:
        """Return that of the input."""
        (shape,) = shapes
        features = shape[self.sample_axis(self.axis, shape)]
        if self.weights and features != len(self.weights["moving_mean"]):
            wanted = f"with {len(self.weights['moving_mean'])} features along axis {self.axis}"
            self.refuse_shapes(wanted, shape)
        return shape

    def forward(self, *inputs: Any, training: bool) -> tuple[Any, Any]:
        """As `Layer.forward`."""
        (x,) = inputs
        xp = namespace(x)
        training = training and self.trainable
        around = tuple(a for a in range(x.ndim) if a != self.axis % x.ndim)
        shape = tuple(1 if a in around else n for a, n in enumerate(x.shape))

        def along(vector: Any) -> Any:
            return cast(call("reshape", vector, shape), x.dtype)

        if training:
            mean = xp.mean(x, around, xp.float64)
            normal = x - along(mean)
            squares = xp.square(normal)
            variance = xp.mean(squares, around, xp.float64)
            self._follow(xp, mean, variance, math.prod(x.shape) // max(len(mean), 1))
        else:
            mean = cast(self.weights["moving_mean"], xp.float64)
            variance = cast(self.weights["moving_variance"], xp.float64)
            normal = x - along(mean)
            squares = xp.empty_like(x)
        inverse = 1 / xp.sqrt(variance + self.epsilon)
        normal *= along(inverse)
        output = squares  # its memory
        if self.scale:
            xp.multiply(normal, along(self.weights["gamma"]), out=output)
        else:
            xp.copyto(output, normal)
        if self.center:
            output += along(self.weights["beta"])
        return output, (normal, inverse, around, shape, training)

    def _follow(self, xp: Any, mean: Any, variance: Any, count: int) -> None:
        for name, now in (("moving_mean", mean), ("moving_variance", variance)):
            if count and is_finite(now):  # a loss that is no number stops the training
                old = self.weights[name]
                xp.copyto(old, old * self.momentum + now * (1 - self.momentum))

    def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
        """As `Layer.gradient`."""
        normal, inverse, around, shape, training = context
        xp = namespace(grad_output)

        def along(vector: Any) -> Any:
            return cast(call("reshape", vector, shape), grad_output.dtype)

        products = grad_output * normal
        sum_products = xp.sum(products, around, xp.float64)
        sums = xp.sum(grad_output, around, xp.float64)
        if self.scale:
            self.keep("gamma", lambda out: xp.copyto(out, sum_products))
            inverse = inverse * self.weights["gamma"]
        if self.center:
            self.keep("beta", lambda out: xp.copyto(out, sums))
        factor = along(inverse)
        if not training:
            return (xp.multiply(grad_output, factor, out=products),)
        count = math.prod(grad_output.shape) / max(len(sums), 1)
        # (g - mean g - normal mean(g normal)) times what the forward pass divided by
        xp.multiply(normal, along(sum_products / count), out=products)
        xp.subtract(grad_output, products, out=products)
        products -= along(sums / count)
        products *= factor
        return (products,)

    def get_config(self) -> dict[str, Any]:
        """As `Layer.get_config`."""
        return {
            **super().get_config(),
            "axis": self.axis,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
        }
