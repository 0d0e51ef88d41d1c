"""The figures of lesson 04. Each function returns a Figure and its alt sentence, ready for `plots.show(*…)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, cycle
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.style import COLORS, DARK, GRAY, TINTS, figure, hide_spines, legend, side_by_side

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def same_word(before: np.ndarray, after: np.ndarray, names: Sequence[str], title: str) -> tuple[Figure, str]:
    """For each two sentences, the cosine of one word's vectors before the first layer and after the last.

    `before` and `after` have one vector per sentence, `names` one name such as “river 1”: a meaning and a number. A
    pair is blue where the meaning is the same, orange where it differs; pairs of the same meaning stand on top.
    """
    meanings = [name.rpartition(" ")[0] for name in names]
    cosines = []
    for states in (before, after):
        unit = np.asarray(states) / np.linalg.norm(states, axis=1, keepdims=True)
        cosines.append(unit @ unit.T)
    every = list(combinations(range(len(meanings)), 2))
    pairs = sorted(every, key=lambda pair: meanings[pair[0]] != meanings[pair[1]])
    fig, axis = figure(7.4, 3.4)
    ends: dict[bool, list[float]] = {True: [], False: []}
    for line, (i, j) in enumerate(pairs):
        alike = meanings[i] == meanings[j]
        old, new = (float(cosine[i, j]) for cosine in cosines)
        ends[alike].append(new)
        color = COLORS[0] if alike else COLORS[1]
        axis.plot([old, new], [line, line], color=color, linewidth=2.2)
        axis.plot(old, line, "o", fillstyle="none", color=GRAY, markersize=8, zorder=3)
        axis.plot(new, line, "o", color=color, markersize=9, zorder=3)
        axis.annotate(f"{new:.2f}", (new, line), xytext=(-9, 0), textcoords="offset points", ha="right", va="center")
    for label, look in {
        "before the first layer": {"color": GRAY, "fillstyle": "none"},
        "after the last, same meaning": {"color": COLORS[0]},
        "after the last, other meaning": {"color": COLORS[1]},
    }.items():
        axis.plot([], [], "o", markersize=8, label=label, **look)
    axis.set_yticks(range(len(pairs)), [f"{names[i]} and {names[j]}" for i, j in pairs])
    axis.invert_yaxis()
    axis.margins(x=0.14, y=0.1)
    axis.set(title=title, xlabel="cosine of the two vectors", ylabel="two sentences")
    legend(axis, loc="upper center", bbox_to_anchor=(0.4, -0.2), ncols=3)
    start = min(float(cosines[0][pair]) for pair in pairs)
    said = [f"{min(values):.2f} to {max(values):.2f}" for values in (ends[True], ends[False])]
    alt = f"Before the first layer every pair has a cosine of at least {start:.2f}. After the last layer pairs of the "
    return fig, f"{alt}same meaning have {said[0]}, pairs of different meanings {said[1]}."


def pulls(
    sentences: Mapping[str, tuple[Sequence[str], np.ndarray, np.ndarray]], asked: str, axes: tuple[str, str], title: str
) -> tuple[Figure, str]:
    """One panel per sentence: the value vectors in the plane, and the output as the point that they pull to.

    A sentence has its words, their values (words x 2) and the weights of the word that asks; a line from a value to the
    output is as thick as the weight, which is written beside the word. The output cannot leave the shaded area.
    """
    from matplotlib.patches import Polygon

    fig, panels = side_by_side(len(sentences), 4.6, 4.2, sharex=True, sharey=True)
    said = []
    for panel, (name, (words, values, weights)) in zip(panels, sentences.items(), strict=True):
        output = weights @ values
        center = np.median(values, axis=0)
        # In this order around their mean the values are the corners of a polygon without crossings.
        around = np.argsort(np.arctan2(*(values - values.mean(axis=0)).T[::-1]))
        area = {"facecolor": COLORS[4], "alpha": 0.25, "linewidth": 0, "zorder": 0}
        hull = panel.add_patch(Polygon(values[around], label="where the output can be", **area))
        for word, value, weight, color in zip(words, values, weights, cycle(COLORS), strict=False):
            panel.plot(*zip(value, output, strict=True), color=color, linewidth=0.5 + 12 * weight, alpha=0.6, zorder=1)
            panel.plot(*value, "o", color=color, markersize=9, zorder=2)
            right, above = value >= center
            label = {"xytext": (8 if right else -8, 6 if above else -6), "textcoords": "offset points", "fontsize": 9}
            sides = {"ha": "left" if right else "right", "va": "bottom" if above else "top"}
            panel.annotate(f"{word} {weight:.2f}", value, **sides, **label)
        (cross,) = panel.plot(*output, "X", color=GRAY, markersize=11, zorder=3, label=f"output for “{asked}”", ls="")
        panel.margins(x=0.5, y=0.3)
        panel.set(title=name, xlabel=axes[0])
        said.append(f"In “{name}” it is ({output[0]:.1f}, {output[1]:.1f})")
    panels[0].set_ylabel(axes[1])
    fig.suptitle(title)
    fig.legend(handles=[hull, cross], loc="outside lower center", ncols=2, fontsize=9, frameon=False)
    alt = f"Value vectors as dots with the weight that “{asked}” gives them; the output as a cross between them. "
    return fig, f"{alt}{'. '.join(said)}."


def gradient_norms(norms: Mapping[str, np.ndarray], title: str) -> tuple[Figure, str]:
    """Per way to score one histogram of gradient norms (seeds x queries) on a log axis, with mean and median.

    Norms below a hundred-thousandth are counted at the left edge.
    """
    low, high = -5.0, 1.6
    edges = np.linspace(low, high, 67)
    fig, panels = figure(7.4, 4.4, len(norms), 1, sharex=True, sharey=True)
    said = []
    for panel, (name, values), color in zip(np.atleast_1d(panels), norms.items(), [COLORS[3], COLORS[0]], strict=False):
        logs = np.log10(np.maximum(values, 10**low)).ravel()
        panel.hist(np.minimum(logs, high), edges, weights=np.full(logs.size, 100 / logs.size), color=color, alpha=0.75)
        mean, median = float(np.mean(values)), float(np.median(values))
        panel.axvline(np.log10(median), color=GRAY, linewidth=1.6, label=f"median {median:.2g}")
        panel.axvline(np.log10(mean), color=GRAY, linestyle="--", linewidth=1.6, label=f"mean {mean:.2g}")
        panel.set(title=name, ylabel="% of queries")
        legend(panel, loc="upper left")
        lowest, highest = np.quantile(values, [0.1, 0.9])
        tenths = f"a tenth lies below {lowest:.1g} and a tenth above {highest:.1g}"
        said.append(f"{name}: {tenths}, the median is {median:.2g}")
    panel.set_xticks(range(-5, 2), ["≤ 0.00001", "0.0001", "0.001", "0.01", "0.1", "1", "10"])
    panel.set_xlabel("norm of the gradient that arrives at the query (log scale)")
    fig.suptitle(title)
    return fig, f"Two histograms of gradient norms; {'; '.join(said)}."


def looks(panels: Mapping[str, tuple[Sequence[str], int, np.ndarray]], title: str) -> tuple[Figure, str]:
    """One line of words per panel, with an arrow from one of them to each word that it looks at, as wide as the weight.

    A panel has the words, the place of the word that asks, and its weights over the words. Weights of at least 0.1 are
    written above their arrow's end.
    """
    from matplotlib.patches import FancyArrowPatch

    longest = max(len(words) for words, _, _ in panels.values())
    fig, axes = figure(0.72 * longest + 0.6, 1.65 * len(panels) + 0.4, len(panels), 1, squeeze=False)
    said = []
    for axis, (name, (words, place, weights)) in zip(axes[:, 0], panels.items(), strict=True):
        for k, word in enumerate(words):
            ink, paper = (DARK, TINTS[1]) if k == place else (GRAY, "none")
            frame = {"boxstyle": "round,pad=0.3", "facecolor": paper, "edgecolor": GRAY}
            axis.text(k, 0, word, ha="center", va="center", fontsize=9, color=ink, bbox=frame)
            if k == place or weights[k] < 0.01:
                continue
            bend = 0.16 + 0.5 / abs(k - place)
            arrow = {"arrowstyle": "-", "color": COLORS[0], "alpha": 0.75, "linewidth": 14 * weights[k]}
            arc = f"arc3,rad={bend if k < place else -bend}"
            axis.add_patch(FancyArrowPatch((place, 0.3), (k, 0.3), connectionstyle=arc, **arrow))
            if weights[k] >= 0.1:
                axis.text(k, -0.75, f"{weights[k]:.2f}", ha="center", va="center", fontsize=9)
        axis.set(xlim=(-0.6, longest - 0.4), ylim=(-1.05, 2.1), xticks=[], yticks=[])
        axis.set_title(name, loc="left")
        hide_spines(axis)
        first = int(np.argmax(weights))
        said.append(f"{name}: “{words[place]}” looks most at “{words[first]}” ({weights[first]:.2f})")
    fig.suptitle(title)
    return fig, f"Arcs from one word to the words that it looks at, as wide as the weights; {'; '.join(said)}."
