"""The decoding explorer: cuts, draws, trees and the cache against transformers; what its outputs hold."""

from __future__ import annotations

import itertools
import json
import re
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from families import tiny as family
from transformers import AutoModelForCausalLM, AutoTokenizer, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM
from transformers.generation import MinPLogitsWarper, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from helpers import explore
from helpers import show as forms
from helpers.checkpoints import ASSETS
from helpers.explorers import decoding as explorer
from helpers.reference.attention import softmax

ROOT = Path(__file__).resolve().parents[2]
PROMPT = "Once upon a time there was a"
GRID = list(itertools.product((0.3, 0.8, 1.0, 1.7), (0, 1, 5, 50, 5000), (0.15, 0.5, 0.9, 1.0), (0.0, 0.02, 0.3, 1.0)))


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(ASSETS / "storybook-gpt2")


@pytest.fixture(scope="module")
def model():
    return AutoModelForCausalLM.from_pretrained(ASSETS / "storybook-gpt2", dtype=torch.float32).eval()


@pytest.fixture
def live(monkeypatch, model, tokenizer):
    """Makes the view that a notebook would show."""
    import IPython

    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=1))
    return lambda text=PROMPT, **kwargs: explore.decoding(model, tokenizer, text, **kwargs)


def by_transformers(logits, t, k, p, share):
    """The processors that `generate` would chain, in its order: it leaves those out that change nothing."""
    scores = torch.from_numpy(logits)[None]
    for processor in [
        TemperatureLogitsWarper(t),
        *([TopKLogitsWarper(k)] if k else []),
        *([TopPLogitsWarper(p)] if p < 1 else []),
        MinPLogitsWarper(share),
    ]:
        scores = processor(None, scores)
    return scores[0].numpy()


# --- sampling ------------------------------------------------------------------------------------------


def test_cuts_are_those_of_transformers(live):
    """On a real distribution, and on one with ties: there top-p may keep other ones of tied tokens, never more."""
    real = np.frombuffer(live().data["logits"], np.float32).astype(np.float64)
    tied = np.repeat([3.0, 2.2, 1.7, 0.4, -1.0, -4.0], [1, 3, 4, 7, 11, 30])
    for logits, (t, k, p, share) in itertools.product((real, tied), GRID):
        ours = explorer.cut(logits, {"temperature": t, "top_k": k, "top_p": p, "min_p": share})[-1]
        theirs = by_transformers(logits, t, k, p, share)
        if logits is real:
            np.testing.assert_array_equal(np.isneginf(ours), np.isneginf(theirs), err_msg=str((t, k, p, share)))
        np.testing.assert_allclose(np.sort(ours), np.sort(theirs), rtol=1e-12, err_msg=str((t, k, p, share)))


def test_what_is_cut_and_what_is_left_make_the_whole():
    z = np.log([8, 6, 3, 2, 1])
    changed = explorer.cut(z, {"temperature": 1, "top_k": 4, "top_p": 0.8, "min_p": 0.7})
    counts, masses = zip(*explorer.left_and_cut(changed), strict=True)
    assert counts == (5, 4, 3, 2)  # 17/19 reach 0.8, 14/19 do not; then 3/17 is below 0.7 of 8/17
    np.testing.assert_allclose(masses, [0, 1 / 20, 2 / 20, 3 / 20], atol=1e-12)


def ask(view, number, **question):
    view.state = {"ask": number, **question}
    assert view.reply["ask"] == number
    return view.reply


def test_a_text_grows_is_cut_back_and_grows_again(live, model, tokenizer):
    """The view draws; Python says what stands there then, and what the model makes of it."""
    view, ids = live(seed=3), tokenizer.encode(PROMPT)
    assert view.data["seed"] == 3
    new = [262, 31, 4000, 7, 9, 7, 7, 1205]
    for number, length in enumerate([1, 2, 3, 8, 4, 5, 0, 8], 1):
        reply = ask(view, number, new=new[:length])
        with torch.no_grad():  # anew, without a cache
            logits = model(torch.tensor([ids + new[:length]])).logits[0, -1].numpy()
        np.testing.assert_allclose(np.frombuffer(reply["logits"], np.float32), logits, atol=1e-3)
        assert reply["new"] == new[:length] and reply["text"] == tokenizer.decode(new[:length])
        assert reply["tokens"] == len(ids) + length
        assert reply["held"] == explorer.cache_bytes(view.data["shape"], reply["tokens"])  # the model's real cache
        assert view.note == ""


