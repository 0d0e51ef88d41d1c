"""The explorers in a tab: what JavaScript makes of a call is what Python sends to the view, in Chromium."""

from __future__ import annotations

import copy
import gzip
import json
import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import torch
from reference.tokenizer_texts import FAMILIES, TEXTS, sentences, valid_text
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, AutoTokenizer

from course.site import write_models
from helpers import checkpoints
from helpers.explorers import decoding, tokens
from helpers.reference.attention import softmax

from .engine import HELPERS, collected, engine_page

TAB = HELPERS / "explorers" / "tab"
SCRIPTS = ("tokens", "steps", "readable", "decoding", "beams", "python")
FOLDERS = {name: checkpoints.ASSETS / name for name in ("storybook-gpt2", "storybook-bert")}


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    """The engine's modules in a page, and `tab`: an engine that also has the checkpoints' files."""
    folder = tmp_path_factory.mktemp("gpt2-tokenizer")
    packed = checkpoints.ASSETS / "gpt2-tokenizer" / "tokenizer.json.gz"
    (folder / "tokenizer.json").write_bytes(gzip.decompress(packed.read_bytes()))
    with engine_page(browser, {**FOLDERS, "gpt2-tokenizer": folder}) as page:
        page.evaluate(OPEN)
        yield page


OPEN = """async () => {
  window.tab = await engine_of("storybook-gpt2");
  window.open_view = async (call) => {
    window.view = await (await import(`/explorers/tab/${call.view}.js`)).open(tab, call, { files });
    return arrived({ data: view.data, note: view.note });
  };
  window.arrived = (told) => {
    const { data } = told, { logits } = data;
    if (logits) data.logits = [...logits];
    return told;
  };
}"""


def plain(data) -> dict:
    """What arrives in a browser of Python's data: tuples are lists there, keys are strings."""
    return json.loads(json.dumps(data))


def same(ours, theirs, where: str = "") -> None:
    """Numbers within 1e-3, all else exactly."""
    if isinstance(theirs, dict):
        assert set(ours) == set(theirs), where
        for name in theirs:
            same(ours[name], theirs[name], f"{where}.{name}")
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), where
        for at, (mine, yours) in enumerate(zip(ours, theirs, strict=True)):
            same(mine, yours, f"{where}[{at}]")
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, abs=1e-3), where
    else:
        assert (ours, type(ours)) == (theirs, type(theirs)), where


# --- tokens ---------------------------------------------------------------------------------------------


def trained(model, trainer, pre_tokenizer, normalizer=None) -> Tokenizer:
    made = Tokenizer(model)
    made.pre_tokenizer, made.normalizer = pre_tokenizer, normalizer
    made.train_from_iterator(["teams steam the kind king is kindness"] * 3, trainer)
    return made


def six_merges() -> Tokenizer:
    """Lesson 02's: it knows the letters of its words, and no other."""
    trainer = trainers.BpeTrainer(vocab_size=20, show_progress=False)
    return trained(models.BPE(), trainer, pre_tokenizers.WhitespaceSplit())


def steam() -> dict[str, Tokenizer]:
    """Lesson 03's two: a longest match and a cheapest path over the same tokens."""
    pieces = ["s", "t", "e", "a", "m", "st", "team", "eam", "ste"]
    both = ["[UNK]", *pieces, *("##" + piece for piece in pieces)]
    greedy = Tokenizer(models.WordPiece({piece: id_ for id_, piece in enumerate(both)}, unk_token="[UNK]"))
    cheapest = Tokenizer(models.Unigram([("<unk>", -99.0), *((p, -1.5 * k) for k, p in enumerate(pieces))], unk_id=0))
    greedy.pre_tokenizer = cheapest.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return {"longest match": greedy, "cheapest path": cheapest}


