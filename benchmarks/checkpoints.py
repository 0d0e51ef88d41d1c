"""The figures on the cards of storybook-gpt2 and storybook-bert, computed again from the committed weights.

    COURSE_DATA=FOLDER python benchmarks/checkpoints.py       # prints two tables, writes build/checkpoints.json

On the two held-out books: bits per character of storybook-gpt2, beside what xz needs for the same text; top-1
accuracy of storybook-bert on masked tokens (15 %, whole vocabulary, one fixed draw), beside two guesses that do not
look at the context or look at one neighbor only: the most frequent token, and the one that most often followed the
token before (counted in the training books; where that one is hidden too, the most frequent). About five minutes on
two cores. Exit code 1 if a card states another figure (three digits) than the one found.
"""

from __future__ import annotations

import json
import lzma
import os
import re
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Started as a file, Python looks into this folder first, where another file has the name of a library.
sys.path[:] = [place for place in sys.path if not place or Path(place).resolve() != HERE]

from course import pretraining  # noqa: E402
from helpers import checkpoints  # noqa: E402


def of_gpt2(books: dict[str, str]) -> dict[str, dict[str, float]]:
    """Bits per character for each book and both together."""
    from transformers import AutoModelForCausalLM

    gpt2 = checkpoints.load(str(checkpoints.ASSETS / "storybook-gpt2"), AutoModelForCausalLM)
    rows = {}
    for name, text in books.items():
        rows[name] = {
            "characters": len(text),
            "storybook-gpt2": pretraining.bits_per_character(gpt2.model, gpt2.tokenizer, text),
            "xz": 8 * len(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)) / len(text),
        }
    whole = sum(row["characters"] for row in rows.values())
    both = {key: sum(row[key] * row["characters"] for row in rows.values()) / whole for key in ("storybook-gpt2", "xz")}
    return rows | {"both": {"characters": whole, **both}}


def of_bert(training: list[str], books: dict[str, str]) -> dict[str, float]:
    """Shares of the masked tokens of both books that each way gets right."""
    from transformers import AutoModelForMaskedLM

    bert = checkpoints.load(str(checkpoints.ASSETS / "storybook-bert"), AutoModelForMaskedLM)
    recipe = pretraining.RECIPES["bert"]
    ids = pretraining.encode_books(bert.tokenizer, list(books.values()))
    inputs, labels = pretraining.masked_once(bert.tokenizer, ids, recipe)
    seen = pretraining.encode_books(bert.tokenizer, training).tolist()
    favorite = Counter(seen).most_common(1)[0][0]
    after: dict[int, Counter[int]] = {}
    for token, following in pairwise(seen):
        after.setdefault(token, Counter())[following] += 1
    right = Counter()
    for hidden, (row, place) in zip(labels[labels != -100].tolist(), (labels != -100).nonzero().tolist(), strict=True):
        before = int(inputs[row, place - 1]) if place else bert.tokenizer.mask_token_id
        guess = after[before].most_common(1)[0][0] if before in after else favorite
        right["most frequent token"] += hidden == favorite
        right["most frequent after the token before"] += hidden == guess
    asked = int((labels != -100).sum())
    return {
        "masked tokens": asked,
        "storybook-bert": pretraining.masked_accuracy(bert.model, bert.tokenizer, ids, recipe),
        **{way: count / asked for way, count in right.items()},
    }


def card_says(checkpoint: str, figure: float) -> bool:
    """Whether the card has the figure, in bold, with three digits."""
    card = (checkpoints.ASSETS / checkpoint / "README.md").read_text(encoding="utf-8")
    return bool(re.search(rf"\*\*{re.escape(f'{figure:.3f}')}\*\*", card))


def main() -> int:
    place = os.environ.get("COURSE_DATA")
    if not place:
        print("COURSE_DATA is not set: it names the folder with storybooks.tar.xz. Nothing was measured.")
        return 0
    training, books = pretraining.read_corpus([str(Path(place) / "storybooks.tar.xz")], pretraining.HELD_OUT)
    found = {"bits per character": of_gpt2(books), "masked tokens": of_bert(list(training.values()), books)}
    for name, row in found["bits per character"].items():
        figures = f"storybook-gpt2 {row['storybook-gpt2']:.3f}   xz {row['xz']:.3f}"
        print(f"{name:45} {row['characters']:8,} characters   {figures}")
    for way, value in found["masked tokens"].items():
        print(f"{way:45} {value:8,}" if way == "masked tokens" else f"{way:45} {value:8.3f}")
    out = Path("build", "checkpoints.json")
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(found, indent=1) + "\n")
    agree = (
        card_says("storybook-gpt2", found["bits per character"]["both"]["storybook-gpt2"]),
        card_says("storybook-bert", found["masked tokens"]["storybook-bert"]),
    )
    print("the cards say the same" if all(agree) else "a card states another figure")
    return 0 if all(agree) else 1


if __name__ == "__main__":
    sys.exit(main())
