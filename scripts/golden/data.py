"""Writes src/data/golden/data.json: datasets and standardizations as scikit-learn has them.

    python -m venv venv && venv/bin/pip install scikit-learn==1.7.2
    venv/bin/python scripts/golden/data.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.datasets import load_digits, load_iris, make_circles, make_moons
from sklearn.preprocessing import StandardScaler

iris, digits = load_iris(), load_digits()


def scaler(values):
    fitted = StandardScaler().fit(values)
    return {"mean": fitted.mean_.tolist(), "scale": fitted.scale_.tolist()}


def points(generated):
    values, labels = generated
    return {"points": values.tolist(), "labels": labels.tolist()}


checksum = 0
for pixel in digits.data.ravel():
    checksum = (checksum * 31 + int(pixel)) % 1000003

golden = {
    "madeWith": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
    "standardization": {"iris": scaler(iris.data), "digits": scaler(digits.data)},
    "iris": {
        "sums": iris.data.sum(axis=0).tolist(),
        "squares": (iris.data**2 * np.arange(1, 151)[:, None]).sum(axis=0).tolist(),
    },
    "digits": {"labels": digits.target.tolist(), "checksum": checksum},
    "moons": points(make_moons(21, shuffle=False, noise=None)),
    "circles": points(make_circles(21, shuffle=False, noise=None, factor=0.4)),
}

path = Path(__file__).parents[2] / "src/data/golden/data.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(golden) + "\n")
