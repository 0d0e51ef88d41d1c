"""The figures of lesson 01: words on a map, repeated arrays, walks down a loss, overfitting, words with weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.style import (
    COLORS,
    DARK,
    GRAY,
    cell,
    figure,
    hide_spines,
    legend,
    side_by_side,
    spread,
    styles,
    tint,
)
from helpers.show import Static

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAP_COLORS = ["#2878BD", "#A86F00", "#00885F", "#CC5500", "#B05C95", GRAY]
"""The palette with words in mind: 4.2 or more of contrast with white, 4 or more with a dark ground."""


def broadcast(first: np.ndarray, second: np.ndarray, title: str) -> Figure:
    """The sum of two arrays of one or two axes, as three grids: an array's own cells are bold, repeats are gray.

    Raises ValueError (NumPy's) if the shapes do not fit.
    """
    shape = np.broadcast_shapes(first.shape, second.shape)
    grids = [np.broadcast_to(first, shape), np.broadcast_to(second, shape), first + second]
    own = [own_cells(first.shape, shape), own_cells(second.shape, shape), np.ones(shape, dtype=bool)]
    names = [str(first.shape), f"+  {second.shape}", f"=  {shape}"]
    rows, columns = np.atleast_2d(grids[0]).shape
    fig, axes = figure(0.62 * 3 * columns + 1.8, 0.62 * rows + 1.6, 1, 3)
    for axis, grid, is_own, name, color in zip(axes, grids, own, names, COLORS, strict=False):
        for (i, j), number in np.ndenumerate(np.atleast_2d(grid)):
            filled = bool(np.atleast_2d(is_own)[i, j])
            axis.add_patch(cell(j, i, color if filled else "#999999", filled))
            ink, weight = (DARK, "bold") if filled else ("#777777", "normal")
            axis.text(j, i, f"{number:g}", ha="center", va="center", color=ink, weight=weight)
        axis.set(
            title=name,
            xlim=(-0.6, columns - 0.4),
            ylim=(rows - 0.4, -0.6),
            aspect="equal",
            xlabel="axis 1" if len(shape) == 2 else "axis 0",
            xticks=range(columns),
            yticks=range(rows) if len(shape) == 2 else [],
        )
        hide_spines(axis)
    if len(shape) == 2:
        axes[0].set_ylabel("axis 0")
    fig.suptitle(title)
    return fig


def own_cells(shape: tuple[int, ...], broadcast_shape: tuple[int, ...]) -> np.ndarray:
    """Which cells of the stretched array are its own: True in the first of each repeat (bool, `broadcast_shape`)."""
    padded = (1,) * (len(broadcast_shape) - len(shape)) + tuple(shape)
    # np.indices gives each cell's place on every axis; a place beyond the array's own size is a repeat
    return np.all([place < size for place, size in zip(np.indices(broadcast_shape), padded, strict=True)], axis=0)


def descent(
    weights: Sequence[float],
    losses: Sequence[float],
    paths: Mapping[str, tuple[Sequence[float], Sequence[float], float]],
    title: str,
    xlabel: str = "weight w",
) -> Figure:
    """A loss (nats) over one weight, and walks down it, one panel per walk.

    `weights` and `losses` are the points of the curve. `paths` gives for each label the weights that the walk
    visited, the losses there, and the slope at its first point, which is drawn as a tangent.
    """
    fig, axes = side_by_side(len(paths), 4.6, 3.5, sharey=True)
    for axis, (name, (visited, heights, slope)), color in zip(
        axes, paths.items(), cycle([COLORS[0], COLORS[3]]), strict=False
    ):
        axis.plot(weights, losses, color=COLORS[7], linewidth=1.2)
        reach = [visited[0] - 0.8, visited[0] + 0.8]
        tangent = [heights[0] + slope * (weight - visited[0]) for weight in reach]
        axis.plot(reach, tangent, "--", color=COLORS[2], linewidth=2, label=f"slope at the start: {slope:.2f}")
        steps = len(visited) - 1
        label = f"{steps} step{'s' * (steps != 1)}"
        axis.plot(visited, heights, "o-", color=color, markersize=5, linewidth=0.9, label=label)
        axis.annotate("start", (visited[0], heights[0]), xytext=(6, 6), textcoords="offset points", fontsize=9)
        axis.set(title=name, xlabel=xlabel, ylim=(0, max(losses) * 1.05))
        legend(axis)
    axes[0].set_ylabel("loss (nats)")
    fig.suptitle(title)
    return fig


def word_map(panels: Mapping[str, np.ndarray], words: Sequence[str], groups: Sequence[str], title: str) -> Figure:
    """Rows of numbers as places on a plane, one panel per set of rows; words of one group share a color.

    `panels` gives for each name an array (words x d); `groups` has the group of each word. The plane is
    t-SNE's (van der Maaten and Hinton 2008, on cosines): neighbors stay near each other, long distances say little.
    """
    from matplotlib.lines import Line2D
    from sklearn.manifold import TSNE

    width, height = 5.0, 4.6
    fig, axes = side_by_side(len(panels), width, height)
    colors = dict(zip(dict.fromkeys(groups), MAP_COLORS, strict=False))
    for axis, (name, rows) in zip(axes, panels.items(), strict=True):
        plane = TSNE(method="exact", perplexity=min(8, len(words) - 1), init="pca", metric="cosine", random_state=0)
        places = spread(plane.fit_transform(np.asarray(rows, dtype=float)), words, width, height)
        for word, group, place in zip(words, groups, places, strict=True):
            axis.text(*place, word, ha="center", va="center", fontsize=8, color=colors[group], weight="bold")
        axis.set(title=name, xlim=(0, width), ylim=(0, height), xticks=[], yticks=[], xlabel="direction 1 of the plane")
    axes[0].set_ylabel("direction 2 of the plane")
    entries = [Line2D([], [], color=color, linewidth=5, label=group) for group, color in colors.items()]
    fig.legend(handles=entries, loc="outside lower center", ncols=len(colors), fontsize=9, frameon=False)
    fig.suptitle(title)
    return fig


def learned_by_heart(
    panels: Mapping[str, Mapping[str, tuple[Sequence[int], Sequence[float], Sequence[float]]]], title: str
) -> Figure:
    """Loss (above) and accuracy (below) over the steps of a training, one column per training.

    `panels` gives for each training, and there for each set of reviews, its steps, losses (nats) and accuracies.
    """
    fig, axes = figure(4.2 * len(panels), 5.2, 2, len(panels), squeeze=False, sharex=True, sharey="row")
    for (top, bottom), (name, sets) in zip(axes.T, panels.items(), strict=True):
        for (label, (steps, losses, accuracies)), (color, marker, style) in zip(sets.items(), styles(), strict=False):
            look = {"color": color, "marker": marker, "markersize": 4, "label": label}
            top.plot(steps, losses, style, **look)
            bottom.plot(steps, accuracies, style, **look)
        top.axhline(np.log(2), color=COLORS[7], linestyle=":", linewidth=1.2, label="knowing nothing: ln 2")
        bottom.axhline(0.5, color=COLORS[7], linestyle=":", linewidth=1.2)
        top.set(title=name, ylim=(0, None))
        bottom.set(xlabel="step", ylim=(0, 1.05))
    axes[0, 0].set_ylabel("loss (nats)")
    axes[1, 0].set_ylabel("accuracy")
    legend(axes[0, -1])
    fig.suptitle(title)
    return fig


def weighted_words(rows: Sequence[tuple[str, Sequence[str], Sequence[float | None]]]) -> Static:
    """Texts whose words are colored by a number each: blue above 0, orange below, the stronger the further from 0.

    A row is (what stands over it, its words, a number per word); a word without a number, None, is gray.
    """
    top = max((abs(number) for *_, numbers in rows for number in numbers if number), default=1.0)
    html, text = [], []
    for label, words, numbers in rows:
        boxes, said = [], []
        for word, number in zip(words, numbers, strict=True):
            background, ink = "none", GRAY
            if number is not None:
                background = tint(COLORS[5 if number > 0 else 1], min(abs(number) / top, 1))
                ink = DARK
            style = f"background:{background};color:{ink};border-radius:3px;padding:1px 4px;line-height:1.9"
            boxes.append(f'<span style="{style}">{escape(word)}</span>')
            said.append(word if number is None else f"{word} ({number:+.1f})")
        html.append(f'<p style="margin:8px 0;max-width:48em"><b>{escape(label)}</b><br>{" ".join(boxes)}</p>')
        text.append(f"{label}\n  {' '.join(said)}")
    return Static("".join(html), "\n".join(text))
