"""What the tests and the benchmark of the model in a tab share: a page with its modules, and numbers from there to here."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import helpers

HELPERS = Path(helpers.__file__).parent
ADDRESS = "http://course.test"
MODULES = """async (address) => {
  const modules = ["weights", "gpt2", "bert", "tokenizer", "folder", "generate", "engine"];
  const loaded = await Promise.all(modules.map((name) => import(`${address}/explorers/engine/${name}.js`)));
  window.engine = Object.assign({}, ...loaded);
  window.bytes = async (path) => (await fetch(path)).arrayBuffer();
  window.file = async (path, name) => new File([await bytes(path)], name ?? path.split("/").at(-1));
  window.base64 = ({ data }) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength), parts = [];
    for (let i = 0; i < bytes.length; i += 8192) parts.push(String.fromCharCode(...bytes.subarray(i, i + 8192)));
    return btoa(parts.join(""));
  };
  window.open_model = async (folder) => {
    const names = ["config.json", "tokenizer.json", "model.safetensors"];
    return engine.fromFiles(await Promise.all(names.map((name) => file(`${folder}/${name}`))));
  };
  window.complaint = async (doing) => { try { await doing(); return null; } catch (error) { return error.message; } };
}"""


def engine_page(browser, folders: dict[str, Path]) -> Any:
    """A page in which `engine` has the modules' exports; the files of each folder are at /NAME/."""
    page = browser.new_page()

    def served(route) -> None:
        first, _, rest = route.request.url.removeprefix(f"{ADDRESS}/").partition("/")
        if first in folders:
            path = folders[first] / rest
            route.fulfill(path=path) if path.is_file() else route.fulfill(status=404)
        elif first == "explorers" or rest == "" and first.endswith(".js"):
            route.fulfill(path=HELPERS / first / rest if rest else HELPERS / first, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>a page</title>", content_type="text/html")

    page.route(f"{ADDRESS}/**", served)
    page.goto(f"{ADDRESS}/")
    page.evaluate(MODULES, ADDRESS)
    return page


def numbers(text: str, *shape: int) -> np.ndarray:
    """An array that came out of the page as base64 of float32s."""
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(shape)


@functools.cache
def collected(strategy: Callable, count: int) -> tuple[Any, ...]:
    """`count` examples that hypothesis draws, always the same ones: a question to the page is about many at once."""
    from hypothesis import HealthCheck, Phase, given, settings

    found = []

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy())
    def collect(example):
        found.append(example)

    collect()
    return tuple(found)
