"""The confidence explorer: its numbers against the model and lesson 07's own functions; its forms; what it refuses."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
import torch
from families import tiny as family
from hypothesis import given, settings
from hypothesis import strategies as st
from markup import Tags
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    BertConfig,
    BertForSequenceClassification,
    GPT2Config,
    GPT2ForSequenceClassification,
)

from helpers import checkpoints, explore, show
from helpers.checkpoints import ASSETS
from helpers.explorers import confidence as explorer
from helpers.reference.attention import softmax

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ["Never again.", "A joy from start to end, and then some more of it.", "It broke.", "Lovely & <b>small</b>"] * 9
LABELS = [0, 1, 0, 1] * 9
SMALLEST = {"vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}


@pytest.fixture(scope="module")
def tokenizer():
    return checkpoints.tokenizer("bert")


def tiny(tokenizer, labels: int = 2, seed: int = 0):
    """A random BERT with weights far from the usual 0.02, so that its probabilities differ from text to text."""
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=40,
        num_labels=labels,
        initializer_range=0.3,
    )
    return BertForSequenceClassification(config).eval()


@pytest.fixture(scope="module")
def model(tokenizer):
    return tiny(tokenizer)


@pytest.fixture(scope="module")
def lesson():
    """Lesson 07's own functions, as they stand in its cells."""
    notebook = nbformat.read(ROOT / "notebooks" / "07_evaluate_and_adapt.ipynb", as_version=4)
    sources = {cell.id: cell.source for cell in notebook.cells}
    scope = {"np": np, "torch": torch}
    solution = ROOT / "solutions/lesson07/answers/ece/right/solution.py"  # what the lesson goes on with
    for source in (sources["by-bins"], solution.read_text(encoding="utf-8"), sources["words-run"]):
        exec(source, scope)
    return scope


def by_model(model, tokenizer, text):
    with torch.no_grad():
        return model(**tokenizer(text, return_tensors="pt")).logits[0].numpy()


# --- numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("labels", [2, 3])
def test_logits_are_the_models_in_any_batch(tokenizer, labels):
    model = tiny(tokenizer, labels)
    reader = explorer.Reader(model, tokenizer)
    found, cut = reader.logits(TEXTS)  # 36 texts: two batches, sorted by length
    assert found.dtype == np.float32 and cut == 0
    assert np.allclose(found, [by_model(model, tokenizer, text) for text in TEXTS], atol=1e-4)  # float32, other padding
    assert np.ptp(found) > 0.1
    for text in TEXTS[:4]:
        assert np.allclose(reader.sentence(text, 0)["logits"], by_model(model, tokenizer, text), atol=1e-5)


def test_the_push_is_lesson_07s_gradient_times_input(model, tokenizer, lesson):
    before = [weight.grad for weight in model.parameters()]
    reader = explorer.Reader(model, tokenizer)
    lesson["model"] = model
    for text in TEXTS[:4]:
        ids = tokenizer(text, return_tensors="pt")["input_ids"]
        toward, away = (np.array(reader.sentence(text, watch)["scores"]) for watch in (1, 0))
        assert [weight.grad for weight in model.parameters()] == before  # nothing piles up in the reader's model
        hers = lesson["gradient_times_input"](ids)
        model.zero_grad(set_to_none=True)
        assert np.abs(hers).max() > 0.1
        assert np.allclose(toward, hers, atol=1e-5 * np.abs(hers).max() + 1e-6)
        assert np.allclose(away, -hers, atol=1e-5 * np.abs(hers).max() + 1e-6)


def test_of_three_labels_the_push_is_the_slope_of_the_log_odds(tokenizer):
    model = tiny(tokenizer, 3).double()
    reader = explorer.Reader(model, tokenizer)
    text, step = TEXTS[1], 1e-6
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    embedded = model.get_input_embeddings()(ids).detach()
    found = reader.sentence(text, 1)["scores"]

    def log_odds(vectors):
        with torch.no_grad():
            p = model(inputs_embeds=vectors).logits[0].softmax(-1)[1]
        return (p / (1 - p)).log().item()

    for place in (1, 4):  # along its own vector, a token's push is the slope of the log-odds
        more, less = embedded.clone(), embedded.clone()
        more[0, place] *= 1 + step
        less[0, place] *= 1 - step
        slope = (log_odds(more) - log_odds(less)) / (2 * step)
        assert np.isclose(found[place], slope, rtol=1e-2, atol=1e-4)  # the logits are made float32


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.2, 5), st.sampled_from([2, 3, 5]))
def test_bins_and_ece_are_lesson_07s(lesson, seed, temperature, width):
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(size=(60, width)) * 3, rng.integers(width, size=60)
    found = explorer.calibration(logits, labels, temperature)
    p = torch.softmax(torch.tensor(logits) / temperature, 1)
    confidence, hits = p.max(1).values.numpy(), p.argmax(1).numpy() == labels
    assert np.allclose(found["bins"], lesson["by_bins"](confidence, hits), atol=1e-9)
    assert np.isclose(found["ece"], lesson["ece"](confidence, hits), atol=1e-9)
    loss = torch.nn.functional.cross_entropy(torch.tensor(logits) / temperature, torch.tensor(labels))
    assert np.isclose(found["loss"], loss.item()) and found["accuracy"] == hits.mean()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40), st.floats(0, 1))
