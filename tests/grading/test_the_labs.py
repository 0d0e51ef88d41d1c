"""The four labs as a class is graded: each solution earns everything inside the sandbox, without its definition."""

from __future__ import annotations

import base64

import pytest

from helpers.authoring import labs, places
from helpers.grading import execute
from helpers.grading.grader import Assignment


@pytest.mark.parametrize("name", labs.names(places.course_root()))
def test_a_solution_earns_everything(name):
    lab = Assignment.of(name)
    result = execute.grade({
        "student": "solution", "lab": name, "released": lab.released, "source": lab.source, "seed": 20_261_125,
        "timeout": 600, "unsafe": False, "limits": {}, "notebook": base64.b64encode(lab.source.encode()).decode(),
    })  # fmt: skip
    lost = [part for part in result["parts"] if part["points"] < part["full"]]
    assert (result["status"], result["flags"], lost) == ("ok", [], []), result["reason"]
