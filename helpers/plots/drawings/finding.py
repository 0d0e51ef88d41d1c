"""Schematics of finding: a text by its vector, an answer in a text, names."""

from __future__ import annotations

from helpers.plots.drawings.sketch import BLUE, GREEN, ORANGE, PLAIN, RED, Sketch


def index_and_query() -> Sketch:
    sketch = Sketch(
        "Before anybody asks, the model turns each section into a vector once, and these vectors are the index. A "
        "question goes through the same model. Its vector is compared with every stored one, and the largest cosine "
        "wins.",
        300,
    )
    sketch.text(180, 14, "once, for all sections: the index", bold=True)
    for k, (words, hue) in enumerate([("section 1", BLUE), ("section 2", BLUE), ("section 3", BLUE)]):
        y = 56 + 54 * k
        page = sketch.box(60, y, 92, 34, words, size=12)
        model = sketch.box(190, y, 76, 34, "model", GREEN, 13, corner=6)
        vector = sketch.vector(300, y, hue, cells=4, cell=10)
        sketch.through(page, model, vector)
    sketch.text(180, 214, "for each question", bold=True)
    asked = sketch.box(60, 256, 92, 34, "question", ORANGE, 12)
    model = sketch.box(190, 256, 76, 34, "model", GREEN, 13, corner=6)
    query = sketch.vector(300, 256, ORANGE, cells=4, cell=10)
    sketch.through(asked, model, query)
    sketch.text(560, 14, "compare", bold=True)
    for k, (value, best) in enumerate([(0.12, False), (0.71, True), (0.33, False)]):
        y = 56 + 54 * k
        hue = RED if best else PLAIN
        sketch.arrow((316, y), (430, y), width=1.2)
        sketch.bar(490, y, 150 * value, hue=hue)
        sketch.text(500 + 150 * value, y, f"{value:.2f}", anchor="start")
    sketch.text(455, 110, "cosine", 12)
    sketch.arrow((316, 256), (455, 256), (455, 192), color=ORANGE.edge)
    sketch.text(590, 214, "the highest comes first", 12)
    return sketch


def span_head() -> Sketch:
    sketch = Sketch(
        "Question and text go through BERT together. The span head gives each token two numbers: one says how well "
        "the answer could begin here, the other how well it could end here. The best pair, first before last and both "
        "in the text, is the answer.",
        300,
    )
    tokens = ["[CLS]", "who", "ran", "?", "[SEP]", "the", "old", "hare", "ran", "[SEP]"]
    starts = ["2", "", "", "", "", "4", "3", "1", "0", ""]
    ends = ["2", "", "", "", "", "−1", "0", "5", "2", ""]
    xs = [44 + 70 * k for k in range(len(tokens))]
    for k, (x, token) in enumerate(zip(xs, tokens, strict=True)):
        text = 5 <= k <= 8
        hue = BLUE if text else (ORANGE if 1 <= k <= 3 else PLAIN)
        box = sketch.token(x, 270, token, hue, 62, 12)
        sketch.arrow(box.at("top", 3), (x, 226), width=1.1)
        if starts[k]:
            sketch.arrow((x, 184), (x, 150), width=1.1)
            sketch.box(x, 130, 34, 24, starts[k], RED if k == 5 else PLAIN, 13)
            sketch.box(x, 92, 34, 24, ends[k], RED if k == 7 else PLAIN, 13)
    sketch.box(359, 205, 692, 34, "BERT, and one layer from its width to 2", GREEN, 14, corner=6)
    sketch.text(160, 92, "last", 13, bold=True)
    sketch.text(160, 130, "first", 13, bold=True)
    sketch.line((xs[5] - 22, 72), (xs[5] - 22, 64), (xs[7] + 22, 64), (xs[7] + 22, 72), color=RED.edge, width=2.2)
    sketch.text((xs[5] + xs[7]) / 2, 48, "4 + 5 = 9: “the old hare”", 13, bold=True)
    sketch.text(xs[0] + 20, 48, "no answer:\n2 + 2 = 4", 12)
    return sketch


def bio() -> Sketch:
    sketch = Sketch(
        "B- begins an entity, I- continues it, and O is outside. The tokenizer cuts words into pieces. Only the first "
        "piece of a word has a label; the loss ignores all others, which have −100.",
        250,
    )
    words = [("old", "B-PER", ["old"]), ("Rumpelstiltskin", "I-PER", ["rum", "##pel", "##sti", "##lts", "##kin"]),
             ("left", "O", ["left"]), ("Orphir", "B-GPE", ["or", "##phi", "##r"])]  # fmt: skip
    sketch.text(50, 40, "words", 12, bold=True)
    sketch.text(50, 84, "labels", 12, bold=True)
    sketch.text(50, 160, "pieces", 12, bold=True)
    sketch.text(50, 216, "labels", 12, bold=True)
    left = 100.0
    for word, label, pieces in words:
        boxes = sketch.tokens(left, 160, pieces, PLAIN, gap=14, size=12)
        right = boxes[-1].at("right")[0]
        middle = (left + right) / 2
        hue = RED if label.endswith("PER") else GREEN if label.endswith("GPE") else PLAIN
        top = sketch.token(middle, 40, word, hue, size=13)
        sketch.box(middle, 84, 62, 24, label, hue, 12)
        for k, box in enumerate(boxes):
            sketch.line((middle, 100), box.at("top", 3), width=1.1)
            sketch.box(box.x, 216, 46, 24, label if k == 0 else "−100", hue if k == 0 else PLAIN, 12)
            sketch.arrow(box.at("bottom", 2), (box.x, 202), width=1.1)
        left = max(right, top.at("right")[0]) + 14
    return sketch
