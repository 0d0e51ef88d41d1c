"""Schematics: `drawing("attention")` shows how a mechanism works before it is computed. `NAMES` lists them all.

Each is one function, in a module named for what it explains: `text` (from text to ids and back), `learning`, `model`,
`writing` or `finding`.
"""

from __future__ import annotations

from collections.abc import Callable

from helpers.plots.drawings import finding, learning, model, text, writing
from helpers.plots.drawings.sketch import Sketch
from helpers.plots.style import show_bundle
from helpers.show import image

DRAWINGS: dict[str, Callable[..., Sketch]] = {
    name: function
    for module in (text, learning, model, writing, finding)
    for name, function in vars(module).items()
    if getattr(function, "__module__", "") == module.__name__ and not name.startswith("_")
}
NAMES = sorted(DRAWINGS)


def drawing(name: str, **given) -> None:
    """Show the schematic `name`, and under it the sentence that carries its message. Raises ValueError with all names.

    What is `given` goes to its function: `drawing("loop", tokenizer=tokenizer, prompt=prompt)` cuts your own prompt.

    JupyterLab draws `image/svg+xml` only in a notebook that it trusts, and it does not trust a stored notebook until it
    is run. An <img> is drawn in any notebook, and by Colab and on exported pages, too. All of them prefer HTML to a
    bare SVG, which is there for viewers that can show only images.
    """
    if name not in DRAWINGS:
        raise ValueError(f"there is no drawing {name!r}; there are {', '.join(NAMES)}")
    sketch = DRAWINGS[name](**given)
    svg = sketch.svg()
    html = image(svg, sketch.alt, round(sketch.width))
    show_bundle({"text/html": html, "image/svg+xml": svg, "text/plain": sketch.alt}, sketch.alt)
