"""The experiment that lesson 09 shows as recorded: how much of what storybook-gpt2 writes stands in its training books.

    COURSE_DATA=FOLDER python benchmarks/copied.py    # prints a table, writes notebooks/recorded/copied.json

From each of 80 training books, drawn among all, a paragraph is drawn. Its first 16 tokens are the prompt, and the model
writes 50 more in each of lesson 09's eight ways. An 8-gram is eight tokens in a row of what it wrote; it is copied if
its text stands in a training book, letter for letter. The share of copied ones has a 95 % interval by bootstrap over
texts, for the 8-grams of a text overlap. Beside it the 8-gram that is copied most often, and the longest copied run
with its text's prompt. The yardstick is what people wrote: passages as long, drawn alike from the two books that were
held out. About a quarter of an hour on one core.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# This folder holds a tokenizers.py, which is not the library that transformers needs.
sys.path[:] = [str(ROOT), *(place for place in sys.path if Path(place or ".").resolve() != ROOT / "benchmarks")]
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np  # noqa: E402

from course import pretraining, recorded  # noqa: E402
from helpers import checkpoints, metrics  # noqa: E402

MODEL = checkpoints.ASSETS / "storybook-gpt2"
TEXTS, PROMPT, NEW, N, RESAMPLES, SEED = 80, 16, 50, 8, 10_000, 0
DRAW = {"do_sample": True, "top_k": 0}
WAYS = {
    "greedy": {},
    "four beams": {"num_beams": 4},
    "penalty 1.3": {"repetition_penalty": 1.3},
    "no 3-gram twice": {"no_repeat_ngram_size": 3},
    "T = 0.7": DRAW | {"temperature": 0.7},
    "top-k 50": DRAW | {"top_k": 50},
    "top-p 0.9": DRAW | {"top_p": 0.9},
    "T = 1": DRAW,
}
PEOPLE = {"Edith Nesbit": "e-nesbit_the-enchanted-castle", "Kenneth Grahame": "kenneth-grahame_the-wind-in-the-willows"}


def passages(tokenizer, book: str, count: int, rng: np.random.Generator, length: int = PROMPT + NEW) -> list[list[int]]:
    """The first `length` tokens of `count` paragraphs, drawn among those that have as many."""
    found, paragraphs = [], book.split("\n")
    for place in rng.permutation(len(paragraphs)):
        ids = tokenizer.encode(paragraphs[place], verbose=False)[:length]
        if len(ids) == length:
            found.append(ids)
        if len(found) == count:
            return found
    raise ValueError(f"only {len(found)} of {count} paragraphs have {length} tokens")


class Books:
    """A hundred megabytes of text that can be asked what stands in it, thousands of times.

    A table says of each run of LONG bytes whether its hash occurs, which rejects nearly all that is not in the text;
    only the rest is looked for.
    """

    LONG, BITS, PART = 12, 28, 1 << 22

    def __init__(self, text: bytes):
        self.text = text
        self.table = np.zeros(1 << self.BITS, dtype=bool)
        for start in range(0, len(text), self.PART):
            self.table[self._hashes(text[start : start + self.PART + self.LONG - 1])] = True

    def _hashes(self, text: bytes) -> np.ndarray:
        data, count = np.frombuffer(text, np.uint8).astype(np.uint64), max(0, len(text) - self.LONG + 1)
        found = np.zeros(count, np.uint64)
        for k in range(self.LONG):
            found = found * np.uint64(0x9E3779B97F4A7C15) + data[k : k + count]  # wraps around
        return found >> np.uint64(64 - self.BITS)

    def __contains__(self, sought: bytes) -> bool:
        return bool(self.table[self._hashes(sought)].all()) and sought in self.text


def reaches(ids: list[int], decode: Callable[[list[int]], str], books: Books) -> list[int]:
    """For each token of `ids`, how many from it on stand in `books` as they are."""
    found, end = [], 0
    for start in range(len(ids)):
        end = max(end, start)
        while end < len(ids) and decode(ids[start : end + 1]).encode() in books:
            end += 1
        found.append(end - start)
    return found


def interval(shares: list[float]) -> tuple[float, float]:
    """The 95 % interval of their mean, by drawing texts."""
    return metrics.bootstrap_interval(shares, resamples=RESAMPLES, seed=SEED)


def written(model, prompts: list[list[int]], way: dict) -> list[list[int]]:
    """What the model adds to each prompt: NEW tokens, by lesson 09's settings."""
    import torch

    torch.manual_seed(SEED)
    ids = torch.tensor(prompts)
    exactly = {"max_new_tokens": NEW, "min_new_tokens": NEW, "pad_token_id": model.config.eos_token_id}
    out = model.generate(ids, attention_mask=torch.ones_like(ids), **({"do_sample": False} | exactly | way))
    return out[:, PROMPT:].tolist()


