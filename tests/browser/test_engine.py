"""The model in the tab: its numbers against NumPy's and transformers', its tokens against `tokenizers`, in Chromium."""

from __future__ import annotations

import functools
import gzip
import json
import math
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from reference.tokenizer_texts import TEXTS, sentences, valid_text
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, BertConfig, BertForSequenceClassification, GPT2Config, GPT2LMHeadModel

from course.quantize import LARGEST, quantize, quantized
from helpers import checkpoints, corpora
from helpers.explorers import engine
from helpers.reference import transformer

from .engine import collected, engine_page, numbers

SCRIPTS = sorted(engine.HERE.glob("*.js"))
FOLDERS = {name: checkpoints.ASSETS / f"storybook-{name}" for name in ("gpt2", "bert")}
PROMPTS, TOLERANCE = 50, 1e-4  # float32 sums in another order, through six layers
NAMES = ("config.json", "tokenizer.json", "model.safetensors")
FORWARD = """async ([name, texts, options]) => {
  const { model } = (window.models ??= {})[name] ??= await open_model(name);
  return texts.map((ids, i) => {
    const decoder = model instanceof engine.GPT2;
    const output = decoder ? model.forward(ids, undefined, { all: true }) : model.forward(ids, options[i]);
    return base64(output.logits);
  });
}"""


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("engine")


@pytest.fixture(scope="module")
def page(browser, place):
    """The engine's modules in a page; `place` is at /place/."""
    with engine_page(browser, FOLDERS | {"place": place}) as page:
        yield page


@functools.cache
def checkpoint(name: str):
    return transformer.read_checkpoint(FOLDERS[name])


@functools.cache
def tokenizer(name: str) -> Tokenizer:
    read = Tokenizer.from_file(str(FOLDERS[name] / "tokenizer.json"))
    read.no_truncation()
    read.no_padding()
    return read


def prompts(name: str, count: int, longest: int) -> list[list[int]]:
    """Ids of sentences, and of random lots from the whole vocabulary."""
    rng = np.random.default_rng(0)
    real = [ids[:longest] for text in sentences()[: 3 * count] if (ids := tokenizer(name).encode(text).ids)]
    lots = [rng.integers(0, len(checkpoint(name)[0][WORDS[name]]), rng.integers(1, longest)).tolist() for _ in range(9)]
    return [*lots, *real[: count - len(lots)]]


WORDS = {"gpt2": "transformer.wte.weight", "bert": "bert.embeddings.word_embeddings.weight"}


# --- the models ---------------------------------------------------------------------------------------


def test_gpt2s_logits_are_numpys(page):
    weights, config = checkpoint("gpt2")
    texts = prompts("gpt2", PROMPTS, 40)
    found = page.evaluate(FORWARD, ["gpt2", texts, None])
    for ids, text in zip(texts, found, strict=True):
        theirs = transformer.gpt2_forward(weights, config, np.array([ids])).logits[0]
        np.testing.assert_allclose(numbers(text, *theirs.shape), theirs, atol=TOLERANCE, rtol=0)


