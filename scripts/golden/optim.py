"""Writes src/optim/golden/*.json: steps of optimizers and learning rates of schedules by PyTorch, in float64.

    python -m venv venv && venv/bin/pip install torch==2.15.0 numpy
    venv/bin/python scripts/golden/optim.py

Every optimizer takes ten steps from one start with gradients that are given beforehand, so that nothing
but its own arithmetic counts; L-BFGS, which asks for gradients, minimizes a Rosenbrock function.
"""

import json
from pathlib import Path

import torch
from torch import nn, optim
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

torch.set_default_dtype(torch.float64)
FOLDER = Path(__file__).parents[2] / "src/optim/golden"
STEPS = 10
SHAPES = {"0.weight": (3, 4), "0.bias": (3,)}

random = torch.Generator().manual_seed(0)
START = {path: torch.randn(shape, generator=random) for path, shape in SHAPES.items()}
# Of different sizes from step to step, and with zeros, as after a ReLU.
GRADIENTS = [
    {
        path: torch.randn(shape, generator=random)
        * 10.0 ** torch.randint(-2, 2, (1,), generator=random)
        * (torch.rand(shape, generator=random) > 0.1)
        for path, shape in SHAPES.items()
    }
    for _ in range(STEPS)
]


def flat(tensors):
    return {path: tensor.detach().flatten().tolist() for path, tensor in tensors.items()}


def fresh():
    return {path: nn.Parameter(tensor.clone()) for path, tensor in START.items()}


def run(make, before_step=None, after_step=None):
    """The parameters after each step of the optimizer of `make(parameters)`."""
    parameters = fresh()
    optimizer = make(parameters)
    values = []
    for gradients in GRADIENTS:
        for path, parameter in parameters.items():
            parameter.grad = gradients[path].clone()
        if before_step:
            before_step(parameters)
        optimizer.step()
        if after_step:
            after_step(parameters)
        values.append(flat(parameters))
    return values


def plain(constructor, **options):
    return run(lambda parameters: constructor(parameters.values(), **options))


def case(kind, options, values):
    return {"kind": kind, "options": options, "steps": values}


