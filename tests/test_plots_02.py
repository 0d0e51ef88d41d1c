"""The figures of lesson 02 show the numbers that they are given, each at its place."""

import pytest

from helpers import plots


def line(axis, style):
    """The (x, y) of the one drawn line with this marker that has points."""
    (found,) = [drawn for drawn in axis.lines if drawn.get_marker() == style and len(drawn.get_xdata()) > 1]
    return list(found.get_xdata()), list(found.get_ydata())


def test_language_costs_puts_bytes_tokens_and_single_sentences_in_the_row_of_their_language():
    languages, in_bytes, in_tokens = ["English", "Hindi", "Chinese"], [1.0, 2.0, 0.9], [1.0, 7.0, 3.0]
    each = [[1.0, 1.0], [5.0, 9.0], [2.5, 3.5]]
    (axis,) = plots.language_costs(languages, in_bytes, in_tokens, each, "English", "five messages").axes
    assert line(axis, "s") == (in_bytes, [0, 1, 2])
    assert line(axis, "o") == (in_tokens, [0, 1, 2])
    single = [(list(drawn.get_xdata()), set(drawn.get_ydata())) for drawn in axis.lines if drawn.get_marker() == "|"]
    assert single[:3] == [(ratios, {row}) for row, ratios in enumerate(each)]
    assert [label.get_text() for label in axis.get_yticklabels()] == languages
    assert axis.yaxis_inverted() and axis.get_xscale() == "log"
    assert "English" in axis.get_xlabel()


def test_language_costs_wants_single_sentences_for_every_language():
    with pytest.raises(ValueError):
        plots.language_costs(["English", "Hindi"], [1, 2], [1, 7], [[1]], "English", "")
