"""The pictures of lesson 03: a text with words marked in it, and all ways to cut a word."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.style import COLORS, DARK, GRAY, TINTS, figure, show

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from helpers.reference.unigram import Edge, Step


class Marked:
    """A text with some spans of characters marked; brackets ⟦ ⟧ around them where HTML is not shown."""

    def __init__(self, text: str, spans: Sequence[tuple[int, int]]) -> None:
        self.text, self.spans = text, sorted(spans)
        place = 0
        for start, end in self.spans:
            if not place <= start <= end <= len(text):
                raise ValueError(f"span {(start, end)} overlaps the one before it or leaves the text of {len(text)}")
            place = end

    def _parts(self) -> list[tuple[str, bool]]:
        """The text in pieces, each with whether it is marked."""
        parts, place = [], 0
        for start, end in self.spans:
            parts += [(self.text[place:start], False), (self.text[start:end], True)]
            place = end
        return [*parts, (self.text[place:], False)]

    def __repr__(self) -> str:
        return "".join(f"⟦{part}⟧" if inside else part for part, inside in self._parts())

    def _repr_html_(self) -> str:
        mark = '<mark style="background:#fbe6bf;color:#000;border-bottom:2px solid #D55E00">'
        pieces = (f"{mark}{escape(part)}</mark>" if inside else escape(part) for part, inside in self._parts())
        return f'<div style="white-space:pre-wrap">{"".join(pieces)}</div>'


def marked(text: str, spans: Sequence[tuple[int, int]]) -> Marked:
    """A text with the spans (start, end), in characters, marked. Raises ValueError if they overlap."""
    return Marked(text, spans)


def lattice(
    word: str, edges: Sequence[tuple[int, int, float]], best: Sequence[tuple[int, int]], title: str, unit: str = "bits"
) -> Figure:
    """All tokens that fit into a word as arcs over it, each with its cost; the arcs of the `best` path are thick.

    An edge is (start, end, cost), counted in places: 0 is before the first character. `best` names edges by
    (start, end); `unit` is that of the costs.
    """
    fig, axis = figure(1.5 * len(word) + 1.2, 4.4)
    turn = np.linspace(0, np.pi, 60)
    for start, end, cost in edges:
        is_best, middle, height = (start, end) in best, (start + end) / 2, 0.9 * (end - start)
        axis.plot(
            middle - (end - start) / 2 * np.cos(turn),
            height * np.sin(turn),
            zorder=2 if is_best else 1,
            color=COLORS[3] if is_best else GRAY,
            linewidth=3.5 if is_best else 1.2,
        )
        axis.text(
            middle,
            height,
            f"{word[start:end]}  {cost:g}",
            ha="center",
            va="center",
            fontsize=10,
            zorder=3,
            family="monospace",
            weight="bold" if is_best else "normal",
            color=DARK,
            bbox={"facecolor": TINTS[5], "edgecolor": "none", "pad": 1.5},
        )
    axis.plot(range(len(word) + 1), [0] * (len(word) + 1), "o", color=COLORS[0], markersize=9, zorder=4)
    for place, character in enumerate(word):
        axis.text(place + 0.5, -0.28, character, ha="center", va="center", fontsize=15, family="monospace")
    axis.set(
        title=title,
        xlabel="place in the word",
        ylabel=f"tokens that fit, with their cost ({unit})",
        yticks=[],
        xticks=range(len(word) + 1),
        ylim=(-0.55, 0.9 * max(end - start for start, end, _ in edges) + 0.4),
    )
    axis.spines["left"].set_visible(False)
    return fig


def show_lattice(word: str, steps: Sequence[Step], best: Sequence[Edge]) -> None:
    """Draw the `lattice` of a word from the reference's Viterbi steps, with the `best` path and a sentence under it."""
    arcs = [(step.edge.start, step.edge.end, -step.edge.score) for step in steps]
    fig = lattice(word, arcs, [(edge.start, edge.end) for edge in best], f"The lattice of {word}")
    path = " + ".join(edge.token for edge in best)
    show(fig, f"{len(arcs)} arcs lead from place to place; the cheapest path, drawn thick, is {path}.")
