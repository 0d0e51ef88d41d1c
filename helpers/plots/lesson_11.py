"""The figures of lesson 11: which source token the decoder looks at, and shares with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.style import COLORS, GRAY, figure

if TYPE_CHECKING:
    from jaxtyping import Float
    from matplotlib.figure import Figure


def alignment(
    weights: Float[np.ndarray, "written read"], read: Sequence[str], written: Sequence[str], title: str
) -> Figure:
    """The source above, the translation below, and a line between two tokens that is as wide and dark as its weight.

    Weights below 0.05 are not drawn. Both rows are as wide as the figure.
    """
    fig, axis = figure(max(6.0, 0.62 * max(len(read), len(written))), 2.9)
    above, below = (np.linspace(0, 1, len(tokens) + 2)[1:-1] for tokens in (read, written))
    for row, x in zip(weights, below, strict=True):
        for weight, other in zip(row, above, strict=True):
            if weight >= 0.05:
                axis.plot([x, other], [0.14, 0.86], color=COLORS[0], linewidth=5 * weight, alpha=min(1, 0.2 + weight))
    for places, tokens, y in ((above, read, 0.93), (below, written, 0.07)):
        for x, token in zip(places, tokens, strict=True):
            axis.text(x, y, token, ha="center", va="center", fontsize=9, color=GRAY, parse_math=False)
    axis.set(title=title, xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[0.07, 0.93])
    axis.set_yticklabels(["written", "read"])
    axis.tick_params("y", length=0)
    for side in axis.spines.values():
        side.set_visible(False)
    return fig


def shares(rows: Mapping[str, tuple[float, float, float]], title: str, xlabel: str, ylabel: str) -> Figure:
    """One row for each name: a share in percent as a dot, and its interval as a bar (value, low, high)."""
    fig, axis = figure(7.2, 1.3 + 0.34 * len(rows))
    for row, (value, low, high) in enumerate(rows.values()):
        axis.plot([low, high], [row, row], "-", color=COLORS[0], linewidth=4, alpha=0.45)
        axis.plot([value], [row], "o", color=COLORS[0])
    axis.set_yticks(range(len(rows)), list(rows))
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel, ylim=(len(rows) - 0.5, -0.5), xlim=(0, None))
    return fig