def optimizers():
    decayed = {"weight_decay": 0.1}
    return [
        case("sgd", {"learningRate": 0.1}, plain(optim.SGD, lr=0.1)),
        case(
            "sgd",
            {"learningRate": 0.05, "momentum": 0.9, "dampening": 0.3, "weightDecay": 0.1},
            plain(optim.SGD, lr=0.05, momentum=0.9, dampening=0.3, **decayed),
        ),
        case(
            "sgd",
            {"learningRate": 0.02, "momentum": 0.8, "nesterov": True, "weightDecay": 0.1},
            plain(optim.SGD, lr=0.02, momentum=0.8, nesterov=True, **decayed),
        ),
        case("adam", {}, plain(optim.Adam)),
        case(
            "adam",
            {"learningRate": 0.1, "beta1": 0.7, "beta2": 0.9, "epsilon": 1e-3, "weightDecay": 0.1},
            plain(optim.Adam, lr=0.1, betas=(0.7, 0.9), eps=1e-3, **decayed),
        ),
        case(
            "adam",
            {"learningRate": 0.05, "beta2": 0.8, "amsgrad": True},
            plain(optim.Adam, lr=0.05, betas=(0.9, 0.8), amsgrad=True),
        ),
        case("adamW", {}, plain(optim.AdamW)),
        case(
            "adamW",
            {"learningRate": 0.1, "beta1": 0.8, "beta2": 0.95, "weightDecay": 0.2},
            plain(optim.AdamW, lr=0.1, betas=(0.8, 0.95), weight_decay=0.2),
        ),
        case(
            "adamW",
            {"learningRate": 0.05, "beta2": 0.8, "epsilon": 1e-4, "amsgrad": True},
            plain(optim.AdamW, lr=0.05, betas=(0.9, 0.8), eps=1e-4, amsgrad=True),
        ),
        case("nadam", {}, plain(optim.NAdam)),
        case(
            "nadam",
            {"learningRate": 0.1, "beta1": 0.8, "weightDecay": 0.1, "momentumDecay": 0.05},
            plain(optim.NAdam, lr=0.1, betas=(0.8, 0.999), momentum_decay=0.05, **decayed),
        ),
        case(
            "nadam",
            {
                "learningRate": 0.05,
                "beta2": 0.9,
                "epsilon": 1e-4,
                "weightDecay": 0.1,
                "decoupledWeightDecay": True,
            },
            plain(
                optim.NAdam,
                lr=0.05,
                betas=(0.9, 0.9),
                eps=1e-4,
                decoupled_weight_decay=True,
                **decayed,
            ),
        ),
        case("radam", {}, plain(optim.RAdam)),
        case(
            "radam",
            {"learningRate": 0.1, "beta1": 0.8, "beta2": 0.95, "weightDecay": 0.1},
            plain(optim.RAdam, lr=0.1, betas=(0.8, 0.95), **decayed),
        ),
        case(
            "radam",
            {
                "learningRate": 0.05,
                "beta2": 0.9,
                "epsilon": 1e-4,
                "weightDecay": 0.1,
                "decoupledWeightDecay": True,
            },
            plain(
                optim.RAdam,
                lr=0.05,
                betas=(0.9, 0.9),
                eps=1e-4,
                decoupled_weight_decay=True,
                **decayed,
            ),
        ),
        case("adamax", {}, plain(optim.Adamax)),
        case(
            "adamax",
            {"learningRate": 0.1, "beta1": 0.7, "beta2": 0.8, "weightDecay": 0.1},
            plain(optim.Adamax, lr=0.1, betas=(0.7, 0.8), **decayed),
        ),
        case(
            "adamax",
            {"learningRate": 0.05, "beta2": 0.5, "epsilon": 0.01},
            plain(optim.Adamax, lr=0.05, betas=(0.9, 0.5), eps=0.01),
        ),
        case("adagrad", {}, plain(optim.Adagrad)),
        case(
            "adagrad",
            {"learningRate": 0.1, "learningRateDecay": 0.1, "weightDecay": 0.1},
            plain(optim.Adagrad, lr=0.1, lr_decay=0.1, **decayed),
        ),
        case(
            "adagrad",
            {"learningRate": 0.5, "initialSum": 0.2, "epsilon": 1e-3},
            plain(optim.Adagrad, lr=0.5, initial_accumulator_value=0.2, eps=1e-3),
        ),
        case("adadelta", {}, plain(optim.Adadelta)),
        case(
            "adadelta",
            {"learningRate": 0.5, "decay": 0.7, "weightDecay": 0.1},
            plain(optim.Adadelta, lr=0.5, rho=0.7, **decayed),
        ),
        case(
            "adadelta",
            {"learningRate": 2, "decay": 0.95, "epsilon": 1e-3},
            plain(optim.Adadelta, lr=2, rho=0.95, eps=1e-3),
        ),
        case("rmsprop", {}, plain(optim.RMSprop)),
        case(
            "rmsprop",
            {"learningRate": 0.05, "decay": 0.8, "centered": True, "weightDecay": 0.1},
            plain(optim.RMSprop, lr=0.05, alpha=0.8, centered=True, **decayed),
        ),
        case(
            "rmsprop",
            {
                "learningRate": 0.02,
                "decay": 0.9,
                "momentum": 0.9,
                "centered": True,
                "epsilon": 0.001,
            },
            plain(optim.RMSprop, lr=0.02, alpha=0.9, momentum=0.9, centered=True, eps=0.001),
        ),
        case("rprop", {}, plain(optim.Rprop)),
        case(
            "rprop",
            {"learningRate": 0.1, "shrink": 0.3, "grow": 1.5},
            plain(optim.Rprop, lr=0.1, etas=(0.3, 1.5)),
        ),
        case(
            "rprop",
            {"learningRate": 0.1, "shortest": 0.06, "longest": 0.13},
            plain(optim.Rprop, lr=0.1, step_sizes=(0.06, 0.13)),
        ),
    ]


def clipped(clip):
    return run(lambda parameters: optim.SGD(parameters.values(), lr=0.1), before_step=clip)


def averaged(average):
    model = nn.ParameterDict({path.replace(".", "_"): value for path, value in fresh().items()})
    parameters = {path: model[path.replace(".", "_")] for path in SHAPES}
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    average = average(model)
    values = []
    for gradients in GRADIENTS:
        for path, parameter in parameters.items():
            parameter.grad = gradients[path].clone()
        optimizer.step()
        average.update_parameters(model)
        values.append(
            flat({path: average.module[path.replace(".", "_")] for path in SHAPES})
        )
    return values


