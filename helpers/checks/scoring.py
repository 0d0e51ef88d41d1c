"""The points of a whole notebook: the student's cells run in a kernel, their answers are judged in this process.

`score` serves students, CI and the class grader; which kernel it names decides where the student's code runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers import checks
from helpers.checks import values
from helpers.checks.driver import MIME
from helpers.checks.parts import Lab, Outcome, Part, Verdict, judge, refusal

JUDGE_ONLY = ("COURSE_PRIVATE", "COURSE_SEED", "COURSE_SEED_FILE")  # what the student's kernel must not know


@dataclass(frozen=True)
class Score:
    """What a notebook earned, part by part."""

    lab: str
    verdicts: tuple[Verdict, ...]

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
        }


def score(
    notebook: str | Path,
    lab: str | None = None,
    *,
    seed: int | None = None,
    kernel: str = "python3",
    timeout: int = 300,
) -> Score:
    """Run a lab's notebook, try every part's answer on inputs drawn with `seed`, judge what came out.

    The lab is the one that the notebook's metadata names, else the file's name. A cell that fails does not stop the
    rest; a cell over `timeout` seconds does. Raises ValueError when the file is no notebook of a lab.
    """
    import nbformat

    path = Path(notebook)
    try:
        read = nbformat.read(path, as_version=4)
    except Exception as error:
        raise ValueError(f"{path} cannot be read as a notebook: {error}") from None
    loaded = checks.load(lab or read.metadata.get("lab") or path.stem)
    seed = checks.hidden_seed() if seed is None else seed
    drawn = {part.name: part.draw(seed) for part in loaded.parts}
    sent = collect(read, loaded, drawn, kernel=kernel, timeout=timeout, folder=path.parent)
    verdicts = []
    for part in loaded.parts:
        tried = [verdict_of(part, drawn[part.name], message) for message in sent.get(part.name) or [None]]
        verdicts.append(max(tried, key=lambda v: v.points))
    return Score(loaded.name, tuple(verdicts))


def collect(notebook, lab: Lab, drawn, *, kernel: str, timeout: int, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Execute the notebook and then the driver, part by part; what the driver sent, by part: with the student's own
    earlier answers and, where the part may use any, with right ones."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    work = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": kernel, "display_name": kernel}})
    driver = "__import__('helpers.checks.driver', fromlist=['x'])"
    work.cells = [nbformat.v4.new_code_cell(f"{driver}.guard()")]
    work.cells += [nbformat.v4.new_code_cell(c.source) for c in notebook.cells if c.cell_type == "code"]
    asked: list[tuple[int, str, str]] = []
    for part in lab.parts:
        inputs = values.dumps([case.inputs for case in drawn[part.name]])
        for borrow in (False, True)[: 2 if part.uses else 1]:
            nonce = secrets.token_hex(8)
            arguments = f"{lab.name!r}, {part.name!r}, {inputs!r}, {nonce!r}, {borrow}"
            asked.append((len(work.cells), part.name, nonce))
            work.cells.append(nbformat.v4.new_code_cell(f"{driver}.answer({arguments})"))
    client = NotebookClient(
        work,
        timeout=timeout,
        kernel_name=kernel,
        allow_errors=True,
        extra_arguments=["--log-level=50"],  # the kernel's own remarks are not the student's
        resources={"metadata": {"path": str(folder)}},
    )
    with contextlib.suppress(CellTimeoutError, DeadKernelError):  # what was answered before counts; the rest is missing
        client.execute(env={name: value for name, value in os.environ.items() if name not in JUDGE_ONLY})
    found: dict[str, list[dict[str, Any]]] = {}
    for index, part, nonce in asked:
        for output in work.cells[index].get("outputs", []):
            text = output.get("data", {}).get(MIME)
            try:
                message = json.loads(text) if isinstance(text, str) else text
            except ValueError:
                continue
            if isinstance(message, dict) and message.get("nonce") == nonce:
                found.setdefault(part, []).append(message)
    return found


def verdict_of(part: Part, cases, message: dict[str, Any] | None, borrowed: tuple[str, ...] = ()) -> Verdict:
    """The verdict on what a driver sent for one part; None is no answer. Whatever was sent, this does not raise."""
    nothing = dict.fromkeys(part.points, 0)
    if message is None:
        return Verdict(part.name, "missing", nothing, "No answer came out: a cell ran out of time or the kernel died.")
    if message.get("missing"):
        return Verdict(part.name, "missing", nothing, f"There is no {part.name} to score.")
    try:
        if found := message.get("short_cuts"):
            return Verdict(part.name, "not allowed", nothing, refusal(part, [str(name)[:100] for name in found[:20]]))
        outcomes = [
            Outcome(values.loads(o["output"]))
            if "output" in o
            else Outcome(error=str(o["error"])[:2000], where=str(o["where"])[:500], foreign=bool(o["foreign"]))
            for o in message["outcomes"]
        ]
        return judge(part, cases, outcomes, borrowed)
    except Exception as error:  # a judge of the lab's own, too, may stumble over data that nobody foresaw
        return Verdict(part.name, "error", nothing, f"What came out cannot be read: {type(error).__name__}: {error}")


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
    shown.add_row("all", f"{result.points} of {loaded.full}", "written answers are marked by a person")
    Console().print(shown)
