"""Interactive views: one Python file and one JavaScript file each, all built on `helpers.show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helpers.show import image

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def still(figure: Figure, alt: str) -> str:
    """HTML of a figure for the form of a view that cannot live: an image, and `alt` for those who cannot see it."""
    from helpers import plots

    return image(plots.picture(figure, alt)["image/png"], alt, round(figure.get_figwidth() * plots.DPI))


def drawable(name: str, otherwise: object) -> str:
    """A name as matplotlib can draw it beside an axis, or what to write `otherwise`."""
    from helpers import plots

    return name.replace("$", r"\$") if plots.can_draw(name) else str(otherwise)


def label(tokenizer: Any, token: int) -> str:
    """A token as it is written into a box, with visible spaces. A piece of a character is as the vocabulary has it."""
    text = tokenizer.decode([token]).replace(" ", "␣").replace("\n", "⏎")
    return text if text and "\ufffd" not in text else tokenizer.convert_ids_to_tokens(token)
