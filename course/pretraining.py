"""How the bundled checkpoints were made: GPT-2 or BERT, small, from scratch, on a folder of books.

    course pretrain gpt2 --corpus storybooks.tar.xz --out ~/storybook-gpt2
    torchrun --nproc-per-node 2 -m course.pretraining gpt2 --corpus … --out …     two processes, CPU or GPU

Everything random is a function of (seed, step): which windows a step reads, what it masks, what it
drops. A run that was killed therefore continues from its last saved state to the very weights that
an undisturbed run reaches.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import tarfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from course.options import option
from helpers.metrics import END_OF_TEXT, bits_per_character

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Int

HELD_OUT = ("e-nesbit_the-enchanted-castle", "kenneth-grahame_the-wind-in-the-willows")
"""Two books that the bundled checkpoints never saw: one by an author they know, one by a stranger."""

BERT_SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


@dataclass(frozen=True)
class Recipe:
    """All that decides the weights. Saved beside them as `recipe.json`."""

    architecture: Literal["gpt2", "bert"] = "gpt2"
    width: int = option(256, "Of the hidden states; divided among the heads.", min=1)
    layers: int = option(6, "Blocks.", min=1)
    heads: int = option(4, "Attention heads in a block.", min=1)
    vocabulary: int = option(4096, "Tokens; bytes are 256 of them.", min=257)
    context: int = option(512, "Tokens in a window.", min=8)
    batch: int = option(8, "Windows in an optimizer step, over all processes.", min=1)
    micro_batch: int = option(8, "Windows in a forward pass: fewer are kinder to caches.", min=1)
    tokens: int = option(36_000_000, "Tokens read in the whole run, repeats counted.", min=1)
    learning_rate: float = option(2.5e-3, "After the warmup; from there a cosine goes down to zero.", min=0)
    warmup: float = option(0.02, "Share of the steps in which the learning rate rises.", min=0, max=1)
    weight_decay: float = option(0.5, "Of the matrices in the blocks: strong, for texts are read ten times.", min=0)
    embedding_decay: float = option(0.1, "Weight decay of all the rest.", min=0)
    dropout: float = option(0.1, "Share of what a block adds that is dropped.", min=0, max=1)
    dropout_after: float = option(0.0, "Share of the steps that run without dropout first.", min=0, max=1)
    masked: float = option(
        0.15, "Share of the tokens that BERT guesses in the last step, and when measured.", min=0, max=1
    )
    masked_first: float = option(
        0.4, "The share in the first step; it falls in a straight line (Yang et al. 2023).", min=0, max=1
    )
    growing: float = option(
        0.15, "Share of the steps that read shorter windows, doubled four times on the way.", min=0, max=1
    )
    seed: int = option(0, "Of weights, order, masks and dropout.")
    held_out: tuple[str, ...] = option(HELD_OUT, "A book to validate on; repeatable.")

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError(f"--width {self.width} cannot be divided among --heads {self.heads}.")

    @property
    def steps(self) -> int:
        return max(1, self.tokens // (self.batch * self.context))

    def learning_rate_at(self, step: int) -> float:
        """Linear warmup, then a cosine from `learning_rate` down to zero."""
        warmup = max(1, round(self.warmup * self.steps))
        if step < warmup:
            return self.learning_rate * (step + 1) / warmup
        progress = (step - warmup) / max(1, self.steps - warmup)
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))

    def masked_at(self, step: int) -> float:
        """Share of the tokens that BERT has to guess in `step`: many while it learns words, few at the end."""
        return self.masked_first + (self.masked - self.masked_first) * step / max(1, self.steps - 1)

    def context_at(self, step: int) -> int:
        """Tokens in a window at `step`. In a short window the neighbors are found first; later more is worth seeing."""
        if step >= self.growing * self.steps:
            return self.context
        halvings = 4 - int(4 * step / (self.growing * self.steps))
        return max(1, self.context >> halvings)


RECIPES = {
    "gpt2": Recipe(),
    "bert": Recipe(
        architecture="bert",
        context=128,
        batch=32,
        micro_batch=32,
        tokens=18_000_000,
        learning_rate=2e-3,
        warmup=0.05,
        weight_decay=0.1,
        embedding_decay=0.01,
        dropout_after=1.0,
        growing=0.2,
    ),
}
"""What made the bundled checkpoints."""


# --- text ---------------------------------------------------------------------------------------


def read_corpus(corpus: str, held_out: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    """Training texts, and the held-out texts by name, from a folder, a tar archive or a Hub id.

    A folder or an archive holds one `.txt` file a book; those named in `held_out` are kept apart.
    A Hub id needs a `text` column; its `validation` or `test` split is held out, else its last 2 %.

    Raises ValueError when there is nothing to train on or nothing to validate on.
    """
    path = Path(corpus).expanduser()
    books: dict[str, str] = {}
    if path.is_dir():
        books = {f.stem: _decoded(f.read_bytes(), f) for f in sorted(path.rglob("*.txt"))}
    elif path.is_file():
        with tarfile.open(path) as archive:
            for member in sorted(archive.getmembers(), key=lambda m: m.name):
                if member.isfile() and member.name.endswith(".txt"):
                    books[Path(member.name).stem] = _decoded(archive.extractfile(member).read(), member.name)
    else:
        return _read_hub_corpus(corpus)
    missing = [name for name in held_out if name not in books]
    if missing or len(books) <= len(held_out):
        raise ValueError(
            f"{corpus} holds {len(books)} .txt files and lacks the held-out {', '.join(missing) or 'rest'}. "
            "Name other books to hold out with --held-out."
        )
    return [text for name, text in books.items() if name not in held_out], {n: books[n] for n in held_out}


def _decoded(content: bytes, name: str | Path) -> str:
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"{name} is not in UTF-8 (byte {error.start}): save it as UTF-8.") from None


def _read_hub_corpus(hub_id: str) -> tuple[list[str], dict[str, str]]:
    from datasets import load_dataset

    splits = load_dataset(hub_id)
    train = splits["train"]
    if "text" not in train.column_names:
        raise ValueError(f"{hub_id} has no column `text`; it has {', '.join(train.column_names)}.")
    name = next((n for n in ("validation", "test") if n in splits), None)
    if name is None:
        cut = len(train) - max(1, len(train) // 50)
        return ["\n".join(train[:cut]["text"])], {"last 2 %": "\n".join(train[cut:]["text"])}
    return ["\n".join(train["text"])], {name: "\n".join(splits[name]["text"])}


def train_tokenizer(texts: list[str], recipe: Recipe):
    """GPT-2's byte-level BPE or BERT's uncased WordPiece, trained on `texts` with `tokenizers`."""
    from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer
    from transformers import BertTokenizer, GPT2Tokenizer

    paragraphs = [line for text in texts for line in text.splitlines(keepends=True)]
    if recipe.architecture == "gpt2":
        trained = ByteLevelBPETokenizer()
        trained.train_from_iterator(
            paragraphs, vocab_size=recipe.vocabulary, min_frequency=2, special_tokens=[END_OF_TEXT], show_progress=False
        )
        model = json.loads(trained.to_str())["model"]
        return GPT2Tokenizer(
            vocab=model["vocab"], merges=[tuple(m) for m in model["merges"]], model_max_length=recipe.context
        )
    trained = BertWordPieceTokenizer()
    # The trainer numbers the pieces "##a" in the order of a hash table, another one each time. Named ahead, they
    # have fixed numbers, and so has everything that is merged from them.
    inner = set()
    for line in paragraphs:
        for word, _ in trained.pre_tokenizer.pre_tokenize_str(trained.normalizer.normalize_str(line)):
            inner.update(word[1:])
    trained.train_from_iterator(
        paragraphs,
        vocab_size=recipe.vocabulary,
        min_frequency=2,
        show_progress=False,
        special_tokens=[*BERT_SPECIAL_TOKENS, *(f"##{character}" for character in sorted(inner))],
    )
    return BertTokenizer(vocab=trained.get_vocab(), model_max_length=recipe.context)


def encode_books(tokenizer, texts: list[str]) -> Int[np.ndarray, " tokens"]:
    """One long row of ids. Books are joined by GPT-2's end of text, or by BERT's separator."""
    import numpy as np

    end = tokenizer.convert_tokens_to_ids(END_OF_TEXT) if tokenizer.mask_token_id is None else tokenizer.sep_token_id
    rows = [[end, *tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]] for text in texts]
    return np.concatenate([np.asarray(row, dtype=np.int64) for row in rows])


def windows(ids: Int[np.ndarray, " tokens"], step: int, recipe: Recipe) -> Int[np.ndarray, "batch window"]:
    """The windows of `context` + 1 tokens that optimizer step `step` reads.

    A pass over the text cuts it into windows at a random offset and shuffles them; the next pass
    cuts it elsewhere. Both depend on (seed, pass) alone.
    """
    import numpy as np

    size = recipe.context
    per_pass = (len(ids) - 1 - size) // size
    if per_pass < 1:
        raise ValueError(f"The corpus has {len(ids)} tokens: too few for windows of {size}. Use a smaller context.")
    rows = []
    for position in range(step * recipe.batch, (step + 1) * recipe.batch):
        epoch, index = divmod(position, per_pass)
        rng = np.random.default_rng((recipe.seed, epoch))
        offset = int(rng.integers(size))
        start = offset + int(rng.permutation(per_pass)[index]) * size
        rows.append(ids[start : start + size + 1])
    return np.stack(rows)


def mask_tokens(ids, tokenizer, share: float, generator):
    """BERT's corruption (Devlin et al. 2019, section 3.1): of the chosen tokens 80 % become [MASK],
    10 % a random token, 10 % stay. Returns (input_ids, labels); labels are -100 where nothing is asked.
    """
    import torch

    special = torch.tensor(sorted(tokenizer.all_special_ids))
    chosen = (torch.rand(ids.shape, generator=generator) < share) & ~torch.isin(ids, special)
    labels = torch.where(chosen, ids, -100)
    draw = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(len(special), len(tokenizer), ids.shape, generator=generator)
    inputs = torch.where(chosen & (draw < 0.8), tokenizer.mask_token_id, ids)
    return torch.where(chosen & (draw >= 0.9), random_ids, inputs), labels


# --- model --------------------------------------------------------------------------------------


def build_model(recipe: Recipe, tokenizer):
    """transformers' own GPT2LMHeadModel or BertForMaskedLM at the recipe's size, freshly initialised."""
    import torch
    from transformers import BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel

    torch.manual_seed(recipe.seed)
    if recipe.architecture == "gpt2":
        end = tokenizer.convert_tokens_to_ids(END_OF_TEXT)
        return GPT2LMHeadModel(
            GPT2Config(
                vocab_size=len(tokenizer),
                n_positions=recipe.context,
                n_embd=recipe.width,
                n_layer=recipe.layers,
                n_head=recipe.heads,
                bos_token_id=end,
                eos_token_id=end,
                resid_pdrop=0.0,
                embd_pdrop=0.0,
                attn_pdrop=0.0,
                activation_function="gelu_pytorch_tanh",  # GPT-2's gelu_new in one fused kernel: same formula
            )
        )
    model = BertForMaskedLM(
        BertConfig(
            vocab_size=len(tokenizer),
            max_position_embeddings=recipe.context,
            hidden_size=recipe.width,
            num_hidden_layers=recipe.layers,
            num_attention_heads=recipe.heads,
            intermediate_size=4 * recipe.width,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    # The learned positions start as sinusoids (Vaswani et al. 2017): neighbors are told apart from the first step.
    angles = torch.arange(recipe.context)[:, None] / 10_000 ** (torch.arange(0, recipe.width, 2) / recipe.width)
    waves = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)
    with torch.no_grad():
        model.bert.embeddings.position_embeddings.weight.copy_(0.03 * waves)
    return model


def start_at_frequencies(model, ids) -> None:
    """BERT's head starts with each token's log frequency as its bias: nothing is spent on learning which are common."""
    import torch

    counts = torch.bincount(torch.as_tensor(ids), minlength=model.config.vocab_size)
    with torch.no_grad():
        model.cls.predictions.bias.copy_(((counts + 1) / (counts + 1).sum()).log())


def build_optimizers(model, recipe: Recipe):
    """Muon for the matrices inside the blocks, AdamW for embeddings, norms, biases and the head.

    Muon (Jordan 2024) orthogonalises each matrix's update; `match_rms_adamw` (Liu et al. 2025)
    scales it so that one learning rate fits both.
    """
    import torch

    matrices, rest = [], []
    for name, weight in model.named_parameters():
        inside = ".h." in name or ".layer." in name
        (matrices if inside and weight.ndim == 2 else rest).append(weight)
    return (
        torch.optim.Muon(
            matrices,
            lr=recipe.learning_rate,
            weight_decay=recipe.weight_decay,
            momentum=0.95,
            adjust_lr_fn="match_rms_adamw",
        ),
        torch.optim.AdamW(rest, lr=recipe.learning_rate, betas=(0.9, 0.95), weight_decay=recipe.embedding_decay),
    )


def set_dropout(model, probability: float) -> None:
    """Dropout on embeddings and on what each block adds; attention weights stay whole (a fused kernel needs it)."""
    import torch

    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Dropout) and not name.endswith(("attn_dropout", "attention.self.dropout")):
            module.p = probability


# --- measuring ----------------------------------------------------------------------------------


def masked_once(tokenizer, ids, recipe: Recipe):
    """`ids` cut into windows and masked by one fixed draw: (windows, context) inputs and labels to measure on."""
    import torch

    rows = torch.as_tensor(ids[: len(ids) // recipe.context * recipe.context]).view(-1, recipe.context)
    return mask_tokens(rows, tokenizer, recipe.masked, torch.Generator().manual_seed(1))


def masked_accuracy(model, tokenizer, ids, recipe: Recipe, *, batch: int = 16) -> float:
    """Top-1 accuracy over the whole vocabulary on the tokens of `ids` that `masked_once` hides."""
    import torch

    inputs, labels = masked_once(tokenizer, ids, recipe)
    device, right, was_training = next(model.parameters()).device, 0, model.training
    model.eval()
    with torch.no_grad():
        for i in range(0, len(inputs), batch):
            guess = model(input_ids=inputs[i : i + batch].to(device)).logits.argmax(-1).cpu()
            right += int((guess == labels[i : i + batch]).sum())
    model.train(was_training)
    return right / int((labels != -100).sum())


def slices(texts: dict[str, str], count: int = 4, size: int = 8_000) -> str:
    """`count` stretches of `size` characters, evenly spread over each text: a quick sample for validation."""
    starts = [(text, i * len(text) // count) for text in texts.values() for i in range(count)]
    return "\n".join(text[start : start + size] for text, start in starts)


# --- the run ------------------------------------------------------------------------------------


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Write next to `path`, then rename: a kill leaves the old state or the new one, never half of one."""
    import torch

    part = path.with_suffix(".part")
    torch.save(state, part)
    os.replace(part, path)


