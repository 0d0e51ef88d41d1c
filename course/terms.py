"""Links from a lesson to the glossary: on the website, the first use of each of its terms in a lesson's prose."""

from __future__ import annotations

import html
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from course.places import read_notebook

GLOSSARY = Path("notebooks/further/glossary.ipynb")
ROW = re.compile(r"^\| (?P<names>[^|]*) \| (?P<line>[^|]*) \| (?P<lessons>[^|]*) \|$", re.MULTILINE)
ORDINARY = {"cache", "context", "cosine", "head", "id", "key", "parameters", "query", "split", "value"}
PASSED = (  # what is no prose: code, formulas, links, elements, headings, tables
    r"```.*?```",
    r"`[^`]*`",
    r"\$\$.*?\$\$",
    r"\$[^$\n]*\$",
    r"!?\[[^\]]*\]\([^)]*\)",
    r"https?://\S+",
    r"<(?P<tag>a|summary|code|kbd)\b.*?</(?P=tag)>",
    r"<[^>]+>",
    r"^#[^\n]*$",
    r"^\|[^\n]*$",
)


@dataclass(frozen=True)
class Term:
    """A row of the glossary: its anchor, its line without marks, and the numbers of the lessons that it names."""

    anchor: str
    line: str
    lessons: tuple[str, ...]


def _names(cell: str) -> list[str]:
    """The names that a row explains, without those that are code."""
    return [name for name in cell.split(", ") if "`" not in name]


@cache
def terms(root: Path) -> dict[str, Term]:
    """The glossary's terms, by name as it is written there."""
    table = next(cell for cell in read_notebook(root / GLOSSARY).cells if cell.id == "terms").source
    found = {}
    for row in ROW.finditer(table):
        lessons = tuple(re.findall(r"\[(\d\d)\]", row["lessons"]))
        for name in _names(row["names"]) if lessons else []:
            line = re.sub(r"[`*]", "", row["line"])
            found[name] = Term(_anchor(row["names"]), line, lessons)
    return found


def _anchor(names: str) -> str:
    return "term-" + re.sub(r"[^a-z0-9]+", "-", names.lower()).strip("-")


def anchored(markdown: str) -> str:
    """The glossary's table with a place in each row that a link can lead to."""
    return ROW.sub(
        lambda row: (
            row[0].replace("| ", f'| <span id="{_anchor(row["names"])}"></span>', 1)
            if re.search(r"\[\d\d\]", row["lessons"])
            else row[0]
        ),
        markdown,
    )


def linked(cells: list, path: Path, root: Path) -> None:
    """In the Markdown `cells` of the notebook `path`, make the first use of each term a link to the glossary.

    A word that is also an ordinary one, such as "key", is linked only in the lessons that its row names.
    """
    known = terms(root)
    names = [name for name in known if name not in ORDINARY or path.stem[:2] in known[name].lessons]
    if not names:
        return
    written: dict[str, Term] = {}
    for name in names:
        for form in (name, name[0].upper() + name[1:]):  # it may begin a sentence
            written[form] = known[name]
            if name.islower():
                written[f"{form}s"] = known[name]
    word = "|".join(re.escape(form) for form in sorted(written, key=len, reverse=True))  # of two, the longer one
    pattern = re.compile(rf"{'|'.join(PASSED)}|(?<![\w-])(?P<term>{word})(?![\w-])", re.DOTALL | re.MULTILINE)
    glossary = Path(os.path.relpath(root / GLOSSARY.with_suffix(".html"), path.parent)).as_posix()
    used: set[str] = set()

    def link(match: re.Match) -> str:
        if match["term"] is None:
            return match[0]
        term = written[match["term"]]
        if term.anchor in used:
            return match[0]
        used.add(term.anchor)
        told = html.escape(term.line)
        return f'<a class="term" href="{glossary}#{term.anchor}" title="{told}">{match[0]}</a>'

    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = pattern.sub(link, cell.source)
