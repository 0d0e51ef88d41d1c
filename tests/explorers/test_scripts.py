"""Rules for every view's JavaScript: nothing is fetched, keys stay inside, motion can be switched off."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import helpers
from helpers import show

HELPERS = Path(helpers.__file__).parent
SCRIPTS = sorted(p for p in HELPERS.rglob("*.js") if p != show.BASE)


@pytest.mark.parametrize("path", [show.BASE, *SCRIPTS], ids=lambda p: p.stem)
def test_it_fetches_nothing(path):
    script = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    assert not re.search(r"https?:|//\w+\.\w|\bfetch\(|XMLHttp|WebSocket|\bimport\b|@import|url\(", script)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_it_stands_in_the_shared_frame(path):
    script = path.read_text("utf-8")
    assert "frame(" in script and "stopPropagation" in show.BASE.read_text("utf-8")
    moves = re.findall(r"animation:|transition:|@keyframes|requestAnimationFrame|setInterval", script)
    assert not moves or "prefers-reduced-motion" in script


@pytest.mark.parametrize("name", ["tokens", "decoding", "confidence", "attention"])
def test_nothing_is_shown_while_a_lab_is_scored(name, monkeypatch):
    from helpers import explore, runtime

    monkeypatch.setenv(runtime.QUIET, "1")
    assert getattr(explore, name)("whatever") is None
