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


def test_what_lesson_02_says_of_languages_is_gpt2s_own():
    """Hindi 4.8 times the tokens of English, Greek 4.3, Japanese 1.9: with storybook-gpt2's tokenizer 7.0, 5.9, 4.0."""
    from helpers import checkpoints

    lesson = nbformat.read(ROOT / "notebooks" / "02_subword_tokenization.ipynb", as_version=4)
    (cell,) = [cell for cell in lesson.cells if cell.id == "languages"]
    names: dict = {}
    exec(cell.source.partition("\nfor ")[0], names)
    tokenizer = checkpoints.gpt2_tokenizer()
    tokens = {name: sum(len(tokenizer.encode(text)) for text in texts) for name, texts in names["sentences"].items()}
    times = {name: round(tokens[name] / tokens["English"], 1) for name in ("Hindi", "Greek", "Japanese", "Chinese")}
    assert times == {"Hindi": 4.8, "Greek": 4.3, "Japanese": 1.9, "Chinese": 2.4}
