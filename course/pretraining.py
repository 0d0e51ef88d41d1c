"""How the bundled checkpoints were made: GPT-2 or BERT on a folder of books, Marian on pairs of sentences.

    course pretrain gpt2 --corpus storybooks.tar.xz --out ~/storybook-gpt2
    course pretrain marian --corpus tatoeba-fra-eng.zip --out ~/tatoeba-marian
    torchrun --nproc-per-node 2 -m course.cli pretrain gpt2 --corpus … --out …     two processes, CPU or GPU

Everything random is a function of (seed, step): which windows a step reads, what it masks, what it
drops. A run that was killed therefore continues from its last saved state to the very weights that
an undisturbed run reaches.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from course.options import option
from course.reading import (
    Pairs,
    encode_books,
    in_one_pass,
    mask_tokens,
    read_corpus,
    read_held_out,
    read_pairs,
    train_tokenizer,
    windows,
)
from helpers.metrics import END_OF_TEXT, bits_per_character
from helpers.runtime import write_whole

HELD_OUT = ("e-nesbit_the-enchanted-castle", "kenneth-grahame_the-wind-in-the-willows")
"""Two books that the bundled checkpoints never saw: one by an author they know, one by a stranger."""

FOR_CHILDREN = (
    *("a-a-milne_the-house", "a-a-milne_winnie", "aesop", "anna-sewell", "arthur-ransome", "beatrix-potter"),
    *("carlo-collodi", "charles-kingsley", "dorothy-canfield-fisher", "e-nesbit", "eleanor-h-porter", "felix-salten"),
    *("frances-hodgson-burnett", "george-macdonald", "hugh-lofting", "j-m-barrie", "jacob-grimm", "james-stephens"),
    *("johanna-spyri", "joseph-jacobs", "l-frank-baum", "l-m-montgomery", "lewis-carroll", "louisa-may-alcott"),
    *("mary-de-morgan", "maurice-maeterlinck", "oscar-wilde", "richmal-crompton", "rudyard-kipling", "s-m-mitra"),
    *("selma-lagerlof", "thornton-w-burgess", "a-n-afanasyev", "zitkala-sa", "lord-dunsany", "hope-mirrlees"),
    *("jack-london_the-call", "jack-london_white", "mark-twain", "robert-louis-stevenson", "jonathan-swift"),
    *("arthur-conan-doyle_the-adventures", "arthur-conan-doyle_the-memoirs", "h-g-wells_the-time"),
)
"""How the names of books for children begin, and of the classics that storybook-gpt2 has known from the first."""

LOG_EVERY = 25  # steps


@dataclass(frozen=True)
class Recipe:
    """All that decides the weights. Saved beside them as `recipe.json`."""

    architecture: Literal["gpt2", "bert", "marian"] = "gpt2"
    width: int = option(256, "Width of the hidden states, which is divided among the heads.", min=1)
    layers: int = option(6, "Blocks; in Marian those of the encoder.", min=1)
    decoder_layers: int = option(1, "Blocks of Marian's decoder.", min=1)
    heads: int = option(4, "Attention heads in a block.", min=1)
    inner: int = option(768, "Width of the hidden layer in the networks of Marian's blocks.", min=1)
    vocabulary: int = option(4096, "Number of tokens in the vocabulary, which includes 256 bytes.", min=257)
    context: int = option(512, "Number of tokens in a window; for Marian at most in a sentence.", min=8)
    batch: int = option(
        8, "Number of windows in an optimizer step, over all processes; Marian fills them with short pairs.", min=1
    )
    micro_batch: int = option(8, "Number of windows in a forward pass; fewer use the caches better.", min=1)
    tokens: int = option(36_000_000, "Number of tokens read in the whole run, with repeats counted.", min=1)
    learning_rate: float = option(2.5e-3, "Learning rate after the warmup; from there a cosine falls to zero.", min=0)
    warmup: float = option(0.02, "Share of the steps in which the learning rate rises.", min=0, max=1)
    level: float = option(0.0, "Share of the steps after which it falls, if that is after the warmup.", min=0, max=1)
    weight_decay: float = option(
        0.5, "Weight decay of the matrices in the blocks; strong, because texts are read ten times.", min=0
    )
    embedding_decay: float = option(0.1, "Weight decay of everything else.", min=0)
    dropout: float = option(0.1, "Share of a block's output that dropout removes.", min=0, max=1)
    dropout_after: float = option(0.0, "Share of the steps that run without dropout first.", min=0, max=1)
    label_smoothing: float = option(0.0, "Share of the target that Marian spreads over all tokens.", min=0, max=1)
    masked: float = option(0.15, "Share of the tokens that BERT guesses in the last step.", min=0, max=1)
    masked_first: float = option(0.4, "The share in the first step (Yang et al. 2023).", min=0, max=1)
    growing: float = option(0.15, "Share of the steps that read shorter windows, doubled four times.", min=0, max=1)
    seed: int = option(0, "Seed of weights, order, masks and dropout.")
    held_out: tuple[str, ...] = option(HELD_OUT, "A book to validate on; can be repeated.")
    often: tuple[str, ...] = option(
        (), "The beginning of the name of books that a pass reads several times; can be repeated."
    )
    times: int = option(3, "How many times a pass reads those books.", min=1)

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError(f"--width {self.width} cannot be divided among --heads {self.heads}.")

    @property
    def steps(self) -> int:
        return max(1, self.tokens // (self.batch * self.context))

    def learning_rate_at(self, step: int) -> float:
        """Linear warmup, perhaps a level stretch, then a cosine from `learning_rate` down to zero."""
        warmup = max(1, round(self.warmup * self.steps))
        if step < warmup:
            return self.learning_rate * (step + 1) / warmup
        top = max(warmup, round(self.level * self.steps))
        progress = max(0, step - top) / max(1, self.steps - top)
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))

    def masked_at(self, step: int) -> float:
        """Share of the tokens that BERT has to guess in `step`, in a straight line: many while it learns words."""
        return self.masked_first + (self.masked - self.masked_first) * step / max(1, self.steps - 1)

    def context_at(self, step: int) -> int:
        """Tokens in a window at `step`. In a short window the neighbors are found first; later more is worth seeing."""
        if step >= self.growing * self.steps:
            return self.context
        halvings = 4 - int(4 * step / (self.growing * self.steps))
        return max(1, self.context >> halvings)


RECIPES = {
    "gpt2": Recipe(
        vocabulary=6144,
        tokens=50_000_000,
        micro_batch=4,
        weight_decay=0.2,
        dropout=0.0,
        growing=0.2,
        often=FOR_CHILDREN,
    ),
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
    "marian": Recipe(
        architecture="marian",
        layers=2,
        vocabulary=4000,
        context=128,
        batch=32,
        micro_batch=32,
        tokens=14_000_000,
        warmup=0.0714,
        level=0.4,
        weight_decay=0.2,
        dropout=0.05,
        label_smoothing=0.1,
        growing=0.0,
        held_out=(),
    ),
}
"""What made storybook-bert, and what makes the next storybook-gpt2: the card of the bundled one states its own."""


# --- model --------------------------------------------------------------------------------------


def build_model(recipe: Recipe, tokenizer):
    """transformers' own GPT2LMHeadModel, BertForMaskedLM or MarianMTModel at the recipe's size, freshly initialised."""
    import torch
    from transformers import BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel, MarianConfig, MarianMTModel

    torch.manual_seed(recipe.seed)
    if recipe.architecture == "marian":
        end, pad = tokenizer.eos_token_id, tokenizer.pad_token_id
        return MarianMTModel(
            MarianConfig(
                vocab_size=len(tokenizer),
                max_position_embeddings=recipe.context,
                d_model=recipe.width,
                encoder_layers=recipe.layers,
                decoder_layers=recipe.decoder_layers,
                encoder_attention_heads=recipe.heads,
                decoder_attention_heads=recipe.heads,
                encoder_ffn_dim=recipe.inner,
                decoder_ffn_dim=recipe.inner,
                activation_function="silu",
                scale_embedding=True,
                init_std=recipe.width**-0.5,  # times √width, the embeddings are as large as the positions
                dropout=0.0,
                attention_dropout=0.0,
                pad_token_id=pad,
                eos_token_id=end,
                decoder_start_token_id=pad,  # what the decoder reads first, as in Marian's published models
                forced_eos_token_id=None,
            )
        )
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
        inside = ".h." in name or ".layer." in name or ".layers." in name
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
        if isinstance(getattr(module, "dropout", None), float) and not name.endswith("attn"):
            module.dropout = probability  # Marian: a number, not a module
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


def pair_loss(model, tokenizer, pairs, *, batch: int = 50) -> float:
    """Cross-entropy, in nats a token, of the translations in `pairs` of (source, target), without label smoothing."""
    import torch

    device, was_training, total, count = next(model.parameters()).device, model.training, 0.0, 0
    read, rows = Pairs(tokenizer, pairs), range(len(pairs))
    model.eval()
    with torch.no_grad():
        for i in range(0, len(pairs), batch):
            inputs, labels = read.padded(rows[i : i + batch])
            total += float(translation_loss(model, inputs.to(device), labels.to(device)))
            count += int((labels != -100).sum())
    model.train(was_training)
    return total / count


def translate(model, tokenizer, sentences: Sequence[str], *, beams: int = 4, batch: int = 50) -> list[str]:
    """What `model.generate` makes of each sentence, in batches of like length."""
    order = sorted(range(len(sentences)), key=lambda i: len(sentences[i]))
    made = [""] * len(sentences)
    for first in range(0, len(order), batch):
        rows = order[first : first + batch]
        inputs = tokenizer([sentences[i] for i in rows], padding=True, truncation=True, return_tensors="pt")
        longest = min(2 * inputs["input_ids"].shape[1] + 10, model.config.max_position_embeddings)
        ids = model.generate(**inputs.to(model.device), num_beams=beams, max_length=longest)
        for i, text in zip(rows, tokenizer.batch_decode(ids, skip_special_tokens=True), strict=True):
            made[i] = text
    return made


def slices(texts: dict[str, str], count: int = 4, size: int = 8_000) -> str:
    """`count` stretches of `size` characters, evenly spread over each text: a quick sample for validation."""
    starts = [(text, i * len(text) // count) for text in texts.values() for i in range(count)]
    return "\n".join(text[start : start + size] for text, start in starts)


def validate(model, tokenizer, text: str, recipe: Recipe) -> dict[str, float]:
    """The figure by which a run is watched: bits per character of GPT-2, accuracy on masked tokens of BERT."""
    if recipe.architecture == "gpt2":
        return {"bits_per_character": bits_per_character(model, tokenizer, text)}
    if recipe.architecture == "marian":
        return {"validation_loss": pair_loss(model, tokenizer, read_held_out("validation"))}
    return {"masked_accuracy": masked_accuracy(model, tokenizer, encode_books(tokenizer, [text]), recipe)}


def measure(folder: Path, texts: dict[str, str], recipe: Recipe) -> dict[str, Any]:
    """The figures of the saved float16 checkpoint on the whole held-out texts, computed in float32."""
    from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForSeq2SeqLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    if recipe.architecture == "marian":
        return measure_translation(AutoModelForSeq2SeqLM.from_pretrained(folder, dtype="float32").eval(), tokenizer)
    if recipe.architecture == "bert":
        model = AutoModelForMaskedLM.from_pretrained(folder, dtype="float32")
        ids = encode_books(tokenizer, list(texts.values()))
        return {"masked_accuracy": masked_accuracy(model, tokenizer, ids, recipe)}
    model = AutoModelForCausalLM.from_pretrained(folder, dtype="float32")

    def bits(stride: int | None = None) -> dict[str, float]:
        each = {name: bits_per_character(model, tokenizer, text, stride=stride) for name, text in texts.items()}
        whole = sum(map(len, texts.values()))
        return each | {"all": sum(each[name] * len(text) / whole for name, text in texts.items())}

    return {"bits_per_character": bits(), "bits_per_character_without_overlap": bits(recipe.context)["all"]}


def measure_translation(model, tokenizer) -> dict[str, Any]:
    """BLEU and chrF on the test sentences, greedy and with four beams, against the first and against all references."""
    from helpers import corpora
    from helpers.reference import translation

    sentences, references = zip(*corpora.translations("test"), strict=True)
    figures = {"validation_loss": pair_loss(model, tokenizer, read_held_out("validation"))}
    for name, beams in (("greedy", 1), ("beams", 4)):
        made = translate(model, tokenizer, sentences, beams=beams)
        for which, chosen in (("first", [known[:1] for known in references]), ("all", references)):
            figures[f"bleu_{name}_{which}"] = translation.bleu(made, chosen)
            figures[f"chrf_{name}_{which}"] = translation.chrf(made, chosen)
    return figures


# --- the run ------------------------------------------------------------------------------------


def pretrain(
    corpora: str | Sequence[str],
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
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from transformers import AutoTokenizer

    from helpers import runtime

    recipe, out = recipe or Recipe(), Path(out).expanduser()
    state_file = out / "state.pt"

    # --- one process or several; forward and backward in bfloat16, weights and optimizers in float32 ---
    runtime.keep_memory()
    runtime.print_anything()
    accelerator = Accelerator(mixed_precision="bf16", cpu=not torch.cuda.is_available())
    console = Console(quiet=not accelerator.is_main_process, soft_wrap=True)

    # --- the folder: a new run, or one that goes on with its own recipe ---
    check_out(out, recipe, resume)
    if recipe.architecture == "marian":
        pairs, held_out = read_pairs(corpora), {}
        train_texts = [sentence for pair in pairs for sentence in pair]
    else:
        books, held_out = read_corpus(corpora, recipe.held_out)
        train_texts = in_one_pass(books, recipe)
    # A run that was killed before its first state may have had another recipe: its tokenizer is made again.
    if accelerator.is_main_process and not state_file.exists():
        write_whole(out / "recipe.json", _json(asdict(recipe)))
        train_tokenizer(train_texts, recipe).save_pretrained(out / "tokenizer")
    accelerator.wait_for_everyone()  # all read what the first one wrote
    tokenizer = AutoTokenizer.from_pretrained(out / "tokenizer")
    if recipe.architecture == "marian":
        read = Pairs(tokenizer, pairs)
        one_pass, batch_at = read.tokens, functools.partial(read.batch, recipe=recipe)
    else:
        ids = encode_books(tokenizer, train_texts)
        one_pass, batch_at = len(ids), functools.partial(windows, ids, recipe=recipe)

    # --- model and optimizers ---
    model = build_model(recipe, tokenizer)
    if recipe.architecture == "bert":
        start_at_frequencies(model, ids)
    optimizers = build_optimizers(model, recipe)
    console.print(
        f"{recipe.architecture}: {sum(p.numel() for p in model.parameters()):,} parameters · "
        f"{one_pass:,} tokens of {sum(map(len, train_texts)):,} characters · {recipe.steps:,} steps "
        f"= {recipe.tokens / one_pass:.1f} passes · {accelerator.num_processes} process(es) on {accelerator.device}"
    )

    # --- where an earlier run stopped ---
    step, seconds = 0, 0.0
    if state_file.exists():
        state = torch.load(state_file, map_location="cpu", weights_only=True)
        step, seconds = state["step"], state["seconds"]
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        console.print(f"resumed after step {step:,}")
    model, *optimizers = accelerator.prepare(model, *optimizers)
    bare = accelerator.unwrap_model(model)  # without the wrapper that averages gradients over processes

    def save() -> None:
        """All that a later run needs: the rest is a function of (seed, step)."""
        buffer = io.BytesIO()
        state = {"step": step, "seconds": seconds, "model": bare.state_dict()}
        torch.save(state | {"optimizers": [optimizer.state_dict() for optimizer in optimizers]}, buffer)
        write_whole(state_file, buffer.getvalue())

    # --- the steps ---
    sample = slices(held_out)
    last = min(recipe.steps, stop_after or recipe.steps)
    columns = TextColumn("step"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    saved_at = validated_at = time.monotonic()
    model.train()
    with Progress(
        *columns, TextColumn("{task.fields[now]}"), console=console, disable=not console.is_terminal
    ) as progress:
        bar = progress.add_task("", total=recipe.steps, completed=step, now="")
        while step < last:
            began = time.monotonic()
            # Seeded at every step, for dropout: a run that goes on here draws what this one draws.
            set_seed(hash((recipe.seed, step, accelerator.process_index)) % 2**31)
            set_dropout(bare, recipe.dropout if step >= recipe.dropout_after * recipe.steps else 0.0)
            rate = recipe.learning_rate_at(step)
            for group in (group for optimizer in optimizers for group in optimizer.param_groups):
                group["lr"] = rate
            loss = accumulate(model, accelerator, tokenizer, batch_at(step), step, recipe)
            accelerator.clip_grad_norm_(model.parameters(), 1.0)
            for optimizer in optimizers:
                optimizer.step()
                optimizer.zero_grad()
            step += 1
            seconds += time.monotonic() - began  # of steps alone, without saving and validation
            progress.update(bar, completed=step, now=f"loss {loss:.3f}")

            # once in a while: a line in the log, now and then with a validation
            if accelerator.is_main_process and (step % LOG_EVERY == 0 or step == last):
                row = {
                    "step": step,
                    "loss": round(loss, 4),
                    "learning_rate": rate,
                    "seconds": round(seconds),
                    "passes": round(step * recipe.batch * recipe.context / one_pass, 3),
                }
                if time.monotonic() - validated_at > validate_every:
                    row |= validate(bare, tokenizer, sample, recipe)
                    validated_at = time.monotonic()
                with (out / "log.jsonl").open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
                if not console.is_terminal:
                    console.print("  ".join(f"{k} {v:.5g}" for k, v in row.items()))

            # once in a while, and at the end: a state to go on from
            if accelerator.is_main_process and (step == last or time.monotonic() - saved_at > save_every):
                save()
                saved_at = time.monotonic()

    # --- the result ---
    accelerator.wait_for_everyone()
    if step < recipe.steps:
        return {"step": step}
    if accelerator.is_main_process:
        save_model(bare, tokenizer, recipe, out / "model")
    accelerator.wait_for_everyone()
    versions = {name: runtime.versions()[name] for name in ("torch", "transformers")}
    metrics = {"seconds": round(seconds), "steps": recipe.steps, **versions}
    if accelerator.is_main_process:
        metrics |= measure(out / "model", held_out, recipe)
        write_whole(out / "metrics.json", _json(metrics))
    accelerator.wait_for_everyone()
    return metrics


def check_out(out: Path, recipe: Recipe, resume: bool) -> None:
    """Raises FileExistsError for a folder with a run unless `resume`, and then ValueError for one of another recipe."""
    if (out / "state.pt").exists() and not resume:
        raise FileExistsError(f"{out} holds a run already: add --resume to continue it, or name another --out.")
    if resume and (out / "recipe.json").exists():
        earlier, now = json.loads((out / "recipe.json").read_text("utf-8")), json.loads(_json(asdict(recipe)))
        changed = [name for name, value in now.items() if earlier.get(name) != value]
        if changed:
            raise ValueError(
                f"The run in {out} has a different recipe ({', '.join(changed)}): resume it with its own options."
            )


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, indent=1) + "\n"


def accumulate(model, accelerator, tokenizer, batch, step: int, recipe: Recipe) -> float:
    """Forward and backward over this process's share of the step's windows; the mean loss over all of them."""
    import torch

    if recipe.architecture == "marian":
        return accumulate_pairs(model, accelerator, batch, recipe)

    # What is asked: the next token, or what is hidden.
    inputs = torch.as_tensor(batch[:, :-1])
    options: dict[str, Any] = {}
    if recipe.architecture == "gpt2":
        labels, options = torch.as_tensor(batch[:, 1:]), {"use_cache": False}
    else:
        generator = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
        inputs, labels = mask_tokens(inputs, tokenizer, recipe.masked_at(step), generator)
    # Early windows are cut into short pieces; what does not fill a piece is left out.
    size = recipe.context_at(step)
    inputs, labels = inputs[:, : recipe.context // size * size], labels[:, : recipe.context // size * size]
    asked = int((labels != -100).sum())  # in all processes: each sums its losses and divides by this
    world = accelerator.num_processes
    inputs, labels = inputs[accelerator.process_index :: world], labels[accelerator.process_index :: world]
    total, bare = 0.0, accelerator.unwrap_model(model)
    for first in range(0, len(inputs), recipe.micro_batch):
        chunk = slice(first, first + recipe.micro_batch)
        is_last = first + recipe.micro_batch >= len(inputs)  # only then do processes exchange gradients
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


def accumulate_pairs(model, accelerator, batch, recipe: Recipe) -> float:
    """`accumulate` for Marian: `batch` is padded `input_ids` and `labels` of the step's pairs."""
    import torch

    world = accelerator.num_processes
    inputs, labels = (rows[accelerator.process_index :: world] for rows in batch)
    asked = int((batch[1] != -100).sum())
    if not len(inputs):  # fewer pairs than processes: an empty share would have no gradients to average
        inputs, labels = batch[0][:1], torch.full_like(batch[1][:1], -100)
    inputs, labels = inputs.to(accelerator.device), labels.to(accelerator.device)
    loss = translation_loss(model, inputs, labels, recipe.label_smoothing) * (world / asked)
    accelerator.backward(loss)
    return float(accelerator.reduce(loss.detach() / world, "sum"))


