"""`course finetune`: a text classifier from a checkpoint and labeled texts, on top of transformers' Trainer.

    course finetune --data reviews --checkpoint bert --out ~/reviews
    course finetune --data mine.csv --text comment --label stars --out ~/stars
    accelerate launch --multi_gpu -m course.finetuning --data … --out …        one process for each GPU
    torchrun --nproc-per-node 2 -m course.finetuning --data … --out …          two processes, CPU or GPU

What Trainer does not do by itself is here: batches of texts of similar length, a run that can be killed at any
moment, splits that do not overlap, and figures that say how sure they are. Everything random is a function of
(seed, step) or (seed, epoch), so that a killed run goes on to the very weights of an undisturbed one.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import re
import shutil
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from helpers import checkpoints
from helpers.corpora import same_text, words
from helpers.metrics import accuracy_and_f1, confusion, figures

if TYPE_CHECKING:
    import numpy as np
    from datasets import DatasetDict
    from jaxtyping import Int

SIMILAR = 0.8  # share of the words, of both texts together, that near-duplicates have in common
POOL = 20  # batches that are sorted by length together
COMPARED = 500  # texts that begin like a text, and that it is compared with to find near-duplicates
NO_LEAKS = "No text stands in two splits, or nearly."
MANY = 10_000  # texts, from where on the search for near-duplicates shows how far it is
LONGEST = 512  # tokens, where neither the checkpoint nor --max-length says less


@dataclass(frozen=True)
class Recipe:
    """All that decides the weights, but for the data and the checkpoint. Saved as `recipe.json`.

    None and `auto` are settled when the run starts: see `settle`.
    """

    epochs: int = 3
    batch: int = 16  # texts in an optimizer step, over all processes
    learning_rate: float | None = None  # of the head; None: 1e-4 up to 512 wide, else 3e-5
    layer_decay: float = 1.0  # each layer further down learns slower by this factor
    warmup: float = 0.1  # share of the steps
    weight_decay: float = 0.01  # of matrices; not of biases and norms
    label_smoothing: float = 0.0
    max_length: int | None = None  # tokens; None: what the checkpoint admits, 512 at most
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    keep: Literal["best", "last"] = "best"  # the epoch with the best macro-F1 on validation, or the last one
    seed: int = 0

    def settle(self, model: Any, tokenizer: Any, device: str) -> Recipe:
        """The recipe with numbers in all places. Raises ValueError for more tokens than the checkpoint has places."""
        limit = checkpoints.most_tokens(model, tokenizer, LONGEST)
        if self.max_length is not None and self.max_length > limit:
            raise ValueError(f"--max-length {self.max_length}: this checkpoint reads {limit} tokens at most.")
        wide = getattr(model.config.get_text_config(), "hidden_size", 768) > 512
        return replace(
            self,
            max_length=self.max_length or limit,
            learning_rate=self.learning_rate or (3e-5 if wide else 1e-4),
            precision=choose_precision(device) if self.precision == "auto" else self.precision,
        )


def choose_precision(device: str) -> Literal["float32", "bfloat16"]:
    """bfloat16 where the processor multiplies it in hardware, by its flags; float32 elsewhere and on MPS.

    By flags and not by a stopwatch, so that the same command gives the same weights. Why so, and why AdamW is fused:
    `benchmarks/finetune.py --steps`. On an AVX-512 processor with bfloat16 a step of MiniLM was 1.7 times as fast
    forward and backward as in float32, and the fused AdamW 3.5 times as fast as the default one.
    """
    import torch

    if device == "cuda":
        return "bfloat16" if torch.cuda.get_device_capability()[0] >= 8 else "float32"
    has = [getattr(torch.cpu, name, bool)() for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")]
    return "bfloat16" if device == "cpu" and any(has) else "float32"


# --- the texts ----------------------------------------------------------------------------------


def near_duplicates(
    texts: Sequence[str], others: Sequence[str], similar: float = SIMILAR, track: Callable[[Any], Any] = iter
) -> list[tuple[int, int, float]]:
    """For each text that has a near-duplicate among `others`: (its index, the index of the nearest, their Jaccard).

    Jaccard: words in both / words in either, as sets. Equal sets are looked up. All other pairs of at least `similar`
    share their first few common words when each set is ordered by rarity (Bayardo et al. 2007): only texts that do so
    are compared, and a text with the first `COMPARED` such others at most. `track` shows how far it is.
    """
    sets, other_sets = ([set(words(text)) for text in part] for part in (texts, others))
    frequency = Counter(word for one in (*sets, *other_sets) for word in one)
    rank = {word: i for i, word in enumerate(sorted(frequency, key=lambda word: (frequency[word], word)))}

    def distinct(part: list[set[str]]) -> dict[tuple[int, ...], list[int]]:
        found: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for i, one in enumerate(part):
            if one:
                found[tuple(sorted(rank[word] for word in one))].append(i)
        return found

    def shared(size: int) -> int:
        """Of so many words these are in any similar set."""
        return math.ceil(similar * size - 1e-9)

    def depth(size: int) -> int:
        """How many common words two sets must begin with; more are rarer, but make more combinations."""
        return min(5 if size <= 9 else 4 if size <= 20 else 3 if size <= 30 else 2 if size <= 50 else 1, shared(size))

    def beginnings(one: tuple[int, ...], count: int) -> Iterator[tuple[int, ...]]:
        return combinations(one[: len(one) - shared(len(one)) + count], count)

    ours, theirs = distinct(sets), distinct(other_sets)
    found = [(i, theirs[one][0], 1.0) for one, equals in ours.items() if one in theirs for i in equals]
    open_ones = [one for one in ours if one not in theirs]
    members, left = [frozenset(one) for one in open_ones], [COMPARED] * len(open_ones)
    best, nearest = [0.0] * len(open_ones), [-1] * len(open_ones)
    holders: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for k, one in enumerate(open_ones):
        for beginning in beginnings(one, depth(len(one))):
            holders[beginning].append(k)
    for other, places in track(theirs.items()):
        size = len(other)
        sizes = range(shared(size), int(size / similar + 1e-9) + 1)
        candidates: set[int] = set()
        for count in {depth(size) for size in sizes}:
            for beginning in beginnings(other, count):
                if beginning in holders:
                    holders[beginning] = [k for k in holders[beginning] if left[k]]
                    candidates.update(holders[beginning])
        for k in candidates:
            if len(open_ones[k]) in sizes:
                left[k] -= 1
                both = len(members[k].intersection(other))
                jaccard = both / (len(open_ones[k]) + size - both)
                if jaccard > best[k]:
                    best[k], nearest[k] = jaccard, places[0]
    found += [(i, nearest[k], best[k]) for k, one in enumerate(open_ones) if best[k] >= similar for i in ours[one]]
    return sorted(found)


def without_leaks(
    data: DatasetDict, track: Callable[[Any], Any] = iter
) -> tuple[DatasetDict, dict[str, int], list[str]]:
    """`data` with no training text that is in validation or test too; counts by kind, and a sentence on each.

    "The same" ignores case and punctuation. Near-duplicates, and what validation and test share, stay: they are named.
    Raises ValueError where that leaves a label, or everything, without a training text.
    """
    data, counts, notes = type(data)(data), {}, []  # the caller's stays as it is
    keys = {split: [same_text(text) for text in data[split]["text"]] for split in data}
    seen = {key: split for split in ("validation", "test") for key in keys[split]}
    same = [i for i, key in enumerate(keys["train"]) if key in seen]
    if same:
        first, names = same[0], data["train"].features["label"].names
        before = data["train"]["label"]
        notes.append(
            f"{len(same)} training text(s) stand in validation or test too and are left out of training. "
            f"The first is row {first + 1} (in {seen[keys['train'][first]]}): {_short(data['train'][first])}"
        )
        left_out = set(same)
        data["train"] = data["train"].select([i for i in range(len(data["train"])) if i not in left_out])
        gone = sorted(set(before) - set(data["train"]["label"]))
        if gone:
            raise ValueError(
                f"All training texts of the label {names[gone[0]]!r} stand in validation or test too, so "
                "none is left to learn from. Remove them there, or let course finetune cut the splits."
            )
    counts["same in train"] = len(same)
    for split, others in (("validation", "train"), ("test", "train"), ("test", "validation")):
        near = near_duplicates(data[split]["text"], data[others]["text"], track=track)
        counts[f"near: {split}, {others}"] = len(near)
        if near:
            i, j, jaccard = max(near, key=lambda pair: pair[2])
            notes.append(
                f"{len(near)} text(s) of {split} nearly repeat one of {others}: the figures may flatter. "
                f"The nearest, {jaccard:.0%} the same words: {_short(data[split][i])} (row {i + 1}) and "
                f"{_short(data[others][j])} (row {j + 1})"
            )
    return data, counts, notes


def absent_labels(data: DatasetDict) -> tuple[dict[str, list[str]], list[str]]:
    """By split the names of the labels that have no text in it, and a sentence on each such split.

    Raises ValueError for a label that validation or test have and training has not.
    """
    names = data["train"].features["label"].names
    present = {split: set(rows["label"]) for split, rows in data.items()}
    for split in ("validation", "test"):
        unknown = sorted(present[split] - present["train"])
        if unknown:
            raise ValueError(
                f"The label {names[unknown[0]]!r} stands in {split} but has no training text to learn it "
                "from. Add examples of it to training, or remove it."
            )
    absent = {split: [name for i, name in enumerate(names) if i not in found] for split, found in present.items()}
    notes = []
    for split, missing in absent.items():
        if missing:
            shown = ", ".join(repr(name) for name in missing[:5]) + (", …" if len(missing) > 5 else "")
            what = "the model never sees it" if split == "train" else "the figures there say nothing of it"
            what = what.replace(" it", " them") if len(missing) > 1 else what
            notes.append(f"No text of {split} has the label{'s' * (len(missing) > 1)} {shown}: {what}.")
    return absent, notes


def _short(row: dict[str, Any], size: int = 60) -> str:
    text = " ".join(row["text"].split())
    return f'"{text if len(text) <= size else text[: size - 1] + "…"}"'


def encode(tokenizer: Any, data: DatasetDict, max_length: int) -> tuple[dict[str, list[dict[str, Any]]], int]:
    """Rows of ids and `labels` for each split, and how many texts were longer than `max_length` and lost their end."""
    rows: dict[str, list[dict[str, Any]]] = {}
    cut = 0
    for split, part in data.items():
        texts = list(part["text"])
        whole = tokenizer(texts, verbose=False)["input_ids"]
        cut += sum(len(ids) > max_length for ids in whole)
        encoded = tokenizer(texts, truncation=True, max_length=max_length)
        rows[split] = [
            {name: column[i] for name, column in encoded.items()} | {"labels": label}
            for i, label in enumerate(part["label"])
        ]
    return rows, cut


class Batches:
    """Lists of indices, one a step: texts of similar length together, in an order drawn from (seed, epoch).

    The shuffled texts are cut into stretches of `pool` batches, each is sorted by length and cut into batches, and the
    batches of a stretch are shuffled. Sizes differ by one at most, so no batch is a leftover. Of each batch, process
    `rank` of `world` gets every `world`-th text.
    """

    def __init__(self, lengths: Sequence[int], batch: int, seed: int, rank: int = 0, world: int = 1, pool: int = POOL):
        import numpy as np

        self.lengths, self.seed, self.rank, self.world, self.pool = np.asarray(lengths), seed, rank, world, pool
        self.steps = -(-len(lengths) // batch)
        if len(lengths) // self.steps < world:
            raise ValueError(f"{world} processes share batches of {len(lengths) // self.steps}: use a larger --batch.")
        self.epoch = 0

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[list[int]]:
        import numpy as np

        draw = np.random.default_rng((self.seed, self.epoch))
        parts = np.array_split(draw.permutation(len(self.lengths)), self.steps)
        for first in range(0, self.steps, self.pool):
            sizes = [len(part) for part in parts[first : first + self.pool]]
            together = np.concatenate(parts[first : first + self.pool])
            together = together[np.argsort(self.lengths[together], kind="stable")]
            batches = np.split(together, np.cumsum(sizes)[:-1])
            for k in draw.permutation(len(batches)):
                yield batches[k][self.rank :: self.world].tolist()


# --- the figures --------------------------------------------------------------------------------


def predict(model: Any, rows: Sequence[dict[str, Any]], collate: Any, batch: int = 64) -> Int[np.ndarray, " rows"]:
    """The label that `model` gives each row; long rows are read together with long ones."""
    import numpy as np
    import torch

    order = np.argsort([len(row["input_ids"]) for row in rows], kind="stable")
    answers = np.empty(len(rows), dtype=int)
    with torch.inference_mode():
        for first in range(0, len(rows), batch):
            these = order[first : first + batch]
            inputs = collate([rows[i] for i in these]).to(model.device)
            inputs.pop("labels")
            answers[these] = model(**inputs).logits.argmax(-1).cpu().numpy()
    return answers


# --- the run ------------------------------------------------------------------------------------


def parameter_groups(model: Any, recipe: Recipe) -> list[dict[str, Any]]:
    """Groups for AdamW: no decay for biases and norms, and with `layer_decay` slower layers toward the input."""
    layer = re.compile(r"\.(?:layers?|h|block|transformer)\.(\d+)\.")
    numbers = {name: int(found[1]) for name, _ in model.named_parameters() if (found := layer.search(name))}
    layers = max(numbers.values(), default=-1) + 1
    groups: dict[tuple[float, float], list[Any]] = defaultdict(list)
    for name, weight in model.named_parameters():
        below = layers - numbers[name] if name in numbers else (layers + 1) * ("embed" in name or ".wte" in name)
        rate = recipe.learning_rate * recipe.layer_decay**below
        groups[rate, recipe.weight_decay if weight.ndim > 1 else 0.0].append(weight)
    return [{"params": params, "lr": rate, "weight_decay": decay} for (rate, decay), params in groups.items()]


def mean_loss(outputs: Any, labels: Any, num_items_in_batch: Any = None, smoothing: float = 0.0):
    """Cross-entropy over the whole batch of all processes: summed here, divided by the count of all."""
    from torch.nn.functional import cross_entropy

    count = len(labels) if num_items_in_batch is None else num_items_in_batch
    return cross_entropy(outputs.logits.float(), labels, reduction="sum", label_smoothing=smoothing) / count


def whole_checkpoint(folder: Path) -> Path | None:
    """The last checkpoint that was written to its end; those that were not are removed.

    Trainer writes `trainer_state.json` last and removes older checkpoints after that.
    """
    found: dict[int, Path] = {}
    for path in folder.glob("checkpoint-*"):
        try:
            json.loads((path / "trainer_state.json").read_text("utf-8"))
            found[int(path.name.rpartition("-")[2])] = path
        except (OSError, ValueError):
            shutil.rmtree(path, ignore_errors=True)
    return found[max(found)] if found else None


def write(path: Path, text: str) -> None:
    """Write next to `path`, then rename: a kill leaves no half of a file."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def check_out(out: Path, resume: bool) -> None:
    """Raises FileExistsError for a folder with a run unless `resume`, and always for one with other things in it."""
    inside = [path.name for path in out.iterdir() if path.suffix != ".part"] if out.is_dir() else []
    if out.exists() and not out.is_dir():
        raise FileExistsError(f"{out} is a file. Name a folder that does not exist yet.")
    if inside and "recipe.json" not in inside:
        raise FileExistsError(f"{out} is not empty and holds no run of course finetune. Name another --out.")
    if inside and not resume:
        raise FileExistsError(f"{out} holds a run already: add --resume to continue it, or name another --out.")