def accumulated():
    parameters = fresh()
    optimizer = optim.Adam(parameters.values(), lr=0.05)
    values = []
    for i, gradients in enumerate(GRADIENTS):
        for path, parameter in parameters.items():
            share = gradients[path] / 3
            parameter.grad = share if parameter.grad is None else parameter.grad + share
        if i % 3 == 2:
            optimizer.step()
            optimizer.zero_grad()
        values.append(flat(parameters))
    return values


def grouped(parameters):
    return optim.Adam(
        [
            {"params": [parameters["0.weight"]]},
            {"params": [parameters["0.bias"]], "lr": 0.01, "weight_decay": 0},
        ],
        lr=0.05,
        weight_decay=0.1,
    )


def wrappers():
    sgd = {"kind": "sgd", "options": {"learningRate": 0.1}}
    adam = {"kind": "adam", "options": {"learningRate": 0.05}}

    def by_value(limit):
        return lambda parameters: nn.utils.clip_grad_value_(parameters.values(), limit)

    def by_norm(limit):
        return lambda parameters: [
            nn.utils.clip_grad_norm_([parameter], limit) for parameter in parameters.values()
        ]

    def by_global_norm(limit):
        return lambda parameters: nn.utils.clip_grad_norm_(parameters.values(), limit)

    limits = (0.05, 0.5, 5.0)
    return [
        *(
            case(name, {"limit": limit, "optimizer": sgd}, clipped(clip(limit)))
            for name, clip in (
                ("clipByValue", by_value),
                ("clipByNorm", by_norm),
                ("clipByGlobalNorm", by_global_norm),
            )
            for limit in limits
        ),
        *(
            case(
                "ema",
                {"decay": decay, "optimizer": adam},
                averaged(
                    lambda model, decay=decay: AveragedModel(
                        model, multi_avg_fn=get_ema_multi_avg_fn(decay)
                    )
                ),
            )
            for decay in (0.5, 0.9, 0.999)
        ),
        case("swa", {"optimizer": adam}, averaged(AveragedModel)),
        case("accumulate", {"steps": 3, "optimizer": adam}, accumulated()),
        case(
            "groups",
            {
                "groups": [
                    {"parameters": "bias", "options": {"learningRate": 0.01, "weightDecay": 0}}
                ],
                "optimizer": {"kind": "adam", "options": {"learningRate": 0.05, "weightDecay": 0.1}},
            },
            run(grouped),
        ),
    ]


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def quasi_newton(options, **torch_options):
    """One iteration a step; PyTorch's own steps hold 20."""
    start = torch.tensor([-1.2, 1.0, 0.5, -0.3, 2.0])
    x = nn.Parameter(start.clone())
    optimizer = optim.LBFGS([x], max_iter=1, max_eval=1000, **torch_options)

    def closure():
        optimizer.zero_grad()
        loss = rosenbrock(x)
        loss.backward()
        return loss

    points = []
    for _ in range(STEPS):
        optimizer.step(closure)
        points.append(x.detach().tolist())
    return {"options": options, "start": start.tolist(), "points": points}


def lbfgs():
    return [
        quasi_newton({"historySize": 100}, line_search_fn="strong_wolfe"),
        quasi_newton(
            {"learningRate": 0.5, "historySize": 3},
            lr=0.5,
            history_size=3,
            line_search_fn="strong_wolfe",
        ),
        quasi_newton(
            {"learningRate": 0.001, "historySize": 5, "lineSearch": "none"}, lr=0.001, history_size=5
        ),
    ]


def rates(make, count=40, base=0.1, metrics=None):
    """The learning rates of `count` steps, each before its step."""
    optimizer = optim.SGD([nn.Parameter(torch.zeros(1))], lr=base)
    scheduler = make(optimizer)
    values = []
    for i in range(count):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if metrics is None:
            scheduler.step()
        else:
            scheduler.step(metrics[i])
    return values


def schedule(kind, options, make, **details):
    return {"kind": kind, "options": options, "rates": rates(make, **details)}


def described(kind, **options):
    return {"kind": kind, "options": options}


