"""The figure of lesson 02: what the same messages cost in different languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from helpers.plots.style import COLORS, figure, show

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from transformers import PreTrainedTokenizerBase


def language_costs(
    languages: Sequence[str],
    in_bytes: Sequence[float],
    in_tokens: Sequence[float],
    each: Sequence[Sequence[float]],
    first: str,
    title: str,
) -> Figure:
    """One row per language: length in bytes and in tokens relative to the language `first`, on a logarithmic axis.

    `in_bytes` and `in_tokens` have one ratio per language. `each` holds, for every language, the ratio in tokens of
    its single sentences; they are drawn small.
    """
    fig, axis = figure(8.0, 0.9 + 0.34 * len(languages))
    rows = range(len(languages))
    single = {"color": COLORS[7], "alpha": 0.45, "markersize": 9}
    for row, ratios in zip(rows, each, strict=True):
        axis.plot(ratios, [row] * len(ratios), "|", **single)
    axis.hlines(rows, in_bytes, in_tokens, color=COLORS[1], linewidth=2.5, zorder=1)
    axis.plot(in_bytes, rows, "s", color=COLORS[0], markersize=7, label="bytes: what it costs without any merge")
    axis.plot(in_tokens, rows, "o", color=COLORS[3], markersize=8, label="tokens: with this tokenizer's merges")
    axis.plot([], [], "|", **single, label="tokens, single sentences")
    axis.axvline(1, color=COLORS[7], linestyle=":", linewidth=1.2)
    largest = max(max(ratios) for ratios in (*each, in_bytes, in_tokens))
    axis.set_xscale("log", base=2)
    ticks = [2.0**k for k in range(-1, 8) if 2.0**k < 1.5 * largest]
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    axis.set_yticks(rows, languages)
    axis.set_ylim(len(languages) - 0.5, -0.5)
    axis.set(title=title, xlabel=f"times as long as in {first} (log scale)", ylabel="language")
    fig.legend(frameon=False, fontsize=9, loc="outside lower center", ncols=3)
    return fig


def show_language_costs(
    times: pd.DataFrame, sentences: Mapping[str, Sequence[str]], tokenizer: PreTrainedTokenizerBase
) -> None:
    """Draw `language_costs` of parallel sentences, with the sentence under it that says what the figure shows.

    `times` has a row per language and the columns characters, bytes and tokens, relative to the first language, which
    `sentences` begins with too: in every language the same messages in the same order.
    """
    first, *_ = sentences
    base = [len(tokenizer.encode(text)) for text in sentences[first]]
    each = [
        [len(tokenizer.encode(text)) / count for text, count in zip(texts, base, strict=True)]
        for texts in sentences.values()
    ]
    fig = language_costs(
        list(times.index), times["bytes"], times["tokens"], each, first, f"The same {len(base)} messages"
    )
    few, many = times.loc[times["characters"].idxmin()], times.loc[times["tokens"].idxmax()]
    show(
        fig,
        f"{few.name} needs the fewest characters, {few['characters']:.1f} times as many as {first}, but "
        f"{few['tokens']:.1f} times as many tokens. {many.name} needs the most tokens: {many['tokens']:.1f} times as "
        f"many, for {many['bytes']:.1f} times the bytes.",
    )
