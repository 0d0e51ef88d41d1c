"""How fast the loop of lesson 09 writes beside `model.generate`, and what the cache saves.

    python benchmarks/generate.py                      # prints two tables, writes build/generate.json
    python benchmarks/generate.py --model gpt2-shaped --device cuda:0

1. The loop with the cache and `model.generate`, greedily from the same prompt to the same tokens (checked), for 1, 8
   and 32 texts at once. In each round both take their turn, in an order that alternates; the ratio is that of a round,
   `generate`'s seconds / the loop's, given as the median and the quartiles of all rounds. Exit code 1 if the median for
   one text is below 1.
2. Tokens per second with and without the cache as the text grows, one text at once.

On a CPU everything runs on one thread and CPU time is measured: it is what the clock shows on an idle machine, and
another process changes it little. On a GPU it is the clock, up to the moment when the tokens have arrived.
`gpt2-shaped` is a model of GPT-2's size with random weights; they make no difference to the time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# This folder holds a tokenizers.py, which is not the library that transformers needs.
sys.path[:] = [str(ROOT), *(place for place in sys.path if Path(place or ".").resolve() != ROOT / "benchmarks")]

import torch  # noqa: E402
import transformers  # noqa: E402

PROMPT, NEW = 16, 64
BATCHES = 1, 8, 32
LENGTHS = 25, 50, 100, 200
LIMIT = 1.0


def write(model, ids, steps, cached=True):
    """The loop of lesson 09."""
    new, cache = ids, None
    for _ in range(steps):
        out = model(new, past_key_values=cache, use_cache=cached)
        token = out.logits[:, -1].argmax(-1, keepdim=True)
        ids = torch.cat([ids, token], dim=1)
        new, cache = (token, out.past_key_values) if cached else (ids, None)
    return ids


def library(model, ids, steps):
    """The same by `generate`; what the loop does not do (end-of-text, sampling) is switched off."""
    return model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=steps, do_sample=False)


def without(model, ids, steps):
    return write(model, ids, steps, cached=False)


def load(name: str, device: str):
    if name == "gpt2-shaped":
        torch.manual_seed(0)
        model = transformers.GPT2LMHeadModel(transformers.GPT2Config())
    else:
        model = transformers.AutoModelForCausalLM.from_pretrained(name, dtype=torch.float32)
    model.generation_config.eos_token_id = None
    return model.eval().to(device)


def seconds(way, model, ids, steps) -> float:
    clock = time.process_time if model.device.type == "cpu" else time.perf_counter
    started = clock()
    way(model, ids, steps).tolist()  # which waits for the device
    return clock() - started


def agree(model, first, other) -> bool:
    """Whether both wrote the same tokens; on a GPU, which sums in any order, they may part where two tie."""
    apart = (first != other).any(dim=0).nonzero()
    if not len(apart):
        return True
    at = int(apart[0])
    logits = model(first[:, :at]).logits[:, -1]
    gap = logits.gather(1, first[:, at : at + 1]) - logits.gather(1, other[:, at : at + 1])
    return model.device.type == "cuda" and float(gap.abs().max()) < 1e-3  # float32, logits of size 10


def rounds(ways: dict, model, ids, steps: int, repeats: int) -> dict[str, list[float]]:
    """Seconds of each way in `repeats` rounds, after one that only warms up and checks that all write the same."""
    first, *others = [way(model, ids, steps) for way in ways.values()]
    assert all(agree(model, first, other) for other in others), "the ways write different tokens"
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for i in range(repeats):
        for name in list(ways)[:: 1 if i % 2 else -1]:
            taken[name].append(seconds(ways[name], model, ids, steps))
    return taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    place = ROOT / "helpers/assets/storybook-gpt2"
    parser.add_argument(
        "--model", default=str(place), help="a folder, a Hub id, or gpt2-shaped (default storybook-gpt2)"
    )
    parser.add_argument("--device", default="cpu", help="where it runs (default cpu)")
    parser.add_argument("--repeats", type=int, default=15, help="rounds (default 15)")
    parser.add_argument("--json", type=Path, default=ROOT / "build/generate.json", help="where the numbers go")
    options = parser.parse_args()

    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    if options.device.startswith("cuda") and not torch.cuda.is_available():
        print("torch sees no CUDA device here: leave out --device, or name another.", file=sys.stderr)
        return 2
    model = load(options.model, options.device)
    label = Path(options.model).name
    prompts = torch.randint(
        1, model.config.vocab_size, (max(BATCHES), PROMPT), generator=torch.Generator().manual_seed(0)
    )
    prompts = prompts.to(model.device)

    print(f"{label} on {options.device}: {PROMPT} tokens given, {NEW} written, {options.repeats} rounds in turn\n")
    print(f"{'texts':>5}{'the loop':>16}{'model.generate':>18}{'ratio':>8}   quartiles")
    batches = {}
    for batch in BATCHES:
        taken = rounds({"loop": write, "generate": library}, model, prompts[:batch], NEW, options.repeats)
        ratios = [b / a for a, b in zip(taken["loop"], taken["generate"], strict=True)]
        low, ratio, high = statistics.quantiles(ratios, n=4)
        speed = {name: batch * NEW / statistics.median(times) for name, times in taken.items()}
        print(
            f"{batch:5}{speed['loop']:10,.0f} tok/s{speed['generate']:12,.0f} tok/s{ratio:8.2f}   {low:.2f}–{high:.2f}"
        )
        batches[batch] = {"tokens_per_second": speed, "ratio": ratio, "quartiles": [low, high], "seconds": taken}
    ratio = batches[1]["ratio"]
    print(f"\nratio for one text {ratio:.2f}, limit {LIMIT}: {'kept' if ratio >= LIMIT else 'MISSED'}\n")

    lengths = {}
    print("One text, tokens per second over the whole of what is written\n")
    print(f"{'written':>7}{'with the cache':>18}{'without':>12}{'ratio':>8}   quartiles")
    for new in LENGTHS:
        repeats = max(3, options.repeats // 3)
        taken = rounds({"cache": write, "without": without}, model, prompts[:1], new, repeats)
        ratios = [b / a for a, b in zip(taken["cache"], taken["without"], strict=True)]
        low, ratio_here, high = statistics.quantiles(ratios, n=4)
        speed = {name: new / statistics.median(times) for name, times in taken.items()}
        line = f"{new:7}{speed['cache']:12,.0f} tok/s{speed['without']:6,.0f} tok/s"
        print(f"{line}{ratio_here:8.2f}   {low:.2f}–{high:.2f}")
        lengths[new] = {"tokens_per_second": speed, "ratio": ratio_here, "quartiles": [low, high], "seconds": taken}

    device = torch.cuda.get_device_name(model.device) if model.device.type == "cuda" else platform.machine()
    report = {
        "command": "python " + " ".join(["benchmarks/generate.py", *sys.argv[1:]]),
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "machine": {"device": device, "cores": os.cpu_count(), "python": platform.python_version()},
        "model": label,
        "prompt_and_new_tokens": [PROMPT, NEW],
        "batches": batches,
        "ratio": ratio,
        "limit": LIMIT,
        "lengths": lengths,
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0 if ratio >= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
