"""Explorers without a kernel: on the website, a static form becomes live, with the model in the reader's tab.

`mount.js` explains how a page and the modules of this folder work together. `alive` marks a static form that can become
live, which is possible only for a model that comes with the page. A view of a reader's own model stays a picture.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from helpers.explorers import engine
from helpers.show import Static, named, together

HERE = Path(__file__).parent
CHECKPOINTS = {  # by the model's class: which checkpoint, and the prefix that its weights' names have there
    "GPT2LMHeadModel": ("storybook-gpt2", ""),
    "GPT2Model": ("storybook-gpt2", "transformer."),
    "BertForMaskedLM": ("storybook-bert", ""),
    "BertModel": ("storybook-bert", "bert."),
}
ASSETS = HERE.parents[1] / "assets"


def alive(static: Static, call: Mapping[str, Any] | None) -> Static:
    """`static` with the mark that makes the view of `call` live on a page, if there is a call."""
    if call is None:
        return static
    told = escape(json.dumps(call, ensure_ascii=False))
    return Static(f'<div data-explorer="{told}">{static.html}</div>', static.text)


def bundled(model: Any, tokenizer: Any) -> str | None:
    """The name of the bundled checkpoint that `model` and `tokenizer` equal, number by number, or None."""
    import torch
    from safetensors.torch import load_file

    name, prefix = CHECKPOINTS.get(type(model).__name__, (None, ""))
    if name is None or Path(getattr(model.config, "name_or_path", "")).name != name:
        return None
    own = model.state_dict()
    for key, array in load_file(ASSETS / name / "model.safetensors").items():
        if key.startswith(prefix):
            weight = own.get(key.removeprefix(prefix))
            if weight is None or weight.dtype != torch.float32 or not torch.equal(weight.cpu(), array.float()):
                return None
    vocabulary = json.loads((ASSETS / name / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    same = all(tokenizer.convert_tokens_to_ids(token) == i for token, i in vocabulary.items())
    return name if same else None


def plain(value: Any) -> Any:
    """A view's data in a form that JSON can hold: bytes at any depth as {"base64": …}, which `bytes.js` decodes."""
    if isinstance(value, bytes):
        return {"base64": b64encode(value).decode("ascii")}
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list | tuple) else value


def views() -> list[str]:
    """The explorers that can run in a tab."""
    return sorted(path.stem for path in HERE.glob("*.js") if (HERE.parent / path.name).is_file())


def script() -> str:
    """One plain script with all that a page needs, except the checkpoints, which are beside it as `NAME.js`."""
    names = views()
    parts = [HERE / "mount.js", *(folder / f"{name}.js" for name in names for folder in (HERE, HERE.parent))]

    def module(path: Path) -> str:
        return f"modules[{json.dumps(named(path))}]"

    each = ", ".join(
        f"{json.dumps(name)}: {{ draw: {module(HERE.parent / f'{name}.js')}.default, "
        f"open: {module(HERE / f'{name}.js')}.open }}"
        for name in names
    )
    return f"""(() => {{
const base = new URL(".", document.currentScript.src).href;
const modules = {together(parts)};
const worker = {engine.in_script(engine.worker())};
globalThis.courseTab = {module(HERE / "mount.js")}.begin({{ views: {{ {each} }}, worker, base }});
}})();
"""
