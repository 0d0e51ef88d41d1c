"""What the figures share: the colors, a Figure in the course's style, how it is shown, and small pieces of drawing.

Colors are Okabe and Ito's palette (2008), which readers with the common color vision deficiencies can tell apart; its
yellow is darkened and its black is a gray, because one of them cannot be seen on white and the other on a dark theme.
The background of a figure is transparent, and all words on it have that gray.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage
    from matplotlib.patches import Rectangle

COLORS = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#9A8700", "#767676"]
GRAY = COLORS[7]
"""Readable on white and on black: its contrast is 4.5 with white and 4.2 with JupyterLab's dark background."""
DARK = "#1f1f1f"
"""For words on a light tint."""
TINTS = ["#cfe5f3", "#fbe6bf", "#c5e9dc", "#f5d3bd", "#f3dce8", "#ececec"]
"""The first five colors and `GRAY`, lightened as backgrounds for words in `DARK`."""
DPI = 110


def figure(width: float = 7.0, height: float = 3.6, rows: int = 1, columns: int = 1, **kwargs: Any):
    """A Figure of `width` x `height` inches and its axes, in the course's style and without pyplot's state.

    Further options are those of `Figure.subplots`. They also decide whether the axes are one or an array of them.
    """
    # Imported here so that a lesson that draws nothing need not wait for matplotlib.
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 11}):
        fig = Figure(figsize=(width, height), layout="constrained", dpi=DPI)
        axes = fig.subplots(rows, columns, **kwargs)
    for axis in fig.axes:
        axis.set_prop_cycle(color=COLORS)
    return fig, axes


def side_by_side(count: int, width: float, height: float, **kwargs: Any) -> tuple[Figure, Sequence[Axes]]:
    """A Figure of `count` panels in one row, each `width` x `height` inches, and a list of their axes."""
    fig, axes = figure(width * count, height, 1, count, squeeze=False, **kwargs)
    return fig, list(axes[0])


def show(fig: Figure, alt: str) -> None:
    """Draw `fig`, and under it `alt`: the sentence that carries its message to readers who cannot see it."""
    show_bundle(picture(fig, alt), alt, {"image/png": {"width": round(fig.get_figwidth() * DPI)}})


def show_bundle(bundle: dict[str, object], alt: str, metadata: dict[str, object] | None = None) -> None:
    """Display a MIME bundle, and `alt` in italics under it."""
    from IPython.display import Markdown, display

    display(bundle, raw=True, metadata=metadata)
    display(Markdown(f"*{alt}*"))


def picture(fig: Figure, alt: str) -> dict[str, object]:
    """The MIME bundle of a figure: a PNG, and `alt` where only text can be shown.

    The PNG has twice as many pixels as are shown, so it stays sharp when a page is magnified. It has 256 colors,
    which makes it smaller than a PNG of normal size in all colors.
    """
    from PIL import Image  # matplotlib writes its PNGs with it

    fit_any_ground(fig)
    drawn, reduced = io.BytesIO(), io.BytesIO()
    fig.savefig(drawn, format="png", dpi=2 * DPI, transparent=True)
    colors = Image.open(drawn).quantize(256, method=Image.Quantize.FASTOCTREE)
    colors.save(reduced, "png", optimize=True)  # without any text, so that every version writes the same bytes
    return {"image/png": reduced.getvalue(), "text/plain": alt}


def fit_any_ground(fig: Figure) -> None:
    """Turn everything gray that matplotlib has left black: the words, axes, ticks, and legends of a figure."""
    from matplotlib.text import Text

    for axis in fig.axes:
        axis.tick_params(which="both", color=GRAY, labelcolor=GRAY)
        for spine in axis.spines.values():
            spine.set_edgecolor(GRAY)
    for text in fig.findobj(Text):
        if text.get_color() == "black":
            text.set_color(GRAY)


def styles() -> Iterator[tuple[str, str, str]]:
    """Yield a (color, marker, line style) for any number of series, so that they never differ in color alone."""
    return zip(cycle(COLORS), cycle("osD^v"), cycle(["-", "--", "-.", ":"]), strict=False)


def legend(axis: Axes, **kwargs: Any) -> None:
    """Add a legend without a frame, on the background of the figure."""
    axis.legend(**{"fontsize": 9, "frameon": False} | kwargs)


def hide_spines(axis: Axes) -> None:
    """Take away the frame of a panel whose cells already have edges."""
    for spine in axis.spines.values():
        spine.set_visible(False)


def token_names(axis: Axes, tokens: Sequence[str]) -> None:
    """Label the places 0, 1, 2, … of the x axis with tokens, slanted so that long ones do not collide."""
    axis.set_xticks(range(len(tokens)), tokens, rotation=60, ha="right", rotation_mode="anchor", fontsize=9)


def cell(x: float, y: float, color: str, filled: bool) -> Rectangle:
    """A square around (x, y): tinted with a solid edge if `filled`, otherwise empty with a dotted edge."""
    from matplotlib.patches import Rectangle

    return Rectangle(
        (x - 0.46, y - 0.46),
        0.92,
        0.92,
        edgecolor=color,
        linestyle="-" if filled else ":",
        linewidth=1.6 if filled else 1,
        facecolor=tint(color) if filled else "none",
    )


def tint(color: str, share: float = 0.2) -> str:
    """Return an opaque tint of #rrggbb for words in `DARK`: a `share` of the color, and white for the rest."""
    return "#" + "".join(f"{round(255 - share * (255 - int(color[k : k + 2], 16))):02x}" for k in (1, 3, 5))


def ink(image: AxesImage, value: float) -> str:
    """Return dark or white, whichever can be read on the color of `value` in `image`; gray where NaN leaves a gap."""
    red, green, blue, opacity = image.cmap(image.norm(value))
    if not opacity:
        return GRAY
    # relative luminance (WCAG 2.2, with 2.2 for its piecewise exponent); at 0.21 both inks have the same contrast
    luminance = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
    return "white" if luminance < 0.21 else DARK


def spread(places: np.ndarray, words: Sequence[str], width: float, height: float) -> np.ndarray:
    """Return places (words x 2) in inches on a page of `width` x `height`, moved apart until no two words overlap."""
    room = np.array([[0.085 * len(word) + 0.06, 0.18] for word in words])  # room for a bold word of 8 points, in inches
    low, high = room.max(0) / 2 + 0.05, np.array([width, height]) - room.max(0) / 2 - 0.05
    at = low + (places - places.min(0)) / np.ptp(places, axis=0) * (high - low)
    needed = (room[:, None] + room[None]) / 2
    above = np.triu(np.ones((len(words), len(words)))) * 2 - 1  # the way that two words at the same place move apart
    for _ in range(1000):
        apart = at[:, None] - at[None]
        overlap = needed - np.abs(apart)
        touching = ((overlap > 0).all(-1) & ~np.eye(len(words), dtype=bool))[..., None]
        if not touching.any():
            break
        away = np.where(apart == 0, above[..., None], np.sign(apart))
        at = np.clip(at + (touching * away * overlap * [0.05, 0.25]).sum(1), low, high)  # more up or down than sideways
    return at
