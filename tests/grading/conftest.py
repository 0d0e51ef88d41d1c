"""The tiny lab of these tests, and notebooks made from it."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from corpus import LAB, solve

os.environ["COURSE_LABS"] = str(Path(__file__).parent / "tiny")
os.environ["COURSE_SEED"] = "20261125"  # without one, `course grade` refuses


@pytest.fixture(scope="session")
def tiny():
    from course.grading.grader import Assignment

    return Assignment.of(LAB)


@pytest.fixture
def released(tiny):
    """What students got, to be changed."""
    return nbformat.reads(tiny.released, as_version=4)


@pytest.fixture
def solved(tiny):
    """The lab with right answers, as a student hands it in: without hidden tests."""
    return solve(tiny)