def schedules():
    of = lr_scheduler
    return [
        schedule(
            "constant", {"factor": 1 / 3, "length": 5}, lambda o: of.ConstantLR(o, 1 / 3, 5)
        ),
        schedule("constant", {"factor": 0.5, "length": 20}, lambda o: of.ConstantLR(o, 0.5, 20)),
        schedule("constant", {}, lambda o: of.ConstantLR(o, 1, 1)),
        schedule("step", {"length": 30}, lambda o: of.StepLR(o, 30)),
        schedule("step", {"length": 7, "factor": 0.5}, lambda o: of.StepLR(o, 7, 0.5)),
        schedule("step", {"length": 3, "factor": 0.9}, lambda o: of.StepLR(o, 3, 0.9)),
        schedule("multiStep", {"milestones": [10, 20]}, lambda o: of.MultiStepLR(o, [10, 20])),
        schedule(
            "multiStep",
            {"milestones": [2, 5, 30], "factor": 0.5},
            lambda o: of.MultiStepLR(o, [2, 5, 30], 0.5),
        ),
        schedule(
            "multiStep", {"milestones": [1], "factor": 3}, lambda o: of.MultiStepLR(o, [1], 3)
        ),
        schedule("exponential", {"factor": 0.95}, lambda o: of.ExponentialLR(o, 0.95)),
        schedule("exponential", {"factor": 0.5}, lambda o: of.ExponentialLR(o, 0.5)),
        schedule("exponential", {"factor": 1.1}, lambda o: of.ExponentialLR(o, 1.1)),
        schedule("polynomial", {"length": 5}, lambda o: of.PolynomialLR(o, 5)),
        schedule(
            "polynomial", {"length": 30, "power": 2}, lambda o: of.PolynomialLR(o, 30, 2)
        ),
        schedule(
            "polynomial", {"length": 50, "power": 0.5}, lambda o: of.PolynomialLR(o, 50, 0.5)
        ),
        schedule("cosine", {"length": 40}, lambda o: of.CosineAnnealingLR(o, 40)),
        schedule(
            "cosine", {"length": 10, "least": 0.01}, lambda o: of.CosineAnnealingLR(o, 10, 0.01)
        ),
        schedule(
            "cosine", {"length": 13, "least": 0.05}, lambda o: of.CosineAnnealingLR(o, 13, 0.05)
        ),
        schedule(
            "cosineWarmRestarts",
            {"length": 10},
            lambda o: of.CosineAnnealingWarmRestarts(o, 10),
        ),
        schedule(
            "cosineWarmRestarts",
            {"length": 4, "growth": 2},
            lambda o: of.CosineAnnealingWarmRestarts(o, 4, 2),
        ),
        schedule(
            "cosineWarmRestarts",
            {"length": 3, "growth": 3, "least": 0.02},
            lambda o: of.CosineAnnealingWarmRestarts(o, 3, 3, 0.02),
        ),
        schedule(
            "oneCycle",
            {"length": 40},
            lambda o: of.OneCycleLR(o, 0.1, total_steps=40, cycle_momentum=False),
            count=39,
        ),
        schedule(
            "oneCycle",
            {"length": 40, "warmUp": 0.2, "startFactor": 0.1, "endFactor": 0.001, "shape": "linear"},
            lambda o: of.OneCycleLR(
                o,
                0.1,
                total_steps=40,
                pct_start=0.2,
                div_factor=10,
                final_div_factor=100,
                anneal_strategy="linear",
                cycle_momentum=False,
            ),
            count=39,
        ),
        schedule(
            "oneCycle",
            {"length": 40, "isThreePhase": True},
            lambda o: of.OneCycleLR(
                o, 0.1, total_steps=40, three_phase=True, cycle_momentum=False
            ),
            count=39,
        ),
        schedule("linearWarmUp", {}, lambda o: of.LinearLR(o)),
        schedule(
            "linearWarmUp",
            {"startFactor": 0.01, "length": 20},
            lambda o: of.LinearLR(o, 0.01, 1, 20),
        ),
        schedule(
            "linearWarmUp",
            {"startFactor": 0.5, "endFactor": 0.8, "length": 7},
            lambda o: of.LinearLR(o, 0.5, 0.8, 7),
        ),
        schedule(
            "chained",
            {
                "schedules": [
                    described("linearWarmUp", startFactor=0.1, length=5, unit="epoch"),
                    described("exponential", factor=0.9),
                ]
            },
            lambda o: of.ChainedScheduler([of.LinearLR(o, 0.1, 1, 5), of.ExponentialLR(o, 0.9)]),
        ),
        schedule(
            "chained",
            {
                "schedules": [
                    described("constant", factor=0.5, length=10, unit="epoch"),
                    described("step", length=6, factor=0.7),
                ]
            },
            lambda o: of.ChainedScheduler([of.ConstantLR(o, 0.5, 10), of.StepLR(o, 6, 0.7)]),
        ),
        schedule(
            "chained",
            {
                "schedules": [
                    described("multiStep", milestones=[5, 9], factor=0.5),
                    described("step", length=4, factor=0.9),
                    described("exponential", factor=0.99),
                ]
            },
            lambda o: of.ChainedScheduler(
                [of.MultiStepLR(o, [5, 9], 0.5), of.StepLR(o, 4, 0.9), of.ExponentialLR(o, 0.99)]
            ),
        ),
        schedule(
            "sequential",
            {
                "schedules": [
                    described("linearWarmUp", startFactor=0.1, length=8, unit="epoch"),
                    described("cosine", length=32, unit="epoch"),
                ],
                "milestones": [8],
            },
            lambda o: of.SequentialLR(
                o, [of.LinearLR(o, 0.1, 1, 8), of.CosineAnnealingLR(o, 32)], [8]
            ),
        ),
        schedule(
            "sequential",
            {
                "schedules": [
                    described("constant", factor=0.1, length=20, unit="epoch"),
                    described("exponential", factor=0.9),
                ],
                "milestones": [20],
            },
            lambda o: of.SequentialLR(o, [of.ConstantLR(o, 0.1, 20), of.ExponentialLR(o, 0.9)], [20]),
        ),
        schedule(
            "sequential",
            {
                "schedules": [
                    described("linearWarmUp", startFactor=0.2, length=5, unit="epoch"),
                    described("step", length=3, factor=0.5),
                    described("polynomial", length=10, unit="epoch"),
                ],
                "milestones": [5, 17],
            },
            lambda o: of.SequentialLR(
                o,
                [of.LinearLR(o, 0.2, 1, 5), of.StepLR(o, 3, 0.5), of.PolynomialLR(o, 10)],
                [5, 17],
            ),
        ),
        *plateaus(),
    ]