def test_counts_are_sklearns(pairs, threshold):
    from sklearn.metrics import accuracy_score, confusion_matrix, precision_score, recall_score

    p, actual = np.array([x for x, _ in pairs]), np.array([y for _, y in pairs])
    found, said = explorer.flagged(p, actual, threshold), p > threshold
    table = confusion_matrix(actual, said, labels=[False, True]).ravel().tolist()
    assert [found[k] for k in ("passed", "alarm", "miss", "hit")] == table
    assert found["accuracy"] == accuracy_score(actual, said)
    for name, score, some in (("precision", precision_score, said), ("recall", recall_score, actual)):
        assert found[name] == (score(actual, said) if some.any() else None)


# --- other models, and what is refused ------------------------------------------------------------------


def test_a_decoder_with_a_head_works_too():
    tokenizer = checkpoints.tokenizer("gpt2")
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=len(tokenizer), n_embd=32, n_layer=2, n_head=2, n_positions=32, num_labels=2)
    model = GPT2ForSequenceClassification(config).eval()
    reader = explorer.Reader(model, tokenizer)
    logits, _ = reader.logits(TEXTS[:4])  # it has no padding token: one text at a time
    assert np.allclose(logits, [by_model(model, tokenizer, text) for text in TEXTS[:4]], atol=1e-5)
    answer = reader.sentence("It broke.", 1)
    assert np.allclose(answer["logits"], logits[2], atol=1e-5) and answer["tokens"][1] == "broke"
    with pytest.raises(ValueError, match="no token: type a word"):
        reader.sentence("", 1)


@pytest.mark.parametrize(
    ("name", "room"), [("roberta", 38), ("camembert", 38), ("mpnet", 38), ("bert", 40), ("xlnet", None)]
)
def test_families_that_count_positions_otherwise(name, room):
    tokenizer = AutoTokenizer.from_pretrained(ASSETS / "storybook-bert", model_max_length=int(1e30))
    model = family(name, AutoModelForSequenceClassification, len(tokenizer), num_labels=2)
    text = "so " * 60
    shown = explore.confidence(model, tokenizer, [text, "fine"], [0, 1], text).text
    assert (f"the model reads the first {room}." in shown) is (room is not None)


@pytest.mark.parametrize("name", ["longformer"])
def test_a_model_that_does_not_say_what_tokens_add(name):
    tokenizer = AutoTokenizer.from_pretrained(ASSETS / "storybook-bert")
    model = family(name, AutoModelForSequenceClassification, len(tokenizer), num_labels=2)
    with pytest.raises(ValueError, match="does not say what each token adds") as caught:
        explore.confidence(model, tokenizer, ["fine", "bad"], [0, 1], "fine")
    assert "\n" not in str(caught.value)


def test_added_tokens_without_an_embedding():
    tokenizer = AutoTokenizer.from_pretrained(ASSETS / "storybook-bert")
    tokenizer.add_tokens(["<smile>"])
    model = family("bert", AutoModelForSequenceClassification, len(tokenizer) - 1, num_labels=2)
    for text, sentence in (("a <smile>", "a"), ("a", "a <smile>")):
        with pytest.raises(ValueError, match="resize_token_embeddings"):
            explore.confidence(model, tokenizer, [text, "fine"], [0, 1], sentence)


