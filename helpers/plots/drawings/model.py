"""Schematics of what is in a transformer."""

from __future__ import annotations

from math import cos, sin

from helpers.plots.drawings.sketch import BLUE, DARK, GREEN, ORANGE, PINK, PLAIN, RED, Sketch


def attention() -> Sketch:
    sketch = Sketch(
        "“bank” sends its query to every key. The better a key matches, the greater its weight, and the weights sum to "
        "1. The values, each times its weight, add up to the new vector of “bank”, which is now mostly “river”.",
        398,
    )
    for x, words in [(64, "query"), (258, "keys"), (388, "weights"), (488, "values"), (650, "output")]:
        sketch.text(x, 14, words, bold=True)
    query = sketch.vector(64, 196, ORANGE, 2, 18)
    sketch.token(64, 158, "bank")
    total = sketch.plus(588, 196)
    for k, (word, weight) in enumerate([("the", 0.01), ("river", 0.76), ("bank", 0.18), ("closed", 0.04)]):
        y = 84 + 82 * k
        sketch.token(258, y - 37, word)
        key, value = sketch.vector(258, y, BLUE, 2, 18), sketch.vector(488, y, GREEN, 2, 18)
        share = sketch.box(388, y, 54, 26, f"{weight:.2f}", ORANGE, 14, corner=13)
        sketch.arrow(query.at("right", 8), key.at("left", 6), color=ORANGE.edge, width=1 + 12 * weight)
        sketch.through(key, share, value, width=1.4)
        side = ("top", "left", "left", "bottom")[k]
        sketch.arrow(value.at("right", 8), total.at(side, 4), color=GREEN.edge, width=1 + 12 * weight)
    new = sketch.vector(650, 196, PINK, 2, 18)
    sketch.arrow(total.at("right", 4), new.at("left", 6), width=2)
    sketch.text(650, 240, "new vector\nof “bank”", 12)
    sketch.text(388, 372, "softmax: the weights\nsum to 1", 12)
    sketch.text(96, 336, "how well do they\nmatch? q · k", 12)
    sketch.text(610, 336, "weight × value", 12)
    return sketch


def _stream(sketch: Sketch, y: float, before: bool) -> None:
    """Draw a lane with two side boxes above it; the norm is in the side path if `before`, otherwise on the lane."""
    title = "pre-norm (GPT-2): the lane runs through untouched" if before else "post-norm (BERT): a norm on the lane"
    sketch.text(360, y - 106, title, bold=True)
    sketch.arrow((40, y), (706, y), color=BLUE.edge, width=7)
    for left, words in [(80, "attention"), (378, "feed-forward")]:
        leave, join = left, left + 228
        add = sketch.plus(join, y)
        if before:
            norm = sketch.box(left + 52, y - 56, 56, 32, "norm")
            part = sketch.box(left + 150, y - 56, 104, 32, words, ORANGE if left < 100 else GREEN)
            sketch.through(norm, part)
        else:
            norm = part = sketch.box(left + 114, y - 56, 116, 32, words, ORANGE if left < 100 else GREEN)
            sketch.box(join + 42, y, 54, 32, "norm")
        sketch.arrow((leave, y), (leave, y - 56), norm.at("left", 3))
        sketch.arrow(part.at("right", 2), (join, y - 56), add.at("top", 3))


def residual_stream() -> Sketch:
    sketch = Sketch(
        "The residual stream is a lane: attention and feed-forward each read a copy of it, and what they compute is "
        "added back (⊕). With pre-norm, the norm sits in the side paths; with post-norm, it sits on the lane itself.",
        326,
    )
    _stream(sketch, 132, True)
    _stream(sketch, 296, False)
    for y in (132, 296):
        sketch.text(80, y + 18, "(tokens, 384)", 12)
    return sketch