def test_berts_logits_are_numpys_with_padding_and_two_texts(page):
    weights, config = checkpoint("bert")
    texts = prompts("bert", PROMPTS, 40)
    padded = [ids + [0] * (i % 4) for i, ids in enumerate(texts)]
    options = [
        {
            "attention_mask": [1] * len(ids) + [0] * (i % 4),
            "token_type_ids": [int(i % 3 == 0 and j > 3) for j in range(len(ids) + i % 4)],
        }
        for i, ids in enumerate(texts)
    ]
    found = page.evaluate(FORWARD, ["bert", padded, options])
    for ids, option, text in zip(padded, options, found, strict=True):
        mask, types = (np.array([option[name]]) for name in ("attention_mask", "token_type_ids"))
        theirs = transformer.bert_forward(weights, config, np.array([ids]), mask, types).logits[0]
        np.testing.assert_allclose(numbers(text, *theirs.shape), theirs, atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("name", FOLDERS)
def test_what_lies_between_is_numpys(page, name):
    weights, config = checkpoint(name)
    ids = prompts(name, 20, 30)[-1]
    found = page.evaluate(
        """async ([name, ids]) => {
          const { model } = (window.models ??= {})[name] ??= await open_model(name);
          const trace = { trace: true };
          const output = name === "gpt2" ? model.forward(ids, undefined, trace) : model.forward(ids, trace);
          return packed(output);
        }""",
        [name, ids],
    )

    def same(ours: dict, theirs: np.ndarray, what: str) -> None:
        assert tuple(ours["shape"]) == theirs.shape, what
        ours = numbers(ours["data"], *theirs.shape)
        np.testing.assert_allclose(ours, theirs, atol=TOLERANCE, rtol=1e-5, err_msg=what)

    forward = transformer.gpt2_forward if name == "gpt2" else transformer.bert_forward
    output = forward(weights, config, np.array([ids]))
    same(found["logits"], output.logits[0], "logits")
    for i, (ours, theirs) in enumerate(zip(found["hidden_states"], output.hidden_states, strict=True)):
        same(ours, theirs[0], f"hidden_states {i}")
    for i, (ours, theirs) in enumerate(zip(found["steps"], output.steps, strict=True)):
        assert set(ours) == {"output", "weights", "attended", "middle", "wide", "transformed"}
        for part, one in ours.items():
            if part != "wide":  # the reference keeps none; tests/browser/test_tab.py compares it with transformers'
                same(one, getattr(theirs, part)[0], f"{part} of block {i}")
    same(found["words"], weights[WORDS[name]][ids], "words")
    table = "transformer.wpe.weight" if name == "gpt2" else "bert.embeddings.position_embeddings.weight"
    same(found["positions"], weights[table][: len(ids)], "positions")


def tiny_gpt2(dtype: torch.dtype, **own) -> GPT2LMHeadModel:
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=51, n_positions=24, n_embd=20, n_layer=2, n_head=2, initializer_range=0.3, **own)
    return GPT2LMHeadModel(config).to(dtype).eval()


def saved(model, folder: Path, name: str = "gpt2") -> Path:
    model.save_pretrained(folder)
    file = json.loads((FOLDERS[name] / "tokenizer.json").read_text("utf-8"))
    size = model.config.vocab_size
    if file["model"]["type"] == "BPE":  # as many tokens as the model has rows, whatever they are
        vocab, file["model"]["merges"], file["added_tokens"] = file["model"]["vocab"], [], file["added_tokens"][:1]
    else:
        vocab = file["model"]["vocab"]
    file["model"]["vocab"] = {token: id_ for token, id_ in vocab.items() if id_ < size}
    (folder / "tokenizer.json").write_text(json.dumps(file), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("case", "dtype", "own"),
    [
        ("float32", torch.float32, {}),
        ("bfloat16", torch.bfloat16, {"activation_function": "gelu"}),
        ("untied", torch.float32, {"tie_word_embeddings": False, "n_inner": 36, "activation_function": "relu"}),
    ],
)
def test_other_gpt2s(page, place, case, dtype, own):
    """Sizes that no four divides, other dtypes and activations, and a matrix of its own for writing."""
    model = tiny_gpt2(dtype, **own)
    saved(model, place / f"gpt2-{case}")
    ids = list(range(0, 48, 4))
    (found,) = page.evaluate(FORWARD, [f"place/gpt2-{case}", [ids], None])
    with torch.no_grad():
        theirs = model.float()(torch.tensor([ids])).logits[0].numpy()
    np.testing.assert_allclose(numbers(found, *theirs.shape), theirs, atol=TOLERANCE)


def test_a_classifier_with_padding_and_two_texts(page, place):
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=60,
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=3,
        intermediate_size=40,
        max_position_embeddings=20,
        num_labels=3,
        initializer_range=0.3,
    )
    model = BertForSequenceClassification(config).eval()
    saved(model, place / "classifier", "bert")
    ids, mask = [2, 9, 50, 3, 11, 12, 3, 0, 0], [1, 1, 1, 1, 1, 1, 1, 0, 0]
    types = [0, 0, 0, 0, 1, 1, 1, 0, 0]
    (found,) = page.evaluate(
        FORWARD,
        ["place/classifier", [ids], [{"attention_mask": mask, "token_type_ids": types}]],
    )
    with torch.no_grad():
        given = {"attention_mask": torch.tensor([mask]), "token_type_ids": torch.tensor([types])}
        theirs = model(torch.tensor([ids]), **given).logits.numpy()
    np.testing.assert_allclose(numbers(found, 1, 3), theirs, atol=TOLERANCE)


