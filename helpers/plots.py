"""The figures of the lessons. Each function takes plain arrays and strings and returns a Figure; `show` draws it.

Colors are Okabe and Ito's palette (2008), which readers with the common color vision deficiencies can tell apart.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure

COLORS = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#000000"]
DPI = 110


def figure(width: float = 7.0, height: float = 3.6, rows: int = 1, columns: int = 1, **kwargs):
    """A Figure of `width` x `height` inches and its axes, in the course's style and without pyplot's state."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 11}):
        fig = Figure(figsize=(width, height), layout="constrained", dpi=DPI)
        axes = fig.subplots(rows, columns, **kwargs)
    for axis in fig.axes:
        axis.set_prop_cycle(color=COLORS)
    return fig, axes


def show(fig: Figure, alt: str) -> None:
    """Draw `fig` and put under it `alt`: the sentence that carries its message for who cannot see it."""
    from IPython.display import Markdown, display

    display(picture(fig, alt), raw=True)
    display(Markdown(f"*{alt}*"))


def picture(fig: Figure, alt: str) -> dict[str, object]:
    """The MIME bundle of a figure: a PNG, and `alt` where only text can be shown."""
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return {"image/png": buffer.getvalue(), "text/plain": alt}


# --- 00 ---


def next_token_choice(tokens: Sequence[str], probabilities: Sequence[float], chosen: int, title: str) -> Figure:
    """The likeliest next tokens as bars, the likeliest on top; the one at place `chosen` stands out."""
    fig, axis = figure(7.0, 0.9 + 0.26 * len(tokens))
    bars = axis.barh(range(len(tokens)), probabilities, color=COLORS[5])
    bars[chosen].set(color=COLORS[3], hatch="//", edgecolor="white")
    axis.set_yticks(range(len(tokens)), tokens, family="monospace")
    axis.invert_yaxis()
    axis.bar_label(bars, [f"{p:.3f}" for p in probabilities], padding=3, fontsize=8)
    axis.margins(x=0.12)
    axis.set(title=title, xlabel="probability of being the next token", ylabel="token")
    return fig


def written_tokens(tokens: Sequence[str], probabilities: Sequence[float], title: str) -> Figure:
    """One bar per written token: the probability that the model gave it just before it was chosen."""
    fig, axis = figure(10, 3.2)
    axis.bar(range(len(tokens)), probabilities, color=COLORS[0])
    axis.set_xticks(range(len(tokens)), tokens, rotation=60, ha="right", rotation_mode="anchor", fontsize=9)
    axis.set(title=title, xlabel="tokens in the order of writing", ylabel="probability given to it", ylim=(0, 1))
    return fig


# --- 01 ---


def broadcast(first: np.ndarray, second: np.ndarray, title: str) -> Figure:
    """The sum of two arrays of at most two axes, as grids: bold cells are there, gray cells are repeats.

    Raises ValueError (NumPy's) if the shapes do not fit.
    """
    import numpy as np

    shape = np.broadcast_shapes(first.shape, second.shape)
    grids = [np.broadcast_to(first, shape), np.broadcast_to(second, shape), first + second]
    real = [own_cells(first.shape, shape), own_cells(second.shape, shape), np.ones(shape, dtype=bool)]
    names = [str(first.shape), f"+  {second.shape}", f"=  {shape}"]
    rows, columns = np.atleast_2d(grids[0]).shape
    fig, axes = figure(0.62 * 3 * columns + 1.8, 0.62 * rows + 1.6, 1, 3)
    for axis, grid, own, name, color in zip(axes, grids, real, names, COLORS, strict=False):
        for (i, j), number in np.ndenumerate(np.atleast_2d(grid)):
            there = np.atleast_2d(own)[i, j]
            axis.add_patch(_cell(j, i, color if there else "#999999", "-" if there else ":", there))
            axis.text(
                j,
                i,
                f"{number:g}",
                ha="center",
                va="center",
                color="black" if there else "#777777",
                weight="bold" if there else "normal",
            )
        axis.set(
            title=name,
            xlim=(-0.6, columns - 0.4),
            ylim=(rows - 0.4, -0.6),
            aspect="equal",
            xlabel="axis 1" if len(shape) == 2 else "axis 0",
            xticks=range(columns),
            yticks=range(rows),
        )
        for spine in axis.spines.values():
            spine.set_visible(False)
    if len(shape) == 2:
        axes[0].set_ylabel("axis 0")
    fig.suptitle(title)
    return fig


def own_cells(shape: tuple[int, ...], broadcast_shape: tuple[int, ...]) -> np.ndarray:
    """Which cells of the stretched array are its own: True in the first of each repeat (bool, `broadcast_shape`)."""
    import numpy as np

    padded = (1,) * (len(broadcast_shape) - len(shape)) + tuple(shape)
    own = np.ones(broadcast_shape, dtype=bool)
    for axis, size in enumerate(padded):
        own &= np.expand_dims(np.arange(broadcast_shape[axis]) < size, [k for k in range(own.ndim) if k != axis])
    return own


def _cell(x: float, y: float, edge: str, style: str, filled: bool):
    from matplotlib.patches import Rectangle

    return Rectangle(
        (x - 0.46, y - 0.46),
        0.92,
        0.92,
        edgecolor=edge,
        linestyle=style,
        linewidth=1.6 if filled else 1,
        facecolor=edge + "33" if filled else "none",
    )


