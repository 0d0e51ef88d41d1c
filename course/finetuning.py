"""`course finetune`: a checkpoint learns a task (`course.tasks`) from examples, on top of transformers' Trainer.

    course finetune --data reviews --checkpoint bert --out ~/reviews
    course finetune --data mine.csv --text comment --label stars --out ~/stars
    course finetune --task qa --data fairytales --lora 16 --out ~/reader
    accelerate launch --multi_gpu -m course.cli finetune --data … --out …        one process for each GPU
    torchrun --nproc-per-node 2 -m course.cli finetune --data … --out …          two processes, CPU or GPU

Trainer trains, saves and resumes. What is added here: an order that depends on seed and epoch only (so that a run that
was killed goes on in it), LoRA, and figures that say how sure they are.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from course.options import option
from course.tasks import TASKS, Data, Task

if TYPE_CHECKING:
    from datasets import DatasetDict

MANY = 10_000  # texts, from where on the search for near-duplicates shows how far it is
LAYER = re.compile(r"\.(?:layers?|h|block|transformer)\.(\d+)\.")


@dataclass(frozen=True)
class Recipe:
    """All that decides the weights, but for the data and the checkpoint. Saved as `recipe.json`.

    Each field is an option of the command. None and `auto` are settled when the run starts: see `settle`.
    """

    epochs: int = option(3, "Passes over the training texts.", min=1)
    batch: int = option(16, "Number of texts in a step, over all processes.", min=1)
    learning_rate: float | None = option(
        None,
        "Learning rate of the head.",
        min=1e-8,
        max=1,
        shown="1e-4 up to 512 wide, 3e-5 for wider checkpoints, ten times that with --lora",
    )
    lora: int = option(0, "Rank of LoRA's matrices beside those of each layer; 0 trains all weights.", min=0)
    layer_decay: float = option(1.0, "Factor by which each layer learns more slowly than the one above.", min=0, max=1)
    dropout: float | None = option(
        None, "Share of values that dropout removes.", min=0, max=0.9, shown="the checkpoint's, 0 with --lora"
    )
    warmup: float = option(0.1, "Share of the steps in which the learning rate rises.", min=0, max=1)
    weight_decay: float = option(0.01, "Weight decay of the matrices, but not of biases and norms.", min=0)
    label_smoothing: float = option(0.0, "Share of each label that is spread over all labels.", min=0, max=1)
    max_length: int | None = option(
        None,
        "Number of tokens at which longer texts are cut; for qa the length of a window.",
        min=4,
        shown="the checkpoint's, at most 512; 384 for qa, 256 for pairs",
    )
    overlap: int = option(128, "qa: number of tokens that a window shares with the one before.", min=0)
    precision: Literal["auto", "float32", "bfloat16"] = option(
        "auto", "auto means bfloat16 if the processor has it, otherwise float32."
    )
    keep: Literal["best", "last"] = option(
        "best", "The epoch whose weights are kept: best (on validation, by macro-F1, F1 or MRR) or last."
    )
    seed: int = option(0, "Seed of the head, the order and dropout; the splits stay the same.")

    def settle(self, model: Any, tokenizer: Any, device: str, longest: int = Task.longest) -> Recipe:
        """The recipe with numbers in all places. Raises ValueError for more tokens than the checkpoint has places."""
        from helpers import checkpoints

        limit = checkpoints.most_tokens(model, tokenizer, Task.longest)
        if self.max_length is not None and self.max_length > limit:
            raise ValueError(f"--max-length {self.max_length}: this checkpoint reads {limit} tokens at most.")
        wide = getattr(model.config.get_text_config(), "hidden_size", 768) > 512
        return replace(
            self,
            max_length=self.max_length or min(limit, longest),
            learning_rate=self.learning_rate or (3e-5 if wide else 1e-4) * (10 if self.lora else 1),
            dropout=0.0 if self.dropout is None and self.lora else self.dropout,
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


# --- the run ------------------------------------------------------------------------------------


def finetune(
    data: str | DatasetDict,
    out: str | Path,
    checkpoint: str = "bert",
    recipe: Recipe | None = None,
    *,
    task: str = "classification",
    text: str | None = None,
    label: str | None = None,
    question: str | None = None,
    passage: str | None = None,
    answer: str | None = None,
    encoding: str | None = None,
    merge_labels: bool = False,
    drop_missing: bool = False,
    resume: bool = False,
    save_every: float = 120.0,
) -> dict[str, Any]:
    """Fine-tune `checkpoint` for a `task` on `data`, and leave in `out` all that `course finetune --help` names.

    `data` is a name as in `course finetune --help`, with the options that say how to read it, or for classification
    splits with `text` and `label`. Between epochs a checkpoint is saved every `save_every` seconds. Returns what
    `metrics.json` says.

    Raises FileExistsError for an `out` with something in it, ValueError for data or a checkpoint that cannot serve and
    for resuming with another recipe.
    """
    from functools import partial

    import torch
    from accelerate import PartialState
    from rich.console import Console

    from course import model_card
    from helpers import checkpoints, runtime

    # --- where we are: one process or several, and a folder in which nothing gets lost ---
    runtime.keep_memory()
    runtime.print_anything()
    runtime.quiet()
    device, recipe = runtime.choose_device(), recipe or Recipe()
    # Without a backend, accelerate takes MPI for processes on CPUs where it finds it; gloo is in every torch.
    gloo = {"backend": "gloo"} if device == "cpu" and int(os.environ.get("WORLD_SIZE", "1")) > 1 else {}
    world = PartialState(cpu=device == "cpu", **gloo)
    console = Console(quiet=not world.is_main_process, soft_wrap=True, highlight=False)
    quietly = contextlib.nullcontext() if world.is_main_process else contextlib.redirect_stdout(io.StringIO())
    for name in (data, checkpoint) if isinstance(data, str) else (checkpoint,):
        runtime.path_of(name)  # refused before anything is made
    out = runtime.path_of(str(runtime.path_of(str(out)).resolve()))  # a link may lead to a name that is not UTF-8
    check_out(out, resume)
    world.wait_for_everyone()  # all have looked before one of them writes
    if (out / "metrics.json").exists():  # written last
        shutil.rmtree(out / "checkpoints", ignore_errors=True)
        console.print(f"{out} is already finished: see its README.md.", markup=False)
        return json.loads((out / "metrics.json").read_text("utf-8"))
    if recipe.batch % world.num_processes:
        raise ValueError(f"--batch {recipe.batch} cannot be divided among {world.num_processes} processes.")

    # --- the examples, and what makes figures look better than they are ---
    columns = {"text": text, "label": label, "question": question, "passage": passage, "answer": answer}
    reading = {"encoding": encoding, "merge_labels": merge_labels, "drop_missing": drop_missing}
    this = choose_task(task, columns, reading, recipe)
    columns = {name: value for name, value in columns.items() if name in this.columns}
    with quietly:
        found = this.read(data, columns, reading, partial(_track, console))
    for note in found.notes:
        console.print(f"Warning: {note}", markup=False)

    # --- the checkpoint with a new head ---
    runtime.seed_everything(recipe.seed)  # draws the head
    with quietly:
        loaded = load(checkpoint, this, found)
    model, tokenizer = loaded.model, loaded.tokenizer

    # --- the recipe in numbers; a run that goes on has the numbers that it began with ---
    source = {
        "data": data if isinstance(data, str) else "splits given in Python",
        **columns,
        "checkpoint": checkpoint,
        "resolved": f"{loaded.label} from {loaded.source}",
        **{name: value for name, value in reading.items() if value},
        **({} if task == "classification" else {"task": task}),
    }
    earlier = json.loads((out / "recipe.json").read_text("utf-8")) if (out / "recipe.json").exists() else {}
    # What is left open keeps what was settled on, perhaps on another machine: a GPU would choose bfloat16.
    recipe = replace(recipe, **{k: earlier[k] for k, v in asdict(recipe).items() if v in (None, "auto") and earlier})
    recipe = recipe.settle(model, tokenizer, device, this.longest)
    now = source | asdict(recipe)
    if earlier and earlier != now:
        changed = [f"{k}: {earlier.get(k)}, now {now.get(k)}" for k in now | earlier if earlier.get(k) != now.get(k)]
        raise ValueError(
            f"The run in {out} was a different one ({'; '.join(changed)}): resume it with its own options."
        )

    # --- texts become ids ---
    rows, cut = this.encode(tokenizer, found.splits, recipe)
    used = {i for part in rows.values() for row in part for name in row if name.endswith("_ids") for i in row[name]}
    checkpoints.check_vocabulary(model, tokenizer, used | {tokenizer.pad_token_id})
    sizes = {split: len(part) for split, part in found.splits.items()}
    steps = -(-len(rows["train"]) // recipe.batch)
    if cut:
        console.print(f"Warning: {this.was_cut(cut, sum(sizes.values()), recipe)}.")
    collate = this.collate(tokenizer, 8 if device == "cuda" else None)
    before = this.before(model.to(device), found, rows, collate)
    if recipe.lora:
        model = with_lora(model, recipe.lora)
    for part in model.modules() if recipe.dropout is not None else ():
        if isinstance(part, torch.nn.Dropout):
            part.p = recipe.dropout
    console.print(
        f"{sizes['train']:,} {this.noun} · {this.aim(found)} · {recipe.epochs} x {steps:,} steps of "
        f"{recipe.batch} · {recipe.precision} · {world.num_processes} process(es) on {device}"
    )

    # --- training, from the last checkpoint if there is one ---
    world.wait_for_everyone()
    if world.is_main_process:  # all checks have passed: a mistake leaves no folder in the way
        runtime.write_whole(out / "recipe.json", json.dumps(now, indent=1, ensure_ascii=False) + "\n")
    trainer, watch = _trainer(this, model, rows, collate, recipe, out, device, console, save_every)
    start = last_checkpoint(out / "checkpoints") if resume else None
    if start:
        console.print(f"resumed after step {_step(start):,}")
    trainer.train(resume_from_checkpoint=str(start) if start else None)
    if not world.is_main_process:
        return {}

    # --- figures, pictures, a card; metrics.json comes last and says that the run is finished ---
    tokenizer.model_max_length = recipe.max_length
    tokenizer.save_pretrained(out)
    if recipe.lora:
        model = merged(model, out / "adapter", loaded.label)
    model.save_pretrained(out)  # Trainer has loaded the best one, if that is wanted
    # Read again and in float32: the figures are those of the files, as whoever loads them finds them.
    model = this.auto_class().from_pretrained(out, dtype=torch.float32).eval().to(device)
    metrics = {
        "epoch": round(trainer.state.best_global_step / steps) if recipe.keep == "best" else recipe.epochs,
        "seconds": round(watch.seconds, 1),
        "processes": world.num_processes,
        "device": torch.cuda.get_device_name() if device == "cuda" else device,
        "seed": recipe.seed,
        "checkpoint": source["resolved"],
        **found.facts,
        "cut": cut,
        "versions": runtime.versions(),
        "sizes": sizes,
        **{split: this.figures(model, split, found, rows, collate, before) for split in ("validation", "test")},
    }
    sentences = model_card.pictures(out, trainer.state.log_history, metrics)
    runtime.write_whole(out / "README.md", model_card.text(this, now, metrics, *sentences, found.notes))
    runtime.write_whole(out / "metrics.json", json.dumps(metrics, indent=1, ensure_ascii=False) + "\n")
    shutil.rmtree(out / "checkpoints", ignore_errors=True)
    console.print(
        f"test: {this.told(metrics['test'])}\n{out}: model, {'adapter, ' if recipe.lora else ''}README.md, "
        "metrics.json, pictures",
        markup=False,
    )
    return metrics


def choose_task(name: str, columns: Mapping[str, str | None], reading: Mapping[str, Any], recipe: Recipe) -> Task:
    """The task `name`. Raises ValueError for one that there is not, and for an option that it does not read."""
    if name not in TASKS:
        raise ValueError(f"--task is {name!r}; it can be {', '.join(TASKS)}.")
    task = TASKS[name]
    used = {**task.columns, **dict.fromkeys(task.options)}
    given = {**columns, **reading, "label_smoothing": recipe.label_smoothing}
    for option_name in (k for k, value in given.items() if value and k not in used):
        known = ", ".join(f"--{k.replace('_', '-')}" for k in used)
        raise ValueError(f"--{option_name.replace('_', '-')} says nothing to --task {name}, which reads {known}.")
    return task


def load(checkpoint: str, task: Task, data: Data) -> Any:
    """The checkpoint with a new head for the task. Raises ValueError where it cannot be read."""
    from helpers import checkpoints, runtime

    try:
        loaded = checkpoints.load(checkpoint, task.auto_class(), **task.head(data))
    except OSError as error:
        raise ValueError(f"The checkpoint {checkpoint}: {runtime.first_line(error)}") from error
    model, tokenizer = loaded.model, loaded.tokenizer
    if tokenizer.pad_token is None:  # GPT-2 has none
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token or tokenizer.convert_ids_to_tokens(0)
        model.config.pad_token_id = tokenizer.pad_token_id
    if not task.pooler and getattr(model, "pooler", None) is not None:
        model.pooler.requires_grad_(False)  # processes wait for the gradients of all that learns
    return loaded


def with_lora(model: Any, rank: int) -> Any:
    """`model` with two thin matrices beside each matrix of its layers (Hu et al. 2021); those and its head learn."""
    from peft import LoraConfig, get_peft_model

    matrices = [
        name
        for name, module in model.named_modules()
        if LAYER.search(f".{name}.") and type(module).__name__ in ("Linear", "Conv1D")
    ]
    if not matrices:
        raise ValueError("--lora finds no matrices in the layers of this checkpoint. Leave --lora out.")
    base = model.base_model_prefix if hasattr(model, model.base_model_prefix) else ""
    heads = [name for name, part in model.named_children() if base and name != base and [*part.parameters()]]
    pooler = [f"{base}.pooler"] if base and getattr(getattr(model, base), "pooler", None) is not None else []
    return get_peft_model(
        model, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=matrices, modules_to_save=heads + pooler)
    )


def merged(model: Any, folder: Path, name: str) -> Any:
    """`model` with its LoRA added to its matrices, after the adapter was rounded to float16 and saved in `folder`."""
    import torch
    from safetensors.torch import load_file, save_file

    with torch.no_grad():
        for weight in model.parameters():
            if weight.requires_grad:
                weight.copy_(weight.half())
    for config in model.peft_config.values():
        hub_id = re.search(r"[\w.-]+/[\w.-]+", name)
        config.base_model_name_or_path = hub_id[0] if hub_id else name  # not where it lies on this machine
        config.inference_mode = True
    model.save_pretrained(folder, save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)  # peft's, with gaps to fill in; ours is beside the folder
    file = folder / "adapter_model.safetensors"
    save_file({key: weight.half() for key, weight in load_file(file).items()}, file, {"format": "pt"})
    return model.merge_and_unload()


def parameter_groups(model: Any, recipe: Recipe) -> list[dict[str, Any]]:
    """Groups for AdamW: no decay for biases and norms, and with `layer_decay` slower layers toward the input."""
    numbers = {name: int(match[1]) for name, _ in model.named_parameters() if (match := LAYER.search(name))}
    layers = max(numbers.values(), default=-1) + 1
    groups: dict[tuple[float, float], list[Any]] = defaultdict(list)
    for name, weight in model.named_parameters():
        if not weight.requires_grad:
            continue
        below = layers - numbers[name] if name in numbers else (layers + 1) * ("embed" in name or ".wte" in name)
        rate = recipe.learning_rate * recipe.layer_decay**below
        groups[rate, recipe.weight_decay if weight.ndim > 1 else 0.0].append(weight)
    return [{"params": params, "lr": rate, "weight_decay": decay} for (rate, decay), params in groups.items()]


def check_out(out: Path, resume: bool) -> None:
    """Raises FileExistsError for a folder with a run unless `resume`, and always for one with other things in it."""
    inside = [path.name for path in out.iterdir() if path.suffix != ".part"] if out.is_dir() else []
    if out.exists() and not out.is_dir():
        raise FileExistsError(f"{out} is a file. Name a folder that does not exist yet.")
    if inside and "recipe.json" not in inside:
        raise FileExistsError(f"{out} is not empty and holds no run of course finetune. Name another --out.")
    if inside and not resume:
        raise FileExistsError(f"{out} holds a run already: add --resume to continue it, or name another --out.")


def last_checkpoint(folder: Path) -> Path | None:
    """The last checkpoint that was written to its end: Trainer's own search also takes half of one.

    `trainer_state.json` is what Trainer writes last, and it removes older checkpoints after that.
    """
    whole = []
    for path in folder.glob("checkpoint-*"):
        with contextlib.suppress(OSError, ValueError):
            json.loads((path / "trainer_state.json").read_text("utf-8"))
            whole.append(path)
    return max(whole, key=_step, default=None)


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def _track(console: Any, texts: int, rows: Any) -> Any:
    """`rows`, with a bar in a terminal, or a line elsewhere, where there are so many texts that it takes a while."""
    from rich.progress import track

    if texts < MANY:
        return rows
    if not console.is_terminal:
        console.print(f"looking for near-duplicates among {texts:,} texts")
    return track(rows, "near-duplicates", console=console, transient=True, disable=not console.is_terminal)


def _trainer(task: Task, model, rows, collate, recipe: Recipe, out: Path, device: str, console, save_every: float):
    """A Trainer for `rows` that shows how far it is and saves so that a kill costs little; and its watch."""
    import torch
    from accelerate import PartialState
    from transformers import PrinterCallback, Trainer, TrainingArguments
    from transformers.trainer_pt_utils import LengthGroupedSampler

    steps = recipe.epochs * -(-len(rows["train"]) // recipe.batch)
    world = PartialState().num_processes
    arguments = TrainingArguments(
        output_dir=str(out / "checkpoints"),
        num_train_epochs=recipe.epochs,
        seed=recipe.seed,
        per_device_train_batch_size=recipe.batch // world,
        per_device_eval_batch_size=64,
        warmup_steps=round(recipe.warmup * steps),
        label_smoothing_factor=recipe.label_smoothing,
        # Processes have equally many texts, so the mean of their means is right. True multiplies the loss by the number
        # of processes where forward takes any keyword, as BERT's does, though the loss is a mean already.
        average_tokens_across_devices=False,
        bf16=recipe.precision == "bfloat16",
        use_cpu=device == "cpu",
        ddp_backend="gloo" if device == "cpu" and world > 1 else None,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=recipe.keep == "best",
        metric_for_best_model=task.best,
        label_names=task.label_names,
        logging_steps=max(1, steps // 200),  # the curve has about so many points
        remove_unused_columns=False,
        ddp_find_unused_parameters=False,
        dataloader_pin_memory=device == "cuda",
        disable_tqdm=True,
    )
    arguments._n_gpu = min(1, arguments.n_gpu)  # several GPUs by several processes, never by DataParallel

    # Trainer's own sampler draws from torch's one stream: after a kill within an epoch its order would be another one.
    # With a generator that is seeded as each epoch starts it is the same, in one process and in several.
    order = torch.Generator()
    lengths = [task.length(row) for row in rows["train"]]

    class ByLength(LengthGroupedSampler):
        """Batches of similar length, in any order: those of Trainer go from long texts to short ones."""

        def __iter__(self):
            *full, last = torch.tensor(list(super().__iter__())).split(self.batch_size)  # the last may be smaller
            shuffled = [full[k] for k in torch.randperm(len(full), generator=order)]
            return iter(torch.cat([*shuffled, last]).tolist())

    class InOrder(Trainer):
        def _get_train_sampler(self, train_dataset=None):
            return ByLength(recipe.batch, lengths=lengths, generator=order)

        def compute_loss(self, model, inputs, return_outputs=False, **more):
            if task.loss is None:
                return super().compute_loss(model, inputs, return_outputs, **more)
            loss, outputs = task.loss(model, inputs)
            return (loss, outputs) if return_outputs else loss

    validation = sorted(rows["validation"], key=task.length)  # little padding

    def score(predicted) -> dict[str, float]:
        arrays = predicted.predictions if isinstance(predicted.predictions, tuple) else (predicted.predictions,)
        return task.score([*zip(*arrays)], validation)

    # Fused is 3.5 times as fast as the default on a CPU; not everywhere on MPS.
    optimizer = torch.optim.AdamW(parameter_groups(model.to(arguments.device), recipe), fused=device != "mps")
    watch = _watch(task, order, recipe, steps, save_every, console)
    trainer = InOrder(
        model,
        arguments,
        train_dataset=rows["train"],
        eval_dataset=validation,
        data_collator=collate,
        optimizers=(optimizer, None),
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


def _watch(task: Task, order, recipe: Recipe, steps: int, save_every: float, console):
    """What happens beside the steps: the order of an epoch, a checkpoint when it is time, the clock, a bar."""
    import torch
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from transformers import TrainerCallback

    now = TextColumn("{task.fields[now]}")
    columns = TextColumn("step"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), now
    progress = Progress(*columns, console=console, disable=not console.is_terminal)
    bar = progress.add_task("", total=steps, now="")
    per_epoch = steps // recipe.epochs

    class Watch(TrainerCallback):
        began = saved = before = 0.0

        @property
        def seconds(self) -> float:
            """Seconds of training, also those before the run was killed."""
            return self.before + time.monotonic() - self.began

        def on_train_begin(self, args, state, control, **_):
            self.before = max((row.get("seconds", 0.0) for row in state.log_history), default=0.0)
            self.began = self.saved = time.monotonic()
            progress.start()

        def on_train_end(self, *_, **__):
            progress.stop()

        def on_epoch_begin(self, args, state, control, **_):
            order.manual_seed(1_000_003 * recipe.seed + state.global_step // per_epoch)

        def on_step_end(self, args, state, control, **_):
            progress.update(bar, completed=state.global_step)
            if args.world_size > 1 and state.global_step % 10:
                return  # processes agree on saving, and do not ask at every step
            due = torch.tensor(float(time.monotonic() - self.saved >= save_every), device=args.device)
            if args.world_size > 1:
                torch.distributed.broadcast(due, 0)
            if due and state.global_step % per_epoch:  # an epoch's last step is saved after its evaluation
                control.should_save = True

        def on_save(self, *_, **__):
            self.saved = time.monotonic()

        def on_log(self, args, state, control, logs, **_):
            state.log_history[-1]["seconds"] = self.seconds  # is saved with the state
            if "loss" in logs:
                progress.update(bar, now=f"loss {logs['loss']:.3f}")

        def on_evaluate(self, args, state, control, metrics, **_):
            console.print(
                f"epoch {round(state.epoch)}: validation loss {metrics['eval_loss']:.3f}, "
                + ", ".join(f"{told} {metrics[f'eval_{name}']:.3f}" for name, told in task.told_as.items())
                + f" ({self.seconds:.0f} s)"
            )

    return Watch()
