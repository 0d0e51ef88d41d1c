"""How fast and how good `course finetune` is, beside transformers' Trainer as people use it.

    COURSE_DATA=FOLDER python benchmarks/finetune.py              # seconds, and the accuracy they buy
    COURSE_DATA=FOLDER python benchmarks/finetune.py --accuracy   # MiniLM on all of SST-2's sentences, three seeds
    COURSE_DATA=FOLDER python benchmarks/finetune.py --tune       # other recipes, compared on training sentences only
    python benchmarks/finetune.py --near                          # near-duplicates among 10,000 to 40,000 short texts
    python benchmarks/finetune.py --steps                         # one step: float32 or bfloat16, AdamW fused or not

FOLDER holds sst2/train.tsv and sst2/dev.tsv; where COURSE_DATA is not set, the first measures on the course's reviews.
Each run is a process of its own (memory settings stay with a process), and the ways take turns in every seed. Seconds
are those of the training loop, with an evaluation after each epoch; ours saves a checkpoint then, too. All ways have
the same texts, batch, epochs, learning rate, warmup and seeds. Results go to build/finetune_*.json.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev

HERE = Path(__file__).resolve().parent
# Started as a file, Python looks into this folder first, where another file has the name of a library.
sys.path[:] = [place for place in sys.path if not place or Path(place).resolve() != HERE]

from course.finetuning import Recipe  # noqa: E402

SEEDS = range(5)
TEXTS, EPOCHS = 2000, 2  # of the speed comparison: its slowest way reads 128 places a text
SPEED = Recipe(epochs=EPOCHS, keep="last")
WAYS = ("Trainer, padded to the longest", "Trainer, padded to 128", "course finetune", "course finetune, float32")
TRIED = {  # --tune: each changes the recipe of the course
    "the course's": {},
    "2e-4, batch 32, 4 epochs": {"epochs": 4, "learning_rate": 2e-4, "batch": 32},
    "3e-4, layer decay 0.8, batch 32, 4 epochs": {"epochs": 4, "learning_rate": 3e-4, "layer_decay": 0.8, "batch": 32},
    "label smoothing 0.1, 4 epochs": {"epochs": 4, "label_smoothing": 0.1},
}


def sst2(held_out: int):
    """Splits of SST-2: `held_out` sentences cut from training for validation, and the development set as test."""
    from datasets import ClassLabel, Dataset, DatasetDict, Features, Value

    features = Features({"text": Value("string"), "label": ClassLabel(names=["negative", "positive"])})
    parts = {}
    for split in ("train", "dev"):
        lines = (Path(os.environ["COURSE_DATA"]) / "sst2" / f"{split}.tsv").read_text(encoding="utf-8").splitlines()
        texts, labels = zip(*(line.rsplit("\t", 1) for line in lines))
        parts[split] = Dataset.from_dict({"text": list(texts), "label": [int(x) for x in labels]}, features=features)
    cut = parts["train"].train_test_split(held_out, seed=0, stratify_by_column="label")
    return DatasetDict(train=cut["train"], validation=cut["test"], test=parts["dev"])


def speed_data(texts: int):
    """`texts` training sentences and the development set as validation, or the reviews."""
    from helpers import corpora

    if not os.environ.get("COURSE_DATA"):
        return corpora.load("reviews")
    data = sst2(1000)
    data["validation"], data["test"] = data["test"], data["validation"]
    data["train"] = data["train"].select(range(texts))
    return data


def plain_trainer(data, padding: dict, recipe: Recipe) -> dict:
    """What a script does that follows the documentation: Trainer with its defaults and a padding collator."""
    import numpy as np
    from transformers import (
        AutoModelForSequenceClassification,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
        set_seed,
    )

    from helpers import checkpoints, runtime

    runtime.quiet()
    set_seed(recipe.seed)
    loaded = checkpoints.load("bert", AutoModelForSequenceClassification, num_labels=2)
    rows = data.map(lambda part: loaded.tokenizer(part["text"], truncation=True, max_length=128), batched=True)
    steps = recipe.epochs * -(-len(rows["train"]) // recipe.batch)
    with tempfile.TemporaryDirectory() as out:
        arguments = TrainingArguments(
            out,
            num_train_epochs=recipe.epochs,
            per_device_train_batch_size=recipe.batch,
            learning_rate=1e-4,
            per_device_eval_batch_size=64,
            warmup_steps=round(recipe.warmup * steps),
            seed=recipe.seed,
            weight_decay=recipe.weight_decay,
            eval_strategy="epoch",
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            use_cpu=not runtime.has_cuda(),
        )
        trainer = Trainer(
            loaded.model,
            arguments,
            DataCollatorWithPadding(loaded.tokenizer, **padding),
            rows["train"],
            rows["validation"],
            compute_metrics=lambda results: {"accuracy": np.mean(results.predictions.argmax(-1) == results.label_ids)},
        )
        began = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - began
    return {"seconds": seconds, "accuracy": float(trainer.state.log_history[-2]["eval_accuracy"])}


def ours(data, recipe: Recipe, split: str = "validation") -> dict:
    from course.finetuning import finetune

    with tempfile.TemporaryDirectory() as folder:
        metrics = finetune(data, Path(folder) / "out", "bert", recipe)
    return {
        "seconds": metrics["seconds"],
        "accuracy": metrics[split]["accuracy"],
        "recipe": str(recipe),
        "interval": metrics[split]["accuracy_interval"],
        "sizes": metrics["sizes"],
        "leaks": metrics["leaks"],
    }


def one(way: str, seed: int, texts: int) -> dict:
    """One run of one way, in this process."""
    if way in TRIED:
        return ours(sst2(1400), Recipe(keep="last", seed=seed, **TRIED[way]))
    if way == "accuracy":
        return ours(sst2(100), Recipe(keep="last", seed=seed), "test")
    data, recipe = speed_data(texts), replace(SPEED, learning_rate=1e-4, seed=seed)
    if way == WAYS[0]:
        return plain_trainer(data, {}, recipe)
    if way == WAYS[1]:
        return plain_trainer(data, {"padding": "max_length", "max_length": 128}, recipe)
    return ours(data, replace(recipe, precision="float32" if way == WAYS[3] else "auto", max_length=128))


def run(way: str, seed: int, texts: int = TEXTS) -> dict:
    """One run of one way, in a process of its own."""
    command = [sys.executable, __file__, "--one", way, "--seeds", str(seed), "--texts", str(texts)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"COURSE_PROFILE": "offline"}
    )
    if done.returncode:
        sys.exit(f"{way}, seed {seed}:\n{done.stdout}\n{done.stderr}")
    results = json.loads(done.stdout.splitlines()[-1])
    print(f"  seed {seed}  {way:41} {results['seconds']:7.1f} s   accuracy {results['accuracy']:.4f}", flush=True)
    return results


def keep(name: str, results: object) -> None:
    from helpers import runtime

    out = Path("build", f"finetune_{name}.json")
    out.parent.mkdir(exist_ok=True)
    text = {
        "results": results,
        "versions": runtime.versions(),
        "cores": os.cpu_count(),
        "date": time.strftime("%Y-%m-%d"),
    }
    out.write_text(json.dumps(text, indent=1) + "\n")


def speed(seeds, ways, texts: int) -> int:
    ways = [way for way in WAYS if way in ways or way in (WAYS[0], WAYS[2])]
    results: dict[str, list[dict]] = {way: [] for way in ways}
    for seed in seeds:
        for k in range(len(ways)):
            way = ways[(seed + k) % len(ways)]
            results[way].append(run(way, seed, texts))
        keep("speed", results)
    first = results[WAYS[0]]
    print(f"{'':34}{'seconds':>9}{'as fast':>9}{'accuracy':>10}   against the first, seed by seed")
    for way, runs in results.items():
        apart = [a["accuracy"] - b["accuracy"] for a, b in zip(runs, first, strict=True)]
        times = mean(b["seconds"] / a["seconds"] for a, b in zip(runs, first, strict=True))
        seconds, right = (mean(run[key] for run in runs) for key in ("seconds", "accuracy"))
        print(
            f"{way:34}{seconds:9.1f}{times:8.2f}x{right:10.4f}   {mean(apart):+.4f}   "
            f"({', '.join(f'{x:+.3f}' for x in apart)})"
        )
    ratio = mean(b["seconds"] / a["seconds"] for a, b in zip(results[WAYS[2]], first, strict=True))
    worse = mean(b["accuracy"] - a["accuracy"] for a, b in zip(results[WAYS[2]], first, strict=True))
    print(f"{ratio:.2f}x as fast as {WAYS[0]}; accuracy {-worse:+.4f} (aim: at least 1.2x, not worse by 0.01)")
    return int(ratio < 1.2 or worse > 0.01)


def accuracy(ways, seeds, name: str) -> None:
    results = {}
    for way in ways:
        results[way] = [run(way, seed) for seed in seeds]
        keep(name, results)
    for way, runs in results.items():
        right = [r["accuracy"] for r in runs]
        spread = f" ± {stdev(right):.4f}" if len(right) > 1 else ""
        print(
            f"{way:41} {mean(right):.4f}{spread} over {len(right)} seeds ({', '.join(f'{x:.4f}' for x in right)}), "
            f"{mean(r['seconds'] for r in runs):.0f} s each"
        )


def steps(rounds: int, batch: int = 16) -> None:
    """Seconds for forward, backward, clipping and AdamW on the longest, a middle and the shortest batch, in turns."""
    import torch

    from helpers import checkpoints
    from helpers.runtime import keep_memory

    keep_memory()
    loaded = checkpoints.load("bert")
    head = torch.nn.Linear(loaded.model.config.hidden_size, 2)
    parameters = [*loaded.model.parameters(), *head.parameters()]
    loaded.model.train()
    optimizers = {
        name: torch.optim.AdamW(parameters, lr=1e-5, **how)
        for name, how in (("fused", {"fused": True}), ("foreach", {"foreach": True}), ("loop", {"foreach": False}))
    }
    lengths = 12, 24, 48
    results: dict[str, list[float]] = {}
    for _ in range(rounds):
        for precision in ("float32", "bfloat16"):
            for name, optimizer in optimizers.items():
                parts = [0.0, 0.0]
                for length in lengths:
                    ids = torch.randint(1000, 20000, (batch, length))
                    began = time.perf_counter()
                    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
                        hidden = loaded.model(input_ids=ids).last_hidden_state[:, 0]
                        loss = torch.nn.functional.cross_entropy(head(hidden).float(), ids[:, 0] % 2)
                    loss.backward()
                    middle = time.perf_counter()
                    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
                    optimizer.step()
                    optimizer.zero_grad()
                    parts = [parts[0] + middle - began, parts[1] + time.perf_counter() - middle]
                results.setdefault(f"forward and backward, {precision}", []).append(parts[0])
                results.setdefault(f"clipping and AdamW, {name}", []).append(parts[1])
    for what, seconds in results.items():
        print(f"{what:36} {1000 * sorted(seconds)[len(seconds) // 2] / len(lengths):7.1f} ms a step of {batch} texts")
    keep("steps", {what: sorted(seconds)[len(seconds) // 2] / len(lengths) for what, seconds in results.items()})


def near(counts=(10_000, 20_000, 40_000)) -> None:
    """Processor seconds for the three searches of a run, on texts of a few words from a small vocabulary."""
    import random

    from course.leaks import near_duplicates

    kinds = {"3 to 7 of 50 words": (50, 3, 7), "3 to 7 of 300 words": (300, 3, 7), "8 to 15 of 50 words": (50, 8, 15)}
    results: dict[str, dict[int, float]] = {}
    for kind, (vocabulary, low, high) in kinds.items():
        for count in counts:
            draw = random.Random(0)
            words = [f"w{i}" for i in range(vocabulary)]
            texts = [" ".join(draw.choices(words, k=draw.randint(low, high))) for _ in range(count)]
            train, validation, test = (texts[count * a // 5 : count * b // 5] for a, b in ((0, 3), (3, 4), (4, 5)))
            began = time.process_time()
            near_duplicates(validation, train), near_duplicates(test, train), near_duplicates(test, validation)
            seconds = time.process_time() - began
            results.setdefault(kind, {})[count] = seconds
            print(f"{kind:20} {count:7,} texts {seconds:7.2f} s", flush=True)
    keep("near", results)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accuracy", action="store_true")
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--steps", action="store_true")
    parser.add_argument("--near", action="store_true")
    parser.add_argument("--seeds", type=int, nargs="+", help="default: 0 to 4; --accuracy and --tune: 0 to 2")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these ways only; with --tune these recipes")
    parser.add_argument("--texts", type=int, default=TEXTS, help="of SST-2's training sentences, to compare the speed")
    parser.add_argument("--rounds", type=int, default=12, help="--steps: how often each is timed")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one(given.one, given.seeds[0], given.texts)))
        return 0
    if given.near:
        near()
        return 0
    if given.steps:
        steps(given.rounds)
        return 0
    if given.accuracy or given.tune:
        if not os.environ.get("COURSE_DATA"):
            print("COURSE_DATA is not set: it names the folder with sst2/. Nothing was measured.")
            return 0
        ways = given.only or list(TRIED) if given.tune else ["accuracy"]
        accuracy(ways, given.seeds or range(3), "tune" if given.tune else "accuracy")
        return 0
    return speed(given.seeds or SEEDS, given.only or WAYS, given.texts)


if __name__ == "__main__":
    sys.exit(main())