def margin_losses(margins: Sequence[float], losses: Sequence[float], title: str) -> Figure:
    """The logistic loss (nats) over the margin, and the mistake counted as 0 or 1 that it stands in for."""
    fig, axis = figure(7.0, 3.3)
    axis.plot(margins, losses, color=COLORS[0], label="loss: ln(1 + e⁻ᵐ)")
    axis.plot(margins, [float(m <= 0) for m in margins], "--", color=COLORS[3], label="mistake: 1 if m ≤ 0")
    axis.axvline(0, color="#cccccc", linewidth=0.8, zorder=0)
    axis.set(title=title, xlabel="margin m: the logit, signed so that positive is right", ylabel="loss (nats)")
    axis.legend(frameon=False)
    return fig


def difference_errors(steps: Sequence[float], errors: Mapping[str, Sequence[float]], title: str) -> Figure:
    """How far a finite difference is from the exact slope, over the step size; both axes logarithmic."""
    fig, axis = figure(7.0, 3.6)
    for (name, values), style, color in zip(
        errors.items(), ["s--", "o-", "^:"], [COLORS[1], COLORS[0], COLORS[2]], strict=False
    ):
        axis.plot(steps, values, style, color=color, markersize=4, label=name)
    axis.set(title=title, xscale="log", yscale="log", xlabel="step size h", ylabel="absolute error of the slope")
    axis.legend(frameon=False)
    return fig


def descent(
    places: Sequence[float],
    heights: Sequence[float],
    paths: Mapping[str, tuple[Sequence[float], Sequence[float], float]],
    title: str,
    xlabel: str = "weight w",
) -> Figure:
    """A loss over one weight, and walks down it: per label the (weights, losses) visited and the slope at the first."""
    fig, axes = figure(4.6 * len(paths), 3.5, 1, len(paths), squeeze=False, sharey=True)
    for axis, (name, (weights, losses, slope)), color in zip(
        axes[0], paths.items(), [COLORS[0], COLORS[3]], strict=False
    ):
        axis.plot(places, heights, color=COLORS[7], linewidth=1.2)
        reach = [weights[0] - 0.8, weights[0] + 0.8]
        axis.plot(
            reach,
            [losses[0] + slope * (w - weights[0]) for w in reach],
            "--",
            color=COLORS[2],
            linewidth=2,
            label=f"slope at the start: {slope:.2f}",
        )
        axis.plot(weights, losses, "o-", color=color, markersize=5, linewidth=0.9, label=f"{len(weights) - 1} steps")
        axis.annotate("start", (weights[0], losses[0]), xytext=(6, 6), textcoords="offset points", fontsize=9)
        axis.set(title=name, xlabel=xlabel, ylim=(0, max(heights) * 1.05))
        axis.legend(frameon=False, fontsize=9)
    axes[0, 0].set_ylabel("loss (nats)")
    fig.suptitle(title)
    return fig


def tries(chosen_on: Sequence[float], fresh: Sequence[float], winner: int, title: str) -> Figure:
    """One dot per try: its accuracy where the winner is chosen, and on reviews that had no part in choosing."""
    fig, axis = figure(5.6, 4.2)
    axis.plot(chosen_on, fresh, "o", color=COLORS[5], alpha=0.6, markersize=5, label="a try")
    axis.plot(
        chosen_on[winner],
        fresh[winner],
        "*",
        color=COLORS[3],
        markersize=17,
        markeredgecolor="black",
        label="best on validation",
    )
    ends = [min(*chosen_on, *fresh) - 0.01, max(*chosen_on, *fresh) + 0.01]
    axis.plot(ends, ends, ":", color=COLORS[7], linewidth=1.2, label="equal on both")
    axis.set(title=title, xlabel="accuracy on validation", ylabel="accuracy on fresh reviews", xlim=ends, ylim=ends)
    axis.legend(frameon=False, fontsize=9, loc="lower right")
    return fig


