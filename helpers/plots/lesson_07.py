"""The figures of lesson 07: luck and quality, honest confidence, where a model is weak, what data and rates change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from helpers.plots.style import COLORS, GRAY, figure, legend, side_by_side, styles, token_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def seed_strips(groups: Mapping[str, Sequence[float]], lines: Mapping[str, float], title: str) -> tuple[Figure, str]:
    """One row per group, one dot per training: its accuracy; a bar at the mean of the group. And what that says.

    Equal accuracies are stacked, so that none hides another. `lines` are baselines: a dotted line each, with its name.
    """
    fig, axis = figure(7.6, 1.2 + 0.95 * len(groups))
    for row, values in enumerate(groups.values()):
        color, seen = COLORS[(0, 1, 2, 4)[row % 4]], Counter()
        for value in sorted(values):
            place = round(value, 3)
            axis.plot(value, row - 0.11 * seen[place], "o", color=color, alpha=0.8, markersize=6, markeredgewidth=0)
            seen[place] += 1
        mean = sum(values) / len(values)
        axis.plot([mean, mean], [row - 0.36, row + 0.3], "-", color=GRAY, linewidth=2)
        axis.annotate(f"mean {mean:.3f}", (mean, row + 0.42), ha="center", va="center", fontsize=8)
    for name, value in lines.items():
        axis.axvline(value, color=GRAY, linestyle=":", linewidth=1.3, zorder=0)
        side = -1 if value == min(lines.values()) else 1  # away from each other: two baselines may be close
        beside = {"xytext": (4 * side, 0), "textcoords": "offset points", "ha": "right" if side < 0 else "left"}
        axis.annotate(name, (value, -0.68), **beside, va="bottom", fontsize=8, color=GRAY)
    axis.set_yticks(range(len(groups)), groups)
    axis.set_ylim(len(groups) - 0.4, -0.9)
    axis.margins(x=0.08)
    axis.set(title=title, xlabel="test accuracy (a dot: one training; a bar: their mean)")
    said = [
        f"{name}: {len(values)} trainings, mean {sum(values) / len(values):.3f}, from {min(values):.3f} to "
        f"{max(values):.3f}."
        for name, values in groups.items()
    ]
    return fig, " ".join([*said, *(f"{name}: {value:.3f}." for name, value in lines.items())])


def difference_intervals(rows: Mapping[str, tuple[float, float, float]], title: str, xlabel: str) -> tuple[Figure, str]:
    """One row per way of counting: a difference and its interval (value, low, high), beside a line at zero; in words.

    An interval that contains zero is drawn hollow and orange, one that does not is filled and blue.
    """
    fig, axis = figure(7.4, 1.3 + 0.42 * len(rows))
    for row, (value, low, high) in enumerate(rows.values()):
        includes = low <= 0 <= high
        color = COLORS[3 if includes else 0]
        axis.plot([low, high], [row, row], "--" if includes else "-", color=color, linewidth=3, alpha=0.6)
        axis.plot(value, row, "o", color=color, markerfacecolor="white" if includes else color, markersize=7)
    axis.axvline(0, color=GRAY, linewidth=1)
    axis.set_yticks(range(len(rows)), rows)
    axis.invert_yaxis()
    axis.margins(y=0.2)
    axis.set(title=title, xlabel=xlabel)
    said = [
        f"{name}: {value:+.3f}, 95 % interval {low:+.3f} to {high:+.3f}, "
        + ("which contains zero." if low <= 0 <= high else "without zero.")
        for name, (value, low, high) in rows.items()
    ]
    return fig, " ".join(said)


def reliability(panels: Mapping[str, Sequence[tuple[float, float, int]]], title: str) -> Figure:
    """One panel per set of answers: per bin its mean confidence, its share of right answers, and how many there are.

    A bin is (confidence, share, count). Bins on the diagonal keep what they promise; below it the model is too sure.
    The area of a dot grows with its count.
    """
    fig, axes = side_by_side(len(panels), 4.4, 3.9, sharey=True)
    for axis, (name, bins) in zip(axes, panels.items(), strict=True):
        axis.plot([0, 1], [0, 1], ":", color=COLORS[7], linewidth=1.2, label="kept promises")
        for confidence, share, _ in bins:
            axis.plot([confidence, confidence], [share, confidence], color=COLORS[3], linewidth=2, alpha=0.6)
        most = max(count for _, _, count in bins)
        axis.scatter(
            [confidence for confidence, _, _ in bins],
            [share for _, share, _ in bins],
            s=[20 + 180 * count / most for _, _, count in bins],
            color=COLORS[0],
            edgecolor="white",
            zorder=3,
            label="a bin (area: reviews in it)",
        )
        axis.set(title=name, xlabel="mean confidence", xlim=(0.48, 1.02), ylim=(0, 1.05))
        legend(axis, loc="lower right")
    axes[0].set_ylabel("share of right answers")
    fig.suptitle(title)
    return fig


def accuracy_intervals(
    names: Sequence[str],
    values: Sequence[float],
    lows: Sequence[float],
    highs: Sequence[float],
    chance: float,
    title: str,
) -> Figure:
    """One row per name: an accuracy as a dot, its interval from low to high as a bar, and a dotted line at `chance`."""
    fig, axis = figure(7.0, 1.3 + 0.32 * len(names))
    axis.hlines(range(len(names)), lows, highs, color=COLORS[0], linewidth=3, alpha=0.5)
    axis.plot(values, range(len(names)), "o", color=COLORS[0])
    axis.axvline(chance, color=COLORS[7], linestyle=":", linewidth=1.2)
    axis.set_yticks(range(len(names)), names)
    axis.invert_yaxis()
    axis.margins(y=0.12)
    axis.set(title=title, xlabel="accuracy (bar: 95 % interval; dotted: chance)", xlim=(0, 1))
    return fig


def group_accuracies(
    groups: Mapping[str, Sequence[float]], bounds: Mapping[str, tuple[float, float]], title: str
) -> tuple[Figure, str]:
    """The mean of each group with its interval, worst first as given, beside chance for two labels; and in words."""
    means = {name: float(sum(shares) / len(shares)) for name, shares in groups.items()}
    names = [f"{name} (n = {len(shares)})" for name, shares in groups.items()]
    lows, highs = zip(*(bounds[name] for name in groups), strict=True)
    fig = accuracy_intervals(names, list(means.values()), lows, highs, 0.5, title)
    said = [f"{name} {mean:.0%} ({bounds[name][0]:.0%} to {bounds[name][1]:.0%})" for name, mean in means.items()]
    return fig, "Accuracy, worst first: " + ", ".join(said) + "."


def token_scores(tokens: Sequence[str], scores: Mapping[str, Sequence[float]], title: str) -> Figure:
    """One panel per way of scoring, one bar per token: upward for the positive label, downward for the negative.

    Each of the `scores` has one number per token.
    """
    size = max(7.0, 0.42 * len(tokens)), 1.9 * len(scores) + 0.9
    fig, axes = figure(*size, len(scores), 1, squeeze=False, sharex=True)
    for axis, (name, values) in zip(axes[:, 0], scores.items(), strict=True):
        bars = axis.bar(range(len(tokens)), values, color=[COLORS[0] if v > 0 else COLORS[3] for v in values])
        for bar, value in zip(bars, values, strict=True):
            bar.set_hatch("" if value > 0 else "//")
        axis.axhline(0, color=COLORS[7], linewidth=0.8)
        axis.set_title(name)
        axis.set_ylabel("− negative, positive +", fontsize=9)
    token_names(axes[-1, 0], tokens)
    axes[-1, 0].set_xlabel("token")
    fig.suptitle(title)
    return fig


def runs_over(
    series: Mapping[str, Mapping[float, Sequence[float]]],
    title: str,
    xlabel: str,
    ylabel: str,
    reference: tuple[float, str] | None = None,
    half: Mapping[str, Sequence[float]] | None = None,
) -> Figure:
    """A dot for each run over a logarithmic axis, a line through the means, and bars of the half widths in `half`.

    `series` gives for each label the runs at each place on the axis, `half` for some labels one half width per place;
    `reference` is a (value, label) for a dotted line.
    """
    fig, axis = figure(7.0, 4.0)
    for number, ((name, places), (color, marker, style)) in enumerate(zip(series.items(), styles(), strict=False)):
        shift = 1 + 0.04 * (number - (len(series) - 1) / 2)  # beside each other, not on top
        xs = [x * shift for x in places]
        for x, values in zip(xs, places.values(), strict=True):
            axis.plot([x] * len(values), values, marker, color=color, markersize=4, alpha=0.4, markeredgewidth=0)
        means = [sum(values) / len(values) for values in places.values()]
        axis.errorbar(xs, means, (half or {}).get(name), fmt=style, marker=marker, color=color, capsize=3, label=name)
    if reference:
        axis.axhline(reference[0], color=COLORS[7], linestyle=":", linewidth=1.2, label=reference[1])
    marks = sorted({x for places in series.values() for x in places})
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel, xscale="log")
    axis.set_xticks(marks, [f"{x:g}" for x in marks])
    axis.minorticks_off()
    legend(axis)
    return fig
