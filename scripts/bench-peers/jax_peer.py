"""JAX: a jitted scan over the batches of a part of an epoch."""

import time

import jax
import jax.numpy as jnp
from protocol import load_arguments, load_rows, serve

jax.config.update("jax_enable_x64", True)


def initialize(layers, shape, dtype):
    """Parameters a layer, and the functions (parameters, x, key) → x."""
    keys = iter(jax.random.split(jax.random.key(1), 64))
    parameters, functions = [], []

    def uniform(fan_in, *sizes):
        bound = fan_in**-0.5
        return jax.random.uniform(next(keys), sizes, dtype, -bound, bound)

    for layer in layers:
        p = {}
        kind = layer["kind"]
        if kind == "linear":
            p = {"w": uniform(shape[0], shape[0], layer["units"]), "b": uniform(shape[0], layer["units"])}
            f = lambda p, x, key: x @ p["w"] + p["b"]
        elif kind == "quadratic":
            n = shape[0]
            p = {
                "u": uniform(n, n, layer["units"]),
                "v": uniform(n, n, layer["units"]),
                "b": uniform(n, layer["units"]),
            }
            f = lambda p, x, key: jnp.square(x) @ p["u"] + x @ p["v"] + p["b"]
        elif kind == "conv2d":
            channels, size, pad = layer["channels"], layer["kernel"], layer["padding"]
            fan = shape[0] * size * size
            p = {"w": uniform(fan, channels, shape[0], size, size), "b": uniform(fan, channels)}
            f = lambda p, x, key, pad=pad: (
                jax.lax.conv_general_dilated(x, p["w"], (1, 1), ((pad, pad), (pad, pad)))
                + p["b"][:, None, None]
            )
        elif kind == "maxPool2d":
            window = (1, 1, layer["size"], layer["size"])
            f = lambda p, x, key, window=window: jax.lax.reduce_window(
                x, -jnp.inf, jax.lax.max, window, window, "VALID"
            )
        elif kind == "batchNorm":
            ones = jnp.ones((shape[0], 1, 1), dtype)
            p = {"scale": ones, "shift": 0 * ones}
            f = lambda p, x, key: (
                (x - x.mean((0, 2, 3), keepdims=True))
                * jax.lax.rsqrt(x.var((0, 2, 3), keepdims=True) + 1e-5)
                * p["scale"]
                + p["shift"]
            )
        elif kind == "dropout":
            keep = 1 - layer["rate"]
            f = lambda p, x, key, keep=keep: jnp.where(
                jax.random.bernoulli(key, keep, x.shape), x / keep, 0
            )
        elif kind == "flatten":
            f = lambda p, x, key: x.reshape(x.shape[0], -1)
        elif kind == "leakyRelu":
            f = lambda p, x, key, slope=layer["slope"]: jax.nn.leaky_relu(x, slope)
        else:
            f = {
                "relu": lambda p, x, key: jax.nn.relu(x),
                "sigmoid": lambda p, x, key: jax.nn.sigmoid(x),
                "tanh": lambda p, x, key: jnp.tanh(x),
            }[kind]
        parameters.append(p)
        functions.append(f)
        shape = jax.eval_shape(f, p, jnp.zeros((2, *shape), dtype), jax.random.key(0)).shape[1:]
    return parameters, functions


def prepare_training(spec):
    workload = spec["workload"]
    x, y = load_rows(spec)
    size = workload["batchSize"]
    optimizer = workload["optimizer"]
    rate = optimizer["learningRate"]
    parameters, functions = initialize(workload["layers"], x.shape[1:], x.dtype)

    def loss_of(parameters, xb, yb, key):
        for i, (p, f) in enumerate(zip(parameters, functions)):
            xb = f(p, xb, jax.random.fold_in(key, i))
        return -jnp.take_along_axis(jax.nn.log_softmax(xb), yb[:, None], 1).mean()

    tree = jax.tree.map

    def step(state, batch):
        parameters, m, v, t = state
        t = t + 1
        gradients = jax.grad(loss_of)(parameters, *batch, jax.random.fold_in(jax.random.key(2), t))
        if optimizer["kind"] == "sgd":
            return (tree(lambda p, g: p - rate * g, parameters, gradients), m, v, t), None
        m = tree(lambda m, g: 0.9 * m + 0.1 * g, m, gradients)
        v = tree(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradients)
        scale1, scale2 = (1 - jnp.power(b, t.astype(x.dtype)) for b in (0.9, 0.999))
        parameters = tree(
            lambda p, m, v: p - rate * (m / scale1) / (jnp.sqrt(v / scale2) + 1e-8), parameters, m, v
        )
        return (parameters, m, v, t), None

    state = (parameters, tree(jnp.zeros_like, parameters), tree(jnp.zeros_like, parameters), jnp.int32(0))

    if workload.get("wholeEpochs"):
        count = len(x) // size
        xs, ys = jnp.asarray(x), jnp.asarray(y)

        @jax.jit
        def epoch(state, key):
            order = jax.random.permutation(key, count * size).reshape(count, size)
            return jax.lax.scan(lambda s, rows: step(s, (xs[rows], ys[rows])), state, order)[0]

        epochs = 0

        def run_epochs(steps):
            nonlocal state, epochs
            done = 0
            while done < steps:
                epochs += 1
                state = epoch(state, jax.random.key(epochs))
                done += count
            jax.block_until_ready(state)
            return done

        return run_epochs

    whole = len(x) // size

    def scanner(length):
        xs = jnp.asarray(x[: length * size].reshape(length, size, *x.shape[1:]))
        ys = jnp.asarray(y[: length * size].reshape(length, size))
        scan = jax.jit(lambda state, xs, ys: jax.lax.scan(step, state, (xs, ys))[0], donate_argnums=0)

        def run(steps):
            nonlocal state
            done = 0
            while done < steps:
                state = scan(state, xs, ys)
                done += length
            jax.block_until_ready(state)
            return done

        return run

    # A call of some 20 ms: long against its overhead, short against the measurement.
    probe = scanner(min(4, whole))
    probe(1)
    start = time.perf_counter()
    done = probe(4)
    each = (time.perf_counter() - start) / done
    return scanner(max(1, min(whole, round(0.02 / each))))


def prepare_function(spec):
    arguments = [jnp.asarray(a) for a in load_arguments(spec)]
    f = jax.jit(
        {
            "matmul": lambda a, b: a @ b,
            "elementwise": lambda x, y: (
                jnp.minimum(x - 0.5 * jnp.square(jnp.tanh(x * y + 1)) + jnp.abs(y), 4) * 0.25
            ),
            "softmax": lambda x: jax.nn.softmax(x, -1),
        }[spec["workload"]["call"]]
    )

    def run(calls):
        for _ in range(calls):
            result = f(*arguments)
        result.block_until_ready()
        return calls

    return run


def prepare(spec):
    return (prepare_training if spec["workload"]["kind"] == "training" else prepare_function)(spec)


serve(jax.__version__, prepare)
