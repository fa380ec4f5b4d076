"""Writes src/metrics/golden/metrics.json: metrics of random labels, scores and values by scikit-learn.

    python -m venv venv && venv/bin/pip install scikit-learn==1.7.2
    venv/bin/python scripts/golden/metrics.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics

random = np.random.default_rng(0)


def averages(function, truth, predicted):
    return {
        average: float(function(truth, predicted, average=average, zero_division=0))
        for average in ("micro", "macro", "weighted")
    }


def labels(truth, predicted, classes):
    """Labels with the metrics of the predicted classes; `classes` may hold some that do not occur."""
    every = list(range(classes))
    per_class = metrics.precision_recall_fscore_support(
        truth, predicted, labels=every, zero_division=0
    )
    names = [f"class {i}" for i in every]
    return {
        "truth": truth,
        "predicted": predicted,
        "classes": classes,
        "accuracy": metrics.accuracy_score(truth, predicted),
        "balancedAccuracy": metrics.balanced_accuracy_score(truth, predicted),
        "confusion": metrics.confusion_matrix(truth, predicted, labels=every).tolist(),
        "precision": averages(metrics.precision_score, truth, predicted),
        "recall": averages(metrics.recall_score, truth, predicted),
        "f1": averages(metrics.f1_score, truth, predicted),
        "perClass": [[float(value) for value in row] for row in zip(*per_class)],
        "report": metrics.classification_report(
            truth, predicted, labels=every, target_names=names, digits=3, zero_division=0
        ),
    }


def random_labels(rows, classes, share, used=None):
    truth = random.integers(0, used or classes, rows)
    wrong = random.integers(0, classes, rows)
    predicted = np.where(random.random(rows) < share, truth, wrong)
    return labels(truth.tolist(), predicted.tolist(), classes)


def random_scores(rows, classes, decimals):
    truth = np.concatenate([np.arange(classes), random.integers(0, classes, rows - classes)])
    logits = random.normal(size=(rows, classes)) + 1.5 * np.eye(classes)[truth]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    if decimals is not None:
        probabilities[:, :-1] = np.round(probabilities[:, :-1], decimals)
        probabilities[:, -1] = 1 - probabilities[:, :-1].sum(axis=1)
    every = list(range(classes))
    golden = {
        "truth": truth.tolist(),
        "probabilities": probabilities.ravel().tolist(),
        "logLoss": metrics.log_loss(truth, probabilities, labels=every),
    }
    if classes == 2:
        positive = probabilities[:, 1]
        curves = {}
        for name, drop in (("curve", True), ("fullCurve", False)):
            fpr, tpr, thresholds = metrics.roc_curve(truth, positive, drop_intermediate=drop)
            curves[name] = {
                "falsePositiveRate": fpr.tolist(),
                "truePositiveRate": tpr.tolist(),
                "thresholds": thresholds[1:].tolist(),
            }
        return golden | curves | {"auc": metrics.roc_auc_score(truth, positive)}
    one_versus_rest = {
        average or "perClass": np.asarray(
            metrics.roc_auc_score(truth, probabilities, multi_class="ovr", average=average)
        ).tolist()
        for average in ("macro", "weighted", None)
    }
    top = [
        metrics.top_k_accuracy_score(truth, probabilities, k=k, labels=every)
        for k in range(1, classes)
    ]
    return golden | {"oneVersusRest": one_versus_rest, "top": top}


def values(truth, predicted):
    truth, predicted = np.asarray(truth, float), np.asarray(predicted, float)
    return {
        "truth": truth.ravel().tolist(),
        "predicted": predicted.ravel().tolist(),
        "targetSize": 1 if truth.ndim == 1 else truth.shape[1],
        "meanSquaredError": metrics.mean_squared_error(truth, predicted),
        "meanAbsoluteError": metrics.mean_absolute_error(truth, predicted),
        "r2": metrics.r2_score(truth, predicted),
    }


def random_values(*shape):
    truth = random.normal(size=shape) * 3 + 10
    return values(truth, truth + random.normal(size=shape))


certain = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.25, 0.75]]
golden = {
    "madeWith": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
    "labels": [
        random_labels(40, 2, 0.7),
        random_labels(97, 5, 0.5),
        random_labels(60, 6, 0.6, used=4),
        labels([0, 0, 1, 2], [0, 1, 1, 1], 4),
        labels([1, 1, 1, 0], [1, 1, 1, 1], 2),
    ],
    "binary": [random_scores(50, 2, None), random_scores(80, 2, 1)],
    "multiclass": [random_scores(70, 4, None), random_scores(45, 3, None)],
    "certain": {
        "truth": [0, 1, 1, 1],
        "probabilities": np.ravel(certain).tolist(),
        "logLoss": metrics.log_loss([0, 1, 1, 1], certain),
        "binaryLogLoss": metrics.log_loss([0, 1, 1, 1], [row[1] for row in certain]),
    },
    "values": [
        random_values(30),
        random_values(20, 3),
        values([2, 2, 2], [1, 2, 3]),
        values([2, 2, 2], [2, 2, 2]),
        values([1, 2, 3, 4], [4, 3, 2, 1]),
    ],
}

path = Path(__file__).parents[2] / "src/metrics/golden/metrics.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(golden) + "\n")
