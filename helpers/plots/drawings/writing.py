"""Schematics of writing: how the next token is chosen, and why that is fast."""

from __future__ import annotations

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
        "Beam search with two beams keeps the two best beginnings at each step. “tea” looks better than “cat”, "
        "but “cat sat” has a higher sum of log probabilities than “tea is”: −1.31, not −1.71. Greedy search misses it.",
        330,
    )
    for x, words in [(60, "start"), (260, "first token"), (480, "second token"), (656, "sum")]:
        sketch.text(x, 18, words, bold=True)
    start = sketch.token(60, 160, "the", PLAIN, 62)
    first = [("tea", -0.51, 80), ("cat", -1.20, 220), ("day", -2.30, 296)]
    second = [("is", 0, -1.20, 52), ("was", 0, -1.39, 112), ("sat", 1, -0.11, 192), ("ran", 1, -2.30, 252)]
    boxes = []
    for word, score, y in first:
        cut = word == "day"
        boxes.append(sketch.token(260, y, word, PLAIN if cut else BLUE, 62))
        sketch.arrow(start.at("right", 4), boxes[-1].at("left", 5), dashed=cut, width=1.4 if cut else 3,
                     color=PLAIN.edge if cut else BLUE.edge)  # fmt: skip
        sketch.text(260, y + 24 if not cut else y, f"{score:.2f}".replace("-", "−"), 12) if not cut else sketch.text(
            300, y, "−2.30, dropped", 12, anchor="start"
        )
    for word, parent, score, y in second:
        kept = word in ("is", "sat")
        best = word == "sat"
        hue = RED if best else BLUE if kept else PLAIN
        box = sketch.token(480, y, word, hue, 62)
        sketch.arrow(boxes[parent].at("right", 4), box.at("left", 5), dashed=not kept, width=3 if kept else 1.4,
                     color=hue.edge)  # fmt: skip
        sketch.text(520, y, f"{score:.2f}".replace("-", "−"), 12, anchor="start")
        total = f"{first[parent][1] + score:.2f}".replace("-", "−")
        sketch.box(656, y, 72, 28, total, hue, 14, bold=best)
        sketch.arrow((572, y), (614, y), width=1.2)
    return sketch


def cache() -> Sketch:
    sketch = Sketch(
        "The keys and values of earlier tokens never change, so they are kept. For each new token the model computes "
        "one query, one key, and one value; the query looks at all stored keys, and nothing old is computed again.",
        316,
    )
    xs = [170 + 96 * k for k in range(5)]
    sketch.frame(314, 192, 404, 176)
    for x, word in zip(xs, ["once", "upon", "a", "time", "there"], strict=True):
        new = word == "there"
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
