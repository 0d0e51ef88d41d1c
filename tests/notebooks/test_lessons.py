"""What is said of the lessons in several places is the same in all of them."""

import re
import tomllib
from pathlib import Path

import nbformat
import pytest

from course import places

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))


def minutes_in(text: str, number: str) -> str:
    """The minutes in the last column of the row for lesson `number` of a Markdown table."""
    (row,) = re.findall(rf"^\|[^|]*\b{number} .*\| *(\d+) *\|$", text, re.MULTILINE)
    return row


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_minutes_agree_with_readme_and_map(path):
    number = path.name[:2]
    title = nbformat.read(path, as_version=4).cells[0].source
    said = re.search(r"about (\d+) minutes", title)[1]
    start = nbformat.read(ROOT / "notebooks" / "00_start_here.ipynb", as_version=4)
    (lesson_map,) = [c.source for c in start.cells if c.cell_type == "markdown" and "| minutes" in c.source]
    assert said == minutes_in((ROOT / "README.md").read_text(encoding="utf-8"), number)
    assert said == minutes_in(lesson_map, number)


def test_every_lesson_has_a_budget_and_no_placeholder():
    budgets = tomllib.loads((ROOT / "notebooks" / "budget.toml").read_text())
    notebooks = places.lessons(ROOT)  # those in further/ among them
    assert set(budgets) == {path.stem for path in notebooks}
    for path in notebooks:
        assert "@@" not in path.read_text(encoding="utf-8")
        assert budgets[path.stem]["memory_mb"] <= 2500
