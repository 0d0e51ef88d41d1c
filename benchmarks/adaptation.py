"""The experiments that lesson 07 shows as recorded: many small trainings on the course's reviews.

    python benchmarks/adaptation.py                  # all; writes notebooks/recorded/*.json
    python benchmarks/adaptation.py --only methods   # one of: learning_rates, pretraining, methods
    python benchmarks/adaptation.py --resume         # goes on where it was stopped

Every run is appended to a file of JSON lines as soon as it ends (--work; by default in the user's cache, outside the
repository), so that nothing is lost when it is stopped. Runs that two experiments share are made once. All runs use
one thread, and `cpu_seconds` is that thread's processor time: it does not grow when other programs share the machine.
Which settings are tried is stated below; what was chosen among them was chosen on the validation split.
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
SEEDS, SWEEP_SEEDS, GRID_SEEDS = range(3), range(1), range(2)
ALL = 780
SIZES = (64, 256, ALL)
BATCH, EPOCHS, LEAST_STEPS, PROBED = 16, 3, 40, 256
RATES = {"full": (1e-5, 3e-5, 1e-4, 3e-4, 1e-3), "lora": (3e-4, 1e-3, 3e-3)}
FULL_RATE = 1e-4  # lesson 06's
LORA = {"r": 8, "lora_alpha": 16, "lora_dropout": 0.1, "target_modules": ["query", "value"]}
BODIES = ("scratch", "storybook-bert", "MiniLM")  # scratch: MiniLM's architecture with random weights
ABOUT = {
    "learning_rates": "Accuracy on validation over the learning rate.",
    "pretraining": "Test accuracy over the number of training reviews, for three starting points with one recipe, and "
    "a baseline. A seed draws the reviews (as many of each label) as well as the head and the order.",
    "methods": "Frozen body, LoRA and full fine-tuning of MiniLM on all training reviews; a seed is another head, "
    "another order, other dropout. A margin is the positive logit minus the negative one, for each review in the order "
    "of the file.",
}


# --- which runs there are ------------------------------------------------------------------------------


def job(body: str, method: str, rate: float, examples: int, seed: int, epochs: int | None = None) -> dict:
    """One training; fewer examples get more epochs, so that there are at least LEAST_STEPS steps."""
    if epochs is None:
        epochs = max(EPOCHS, math.ceil(LEAST_STEPS / math.ceil(examples / BATCH)))
        epochs = 0 if method in ("counts", "frozen") else epochs
    return {"body": body, "method": method, "rate": rate, "examples": examples, "seed": seed, "epochs": epochs}


def sweep(method: str) -> list[dict]:
    return [job("MiniLM", method, rate, ALL, seed) for seed in SWEEP_SEEDS for rate in RATES[method]]


def best_rate(runs: dict[str, dict], method: str) -> float | None:
    """The rate of the sweep with the highest mean validation accuracy (the smallest of equal ones); None before it.

    Full fine-tuning keeps lesson 06's rate; a frozen body needs none.
    """
    if method != "lora":
        return {"full": FULL_RATE, "frozen": 0.0}[method]
    found: dict[float, list[float]] = {}
    for one in sweep(method):
        if key(one) not in runs:
            return None
        found.setdefault(one["rate"], []).append(runs[key(one)]["validation_accuracy"])
    return max(sorted(found), key=lambda rate: np.mean(found[rate]))


def jobs_of(name: str, runs: dict[str, dict]) -> list[dict]:
    """The runs of an experiment, without those whose rate is still to be chosen by a sweep."""
    if name == "learning_rates":
        return [one for method in RATES for one in sweep(method)]
    if name == "methods":
        rates = {method: best_rate(runs, method) for method in ("frozen", "lora", "full")}
        return [
            job("MiniLM", method, rate, ALL, seed)
            for seed in SEEDS
            for method, rate in rates.items()
            if rate is not None
        ]
    return [
        one
        for seed in GRID_SEEDS
        for size in SIZES
        for one in [job("words", "counts", 0, size, seed)] + [job(b, "full", FULL_RATE, size, seed) for b in BODIES]
    ]


def key(one: dict) -> str:
    return json.dumps([one[name] for name in ("body", "method", "rate", "examples", "seed", "epochs")])


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


def new_model(body: str, method: str, seed: int):
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    torch.manual_seed(seed)
    if body == "scratch":
        return AutoModelForSequenceClassification.from_config(AutoConfig.from_pretrained(folder_of(body)))
    model = AutoModelForSequenceClassification.from_pretrained(folder_of(body), dtype=torch.float32)
    if method == "lora":
        from peft import LoraConfig, get_peft_model

        model = get_peft_model(model, LoraConfig(task_type="SEQ_CLS", **LORA))
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
    """The mean vectors of every split, and the seconds that the training split took."""
    found = {split: features_of(body, rows) for split, rows in encoded(body)[0].items()}
    return {split: vectors for split, (vectors, _) in found.items()}, found["train"][1]


def features_of(body: str, rows) -> tuple[np.ndarray, float]:
    """The mean of the last layer's vectors of each review, and the processor seconds that took."""
    import torch
    from torch.utils.data import DataLoader
    from transformers import AutoModel

    collate = encoded(body)[1]
    model = AutoModel.from_pretrained(folder_of(body), dtype=torch.float32).eval()
    started, vectors = time.process_time(), []
    with torch.no_grad():
        for batch in DataLoader(rows, batch_size=32, collate_fn=collate):
            batch.pop("labels")
            mask = batch["attention_mask"].unsqueeze(-1)
            vectors.append((model(**batch).last_hidden_state * mask).sum(1) / mask.sum(1))
    return torch.cat(vectors).numpy(), time.process_time() - started


