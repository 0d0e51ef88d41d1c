"""The tokens explorer in JupyterLab: typing, choosing, stepping by mouse and by keyboard; what is drawn is Python's."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer

from helpers import checkpoints
from helpers.explorers import tokens as explorer

CELL = """\
from helpers import explore, runtime

runtime.start("offline")
explore.tokens("We waited unhappily")
"""
WORD, AT = "unhappily", len("We waited ")
FAMILY = "👩‍👩‍👧"


@pytest.fixture
def lesson(lab, request):
    return lab.notebook(request.node.name, {"tokens": CELL})


def rows(text: str) -> list[dict]:
    sources = [explorer.Source(*named) for named in explorer.named(None).items()]
    return explorer.answer(sources, text)["rows"]


def ids(row) -> list[int]:
    return [int(number) for number in row.locator("button.chip small").all_inner_texts()]


def test_by_mouse(page, lesson):
    page.open(lesson.name)
    view = page.page.locator("section.course-tokens")
    view.wait_for()
    expected = rows("We waited unhappily")
    assert [ids(row) for row in view.locator(".row").all()] == [[t["id"] for t in row["tokens"]] for row in expected]

    # the steps of each algorithm, from the first to the last: they end in the library's tokens
    back, forth = view.get_by_role("button", name="Back"), view.get_by_role("button", name="Step ▶")
    library: Tokenizer = checkpoints.gpt2_tokenizer().backend_tokenizer
    end = [
        explorer.readable(bytes(explorer.bpe.BYTE_OF[c] for c in token)) for token in library.encode(" " + WORD).tokens
    ]
    assert view.get_attribute("data-end") == "|".join(end)
    merges = int(view.get_attribute("data-steps"))
    assert merges == len(" " + WORD) - len(end)
    assert back.is_disabled()
    for _ in range(merges):
        forth.click()
    assert forth.is_disabled()
    assert view.locator(".stage .line .chip").all_inner_texts() == end
    assert "No pair is on the list of merges" in view.locator(".say").inner_text()
    back.click()
    assert view.get_attribute("data-step") == str(merges - 1)
    assert view.locator(".stage .line .chip").count() == len(end) + 1
    page.picture("explorer-tokens-bpe", view)

    for number, kind in ((1, "WordPiece"), (2, "Unigram")):
        row = expected[number]
        at = next(i for i, token in enumerate(row["tokens"]) if token["end"] > AT)
        view.locator(f'[data-row="{number}"][data-token="{at}"]').click()
        assert kind in view.locator(".title").inner_text()
        view.locator(".slider input").fill(view.get_attribute("data-steps"))
        assert view.get_attribute("data-step") == view.get_attribute("data-steps") != "0"
        page.picture(f"explorer-tokens-{kind}", view)
    view.locator(".slider input").fill("9")
    page.picture("explorer-tokens-light", view)
    view.locator(".slider input").fill(view.get_attribute("data-steps"))
    edges = row["words"][row["tokens"][at]["word"]]["steps"]["edges"]
    last = max(end for _, end, *_ in edges)
    best = min(total for _, end, _, total, _ in edges if end == last)
    assert view.locator(f'.stage [data-place="{last}"]').text_content() == f"{best:.1f}"

    # play, pause
    play = view.locator("button.main")
    play.click()
    assert view.get_attribute("data-step") == "0"
    page.page.wait_for_function("() => document.querySelector('.course-tokens').dataset.step === '2'")
    play.click()
    assert "Play" in play.inner_text()

    # another text, with an emoji family, a combining mark, Chinese and Hebrew
    text = f"Cafe\u0301 {FAMILY} 雨伞 שלום"
    view.get_by_role("textbox").fill(text)
    page.page.wait_for_function("text => document.querySelector('.course-tokens').dataset.text === text", arg=text)
    assert [ids(row) for row in view.locator(".row").all()] == [[t["id"] for t in row["tokens"]] for row in rows(text)]
    bracket = view.locator(".row").first.locator(".group", has_text=FAMILY)
    assert (
        "".join(bracket.locator("button bdi").all_inner_texts())
        .replace(" ", "")
        .replace("␣", "20")
        .endswith(FAMILY.encode().hex().upper())
    )
    bracket.locator("button").nth(1).click()
    assert FAMILY in view.locator(".detail").inner_text()
    page.picture("explorer-tokens-emoji", view)
    assert page.axe() == []
    page.theme("JupyterLab Dark")
    page.page.wait_for_selector("#jupyterlab-splash", state="detached")
    page.picture("explorer-tokens-dark", view)
    assert page.axe() == []

    assert page.cut_off(view, ".stage, .stage *, .spoken") == []
    page.picture("explorer-tokens-narrow", view)
    assert page.errors == []
    assert page.hosts == {page.lab.url.removeprefix("http://")}


def test_by_keyboard_alone(page, lesson):
    page.open(lesson.name)
    view = page.page.locator("section.course-tokens")
    view.get_by_role("textbox").focus()
    start, press = page.cells(), page.page.keyboard.press
    press("End")
    page.page.keyboard.type("ly dd")
    page.page.wait_for_function("() => document.querySelector('.course-tokens').dataset.text.endsWith('ly dd')")
    expected = rows("We waited unhappilyly dd")
    chosen = "() => { const d = document.activeElement.dataset; return [d.row, d.token].map(Number) }"
    press("Tab")
    press("Home")
    assert page.page.evaluate(chosen) == [0, 0]
    press("ArrowRight")
    assert page.page.evaluate(chosen) == [0, 1]
    press("ArrowDown")
    assert page.page.evaluate(chosen)[0] == 1
    press("End")
    assert page.page.evaluate(chosen) == [1, len(expected[1]["tokens"]) - 1]
    press("ArrowUp")
    press("Home")
    press("End")
    for _ in range(3):
        press("ArrowLeft")  # into the long word of the BPE
    press("Tab")  # Back is disabled at the start: Play
    press("Tab")
    press("Enter")  # Step
    assert view.get_attribute("data-step") == "1"
    press("Tab")
    press("ArrowRight")  # on the slider
    press("ArrowRight")
    assert view.get_attribute("data-step") == "3"
    press("ArrowLeft")
    assert view.get_attribute("data-step") == "2"
    assert page.cells() == start
    assert page.errors == []
