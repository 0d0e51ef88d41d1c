"""The points of a whole notebook: the student's cells run in a kernel, their answers are judged in this process.

`score` serves students, CI and the class grader; which kernel it names decides where the student's code runs.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from helpers import checks
from helpers.checks.parts import PRACTICE, Verdict

JUDGE_ONLY = ("COURSE_PRIVATE", "COURSE_SEED", "COURSE_SEED_FILE")  # what the student's kernel must not know


@dataclass(frozen=True)
class Score:
    """What a notebook earned, part by part; `flags` say what went on beside."""

    lab: str
    verdicts: tuple[Verdict, ...]
    flags: tuple[str, ...] = ()

    @property
    def points(self) -> int:
        return sum(v.points for v in self.verdicts)

    def as_dict(self) -> dict[str, Any]:
        return {
            "lab": self.lab,
            "points": self.points,
            "parts": [
                {"part": v.part, "status": v.status, "points": v.points, "earned": dict(v.earned), "reason": v.reason}
                for v in self.verdicts
            ],
            "flags": list(self.flags),
        }


def score(
    notebook: str | Path,
    lab: str | None = None,
    *,
    kernel: str = "python3",
    timeout: int = 600,
) -> Score:
    """Run a lab's notebook, try every part's answer on inputs that its check does not show, judge what came out.

    The lab is the one that the notebook's metadata names, else the file's name. It is rebuilt and run as `course grade`
    does it, but for the sandbox; and where an earlier part is wrong, nothing right is lent to a later one. `timeout` is
    in seconds for the whole. Raises ValueError when the file is not a lab's notebook, RuntimeError when the kernel does
    not start.
    """
    import nbformat

    from course.grading import canonical, execute

    path = Path(notebook)
    try:
        read = canonical.read(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as a notebook: {error}") from None
    about = read.get("metadata")
    says = about.get("lab") if isinstance(about, dict) else None
    loaded = checks.load(lab or (says if isinstance(says, str) else None) or path.stem)
    handed_out = released_text(loaded.name)
    released = nbformat.reads(handed_out, as_version=4) if handed_out else read
    rebuilt = canonical.rebuild(released, read)
    environment = {name: value for name, value in os.environ.items() if name not in JUDGE_ONLY}
    kernels = partial(execute.plain_kernel, kernel, str(path.parent), environment)
    grader = execute.Grader(loaded, {"timeout": timeout}, (PRACTICE,), start=lambda _: kernels())
    flags = canonical.doubts(released, rebuilt, read, loaded.name) if handed_out else []
    try:
        asyncio.run(grader.grade(rebuilt, released))
    except execute.Lost as lost:
        flags.append(str(lost))
    judged = execute.judged(loaded, grader.sent, {}, (PRACTICE,))
    return Score(loaded.name, tuple(judged[part.name][PRACTICE] for part in loaded.parts), (*flags, *grader.flags))


def released_text(name: str) -> str | None:
    """A lab as it is handed out, to compare a student's copy with; None for a lab whose source is not here."""
    data = checks.data_file(name)
    shipped = data and data.with_suffix(".ipynb")
    return shipped.read_text(encoding="utf-8") if shipped and shipped.is_file() else None


def table(result: Score) -> None:
    """Print a score, part by part."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    loaded = checks.load(result.lab)
    shown = Table("part", "points", "", title=result.lab)
    for verdict in result.verdicts:
        full = loaded.part(verdict.part).full
        shown.add_row(verdict.part, f"{verdict.points} of {full}", escape(verdict.reason or verdict.status))
    shown.add_section()
    shown.caption = escape("\n".join(result.flags)) or None
    shown.add_row("all", f"{result.points} of {loaded.full}", "written answers are marked by a person")
    Console().print(shown)
