"""Honest submissions that nobody foresaw get exactly the points that they deserve, all in one class."""

from __future__ import annotations

import sys

import classroom
import pytest
from corpus import FULL, LAB
from honest import HONEST

from course.scoring import score

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")
CHOSEN = classroom.chosen(HONEST)
NAMES = sorted(CHOSEN)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    return classroom.grade(tmp_path_factory.mktemp("honest"), CHOSEN)


def test_the_corpus_is_large_enough():
    assert len(HONEST) >= 20
    assert [name for name, entry in HONEST.items() if not entry.says] == []


def test_everybody_is_listed(graded):
    assert graded.code == 0, graded.said
    assert set(graded.rows) == {*NAMES, "a-neighbor", "neighbor"}


@pytest.mark.parametrize("name", NAMES)
def test_marks(graded, name):
    row, entry = graded.rows[name], HONEST[name]
    assert row["status"] == "ok", row["reason"]
    assert graded.points(name) == {part: entry.earned.get(part, 0) for part in FULL}, graded.receipts[name]
    assert set(filter(None, row["flags"].split(", "))) == set(entry.flags)


@pytest.mark.parametrize("name", NAMES)
def test_selfgrade_says_the_same(graded, name):
    """Without the sandbox, on the student's own machine: the same points, except where only a limit ends a cell.

    Nothing right is lent there: a part that calls one that is not right is named instead, and never gets more.
    """
    if "out_of_memory" in HONEST[name].build.__name__:
        pytest.skip("it would take the memory of this machine")
    notebook = graded.data / LAB / "received" / name / f"{LAB}.ipynb"
    found = score(notebook, LAB, timeout=classroom.TIMEOUT)
    own = {v.part: v.points for v in found.verdicts}
    deserved = {part: HONEST[name].earned.get(part, 0) for part in FULL}
    if own != deserved:
        assert own["softmax"] < FULL["softmax"] and own["attention"] < deserved["attention"]
        assert "attention may call softmax: correct that first" in found.flags
    assert own | {"attention": deserved["attention"]} == deserved


def test_nothing_outside_was_touched(graded):
    assert graded.disturbed == []
