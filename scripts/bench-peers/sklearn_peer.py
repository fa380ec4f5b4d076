"""scikit-learn: MLPClassifier.fit over whole epochs, its own loop."""

import warnings

import sklearn
from protocol import Unsupported, load_rows, serve
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)

ACTIVATIONS = {"relu": "relu", "sigmoid": "logistic", "tanh": "tanh"}

# Enough steps that what fit does once does not count.
STEPS = 200


def prepare(spec):
    workload = spec["workload"]
    if workload["kind"] != "training":
        raise Unsupported("it trains models only")
    hidden, activation = [], None
    for layer in workload["layers"][:-1]:
        if layer["kind"] == "linear":
            hidden.append(layer["units"])
        elif layer["kind"] in ACTIVATIONS:
            activation = ACTIVATIONS[layer["kind"]]
        else:
            raise Unsupported(f"MLPClassifier has no {layer['kind']}")
    x, y = load_rows(spec)
    size = workload["batchSize"]
    rows = len(x) if workload.get("wholeEpochs") else min(len(x), size * STEPS)
    x, y = x[:rows], y[:rows]
    steps_an_epoch = -(-rows // size)
    optimizer = workload["optimizer"]

    def run(steps):
        epochs = max(-(-steps // steps_an_epoch), -(-STEPS // steps_an_epoch))
        MLPClassifier(
            hidden_layer_sizes=hidden,
            activation=activation,
            solver=optimizer["kind"],
            momentum=0,
            alpha=0,
            batch_size=size,
            learning_rate_init=optimizer["learningRate"],
            max_iter=epochs,
            tol=0,
            n_iter_no_change=epochs + 1,
            random_state=1,
        ).fit(x, y)
        return epochs * steps_an_epoch

    return run


serve(sklearn.__version__, prepare)
