"""The live curve keeps its points and its last frame; intervals and confusion tables agree with their definitions."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import training
from helpers.training import LiveCurve, bootstrap_interval, confusion

labels = st.lists(st.integers(0, 3), min_size=1, max_size=40)


class Shown:
    """Stands for IPython's display: keeps what was shown and how often it was updated."""

    def __init__(self, monkeypatch):
        self.bundles, self.updates, self.texts = [], 0, []
        monkeypatch.setattr(training, "in_notebook", lambda: True)
        monkeypatch.setattr("IPython.display.display", self.display)

    def display(self, item, raw=False, display_id=None):
        if not raw:
            self.texts.append(item.data)
            return None
        self.bundles.append(item)
        return self if display_id else None

    def update(self, item, raw):
        assert raw
        self.updates += 1
        self.bundles[-1] = item


@pytest.fixture
def shown(monkeypatch):
    return Shown(monkeypatch)


# --- LiveCurve -------------------------------------------------------------------------------------

def test_one_output_is_redrawn_and_its_sentence_follows(shown):
    with LiveCurve("Fit", seconds=0) as curve:
        for step in range(6):
            curve.add("training", step, 1 - step / 10)
    assert len(shown.bundles) == 1 and shown.updates == 6            # five more points and the last frame
    assert shown.bundles[0]["text/plain"] == curve.sentence()
    assert shown.bundles[0]["image/png"].startswith(b"\x89PNG")
    assert shown.texts == [f"*{curve.sentence()}*"]


def test_redraws_are_rare_but_the_last_frame_has_every_point(shown, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    with LiveCurve("Fit", seconds=10) as curve:
        for step in range(100):
            now[0] = float(step)
            curve.add("training", step, 1.0)
        assert shown.updates == 9                                     # at 10, 20 … 90; the first at 0 is no update
    assert shown.updates == 10
    assert "100 points" in shown.bundles[0]["text/plain"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interrupt_keeps_the_last_frame_and_goes_on(shown, error):
    with pytest.raises(error), LiveCurve("Fit", seconds=1e9) as curve:
        curve.add("training", 0, 0.7)
        curve.add("training", 1, 0.6)
        raise error
    assert "falls from about 0.70 to about 0.60" in shown.bundles[0]["text/plain"]
    assert len(shown.texts) == 1


def test_without_points_nothing_is_shown(shown):
    with LiveCurve("Fit") as curve:
        pass
    assert not shown.bundles and curve.sentence() == "Fit: no points yet."


def test_outside_a_notebook_the_sentence_is_printed(capsys):
    with LiveCurve("Fit", seconds=1e9) as curve:
        curve.add("training", 0, 0.7)
    assert capsys.readouterr().out.splitlines() == [curve.sentence()] * 2


def test_the_sentence_says_where_each_series_goes():
    curve = LiveCurve("Fit", "loss", reference=(0.69, "a coin's loss"), seconds=1e9)
    curve._drawn = float("inf")
    for step, (a, b, c) in enumerate([(0.9, 0.1, 0.5), (0.6, 0.4, 0.5), (0.3, 0.7, 0.5)]):
        curve.add("a", step, a)
        curve.add("b", step, b)
        curve.add("c", step, c)
    curve.add("d", 0, 0.25)
    assert curve.sentence() == (
        "Fit, loss by step: a falls from about 0.90 to about 0.30 over 3 points; "
        "b rises from about 0.10 to about 0.70 over 3 points; c stays near 0.50 over 3 points; "
        "d is at 0.25 after 1 point. The line at 0.69 is a coin's loss.")


def test_the_sentence_says_where_a_short_series_turns():
    curve = LiveCurve("Fit", "loss", seconds=1e9)
    curve._drawn = float("inf")
    for step, value in enumerate([0.54, 0.36, 0.49]):
        curve.add("validation", step, value)
    assert curve.sentence() == (
        "Fit, loss by step: validation falls from about 0.54 to about 0.36 at point 2 of 3, then rises to about 0.49.")


def test_the_figure_draws_every_series_and_smooths_the_long_one():
    curve = LiveCurve("Fit", reference=(0.5, "half"), smooth=2)
    curve._drawn = float("inf")
    for step, value in enumerate([4.0, 2.0, 0.0, 2.0, 4.0]):
        curve.add("training", step, value)
    curve.add("validation", 4, 1.0)
    axis = curve.figure().axes[0]
    lines = {line.get_label(): list(line.get_ydata()) for line in axis.lines}
    assert lines["training (mean of the last 2)"] == [4, 3, 1, 1, 3]
    assert lines["validation"] == [1] and lines["half"] == [0.5, 0.5]
    assert [4, 2, 0, 2, 4] in [list(line.get_ydata()) for line in axis.lines]


def test_smooth_counts_points():
    with pytest.raises(ValueError, match="at least 1"):
        LiveCurve("Fit", smooth=0)


# --- bootstrap_interval ----------------------------------------------------------------------------

@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30), st.integers(0, 5))
def test_the_interval_lies_within_the_values_and_moves_with_them(values, seed):
    low, high = bootstrap_interval(values, seed=seed, resamples=200)
    slack = 1e-9
    assert min(values) - slack <= low <= high <= max(values) + slack
    shifted = bootstrap_interval(np.array(values) * 2 + 1, seed=seed, resamples=200)
    assert np.allclose(shifted, (low * 2 + 1, high * 2 + 1))


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_interval_is_the_normal_one_for_many_examples(confidence):
    from statistics import NormalDist

    right = np.arange(1000) < 700
    low, high = bootstrap_interval(right, confidence, resamples=4000)
    half = NormalDist().inv_cdf((1 + confidence) / 2) * np.sqrt(0.7 * 0.3 / 1000)
    assert np.allclose([low, high], [0.7 - half, 0.7 + half], atol=0.003)   # 4000 resamples leave about 0.001


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(300):
        low, high = bootstrap_interval(rng.random(200) < 0.7, resamples=300, seed=trial)
        covered += low <= 0.7 <= high
    assert 0.90 <= covered / 300 <= 0.98                                    # 0.95 with an error of 0.013, and a bias


