"""Interactive views: one Python file and one JavaScript file each, all built on `helpers.show`.

Where there is no kernel, `tab/NAME.js` computes in a browser's tab what NAME.py hands to the view. What it needs to know
is a *call*, a plain object that can be written into a page: each view's `call_of` makes it.
"""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.show import image

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def still(figure: Figure, alt: str) -> str:
    """HTML of a figure for the form of a view that cannot live: an image, and `alt` for those who cannot see it."""
    from helpers import plots

    return image(plots.picture(figure, alt)["image/png"], alt, round(figure.get_figwidth() * plots.DPI))


def bundled(model: Any, tokenizer: Any) -> str | None:
    """The name of the course's checkpoint that these two are, weights equal to the last bit; else None.

    A model that was trained further, or changed by hand, keeps its `name_or_path`: the weights decide.
    """
    import torch
    from safetensors.torch import load_file

    from helpers.checkpoints import ASSETS

    folder = Path(getattr(model, "name_or_path", ""))
    prefixes = {"GPT2LMHeadModel": "", "GPT2Model": "transformer.", "BertForMaskedLM": "", "BertModel": "bert."}
    prefix = prefixes.get(type(model).__name__)
    if folder.parent != ASSETS or prefix is None or Path(tokenizer.name_or_path) != folder:
        return None
    weights = model.state_dict()
    for name, stored in load_file(folder / "model.safetensors").items():
        if name.startswith(prefix):
            weight = weights[name.removeprefix(prefix)]
            if weight.dtype != torch.float32 or not torch.equal(weight.cpu(), stored.float()):
                return None
    return folder.name


def plain(value: Any) -> Any:
    """A view's data as JSON can write it: bytes at any depth as {"base64": …}; `tab/bytes.js` makes bytes of them again."""
    if isinstance(value, bytes):
        return {"base64": b64encode(value).decode("ascii")}
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list | tuple) else value


def drawable(name: str, otherwise: object) -> str:
    """A name as matplotlib can draw it beside an axis, or what to write `otherwise`."""
    from helpers import plots

    return name.replace("$", r"\$") if plots.can_draw(name) else str(otherwise)
