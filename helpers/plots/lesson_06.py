"""The figure of lesson 06: how long the reviews are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

from helpers.plots.style import COLORS, figure, legend

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def length_histogram(lengths: Sequence[int], marks: Mapping[str, float], title: str) -> Figure:
    """How many texts have how many tokens, and a line at each of the `marks`.

    `lengths` has one number of tokens per text; a bar counts two neighboring lengths, 0 and 1, 2 and 3, … .
    """
    fig, axis = figure()
    axis.hist(lengths, bins=range(0, max(lengths) + 4, 2), color=COLORS[5], edgecolor="white")
    lines = cycle(zip([COLORS[3], COLORS[0], COLORS[2]], ["--", "-.", ":"], strict=True))
    for (name, place), (color, style) in zip(marks.items(), lines, strict=False):
        axis.axvline(place, color=color, linestyle=style, label=name)
    axis.set(title=title, xlabel="tokens in a review, special tokens included", ylabel="reviews")
    legend(axis)
    return fig
