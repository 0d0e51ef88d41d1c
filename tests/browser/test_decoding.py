"""The decoding explorer in JupyterLab: its arithmetic against transformers, and by mouse and keyboard."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
import torch
from transformers.generation import MinPLogitsWarper, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from helpers import checkpoints, show
from helpers.explorers import decoding as explorer
from helpers.reference import decoding
from helpers.reference.attention import softmax

PROMPT = "Once upon a time there was a"
CELLS = {
    "start": 'from helpers import checkpoints, explore, runtime\nruntime.start("offline")\n'
    'gpt2 = checkpoints.load("gpt2")',
    "sampling": f'explore.decoding(gpt2.model, gpt2.tokenizer, "{PROMPT}", temperature=0.8, top_p=0.9)',
    "beams": f'explore.decoding(gpt2.model, gpt2.tokenizer, "{PROMPT}", show="beams")',
    "cache": f'explore.decoding(gpt2.model, gpt2.tokenizer, "{PROMPT}", show="cache")',
}
PLACES = ["1", "3", "2.5", "4", "-1", "2.5", "0", "2.5", "-2", "4"]  # tied logits, among them at every threshold
GRID = list(
    itertools.product(
        (0.25, 0.7, 1.0, 1.6), (0, 1, 2, 3, 5, 50, 9999), (0.05, 0.4, 0.9, 0.97, 1.0), (0.0, 0.03, 0.2, 1.0)
    )
)
CUT = """async ([script, logits, grid]) => {
  const { cut, likelyFirst } = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  const z = Float32Array.from(logits);
  const order = likelyFirst(z);
  return [[...order], grid.map(([temperature, top_k, top_p, min_p]) => {
    const { left, masses, kept, probabilities } = cut(z, order, { temperature, top_k, top_p, min_p });
    const square = probabilities.reduce((sum, p) => sum + p * p, 0);
    return { left, masses, kept, square, first: [...probabilities.slice(0, 40)] };
  })];
}"""


@pytest.fixture(scope="module")
def gpt2():
    return checkpoints.load("gpt2")


@pytest.fixture
def lesson(lab, request):
    return lab.notebook(request.node.name, CELLS)


def views(page):
    found = page.page.locator("section.course-decoding")
    found.nth(2).wait_for()
    return [found.nth(i) for i in range(3)]


def waited(page, view, name: str, value) -> None:
    """Until the drawing is done: the attribute is set with what is drawn."""
    page.page.wait_for_function(
        "([node, name, value]) => node.dataset[name] === value", arg=[view.element_handle(), name, str(value)]
    )


def test_the_cuts_in_the_browser_are_those_of_transformers(page, gpt2):
    """A real distribution and one full of ties, over a grid: what stays, with which probability, and what is cut."""
    real = explorer.Reader(gpt2.model).logits(gpt2.tokenizer.encode(PROMPT))
    tied = np.array(PLACES * 6 + ["5"], np.float32)
    script = show.module(explorer.SCRIPT.with_name("cuts.js"))
    for logits in (real, tied):
        order, found = page.page.evaluate(CUT, [script, logits.tolist(), GRID])
        assert order == np.argsort(-logits, kind="stable").tolist()
        z = torch.from_numpy(logits).double()[None]
        for (t, k, p, share), ours in zip(GRID, found, strict=True):
            where = str((t, k, p, share))
            steps = [
                TemperatureLogitsWarper(t),
                *([TopKLogitsWarper(k)] if k else []),
                *([TopPLogitsWarper(p)] if p < 1 else []),
                MinPLogitsWarper(share),
            ]
            scores = z
            for step in steps:
                scores = step(None, scores)
            theirs = scores.softmax(-1)[0].numpy()
            kept = order[: ours["left"][3]]
            assert len(kept) == np.count_nonzero(theirs), where
            if logits is real:  # of tied tokens transformers keeps some, the reference those with the lowest ids
                assert set(kept) == set(np.flatnonzero(theirs)), where
            reference = explorer.cut(logits, {"temperature": t, "top_k": k, "top_p": p, "min_p": share})
            assert set(kept) == set(np.flatnonzero(np.isfinite(reference[-1]))), where
            np.testing.assert_allclose(ours["first"], np.sort(theirs)[::-1][: len(kept)][:40], rtol=1e-9, err_msg=where)
            assert ours["square"] == pytest.approx((theirs**2).sum(), rel=1e-9)
            counts, masses = zip(*explorer.left_and_cut(reference), strict=True)
            assert tuple(ours["left"]) == counts, where
            np.testing.assert_allclose(ours["masses"], masses, atol=1e-9, err_msg=where)
            assert ours["kept"] + sum(ours["masses"]) == pytest.approx(1)
    assert page.errors == []


def chance(seed: int, place: int) -> float:
    """What cuts.js throws, in 32 bits: mulberry32."""
    a = (seed * 1013 + place * 7919 + 0x6D2B79F5) % 2**32
    a = (a ^ (a >> 15)) * (a | 1) % 2**32
    a ^= (a + (a ^ (a >> 7)) * (a | 61)) % 2**32
    return (a ^ (a >> 14)) / 2**32


def test_by_mouse(page, lesson, gpt2):
    page.open(lesson.name)
    sampling, beams, cache = views(page)
    reader, ids = explorer.Reader(gpt2.model), gpt2.tokenizer.encode(PROMPT)
    logits = reader.logits(ids)

    # what is drawn is Python's, before and after a slider moved
    def drawn_is(settings):
        changed = explorer.cut(logits, {**explorer.OFF, **settings})
        left = explorer.left_and_cut(changed)
        waited(page, sampling, "left", " ".join(str(n) for n, _ in left))
        p, likely = softmax(changed[-1]), np.argsort(-logits, kind="stable")[: explorer.SHOWN]
        shown = sampling.locator("tbody td.number:nth-child(3)").all_inner_texts()
        assert [t for t in shown if "cut" not in t] == [f"{100 * p[i]:.1f} %" for i in likely if p[i]]
        widths = [
            float(w)
            for w in sampling.locator("td.bar i").evaluate_all("all => all.map(n => parseFloat(n.style.width))")
        ]
        widest = max(p.max(), softmax(logits).max())
        np.testing.assert_allclose(widths, 100 * p[likely] / widest, atol=0.01)
        assert f"{left[1][0]:,} left, {100 * left[1][1]:.1f} % cut off" in sampling.locator(".step").nth(1).inner_text()
        return left

    drawn_is({"temperature": 0.8, "top_p": 0.9})
    page.picture("explorer-decoding-light", sampling)
    sampling.get_by_role("slider", name="top-p").fill("0.3")
    sampling.get_by_role("slider", name="min-p").fill("0.5")
    sampling.get_by_role("slider", name="temperature").fill("1.5")
    settings = {"temperature": 1.5, "top_p": 0.3, "min_p": 0.5}
    assert drawn_is(settings)[3][0] < explorer.SHOWN
    page.picture("explorer-decoding-cut", sampling)

    # draw, draw, undo, take one of one's own choice
    new = []
    for place in range(2):
        p = softmax(explorer.cut(reader.logits(ids + new), {**explorer.OFF, **settings})[-1])
        likely = np.argsort(-p, kind="stable")
        new.append(int(likely[np.searchsorted(np.cumsum(p[likely]), chance(0, place), side="right")]))
        sampling.get_by_role("button", name="Draw a token").click()
        waited(page, sampling, "drawn", place + 1)
        assert sampling.locator(".written b").text_content() == gpt2.tokenizer.decode(new)
    logits = reader.logits(ids + new)
    drawn_is(settings)
    assert f"= {explorer.cache_bytes(reader.shape, len(ids) + 2):,} bytes" in sampling.inner_text()
    sampling.get_by_role("button", name="Undo").click()
    waited(page, sampling, "drawn", 1)
    chosen = sampling.locator("th button").nth(4)
    text = gpt2.tokenizer.decode(new[:1]) + json.loads(f'"{chosen.text_content()[1:-1]}"')
    chosen.click()
    waited(page, sampling, "drawn", 2)
    assert sampling.locator(".written b").text_content() == text

    # beams: step by step to the best, and with another width
    data = explorer.Beams(reader, gpt2.tokenizer, ids, 3, 5).data
    assert beams.locator("g[data-step]:visible").count() == 0
    for number in range(1, 3):
        beams.get_by_role("button", name="Step").click()
        waited(page, beams, "step", number)
        assert beams.locator("g[data-step]:visible").count() == number
        rows = [row.split("\t")[:2] for row in beams.locator("tbody tr").all_inner_texts()]
        assert rows == [
            [json.dumps(text, ensure_ascii=False), f"{bits:.2f}"] for text, bits, _ in data["steps"][number - 1]
        ]
    beams.get_by_role("button", name="Back").click()
    waited(page, beams, "step", 1)
    page.picture("explorer-decoding-beams-step", beams)
    beams.get_by_role("button", name="Play").click()
    waited(page, beams, "step", 6)
    assert data["best"] in beams.inner_text()
    page.picture("explorer-decoding-beams", beams)
    beams.get_by_role("slider", name="beams").fill("1")
    beams.get_by_role("slider", name="beams").dispatch_event("change")
    waited(page, beams, "beams", 1)
    greedy = decoding.generate(reader.logits, ids, 5, decoding.greedy)[len(ids) :]
    assert repr(gpt2.tokenizer.decode(greedy)) in beams.inner_text()

    # the cache: computed where it was moved to, and drawn
    cache.get_by_role("slider", name="tokens").fill("200")
    cache.get_by_role("slider", name="texts").fill("8")
    waited(page, cache, "bytes", explorer.cache_bytes(reader.shape, 200, 8))
    weights = sum(p.numel() * p.element_size() for p in gpt2.model.parameters())
    y = float(cache.locator("circle.here").get_attribute("cy"))
    assert y == pytest.approx(210 - 160 * explorer.cache_bytes(reader.shape, 200, 8) / weights, abs=0.06)
    page.picture("explorer-decoding-cache", cache)

    assert page.axe() == []
    page.theme("JupyterLab Dark")
    page.picture("explorer-decoding-dark", sampling)
    page.picture("explorer-decoding-beams-dark", beams)
    page.picture("explorer-decoding-cache-dark", cache)
    assert page.axe() == []
    for view in (sampling, beams, cache):
        assert page.cut_off(view, ".wide, .wide *, svg *") == []
    page.picture("explorer-decoding-narrow", sampling)
    assert page.errors == []
    assert page.hosts == {page.lab.url.removeprefix("http://")}


def test_by_keyboard_alone(page, lesson, gpt2):
    page.open(lesson.name)
    sampling, beams, cache = views(page)
    press, start = page.page.keyboard.press, page.cells()
    sampling.get_by_role("button", name="Draw a token").focus()
    press("Enter")
    waited(page, sampling, "drawn", 1)
    press("Tab")
    press("Space")  # Undo
    waited(page, sampling, "drawn", 0)
    for _ in range(3):  # over Start over and the seed
        press("Tab")
    before = sampling.locator(".slider output").first.inner_text()
    press("ArrowRight")
    assert float(sampling.locator(".slider output").first.inner_text()) == pytest.approx(float(before) + 0.05)
    press("Tab")
    press("Home")  # top-k 1
    assert sampling.get_attribute("data-left").split()[1:] == ["1", "1", "1"]
    for _ in range(3):  # the first token of the table
        press("Tab")
    press("Enter")
    waited(page, sampling, "drawn", 1)
    beams.get_by_role("slider", name="step").focus()
    press("ArrowRight")
    waited(page, beams, "step", 1)
    for key in ("Tab", "Tab", "Enter"):  # Step
        press(key)
    waited(page, beams, "step", 2)
    cache.get_by_role("slider", name="tokens").focus()
    press("ArrowRight")
    reader, ids = explorer.Reader(gpt2.model), gpt2.tokenizer.encode(PROMPT)
    reader.logits(ids)
    waited(page, cache, "bytes", explorer.cache_bytes(reader.shape, len(ids) + 1))
    assert page.cells() == start

    # what goes wrong is said in the view, and it goes on
    sampling.get_by_role("spinbutton", name="seed").fill("")  # stands for 0
    sampling.get_by_role("button", name="Draw a token").click()
    waited(page, sampling, "drawn", 2)
    width = beams.get_by_role("slider", name="beams")
    width.evaluate("node => { node.min = 0; node.value = 0; node.dispatchEvent(new Event('change')) }")
    beams.get_by_text("IndexError").wait_for()
    width.fill("2")
    width.dispatch_event("change")
    waited(page, beams, "beams", 2)
    assert page.errors == []
