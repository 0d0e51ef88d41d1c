"""What every interactive view is built on: a live view where one can live, beside a static one that always shows.

One output carries three forms: the live view (anywidget), HTML without any script, and plain text. A front end
takes the first that it can draw; nbconvert's pages, GitHub and a notebook that was never run show a static one.
"""

from __future__ import annotations

import json
import os
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from helpers import runtime

BASE = Path(__file__).with_suffix(".js")
LIVE_VIEW = "application/vnd.jupyter.widget-view+json"
INK, PAPER, LINE = "var(--ink, #1f1f1f)", "var(--paper, #ffffff)", "var(--line, #c9c9c9)"
"""Colors of an SVG that follow the theme in a live view, and are dark on white anywhere else."""
IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "(\.[^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|class|(?:async )?function\*?) (\w+))", re.MULTILINE)
DEFAULT = "\nexport default {"
Callback = Callable[[Any, Any], str | None]
Answer = Callable[[Mapping[str, Any]], tuple[Mapping[str, Any], str]]


@dataclass(frozen=True, repr=False)
class Static:
    """What shows where nothing can live: HTML that needs neither script nor style sheet, and plain text."""

    html: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}


def module(script: Path) -> str:
    """A module and all that it imports as one module with the same exports: the one text that anywidget takes."""
    text = script.read_text("utf-8")
    names = EXPORT.findall(text)
    exported = ["export default exported.default;\n"] if DEFAULT in text else []
    exported += [f"export const {{ {', '.join(names)} }} = exported;\n"] if names else []
    return f"const exported = {joined(script)};\n{''.join(exported)}"


def joined(script: Path) -> str:
    """A module and all that it imports as one expression, whose value is what the module exports."""
    return f"{together([script])}[{json.dumps(named(script))}]"


def named(script: Path) -> str:
    """A module's name among others: its place in `helpers`."""
    return Path(os.path.relpath(script.resolve(), BASE.parent.resolve())).as_posix()


def together(scripts: Iterable[Path]) -> str:
    """Several modules and all that they import as one expression: their exports by `named`, `default` among them.

    Each module becomes a function, so the same name in two of them is not an error.
    """
    parts: dict[Path, str] = {}  # in the order in which they can run

    def add(path: Path) -> None:
        text = path.read_text("utf-8")
        for _, place in IMPORT.findall(text):
            if (needed := (path.parent / place).resolve()) not in parts:
                add(needed)

        def from_modules(match: re.Match[str]) -> str:
            return f"const {{ {match[1]} }} = modules[{json.dumps(named(path.parent / match[2]))}];\n"

        exported = ", ".join(EXPORT.findall(text) + ["default: $default"] * (DEFAULT in text))
        text = IMPORT.sub(from_modules, text).replace(DEFAULT, "\nconst $default = {")
        body = f"{EXPORT.sub('', text)}\nreturn {{ {exported} }};"
        parts[path] = f"modules[{json.dumps(named(path))}] = (() => {{\n{body}\n}})();\n"

    for script in scripts:
        if script.resolve() not in parts:
            add(script.resolve())
    return f'(() => {{\n"use strict";\nconst modules = {{}};\n{"".join(parts.values())}return modules;\n}})()'


