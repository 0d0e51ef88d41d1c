"""The training curves in JupyterLab: one output that grows in place, is read step by step, and outlives its kernel."""

from __future__ import annotations

import random
import re
import time
from itertools import pairwise

import pytest

from helpers import show
from helpers.explorers import training as explorer

CELLS = {
    "start": "import time\nfrom pathlib import Path\nfrom helpers import explore\n"
    "losses = [1 / (1 + step / 20) + 0.05 * (step % 3) for step in range(80)]",
    "live": """\
with explore.training(title="Fit", reference=(0.7, "a coin's loss"), seconds=0) as curve:
    for step, loss in enumerate(losses):
        curve.add("learning rate", step, 1e-4 * (80 - step) / 80)
        curve.add("training", step, loss)
        if step % 20 == 19:
            curve.add("validation", step, 0.9 - step / 200)
        time.sleep(0.05)
        while step == 60 and not Path("go-on").exists():
            time.sleep(0.05)""",
    "after": "explore.training(curve)",
    "interrupted": """\
with explore.training(title="Cut short", seconds=0) as cut:
    for step in range(10**6):
        cut.add("training", step, 1 / (1 + step))
        time.sleep(0.1)""",
}
LOSSES = [1 / (1 + step / 20) + 0.05 * (step % 3) for step in range(80)]


@pytest.fixture
def lesson(lab, request):
    go_on = lab.notebooks / "go-on"
    go_on.unlink(missing_ok=True)
    yield lab.notebook(request.node.name, CELLS)
    go_on.unlink(missing_ok=True)


def drawn(view, name: str, kind: str) -> list[float]:
    """The values of a line, read from where its points stand in the picture and from what its axis says."""
    points = view.locator(f'polyline[data-series="{name}"][data-kind="{kind}"]').get_attribute("points")
    ys = [float(point.split(",")[1]) for point in points.split()]
    labels = view.locator("text[text-anchor=end]").evaluate_all(
        "nodes => nodes.map(n => [+n.textContent, +n.previousElementSibling.getAttribute('d').match(/ ([\\d.]+)H/)[1]])"
    )
    (low, at_low), (high, at_high) = labels[0], labels[2]  # two ticks of the upper panel
    return [low + (high - low) * (y - at_low) / (at_high - at_low) for y in ys]


TICKS = """([script, grid]) => import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })))
  .then(({ ticks }) => grid.map(([low, size, most]) => ticks(low, low + size, most)))"""


def test_ticks_are_few_evenly_spaced_and_within(browser):
    chance = random.Random(0)
    sizes = [10 ** chance.uniform(-3, 4) for _ in range(300)]
    grid = [[chance.uniform(-1e4, 1e4), size, chance.randint(2, 8)] for size in sizes]
    page = browser.new_page()
    found = page.evaluate(TICKS, [show.module(explorer.SCRIPT), grid])
    page.close()
    for (low, size, most), ticks in zip(grid, found, strict=True):
        assert len(ticks) <= most + 1 and all(low - 1e-9 <= tick <= low + size + 1e-9 for tick in ticks)
        assert len({round(b - a, 7) for a, b in pairwise(ticks)}) <= 1


