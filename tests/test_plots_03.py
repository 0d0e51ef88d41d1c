"""The pictures of lesson 03 mark the right characters and the best path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from helpers import plots


def test_marked_text_shows_its_spans_and_escapes_html():
    shown = plots.marked("1 < 2 is true", [(9, 13), (0, 5)])
    assert repr(shown) == "⟦1 < 2⟧ is ⟦true⟧"
    page = shown._repr_html_()
    assert page.count("<mark") == 2 and "1 &lt; 2</mark> is " in page


@given(st.text("ab<é👍 ", max_size=12), st.lists(st.integers(0, 12), max_size=6))
def test_marks_add_brackets_and_nothing_else(text, places):
    places = sorted(place for place in places if place <= len(text))
    spans = list(zip(places[::2], places[1::2], strict=False))
    shown = repr(plots.marked(text, spans))
    assert shown.replace("⟦", "").replace("⟧", "") == text
    assert shown.count("⟦") == shown.count("⟧") == len(spans)


@pytest.mark.parametrize("spans", [[(0, 3), (2, 4)], [(3, 2)], [(4, 6)]])
def test_marks_that_overlap_or_leave_the_text_are_refused(spans):
    with pytest.raises(ValueError, match="overlaps"):
        plots.marked("hello", spans)


def test_the_lattice_has_an_arc_per_token_and_the_best_ones_stand_out():
    (axis,) = plots.lattice("tea", [(0, 1, 3), (0, 2, 5), (1, 3, 4), (2, 3, 4)], [(0, 1), (1, 3)], "t").axes
    labels = [text.get_text() for text in axis.texts]
    assert labels == ["t  3", "te  5", "ea  4", "a  4", "t", "e", "a"]
    arcs = axis.lines[:4]
    assert [(arc.get_xdata()[0], arc.get_xdata()[-1]) for arc in arcs] == [(0, 1), (0, 2), (1, 3), (2, 3)]
    thick = [arc.get_linewidth() > 3 for arc in arcs]
    assert thick == [True, False, True, False] == [to_hex(arc.get_color()) == "#d55e00" for arc in arcs]