def test_the_end_and_the_edge_are_said(live, model, tokenizer):
    view, context = live(), model.config.n_positions
    ask(view, 1, new=[tokenizer.eos_token_id])
    assert view.note.startswith("That was the end-of-text token")
    reply = ask(view, 2, new=[5] * context)
    assert view.note.startswith(f"Of {context + len(tokenizer.encode(PROMPT)):,} tokens the model reads the last")
    assert reply["tokens"] == context
    view.state = {"ask": 3, "new": [10**6]}
    assert view.note.startswith("ValueError") and view.reply["ask"] == 2


# --- beams ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("beams", [1, 2, 3, 5])
def test_beams_end_where_generate_ends(live, model, tokenizer, beams):
    view = live(show="beams", beams=beams, steps=6)
    given = tokenizer(PROMPT, return_tensors="pt")
    theirs = model.generate(
        **given,
        num_beams=beams,
        max_new_tokens=6,
        do_sample=False,
        output_scores=True,
        return_dict_in_generate=True,
        pad_token_id=tokenizer.eos_token_id,
    )
    text = tokenizer.decode(theirs.sequences[0, given.input_ids.shape[1] :])
    assert view.data["best"].startswith(f"{text!r}, ")
    bits = min(bits for row, bits, state in view.data["steps"][-1] if row == text and state == "finished")
    if beams > 1:
        assert bits / 6 == pytest.approx(-theirs.sequences_scores[0].item() / np.log(2), abs=1e-3)
    counts = [sum(row[2] != "cut" for row in rows) for rows in view.data["steps"]]
    assert counts == [beams] * 6 and len(view.data["steps"][1]) == 2 * beams


def test_another_width_gives_another_tree(live):
    view = live(show="beams", beams=2)
    reply, anew = ask(view, 1, beams=4), live(show="beams", beams=4).data
    assert [len(rows) for rows in reply["steps"]] == [8] * 5
    for (text, bits, state), (their_text, their_bits, their_state) in zip(
        itertools.chain(*reply["steps"]), itertools.chain(*anew["steps"]), strict=True
    ):
        assert (text, state) == (their_text, their_state)
        assert bits == pytest.approx(their_bits, abs=2e-3)  # float32, with and without a cache
    assert reply["svg"].count("<path") == anew["svg"].count("<path")


def test_the_tree_shows_every_candidate_where_it_belongs(live):
    data = live("A <b> & c", show="beams", beams=2, steps=3).data
    groups = re.findall(r'<g data-step="(\d)".*?(?=<g data-step|</svg>)', data["svg"])
    assert groups == ["1", "2", "3"]
    assert data["svg"].count("stroke-dasharray") == sum(row[2] == "cut" for rows in data["steps"] for row in rows)
    assert data["svg"].count('class="best"') == 3
    for rows in data["steps"]:
        assert [bits for _, bits, _ in rows] == sorted(bits for _, bits, _ in rows)
        assert all(f" {bits:.1f}" in data["svg"] for _, bits, _ in rows)
    assert "<b>" not in data["svg"]


WORDS = ["the", "cat", "dog", "moon", "ran", "sat", "slept", "barked", "rose"]
NEXT = {
    "the": {"cat": 0.5, "dog": 0.4, "moon": 0.1},
    "moon": {"rose": 1.0},
    "cat": {"ran": 0.4, "sat": 0.3, "slept": 0.3},
    "dog": {"barked": 0.9, "slept": 0.1},
}


def test_the_tree_joins_every_candidate_to_its_parent():
    """Lesson 08's words: the parent is counted among those that ran on, and the best path goes over "dog"."""

    def logits(ids):
        with np.errstate(divide="ignore"):
            return np.log([NEXT[WORDS[ids[-1]]].get(word, 0.0) for word in WORDS])

    words = SimpleNamespace(decode=lambda ids: " ".join(WORDS[i] for i in ids))
    drawn = explorer.tree(explorer.decoding.beam_search(logits, [0], 2, 2), [0], words)
    assert drawn["steps"][1][:2] == [
        ["dog barked", pytest.approx(1.474, abs=1e-3), "finished"],
        ["cat ran", pytest.approx(2.322, abs=1e-3), "finished"],
    ]
    assert drawn["best"].startswith("'dog barked', 0.74 bits")
    first, second = drawn["svg"].split('<g data-step="')[1:]
    height = {label: int(y) - 5 for y, label in re.findall(r'y="(\d+)"[^>]*>&#x27;(\w+)', drawn["svg"])}
    joined = [tuple(map(int, ends)) for ends in re.findall(r"<path d='M\d+ (\d+)L\d+ (\d+)' stroke=", second)]
    parents = {"barked": "dog", "ran": "cat", "sat": "cat", "slept": "cat"}
    expected = [(height[parent], height[child]) for child, parent in parents.items()]
    best = [
        tuple(map(int, ends)) for ends in re.findall(r"class=.best.[^>]*><path d='M\d+ (\d+)L\d+ (\d+)'", drawn["svg"])
    ]
    assert best == [(11, height["dog"]), (height["dog"], height["barked"])]
    assert joined == expected
    assert first.count("stroke-dasharray") == 1 and second.count("stroke-dasharray") == 2


