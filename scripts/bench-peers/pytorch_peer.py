"""PyTorch: eager, eager with the fused Adam, or compiled. Batches are views of rows that lie in order."""

import sys

import torch
from protocol import Unsupported, load_arguments, load_rows, serve
from torch import nn
from torch.nn import functional as F

MODE = sys.argv[1]


class Quadratic(nn.Module):
    """x² Uᵀ + x Vᵀ + b."""

    def __init__(self, inputs, units):
        super().__init__()
        self.u = nn.Linear(inputs, units, bias=False)
        self.v = nn.Linear(inputs, units)

    def forward(self, x):
        return self.u(x.square()) + self.v(x)


def build(layers, shape):
    modules = []
    for layer in layers:
        kind = layer["kind"]
        if kind == "linear":
            modules.append(nn.Linear(shape[0], layer["units"]))
        elif kind == "quadratic":
            modules.append(Quadratic(shape[0], layer["units"]))
        elif kind == "conv2d":
            modules.append(nn.Conv2d(shape[0], layer["channels"], layer["kernel"], padding=layer["padding"]))
        elif kind == "maxPool2d":
            modules.append(nn.MaxPool2d(layer["size"]))
        elif kind == "batchNorm":
            modules.append(nn.BatchNorm2d(shape[0]))
        elif kind == "dropout":
            modules.append(nn.Dropout(layer["rate"]))
        elif kind == "flatten":
            modules.append(nn.Flatten())
        elif kind == "leakyRelu":
            modules.append(nn.LeakyReLU(layer["slope"]))
        else:
            modules.append({"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}[kind]())
        shape = modules[-1](torch.zeros(2, *shape)).shape[1:]
    return nn.Sequential(*modules)


def optimizer_of(parameters, spec):
    if spec["kind"] == "sgd":
        if MODE == "fused":
            raise Unsupported("the workload has no Adam")
        return torch.optim.SGD(parameters, lr=spec["learningRate"])
    return torch.optim.Adam(parameters, lr=spec["learningRate"], fused=True if MODE == "fused" else None)


def prepare_training(spec):
    workload = spec["workload"]
    x, y = map(torch.from_numpy, load_rows(spec))
    model = build(workload["layers"], x.shape[1:]).to(x.dtype)
    optimizer = optimizer_of(model.parameters(), workload["optimizer"])
    size = workload["batchSize"]

    def loss_of(xb, yb):
        return F.cross_entropy(model(xb), yb)

    update = optimizer.step
    if MODE == "compile":
        loss_of = torch.compile(loss_of)
        update = torch.compile(optimizer.step)

    def step(xb, yb):
        optimizer.zero_grad()
        loss_of(xb, yb).backward()
        update()

    if workload.get("wholeEpochs"):

        def run_epochs(steps):
            done = 0
            while done < steps:
                order = torch.randperm(len(x))
                for i in range(0, len(x), size):
                    rows = order[i : i + size]
                    step(x[rows], y[rows])
                    done += 1
            return done

        return run_epochs

    batches = list(zip(x.split(size), y.split(size)))
    at = 0

    def run(steps):
        nonlocal at
        for _ in range(steps):
            step(*batches[at])
            at = (at + 1) % len(batches)
        return steps

    return run


def prepare_function(spec):
    arguments = [torch.from_numpy(a) for a in load_arguments(spec)]
    f = {
        "matmul": lambda a, b: a @ b,
        "elementwise": lambda x, y: (
            (x - 0.5 * torch.tanh(x * y + 1).square() + y.abs()).clamp(max=4) * 0.25
        ),
        "softmax": lambda x: torch.softmax(x, -1),
    }[spec["workload"]["call"]]
    if MODE == "fused":
        raise Unsupported("the workload has no Adam")
    if MODE == "compile":
        f = torch.compile(f)

    def run(calls):
        with torch.no_grad():
            for _ in range(calls):
                f(*arguments)
        return calls

    return run


def prepare(spec):
    torch.manual_seed(1)
    torch.set_num_threads(spec["threads"])
    torch._dynamo.reset()
    return (prepare_training if spec["workload"]["kind"] == "training" else prepare_function)(spec)


serve(torch.__version__, prepare)