def pretrain(
    corpus: str,
    out: str | Path,
    recipe: Recipe | None = None,
    *,
    resume: bool = False,
    save_every: float = 120.0,
    validate_every: float = 600.0,
    stop_after: int | None = None,
) -> dict[str, Any]:
    """Pretrain as `recipe` says and leave in `out`: `model/` (float16), `recipe.json`, `log.jsonl`, `metrics.json`.

    `out/state.pt` is written every `save_every` seconds; `resume=True` goes on from it. `stop_after`
    ends after that step (for tests). Validation every `validate_every` seconds on slices of the held-out texts.

    Raises FileExistsError when `out` holds a run and `resume` is False, ValueError when the recipe
    of that run is another one.
    """
    import torch
    from accelerate import Accelerator
    from accelerate.utils import set_seed
    from rich.console import Console

    from helpers import runtime

    recipe = recipe or Recipe()
    out = Path(out).expanduser()
    state_file = out / "state.pt"
    runtime.keep_memory()
    runtime.print_anything()
    accelerator = Accelerator(mixed_precision="bf16", cpu=not torch.cuda.is_available())
    console = Console(quiet=not accelerator.is_main_process, soft_wrap=True)
    if state_file.exists() and not resume:
        raise FileExistsError(f"{out} holds a run already: add --resume to continue it, or name another --out.")
    if (out / "recipe.json").exists():
        before = json.loads((out / "recipe.json").read_text("utf-8"))
        if resume and before != json.loads(json.dumps(asdict(recipe))):
            changed = [k for k, v in json.loads(json.dumps(asdict(recipe))).items() if before.get(k) != v]
            raise ValueError(f"The run in {out} has another recipe ({', '.join(changed)}): resume with its own.")

    train_texts, held_out = read_corpus(corpus, recipe.held_out)
    if accelerator.is_main_process and not state_file.exists():  # nothing of a run that never saved a state stays
        out.mkdir(parents=True, exist_ok=True)
        (out / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1) + "\n", "utf-8")
        train_tokenizer(train_texts, recipe).save_pretrained(out / "tokenizer")
    accelerator.wait_for_everyone()
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(out / "tokenizer")
    ids = encode_books(tokenizer, train_texts)
    characters = sum(map(len, train_texts))
    model = build_model(recipe, tokenizer)
    if recipe.architecture == "bert":
        start_at_frequencies(model, ids)
    console.print(
        f"{recipe.architecture}: {sum(p.numel() for p in model.parameters()):,} parameters · "
        f"{len(ids):,} tokens of {characters:,} characters · {recipe.steps:,} steps "
        f"= {recipe.tokens / len(ids):.1f} passes · {accelerator.num_processes} process(es) on {accelerator.device}"
    )
    optimizers = build_optimizers(model, recipe)
    step, seconds = 0, 0.0
    if resume and state_file.exists():
        state = torch.load(state_file, map_location="cpu", weights_only=True)
        step, seconds = state["step"], state["seconds"]
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        console.print(f"resumed after step {step:,}")
    model, *optimizers = accelerator.prepare(model, *optimizers)
    bare = accelerator.unwrap_model(model)

    sample = slices(held_out)

    def validate() -> dict[str, float]:
        if recipe.architecture == "gpt2":
            return {"bits_per_character": bits_per_character(bare, tokenizer, sample)}
        return {"masked_accuracy": masked_accuracy(bare, tokenizer, encode_books(tokenizer, [sample]), recipe)}

    def save() -> None:
        if accelerator.is_main_process:
            save_state(
                state_file,
                {
                    "step": step,
                    "seconds": seconds,
                    "model": bare.state_dict(),
                    "optimizers": [optimizer.state_dict() for optimizer in optimizers],
                },
            )

    def log(row: dict[str, Any]) -> None:
        if accelerator.is_main_process:
            with (out / "log.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")

    last = min(recipe.steps, stop_after or recipe.steps)
    model.train()
    saved_at = validated_at = time.monotonic()
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    now = TextColumn("{task.fields[now]}")
    columns = TextColumn("step"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), now
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=recipe.steps, completed=step, now="")
        while step < last:
            began = time.monotonic()
            set_seed(hash((recipe.seed, step, accelerator.process_index)) % 2**31)
            rate = recipe.learning_rate_at(step)
            for optimizer in optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = rate
            set_dropout(bare, recipe.dropout if step >= recipe.dropout_after * recipe.steps else 0.0)
            loss = _accumulate(model, accelerator, tokenizer, windows(ids, step, recipe), step, recipe)
            accelerator.clip_grad_norm_(model.parameters(), 1.0)
            for optimizer in optimizers:
                optimizer.step()
                optimizer.zero_grad()
            step += 1
            seconds += time.monotonic() - began
            progress.update(bar, completed=step, now=f"loss {loss:.3f}")
            if step % 25 == 0 or step == last:
                row = {
                    "step": step,
                    "loss": round(loss, 4),
                    "learning_rate": rate,
                    "seconds": round(seconds),
                    "passes": round(step * recipe.batch * recipe.context / len(ids), 3),
                }
                if time.monotonic() - validated_at > validate_every:
                    row |= validate()
                    validated_at = time.monotonic()
                log(row)
                if not console.is_terminal:
                    console.print("  ".join(f"{k} {v:.5g}" for k, v in row.items()))
            if time.monotonic() - saved_at > save_every:
                save()
                saved_at = time.monotonic()
    save()
    if step < recipe.steps:
        return {"step": step}
    return _finish(bare, tokenizer, held_out, recipe, out, seconds, accelerator)


