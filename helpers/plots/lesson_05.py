"""The figures of lesson 05: what blocks are made of, who may look at whom, and what a head's work is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.style import COLORS, DARK, GRAY, cell, figure, hide_spines, side_by_side, tint

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def block_stacks(stacks: Mapping[str, Sequence[str]], memory: tuple[int, int, int] | None, title: str) -> Figure:
    """Blocks as stacks of boxes, the first sublayer at the bottom; equal sublayers have equal colors.

    `stacks` gives the sublayers of each block, from its input up. `memory` is (from stack, to stack, to box): an
    arrow from the top of one stack into a box of another.
    """
    from matplotlib.patches import FancyBboxPatch

    names = list(dict.fromkeys(name for boxes in stacks.values() for name in boxes))
    tallest = max(len(boxes) for boxes in stacks.values())
    fig, axis = figure(2.6 * len(stacks), 1.5 + 0.62 * tallest)
    up = {"arrowstyle": "->", "color": GRAY}
    for x, (label, boxes) in enumerate(stacks.items()):
        for y, name in enumerate(boxes):
            color = COLORS[names.index(name) % 6]  # the last two are too light, or the color of text
            shape = {"boxstyle": "round,pad=0.02", "linewidth": 1.5, "edgecolor": color, "facecolor": tint(color)}
            axis.add_patch(FancyBboxPatch((x - 0.36, y - 0.3), 0.72, 0.6, **shape))
            axis.text(x, y, name, ha="center", va="center", fontsize=9, color=DARK)
            axis.annotate("", (x, y - 0.33), (x, y - 0.67), arrowprops=up)
        axis.annotate("", (x, len(boxes) - 0.25), (x, len(boxes) - 0.67), arrowprops=up)
        axis.text(x, -0.95, label, ha="center", va="center", weight="bold", fontsize=10)
    if memory:
        start, end, box = memory
        top = len(list(stacks.values())[start]) - 0.2
        bend = {"arrowstyle": "->", "color": COLORS[3], "linewidth": 2, "connectionstyle": "angle3,angleA=0,angleB=60"}
        axis.annotate("", (end - 0.4, box), (start, top), arrowprops=bend)
        axis.text((start + end) / 2 - 0.1, top + 0.08, "memory", color=COLORS[3], ha="center", va="bottom", fontsize=9)
    axis.set(title=title, xlim=(-0.5, len(stacks) - 0.5), ylim=(-1.2, tallest + 0.1), xticks=[], yticks=[])
    axis.set_ylabel("from the input up")
    hide_spines(axis)
    return fig


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


def interventions(groups: Mapping[str, Mapping[str, Sequence[float]]], title: str) -> Figure:
    """Per group one panel: for each intervention the change of loss on every text (dots) and their mean (bar).

    `groups` gives, for each panel and each intervention, one change in nats per token for every text.
    """
    fig, axes = side_by_side(len(groups), 4.6, 3.4, sharey=True)
    for axis, (name, changes) in zip(axes, groups.items(), strict=True):
        for place, (values, color) in enumerate(zip(changes.values(), cycle(COLORS), strict=False)):
            spots = [place + 0.18 * (k / max(len(values) - 1, 1) - 0.5) for k in range(len(values))]
            axis.plot(spots, values, "o", color=color, alpha=0.55, markersize=5)
            axis.hlines(sum(values) / len(values), place - 0.3, place + 0.3, color=color, linewidth=3)
        axis.axhline(0, color=COLORS[7], linewidth=0.8, linestyle=":")
        axis.set_xticks(range(len(changes)), list(changes))
        axis.set(title=name, xlabel="what the head does instead", xlim=(-0.6, len(changes) - 0.4))
    axes[0].set_ylabel("change of the loss (nats per token)")
    fig.suptitle(title)
    return fig
