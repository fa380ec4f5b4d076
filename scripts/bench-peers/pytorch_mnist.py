"""PyTorch trains an experiment on MNIST or Fashion-MNIST: the peer of bench/mnist.ts.

Reads one JSON object on standard input: the experiment's configuration with `dataDir`, `threads`, and
`loop`: "tensors" takes each batch from tensors in memory, "loader" from a DataLoader, as a course does.
Writes one JSON object: test accuracy, seconds of training, seconds since the process began.
"""

import time

BEGIN = time.time()

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, TensorDataset

FOLDERS = {"mnist": "mnist", "fashionMnist": "fashion-mnist"}
SHADES = {"mnist": (0.1307, 0.3081), "fashionMnist": (0.286, 0.353)}


def read(folder, name, header):
    with gzip.open(folder / f"{name}.gz") as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


def load(config):
    data = config["data"]
    folder = Path(config["dataDir"]) / FOLDERS[data["dataset"]]
    mean, deviation = SHADES[data["dataset"]] if data.get("normalize") else (0, 1)
    parts = []
    for part in ("train", "t10k"):
        pixels = read(folder, f"{part}-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28)
        labels = read(folder, f"{part}-labels-idx1-ubyte", 8)
        images = (torch.from_numpy(pixels.astype(np.float32) / 255) - mean) / deviation
        parts.append((images, torch.from_numpy(labels.astype(np.int64))))
    return parts


def build(layers):
    modules = []
    shape = (1, 28, 28)
    for layer in layers:
        kind = layer["kind"]
        if kind == "conv2d":
            module = nn.Conv2d(shape[0], layer["channels"], layer["kernel"], padding=layer.get("padding", 0))
        elif kind in ("maxPool2d", "averagePool2d"):
            module = (nn.MaxPool2d if kind == "maxPool2d" else nn.AvgPool2d)(layer["kernel"])
        elif kind == "linear":
            module = nn.Linear(shape[0], layer["units"])
        elif kind == "batchNorm":
            module = nn.BatchNorm2d(shape[0]) if len(shape) == 3 else nn.BatchNorm1d(shape[0])
        elif kind == "dropout":
            module = nn.Dropout(layer["rate"])
        else:
            module = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "flatten": nn.Flatten}[kind]()
        modules.append(module)
        with torch.no_grad():
            shape = tuple(module.eval()(torch.zeros(1, *shape)).shape[1:])
    return nn.Sequential(*modules).train()


def build_optimizer(config, network):
    """The optimizer, and the mean of the weights if the experiment keeps one."""
    average = None
    if config["kind"] == "ema":
        average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(config["decay"]))
        config = config["optimizer"]
    options = {"lr": config["learningRate"], "weight_decay": config.get("weightDecay", 0)}
    if config["kind"] == "adam":
        return torch.optim.Adam(network.parameters(), **options), average
    return torch.optim.SGD(network.parameters(), momentum=config.get("momentum", 0), **options), average


def batches(config, images, labels):
    size = config["batchSize"]
    if config["loop"] == "loader":
        yield from DataLoader(TensorDataset(images, labels), batch_size=size, shuffle=True)
        return
    for rows in torch.randperm(len(images)).split(size):
        yield images[rows], labels[rows]


def main():
    config = json.load(sys.stdin)
    torch.set_num_threads(config["threads"])
    torch.manual_seed(config["seed"])
    (images, labels), (test_images, test_labels) = load(config)
    network = build(config["network"])
    optimizer, average = build_optimizer(config["optimizer"], network)
    steps = -(-len(images) // config["batchSize"]) * config["epochs"]
    schedule = None
    if config.get("schedule", {}).get("kind") == "oneCycle":
        rate = optimizer.param_groups[0]["lr"]
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps, cycle_momentum=False)
    loss_of = nn.CrossEntropyLoss(label_smoothing=config["loss"].get("labelSmoothing", 0))

    start = time.time()
    for _ in range(config["epochs"]):
        for x, y in batches(config, images, labels):
            optimizer.zero_grad()
            loss_of(network(x), y).backward()
            optimizer.step()
            if schedule is not None:
                schedule.step()
            if average is not None:
                average.update_parameters(network)
    training = time.time() - start

    used = (average or network).eval()
    with torch.no_grad():
        right = sum(
            (used(x).argmax(1) == y).sum().item()
            for x, y in zip(test_images.split(1000), test_labels.split(1000))
        )
    result = {
        "accuracy": right / len(test_labels),
        "trainingSeconds": training,
        "secondsSinceBegin": time.time() - BEGIN,
    }
    print(json.dumps(result))


main()
