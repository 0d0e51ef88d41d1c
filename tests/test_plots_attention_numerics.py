"""The growth figure shows the numbers it is given, and a line that is the square of the size."""

from helpers import plots


def test_growth_draws_each_series_and_the_square():
    fig = plots.growth(
        [2, 4, 8], {"memory": {"a": [3, 12, 48], "b": [1, 2, 4]}, "time": {"a": [1, 4, 16]}}, ["MB", "s"], "tokens"
    )
    memory, time = fig.axes
    assert [
        line.get_ydata().tolist() if hasattr(line.get_ydata(), "tolist") else list(line.get_ydata())
        for line in memory.lines
    ] == [[3, 12, 48], [1, 2, 4], [3, 12, 48]]
    assert list(time.lines[-1].get_ydata()) == [1, 4, 16]
    assert [a.get_ylabel() for a in fig.axes] == ["MB", "s"] and memory.get_yscale() == "log"
    assert [label.get_text() for label in memory.get_xticklabels()] == ["2", "4", "8"]