def test_webassembly_and_plain_javascript_agree(page):
    """In sizes that fill a group of outputs and that do not, for one token and for several."""
    found = page.evaluate(
        """async (address) => {
          const { Matmul } = await import(`${address}/explorers/engine/matmul.js`);
          const random = engine.seeded(1), some = (n) => Float32Array.from({ length: n }, () => random() - 0.5);
          const fast = new Matmul(), slow = new Matmul(false);
          const sizes = [[32, 8, 1], [64, 256, 3], [51, 20, 5], [1, 1, 1], [70, 7, 2], [33, 1024, 1]];
          const apart = sizes.map(([d_out, d_in, tokens]) => {
            const weight = { shape: [d_out, d_in], data: some(d_out * d_in) }, states = some(tokens * d_in);
            const [ours, plain] = [fast, slow].map((matmul) => matmul.prepare(weight)(states, tokens));
            if (ours.length !== plain.length) throw new Error("lengths differ");
            return Math.max(...ours.map((x, i) => Math.abs(x - plain[i])));
          });
          return [fast.dots !== undefined, slow.dots === undefined, apart];
        }""",
        page.url.rstrip("/"),
    )
    assert found[:2] == [True, True], "Chromium has SIMD, so the kernel must be in use"
    assert max(found[2]) < 1e-5


# --- generating ---------------------------------------------------------------------------------------

GREEDY = """async ([texts, cached]) => {
  const { model } = (window.models ??= {}).gpt2 ??= await open_model("gpt2");
  return texts.map((ids) => {
    const reader = new engine.Reader(model), settings = { temperature: 0, max_new_tokens: 40 };
    if (!cached) reader.logits = (ids) => model.forward(ids).logits.data;
    return [...engine.generate(reader, ids, settings)];
  });
}"""


def test_greedy_texts_are_those_of_transformers_with_and_without_cache(page):
    model = AutoModelForCausalLM.from_pretrained(FOLDERS["gpt2"], dtype=torch.float32).eval()
    starts = ["Once upon a time there was a", "The king said", "“Come here,” said the old", "In the garden", "It was"]
    texts = [tokenizer("gpt2").encode(text).ids for text in starts]
    expected = []
    for ids in texts:
        longer = model.generate(torch.tensor([ids]), max_new_tokens=40, do_sample=False, pad_token_id=0)
        expected.append(longer[0, len(ids) :].tolist())
    assert page.evaluate(GREEDY, [texts, True]) == expected
    assert page.evaluate(GREEDY, [texts[:1], False]) == expected[:1]


def test_a_reader_forgets_what_differs(page):
    """After another text, a shorter one, or the same again the logits are those of a reader that is new."""
    apart = page.evaluate(
        """async () => {
          const { model } = (window.models ??= {}).gpt2 ??= await open_model("gpt2");
          const reader = new engine.Reader(model);
          return [[5, 6, 7, 8], [5, 6, 7, 8], [5, 6, 9], [5], [9, 6, 7, 8, 4]].map((ids) => {
            const [ours, fresh] = [reader, new engine.Reader(model)].map((one) => one.logits(ids));
            return Math.max(...ours.map((logit, i) => Math.abs(logit - fresh[i])));
          });
        }"""
    )
    assert max(apart) < TOLERANCE


