"""The attention explorer without a kernel: what the tab hands to the view is what Python hands to it, in Chromium."""

from __future__ import annotations

import functools
import json
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoModelForMaskedLM

from helpers import checkpoints, show
from helpers.explorers import attention, tab
from helpers.reference import transformer

from .engine import engine_page, numbers

FOLDERS = {f"storybook-{name}": checkpoints.ASSETS / f"storybook-{name}" for name in ("gpt2", "bert")}
TOLERANCE = 1e-3  # of a weight or a bar; all else is equal
TEXT = "The old woman opened the door, and the cat ran out."
KINDS = {
    "next": ("storybook-gpt2", AutoModelForCausalLM),
    "fill": ("storybook-bert", AutoModelForMaskedLM),
    "vectors": ("storybook-bert", AutoModel),
    "vectors of GPT-2": ("storybook-gpt2", AutoModel),
}
HELPERS = """async (address) => {
  window.modules = {};
  window.opened = async (call) => {
    const { open } = await import(`${address}/explorers/tab/${call.view}.js`);
    return open(call.checkpoint && await engine_of(call.checkpoint), call, {});
  };
  window.answers = async ([call, states]) => {
    const said = [];
    let view;
    try { view = await opened(call); } catch (error) { return [error.message]; }
    said.push(packed(view.data));
    for (const state of states) {
      try { said.push(packed(await view.answer(state))); } catch (error) { said.push(error.message); }
    }
    return said;
  };
}"""


@pytest.fixture(scope="module")
def page(browser):
    with engine_page(browser, FOLDERS) as page:
        page.evaluate(HELPERS, page.url.rstrip("/"))
        yield page


@functools.cache
def checkpoint(kind: str) -> checkpoints.Checkpoint:
    name, auto_class = KINDS[kind]
    return checkpoints.load(str(FOLDERS[name]), auto_class)


def in_python(monkeypatch, kind: str, text: Any, states: list[dict], layer=0, head=0, pads=0, mask=None) -> list[Any]:
    """What `view` gets in Python, then its answers; an error as its message."""
    one, kept = checkpoint(kind), []
    monkeypatch.setattr(attention, "view", lambda *given: kept.append(given))
    monkeypatch.setattr(attention, "static", lambda *_: show.Static("", ""))
    try:
        attention.show(one.model, one.tokenizer, text, layer, head, pads, mask)
    except ValueError as error:
        return [str(error)]
    _, script, data, answer = kept[0]
    assert script == attention.SCRIPT
    said: list[Any] = [data]
    for state in states:
        try:
            said.append(list(answer(state)))
        except ValueError as error:
            said.append(str(error))
    return said


def call_for(kind: str, text: str, layer=0, head=0, pads=0, mask=None) -> dict:
    reader = attention.Reader(checkpoint(kind).model, checkpoint(kind).tokenizer, text, pads, mask)
    call = attention.call_of(reader, text, layer, head)
    return json.loads(json.dumps(call))  # it travels as JSON


def same(ours: Any, theirs: Any, where: str = "") -> None:
    """Bytes of weights and bars within the tolerance, everything else equal."""
    if isinstance(theirs, bytes) and where.endswith("weights"):
        found, wanted = numbers(ours["bytes"], -1), np.frombuffer(theirs, "<f4")
        np.testing.assert_allclose(found, wanted, atol=TOLERANCE, rtol=0, err_msg=where)
        np.testing.assert_array_equal(found == 0, wanted == 0, err_msg=f"{where}: masked cells are exactly 0")
    elif isinstance(theirs, bytes):
        assert numbers(ours["bytes"], -1, dtype="u1").tobytes() == theirs, where
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, abs=TOLERANCE), where
    elif isinstance(theirs, dict):
        assert list(ours) == list(theirs), where
        for name, part in theirs.items():
            same(ours[name], part, f"{where}.{name}")
    elif isinstance(theirs, list | tuple):
        assert len(ours) == len(theirs), where
        for i, part in enumerate(theirs):
            same(ours[i], part, f"{where}[{i}]")
    else:
        assert ours == theirs, where


def state(**change) -> dict:
    """A question of the view."""
    plain = {"causal": None, "padding": None, "own": None, "hidden": [], "off": None, "place": None, "text": TEXT}
    return {**plain, "ask": 1, **change}


def compare(page, monkeypatch, kind: str, text: str, states: list[dict], **call) -> list[Any]:
    theirs = in_python(monkeypatch, kind, text, states, **call)
    ours = page.evaluate("answers", [call_for(kind, text, **call), states])
    same(ours, theirs, kind)
    return theirs


