"""The figures of lesson 00: which token comes next, and how sure the model was of those it wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.plots.style import COLORS, figure, token_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def next_token_choice(tokens: Sequence[str], probabilities: Sequence[float], chosen: int, title: str) -> Figure:
    """The likeliest next tokens as bars, the first on top; the one at index `chosen` stands out.

    `tokens` and `probabilities` have one entry per bar, sorted by the caller.
    """
    fig, axis = figure(7.0, 0.9 + 0.26 * len(tokens))
    bars = axis.barh(range(len(tokens)), probabilities, color=COLORS[5])
    bars[chosen].set(facecolor=COLORS[3], edgecolor="white", hatch="//")
    axis.set_yticks(range(len(tokens)), tokens, family="monospace")
    axis.invert_yaxis()
    axis.bar_label(bars, [f"{p:.3f}" for p in probabilities], padding=3, fontsize=8)
    axis.margins(x=0.12)
    axis.set(title=title, xlabel="probability of being the next token", ylabel="token")
    return fig


def written_tokens(tokens: Sequence[str], probabilities: Sequence[float], title: str) -> Figure:
    """One bar per written token: the probability that the model gave it just before it was chosen.

    `tokens` and `probabilities` have one entry per token, in the order of writing.
    """
    fig, axis = figure(10, 3.2)
    axis.bar(range(len(tokens)), probabilities, color=COLORS[0])
    token_names(axis, tokens)
    axis.set(title=title, xlabel="tokens in the order of writing", ylabel="probability given to it", ylim=(0, 1))
    return fig
