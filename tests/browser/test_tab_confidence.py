"""The confidence explorer and a training's curves without a kernel: Python's data, and all views alive from a file."""

from __future__ import annotations

import html
import json
from typing import Any

import numpy as np
import pytest
from families import tiny as family
from transformers import AutoModelForMaskedLM, AutoModelForSequenceClassification

from helpers import checkpoints, explore
from helpers.explorers import attention, confidence, engine, tab, training

from .engine import engine_page
from .test_tab_attention import HELPERS

TEXTS = ["Never again.", "A joy from start to end.", "It broke.", "Lovely & <b>small</b> 🦊"] * 5
SENTENCE = "“Lovely” & <i>small</i> 🦊, it broke"
KERNEL = (
    "Another sentence needs the fine-tuned model, which this page does not have: "
    "run the lesson with a kernel to type one."
)


@pytest.fixture(scope="module")
def page(browser):
    with engine_page(browser, {}) as page:
        page.evaluate(HELPERS, page.url.rstrip("/"))
        yield page


def classifier(labels: int) -> tuple[Any, Any]:
    tokenizer = checkpoints.tokenizer(str(checkpoints.ASSETS / "storybook-bert"))
    options = {"num_labels": labels, "initializer_range": 0.3}
    return family("bert", AutoModelForSequenceClassification, len(tokenizer), **options), tokenizer


def in_python(monkeypatch, module: Any, show: Any, *given: Any) -> tuple[Any, ...]:
    """What `view` gets, the static form first."""
    kept = []
    monkeypatch.setattr(module, "view", lambda *given: kept.append(given))
    show(*given)
    return kept[0]


def arrived(value: Any) -> Any:
    """What a view gets, as the page packs it: bytes must be bytes there."""
    return json.loads(json.dumps(tab.plain(value)).replace('{"base64": ', '{"bytes": '))


def call_in(static: Any) -> dict:
    """The call that is written into a static form."""
    return json.loads(html.unescape(static.html.split('data-explorer="')[1].split('"')[0]))


@pytest.mark.parametrize("labels", [2, 3])
def test_confidence_has_pythons_data_and_its_answers_about_the_stored_sentence(page, monkeypatch, labels):
    model, tokenizer = classifier(labels)
    sentence = SENTENCE * 3  # too long, so there is a notice
    given = (model, tokenizer, TEXTS, [k % labels for k in range(20)], sentence, None, None)
    shown, _, data, answer, note = in_python(monkeypatch, confidence, confidence.show, *given)
    states = [{"text": sentence, "watch": watch, "ask": 1} for watch in range(labels)]
    states += [{"text": "", "watch": 0}, {"text": "Another one.", "watch": labels - 1}, {"text": sentence, "watch": 7}]
    ours = page.evaluate("answers", [call_in(shown), states])
    assert page.evaluate("async (call) => (await opened(call)).note", call_in(shown)) == note != ""
    assert ours[0] == arrived(data), "all of it to the last bit"
    for watch in range(labels):
        assert ours[1 + watch] == arrived(answer(states[watch]))
        assert ours[1 + watch][0]["scores"] != ours[1 + (watch + 1) % labels][0]["scores"]
    assert ours[labels + 1][1] == ours[labels + 2][1] == KERNEL
    assert ours[labels + 2][0] == ours[labels][0], "the stored sentence stays, with the label that is watched"
    assert ours[labels + 3] == f"There is no label 7: the model has {labels}."


def curve() -> training.Curve:
    made = training.Curve("A <b>training</b>", reference=(0.69, "a coin"))
    rng = np.random.default_rng(0)
    made.series = {
        "training": (list(range(60)), rng.random(60).tolist()),
        "validation": ([10.0, 50.0], [float("nan"), 0.5]),
        "learning rate": ([0.0, 59.0], [1e-3, 0.0]),
    }
    return made


def test_training_has_pythons_data(page, monkeypatch):
    shown, _, data = in_python(monkeypatch, training, training.show, curve(), "")
    (ours,) = page.evaluate("answers", [call_in(shown), []])
    assert ours == arrived(data)


def test_a_very_long_training_stays_a_picture():
    made = curve()
    made.series["training"] = (list(range(1998)), [0.5] * 1998)
    assert training.call_of(made) is None and "data-explorer" not in made.static().html
    assert "data-explorer" not in training.Curve().static().html


def test_all_three_live_in_a_page_from_a_file_without_network(browser, tmp_path):
    """As the site has them: the static forms with their marks, one script, and the checkpoint beside it."""
    one = checkpoints.load(str(tab.ASSETS / "storybook-bert"), AutoModelForMaskedLM)
    forms = [
        attention.show(one.model, one.tokenizer, "The cat sat on the mat.", 0, 2, 1, None),
        confidence.show(*classifier(2), TEXTS, [0, 1] * 10, SENTENCE, ["bad", "good"], None),
        explore.training(curve()),
    ]
    (tmp_path / "tab.js").write_text(tab.script(), "utf-8")
    packed = engine.packed(tab.ASSETS / "storybook-bert")
    (tmp_path / "storybook-bert.js").write_text(packed, "utf-8")
    head = '<!doctype html><meta charset="utf-8"><title>a file</title><script defer src="tab.js"></script>'
    (tmp_path / "index.html").write_text(head + "\n".join(form.html for form in forms), "utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((tmp_path / "index.html").as_uri())
    page.locator(".course-attention[data-head='0.2']").wait_for()
    page.locator(".course-attention textarea").fill("A king 🦊 had three sons.")
    page.locator(".course-attention[data-text='A king 🦊 had three sons.']").wait_for()
    page.locator(".course-attention button", has_text="Switch head 0.2 off").click()
    page.locator(".course-attention[data-prediction^='Without head 0.2']").wait_for()
    reader = attention.Reader(one.model, one.tokenizer, "A king 🦊 had three sons.", 1)
    theirs = reader.read({**reader.start, "off": [0, 2]})["prediction"]["line"]
    assert page.locator(".course-attention").get_attribute("data-prediction") == theirs
    page.locator(".course-confidence").scroll_into_view_if_needed()
    threshold = page.locator(".course-confidence .slider", has_text="Threshold").locator("input")
    before = page.locator(".course-confidence .rates").text_content()
    threshold.fill("0.99")
    assert page.locator(".course-confidence .rates").text_content() != before
    page.locator(".course-confidence textarea").fill("Something else.")
    page.locator(".course-confidence .foot", has_text="Another sentence needs the fine-tuned model").wait_for()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")  # an explorer starts when it comes near
    page.locator(".course-training svg polyline").first.wait_for(state="attached")
    page.locator(".course-training input").fill("10")
    assert page.locator(".course-training").get_attribute("data-step") == "10"
    assert errors == []
    context.close()
