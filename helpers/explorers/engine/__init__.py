"""The model in a browser's tab: GPT-2 and BERT in JavaScript, written like `helpers.reference`.

The modules of this folder import each other, and a page on a server loads them unchanged. From `file://`, a browser
loads neither modules nor other files, so everything comes in plain scripts there:

    <script>{standalone()}</script>                                        the page's side, as `courseEngine`
    <script>{packed("helpers/assets/storybook-gpt2")}</script>             the model's files, in `courseFiles`
    <script>
      const engine = courseEngine.start(courseEngine.inlined(courseEngine.worker));
      engine.load(courseEngine.unpacked(courseFiles["storybook-gpt2"]));
    </script>
"""

from __future__ import annotations

import gzip
import json
import os
import re
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
FILES = ("config.json", "tokenizer.json", "model.safetensors")
IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "(\.[^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|class|(?:async )?function\*?) (\w+))", re.MULTILINE)


def joined(script: Path) -> str:
    """A module and all that it imports as one expression, whose value is what the module exports.

    Each module becomes a function, so the same name in two of them is not an error.
    """
    return f"{together([script])}[{json.dumps(named(script.resolve()))}]"


def named(path: Path) -> str:
    """A module's name among others: its place in `helpers`."""
    return Path(os.path.relpath(path, HERE.parents[1])).as_posix()


def together(scripts: Iterable[Path]) -> str:
    """Several modules and all that they import as one expression: their exports by `named`, including `default`."""
    parts: dict[Path, str] = {}  # in an order in which they can run

    def add(path: Path) -> None:
        text = path.read_text("utf-8")
        for _, place in IMPORT.findall(text):
            if (needed := (path.parent / place).resolve()) not in parts:
                add(needed)

        def from_modules(match: re.Match[str]) -> str:
            return f"const {{ {match[1]} }} = modules[{json.dumps(named((path.parent / match[2]).resolve()))}];\n"

        exported = ", ".join(EXPORT.findall(text) + ["default: $default"] * ("\nexport default {" in text))
        text = IMPORT.sub(from_modules, text).replace("export default {", "const $default = {")
        body = f"{EXPORT.sub('', text)}\nreturn {{ {exported} }};"
        parts[path] = f"modules[{json.dumps(named(path))}] = (() => {{\n{body}\n}})();\n"

    for script in scripts:
        if script.resolve() not in parts:
            add(script.resolve())
    return f'(() => {{\n"use strict";\nconst modules = {{}};\n{"".join(parts.values())}return modules;\n}})()'


def worker() -> str:
    """The worker as a single text, for a Blob."""
    return joined(HERE / "model_worker.js") + ";\n"


def standalone() -> str:
    """The page's side and the worker's text as one plain script, which sets `courseEngine`."""
    source = in_script(worker())
    return f"globalThis.courseEngine = {joined(HERE / 'engine.js')};\nglobalThis.courseEngine.worker = {source};\n"


def packed(folder: str | Path, name: str | None = None, zipped: bool = False) -> str:
    """The files of a checkpoint's folder as a plain script, which adds them to `courseFiles` under `name`.

    `zipped` ones end in .gz, and each letter holds fifteen bits: in engine.js, `spelled` and then `unzipped` turn them
    back into files. Such a script is smallest in UTF-16, with a byte order mark.
    """
    folder = Path(folder)
    if (alone := folder / "tokenizer.json.gz").exists():  # a tokenizer without a model
        files = {"tokenizer.json": gzip.decompress(alone.read_bytes())}
    else:
        files = {file: (folder / file).read_bytes() for file in FILES}
    if zipped:
        files = {f"{file}.gz": gzip.compress(content, mtime=0) for file, content in files.items()}
    written = (lambda content: b64encode(content).decode("ascii")) if not zipped else fifteens
    texts = {file: written(content) for file, content in files.items()}
    told = json.dumps(texts, ensure_ascii=False) if zipped else in_script(texts)
    return f"(globalThis.courseFiles ??= {{}})[{in_script(name or folder.name)}] = {told};\n"


def fifteens(content: bytes) -> str:
    """Bytes as letters that may be between quotes in a script: fifteen bits each, starting from letter 256.

    The first letter tells whether the last bits are a byte too many (257) or not (256). A script in UTF-16 then takes
    16 bytes for 15, and base64 would take 20.
    """
    import numpy as np

    bits = np.unpackbits(np.frombuffer(content, np.uint8))
    rows = np.pad(bits, (0, -len(bits) % 15)).reshape(-1, 15)
    numbers = np.packbits(np.pad(rows, ((0, 0), (1, 0))), axis=1).view(">u2")[:, 0]
    letters = np.concatenate([[-len(bits) % 15 >= 8], numbers]) + 256
    return letters.astype("<u2").tobytes().decode("utf-16-le")


def in_script(value: object) -> str:
    """JSON that may be between <script> and </script>."""
    return json.dumps(value).replace("</", "<\\/").replace("<!--", "<\\!--")
