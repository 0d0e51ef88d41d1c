"""The experiments that lesson 07 shows as recorded: many small trainings on the course's reviews.

    python benchmarks/adaptation.py                  # all; writes notebooks/recorded/*.json
    python benchmarks/adaptation.py --seeds 5        # the methods on seeds 0 to 4 (default: 0 to 19)
    python benchmarks/adaptation.py --only methods   # one of: sweeps, pretraining, methods
    python benchmarks/adaptation.py --resume         # goes on where it was stopped
    python benchmarks/adaptation.py --record         # trains nothing, records what is there

Every run is appended to a file of JSON lines as soon as it ends (--work; by default in the user's cache, outside the
repository), so that nothing is lost when it is stopped. Runs that two experiments share are made once. All runs use
one thread, and `cpu_seconds` is that thread's processor time: it does not grow when other programs share the machine.

All methods are tuned by one rule: the settings that are tried are stated below, each with seed 0; the two with the
highest accuracy on the validation split are tried with seed 1 as well, and the higher mean wins (of equal ones the
first). Where the best learning rate is the smallest or the largest that was tried, the next one on the ladder is
tried too, until the best lies inside. Test has no part in it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Started as a file, Python looks into this folder first, where another file has the name of a library.
sys.path[:] = [place for place in sys.path if not place or Path(place).resolve() != HERE]
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np  # noqa: E402

from course import recorded  # noqa: E402
from helpers import checkpoints, corpora, runtime  # noqa: E402

WORK = Path.home() / ".cache" / "transformers-by-hand" / "adaptation.jsonl"
SEEDS, FINALISTS, GRID_SEEDS = 20, 2, range(2)
ALL = 780
SIZES = (64, 256, ALL)
BATCH, EPOCHS, LEAST_STEPS, PROBED = 16, 3, 40, 256
LADDER = (3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
FIRST_RATES = {"full": (1e-5, 3e-5, 1e-4, 3e-4, 1e-3), "lora": (3e-4, 1e-3, 3e-3)}
ADAPTED = {"query, value": ["query", "value"], "all-linear": "all-linear"}  # what LoRA corrects
LAYERS = range(6, -1, -1)  # whose mean vectors a frozen body gives; 0: the embeddings
STRENGTHS = (1.0, 0.1, 10.0, 0.01, 100.0, 0.001, 1000.0)  # C, from scikit-learn's default outward
GRID_RATE = 1e-4  # lesson 06's, for all bodies of `pretraining`
GRID_C = 10.0  # lesson 06's, for its word counts
LORA = {"r": 8, "lora_alpha": 16, "lora_dropout": 0.1}
BODIES = ("scratch", "storybook-bert", "MiniLM")  # scratch: MiniLM's architecture with random weights
METHODS = ("counts", "frozen", "lora", "full")
ABOUT = {
    "sweeps": "How the settings of each method were chosen: accuracy on validation. Word counts and the frozen body: "
    "C of logistic regression, and the layer whose mean vectors it reads; LoRA: target modules and learning rate; "
    "full fine-tuning: learning rate.",
    "pretraining": "Test accuracy over the number of training reviews, for three starting points with one recipe, and "
    "a baseline. A seed draws the reviews (as many of each label) as well as the head and the order.",
    "methods": "Word counts, frozen body, LoRA and full fine-tuning of MiniLM on all training reviews, each with the "
    "settings that `sweeps` chose on validation; a seed is another head, another order, other dropout (the first two "
    "have no seed). A margin is the positive logit minus the negative one, for each review in the order of the file.",
}
SETTINGS = ("body", "method", "targets", "layer", "C", "rate", "examples", "seed", "epochs")


# --- which runs there are ------------------------------------------------------------------------------


def job(
    body: str,
    method: str,
    seed: int,
    examples: int = ALL,
    *,
    targets: str = "",
    layer: int | None = None,
    C: float | None = None,
    rate: float | None = None,
) -> dict:
    """One training; fewer examples get more epochs, so that there are at least LEAST_STEPS steps."""
    epochs = max(EPOCHS, math.ceil(LEAST_STEPS / math.ceil(examples / BATCH))) if rate else 0
    values = (body, method, targets, layer, C, rate, examples, seed, epochs)
    return dict(zip(SETTINGS, values, strict=True))


def validated(one: dict, runs: dict[str, dict]) -> float | None:
    """The validation accuracy of a run; None if it has not been made."""
    return runs[key(one)]["validation_accuracy"] if key(one) in runs else None


def tried_rates(method: str, targets: str, runs: dict[str, dict]) -> list[dict]:
    """The learning rates that are tried with seed 0; as long as the best is at an end, the next one is added there."""
    rates = list(FIRST_RATES[method])
    while True:
        tried = [job("MiniLM", method, 0, targets=targets, rate=rate) for rate in rates]
        scores = [validated(one, runs) for one in tried]
        if None in scores:
            return tried
        best = scores.index(max(scores))
        at = LADDER.index(rates[best])
        if best == 0 and at > 0:
            rates.insert(0, LADDER[at - 1])
        elif best == len(rates) - 1 and at < len(LADDER) - 1:
            rates.append(LADDER[at + 1])
        else:
            return tried


def trials(method: str, runs: dict[str, dict]) -> list[dict]:
    """The settings of a method that are tried, with seed 0."""
    if method == "counts":
        return [job("words", "counts", 0, C=C) for C in STRENGTHS]
    if method == "frozen":
        return [job("MiniLM", "frozen", 0, layer=layer, C=C) for layer in LAYERS for C in STRENGTHS]
    return [one for targets in (ADAPTED if method == "lora" else ("",)) for one in tried_rates(method, targets, runs)]


def finals(method: str, runs: dict[str, dict]) -> list[list[dict]]:
    """The best settings of the trials, each with two seeds if a seed decides anything; empty before the trials end."""
    tried = trials(method, runs)
    if any(validated(one, runs) is None for one in tried):
        return []
    best = sorted(tried, key=lambda one: -validated(one, runs))  # of equal ones the first stays first
    if method in ("counts", "frozen"):
        return [[best[0]]]
    return [[one, one | {"seed": 1}] for one in best[:FINALISTS]]


def best_settings(method: str, runs: dict[str, dict]) -> dict | None:
    """One run of the settings that win the finals; None before they end."""
    several = finals(method, runs)
    if not several or any(validated(one, runs) is None for pair in several for one in pair):
        return None
    return max(several, key=lambda pair: np.mean([validated(one, runs) for one in pair]))[0]


def jobs_of(name: str, runs: dict[str, dict], seeds: int = SEEDS) -> list[dict]:
    """The runs of an experiment, without those whose settings are still to be chosen by a sweep."""
    if name == "sweeps":
        return [
            one
            for method in METHODS
            for one in trials(method, runs) + [second for pair in finals(method, runs) for second in pair[1:]]
        ]
    if name == "methods":
        chosen = {method: best_settings(method, runs) for method in METHODS}
        if None in chosen.values():
            return []
        once = [chosen["counts"], chosen["frozen"]]
        return once + [chosen[method] | {"seed": seed} for seed in range(seeds) for method in ("full", "lora")]
    return [
        one
        for seed in GRID_SEEDS
        for size in SIZES
        for one in [
            job("words", "counts", seed, size, C=GRID_C),
            *(job(body, "full", seed, size, rate=GRID_RATE) for body in BODIES),
        ]
    ]


def complete_seeds(runs: dict[str, dict], seeds: int = SEEDS) -> int:
    """For how many seeds, from 0 on, both trained methods have been made."""
    missing = [one["seed"] for one in jobs_of("methods", runs, seeds) if key(one) not in runs]
    return min(missing, default=seeds)


def key(one: dict) -> str:
    return json.dumps([one[name] for name in SETTINGS])


# --- one run -------------------------------------------------------------------------------------------


@cache
def reviews() -> dict[str, dict[str, list]]:
    data = corpora.load("reviews")
    return {split: {"text": list(rows["text"]), "label": list(rows["label"])} for split, rows in data.items()}


def folder_of(body: str) -> str:
    if body == "storybook-bert":
        return str(checkpoints.ASSETS / "storybook-bert")
    if (folder := checkpoints.minilm_folder()) is None:
        sys.exit("MiniLM is not installed. Run: course fetch minilm")
    return str(folder)


@cache
def encoded(body: str):
    """The reviews as ids, masks and labels, and the collator, for one body."""
    from datasets import Dataset
    from transformers import AutoTokenizer, DataCollatorWithPadding

    tokenizer = AutoTokenizer.from_pretrained(folder_of(body))
    splits = {
        split: Dataset.from_dict({**tokenizer(rows["text"], truncation=True, max_length=128), "label": rows["label"]})
        for split, rows in reviews().items()
    }
    return splits, DataCollatorWithPadding(tokenizer)


def drawn(examples: int, seed: int) -> list[int]:
    """`examples` training reviews, as many of each label, drawn by `seed`; all of them in order if that is all."""
    labels = np.array(reviews()["train"]["label"])
    if examples >= len(labels):
        return list(range(len(labels)))
    rng = np.random.default_rng(seed)
    return sorted(int(i) for label in (0, 1) for i in rng.choice(np.flatnonzero(labels == label), examples // 2, False))


def new_model(body: str, method: str, seed: int, targets: str = ""):
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    torch.manual_seed(seed)
    if body == "scratch":
        return AutoModelForSequenceClassification.from_config(AutoConfig.from_pretrained(folder_of(body)))
    model = AutoModelForSequenceClassification.from_pretrained(folder_of(body), dtype=torch.float32)
    if method == "lora":
        from peft import LoraConfig, get_peft_model

        model = get_peft_model(model, LoraConfig(task_type="SEQ_CLS", target_modules=ADAPTED[targets], **LORA))
    return model


def fit(model, rows, collate, rate: float, epochs: int, seed: int) -> int:
    """Lesson 06's loop: AdamW, a tenth of the steps as warmup, then down to 0, gradients clipped at 1."""
    import torch
    from torch.utils.data import DataLoader
    from transformers import get_linear_schedule_with_warmup
    from transformers.trainer_pt_utils import LengthGroupedSampler

    torch.manual_seed(seed)
    order = LengthGroupedSampler(
        BATCH, lengths=[len(ids) for ids in rows["input_ids"]], generator=torch.Generator().manual_seed(seed)
    )
    loader = DataLoader(rows, batch_size=BATCH, sampler=order, collate_fn=collate)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=rate, weight_decay=0.0, fused=True)
    steps = epochs * len(loader)
    schedule = get_linear_schedule_with_warmup(optimizer, max(1, steps // 10), steps)
    model.train()
    for _ in range(epochs):
        for batch in loader:
            optimizer.zero_grad()
            model(**batch).loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            schedule.step()
    return steps


def margins(model, rows, collate) -> np.ndarray:
    """The positive logit minus the negative one of every row."""
    import torch
    from torch.utils.data import DataLoader

    model.eval()
    found = []
    with torch.no_grad():
        for batch in DataLoader(rows, batch_size=32, collate_fn=collate):
            batch.pop("labels")
            logits = model(**batch).logits
            found.append(logits[:, 1] - logits[:, 0])
    return torch.cat(found).numpy()


@cache
def features(body: str) -> tuple[dict[str, np.ndarray], float]:
    """The mean vectors of every split and layer, and the seconds that the training split took."""
    found = {split: features_of(body, rows) for split, rows in encoded(body)[0].items()}
    return {split: vectors for split, (vectors, _) in found.items()}, found["train"][1]


def features_of(body: str, rows) -> tuple[np.ndarray, float]:
    """The mean of each layer's vectors (layers, reviews, width), layer 0 the embeddings, and the processor seconds."""
    import torch
    from torch.utils.data import DataLoader
    from transformers import AutoModel

    collate = encoded(body)[1]
    model = AutoModel.from_pretrained(folder_of(body), dtype=torch.float32).eval()
    started, vectors = time.process_time(), []
    with torch.no_grad():
        for batch in DataLoader(rows, batch_size=32, collate_fn=collate):
            batch.pop("labels")
            mask = batch["attention_mask"].unsqueeze(-1)  # padding does not count
            layers = torch.stack(model(**batch, output_hidden_states=True).hidden_states)
            vectors.append((layers * mask).sum(2) / mask.sum(1))
    return torch.cat(vectors, dim=1).numpy(), time.process_time() - started


def measure(one: dict) -> dict:
    """Train as `one` says and return it with what came out."""
    rows = drawn(one["examples"], one["seed"])
    labels = {split: np.array(part["label"]) for split, part in reviews().items()}
    if one["method"] in ("counts", "frozen"):
        (steps, trainable, seconds), found = fit_linear(one, rows, labels)
    else:
        splits, collate = encoded(one["body"])
        model = new_model(one["body"], one["method"], one["seed"], one["targets"])
        trainable = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
        started = time.process_time()
        steps = fit(model, splits["train"].select(rows), collate, one["rate"], one["epochs"], one["seed"])
        seconds = time.process_time() - started
        found = {split: margins(model, splits[split], collate) for split in ("validation", "test")}
    out = one | {"steps": steps, "trainable": int(trainable), "cpu_seconds": round(seconds, 2)}
    for split, values in found.items():
        out[f"{split}_accuracy"] = round(float(((values > 0) == labels[split]).mean()), 4)
        out[f"{split}_margins"] = [round(float(value), 3) for value in values]
    return out


def fit_linear(one: dict, rows: list[int], labels: dict[str, np.ndarray]) -> tuple[tuple, dict[str, np.ndarray]]:
    """Logistic regression on word counts (TF-IDF of words and pairs, lesson 06's baseline) or on mean vectors."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    started = time.process_time()
    if one["method"] == "counts":
        texts = {split: np.array(part["text"]) for split, part in reviews().items()}
        counter = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit(texts["train"][rows])
        inputs = {split: counter.transform(several) for split, several in texts.items()}
        encoding = 0.0
    else:
        vectors, encoding = features(one["body"])
        inputs = {split: several[one["layer"]] for split, several in vectors.items()}
        started, encoding = time.process_time(), encoding * len(rows) / ALL
    head = LogisticRegression(C=one["C"], max_iter=5000).fit(inputs["train"][rows], labels["train"][rows])
    cost = 0, head.coef_.size + head.intercept_.size, time.process_time() - started + encoding
    return cost, {split: head.decision_function(inputs[split]) for split in ("validation", "test")}


# --- memory and time of the three methods, each in a process of its own ------------------------------------


def probe(method: str, targets: str) -> dict:
    """Once through PROBED reviews: the processor seconds, and how far the process grew beyond its libraries."""
    from threading import Event, Thread

    import peft  # noqa: F401  (before the first reading: it is not part of what the method needs)
    import psutil
    import torch

    splits, collate = encoded("MiniLM")
    some = splits["train"].select(range(PROBED))
    torch.nn.Linear(8, 8)(torch.zeros(2, 8)).sum().backward()
    process, over = psutil.Process(), Event()
    sizes = [process.memory_info().rss]

    def watch() -> None:
        while not over.wait(0.005):
            sizes.append(process.memory_info().rss)

    watcher = Thread(target=watch)
    watcher.start()
    try:
        if method == "frozen":
            seconds = features_of("MiniLM", some)[1]
        else:
            model = new_model("MiniLM", method, 0, targets)
            started = time.process_time()
            fit(model, some, collate, GRID_RATE, 1, 0)
            seconds = time.process_time() - started
    finally:
        over.set()
        watcher.join()
    grown = (max(sizes) - sizes[0]) / 2**20
    return {"method": method, "reviews": PROBED, "cpu_seconds": round(seconds, 2), "grown_mb": round(grown)}


def probes(targets: str, rounds: int = 2) -> list[dict]:
    """The probes in turns; of each method the fastest time and the largest growth."""
    found: dict[str, list[dict]] = {}
    for _ in range(rounds):
        for method in ("frozen", "lora", "full"):
            command = [sys.executable, str(Path(__file__).resolve()), "--probe", method, "--targets", targets]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            one = json.loads(said.splitlines()[-1])
            found.setdefault(method, []).append(one)
            print(one, flush=True)
    return [
        several[0]
        | {
            "cpu_seconds": min(one["cpu_seconds"] for one in several),
            "grown_mb": max(one["grown_mb"] for one in several),
        }
        for several in found.values()
    ]


# --- running and recording ---------------------------------------------------------------------------------


def read(work: Path) -> dict[str, dict]:
    """The runs in the file of JSON lines by their settings; a last line that was cut off is passed over."""
    runs = {}
    for line in work.read_text(encoding="utf-8").splitlines() if work.is_file() else ():
        try:
            one = json.loads(line)
        except ValueError:
            continue
        runs["probes" if "probes" in one else key(one)] = one
    return runs


def append(work: Path, one: dict) -> None:
    work.parent.mkdir(parents=True, exist_ok=True)
    cut_off = work.is_file() and work.stat().st_size and not work.read_bytes().endswith(b"\n")
    with work.open("a", encoding="utf-8") as file:
        file.write("\n" * bool(cut_off) + json.dumps(one) + "\n")
        file.flush()
        os.fsync(file.fileno())


def record(name: str, runs: dict[str, dict], only: str | None, seeds: int) -> None:
    """Write notebooks/recorded/NAME.json; the margins of single reviews only where the lesson needs them."""
    import psutil

    command = "python benchmarks/adaptation.py" + (f" --only {only}" if only else "")
    if name == "methods":
        seeds = complete_seeds(runs, seeds)  # with one method's run missing, a seed compares nothing
        command += f" --seeds {seeds}" if seeds != SEEDS else ""
    found = [runs[key(one)] for one in jobs_of(name, runs, seeds) if key(one) in runs]
    if not found:
        print(f"{name}: nothing to record yet", flush=True)
        return
    if name != "methods":
        found = [{k: v for k, v in one.items() if not k.endswith("margins")} for one in found]
    recipe = {"batch": BATCH, "epochs": EPOCHS, "least_steps": LEAST_STEPS, "warmup": 0.1, "weight_decay": 0.0}
    recipe |= {"clip": 1.0, "lora": LORA, "linear": "logistic regression (scikit-learn)"}
    extra = {}
    if name == "methods":
        extra = {"seeds": seeds, "probes": runs["probes"]["probes"] if "probes" in runs else []}
    if name == "sweeps":
        chosen = {method: best_settings(method, runs) for method in METHODS}
        extra = {
            "chosen": {m: {k: one[k] for k in ("targets", "layer", "C", "rate")} for m, one in chosen.items() if one}
        }
    file = recorded.write(
        name,
        found,
        about=ABOUT[name],
        command=command,
        date=max(one["date"] for one in found),
        packages={"torch", "transformers", "peft", "numpy", "scikit-learn"},
        note=f"{psutil.virtual_memory().total / 2**30:.0f} GB; each run uses one thread",
        recipe=recipe,
        extra=extra,
    )
    print(f"{name}: {len(found)} runs → {file.relative_to(HERE.parent)}", flush=True)


def work_through(names: list[str], work: Path, seeds: int) -> None:
    """Make the runs that are missing, seed by seed, so that what is there at any time compares like with like."""
    done = 0
    if "methods" in names and "sweeps" not in names:
        names = ["sweeps", *names]  # its settings are chosen there
    while True:
        runs = read(work)
        lora = best_settings("lora", runs) if "methods" in names else None
        if lora and "probes" not in runs:
            append(work, {"probes": probes(lora["targets"])})
            continue
        waiting = {key(one): one for name in names for one in jobs_of(name, runs, seeds) if key(one) not in runs}
        if not waiting:
            break
        one, done = min(waiting.values(), key=lambda one: one["seed"]), done + 1
        found = measure(one) | {"date": datetime.now(UTC).strftime("%Y-%m-%d")}
        append(work, found)
        settings = " ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in one.values() if v not in (None, ""))
        print(
            f"{done}, then {len(waiting) - 1} or more: {settings}: validation {found['validation_accuracy']:.3f}, "
            f"test {found['test_accuracy']:.3f}, {found['cpu_seconds']:.1f} s",
            flush=True,
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(ABOUT), help="one experiment")
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"seeds of LoRA and full (default: {SEEDS})")
    parser.add_argument("--resume", action="store_true", help="keep the runs in the work file and make the others")
    parser.add_argument("--record", action="store_true", help="train nothing, record the runs in the work file")
    parser.add_argument("--work", type=Path, default=WORK, help=f"the file of JSON lines (default: {WORK})")
    parser.add_argument("--probe", choices=["frozen", "lora", "full"], help=argparse.SUPPRESS)
    parser.add_argument("--targets", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    runtime.start("offline")
    if given.probe:
        print(json.dumps(probe(given.probe, given.targets)))
        return 0
    names = [given.only] if given.only else list(ABOUT)
    if not given.record:
        if given.work.is_file() and not given.resume:
            held = len(read(given.work))
            sys.exit(f"{given.work} holds {held} runs. Go on with --resume, or remove the file first.")
        work_through(names, given.work, given.seeds)
    for name in names:
        record(name, read(given.work), given.only, given.seeds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
