"""The attention explorer: the model's own weights, rows of sum 1, masked cells exactly 0, and what a head changes."""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from families import tiny as family
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    BertForSequenceClassification,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    GPT2Config,
    GPT2LMHeadModel,
)

from helpers import checkpoints, explore, show
from helpers.explorers import attention as explorer
from helpers.interventions import head_off

ROOT = Path(__file__).resolve().parents[2]
TEXT = "The old woman opened the door, and the cat ran out."
NAMES = ("bert", "masked", "gpt2")
ROUNDING = 2e-6  # float32: a sum of some 20 shares


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PROFILE", "offline")
        return {name: checkpoints.load(name) for name in NAMES}


def reader_of(one, *more) -> explorer.Reader:
    return explorer.Reader(one.model, one.tokenizer, TEXT, *more)


def weights_of(reader, **change) -> tuple[np.ndarray, np.ndarray, dict]:
    read, size = reader.read({**reader.start, **change}), len(reader.ids)
    weights = np.frombuffer(read["weights"], np.float32).reshape(reader.layers, reader.heads, size, size)
    return weights, np.frombuffer(read["masked"], np.uint8).reshape(size, size), read["prediction"]


def eager(one, **inputs) -> np.ndarray:
    """The weights of a copy that was made with eager attention in the first place."""
    model = type(one.model)._from_config(deepcopy(one.model.config), attn_implementation="eager").eval()
    model.load_state_dict(one.model.state_dict())
    with torch.no_grad():
        return torch.stack(model(**inputs, output_attentions=True).attentions)[:, 0].numpy()


