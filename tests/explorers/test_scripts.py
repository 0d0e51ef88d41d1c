"""Rules for every view: a module by itself, nothing is fetched, keys stay inside, motion can be off, a light import."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pygments.lexers import JavascriptLexer
from pygments.token import Comment, Name, String, Text

import helpers
from helpers import show
from helpers.explorers import engine, tab

HELPERS = Path(helpers.__file__).parent
# No views: what computes, in the page or in a worker, and what views get their numbers from there.
ENGINE = sorted([*engine.HERE.glob("*.js"), *tab.HERE.glob("*.js")])
SCRIPTS = sorted(p for p in HELPERS.rglob("*.js") if p != show.BASE and p not in ENGINE)
VIEWS = [p for p in SCRIPTS if "export default {" in p.read_text("utf-8")]  # the others are parts that views import
GLOBALS = """
Array Boolean DOMMatrix Date Float32Array Float64Array Int32Array JSON Map Math MutationObserver Number Object Promise
ResizeObserver Set String Uint32Array Uint8Array clearInterval clearTimeout document getComputedStyle matchMedia
setInterval setTimeout undefined window
"""
PAIRS = {"(": ")", "[": "]", "{": "}"}


# --- undefined names ----------------------------------------------------------------------------------


def undefined(script: str) -> set[str]:
    """Names that are used in a module and that nothing in it declares, imports or takes as a parameter.

    Scopes are not told apart: a name that is declared anywhere counts as declared everywhere. Pygments takes no braces
    inside the `${}` of a text.
    """
    tokens = [
        (kind, text.replace("${", "{"))
        for kind, text in JavascriptLexer().get_tokens(script)
        if kind not in Comment
        and not (kind in Text and not text.strip())
        and (kind not in String or kind in String.Interpol)
    ]
    texts = [part for kind, text in tokens for part in ([text] if kind in Name else text.split())]
    names = {text for kind, text in tokens if kind in Name and text.isidentifier()}
    texts = [part for text in texts for part in (list(text) if set(text) <= set("()[]{};,") else [text])]
    before, after = ["", *texts[:-1]], [*texts[1:], ""]

    def used(place: int) -> bool:  # not a property or a key
        key = after[place] == ":" and before[place] in ("{", ",")
        return texts[place] in names and not key and before[place] not in (".", "?.")

    def group(place: int) -> range:  # from the bracket at `place` to the one that closes it
        depth = 0
        for end in range(place, len(texts)):
            depth += (texts[end] in PAIRS) - (texts[end] in PAIRS.values())
            if not depth:
                return range(place, end + 1)
        raise AssertionError(f"{texts[place]} is not closed")

    closed_by = {group(place)[-1]: place for place, text in enumerate(texts) if text in PAIRS}
    declared: set[str] = set()
    for place, text in enumerate(texts):
        if text in ("import", "catch") and after[place] in PAIRS:
            parts = group(place + 1)
        elif text == "function":
            declared.add(after[place])
            parts = group(place + 2)
        elif text in ("const", "let"):
            parts, at = [], place + 1
            while True:  # one name or pattern after the other, up to where the statement or its head ends
                taken = group(at) if texts[at] in PAIRS else range(at, at + 1)
                parts += taken
                at = taken[-1] + 1
                while at < len(texts) and texts[at] not in (",", ";", "of", ")", "}"):
                    at = (group(at) if texts[at] in PAIRS else [at])[-1] + 1
                if at >= len(texts) or texts[at] != ",":
                    break
                at += 1
        elif text == "=>":
            parts = range(closed_by[place - 1], place) if before[place] == ")" else range(place - 1, place)
        elif text == "(" and texts[group(place)[-1] + 1 : group(place)[-1] + 2] == ["{"] and used(place - 1):
            declared.add(before[place])  # a method: name(parameters) {
            parts = group(place)
        else:
            continue
        declared |= {texts[part] for part in parts if used(part)}
    return {text for place, text in enumerate(texts) if used(place)} - declared - set(GLOBALS.split())


@pytest.mark.parametrize("path", [show.BASE, *SCRIPTS], ids=lambda p: p.stem)
def test_every_name_is_declared(path):
    script = path.read_text("utf-8")
    assert undefined(script) == set()
    if path != show.BASE:
        imported = re.findall(r'^import \{ (.*) \} from "[./]+/\w+\.js";$', script, re.MULTILINE)
        rest = show.IMPORT.sub("", script)
        wanted = {name for names in imported for name in names.split(", ")}
        assert undefined(rest) == wanted  # what is not imported is missed; what is not used is not


@pytest.mark.parametrize("path", ENGINE, ids=lambda p: p.stem)
def test_the_engine_uses_what_it_imports_and_fetches_nothing(path):
    script = re.sub(r"^//.*", "", path.read_text("utf-8"), flags=re.MULTILINE)
    rest = show.IMPORT.sub("", script).replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    for names, _ in show.IMPORT.findall(script):
        assert {name for name in names.split(", ") if not re.search(rf"\b{name}\b", rest)} == set()
    assert not re.search(r"https?:|\bfetch\(|XMLHttp|WebSocket|\bimport\b|importScripts|\beval\(", rest)


@pytest.mark.parametrize(
    ("script", "missing"),
    [
        ("const a = 1; function f({ b, c: d }, [e]) { return a + b + d + e + g; }", {"g"}),
        ("export default { render({ el }) { el.append(make('p', { text: `x ${later}` })); } };", {"make", "later"}),
        ("let a, [b, c] = [1, 2]; for (const d of a) b(c, d, (x) => x.y ?? z, w => w);", {"z"}),
    ],
)
def test_an_undeclared_name_is_found(script, missing):
    assert undefined(script) == missing


# --- what every script keeps to ----------------------------------------------------------------------


@pytest.mark.parametrize("path", [show.BASE, *SCRIPTS], ids=lambda p: p.stem)
def test_it_fetches_nothing(path):
    whole = path.read_text("utf-8") if path == show.BASE else show.module(path)
    script = whole.replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    assert not re.search(r"https?:|//\w+\.\w|\bfetch\(|XMLHttp|WebSocket|\bimport\b\s*[{(\"'*]|@import|url\(", script)


@pytest.mark.parametrize("path", VIEWS, ids=lambda p: p.stem)
def test_it_stands_in_the_shared_frame(path):
    script = path.read_text("utf-8")
    assert "frame(" in script and "stopPropagation" in show.BASE.read_text("utf-8")
    moves = re.findall(r"animation:|transition:|@keyframes|requestAnimationFrame|setInterval", script)
    assert not moves or "prefers-reduced-motion" in script


@pytest.mark.parametrize("name", ["tokens", "decoding", "confidence", "attention", "model", "search"])
def test_nothing_is_shown_while_a_lab_is_scored(name, monkeypatch):
    from helpers import explore, runtime

    monkeypatch.setenv(runtime.QUIET, "1")
    assert getattr(explore, name)("whatever") is None


@pytest.mark.parametrize(("name", "more"), [("search", ()), ("confidence", ()), ("training", ("numpy",))])
def test_importing_is_light(name, more):
    heavy = ("torch", "transformers", "anywidget", "ipywidgets", "IPython", "matplotlib", *more)
    program = f"import sys, helpers.explorers.{name}; print([m for m in {heavy!r} if m in sys.modules])"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=HELPERS.parent, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