SWITCHED = [
    state(off=[0, 2]),
    state(causal=True),
    state(causal=False),
    state(hidden=[1, 3], place=4),
    state(hidden=[0], causal=True, off=[5, 3]),
]


@pytest.mark.parametrize("kind", KINDS)
def test_masks_and_heads_switched(page, monkeypatch, kind):
    everything = list(range(len(checkpoint(kind).tokenizer(TEXT)["input_ids"])))
    states = [*SWITCHED, state(hidden=everything, off=[1, 1])]  # then no row may look anywhere
    theirs = compare(page, monkeypatch, kind, TEXT, states, layer=2, head=1)
    assert len({said[0]["prediction"]["line"] for said in theirs[1:]}) >= 4, "the switches must change something"
    assert not any(isinstance(said, str) for said in theirs)


@pytest.mark.parametrize("kind", KINDS)
def test_padding(page, monkeypatch, kind):
    states = [state(padding=False), state(padding=False, causal=False, off=[3, 0]), state(causal=True, hidden=[2])]
    compare(page, monkeypatch, kind, TEXT, states, pads=3)


@pytest.mark.parametrize("kind", ["next", "fill"])
def test_a_mask_of_ones_own_with_a_row_that_may_look_nowhere(page, monkeypatch, kind):
    size = len(checkpoint(kind).tokenizer(TEXT)["input_ids"]) + 2
    mask = np.random.default_rng(0).random((size, size)) < 0.6
    mask[3] = False
    other = state(text="A cat.")
    compare(page, monkeypatch, kind, TEXT, [state(own=False), other, state(off=[2, 2])], pads=2, mask=mask)


TEXTS = [
    "Once upon a time",
    "I like 🦊 and 👩‍👩‍👧, “don’t” you?\n\n\tYes…",
    "It's a \"quote\" \\ and 'another'",
    "Мышь 猫 é ñ \u00a0 \u200b x",
    "the [MASK] sat on the [MASK].",
    "x",
    " ",
    "The end.<|endoftext|> Once",
    "word " * 300,
]


@pytest.mark.parametrize("kind", KINDS)
def test_texts_that_are_typed(page, monkeypatch, kind):
    """Emoji, signs, other scripts, gaps, one token, one space, and more than fits, each with and without a head."""
    states = [state(text=text, off=off) for text in TEXTS for off in (None, [1, 0])]
    theirs = compare(page, monkeypatch, kind, TEXT, states, pads=1)
    notices = {said[0]["notice"] for said in theirs[1:] if not isinstance(said, str)}
    assert "" in notices and len(notices) == 2, "just one of the texts is too long"


@pytest.mark.parametrize("text", TEXTS)
def test_texts_at_first(page, monkeypatch, text):
    for kind in ("next", "fill"):
        compare(page, monkeypatch, kind, text, [])


@pytest.mark.parametrize("kind", ["next", "fill"])
def test_wrong_input_is_said_as_python_says_it_and_then_all_goes_on(page, monkeypatch, kind):
    states = [state(text=wrong) for wrong in ("", None, 5, True)]
    states += [state(off=[6, 0]), state(off=[0, -1]), state()]
    theirs = compare(page, monkeypatch, kind, TEXT, states)
    assert sum(isinstance(said, str) for said in theirs) >= 5 and not isinstance(theirs[-1], str)
    call = call_for(kind, TEXT) | {"layer": 6}
    assert page.evaluate("answers", [call, []]) == in_python(monkeypatch, kind, TEXT, [], layer=6)
    told = page.evaluate("answers", [call_for(kind, TEXT), [state(place=99), state(hidden=[99])]])[1:]
    assert [line.split(" has ")[0] for line in told] == [
        "There is no token 99: the text",
        "There is no token 99 to hide: the text",
    ]


def test_every_token_is_labeled_as_in_python(page):
    """All of both vocabularies, also as `repr` writes them in a prediction."""
    for kind, name in (("next", "storybook-gpt2"), ("fill", "storybook-bert")):
        reader = attention.Reader(checkpoint(kind).model, checkpoint(kind).tokenizer, "a b")
        decoded = [reader.tokenizer.decode([i]) for i in range(len(reader.tokenizer))]
        odd = ["a\u00ad\u2028\x00\x7f\u0085\ue000\U000e0001", "'\"", "\\\n\r\t'", "🦊\u3000\ufeff"]
        ours = page.evaluate(
            """async ([name, length, texts, address]) => {
              const tab = await engine_of(name), { repr } = await import(`${address}/explorers/tab/python.js`);
              const ids = Array.from({ length }, (_, i) => i);
              const decoded = await Promise.all(ids.map((id) => tab.decode([id], { skip_special_tokens: false })));
              return [decoded, [...decoded, ...texts].map(repr)];
            }""",
            [name, len(decoded), odd, page.url.rstrip("/")],
        )
        assert ours == [decoded, [repr(text) for text in decoded + odd]]


