"""The tour: its trace is what `helpers.reference` and transformers compute, it fits, and it refuses in one sentence."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from families import tiny as family
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    BertConfig,
    BertForSequenceClassification,
    BertLMHeadModel,
    GPT2Config,
    GPT2LMHeadModel,
)

from helpers import checkpoints, explore
from helpers.explorers import label
from helpers.explorers import model as explorer
from helpers.reference.transformer import bert_forward, gpt2_forward, part, read_checkpoint

TEXTS = {"gpt2": "The old man opened the door and", "masked": "The old woman opened the [MASK], and the cat ran out."}
NEAR = {"rtol": 0, "atol": 2e-4}  # two float32 programs that sum in another order, through all blocks
STEP = ("weights", "attended", "middle", "transformed", "output")


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PROFILE", "offline")
        return {name: checkpoints.load(name) for name in TEXTS}


@pytest.fixture(scope="module")
def traces(found):
    return {name: explorer.Tracer(one.model, one.tokenizer).trace(TEXTS[name], layer=2) for name, one in found.items()}


def numbers(one) -> np.ndarray:
    return explorer.numbers(one)


def size(trace) -> int:
    """The bytes of all arrays of a trace."""
    arrays = [*trace.values(), *(one for step in trace["steps"] if step for one in step.values())]
    return sum(len(one["data"]) for one in arrays if isinstance(one, dict) and "data" in one)


# --- the numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXTS)
def test_a_trace_is_what_the_reference_computes(traces, name):
    trace = traces[name]
    folder = checkpoints.resolve(name, "offline").location
    weights, config = read_checkpoint(folder)
    forward = gpt2_forward if name == "gpt2" else bert_forward
    output, place = forward(weights, config, np.array([trace["ids"]])), trace["place"]
    body = part(weights, "transformer" if name == "gpt2" else "bert")
    words, positions = (
        (body["wte.weight"], body["wpe.weight"])
        if name == "gpt2"
        else (body["embeddings.word_embeddings.weight"], body["embeddings.position_embeddings.weight"])
    )
    count = len(trace["ids"])
    np.testing.assert_array_equal(numbers(trace["words"]), words[trace["ids"]])
    np.testing.assert_array_equal(numbers(trace["positions"]), positions[:count])
    np.testing.assert_allclose(numbers(trace["embedded"]), output.hidden_states[0][0], **NEAR)
    assert len(trace["steps"]) == len(output.steps) == trace["shape"]["layers"]
    for mine, theirs in zip(trace["steps"], output.steps, strict=True):
        for field in STEP:
            np.testing.assert_allclose(numbers(mine[field]), getattr(theirs, field)[0], **NEAR, err_msg=field)
        assert mine["wide"]["shape"] == [count, trace["shape"]["d_ff"]]
    np.testing.assert_allclose(numbers(trace["logits"]), output.logits[0, place], **NEAR)
    np.testing.assert_allclose(numbers(trace["stream"])[1:], [s.output[0, place] for s in output.steps], **NEAR)
    if name == "gpt2":
        np.testing.assert_allclose(numbers(trace["final"]), output.hidden_states[-1][0, place], **NEAR)
    likely = trace["likely"][: explorer.SHOWN]  # the picture of the logits: final vector · row (+ bias) = logit
    bias = numbers(trace["bias"]) if "bias" in trace else 0
    products = numbers(trace["rows"]) @ numbers(trace["final"]) + bias
    np.testing.assert_allclose(products, output.logits[0, place][likely], **NEAR)
    assert trace["tied"] is True


SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}
TINY = {
    "next": lambda size: GPT2LMHeadModel(GPT2Config(vocab_size=size, n_embd=32, n_layer=3, n_head=2)),
    "fill": lambda size: family("bert", AutoModelForMaskedLM, size),
    "classes": lambda size: BertForSequenceClassification(BertConfig(vocab_size=size, **SMALL, num_labels=3)),
}


@pytest.mark.parametrize("kind", TINY)
def test_a_trace_is_what_transformers_hands_out(found, kind):
    torch.manual_seed(0)
    tokenizer = found["gpt2" if kind == "next" else "masked"].tokenizer
    model = TINY[kind](len(tokenizer)).eval()
    tracer = explorer.Tracer(model, tokenizer)
    trace = tracer.trace("The cat sat by the door.")
    assert tracer.kind == trace["kind"] == kind
    model.set_attn_implementation("eager")
    with torch.no_grad():
        output = model(torch.tensor([trace["ids"]]), output_hidden_states=True, output_attentions=True)
    place, layers = trace["place"], trace["shape"]["layers"]
    states = [state[0].numpy() for state in output.hidden_states]
    np.testing.assert_allclose(numbers(trace["embedded"]), states[0], atol=1e-6)
    for i, step in enumerate(trace["steps"]):
        np.testing.assert_allclose(numbers(step["weights"]), output.attentions[i][0].numpy(), atol=1e-6)
        if kind != "next" or i < layers - 1:  # GPT-2's last one is normalized
            np.testing.assert_allclose(numbers(step["output"]), states[i + 1], atol=1e-6)
    own = output.logits[0] if kind == "classes" else output.logits[0, place]
    np.testing.assert_allclose(numbers(trace["logits"]), own.numpy(), atol=1e-6)
    best = own.softmax(-1).max().item()
    assert trace["lens"][-1][0] == [trace["names"][0], pytest.approx(best, abs=1e-6)]  # the last block's is the answer
    assert trace["likely"][0] == int(own.argmax())
    assert explorer.show(model, tokenizer, "The cat", "logits", 1, 1, 0, CUTS).text.count("\n") >= 5


CUTS = {"temperature": 0.8, "top_k": 20, "top_p": 0.95}


def test_ids_with_one_more_give_the_trace_of_the_longer_text(found, traces):
    one = found["gpt2"]
    tracer, trace = explorer.Tracer(one.model, one.tokenizer), traces["gpt2"]
    longer = tracer.trace(ids=[*trace["ids"], trace["likely"][0]])
    assert longer["text"] == TEXTS["gpt2"] + trace["names"][0].replace("␣", " ") and longer["place"] == len(
        trace["ids"]
    )
    again = tracer.trace(longer["text"])
    assert again["ids"] == longer["ids"] and again["logits"] == longer["logits"]


def test_what_is_said_after_a_text_is_said_of_all_of_it(found):
    """Also of a text longer than what the tour shows. The planted fault: only the last 24 tokens are read."""
    one = found["gpt2"]
    tracer = explorer.Tracer(one.model, one.tokenizer)
    trace = tracer.trace("One day the king and the queen went out again. " * 4)
    after = tracer.after(trace["all"])
    assert len(trace["all"]) > len(trace["ids"]) == 24 and trace["all"][-24:] == trace["ids"]
    assert after["text"] == trace["text"] and after["all"] == trace["all"]
    with torch.no_grad():
        wanted = one.model(torch.tensor([trace["all"]])).logits[0, -1]
    np.testing.assert_allclose(numbers(after["logits"]), wanted.numpy(), atol=1e-5)
    assert after["likely"][0] == int(wanted.argmax()) and after["names"][0] == label(one.tokenizer, after["likely"][0])
    short = tracer.trace("The cat")
    assert short["all"] == short["ids"] and tracer.after(short["ids"])["names"] == short["names"]


def test_the_bytes_of_a_character_that_is_cut_are_named(found):
    """The planted fault: the letters that GPT-2's vocabulary writes for bytes are shown as if they were the text's."""
    one = found["gpt2"]
    text = "It costs 5 \u20ac, zo\u00eb \U0001f600"
    trace = explorer.Tracer(one.model, one.tokenizer).trace(text)
    assert trace["text"] == text and len(trace["tokens"]) == len(trace["ids"])
    cut = [name for name in trace["tokens"] if name.startswith("byte")]
    for character in "\u20ac\u00eb\U0001f600":  # whole, or all of its bytes, in order
        named = [re.fullmatch(r"bytes? ([0-9A-F ]+) of (.)", name) for name in cut if name.endswith(character)]
        spelled = " ".join(match[1] for match in named).removeprefix("20 ")
        whole = any(character in name for name in trace["tokens"] if name not in cut)
        assert whole if not named else spelled == character.encode().hex(" ").upper()
    assert cut and not any("\u00e2" in name or "\ufffd" in name for name in trace["tokens"])


@pytest.mark.parametrize("training", [False, True])
def test_the_model_is_left_as_it_was(found, training):
    model, tokenizer = found["gpt2"].model, found["gpt2"].tokenizer
    before = model.config._attn_implementation
    model.train(training)
    try:
        told = [explorer.Tracer(model, tokenizer).trace("Once upon a time")["logits"] for _ in range(2)]
        assert told[0] == told[1]  # without dropout
        assert model.training is training and model.config._attn_implementation == before
        hooks = [hook for module in model.modules() for hook in module._forward_hooks.values()]
        assert not [hook for hook in hooks if hook.__module__ == explorer.__name__]
    finally:
        model.eval()


# --- what is sent ---------------------------------------------------------------------------------------------


def test_all_blocks_of_a_small_model_fit_into_one_answer(found):
    one = found["gpt2"]
    trace = explorer.Tracer(one.model, one.tokenizer).trace("One day the king and the queen went out again. " * 9)
    assert len(trace["tokens"]) == explorer.MOST_TOKENS and "only" not in trace["notice"]
    assert re.match(r"The text has \d+ tokens; the tour shows 24 of them, the last ones\.", trace["notice"])
    assert all(trace["steps"]) and size(trace) < 1_500_000


def test_of_gpt2_small_the_block_that_is_asked_for_is_sent():
    torch.manual_seed(0)
    tokenizer = checkpoints.gpt2_tokenizer()
    model = GPT2LMHeadModel(GPT2Config()).eval()  # 124 M random weights
    trace = explorer.Tracer(model, tokenizer).trace("A story of the sea and of the wind " * 6, layer=7)
    assert trace["shape"] | {"layers": 12, "heads": 12, "d_model": 768, "d_ff": 3072} == trace["shape"]
    assert trace["steps"][7] and not all(trace["steps"]) and len(trace["lens"]) == 13
    assert size(trace) < 1_500_000


def test_a_text_that_is_too_long_for_bert_keeps_its_end_marker(found):
    one = found["masked"]
    trace = explorer.Tracer(one.model, one.tokenizer).trace("The cat ran out. " * 12)
    assert trace["tokens"][0] == "[CLS]" and trace["tokens"][-1] == "[SEP]"
    assert len(trace["ids"]) == 24 and "from its beginning" in trace["notice"]
    assert trace["place"] == 22  # no [MASK]: the last word's token


# --- where nothing can live -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXTS)
def test_the_static_form_has_the_path_and_its_numbers(found, traces, name):
    one, trace = found[name], traces[name]
    shown = explore.model(one.model, one.tokenizer, TEXTS[name], layer=2, head=1)
    row = numbers(trace["steps"][2]["weights"])[1, trace["place"]]
    best = torch.from_numpy(numbers(trace["logits"]).copy()).double().softmax(-1).max().item()
    for fact in (TEXTS[name], " ".join(trace["tokens"]), f": {row.max():.2f}.", f"{trace['names'][0]} {best:.1%}"):
        assert fact in shown.text
    alt = re.search(r'<img alt="([^"]+)"', shown.html)[1]
    assert "block 2, head 1" in alt and f"{best:.1%}" in alt
    assert "<script" not in shown.html and "<svg" not in shown.html and "http" not in shown.html
    assert ("joins the text" in shown.text) is (name == "gpt2")
    drawn = explorer.path(trace, {"layer": 2, "head": 1, "cuts": CUTS})
    assert all(f">{explorer.clipped(name)}<" in drawn.svg() for name in trace["names"][:5])
    assert f">{explorer.clipped(trace['tokens'][trace['place']])}<" in drawn.svg()


def test_it_opens_at_a_head_that_looks_at_another_token(found):
    """The planted faults: the first token counts, at which a head looks that has nothing to do; the token itself."""
    model, tokenizer = found["gpt2"].model, found["gpt2"].tokenizer
    tracer = explorer.Tracer(model, tokenizer)
    text = "The old captain looked at the"
    trace = tracer.trace(text)
    most = {}
    for i, step in enumerate(trace["steps"]):
        for h, weights in enumerate(numbers(step["weights"])):
            most[i, h] = {key: weights[trace["place"], key] for key in range(trace["place"] + 1)}
    between = {where: max(of[key] for key in of if key not in (0, trace["place"])) for where, of in most.items()}
    wanted = max(between, key=between.get)
    assert tracer.looks_hardest(text, None, None) == wanted and between[wanted] > 0.5
    assert wanted != max(most, key=lambda where: most[where][0])
    assert wanted != max(most, key=lambda where: most[where][trace["place"]])
    own = max((where for where in between if where[0] == 2), key=between.get)
    assert tracer.looks_hardest(text, 2, None) == own and tracer.looks_hardest(text, 1, 3) == (1, 3)
    assert f"block {wanted[0]}, head {wanted[1]}" in explore.model(model, tokenizer, text).text


# --- what it refuses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["llama", "mamba", "roberta", "distilbert", "mpt", "opt"])
def test_other_families_are_refused_in_one_sentence(found, name):
    kind = AutoModelForMaskedLM if name in ("roberta", "distilbert") else AutoModelForCausalLM
    model = family(name, kind, 4096)
    with pytest.raises(ValueError, match=r"^The tour cannot take a \w+ apart: give a GPT2LMHeadModel .*\.$"):
        explore.model(model, found["gpt2"].tokenizer, "Once upon a time")


@pytest.mark.parametrize(
    "model",
    [
        lambda: family("bert", AutoModel, 4096),
        lambda: family("gpt2", AutoModel, 4096),
        lambda: family("gpt2", AutoModelForSequenceClassification, 4096, pad_token_id=0),
        lambda: BertLMHeadModel(BertConfig(vocab_size=4096, **SMALL, is_decoder=True)),
        lambda: SimpleNamespace(),
    ],
)
def test_a_model_without_an_end_to_the_tour_is_refused(found, model):
    with pytest.raises(ValueError, match="The tour cannot take a"):
        explore.model(model(), found["masked"].tokenizer, "Once upon a time")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"start": "layer"}, "start is 'layer'; for a GPT2LMHeadModel it can be text, tokens, embedding,"),
        ({"start": "probabilities"}, "start is 'probabilities'"),
        ({"layer": 6}, "The model has blocks 0 to 5 and heads 0 to 3, no 6.0."),
        ({"head": -1}, "no 0.-1."),
        ({"text": ""}, "The text is ''; give a string with at least one token."),
        ({"text": None}, "The text is None"),
        ({"temperature": 0}, "temperature is 0"),
        ({"top_k": -1}, "top_k is -1"),
        ({"top_p": 1.5}, "top_p is 1.5"),
    ],
)
def test_what_is_out_of_range_is_said(found, options, said):
    one = found["gpt2"]
    with pytest.raises(ValueError, match=re.escape(said)):
        explore.model(one.model, one.tokenizer, **{"text": "Once upon a time", **options})


def test_a_tokenizer_of_another_model_is_refused(found):
    model = family("gpt2", AutoModelForCausalLM, 40)
    with pytest.raises(ValueError, match=r"embeddings for 40 tokens only|do not belong together"):
        explore.model(model, found["gpt2"].tokenizer, "Once upon a time")
