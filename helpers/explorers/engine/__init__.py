"""The model in a browser's tab: GPT-2 and BERT in JavaScript, written like `helpers.reference`.

The modules of this folder import each other, and a page on a server loads them unchanged. From `file://`, a browser
loads neither modules nor other files, so everything comes in plain scripts there:

    <script>{standalone()}</script>              the page's side, as `courseEngine`
    <script src="storybook-gpt2.js"></script>    what `packed` wrote: the model's files, in `courseFiles`
    <script>
      const { start, inlined, spelled, unzipped, worker } = courseEngine;
      const engine = start(inlined(worker));
      unzipped(spelled(courseFiles["storybook-gpt2"])).then(engine.load);
    </script>
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from helpers.show import joined

HERE = Path(__file__).parent
FILES = ("config.json", "tokenizer.json", "model.safetensors")


def worker() -> str:
    """The worker as a single text, for a Blob."""
    return joined(HERE / "model_worker.js") + ";\n"


def standalone() -> str:
    """The page's side and the worker's text as one plain script, which sets `courseEngine`."""
    source = in_script(worker())
    return f"globalThis.courseEngine = {joined(HERE / 'engine.js')};\nglobalThis.courseEngine.worker = {source};\n"


def packed(folder: str | Path, name: str | None = None) -> str:
    """The files of a checkpoint's folder as a plain script, which adds them to `courseFiles` under `name`.

    They are zipped, and each letter holds fifteen bits: in engine.js, `spelled` and then `unzipped` turn them back into
    files. The script is smallest in UTF-16, with a byte order mark.
    """
    folder = Path(folder)
    if (alone := folder / "tokenizer.json.gz").exists():  # a tokenizer without a model
        files = {"tokenizer.json": gzip.decompress(alone.read_bytes())}
    else:
        files = {file: (folder / file).read_bytes() for file in FILES}
    texts = {f"{file}.gz": fifteens(gzip.compress(content, mtime=0)) for file, content in files.items()}
    told = json.dumps(texts, ensure_ascii=False)
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
