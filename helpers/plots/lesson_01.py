"""The figures of lesson 01: two arrays that are repeated until they fit, and walks down a loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.style import COLORS, DARK, cell, figure, hide_spines, legend, side_by_side

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
