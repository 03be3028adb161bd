"""Models: graphs of layers that can be trained, saved and looked at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from .. import _backend
from .. import metrics as _metrics
from .. import optimizers as _optimizers
from .._errors import integer
from .._errors import seed as checked_seed
from ..layers.base import shown
from ..layers.weights import Weights
from . import _compile, _data, config, saving
from .graph import Graph, copied
from .training import History, Run, evaluate, fit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from os import PathLike

    from ..layers import Layer, Node

    Callback = Callable[["Model", int, dict[str, float]], Any]


class Model:
    """A graph of layers from some inputs to some outputs.

    Parameters
    ----------
    inputs, outputs : Node, or sequence of Node
        Begin with `nonlin.layers.Input`, call layers on nodes, and pass the first and last ones.
        Nodes inside a graph can be inputs too, of a model of the layers behind them.
    name : str, optional
    seed : int, optional
        Where the initial weights and the noise of layers without a seed of their own come from, and
        the order of the samples in `fit`. None: different each time.

    Attributes
    ----------
    layers : list of Layer
        In the order in which they are computed.

    Raises
    ------
    ValueError
        If two layers have one name, an input is missing, or a layer would write over what another
        one needs.

    Examples
    --------
    >>> import numpy as np
    >>> from nonlin.layers import Concatenate, Dense, Input
    >>> a, b = Input([3], name="a"), Input([2], name="b")
    >>> y = Dense(1)(Concatenate()([a, Dense(4, "gelu")(b)]))
    >>> model = Model([a, b], y, seed=1)
    >>> model.predict({"a": np.zeros((5, 3)), "b": np.zeros((5, 2))}).shape
    (5, 1)
    """

    def __init__(
        self,
        inputs: Node | Sequence[Node],
        outputs: Node | Sequence[Node],
        name: str | None = None,
        seed: int | None = None,
    ) -> None:
        self.name = name or "model"
        self.seed = checked_seed(self.name, seed)
        self.several_outputs = isinstance(outputs, Iterable)
        self.graph = Graph(_listed(inputs), _listed(outputs), seed)
        self._reset()

    def _reset(self) -> None:
        self.optimizer: Any = None
        self.losses: list[Any] = []
        self.loss_weights: list[float] = []
        self.metrics: list[list[_metrics.Metric]] = []
        self.history = History()
        self._contexts: dict[Node, Any] = {}
        self._output_shapes: list[tuple[int, ...]] = []
        self._wanted_metrics: list[list[Any]] = []

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    @property
    def layers(self) -> list[Layer]:
        """All layers but those that stand for inputs."""
        first = {node.layer for node in self.graph.inputs}
        return [layer for layer in self.graph.layers if layer not in first]

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs."""
        return [self.graph.names[node.layer] for node in self.graph.inputs]

    @property
    def output_names(self) -> list[str]:
        """The names of the layers whose outputs are the model's."""
        return [self.graph.names[node.layer] for node in self.graph.outputs]

    @property
    def weights(self) -> Weights:
        """All weights, by "layer/weight"; what is assigned to one is written into it."""
        return self._all("weights", self.layers)

    @weights.setter
    def weights(self, values: Mapping[str, Any]) -> None:
        self.weights.update(values)

    @property
    def gradients(self) -> Weights:
        """The gradients of the weights that are trained, from the last backward pass."""
        return self._all("gradients", [layer for layer in self.layers if layer.trainable])

    def _all(self, what: str, layers: Sequence[Layer]) -> Weights:
        names = self.names
        return Weights(
            {
                f"{names[layer]}/{name}": array
                for layer in layers
                for name, array in getattr(layer, what).items()
            }
        )

    @property
    def names(self) -> dict[Layer, str]:
        """The names of the layers here; in another model they can have others."""
        return self.graph.names

    @property
    def sample_ndim(self) -> int:
        """The number of axes of a sample of the first input."""
        return len(self.graph.inputs[0].shape)

    def count_params(self) -> int:
        """Return the number of numbers in the weights."""
        self.require_graph("count_params")
        return sum(layer.count_params() for layer in dict.fromkeys(self.layers))

    def to(self, place: Any) -> Self:
        """Bring the weights to where an array lives, or with "cpu" to the host.

        By themselves they go to the first inputs on a GPU. The optimizer's state follows.
        """
        for layer in self.layers:
            layer.to(place)
        return self

    def get_layer(self, name: str) -> Layer:
        """Return the layer of a name."""
        names = self.names
        for layer in self.layers:
            if names[layer] == name:
                return layer
        known = [names[layer] for layer in self.layers]
        message = f"{self.name}: there is no layer {name!r}; there are {known}"
        raise ValueError(message)

    # Computing

    def __call__(self, inputs: Any, training: bool = False) -> Any:
        """Compute the outputs.

        Parameters
        ----------
        inputs : array_like, or list or dict of them
            One batch.
        training : bool, default False
            See `nonlin.layers.Layer`.

        Returns
        -------
        ndarray, or list of them
        """
        outputs = self._forward("call", inputs, training=training, keep=True)
        pairs = zip(self.graph.outputs, outputs, strict=True)
        return self._delivered([copied(a) if self.graph.is_read(node) else a for node, a in pairs])

    def backward(self, grad_outputs: Any) -> Any:
        """Set the gradients of all layers for the last call; return those of the inputs.

        Parameters
        ----------
        grad_outputs : array_like, or list or dict of them
            Gradients with respect to the outputs.
        """
        if not self._contexts:
            message = f"{self.name}.backward: call the model first"
            raise RuntimeError(message)
        grads = _data.listed("backward", "gradients", grad_outputs, self.output_names)
        for name, grad, shape in zip(self.output_names, grads, self._output_shapes, strict=True):
            if grad.shape != shape:
                shapes = f"{tuple(grad.shape)}, not {tuple(shape)}"
                message = f"backward: the gradient of {name} has shape {shapes}"
                raise ValueError(message)
        contexts, self._contexts = self._contexts, {}
        dtypes = [node.layer.dtype for node in self.graph.outputs]
        typed = [_backend.cast(g, d) for g, d in zip(grads, dtypes, strict=True)]
        results = self.graph.backward(contexts, typed)
        return results[0] if len(results) == 1 else results

    def _forward(self, function: str, inputs: Any, *, training: bool, keep: bool) -> list[Any]:
        given = _data.inputs(function, self, inputs)
        self.build_for(given)
        arrays = self.graph.arrays(function, given)
        outputs, contexts = self.graph.forward(arrays, training=training, keep=keep)
        if keep:
            self._contexts = contexts
            self._output_shapes = [output.shape for output in outputs]
        return outputs

    def _delivered(self, outputs: list[Any]) -> Any:
        return outputs if self.several_outputs else outputs[0]

    def build_for(self, arrays: Sequence[Any]) -> None:
        """Make what depends on the shapes of the inputs; a graph has it already."""

    def predict(self, x: Any, batch_size: int = 1024) -> Any:
        """Compute the outputs for many samples, batch by batch.

        Parameters
        ----------
        x : array_like, list or dict of arrays, or iterable of batches
        batch_size : int, default 1024
            Of arrays.

        Returns
        -------
        ndarray, or list of them
        """
        parts = []
        batches = _data.source("predict", self, x, None, targets=False, batch_size=batch_size)
        for given, _ in batches.batches():
            parts.append(self._forward("predict", given, training=False, keep=False))
        joined = [_backend.namespace(*p).concat(p) for p in zip(*parts, strict=True)]
        return self._delivered(joined)

    # Training

    def compile(
        self,
        optimizer: Any = "adam",
        loss: Any = None,
        metrics: Any = (),
        loss_weights: Any = None,
    ) -> None:
        """Say how the model is trained.

        Parameters
        ----------
        optimizer : str or Optimizer, default "adam"
            Of an object, the model takes a copy that has made no step.
        loss : str, Loss, function, or list or dict of them
            For each output; one serves all. A name, such as "sparse_categorical_cross_entropy"; a
            `nonlin.models.Loss`, which can have options; or an object with a method
            ``value_and_gradient(predictions, targets)``.
        metrics : str, Metric or callable; or list of them; or dict of such
            For each output: "accuracy", "binary_accuracy", "mae", "mse", "r2", or a function
            (predictions, targets) that returns a number for each sample, or one for the batch.
            Several of one name get numbers. "accuracy" counts along the loss's axis, without the
            targets that it ignores; behind a sigmoid, "binary_accuracy" asks what is above 0.5.
        loss_weights : sequence of float, or dict
            Factors of the losses in their sum; 1 if not given.

        Raises
        ------
        ValueError
            If a name is unknown, or there is not one loss for each output.
        """
        names, heads = self.output_names, self.heads
        chosen = _optimizers.get(optimizer)
        losses = _compile.losses(loss, names, heads)
        factors = _compile.factors(loss_weights, names)
        wanted = _compile.wanted_metrics(metrics, names)
        self.metrics = _compile.metrics(wanted, losses, heads, names)
        self.optimizer, self.losses, self.loss_weights = chosen.anew(), losses, factors
        self._wanted_metrics = wanted

    @property
    def heads(self) -> list[Layer]:
        """For each output the last layer that does more than pass numbers on."""
        return [self.graph.head(node).layer for node in self.graph.outputs]

    def compile_config(self) -> dict[str, Any]:
        """Return the arguments of `compile` but optimizer and loss."""
        metrics = dict(zip(self.output_names, self._wanted_metrics, strict=True))
        return {"metrics": metrics, "loss_weights": self.loss_weights}

    def fit(
        self,
        x: Any,
        y: Any = None,
        *,
        batch_size: int = 32,
        epochs: int = 1,
        verbose: bool = True,
        validation_split: float | None = None,
        validation_data: Any = None,
        shuffle: bool = True,
        initial_epoch: int = 0,
        seed: int | None = None,
        deterministic: bool | None = None,
        callbacks: Callback | Sequence[Callback] = (),
    ) -> History:
        """Train.

        Parameters
        ----------
        x : array_like, list or dict of arrays, or iterable of batches
            An iterable gives pairs (inputs, targets), and is gone through once in each epoch; it
            must end.
        y : array_like, list or dict of arrays
            Targets. For an output of shape (batch, 1), one number for each sample will do.
        batch_size : int, default 32
            Of arrays; the last batch may be smaller.
        epochs : int, default 1
            The epoch after the last one, counted from 0.
        verbose : bool, default True
            Show progress on standard error: a bar if tqdm is installed, else a line for each epoch.
        validation_split : float, optional
            Share of the samples, from the end, that are not trained on but evaluated.
        validation_data : tuple (x, y) or iterable of batches, optional
        shuffle : bool, default True
            Draw a new order of the samples for each epoch.
        initial_epoch : int, default 0
            The first epoch; that of the last one plus 1 to go on with a saved model.
        seed : int, optional
            Of the orders; that of the model if not given. The order of an epoch depends on nothing
            else, so that training goes on after a pause as it would have without.
        deterministic : bool, optional
            Let matrix products use one thread, which makes the result the same with any number of
            threads; only their order of summation depends on it. Needs threadpoolctl. Default: if
            there is a seed, and threadpoolctl.
        callbacks : callable, or sequence of them
            Called as f(model, epoch, logs) after each epoch; training ends if one returns True.

        Returns
        -------
        History
            Numbers for each epoch by name: "loss", metrics, and the same with "val_". They are
            means as over all samples at once, whatever the batches; NaN where nothing counts.

        Raises
        ------
        FloatingPointError
            If the loss, its gradient or, after an epoch, a weight is NaN or infinite.
        RuntimeError
            If the model was not compiled.
        ValueError, TypeError
            If arrays do not fit.
        """
        if self.optimizer is None:
            message = "fit: compile the model first"
            raise RuntimeError(message)
        if validation_split is not None and validation_data is not None:
            message = "fit: validation_split and validation_data are both given; pass one of them"
            raise ValueError(message)
        initial_epoch = integer("fit", "initial_epoch", initial_epoch, "0 or a positive int", 0)
        called = [callbacks] if callable(callbacks) else _listed(callbacks)
        if not all(callable(one) for one in called):
            message = f"fit: callbacks={callbacks!r} are not all functions of (model, epoch, logs)"
            raise TypeError(message)
        above = f"an int above initial_epoch, {initial_epoch}"
        run = Run(
            batch_size=batch_size,
            epochs=integer("fit", "epochs", epochs, above, initial_epoch + 1),
            verbose=verbose,
            validation_split=validation_split,
            validation_data=validation_data,
            shuffle=shuffle,
            initial_epoch=initial_epoch,
            seed=self.seed if seed is None else checked_seed("fit", seed),
            deterministic=deterministic,
            callbacks=called,
        )
        return fit(self, x, y, run)

    def evaluate(self, x: Any, y: Any = None, *, batch_size: int = 1024) -> dict[str, float]:
        """Compute loss and metrics, as in `fit`, without training.

        Returns
        -------
        dict of str to float
        """
        if self.optimizer is None:
            message = "evaluate: compile the model first"
            raise RuntimeError(message)
        return evaluate(self, "evaluate", x, y, batch_size)

    # Configuration

    def get_config(self) -> dict[str, Any]:
        """Return what makes such a model again, without weights; JSON can hold it.

        Raises
        ------
        ValueError
            If it cannot, for a layer has a function without a name. Others are in it by name.
        """
        self.require_graph("get_config")
        return config.of(self)

    @staticmethod
    def from_config(
        words: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Model:
        """Make a model from what `get_config` returned; its weights are new.

        `custom_objects` are as for `load`.
        """
        return config.make(words, custom_objects)

    def save(self, path: str | PathLike[str]) -> None:
        """Write configuration, weights, optimizer state and sources of noise to one file.

        Parameters
        ----------
        path : path-like
            A file in the safetensors format, whose metadata hold the configuration as JSON.
            Losses, metrics, initializers and learning rates of your own are in it by name only:
            that of the function, the class, or the `Metric`.

        Raises
        ------
        ValueError
            If the model has what can be found again by no name: a lambda, an optimizer of your
            own. Nothing is written then.
        OSError
            If the file cannot be written. One that was there stays as it was.
        """
        saving.save(self, path)

    @staticmethod
    def load(path: str | PathLike[str], custom_objects: Mapping[str, Any] | None = None) -> Model:
        """Return the model that `save` wrote, compiled if it was, bit for bit.

        Parameters
        ----------
        path : path-like
        custom_objects : mapping of str to object, optional
            Losses, metrics, initializers and learning rates of your own, by the name of the
            function or class. A class is called, without arguments. Layers of your own must be
            defined, and activations registered.

        Raises
        ------
        ValueError
            If the file is not of a model, is damaged, or names what is not defined, not registered
            or not among the custom objects.
        FileNotFoundError
            If it is not there.
        """
        return saving.load(path, custom_objects)

    def summary(self) -> str:
        """Return a table of the layers, their output shapes and numbers of weights.

        Text, which is not printed: ``print(model.summary())``.
        """
        self.require_graph("summary")
        rows = [("layer", "class", "output shape", "weights", "from")]
        for node in self.graph.nodes:
            name, *sources = (self.graph.names[a.layer] for a in (node, *node.inputs))
            count = f"{node.layer.count_params():,}"
            kind, shape = type(node.layer).__name__, shown(node.shape)
            rows.append((name, kind, shape, count, ", ".join(sources)))
        widths = [max(len(row[k]) for row in rows) for k in range(5)]
        lines = [
            "  ".join(
                cell.rjust(w) if k == 3 else cell.ljust(w)  # noqa: PLR2004
                for k, (cell, w) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        return "\n".join([*lines, f"{self.count_params():,} weights"])

    def require_graph(self, function: str) -> None:
        """Refuse to go on before the shape of the inputs is known."""
        if self.graph is None:
            why = "the shape of the input is not known; call build(shape)"
            message = f"{self.name}.{function}: {why if self.layers else 'there are no layers'}"
            raise RuntimeError(message)


def _listed(given: Any) -> list[Any]:
    return list(given) if isinstance(given, Iterable) else [given]
