"""The figures of lesson 05 show what they are given: masks, stacks, lengths and changes."""

import numpy as np
from matplotlib.patches import FancyBboxPatch

from helpers import plots


def test_a_mask_has_a_dot_exactly_where_a_query_may_look():
    masks = [np.tril(np.ones((3, 3), dtype=bool)), np.array([[True, False]])]
    names = [["a", "b", "c"], ["q"]], [["a", "b", "c"], ["x", "y"]]
    fig = plots.who_may_look(masks, ["causal", "cross"], *names)
    for axis, mask, rows, columns in zip(fig.axes, masks, *names, strict=True):
        dots = {(int(line.get_ydata()[0]), int(line.get_xdata()[0])) for line in axis.lines}
        assert dots == {(i, j) for i, j in np.ndindex(mask.shape) if mask[i, j]}
        filled = {
            round(p.get_y() + 0.46) * 10 + round(p.get_x() + 0.46)
            for p in axis.patches
            if p.get_fill() and p.get_facecolor()[3] > 0
        }
        assert filled == {i * 10 + j for i, j in dots}
        assert [t.get_text() for t in axis.get_yticklabels()] == rows
        assert [t.get_text() for t in axis.get_xticklabels()] == columns


def test_a_stack_has_its_boxes_in_order_and_equal_sublayers_look_equal():
    fig = plots.block_stacks({"one": ["look", "think"], "two": ["look", "ask", "think"]}, (0, 1, 1), "t")
    boxes = [p for p in fig.axes[0].patches if isinstance(p, FancyBboxPatch)]
    texts = [t for t in fig.axes[0].texts if t.get_text() in ("look", "think", "ask")]
    assert [t.get_text() for t in texts] == ["look", "think", "look", "ask", "think"]
    assert [t.get_position() for t in texts] == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]
    colors = {t.get_text(): set() for t in texts}
    for box, text in zip(boxes, texts, strict=True):
        colors[text.get_text()].add(box.get_edgecolor())
    assert all(len(found) == 1 for found in colors.values()) and len(set.union(*colors.values())) == 3


def test_stream_lengths_draws_both_additions_and_the_stream():
    fig = plots.stream_lengths({"m": ([1, 2], [3, 4], [5, 9]), "n": ([1], [1], [2])}, "t")
    axis = fig.axes[0]
    assert [bar.get_height() for bar in axis.patches] == [1, 2, 3, 4]
    assert axis.lines[0].get_ydata().tolist() == [5, 9]
    assert [a.get_title() for a in fig.axes] == ["m", "n"]


def test_interventions_have_a_dot_per_text_and_their_mean():
    fig = plots.interventions({"head": {"off": [1.0, 2.0, 3.0], "even": [0.0, 0.0, 0.0]}}, "t")
    axis = fig.axes[0]
    assert axis.lines[0].get_ydata().tolist() == [1, 2, 3]
    means = [float(np.asarray(lines.get_segments())[0][0][1]) for lines in axis.collections]
    assert means == [2.0, 0.0]
    assert [t.get_text() for t in axis.get_xticklabels()] == ["off", "even"]
