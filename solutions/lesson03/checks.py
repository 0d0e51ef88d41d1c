"""The gaps of lesson 03: padding a batch, and cutting a long text into windows."""

from __future__ import annotations

from course.authoring import Case, Lab, Part

ALLOWED = frozenset({"numpy", "math", "torch"})

pad = Part(
    "pad",
    "A batch is a rectangle",
    points={"right": 1, "left": 1},
    imports=ALLOWED,
    banned=frozenset({"pad_sequence", "pad"}),
    hints=(
        "Write down the two rectangles for the rows [5, 6, 7] and [8] on paper.",
        "Every row gets `width - len(row)` padding ids; its mask has as many zeros, on the same side.",
        "`filling = [pad_id] * (width - len(row))`, then `row + filling` or `filling + row`.",
    ),
)


def _rows(rng, pad_id):
    sizes = rng.permutation([1, 3, int(rng.integers(4, 7))])
    rows = [[int(i) for i in rng.integers(1, 90, size=size)] for size in sizes]
    rows[0][0] = pad_id  # a real token may have the id of the padding, as GPT-2's end of text does
    return rows


@pad.cases
def pad_cases(rng):
    yield Case(([[5, 6, 7], [8]], 0), "right")
    yield Case(([[5, 6], [7, 8, 9]], 2, "right"), "right")
    yield Case((_rows(rng, 0), 0, "right"), "right")
    yield Case((_rows(rng, 99), 99, "right"), "right")
    yield Case(([[5, 6, 7], [8]], 0, "left"), "left")
    yield Case((_rows(rng, 0), 0, "left"), "left")
    yield Case((_rows(rng, 50), 50, "left"), "left")


windows = Part(
    "windows",
    "Windows that overlap",
    points={"windows": 1},
    imports=ALLOWED,
    hints=(
        "Cut [0, 1, 2, 3, 4, 5, 6, 7] into windows of 4 that share 2 with the one before. Where does each begin?",
        "The next window begins `room - stride` later. The last one is the first that reaches the end.",
        "`range(0, max(len(ids) - stride, 1), room - stride)` are the starts.",
    ),
)


@windows.cases
def windows_cases(rng):
    yield Case(([0, 1, 2, 3, 4, 5, 6, 7], 4, 2), "windows")
    yield Case(([0, 1, 2], 4, 1), "windows")
    yield Case(([0, 1, 2, 3], 4, 2), "windows")
    yield Case(([0, 1, 2, 3, 4], 4, 1), "windows")
    yield Case(([0, 1, 2, 3, 4, 5, 6, 7], 4, 0), "windows")
    for room, stride in ((5, 2), (7, 1)):
        size = int(rng.integers(20, 30))
        yield Case(([int(i) for i in rng.integers(100, 999, size=size)], room, stride), "windows")


LAB = Lab("lesson03", "Tokenizers in practice", [pad, windows])
