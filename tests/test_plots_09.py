"""The pictures of lesson 09 show how surprising tokens are, and which are counted."""

import pytest

from helpers import plots


def test_surprise_has_a_bar_per_token_and_the_mean():
    fig = plots.surprise_lines({"beams": [1, 2, 3], "a person": [2, 10, 0]}, "")
    assert [[bar.get_height() for bar in axis.patches] for axis in fig.axes] == [[1, 2, 3], [2, 10, 0]]
    assert [axis.lines[0].get_ydata()[0] for axis in fig.axes] == [2, 4]
    assert fig.axes[0].get_ylim() == fig.axes[1].get_ylim()


def test_counted_tokens_are_filled_and_read_ones_are_not():
    windows = [(0, 1, 5), (2, 5, 7)]
    axis = plots.window_coverage({"overlap": windows}, 7, "").axes[0]
    cells = {(round(p.get_x() + 0.46), round(p.get_y() + 0.46)): p.get_facecolor()[3] > 0 for p in axis.patches}
    filled = {cell for cell, own in cells.items() if own}
    assert filled == {(i, 0) for i in range(1, 5)} | {(5, 1), (6, 1)}
    assert set(cells) - filled == {(0, 0), (2, 1), (3, 1), (4, 1)}


def test_every_window_has_a_row_in_view():
    ways = {"few": [(0, 1, 9)], "many": [(0, 1, 5), (4, 5, 9), (8, 9, 13)]}
    for axis in plots.window_coverage(ways, 13, "").axes:
        bottom, top = axis.get_ylim()
        assert top < 0 and bottom > 2


def test_leanings_mark_the_mean_of_each_word():
    axis = plots.leanings({"king": [3.0, 5.0], "queen": [-4.0, -1.0]}, "", "").axes[0]
    means = [line.get_xdata()[0] for line in axis.lines if line.get_marker() == "|"]
    assert means == pytest.approx([4, -2.5])
    assert [label.get_text() for label in axis.get_yticklabels()] == ["king", "queen"]
    assert axis.yaxis_inverted()
