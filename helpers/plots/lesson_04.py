"""The figure of lesson 04 that no other lesson uses: outputs of attention as averages of value vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.plots.style import COLORS, figure

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure


def blends(values: np.ndarray, outputs: np.ndarray, names: Sequence[str], title: str) -> Figure:
    """Value vectors in the plane (dots) and, for each query, the average that attention makes of them (crosses).

    `values` and `outputs` have the shape (words, 2); `names` has one name per word, whose dot and cross share a color.
    """
    fig, axis = figure(5.4, 5.0)
    label = {"xytext": (9, 0), "textcoords": "offset points", "va": "center", "fontsize": 9}
    for k, name in enumerate(names):
        color = COLORS[k % len(COLORS)]
        axis.plot(*values[k], "o", color=color, markersize=10)
        axis.annotate(f"value of {name}", values[k], **label)
        axis.plot(*outputs[k], "X", color=color, markersize=9, markeredgecolor="black")
        axis.annotate(f"output for {name}", outputs[k], **label, style="italic")
    axis.axhline(0, color="#cccccc", linewidth=0.8, zorder=0)
    axis.axvline(0, color="#cccccc", linewidth=0.8, zorder=0)
    axis.margins(x=0.35, y=0.15)
    axis.set(title=title, xlabel="first feature", ylabel="second feature")
    return fig
