"""The tour in JupyterLab, by mouse, keyboard and typing; and its view alone, with a backend that is no kernel."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from helpers import checkpoints, show
from helpers.explorers import model as explorer
from helpers.reference import decoding
from helpers.reference.attention import softmax

TEXT, MASKED = "The old man opened the door and", "The old woman opened the [MASK], and the cat ran out."
START = 'from helpers import checkpoints, explore, runtime\nruntime.start("offline")\n'
CELLS = {
    "next": START
    + f'one = checkpoints.load("gpt2")\nexplore.model(one.model, one.tokenizer, {TEXT!r}, layer=2, top_k=8)',
    "fill": START + f'one = checkpoints.load("masked")\n'
    f'explore.model(one.model, one.tokenizer, {MASKED!r}, start="attention", layer=1, head=2)',
}
STAGES = explorer.STAGES["next"]


@pytest.fixture(scope="module")
def tracers():
    found = {name: checkpoints.load(key, None) for name, key in (("next", "gpt2"), ("fill", "masked"))}
    return {name: explorer.Tracer(one.model, one.tokenizer) for name, one in found.items()}


def opened(page, lab, name: str):
    path = lab.notebook(f"tour_{name}", {name: CELLS[name]})
    page.open(path.name)
    view = page.page.locator("section.course-model")
    view.wait_for()
    return view


def waited(page, **drawn) -> None:
    """Until the stage is drawn: its attributes are set last."""
    for name, value in drawn.items():
        page.page.wait_for_function(
            "([name, value]) => document.querySelector('.course-model')?.dataset[name] === value",
            arg=[name, str(value)],
        )


def go(page, view, stage: str, kind: str = "next") -> None:
    view.locator(".rail button").nth(explorer.STAGES[kind].index(stage)).click()
    waited(page, stage=stage)


def numbers_shown(view) -> list[float]:
    return [float(text.replace("−", "-")) for text in view.locator(".opened .all span").all_inner_texts()]


def press(view, key: str) -> None:
    """Press a box of the picture: as a mouse does, but whatever lies over its middle."""
    view.locator(f'[data-key="{key}"]').dispatch_event("click")


def test_by_mouse(page, lab, tracers):
    view = opened(page, lab, "next")
    trace = tracers["next"].trace(TEXT)
    array = {name: explorer.numbers(trace[name]) for name in ("words", "embedded", "logits", "final", "stream")}
    last, tokens, ids = len(trace["ids"]) - 1, trace["tokens"], trace["ids"]
    waited(page, stage="text", tokens=" ".join(tokens))
    size = sum(one.numel() for one in tracers["next"].model.parameters())
    assert f"a small GPT-2 ({size / 1e6:.1f} million numbers" in view.locator(".say").inner_text()
    page.picture("tour-text", view)
    assert page.axe() == []

    view.get_by_role("button", name="Next").click()
    waited(page, stage="tokens")
    assert view.locator(".picture .token").all_inner_texts() == [f"{t}\n{i}" for t, i in zip(tokens, ids, strict=True)]
    view.get_by_role("button", name="Next").click()
    waited(page, stage="embedding")
    rows = view.locator(".picture path.grow").evaluate_all("all => all.map(one => Number(one.dataset.row))")
    assert sorted(rows) == sorted(ids) and rows[-1] == ids[last]  # the chosen one is on top
    press(view, "words[2]")
    waited(page, opened="words[2]")
    assert f"shape ({trace['shape']['d_model']})" in view.locator(".opened").inner_text()
    np.testing.assert_allclose(numbers_shown(view), array["words"][2], atol=6e-4)
    assert "words[2]" in view.locator(".spoken").inner_text()

    go(page, view, "positions")
    press(view, f"hidden_states[0][{last}]")
    np.testing.assert_allclose(numbers_shown(view), array["embedded"][last], atol=6e-4)

    go(page, view, "attention")
    head = tracers["next"].looks_hardest(TEXT, 2, None)[1]
    waited(page, block=f"2.{head}")
    view.get_by_role("button", name="head 3").click()
    view.get_by_role("button", name="block 1", exact=True).click()
    press(view, "token 4")
    waited(page, block="1.3", token=4)
    weights = explorer.numbers(trace["steps"][1]["weights"])[3, 4]
    drawn = view.locator(".picture path.grow").evaluate_all(
        "all => all.map(one => [Number(one.dataset.key), Number(one.getAttribute('stroke-width'))])"
    )
    assert [k for k, _ in drawn] == [k for k, w in enumerate(weights) if w >= 0.005]
    for k, width in drawn:
        assert width == pytest.approx(0.6 + 13 * weights[k], abs=0.006)
    assert f"{weights.max():.2f}" in view.locator(".say").inner_text()
    view.get_by_role("button", name="all weights of this head").click()
    np.testing.assert_allclose(
        numbers_shown(view), explorer.numbers(trace["steps"][1]["weights"])[3].ravel(), atol=6e-4
    )
    page.picture("tour-attention", view)
    assert page.axe() == []

    go(page, view, "feed_forward")
    wide = explorer.numbers(trace["steps"][1]["wide"])[4]
    assert f"{int((wide > 0).sum())} units" in view.locator(".say").inner_text()
    view.get_by_label("token", exact=True).select_option("2")
    waited(page, token=2)
    press(view, "steps[1].transformed[2]")
    np.testing.assert_allclose(numbers_shown(view), explorer.numbers(trace["steps"][1]["transformed"])[2], atol=6e-4)

    go(page, view, "stream")
    shown = view.locator(".picture svg text").all_text_contents()
    for ((name, p), *_), k in zip(trace["lens"], range(99), strict=False):
        assert f"{100 * p:.1f}\u00a0%" in shown and name in shown, k
    view.locator('[data-key="block 3"]').click()
    waited(page, stage="attention", block="3.3")
    go(page, view, "norm")
    press(view, f"hidden_states[6][{last}]")
    np.testing.assert_allclose(numbers_shown(view), array["final"], atol=6e-4)

    go(page, view, "logits")
    dots = view.locator(".picture circle").evaluate_all("all => all.map(one => Number(one.dataset.logit))")
    np.testing.assert_allclose(dots, array["logits"][trace["likely"][:10]], rtol=1e-6)

    go(page, view, "cuts")
    knob = view.locator('[data-key="top_p"]')
    knob.fill("0.5")
    waited(page, stage="cuts")
    left = decoding.warp(array["logits"].astype(np.float64), 0.8, 8, 0.5)
    say = f"Of {len(left):,} tokens {int(np.isfinite(left).sum())} "
    page.page.wait_for_function("say => document.querySelector('.course-model .say').innerText.includes(say)", arg=say)
    page.picture("tour-cuts", view)
    knob.fill("0.95")

    go(page, view, "draw")
    shares = softmax(decoding.warp(array["logits"].astype(np.float64), 0.8, 8, 0.95))
    for _ in range(3):  # wherever the number falls, the token is the one whose piece is there
        luck = float(re.search(r"A random number, (0\.\d+)", view.locator(".say").inner_text())[1])
        order = trace["likely"][: int((shares > 0).sum())]
        ends = np.cumsum(shares[order])
        near = {order[min(int(np.searchsorted(ends, luck + slip)), len(order) - 1)] for slip in (-5e-4, 5e-4)}
        names = {trace["names"][trace["likely"].index(i)] for i in near}
        written = view.locator(".picture mark").inner_text()
        assert written in {name.replace("␣", " ") for name in names}
        before = luck
        view.get_by_role("button", name="Draw again").click()
        page.page.wait_for_function(
            "luck => !document.querySelector('.course-model .say').innerText.includes(luck)", arg=f"{before:.3f}"
        )
    page.picture("tour-draw", view)
    assert page.axe() == []
    written = view.locator(".picture mark").inner_text()
    view.get_by_role("button", name="and go on").click()
    waited(page, stage="tokens", round=1)
    longer = tracers["next"].trace(TEXT + written)
    assert view.get_attribute("data-tokens") == " ".join(longer["tokens"])
    assert view.get_attribute("data-token") == str(last + 1)
    go(page, view, "logits")
    dots = view.locator(".picture circle").evaluate_all("all => all.map(one => Number(one.dataset.logit))")
    np.testing.assert_allclose(dots, explorer.numbers(longer["logits"])[longer["likely"][:10]], atol=1e-4)
    go(page, view, "text")
    view.get_by_role("button", name="Take the last token back").click()  # out of the second round
    waited(page, stage="draw", round=0, tokens=" ".join(tokens))

    page.theme("JupyterLab Dark")
    page.page.wait_for_selector("#jupyterlab-splash", state="detached")
    for stage in STAGES:
        go(page, view, stage)
        page.picture(f"tour-dark-{stage}", view)
        assert page.axe() == [], stage
    for stage in STAGES:
        page.page.set_viewport_size({"width": 1100, "height": 1500})
        go(page, view, stage)
        assert page.cut_off(view, ".spoken, .all, .all *, svg *, .rail, .rail *") == [], stage
    assert page.errors == []
    assert page.hosts == {page.lab.url.removeprefix("http://")}


def test_by_keyboard_and_typing(page, lab, tracers):
    view = opened(page, lab, "next")
    key = page.page.keyboard.press
    start = page.cells()
    view.get_by_role("button", name="Next").focus()
    for stage in STAGES[1:]:
        key("ArrowRight")
        waited(page, stage=stage)
        told = view.locator(".spoken").inner_text()
        assert told.startswith(f"Stage {STAGES.index(stage) + 1} of {len(STAGES)}.") and len(told) > 120
        assert re.search(r"\d", told)
    key("ArrowRight")
    waited(page, stage="tokens", round=1)
    key("ArrowLeft")  # and the token leaves the text again
    waited(page, stage="draw", round=0)
    for stage in reversed(STAGES[4:-1]):
        key("ArrowLeft")
        waited(page, stage=stage)
    for name in ("block 0", "head 1"):  # the chosen ones stay focused although the picture is drawn anew
        view.get_by_role("button", name=name, exact=True).focus()
        key("Enter")
        assert page.page.evaluate("() => document.activeElement.dataset.key") == name
    waited(page, block="0.1")
    view.locator('.picture [tabindex="0"]').focus()
    here = page.page.evaluate("() => document.activeElement.dataset.key")
    assert here == f"token {len(tracers['next'].trace(TEXT)['ids']) - 1}"
    key("ArrowUp")
    key("ArrowUp")
    key("Enter")
    waited(page, token=int(here.split()[1]) - 2)
    assert page.page.evaluate("() => document.activeElement.dataset.key") == f"token {int(here.split()[1]) - 2}"
    for _ in range(3):
        key("ArrowDown")
    assert page.page.evaluate("() => document.activeElement.dataset.key").startswith("steps[0].attended")
    key("Space")
    waited(page, opened=f"steps[0].attended[{int(here.split()[1]) - 2}]")
    assert view.locator('.picture [tabindex="0"]').count() == 1

    for _ in range(4):
        key("ArrowLeft")
    waited(page, stage="text")
    field = view.locator("textarea")
    field.focus()
    key("Control+a")
    page.page.keyboard.type("Long ago, in a far country,")
    waited(page, tokens=" ".join(tracers["next"].trace("Long ago, in a far country,")["tokens"]))
    assert field.input_value() == "Long ago, in a far country,"
    key("ArrowRight")  # the cursor's, in a text
    key("ArrowLeft")
    waited(page, stage="text")
    field.fill(" ")  # nothing to ask, and nothing of the last sentence is shown
    page.page.locator(".say", has_text="Type something first").wait_for()
    assert view.locator(".picture button").count() == 0
    for way in (view.get_by_role("button", name="Next"), view.locator(".rail button").nth(3)):
        way.dispatch_event("click")
    assert view.get_attribute("data-stage") == "text"
    field.fill("word " * 60)
    page.page.wait_for_function(
        "() => document.querySelector('.course-model .foot').innerText.includes('the last ones')"
    )
    assert len(view.get_attribute("data-tokens").split()) == explorer.MOST_TOKENS
    assert page.cells() == start
    assert page.errors == []


def test_bert_ends_at_its_mask(page, lab, tracers):
    view = opened(page, lab, "fill")
    trace = tracers["fill"].trace(MASKED, layer=1)
    waited(page, stage="attention", block="1.2", token=trace["place"])
    for stage in explorer.STAGES["fill"]:
        go(page, view, stage, "fill")
        assert page.axe() == [], stage
        page.picture(f"tour-bert-{stage}", view)
    assert trace["names"][0] == view.locator("mark").inner_text()
    shares = softmax(explorer.numbers(trace["logits"]).astype(np.float64))[trace["likely"][:10]]
    shown = view.locator(".picture svg text").all_text_contents()
    assert all((f"{100 * share:.1f}\u00a0%" if share >= 5e-4 else "< 0.1\u00a0%") in shown for share in shares)
    onward = view.get_by_role("button", name="Next")
    assert onward.get_attribute("aria-disabled") == "true"
    onward.dispatch_event("click")
    waited(page, stage="probabilities")
    go(page, view, "text", "fill")
    view.locator("textarea").fill("The king sat on his [MASK].")
    waited(page, tokens=" ".join(tracers["fill"].trace("The king sat on his [MASK].")["tokens"]))
    assert page.errors == []


# --- the view alone: any backend will do ----------------------------------------------------------------------

ALONE = """async ([script, trace, options]) => {
  const { tour } = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  const opened = (one) => Array.isArray(one) ? one.map(opened) : one && typeof one === "object"
    ? (one.floats ? { shape: one.shape, data: Float32Array.from(one.floats) }
      : Object.fromEntries(Object.entries(one).map(([name, value]) => [name, opened(value)]))) : one;
  const whole = opened(trace);
  const asked = [];
  window.asked = asked;
  const backend = {
    trace: async (text, layer) => { asked.push(["trace", text, layer]); return whole; },
    next: async (ids, layer) => { asked.push(["next", ids.length, layer]); return { ...whole, all: ids }; },
    after: async (ids) => {
      asked.push(["after", ids.length]);
      const { logits, likely, names, text, all } = whole;
      return { logits, likely, names, all: ids, text: text + " word".repeat(ids.length - all.length) };
    },
    named: async (ids) => { asked.push(["named", ids.length]); return { names: ids.map((id) => `rare ${id}`) }; },
  };
  const first = { ...whole, steps: whole.steps.map((step, i) => (i === options.layer ? step : null)) };
  const view = tour(backend, first, options);
  document.body.append(view.root);
}"""


@pytest.fixture(scope="module")
def tiny():
    """A trace of a tiny random model, with lists in place of bytes."""
    tokenizer = checkpoints.tokenizer("gpt2")
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=len(tokenizer), n_embd=16, n_layer=3, n_head=2, n_positions=32)
    trace = explorer.Tracer(GPT2LMHeadModel(config).eval(), tokenizer).trace("The cat ran")

    def listed(one):
        if isinstance(one, dict):
            if "data" in one:
                return {"shape": one["shape"], "floats": explorer.numbers(one).ravel().tolist()}
            return {name: listed(value) for name, value in one.items()}
        return [listed(value) for value in one] if isinstance(one, list) else one

    return json.loads(json.dumps(listed(trace)))


def alone(browser, tiny, **more):
    context = browser.new_context(viewport={"width": 390, "height": 800}, **more)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_content("<!doctype html><body style='margin:8px'></body>")
    options = {"start": "text", "layer": 1, "head": 0, "seed": 0, "stages": STAGES}
    options["cuts"] = {"temperature": 1, "top_k": 5, "top_p": 1}
    page.evaluate(ALONE, [show.module(explorer.SCRIPT), tiny, options])
    page.wait_for_function("() => Math.abs(document.querySelector('.course-model')?.dataset.width - 374) < 20")
    return context, page, errors


def test_a_block_that_is_missing_is_asked_for_once(browser, tiny):
    context, page, errors = alone(browser, tiny)
    page.locator(".rail button").nth(STAGES.index("attention")).click()
    page.wait_for_function("() => document.querySelector('.course-model').dataset.stage === 'attention'")
    assert page.evaluate("() => window.asked") == []  # block 1 was sent
    page.get_by_role("button", name="block 2", exact=True).click()
    page.wait_for_function("() => document.querySelector('.course-model').dataset.block === '2.0'")
    assert page.evaluate("() => window.asked") == [["next", len(tiny["ids"]), 2]]
    page.get_by_role("button", name="block 0", exact=True).click()
    page.wait_for_function("() => document.querySelector('.course-model').dataset.block === '0.0'")
    assert len(page.evaluate("() => window.asked")) == 1
    page.locator(".rail button").nth(STAGES.index("text")).click()
    page.locator("textarea").fill("Hello")
    assert page.evaluate("() => window.asked.at(-1)") == ["trace", "Hello", 0]
    assert errors == []
    context.close()


def at(page, **drawn) -> None:
    for name, value in drawn.items():
        page.wait_for_function(
            "([name, value]) => document.querySelector('.course-model').dataset[name] === value", arg=[name, value]
        )


@pytest.mark.parametrize("stopped", [False, True])
def test_it_writes_twenty_tokens_and_can_be_stopped(browser, tiny, stopped):
    """Each token is asked for with all before it. The planted faults: no stop; the trace stays the old one."""
    context, page, errors = alone(browser, tiny)
    page.locator(".rail button").last.click()
    at(page, stage="draw")
    page.get_by_role("button", name="Write 20 more tokens").click()
    page.wait_for_function("() => document.querySelector('.sentence b').textContent === ' word word word'")
    if stopped:
        page.get_by_role("button", name="Stop writing").click()
    at(page, writing="false", round="1")
    asked, size = page.evaluate("() => window.asked.filter(([what]) => what !== 'named')"), len(tiny["ids"])
    *steps, last = asked
    assert steps == [["after", size + 1 + k] for k in range(len(steps))]
    assert last[0] == "next" and last[2] == 1
    assert (
        (3 <= len(steps) < 10 and last[1] in (size + len(steps) - 1, size + len(steps)))
        if stopped
        else (len(steps) == 20 and last[1] == size + 20)
    )
    page.wait_for_timeout(400)
    assert len(page.evaluate("() => window.asked.filter(([what]) => what === 'after')")) == len(steps)
    page.get_by_role("button", name="Write 20 more tokens").wait_for()
    page.keyboard.press("ArrowLeft")
    at(page, stage="cuts", round="1")
    assert errors == []
    context.close()


def test_the_line_of_the_draw_is_full_and_names_what_was_drawn(browser, tiny):
    """Also with thousands of tokens left. The planted faults: thin pieces are left out; no name is asked for."""
    context, page, errors = alone(browser, tiny)
    page.locator(".rail button").nth(STAGES.index("cuts")).click()
    at(page, stage="cuts")
    page.locator('[data-key="top_k"]').fill("100")
    page.locator(".rail button").last.click()
    at(page, stage="draw")
    for _ in range(4):
        pieces = page.locator(".picture [data-share]").evaluate_all("all => all.map(one => +one.dataset.share)")
        assert sum(pieces) == pytest.approx(1, abs=1e-6)
        assert re.search(r"[\d,]+ others", page.locator(".picture").inner_text())
        assert "token " not in page.locator("mark").inner_text() and "< 0.1\u00a0%" in page.locator(".say").inner_text()
        page.get_by_role("button", name="Draw again").click()
    assert ["named", 1] in page.evaluate("() => window.asked")
    assert errors == []
    context.close()


def test_the_numbers_close_again(browser, tiny):
    """By a second press, by Escape, and by their button. The planted fault: a second press opens them once more."""
    context, page, errors = alone(browser, tiny)
    page.locator(".rail button").nth(STAGES.index("embedding")).click()
    at(page, stage="embedding")
    strip = page.locator('[data-key="words[0]"]')
    ways = [lambda: strip.press("Enter"), lambda: strip.press("Escape"), page.get_by_label("close the numbers").click]
    for close in ways:
        strip.focus()
        strip.press("Enter")
        at(page, opened="words[0]")
        assert page.locator(".opened b").inner_text().startswith("the row of The: 16 numbers")
        close()
        assert page.locator(".opened").count() == 0 and page.locator(".course-model[data-opened]").count() == 0
        assert page.evaluate("() => document.activeElement.dataset.key") == "words[0]"
    assert errors == []
    context.close()


def test_it_fits_a_telephone_and_moves_only_where_that_is_wanted(browser, tiny):
    moving = {}
    for motion in ("reduce", "no-preference"):
        context, page, errors = alone(browser, tiny, reduced_motion=motion)
        moving[motion] = 0
        for number, stage in enumerate(STAGES):
            page.locator(".rail button").nth(number).click()
            page.wait_for_function(
                "stage => document.querySelector('.course-model').dataset.stage === stage", arg=stage
            )
            moving[motion] += page.evaluate("() => document.getAnimations().length")
            assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), stage
        assert errors == []
        context.close()
    assert moving["reduce"] == 0 < moving["no-preference"]
