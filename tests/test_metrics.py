"""Intervals and confusion tables agree with their definitions."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.metrics import accuracy_and_f1, bootstrap_interval, confusion, figures

labels = st.lists(st.integers(0, 3), min_size=1, max_size=40)


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
    assert np.allclose([low, high], [0.7 - half, 0.7 + half], atol=0.003)  # 4000 resamples leave about 0.001


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(300):
        low, high = bootstrap_interval(rng.random(200) < 0.7, resamples=300, seed=trial)
        covered += low <= 0.7 <= high
    assert 0.90 <= covered / 300 <= 0.98  # 0.95 with an error of 0.013, and a bias


def test_same_seed_same_interval_other_seed_another():
    values = np.random.default_rng(0).random(50)
    assert bootstrap_interval(values) == bootstrap_interval(values) != bootstrap_interval(values, seed=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "shape"),
        ((np.ones((2, 3)),), r"\(2, 3\)"),
        (([1.0, float("nan")],), "1 of the 2"),
        (([1.0], 95), "0.95"),
        (([1.0], 0), "between 0 and 1"),
    ],
)
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 1], [0]), "one of each"),
        (([0, 2], [0, 1], 2), "0 to 1"),
        (([0, -1], [0, 1]), "-1"),
        (([0, 1], [0.2, 0.9]), "argmax"),
        ((["a"], ["b"]), "whole numbers"),
    ],
)
def test_what_makes_no_table_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        confusion(*arguments)


# --- figures ---------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.data(), labels)
def test_accuracy_and_f1_are_those_of_the_library(data, actual):
    from sklearn.metrics import accuracy_score, f1_score

    predicted = data.draw(st.lists(st.integers(0, 3), min_size=len(actual), max_size=len(actual)))
    expected = accuracy_score(actual, predicted), f1_score(actual, predicted, average="macro")
    assert np.allclose(accuracy_and_f1(confusion(actual, predicted, labels=4)), expected)


def test_the_intervals_of_a_table_are_those_of_its_examples():
    table = np.array([[300, 60], [40, 200]])
    found = figures(table)
    right = np.repeat([1, 0], [500, 100])
    assert found["examples"] == 600
    assert (found["accuracy"], found["macro_f1"]) == accuracy_and_f1(table)
    assert np.allclose(found["accuracy_interval"], bootstrap_interval(right), atol=0.003)  # two times 2000 resamples
    low, high = found["macro_f1_interval"]
    assert low < found["macro_f1"] < high
    assert np.isclose(high - low, np.subtract(*found["accuracy_interval"][::-1]), atol=0.004)  # two labels, about even
    assert figures(table) == found


def test_importing_is_light():
    import subprocess

    code = "import sys, helpers.metrics; print([m for m in ('torch', 'numpy', 'matplotlib') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
