"""How best to sample from storybook-gpt2: the settings that its card names, chosen by a rule.

    COURSE_DATA=FOLDER python benchmarks/sampling.py    # prints a table, writes notebooks/recorded/sampling.json

The rule: among the settings whose texts surprise a larger model as much as people's do, take the one whose texts repeat
themselves least (in a tie, the one whose surprise is closest). Prompts are the first 16 tokens of paragraphs
drawn from the two held-out books, and storybook-gpt2 writes 100 more in each setting. The larger model is SmolLM2 (the
name `chat`); its surprise is in bits per character of what was written, given the prompt. "As much as people's" means
that the 95 % interval (bootstrap over texts) contains the mean of the books' own paragraphs, cut after as many tokens:
a text that surprises less is bland, and one that surprises more loses the thread (Holtzman et al. 2020,
https://arxiv.org/abs/1904.09751). Repetition is the share of 4-grams of words that occurred before in the same text.
About 12 minutes on two cores; each setting is printed as soon as it is measured.
"""

from __future__ import annotations

import itertools
import math
import multiprocessing
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# This folder holds a tokenizers.py, which is not the library that transformers needs.
sys.path[:] = [str(ROOT), *(place for place in sys.path if Path(place or ".").resolve() != ROOT / "benchmarks")]
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np  # noqa: E402

from benchmarks.copied import passages  # noqa: E402
from course import pretraining, recorded  # noqa: E402
from helpers import checkpoints, metrics  # noqa: E402

MODEL = checkpoints.ASSETS / "storybook-gpt2"
TEXTS, PROMPT, NEW, N, RESAMPLES, SEED = 48, 16, 100, 4, 10_000, 0
TEMPERATURES = (0.6, 0.7, 0.8, 0.9, 1.0)
CUTS = ({}, {"top_p": 0.9}, {"top_p": 0.95}, {"min_p": 0.05}, {"min_p": 0.1})
# What every setting needs, set once by main; forked processes share it.
GIVEN: list = []
SETTINGS = [{"temperature": t, **cut} for t, cut in itertools.product(TEMPERATURES, CUTS)]


def repeated(text: str) -> float:
    """The share of the text's 4-grams of words that occurred before in it."""
    words = text.lower().split()
    grams = list(zip(*(words[k:] for k in range(N)), strict=False))
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def surprises(judge, pairs: list[tuple[str, str]]) -> list[float]:
    """Bits per character that `judge` needs for the second text of each pair, given the first."""
    import torch

    found = []
    for prompt, written in pairs:
        ids = judge.tokenizer(prompt + written, return_tensors="pt", return_offsets_mapping=True)
        new = ids.pop("offset_mapping")[0, 1:, 1] > len(prompt)  # a token that extends into what was written
        with torch.no_grad():
            scores = torch.log_softmax(judge.model(**ids).logits[0, :-1].float(), -1)
        nats = -scores.gather(1, ids["input_ids"][0, 1:, None])[new].sum().item()
        found.append(nats / math.log(2) / len(written))
    return found


def written(model, prompts: list[list[int]], start: list[int], setting: dict) -> list[list[int]]:
    """What the model adds to each prompt, which begins where a text begins."""
    import torch

    torch.manual_seed(SEED)
    ids = torch.tensor([start + prompt for prompt in prompts])
    options = {"do_sample": True, "top_k": 0, "max_new_tokens": NEW, "min_new_tokens": NEW, "pad_token_id": 0}
    out = model.generate(ids, attention_mask=torch.ones_like(ids), **(options | setting))
    return out[:, ids.shape[1] :].tolist()


def measured(judge, tokenizer, prompts: list[list[int]], rows: list[list[int]], name: str) -> dict:
    """The line of the record for one setting, or for the books' own passages."""
    pairs = [(tokenizer.decode(prompt), tokenizer.decode(row)) for prompt, row in zip(prompts, rows, strict=True)]
    found = {"repeated": [repeated(text) for _, text in pairs], "bits_per_character": surprises(judge, pairs)}
    line = {"setting": name, "texts": len(pairs)}
    for key, values in found.items():
        interval = metrics.bootstrap_interval(values, resamples=RESAMPLES, seed=SEED)
        line |= {key: round(float(np.mean(values)), 4), f"{key}_interval": [round(end, 4) for end in interval]}
    return line


def of_setting(setting: dict | None) -> dict:
    """The line of a setting; without one, that of the books' own passages."""
    model, judge, tokenizer, prompts, own, start = GIVEN
    if setting is None:
        return measured(judge, tokenizer, prompts, own, "people")
    name = ", ".join(f"{key} {value}" for key, value in setting.items())
    return measured(judge, tokenizer, prompts, written(model, prompts, start, setting), name)


def chosen(people: dict, lines: list[dict]) -> dict:
    """The rule above. If no setting is as surprising as people, the closest one."""
    mean = people["bits_per_character"]

    def apart(line: dict) -> float:
        return abs(line["bits_per_character"] - mean)

    alike = [line for line in lines if (i := line["bits_per_character_interval"])[0] <= mean <= i[1]]
    return min(alike, key=lambda line: (line["repeated"], apart(line))) if alike else min(lines, key=apart)


def main() -> None:
    place = os.environ.get("COURSE_DATA")
    if not place:
        print("COURSE_DATA is not set: it names the folder with storybooks.tar.xz. Nothing was measured.")
        return
    from transformers import AutoModelForCausalLM

    storyteller, judge = checkpoints.load(str(MODEL), AutoModelForCausalLM), checkpoints.load("chat")
    if "SmolLM2" not in judge.label:
        sys.exit("The judge is SmolLM2, which is not installed: course fetch smollm2")
    _, books = pretraining.read_corpus([str(Path(place) / "storybooks.tar.xz")], pretraining.HELD_OUT)
    tokenizer = storyteller.tokenizer
    rng, each = np.random.default_rng(SEED), TEXTS // len(books)
    ids = [row for book in books.values() for row in passages(tokenizer, book, each, rng, PROMPT + NEW)]
    prompts, own = [row[:PROMPT] for row in ids], [row[PROMPT:] for row in ids]
    start = tokenizer.encode(metrics.TEXT_START)
    GIVEN.extend((storyteller.model.eval(), judge, tokenizer, prompts, own, start))
    lines = []
    print(f"{'setting':34} 4-grams said before     bits per character by SmolLM2")
    # Each setting draws from the same seed, in whichever process it runs.
    with multiprocessing.get_context("fork").Pool() as pool:
        for line in pool.imap(of_setting, [None, *SETTINGS]):
            lines.append(line)
            print(
                f"{line['setting']:34} {line['repeated']:.3f} ({line['repeated_interval'][0]:.3f} to "
                f"{line['repeated_interval'][1]:.3f})   {line['bits_per_character']:.3f} "
                f"({line['bits_per_character_interval'][0]:.3f} to {line['bits_per_character_interval'][1]:.3f})",
                flush=True,
            )
    best = chosen(lines[0], lines[1:])
    print("chosen:", best["setting"])
    file = recorded.write(
        "sampling",
        lines,
        about=__doc__.split("\n\n")[2].replace("\n", " "),
        command="python benchmarks/sampling.py",
        packages={"torch", "transformers", "tokenizers", "numpy"},
        recipe={"prompt": PROMPT, "new": NEW, "seed": SEED, "judge": "SmolLM2", "resamples": RESAMPLES},
        note="CPU, one thread",
        extra={"chosen": best["setting"]},
    )
    print(f"written: {file}")


if __name__ == "__main__":
    main()
