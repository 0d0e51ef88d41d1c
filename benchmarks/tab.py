"""The model in a browser's tab: whether it agrees with Python on many texts, and its speed against onnxruntime-web's.

    python benchmarks/tab.py                                  # 1,000 prompts, 10,000 strings, then the speed
    python benchmarks/tab.py --prompts 100 --strings 500      # faster

One headless Chromium loads its files from a server on the loopback address. For storybook-gpt2 and storybook-bert, the
logits of every token are compared with NumPy's, tokens and offsets with those of `tokenizers`, and the bits per
character of the bundled reviews with int8 weights against those with float16. Then both engines write greedily in
turns, in one page, one thread each. The peer is onnxruntime-web (WebAssembly with SIMD), which npm installs into a
temporary folder. The script builds its file, storybook-gpt2 with a key/value cache in standard ONNX operators and
float16 weights, with the package onnx, which pip installs there too. Both must write the same tokens. `--peer FOLDER`
keeps that folder. Without npm or the packages, the peer's rows are missing. The exit code is 1 if anything differs, or
if the model is slower than 25 tokens/s.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
# If this runs as a script, Python looks in this folder first, where tokenizers.py hides the library of the same name.
sys.path[:] = [place for place in sys.path if not place or Path(place).resolve() != HERE]
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

TOLERANCE, INT8_BITS, TOKENS_PER_SECOND, FIRST_TOKEN = 1e-4, 0.005, 25, 3.0
PROMPT, NEW, TURNS = "Once upon a time there was a king who had a daughter,", 60, 11
MASKED = -1e9


# --- the peer -------------------------------------------------------------------------------------------


def onnx_gpt2(folder: Path, out: Path) -> None:
    """Write storybook-gpt2 with its cache as one ONNX file: ids and past keys and values to logits and new ones."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    from helpers.reference.transformer import read_checkpoint

    weights, config = read_checkpoint(folder)
    weights = {name.removeprefix("transformer."): array for name, array in weights.items()}
    heads, width, layers = config["n_head"], config["n_embd"], config["n_layer"]
    nodes, constants = [], []

    def op(kind: str, *inputs: str, outputs: int = 1, **attributes) -> str | list[str]:
        names = [f"{kind}_{len(nodes)}_{i}" for i in range(outputs)]
        nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def constant(array: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(array), f"constant_{len(constants)}"))
        return constants[-1].name

    def weight(name: str) -> str:
        return op("Cast", constant(weights[name].astype(np.float16)), to=TensorProto.FLOAT)

    def whole(*numbers: int) -> str:
        return constant(np.array(numbers, np.int64))

    def norm(states: str, name: str) -> str:
        return op(
            "LayerNormalization", states, weight(f"{name}.weight"), weight(f"{name}.bias"),
            epsilon=config["layer_norm_epsilon"],
        )  # fmt: skip

    def conv1d(states: str, name: str) -> str:
        return op("Add", op("MatMul", states, weight(f"{name}.weight")), weight(f"{name}.bias"))

    table = weight("wte.weight")
    one, zero = constant(np.array(1, np.int64)), constant(np.array(0, np.int64))
    tokens = op("Squeeze", op("Shape", "ids"))
    past = op("Squeeze", op("Shape", "key_0", start=1, end=2))
    end = op("Add", past, tokens)
    places = op("Range", past, end, one)
    may_look = op(
        "LessOrEqual", op("Unsqueeze", op("Range", zero, end, one), whole(0)), op("Unsqueeze", places, whole(1))
    )
    mask = op("Where", may_look, constant(np.float32(0)), constant(np.float32(MASKED)))
    states = op("Add", op("Gather", table, "ids"), op("Gather", weight("wpe.weight"), places))
    caches = []
    for i in range(layers):
        fused = conv1d(norm(states, f"h.{i}.ln_1"), f"h.{i}.attn.c_attn")
        split = op("Reshape", fused, whole(-1, 3 * heads, width // heads))
        query, key, value = op("Split", op("Transpose", split, perm=[1, 0, 2]), outputs=3, axis=0, num_outputs=3)
        key, value = op("Concat", f"key_{i}", key, axis=1), op("Concat", f"value_{i}", value, axis=1)
        caches += [key, value]
        scale = constant(np.float32((width // heads) ** -0.5))
        scores = op("MatMul", op("Mul", query, scale), op("Transpose", key, perm=[0, 2, 1]))
        context = op("MatMul", op("Softmax", op("Add", scores, mask), axis=-1), value)
        merged = op("Reshape", op("Transpose", context, perm=[1, 0, 2]), whole(-1, width))
        states = op("Add", states, conv1d(merged, f"h.{i}.attn.c_proj"))
        wide = op("Gelu", conv1d(norm(states, f"h.{i}.ln_2"), f"h.{i}.mlp.c_fc"), approximate="tanh")
        states = op("Add", states, conv1d(wide, f"h.{i}.mlp.c_proj"))
    last = op("Slice", states, whole(-1), whole(2**31), whole(0))
    logits = op("MatMul", norm(last, "ln_f"), op("Transpose", table, perm=[1, 0]))
    outputs = ["logits", *(f"new_{name}_{i}" for i in range(layers) for name in ("key", "value"))]
    nodes += [helper.make_node("Identity", [a], [b]) for a, b in zip([logits, *caches], outputs, strict=True)]

    def info(name: str, kind: int, shape: list) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, kind, shape)

    def cached(prefix: str, length: str) -> list:
        names = [f"{prefix}{name}_{i}" for i in range(layers) for name in ("key", "value")]
        return [info(name, TensorProto.FLOAT, [heads, length, width // heads]) for name in names]

    given = [info("ids", TensorProto.INT64, ["tokens"]), *cached("", "past")]
    made = [info("logits", TensorProto.FLOAT, [1, config["vocab_size"]]), *cached("new_", "all")]
    graph = helper.make_graph(nodes, "gpt2", given, made, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model)
    onnx.save(model, out)


def peer(folder: Path, checkpoint: Path) -> str | None:
    """Put onnxruntime-web and the model's file into a folder; return a sentence if that is not possible."""
    package = folder / "node_modules" / "onnxruntime-web" / "dist"
    try:
        if not package.is_dir():
            (folder / "package.json").write_text('{"private": true}')
            npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "onnxruntime-web"]
            subprocess.run(npm, cwd=folder, check=True, capture_output=True, timeout=300)
        if not (folder / "python").is_dir():
            pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder / "python"]
            subprocess.run([*pip, "onnx", "ml_dtypes"], check=True, capture_output=True, timeout=300)
        sys.path.append(str(folder / "python"))
        onnx_gpt2(checkpoint, folder / "gpt2.onnx")
    except (OSError, ImportError, subprocess.SubprocessError) as error:
        return f"no peer: {type(error).__name__}: {error}"
    return None


# --- in the page ----------------------------------------------------------------------------------------

OURS = """async () => {
  const begun = performance.now();
  const { fromFiles } = await import("/explorers/engine/folder.js");
  const { Reader, generate } = await import("/explorers/engine/generate.js");
  const names = ["config.json", "tokenizer.json", "model.safetensors"];
  const file = async (name) => new File([await (await fetch(`/WEIGHTS/${name}`)).blob()], name);
  const files = await Promise.all(names.map(file));
  const { model, tokenizer } = await fromFiles(files);
  const prompt = tokenizer.encode("PROMPT").ids;
  window.ours = (count) => [...generate(new Reader(model), prompt, { temperature: 0, max_new_tokens: count })];
  ours(1);
  return [performance.now() - begun, prompt];
}"""
THEIRS = """async (prompt) => {
  const begun = performance.now();
  const ort = await import("/peer/node_modules/onnxruntime-web/dist/ort.wasm.min.mjs");
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = new URL("/peer/node_modules/onnxruntime-web/dist/", location.href).href;
  const model = new Uint8Array(await (await fetch("/peer/gpt2.onnx")).arrayBuffer());
  const options = { executionProviders: ["wasm"], graphOptimizationLevel: "all" };
  const session = await ort.InferenceSession.create(model, options);
  const { n_head, n_embd } = await (await fetch("/gpt2/config.json")).json();
  window.theirs = async (count) => {
    const empty = () => new ort.Tensor("float32", new Float32Array(0), [n_head, 0, n_embd / n_head]);
    const ids = [], kept = session.inputNames.filter((name) => name !== "ids");
    let feeds = Object.fromEntries(kept.map((name) => [name, empty()])), next = prompt;
    while (ids.length < count) {
      feeds.ids = new ort.Tensor("int64", BigInt64Array.from(next, BigInt), [next.length]);
      const found = await session.run(feeds);
      const logits = found.logits.data;
      let best = 0;
      for (let id = 1; id < logits.length; id += 1) if (logits[id] > logits[best]) best = id;
      ids.push(best);
      next = [best];
      feeds = Object.fromEntries(kept.map((name) => [name, found[`new_${name}`]]));
    }
    return ids;
  };
  await theirs(1);
  return performance.now() - begun;
}"""
TIMED = """async ([name, count]) => {
  const begun = performance.now();
  const ids = await window[name](count);
  return [ids, performance.now() - begun];
}"""


def speed(browser, folders: dict[str, Path], with_peer: bool) -> list[dict]:
    """Rows of the table: tokens per second (median of the turns), seconds to the first token of a new page."""
    from browser.engine import server

    first: dict[str, list[float]] = {"ours": [], "ours, int8": [], "theirs": []}
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    prompt: list[int] = []
    with server(folders) as address:
        for _ in range(3):  # each time from the beginning
            for name in ["ours, int8", "ours", *(["theirs"] if with_peer else [])]:
                page = browser.new_context().new_page()
                page.goto(f"{address}/")
                if name == "theirs":
                    first[name].append(page.evaluate(THEIRS, prompt) / 1000)
                else:
                    script = OURS.replace("PROMPT", PROMPT).replace("WEIGHTS", "int8" if "int8" in name else "gpt2")
                    seconds, prompt = page.evaluate(script)
                    first[name].append(seconds / 1000)
                page.context.close()
        page = browser.new_context().new_page()
        page.goto(f"{address}/")
        page.evaluate(OURS.replace("PROMPT", PROMPT).replace("WEIGHTS", "gpt2"))
        engines = ["ours"]
        if with_peer:
            page.evaluate(THEIRS, prompt)
            engines.append("theirs")
        for turn in range(TURNS + 1):
            written = {}
            for name in engines:
                written[name], milliseconds = page.evaluate(TIMED, [name, NEW])
                if turn:  # the first one is a warm-up
                    times[name].append(1000 * len(written[name]) / milliseconds)
            assert len(set(map(tuple, written.values()))) == 1, "the two engines wrote different tokens"
        page.context.close()
    rows = [
        {"engine": name, "first": statistics.median(first[name]), "runs": [round(x, 1) for x in times.get(name, [])]}
        for name in first
        if first[name]
    ]
    return [row | {"tokens_per_second": statistics.median(row["runs"]) if row["runs"] else None} for row in rows]


def equalities(browser, folders: dict[str, Path], prompts: int, strings: int) -> list[tuple[str, str, bool]]:
    """Rows of the table: what was compared, what was found, whether it holds."""
    from browser import test_engine as tests
    from browser.engine import collected, engine_page, numbers
    from reference.tokenizer_texts import TEXTS, sentences, valid_text
    from tokenizers import Tokenizer

    from helpers import corpora
    from helpers.reference import transformer

    rows = []
    forwards = {"gpt2": transformer.gpt2_forward, "bert": transformer.bert_forward}
    with engine_page(browser, folders) as page:
        for name, forward in forwards.items():
            weights, config = tests.checkpoint(name)
            texts, most, alike, tokens = tests.prompts(name, prompts, 40), 0.0, 0, 0
            for start in range(0, len(texts), 20):
                part = texts[start : start + 20]
                for ids, text in zip(part, page.evaluate(tests.FORWARD, [name, part, [{}] * 20]), strict=True):
                    theirs = forward(weights, config, np.array([ids])).logits[0]
                    ours = numbers(text, *theirs.shape)
                    most, tokens = max(most, np.abs(ours - theirs).max()), tokens + len(ids)
                    alike += int((ours.argmax(-1) == theirs.argmax(-1)).sum())
            found = f"{len(texts)} prompts, {tokens} tokens: largest difference {most:.1e}, {alike} likeliest ids equal"
            rows.append((f"storybook-{name}'s logits", found, bool(most < TOLERANCE)))
        asked = [*TEXTS, *sentences()[: strings // 2], *collected(valid_text, strings // 2)]
        for name, file in tests.tokenizer_files().items():
            library = Tokenizer.from_str(file)
            library.no_truncation()
            library.no_padding()
            wrong = 0
            for start in range(0, len(asked), 1000):
                part = asked[start : start + 1000]
                for text, ours in zip(part, page.evaluate(tests.ENCODE, [file, part]), strict=True):
                    theirs = library.encode(text)
                    wrong += ours[:3] != [theirs.ids, theirs.tokens, list(map(list, theirs.offsets))]
            rows.append((f"tokens and offsets, {name}", f"{len(asked) - wrong} of {len(asked)} equal", wrong == 0))
        reviews = [review["text"] for part in corpora.load("reviews").values() for review in part]
        reviews = reviews[:: max(1, len(reviews) // prompts)]
        ids = [[0, *tests.tokenizer("gpt2").encode(text).ids][:128] for text in reviews]
        characters = sum(len(tests.tokenizer("gpt2").decode(one)) for one in ids)
        before, after = (sum(page.evaluate(tests.BITS, [at, ids])) / characters for at in ("gpt2", "int8"))
        found = f"{before:.4f} → {after:.4f} on {characters} characters of reviews"
        rows.append(("bits per character, float16 → int8", found, after - before <= INT8_BITS))
    return rows


def size(*paths: Path) -> int:
    return sum(file.stat().st_size for path in paths for file in (path.glob("*.js") if path.is_dir() else [path]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--prompts", type=int, default=1000)
    parser.add_argument("--strings", type=int, default=10_000)
    parser.add_argument("--only", choices=["speed", "equal"])
    parser.add_argument("--peer", type=Path, help="a folder for the peer's packages, kept for the next time")
    parser.add_argument("--out", type=Path, default=HERE.parent / "build" / "tab.json")
    chosen = parser.parse_args()

    from browser.served import chromium

    from course.quantize import quantize
    from helpers import checkpoints
    from helpers.explorers import engine

    result: dict = {"processors": os.cpu_count(), "load": os.getloadavg()}
    met = True
    with tempfile.TemporaryDirectory() as temporary, chromium() as browser:
        own = {name: checkpoints.ASSETS / f"storybook-{name}" for name in ("gpt2", "bert")}
        folders = own | {"int8": Path(temporary) / "int8", "peer": chosen.peer or Path(temporary) / "peer"}
        folders["peer"].mkdir(parents=True, exist_ok=True)
        quantize(own["gpt2"], folders["int8"])
        if chosen.only != "speed":
            rows = equalities(browser, folders, chosen.prompts, chosen.strings)
            result["equal"] = rows
            met &= all(holds for *_, holds in rows)
            for what, found, holds in rows:
                print(f"{'' if holds else 'NOT '}{what}: {found}", flush=True)
        if chosen.only != "equal":
            missing = peer(folders["peer"], own["gpt2"])
            if missing:
                print(missing)
            result["speed"] = rows = speed(browser, folders, not missing)
            code = size(engine.HERE, engine.HERE.parent / "decoding.js", engine.HERE.parents[1] / "show.js")
            tokenizer = size(own["gpt2"] / "tokenizer.json")
            dist = folders["peer"] / "node_modules" / "onnxruntime-web" / "dist"
            parts = {
                "ours": (code, size(own["gpt2"] / "model.safetensors"), tokenizer),
                "ours, int8": (code, size(folders["int8"] / "model.safetensors"), tokenizer),
                "theirs": (
                    0 if missing else size(dist / "ort.wasm.min.mjs", dist / "ort-wasm-simd-threaded.mjs")
                    + size(dist / "ort-wasm-simd-threaded.wasm"),
                    0 if missing else size(folders["peer"] / "gpt2.onnx"),
                    0,
                ),
            }  # fmt: skip
            heads = f"{'code MB':>10}{'weights MB':>12}{'tokenizer':>11}"
            print(f"{'engine':28}{'tokens/s':>10}{'fastest':>10}{'first token':>14}{heads}")
            for row in rows:
                row["bytes"] = parts[row["engine"]]
                name = {"theirs": "onnxruntime-web, WebAssembly"}.get(row["engine"], row["engine"])
                rate = f"{row['tokens_per_second']:.1f}" if row["runs"] else "as above"
                best = f"{max(row['runs']):.1f}" if row["runs"] else ""
                mega = [f"{n / 1e6:.2f}" for n in row["bytes"]]
                print(f"{name:28}{rate:>10}{best:>10}{row['first']:>12.2f} s{mega[0]:>10}{mega[1]:>12}{mega[2]:>11}")
            ours = next(row for row in rows if row["engine"] == "ours")
            met &= ours["tokens_per_second"] > TOKENS_PER_SECOND and ours["first"] < FIRST_TOKEN
    print(f"load of the machine before: {result['load'][0]:.1f} on {result['processors']} processors")
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
