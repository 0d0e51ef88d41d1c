"""The figures of lesson 08: next tokens, how open each place is, and where top-k and top-p cut."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

from helpers.plots.style import COLORS, figure, legend, token_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def next_token_bars(
    prompts: Sequence[str], tokens: Sequence[Sequence[str]], probabilities: Sequence[Sequence[float]]
) -> Figure:
    """One panel per prompt: its likeliest next tokens, the first on top, with their probabilities.

    `tokens` and `probabilities` have one row per prompt, sorted by the caller; all panels have the same scale.
    """
    longest = max(map(len, tokens))
    fig, axes = figure(10, 0.75 + 0.24 * longest, 1, len(prompts), squeeze=False, sharex=True)
    for axis, prompt, names, values, color in zip(axes[0], prompts, tokens, probabilities, cycle(COLORS), strict=False):
        bars = axis.barh(range(len(names)), values, color=color)
        axis.bar_label(bars, [f"{value:.3f}" for value in values], padding=2, fontsize=8)
        axis.margins(x=0.2)
        axis.set_yticks(range(len(names)), names, family="monospace")
        axis.invert_yaxis()
        axis.set(title=prompt, xlabel="probability of the next token")
    axes[0, 0].set_ylabel("token")
    return fig


def entropy_bars(tokens: Sequence[str], bits: Sequence[float], highest: float, title: str) -> Figure:
    """One bar per token: the entropy in bits of what may follow it; a line at `highest`, a blind guess's."""
    fig, axis = figure(10, 3.4)
    axis.bar(range(len(tokens)), bits, color=COLORS[0])
    axis.axhline(highest, color=COLORS[3], linestyle="--")
    words, at = "every token equally likely", (len(tokens) - 0.6, highest)
    axis.annotate(words, at, xytext=(0, 3), textcoords="offset points", va="bottom", ha="right", color=COLORS[3])
    token_names(axis, tokens)
    axis.set(title=title, xlabel="text up to and including this token", ylabel="entropy of the next (bits)")
    axis.set_ylim(0, highest * 1.2)  # room for the words over the line
    return fig


def cut_curves(
    titles: Sequence[str], sorted_probabilities: Sequence[Sequence[float]], k: int, nuclei: Sequence[int], p: float
) -> Figure:
    """One panel per distribution: probability against rank, both logarithmic, and where top-k and top-p cut.

    Each of the `sorted_probabilities` has one value per token of the vocabulary, falling; `nuclei` counts the tokens
    that top-p keeps in each.
    """
    fig, axes = figure(10, 3.4, 1, len(titles), squeeze=False, sharey=True)
    for axis, title, values, nucleus in zip(axes[0], titles, sorted_probabilities, nuclei, strict=True):
        ranks = range(1, len(values) + 1)
        axis.plot(ranks, values, color=COLORS[7])
        axis.fill_between(ranks[:nucleus], values[:nucleus], 1e-9, color=COLORS[5], alpha=0.5, label="nucleus")
        axis.axvline(k, color=COLORS[3], linestyle="--", label=f"top-k, k = {k}")
        axis.axvline(nucleus, color=COLORS[0], label=f"top-p, p = {p:g}: {nucleus} token{'s' * (nucleus != 1)}")
        axis.set(title=title, xscale="log", yscale="log", xlabel="rank of the token", ylim=(1e-9, 2))
        legend(axis, loc="lower left")
    axes[0, 0].set_ylabel("probability")
    return fig
