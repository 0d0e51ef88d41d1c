"""The confusion table of `course finetune`: names of labels in any script and of any length."""

import warnings

import numpy as np
import pytest

from helpers import plots


def drawn(names):
    fig = plots.confusion(np.arange(len(names) ** 2).reshape(len(names), -1), names, "Test texts by label")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing letter is a warning, and a box in the picture
        fig.canvas.draw()
    (axis,) = fig.axes
    box = axis.get_window_extent()
    assert min(box.width, box.height) > 80, "the names leave room for the cells"
    return [tick.get_text() for tick in axis.get_xticklabels()], axis.get_xlabel()


def test_names_that_can_be_drawn_are_drawn():
    assert drawn(["bad", "good"]) == (["bad", "good"], "predicted label")
    assert drawn(["costs $5", "schön", "плохо", "x_{2}$"])[0] == ["costs $5", "schön", "плохо", "x_{2}$"]
    assert drawn(["a name, 15 long", "another name 16"])[0] == ["a name, 15 long", "another name 16"]


@pytest.mark.parametrize("name", ["正面", "肯定的", "긍정", "x" * 200, "سلبي", "שלילי", "अच्छा", "two\nlines", "🦾"])
def test_names_that_cannot_be_drawn_are_numbers(name):
    assert drawn(["good", name]) == (["1", "2"], "predicted label by number")
