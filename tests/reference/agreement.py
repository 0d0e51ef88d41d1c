"""What the tests of attention, layers and whole models share: two arrays that must agree, and torch's weights as ours.

With COURSE_EQUALITIES=FILE the comparisons are counted there, and `python tests/reference/agreement.py FILE` prints
them as a table: what against what, how many arrays, the largest difference seen.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
from pathlib import Path

import numpy as np
from hypothesis import settings

# float64 carries 1e-16 of relative error per operation, float32 6e-8; sums of some dozens of terms of size about 1
# collect a hundred times that, and mistakes are far above.
TOLERANCE = {np.dtype(np.float64): 1e-10, np.dtype(np.float32): 1e-5}
MODEL_TOLERANCE = {np.dtype(np.float64): 1e-10, np.dtype(np.float32): 1e-4}  # six layers, values to some dozens

_seen: dict[str, list[float]] = {}


def examples(number: int) -> settings:
    """At most `number` examples, fewer where the profile says so (benchmarks/mutants.py); no deadline, as a busy
    machine is no mistake of the code."""
    return settings(max_examples=min(number, settings.default.max_examples), deadline=None)


def agree(what: str, ours: np.ndarray, theirs, tolerance: dict = TOLERANCE) -> None:
    """Assert the same shape, the same dtype, and values within the tolerance for that dtype."""
    theirs = theirs if isinstance(theirs, np.ndarray) else theirs.detach().cpu().numpy()
    assert ours.shape == theirs.shape, f"{what}: shape {ours.shape}, expected {theirs.shape}"
    assert ours.dtype == theirs.dtype, f"{what}: {ours.dtype}, expected {theirs.dtype}"
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance[ours.dtype], err_msg=what)
    if "COURSE_EQUALITIES" in os.environ and ours.size:
        cases, largest = _seen.get(f"{what} | {ours.dtype}", (0, 0.0))
        _seen[f"{what} | {ours.dtype}"] = [cases + 1, max(largest, float(np.abs(ours - theirs).max()))]


@atexit.register
def _write() -> None:
    if _seen:
        with Path(os.environ["COURSE_EQUALITIES"]).open("a") as file:
            file.writelines(json.dumps([what, *seen]) + "\n" for what, seen in _seen.items())


def randomized(module, seed: int, dtype):
    """A torch module in `dtype` and eval mode, every parameter drawn anew: biases of 0 and gains of 1 hide mistakes."""
    import torch

    torch.manual_seed(seed)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, std=parameter.shape[-1] ** -0.5 if parameter.ndim > 1 else 0.5)
    return module.to(getattr(torch, np.dtype(dtype).name)).eval()


def multi_head(module):
    """The weights of a torch.nn.MultiheadAttention as ours."""
    from helpers.reference.attention import Projection
    from helpers.reference.layers import Attention

    weight, bias = (x.detach().numpy() for x in (module.in_proj_weight, module.in_proj_bias))
    parts = [Projection(w.T, b) for w, b in zip(np.split(weight, 3), np.split(bias, 3), strict=True)]
    return Attention(*parts, linear(module.out_proj), module.num_heads)


def linear(module):
    """The weights of a torch.nn.Linear as ours."""
    from helpers.reference.attention import Projection

    return Projection(module.weight.detach().numpy().T, module.bias.detach().numpy())


def norm(module):
    """The weights of a torch.nn.LayerNorm as ours."""
    from helpers.reference.layers import Norm

    return Norm(module.weight.detach().numpy(), module.bias.detach().numpy(), module.eps)


if __name__ == "__main__":
    total: dict[str, list[float]] = {}
    for line in Path(sys.argv[1]).read_text().splitlines():
        what, cases, largest = json.loads(line)
        before = total.get(what, (0, 0.0))
        total[what] = [before[0] + cases, max(before[1], largest)]
    for what, (cases, largest) in sorted(total.items()):
        print(f"| {what} | {cases:,} | {largest:.1e} |")
