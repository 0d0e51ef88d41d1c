"""The search explorer without a kernel: Python's data and answers, BM25 in JavaScript, and all of it from a file."""

from __future__ import annotations

import html
import json
from types import SimpleNamespace

import numpy as np
import pytest
from families import tiny as family
from hypothesis import example, given, settings
from hypothesis import strategies as st
from transformers import AutoModel, AutoModelForQuestionAnswering

from helpers import checkpoints
from helpers.explorers import search as explorer
from helpers.explorers import tab
from helpers.reference.search import BM25

from .engine import engine_page
from .test_tab_attention import HELPERS

TEXTS = [
    "The fox 🦊 ran to the river & drank.",
    "A queen gave the old miller a <b>golden</b> ring.",
    "The fox and the wolf had nothing to eat.",
    "Nobody knew where the children had gone that night. " * 9,
    "The queen of the foxes slept.",
    "It rained.",
    "In İstanbul the naïve fox_1 met ΟΔΥΣΣΕΥΣ, 雨傘 in hand.",
]
ASKED = ["Who gave the miller a ring?", "Where is the fox 🦊?", "Who slept?"]
MODELS = (
    "This page compares a question of your own by its words only. "
    "To get vectors and a reader’s answers, run the notebook."
)
letters = st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=12)  # Cn: newer Unicode in the browser
pieces = st.sampled_from(["the", "The", "fox", "🦊", "FOX", "ring", "\n", "_x1", "ß", "Σ", "İ"])
mixed = st.lists(pieces | letters, max_size=9)
strings = mixed.map(" ".join)


@pytest.fixture(scope="module")
def page(browser):
    with engine_page(browser, {}) as page:
        page.evaluate(HELPERS, page.url.rstrip("/"))
        yield page


@pytest.fixture(scope="module")
def models():
    tokenizer = checkpoints.tokenizer(str(checkpoints.ASSETS / "storybook-bert"))
    return [
        SimpleNamespace(model=family("bert", kind, len(tokenizer), initializer_range=0.3), tokenizer=tokenizer)
        for kind in (AutoModel, AutoModelForQuestionAnswering)
    ]


