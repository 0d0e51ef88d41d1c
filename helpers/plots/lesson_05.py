"""The figure of lesson 05: who may look at whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.style import COLORS, cell, figure, hide_spines

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def who_may_look(
    masks: Sequence[np.ndarray],
    titles: Sequence[str],
    queries: Sequence[Sequence[str]],
    keys: Sequence[Sequence[str]],
    ylabel: str = "who looks (query)",
    xlabel: str = "at whom (key)",
) -> Figure:
    """One grid per boolean (queries x keys) mask: a filled cell with a dot where the query may look, else an empty one.

    Each mask has its own title, and its own names for rows (`queries`) and columns (`keys`).
    """
    widths = [1.5 + 0.42 * len(names) for names in keys]
    height = 1.6 + 0.36 * max(len(names) for names in queries)
    fig, axes = figure(sum(widths), height, 1, len(masks), width_ratios=widths, squeeze=False)
    for axis, mask, title, rows, columns in zip(axes[0], masks, titles, queries, keys, strict=True):
        for (i, j), allowed in np.ndenumerate(np.asarray(mask, dtype=bool)):
            axis.add_patch(cell(j, i, COLORS[0] if allowed else "#bbbbbb", allowed))
            if allowed:
                axis.plot(j, i, "o", color=COLORS[0], markersize=4)
        axis.set_xticks(range(len(columns)), columns, rotation=90)
        axis.set_yticks(range(len(rows)), rows)
        axis.set(title=title, xlabel=xlabel, ylabel=ylabel, aspect="equal")
        axis.set(xlim=(-0.6, len(columns) - 0.4), ylim=(len(rows) - 0.4, -0.6))
        axis.tick_params(length=0)
        hide_spines(axis)
    return fig
