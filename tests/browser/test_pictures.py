"""Schematics and figures in JupyterLab: in a notebook that was run, and in one that somebody else has stored."""

from __future__ import annotations

import re

import nbformat

CELLS = {
    "drawing": 'from helpers import plots\n\nplots.drawing("attention")',
    "figure": 'plots.show(plots.training_curve({"loss": ([0, 1, 2], [3, 2, 1])}, "Loss"), "A loss that falls.")',
}


def test_pictures_show_on_both_grounds_and_in_a_notebook_that_is_not_trusted(page, lab):
    path = lab.notebook("pictures", CELLS)
    page.page.set_viewport_size({"width": 1400, "height": 1500})
    page.open(path.name)
    shown = page.page.locator(".jp-OutputArea-output img")
    shown.nth(1).wait_for()
    page.page.wait_for_function(
        "() => [...document.querySelectorAll('.jp-OutputArea-output img')].every(i => i.complete)"
    )
    sizes = shown.evaluate_all("images => images.map(image => [image.width, image.naturalWidth])")
    assert [wide for wide, _ in sizes] == [720, 770] and sizes[1][1] == 2 * 770
    page.picture("pictures-light")
    page.theme("JupyterLab Dark")
    page.picture("pictures-dark")
    page.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")

    stored = nbformat.read(path, as_version=4)
    for cell in stored.cells:  # a notebook of this text, which JupyterLab has not signed
        cell.source += "\n"
    nbformat.write(stored, lab.notebooks / "stored_pictures.ipynb")
    page.open("stored_pictures.ipynb", run=False)
    shown.nth(1).wait_for()
    assert shown.evaluate_all("images => images.map(image => image.naturalWidth > 100)") == [True, True]
    assert "untrusted" not in page.page.locator(".jp-Notebook").inner_text()
    alts = shown.evaluate_all("images => images.map(image => image.alt)")
    assert re.match(r"“bank” sends its query", alts[0])
    page.picture("pictures-stored")
