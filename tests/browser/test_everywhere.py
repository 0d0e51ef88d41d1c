"""All seven explorers in one notebook: live in Notebook 7; static on an exported page and in a notebook nobody ran."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbconvert import HTMLExporter

from course.colab_check import from_cells
from course.run import drop_live_views
from helpers.show import LIVE_VIEW

CELLS = Path(__file__).resolve().parents[1] / "colab" / "explorers.py"
SEVEN = {"tokens", "attention", "decoding", "training", "confidence", "model", "search"}


def test_notebook_7_an_exported_page_and_a_stored_notebook(page, lab, browser):
    path = lab.notebooks / "everywhere.ipynb"
    made = from_cells(CELLS)
    nbformat.write(made, path)
    page.open(path.name, place="notebooks")
    assert page.page.url.startswith(f"{lab.url}/notebooks/")
    for name in SEVEN:
        page.page.locator(f"section.course-{name}").first.wait_for(state="attached")
    view = page.page.locator("section.course-tokens")
    step = view.locator(".slider input")
    start = int(view.get_attribute("data-step"))
    step.focus()
    page.page.keyboard.press("ArrowRight")
    assert int(view.get_attribute("data-step")) == start + 1
    cells = page.cells()
    for key in "ddax":  # these cut and add cells, where the notebook hears them: Notebook 7 listens before the view
        page.page.keyboard.press(key)
    assert page.cells() == cells
    page.page.keyboard.press("Control+s")  # may pass; the keys after it may not
    page.page.keyboard.press("ArrowRight")
    assert int(view.get_attribute("data-step")) == start + 2
    typed = view.locator("textarea")
    typed.fill("typed in Notebook 7")
    page.page.wait_for_function("() => document.querySelector('.course-tokens').dataset.text === 'typed in Notebook 7'")
    page.picture("explorers-notebook7")
    page.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    # Notebook 7 itself complains of a schema and of a command, with an empty notebook, too
    its_own = ("reading 'schema'", "'filebrowser:open-path' not registered")
    assert [error for error in page.errors if not any(known in error for known in its_own)] == []
    assert page.hosts == {lab.url.removeprefix("http://")}

    saved = nbformat.read(path, as_version=4)
    outputs = {cell.id: cell.outputs[-1].data for cell in saved.cells[1:]}
    assert {name.partition("-")[0] for name in outputs} == SEVEN
    assert all({LIVE_VIEW, "text/html", "text/plain"} <= set(data) for data in outputs.values())
    drop_live_views(saved)  # as course lint --fix and course run --update leave it
    exported = path.with_suffix(".html")
    exported.write_text(HTMLExporter().from_notebook_node(saved)[0], encoding="utf-8")
    context = browser.new_context(viewport={"width": 1100, "height": 800}, java_script_enabled=False, offline=True)
    static = context.new_page()
    static.goto(exported.as_uri(), wait_until="domcontentloaded")
    shown = static.locator(".jp-OutputArea-output")
    for name, data in outputs.items():
        without = data["text/html"].replace("http://www.w3.org", "")
        assert "<script" not in without and "http" not in without, name
    for one in shown.all()[-len(outputs) :]:  # none is blank
        assert len(one.inner_text()) > 40
        assert one.bounding_box()["height"] > 60
    page.picture("explorers-page", static.locator("body"))
    context.close()

    nbformat.write(saved, lab.notebooks / "stored.ipynb")  # JupyterLab does not trust it, and takes out what it must
    page.open("stored.ipynb", run=False)
    shown = page.page.locator(".jp-RenderedHTMLCommon.jp-OutputArea-output")
    assert shown.count() == len(outputs)
    for one in shown.all():
        assert len(one.text_content()) > 40  # JupyterLab lays out what is out of sight when it comes into sight
    drawn = shown.locator("img").evaluate_all("images => images.map(image => image.naturalWidth)")
    assert len(drawn) == 8 and min(drawn) > 100  # all but tokens and search: it shows images, and no inline SVG
    assert not any("<svg" in data["text/html"] for data in outputs.values())
    page.picture("explorers-stored", shown.nth(1))
