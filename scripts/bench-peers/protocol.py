"""What the Python peers share: requests as lines of JSON, the data files, and the timing of blocks of steps."""

import json
import statistics
import sys
import time

import numpy as np


class Unsupported(Exception):
    """The peer cannot run a workload; the message says why."""


def load_rows(spec):
    """x [rows, ...input] and int64 labels [rows] of a training workload. Images, which the files have
    channels-last, become channels-first."""
    x = np.fromfile(spec["x"], np.float32).astype(spec["dtype"]).reshape(-1, *spec["inputShape"])
    if x.ndim == 4:
        x = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    return x, np.fromfile(spec["y"], np.int32).astype(np.int64)


def load_arguments(spec):
    """The arrays of a function workload."""
    return [
        np.fromfile(path, np.float32).astype(spec["dtype"]).reshape(spec["workload"]["shape"])
        for path in spec["arguments"]
    ]


def serve(version, prepare):
    """Answers requests. `prepare(spec)` returns a function that does at least the given number of steps and
    returns how many it did."""
    run = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["command"] == "prepare":
                run = prepare(request)
                answer = {"version": version, "usPerStep": warm_up(run)}
            else:
                answer = {"usPerStep": measure(run, request["seconds"])}
        except Exception as error:  # whatever went wrong is the answer
            text = str(error).strip().split("\n")[0]
            answer = {"error": text if isinstance(error, Unsupported) else f"{type(error).__name__}: {text}"}
        print(json.dumps(answer), flush=True)


def timed(run, steps):
    """Seconds a step."""
    start = time.perf_counter()
    done = run(steps)
    return (time.perf_counter() - start) / done


def warm_up(run, seconds=0.7):
    """Runs for a while. Returns microseconds of a step."""
    run(1)
    once = timed(run, 1)
    if once < 1:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            once = timed(run, 4)
    return once * 1e6


def measure(run, seconds):
    """The median of blocks of about 10 ms, in microseconds a step."""
    steps = max(1, round(0.01 / max(timed(run, 2), 1e-7)))
    blocks = []
    end = time.perf_counter() + seconds
    while not blocks or time.perf_counter() < end:
        blocks.append(timed(run, steps))
    return statistics.median(blocks) * 1e6
