"""Writes src/nn/golden/{activations,layers,losses}.json: results and gradients of PyTorch in float64.

    python -m venv venv && venv/bin/pip install torch==2.15.0 numpy
    venv/bin/python scripts/golden/nn.py

Each layer: parameters, inputs, a cotangent g, the result y, and the gradients of sum(y * g).
Each loss: prediction, target, the value and its gradient.
"""

import json
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(0)


def data(tensor):
    tensor = tensor.detach()
    values = tensor.to(torch.float64).flatten().tolist()
    return {"shape": list(tensor.shape), "values": values}


def leaf(*shape, scale=1.0):
    return (torch.randn(*shape) * scale).requires_grad_()


def layer(kind, options, compute, inputs, parameters=None, children=None):
    parameters = parameters or {}
    y = compute(*inputs)
    g = torch.randn(y.shape)
    wanted = [x for x in inputs if x.requires_grad] + list(parameters.values())
    gradients = torch.autograd.grad((y * g).sum(), wanted)
    inputs_wanted = sum(x.requires_grad for x in inputs)
    return {
        "kind": kind,
        "options": options,
        **({"children": children} if children else {}),
        "inputs": [data(x) for x in inputs],
        "parameters": {name: data(value) for name, value in parameters.items()},
        "g": data(g),
        "y": data(y),
        "inputGradients": [data(each) for each in gradients[:inputs_wanted]],
        "parameterGradients": {
            name: data(each) for name, each in zip(parameters, gradients[inputs_wanted:])
        },
    }


def activations():
    plain = {
        "identity": lambda x: x * 1,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "relu6": F.relu6,
        "selu": F.selu,
        "softsign": F.softsign,
        "silu": F.silu,
        "mish": F.mish,
        "logSigmoid": F.logsigmoid,
        "hardSwish": F.hardswish,
        "softmax": lambda x: F.softmax(x, -1),
        "logSoftmax": lambda x: F.log_softmax(x, -1),
    }
    configured = {
        # By its formula: the gradient of F.hardsigmoid multiplies by a float32 sixth, also in float64.
        "hardSigmoid": [
            ({}, lambda x: F.hardtanh(x / 6 + 0.5, 0, 1)),
            ({"form": "pytorch"}, lambda x: F.hardtanh(x / 6 + 0.5, 0, 1)),
            ({"form": "taylor"}, lambda x: F.hardtanh(0.25 * x + 0.5, 0, 1)),
        ],
        "hardTanh": [
            ({}, F.hardtanh),
            ({"low": -2, "high": 0.5}, lambda x: F.hardtanh(x, -2, 0.5)),
            ({"high": 3}, lambda x: F.hardtanh(x, -1, 3)),
        ],
        "leakyRelu": [
            ({"slope": s}, lambda x, s=s: F.leaky_relu(x, s)) for s in (0.01, 0.2, 1.5)
        ],
        "rrelu": [
            ({}, F.rrelu),
            ({"low": 0.1, "high": 0.5}, lambda x: F.rrelu(x, 0.1, 0.5)),
            ({"low": 0.25, "high": 0.25}, lambda x: F.rrelu(x, 0.25, 0.25)),
        ],
        "elu": [({"alpha": a}, lambda x, a=a: F.elu(x, a)) for a in (1, 0.5, 2)],
        "celu": [({"alpha": a}, lambda x, a=a: F.celu(x, a)) for a in (1, 0.5, 2)],
        "gelu": [
            ({}, F.gelu),
            ({"approximate": "none"}, F.gelu),
            ({"approximate": "tanh"}, lambda x: F.gelu(x, approximate="tanh")),
        ],
        "softplus": [
            ({}, F.softplus),
            ({"beta": 2.5}, lambda x: F.softplus(x, 2.5)),
            ({"beta": 1.5, "threshold": 1}, lambda x: F.softplus(x, 1.5, 1)),
        ],
    }
    sizes = [((2, 3), 2), ((1, 7), 6), ((2, 2, 2), 0.5)]
    cases = []
    for kind, compute in plain.items():
        for shape, scale in sizes:
            cases.append(layer(kind, {}, compute, [leaf(*shape, scale=scale)]))
    for kind, settings in configured.items():
        for (options, compute), (shape, scale) in zip(settings, sizes):
            cases.append(layer(kind, options, compute, [leaf(*shape, scale=scale)]))
    # Far from 0, and at 0, where functions are pieced together.
    for kind in ("softplus", "logSigmoid", "mish", "silu", "elu", "selu", "gelu", "softsign"):
        compute = plain.get(kind) or configured[kind][0][1]
        x = torch.tensor([[-800.0, -40.0, -1e-9, 1e-9, 25.0, 800.0]]).requires_grad_()
        cases.append(layer(kind, {}, compute, [x]))
    for kind in ("elu", "celu", "selu", "softplus", "relu", "silu", "leakyRelu"):
        compute = plain.get(kind) or configured[kind][0][1]
        cases.append(layer(kind, {}, compute, [torch.zeros(1, 1).requires_grad_()]))

    for shape, channels in (((2, 3), 1), ((3, 4), 4), ((2, 2, 3), 3)):
        x, slope = leaf(*shape), leaf(channels)
        # Channels are last here and second in PyTorch.
        cases.append(
            layer(
                "prelu",
                {"shared": channels == 1},
                lambda x, slope=slope: F.prelu(x.movedim(-1, 1), slope).movedim(1, -1),
                [x],
                {"slope": slope},
            )
        )
    return cases