# --- the cache -----------------------------------------------------------------------------------------


def tiny(kind):
    if kind == "gpt2":
        return GPT2LMHeadModel(GPT2Config(vocab_size=4096, n_positions=32, n_embd=24, n_layer=3, n_head=6)).eval()
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "max_position_embeddings": 40}
    config = LlamaConfig(vocab_size=4096, num_attention_heads=4, num_key_value_heads=2, **sizes)
    return LlamaForCausalLM(config).to(torch.bfloat16).eval()


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_the_bytes_are_those_of_the_models_own_cache(kind, tokenizer):
    """Also where several heads share keys and values, and in another dtype."""
    model = tiny(kind)
    reader = explorer.Reader(model)
    for tokens in (1, 2, 9):
        reader.logits(list(range(5, 5 + tokens)))
        layers = model(torch.tensor([list(range(5, 5 + tokens))])).past_key_values.layers
        real = sum(part.nbytes for layer in layers for part in (layer.keys, layer.values))
        assert explorer.cache_bytes(reader.shape, tokens) == reader.held() == real
    assert explorer.cache_bytes(reader.shape, 9, texts=4) == 4 * real


@pytest.mark.parametrize("show", ["sampling", "beams", "cache"])
@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_other_models_and_too_long_a_text(kind, show, tokenizer):
    model = tiny(kind)
    shown = explore.decoding(model, tokenizer, "the cat sat on the mat and " * 20, show=show)
    room = model.config.max_position_embeddings - (5 if show == "beams" else 0)
    assert f"the model can use the last {room}" in shown.text and f"the last {room}" in shown.html


# --- decoders of other kinds -----------------------------------------------------------------------------

DECODERS = ("gemma2", "gemma3_text", "gpt_oss", "lfm2", "mamba", "minimax", "mistral", "openai-gpt", "rwkv")
BEYOND_THE_WINDOW = "Once upon a time there was a little girl who lived in a village near the forest"


@pytest.mark.parametrize("name", DECODERS)
def test_any_decoder_says_what_it_says_on_reading_all_anew(name, tokenizer):
    """Sliding windows forget, states cannot go back, and some keep nothing: then the text is read from its start."""
    model = family(name, AutoModelForCausalLM, len(tokenizer))
    reader, ids = explorer.Reader(model, tokenizer), tokenizer.encode(BEYOND_THE_WINDOW)
    for text in (ids, [*ids, 9], ids[:8], [*ids[:9], 5], ids[:3], ids, ids[5:]):
        with torch.no_grad():
            said = model(torch.tensor([text])).logits[0, -1].numpy()
        np.testing.assert_allclose(reader.logits(text), said, atol=1e-5 * np.abs(said).max())


@pytest.mark.parametrize("name", DECODERS)
def test_any_decoder_is_shown(name, tokenizer):
    model = family(name, AutoModelForCausalLM, len(tokenizer))
    for show in ("sampling", "beams"):
        assert explore.decoding(model, tokenizer, BEYOND_THE_WINDOW * 4, show=show).text
    if name in ("mamba", "openai-gpt", "rwkv"):
        with pytest.raises(ValueError, match="keeps no keys and values of the tokens it has read"):
            explore.decoding(model, tokenizer, BEYOND_THE_WINDOW, show="cache")
    else:
        text = explore.decoding(model, tokenizer, BEYOND_THE_WINDOW, show="cache").text
        assert ("keep the last tokens only" in text) is (name not in ("lfm2", "minimax"))
        assert ("Of its 2 layers, 1 keep" in text) is (name in ("lfm2", "minimax"))


@pytest.mark.parametrize("name", ["bert", "roberta", "xlnet"])
def test_what_looks_ahead_does_not_write(name, tokenizer):
    model = family(name, AutoModelForCausalLM, len(tokenizer))
    with pytest.raises(ValueError, match="looks at the tokens that follow too") as caught:
        explore.decoding(model, tokenizer, BEYOND_THE_WINDOW)
    assert "\n" not in str(caught.value)
    if name == "roberta":  # two places of its table are never used
        decoder = family(name, AutoModelForCausalLM, len(tokenizer), is_decoder=True)
        assert "can use the last 38." in explore.decoding(decoder, tokenizer, BEYOND_THE_WINDOW * 4).text


