"""The dense layer, f(x W + b)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._backend import call, namespace
from .._errors import flag, integer
from . import initializers
from .activation import Activated
from .base import Layer

if TYPE_CHECKING:
    from .base import Shape


# Fewer numbers are not worth a matrix product of their own.
_LEAST = 1 << 13


class Dense(Layer):
    """Neurons: activation(x @ kernel + bias) over the last axis.

    Parameters
    ----------
    units : int
        How many outputs.
    activation : str or callable, optional
        A name (see `nonlin.activations`), one of the softmax family, or what `nonlin.register`
        returned.
    use_bias : bool, default True
    kernel_initializer, bias_initializer : str, number or callable
        "zeros", "ones", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal",
        "lecun_uniform", "lecun_normal", "orthogonal", a number, or f(shape, generator).
    name, dtype, seed, trainable
        As for every `Layer`.

    Notes
    -----
    Weights: kernel (inputs, units), bias (units,). Bias and activation are one pass.
    """

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.units = integer("Dense", "units", units, "a positive int", 1)
        self.activation = Activated(activation)
        self.needs_output |= self.activation.of_rows
        self.use_bias = flag("Dense", "use_bias", use_bias)
        self.kernel_initializer = initializers.known(kernel_initializer)
        self.bias_initializer = initializers.known(bias_initializer)

    def build(self, *shapes: Shape) -> None:
        """Add kernel and bias."""
        self.add_weight("kernel", (shapes[0][-1], self.units), self.kernel_initializer)
        if self.use_bias:
            self.add_weight("bias", (self.units,), self.bias_initializer)

    def output_shape(self, *shapes: Shape) -> Shape:
        """Replace the last length."""
        (shape,) = shapes
        if not shape:
            self.refuse_shapes("(batch, ..., features)", shape)
        if "kernel" in self.weights and shape[-1] != len(self.weights["kernel"]):
            self.refuse_shapes(f"(batch, ..., {len(self.weights['kernel'])})", shape)
        return (*shape[:-1], self.units)

    def forward(self, *inputs: Any, training: bool) -> tuple[Any, Any]:
        """As `Layer.forward`."""
        del training
        (x,) = inputs
        sums = namespace(x).matmul(x, self.weights["kernel"])
        output, needed = self.activation.biased(sums, self.weights.get("bias"))
        return output, (x, needed)

    def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
        """As `Layer.gradient`."""
        x, needed = context
        bias = self.weights.get("bias")
        grad, grad_bias = self.activation.biased_backward(grad_output, needed, bias)
        xp = namespace(x)
        flat_x, flat = (call("reshape", a, (-1, a.shape[-1])) for a in (x, grad))
        self._keep_product(flat_x, flat)
        if bias is not None:
            self.keep("bias", lambda out: xp.copyto(out, grad_bias))
        if not self.wants_input_gradient:
            return (None,)
        return (xp.matmul(grad, self.weights["kernel"].T),)

    def _keep_product(self, x: Any, grad: Any) -> None:
        kernel = self.gradients["kernel"]
        if not self.adds:
            namespace(x).matmul(x.T, grad, out=kernel)
            return
        # By rows, so that what is added needs no more memory than the output.
        rows = max(len(grad), _LEAST // self.units, 1)
        for k in range(0, len(kernel), rows):
            kernel[k : k + rows] += x[:, k : k + rows].T @ grad

    @property
    def activation_name(self) -> str:
        """As `Layer.activation_name`."""
        return "" if self.activation.linear else self.activation.name

    def slope(self, context: Any) -> tuple[float, Any] | None:
        """As `Layer.slope`."""
        if self.activation.linear or self.activation.of_rows:
            return None
        added = self.weights.get("bias") if self.activation.built_in else None
        return self.activation.slope(context[1], added)

    def get_config(self) -> dict[str, Any]:
        """As `Layer.get_config`."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": self.activation.config(self.name),
            "use_bias": self.use_bias,
            "kernel_initializer": self.kernel_initializer,
            "bias_initializer": self.bias_initializer,
        }
