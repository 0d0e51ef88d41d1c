"""The four labs as a class is graded: each solution earns everything inside the sandbox, without its definition."""

from __future__ import annotations

import pytest

from course import labs, places
from course.grading import execute
from course.grading.grader import Assignment


@pytest.mark.parametrize("name", labs.names(places.course_root()))
def test_a_solution_earns_everything(name):
    lab = Assignment.of(name)
    result = execute.grade(lab.task("solution", lab.source.encode(), 20_261_125))
    lost = [part for part in result["parts"] if part["points"] < part["full"]]
    assert (result["status"], result["flags"], lost) == ("ok", [], []), result["reason"]
