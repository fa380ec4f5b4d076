"""Writes src/nn/golden/convolution.json: convolution, pooling, normalization, upsampling, residual and dropout
layers by PyTorch in float64: outputs and all gradients of Σ output · weights.

    python -m venv venv && venv/bin/pip install torch==2.15.0
    venv/bin/python scripts/golden/conv.py

PyTorch has channels first and kernels [out, in, ...]; what is written has channels last and kernels
[...kernel, in, out] (transposed convolutions: [...kernel, in, out / groups], from [in, out / groups, ...]).
"""

import json
from pathlib import Path

import torch
from torch import nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


def channels_last(x):
    return x.movedim(1, -1)


def array(x):
    return {"shape": list(x.shape), "data": [float(f"{value:.13g}") for value in x.detach().reshape(-1)]}


def kernel(weight, transposed):
    rank = weight.dim() - 2
    places = [axis + 2 for axis in range(rank)]
    return weight.permute(places + ([0, 1] if transposed else [1, 0]))


class Residual(nn.Module):
    def __init__(self, *inner):
        super().__init__()
        self.inner = nn.Sequential(*inner)

    def forward(self, x):
        return x + self.inner(x)


def of_children(module, what):
    """What each child has, by our paths: 0.weight."""
    return {
        f"{i}.{name}": value
        for i, child in enumerate(module.inner)
        for name, value in what(child).items()
    }


def parameters(module, pick):
    """The parameters by our names; `pick` chooses each one's values or gradient."""
    if isinstance(module, Residual):
        return of_children(module, lambda child: parameters(child, pick))
    if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.ConvTranspose1d, nn.ConvTranspose2d)):
        transposed = isinstance(module, (nn.ConvTranspose1d, nn.ConvTranspose2d))
        named = {"weight": kernel(pick(module.weight), transposed)}
        if module.bias is not None:
            named["bias"] = pick(module.bias)
        return named
    if getattr(module, "affine", False):
        return {"scale": pick(module.weight), "shift": pick(module.bias)}
    return {}


def state(module):
    if isinstance(module, Residual):
        return of_children(module, state)
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        return {
            "runningMean": array(module.running_mean),
            "runningVariance": array(module.running_var),
        }
    return {}


def case(kind, options, module, shape, steps=1):
    """`shape` is channels first, with the batch. Statistics of the batch are those of training; more
    `steps` move the running ones on by more batches before."""
    module = module.to(torch.float64)
    for part in module.modules():
        if getattr(part, "affine", False):
            nn.init.uniform_(part.weight, 0.5, 1.5)
            nn.init.uniform_(part.bias, -0.5, 0.5)
    earlier = [torch.randn(shape) * 2 + 1 for _ in range(steps - 1)]
    for x in earlier:
        module(x)
    before = state(module)
    x = torch.randn(shape, requires_grad=True)
    y = module(x)
    weights = torch.randn_like(y)
    (y * weights).sum().backward()
    golden = {
        "kind": kind,
        "options": options,
        "x": array(channels_last(x)),
        "parameters": {name: array(v) for name, v in parameters(module, lambda p: p).items()},
        "y": array(channels_last(y)),
        "weights": array(channels_last(weights)),
        "gradients": {
            "x": array(channels_last(x.grad)),
            **{name: array(v) for name, v in parameters(module, lambda p: p.grad).items()},
        },
    }
    if before:
        golden["stateBefore"] = before
        golden["stateAfter"] = state(module)
        module.eval()
        golden["evaluation"] = array(channels_last(module(x)))
    return golden


def convolution(rank, shape, channels, kernel, **options):
    transposed = options.pop("transposed", False)
    name = f"conv{'Transpose' if transposed else ''}{rank}d"
    module = getattr(nn, f"Conv{'Transpose' if transposed else ''}{rank}d")
    theirs = {{"outputPadding": "output_padding"}.get(key, key): value for key, value in options.items()}
    return case(
        name,
        {"channels": channels, "kernel": kernel, **options},
        module(shape[1], channels, kernel, **theirs),
        shape,
    )


def pooling(kind, module, shape, kernel, **options):
    names = {"countPadding": "count_include_pad"}
    theirs = {names.get(key, key): value for key, value in options.items()}
    return case(kind, {"kernel": kernel, **options}, module(kernel, **theirs), shape)


class Same(nn.Module):
    """TensorFlow's "same" for strides above 1, which PyTorch has not: pad, then convolve."""

    def __init__(self, inner, padding):
        super().__init__()
        self.inner = inner
        self.padding = padding

    def forward(self, x):
        return self.inner(nn.functional.pad(x, self.padding))


