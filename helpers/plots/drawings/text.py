"""Schematics of the way from text to numbers and back."""

from __future__ import annotations

from helpers.plots.drawings.sketch import BLUE, GREEN, ORANGE, PLAIN, RED, Sketch


def loop() -> Sketch:
    sketch = Sketch(
        "Text is split into tokens, each token becomes an id, and the model turns the ids into one probability for "
        "every possible next token. One of them is chosen and added to the text, and then everything starts again.",
        250,
    )
    for x, words in [(70, "text"), (200, "tokens"), (302, "ids"), (412, "model"), (600, "next token")]:
        sketch.text(x, 18, words, bold=True)
    text = sketch.box(70, 92, 116, 40, "They went to", size=14)
    tokens = [sketch.token(200, 52 + 40 * k, word) for k, word in enumerate(["They", "went", "to"])]
    ids = [sketch.box(302, 52 + 40 * k, 50, 26, number) for k, number in enumerate(["1199", "608", "278"])]
    model = sketch.box(412, 92, 88, 112, "model", GREEN, 15, corner=6)
    for token, number in zip(tokens, ids, strict=True):
        sketch.arrow(text.at("right", 3), token.at("left", 5), width=1.2)
        sketch.through(token, number, width=1.2)
        sketch.arrow(number.at("right", 4), (model.at("left", 4)[0], number.y), width=1.2)
    sketch.arrow(model.at("right", 4), (494, 92))
    for k, (word, share) in enumerate([("the", 0.45), ("bed", 0.10), ("a", 0.06), ("their", 0.04)]):
        y, hue = 47 + 30 * k, RED if word == "bed" else BLUE
        sketch.token(529, y, word, hue, 58, 13)
        sketch.bar(568, y, 160 * share, hue=hue)
        sketch.text(574 + 160 * share, y, f"{share:.0%}", anchor="start")
    sketch.text(668, 65, "chosen", 12)
    sketch.arrow((632, 77), (704, 77), (704, 210), (70, 210), text.at("bottom", 5), color=RED.edge, width=2.2)
    sketch.text(390, 230, "the chosen token is added to the text, and the loop starts again")
    return sketch


def merging() -> Sketch:
    sketch = Sketch(
        "Byte-pair encoding starts with single letters. It merges the pair of neighbors that occurs most often, "
        "everywhere at once, and repeats this until there are enough tokens.",
        232,
    )
    rows = [
        (["t e n", "t e a", "t e a m", "s t e a m"], "t e: 4 times, the most", "merge t e"),
        (["te n", "te a", "te a m", "s te a m"], "te a: 3 times, the most", "merge te a"),
        (["te n", "tea", "tea m", "s tea m"], "tea m: 2 times, the most", "merge tea m"),
        (["te n", "tea", "team", "s team"], "and so on", ""),
    ]
    for k, (words, found, merge) in enumerate(rows):
        y, left = 24 + 60 * k, 10.0
        for word in words:
            for piece in word.split():
                hue = ORANGE if len(piece) == k + 1 and k else BLUE
                box = sketch.tokens(left, y, [piece], hue, size=14)[0]
                left = box.at("right")[0] + 2
            left += 18
        sketch.text(520, y, found, anchor="start")
        if merge:
            sketch.arrow((240, y + 18), (240, y + 42))
            sketch.text(254, y + 30, merge, 12, anchor="start", bold=True)
    return sketch


def lattice() -> Sketch:
    sketch = Sketch(
        "Every way of cutting “hugs” into known pieces is a path from left to right, and each piece has a log "
        "probability. The path with the greatest sum wins: hug + s, with −2.1 − 1.6 = −3.7.",
        300,
    )
    xs, y = [70, 215, 360, 505, 650], 150.0

    def piece(start: int, end: int, lift: float, word: str, score: float, best=False) -> None:
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
        sketch.text(middle + 8 + 4 * len(word), y + lift - 14, f"−{score}", anchor="start")

    piece(0, 2, -85, "hu", 3.0)
    piece(2, 4, -85, "gs", 4.2)
    piece(1, 3, 60, "ug", 2.9)
    piece(0, 3, 115, "hug", 2.1, best=True)
    for k, (letter, score) in enumerate([("h", 3.4), ("u", 3.6), ("g", 3.5), ("s", 1.6)]):
        piece(k, k + 1, 0, letter, score, best=letter == "s")
    for x in xs:
        sketch.circle(x, y, 7, BLUE.tint)
    paths = "hug + s: −3.7", "hu + gs: −7.2", "h + ug + s: −7.9", "h + u + g + s: −12.1"
    for k, path in enumerate(paths):
        sketch.text(548, 222 + 20 * k, path, anchor="start", bold=not k)
    sketch.text(548, 199, "four of the six paths:", 12, anchor="start")
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
        236,
    )
    words = ["the", "cup", "tea", "hot", "is"]
    for k in range(5):
        sketch.box(32 + 32 * k, 118, 32, 30, "1" if k == 2 else "0", RED if k == 2 else PLAIN, 14, corner=0)
    sketch.text(222, 118, "×", 22)
    numbers = [["0.3", "−1.0", "0.8"], ["1.1", "0.2", "−0.4"], ["0.9", "0.5", "−0.7"], ["−0.6", "0.1", "1.2"],
               ["0.0", "−0.3", "0.4"]]  # fmt: skip
    for k, row in enumerate(numbers):
        hue = RED if k == 2 else BLUE
        sketch.text(292, 54 + 32 * k, words[k], anchor="end")
        for column, number in enumerate(row):
            sketch.box(326 + 54 * column, 54 + 32 * k, 54, 32, number, hue, corner=0)
    sketch.text(492, 118, "=", 22)
    for column, number in enumerate(numbers[2]):
        sketch.box(548 + 54 * column, 118, 54, 32, number, RED, corner=0)
    sketch.text(96, 84, "one-hot row of “tea”")
    sketch.text(380, 18, "embedding table", bold=True)
    sketch.text(602, 84, "vector of “tea”")
    for x, shape in [(96, "(1, vocabulary)"), (380, "(vocabulary, 3)"), (602, "(1, 3)")]:
        sketch.text(x, 222, shape, 12)
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
