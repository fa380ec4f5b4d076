"""Writes src/nn/golden/safetensors.json: a file of the safetensors package, and what it reads in ours.

    python -m venv venv && venv/bin/pip install safetensors==0.8.0 numpy
    venv/bin/python scripts/golden/safetensors.py      # needs node >= 22.18 for the sample
"""

import base64
import json
import subprocess
from pathlib import Path

import numpy as np
import safetensors.numpy

root = Path(__file__).parents[2]

tensors = {
    "0.weight": np.array([[1, -2, 3.5], [0, 0.1, 9]], np.float32),
    "0.bias": np.array([np.pi, -1e-300], np.float64),
    "mask": np.array([True, False, True]),
    "Zähler": np.array(-7, np.int32),
    "empty": np.zeros((0, 4), np.float32),
}
theirs = safetensors.numpy.save(tensors, metadata={"format": "np"})

sample = root / "scripts/golden/safetensors-sample.ts"
ours = subprocess.run(["node", sample], capture_output=True, text=True, check=True).stdout.strip()
read = safetensors.numpy.load(base64.b64decode(ours))

golden = {
    "madeWith": f"safetensors {safetensors.__version__}",
    "theirs": base64.b64encode(theirs).decode(),
    "ours": ours,
    "oursRead": {
        name: {"dtype": str(value.dtype), "shape": value.shape, "values": value.ravel().tolist()}
        for name, value in read.items()
    },
}
(root / "src/nn/golden/safetensors.json").write_text(json.dumps(golden) + "\n")