def strided_same():
    inner = nn.Conv2d(2, 3, 3, stride=2)
    # 3 x 3 windows cover 7 x 7: of 6 x 5 elements, one row and two columns are padding.
    golden = case("conv2d", {}, Same(inner, (1, 1, 0, 1)), (2, 2, 6, 5))
    golden["options"] = {"channels": 3, "kernel": 3, "stride": 2, "padding": "same"}
    golden["parameters"] = {name: array(v) for name, v in parameters(inner, lambda p: p).items()}
    golden["gradients"] |= {
        name: array(v) for name, v in parameters(inner, lambda p: p.grad).items()
    }
    return golden


images = (2, 3, 7, 6)
sequences = (2, 4, 9)
cases = [
    convolution(2, images, 4, 3),
    convolution(2, images, 4, (3, 2), stride=(2, 1), padding=(1, 2)),
    convolution(2, images, 2, 3, padding="same", dilation=2, bias=False),
    convolution(2, (2, 4, 5, 6), 6, 3, stride=2, padding=1, groups=2),
    convolution(2, (2, 3, 5, 5), 6, 3, padding=1, groups=3),
    convolution(2, (2, 4, 6, 5), 4, (2, 3), stride=2, dilation=(1, 2), groups=4, bias=False),
    convolution(2, images, 5, 1, stride=2),
    convolution(2, (1, 2, 4, 4), 3, (2, 4), padding="same"),
    strided_same(),
    convolution(1, sequences, 3, 3),
    convolution(1, sequences, 6, 4, stride=3, padding=2, dilation=2),
    convolution(1, sequences, 4, 3, padding="same", groups=2, bias=False),
    convolution(2, (2, 3, 4, 3), 2, 3, transposed=True),
    convolution(2, (2, 3, 4, 3), 2, 2, stride=2, transposed=True, bias=False),
    convolution(
        2, (2, 4, 3, 4), 6, (3, 2), stride=(2, 3), padding=1, outputPadding=(1, 2), groups=2,
        transposed=True,
    ),
    convolution(2, (2, 2, 5, 6), 3, 2, padding=2, dilation=1, transposed=True),
    convolution(1, sequences, 3, 3, stride=2, padding=1, outputPadding=1, transposed=True),
    convolution(1, sequences, 4, 2, dilation=3, groups=4, transposed=True),
    convolution(1, sequences, 2, 4, transposed=True, bias=False),
    pooling("maxPool2d", nn.MaxPool2d, (2, 3, 6, 8), 2),
    pooling("maxPool2d", nn.MaxPool2d, images, (2, 3)),
    pooling("maxPool2d", nn.MaxPool2d, images, 3, stride=2, padding=1),
    pooling("maxPool2d", nn.MaxPool2d, images, (3, 2), stride=1, dilation=(2, 1)),
    pooling("maxPool1d", nn.MaxPool1d, sequences, 3),
    pooling("maxPool1d", nn.MaxPool1d, sequences, 4, stride=2, padding=2),
    pooling("maxPool1d", nn.MaxPool1d, sequences, 2, stride=3, dilation=2),
    pooling("averagePool2d", nn.AvgPool2d, (2, 3, 6, 8), 2),
    pooling("averagePool2d", nn.AvgPool2d, images, (3, 2), stride=(2, 1), padding=1),
    pooling("averagePool2d", nn.AvgPool2d, images, 3, stride=2, padding=1, countPadding=False),
    pooling("averagePool1d", nn.AvgPool1d, sequences, 3),
    pooling("averagePool1d", nn.AvgPool1d, sequences, 4, stride=1, padding=2),
    pooling("averagePool1d", nn.AvgPool1d, sequences, 3, stride=2, padding=1, countPadding=False),
]

for shape, size in [((2, 3, 6, 4), 2), ((2, 3, 7, 5), (3, 4)), ((2, 3, 3, 2), (5, 2))]:
    cases.append(case("adaptiveAveragePool2d", {"size": size}, nn.AdaptiveAvgPool2d(size), shape))
for length, size in [(8, 4), (9, 4), (3, 5)]:
    shape = (2, 3, length)
    cases.append(case("adaptiveAveragePool1d", {"size": size}, nn.AdaptiveAvgPool1d(size), shape))


class Global(nn.Module):
    def __init__(self, reduce):
        super().__init__()
        self.reduce = reduce

    def forward(self, x):
        return self.reduce(x, tuple(range(2, x.dim())))


for shape in [images, sequences, (1, 2, 1, 3)]:
    cases.append(case("globalAveragePool", {}, Global(torch.mean), shape))
    cases.append(case("globalMaxPool", {}, Global(torch.amax), shape))