@cache
def live_view() -> type:
    """The class `LiveView`, made on first use: importing anywidget takes a while. Raises ImportError without it."""
    import anywidget
    import traitlets

    class LiveView(anywidget.AnyWidget):
        """A view drawn by one JavaScript module from `data`; what the reader does comes back as `state`.

        The module is the view's own script behind `show.js`. `data` may hold bytes, at any depth: they travel as bytes.
        `reply` is what Python answers to a `state` that asks for something, with that question's number as `ask`.
        `live` turns true when a front end has built the model (the module's `initialize` says so): never under
        papermill or nbval. `note` is one line at the view's foot; an error in a callback ends up there too.
        """

        _ipython_display_ = None  # else ipywidgets 7 shows the live view alone, and drops the static forms

        data = traitlets.Dict().tag(sync=True)
        state = traitlets.Dict().tag(sync=True)
        reply = traitlets.Dict().tag(sync=True)
        live = traitlets.Bool(False).tag(sync=True)
        note = traitlets.Unicode("").tag(sync=True)

        def __init__(self, static: Static, script: Path, data: Mapping[str, Any], **state: Any) -> None:
            self._static = static
            self._esm = module(script)  # anywidget makes a synchronized trait of it
            super().__init__(data=dict(data), **state)

        def __repr__(self) -> str:
            return repr(self._static)  # anywidget's own holds a memory address: no two runs would agree

        def _repr_mimebundle_(self, **options: object) -> tuple[dict[str, Any], dict[str, Any]]:
            live, metadata = super()._repr_mimebundle_(**options)
            return {**live, **self._static._repr_mimebundle_()}, metadata

        def on(self, trait: str, callback: Callback) -> None:
            """Call `callback(old, new)` whenever `trait` changes; the line it returns, if any, becomes the note."""

            def changed(change: Mapping[str, Any]) -> None:
                try:
                    line = callback(change["old"], change["new"])
                except Exception as error:  # nobody reads a kernel's log: the view shows it
                    line = f"{type(error).__name__}: {error}"
                if line is not None:
                    self.note = line

            self.observe(changed, names=trait)

        def answer(self, answer: Answer) -> None:
            """Reply to each `state` by what `answer(state)` returns: data, and a line that becomes the note."""

            def asked(_: Any, state: Mapping[str, Any]) -> None:
                data, line = answer(state)
                with self.hold_sync():  # one message: a note that comes without its answer is an error
                    self.reply, self.note = {"ask": state["ask"], **data}, line

            self.on("state", asked)

    return LiveView


def view(
    static: Static, script: Path, data: Mapping[str, Any], answer: Answer | None = None, note: str = "", **on: Callback
) -> Any:
    """A live view, or `static` alone without a kernel or without anywidget.

    `answer` replies to what the view asks; `note` is the line at its foot at first; `on` are other callbacks by trait.
    """
    if not runtime.in_notebook():
        return static
    try:
        made = live_view()(static, script, data, note=note)
    except ImportError:
        return static
    if answer:
        made.answer(answer)
    for trait, callback in on.items():
        made.on(trait, callback)
    return made


@contextmanager
def running(model: Any, what: str = "cannot read this text") -> Iterator[None]:
    """What `model`, which may be of any kind, raises meanwhile becomes a ValueError of one line that says `what`."""
    try:
        yield
    except Exception as error:  # an index, a shape, an argument that it does not know: each model has its own
        raise ValueError(f"{type(model).__name__} {what}: {runtime.reason(error)}") from error


def tag(name: str, text: str = "", **attributes: object) -> str:
    """An SVG element as text, escaped; `_` in the name of an attribute stands for `-`."""
    written = "".join(f' {key.replace("_", "-")}="{escape(str(value))}"' for key, value in attributes.items())
    return f"<{name}{written}>{escape(text)}</{name}>"


def image(drawing: str | bytes, alt: str, width: int) -> str:
    """HTML of an SVG (text) or a PNG as an image: in a notebook that it does not trust, JupyterLab drops inline SVG."""
    kind, content = ("svg+xml", drawing.encode()) if isinstance(drawing, str) else ("png", drawing)
    source = f"data:image/{kind};base64,{b64encode(content).decode()}"
    return f'<img alt="{escape(alt)}" src="{source}" style="width:100%;max-width:{width}px">'


def inline(text: str) -> str:
    """HTML of a plain text in which `code`, *em* and **strong** are marked, and nothing else."""
    codes: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        codes.append(f"<code>{escape(match[1], quote=False)}</code>")
        return f"\0{len(codes) - 1}\0"

    marked = escape(re.sub(r"`([^`]+)`", put_aside, text), quote=False)
    marked = re.sub(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", r"<strong>\1</strong>", marked)
    marked = re.sub(r"(?<![\w*])\*(?=[^\s*])([^*]+?)(?<=[^\s*])\*(?![\w*])", r"<em>\1</em>", marked)
    return re.sub(r"\0(\d+)\0", lambda match: codes[int(match[1])], marked)