def recurrent():
    names = {
        "inputWeight": "weight_ih_l0",
        "recurrentWeight": "weight_hh_l0",
        "inputBias": "bias_ih_l0",
        "recurrentBias": "bias_hh_l0",
    }
    cases = []
    settings = [((2, 3, 2), 2, {}), ((1, 4, 3), 2, {"sequence": True}), ((2, 1, 2), 3, {})]
    kinds = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
    for kind, make in kinds.items():
        for i, (shape, units, options) in enumerate(settings):
            extra = {"activation": "relu"} if kind == "rnn" and i == 1 else {}
            module = make(
                shape[2],
                units,
                batch_first=True,
                **({"nonlinearity": "relu"} if extra else {}),
            )

            def compute(x, module=module, options=options):
                states = module(x)[0]
                return states if options.get("sequence") else states[:, -1]

            parameters = {ours: getattr(module, theirs) for ours, theirs in names.items()}
            cases.append(
                layer(kind, {"units": units, **options, **extra}, compute, [leaf(*shape)], parameters)
            )
        module = make(2, 2, batch_first=True)

        def backwards(x, module=module):
            return module(x.flip(1))[0].flip(1)

        parameters = {ours: getattr(module, theirs) for ours, theirs in names.items()}
        options = {"units": 2, "sequence": True, "reverse": True}
        cases.append(layer(kind, options, backwards, [leaf(1, 3, 2)], parameters))
    return cases


def attention():
    cases = []
    for queries, keys, options in ((2, 3, {}), (3, 3, {"causal": True}), (2, 4, {"scale": 0.3})):
        inputs = [leaf(2, queries, 2), leaf(2, keys, 2), leaf(2, keys, 3)]
        compute = lambda q, k, v, options=options: F.scaled_dot_product_attention(
            q, k, v, is_causal=options.get("causal", False), scale=options.get("scale")
        )
        cases.append(layer("attention", options, compute, inputs))
    q, k, v = leaf(1, 2, 2), leaf(1, 3, 2), leaf(1, 3, 2)
    mask = torch.tensor([[[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]])
    cases.append(
        layer(
            "attention",
            {},
            lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, attn_mask=m > 0),
            [q, k, v, mask],
        )
    )
    for width, heads, causal in ((4, 2, False), (4, 1, False), (6, 3, True)):
        module = nn.MultiheadAttention(width, heads, batch_first=True)
        nn.init.normal_(module.in_proj_bias)
        nn.init.normal_(module.out_proj.bias)
        parameters = {
            "inputWeight": module.in_proj_weight,
            "inputBias": module.in_proj_bias,
            "outputWeight": module.out_proj.weight,
            "outputBias": module.out_proj.bias,
        }

        def compute(*xs, module=module, causal=causal):
            q, k, v = xs if len(xs) == 3 else (xs[0],) * 3
            mask = torch.triu(torch.ones(q.shape[1], k.shape[1]), 1).bool() if causal else None
            return module(q, k, v, attn_mask=mask, need_weights=False)[0]

        options = {"heads": heads, **({"causal": True} if causal else {})}
        three = [leaf(2, 3, width) for _ in range(3)]
        cases.append(layer("multiHeadAttention", options, compute, three, parameters))
        cases.append(layer("selfAttention", options, compute, [leaf(1, 3, width)], parameters))
    return cases


