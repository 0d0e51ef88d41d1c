"""The figures of lesson 07 show the numbers they are given: each test reads them back from the picture."""

import numpy as np
import pytest

from helpers import plots


def test_reliability_puts_shares_over_confidences():
    bins = [(0.6, 0.5, 10), (0.95, 0.8, 40)]
    fig = plots.reliability({"before": bins, "after": bins[:1]}, "kept?")
    before, after = (axis.collections[-1] for axis in fig.axes)
    assert before.get_offsets().tolist() == [[0.6, 0.5], [0.95, 0.8]] and len(after.get_offsets()) == 1
    small, large = before.get_sizes()
    assert large > 2 * small
    assert [axis.get_xlabel() for axis in fig.axes] == ["mean confidence"] * 2


def test_token_scores_keep_sign_and_order():
    fig = plots.token_scores(["not", "bad"], {"gradient": [-1.0, 2.0], "left out": [0.5, 0.0]}, "words")
    assert [[bar.get_height() for bar in axis.patches] for axis in fig.axes] == [[-1.0, 2.0], [0.5, 0.0]]
    negative, positive = fig.axes[0].patches
    assert negative.get_hatch() and not positive.get_hatch()
    assert negative.get_facecolor() != positive.get_facecolor()
    assert [text.get_text() for text in fig.axes[-1].get_xticklabels()] == ["not", "bad"]


def test_runs_over_draws_runs_means_and_half_widths():
    series = {"a": {16: [0.5, 0.7], 64: [0.8, 0.8]}, "b": {64: [0.6]}}
    fig = plots.runs_over(series, "more data", "reviews", "accuracy", (0.5, "coin"), {"a": [0.1, 0.2]})
    (axis,) = fig.axes
    means = {bars.get_label(): list(bars.lines[0].get_ydata()) for bars in axis.containers}
    assert means == {"a": pytest.approx([0.6, 0.8]), "b": pytest.approx([0.6])}
    spans = [np.ptp(part[:, 1]) for part in axis.containers[0].lines[2][0].get_segments()]
    assert spans == pytest.approx([0.2, 0.4])
    runs = [tuple(line.get_ydata()) for line in axis.lines if line.get_alpha() == 0.4]
    assert sorted(runs) == [(0.5, 0.7), (0.6,), (0.8, 0.8)]
    assert [text.get_text() for text in axis.get_xticklabels()] == ["16", "64"]
    assert "coin" in axis.get_legend_handles_labels()[1]
