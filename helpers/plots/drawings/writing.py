"""Schematics of writing: how the next token is chosen, and why that is fast."""

from __future__ import annotations

from math import log2

from helpers.plots.drawings.sketch import BLUE, GREEN, ORANGE, PLAIN, RED, Sketch


def sampling_cuts() -> Sketch:
    sketch = Sketch(
        "Four ways to change what may be drawn. Top-k keeps the k most probable tokens, top-p the fewest that together "
        "reach p, min-p those that reach a share of the best. Temperature cuts nothing: below 1 it sharpens the peak.",
        286,
    )
    shares = [0.40, 0.25, 0.15, 0.10, 0.06, 0.03, 0.01]
    sharp = [share**2 / sum(other**2 for other in shares) for share in shares]
    panels = [
        ("top-k", "k = 3: three are kept", 3, shares),
        ("top-p", "p = 0.9: the first that\nreach 90% together", 4, shares),
        ("min-p", "0.1: at least 10% of\nthe highest bar", 5, shares),
        ("temperature", "0.5: the peak grows,\nthe rest shrinks", 7, sharp),
    ]
    base = 214
    for k, (name, words, kept, bars) in enumerate(panels):
        left = 16 + 180 * k
        sketch.text(left + 74, 18, name, bold=True)
        sketch.text(left + 74, 250, words, 12)
        for place, share in enumerate(bars):
            x, height = left + 12 + 21 * place, 270 * share
            hue = PLAIN if place >= kept else ORANGE if name == "temperature" else BLUE
            sketch.box(x, base - height / 2, 16, height, hue=hue, corner=1)
            if place >= kept:
                sketch.line((x - 6, base + 7), (x + 6, base + 17), color=RED.edge, width=2)
                sketch.line((x - 6, base + 17), (x + 6, base + 7), color=RED.edge, width=2)
            elif name == "temperature":
                before = base - 270 * shares[place]
                sketch.line((x - 9, before), (x + 9, before), dashed=True)
        sketch.line((left, base), (left + 150, base))
        if name == "min-p":
            sketch.line((left, base - 270 * 0.04), (left + 150, base - 270 * 0.04), color=RED.edge, dashed=True)
    return sketch


def beams() -> Sketch:
    sketch = Sketch(
        "Beam search with two beams keeps the two likeliest beginnings at each step, those with the fewest bits. “cat” "
        "looks better than “dog”, but “dog barked” has 1.47 bits in all, and “cat ran” 2.32. Greedy search misses it.",
        330,
    )
    for x, words in [(60, "start"), (260, "first word"), (480, "second word"), (656, "bits in all")]:
        sketch.text(x, 18, words, bold=True)
    start = sketch.token(60, 160, "the", PLAIN, 62)
    first = [("cat", 0.5, 96), ("dog", 0.4, 228), ("moon", 0.1, 300)]
    second = [
        ("ran", 0, 0.4, 52),
        ("sat", 0, 0.3, 100),
        ("slept", 0, 0.3, 148),
        ("barked", 1, 0.9, 204),
        ("slept", 1, 0.1, 252),
    ]
    boxes = []
    for word, share, y in first:
        cut = word == "moon"
        box = sketch.token(260, y, word, PLAIN if cut else BLUE, 62)
        hue, width = (PLAIN, 1.4) if cut else (BLUE, 3)
        sketch.arrow(start.at("right", 4), box.at("left", 5), dashed=cut, width=width, color=hue.edge)
        at = (300, y) if cut else (240, y + 24)
        sketch.text(*at, f"{-log2(share):.2f}{', dropped' * cut}", 12, anchor="start")
        boxes.append(box)
    for word, parent, share, y in second:
        kept, best = word in ("ran", "barked"), word == "barked"
        hue = RED if best else BLUE if kept else PLAIN
        box = sketch.token(480, y, word, hue, 70)
        width = 3 if kept else 1.4
        sketch.arrow(boxes[parent].at("right", 4), box.at("left", 5), dashed=not kept, width=width, color=hue.edge)
        sketch.text(524, y, f"{-log2(share):.2f}", 12, anchor="start")
        sketch.box(656, y, 72, 28, f"{-log2(first[parent][1] * share):.2f}", hue, 14, bold=best)
        sketch.arrow((574, y), (614, y), width=1.2)
    return sketch


