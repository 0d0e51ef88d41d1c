"""The few shapes that every schematic is made of: a token is a rounded box, a vector a column of small cells,
attention an arrow as wide as its weight, the residual stream a lane, and a matrix a grid.

The background is transparent, so one picture serves white pages, dark themes and paper. Words and lines outside a box
have one gray that can be read on all of them, and words inside a box are dark on a light tint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from typing import NamedTuple

from helpers.plots.style import COLORS, DARK, GRAY, TINTS
from helpers.show import tag

FONT = "system-ui, sans-serif"
LETTER = 0.6
"""The width of a letter in units of its size, chosen large enough for the fonts of all systems."""
Point = tuple[float, float]


class Hue(NamedTuple):
    """A color of the palette for edges, and a light tint of it that serves as the background of dark text."""

    edge: str
    tint: str


BLUE, ORANGE, GREEN, RED, PINK, PLAIN = (Hue(edge, tint) for edge, tint in zip([*COLORS[:5], GRAY], TINTS, strict=True))


@dataclass(frozen=True)
class Box:
    """A rectangle that was drawn: its middle, and the middles of its sides, where arrows begin and end."""

    x: float
    y: float
    width: float
    height: float

    def at(self, side: str, away: float = 0) -> Point:
        """The middle of a side ("left", "right", "top", "bottom"), or a point `away` pixels outside it."""
        dx, dy = {"left": (-1, 0), "right": (1, 0), "top": (0, -1), "bottom": (0, 1)}[side]
        return self.x + dx * (self.width / 2 + away), self.y + dy * (self.height / 2 + away)


def short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


class Sketch:
    """A schematic of `width` x `height` pixels; `alt` describes what it shows. Boxes are placed by their middle."""

    def __init__(self, alt: str, height: float, width: float = 720) -> None:
        self.alt, self.width, self.height = alt, width, height
        self.parts: list[str] = []

    def svg(self) -> str:
        size = f'viewBox="0 0 {short(self.width)} {short(self.height)}" width="{short(self.width)}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} height="{short(self.height)}" role="img" '
            f'font-family="{FONT}">{tag("title", self.alt)}{"".join(self.parts)}</svg>'
        )

    def add(self, name: str, words: str = "", **attributes: object) -> None:
        known = {key: short(value) if isinstance(value, float) else value for key, value in attributes.items()}
        self.parts.append(tag(name, words, **known).replace(f"></{name}>", "/>"))

    def text(
        self, x: float, y: float, words: str, size: int = 13, color: str = GRAY, anchor: str = "middle", bold=False
    ) -> None:
        """Write words with lines centered on `y`; `anchor` tells whether `x` is their "start", "middle" or "end"."""
        weight = {"font_weight": "bold"} if bold else {}
        lines = words.split("\n")
        for number, line in enumerate(lines):
            base = y + 0.35 * size + 1.3 * size * (number - (len(lines) - 1) / 2)
            if line:
                self.add("text", line, x=float(x), y=base, font_size=size, fill=color, text_anchor=anchor, **weight)

    def box(
        self, x: float, y: float, width: float, height: float, words="", hue=PLAIN, size=13, corner=3, bold=False
    ) -> Box:
        """Draw a box around (x, y) with words in it."""
        place = {"x": float(x - width / 2), "y": float(y - height / 2), "width": float(width), "height": float(height)}
        rounded = {"rx": corner} if corner else {}
        self.add("rect", **place, **rounded, fill=hue.tint, stroke=hue.edge, stroke_width=1.4)
        if words:
            self.text(x, y, words, size, DARK, bold=bold)
        return Box(x, y, width, height)

    def token(self, x: float, y: float, word: str, hue=BLUE, width: float | None = None, size=14) -> Box:
        """Draw a token: a rounded box that is as wide as its word needs."""
        return self.box(x, y, width or LETTER * size * len(word) + 14, size + 14, word, hue, size, corner=9)

    def tokens(self, left: float, y: float, words: Sequence[str], hue=BLUE, gap=5, size=14) -> list[Box]:
        """Draw tokens side by side; the first begins at `left`."""
        boxes: list[Box] = []
        for word in words:
            width = LETTER * size * len(word) + 14
            boxes.append(self.token(left + width / 2, y, word, hue, width, size))
            left += width + gap
        return boxes

    def grid(self, x: float, y: float, rows: Sequence[Sequence[Hue]], cell: float = 14, words=None, size=12) -> Box:
        """Draw a matrix around (x, y) with a cell for each hue; `words` may hold what is written into each cell."""
        high, wide = len(rows) * cell, len(rows[0]) * (width := cell if words is None else cell * 2.2)
        for i, row in enumerate(rows):
            for j, hue in enumerate(row):
                middle = x - wide / 2 + (j + 0.5) * width, y - high / 2 + (i + 0.5) * cell
                self.box(*middle, width, cell, words[i][j] if words else "", hue, size, corner=0)
        return Box(x, y, wide, high)

    def vector(self, x: float, y: float, hue=BLUE, cells=4, cell: float = 13, words=None, size=12) -> Box:
        """Draw a vector: a column of small cells."""
        return self.grid(x, y, [[hue]] * cells, cell, words and [[word] for word in words], size)

    def line(self, *points: Point, color: str = GRAY, width: float = 1.6, dashed=False, curve=False) -> None:
        """Draw a line through points; with `curve`, four points define a Bézier curve."""
        pairs = [f"{short(x)} {short(y)}" for x, y in points]
        path = f"M{pairs[0]}C{' '.join(pairs[1:])}" if curve else "M" + "L".join(pairs)
        dashes = {"stroke_dasharray": "5 4"} if dashed else {}
        self.add("path", d=path, fill="none", stroke=color, stroke_width=float(width), **dashes)

    def arrow(self, *points: Point, words="", color: str = GRAY, width: float = 1.6, curve=False, dashed=False) -> None:
        """Draw a line that ends in a head; `words`, for example a shape, go above the middle of its first segment."""
        (x0, y0), (x1, y1) = points[-2:]
        length, size = hypot(x1 - x0, y1 - y0), 5 + 1.6 * width
        dx, dy = (x1 - x0) / length, (y1 - y0) / length
        self.line(*points[:-1], (x1 - dx * size * 0.8, y1 - dy * size * 0.8), color=color, width=width, curve=curve,
                  dashed=dashed)  # fmt: skip
        back, half = (x1 - dx * size, y1 - dy * size), size * 0.5
        corners = [(x1, y1), (back[0] - dy * half, back[1] + dx * half), (back[0] + dy * half, back[1] - dx * half)]
        self.add("polygon", points=" ".join(f"{short(x)},{short(y)}" for x, y in corners), fill=color)
        if words:
            self.text((points[0][0] + points[1][0]) / 2, (points[0][1] + points[1][1]) / 2 - 12, words, 12)

    def through(self, *boxes: Box, words: Sequence[str] = (), **options) -> None:
        """Draw arrows from box to box, left to right, each with its words."""
        for number, (one, other) in enumerate(pairwise(boxes)):
            label = words[number] if number < len(words) else ""
            self.arrow(one.at("right", 4), other.at("left", 4), words=label, **options)

    def circle(self, x: float, y: float, radius: float, fill: str = "none", edge: str = GRAY) -> Box:
        self.add("circle", cx=float(x), cy=float(y), r=float(radius), fill=fill, stroke=edge, stroke_width=1.6)
        return Box(x, y, 2 * radius, 2 * radius)

    def frame(self, x: float, y: float, width: float, height: float) -> None:
        """Draw a dashed line around things that belong together."""
        place = {"x": x - width / 2, "y": y - height / 2, "width": float(width), "height": float(height)}
        self.add("rect", **place, rx=8, fill="none", stroke=GRAY, stroke_width=1.4, stroke_dasharray="5 4")

    def plus(self, x: float, y: float) -> Box:
        """Draw ⊕, where everything that comes in is added."""
        place = self.circle(x, y, 11, BLUE.tint, BLUE.edge)
        self.line((x - 6, y), (x + 6, y), color=DARK)
        self.line((x, y - 6), (x, y + 6), color=DARK)
        return place

    def bar(self, left: float, y: float, length: float, height: float = 16, hue=BLUE) -> Box:
        """Draw a horizontal bar that begins at `left`."""
        return self.box(left + length / 2, y, length, height, hue=hue, corner=1)