def test_drawing_is_by_the_cuts_and_by_the_seed(page):
    logits = [1.0, 3.0, 2.0, -1.0, 3.0]
    draws = """([logits, settings, seed, count]) => {
      const random = engine.seeded(seed), z = Float32Array.from(logits);
      return Array.from({ length: count }, () => engine.sample(z, settings, random));
    }"""

    def drawn(seed=1, count=4000, **settings) -> list[int]:
        return page.evaluate(draws, [logits, settings, seed, count])

    shares = np.exp(np.array(logits) / 0.7)
    shares /= shares.sum()
    found = np.bincount(drawn(temperature=0.7), minlength=5) / 4000
    np.testing.assert_allclose(found, shares, atol=4 * math.sqrt(0.25 / 4000))  # four standard deviations
    assert drawn(seed=5, count=50) == drawn(seed=5, count=50) != drawn(seed=6, count=50)
    assert set(drawn(count=50, temperature=0)) == {1}  # of tied ones the lowest
    assert set(drawn(count=200, top_k=3)) == {1, 2, 4}
    assert set(drawn(count=200, top_p=0.5)) == {1, 4}
    assert set(drawn(count=400, min_p=0.3)) == {1, 2, 4}


def test_generating_ends_at_the_last_trained_position(page):
    positions = checkpoint("gpt2")[1]["n_positions"]
    found = page.evaluate(
        """async (positions) => {
          const { model } = (window.models ??= {}).gpt2 ??= await open_model("gpt2");
          const prompt = Array.from({ length: positions - 2 }, (_, i) => 100 + (i % 50));
          const config = { ...model.config, eos_token_id: null };
          const reader = new engine.Reader(Object.assign(Object.create(model), { config }));
          const ids = [...engine.generate(reader, prompt, { max_new_tokens: 20 })];
          return [ids.length, await complaint(() => model.forward([...prompt, 1, 2, 3]))];
        }""",
        positions,
    )
    assert found == [3, f"Expected at most {positions} tokens (the trained positions), got {positions + 1}."]


# --- tokenizers ---------------------------------------------------------------------------------------


def tokenizer_files() -> dict[str, str]:
    files = {name: (folder / "tokenizer.json").read_text("utf-8") for name, folder in FOLDERS.items()}
    files["GPT-2"] = gzip.decompress(
        (checkpoints.ASSETS / "gpt2-tokenizer" / "tokenizer.json.gz").read_bytes()
    ).decode()
    cased = json.loads(files["bert"])
    cased["normalizer"]["lowercase"] = False
    return files | {"bert, cased": json.dumps(cased)}


ENCODE = """([file, texts]) => {
  const tokenizer = new engine.Tokenizer(file);
  return texts.map((text) => {
    const [first, options] = Array.isArray(text) ? [text[0], { pair: text[1] }] : [text];
    const { ids, tokens, offsets, type_ids } = tokenizer.encode(first, options);
    const decoded = [tokenizer.decode(ids), tokenizer.decode(ids, { skip_special_tokens: false })];
    return [ids, tokens, offsets, type_ids, ...decoded];
  });
}"""


@pytest.mark.parametrize("name", tokenizer_files())
def test_tokens_are_those_of_the_library(page, name):
    file = tokenizer_files()[name]
    library = Tokenizer.from_str(file)
    library.no_truncation()
    library.no_padding()
    texts = [*TEXTS, "The end.<|endoftext|>[MASK] a[CLS]", *sentences()[:200], *collected(valid_text, 400)]
    asked = [*texts, *zip(texts[:20], texts[20:40], strict=True)]
    found = page.evaluate(ENCODE, [file, [list(one) if isinstance(one, tuple) else one for one in asked]])
    for text, ours in zip(asked, found, strict=True):
        theirs = library.encode(*text) if isinstance(text, tuple) else library.encode(text)
        ids = theirs.ids
        decoded = [library.decode(ids), library.decode(ids, skip_special_tokens=False)]
        assert ours == [ids, theirs.tokens, list(map(list, theirs.offsets)), theirs.type_ids, *decoded], text


def test_half_a_character_and_an_unknown_id_are_refused(page):
    file = tokenizer_files()["gpt2"]
    found = page.evaluate(
        """async (file) => {
          const tokenizer = new engine.Tokenizer(file);
          const half = await complaint(() => tokenizer.encode("a\\ud800b"));
          return [half, await complaint(() => tokenizer.decode([10 ** 6]))];
        }""",
        file,
    )
    assert "lone surrogate" in found[0] and "id 1000000" in found[1]


