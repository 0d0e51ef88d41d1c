"""Schematics of the way from text to numbers and back."""

from __future__ import annotations

from math import exp
from pathlib import Path
from textwrap import shorten, wrap

from helpers.plots.drawings.sketch import BLUE, GREEN, ORANGE, PLAIN, RED, Sketch

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "storybook-gpt2"


_MADE_UP = [(" man", 2.0), (" moon", 1.0), (" soup", 0.0)]
"""Candidates for the next token with the logits that lesson 00 makes up for them."""


def loop(tokenizer=None, prompt: str = "Once upon a time there was a") -> Sketch:
    """The loop of lesson 00. The tokenizer, by default that of the small GPT-2, cuts the prompt when this is drawn."""
    pieces = _pieces(tokenizer, prompt)
    first = 40 + 31 * max(0, 5 - len(pieces)) / 2  # room for the three candidates
    rows = [first + 31 * k for k in range(len(pieces))]
    middle, last = (rows[0] + rows[-1]) / 2, rows[-1] + first - 40
    sketch = Sketch(
        "Text is split into tokens, each token becomes an id, and the model turns the ids into one probability for "
        "every possible next token. One of them is chosen and added to the text, and then everything starts again.",
        last + 96,
    )
    for x, words in [(70, "text"), (200, "tokens"), (302, "ids"), (412, "model"), (600, "next token")]:
        sketch.text(x, 14, words, bold=True)
    lines = wrap(shorten(prompt, 60, placeholder=" …"), 12)
    text = sketch.box(70, middle, 124, 19 * len(lines) + 16, "\n".join(lines), size=14)
    model = sketch.box(412, middle, 88, last - 6, "model", GREEN, 15, corner=6)
    for (word, number), y in zip(pieces, rows, strict=True):
        token, id_ = sketch.token(200, y, word, size=12), sketch.box(302, y, 54, 24, number)
        sketch.arrow(text.at("right", 3), token.at("left", 5), width=1.2)
        sketch.through(token, id_, width=1.2)
        sketch.arrow(id_.at("right", 4), (model.at("left", 4)[0], y), width=1.2)
    sketch.arrow(model.at("right", 4), (490, middle))
    total = sum(exp(logit) for _, logit in _MADE_UP)
    for k, (word, logit) in enumerate(_MADE_UP):
        y, share, hue = middle + 34 * (k - 1), exp(logit) / total, RED if word == " moon" else BLUE
        sketch.token(530, y, word.strip(), hue, 64, 13)
        sketch.bar(573, y, 120 * share, hue=hue)
        sketch.text(579 + 120 * share, y, f"{share:.3f}", anchor="start")
    sketch.text(600, middle - 66, "made-up probabilities", 12)
    sketch.text(676, middle + 15, "chosen", 12)
    path = (660, middle), (710, middle), (710, last + 48), (70, last + 48)
    sketch.arrow(*path, text.at("bottom", 5), color=RED.edge, width=2.2)
    sketch.text(390, last + 72, "the chosen token is added to the text, and the loop starts again")
    return sketch


def _pieces(tokenizer, prompt: str, most: int = 9) -> list[tuple[str, str]]:
    """The tokens of a prompt with their ids; of a long prompt or token only the beginning."""
    if tokenizer is None:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str((FOLDER / "tokenizer.json").read_text(encoding="utf-8"))
        ids = tokenizer.encode(prompt, add_special_tokens=False).ids
    else:
        ids = tokenizer(prompt, add_special_tokens=False).input_ids
    words = [tokenizer.decode([id_]).replace(" ", "␣").replace("\n", "⏎") for id_ in ids]
    pieces = [(word if len(word) < 13 else word[:11] + "…", str(id_)) for word, id_ in zip(words, ids, strict=True)]
    return pieces if len(pieces) <= most else [*pieces[: most - 1], ("…", "…")]


