"""The check of a lab in JupyterLab: the card of a wrong answer, its hints by keyboard, both themes."""

from __future__ import annotations

import pytest

CELLS = {
    "start": 'import numpy as np\n\nfrom helpers import checks\n\ncheck = checks.lab("lab02_attention")',
    "softmax": "def softmax(scores):\n    return np.exp(scores) / np.sum(np.exp(scores))",
    "softmax-test": "check.softmax(softmax)",
    "progress": "check.progress()",
}


@pytest.fixture
def lab_notebook(lab):
    return lab.notebook("lab", CELLS).name


def test_a_wrong_answer_is_named_and_hints_open_one_by_one(page, lab, lab_notebook):
    page.open(lab_notebook)
    card = page.page.locator(".jp-OutputArea-output [role=status]")
    card.wait_for()
    assert "✗ softmax: Not yet" in card.inner_text() and "over everything" in card.inner_text()
    assert "array([[0.25, 0.75]" in card.locator("pre").nth(1).inner_text()
    hints = card.locator("details")
    assert hints.count() == 2 and not hints.nth(0).locator("p").is_visible()
    page.picture("check-light", card)
    hints.nth(0).locator("summary").focus()
    page.page.keyboard.press("Enter")
    assert hints.nth(0).locator("p").is_visible() and not hints.nth(1).locator("p").is_visible()
    page.theme("JupyterLab Dark")
    page.picture("check-dark", card)
    line = page.page.locator(".jp-OutputArea-output p", has_text="core 0 of 14")
    line.wait_for()
    assert "softmax ✗ · attention …" in line.inner_text()
    assert page.hosts == {lab.url.removeprefix("http://")}
    assert page.errors == []
