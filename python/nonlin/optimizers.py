"""Optimizers: they change weights in place, from gradients."""

from __future__ import annotations

import copy
import inspect
import math
import numbers
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ._backend import beside, is_contiguous, namespace, on_device

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["SGD", "Adam", "AdamW", "Optimizer"]

# Numbers that are updated together: few enough for the cache, many enough for a call of NumPy.
_BLOCK = 1 << 17


class Optimizer:
    """Base of the optimizers.

    Parameters
    ----------
    learning_rate : float, or callable of the step (0, 1, ...)
        How far a step goes.

    Attributes
    ----------
    step : int
        How many steps were made.
    state : dict of str to dict of str to ndarray
        What is remembered for each weight: momentum, moments.
    """

    slots: ClassVar[tuple[str, ...]] = ()
    learning_rate: float | Callable[[int], float]

    def __init__(self, learning_rate: float | Callable[[int], float]) -> None:
        self._set(learning_rate=learning_rate)
        self.step = 0
        self.state: dict[str, dict[str, Any]] = {}

    def _set(self, **values: Any) -> None:
        """Set attributes to numbers that are not negative, or to functions of the step."""
        for name, value in values.items():
            schedule = callable(value) and name == "learning_rate"
            setattr(self, name, value if schedule else self._number(name, value))

    def _number(self, name: str, value: Any) -> float:
        if not isinstance(value, numbers.Real) or not 0 <= float(value) < math.inf:
            message = (
                f"{type(self).__name__}: {name}={value!r} is not allowed; pass a finite number "
                "that is not negative"
            )
            raise ValueError(message)
        return float(value)

    def __repr__(self) -> str:
        names = inspect.signature(type(self)).parameters
        words = [f"{name}={getattr(self, name)!r}" for name in names if hasattr(self, name)]
        return f"{type(self).__name__}({', '.join(words)})"

    def anew(self) -> Optimizer:
        """Return a copy that has made no step."""
        made = copy.copy(self)
        made.step, made.state = 0, {}
        return made

    def apply(self, weights: Mapping[str, Any], gradients: Mapping[str, Any]) -> None:
        """Make one step: change every weight that has a gradient of the same name.

        Parameters
        ----------
        weights, gradients : mapping of str to ndarray
            C-contiguous arrays; weights are changed in place.
        """
        rate = self.learning_rate
        self._rate = self._number(
            "learning_rate", np.asarray(rate(self.step)).item() if callable(rate) else rate
        )
        self.step += 1
        for name, gradient in gradients.items():
            weight = weights[name]
            if not (is_contiguous(weight) and is_contiguous(gradient)):
                message = f"{type(self).__name__}: {name} or its gradient is not C-contiguous"
                raise ValueError(message)
            if name not in self.state:
                self.state[name] = {
                    slot: namespace(weight).zeros_like(weight) for slot in self.slots
                }
            state = self.state[name]
            state.update({slot: beside(state[slot], weight) for slot in self.slots})
            arrays = weight, gradient, *(state[slot] for slot in self.slots)
            if on_device(weight):
                self._update(*arrays)
                continue
            for block in _blocks(weight.size):
                self._update(*(a.reshape(-1)[block] for a in arrays))

    def _update(self, weight: Any, gradient: Any, *slots: Any) -> None:
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make such an optimizer again."""
        if _classes.get(type(self).__name__) is not type(self):
            message = f"{type(self).__name__}: only the optimizers of nonlin can be saved"
            raise ValueError(message)
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}


class SGD(Optimizer):
    """Gradient descent, with momentum if asked for.

    Parameters
    ----------
    learning_rate : float or callable, default 0.01
    momentum : float, default 0
        In [0, 1).
    nesterov : bool, default False
        Look ahead along the momentum.
    weight_decay : float, default 0
        Share of a weight that is subtracted, times the learning rate, at each step.

    Notes
    -----
    v = momentum v - rate g, w += v; with nesterov w += momentum v - rate g. I. Sutskever et al.,
    ICML 2013.
    """

    momentum: float
    weight_decay: float

    def __init__(
        self,
        learning_rate: float | Callable[[int], float] = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(learning_rate)
        self._set(momentum=momentum, weight_decay=weight_decay)
        if momentum >= 1:
            message = f"SGD: momentum={momentum} is not allowed; pass a number in [0, 1)"
            raise ValueError(message)
        self.nesterov = bool(nesterov)
        self.slots = ("velocity",) if momentum else ()  # type: ignore[misc]

    def _update(self, weight: Any, gradient: Any, *slots: Any) -> None:
        if self.weight_decay:
            weight *= 1 - self._rate * self.weight_decay
        step = gradient * -self._rate
        if slots:
            (velocity,) = slots
            velocity *= self.momentum
            velocity += step
            if self.nesterov:
                step += self.momentum * velocity
            else:
                step = velocity
        weight += step


class Adam(Optimizer):
    """Adam: steps scaled by running means of the gradient and of its square.

    Parameters
    ----------
    learning_rate : float or callable, default 0.001
    beta_1, beta_2 : float, default 0.9 and 0.999
        How much of the means is kept.
    epsilon : float, default 1e-7
        Added to the root of the second mean, after the correction of its start at 0.
    weight_decay : float, default 0
        As in `AdamW`.

    Notes
    -----
    D. Kingma, J. Ba, ICLR 2015, algorithm 1.
    """

    slots = ("first", "second")
    beta_1: float
    beta_2: float
    epsilon: float
    weight_decay: float

    def __init__(
        self,
        learning_rate: float | Callable[[int], float] = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(learning_rate)
        self._set(beta_1=beta_1, beta_2=beta_2, epsilon=epsilon, weight_decay=weight_decay)
        if beta_1 >= 1 or beta_2 >= 1:
            message = f"{type(self).__name__}: beta_1={beta_1}, beta_2={beta_2}; pass less than 1"
            raise ValueError(message)

    def _update(self, weight: Any, gradient: Any, *slots: Any) -> None:
        # The means are kept without the factors 1 - beta, which saves two passes; the correction of
        # their start at 0 divides them by 1 - beta^t.
        first, second = slots
        first *= self.beta_1
        first += gradient
        second *= self.beta_2
        scratch = gradient * gradient
        second += scratch
        xp = namespace(weight)
        xp.sqrt(second, out=scratch)
        root = ((1 - self.beta_2**self.step) / (1 - self.beta_2)) ** 0.5
        scratch += self.epsilon * root
        xp.divide(first, scratch, out=scratch)
        scratch *= -self._rate * root * (1 - self.beta_1) / (1 - self.beta_1**self.step)
        if self.weight_decay:
            weight *= 1 - self._rate * self.weight_decay
        weight += scratch


class AdamW(Adam):
    """Adam that also subtracts learning_rate * weight_decay times the weight.

    Parameters
    ----------
    learning_rate, beta_1, beta_2, epsilon
        As for `Adam`.
    weight_decay : float, default 0.004

    Notes
    -----
    I. Loshchilov, F. Hutter, ICLR 2019.
    """

    def __init__(
        self,
        learning_rate: float | Callable[[int], float] = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        weight_decay: float = 0.004,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, weight_decay)


_classes = {c.__name__: c for c in (SGD, Adam, AdamW)}


def get(optimizer: Any) -> Optimizer:
    """Find an optimizer: an object, a name ("sgd", "adam", "adamw"), or a configuration.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    if isinstance(optimizer, Optimizer):
        return optimizer
    if isinstance(optimizer, dict):
        made: Optimizer = _classes[optimizer["class"]](**optimizer["config"])
        return made
    for name, known in _classes.items():
        if isinstance(optimizer, str) and optimizer.lower() == name.lower():
            return known()
    message = (
        f"optimizer={optimizer!r} is not known; pass one of {', '.join(_classes)} by name, or an "
        "object, such as Adam()"
    )
    raise ValueError(message)


def _blocks(size: int) -> Iterator[slice]:
    for start in range(0, size, _BLOCK):
        yield slice(start, start + _BLOCK)