def merging() -> Sketch:
    sketch = Sketch(
        "Byte-pair encoding starts with single letters. It merges the pair of neighbors that occurs most often, "
        "everywhere at once, and repeats this until there are enough tokens.",
        262,
    )
    rows = [
        (["t e a", "t e a m", "s t e a m", "s e a t"], "e a: 14 times, the most", "merge e a"),
        (["t ea", "t ea m", "s t ea m", "s ea t"], "t ea: 10 times, the most", "merge t ea"),
        (["tea", "tea m", "s tea m", "s ea t"], "tea m: 5 times, the most", "merge tea m"),
        (["tea", "team", "s team", "s ea t"], "and so on", ""),
    ]
    lefts, merged = [10.0, 106.0, 228.0, 376.0], ["", "ea", "tea", "team"]
    for left, times in zip(lefts, [5, 3, 2, 4], strict=True):
        sketch.text(left, 14, f"{times} times", 12, anchor="start", bold=True)
    for k, (words, found, merge) in enumerate(rows):
        y = 50 + 60 * k
        for start, word in zip(lefts, words, strict=True):
            left = start
            for piece in word.split():
                box = sketch.tokens(left, y, [piece], ORANGE if piece == merged[k] else BLUE, size=14)[0]
                left = box.at("right")[0] + 2
        sketch.text(520, y, found, anchor="start")
        if merge:
            sketch.arrow((240, y + 18), (240, y + 42))
            sketch.text(254, y + 30, merge, 12, anchor="start", bold=True)
    return sketch


def lattice() -> Sketch:
    sketch = Sketch(
        "Every way of cutting “teas” into known pieces is a path from left to right, and each piece has a cost in "
        "bits. The path with the smallest sum wins: tea + s, with 4 + 4 = 8 bits.",
        262,
    )
    xs, y = [70, 215, 360, 505, 650], 140.0

    def piece(start: int, end: int, lift: float, word: str, bits: int, best=False) -> None:
        hue, width = (RED, 4) if best else (PLAIN, 1.6)
        a, b, middle = xs[start], xs[end], (xs[start] + xs[end]) / 2
        if lift:
            sketch.arrow(
                (a, y), (a + 40, y + lift * 1.33), (b - 40, y + lift * 1.33), (b - 5, y + (9 if lift > 0 else -9)),
                color=hue.edge, width=width, curve=True,
            )  # fmt: skip
        else:
            sketch.arrow((a + 8, y), (b - 9, y), color=hue.edge, width=width)
        sketch.token(middle - 24, y + lift, word, RED if best else BLUE)
        sketch.text(middle + 8 + 4 * len(word), y + lift - 14, f"{bits} bits", anchor="start")

    piece(0, 3, -85, "tea", 4, best=True)
    piece(1, 3, 60, "ea", 5)
    for k, (letter, bits) in enumerate([("t", 3), ("e", 3), ("a", 4), ("s", 4)]):
        piece(k, k + 1, 0, letter, bits, best=letter == "s")
    for x in xs:
        sketch.circle(x, y, 7, BLUE.tint)
    sketch.text(528, 182, "all three paths:", 12, anchor="start")
    for k, path in enumerate(["tea + s: 8 bits", "t + ea + s: 12 bits", "t + e + a + s: 14 bits"]):
        sketch.text(528, 204 + 20 * k, path, anchor="start", bold=not k)
    return sketch


def batch_and_mask() -> Sketch:
    sketch = Sketch(
        "The sentences of a batch must be equally long, so the shorter one is filled up with [PAD]. The attention mask "
        "has a 1 for every real token and a 0 for padding, so that nothing attends to the filling.",
        252,
    )
    rows = [["[CLS]", "the", "tea", "is", "hot", "[SEP]"], ["[CLS]", "tea", "[SEP]", "[PAD]", "[PAD]", "[PAD]"]]
    for k, row in enumerate(rows):
        for column, word in enumerate(row):
            pad = word == "[PAD]"
            sketch.token(170 + 88 * column, 50 + 38 * k, word, PLAIN if pad else BLUE, 80)
            sketch.box(170 + 88 * column, 150 + 36 * k, 80, 28, "0" if pad else "1", PLAIN if pad else GREEN, 14)
        sketch.text(112, 50 + 38 * k, f"sentence {k + 1}", anchor="end")
        sketch.text(112, 150 + 36 * k, f"sentence {k + 1}", anchor="end")
    sketch.text(390, 18, "tokens, of the shape (2 sentences, 6 places)", bold=True)
    sketch.text(390, 119, "attention mask, of the same shape", bold=True)
    sketch.arrow((522, 232), (522, 208))
    sketch.text(522, 242, "nobody looks here", 12)
    sketch.arrow((258, 232), (258, 208))
    sketch.text(258, 242, "everybody may look here", 12)
    return sketch