# --- int8 ---------------------------------------------------------------------------------------------

BITS = """async ([folder, texts]) => {
  const { model } = await open_model(folder);
  return texts.map((ids) => {
    const { logits: { data, shape: [, vocab_size] } } = model.forward(ids, undefined, { all: true });
    let bits = 0;
    for (let i = 0; i + 1 < ids.length; i += 1) {
      const row = data.subarray(i * vocab_size, (i + 1) * vocab_size), highest = Math.max(...row);
      const total = row.reduce((sum, logit) => sum + Math.exp(logit - highest), 0);
      bits -= (row[ids[i + 1]] - highest - Math.log(total)) / Math.log(2);
    }
    return bits;
  });
}"""


def test_a_row_of_int8_is_near_the_row():
    matrix = np.random.default_rng(0).normal(size=(7, 30)).astype(np.float32)
    matrix[3] = 0
    ints, scale = quantized(matrix)
    assert ints.dtype == np.int8 and np.abs(ints).max() == LARGEST
    assert (np.abs(ints * scale[:, None] - matrix) <= scale[:, None] * 0.501).all() and not ints[3].any()


def test_int8_costs_at_most_five_thousandths_of_a_bit_per_character(page, place):
    file = quantize(FOLDERS["gpt2"], place / "int8")
    assert file.stat().st_size < 0.52 * (FOLDERS["gpt2"] / "model.safetensors").stat().st_size
    texts = [review["text"] for review in corpora.load("reviews")["test"]][:25]
    ids = [[0, *tokenizer("gpt2").encode(text).ids][:100] for text in texts]
    characters = sum(len(tokenizer("gpt2").decode(one)) for one in ids)
    before, after = (sum(page.evaluate(BITS, [folder, ids])) / characters for folder in ("gpt2", "place/int8"))
    assert after != before, "int8 is not the same model"
    assert after - before <= 0.005, f"{before:.4f} bits per character became {after:.4f}"


# --- a reader's own model -------------------------------------------------------------------------------


def header(content: bytes, length: int | None = None) -> bytes:
    return struct.pack("<Q", len(content) if length is None else length) + content


def float8(folder: Path) -> None:
    arrays = load_file(folder / "model.safetensors")
    arrays["transformer.wpe.weight"] = arrays["transformer.wpe.weight"].to(torch.float8_e5m2)
    save_file(arrays, folder / "model.safetensors")


def without(name: str):
    def change(folder: Path) -> None:
        save_file({n: a for n, a in load_file(folder / "model.safetensors").items() if n != name}, folder / NAMES[2])

    return change


def int8_without_scale(folder: Path) -> None:
    arrays = load_file(folder / "model.safetensors")
    save_file(arrays | {"transformer.wte.weight": arrays["transformer.wte.weight"].to(torch.int8)}, folder / NAMES[2])


def rewritten(name: str, change):
    def write(folder: Path) -> None:
        (folder / name).write_bytes(change((folder / name).read_bytes()))

    return write


def config(**own):
    return rewritten("config.json", lambda old: json.dumps(json.loads(old) | own).encode())


