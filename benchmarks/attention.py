"""How fast the reference attention is beside PyTorch's, and what the online softmax saves.

    python benchmarks/attention.py                     # prints two tables, writes build/attention.json

1. 12 heads × 512 tokens × 64 features in float32, the shape of BERT-base: the reference, PyTorch's fused function, and
   the formula in PyTorch, in turn in one process, each on one thread (the reference's exp and sums use one anyway).
   The ratio of the median CPU times must be at most 2; exit code 1 otherwise. On one thread CPU time is what the clock
   shows on an idle machine, and another process changes it little.
2. Exact against online softmax as the number of tokens doubles: CPU seconds, and the peak of what NumPy allocated, each
   in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"  # before NumPy is imported: it reads them once

import numpy as np  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from helpers.reference.attention import attention, online_attention  # noqa: E402

HEADS, TOKENS, WIDTH = 12, 512, 64
LIMIT = 2.0
FUNCTIONS = {"exact": attention, "online": online_attention}


def problem(heads: int, tokens: int, width: int):
    rng = np.random.default_rng(0)
    return [rng.normal(size=(heads, tokens, width)).astype(np.float32) for _ in range(3)]


def against_torch(repeats: int) -> dict:
    """CPU and clock milliseconds of each way, in `repeats` rounds in which each takes its turn."""
    import torch

    torch.set_num_threads(1)
    arrays = problem(HEADS, TOKENS, WIDTH)
    query, key, value = (torch.from_numpy(array)[None] for array in arrays)
    ways = {
        "the reference (NumPy)": lambda: attention(*arrays)[0],
        "PyTorch, fused": lambda: torch.nn.functional.scaled_dot_product_attention(query, key, value),
        "PyTorch, the formula": lambda: torch.softmax(query @ key.mT / WIDTH**0.5, dim=-1) @ value,
    }
    outputs = [np.asarray(way()).reshape(HEADS, TOKENS, WIDTH) for way in ways.values()]  # also warms up
    assert all(np.allclose(outputs[0], other, rtol=0, atol=1e-5) for other in outputs[1:])
    milliseconds: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    with torch.inference_mode():
        for _ in range(repeats):
            for name, way in ways.items():
                cpu, clock = time.process_time(), time.perf_counter()
                way()
                milliseconds[name].append(((time.process_time() - cpu) * 1000, (time.perf_counter() - clock) * 1000))
    return milliseconds


def alone(kind: str, tokens: int, repeats: int) -> dict:
    """CPU seconds (the least of `repeats`) and peak bytes of one kind at one size, in this process."""
    arrays, function = problem(1, tokens, WIDTH), FUNCTIONS[kind]
    seconds = []
    for _ in range(repeats):
        started = time.process_time()
        function(*arrays)
        seconds.append(time.process_time() - started)
    tracemalloc.start()  # after the timing, which it would slow down
    function(*arrays)
    peak = tracemalloc.get_traced_memory()[1]
    return {"kind": kind, "tokens": tokens, "cpu_seconds": min(seconds), "peak_bytes": peak}


def in_a_process(kind: str, tokens: int, repeats: int) -> dict:
    command = [sys.executable, __file__, "--alone", kind, "--tokens", str(tokens), "--repeats", str(repeats)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=25, help="rounds against PyTorch (default 25)")
    parser.add_argument("--longest", type=int, default=8192, help="tokens, at most, for the online softmax")
    parser.add_argument("--json", type=Path, default=ROOT / "build/attention.json", help="where the numbers go")
    parser.add_argument("--alone", choices=FUNCTIONS, help=argparse.SUPPRESS)
    parser.add_argument("--tokens", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(alone(options.alone, options.tokens, options.repeats)))
        return 0

    import torch

    milliseconds = against_torch(options.repeats)
    medians = {name: statistics.median(cpu for cpu, _ in times) for name, times in milliseconds.items()}
    fused = medians["PyTorch, fused"]
    print(f"{HEADS} heads × {TOKENS} × {WIDTH}, float32, one thread each, {options.repeats} rounds in turn, medians\n")
    print(f"{'':24}{'CPU':>10}{'clock':>10}{'CPU × fused':>14}")
    for name, times in milliseconds.items():
        clock = statistics.median(clock for _, clock in times)
        print(f"{name:24}{medians[name]:7.1f} ms{clock:7.1f} ms{medians[name] / fused:14.2f}")
    ratio = medians["the reference (NumPy)"] / fused
    print(f"\nratio {ratio:.2f}, limit {LIMIT}: {'kept' if ratio <= LIMIT else 'MISSED'}")

    sizes = [size for size in (512, 1024, 2048, 4096, 8192, 16384) if size <= options.longest]
    rows = [in_a_process(kind, size, 3) for size in sizes for kind in FUNCTIONS]
    print(f"\nOne head, width {WIDTH}, float32; peak memory is what NumPy allocated beside the inputs\n")
    print(f"{'tokens':>8}{'exact':>12}{'online':>12}{'exact':>12}{'online':>12}")
    for exact, online in zip(rows[::2], rows[1::2], strict=True):
        times = f"{exact['cpu_seconds'] * 1000:9.1f} ms{online['cpu_seconds'] * 1000:9.1f} ms"
        print(f"{exact['tokens']:8}{times}{exact['peak_bytes'] / 2**20:9.1f} MB{online['peak_bytes'] / 2**20:9.1f} MB")

    machine = {"cpu": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    report = {
        "command": "python " + " ".join(["benchmarks/attention.py", *sys.argv[1:]]),
        "versions": {"numpy": np.__version__, "torch": torch.__version__},
        "machine": machine,
        "shape": [HEADS, TOKENS, WIDTH],
        "cpu_and_clock_milliseconds": milliseconds,
        "median_cpu_ratio": ratio,
        "limit": LIMIT,
        "lengths": rows,
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
