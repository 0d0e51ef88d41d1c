"""The attention explorer in JupyterLab: heads, weights, masks and a head switched off, by mouse and by keyboard."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import checkpoints, show
from helpers.explorers import attention as explorer

TEXT = "The old woman opened the [MASK], and the cat ran out."
CELL = f"""\
from helpers import checkpoints, explore, runtime

runtime.start("offline")
masked = checkpoints.load("masked")
explore.attention(masked.model, masked.tokenizer, {TEXT!r}, pads=2)
"""
PIXEL = """(map, [q, k, of]) => {
  const side = map.clientWidth, ratio = map.width / side, rim = side - 2 - of * SIZE;
  const [x, y] = [rim + (k + 0.5) * SIZE, rim + (q + 0.5) * SIZE];
  return [...map.getContext("2d").getImageData(Math.round(x * ratio), Math.round(y * ratio), 1, 1).data].slice(0, 3);
}"""
DRAWN = "([name, value]) => document.querySelector('.course-attention').dataset[name] === value"


@pytest.fixture
def lesson(lab, request):
    return lab.notebook(request.node.name, {"attention": CELL})


@pytest.fixture(scope="module")
def reader():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PROFILE", "offline")
        found = checkpoints.load("masked")
    return explorer.Reader(found.model, found.tokenizer, TEXT, 2)


def weights(reader, **change):
    found = reader.read({**reader.start, **change})
    size = len(reader.ids)
    return np.frombuffer(found["weights"], np.float32).reshape(reader.layers, reader.heads, size, size), found


def pixel(view, size: int, q: int, k: int) -> list[int]:
    side = max(13, min(30, 400 // size))
    return view.locator("canvas.map").evaluate(PIXEL.replace("SIZE", str(side)), [q, k, size])


def shade(weight: float) -> np.ndarray:
    """The light theme's color of a weight: from white to a dark blue by its square root."""
    share = round(255 * float(weight) ** 0.5) / 255
    return np.array([255, 255, 255]) + (np.array([8, 48, 107]) - 255) * share


