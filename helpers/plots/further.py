"""The figures of notebooks/further that no lesson uses, notebook by notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.style import COLORS, GRAY, figure, ink, legend, side_by_side, styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure


# --- learning_by_hand ---


def difference_errors(steps: Sequence[float], errors: Mapping[str, Sequence[float]], title: str) -> Figure:
    """How far a finite difference is from the exact slope, over the step size; both axes logarithmic.

    Each of the `errors` has one absolute error per step.
    """
    fig, axis = figure(7.0, 3.6)
    looks = cycle([(COLORS[1], "s--"), (COLORS[0], "o-"), (COLORS[2], "^:")])
    for (name, values), (color, style) in zip(errors.items(), looks, strict=False):
        axis.plot(steps, values, style, color=color, markersize=4, label=name)
    axis.set(title=title, xscale="log", yscale="log", xlabel="step size h", ylabel="absolute error of the slope")
    legend(axis)
    return fig


def margin_losses(margins: Sequence[float], losses: Sequence[float], title: str) -> Figure:
    """The logistic loss (nats) over the margin, and the mistake counted as 0 or 1 that it takes the place of.

    `margins` rise, with one loss each, and have 0 between their ends.
    """
    fig, axis = figure(7.0, 3.3)
    axis.plot(margins, losses, color=COLORS[0], label="loss: ln(1 + e⁻ᵐ)")
    jump = [margins[0], 0, 0, margins[-1]]
    axis.plot(jump, [1, 1, 0, 0], "--", color=COLORS[3], label="mistake: 1 if m ≤ 0")
    axis.axvline(0, color=GRAY, alpha=0.5, linewidth=0.8, zorder=0)
    axis.set(title=title, xlabel="margin m: the logit, signed so that positive is right", ylabel="loss (nats)")
    legend(axis)
    return fig


def tries(chosen_on: Sequence[float], fresh: Sequence[float], winner: int, title: str) -> Figure:
    """One dot per try: its accuracy where the winner is chosen, and on reviews that had no part in choosing.

    `winner` is the index of the try that is best on validation; it is drawn as a star.
    """
    fig, axis = figure(5.6, 4.2)
    axis.plot(chosen_on, fresh, "o", color=COLORS[5], alpha=0.6, markersize=5, label="a try")
    star = {"color": COLORS[3], "markersize": 17, "markeredgecolor": "black"}
    axis.plot(chosen_on[winner], fresh[winner], "*", **star, label="best on validation")
    ends = [min(*chosen_on, *fresh) - 0.01, max(*chosen_on, *fresh) + 0.01]
    axis.plot(ends, ends, ":", color=COLORS[7], linewidth=1.2, label="equal on both")
    axis.set(title=title, xlabel="accuracy on validation", ylabel="accuracy on fresh reviews", xlim=ends, ylim=ends)
    legend(axis, loc="lower right")
    return fig


# --- training_tokenizers ---


def work_per_merge(work: Mapping[str, Sequence[int]]) -> Figure:
    """Pairs looked at (log scale) for each merge of BPE training, one line per way of counting."""
    fig, axis = figure(7.0, 3.4)
    looks = cycle([(COLORS[3], "-"), (COLORS[0], ".-")])
    for (name, counts), (color, style) in zip(work.items(), looks, strict=False):
        axis.plot(range(1, len(counts) + 1), counts, style, color=color, linewidth=1.2, markersize=4, label=name)
    axis.set(title="What one merge costs", xlabel="merge", ylabel="pairs looked at (log scale)", yscale="log")
    axis.set_ylim(top=8 * max(map(max, work.values())))  # room for the legend
    legend(axis, loc="upper right", ncols=2)
    return fig


def em_steps(log_likelihoods: Sequence[float], tokens: Sequence[int]) -> Figure:
    """Log-likelihood (nats per word) over the steps of EM; a new color and the number of tokens after each pruning.

    Both have one entry per step; tokens were pruned wherever their number changes.
    """
    fig, axis = figure(8.0, 3.8)
    steps = range(len(tokens))
    axis.plot(steps, log_likelihoods, ":", color=GRAY, linewidth=1, zorder=1)
    starts = [step for step in steps if step == 0 or tokens[step] != tokens[step - 1]]
    for start, end, color in zip(starts, [*starts[1:], len(tokens)], cycle([COLORS[0], COLORS[3]]), strict=False):
        axis.plot(steps[start:end], log_likelihoods[start:end], "o-", color=color, markersize=5)
        below = {"xytext": (0, -14), "textcoords": "offset points", "ha": "center"}
        axis.annotate(f"{tokens[start]:,}", (start, log_likelihoods[start]), **below, color=color, fontsize=8)
    axis.margins(y=0.15)
    axis.set(
        title="EM lifts the likelihood, pruning lowers it",
        xlabel="step of EM (below each tooth: tokens left)",
        ylabel="log-likelihood (nats per word)",
    )
    return fig


def shares_drawn(cuts: Sequence[str], expected: Sequence[float], drawn: Sequence[float]) -> Figure:
    """For each cut of a word its probability (bar) and its share among the draws (dot), the most probable on top.

    All three have one entry per cut, in any order.
    """
    order = sorted(range(len(cuts)), key=lambda cut: -expected[cut])
    fig, axis = figure(7.0, 1.2 + 0.28 * len(cuts))
    places = range(len(cuts))
    axis.barh(places, [expected[cut] for cut in order], color=COLORS[5], label="probability")
    axis.plot([drawn[cut] for cut in order], places, "D", color=COLORS[3], markersize=6, label="share of the draws")
    axis.set_yticks(places, [cuts[cut] for cut in order], family="monospace")
    axis.invert_yaxis()
    axis.set(title="Each cut is drawn about as often as its probability says", xlabel="share", ylabel="cut")
    legend(axis, loc="lower right")
    return fig


# --- attention_mistakes ---


def head_shares(shares: Mapping[str, np.ndarray], title: str) -> Figure:
    """For each kind of target one (layers x heads) heat map: the mean share of attention that goes there."""
    fig, axes = side_by_side(len(shares), max(4.6 / len(shares), 2.9), 3.4)
    for axis, (name, share) in zip(axes, shares.items(), strict=True):
        image = axis.imshow(np.asarray(share), cmap="Blues", vmin=0, vmax=1, aspect="auto")
        every = 1 + len(share[0]) // 8
        axis.set(title=name, xlabel="head", yticks=range(len(share)), xticks=range(0, len(share[0]), every))
    axes[0].set_ylabel("layer")
    fig.colorbar(image, ax=axes, label="mean share of the weight")
    fig.suptitle(title)
    return fig


# --- attention_numerics ---


def growth(
    sizes: Sequence[int], panels: Mapping[str, Mapping[str, Sequence[float]]], units: Sequence[str], xlabel: str
) -> Figure:
    """Per panel some quantities over a size, both axes logarithmic, with a dotted line that grows with the square.

    `panels` gives, for each panel and each label, one value per size; `units` has one unit per panel.
    """
    fig, axes = side_by_side(len(panels), 4.6, 3.5)
    for axis, (name, series), unit in zip(axes, panels.items(), units, strict=True):
        for (label, values), (color, marker, style) in zip(series.items(), styles(), strict=False):
            axis.plot(sizes, values, style, marker=marker, color=color, markersize=5, label=label)
        first = max(values[0] for values in series.values())
        square = [first * (size / sizes[0]) ** 2 for size in sizes]
        axis.plot(sizes, square, ":", color=COLORS[7], linewidth=1, label="the square of the size")
        axis.set_xscale("log", base=2)
        axis.set_yscale("log")
        axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axis.minorticks_off()
        axis.set(title=name, xlabel=xlabel, ylabel=unit)
        legend(axis)
    return fig


# --- reading_the_stream ---


def stream_lengths(
    panels: Mapping[str, tuple[Sequence[float], Sequence[float], Sequence[float]]], title: str
) -> Figure:
    """Per model one panel: how long the vectors are that each block adds (bars), and the stream behind it (line).

    A panel is (what attention adds, what feed-forward adds, the stream behind the block), one length per block each.
    """
    fig, axes = side_by_side(len(panels), 4.9, 3.5)
    for axis, (name, (attended, transformed, stream)) in zip(axes, panels.items(), strict=True):
        blocks = np.arange(len(stream))
        axis.bar(blocks - 0.2, attended, 0.38, color=COLORS[0], label="attention adds")
        hatched = {"color": COLORS[1], "hatch": "//", "edgecolor": "white"}
        axis.bar(blocks + 0.2, transformed, 0.38, **hatched, label="feed-forward adds")
        axis.plot(blocks, stream, "o-", color=COLORS[7], markersize=4, label="stream behind the block")
        axis.set(title=name, xlabel="block", xticks=blocks, ylim=(0, max(stream) * 1.5))
        legend(axis, loc="upper left")
    axes[0].set_ylabel("length of the vector (median token)")
    fig.suptitle(title)
    return fig


# --- more_decoding ---


def kept_tokens(bits: Sequence[float], kept: Mapping[str, Sequence[int]], title: str) -> Figure:
    """A mark per place and way to cut: how many tokens stay (log scale), over the entropy there in bits.

    `bits` has one entropy per place, and each way to cut has one count per place.
    """
    fig, axis = figure(7.0, 3.8)
    looks = cycle([("o", 3), ("s", 5), ("^", 9), ("D", 11)])  # sizes differ: marks lie on each other
    for (name, counts), (marker, size) in zip(kept.items(), looks, strict=False):
        axis.plot(bits, counts, marker, markersize=size, fillstyle="none", label=name)
    axis.set(title=title, yscale="log", xlabel="entropy of the next token (bits)", ylabel="tokens left (log scale)")
    legend(axis)
    return fig


def quality_diversity(curves: Mapping[str, np.ndarray], title: str) -> Figure:
    """Per method a line through its settings: the groups' mean diversity and quality, with 95 % intervals (normal).

    Each curve is an array (2, settings, groups): diversity, then quality.
    """
    fig, axis = figure(7.6, 4.2)
    for (name, curve), (color, marker, style) in zip(curves.items(), styles(), strict=False):
        x, y = curve.mean(-1)
        reach = 1.96 * curve.std(-1, ddof=1) / curve.shape[-1] ** 0.5
        look = {"fmt": style, "marker": marker, "color": color, "markersize": 5, "elinewidth": 0.8}
        axis.errorbar(x, y, reach[1], reach[0], **look, label=name)
    axis.set(title=title, xlabel="diversity: share of different token pairs in a group")
    axis.set_ylabel("quality: judge's mean log₂ p")
    legend(axis, loc="lower left")
    return fig


def lens_grid(
    tokens: Sequence[Sequence[str]], ranks: np.ndarray, rows: Sequence[str], columns: Sequence[str], title: str
) -> Figure:
    """Depths (input at the bottom) x places: the token read there; the darker, the nearer the final answer to rank 1.

    `tokens` and `ranks` are (depths x places), the input first; a token is bold where it is the final answer. `rows`
    names the depths, `columns` the tokens read last.
    """
    scale = np.log10(ranks)
    fig, axis = figure(1.6 + 0.92 * len(columns), 1.7 + 0.36 * len(rows))
    image = axis.imshow(scale, cmap="Blues_r", vmin=0, aspect="auto", origin="lower")
    center = {"ha": "center", "va": "center", "fontsize": 8, "family": "monospace"}
    for (i, j), value in np.ndenumerate(scale):
        weight = "bold" if ranks[i][j] == 1 else "normal"
        axis.text(j, i, tokens[i][j], **center, color=ink(image, value), weight=weight)
    axis.set_xticks(range(len(columns)), columns, family="monospace")
    axis.set_yticks(range(len(rows)), rows)
    axis.set(title=title, xlabel="token read last", ylabel="read behind")
    fig.colorbar(image, ax=axis, label="log₁₀ of the final answer's rank")
    return fig
