"""The figures of lesson 10: two searches on one screen, how often each finds the section, spans, broken chains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.style import COLORS, GRAY, figure, legend, styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    Ranking = Sequence[tuple[str, float, bool]]  # a section's beginning, its score, whether it holds the answer


def two_rankings(cases: Mapping[str, Mapping[str, Ranking]]) -> Figure:
    """One row for each question, one panel for each search: what it puts first, with bars for the scores.

    The section that holds the answer is green and hatched.
    """
    rows, columns = len(cases), len(next(iter(cases.values())))
    fig, axes = figure(9.4, 2.1 * rows, rows, columns, squeeze=False)
    for row, (question, searches) in enumerate(cases.items()):
        for axis, (name, ranking) in zip(axes[row], searches.items(), strict=True):
            for place, (words, score, right) in enumerate(ranking):
                color, hatch = (COLORS[2], "//") if right else (COLORS[7], "")
                axis.barh(place, max(score, 0), color=color, alpha=0.35, hatch=hatch, edgecolor=color)
                axis.annotate(
                    words, (0, place), (4, 0), textcoords="offset points", va="center", fontsize=8,
                    fontweight="bold" if right else "normal", parse_math=False,
                )  # fmt: skip
            axis.set_xlim(0, 1.15 * max([score for _, score, _ in ranking if score > 0], default=1))
            axis.set_yticks(range(len(ranking)), range(1, len(ranking) + 1))
            axis.invert_yaxis()
            axis.set(title=name, xlabel="score", ylabel="place")
        axes[row][0].annotate(
            question, (0, 1.32), xycoords="axes fraction", fontsize=10, fontweight="bold", annotation_clip=False
        )
    return fig


def hit_rates(rows: Mapping[str, tuple[float, tuple[float, float], tuple[float, float]]], title: str) -> Figure:
    """One row for each search: the share of questions whose section comes first, and two intervals for it.

    A row is (share, interval over questions, interval over tales); the first is drawn thick, the second thin.
    """
    fig, axis = figure(7.4, 1.4 + 0.5 * len(rows))
    for row, (share, questions, tales) in enumerate(rows.values()):
        names = ("95 % over questions", "95 % over tales") if row == 0 else (None, None)
        axis.plot(questions, [row - 0.12] * 2, "-", color=COLORS[0], linewidth=5, alpha=0.5, label=names[0])
        axis.plot(tales, [row + 0.12] * 2, "-", color=COLORS[3], linewidth=2, label=names[1])
        axis.plot(share, row, "o", color=COLORS[0], markersize=6)
    axis.set_yticks(range(len(rows)), rows)
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.set(title=title, xlabel="hit@1: share of questions whose section comes first", xlim=(0.2, 0.75))
    legend(axis, loc="upper left", bbox_to_anchor=(1, 1))
    return fig


def shared_words(
    edges: Sequence[float], shares: Mapping[str, Sequence[float]], counts: Sequence[int], title: str
) -> Figure:
    """Hit@1 over the share of a question's words that stand in the section, in the bins between `edges`."""
    fig, axis = figure(7.2, 3.4)
    names = [f"{low:.0%} to {high:.0%}\n{count}" for (low, high), count in zip(pairwise(edges), counts, strict=True)]
    for (name, values), (color, marker, line) in zip(shares.items(), styles(), strict=False):
        axis.plot(range(len(counts)), values, line, marker=marker, color=color, label=name)
    axis.set_xticks(range(len(counts)), names)
    axis.set(title=title, ylabel="hit@1", ylim=(0, 1))
    axis.set_xlabel("share of the question's words that stand in the section, and number of questions")
    legend(axis, loc="upper left")
    return fig


def span_scores(
    tokens: Sequence[str], start: Sequence[float], end: Sequence[float], span: tuple[int, int], title: str
) -> Figure:
    """The probability that each token is the first and the last of the answer; the best span is shaded."""
    fig, axis = figure(max(6.5, 0.29 * len(tokens) + 1.5), 3.1)
    places = np.arange(len(tokens))
    axis.axvspan(span[0] - 0.5, span[1] + 0.5, color=COLORS[2], alpha=0.18, label="best span")
    axis.bar(places - 0.2, start, 0.4, color=COLORS[0], label="first")
    axis.bar(places + 0.2, end, 0.4, color=COLORS[1], hatch="//", label="last")
    axis.set_xticks(places, tokens, rotation=60, ha="right", rotation_mode="anchor", fontsize=8)
    for tick in axis.get_xticklabels():
        tick.set_parse_math(False)
    axis.set(title=title, ylabel="probability", xlabel="token", xlim=(-0.6, len(tokens) - 0.4))
    legend(axis)
    return fig


def broken_chain(parts: Mapping[str, int], title: str) -> Figure:
    """How many questions ended in which way, side by side in one bar; the first way is the good one."""
    fig, axis = figure(8.0, 1.9)
    left = 0
    for (name, count), color, hatch in zip(parts.items(), (2, 1, 3, 7), ("", "//", "xx", ".."), strict=False):
        axis.barh(
            0, count, left=left, color=COLORS[color], alpha=0.45, hatch=hatch, edgecolor=GRAY, label=f"{name}: {count}"
        )
        left += count
    axis.set_yticks([])
    axis.set(title=title, xlabel="questions", xlim=(0, left))
    legend(axis, loc="upper left", bbox_to_anchor=(1, 1.1))
    return fig