CALLS = {
    "the course's": lambda: {
        "GPT-2": checkpoints.gpt2_tokenizer(),
        "storybook-gpt2": str(FOLDERS["storybook-gpt2"]),
        "WordPiece": str(FOLDERS["storybook-bert"]),
        "Unigram": tokens.small_unigram(),
    },
    "lesson 02": lambda: {"six merges": six_merges()},
    "lesson 03": steam,
}
ANSWERS = "async (texts) => Promise.all(texts.map((text) => view.answer({ text })))"


@pytest.mark.parametrize("name", CALLS)
def test_tokens_are_pythons(page, name):
    """Fails with `end = start` for the lone ▁ left out, with pairs taken after each merge only, without `clusters`."""
    tokenizers, price = CALLS[name](), 2.5 if name == "the course's" else None
    sources = [tokens.Source(key, one) for key, one in tokens.named(tokenizers).items()]
    call = tokens.call_of("An unbelievable kindness 👍🏽", tokenizers, price)
    opened = page.evaluate("(call) => open_view(call)", plain(call))
    same(opened, {"data": plain(tokens.answer(sources, call["text"], price)), "note": ""})
    families = [f"a {family}b" for family in FAMILIES]
    long = "An emoji at the edge 👩‍👩‍👧 " * 17
    texts = [
        "",
        " ",
        "teams xst steam zé",
        "é" * 120,
        long,
        *TEXTS,
        *families,
        *sentences()[:20],
        *collected(valid_text, 60),
    ]
    for text, (reply, note) in zip(texts, page.evaluate(ANSWERS, texts), strict=True):
        same(reply, plain(tokens.answer(sources, text, price)), repr(text))
        assert note == ""


HALF = """async () => {
  const half = await complaint(() => view.answer({ text: "a\\ud800b" }));
  return [half, (await view.answer({ text: "and on" }))[0].rows[0].tokens.length];
}"""


def test_half_a_character_is_refused_and_it_goes_on(page):
    page.evaluate("(call) => open_view(call)", plain(tokens.call_of("a", {"six merges": six_merges()})))
    told, count = page.evaluate(HALF)
    assert told.startswith("The text holds a lone surrogate") and count > 0


@pytest.mark.parametrize("kind", ["words", "ignored merges", "digits", "large"])
def test_a_tokenizer_that_is_not_computed_here_stays_with_the_kernel(kind):
    made = six_merges()
    if kind == "words":
        made = Tokenizer(models.WordLevel({"tea": 0, "[UNK]": 1}, unk_token="[UNK]"))
    elif kind == "ignored merges":
        made.model = models.BPE({"a": 0}, [], ignore_merges=True)
    elif kind == "digits":
        made.pre_tokenizer = pre_tokenizers.Digits()
    else:
        made.model = models.BPE({"a" * at: at for at in range(1, 2000)}, [])
    assert tokens.call_of("a", {"mine": six_merges()}) is not None
    assert tokens.call_of("a", {"mine": six_merges(), "other": made}) is None
    assert "data-explorer" not in tokens.show("a", {"mine": made}).html


# --- decoding -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gpt2():
    tokenizer = AutoTokenizer.from_pretrained(FOLDERS["storybook-gpt2"])
    return AutoModelForCausalLM.from_pretrained(FOLDERS["storybook-gpt2"], dtype=torch.float32).eval(), tokenizer


@pytest.fixture
def python(monkeypatch, gpt2):
    """What Python hands to `view` for a call: data, answer and note; and the call for the tab."""
    given = {}
    monkeypatch.setattr(decoding, "view", lambda static, _, data, answer, note: given.update(locals()))

    def opened(text, show, beams=3, steps=5, seed=0, **cuts):
        call = (*gpt2, text, show, beams, steps, seed, {**decoding.OFF, **cuts})
        decoding.explore(*call)
        mark = re.search(r'data-explorer="([^"]*)"', given["static"].html)[1]
        assert json.loads(unescape(mark)) == plain(decoding.call_of(*call))
        return given, json.loads(unescape(mark))

    return opened