def layers():
    cases = []
    for inputs, units, bias in ((3, 2, True), (1, 4, True), (4, 1, False)):
        module = nn.Linear(inputs, units, bias=bias)
        parameters = dict(module.named_parameters())
        cases.append(
            layer("linear", {"units": units, "bias": bias}, module, [leaf(2, inputs)], parameters)
        )
    for first, second, units, bias in ((2, 3, 2, True), (1, 2, 3, True), (3, 2, 1, False)):
        module = nn.Bilinear(first, second, units, bias=bias)
        parameters = dict(module.named_parameters())
        inputs = [leaf(2, first), leaf(2, second)]
        cases.append(layer("bilinear", {"units": units, "bias": bias}, module, inputs, parameters))
    for count, units, indices in (
        (4, 2, [[0, 3, 3]]),
        (3, 1, [[2], [0]]),
        (5, 3, [[1, 1], [4, 0]]),
    ):
        module = nn.Embedding(count, units)
        cases.append(
            layer(
                "embedding",
                {"count": count, "units": units},
                module,
                [torch.tensor(indices)],
                {"weight": module.weight},
            )
        )
    for shape, axes, epsilon, affine in (
        ((2, 4), 1, 1e-5, True),
        ((2, 2, 3), 2, 1e-3, True),
        ((2, 2, 3), 1, 1e-5, False),
    ):
        module = nn.LayerNorm(shape[-axes:], eps=epsilon, elementwise_affine=affine)
        if affine:
            nn.init.normal_(module.weight)
            nn.init.normal_(module.bias)
        parameters = {"scale": module.weight, "shift": module.bias} if affine else {}
        options = {"axes": axes, "epsilon": epsilon, "affine": affine}
        cases.append(layer("layerNorm", options, module, [leaf(*shape)], parameters))
    return cases + recurrent() + attention()


def batch_norms():
    """Two training steps of statistics, then a use: results, gradients and the running values."""
    cases = []
    for shape, options in (
        ((4, 2), {}),
        ((2, 3, 2), {"momentum": 0.3, "epsilon": 1e-3}),
        ((3, 2), {"affine": False}),
    ):
        channels = shape[-1]
        module = nn.BatchNorm1d(
            channels,
            eps=options.get("epsilon", 1e-5),
            momentum=options.get("momentum", 0.1),
            affine=options.get("affine", True),
        )
        if module.affine:
            nn.init.normal_(module.weight)
            nn.init.normal_(module.bias)
        parameters = {"scale": module.weight, "shift": module.bias} if module.affine else {}
        compute = lambda x, module=module: module(x.movedim(-1, 1)).movedim(1, -1)
        steps = []
        for _ in range(2):
            before = {
                "runningMean": data(module.running_mean),
                "runningVariance": data(module.running_var),
            }
            case = layer("batchNorm", options, compute, [leaf(*shape)], parameters)
            after = {
                "runningMean": data(module.running_mean),
                "runningVariance": data(module.running_var),
            }
            steps.append(case | {"training": True, "state": before, "nextState": after})
        module.eval()
        use = layer("batchNorm", options, compute, [leaf(*shape)], parameters)
        cases += [*steps, use | {"training": False, "state": steps[-1]["nextState"]}]
    return cases


def loss(kind, options, compute, prediction, target=None):
    value = compute(prediction) if target is None else compute(prediction, target)
    (gradient,) = torch.autograd.grad(value, [prediction])
    return {
        "kind": kind,
        "options": options,
        "prediction": data(prediction),
        "target": data(torch.zeros(len(prediction)) if target is None else target)
        | {"isLabels": target is not None and not target.is_floating_point()},
        "value": value.item(),
        "gradient": data(gradient),
    }


def labels(classes, *shape):
    return torch.randint(0, classes, shape)


