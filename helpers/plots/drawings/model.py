"""Schematics of what is in a transformer."""

from __future__ import annotations

from helpers.plots.drawings.sketch import BLUE, GREEN, ORANGE, PINK, Sketch


def attention() -> Sketch:
    sketch = Sketch(
        "“bank” sends its query to every key. The better a key matches, the greater its weight, and the weights sum to "
        "1. The values, each times its weight, add up to the new vector of “bank”, which is now mostly “river”.",
        330,
    )
    for x, words in [(64, "query"), (242, "token"), (312, "key"), (402, "weight"), (480, "value"), (650, "output")]:
        sketch.text(x, 18, words, bold=True)
    query = sketch.vector(64, 170, ORANGE)
    sketch.token(64, 226, "bank")
    total = sketch.plus(578, 170)
    for k, (word, weight) in enumerate([("the", 0.1), ("river", 0.7), ("bank", 0.2)]):
        y = 75 + 95 * k
        token = sketch.token(242, y, word, width=62)
        key, value = sketch.vector(312, y, BLUE), sketch.vector(480, y, GREEN)
        sketch.arrow(query.at("right", 8), token.at("left", 6), color=ORANGE.edge, width=1 + 12 * weight)
        share = sketch.box(402, y, 50, 26, f"{weight:.1f}", ORANGE, 14, corner=13)
        sketch.arrow(key.at("right", 5), share.at("left", 4), width=1.4)
        sketch.arrow(share.at("right", 4), value.at("left", 5), width=1.4)
        sketch.arrow(value.at("right", 8), total.at("left", 4) if k == 1 else total.at("top" if k == 0 else "bottom", 4)
                     , color=GREEN.edge, width=1 + 12 * weight)  # fmt: skip
    new = sketch.vector(650, 170, PINK)
    sketch.arrow(total.at("right", 4), new.at("left", 6), width=2)
    sketch.text(650, 218, "new vector\nof “bank”", 12)
    sketch.text(402, 314, "softmax: they sum to 1", 12)
    sketch.text(148, 290, "how well do we\nmatch? q · k", 12)
    return sketch


def _stream(sketch: Sketch, y: float, before: bool) -> None:
    """A lane with two side boxes above it; the norm stands in the side path if `before`, else on the lane."""
    title = "pre-norm (GPT-2): the lane runs through untouched" if before else "post-norm (BERT): a norm on the lane"
    sketch.text(360, y - 106, title, bold=True)
    sketch.line((40, y), (672, y), color=BLUE.edge, width=7)
    sketch.arrow((660, y), (706, y), color=BLUE.edge, width=7)
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
        320,
    )
    _stream(sketch, 132, True)
    _stream(sketch, 286, False)
    return sketch
