"""The figures of lesson 09: how surprising tokens are, which of them windows count, and what a model leans to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

from helpers.plots.style import COLORS, DARK, cell, figure, side_by_side, tint

if TYPE_CHECKING:
    from matplotlib.figure import Figure


COLUMNS, SIZE, LINE = 100, 10.5, 0.25
"""`surprise_text` has lines of so many characters, letters of so many points, and so many inches from line to line."""


def surprise_text(texts: Mapping[str, tuple[Sequence[str], Sequence[float]]], title: str) -> Figure:
    """Each text (its tokens, the bits of surprise of each) as lines of words, shaded the darker the more surprising."""
    from matplotlib.patches import Rectangle

    def word(column: int, row: int, piece: str, bits: float) -> None:
        color = tint(COLORS[3], 0.04 + 0.76 * min(bits, 12) / 12)
        axis.add_patch(Rectangle((column, row - 0.46), len(piece), 0.92, facecolor=color, edgecolor="none"))
        axis.text(column, row, piece, color=DARK, family="monospace", fontsize=SIZE, va="center_baseline")

    placed, names, row = [], [], 1.5
    for name, (tokens, bits) in texts.items():
        names.append((row, name))
        column, row = 0, row + 1
        for token, value in zip(tokens, bits, strict=True):
            piece = token.replace("\n", "¶")
            if column + len(piece) > COLUMNS:
                column, row = 0, row + 1
            placed.append((column, row, piece, value))
            column += len(piece)
        row += 1.5
    fig, axis = figure(9, LINE * (row + 1))
    fig.set_layout_engine("none")
    axis.set_position([0.005, 0, 0.99, 1])
    axis.set_axis_off()
    axis.set(xlim=(0, 9 * 0.99 * 72 / (0.602 * SIZE)), ylim=(row + 0.7, -0.3))
    axis.text(0, 0.4, title, fontsize=12, va="center")
    for at, name in names:
        axis.text(0, at, name, fontsize=10, weight="bold", va="center")
    for place in placed:
        word(*place)
    for number, bits in enumerate((0, 3, 6, 9, 12)):
        word(9 * number, row, f" {bits:2} bits", bits)
    return fig


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


def beside_people(measures: Mapping[str, Mapping[str, float]], person: str, title: str) -> Figure:
    """One panel per measure, one row per way to write: a dot for each, and a dashed line at the value of `person`."""
    fig, axes = side_by_side(len(measures), 3.1, 1.3 + 0.27 * len(next(iter(measures.values()))), sharey=True)
    for axis, (name, values) in zip(axes, measures.items(), strict=True):
        for row, (way, value) in enumerate(values.items()):
            own = way == person
            axis.plot([0, value], [row, row], "-", color=COLORS[3 if own else 0], alpha=0.4, linewidth=3)
            axis.plot([value], [row], "*" if own else "o", color=COLORS[3 if own else 0], markersize=10 if own else 6)
        axis.axvline(values[person], color=COLORS[3], linestyle="--", linewidth=1)
        axis.set_xlabel(name)
        axis.set_yticks(range(len(values)), list(values))
        axis.set_ylim(len(values) - 0.5, -0.5)
    axes[0].set_ylabel("who wrote, and how")
    fig.suptitle(title)
    return fig


def copied_shares(rows: Mapping[str, tuple[float, float, float]], title: str) -> Figure:
    """One row per way to write: the percent that is copied, and its interval (value, low, high) as a bar."""
    fig, axis = figure(7.4, 1.3 + 0.28 * len(rows))
    for row, (value, low, high) in enumerate(rows.values()):
        axis.plot([low, high], [row, row], "-", color=COLORS[0], linewidth=3, alpha=0.5)
        axis.plot([value], [row], "o", color=COLORS[0])
    axis.set_yticks(range(len(rows)), list(rows))
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.set_xlim(left=0)
    axis.set(title=title, xlabel="pieces of eight tokens that are in a training book (%)", ylabel="who wrote, and how")
    return fig