def measured(
    way: str, prompts: list[list[int]], rows: list[list[int]], decode: Callable[[list[int]], str], books: Books
) -> dict:
    """The line of the record for one way: how many 8-grams of each text are copied, and which.

    A row is what follows the prompt at the same place.
    """
    reached = [reaches(row, decode, books) for row in rows]
    counts = [sum(length >= N for length in lengths) for lengths in reached]
    shares = [count / (NEW - N + 1) for count in counts]
    low, high = interval(shares)
    runs = [
        (row[start : start + length], prompt)
        for prompt, row, lengths in zip(prompts, rows, reached, strict=True)
        for start, length in enumerate(lengths)
    ]
    favorite = Counter(decode(run[:N]) for run, _ in runs if len(run) >= N).most_common(1)
    longest, prompt = max(runs, key=lambda found: len(found[0]))
    return {
        "way": way,
        "copied": round(float(np.mean(shares)), 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "favorite": favorite[0][0] if favorite else "",
        "times": favorite[0][1] if favorite else 0,
        "longest": len(longest),
        "passage": decode(longest),
        "prompt": decode(prompt),
        "counts": counts,
    }


def record(lines: list[dict]) -> Path:
    """Write notebooks/recorded/copied.json."""
    return recorded.write(
        "copied",
        lines,
        command="python benchmarks/copied.py",
        about=f"Share of {N}-grams that stand in the training books, in what storybook-gpt2 writes and in held-out "
        "books; low and high are a 95 % interval; favorite: copied most often; passage: the longest copied run, with "
        "its length in tokens; prompt: of the text with that run; counts: copied 8-grams of each text.",
        packages={"torch", "transformers", "numpy"},
        recipe={
            "weights": hashlib.sha256((MODEL / "model.safetensors").read_bytes()).hexdigest(),
            "texts": TEXTS,
            "prompt": PROMPT,
            "new": NEW,
            "n": N,
            "ways": WAYS,
            "people": PEOPLE,
            "resamples": RESAMPLES,
            "seed": SEED,
        },
    )


def main() -> int:
    place = os.environ.get("COURSE_DATA")
    if not place:
        print("COURSE_DATA is not set: it names the folder with storybooks.tar.xz. Nothing was measured.")
        return 0
    from transformers import AutoModelForCausalLM

    gpt2 = checkpoints.load(str(MODEL), AutoModelForCausalLM)
    corpora = [str(Path(place) / name) for name in ("storybooks.tar.xz", "storybooks2.tar.xz")]
    training, held_out = pretraining.read_corpus(corpora, pretraining.HELD_OUT)
    books, decode = Books("\0".join(training.values()).encode()), gpt2.tokenizer.decode
    rng = np.random.default_rng(SEED)
    drawn = rng.choice(list(training), TEXTS, replace=False)
    prompts = [ids[:PROMPT] for name in drawn for ids in passages(gpt2.tokenizer, training[name], 1, rng)]
    people = {name: passages(gpt2.tokenizer, held_out[book], len(prompts), rng) for name, book in PEOPLE.items()}
    lines = []
    print(f"{len(prompts)} texts of {NEW} tokens for each way; copied {N}-grams, interval, favorite, longest run")
    for way in [*WAYS, *people]:
        begun = [ids[:PROMPT] for ids in people.get(way, prompts)]
        rows = [ids[PROMPT:] for ids in people[way]] if way in people else written(gpt2.model, prompts, WAYS[way])
        line = measured(way, begun, rows, decode, books)
        lines.append(line)
        share = f"{line['copied']:6.1%} ({line['low']:.1%} to {line['high']:.1%})"
        often = f"{line['times']:3} times {line['favorite']!r}"
        print(f"{way:16} {share}  {often}  {line['longest']:2} tokens {line['passage']!r}", flush=True)
    print(f"written to {record(lines).relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