def finetune(
    data: str | DatasetDict,
    out: str | Path,
    checkpoint: str = "bert",
    recipe: Recipe | None = None,
    *,
    text: str | None = None,
    label: str | None = None,
    encoding: str | None = None,
    merge_labels: bool = False,
    drop_missing: bool = False,
    resume: bool = False,
    save_every: float = 120.0,
) -> dict[str, Any]:
    """Fine-tune `checkpoint` to tell the labels of `data`, and leave in `out` all that `course finetune --help` names.

    `data` is a name as in corpora.load, with its options, or splits with `text` and `label`. Between epochs a
    checkpoint is saved every `save_every` seconds. Returns what `metrics.json` says.

    Raises FileExistsError for an `out` with something in it, ValueError for data or a checkpoint that cannot serve and
    for resuming with another recipe.
    """
    from functools import partial

    import torch
    from accelerate import PartialState
    from rich.console import Console
    from transformers import AutoModelForSequenceClassification, DataCollatorWithPadding

    from helpers import corpora, runtime

    runtime.keep_memory()
    runtime.print_anything()
    runtime.quiet()
    device = runtime.choose_device()
    several = {"backend": "gloo"} if device == "cpu" and int(os.environ.get("WORLD_SIZE", "1")) > 1 else {}
    world = PartialState(cpu=device == "cpu", **several)
    console = Console(quiet=not world.is_main_process, soft_wrap=True, highlight=False)
    quietly = contextlib.nullcontext() if world.is_main_process else contextlib.redirect_stdout(io.StringIO())
    for name in (data, checkpoint) if isinstance(data, str) else (checkpoint,):
        runtime.path_of(name)  # refused before anything is made
    out, recipe = runtime.path_of(str(runtime.path_of(str(out)).resolve())), recipe or Recipe()
    check_out(out, resume)
    world.wait_for_everyone()  # all have looked before one of them writes
    if (out / "metrics.json").exists():
        shutil.rmtree(out / "checkpoints", ignore_errors=True)
        console.print(f"{out} is finished already: see its README.md.", markup=False)
        return json.loads((out / "metrics.json").read_text("utf-8"))

    reading = {"encoding": encoding, "merge_labels": merge_labels, "drop_missing": drop_missing}
    with quietly:
        splits, notes = corpora.read(data, text, label, **reading) if isinstance(data, str) else (data, [])
    track = partial(_track, console, sum(map(len, splits.values())))
    splits, leaks, found_notes = without_leaks(splits, track)
    absent, absent_notes = absent_labels(splits)
    notes = [*notes, *found_notes, *absent_notes]
    for note in notes:
        console.print(f"Warning: {note}", markup=False)
    names = splits["train"].features["label"].names
    runtime.seed_everything(recipe.seed)  # draws the head
    try:
        with quietly:
            found = checkpoints.load(
                checkpoint,
                AutoModelForSequenceClassification,
                num_labels=len(names),
                ignore_mismatched_sizes=True,
                id2label=dict(enumerate(names)),
                label2id={name: i for i, name in enumerate(names)},
            )
    except OSError as error:
        raise ValueError(f"The checkpoint {checkpoint}: {runtime.first_line(error)}") from error
    model, tokenizer = found.model, found.tokenizer
    model.config.problem_type = "single_label_classification"
    if tokenizer.pad_token is None:  # GPT-2 has none
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token or tokenizer.convert_ids_to_tokens(0)
        model.config.pad_token_id = tokenizer.pad_token_id

    source = {
        "data": data if isinstance(data, str) else "splits given in Python",
        "text": text,
        "label": label,
        "checkpoint": checkpoint,
        "resolved": f"{found.label} from {found.source}",
    }
    source |= {name: value for name, value in reading.items() if value}
    if (out / "recipe.json").exists():
        before = json.loads((out / "recipe.json").read_text("utf-8"))
        open_before = {k: before[k] for k, value in asdict(recipe).items() if value in (None, "auto")}
        recipe = replace(recipe, **open_before)
    recipe = recipe.settle(model, tokenizer, device)
    now = source | asdict(recipe)
    if (out / "recipe.json").exists() and before != now:
        changed = [f"{k}: {before.get(k)}, now {now.get(k)}" for k in now | before if before.get(k) != now.get(k)]
        raise ValueError(f"The run in {out} was another one ({'; '.join(changed)}): resume with its own options.")
    rows, cut = encode(tokenizer, splits, recipe.max_length)
    used = {i for part in rows.values() for row in part for i in row["input_ids"]}
    checkpoints.check_vocabulary(model, tokenizer, used | {tokenizer.pad_token_id})
    if cut:
        total = sum(map(len, rows.values()))
        console.print(
            f"Warning: {cut:,} of {total:,} texts are longer than {recipe.max_length} tokens and lose their end."
        )
    batches = Batches(
        [len(row["input_ids"]) for row in rows["train"]],
        recipe.batch,
        recipe.seed,
        world.process_index,
        world.num_processes,
    )
    collate = DataCollatorWithPadding(tokenizer, pad_to_multiple_of=8 if device == "cuda" else None)
    console.print(
        f"{len(rows['train']):,} texts · {len(names)} labels · {recipe.epochs} x {len(batches):,} steps of "
        f"{recipe.batch} · {recipe.precision} · {world.num_processes} process(es) on {device}"
    )
    world.wait_for_everyone()
    if world.is_main_process:  # all checks have passed: a mistake leaves no folder in the way
        out.mkdir(parents=True, exist_ok=True)
        write(out / "recipe.json", json.dumps(now, indent=1, ensure_ascii=False) + "\n")
    trainer, watch = _trainer(model, rows, batches, collate, recipe, out, device, console, save_every)
    start = whole_checkpoint(out / "checkpoints") if resume and world.is_main_process else None
    world.wait_for_everyone()
    start = start or (whole_checkpoint(out / "checkpoints") if resume else None)
    if start:
        console.print(f"resumed after step {int(start.name.rpartition('-')[2]):,}")
    trainer.train(resume_from_checkpoint=str(start) if start else None)

    metrics: dict[str, Any] = {}
    if world.is_main_process:
        state = trainer.state
        model.save_pretrained(out)  # Trainer has loaded the best one, if that is wanted
        tokenizer.model_max_length = recipe.max_length
        tokenizer.save_pretrained(out)
        saved = AutoModelForSequenceClassification.from_pretrained(out, dtype=torch.float32).eval().to(device)
        chosen = round(state.best_global_step / len(batches)) if recipe.keep == "best" else recipe.epochs
        metrics = {
            "epoch": chosen,
            "seconds": round(watch.seconds, 1),
            "processes": world.num_processes,
            "device": torch.cuda.get_device_name() if device == "cuda" else device,
            "seed": recipe.seed,
            "checkpoint": source["resolved"],
            "labels": names,
            "absent": absent,
            "leaks": leaks,
            "cut": cut,
            "versions": runtime.versions(),
            "sizes": {split: len(part) for split, part in rows.items()},
        }
        metrics |= _evaluate(saved, rows, collate, len(names))
        curve, sentence = _pictures(out, state.log_history, metrics)
        write(out / "README.md", _card(now, metrics, curve, sentence, notes))
        write(out / "metrics.json", json.dumps(metrics, indent=1, ensure_ascii=False) + "\n")
        shutil.rmtree(out / "checkpoints", ignore_errors=True)
        shown = metrics["test"]
        low, high = shown["accuracy_interval"]
        console.print(
            f"test: accuracy {shown['accuracy']:.3f} (95 % interval {low:.3f} to {high:.3f}), "
            f"macro-F1 {shown['macro_f1']:.3f}; always the most frequent label: "
            f"{shown['majority']['accuracy']:.3f}\n{out}: model, README.md, metrics.json, pictures",
            markup=False,
        )
    return metrics