WRONG = {
    "no config": (lambda f: (f / "config.json").unlink(), "no config.json"),
    "no tokenizer": (lambda f: (f / "tokenizer.json").unlink(), "no tokenizer.json"),
    "no weights": (lambda f: (f / NAMES[2]).unlink(), "no model.safetensors"),
    "old weights": (lambda f: (f / NAMES[2]).rename(f / "pytorch_model.bin"), "older format"),
    "shards": (lambda f: shutil.copy(f / NAMES[2], f / "model-2.safetensors"), "in 2 files"),
    "adapter": (lambda f: (f / "adapter_config.json").write_text("{}"), "adapter only"),
    "config is not JSON": (rewritten("config.json", lambda old: old[:50]), "config.json is not JSON"),
    "tokenizer is not JSON": (rewritten("tokenizer.json", lambda old: old[:50]), "tokenizer.json is not JSON"),
    "another tokenizer": (
        rewritten("tokenizer.json", lambda old: b'{"model": {"type": "Unigram"}}'),
        "a Unigram tokenizer",
    ),
    "another model": (config(model_type="llama"), "of the type llama"),
    "another head": (config(architectures=["GPT2ForSequenceClassification"]), "GPT2ForSequenceClassification"),
    "another scale": (config(scale_attn_by_inverse_layer_idx=True), "scale_attn_by_inverse_layer_idx = false"),
    "another activation": (config(activation_function="swish"), "got swish"),
    "another width": (config(n_embd=40), "the shape [51,20], but config.json asks for [51,40]"),
    "more tokens than rows": (config(vocab_size=9), "do not belong together"),
    "cut off": (rewritten(NAMES[2], lambda old: old[:-100]), "model.safetensors is cut off"),
    "cut off early": (rewritten(NAMES[2], lambda old: old[:300]), "cut off inside its header"),
    "empty": (rewritten(NAMES[2], lambda old: b""), "not a safetensors file"),
    "foreign": (rewritten(NAMES[2], lambda old: b"PK\3\4" + old), "not a safetensors file"),
    "foreign JSON": (rewritten(NAMES[2], lambda old: header(b"{nonsense}")), "not a safetensors file"),
    "damaged": (rewritten(NAMES[2], lambda old: old.replace(b"[24,20]", b"[24,21]")), "the file is damaged"),
    "dtype": (float8, "has the dtype F8_E5M2"),
    "int8 alone": (int8_without_scale, "needs transformer.wte.weight.scale"),
    "missing array": (without("transformer.h.1.mlp.c_fc.bias"), "lack mlp.c_fc.bias"),
    "missing layer": (config(n_layer=3), "lack attn.c_attn.weight"),
}
FROM_FILES = """async ([folder, names]) => complaint(async () =>
  engine.fromFiles(await Promise.all(names.map((name) => file(`${folder}/${name}`)))))"""


@pytest.fixture(scope="module")
def own(place) -> Path:
    return saved(tiny_gpt2(torch.float32), place / "own")


@pytest.mark.parametrize("case", ["right", *WRONG])
def test_a_wrong_folder_gets_one_sentence(page, place, own, case):
    folder = shutil.copytree(own, place / case.replace(" ", "-"))
    change, expected = WRONG.get(case, (lambda f: None, None))
    change(folder)
    names = [path.name for path in folder.iterdir()]
    told = page.evaluate(FROM_FILES, [f"/place/{folder.name}", names])
    if expected is None:
        assert told is None
    else:
        assert expected in told and told.endswith(".") and "\n" not in told
        assert len(told) < 200 and "undefined" not in told


def test_a_file_that_is_too_large_is_not_even_read(page):
    told = page.evaluate(
        """() => complaint(() => engine.fromFiles([
          new File(['{"model_type": "gpt2"}'], "config.json"),
          { name: "model.safetensors", size: 548e6, arrayBuffer() { throw new Error("read"); } },
        ]))"""
    )
    assert told.startswith("model.safetensors has 548 MB; a tab takes up to 150 MB")


def test_of_several_folders_the_outermost_counts(page):
    """A training leaves its checkpoints in folders below."""
    told = page.evaluate(
        """() => {
          const file = (path, i) => ({
            name: "config.json", webkitRelativePath: path,
            text: async () => JSON.stringify({ model_type: `kind ${i}` }),
          });
          return complaint(() => engine.fromFiles(["run/checkpoint-5/config.json", "run/config.json"].map(file)));
        }"""
    )
    assert "kind 1" in told


# --- the worker -----------------------------------------------------------------------------------------

