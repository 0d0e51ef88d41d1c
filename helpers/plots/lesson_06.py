"""The figure of lesson 06: two readers of the same reviews, side by side."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.plots.style import COLORS, GRAY, figure, legend

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def two_readers(
    texts: Sequence[str], counting: Sequence[float], reading: Sequence[float], labels: Sequence[str], title: str
) -> Figure:
    """For each review how likely two models find it to be positive: counting words (square), fine-tuned (circle).

    `labels` are what the writers meant, `negative` or `positive`: the half of the axis where a mark is right is tinted.
    """
    fig, axis = figure(8.6, 1.3 + 0.62 * len(texts))
    for row, (count, read, label) in enumerate(zip(counting, reading, labels, strict=True)):
        start = 0.5 if label == "positive" else 0.0
        axis.barh(
            row, 0.5, left=start, height=0.7, color=COLORS[2] + "33", label="" if row else "what the writer meant"
        )
        axis.plot([count, read], [row, row], color=GRAY, linewidth=1, zorder=1)
        axis.plot(count, row, "s", color=COLORS[1], markersize=9, label="" if row else "counting words")
        axis.plot(read, row, "o", color=COLORS[0], markersize=9, label="" if row else "fine-tuned model")
    axis.axvline(0.5, color=COLORS[7], linestyle=":", linewidth=1.2)
    axis.set_yticks(range(len(texts)), [textwrap.fill(text, 58) for text in texts], fontsize=9)
    axis.invert_yaxis()
    for tick in axis.get_yticklabels():
        tick.set_parse_math(False)
    axis.set(title=title, xlabel="probability of “positive”", xlim=(0, 1), ylabel="review")
    legend(axis, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3)
    return fig
