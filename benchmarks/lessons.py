"""What a lesson is made of, lesson by lesson, from the notebooks as they are committed.

    python benchmarks/lessons.py [FOLDER]      # prints a table; FOLDER: another checkout, to compare with

Words are those of the prose, without code, links' addresses and the signs of tables. "Words to the first result" are
those above the first output that is more than the lines of the set-up. A silent cell is a code cell without any output.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# This folder holds a tokenizers.py, which is not the library that transformers needs.
sys.path[:] = [str(ROOT), *(place for place in sys.path if Path(place or ".").resolve() != ROOT / "benchmarks")]

from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from course import places  # noqa: E402
from course.lint import DRAWING, FENCE, FIGURE, GAP, Notebook  # noqa: E402

CALLS = {
    "figures": FIGURE,
    "schematics": DRAWING,
    "gaps": GAP,
    "explorers": r"explore\.\w+\(",
}


def words(markdown: str) -> int:
    """The words of the prose in `markdown`."""
    text = re.sub(r"\]\([^)]*\)|<[^>]+>|[|#*`]|(?<!\w)[-–—:]+(?!\w)", " ", FENCE.sub("", markdown + "\n"))
    return len(text.split())


def measured(path: Path) -> dict[str, int]:
    """The figures of one lesson, by the heading of the table."""
    book = Notebook(path, ROOT, places.read_notebook(path))
    cells, code, shown = book.node.cells, list(book.ran()), list(book.shown())
    prose = [cell.source for cell in cells if cell.cell_type == "markdown"]
    set_up = ("setup", "parameters", "start")
    results = {cell.id for cell in code if any(out.output_type != "stream" for out in cell.outputs)}
    results |= {cell.id for cell in shown if cell.outputs and cell.id not in set_up}
    first = next((k for k, cell in enumerate(cells) if cell.id in results), len(cells))
    return {
        "cells": len(cells),
        "words": sum(map(words, prose)),
        "words to the first result": sum(words(c.source) for c in cells[:first] if c.cell_type == "markdown"),
        "minutes": int((re.search(r"about (\d+) minutes", prose[0]) or [0, 0])[1]),
        **{name: sum(len(re.findall(pattern, cell.source)) for cell in code) for name, pattern in CALLS.items()},
        "formulas": sum(text.count("$$") // 2 for text in prose),
        "links": sum(len(re.findall(r"\]\(https?:", text)) for text in prose),
        "silent cells": sum(not cell.outputs for cell in shown if cell.id not in set_up),
    }


def main(folder: Path) -> None:
    rows = {path.stem: measured(path) for path in places.lessons(folder)}
    table = Table("lesson", *next(iter(rows.values())))
    for name, row in rows.items():
        table.add_row(name, *map(str, row.values()))
    Console(width=200).print(table)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT)