# --- the numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_weights_are_the_model_s_own_to_the_last_bit(found, name):
    one = found[name]
    reader = reader_of(one)
    rows = 2 if reader.kind == "fill" else 1  # products of two rows may be rounded in another order than those of one
    inputs = one.tokenizer([TEXT] * rows, return_tensors="pt")
    own = eager(one, input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
    drawn, _, _ = weights_of(reader)
    assert (drawn == own).all()
    assert reader.start["causal"] is (name == "gpt2")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("off", [None, [1, 2]])
@pytest.mark.parametrize("hidden", [[], [2, 4]])
@pytest.mark.parametrize(("causal", "padding", "own"), [(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)])
def test_rows_sum_to_1_and_masked_cells_are_0(found, name, causal, padding, own, hidden, off):
    size = len(found[name].tokenizer(TEXT)["input_ids"]) + 3
    near = np.abs(np.subtract.outer(np.arange(size), np.arange(size))) <= 3
    reader = reader_of(found[name], 3, near)
    masks = {"causal": bool(causal), "padding": bool(padding), "own": bool(own), "hidden": hidden}
    weights, why, _ = weights_of(reader, **masks, off=off)
    assert np.abs(weights.sum(axis=-1) - 1).max() < ROUNDING
    expected = np.zeros((size, size), int)
    expected += np.triu(np.ones_like(expected), 1) * explorer.CAUSAL * causal
    expected[:, -3:] += explorer.PADDING * padding
    expected += (~near * own | np.isin(np.arange(size), hidden)) * explorer.OWN
    assert (why == expected).all()
    somewhere = (why == 0).any(axis=1)
    assert (weights[..., (why > 0) & somewhere[:, None]] == 0).all()
    assert (weights[..., why == 0] > 0).mean() > 0.99


@pytest.mark.parametrize("name", NAMES)
def test_the_usual_masks_given_as_one_s_own_are_the_same(found, name):
    reader = reader_of(found[name], 2)
    usual, _, _ = weights_of(reader)
    reader.usual = ~reader.usual  # so that all goes through the additive mask
    again, _ = reader.run(reader.start, reader.ids[None])
    assert np.allclose(usual[:, :, : reader.count], again[:, :, : reader.count], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["masked", "gpt2"])
def test_a_head_off_changes_the_prediction_as_the_hook_does(found, name):
    one, reader = found[name], reader_of(found[name])
    drawn, _, prediction = weights_of(reader, off=[1, 1])
    ids = torch.tensor(reader.ids)[None]
    place = reader.start["place"]
    if name == "masked":
        assert place == len(reader.ids) - 2  # the last one before [SEP]
        ids[0, place] = one.tokenizer.mask_token_id
    with torch.no_grad():
        before = one.model(ids).logits[0, place].softmax(-1)
        with head_off(one.model, 1, 1):
            after = one.model(ids).logits[0, place].softmax(-1)
    for row, p in zip(prediction["rows"][:6], before.topk(6).values, strict=True):
        assert float(row[1][0].rstrip("%")) == pytest.approx(100 * p.item(), abs=0.06)
    shown = {row[0]: float(row[1][1].rstrip("%")) for row in prediction["rows"]}
    for i in after.topk(6).indices.tolist():
        assert shown[repr(one.tokenizer.decode([i]))] == pytest.approx(100 * after[i].item(), abs=0.06)
    moved = float(re.search(r"([\d.]+)% of the probability", prediction["line"])[1])
    assert moved == pytest.approx(50 * (before - after).abs().sum().item(), abs=0.06) and moved > 0
    whole, _, _ = weights_of(reader)
    assert (drawn[:2] == whole[:2]).all() and not np.allclose(drawn[2:], whole[2:], atol=1e-4)


def test_a_headless_model_compares_its_vectors(found):
    reader = reader_of(found["bert"])
    _, _, prediction = weights_of(reader, off=[0, 3])
    ids = torch.tensor(reader.ids)[None]
    model = found["bert"].model
    with torch.no_grad():
        before = model(ids).last_hidden_state[0]
        with head_off(model, 0, 3):
            after = model(ids).last_hidden_state[0]
    cosines = torch.cosine_similarity(before, after, dim=-1)
    assert float(prediction["rows"][0][1][0]) == pytest.approx(cosines.min().item(), abs=2e-4)
    assert f"{cosines.mean():.3f}" in prediction["line"]


@pytest.mark.parametrize("training", [False, True])
def test_the_model_is_left_as_it_was(found, training):
    model = found["masked"].model
    before = model.config._attn_implementation
    model.train(training)
    try:
        weights_of(reader_of(found["masked"]), off=[0, 0])
        assert model.training is training and model.config._attn_implementation == before == "sdpa"
        assert not any(module._forward_pre_hooks for module in model.modules())
    finally:
        model.eval()


# --- other models and texts -------------------------------------------------------------------------------

SMALL = {"vocab_size": 30522, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
GPT = {"vocab_size": 50257, "n_embd": 32, "n_layer": 3, "n_head": 2, "n_positions": 32}
OTHERS = {
    "classifier": lambda: BertForSequenceClassification(BertConfig(**SMALL, num_labels=3)),
    "decoder": lambda: BertModel(BertConfig(**SMALL, is_decoder=True)),
    "distilled": lambda: DistilBertModel(DistilBertConfig(dim=32, hidden_dim=64, n_layers=2, n_heads=4)),
    "half": lambda: BertForMaskedLM(BertConfig(**SMALL)).to(torch.bfloat16),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_models(found, name):
    torch.manual_seed(0)
    one = SimpleNamespace(model=OTHERS[name]().eval(), tokenizer=found["bert"].tokenizer)
    reader = reader_of(one)
    weights, why, prediction = weights_of(reader, causal=True)
    assert np.abs(weights.sum(axis=-1) - 1).max() < (0.03 if name == "half" else ROUNDING)
    assert (weights[..., why > 0] == 0).all() and reader.start["causal"] is (name == "decoder")
    if name == "classifier":
        assert [row[0] for row in sorted(prediction["rows"])] == ["LABEL_0", "LABEL_1", "LABEL_2"]
    if name == "distilled":  # head_off does not know it, and says so
        with pytest.raises(ValueError, match="cannot be switched off"):
            weights_of(reader, off=[0, 0])


NEITHER = {"longformer": "of 4 x [0-9]+ x 5", "funnel": "[0-9] arrays", "convbert": "of 2 x", "lfm2": "1 arrays"}


@pytest.mark.parametrize("name", [*NEITHER, "deberta", "mamba", "roberta", "mpnet", "xlnet", "mistral"])
def test_models_of_all_kinds_are_shown_or_refused_in_one_line(found, name):
    torch.manual_seed(0)
    decoder = name in ("lfm2", "mamba", "mistral")
    tokenizer = found["gpt2" if decoder else "bert"].tokenizer
    kind = AutoModelForCausalLM if decoder else AutoModelForMaskedLM if name == "funnel" else AutoModel
    model = family(name, kind, len(tokenizer))
    text = "The old house stood by the river. " * 9
    if name in NEITHER or name == "mamba":
        with pytest.raises(ValueError, match=NEITHER.get(name, "attention heads")) as caught:
            explorer.Reader(model, tokenizer, text)
        assert "\n" not in str(caught.value)
        return
    reader = explorer.Reader(model, tokenizer, text)
    assert len(reader.tokens) == {"roberta": 38, "mpnet": 38, "deberta": 40, "mistral": 40}.get(
        name, len(reader.tokens)
    )
    assert np.abs(weights_of(reader)[0].sum(axis=-1) - 1).max() < ROUNDING
    if name in ("deberta", "xlnet"):
        with pytest.raises(ValueError, match="does not take such a mask") as caught:
            weights_of(reader, hidden=[0])
        assert "\n" not in str(caught.value)


def test_added_tokens_without_an_embedding(found):
    tokenizer = AutoTokenizer.from_pretrained(checkpoints.ASSETS / "storybook-bert")
    tokenizer.add_tokens(["<smile>"])
    model = family("bert", AutoModel, len(tokenizer) - 1)
    with pytest.raises(ValueError, match="resize_token_embeddings"):
        explore.attention(model, tokenizer, "a <smile>")


def test_a_long_text_is_cut_with_a_notice(found):
    gpt2 = SimpleNamespace(model=GPT2LMHeadModel(GPT2Config(**GPT)).eval(), tokenizer=found["gpt2"].tokenizer)
    reader = explorer.Reader(gpt2.model, gpt2.tokenizer, "a b c d " * 30, 2)
    assert len(reader.tokens) == 32 and reader.count == 30
    assert reader.notice.startswith("The text has 12") and "only 30 of them" in reader.notice
    assert reader.notice in explore.attention(gpt2.model, gpt2.tokenizer, "a b c d " * 30, pads=2).text
    reader = explorer.Reader(found["bert"].model, found["bert"].tokenizer, "tea " * 300)
    assert reader.tokens[-1] == "[SEP]" and len(reader.tokens) == 91
    assert 4 * 72 * 91**2 <= explorer.MOST_BYTES < 4 * 72 * 92**2  # what fits into one answer
    twelve = BertModel(BertConfig(**{**SMALL, "hidden_size": 48, "num_hidden_layers": 12, "num_attention_heads": 12}))
    assert len(explorer.Reader(twelve.eval(), found["bert"].tokenizer, "tea " * 100).tokens) == 64


def test_bad_input_is_one_clear_error(found):
    bert, gpt2 = found["bert"], found["gpt2"]
    for arguments, options, message in (
        ((gpt2.model, gpt2.tokenizer, ""), {}, "at least one token"),
        ((bert.model, bert.tokenizer, 3), {}, "give a string"),
        ((bert.model, bert.tokenizer, TEXT), {"layer": 6}, "layers 0 to 5"),
        ((bert.model, bert.tokenizer, TEXT), {"head": -1}, "heads 0 to 11"),
        ((bert.model, bert.tokenizer, TEXT), {"pads": 17}, "from 0 to 16"),
        ((bert.model, bert.tokenizer, TEXT), {"mask": np.ones((3, 3))}, "give booleans of shape"),
        ((torch.nn.Linear(1, 1), bert.tokenizer, TEXT), {}, "not a model of transformers"),
    ):
        with pytest.raises(ValueError, match=message):
            explore.attention(*arguments, **options)


def test_a_row_that_may_look_nowhere_is_the_model_s(found):
    reader = reader_of(found["gpt2"])
    weights, why, _ = weights_of(reader, hidden=[0])
    assert (why[0] > 0).all() and np.abs(weights[..., 0, :].sum(axis=-1) - 1).max() < ROUNDING
    assert (weights[..., 1:, 0] == 0).all()


def test_tokens_show_their_spaces(found):
    assert reader_of(found["gpt2"]).tokens[:2] == ["The", "␣old"]
    emoji = explorer.Reader(found["gpt2"].model, found["gpt2"].tokenizer, "a 雨\n")
    assert emoji.tokens[-1] == "⏎" and all(token and "\ufffd" not in token for token in emoji.tokens)


# --- the output -------------------------------------------------------------------------------------------


def shown(monkeypatch, one, kernel=True, **options):
    import IPython

    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=1) if kernel else None)
    return explore.attention(one.model, one.tokenizer, TEXT, **options)


def test_the_bundle_has_a_live_and_two_static_forms(monkeypatch, found):
    first, again = (shown(monkeypatch, found["masked"], layer=1, head=1) for _ in range(2))
    data = first._repr_mimebundle_()[0]
    assert set(data) == {show.LIVE_VIEW, "text/html", "text/plain"}
    assert repr(first) == repr(again) == data["text/plain"]
    weights, _, _ = weights_of(reader_of(found["masked"]))
    row = weights[1, 1, 3]
    assert f"woman looks at old {row[2]:.3f}, " in data["text/plain"]
    assert f"old {row[2]:.3f}, " in data["text/html"] and data["text/html"].count("data:image/png") == 2
    assert "guessed from the rest" in data["text/plain"]
    assert "<script" not in data["text/html"] and "http" not in data["text/html"]
    assert isinstance(shown(monkeypatch, found["gpt2"], kernel=False), show.Static)


def test_the_static_pictures_show_the_weights(found):
    weights, why, _ = weights_of(reader_of(found["gpt2"]))
    names = ["<b>", "雨", "$1$", *map(str, range(3, len(why)))]
    (axis,) = explorer.one_head(weights[1, 1], names, why).axes
    cells = axis.images[0].get_array()
    assert (np.ma.getmaskarray(cells) == (why > 0)).all() and why.any() and axis.patch.get_hatch()
    assert np.allclose(cells.filled(0) ** 2, weights[1, 1], atol=1e-6)
    written = [tick.get_text() for tick in axis.get_yticklabels()]
    assert written == [tick.get_text() for tick in axis.get_xticklabels()] == ["<b>", "1", r"\$1\$", *names[3:]]

    # all heads, each in its place and with a thin frame; a strong one is around the head that is shown in detail
    layers, heads, size, _ = weights.shape
    (axis,) = explorer.all_heads(weights, 1, 2).axes
    mosaic = axis.images[0].get_array()
    assert (~np.ma.getmaskarray(mosaic)).sum() == weights.size
    step = mosaic.shape[1] // heads
    for i, h in np.ndindex(layers, heads):
        own = mosaic[i * step : i * step + size, h * step : h * step + size]
        assert np.allclose(own.filled(-1) ** 2, weights[i, h], atol=1e-6)
    *thin, frame = axis.patches
    corners = [(h * step - 0.5, i * step - 0.5) for i, h in np.ndindex(layers, heads)]
    assert [one.get_xy() for one in thin] == corners and thin[0].get_linewidth() < 1 < frame.get_linewidth()
    assert frame.get_xy() == (2 * step - 1, step - 1)


def test_a_row_that_may_look_nowhere_is_drawn_where_the_model_looks(found):
    weights, why, _ = weights_of(reader_of(found["gpt2"]), hidden=[0])
    cells = explorer.one_head(weights[0, 0], ["x"] * len(why), why).axes[0].images[0].get_array()
    assert (why[0] > 0).all() and not np.ma.getmaskarray(cells)[0].any()


def test_what_is_asked_is_answered_and_errors_are_shown(monkeypatch, found):
    view = shown(monkeypatch, found["masked"])
    view.state = {**view.data["start"], "off": [1, 1], "ask": 1}
    assert view.reply["ask"] == 1 and "Without head 1.1" in view.reply["prediction"]["line"] and view.note == ""
    view.state = {**view.data["start"], "off": [9, 1], "ask": 2}
    assert view.note.startswith("ValueError: The model has layers 0 to 5") and view.reply["ask"] == 1


NEW = "A dog sat down."


@pytest.mark.parametrize("name", NAMES)
def test_another_text_is_read_as_if_it_were_the_first(monkeypatch, found, name):
    one = found[name]
    view = shown(monkeypatch, one, pads=1)
    blank = {"causal": None, "padding": None, "own": None, "hidden": [], "off": None, "place": None}
    view.state = {**blank, "text": NEW, "ask": 1}
    other, reply = explorer.Reader(one.model, one.tokenizer, NEW, 1), view.reply
    assert view.note == "" and reply["tokens"] == other.tokens and len(other.tokens) < len(view.data["tokens"])
    assert reply["choice"] == reply["start"] == {**other.start, "text": NEW}
    assert reply["weights"] == other.read(other.start)["weights"]
    assert (reply["kind"], reply["places"]) == (other.kind, other.places)
    view.state = {**reply["choice"], "off": [1, 1], "causal": True, "ask": 2}  # and it is the one that is asked about
    assert view.reply["weights"] == other.read({**other.start, "off": [1, 1], "causal": True})["weights"]
    view.state = {**blank, "text": TEXT, "ask": 3}
    assert view.reply["weights"] == view.data["weights"]


def test_a_mask_of_one_s_own_is_for_the_first_text(monkeypatch, found):
    size = len(found["gpt2"].tokenizer(TEXT)["input_ids"])
    view = shown(monkeypatch, found["gpt2"], mask=np.eye(size, dtype=bool))
    view.state = {**view.data["start"], "text": NEW, "own": None, "place": None, "ask": 1}
    assert view.note == "" and view.data["given"]["own"] and not view.reply["given"]["own"]
    assert not view.reply["choice"]["own"]
    view.state = {**view.data["start"], "ask": 2}
    assert view.reply["given"]["own"] and view.reply["weights"] == view.data["weights"]


def test_a_text_that_cannot_be_read_is_a_note_and_the_next_one_is_read(monkeypatch, found):
    view = shown(monkeypatch, found["gpt2"])
    view.state = {**view.data["start"], "text": "", "place": None, "ask": 1}
    assert "at least one token" in view.note and "ask" not in view.reply
    view.state = {**view.data["start"], "text": "A", "causal": None, "place": None, "ask": 2}
    assert view.note == "" and view.reply["tokens"] == ["A"]


ON_COLAB = """
from helpers import checkpoints, explore, runtime
runtime.start("offline")
gpt2 = checkpoints.load("gpt2")
view = explore.attention(gpt2.model, gpt2.tokenizer, "Once upon a time")
formatted(view)
view.state = {**view.data["start"], "causal": False, "off": [1, 1], "ask": 1}
assert view.note == "", view.note
print(view.reply["prediction"]["columns"])
"""


def test_all_three_forms_with_colabs_versions(on_colab):
    assert on_colab(ON_COLAB) == "['all heads', 'without head 1.1']"