cases += [
    case("groupNorm", {"groups": 2}, nn.GroupNorm(2, 6), (3, 6, 4, 5)),
    case(
        "groupNorm", {"groups": 3, "affine": False, "epsilon": 0.01},
        nn.GroupNorm(3, 6, eps=0.01, affine=False), (2, 6, 7),
    ),
    case("groupNorm", {"groups": 4}, nn.GroupNorm(4, 4), (2, 4, 3, 3)),
    case("groupNorm", {"groups": 1}, nn.GroupNorm(1, 5), (4, 5)),
    case("batchNorm", {}, nn.BatchNorm2d(3), (4, 3, 3, 5)),
    case("batchNorm", {"momentum": 0.3, "epsilon": 0.01}, nn.BatchNorm2d(2, 0.01, 0.3), (3, 2, 4, 4), 3),
    case("batchNorm", {"affine": False}, nn.BatchNorm1d(4, affine=False), (3, 4, 6), 2),
    case("batchNorm", {"momentum": 0.5}, nn.BatchNorm1d(5, momentum=0.5), (6, 5), 4),
    case("upsample", {"factor": 2}, nn.Upsample(scale_factor=2), (2, 3, 3, 4)),
    case("upsample", {"factor": [3, 2]}, nn.Upsample(scale_factor=(3, 2)), (2, 2, 2, 3)),
    case(
        "upsample", {"factor": 2, "mode": "linear"},
        nn.Upsample(scale_factor=2, mode="bilinear"), (2, 3, 3, 4),
    ),
    case(
        "upsample", {"factor": [2, 3], "mode": "linear"},
        nn.Upsample(scale_factor=(2, 3), mode="bilinear"), (1, 2, 4, 1),
    ),
    case("upsample", {"factor": 4, "mode": "linear"}, nn.Upsample(scale_factor=4, mode="linear"), (2, 3, 5)),
]

def residual(shape, *layers, steps=1):
    """Of (kind, options, module) for each layer."""
    golden = case("residual", {}, Residual(*(module for _, _, module in layers)), shape, steps)
    return golden | {"children": [{"kind": kind, "options": options} for kind, options, _ in layers]}


def dropout(kind, rate, module, shape):
    """Masks are random: what is written is what PyTorch gives where a value is kept, all places together."""
    x = torch.randn(shape, requires_grad=True)
    weights = torch.randn(shape)
    y, gradient, seen = torch.zeros(shape), torch.zeros(shape), torch.zeros(shape, dtype=torch.bool)
    while not seen.all():
        result = module(x)
        (slope,) = torch.autograd.grad((result * weights).sum(), [x])
        kept = result != 0
        y[kept], gradient[kept], seen = result[kept], slope[kept], seen | kept
    module.eval()
    return {
        "kind": kind,
        "options": {"rate": rate},
        "isRandom": True,
        "x": array(channels_last(x)),
        "parameters": {},
        "y": array(channels_last(y)),
        "weights": array(channels_last(weights)),
        "gradients": {"x": array(channels_last(gradient))},
        "evaluation": array(channels_last(module(x))),
    }


def conv_of(channels, rank=2, **options):
    module = getattr(nn, f"Conv{rank}d")(channels, channels, 3, padding="same", **options)
    return f"conv{rank}d", {"channels": channels, "kernel": 3, "padding": "same", **options}, module


relu = ("relu", {}, nn.ReLU())
cases += [
    residual((2, 3, 5, 4), conv_of(3), relu),
    residual(
        (3, 2, 4, 4), conv_of(2, bias=False), ("batchNorm", {}, nn.BatchNorm2d(2)), relu, conv_of(2, bias=False),
        ("batchNorm", {"momentum": 0.3}, nn.BatchNorm2d(2, momentum=0.3)), steps=2,
    ),
    residual((2, 4, 6), conv_of(4, 1, groups=2), ("groupNorm", {"groups": 2}, nn.GroupNorm(2, 4)), relu),
    dropout("dropout", 0.5, nn.Dropout(0.5), (3, 4, 5)),
    dropout("dropout", 0.2, nn.Dropout(0.2), (4, 7)),
    dropout("dropout", 0.75, nn.Dropout(0.75), (2, 3, 4, 4)),
    dropout("spatialDropout", 0.5, nn.Dropout2d(0.5), (4, 5, 3, 2)),
    dropout("spatialDropout", 0.2, nn.Dropout2d(0.2), (3, 6, 2, 4)),
    dropout("spatialDropout", 0.4, nn.Dropout1d(0.4), (4, 5, 6)),
]

golden = {"madeWith": f"PyTorch {torch.__version__.split('+')[0]}", "cases": cases}
path = Path(__file__).parents[2] / "src/nn/golden/convolution.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(golden) + "\n")