# --- what the engine got for it -------------------------------------------------------------------------

FORWARD = """async ([name, ids, options]) => {
  const tab = await engine_of(name), { mask } = options;
  if (mask) options.mask = { ...mask, data: Float32Array.from(mask.data, (x) => x ?? -Infinity) };
  const { logits, steps } = await tab.forward(ids, { ...options, trace: true });
  return [base64(logits), steps.map(({ weights }) => base64(weights))];
}"""


@pytest.mark.parametrize("name", FOLDERS)
def test_an_own_mask_and_a_head_off_in_the_engine_are_numpys(page, name):
    """Numbers are added to the scores and -inf forbids; without a head W_O gets zeros in its rows."""
    weights, config = transformer.read_checkpoint(FOLDERS[name])
    weights = {key: array.copy() for key, array in weights.items()}
    ids, rng = np.arange(7, 18), np.random.default_rng(1)
    mask = np.where(rng.random((11, 11)) < 0.4, -np.inf, rng.normal(size=(11, 11))).astype(np.float32)
    mask[2] = -np.inf
    flat = [None if np.isneginf(x) else float(x) for x in mask.ravel()]
    layer, head, width = 4, 1, 64
    where = slice(head * width, (head + 1) * width)
    if name.endswith("gpt2"):
        forward, to_output = transformer.gpt2_forward, f"transformer.h.{layer}.attn.c_proj.weight"
        weights[to_output][where] = 0
    else:
        forward, to_output = transformer.bert_forward, f"bert.encoder.layer.{layer}.attention.output.dense.weight"
        weights[to_output][:, where] = 0
    ours, _ = page.evaluate(FORWARD, [name, ids.tolist(), {"off": [layer, head]}])
    theirs = forward(weights, config, ids[None]).logits[0]
    np.testing.assert_allclose(numbers(ours, *theirs.shape), theirs, atol=1e-4)
    ours, parts = page.evaluate(FORWARD, [name, ids.tolist(), {"mask": {"shape": [11, 11], "data": flat}}])
    with torch.no_grad(), attention.watched(model := checkpoint("next" if "gpt2" in name else "fill").model):
        lowest = torch.finfo(torch.float32).min
        given = torch.from_numpy(np.where(np.isneginf(mask), lowest, mask))[None, None]
        output = model(torch.tensor(ids[None]), attention_mask=given, output_attentions=True)
    rows = np.arange(11) != 2  # which may look nowhere: zeros here, equal shares there, see test_transformer.py
    for part, theirs in zip(parts[:1], output.attentions, strict=False):
        ours = numbers(part, *theirs.shape[1:])
        np.testing.assert_allclose(ours[:, rows], theirs[0].numpy()[:, rows], atol=1e-5)
        assert (ours[:, ~rows] == 0).all()
    told = page.evaluate(
        "async ([name]) => complaint(async () => (await engine_of(name)).forward([1, 2], { mask: { shape: [1, 2] } }))",
        [name],
    )
    assert told == "Expected a mask of shape [2,2], queries by keys, got [1,2]."


def test_only_the_course_s_own_checkpoints_get_a_call(monkeypatch):
    one = checkpoint("fill")
    reader = attention.Reader(one.model, one.tokenizer, TEXT)
    assert attention.call_of(reader, TEXT, 0, 0)["checkpoint"] == "storybook-bert"
    weight = next(one.model.parameters())
    before = weight[7, 7].item()
    with torch.no_grad():
        weight[7, 7] += 0.001
        assert attention.call_of(reader, TEXT, 0, 0) is None, "its name is still the same, but it was trained further"
        weight[7, 7] = before
    assert tab.bundled(one.model, checkpoint("next").tokenizer) is None
    assert tab.bundled(checkpoint("fill").model.half(), one.tokenizer) is None
    checkpoint("fill").model.float()


@pytest.mark.parametrize("name", ["attention", "confidence", "training", "search", "python", "bytes"])
def test_a_file_can_be_read(name):
    lines = (tab.HERE / f"{name}.js").read_text("utf-8").splitlines()
    assert len(lines) <= 200 and max(map(len, lines)) <= 160
