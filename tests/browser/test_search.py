"""The search explorer in JupyterLab, by mouse and by keyboard: what it draws is what Python finds."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.explorers import search as explorer

MAKE = """\
from types import SimpleNamespace
import torch
from transformers import BertConfig, BertForQuestionAnswering, BertModel
from helpers import checkpoints
tokenizer = checkpoints.tokenizer(str(checkpoints.ASSETS / "storybook-bert"))
torch.manual_seed(0)
small = BertConfig(vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
    intermediate_size=64, max_position_embeddings=64, initializer_range=0.3)  # far from the usual 0.02: texts differ
encoder, reader = (SimpleNamespace(model=kind(small).eval(), tokenizer=tokenizer)
    for kind in (BertModel, BertForQuestionAnswering))
texts = [f"The {a} {x} the {b}" + " and looked at it for a while" * (k % 3) + "." for k, (a, x, b) in enumerate(
    (a, x, b) for a in ("fox 🦊", "old queen", "miller") for x in ("saw", "left", "met")
    for b in ("wolf", "river & sea", "<b>golden</b> ring"))]
texts.append("It rained all night 🌧 and the king slept. " * 80)
titles = [f"tale {k // 9 + 1} · {k % 9 + 1}" for k in range(len(texts))]
"""
QUESTION = "Who saw the golden ring?"
CELL = f"""\
from helpers import explore, runtime
runtime.start("offline")
{MAKE}
explore.search(texts, "{QUESTION}", encoder=encoder, reader=reader, titles=titles,
    examples=["Where is the fox?", "Did it rain on the king?"])"""
DRAWN = """view => ({
  rankings: [...view.querySelectorAll("ol")].map((list) => ({ name: list.getAttribute("aria-label"),
    rows: [...list.querySelectorAll("button")].map((b) => [...b.children].map((n) => n.textContent)) ,
    places: [...list.querySelectorAll("button")].map((b) => Number(b.dataset.place)),
    pressed: [...list.querySelectorAll("[aria-pressed=true]")].map((b) => Number(b.dataset.place)) })),
  said: view.querySelector(".said").textContent,
  words: [...view.querySelectorAll(".words li")].map((node) => node.textContent),
  passage: view.querySelector(".passage").textContent,
  bold: [...view.querySelectorAll(".passage b:not(.weak)")].map((node) => node.textContent),
  weak: [...view.querySelectorAll(".passage b.weak")].map((node) => node.textContent),
  marks: [...view.querySelectorAll(".passage mark")].map((node) => [node.className, node.textContent]),
  answers: [...view.querySelectorAll(".spans > span")].map((node) => node.textContent),
  p: [...view.querySelectorAll(".bar")].map((bar) => Number(bar.dataset.p)),
  wide: [...view.querySelectorAll(".bar")].map((bar) => bar.offsetWidth / bar.parentElement.clientWidth),
})"""


@pytest.fixture(scope="module")
def made():
    scope: dict = {}
    exec(MAKE, scope)
    return scope["titles"], explorer.Search(scope["texts"], scope["encoder"], scope["reader"])


def agrees(view, titles, search, question: str, place: int | None = None) -> dict:
    """Everything drawn is what Python says of the question and the opened passage, which is returned."""
    reply = search.reply(question, place)
    drawn, text, place = view.evaluate(DRAWN), search.texts[reply["open"]], reply["open"]
    shown = [one for one in reply["rankings"] if one["places"]]
    assert [one["name"] for one in drawn["rankings"]] == [one["name"] for one in shown]
    for one, other in zip(drawn["rankings"], shown, strict=True):
        assert one["places"] == other["places"]
        assert one["pressed"] == [k for k in other["places"] if k == place]
        for k, row in enumerate(one["rows"]):
            assert row[:2] == [f"{k + 1}.", titles[other["places"][k]]] and row[3] == other["beside"][k]
            assert float(row[2]) == pytest.approx(other["scores"][k], abs=0.0051, rel=0.006)
    assert drawn["said"] == reply["said"]
    for line, one in zip(drawn["words"], reply["words"], strict=True):
        word, part = line.rsplit(" ", 1)
        assert word == one["word"] and (part == "–") == (one["part"] == 0)
        assert part == "–" or float(part) == pytest.approx(one["part"], abs=0.0051, rel=0.51)
    assert drawn["passage"] == text
    for strong, drawn_words in ((True, drawn["bold"]), (False, drawn["weak"])):
        wanted = [text[a:b] for a, b, share in reply["matched"] if (share >= explorer.WEAK) == strong]
        assert sorted(drawn_words) == sorted(wanted)
    found = [text[one["start"] : one["end"]] for one in reply["answers"]]
    assert sorted(text for _, text in drawn["marks"]) == sorted(found)
    assert [text for kind, text in drawn["marks"] if not kind] == found[:1]
    assert drawn["answers"][::2] == found
    assert np.allclose(drawn["p"], [one["probability"] for one in reply["answers"]], atol=1e-6)
    assert np.allclose(drawn["wide"], drawn["p"], atol=0.02)  # whole pixels
    return reply


def waited(page, question: str, place: int | None = None) -> None:
    page.page.wait_for_function(
        """([question, place]) => (({ dataset }) => dataset.question === question && (place === null
            || Number(dataset.open) === place))(document.querySelector(".course-search"))""",
        arg=[question, place],
    )


def test_by_mouse_and_by_keyboard(page, lab, made):
    """Planted faults: characters are counted as JavaScript's units; the second answer looks like the first; the focus
    is lost when a passage opens; an example does not replace what was typed; what is half typed is an error."""
    titles, search = made
    page.open(lab.notebook("search", {"search": CELL}).name)
    view = page.page.locator("section.course-search")
    view.wait_for()
    agrees(view, titles, search, QUESTION)
    page.picture("explorer-search-light", view)
    assert page.axe() == []

    # by keyboard: from the question to a passage
    typed = view.get_by_role("textbox", name="A question")
    typed.click()
    page.page.keyboard.press("End")
    page.page.keyboard.type(" The 🦊 fox")
    question = f"{QUESTION} The 🦊 fox"
    waited(page, question)
    agrees(view, titles, search, question)
    for _ in range(4):  # three examples, then the first ranking
        page.page.keyboard.press("Tab")
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("ArrowUp")
    second = search.reply(question)["rankings"][0]["places"][1]
    page.page.keyboard.press("Enter")
    waited(page, question, second)
    agrees(view, titles, search, question, second)
    focused = "() => [document.activeElement.dataset.place, document.activeElement.closest('ol').dataset.name]"
    assert page.page.evaluate(focused) == [str(second), "By words (BM25)"]
    cells = page.cells()
    for key in "ddax":
        page.page.keyboard.press(key)
    assert page.cells() == cells

    # by mouse: another passage, another question
    third = search.reply(question)["rankings"][1]["places"][3]
    view.locator("ol[data-name^='By vectors'] button").nth(3).click()
    waited(page, question, third)
    agrees(view, titles, search, question, third)
    view.get_by_role("button", name="Did it rain on the king?").click()
    waited(page, "Did it rain on the king?")
    assert typed.input_value() == "Did it rain on the king?"
    assert view.locator(".examples [aria-pressed=true]").all_inner_texts() == ["Did it rain on the king?"]
    assert search.reply("Did it rain on the king?")["open"] == 27  # which is read in windows
    agrees(view, titles, search, "Did it rain on the king?")

    # what is half typed is no error
    typed.fill("?")
    view.get_by_text("Type a word to search.").wait_for()
    assert view.locator("ol").count() == 0 and not view.locator(".passage").is_visible()
    typed.fill("zebra")
    view.get_by_text("No passage has the word “zebra”.").wait_for()
    assert view.get_by_text("nothing", exact=True).is_visible()
    agrees(view, titles, search, "zebra")
    typed.fill(QUESTION)
    waited(page, QUESTION)
    agrees(view, titles, search, QUESTION)
    page.theme("JupyterLab Dark")
    page.picture("explorer-search-dark", view)
    assert page.axe() == []
    assert page.cut_off(view, ":is(input, .spoken, .passage)") == []
    page.picture("explorer-search-narrow", view)
    assert page.errors == [] and page.hosts == {lab.url.removeprefix("http://")}
