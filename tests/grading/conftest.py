"""The tiny lab of these tests, and notebooks made from it."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest

os.environ["COURSE_LABS"] = str(Path(__file__).parent)
LAB = "lab90_tiny"


@pytest.fixture(scope="session")
def tiny():
    from helpers.grading.grader import Assignment

    return Assignment.of(LAB)


@pytest.fixture
def released(tiny):
    """What students got, to be changed."""
    return nbformat.reads(tiny.released, as_version=4)


@pytest.fixture
def solved(tiny):
    """The lab with right answers, as a student hands it in: without hidden tests."""
    return solve(tiny)


def solve(tiny):
    source = {c.metadata.nbgrader.grade_id: c.source for c in nbformat.reads(tiny.source, as_version=4).cells
              if c.metadata.get("nbgrader", {}).get("solution")}  # fmt: skip
    notebook = nbformat.reads(tiny.released, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = source[cell.metadata.nbgrader.grade_id]
    return notebook
