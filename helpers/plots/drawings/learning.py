"""Schematics of learning and measuring."""

from __future__ import annotations

from math import exp

from helpers.plots.drawings.sketch import BLUE, GREEN, ORANGE, PLAIN, RED, Sketch


def gradient_step() -> Sketch:
    sketch = Sketch(
        "The loss depends on the weight, as a valley does on the place. The slope where we stand says which way is up, "
        "so one step goes the other way, and it is longer where the valley is steeper.",
        312,
    )

    def place(weight: float) -> tuple[float, float]:
        return 330 + 90 * weight, 225 - 22 * weight * weight

    sketch.arrow((60, 255), (640, 255))
    sketch.arrow((60, 255), (60, 20))
    sketch.text(650, 255, "weight", anchor="start")
    sketch.text(70, 22, "loss", anchor="start")
    sketch.line(*[place(k / 10) for k in range(-29, 30)], color=BLUE.edge, width=3)
    old, new = 2.5, 0.9
    (x0, y0), (x1, y1) = place(old), place(new)
    run = 62
    sketch.line((x0 - run, y0 + run * 22 * 2 * old / 90), (x0 + run * 0.9, y0 - run * 0.9 * 22 * 2 * old / 90),
                color=RED.edge, width=2, dashed=True)  # fmt: skip
    sketch.line((x0, y0), (x0, 255), dashed=True, width=1.2)
    sketch.line((x1, y1), (x1, 255), dashed=True, width=1.2)
    sketch.arrow((x0 - 3, 240), (x1 + 4, 240), color=GREEN.edge, width=4)
    sketch.circle(x0, y0, 8, RED.tint, RED.edge)
    sketch.circle(x1, y1, 8, GREEN.tint, GREEN.edge)
    sketch.text(x0 - 74, 76, "the slope here: the loss\nrises to the right", anchor="end")
    sketch.arrow((x0 - 70, 80), (x0 - 24, 96), width=1.2)
    sketch.text((x0 + x1) / 2, 224, "one step", bold=True)
    sketch.text(x0, 274, "old")
    sketch.text(x1, 274, "new")
    sketch.text(330, 300, "new weight = old weight − learning rate × slope", 14)
    return sketch


def softmax_step() -> Sketch:
    sketch = Sketch(
        "Softmax turns any numbers into shares. Every logit goes through exp, which makes it positive and favors the "
        "large ones; then each result is divided by their sum, so that the shares add up to 1.",
        210,
    )
    logits = {"tea": 1.5, "milk": 0.5, "sand": -1.0}
    powers = {word: exp(logit) for word, logit in logits.items()}
    total = sum(powers.values())
    for x, words in [(130, "logits"), (330, "exp: all positive"), (590, "shares")]:
        sketch.text(x, 18, words, bold=True)
    sketch.line((130, 36), (130, 160), width=1.2, dashed=True)
    for k, (word, logit) in enumerate(logits.items()):
        y = 52 + 46 * k
        sketch.token(42, y, word, width=62)
        sketch.bar(130 + min(0, 26 * logit), y, abs(26 * logit), 20, BLUE)
        sketch.text(176 if logit > 0 else 136, y, f"{logit:+.1f}".replace("-", "−"), anchor="start")
        sketch.arrow((228, y), (262, y), width=1.2)
        sketch.bar(270, y, 22 * powers[word], 20, ORANGE)
        sketch.text(276 + 22 * powers[word], y, f"{powers[word]:.2f}", anchor="start")
        sketch.arrow((424, y), (520, y), words=f"÷ {total:.2f}", width=1.2)
        sketch.bar(530, y, 150 * powers[word] / total, 20, GREEN)
        sketch.text(536 + 150 * powers[word] / total, y, f"{powers[word] / total:.2f}", anchor="start")
    sketch.text(320, 190, f"their sum: {total:.2f}")
    sketch.text(590, 190, "their sum: 1")
    return sketch


