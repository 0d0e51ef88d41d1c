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