def _track(console: Any, texts: int, rows: Any) -> Any:
    """`rows`, with a bar in a terminal, or a line elsewhere, where there are so many texts that it takes a while."""
    from rich.progress import track

    if texts < MANY:
        return rows
    if not console.is_terminal:
        console.print(f"looking for near-duplicates among {texts:,} texts")
    return track(rows, "near-duplicates", console=console, transient=True, disable=not console.is_terminal)


def _trainer(model, rows, batches, collate, recipe: Recipe, out: Path, device: str, console, save_every: float):
    """A Trainer that reads `batches`, steps by a fused AdamW, and saves so that a kill costs little; and its watch."""
    from functools import partial

    import torch
    from torch.utils.data import DataLoader
    from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

    steps = recipe.epochs * len(batches)
    arguments = TrainingArguments(
        output_dir=str(out / "checkpoints"),
        num_train_epochs=recipe.epochs,
        seed=recipe.seed,
        per_device_train_batch_size=max(1, recipe.batch // batches.world),
        per_device_eval_batch_size=64,
        lr_scheduler_type="linear",
        warmup_steps=round(recipe.warmup * steps),
        max_grad_norm=1.0,
        bf16=recipe.precision == "bfloat16",
        use_cpu=device == "cpu",
        ddp_backend="gloo" if device == "cpu" and batches.world > 1 else None,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=recipe.keep == "best",
        metric_for_best_model="macro_f1",
        greater_is_better=True,
        logging_steps=max(1, steps // 200),
        average_tokens_across_devices=True,
        remove_unused_columns=False,
        ddp_find_unused_parameters=False,
        dataloader_pin_memory=device == "cuda",
        report_to=[],
        disable_tqdm=True,
    )
    arguments._n_gpu = min(1, arguments.n_gpu)  # several GPUs by several processes, never by DataParallel

    class Watch(TrainerCallback):
        """Seeds every step, saves when it is time, keeps the clock, and shows how far the run is."""

        def __init__(self) -> None:
            self.before, self.began, self.saved = 0.0, time.monotonic(), time.monotonic()
            self.progress: Any = contextlib.ExitStack()

        @property
        def seconds(self) -> float:
            return self.before + time.monotonic() - self.began

        def on_train_begin(self, args, state, control, **_):
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self.before = max((row.get("seconds", 0.0) for row in state.log_history), default=0.0)
            self.began = self.saved = time.monotonic()
            columns = TextColumn("step"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
            self.progress = Progress(
                *columns, TextColumn("{task.fields[now]}"), console=console, disable=not console.is_terminal
            )
            self.progress.start()
            self.bar = self.progress.add_task("", total=steps, completed=state.global_step, now="")

        def on_train_end(self, *_, **__):
            self.progress.stop()

        def on_epoch_begin(self, args, state, control, **_):
            batches.epoch = state.global_step // len(batches)

        def on_step_begin(self, args, state, control, **_):
            import numpy as np

            place = (recipe.seed, state.global_step, args.process_index)
            torch.manual_seed(int(np.random.SeedSequence(place).generate_state(1)[0]))  # dropout draws from here

        def on_step_end(self, args, state, control, **_):
            self.progress.update(self.bar, completed=state.global_step)
            if batches.world > 1 and state.global_step % 10:
                return  # processes agree on saving, and do not ask at every step
            due = torch.tensor(float(time.monotonic() - self.saved >= save_every), device=args.device)
            if batches.world > 1:
                torch.distributed.broadcast(due, 0)
            if due and state.global_step % len(batches):  # an epoch's last step is saved after its evaluation
                control.should_save = True

        def on_save(self, *_, **__):
            self.saved = time.monotonic()

        def on_log(self, args, state, control, logs, **_):
            state.log_history[-1]["seconds"] = self.seconds
            if "loss" in logs:
                self.progress.update(self.bar, now=f"loss {logs['loss']:.3f}")

        def on_evaluate(self, args, state, control, metrics, **_):
            console.print(
                f"epoch {round(state.epoch)}: validation loss {metrics['eval_loss']:.3f}, accuracy "
                f"{metrics['eval_accuracy']:.3f}, macro-F1 {metrics['eval_macro_f1']:.3f} "
                f"({self.seconds:.0f} s)"
            )

    class Grouped(Trainer):
        def get_train_dataloader(self):
            return DataLoader(
                self.train_dataset, batch_sampler=batches, collate_fn=collate, pin_memory=device == "cuda"
            )

    def score(predicted):

        table = confusion(predicted.label_ids, predicted.predictions.argmax(-1), model.config.num_labels)
        return dict(zip(("accuracy", "macro_f1"), accuracy_and_f1(table), strict=True))

    watch = Watch()
    optimizer = torch.optim.AdamW(parameter_groups(model.to(arguments.device), recipe), fused=device != "mps")
    trainer = Grouped(
        model,
        arguments,
        train_dataset=rows["train"],
        optimizers=(optimizer, None),
        data_collator=collate,
        eval_dataset=sorted(rows["validation"], key=lambda row: len(row["input_ids"])),
        compute_loss_func=partial(mean_loss, smoothing=recipe.label_smoothing),
        compute_metrics=score,
        callbacks=[watch],
    )
    trainer.remove_callback(PrinterCallback)
    if trainer.is_world_process_zero():
        try:
            from torch.utils.tensorboard import SummaryWriter
            from transformers.integrations import TensorBoardCallback

            trainer.add_callback(TensorBoardCallback(SummaryWriter(str(out / "tensorboard"))))
        except ImportError:
            console.print("No TensorBoard log: pip install tensorboard")
    return trainer, watch


def _evaluate(model, rows, collate, labels: int) -> dict[str, Any]:
    """Figures on validation and test, beside those of always saying what is most frequent in training."""
    import numpy as np

    majority = Counter(row["labels"] for row in rows["train"]).most_common(1)[0][0]
    found = {}
    for split in ("validation", "test"):
        actual = np.array([row["labels"] for row in rows[split]])
        table = confusion(actual, predict(model, rows[split], collate), labels)
        always = accuracy_and_f1(confusion(actual, np.full_like(actual, majority), labels))
        found[split] = figures(table) | {
            "majority": dict(zip(("accuracy", "macro_f1"), always, strict=True)),
            "confusion": table.tolist(),
        }
    return found


def _pictures(out: Path, history: list[dict[str, Any]], metrics: dict[str, Any]) -> tuple[str, str]:
    """Write `curve.png` and `confusion.png`; a sentence on each."""
    import numpy as np

    from helpers import plots
    from helpers.explorers.training import Curve, read

    names, table = metrics["labels"], np.array(metrics["test"]["confusion"])
    curve = Curve("Fine-tuning", reference=(math.log(len(names)), f"a guess among {len(names)}"))
    curve.series = {name: pair for name, pair in read(history).items() if name != "learning rate"}
    figure = plots.training_curve(curve.series, curve.title, curve.ylabel, curve.xlabel, curve.reference, curve.smooth)
    figure.savefig(out / "curve.png", dpi=plots.DPI)
    plots.confusion(table, names, "Test texts by label").savefig(out / "confusion.png", dpi=plots.DPI)
    wrong = table - np.diag(table.diagonal())
    actual, predicted = np.unravel_index(wrong.argmax(), wrong.shape)
    most = (
        f"; the most frequent mistake, {wrong.max()} times, is {_name(names[predicted])} for {_name(names[actual])}"
        if wrong.max()
        else ""
    )
    says = f"Of {table.sum():,} test texts {table.trace():,} are on the diagonal, right{most}."
    if not all(plots.can_draw(name) for name in names):
        says += " Labels in the picture: " + ", ".join(f"{i} = {_name(name)}" for i, name in enumerate(names, 1)) + "."
    return curve.sentence(), says


def _name(label: str, size: int = 80) -> str:
    """A label in a sentence of the model card: on one line, not too long, no Markdown."""
    label = " ".join(label.split())
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", label if len(label) <= size else label[: size - 1] + "…")


def _card(recipe: dict[str, Any], metrics: dict[str, Any], curve: str, table: str, notes: list[str]) -> str:
    """The model card: data, recipe, figures, limits."""

    def row(name: str, values: dict[str, Any]) -> str:
        cells = [f"{values[key]:.3f}" for key in ("accuracy", "macro_f1")]
        for k, key in enumerate(("accuracy_interval", "macro_f1_interval")):
            cells[k] += " ({:.3f} to {:.3f})".format(*values[key]) if key in values else ""
        return f"| {name} | {' | '.join(cells)} |"

    name = recipe["resolved"].partition(" from ")[0]
    best = recipe["keep"] == "best"
    return (
        (Path(__file__).parent / "model_card.txt")
        .read_text(encoding="utf-8")
        .format(
            **{k: v for k, v in (metrics | recipe).items() if k != "labels"},
            name=name,
            base=f"base_model: {name}\n" if re.fullmatch(r"[\w.-]+/[\w.-]+", name) else "",
            count=len(metrics["labels"]),
            labels=", ".join(map(_name, metrics["labels"])),
            curve_says=curve,
            table_says=table,
            figures="\n".join(
                [
                    row("test", metrics["test"]),
                    row("test, always the most frequent label", metrics["test"]["majority"]),
                    row("validation", metrics["validation"]),
                ]
            ),
            leaks_found="\n".join(
                f"- {note}" for note in (notes if any(metrics["leaks"].values()) else [*notes, NO_LEAKS])
            ),
            kept="with the best macro-F1 on validation" if best else "that came last",
            chose="chose the epoch, so its figures flatter" if best else "chose nothing",
        )
    )


if __name__ == "__main__":
    from course.cli import main

    sys.argv.insert(1, "finetune")
    main()
