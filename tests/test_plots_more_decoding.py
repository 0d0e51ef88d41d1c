"""The figures of further/more_decoding show the numbers and words they are given."""

import numpy as np

from helpers import plots


def test_kept_tokens_puts_each_way_to_cut_over_the_entropy():
    axis = plots.kept_tokens([1.0, 4.0], {"top-p": [3, 200], "min-p": [2, 9]}, "kept").axes[0]
    assert [(list(line.get_xdata()), list(line.get_ydata())) for line in axis.lines] == [
        ([1.0, 4.0], [3, 200]),
        ([1.0, 4.0], [2, 9]),
    ]
    assert axis.get_yscale() == "log" and "bits" in axis.get_xlabel()
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["top-p", "min-p"]


def test_quality_diversity_draws_the_means_over_groups_and_their_intervals():
    curve = np.array([[[0.1, 0.3], [0.5, 0.7]], [[-1.0, -3.0], [-4.0, -4.0]]])  # diversity, quality
    axis = plots.quality_diversity({"top-p": curve}, "curves").axes[0]
    line = axis.containers[0]
    assert np.allclose(line[0].get_xdata(), [0.2, 0.6]) and np.allclose(line[0].get_ydata(), [-2, -4])
    upright = line[2][1].get_segments()  # the bars of the quality
    half = 1.96 * np.sqrt(2) / np.sqrt(2)  # the two groups differ by 2, so their standard deviation is the root of 2
    assert np.allclose(upright[0][:, 1], [-2 - half, -2 + half]) and np.allclose(upright[1][:, 1], [-4, -4])


def test_lens_grid_has_the_input_at_the_bottom_and_bold_words_where_the_answer_is_on_top():
    tokens, ranks = [["a", "b"], ["c", "d"], ["e", "f"]], np.array([[100, 50], [1, 4], [1, 1]])
    axis = plots.lens_grid(tokens, ranks, ["embedding", "block 1", "block 2"], ["x", "y"], "lens").axes[0]
    drawn = {tuple(text.get_position()): (text.get_text(), text.get_fontweight()) for text in axis.texts}
    assert drawn[0, 0] == ("a", "normal") and drawn[0, 1] == ("c", "bold") and drawn[1, 2] == ("f", "bold")
    assert not axis.yaxis_inverted() and next(t.get_text() for t in axis.get_yticklabels()) == "embedding"
    assert np.allclose(axis.images[0].get_array(), np.log10(ranks))
