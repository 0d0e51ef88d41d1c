"""Figures that several lessons, or a lesson and the command `course`, use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.style import COLORS, TINTS, figure, hide_spines, ink, legend, side_by_side, styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Tokens:
    """Tokens side by side as colored boxes; a line of text with bars between them where HTML is not shown."""

    def __init__(self, rows: Mapping[str, Sequence[str]], ids: Mapping[str, Sequence[int]] | None = None) -> None:
        self.rows = {label: [str(token) for token in tokens] for label, tokens in rows.items()}
        self.ids = {label: list(numbers) for label, numbers in (ids or {}).items()}
        for label, numbers in self.ids.items():
            if len(numbers) != len(self.rows[label]):
                raise ValueError(f"row {label!r} has {len(self.rows[label])} tokens but {len(numbers)} ids")

    def __repr__(self) -> str:
        width = max((len(label) for label in self.rows), default=0)
        lines = []
        for label, tokens in self.rows.items():
            numbers = f"  {self.ids[label]}" if label in self.ids else ""
            lines.append(f"{label:<{width}} |{'|'.join(tokens)}|{numbers}".strip())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        tints = TINTS[:4]
        lines = []
        for label, tokens in self.rows.items():
            boxes = []
            for place, token in enumerate(tokens):
                number = f"<br><small>{self.ids[label][place]}</small>" if label in self.ids else ""
                boxes.append(
                    f'<span style="display:inline-block;background:{tints[place % len(tints)]};color:#000;'
                    "border:1px solid #555;border-radius:3px;margin:1px;padding:0 3px;text-align:center;"
                    f'font-family:monospace;white-space:pre">{escape(token)}{number}</span>'
                )
            lines.append(
                '<div style="display:flex;gap:8px;margin:2px 0"><div style="min-width:9em;text-align:right">'
                f"{escape(label)}</div><div>{''.join(boxes)}</div></div>"
            )
        return "".join(lines)


def tokens(
    rows: Mapping[str, Sequence[str]] | Sequence[str], ids: Mapping[str, Sequence[int]] | Sequence[int] | None = None
) -> Tokens:
    """Tokens as colored boxes, one row or several with a label each; with `ids`, each id under its token.

    Raises ValueError if a row has more or fewer ids than tokens.
    """
    if not isinstance(rows, Mapping):
        rows, ids = {"": rows}, None if ids is None else {"": ids}
    return Tokens(rows, ids)


def training_curve(
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    title: str,
    ylabel: str = "loss",
    xlabel: str = "step",
    reference: tuple[float, str] | None = None,
    smooth: int = 10,
) -> Figure:
    """Values over steps, one (steps, values) pair per series; `reference` is a (value, label) for a dotted line.

    A series of more than 2 x `smooth` points is drawn faint, with its running mean over `smooth` points on top.
    """
    fig, axis = figure()
    for (name, (steps, values)), (color, marker, style) in zip(series.items(), styles(), strict=False):
        if len(values) > 2 * smooth:
            windows = [values[max(0, i + 1 - smooth) : i + 1] for i in range(len(values))]
            axis.plot(steps, values, color=color, alpha=0.25, linewidth=1)
            means = [sum(window) / len(window) for window in windows]
            axis.plot(steps, means, style, color=color, label=f"{name} (mean of the last {smooth})")
        else:
            axis.plot(steps, values, style, marker=marker, color=color, label=name)
    if reference:
        axis.axhline(reference[0], color=COLORS[7], linestyle=":", linewidth=1.2, label=reference[1])
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    if axis.get_legend_handles_labels()[0]:
        legend(axis)
    return fig


def heat_maps(
    matrices: Sequence[np.ndarray],
    titles: Sequence[str],
    rows: Sequence[str],
    columns: Sequence[str],
    ylabel: str = "query",
    xlabel: str = "key",
    digits: int | None = 2,
    columns_per_line: int = 4,
    shared_scale: bool = True,
    key: bool = True,
) -> Figure:
    """One small heat map per (rows x columns) matrix, all on one color scale unless `shared_scale` is False.

    Shades of one color for values of one sign, two colors with white at 0 otherwise. `digits` writes the
    numbers into the cells (None: none, but, with `key`, a bar that tells what a shade stands for). NaN cells stay blank
    but for the word.
    """
    arrays = [np.asarray(matrix, dtype=float) for matrix in matrices]
    per_line = min(columns_per_line, len(arrays))
    lines = -(-len(arrays) // per_line)
    size = 0.62 if digits is not None else min(0.3, 3.2 / max(len(columns), 1))
    width, height = max(2.6, 1.2 + size * len(columns)), 1.2 + size * len(rows)
    fig, axes = figure(width * per_line, height * lines, lines, per_line, squeeze=False)
    finite = [array[np.isfinite(array)] for array in arrays]
    for unused in axes.flat[len(arrays) :]:
        unused.set_visible(False)
    for k, (axis, array) in enumerate(zip(axes.flat, arrays, strict=False)):
        scale = np.concatenate(finite) if shared_scale else finite[k]
        top = float(np.abs(scale).max(initial=1e-9))
        signed = float(scale.min(initial=0.0)) < 0
        low, colors = (-top, "PuOr") if signed else (0.0, "Blues")
        image = axis.imshow(np.clip(array, low, top), cmap=colors, vmin=low, vmax=top, aspect="auto")
        axis.set_title(titles[k])
        axis.set_xticks(range(len(columns)), columns, rotation=90 if digits is None else 0)
        axis.set_yticks(range(len(rows)), rows if k % per_line == 0 else [])
        axis.set_xlabel(xlabel)
        if k % per_line == 0:
            axis.set_ylabel(ylabel)
        hide_spines(axis)
        if digits is None and key and (not shared_scale or k == len(arrays) - 1):
            fig.colorbar(image, ax=list(axes.flat) if shared_scale else axis)
        if digits is not None:
            for (i, j), number in np.ndenumerate(array):
                words, color = f"{number + 0.0:.{digits}f}", ink(image, number)  # + 0.0: no “-0.00”
                axis.text(j, i, words, ha="center", va="center", fontsize=9, color=color)
    return fig


def can_draw(name: str) -> bool:
    """Whether matplotlib draws this name of a label beside a cell: not long, its letters in the font, left to right."""
    import unicodedata

    from matplotlib.font_manager import FontProperties, findfont, get_font

    letters = get_font(findfont(FontProperties())).get_charmap()
    return len(name) <= 16 and all(
        ord(letter) in letters and unicodedata.bidirectional(letter) not in ("R", "AL") for letter in name
    )


def confusion(table: np.ndarray, names: Sequence[str], title: str) -> Figure:
    """A confusion table (actual x predicted): counts in the cells of up to 12 labels, shades alone for more.

    Where a name cannot be drawn (`can_draw`), all labels are numbered from 1 in the order of `names`.
    """
    many = len(names) > 12
    labels, what = names, "label"
    if not all(map(can_draw, names)):
        labels, what = [str(number) for number in range(1, len(names) + 1)], "label by number"
    fig = heat_maps([table], [title], labels, labels, f"actual {what}", f"predicted {what}", None if many else 0)
    fig.set_size_inches(fig.get_size_inches() + 0.09 * max(map(len, labels)))  # room for the names beside the cells
    for axis in fig.axes:
        for tick in (*axis.get_xticklabels(), *axis.get_yticklabels()):
            tick.set_parse_math(False)  # $5 and $10 is not a formula
        if max(map(len, labels)) > 4:
            axis.tick_params("x", rotation=90)
    return fig


def scaling(widths: Sequence[int], panels: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> Figure:
    """What the division by root d does: per panel a quantity over the width, without it and with it.

    A panel is a pair of series, (without, with), each with one value per width.
    """
    fig, axes = side_by_side(len(panels), 3.9, 3.2)
    for axis, (name, (raw, scaled)) in zip(axes, panels.items(), strict=True):
        axis.plot(widths, raw, "o-", label="q · k")
        axis.plot(widths, scaled, "s--", label="q · k / √d")
        axis.set_xscale("log", base=2)
        axis.set_xticks(widths, [str(width) for width in widths])
        axis.set(title=name, xlabel="width d", ylim=(0, None))
        if max(raw) > 20:
            axis.set_yscale("log")
            axis.set_ylim(0.5, None)
    legend(axes[0])
    axes[0].set_ylabel("value")
    return fig
