"""What the figures share: the colors, a Figure in the course's style, how it is shown, and small pieces of drawing.

Colors are Okabe and Ito's palette (2008), which readers with the common color vision deficiencies can tell apart.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage
    from matplotlib.patches import Rectangle

COLORS = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#000000"]
GRAY = "#767676"
DPI = 110


def figure(width: float = 7.0, height: float = 3.6, rows: int = 1, columns: int = 1, **kwargs: Any):
    """A Figure of `width` x `height` inches and its axes, in the course's style and without pyplot's state.

    Further options are those of `Figure.subplots`, which also says what the axes are: one, or an array of them.
    """
    # Imported here: a lesson that draws nothing need not wait for matplotlib.
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
    show_bundle(picture(fig, alt), alt)


def show_bundle(bundle: dict[str, object], alt: str) -> None:
    """Display a MIME bundle, and `alt` in italics under it."""
    from IPython.display import Markdown, display

    display(bundle, raw=True)
    display(Markdown(f"*{alt}*"))


def picture(fig: Figure, alt: str) -> dict[str, object]:
    """The MIME bundle of a figure: a PNG, and `alt` where only text can be shown."""
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})  # the same bytes from every version
    return {"image/png": buffer.getvalue(), "text/plain": alt}


def styles() -> Iterator[tuple[str, str, str]]:
    """A (color, marker, line style) for each of any number of series, so that color never tells them apart alone."""
    return zip(cycle(COLORS), cycle("osD^v"), cycle(["-", "--", "-.", ":"]), strict=False)


def legend(axis: Axes, **kwargs: Any) -> None:
    """A legend without a frame; where it cannot avoid a curve, the curve fades behind its words."""
    axis.legend(**{"fontsize": 9, "framealpha": 0.8, "edgecolor": "none"} | kwargs)


def hide_spines(axis: Axes) -> None:
    """Take away the frame of a panel whose cells already have edges."""
    for spine in axis.spines.values():
        spine.set_visible(False)


def token_names(axis: Axes, tokens: Sequence[str]) -> None:
    """Name the places 0, 1, 2, … of the x axis after tokens, slanted so that long ones do not collide."""
    axis.set_xticks(range(len(tokens)), tokens, rotation=60, ha="right", rotation_mode="anchor", fontsize=9)


def cell(x: float, y: float, color: str, filled: bool) -> Rectangle:
    """A square around (x, y): tinted with a solid edge if `filled`, else empty with a dotted one."""
    from matplotlib.patches import Rectangle

    return Rectangle(
        (x - 0.46, y - 0.46),
        0.92,
        0.92,
        edgecolor=color,
        linestyle="-" if filled else ":",
        linewidth=1.6 if filled else 1,
        facecolor=color + "33" if filled else "none",
    )


def ink(image: AxesImage, value: float) -> str:
    """Black or white, whichever can be read on the color of `value` in `image`; black where NaN leaves a gap."""
    red, green, blue, opacity = image.cmap(image.norm(value))
    # relative luminance (WCAG 2.2, with 2.2 for its piecewise exponent); at 0.18 both inks have the same contrast
    luminance = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
    return "white" if opacity and luminance < 0.18 else "black"