def class_losses():
    cases = []
    weights = [0.5, 2.0, 1.5]
    tensor = torch.tensor(weights)
    for options, theirs in (
        ({}, {}),
        ({"reduction": "sum"}, {"reduction": "sum"}),
        ({"classWeights": weights}, {"weight": tensor}),
        ({"labelSmoothing": 0.1}, {"label_smoothing": 0.1}),
        ({"ignoreIndex": 1}, {"ignore_index": 1}),
        (
            {"classWeights": weights, "labelSmoothing": 0.2, "ignoreIndex": 2},
            {"weight": tensor, "label_smoothing": 0.2, "ignore_index": 2},
        ),
        (
            {"classWeights": weights, "ignoreIndex": 0, "reduction": "sum"},
            {"weight": tensor, "ignore_index": 0, "reduction": "sum"},
        ),
    ):
        compute = lambda x, t, theirs=theirs: F.cross_entropy(x, t, **theirs)
        y = torch.tensor([0, 1, 2, 1, 0])
        cases.append(loss("crossEntropy", options, compute, leaf(5, 3, scale=2), y))
        # Classes are last here and second in PyTorch.
        positions = lambda x, t, compute=compute: compute(x.movedim(-1, 1), t)
        cases.append(loss("crossEntropy", options, positions, leaf(2, 2, 3), labels(3, 2, 2)))
        if "labelSmoothing" not in options:
            nll = lambda x, t, theirs=theirs: F.nll_loss(x, t, **theirs)
            cases.append(loss("nll", options, nll, leaf(5, 3), y))
        if "ignoreIndex" not in options:
            soft = torch.softmax(torch.randn(2, 3), 1)
            cases.append(loss("crossEntropy", options, compute, leaf(2, 3), soft))
            several = torch.softmax(torch.randn(2, 2, 3), 2)
            spread = lambda x, t, compute=compute: compute(x.movedim(-1, 1), t.movedim(-1, 1))
            cases.append(loss("crossEntropy", options, spread, leaf(2, 2, 3), several))

    def focal(x, t, gamma, weight):
        logs = F.log_softmax(x, 1).gather(1, t[:, None])[:, 0]
        return -(weight[t] * (1 - logs.exp()) ** gamma * logs).mean()

    for gamma, weight in ((2, None), (0.5, weights), (0, None)):
        options = {"gamma": gamma} | ({"classWeights": weight} if weight else {})
        compute = lambda x, t, gamma=gamma, weight=weight: focal(
            x, t, gamma, torch.tensor(weight or [1.0] * 3)
        )
        cases.append(loss("focal", options, compute, leaf(4, 3, scale=2), labels(3, 4)))

    for options, theirs in (
        ({}, {}),
        (
            {"power": 2, "margin": 0.5, "classWeights": weights},
            {"p": 2, "margin": 0.5, "weight": tensor},
        ),
        ({"reduction": "sum", "margin": 2}, {"reduction": "sum", "margin": 2}),
    ):
        compute = lambda x, t, theirs=theirs: F.multi_margin_loss(x, t, **theirs)
        cases.append(loss("multiMargin", options, compute, leaf(4, 3), labels(3, 4)))
    return cases


def binary_losses():
    cases = []
    for options, theirs, shape in (
        ({}, {}, (3, 2)),
        ({"posWeight": 2.5}, {"pos_weight": torch.tensor([2.5])}, (4, 1)),
        (
            {"posWeight": [0.5, 3], "reduction": "sum"},
            {"pos_weight": torch.tensor([0.5, 3.0]), "reduction": "sum"},
            (3, 2),
        ),
    ):
        compute = lambda x, t, theirs=theirs: F.binary_cross_entropy_with_logits(x, t, **theirs)
        cases.append(
            loss("binaryCrossEntropy", options, compute, leaf(*shape, scale=3), torch.rand(shape))
        )
    for reduction, shape in (("mean", (3, 2)), ("sum", (4, 1)), ("mean", (2, 3))):
        prediction = torch.rand(shape).mul(0.98).add(0.01).requires_grad_()
        options = {"fromLogits": False, "reduction": reduction}
        compute = lambda x, t, r=reduction: F.binary_cross_entropy(x, t, reduction=r)
        cases.append(
            loss("binaryCrossEntropy", options, compute, prediction, torch.rand(shape).round())
        )
    return cases