def listed(data) -> dict:
    """Python's data as it arrives, its logits as numbers."""
    numbers = {"logits": np.frombuffer(data["logits"], "<f4").tolist()} if "logits" in data else {}
    return plain({**{name: value for name, value in data.items() if name != "logits"}, **numbers})


def same_view(ours, theirs) -> None:
    """As `same`; a label in a drawing may be rounded the other way."""
    ours, theirs = dict(ours), dict(theirs)
    one, other = (re.split(r"(\d+\.\d)(?=[ <])", data.pop("svg", "")) for data in (ours, theirs))
    assert one[::2] == other[::2]
    np.testing.assert_allclose(list(map(float, one[1::2])), list(map(float, other[1::2])), atol=0.1001)
    same(ours, theirs)


START = "<|endoftext|>"
PROMPTS = [START + "He shook his", "Once upon a time there was a", "An emoji 👍🏽 and “quotes”, it's\n\n", "  two  "]
LONG = "The Mole had been working very hard all the morning. " * 70
ANSWER = "async (state) => { const [data, note] = await view.answer(state); return arrived({ data, note }); }"


def opens(page, python, *given, **options):
    theirs, call = python(*given, **options)
    ours = page.evaluate("(call) => open_view(call)", call)
    same_view(ours["data"], listed(theirs["data"]))
    assert ours["note"] == theirs["note"]
    return theirs


def answers(page, theirs, state) -> dict:
    """Both answers to a question, which are the same."""
    data, note = theirs["answer"](state)
    ours = page.evaluate(ANSWER, state)
    same_view(ours["data"], listed(data))
    assert ours["note"] == note
    return data


@pytest.mark.parametrize("text", [*PROMPTS, LONG], ids=lambda text: text[:12])
def test_sampling_is_pythons(page, python, text):
    """Fails without the cut of a long text, without special tokens, and with single quotes alone in `repr`."""
    theirs = opens(page, python, text, "sampling", seed=7, temperature=0.8, top_k=40, top_p=0.9)
    new = []
    for _ in range(3):
        new.append(int(np.frombuffer(answers(page, theirs, {"new": new})["logits"], "<f4").argmax()))
    for other in ([0], [5, 0], [3000, 7], [5] * 513):  # the end of a text, half an emoji, more than the context
        answers(page, theirs, {"new": other})


@pytest.mark.parametrize(
    ("text", "beams", "steps"), [*zip(PROMPTS, (3, 1, 6, 2), (5, 4, 3, 8), strict=True), (LONG, 2, 3)]
)
def test_beams_are_pythons(page, python, text, beams, steps):
    """Fails with halves rounded up in `fixed`, with `beams` candidates instead of twice as many, with `ends` kept."""
    theirs = opens(page, python, text, "beams", beams=beams, steps=steps)
    for width in (1, 4):
        answers(page, theirs, {"beams": width})


@pytest.mark.parametrize("text", [*PROMPTS, LONG], ids=lambda text: text[:12])
def test_the_cache_is_pythons(page, python, text):
    """Fails without the last norm in the weights."""
    opens(page, python, text, "cache")


def test_what_is_wrong_is_one_sentence(page, python):
    _, call = python(PROMPTS[0], "sampling")
    page.evaluate("(call) => open_view(call)", call)
    ask = "(state) => complaint(() => view.answer(state))"
    assert "id" in page.evaluate(ask, {"new": [10**6]})
    answered = page.evaluate(ANSWER, {"new": [5]})
    assert answered["data"]["new"] == [5], "it goes on"
    empty = page.evaluate("(call) => complaint(() => open_view(call))", {**call, "text": ""})
    assert empty == "The text has no token; give a string with at least one."


