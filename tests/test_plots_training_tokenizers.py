"""The pictures of further/training_tokenizers: a tooth for each size, and bars and dots in the same order."""

from helpers import plots


def test_work_has_a_line_per_way_of_counting():
    (axis,) = plots.work_per_merge({"all": [9, 8, 7], "changed": [5, 2, 1]}).axes
    assert [line.get_ydata().tolist() for line in axis.lines] == [[9, 8, 7], [5, 2, 1]]
    assert axis.get_yscale() == "log"


def test_em_has_a_tooth_for_each_number_of_tokens():
    (axis,) = plots.em_steps([-9, -8, -8.5, -8.2, -8.1, -9], [50, 50, 40, 40, 40, 30]).axes
    assert [line.get_xdata().tolist() for line in axis.lines[1:]] == [[0, 1], [2, 3, 4], [5]]
    assert [line.get_ydata().tolist() for line in axis.lines[1:]] == [[-9, -8], [-8.5, -8.2, -8.1], [-9]]
    assert [text.get_text() for text in axis.texts] == ["50", "40", "30"]


def test_shares_stand_beside_their_probabilities():
    (axis,) = plots.shares_drawn(["a b", "ab"], [0.3, 0.7], [0.25, 0.75]).axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["ab", "a b"]
    assert [bar.get_width() for bar in axis.patches] == [0.7, 0.3]
    assert axis.lines[0].get_xdata().tolist() == [0.75, 0.25]