def one_hot_lookup() -> Sketch:
    sketch = Sketch(
        "A one-hot row has a single 1, at the place of the token’s id. Multiplying it by the table multiplies every "
        "row by 0 except one, so the product is simply that row: an embedding layer looks up.",
        210,
    )
    table = {"tea": (4, 3), "coffee": (8, 6), "ice": (3, -4), "sand": (-4, -3)}
    for k, word in enumerate(table):
        y, chosen = 54 + 32 * k, word == "coffee"
        sketch.box(64 + 32 * k, 102, 32, 30, str(int(chosen)), RED if chosen else PLAIN, 14, corner=0)
        sketch.text(310, y, word, anchor="end")
        for column, number in enumerate(table[word]):
            words = str(number).replace("-", "−")
            sketch.box(348 + 54 * column, y, 54, 32, words, RED if chosen else BLUE, 14, corner=0)
            if chosen:
                sketch.box(560 + 54 * column, 102, 54, 32, words, RED, 14, corner=0)
    sketch.text(224, 102, "×", 22)
    sketch.text(480, 102, "=", 22)
    sketch.text(112, 68, "one-hot row of “coffee”")
    sketch.text(375, 18, "embedding table", bold=True)
    sketch.text(587, 68, "vector of “coffee”")
    for x, shape in [(112, "(1, vocabulary)"), (375, "(vocabulary, 2)"), (587, "(1, 2)")]:
        sketch.text(x, 196, shape, 12)
    return sketch


def chat_template() -> Sketch:
    sketch = Sketch(
        "A conversation becomes one row of tokens: markers say who speaks, and when they have finished. In training, "
        "only the tokens of the answer, with its end, count in the loss; those of the question are only read.",
        246,
    )
    question = sketch.box(222, 36, 250, 40, "user: Is tea hot?", BLUE, 14, corner=8)
    answer = sketch.box(550, 36, 250, 40, "assistant: Yes, very.", GREEN, 14, corner=8)
    row = sketch.tokens(56, 128, ["<user>", "Is", "tea", "hot", "?", "<end>", "<assistant>"], size=14, gap=5)
    row += sketch.tokens(row[-1].at("right")[0] + 5, 128, ["Yes", ",", "very", ".", "<end>"], GREEN, size=14, gap=5)
    middle = (row[0].at("left")[0] + row[6].at("right")[0]) / 2, (row[7].x + row[11].x) / 2
    sketch.arrow(question.at("bottom", 3), (middle[0], 106))
    sketch.arrow(answer.at("bottom", 3), (middle[1], 106))
    sketch.text(126, 84, "the template writes\nthe markers", 12)
    for k, box in enumerate(row):
        counts = k >= 7
        sketch.box(box.x, 178, box.width, 26, "1" if counts else "0", GREEN if counts else PLAIN, 14)
    sketch.text(middle[0], 212, "loss mask 0: only read")
    sketch.text(middle[1], 212, "loss mask 1: learned")
    return sketch


def embedding_space() -> Sketch:
    sketch = Sketch(
        "Each word is a point, and words that are used alike lie close together, so neighbors have related meanings. "
        "A direction can have a meaning, too: the step from walk to walked is about the step from play to played.",
        300,
    )
    sketch.arrow((40, 280), (700, 280))
    sketch.arrow((40, 280), (40, 14))
    for x, y, wide, high in [(166, 92, 190, 120), (560, 216, 180, 92)]:
        sketch.frame(x, y, wide, high)
    groups = [
        (BLUE, [("tea", 122, 76), ("coffee", 186, 62), ("milk", 206, 106), ("water", 124, 118)]),
        (GREEN, [("cat", 520, 198), ("dog", 594, 204), ("horse", 562, 236)]),
        (ORANGE, [("walk", 282, 242), ("play", 392, 224)]),
        (RED, [("walked", 360, 130), ("played", 470, 112)]),
    ]
    for hue, words in groups:
        for word, x, y in words:
            sketch.token(x, y, word, hue, size=13)
    for (_, x0, y0), (_, x1, y1) in zip(groups[2][1], groups[3][1], strict=True):
        sketch.arrow((x0 + 13, y0 - 19), (x1 - 13, y1 + 19), color=RED.edge, width=2.6)
    sketch.text(168, 176, "things to drink")
    sketch.text(560, 150, "animals")
    sketch.text(376, 178, "past tense", 12, bold=True)
    return sketch
