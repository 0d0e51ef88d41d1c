"""The confidence explorer in JupyterLab, by mouse and by keyboard: what it draws is what NumPy gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification

from helpers import checkpoints
from helpers.explorers import confidence as explorer
from helpers.reference.attention import softmax

MAKE = """\
torch.manual_seed(0)
model = BertForSequenceClassification(BertConfig(
    vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
    initializer_range=0.3)).eval()  # far from the usual 0.02: texts differ, and some are near 0 or 1
words = "good bad never again a joy it broke fast slow warm cold we left and nobody asked".split()
texts = [" ".join(words[(3 * k + j * (k % 5 + 1)) % len(words)] for j in range(4 + k % 7)) + "." for k in range(120)]
labels = [k % 2 for k in range(120)]
"""
CELL = f"""\
import torch
from transformers import BertConfig, BertForSequenceClassification
from helpers import checkpoints, explore, runtime
runtime.start("offline")
tokenizer = checkpoints.tokenizer("bert")
{MAKE}
explore.confidence(model, tokenizer, texts, labels, "It broke, again.", names=["negative", "positive"])"""


@pytest.fixture
def lesson(lab, request):
    return lab.notebook(request.node.name, {"confidence": CELL})


@pytest.fixture(scope="module")
def made():
    scope = {
        "tokenizer": checkpoints.tokenizer("bert"),
        "torch": torch,
        "BertConfig": BertConfig,
        "BertForSequenceClassification": BertForSequenceClassification,
    }
    exec(MAKE, scope)
    reader = explorer.Reader(scope["model"], scope["tokenizer"], ["negative", "positive"])
    return reader, reader.logits(scope["texts"])[0], np.array(scope["labels"])


def bins_of(view) -> list[tuple[float, float, int]]:
    """Mean confidence, share of right answers and count of every bin, read from where its dot stands."""
    left, top, right, bottom = 46, 10, 290, 230  # of the diagram, in pixels
    dots = view.locator("svg circle").evaluate_all(
        "nodes => nodes.map(n => ['cx', 'cy', 'data-count'].map(a => +n.getAttribute(a)))"
    )
    return [(0.5 + 0.5 * (x - left) / (right - left), (bottom - y) / (bottom - top), n) for x, y, n in dots]


def agrees(view, logits, labels, temperature: float, threshold: float, watch: int) -> None:
    """Everything drawn over the labeled texts is what NumPy gives."""
    whole = explorer.calibration(logits, labels, temperature)
    p = softmax(logits / temperature)
    assert np.allclose(bins_of(view), whole["bins"], atol=1e-6)
    trust = view.locator(".trust").inner_text()
    assert trust == (
        f"ECE {whole['ece']:.3f} · mean loss {whole['loss']:.3f} · mean confidence {p.max(1).mean():.3f} "
        f"· accuracy {whole['accuracy']:.3f}"
    )
    table = explorer.flagged(p[:, watch], labels == watch, threshold)
    cells = [cell.split()[1] for cell in view.locator("td").all_inner_texts() if cell]
    assert list(map(int, cells)) == [table[k] for k in ("hit", "miss", "alarm", "passed")]
    said = [
        f"{name} {table[name]:.3f}" if table[name] is not None else f"{name} –"
        for name in ("precision", "recall", "accuracy")
    ]
    assert view.locator(".rates").inner_text() == " · ".join(said)


def sentence_agrees(view, reader, text: str, temperature: float, watch: int) -> None:
    answer = reader.sentence(text, watch)
    p = softmax(np.array(answer["logits"]) / temperature)
    drawn = view.locator(".bar").evaluate_all("bars => bars.map(b => b.offsetWidth / b.parentElement.clientWidth)")
    assert np.allclose(drawn, p, atol=0.006)  # whole pixels
    assert view.locator(".bars > span").all_inner_texts() == [
        text for name, share in zip(reader.names, p, strict=True) for text in (name, f"{share:.1%}".replace("%", " %"))
    ]
    assert view.locator(".chips bdi").all_inner_texts() == answer["tokens"]
    scores = view.locator(".chips li").evaluate_all("chips => chips.map(c => Number(c.dataset.score))")
    assert np.allclose(scores, answer["scores"], atol=1e-4)


def test_by_mouse_and_by_keyboard(page, lab, lesson, made):
    reader, logits, labels = made
    page.open(lesson.name)
    view = page.page.locator("section.course-confidence")
    view.wait_for()
    assert len(bins_of(view)) == 5
    agrees(view, logits, labels, 1.0, 0.5, 1)
    sentence_agrees(view, reader, "It broke, again.", 1.0, 1)
    page.picture("explorer-confidence-light", view)
    assert page.axe() == []

    # by keyboard: from the sentence to the sliders
    text = view.get_by_role("textbox", name="A sentence")
    text.click()
    page.page.keyboard.press("End")
    page.page.keyboard.type(" A joy")
    typed = "It broke, again. A joy"
    page.page.wait_for_function("text => document.querySelector('.course-confidence').dataset.text === text", arg=typed)
    sentence_agrees(view, reader, typed, 1.0, 1)
    for _ in range(2):
        page.page.keyboard.press("Tab")
    assert page.page.evaluate("() => document.activeElement.closest('label').innerText").startswith("Temperature T")
    for _ in range(14):
        page.page.keyboard.press("ArrowRight")
    assert view.get_attribute("data-temperature") == "1.70"
    page.page.keyboard.press("Tab")
    for _ in range(33):
        page.page.keyboard.press("ArrowLeft")
    assert view.get_attribute("data-threshold") == "0.17"
    agrees(view, logits, labels, 1.7, 0.17, 1)
    sentence_agrees(view, reader, typed, 1.7, 1)
    page.page.keyboard.press("End")
    assert "precision – · recall 0.000" in view.locator(".rates").inner_text()  # nothing is flagged above 1
    agrees(view, logits, labels, 1.7, 1.0, 1)

    # by mouse: another label, another threshold
    view.get_by_role("slider", name="Threshold").fill("0.4")
    view.get_by_role("combobox", name="Label to watch").select_option("negative")
    view.get_by_text("+ toward negative").wait_for()
    agrees(view, logits, labels, 1.7, 0.4, 0)
    sentence_agrees(view, reader, typed, 1.7, 0)
    start = page.cells()
    page.page.keyboard.press("d")
    page.page.keyboard.press("d")
    assert page.cells() == start

    text.fill("so " * 600)
    view.get_by_text("reads the first 512").wait_for()
    text.fill("Warm & <b>joy</b>.")
    page.page.wait_for_function("() => document.querySelector('.course-confidence').dataset.text.startsWith('Warm')")
    sentence_agrees(view, reader, "Warm & <b>joy</b>.", 1.7, 0)
    page.theme("JupyterLab Dark")
    page.picture("explorer-confidence-dark", view)
    assert page.axe() == []
    page.page.set_viewport_size({"width": 550, "height": 900})  # 1100 pixels at 200 %
    wide = view.evaluate(
        "view => [view, ...view.querySelectorAll('div, label, table, ul, p')].filter("
        "n => n.scrollWidth > n.clientWidth + 1).map(n => n.outerHTML.slice(0, 80))"
    )
    assert wide == []
    page.picture("explorer-confidence-narrow", view)
    assert page.errors == [] and page.hosts == {lab.url.removeprefix("http://")}