def test_same_seed_same_interval_other_seed_another():
    values = np.random.default_rng(0).random(50)
    assert bootstrap_interval(values) == bootstrap_interval(values) != bootstrap_interval(values, seed=1)


@pytest.mark.parametrize(("arguments", "message"), [
    (([],), "shape"), ((np.ones((2, 3)),), r"\(2, 3\)"), (([1.0, float("nan")],), "1 of the 2"),
    (([1.0], 95), "0.95"), (([1.0], 0), "between 0 and 1"),
])
def test_what_has_no_interval_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        bootstrap_interval(*arguments)


# --- confusion -------------------------------------------------------------------------------------

def test_rows_are_actual_and_columns_are_predicted():
    assert confusion([0, 0, 0, 1], [0, 1, 1, 1]).tolist() == [[1, 2], [0, 1]]


@settings(deadline=None)
@given(st.data(), labels)
def test_every_cell_counts_its_pairs(data, actual):
    predicted = data.draw(st.lists(st.integers(0, 3), min_size=len(actual), max_size=len(actual)))
    table = confusion(actual, predicted, labels=4)
    pairs = list(zip(actual, predicted, strict=True))
    assert table.tolist() == [[pairs.count((a, p)) for p in range(4)] for a in range(4)]
    assert np.array_equal(table, confusion(predicted, actual, labels=4).T)
    assert np.trace(table) == sum(a == p for a, p in zip(actual, predicted, strict=True))


def test_a_label_that_never_occurs_keeps_its_row():
    assert confusion([0, 1], [1, 1], labels=3).shape == (3, 3)
    assert confusion([], [], labels=2).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(("arguments", "message"), [
    (([0, 1], [0]), "one of each"), (([0, 2], [0, 1], 2), "0 to 1"), (([0, -1], [0, 1]), "-1"),
    (([0, 1], [0.2, 0.9]), "argmax"), ((["a"], ["b"]), "whole numbers"),
])
def test_what_makes_no_table_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        confusion(*arguments)


def test_importing_is_light():
    import subprocess

    code = "import sys, helpers.training; print([m for m in ('torch', 'numpy', 'matplotlib') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