def test_added_tokens_without_an_embedding(model):
    tokenizer = AutoTokenizer.from_pretrained(ASSETS / "storybook-gpt2")
    tokenizer.add_tokens(["<smile>"])
    assert explore.decoding(model, tokenizer, PROMPT).text
    for show in ("sampling", "beams", "cache"):
        with pytest.raises(ValueError, match="resize_token_embeddings"):
            explore.decoding(model, tokenizer, PROMPT + "<smile>", show=show)


# --- what is shown -------------------------------------------------------------------------------------


@pytest.mark.parametrize("show", ["sampling", "beams", "cache"])
def test_one_output_has_three_forms(live, show):
    first, second = live(show=show), live(show=show)
    bundle, _ = first._repr_mimebundle_()
    assert set(bundle) == {forms.LIVE_VIEW, "text/html", "text/plain"}
    assert repr(first) == repr(second) == bundle["text/plain"]
    assert first.data == second.data
    json.dumps({name: value for name, value in first.data.items() if name != "logits"})
    html = bundle["text/html"]
    assert html.count('<img alt="') == 1 and "<svg" not in html
    assert not re.search(r"<script|<style|https?:|on\w+=", html.lower())


def test_the_static_form_says_what_is_left(model, tokenizer):
    shown = explore.decoding(model, tokenizer, PROMPT, top_k=5, top_p=0.6)
    assert isinstance(shown, forms.Static)
    changed = explorer.cut(
        explorer.Reader(model).logits(tokenizer.encode(PROMPT)), {**explorer.OFF, "top_k": 5, "top_p": 0.6}
    )
    (_, a), (_, b), (n, c), _ = explorer.left_and_cut(changed)
    assert a == 0 and f"{b:.1%}" in shown.text and f"{c:.1%}" in shown.html
    assert re.search(rf"top-p 0.6\s+{n} tokens left, {c:.1%} of the mass", shown.text)
    assert shown.text.count("cut off\n") >= explorer.SHOWN - n
    alt = unescape(re.search(r'<img alt="([^"]*)"', shown.html)[1])  # the picture in words
    logits = explorer.Reader(model).logits(tokenizer.encode(PROMPT))
    own, after = (softmax(z.astype(float)) for z in (logits, changed[-1]))
    for token in np.argsort(-logits, kind="stable")[: explorer.SHOWN]:
        left = f"{after[token]:.1%}" if after[token] else "cut off"
        assert f"{tokenizer.decode([token])!r} {own[token]:.1%}, then {left}" in alt


def test_bad_input_is_one_clear_error(model, tokenizer):
    for kwargs, words in [
        ({"text": ""}, "at least one token"),
        ({"text": 3}, "at least one token"),
        ({"show": "x"}, "show"),
        ({"top_p": 2}, "top_p"),
        ({"temperature": 0}, "temperature"),
        ({"top_k": -1}, "top_k"),
        ({"min_p": -1}, "min"),
        ({"show": "beams", "beams": 0}, "beams"),
        ({"show": "beams", "steps": 99}, "steps"),
    ]:
        with pytest.raises(ValueError, match=words) as raised:
            explore.decoding(model, tokenizer, **{"text": PROMPT, **kwargs})
        assert "\n" not in str(raised.value)
    with pytest.raises(ValueError, match="training mode"):
        explore.decoding(tiny("gpt2").train(), tokenizer, PROMPT)
    from transformers import BertConfig, BertModel

    bert = BertModel(
        BertConfig(vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
    )
    with pytest.raises(ValueError, match="AutoModelForCausalLM"):
        explore.decoding(bert.eval(), tokenizer, PROMPT)
    with pytest.raises(ValueError, match="AutoModelForCausalLM"):
        explore.decoding("gpt2", tokenizer, PROMPT)


ON_COLAB = """
from helpers import checkpoints, explore
gpt2 = checkpoints.load("gpt2")
for show in ("sampling", "beams", "cache"):
    view = explore.decoding(gpt2.model, gpt2.tokenizer, "Once upon a", show=show)
    formatted(view)
    if show == "sampling":
        view.state = {"ask": 1, "new": [7]}
        assert view.reply["ask"] == 1 and len(view.reply["new"]) == 1, view.note
print("all shown")
"""


def test_all_three_forms_with_colabs_versions(on_colab):
    assert on_colab(ON_COLAB) == "all shown"