def shown(encoder=None, reader=None, texts=TEXTS, asked=ASKED):
    """What `view` gets in Python, the static form first, and the call that is written into that."""
    kept = []
    given = (texts, asked[0], encoder, reader, [f"text {k}" for k in range(len(texts))], asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(explorer, "view", lambda *given: kept.append(given))
        explorer.show(*given)
    call = json.loads(html.unescape(kept[0][0].html.split('data-explorer="')[1].split('"')[0]))
    return kept[0], call


def arrived(value):
    return json.loads(json.dumps(value))


def test_stored_questions_have_pythons_answers(page, models):
    """To the last bit, for each passage that can be opened. Planted fault: only the first passage has its answers."""
    (_, _, data, answer, note), call = shown(*models)
    states = [{"question": question} for question in ASKED]
    for question in ASKED:
        rankings = answer({"question": question})[0]["rankings"]
        states += [{"question": question, "open": k} for one in rankings for k in one["places"]]
    ours = page.evaluate("answers", [call, states])
    assert ours[0] == arrived(data) and len(states) > 30
    assert ours[1:] == arrived([answer(state) for state in states])
    assert page.evaluate("async (call) => (await opened(call)).note", call) == note


def same(ours, theirs, models=""):
    """A typed question's answer is that of a Python without models; scores within rounding, all else equal."""
    (found, line), (wanted, notice) = ours, arrived(theirs)
    assert line == " ".join(filter(None, [notice, models * bool(wanted["rankings"])]))
    assert set(found) - {"notice"} == set(wanted) - {"notice"}
    for name in ("question", "said", "open", "answers"):
        assert found[name] == wanted[name], name
    assert [one["word"] for one in found["words"]] == [one["word"] for one in wanted["words"]]
    assert np.allclose([w["part"] for w in found["words"]], [w["part"] for w in wanted["words"]], rtol=1e-12, atol=0)
    assert [one[:2] for one in found["matched"]] == [one[:2] for one in wanted["matched"]]
    assert np.allclose([one[2] for one in found["matched"]], [one[2] for one in wanted["matched"]], rtol=1e-12)
    for one, other in zip(found["rankings"], wanted["rankings"], strict=True):
        assert {**one, "scores": 0} == {**other, "scores": 0}
        assert np.allclose(one["scores"], other["scores"], rtol=1e-12, atol=0)


@settings(max_examples=60, deadline=None)
@given(st.lists(strings.filter(str.strip), min_size=1, max_size=7), strings)
@example(["fox fox", "fox"], "the fox the")
@example(["İ", "i̇ 1"], "İ i")
@example(["a 🦊b", "🦊 𝒳 b"], "b 𝒳")
def test_bm25_is_pythons(page, texts, question):
    """Planted faults: JavaScript's own lengths; \\w without letters beyond ASCII; an idf without the 1."""
    index = BM25(texts)
    parts, words = index.parts(question), index.postings
    ours = page.evaluate(
        """async ([address, texts, question]) => {
          const { bm25 } = await import(`${address}/explorers/tab/search.js`);
          return [...bm25(texts)(question)];
        }""",
        [page.url.rstrip("/"), texts, question],
    )
    assert [word for word, _ in ours] == list(parts)
    for word, part in ours:
        assert np.allclose(part, parts[word], rtol=1e-12, atol=0), (word, words)


TYPED = [
    "fox",
    "The FOX 🦊, and the ring!",
    "zebra",
    "zebra fox",
    "?",
    "",
    "istanbul",
    "İSTANBUL",
    "naïve 雨傘 fox_1",
    "the",
]
TYPED += ["ὀδυσσεύς ΟΔΥΣΣΕΥΣ", "nobody nobody night", ASKED[1]]


@pytest.mark.parametrize("with_models", [True, False])
def test_a_typed_question_is_ranked_by_words(page, models, with_models):
    """Planted faults: passages without a shared word are listed; places in JavaScript's units; a word counts once."""
    (_, _, _, answer, _), call = shown(*(models if with_models else ()))
    alone = explorer.Search(TEXTS)
    typed = TYPED[:-1] if with_models else TYPED
    states = [{"question": question} for question in typed]
    states += [{"question": "the fox", "open": k} for k in range(len(TEXTS))]
    ours = page.evaluate("answers", [call, states])[1:]
    for found, state in zip(ours, states, strict=True):
        reply = alone.reply(state["question"], state.get("open"))
        for one in reply["rankings"]:
            one["beside"] = [""] * len(one["places"])
        same(found, (reply, reply["notice"]), MODELS if with_models else "")
    if with_models:  # a stored question in a passage that was not among those found
        rankings = answer({"question": ASKED[1]})[0]["rankings"]
        far = next(k for k in range(len(TEXTS)) if all(k not in one["places"] for one in rankings))
        (found,) = page.evaluate("answers", [call, [{"question": ASKED[1], "open": far}]])[1:]
        assert found[0]["open"] == far and found[0]["answers"] is None and found[1].endswith(MODELS)


def test_it_lives_in_a_page_from_a_file_without_network(browser, models, tmp_path):
    """Also on a phone. Planted faults: a row that is too wide; a typed emoji moves what is underlined."""
    (form, *_), _ = shown(*models, texts=[*TEXTS, "A" * 300 + " fox"])
    (tmp_path / "tab.js").write_text(tab.script(), "utf-8")
    head = '<!doctype html><meta charset="utf-8"><title>a file</title><script defer src="tab.js"></script>'
    head += '<meta name="viewport" content="width=device-width">'
    (tmp_path / "index.html").write_text(head + form.html, "utf-8")
    search = explorer.Search([*TEXTS, "A" * 300 + " fox"], *models)
    for width in (1100, 390):
        context = browser.new_context(offline=True, viewport={"width": width, "height": 900})
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        page.goto((tmp_path / "index.html").as_uri())
        view = page.locator(".course-search")
        view.wait_for()
        reply = search.reply(ASKED[1])
        view.get_by_role("button", name=ASKED[1]).click()
        page.locator(f".course-search[data-question='{ASKED[1]}']").wait_for()
        place = reply["rankings"][1]["places"][1]
        view.locator("ol[data-name^='By vectors'] button").nth(1).press("Enter")
        page.locator(f".course-search[data-open='{place}']").wait_for()
        best = search.reply(ASKED[1], place)["answers"][0]
        said = search.texts[place][best["start"] : best["end"]]
        assert view.locator(".spans span").first.text_content() == said
        assert view.locator(".passage mark:not(.other)").text_content() == said
        view.get_by_role("textbox").fill("🦊🦊 the fox drank")
        page.locator(".course-search[data-question^='🦊']").wait_for()
        assert view.locator("ol").count() == 1 and view.locator(".spans span").count() == 0
        assert view.locator(".passage").text_content() == TEXTS[0]
        matched = explorer.Search(search.texts).reply("🦊🦊 the fox drank")["matched"]
        for kind, strong in ((".weak", False), (":not(.weak)", True)):
            wanted = [TEXTS[0][a:b] for a, b, share in matched if (share >= explorer.WEAK) == strong]
            assert view.locator(f".passage b{kind}").all_text_contents() == wanted
        assert view.locator(".foot").text_content() == MODELS
        view.get_by_role("textbox").fill("")
        view.locator(".foot", has_text="Type a word to search.").wait_for()
        view.get_by_role("button", name=ASKED[0]).click()
        page.locator(f".course-search[data-question='{ASKED[0]}']").wait_for()
        wide = "() => [document.documentElement.scrollWidth, innerWidth]"
        assert len({*page.evaluate(wide)}) == 1, "nothing is wider than the page"
        rows = view.locator("ol").first.locator("button")
        assert rows.evaluate_all("rows => rows.filter((row) => row.offsetHeight).length") == (5 if width > 500 else 3)
        assert errors == []
        context.close()