def cache() -> Sketch:
    sketch = Sketch(
        "The keys and values of earlier tokens never change, so they are kept. For each new token the model computes "
        "one query, one key, and one value; the query looks at all stored keys, and nothing old is computed again.",
        316,
    )
    xs = [170 + 96 * k for k in range(5)]
    sketch.frame(314, 192, 404, 176)
    for x, word in zip(xs, ["The", "Mole", "had", "been", "working"], strict=True):
        new = word == "working"
        sketch.token(x, 30, word, RED if new else PLAIN, 76)
        sketch.vector(x, 150, RED if new else BLUE)
        sketch.vector(x, 240, RED if new else GREEN)
    sketch.text(94, 150, "keys", anchor="end", bold=True)
    sketch.text(94, 240, "values", anchor="end", bold=True)
    sketch.text(314, 298, "stored in the cache", 14)
    sketch.text(554, 298, "new", 14)
    query = sketch.vector(650, 92, ORANGE)
    sketch.arrow((596, 30), (650, 30), query.at("top", 5), width=2)
    sketch.text(650, 132, "new query", 12)
    for x, weight in zip(xs, [0.1, 0.15, 0.05, 0.5, 0.2], strict=True):
        sketch.arrow(query.at("left", 6), (x, 121), color=ORANGE.edge, width=1 + 9 * weight)
    return sketch


def teacher_forcing() -> Sketch:
    sketch = Sketch(
        "Teacher forcing: in training the decoder reads the right translation, moved one place to the right after a "
        "start sign, and must say at each place the word that comes next. All places are trained at once.",
        290,
    )
    says, xs = ["Le", "chat", "dort", ".", "</s>"], [254 + 104 * k for k in range(5)]
    sketch.text(118, 44, "it must say\n(the labels)", bold=True, anchor="end")
    sketch.text(118, 246, "it reads\n(the labels,\nshifted)", bold=True, anchor="end")
    for place, x in enumerate(xs[1:]):  # hidden by the decoder where they cross it
        shift = [(xs[place] + 38, 52), (x - 44, 84), (xs[place] + 44, 206), (x - 38, 240)]
        sketch.line(*shift, color=GREEN.edge, dashed=True, curve=True)
    sketch.box(462, 144, 504, 54, "decoder: each place looks left only, and at the source", hue=ORANGE, size=14)
    memory = sketch.box(152, 144, 66, 54, "source", hue=BLUE)
    sketch.arrow(memory.at("right", 2), (210, 144), width=2)
    for place, (x, word) in enumerate(zip(xs, says, strict=True)):
        read = sketch.token(x, 246, says[place - 1] if place else "start", RED if not place else PLAIN, 72)
        label = sketch.token(x, 44, word, GREEN, 72)
        sketch.arrow(read.at("top", 3), (x, 173))
        sketch.arrow((x, 115), label.at("bottom", 3))
    return sketch


def cross_attention() -> Sketch:
    sketch = Sketch(
        "Cross-attention: the query comes from the decoder, here from the place that must write “noir”. The keys and "
        "values come from the encoder's vectors, and most of the weight lies on “black”, though the order is another.",
        306,
    )
    xs = [200 + 112 * k for k in range(4)]
    weights = [0.05, 0.75, 0.15, 0.05]
    sketch.text(120, 40, "the source", anchor="end", bold=True)
    sketch.text(120, 112, "memory:\nkeys and values", anchor="end", bold=True)
    sketch.text(120, 266, "written so far", anchor="end", bold=True)
    sketch.vector(648, 214, ORANGE)
    sketch.text(648, 168, "query", 12)
    for x, word, weight in zip(xs, ["the", "black", "cat", "sleeps"], weights, strict=True):
        box = sketch.token(x, 40, word, BLUE, 80)
        sketch.vector(x - 10, 112, BLUE)
        sketch.vector(x + 10, 112, GREEN)
        sketch.arrow(box.at("bottom", 2), (x, 82))
        sketch.arrow((640, 214 if x > 500 else 208), (x, 142), color=ORANGE.edge, width=1 + 9 * weight)
        sketch.text(x + 24, 112, f"{weight:.0%}", 12, anchor="start")
    for k, word in enumerate(["le", "chat"]):
        sketch.token(200 + 90 * k, 266, word, PLAIN, 72)
    wanted = sketch.token(648, 266, "noir ?", RED, 80)
    sketch.arrow((338, 266), wanted.at("left", 6))
    return sketch
