"""The scaling figure of lesson 04 tells apart what was measured without and with the division by root d."""

import pytest

from helpers import plots


def test_scaling_draws_both_series_of_every_panel_and_takes_logarithms_only_where_values_are_large():
    widths = [1, 4, 16]
    panels = {"variance": ([1, 4, 30], [1, 1, 1]), "gradient": ([0.3, 0.2, 0.1], [0.3, 0.3, 0.3])}
    fig = plots.scaling(widths, panels)
    assert [axis.get_title() for axis in fig.axes] == list(panels)
    for axis, (raw, scaled) in zip(fig.axes, panels.values(), strict=True):
        drawn = {line.get_label(): list(line.get_ydata()) for line in axis.lines}
        assert drawn == {"q · k": list(raw), "q · k / √d": list(scaled)}
        assert axis.get_xscale() == "log" and [text.get_text() for text in axis.get_xticklabels()] == ["1", "4", "16"]
    assert [axis.get_yscale() for axis in fig.axes] == ["log", "linear"]


def test_heat_maps_write_the_numbers_and_name_a_row_without_any():
    fig = plots.heat_maps([[[0.25, 0.75], [float("nan"), float("nan")]]], ["weights"], ["a", "b"], ["a", "b"])
    (axis,) = fig.axes
    assert [text.get_text() for text in axis.texts] == ["0.25", "0.75", "nan", "nan"]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("key", "query")


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_head_shares_are_on_the_scale_from_0_to_1_whatever_they_are(share):
    fig = plots.head_shares({"to itself": [[share, share]]}, "a model")
    assert fig.axes[0].images[0].get_clim() == (0, 1)