def heads() -> Sketch:
    sketch = Sketch(
        "Every head reads the whole vector of each token, but through its own columns of the query, key, and value "
        "matrices. The heads’ results are put side by side again, and one last matrix mixes them.",
        322,
    )
    colors = [ORANGE, GREEN, PINK]
    striped = [color for color in colors for _ in range(2)]
    for x, words in [(58, "input"), (196, "weights"), (378, "three heads"), (530, "side by side"), (668, "output")]:
        sketch.text(x, 18, words, bold=True)
    read = sketch.grid(58, 160, [[BLUE] * 6] * 4)
    sketch.text(58, 206, "(4 tokens, 6)", 12)
    for k, name in enumerate(["W_Q", "W_K", "W_V"]):
        y = 82 + 78 * k
        matrix = sketch.grid(196, y, [striped] * 6, 10)
        sketch.text(196, y - 39, name, 12)
        sketch.arrow(read.at("right", 6), matrix.at("left", 6), width=1.4)
        for j, color in enumerate(colors):
            head = 378, 82 + 78 * j
            sketch.arrow((matrix.at("right", 4)[0], y + 8 * (j - 1)), (head[0] - 62, head[1] + 8 * (k - 1)),
                         color=color.edge, width=1.6)  # fmt: skip
    joined = [sketch.grid(530 + 28 * (j - 1), 160, [[color] * 2] * 4) for j, color in enumerate(colors)]
    for j, color in enumerate(colors):
        head = sketch.box(378, 82 + 78 * j, 116, 50, f"head {j}:\nattention", color, corner=6)
        sketch.arrow(head.at("right", 3), (joined[0].at("left", 6)[0], 160 + 14 * (j - 1)), color=color.edge, width=2)
    sketch.text(530, 206, "(4, 3 × 2)", 12)
    sketch.grid(668, 160, [[BLUE] * 6] * 4)
    sketch.arrow((578, 160), (620, 160), width=2)
    sketch.text(598, 142, "W_O", 12)
    sketch.text(668, 206, "(4, 6)", 12)
    sketch.text(196, 306, "(6, 6): each head owns\ntwo columns of each", 12)
    return sketch


def masks() -> Sketch:
    sketch = Sketch(
        "A row is a token that looks, a column a token that is looked at; a colored cell means that it may. The causal "
        "mask hides what comes later, the padding mask hides [PAD], and a decoder with padding needs both.",
        246,
    )
    kinds = [
        ("no mask", "everything is seen", False, False),
        ("causal", "nothing that comes later", True, False),
        ("padding", "no padding (P)", False, True),
        ("causal and padding", "neither of the two", True, True),
    ]
    names, cell = ["A", "B", "C", "P", "P"], 26
    for k, (title, words, causal, padding) in enumerate(kinds):
        x = 98 + 178 * k
        open_ = [[not (causal and j > i) and not (padding and j > 2) for j in range(5)] for i in range(5)]
        sketch.text(x, 18, title, bold=True)
        sketch.grid(x, 124, [[GREEN if seen else PLAIN for seen in row] for row in open_], cell)
        for j, name in enumerate(names):
            sketch.text(x + cell * (j - 2), 46, name)
            sketch.text(x - 78, 124 + cell * (j - 2), name)
        sketch.text(x, 208, words, 12)
    sketch.text(360, 234, "row: the token that looks, column: the token that is looked at, P: padding")
    return sketch


def position() -> Sketch:
    sketch = Sketch(
        "Each position gets its own setting of several clocks. The fast hand tells neighbors apart, the slow ones tell "
        "near from far, and sine and cosine of the hands are the numbers of the position’s vector.",
        300,
    )
    for row, (name, speed, hue) in enumerate([("fast", 1.0, RED), ("slower", 0.32, GREEN), ("slow", 0.1, BLUE)]):
        y = 56 + 76 * row
        sketch.text(60, y, f"{name} hand", anchor="middle")
        for place in range(8):
            x, angle = 150 + 74 * place, speed * place
            sketch.circle(x, y, 28, PLAIN.tint)
            sketch.line((x, y), (x + 23 * sin(angle), y - 23 * cos(angle)), color=hue.edge, width=3.4)
            sketch.circle(x, y, 2, DARK, DARK)
    sketch.text(60, 268, "position")
    for place in range(8):
        sketch.text(150 + 74 * place, 268, str(place), 14, bold=True)
    return sketch


