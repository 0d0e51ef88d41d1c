"""What the tests and the benchmark of the model in a tab share: a page with its modules, and numbers out of it."""

from __future__ import annotations

import base64
import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np

import helpers

HELPERS = Path(helpers.__file__).parent
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
  window.packed = (value) => {
    if (Array.isArray(value)) return value.map(packed);
    if (ArrayBuffer.isView(value)) return { bytes: base64({ data: value }) };
    if (!value || typeof value !== "object") return value;
    if (value.shape && value.data) return { shape: [...value.shape], data: base64(value) };
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, packed(part)]));
  };
  const names = ["config.json", "tokenizer.json", "model.safetensors"], engines = {};
  window.files = (folder) => Promise.all(names.map((name) => file(`/${folder}/${name}`)));
  window.open_model = async (folder) => engine.fromFiles(await files(folder));
  window.engine_of = (folder) => engines[folder] ??= (async () => {
    const tab = engine.start(new Worker("/explorers/engine/model_worker.js", { type: "module" }));
    tab.loaded = await tab.load(await files(folder));
    return tab;
  })();
  window.complaint = async (doing) => { try { await doing(); return null; } catch (error) { return error.message; } };
}"""


@contextmanager
def server(folders: dict[str, Path]) -> Iterator[str]:
    """A server on the loopback address alone: `helpers` at /, each folder at /NAME/, and an empty page."""

    class Handler(SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            first, _, rest = unquote(urlsplit(path).path).lstrip("/").partition("/")
            return str(folders[first] / rest if first in folders else HELPERS / first / rest)

        def do_GET(self) -> None:
            if self.path != "/":
                return super().do_GET()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>a page</title>")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()


@contextmanager
def engine_page(browser, folders: dict[str, Path]) -> Iterator[Any]:
    """A page in which `engine` has the modules' exports; the files of each folder are at /NAME/."""
    with server(folders) as address:
        page = browser.new_page()
        page.goto(f"{address}/")
        page.evaluate(MODULES, address)
        yield page
        page.close()


def numbers(text: str, *shape: int, dtype: str = "<f4") -> np.ndarray:
    """An array that came out of the page as base64, of float32s unless `dtype` says otherwise."""
    return np.frombuffer(base64.b64decode(text), dtype).reshape(shape)


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
