"""The broadcasting picture of lesson 01 marks as an array's own exactly the cells that are not repeats."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import plots


@st.composite
def stretched(draw):
    """A shape of one or two axes, and a shape that it can be broadcast to."""
    target = draw(st.lists(st.integers(1, 4), min_size=1, max_size=2))
    kept = target[draw(st.integers(0, len(target) - 1)) :]
    return tuple(draw(st.sampled_from([1, size])) for size in kept), tuple(target)


@given(stretched())
def test_own_cells_hold_each_value_once_and_in_order(shapes):
    shape, target = shapes
    values = np.arange(np.prod(shape)).reshape(shape)
    own = plots.own_cells(shape, target)
    assert own.shape == target
    assert np.broadcast_to(values, target)[own].tolist() == values.ravel().tolist()


def test_the_picture_shows_both_arrays_and_their_sum():
    first, second = np.array([[0], [10], [20]]), np.array([1, 2, 3, 4])
    fig = plots.broadcast(first, second, "a column plus a row")
    texts = [[text for text in axis.texts] for axis in fig.axes]
    assert [axis.get_title() for axis in fig.axes] == ["(3, 1)", "+  (4,)", "=  (3, 4)"]
    assert [text.get_text() for text in texts[2]] == [str(n) for n in (first + second).ravel()]
    bold = [[text.get_text() for text in shown if text.get_weight() == "bold"] for shown in texts]
    assert bold[:2] == [["0", "10", "20"], ["1", "2", "3", "4"]] and len(bold[2]) == 12


def test_shapes_that_do_not_fit_raise():
    with pytest.raises(ValueError, match="broadcast"):
        plots.broadcast(np.zeros((2, 3)), np.zeros(2), "")
