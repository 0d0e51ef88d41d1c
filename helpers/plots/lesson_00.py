"""The pictures of lesson 00: which token comes next, and how sure the model was of those it wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.plots.style import COLORS, figure
from helpers.show import Static

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


GROUNDS = {0.5: "#0072B2", 0.2: "#5aa9d6", 0.05: "#a9d3ec", 0.0: "#e6f2fa"}
"""From which probability on a token has which ground. It has an ink too, so that it looks the same in every theme."""


def sureness(tokens: Sequence[str], probabilities: Sequence[float]) -> Static:
    """A text whose tokens are the darker, the more probable each was just before it was chosen (Gehrmann et al. 2019).

    `tokens` and `probabilities` have one entry per token, in the order of writing.
    """
    from html import escape

    def box(text: str, ground: str, ink: str, tip: str = "") -> str:
        style = f"background:{ground};color:{ink};border-radius:4px;padding:2px 1px;white-space:pre-wrap"
        return f'<span style="{style}" title="{escape(tip)}">{escape(text)}</span>'

    def colors(probability: float) -> tuple[str, str]:
        least = next(least for least in GROUNDS if probability >= least)
        return GROUNDS[least], "#000000" if least < 0.5 else "#ffffff"

    written = "".join(
        box(token.replace("\n", " ⏎ "), *colors(p), f"{p:.3f}") for token, p in zip(tokens, probabilities, strict=True)
    )
    key = " ".join(box(f" {least:g} or more " if least else " less ", *colors(least)) for least in GROUNDS)
    surest = max(zip(probabilities, tokens, strict=True))
    alt = (
        f"The probabilities of {len(tokens)} written tokens lie between {min(probabilities):.3f} and {surest[0]:.2f}; "
        f"the model was surest of “{surest[1].strip()}”."
    )
    html = f'<div style="line-height:2.1">{written}</div><p>probability: {key}</p><p><em>{escape(alt)}</em></p>'
    rows = [f"{token!r} {p:.3f}" for token, p in zip(tokens, probabilities, strict=True)]
    return Static(html, f"{alt}\n{', '.join(rows)}")