def accumulation() -> Sketch:
    sketch = Sketch(
        "A batch of 32 that does not fit into memory goes through in four parts of 8. Each part’s gradient is added to "
        "those before it, and only after the fourth do the weights take one step, as if all 32 had gone at once.",
        250,
    )
    batch = sketch.box(52, 112, 84, 176, "batch\nof 32", BLUE, 14, corner=6)
    total = sketch.box(480, 112, 100, 64, "sum of the\ngradients", ORANGE, corner=6)
    step = sketch.box(644, 112, 128, 64, "one step of\nall weights", GREEN, 14, corner=6)
    for k in range(4):
        y = 38 + 50 * k
        part = sketch.box(172, y, 84, 32, "8 texts", BLUE, corner=6)
        gradient = sketch.box(330, y, 94, 32, "gradient ÷ 4", ORANGE, 12)
        sketch.arrow((batch.at("right", 3)[0], y), part.at("left", 3), width=1.2)
        sketch.arrow(part.at("right", 4), gradient.at("left", 4), width=1.2)
        sketch.arrow(gradient.at("right", 4), (total.at("left", 5)[0], 112 + 14 * (k - 1.5)))
    sketch.arrow(total.at("right", 4), step.at("left", 5), width=4, color=GREEN.edge)
    sketch.text(250, 230, "forward and backward, four times: the memory for 8 texts")
    sketch.text(644, 168, "once")
    return sketch


def data_splits() -> Sketch:
    sketch = Sketch(
        "The training set teaches the model. The validation set is looked at again and again, to decide which model to "
        "keep. The test set decides nothing: it is used once, at the end, to measure.",
        262,
    )
    everything = sketch.box(62, 130, 96, 200, "all the\nlabeled\nreviews", PLAIN, 14, corner=6)
    parts = [
        (46, "training", BLUE, "fits the weights"),
        (130, "validation", ORANGE, "chooses: how many epochs,\nwhich learning rate, which model"),
        (214, "test", RED, "measures the chosen\nmodel, once"),
    ]
    for y, name, hue, words in parts:
        part = sketch.box(212, y, 110, 52, name, hue, 15, corner=6, bold=True)
        use = sketch.box(480, y, 250, 52, words, PLAIN, corner=6)
        sketch.arrow((everything.at("right", 4)[0], y), part.at("left", 4))
        sketch.arrow(part.at("right", 4), use.at("left", 5), color=hue.edge, width=3)
    sketch.arrow((540, 76), (540, 100))
    sketch.arrow((420, 102), (420, 76))
    sketch.arrow((540, 160), (540, 184))
    sketch.text(432, 88, "try again", 12, anchor="start")
    sketch.text(552, 172, "when all is decided", 12, anchor="start")
    sketch.arrow(use.at("right", 4), (652, 214))
    sketch.text(684, 214, "result", bold=True)
    return sketch


def calibration() -> Sketch:
    sketch = Sketch(
        "A model answers ten questions and is “90% sure” each time, but only seven of its answers are right. The "
        "points of a calibrated model lie on the diagonal; this model’s lie below it, so it is overconfident.",
        300,
    )
    sketch.text(160, 20, "ten answers, each “90% sure”", bold=True)
    for k in range(10):
        right = k not in (2, 6, 7)
        x, y = 40 + 60 * (k % 5), 72 + 70 * (k // 5)
        sketch.box(x, y, 50, 50, "✓" if right else "✗", GREEN if right else RED, 20, corner=8)
    sketch.text(160, 200, "promised: 9 of 10 right", 14)
    sketch.text(160, 224, "kept: 7 of 10 right", 14)
    sketch.arrow((330, 212), (392, 160), width=2.4)
    left, top, side = 440, 36, 210

    def place(promised: float, kept: float) -> tuple[float, float]:
        return left + side * (promised - 0.5) * 2, top + side * (1 - kept) * 2

    sketch.line((left, top), (left, top + side), (left + side, top + side))
    sketch.line(place(0.5, 0.5), place(1, 1), dashed=True)
    spots = [place(0.55, 0.53), place(0.65, 0.6), place(0.75, 0.64), place(0.9, 0.7)]
    sketch.line(*spots, color=RED.edge, width=2.4)
    sketch.line(place(0.9, 0.9), place(0.9, 0.7), color=RED.edge, width=1.4, dashed=True)
    for spot in spots:
        sketch.circle(*spot, 6, RED.tint, RED.edge)
    for share in (0.5, 0.75, 1.0):
        sketch.text(place(share, 0.5)[0], top + side + 14, f"{share:.0%}", 12)
        sketch.text(left - 8, place(0.5, share)[1], f"{share:.0%}", 12, anchor="end")
    sketch.text(left + side / 2, top + side + 36, "promised: the confidence")
    sketch.text(left + 4, 18, "kept: the share that is right", anchor="start")
    sketch.text(left + 84, top + 58, "calibrated", 12, anchor="end")
    sketch.text(*place(0.9, 0.62), "overconfident", 12)
    return sketch