def test_another_model_stays_with_the_kernel(gpt2):
    model, tokenizer = gpt2
    given = (PROMPTS[0], "cache", 3, 5, 0, decoding.OFF)
    assert decoding.call_of(model, tokenizer, *given)["checkpoint"] == "storybook-gpt2"
    trained = copy.deepcopy(model)
    with torch.no_grad():
        trained.transformer.h[2].ln_1.weight[3] += 0.01
    assert decoding.call_of(trained, tokenizer, *given) is None
    assert decoding.call_of(copy.deepcopy(model).bfloat16(), tokenizer, *given) is None


# --- drawing a token ------------------------------------------------------------------------------------

DRAWS = """async ([logits, settings, seeds]) => {
  const { chance, cut, fallsOn, likelyFirst } = await import("/explorers/cuts.js");
  const order = likelyFirst(logits), { probabilities } = cut(logits, order, settings);
  return Array.from({ length: seeds }, (_, seed) => order[fallsOn(probabilities, chance(seed, 0))]);
}"""


def test_draws_follow_the_probabilities(page):
    """Over many seeds the share of each token is its probability after the cuts. Fails with the rank that follows."""
    logits, settings = np.array([0.1, 2.0, -1.0, 1.5, 1.0]), {**decoding.OFF, "top_k": 3}
    drawn = page.evaluate(DRAWS, [logits.tolist(), settings, 4000])
    p = softmax(decoding.cut(logits, settings)[-1])
    assert np.abs(np.bincount(drawn, minlength=5) / 4000 - p).max() < 0.025  # three standard deviations


# --- on a page ------------------------------------------------------------------------------------------


def test_both_live_on_a_page_from_a_disk(browser, gpt2, tmp_path):
    """The static forms, as a notebook stores them, with the site's scripts: typed into, drawn from, another width."""
    shown = [tokens.show("An unbelievable kindness", {"GPT-2": checkpoints.gpt2_tokenizer(), "ours": six_merges()})]
    given = (*gpt2, PROMPTS[0])
    shown += [decoding.explore(*given, show, 2, 3, 0, decoding.OFF) for show in ("sampling", "beams", "cache")]
    write_models(tmp_path, ["storybook-gpt2", "gpt2-tokenizer"])
    body = "".join(one.html for one in shown)
    (tmp_path / "page.html").write_text(
        f'<!doctype html><meta charset="utf-8"><title>a page</title><script defer src="tab.js"></script>{body}', "utf-8"
    )
    page = browser.new_context(offline=True).new_page()
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((tmp_path / "page.html").as_uri())
    for host in page.locator("[data-explorer]").all():
        host.scroll_into_view_if_needed()
        host.locator("section.course-view, .tab-status button").first.wait_for()
        if (start := host.get_by_role("button", name="Start", exact=True)).count():
            start.click()
    words, sampling, beams, cache = (page.locator("section.course-view").nth(at) for at in range(4))
    words.get_by_role("textbox").fill("kind 👍🏽")
    words.locator('button.chip:has-text("F0 9F")').first.wait_for()
    library = checkpoints.gpt2_tokenizer().encode("kind 👍🏽")
    ids = words.locator(".row").first.locator("button.chip small").all_inner_texts()
    assert list(map(int, ids)) == library
    sampling.get_by_role("button", name="Draw a token").click()
    sampling.locator("xpath=self::*[@data-drawn='1']").wait_for()
    assert sampling.locator(".written b").text_content()
    width = beams.get_by_role("slider", name="beams")
    width.fill("4")
    width.dispatch_event("change")
    beams.locator("xpath=self::*[@data-beams='4']").wait_for()
    assert beams.locator("g[data-step]").count() == 3
    assert "the model's own cache" in cache.inner_text()
    assert errors == [] and {url.partition(":")[0] for url in asked} <= {"file", "blob", "data"}
    page.context.close()


@pytest.mark.parametrize("path", [TAB / f"{name}.js" for name in SCRIPTS], ids=lambda p: p.stem)
def test_a_file_can_be_read(path: Path):
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) <= 200 and max(map(len, lines)) <= 160
