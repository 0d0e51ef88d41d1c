"""The figures of lesson 09: how surprising tokens are, which of them windows count, and what a model leans to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

from helpers.plots.style import COLORS, cell, figure, side_by_side

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def surprise_lines(texts: Mapping[str, Sequence[float]], title: str) -> Figure:
    """One panel per text: the surprise of each token in bits, and their mean as a dashed line.

    The values of a text are in the order of its tokens; all panels have the same scale.
    """
    fig, axes = figure(9, 1.1 + 1.25 * len(texts), len(texts), 1, squeeze=False, sharex=True, sharey=True)
    for axis, (name, bits), color in zip(axes[:, 0], texts.items(), cycle(COLORS), strict=False):
        mean = sum(bits) / len(bits)
        axis.bar(range(len(bits)), bits, color=color)
        axis.axhline(mean, color=COLORS[7], linestyle="--", linewidth=1)
        axis.set_title(f"{name}: mean {mean:.1f} bits", fontsize=10)
    fig.supylabel("surprise (bits)", fontsize="medium")
    axes[-1, 0].set_xlabel("token")
    fig.suptitle(title)
    return fig


def window_coverage(ways: Mapping[str, Sequence[tuple[int, int, int]]], tokens: int, title: str) -> Figure:
    """One panel per way to cut a text of `tokens` tokens into windows (start, first counted, end), a row per window.

    Counted tokens are filled, those that are only context are gray and empty. `end` is the first token behind the
    window.
    """
    most = max(map(len, ways.values()))
    fig, axes = side_by_side(len(ways), 4.0, 0.9 + 0.3 * most, sharey=True)
    for axis, (name, windows) in zip(axes, ways.items(), strict=True):
        for row, (start, counted, end) in enumerate(windows):
            for place in range(start, end):
                is_counted = place >= counted
                axis.add_patch(cell(place, row, COLORS[0] if is_counted else "#999999", is_counted))
        axis.set(title=name, xlabel="token", xlim=(-0.7, tokens - 0.3), xticks=range(0, tokens, 4))
    axes[0].set(ylabel="window", ylim=(most - 0.4, -0.6))
    axes[0].set_yticks(range(most), range(1, most + 1))
    fig.suptitle(title)
    return fig


def leanings(rows: Mapping[str, Sequence[float]], title: str, xlabel: str) -> Figure:
    """One row per word: a small dot for each value, a bar at their mean, and a dotted line at 0."""
    fig, axis = figure(7.5, 1.1 + 0.3 * len(rows))
    for place, values in enumerate(rows.values()):
        axis.plot(values, [place] * len(values), "o", color=COLORS[5], alpha=0.8, markersize=5)
        axis.plot([sum(values) / len(values)], [place], "|", color=COLORS[3], markersize=14, markeredgewidth=3)
    axis.axvline(0, color=COLORS[7], linestyle=":", linewidth=1.2)
    axis.set_yticks(range(len(rows)), list(rows))
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.set(title=title, xlabel=xlabel, ylabel="word in the sentence")
    return fig