def test_it_grows_in_place_and_stays(page, lab, lesson):
    page.open(lesson.name, run=False)
    page.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")  # not waiting for it
    view = page.page.locator("section.course-training").first
    view.wait_for()
    view.evaluate(
        "view => { view.dataset.mine = 'the first'; window.sizes = new Set(); "
        "new ResizeObserver(() => window.sizes.add(view.querySelector('svg').getBoundingClientRect().height))"
        ".observe(view) }"
    )
    page.page.wait_for_function("() => document.querySelector('.course-training').dataset.points === '61 3 61'")
    assert view.get_attribute("data-mine") == "the first"  # the same node all the time: nothing is put anew
    heights = page.page.evaluate("() => [...window.sizes]")
    assert max(heights) - min(heights) < 25  # the legend may take a line more; the page does not jump
    assert view.get_attribute("data-step") == "60"  # the cursor follows until somebody moves it

    # while it runs: by mouse, then by keyboard
    box = view.locator("svg").bounding_box()
    page.page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.4)
    step = int(view.get_attribute("data-step"))
    assert 20 < step < 40
    said = view.locator("output")
    assert said.inner_text().startswith(f"step {step}: training {float(f'{LOSSES[step]:.4g}')}")
    slider = view.get_by_role("slider", name="step")
    slider.focus()
    page.page.keyboard.press("ArrowRight")
    assert view.get_attribute("data-step") == str(step + 1)
    page.page.keyboard.press("Home")
    assert view.get_attribute("data-step") == "0" and "training 1 ·" in said.inner_text().replace(", mean", " · mean")
    for _ in range(3):
        page.page.keyboard.press("ArrowRight")
    assert re.search(r"step 3: .*learning rate 9\.625e-5", said.inner_text())
    assert slider.get_attribute("aria-valuetext") == said.inner_text()

    (lab.notebooks / "go-on").touch()
    live = page.page.locator("section.course-training")
    page.page.wait_for_function("() => document.querySelector('.jp-RenderedHTMLCommon img[alt^=Fit]')")
    cells = page.page.locator(".jp-CodeCell")
    last = cells.nth(1).locator("img")
    assert cells.nth(1).locator("section.course-training").count() == 0  # the last frame needs no kernel
    assert "over 80 points" in last.get_attribute("alt")
    assert last.bounding_box()["height"] > 250
    page.picture("explorer-training-static", cells.nth(1).locator(".jp-OutputArea-output").first)
    cells.nth(1).locator("summary").click()
    assert cells.nth(1).locator("td").first.inner_text() == "0"

    # the third cell: the finished run
    view = cells.nth(2).locator("section.course-training")
    view.wait_for()
    assert view.get_attribute("data-points") == "80 4 80"
    assert drawn(view, "training", "raw") == pytest.approx(LOSSES, abs=2e-3)  # a tick stands within a tenth of a pixel
    means = [sum(LOSSES[max(0, k - 9) : k + 1]) / min(10, k + 1) for k in range(80)]
    assert drawn(view, "training", "mean") == pytest.approx(means, abs=2e-3)
    page.picture("explorer-training-light", view)
    assert page.axe() == []
    view.get_by_role("slider").focus()
    page.page.keyboard.press("ArrowLeft")
    assert view.get_attribute("data-step") == "78"
    circle = view.locator(".cursor circle[data-name=training]")
    assert float(circle.get_attribute("data-value")) == LOSSES[78]
    start = page.cells()
    for key in ("d", "d", "a", "x", "j"):
        page.page.keyboard.press(key)
    assert page.cells() == start
    page.theme("JupyterLab Dark")
    page.picture("explorer-training-dark", view)
    assert page.axe() == []
    page.page.set_viewport_size({"width": 550, "height": 800})  # 1100 pixels at 200 %
    wide = view.evaluate(
        "view => [view, ...view.querySelectorAll('div, label, output')].filter("
        "node => node.scrollWidth > node.clientWidth + 1).length"
    )
    assert wide == 0
    page.picture("explorer-training-narrow", view)
    page.page.set_viewport_size({"width": 1100, "height": 1500})

    # the fourth cell: interrupted
    live.nth(1).wait_for()
    time.sleep(0.5)
    page.page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
    short = cells.nth(3).locator("img[alt^='Cut short']")
    short.wait_for()
    cells.nth(3).get_by_text("KeyboardInterrupt").first.wait_for()
    assert page.errors == [] and page.hosts == {lab.url.removeprefix("http://")}

    # saved, its kernel gone, opened again
    page.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.page.evaluate("() => window.jupyterapp.serviceManager.sessions.shutdownAll()")
    page.open(lesson.name, run=False)
    again = page.page.locator(".jp-CodeCell").nth(1).locator("img[alt^=Fit]")
    again.wait_for()
    assert again.bounding_box()["height"] > 250
    assert page.page.locator(".jp-CodeCell").nth(3).locator("img[alt^='Cut short']").count() == 1
    page.picture("explorer-training-reopened")