def test_what_is_too_long_is_cut_with_a_notice(model, tokenizer):
    view = explore.confidence(model, tokenizer, [*TEXTS[:2], "so " * 50], [0, 1, 1], "very " * 60)
    assert "The sentence has 62 tokens; the model reads the first 40." in view.text
    assert "1 of the 3 labeled texts were cut as well." in view.text
    assert len(explorer.Reader(model, tokenizer).sentence("very " * 60, 1)["tokens"]) == 40


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": [0, 1]}, "36 texts, and labels of shape .2,.: give one label per text"),
        ({"labels": [0, 2] * 18}, "whole numbers from 0 to 1: no, yes"),
        ({"labels": [0.0, 1.0] * 18}, "whole numbers"),
        ({"texts": [], "labels": []}, "0 texts"),
        ({"names": ["no"]}, "has 2 labels, and names has 1"),
        ({"watch": "maybe"}, "'maybe'; it can be no, yes"),
        ({"sentence": 3}, "must be a string, not int"),
        ({"model": BertForSequenceClassification(BertConfig(**SMALLEST)).train()}, "model.eval"),
        ({"model": SimpleNamespace(config=SimpleNamespace(num_labels=2))}, "SimpleNamespace is not a classifier"),
    ],
)
def test_bad_input_is_one_clear_error(model, tokenizer, change, message):
    asked = {
        "model": model,
        "tokenizer": tokenizer,
        "texts": TEXTS,
        "labels": LABELS,
        "sentence": "It broke.",
        "names": ["no", "yes"],
        "watch": None,
    } | change
    with pytest.raises(ValueError, match=message) as raised:
        explore.confidence(**asked)
    assert "\n" not in str(raised.value)


# --- the three forms ------------------------------------------------------------------------------------


def shown(monkeypatch, model, tokenizer, **options):
    import IPython

    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=1))
    names = ["<no>", "yes"]
    return explore.confidence(model, tokenizer, TEXTS, LABELS, "Lovely & <b>small</b>", names=names, **options)


def test_live_and_static_in_one_output(monkeypatch, model, tokenizer):
    one, two = shown(monkeypatch, model, tokenizer), shown(monkeypatch, model, tokenizer)
    data, _ = one._repr_mimebundle_()
    assert set(data) == {show.LIVE_VIEW, "text/html", "text/plain"}
    assert repr(one) == repr(two) == data["text/plain"] and data["text/html"] == two._repr_mimebundle_()[0]["text/html"]
    tags = Tags(data["text/html"])
    assert tags.open == [] and {*tags.seen} <= {"div", "p", "table", "tr", "td", "span", "small", "img"}
    assert "“Lovely &amp; &lt;b&gt;small&lt;/b&gt;”" in data["text/html"] and "&lt;no&gt;" in data["text/html"]
    logits = np.array([by_model(model, tokenizer, text) for text in TEXTS])
    whole = explorer.calibration(logits, np.array(LABELS))
    assert f"ECE {whole['ece']:.3f}" in data["text/plain"] and f"accuracy {whole['accuracy']:.3f}" in data["text/plain"]
    p = softmax(logits)[3, 1]
    assert f"yes {p:.1%}" in data["text/plain"]
    assert np.array_equal(np.frombuffer(one.data["labels"], "int32"), LABELS)
    assert np.allclose(np.frombuffer(one.data["logits"], "float32").reshape(-1, 2), logits, atol=1e-4)


@pytest.mark.parametrize("labels", [2, 3])
def test_the_picture_shows_the_bins(labels):
    bins, low = [(0.55, 0.4, 3), (0.83, 0.9, 12)], explorer.lowest(labels)
    (axis,) = explorer.diagram(bins, low, 15).axes
    (dots,) = axis.collections
    assert np.allclose(dots.get_offsets(), [bin_[:2] for bin_ in bins]) and "15" in axis.get_title()
    left, right = axis.get_xlim()
    assert left < low < 0.55 and right > 1


def test_a_typed_sentence_is_answered_and_a_mistake_is_shown(monkeypatch, model, tokenizer):
    view = shown(monkeypatch, model, tokenizer, watch="<no>")
    assert view.data["first"]["watch"] == 0
    view.state = {"text": "It broke.", "watch": 1, "ask": 1}
    assert view.reply["ask"] == 1 and view.note == ""
    assert np.allclose(view.reply["logits"], by_model(model, tokenizer, "It broke."), atol=1e-5)
    view.state = {"text": "so " * 90, "watch": 1, "ask": 2}
    assert view.note == "The sentence has 92 tokens; the model reads the first 40."
    view.state = {"text": "It broke.", "watch": 7, "ask": 3}
    assert view.note.startswith("IndexError")


ON_COLAB = """
import numpy as np
from helpers.explorers import confidence
class Reader:
    names = ["no", "yes"]
    def __init__(self, *_): pass
    def logits(self, texts): return np.float32([[1, 2]] * len(texts)), 0
    def sentence(self, text, watch):
        return {"text": text, "watch": watch, "tokens": [text], "scores": [1.0], "logits": [0.0, 1.0], "notice": ""}
confidence.Reader = Reader
view = confidence.show(None, None, ["a", "b"], [0, 1], "x", None, None)
data = formatted(view)
view.state = {"text": "y", "watch": 1, "ask": 1}
print(data["text/plain"] == repr(view), view.reply["text"])
"""


def test_all_three_forms_with_colabs_versions(on_colab):
    assert on_colab(ON_COLAB) == "True y"
