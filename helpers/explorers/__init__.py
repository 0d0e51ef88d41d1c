"""Interactive views: one Python file and one JavaScript file each, all built on `helpers.show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helpers.show import image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

CUT = "\ufffd"  # what a decoder writes for bytes that are only a part of a character


def still(figure: Figure, alt: str) -> str:
    """HTML of a figure for the form of a view that cannot live: an image, and `alt` for those who cannot see it."""
    from helpers import plots

    return image(plots.picture(figure, alt)["image/png"], alt, round(figure.get_figwidth() * plots.DPI))


def drawable(name: str, otherwise: object) -> str:
    """A name as matplotlib can draw it beside an axis, or what to write `otherwise`."""
    from helpers import plots

    return name.replace("$", r"\$") if plots.can_draw(name) else str(otherwise)


def label(tokenizer: Any, token: int) -> str:
    """A token as it is written into a box, its spaces visible; a part of a character as its bytes: "byte E2"."""
    from helpers.reference.bpe import BYTE_OF

    text = tokenizer.decode([token]).replace(" ", "␣").replace("\n", "⏎")
    name = tokenizer.convert_ids_to_tokens(token)
    if name is None:  # the model has a row for it, and the tokenizer has not
        return f"token {token}"
    if (text and CUT not in text) or CUT in name:
        return text
    if not all(character in BYTE_OF for character in name):
        return name
    data = bytes(BYTE_OF[character] for character in name)
    return f"byte{'s' * (len(data) > 1)} {data.hex(' ').upper()}"


def labels(tokenizer: Any, ids: Sequence[int]) -> list[str]:
    """The tokens of a text, as `label` writes them; the bytes of a cut character say which one: "byte E2 of €"."""

    def whole(first: int, last: int) -> bool:
        return CUT not in tokenizer.decode(ids[first:last])

    names, first = [label(tokenizer, i) for i in ids], 0
    while first < len(ids):
        last = first + 1
        if not whole(first, last):
            ends = range(first + 2, min(first + 4, len(ids)) + 1)
            last = next((end for end in ends if whole(first, end)), last)
        if last > first + 1:
            character = tokenizer.decode(ids[first:last]).strip()
            names[first:last] = [f"{name} of {character}" for name in names[first:last]]
        first = last
    return names