# --- 02 ---


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
        from html import escape

        tints = ["#cfe5f3", "#fbe6bf", "#c5e9dc", "#f5d3bd"]  # COLORS[:4], made light for black text
        lines = []
        for label, tokens in self.rows.items():
            boxes = []
            for at, token in enumerate(tokens):
                number = f"<br><small>{self.ids[label][at]}</small>" if label in self.ids else ""
                boxes.append(
                    f'<span style="display:inline-block;background:{tints[at % len(tints)]};color:#000;'
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
    """Tokens as colored boxes, one row or several with a label each; with `ids`, each id under its token."""
    if not isinstance(rows, Mapping):
        rows, ids = {"": rows}, None if ids is None else {"": ids}
    return Tokens(rows, ids)


def language_costs(
    languages: Sequence[str],
    in_bytes: Sequence[float],
    in_tokens: Sequence[float],
    each: Sequence[Sequence[float]],
    first: str,
    title: str,
) -> Figure:
    """One row per language: length in bytes and in tokens relative to the language `first`, on a logarithmic axis.

    `each` holds, for every language, the ratio in tokens of its single sentences; they are drawn small.
    """
    fig, axis = figure(8.0, 0.9 + 0.34 * len(languages))
    rows = range(len(languages))
    for row, ratios in zip(rows, each, strict=True):
        axis.plot(ratios, [row] * len(ratios), "|", color=COLORS[7], alpha=0.45, markersize=9)
    axis.hlines(rows, in_bytes, in_tokens, color=COLORS[1], linewidth=2.5, zorder=1)
    axis.plot(in_bytes, rows, "s", color=COLORS[0], markersize=7, label="bytes: what it costs without any merge")
    axis.plot(in_tokens, rows, "o", color=COLORS[3], markersize=8, label="tokens: with this tokenizer's merges")
    axis.plot([], [], "|", color=COLORS[7], alpha=0.45, markersize=9, label="tokens, single sentences")
    axis.axvline(1, color=COLORS[7], linestyle=":", linewidth=1.2)
    largest = max(max(ratios) for ratios in (*each, in_bytes, in_tokens))
    axis.set_xscale("log", base=2)
    ticks = [2.0**k for k in range(-1, 8) if 2.0**k < 1.5 * largest]
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    axis.set_yticks(rows, languages)
    axis.invert_yaxis()
    axis.set(title=title, xlabel=f"times as long as in {first} (log scale)", ylabel="language")
    fig.legend(frameon=False, fontsize=9, loc="outside lower center", ncols=3)
    return fig


# --- 04 ---


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
) -> Figure:
    """One small heat map per (rows x columns) matrix, all on one color scale unless `shared_scale` is False.

    Shades of one color for values of one sign, two colors with white at 0 otherwise. `digits` writes the
    numbers into the cells (None: no numbers). NaN cells stay blank but for the word.
    """
    import numpy as np

    arrays = [np.asarray(m, dtype=float) for m in matrices]
    per_line = min(columns_per_line, len(arrays))
    lines = -(-len(arrays) // per_line)
    cell = 0.62 if digits is not None else min(0.3, 3.2 / max(len(columns), 1))
    width, height = max(2.6, 1.2 + cell * len(columns)), 1.2 + cell * len(rows)
    fig, axes = figure(width * per_line, height * lines, lines, per_line)
    finite = [a[np.isfinite(a)] for a in arrays]
    for k, axis in enumerate(np.atleast_1d(axes).flat):
        if k >= len(arrays):
            axis.set_visible(False)
            continue
        seen = np.concatenate([f.ravel() for f in finite]) if shared_scale else finite[k]
        top = float(np.abs(seen).max(initial=1e-9))
        signed = float(seen.min(initial=0.0)) < 0
        low = -top if signed else 0.0
        colors = "PuOr" if signed else "Blues"
        axis.imshow(np.clip(arrays[k], low, top), cmap=colors, vmin=low, vmax=top, aspect="auto")
        axis.set_title(titles[k])
        axis.set_xticks(range(len(columns)), columns, rotation=90 if digits is None else 0)
        axis.set_yticks(range(len(rows)), rows if k % per_line == 0 else [])
        axis.set_xlabel(xlabel)
        if k % per_line == 0:
            axis.set_ylabel(ylabel)
        for spine in axis.spines.values():
            spine.set_visible(False)
        for (i, j), number in np.ndenumerate(arrays[k]):
            if digits is not None:
                dark = abs(number) > 0.6 * top  # False for NaN
                color = "white" if dark else "black"
                axis.text(j, i, f"{number + 0.0:.{digits}f}", ha="center", va="center", fontsize=9, color=color)
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
    drawn = all(map(can_draw, names))
    shown, what = (names, "label") if drawn else ([str(i + 1) for i in range(len(names))], "label by number")
    fig = heat_maps([table], [title], shown, shown, f"actual {what}", f"predicted {what}", digits=None if many else 0)
    for axis in fig.axes:
        for tick in (*axis.get_xticklabels(), *axis.get_yticklabels()):
            tick.set_parse_math(False)  # $5 and $10 is no formula
            if max(map(len, shown)) > 4 and tick in axis.get_xticklabels():
                tick.set_rotation(90)
    return fig


def blends(values: np.ndarray, outputs: np.ndarray, names: Sequence[str], title: str) -> Figure:
    """Value vectors in the plane (dots) and, for each query, the average that attention makes of them
    (crosses).
    """
    fig, axis = figure(5.4, 5.0)
    for k, name in enumerate(names):
        axis.plot(*values[k], "o", color=COLORS[k], markersize=10)
        axis.annotate(f"value of {name}", values[k], xytext=(9, 5), textcoords="offset points", fontsize=9)
        axis.plot(*outputs[k], "X", color=COLORS[k], markersize=9, markeredgecolor="black")
        axis.annotate(
            f"output for {name}", outputs[k], xytext=(9, -12), textcoords="offset points", fontsize=9, style="italic"
        )
    axis.axhline(0, color="#cccccc", linewidth=0.8, zorder=0)
    axis.axvline(0, color="#cccccc", linewidth=0.8, zorder=0)
    axis.margins(x=0.35, y=0.15)
    axis.set(title=title, xlabel="first feature", ylabel="second feature")
    return fig


def scaling(widths: Sequence[int], panels: dict[str, tuple[Sequence[float], Sequence[float]]]) -> Figure:
    """What the division by root d does: per panel a quantity over the width, without (first) and with it
    (second).
    """
    import numpy as np

    fig, axes = figure(3.4 * len(panels), 3.2, 1, len(panels))
    axes = np.atleast_1d(axes)
    for axis, (name, (raw, scaled)) in zip(axes, panels.items(), strict=True):
        axis.plot(widths, raw, "o-", label="q · k")
        axis.plot(widths, scaled, "s--", label="q · k / √d")
        axis.set_xscale("log", base=2)
        axis.set_xticks(widths, [str(w) for w in widths])
        axis.set(title=name, xlabel="width d", ylim=(0, None))
        if max(raw) > 20:
            axis.set_yscale("log")
            axis.set_ylim(0.5, None)
    axes[0].legend(frameon=False)
    axes[0].set_ylabel("value")
    return fig


def head_shares(shares: dict[str, np.ndarray], title: str) -> Figure:
    """For each kind of target one (layers x heads) heat map: the mean share of attention that goes there."""
    import numpy as np

    fig, axes = figure(max(4.6, 2.9 * len(shares)), 3.4, 1, len(shares))
    axes = np.atleast_1d(axes)
    for k, (axis, (name, share)) in enumerate(zip(axes, shares.items(), strict=True)):
        drawn = axis.imshow(np.asarray(share), cmap="Blues", vmin=0, vmax=1, aspect="auto")
        every = 1 + len(share[0]) // 8
        axis.set(title=name, xlabel="head", yticks=range(len(share)), xticks=range(0, len(share[0]), every))
        if k == 0:
            axis.set_ylabel("layer")
    fig.colorbar(drawn, ax=axes, label="mean share of the weight")
    fig.suptitle(title)
    return fig


# --- 06 ---


def training_curve(
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    title: str,
    ylabel: str = "loss",
    xlabel: str = "step",
    reference: tuple[float, str] | None = None,
    smooth: int = 10,
) -> Figure:
    """Values over steps, one (steps, values) pair per series; `reference` is a (value, label) for a dashed line.

    A series of more than 2 x `smooth` points is drawn faint, with its running mean over `smooth` points on top.
    """
    fig, axis = figure()
    styles = zip(COLORS, "osD^", ["-", "--", "-.", ":"], strict=False)
    for (name, (steps, values)), (color, marker, style) in zip(series.items(), styles, strict=False):
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
        axis.legend(frameon=False, fontsize=9)
    return fig


def length_histogram(lengths: Sequence[int], marks: Mapping[str, float], title: str) -> Figure:
    """How many texts have how many tokens, with a dashed line at each of the `marks`."""
    fig, axis = figure()
    axis.hist(lengths, bins=range(0, max(lengths) + 4, 2), color=COLORS[5], edgecolor="white")
    for (name, place), color, style in zip(
        marks.items(), [COLORS[3], COLORS[0], COLORS[2]], ["--", "-.", ":"], strict=False
    ):
        axis.axvline(place, color=color, linestyle=style, label=name)
    axis.set(title=title, xlabel="tokens in a review, special tokens included", ylabel="reviews")
    axis.legend(frameon=False, fontsize=9)
    return fig


def accuracy_intervals(
    names: Sequence[str],
    values: Sequence[float],
    lows: Sequence[float],
    highs: Sequence[float],
    chance: float,
    title: str,
) -> Figure:
    """One row per name: an accuracy as a dot, its interval as a bar, and a dotted line at `chance`."""
    fig, axis = figure(7.0, 1.3 + 0.32 * len(names))
    axis.hlines(range(len(names)), lows, highs, color=COLORS[0], linewidth=3, alpha=0.5)
    axis.plot(values, range(len(names)), "o", color=COLORS[0])
    axis.axvline(chance, color=COLORS[7], linestyle=":", linewidth=1.2)
    axis.set_yticks(range(len(names)), names)
    axis.invert_yaxis()
    axis.margins(y=0.12)
    axis.set(title=title, xlabel="accuracy (bar: 95 % interval; dotted: chance)", xlim=(0, 1))
    return fig


# --- 08 ---


def next_token_bars(
    prompts: Sequence[str], tokens: Sequence[Sequence[str]], probabilities: Sequence[Sequence[float]]
) -> Figure:
    """One panel per prompt: its likeliest next tokens, the likeliest on top, with their probabilities."""
    longest = max(map(len, tokens))
    fig, axes = figure(10, 0.75 + 0.24 * longest, 1, len(prompts), squeeze=False, sharex=True)
    for axis, prompt, names, values, color in zip(axes[0], prompts, tokens, probabilities, COLORS, strict=False):
        axis.barh(range(len(names)), values, color=color)
        axis.set_yticks(range(len(names)), names, family="monospace")
        axis.invert_yaxis()
        axis.set(title=prompt, xlabel="probability of the next token")
    return fig


def entropy_bars(tokens: Sequence[str], bits: Sequence[float], highest: float, title: str) -> Figure:
    """One bar per position: the entropy in bits of what may follow; a line at `highest`, a blind guess's."""
    fig, axis = figure(10, 3.4)
    axis.bar(range(len(tokens)), bits, color=COLORS[0])
    axis.axhline(highest, color=COLORS[3], linestyle="--")
    axis.text(len(tokens), highest, "every token equally likely", va="bottom", ha="right", color=COLORS[3])
    axis.set_xticks(range(len(tokens)), tokens, rotation=60, ha="right", rotation_mode="anchor", fontsize=9)
    axis.set(title=title, xlabel="text up to and including this token", ylabel="entropy of the next (bits)")
    axis.set_ylim(0, highest * 1.12)
    return fig


def cut_curves(
    titles: Sequence[str], sorted_probabilities: Sequence[Sequence[float]], k: int, nuclei: Sequence[int], p: float
) -> Figure:
    """One panel per distribution: probability against rank, both logarithmic, and where top-k and top-p cut.

    `sorted_probabilities` fall from left to right; `nuclei` counts the tokens that top-p keeps in each.
    """
    fig, axes = figure(10, 3.4, 1, len(titles), squeeze=False, sharey=True)
    for axis, title, values, nucleus in zip(axes[0], titles, sorted_probabilities, nuclei, strict=True):
        ranks = range(1, len(values) + 1)
        axis.plot(ranks, values, color=COLORS[7])
        axis.fill_between(ranks[:nucleus], values[:nucleus], 1e-9, color=COLORS[5], alpha=0.5, label="nucleus")
        axis.axvline(k, color=COLORS[3], linestyle="--", label=f"top-k, k = {k}")
        axis.axvline(nucleus, color=COLORS[0], label=f"top-p, p = {p:g}: {nucleus} token{'s' * (nucleus != 1)}")
        axis.set(title=title, xscale="log", yscale="log", xlabel="rank of the token", ylim=(1e-9, 2))
        axis.legend(loc="lower left", framealpha=0.9, fontsize=9)
    axes[0, 0].set_ylabel("probability")
    return fig


# --- 03 ---


class Marked:
    """A text with some spans of characters marked; brackets ⟦ ⟧ around them where HTML is not shown."""

    def __init__(self, text: str, spans: Sequence[tuple[int, int]]) -> None:
        self.text, self.spans = text, sorted(spans)
        place = 0
        for start, end in self.spans:
            if not place <= start <= end <= len(text):
                raise ValueError(f"span {(start, end)} overlaps the one before it or leaves the text of {len(text)}")
            place = end

    def _parts(self) -> list[tuple[str, bool]]:
        parts, place = [], 0
        for start, end in self.spans:
            parts += [(self.text[place:start], False), (self.text[start:end], True)]
            place = end
        return [*parts, (self.text[place:], False)]

    def __repr__(self) -> str:
        return "".join(f"⟦{part}⟧" if inside else part for part, inside in self._parts())

    def _repr_html_(self) -> str:
        from html import escape

        mark = '<mark style="background:#fbe6bf;color:#000;border-bottom:2px solid #D55E00">'
        shown = (f"{mark}{escape(part)}</mark>" if inside else escape(part) for part, inside in self._parts())
        return f'<div style="white-space:pre-wrap">{"".join(shown)}</div>'


def marked(text: str, spans: Sequence[tuple[int, int]]) -> Marked:
    """A text with the spans (start, end), in characters, marked. Raises ValueError if they overlap."""
    return Marked(text, spans)


def lattice(
    word: str, edges: Sequence[tuple[int, int, float]], best: Sequence[tuple[int, int]], title: str, unit: str = "bits"
) -> Figure:
    """All tokens that fit into a word as arcs over it, each with its cost; the arcs of the `best` path are thick.

    An edge is (start, end, cost), counted in places: 0 is before the first character.
    """
    import numpy as np

    fig, axis = figure(1.5 * len(word) + 1.2, 4.4)
    turn = np.linspace(0, np.pi, 60)
    for start, end, cost in edges:
        taken, middle, height = (start, end) in best, (start + end) / 2, 0.9 * (end - start)
        axis.plot(
            middle - (end - start) / 2 * np.cos(turn),
            height * np.sin(turn),
            zorder=2 if taken else 1,
            color=COLORS[3] if taken else "#8a8a8a",
            linewidth=3.5 if taken else 1.2,
        )
        axis.text(
            middle,
            height,
            f"{word[start:end]}  {cost:g}",
            ha="center",
            va="center",
            fontsize=10,
            zorder=3,
            family="monospace",
            weight="bold" if taken else "normal",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        )
    axis.plot(range(len(word) + 1), [0] * (len(word) + 1), "o", color=COLORS[0], markersize=9, zorder=4)
    for at, character in enumerate(word):
        axis.text(at + 0.5, -0.28, character, ha="center", va="center", fontsize=15, family="monospace")
    axis.set(
        title=title,
        xlabel="place in the word",
        ylabel=f"tokens that fit, with their cost ({unit})",
        yticks=[],
        xticks=range(len(word) + 1),
        ylim=(-0.55, 0.9 * max(end - start for start, end, _ in edges) + 0.4),
    )
    axis.spines["left"].set_visible(False)
    return fig


# --- 05 ---


def who_may_look(
    masks: Sequence[np.ndarray],
    titles: Sequence[str],
    queries: Sequence[Sequence[str]],
    keys: Sequence[Sequence[str]],
    ylabel: str = "who looks (query)",
    xlabel: str = "at whom (key)",
) -> Figure:
    """One grid per boolean (queries x keys) mask: a filled cell with a dot where the query may look, else an empty one.

    Each mask has its own names for rows and columns.
    """
    import numpy as np

    widths = [1.5 + 0.42 * len(names) for names in keys]
    height = 1.6 + 0.36 * max(len(names) for names in queries)
    fig, axes = figure(sum(widths), height, 1, len(masks), width_ratios=widths)
    for axis, mask, title, rows, columns in zip(np.atleast_1d(axes), masks, titles, queries, keys, strict=True):
        for (i, j), allowed in np.ndenumerate(np.asarray(mask, dtype=bool)):
            axis.add_patch(_cell(j, i, COLORS[0] if allowed else "#bbbbbb", "-" if allowed else ":", allowed))
            if allowed:
                axis.plot(j, i, "o", color=COLORS[0], markersize=4)
        axis.set_xticks(range(len(columns)), columns, rotation=90)
        axis.set_yticks(range(len(rows)), rows)
        axis.set(
            title=title,
            xlabel=xlabel,
            ylabel=ylabel,
            aspect="equal",
            xlim=(-0.6, len(columns) - 0.4),
            ylim=(len(rows) - 0.4, -0.6),
        )
        axis.tick_params(length=0)
        for spine in axis.spines.values():
            spine.set_visible(False)
    return fig


def block_stacks(stacks: Mapping[str, Sequence[str]], memory: tuple[int, int, int] | None, title: str) -> Figure:
    """Blocks as stacks of boxes, the first sublayer at the bottom; equal sublayers have equal colors.

    `memory` is (from stack, to stack, to box): an arrow from the top of one stack into a box of another.
    """
    from matplotlib.patches import FancyBboxPatch

    names = list(dict.fromkeys(name for boxes in stacks.values() for name in boxes))
    tallest = max(len(boxes) for boxes in stacks.values())
    fig, axis = figure(2.6 * len(stacks), 1.5 + 0.62 * tallest)
    for x, (label, boxes) in enumerate(stacks.items()):
        for y, name in enumerate(boxes):
            axis.add_patch(
                FancyBboxPatch(
                    (x - 0.36, y - 0.3),
                    0.72,
                    0.6,
                    boxstyle="round,pad=0.02",
                    linewidth=1.5,
                    edgecolor=COLORS[names.index(name) % 6],
                    facecolor=COLORS[names.index(name) % 6] + "33",
                )
            )
            axis.text(x, y, name, ha="center", va="center", fontsize=9)
            axis.annotate("", (x, y - 0.33), (x, y - 0.67), arrowprops={"arrowstyle": "->", "color": "#555555"})
        axis.annotate(
            "", (x, len(boxes) - 0.25), (x, len(boxes) - 0.67), arrowprops={"arrowstyle": "->", "color": "#555555"}
        )
        axis.text(x, -0.95, label, ha="center", va="center", weight="bold", fontsize=10)
    if memory:
        start, end, box = memory
        axis.annotate(
            "",
            (end - 0.4, box),
            (start, len(list(stacks.values())[start]) - 0.2),
            arrowprops={
                "arrowstyle": "->",
                "color": COLORS[3],
                "linewidth": 2,
                "connectionstyle": "angle3,angleA=0,angleB=60",
            },
        )
        axis.text((start + end) / 2 - 0.05, tallest - 0.2, "memory", color=COLORS[3], ha="center", fontsize=9)
    axis.set(title=title, xlim=(-0.5, len(stacks) - 0.5), ylim=(-1.2, tallest + 0.1), xticks=[], yticks=[])
    axis.set_ylabel("from the input up")
    for spine in axis.spines.values():
        spine.set_visible(False)
    return fig


def stream_lengths(
    panels: Mapping[str, tuple[Sequence[float], Sequence[float], Sequence[float]]], title: str
) -> Figure:
    """Per model one panel: for each block how long the vectors are that attention and feed-forward add (bars), and how
    long the stream is behind the block (line).
    """
    import numpy as np

    fig, axes = figure(4.9 * len(panels), 3.5, 1, len(panels))
    axes = np.atleast_1d(axes)
    for axis, (name, (attended, transformed, stream)) in zip(axes, panels.items(), strict=True):
        places = range(len(stream))
        axis.bar([p - 0.2 for p in places], attended, 0.38, color=COLORS[0], label="attention adds")
        axis.bar(
            [p + 0.2 for p in places],
            transformed,
            0.38,
            color=COLORS[1],
            hatch="//",
            edgecolor="white",
            label="feed-forward adds",
        )
        axis.plot(places, stream, "o-", color=COLORS[7], markersize=4, label="stream behind the block")
        axis.set(title=name, xlabel="block", xticks=places, ylim=(0, max(stream) * 1.5))
        axis.legend(frameon=False, fontsize=9, loc="upper left")
    axes[0].set_ylabel("length of the vector (median token)")
    fig.suptitle(title)
    return fig


def interventions(groups: Mapping[str, Mapping[str, Sequence[float]]], title: str) -> Figure:
    """Per group one panel: for each intervention the change of loss on every text (dots) and their mean (bar)."""
    import numpy as np

    fig, axes = figure(4.6 * len(groups), 3.4, 1, len(groups), sharey=True)
    axes = np.atleast_1d(axes)
    for axis, (name, changes) in zip(axes, groups.items(), strict=True):
        for place, ((_, values), color) in enumerate(zip(changes.items(), COLORS, strict=False)):
            spots = [place + 0.18 * (k / max(len(values) - 1, 1) - 0.5) for k in range(len(values))]
            axis.plot(spots, values, "o", color=color, alpha=0.55, markersize=5)
            axis.hlines(sum(values) / len(values), place - 0.3, place + 0.3, color=color, linewidth=3)
        axis.axhline(0, color=COLORS[7], linewidth=0.8, linestyle=":")
        axis.set_xticks(range(len(changes)), list(changes))
        axis.set(title=name, xlabel="what the head does instead", xlim=(-0.6, len(changes) - 0.4))
    axes[0].set_ylabel("change of the loss (nats per token)")
    fig.suptitle(title)
    return fig


# --- further/attention_numerics ---


def growth(
    sizes: Sequence[int], panels: Mapping[str, Mapping[str, Sequence[float]]], units: Sequence[str], xlabel: str
) -> Figure:
    """Per panel some quantities over a size, both axes logarithmic, with a dotted line that grows with the square."""
    import numpy as np

    fig, axes = figure(4.6 * len(panels), 3.5, 1, len(panels))
    for axis, (name, series), unit in zip(np.atleast_1d(axes), panels.items(), units, strict=True):
        for (label, values), marker, style in zip(series.items(), "os^D", ["-", "--", "-.", ":"], strict=False):
            axis.plot(sizes, values, style, marker=marker, markersize=5, label=label)
        first = max(values[0] for values in series.values())
        axis.plot(
            sizes,
            [first * (size / sizes[0]) ** 2 for size in sizes],
            ":",
            color=COLORS[7],
            linewidth=1,
            label="the square of the size",
        )
        axis.set_xscale("log", base=2)
        axis.set_yscale("log")
        axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axis.minorticks_off()
        axis.set(title=name, xlabel=xlabel, ylabel=unit)
        axis.legend(frameon=False, fontsize=9)
    return fig


# --- further/training_tokenizers ---


def work_per_merge(work: Mapping[str, Sequence[int]]) -> Figure:
    """Pairs looked at (log scale) for each merge of BPE training, one line per way of counting."""
    fig, axis = figure(7.0, 3.4)
    for (name, counts), style, color in zip(work.items(), ["-", ".-"], [COLORS[3], COLORS[0]], strict=False):
        axis.plot(range(1, len(counts) + 1), counts, style, color=color, linewidth=1.2, markersize=4, label=name)
    axis.set(title="What one merge costs", xlabel="merge", ylabel="pairs looked at (log scale)", yscale="log")
    axis.set_ylim(top=8 * max(map(max, work.values())))  # room for the legend
    axis.legend(frameon=False, loc="upper right", ncols=len(work))
    return fig


def em_steps(log_likelihoods: Sequence[float], tokens: Sequence[int]) -> Figure:
    """Log-likelihood (nats per word) over the steps of EM; a new color and its size wherever tokens were pruned."""
    fig, axis = figure(8.0, 3.8)
    steps = range(len(tokens))
    axis.plot(steps, log_likelihoods, ":", color="#8a8a8a", linewidth=1, zorder=1)
    starts = [step for step in steps if step == 0 or tokens[step] != tokens[step - 1]]
    for k, (start, end) in enumerate(zip(starts, [*starts[1:], len(tokens)], strict=True)):
        color = COLORS[[0, 3][k % 2]]
        axis.plot(steps[start:end], log_likelihoods[start:end], "o-", color=color, markersize=5)
        axis.annotate(
            f"{tokens[start]:,}",
            (start, log_likelihoods[start]),
            xytext=(0, -14),
            color=color,
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    axis.margins(y=0.15)
    axis.set(
        title="EM lifts the likelihood, pruning lowers it",
        xlabel="step of EM (below each tooth: tokens left)",
        ylabel="log-likelihood (nats per word)",
    )
    return fig


def shares_drawn(cuts: Sequence[str], expected: Sequence[float], drawn: Sequence[float]) -> Figure:
    """For each cut of a word its probability (bar) and its share among the draws (dot), the most probable on top."""
    order = sorted(range(len(cuts)), key=lambda at: -expected[at])
    fig, axis = figure(7.0, 1.2 + 0.28 * len(cuts))
    places = range(len(cuts))
    axis.barh(places, [expected[at] for at in order], color=COLORS[5], label="probability")
    axis.plot([drawn[at] for at in order], places, "D", color=COLORS[3], markersize=6, label="share of the draws")
    axis.set_yticks(places, [cuts[at] for at in order], family="monospace")
    axis.invert_yaxis()
    axis.set(title="Drawn as often as probable", xlabel="share", ylabel="cut")
    axis.legend(frameon=False, loc="lower right")
    return fig


# --- 09 ---


def surprise_lines(texts: Mapping[str, Sequence[float]], title: str) -> Figure:
    """One panel per text: the surprise of each token in bits, and their mean as a dashed line."""
    fig, axes = figure(9, 1.1 + 1.25 * len(texts), len(texts), 1, squeeze=False, sharex=True, sharey=True)
    for axis, (name, bits), color in zip(axes[:, 0], texts.items(), COLORS, strict=False):
        axis.bar(range(len(bits)), bits, color=color)
        axis.axhline(sum(bits) / len(bits), color=COLORS[7], linestyle="--", linewidth=1)
        axis.set_title(f"{name}: mean {sum(bits) / len(bits):.1f} bits", fontsize=10)
    axes[len(texts) // 2, 0].set_ylabel("surprise (bits)")
    axes[-1, 0].set_xlabel("token")
    fig.suptitle(title)
    return fig


def window_coverage(ways: Mapping[str, Sequence[tuple[int, int, int]]], tokens: int, title: str) -> Figure:
    """One panel per way to cut a text of `tokens` tokens into windows (start, first counted, end), a row per window.

    Counted tokens are filled, those that are only context are gray and empty.
    """
    fig, axes = figure(
        4.0 * len(ways), 0.9 + 0.3 * max(map(len, ways.values())), 1, len(ways), squeeze=False, sharey=True
    )
    for axis, (name, windows) in zip(axes[0], ways.items(), strict=True):
        for row, (start, counted, end) in enumerate(windows):
            for place in range(start, end):
                own = place >= counted
                axis.add_patch(_cell(place, row, COLORS[0] if own else "#999999", "-" if own else ":", own))
        axis.set(title=name, xlabel="token", xlim=(-0.7, tokens - 0.3), xticks=range(0, tokens, 4))
    rows = range(max(map(len, ways.values())))
    axes[0, 0].set(ylabel="window", ylim=(len(rows) - 0.4, -0.6), yticks=rows, yticklabels=[row + 1 for row in rows])
    fig.suptitle(title)
    return fig


def leanings(rows: Mapping[str, Sequence[float]], title: str, xlabel: str) -> Figure:
    """One row per word: a small dot for each value, a bar at their mean, and a dotted line at 0."""
    fig, axis = figure(7.5, 1.1 + 0.3 * len(rows))
    for place, values in enumerate(rows.values()):
        axis.plot(values, [place] * len(values), "o", color=COLORS[5], alpha=0.8, markersize=5)
        axis.plot([sum(values) / len(values)], [place], "|", color=COLORS[3], markersize=14, markeredgewidth=3)
    axis.axvline(0, color=COLORS[7], linestyle=":", linewidth=1.2)
    axis.set_yticks(range(len(rows)), list(rows))
    axis.invert_yaxis()
    axis.set(title=title, xlabel=xlabel, ylabel="word in the sentence")
    return fig


# --- 07 ---


def reliability(panels: Mapping[str, Sequence[tuple[float, float, int]]], title: str) -> Figure:
    """One panel per set of answers: per bin its mean confidence, its share of right answers, and how many there are.

    Bins on the diagonal keep what they promise; below it the model is too sure. The area of a dot grows with its count.
    """
    fig, axes = figure(4.4 * len(panels), 3.9, 1, len(panels), squeeze=False, sharey=True)
    for axis, (name, bins) in zip(axes[0], panels.items(), strict=True):
        axis.plot([0, 1], [0, 1], ":", color=COLORS[7], linewidth=1.2, label="kept promises")
        for confidence, share, _ in bins:
            axis.plot([confidence, confidence], [share, confidence], color=COLORS[3], linewidth=2, alpha=0.6)
        most = max(count for _, _, count in bins)
        axis.scatter(
            [c for c, _, _ in bins],
            [s for _, s, _ in bins],
            s=[20 + 180 * n / most for _, _, n in bins],
            color=COLORS[0],
            edgecolor="white",
            zorder=3,
            label="a bin (area: reviews in it)",
        )
        axis.set(title=name, xlabel="mean confidence", xlim=(0.48, 1.02), ylim=(0, 1.05))
        axis.legend(frameon=False, fontsize=9, loc="lower right")
    axes[0, 0].set_ylabel("share of right answers")
    fig.suptitle(title)
    return fig


def token_scores(tokens: Sequence[str], scores: Mapping[str, Sequence[float]], title: str) -> Figure:
    """One panel per way of scoring, one bar per token: upward for the positive label, downward for the negative."""
    size = max(7.0, 0.42 * len(tokens)), 1.9 * len(scores) + 0.9
    fig, axes = figure(*size, len(scores), 1, squeeze=False, sharex=True)
    for axis, (name, values) in zip(axes[:, 0], scores.items(), strict=True):
        bars = axis.bar(range(len(tokens)), values, color=[COLORS[0] if v > 0 else COLORS[3] for v in values])
        for bar, value in zip(bars, values, strict=True):
            bar.set_hatch("" if value > 0 else "//")
        axis.axhline(0, color=COLORS[7], linewidth=0.8)
        axis.set(title=name, ylabel="− negative, positive +")
    axes[-1, 0].set_xticks(range(len(tokens)), tokens, rotation=60, ha="right", rotation_mode="anchor", fontsize=9)
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

    `series` gives for each label the runs at each place; `reference` is a (value, label) for a dotted line.
    """
    fig, axis = figure(7.0, 4.0)
    styles = zip(COLORS, "osD^", ["-", "--", "-.", ":"], strict=False)
    for number, ((name, places), (color, marker, style)) in enumerate(zip(series.items(), styles, strict=False)):
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
    axis.legend(frameon=False, fontsize=9)
    return fig


# --- further/more_decoding ---


def kept_tokens(bits: Sequence[float], kept: Mapping[str, Sequence[int]], title: str) -> Figure:
    """A mark per place and way to cut: how many tokens stay (log scale), over the entropy there in bits."""
    fig, axis = figure(7.0, 3.8)
    for (name, counts), (size, marker) in zip(kept.items(), [(3, "o"), (5, "s"), (9, "^"), (11, "D")], strict=False):
        axis.plot(bits, counts, marker, markersize=size, fillstyle="none", label=name)
    axis.set(title=title, yscale="log", xlabel="entropy of the next token (bits)", ylabel="tokens left (log scale)")
    axis.legend(frameon=False, fontsize=9)
    return fig


def quality_diversity(curves: Mapping[str, np.ndarray], title: str) -> Figure:
    """Per method a line through its settings: the groups' mean diversity and quality, with 95 % intervals (normal).

    Each curve is an array (2, settings, groups): diversity, then quality.
    """
    fig, axis = figure(7.6, 4.2)
    for (name, curve), marker, style in zip(curves.items(), "osD^v", ["-", "--", "-.", ":", "-"], strict=False):
        x, y = curve.mean(-1)
        reach = 1.96 * curve.std(-1, ddof=1) / curve.shape[-1] ** 0.5
        axis.errorbar(x, y, reach[1], reach[0], fmt=style, marker=marker, markersize=5, elinewidth=0.8, label=name)
    axis.set(
        title=title,
        xlabel="diversity: share of different token pairs in a group",
        ylabel="quality: judge's mean log₂ p",
    )
    axis.legend(frameon=False, fontsize=9, loc="lower left")
    return fig


def lens_grid(
    tokens: Sequence[Sequence[str]], ranks: np.ndarray, rows: Sequence[str], columns: Sequence[str], title: str
) -> Figure:
    """Depths (input at the bottom) x places: the token read there; the darker, the nearer the final answer to 1."""
    import numpy as np

    scale = np.log10(ranks)
    fig, axis = figure(1.6 + 0.92 * len(columns), 1.7 + 0.36 * len(rows))
    drawn = axis.imshow(scale, cmap="Blues_r", vmin=0, aspect="auto", origin="lower")
    for (i, j), value in np.ndenumerate(scale):
        dark = value < 0.45 * max(scale.max(), 1)
        axis.text(
            j,
            i,
            tokens[i][j],
            ha="center",
            va="center",
            fontsize=8,
            family="monospace",
            color="white" if dark else "black",
            weight="bold" if ranks[i][j] == 1 else "normal",
        )
    axis.set_xticks(range(len(columns)), columns, family="monospace")
    axis.set_yticks(range(len(rows)), rows)
    axis.set(title=title, xlabel="token read last", ylabel="read behind")
    fig.colorbar(drawn, ax=axis, label="log₁₀ of the final answer's rank")
    return fig