def hover(view, size: int, q: int, k: int) -> None:
    place, side = view.locator("canvas.map"), max(13, min(30, 400 // size))
    rim = place.evaluate("map => map.clientWidth") - 2 - size * side
    place.hover(position={"x": rim + (k + 0.5) * side, "y": rim + (q + 0.5) * side})


def waited(page, **drawn) -> None:
    for name, value in drawn.items():
        try:
            page.page.wait_for_function(DRAWN, arg=[name, value], timeout=20_000)
        except Exception as error:
            now = page.page.evaluate("() => ({...document.querySelector('.course-attention').dataset})")
            raise AssertionError(f"{name} is not {value!r}: {now}, {page.errors}") from error


def test_by_mouse(page, lesson, reader):
    page.open(lesson.name)
    view = page.page.locator("section.course-attention")
    view.wait_for()
    own, found = weights(reader)
    size = len(reader.ids)
    view.get_by_role("gridcell", name="layer 1, head 1", exact=True).click()
    waited(page, head="1.1")
    q, k = 3, 2
    hover(view, size, q, k)
    waited(page, cell=f"{q}.{k}", weight=f"{own[1, 1, q, k]:.3f}")
    assert f"{own[1, 1, q, k]:.3f}" in view.locator(".reading").inner_text()
    assert "row sums to 1.000" in view.locator(".reading").inner_text()
    arc = view.locator(f'.arcs path[data-key="{k}"]').get_attribute("stroke-width")
    assert float(arc) == pytest.approx(0.4 + 7 * own[1, 1, q, k], abs=0.006)
    for q, k in ((1, 1), (4, 0), (6, 5)):  # what the picture shows: not under the frame of the chosen weight
        assert pixel(view, size, q, k) == pytest.approx(shade(own[1, 1, q, k]), abs=2)
    assert found["prediction"]["line"] == view.get_attribute("data-prediction")
    assert "[MASK]" in view.locator(".answer").inner_text()
    page.picture("explorer-attention-light", view)

    # the causal mask on, then the head off: both are what the model computes
    view.get_by_label("causal mask").check()
    causal, found = weights(reader, causal=True)
    waited(page, prediction=found["prediction"]["line"], weight=f"{causal[1, 1, 3, 2]:.3f}")
    assert pixel(view, size, 6, 2) == pytest.approx(shade(causal[1, 1, 6, 2]), abs=2)
    hover(view, size, 2, 5)
    waited(page, cell="2.5", weight="0.000")
    assert "masked: causal" in view.locator(".reading").inner_text()
    view.get_by_role("button", name="Switch head 1.1 off").click()
    _, found = weights(reader, causal=True, off=[1, 1])
    waited(page, prediction=found["prediction"]["line"])
    assert "without head 1.1" in view.locator(".answer").inner_text()
    assert view.get_by_role("gridcell", name="layer 1, head 1, switched off").count() == 1
    page.picture("explorer-attention-off", view)
    view.get_by_label("causal mask").uncheck()
    waited(page, prediction=weights(reader, off=[1, 1])[1]["prediction"]["line"])
    view.locator("select").select_option(label="woman (3)")
    waited(page, prediction=weights(reader, off=[1, 1], place=3)[1]["prediction"]["line"])
    view.get_by_role("button", name="Switch head 1.1 on again").click()
    waited(page, prediction=weights(reader, place=3)[1]["prediction"]["line"])
    assert page.axe() == []
    page.theme("JupyterLab Dark")
    page.page.wait_for_selector("#jupyterlab-splash", state="detached")
    page.picture("explorer-attention-dark", view)
    assert page.axe() == []

    assert page.cut_off(view, ".wide, .wide *, .spoken") == []
    page.picture("explorer-attention-narrow", view)
    assert page.errors == []
    assert page.hosts == {page.lab.url.removeprefix("http://")}


def test_by_keyboard_alone(page, lesson, reader):
    page.open(lesson.name)
    view = page.page.locator("section.course-attention")
    view.get_by_role("checkbox").first.focus()
    start, press = page.cells(), page.page.keyboard.press
    press("Space")
    _, found = weights(reader, causal=True)
    waited(page, prediction=found["prediction"]["line"])
    press("Space")
    waited(page, prediction=weights(reader)[1]["prediction"]["line"])
    for _ in range(4):  # padding, hide, switch off, the grid
        press("Tab")
    assert page.page.evaluate("() => document.activeElement.getAttribute('aria-label')") == "layer 0, head 0"
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        press(key)
    waited(page, head="2.1")
    assert view.locator('[role="gridcell"][tabindex="0"]').count() == 1
    press("End")
    waited(page, head=f"2.{reader.heads - 1}")
    press("Home")
    press("Tab")  # the map
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        press(key)
    own, _ = weights(reader)
    waited(page, head="2.0", cell="3.1", weight=f"{own[2, 0, 3, 1]:.3f}")
    press("Shift+Tab")
    press("Shift+Tab")
    press("Enter")  # switch head 2.0 off
    waited(page, prediction=weights(reader, off=[2, 0])[1]["prediction"]["line"])
    press("Shift+Tab")
    press("Enter")  # hide token 1 from all
    _, found = weights(reader, off=[2, 0], hidden=[1])
    waited(page, prediction=found["prediction"]["line"], weight="0.000")
    assert "masked: own" in view.locator(".reading").inner_text()
    assert page.cells() == start
    assert page.errors == []


WRITTEN = "A dog ran to the [MASK] of the old house."


def test_another_sentence_by_keyboard(page, lesson, reader):
    page.open(lesson.name)
    view = page.page.locator("section.course-attention")
    text = view.get_by_role("textbox", name="A sentence")
    assert text.input_value() == TEXT
    view.get_by_role("gridcell", name="layer 1, head 1", exact=True).click()
    view.get_by_role("button", name="Switch head 1.1 off").click()
    waited(page, prediction=weights(reader, off=[1, 1])[1]["prediction"]["line"])
    text.click()
    start, press = page.cells(), page.page.keyboard.press
    press("ControlOrMeta+a")
    page.page.keyboard.type(WRITTEN)
    other = explorer.Reader(reader.model, reader.tokenizer, WRITTEN, 2)
    own, found = weights(other, off=[1, 1])  # the head stays off, and the head that is shown stays chosen
    q, k = map(int, view.get_attribute("data-cell").split("."))
    waited(page, text=WRITTEN, head="1.1", prediction=found["prediction"]["line"], weight=f"{own[1, 1, q, k]:.3f}")
    assert text.input_value() == WRITTEN and text.evaluate("node => node === document.activeElement")
    assert view.locator(".arcs text").all_text_contents() == other.tokens
    assert view.locator("select option:checked").inner_text() == f"[MASK] ({other.start['place']})"
    assert pixel(view, len(other.ids), 6, 5) == pytest.approx(shade(own[1, 1, 6, 5]), abs=2)
    page.picture("explorer-attention-another", view)
    press("Tab")  # the switches are those of the new sentence
    press("Space")
    own, found = weights(other, off=[1, 1], causal=True)
    waited(page, prediction=found["prediction"]["line"], weight=f"{own[1, 1, q, k]:.3f}")
    text.fill("A cat.")  # the mask that was set stays
    other = explorer.Reader(reader.model, reader.tokenizer, "A cat.", 2)
    waited(page, text="A cat.", prediction=weights(other, off=[1, 1], causal=True)[1]["prediction"]["line"])
    assert view.get_by_label("causal mask").is_checked()
    text.fill("tea " * 300)
    view.get_by_text("tokens; only").wait_for()
    assert page.cells() == start and page.axe() == [] and page.errors == []


def test_an_empty_sentence_is_a_note_and_the_next_one_is_read(page, lab, request):
    cell = CELL.replace("masked", "gpt2").replace(", pads=2", "").replace(repr(TEXT), "'A'")
    page.open(lab.notebook(request.node.name, {"attention": cell}).name)
    view = page.page.locator("section.course-attention")
    text = view.get_by_role("textbox", name="A sentence")
    text.fill("")
    view.get_by_text("at least one token").wait_for()
    text.fill("A dog")  # of one token, the weights did not say that the model looks only back
    waited(page, text="A dog")
    assert view.get_by_label("causal mask").is_checked()
    assert view.get_by_text("at least one token").count() == 0 and page.errors == []


TIMED = """async ([script, layers, heads, T]) => {
  const view = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  const weights = new Float32Array(layers * heads * T * T).map((_, i) => ((i * 7919) % 997) / 997);
  const data = { layers, heads, tokens: Array.from({ length: T }, (_, i) => `t${i}`), kind: "vectors", places: [],
    notice: "", layer: 0, head: 0, given: {}, prediction: { title: "", columns: [], rows: [], line: "" },
    start: { causal: false, padding: true, own: false, hidden: [], off: null, place: 0 },
    weights: new DataView(weights.buffer), masked: new DataView(new ArrayBuffer(T * T)) };
  const model = { get: (name) => ({ data, state: {}, note: "" })[name] };
  for (const name of ["set", "save_changes", "on", "off"]) model[name] = () => {};
  const drawn = (act) => { // until the pixels are there: reading one back waits for them
    const began = performance.now();
    act();
    document.querySelectorAll("canvas").forEach((one) => one.getContext("2d").getImageData(40, 40, 1, 1));
    return performance.now() - began;
  };
  const first = drawn(() => view.default.render({ model, el: document.body }));
  const down = (key) => new KeyboardEvent("keydown", { key, bubbles: true });
  const press = (key) => drawn(() => document.activeElement.dispatchEvent(down(key)));
  document.querySelector('[role="gridcell"][tabindex="0"]').focus();
  const heads_ = Array.from({ length: 40 }, (_, i) => press(i % 12 ? "ArrowRight" : "ArrowDown")).sort((a, b) => a - b);
  document.querySelector("canvas.map").focus();
  const cells = Array.from({ length: 40 }, (_, i) => press(i % 2 ? "ArrowRight" : "ArrowDown")).sort((a, b) => a - b);
  const [box, edges] = [document.querySelector("canvas.map").parentElement, []];
  for (const key of ["End", "PageDown", "Home", "PageUp"]) {
    press(key);
    edges.push([box.scrollLeft > 99, box.scrollTop > 99]);
  }
  for (let i = 0; i < 20; i += 1) { press("ArrowRight"); press("ArrowDown"); }
  press("ArrowDown");
  const now = { ...document.querySelector(".course-attention").dataset };
  return { edges, first, head: heads_[20], cell: cells[20], now };
}"""


def test_twelve_layers_of_twelve_heads_are_drawn_within_a_second(browser):
    script = show.module(explorer.SCRIPT)
    page = browser.new_page(viewport={"width": 600, "height": 700})
    page.set_content("<!doctype html><body style='background:#fff;color:#1f1f1f'></body>")
    took = page.evaluate(TIMED, [script, 12, 12, 64])
    page.close()
    print({name: round(took[name], 1) for name in ("first", "head", "cell")})
    assert took["now"]["head"] == "4.11" and took["now"]["cell"] == "21.20"
    assert took["edges"] == [[True, False], [True, True], [False, True], [False, False]]  # what is read stays in sight
    assert took["first"] < 1000