def layer_norm() -> Sketch:
    sketch = Sketch(
        "Layer norm works on one vector at a time. It subtracts the mean of its numbers, divides by their standard "
        "deviation, and then scales and shifts each place by two learned numbers, γ and β.",
        256,
    )
    start, gamma, beta = [2.0, 4.0, 6.0, 8.0], [1.0, 1.0, 2.0, 0.5], [0.0, 1.0, 0.0, 0.0]
    mean = sum(start) / 4
    spread = (sum((x - mean) ** 2 for x in start) / 4) ** 0.5
    centered = [x - mean for x in start]
    normed = [x / spread for x in centered]
    final = [g * x + b for g, x, b in zip(gamma, normed, beta, strict=True)]
    stages = [(64, start, 0, BLUE, "vector"), (246, centered, 0, ORANGE, "centered"),
              (428, normed, 2, ORANGE, "normalized"), (656, final, 2, GREEN, "output")]  # fmt: skip
    boxes = []
    for x, numbers, digits, hue, name in stages:
        words = [f"{number:.{digits}f}".replace("-", "−") for number in numbers]
        boxes.append(sketch.vector(x, 118, hue, 4, 32, words, 14))
        sketch.text(x, 30, name, bold=True)
    sketch.through(*boxes[:3], words=[f"− {mean:.0f}", f"÷ {spread:.2f}"])
    sketch.arrow(boxes[2].at("right", 4), boxes[3].at("left", 4))
    sketch.text(542, 106, "× γ + β", 12)
    sketch.text(64, 210, "mean 5, standard\ndeviation 2.24", 12)
    sketch.text(428, 210, "mean 0, standard\ndeviation 1", 12)
    sketch.text(560, 210, "γ = 1, 1, 2, ½\nβ = 0, 1, 0, 0", 12)
    return sketch


def _lanes(sketch: Sketch, left: float, top: float, words: list[str], right: float, hue) -> list[float]:
    """Draw one residual lane for each word, from left to right, and return the heights of the lanes."""
    heights = [top + 36 * k for k in range(len(words))]
    for y, word in zip(heights, words, strict=True):
        sketch.token(left + 34, y, word, hue, 68, 12)
        sketch.arrow((left + 70, y), (right, y), color=BLUE.edge, width=3.4)
    return heights


def _looks(sketch: Sketch, x: float, seen: list[float], heights: list[float], hue, causal=False) -> None:
    """Draw a layer across the lanes: lines from each lane that is `seen` to those that look at it, or only down."""
    top, bottom = min(seen), max(heights)
    sketch.box(x, (top + bottom) / 2, 50, bottom - top + 28, hue=hue, corner=8)
    for y in heights:
        for other in seen:
            if not causal or other <= y:
                sketch.line((x - 19, other), (x + 19, y), color=DARK, width=1.0)
        sketch.circle(x + 19, y, 2.5, DARK, DARK)


def families() -> Sketch:
    sketch = Sketch(
        "In an encoder such as BERT, every token looks at all others. In a decoder such as GPT-2, it looks only back. "
        "In an encoder-decoder such as T5, a decoder also looks at the finished vectors of an encoder.",
        340,
    )
    for x, name, kind, use in [
        (115, "BERT", "encoder", "everyone looks at everyone:\nit fills a gap, [MASK] → hot"),
        (355, "GPT-2", "decoder", "everyone looks only back:\nit goes on, and → sweet"),
        (598, "T5", "encoder-decoder", "the decoder looks at the\nencoder, too: ist → heiß"),
    ]:
        sketch.text(x, 18, name, 15, bold=True)
        sketch.text(x, 38, kind)
        sketch.text(x, 314, use, 12)
    heights = _lanes(sketch, 8, 120, ["tea", "is", "[MASK]", "today"], 222, BLUE)
    for x in (112, 172):
        _looks(sketch, x, heights, heights, ORANGE)
    heights = _lanes(sketch, 248, 120, ["tea", "is", "hot", "and"], 462, BLUE)
    for x in (352, 412):
        _looks(sketch, x, heights, heights, GREEN, causal=True)
    reads = _lanes(sketch, 488, 76, ["tea", "is", "hot"], 638, BLUE)
    _looks(sketch, 592, reads, reads, ORANGE)
    writes = _lanes(sketch, 488, 208, ["<s>", "Tee", "ist"], 712, PINK)
    _looks(sketch, 592, writes, writes, GREEN, causal=True)
    _looks(sketch, 664, reads, writes, RED)
    sketch.text(562, 178, "cross-attention", 12)
    return sketch