def translation_loss(model, input_ids, labels, label_smoothing: float = 0.0):
    """The sum of the cross-entropies of `labels`, which the decoder reads shifted right by one (teacher forcing)."""
    import torch

    config = (model.module if hasattr(model, "module") else model).config
    shifted = torch.cat([torch.full_like(labels[:, :1], config.decoder_start_token_id), labels[:, :-1]], dim=1)
    logits = model(
        input_ids=input_ids,
        attention_mask=(input_ids != config.pad_token_id).long(),
        decoder_input_ids=shifted.masked_fill(shifted == -100, config.pad_token_id),
        use_cache=False,
    ).logits
    wanted = labels != -100
    return torch.nn.functional.cross_entropy(
        logits[wanted].float(), labels[wanted], reduction="sum", label_smoothing=label_smoothing
    )


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


def save_model(model, tokenizer, recipe: Recipe, folder: Path) -> None:
    """Write the float16 checkpoint that ships, with the activation and the dropout that GPT-2 and BERT state."""
    import torch

    half, config = model.to(torch.float16), model.config
    if recipe.architecture == "gpt2":
        config.activation_function = "gelu_new"
        config.resid_pdrop = config.embd_pdrop = config.attn_pdrop = 0.1
    elif recipe.architecture == "marian":
        config.dropout = 0.1
        half.generation_config.update(num_beams=4, max_length=recipe.context)
        tokenizer.backend_tokenizer.no_truncation()  # else the file keeps what the last call asked for
        tokenizer.backend_tokenizer.no_padding()
    else:
        config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.1  # fine-tuning goes by these
    half.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