def plateaus():
    """A measure that falls, rests and falls again, with noise."""
    noise = torch.Generator().manual_seed(1)
    measures = [
        (2 - 0.1 * i if i < 8 else 1.2 if i < 25 else 1.2 - 0.05 * (i - 25))
        + 0.05 * torch.rand(1, generator=noise).item()
        for i in range(40)
    ]

    def plateau(options, **torch_options):
        return {
            **schedule(
                "reduceOnPlateau",
                options,
                lambda o: lr_scheduler.ReduceLROnPlateau(o, **torch_options),
                metrics=measures,
            ),
            "measures": measures,
        }

    return [
        plateau({"patience": 3}, patience=3),
        plateau(
            {"factor": 0.5, "patience": 2, "threshold": 0.02, "cooldown": 4},
            factor=0.5,
            patience=2,
            threshold=0.02,
            cooldown=4,
        ),
        plateau(
            {
                "factor": 0.3,
                "patience": 1,
                "threshold": 0.03,
                "thresholdMode": "absolute",
                "least": 0.004,
            },
            factor=0.3,
            patience=1,
            threshold=0.03,
            threshold_mode="abs",
            min_lr=0.004,
        ),
    ]


def write(name, content):
    text = json.dumps({"torch": torch.__version__.split("+")[0], **content}, separators=(",", ":"))
    (FOLDER / f"{name}.json").write_text(text + "\n")


FOLDER.mkdir(exist_ok=True)
shared = {
    "shapes": SHAPES,
    "start": flat(START),
    "gradients": [flat(gradients) for gradients in GRADIENTS],
}
write("optimizers", {**shared, "cases": optimizers()})
write("wrappers", {**shared, "cases": wrappers()})
write("lbfgs", {"cases": lbfgs()})
write("schedules", {"base": 0.1, "cases": schedules()})