def measure(one: dict) -> dict:
    """Train as `one` says and return it with what came out."""

    rows = drawn(one["examples"], one["seed"])
    labels = {split: np.array(part["label"]) for split, part in reviews().items()}
    if one["method"] == "counts":
        return one | count_words(rows, labels)
    if one["method"] == "frozen":
        from sklearn.linear_model import LogisticRegression

        vectors, encoding = features(one["body"])
        started = time.process_time()
        head = LogisticRegression(max_iter=1000).fit(vectors["train"][rows], labels["train"][rows])
        seconds = time.process_time() - started + encoding * len(rows) / ALL
        steps, trainable = 0, head.coef_.size + head.intercept_.size
        found = {split: head.decision_function(vectors[split]) for split in ("validation", "test")}
    else:
        splits, collate = encoded(one["body"])
        model = new_model(one["body"], one["method"], one["seed"])
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


def count_words(rows: list[int], labels: dict[str, np.ndarray]) -> dict:
    """Lesson 06's baseline: TF-IDF of words and pairs, logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts = {split: np.array(part["text"]) for split, part in reviews().items()}
    started = time.process_time()
    counter = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10))
    counter.fit(texts["train"][rows], labels["train"][rows])
    out = {"steps": 0, "trainable": int(counter[-1].coef_.size), "cpu_seconds": round(time.process_time() - started, 2)}
    for split in ("validation", "test"):
        out[f"{split}_accuracy"] = round(float(counter.score(texts[split], labels[split])), 4)
    return out


# --- memory and time of the three methods, each in a process of its own ------------------------------------


def probe(method: str) -> dict:
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
            model = new_model("MiniLM", method, 0)
            started = time.process_time()
            fit(model, some, collate, FULL_RATE, 1, 0)
            seconds = time.process_time() - started
    finally:
        over.set()
        watcher.join()
    grown = (max(sizes) - sizes[0]) / 2**20
    return {"method": method, "reviews": PROBED, "cpu_seconds": round(seconds, 2), "grown_mb": round(grown)}


def probes(rounds: int = 2) -> list[dict]:
    """The probes in turns; of each method the fastest time and the largest growth."""
    found: dict[str, list[dict]] = {}
    for _ in range(rounds):
        for method in ("frozen", "lora", "full"):
            command = [sys.executable, str(Path(__file__).resolve()), "--probe", method]
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


def record(name: str, runs: dict[str, dict], command: str) -> None:
    """Write notebooks/recorded/NAME.json; the margins of single reviews only where the lesson needs them."""
    import psutil

    found = [runs[key(one)] for one in jobs_of(name, runs) if key(one) in runs]
    if name != "methods":
        found = [{k: v for k, v in one.items() if not k.endswith("margins")} for one in found]
    file = recorded.write(
        name,
        found,
        about=ABOUT[name],
        command=command,
        date=max(one["date"] for one in found),
        packages={"torch", "transformers", "peft", "numpy", "scikit-learn"},
        note=f"{psutil.virtual_memory().total / 2**30:.0f} GB; each run uses one thread",
        recipe={
            "batch": BATCH,
            "epochs": EPOCHS,
            "least_steps": LEAST_STEPS,
            "warmup": 0.1,
            "weight_decay": 0.0,
            "clip": 1.0,
            "lora": LORA,
            "full_rate": FULL_RATE,
            "frozen": "logistic regression (scikit-learn's defaults) on mean vectors",
        },
        extra={"probes": runs["probes"]["probes"] if "probes" in runs else []} if name == "methods" else None,
    )
    print(f"{name}: {len(found)} runs → {file.relative_to(HERE.parent)}", flush=True)


def work_through(names: list[str], work: Path) -> None:
    """Make the runs that are missing, seed by seed, so that what is there at any time compares like with like."""
    done = 0
    if "methods" in names and "learning_rates" not in names:
        names = ["learning_rates", *names]  # its rates are chosen there
    while True:
        runs = read(work)
        waiting = {key(one): one for name in names for one in jobs_of(name, runs) if key(one) not in runs}
        if not waiting:
            break
        one, done = min(waiting.values(), key=lambda one: one["seed"]), done + 1
        found = measure(one) | {"date": datetime.now(UTC).strftime("%Y-%m-%d")}
        append(work, found)
        settings = " ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in one.values())
        print(
            f"{done}, then {len(waiting) - 1} or more: {settings}: validation {found['validation_accuracy']:.3f}, "
            f"test {found['test_accuracy']:.3f}, {found['cpu_seconds']:.1f} s",
            flush=True,
        )
    if "methods" in names and "probes" not in runs:
        append(work, {"probes": probes()})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(ABOUT), help="one experiment")
    parser.add_argument("--resume", action="store_true", help="keep the runs in the work file and make the others")
    parser.add_argument("--work", type=Path, default=WORK, help=f"the file of JSON lines (default: {WORK})")
    parser.add_argument("--probe", choices=["frozen", "lora", "full"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    runtime.start("offline")
    if given.probe:
        print(json.dumps(probe(given.probe)))
        return 0
    if given.work.is_file() and not given.resume:
        sys.exit(f"{given.work} holds {len(read(given.work))} runs. Go on with --resume, or remove the file first.")
    names = [given.only] if given.only else list(ABOUT)
    work_through(names, given.work)
    command = "python benchmarks/adaptation.py" + (f" --only {given.only}" if given.only else "")
    for name in names:
        record(name, read(given.work), command)
    return 0


if __name__ == "__main__":
    sys.exit(main())