WORKER = """async (files) => {
  window.tab = engine.start(engine.inlined ? MAKE : undefined);
  const early = await complaint(() => tab.encode("a"));
  const { config, bytes } = await tab.load(files);
  const { ids } = await tab.encode("Once upon a time there was a");
  const first = await tab.logits(ids);
  const { logits, steps } = await tab.forward(ids, { trace: true });
  let turns = 0;
  const turning = setInterval(() => { turns += 1; }, 1);
  const heard = [];
  const all = await tab.generate(ids, { temperature: 0, max_new_tokens: 12 }, { heard: (token) => heard.push(token) });
  const stop = new AbortController();
  const stopping = { heard: () => stop.abort(), signal: stop.signal };
  const short = await tab.generate(ids, { seed: 3, max_new_tokens: 400 }, stopping);
  clearInterval(turning);
  const last = logits.data.subarray(-config.vocab_size);
  return {
    early, bytes, heard, all, short: short.ids.length, turns, layers: steps.length,
    apart: Math.max(...first.map((logit, i) => Math.abs(logit - last[i]))),
    again: await tab.decode(all.ids),
  };
}"""


def works(found: dict) -> None:
    assert found["early"] == "No model is loaded yet."
    assert found["bytes"] == (FOLDERS["gpt2"] / "model.safetensors").stat().st_size
    assert found["layers"] == checkpoint("gpt2")[1]["n_layer"] and found["apart"] < TOLERANCE
    assert [token["id"] for token in found["heard"]] == found["all"]["ids"] and len(found["heard"]) == 12
    assert found["heard"][-1]["text"] == found["all"]["text"] == found["again"] != ""
    assert found["short"] < 100, "it went on although it was told to stop"
    assert found["turns"] >= 3, "the page stood still while the model computed"


def test_the_worker_streams_and_stops_while_the_page_lives(page):
    make = "new Worker('/explorers/engine/model_worker.js', { type: 'module' })"
    script = f"""async () => {{
      return ({WORKER.replace("MAKE", make)})(await files("gpt2"));
    }}"""
    works(page.evaluate(script))
    wrong = page.evaluate("async () => complaint(() => tab.load([new File(['{}'], 'config.json')]))")
    assert wrong == "config.json describes a model of the type unknown; only gpt2 and bert run here."
    page.evaluate("() => tab.close()")


def test_bert_in_the_worker(page):
    found = page.evaluate(
        """async () => {
          const tab = await engine_of("bert");
          const { ids, type_ids } = await tab.encode("One text.", { pair: "And another." });
          const { logits } = await tab.forward(ids, { token_type_ids: type_ids });
          const told = await complaint(() => tab.generate(ids));
          return [ids, type_ids, base64(logits), told];
        }"""
    )
    ids, types, logits, told = found
    weights, config = checkpoint("bert")
    theirs = transformer.bert_forward(weights, config, np.array([ids]), token_type_ids=np.array([types])).logits[0]
    np.testing.assert_allclose(numbers(logits, *theirs.shape), theirs, atol=TOLERANCE)
    assert 1 in types and told == "A bert model fills gaps; it does not write on."


def test_it_works_from_a_file_without_server_and_network(browser, tmp_path):
    (tmp_path / "engine.js").write_text(engine.standalone(), "utf-8")
    (tmp_path / "storybook-gpt2.js").write_text(engine.packed(FOLDERS["gpt2"]), "utf-16")
    make = "engine.inlined(engine.worker)"
    (tmp_path / "index.html").write_text(
        f"""<!doctype html><meta charset="utf-8"><title>a file</title>
<script src="engine.js"></script><script src="storybook-gpt2.js"></script>
<script>
const engine = courseEngine;
const complaint = async (doing) => {{
  try {{ await doing(); return null; }} catch (error) {{ return error.message; }}
}};
const work = {WORKER.replace("MAKE", make)};
</script>""",
        "utf-8",
    )
    page = browser.new_context(offline=True).new_page()
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((tmp_path / "index.html").as_uri())
    works(page.evaluate("() => engine.unzipped(engine.spelled(courseFiles['storybook-gpt2'])).then(work)"))
    assert errors == [] and {url.partition(":")[0] for url in asked} <= {"file", "blob"}
    page.context.close()


# --- to be read -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_a_file_can_be_read(path):
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) < 200 and max(map(len, lines)) <= 160, "each file is to be read from top to bottom"


def test_a_script_in_a_page_does_not_end_it():
    assert "</script" not in engine.in_script({"a": "</script><!--"})