def value_losses():
    cases = []
    table = {
        "mse": (F.mse_loss, [({}, {}), ({"reduction": "sum"}, {"reduction": "sum"}), ({}, {})]),
        "mae": (F.l1_loss, [({}, {}), ({"reduction": "sum"}, {"reduction": "sum"}), ({}, {})]),
        "huber": (
            F.huber_loss,
            [
                ({}, {}),
                ({"delta": 0.4}, {"delta": 0.4}),
                ({"delta": 2, "reduction": "sum"}, {"delta": 2, "reduction": "sum"}),
            ],
        ),
        "smoothL1": (
            F.smooth_l1_loss,
            [
                ({}, {}),
                ({"beta": 0.4}, {"beta": 0.4}),
                ({"beta": 2, "reduction": "sum"}, {"beta": 2, "reduction": "sum"}),
            ],
        ),
    }
    for kind, (function, settings) in table.items():
        for (options, theirs), shape in zip(settings, ((3, 2), (2, 2, 2), (4, 1))):
            compute = lambda x, t, f=function, theirs=theirs: f(x, t, **theirs)
            cases.append(loss(kind, options, compute, leaf(*shape, scale=1.5), torch.randn(shape)))

    for reduction, log_target in (("batchMean", False), ("mean", True), ("sum", False)):
        target = torch.softmax(torch.randn(2, 3), 1)
        target[0, 0] = 1 if log_target else 0
        prediction = torch.log_softmax(torch.randn(2, 3), 1).detach().requires_grad_()
        compute = lambda x, t, r=reduction, log=log_target: F.kl_div(
            x, t, reduction=r.lower(), log_target=log
        )
        options = {"reduction": reduction, "logTarget": log_target}
        cases.append(
            loss("klDivergence", options, compute, prediction, target.log() if log_target else target)
        )

    for options, theirs in (
        ({}, {}),
        ({"full": True, "reduction": "sum"}, {"full": True, "reduction": "sum"}),
        ({"logInput": False, "epsilon": 0.01}, {"log_input": False, "eps": 0.01}),
    ):
        prediction = leaf(2, 3)
        if not options.get("logInput", True):
            prediction = torch.rand(2, 3).add(0.1).requires_grad_()
        compute = lambda x, t, theirs=theirs: F.poisson_nll_loss(x, t, **theirs)
        counts = torch.tensor([[0.0, 1.0, 2.0], [5.0, 1.0, 9.0]])
        cases.append(loss("poissonNll", options, compute, prediction, counts))

    for options, theirs in (
        ({}, {}),
        ({"full": True, "reduction": "sum"}, {"full": True, "reduction": "sum"}),
        ({"epsilon": 0.6}, {"eps": 0.6}),
    ):
        prediction = torch.cat([torch.randn(3, 2), torch.rand(3, 2) + 0.2], 1).requires_grad_()
        compute = lambda x, t, theirs=theirs: F.gaussian_nll_loss(x[:, :2], t, x[:, 2:], **theirs)
        cases.append(loss("gaussianNll", options, compute, prediction, torch.randn(3, 2)))
    return cases


def similarity_losses():
    cases = []
    for margin, reduction in ((0, "mean"), (0.3, "mean"), (-0.5, "sum")):
        compute = lambda x, t, m=margin, r=reduction: F.cosine_embedding_loss(
            x[:, :3], x[:, 3:], t, margin=m, reduction=r
        )
        target = torch.tensor([1.0, -1.0, -1.0, 1.0])
        cases.append(
            loss("cosine", {"margin": margin, "reduction": reduction}, compute, leaf(4, 6), target)
        )
    for options, theirs in (
        ({}, {}),
        ({"margin": 2, "swap": True}, {"margin": 2, "swap": True}),
        ({"order": 3, "reduction": "sum"}, {"p": 3, "reduction": "sum"}),
    ):
        compute = lambda x, theirs=theirs: F.triplet_margin_loss(
            x[:, :2], x[:, 2:4], x[:, 4:], **theirs
        )
        cases.append(loss("triplet", options, compute, leaf(4, 6)))
    return cases


folder = Path(__file__).parents[2] / "src/nn/golden"
folder.mkdir(exist_ok=True)
for name, cases in (
    ("activations", activations()),
    ("layers", layers() + batch_norms()),
    ("losses", class_losses() + binary_losses() + value_losses() + similarity_losses()),
):
    golden = {"madeWith": f"torch {torch.__version__}", "cases": cases}
    (folder / f"{name}.json").write_text(json.dumps(golden) + "\n")
    print(name, len(cases))