def _accumulate(model, accelerator, tokenizer, batch, step: int, recipe: Recipe) -> float:
    """Forward and backward over this process's share of the step's windows; the mean loss."""
    import torch

    inputs = torch.as_tensor(batch[:, :-1])
    options: dict[str, Any] = {}
    if recipe.architecture == "gpt2":
        labels, options = torch.as_tensor(batch[:, 1:]), {"use_cache": False}
    else:
        generator = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
        inputs, labels = mask_tokens(inputs, tokenizer, recipe.masked_at(step), generator)
    size = recipe.context_at(step)  # windows are cut into pieces of this size
    inputs, labels = inputs[:, : recipe.context // size * size], labels[:, : recipe.context // size * size]
    asked = int((labels != -100).sum())
    world = accelerator.num_processes
    inputs, labels = inputs[accelerator.process_index :: world], labels[accelerator.process_index :: world]
    total, bare = 0.0, accelerator.unwrap_model(model)
    for first in range(0, len(inputs), recipe.micro_batch):
        chunk = slice(first, first + recipe.micro_batch)
        is_last = first + recipe.micro_batch >= len(inputs)
        targets = labels[chunk].reshape(-1, size).to(accelerator.device)
        wanted = targets != -100
        with torch.enable_grad() if is_last else accelerator.no_sync(model), only_at(wanted, bare):
            logits = model(input_ids=inputs[chunk].reshape(-1, size).to(accelerator.device), **options).logits
            loss = torch.nn.functional.cross_entropy(
                logits.reshape(-1, logits.shape[-1]).float(), targets[wanted], reduction="sum"
            ) * (world / asked)  # processes average their gradients
            accelerator.backward(loss)
        total += loss.detach().item() / world
    return float(accelerator.reduce(torch.tensor(total, device=accelerator.device), "sum"))


@contextlib.contextmanager
def only_at(wanted, model) -> Iterator[None]:
    """Let BERT's head answer at the masked positions alone: (asked, vocabulary) logits, a fifth less work."""
    if model.config.model_type != "bert":
        yield
        return
    hook = model.cls.register_forward_pre_hook(lambda _, inputs: (inputs[0][wanted],))
    try:
        yield
    finally:
        hook.remove()


def _finish(model, tokenizer, held_out, recipe: Recipe, out: Path, seconds: float, accelerator) -> dict[str, Any]:
    """Measure on the whole held-out texts and write the float16 checkpoint that ships."""
    import torch
    import transformers

    metrics: dict[str, Any] = {
        "seconds": round(seconds),
        "steps": recipe.steps,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    half = model.to(torch.float16)
    if recipe.architecture == "gpt2":  # what GPT-2 and BERT state, and what fine-tuning goes by
        half.config.activation_function = "gelu_new"
        half.config.resid_pdrop = half.config.embd_pdrop = half.config.attn_pdrop = 0.1
    else:
        half.config.hidden_dropout_prob = half.config.attention_probs_dropout_prob = 0.1
    if accelerator.is_main_process:
        half.save_pretrained(out / "model")
        tokenizer.save_pretrained(out / "model")
    measured = type(model).from_pretrained(out / "model", dtype=torch.float32) if accelerator.is_main_process else None
    if measured is not None:
        if recipe.architecture == "gpt2":
            metrics["bits_per_character"] = {n: bits_per_character(measured, tokenizer, t) for n, t in held_out.items()}
            whole = sum(map(len, held_out.values()))
            metrics["bits_per_character"]["all"] = sum(
                metrics["bits_per_character"][n] * len(t) / whole for n, t in held_out.items()
            )
            metrics["bits_per_character_without_overlap"] = sum(
                bits_per_character(measured, tokenizer, t, stride=recipe.context) * len(t) / whole
                for t in held_out.values()
            )
        else:
            ids = encode_books(tokenizer, list(held_out.values()))
            metrics["masked_accuracy"] = masked_accuracy(measured, tokenizer, ids, recipe)
        (out / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", "utf-8")
    accelerator.wait_for_everyone()
    return metrics


if __name__ == "__main__":
    import sys

    from course.cli import main

    sys.argv.insert(1, "pretrain")
    main()