def unembedding() -> Sketch:
    sketch = Sketch(
        "The final vector of the last token is compared with every row of the token table. Each dot product is the "
        "logit of one token, and the row that points most in the same direction gets the highest.",
        262,
    )
    vector = sketch.vector(70, 130, PINK, 6, 20)
    sketch.text(70, 18, "final vector", bold=True)
    sketch.text(70, 238, "(256)", 12)
    sketch.text(330, 18, "token table, a row per token", bold=True)
    sketch.text(604, 18, "logits", bold=True)
    for k, (word, logit) in enumerate([("the", 0.9), ("cup", 2.1), ("tea", 5.2), ("hot", 3.4), ("sand", -1.2)]):
        y, hue = 50 + 40 * k, RED if word == "tea" else BLUE
        sketch.arrow(vector.at("right", 6), (196, y), width=4 if word == "tea" else 1.2, color=hue.edge)
        sketch.token(236, y, word, hue, 62)
        sketch.grid(360, y, [[hue] * 6], 20)
        sketch.arrow((430, y), (512, y), width=1.2)
        sketch.bar(552 + min(0, 24 * logit), y, abs(24 * logit), 20, hue)
        sketch.text(560 + max(0, 24 * logit), y, f"{logit:.1f}".replace("-", "−"), anchor="start")
    sketch.text(360, 238, "(vocabulary, 256)", 12)
    sketch.text(604, 238, "(vocabulary)", 12)
    sketch.text(470, 238, "dot product", 12)
    return sketch


def finetuning_head() -> Sketch:
    sketch = Sketch(
        "The review goes through BERT as usual. Only the final vector of [CLS] goes on, into a small new matrix that "
        "turns its 384 numbers into two logits. Training changes the new head and, gently, all of BERT.",
        262,
    )
    heights = []
    for k, word in enumerate(["[CLS]", "what", "a", "film", "!"]):
        y = 46 + 42 * k
        heights.append(y)
        sketch.token(52, y, word, ORANGE if k == 0 else BLUE, 74)
        sketch.arrow((92, y), (330, y), color=ORANGE.edge if k == 0 else BLUE.edge, width=4)
    sketch.box(204, 130, 124, 220, "BERT\n\n6 layers,\nalready\ntrained", BLUE, 14, corner=8)
    for k, y in enumerate(heights):
        sketch.grid(366, y, [[ORANGE if k == 0 else PLAIN] * 4], 14)
    sketch.arrow((400, 46), (470, 46), color=ORANGE.edge, width=4)
    sketch.text(434, 24, "(384)", 12)
    sketch.box(528, 46, 108, 50, "new head\n(384, 2)", GREEN, 14, corner=6)
    sketch.arrow((586, 46), (630, 46), (630, 92), width=2)
    sketch.text(608, 24, "(2)", 12)
    for k, (word, logit) in enumerate([("negative", -1.3), ("positive", 2.4)]):
        sketch.token(556, 116 + 44 * k, word, GREEN if k else PLAIN, 92)
        sketch.box(640, 116 + 44 * k, 60, 28, f"{logit:+.1f}".replace("-", "−"), GREEN if k else PLAIN, 14)
    sketch.text(600, 204, "two logits")
    sketch.text(404, 172, "not used", anchor="start")
    return sketch


def lora() -> Sketch:
    sketch = Sketch(
        "LoRA leaves the large matrix W as it is and learns a detour beside it: A makes the vector short, only r "
        "numbers long, and B makes it long again. Both results add up. B starts at zero, so nothing changes at first.",
        286,
    )
    sketch.arrow((70, 140), (128, 140), (128, 76), (246, 76), width=2)
    sketch.arrow((70, 140), (128, 140), (128, 216), (214, 216), width=2)
    sketch.vector(50, 140, BLUE, 6, 16)
    sketch.text(50, 206, "x: (384)", 12)
    sketch.grid(306, 76, [[PLAIN] * 8] * 8, 14)
    sketch.text(450, 42, "W: (384, 384), frozen,\n147,456 numbers", 12)
    sketch.grid(236, 216, [[ORANGE] * 2] * 8, 14)
    sketch.grid(420, 216, [[ORANGE] * 8] * 2, 14)
    sketch.arrow((256, 216), (356, 216), words="(r = 8)", width=2)
    sketch.text(282, 262, "A: (384, 8)", 12, anchor="start")
    sketch.text(420, 250, "B: (8, 384)", 12)
    total = sketch.plus(612, 140)
    sketch.arrow((368, 76), (612, 76), total.at("top", 4), width=2)
    sketch.arrow((482, 216), (612, 216), total.at("bottom", 4), width=2, color=ORANGE.edge)
    sketch.text(600, 240, "6,144 numbers,\nand only they learn", 12)
    out = sketch.vector(676, 140, GREEN, 6, 16)
    sketch.arrow(total.at("right", 4), out.at("left", 6), width=2)
    return sketch
