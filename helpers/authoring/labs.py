"""Labs: one source in nbgrader's format, what students get from it, and the checks that hold the two together.

`solutions/NAME/NAME.ipynb` is the only notebook that is edited. `build` makes `labs/NAME/NAME.ipynb` from it with
nbgrader's own steps: no solution, no hidden test, no output. The parts and their known wrong answers are in
`helpers/checks/NAME.py`, the zoo of answers that the checks are tried on in `tests/labs/NAME/`.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.authoring import colab, places
from helpers.checks import load
from helpers.checks.parts import VISIBLE_SEED, Lab, Part, Verdict, examine

if TYPE_CHECKING:
    from helpers.checks.scoring import Score

REGIONS = {"SOLUTION", "HIDDEN TESTS", "MARK SCHEME"}
HIDDEN_SEED = 20_261_124
CORE, STRETCH = 14, 6


def names(root: Path, wanted: Iterable[str] = ()) -> list[str]:
    """The labs that have a source, or those `wanted` by name or number. Raises ValueError for one that has none."""
    known = sorted(p.parent.name for p in (root / "solutions").glob("*/*.ipynb") if p.stem == p.parent.name)
    chosen = []
    for name in wanted:
        found = [k for k in known if k == name or k.startswith(f"{name}_")]
        if not found:
            raise ValueError(f"There is no lab {name!r} in solutions/. The labs are: {', '.join(known) or 'none yet'}.")
        chosen += found
    return chosen or known


def source(root: Path, name: str) -> Path:
    return root / "solutions" / name / f"{name}.ipynb"


def released(root: Path, name: str) -> Path:
    return root / "labs" / name / f"{name}.ipynb"


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
    """Write `labs/NAME/NAME.ipynb` for the labs `wanted` (all); those that changed."""
    changed = []
    for name in names(root, wanted):
        text, path = generate(source(root, name)), released(root, name)
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
    for folder, keep in ((path.parent, path), (out.parent, out)):
        extra = [
            p for p in sorted(folder.glob("*")) if p != keep and p.name not in (".ipynb_checkpoints", "__pycache__")
        ]
        found += [f"{p.relative_to(root)} lies beside the notebook: move it, students would get it" for p in extra]
    notebook = places.read_notebook(path)
    ids = [c.metadata["nbgrader"].get("grade_id") for c in notebook.cells if "nbgrader" in c.metadata]
    found += [f"the grade_id {i!r} occurs {n} times" for i, n in Counter(ids).items() if n > 1]
    found += ["a cell with nbgrader metadata has no grade_id"] * ids.count(None)
    found += [f"cell {i}: no id" for i, c in enumerate(notebook.cells) if not c.get("id")]
    if found:
        return found
    expected = colab.expected_sources(notebook, out, root)
    if {"title", "setup"} - expected.keys():
        found.append("the source needs a cell `title` with the line <!-- badges --> and a cell `setup`")
    elif any(c.source != expected[c.id] for c in notebook.cells if c.id in expected):
        found.append("set-up cell or badge are not those of pyproject.toml: course colab badges")
    text = generate(path)
    if not out.is_file():
        found.append(f"{out.relative_to(root)} is missing: course labs build {name}")
    elif out.read_text("utf-8") != text:
        found.append(f"{out.relative_to(root)} is not what its source gives: course labs build {name}")
    students = places.read_notebook(out).cells if out.is_file() else []
    secret = {line.strip() for cell in notebook.cells for line in regions(cell.source)}
    shown = {line.strip() for cell in notebook.cells for line in _outside(cell.source)}
    lines = {line.strip() for cell in students for line in cell.source.splitlines()}
    found += [
        f"the students' notebook shows a line of a solution or a hidden test: {line}"
        for line in sorted((secret - shown) & lines)
        if len(line) > 8
    ]
    found += [
        f"the students' notebook holds {word!r}"
        for word in ("BEGIN SOLUTION", "BEGIN HIDDEN", "BEGIN MARK SCHEME", "checks.points(")
        if out.is_file() and word in out.read_text("utf-8")
    ]
    if any(cell.get("outputs") for cell in students):
        found.append("the students' notebook holds outputs")
    return found + _points_problems(notebook, load(name))


def _outside(text: str) -> list[str]:
    hidden = list(regions(text))
    return [line for line in text.splitlines() if line not in hidden]


def _points_problems(notebook, lab: Lab) -> list[str]:
    found, cells = [], grade_cells(notebook)
    for part in lab.parts:
        test = cells.get(f"{part.name}-test")
        if part.name not in cells or not cells[part.name].metadata["nbgrader"].get("solution"):
            found.append(f"there is no answer cell with the grade_id {part.name!r}")
        if test is None or not test.metadata["nbgrader"].get("grade"):
            found.append(f"there is no test cell with the grade_id '{part.name}-test'")
            continue
        if (stated := test.metadata["nbgrader"].get("points")) != part.full:
            found.append(f"{part.name}-test states {stated} points, helpers/checks/{lab.name}.py gives {part.full}")
        hidden = "\n".join(regions(test.source))
        if f"check.{part.name}({part.name})" not in test.source:
            found.append(f"{part.name}-test does not call check.{part.name}({part.name})")
        if f'checks.points("{lab.name}", "{part.name}", {part.name})' not in hidden:
            found.append(f'{part.name}-test has no hidden checks.points("{lab.name}", "{part.name}", {part.name})')
    extra = [i for i in cells if i.endswith("-test") and i.removesuffix("-test") not in {p.name for p in lab.parts}]
    found += [f"{i} tests a part that helpers/checks/{lab.name}.py does not have" for i in extra]
    wanted = notebook.metadata.get("points", {"core": CORE, "stretch": STRETCH})
    for kind in ("core", "stretch"):
        total = sum(part.full for part in lab.parts if part.group == kind)
        if total != wanted.get(kind, 0):
            found.append(f"the {kind} parts give {total} points, not {wanted.get(kind, 0)}")
    return found


def run_problems(root: Path, name: str, kernel: str = "python3") -> tuple[list[str], Score]:
    """What running shows: the solution must score everything, the untouched lab nothing."""
    from helpers.checks.scoring import score

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
    """Every answer under tests/labs/NAME/PART/{wrong,right}/. Raises ValueError for a wrong one without its name."""
    found = []
    for name in names(root, wanted):
        for path in sorted((root / "tests/labs" / name).glob("*/*/*.py")):
            right = path.parent.name == "right"
            first = path.read_text("utf-8").partition("\n")[0]
            stated = re.match(r"# mistake: (.+)", first)
            if not right and not stated:
                raise ValueError(f"{path}: the first line of a wrong answer is '# mistake: ITS NAME' (or '-').")
            found.append(Animal(path, name, path.parent.parent.name, right, stated[1].strip() if stated else ""))
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
    visible, hidden = (
        examine(part, answer_in(animal.path, part, lab), seed, lab) for seed in (VISIBLE_SEED, HIDDEN_SEED)
    )
    return visible, hidden


def named(animal: Animal, verdict: Verdict) -> bool:
    """Whether the check's verdict names the mistake of a wrong answer."""
    if animal.mistake == "-":
        return True
    if animal.mistake == "not allowed":
        return verdict.status == "not allowed"
    return verdict.mistake is not None and verdict.mistake.name == animal.mistake


def report_zoo(root: Path, wanted: Iterable[str] = ()) -> int:
    """Print, part by part, how many wrong answers are rejected and named and how many right ones accepted; 0 if all is
    as it must be: every wrong one rejected by check and hidden test, 90 % of them named, every right one accepted."""
    from rich.console import Console
    from rich.table import Table

    rows: dict[tuple[str, str], list[tuple[Animal, Verdict, Verdict]]] = {}
    for animal in zoo(root, wanted):
        rows.setdefault((animal.lab, animal.part), []).append((animal, *try_animal(animal)))
    table = Table("lab", "part", "wrong", "check rejects", "hidden rejects", "named", "right", "accepted")
    complaints = []
    for (lab, part), tried in rows.items():
        wrong = [row for row in tried if not row[0].right]
        right = [row for row in tried if row[0].right]
        killed = [[row[1 + i].status != "right" for row in wrong] for i in (0, 1)]
        names_it = [named(animal, visible) for animal, visible, _ in wrong]
        accepted = [visible.status == hidden.status == "right" for _, visible, hidden in right]
        table.add_row(
            lab,
            part,
            str(len(wrong)),
            *(f"{sum(k)}" for k in killed),
            f"{sum(names_it)}",
            str(len(right)),
            str(sum(accepted)),
        )
        for (animal, visible, _), first, second in zip(wrong, *killed):
            if not (first and second):
                complaints.append(
                    f"{animal.path.relative_to(root)}: not rejected by the {'hidden test' if first else 'check'}"
                )
            elif not named(animal, visible):
                seen = visible.mistake.name if visible.mistake else visible.status
                complaints.append(f"{animal.path.relative_to(root)}: is {animal.mistake!r}, the check says {seen!r}")
        complaints += [
            f"{a.path.relative_to(root)}: right, but {v.status}: {v.reason} / {h.status}: {h.reason}"
            for (a, v, h), ok in zip(right, accepted)
            if not ok
        ]
        if not (all(killed[0]) and all(killed[1]) and all(accepted) and sum(names_it) >= 0.9 * len(wrong)):
            complaints.append(f"{lab} {part}: below what is asked")
    console = Console(soft_wrap=True, width=120)
    console.print(table)
    for line in complaints:
        console.print(line, markup=False)
    return int(any("below what" in line for line in complaints))


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


# --- a new lab --------------------------------------------------------------------------------------


def part_cells(part: Part, lab: str, question: str, solution: str) -> list[Any]:
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

    test = (f"check.{part.name}({part.name})\n### BEGIN HIDDEN TESTS\n"
            f'checks.points("{lab}", "{part.name}", {part.name})\n### END HIDDEN TESTS')  # fmt: skip
    return [
        new_markdown_cell(question, id=f"{part.name}-question", metadata=meta(f"{part.name}-question")),
        new_code_cell(solution, id=part.name, metadata=meta(part.name, solution=True, locked=False)),
        new_code_cell(test, id=f"{part.name}-test", metadata=meta(f"{part.name}-test", grade=True, points=part.full)),
    ]


def written_cells(question: str, anchors: str, points: int = 3) -> list[Any]:
    """A written answer that a person marks: the question with its criteria; the answer cell, with anchor answers."""
    from nbformat.v4 import new_markdown_cell

    base = {"schema_version": 3, "task": False}
    return [
        new_markdown_cell(question, id="written-question", metadata={"nbgrader": {
            **base, "grade": False, "grade_id": "written-question", "locked": True, "solution": False}}),
        new_markdown_cell(f"=== BEGIN MARK SCHEME ===\n{anchors}\n=== END MARK SCHEME ===\n", id="written", metadata={
            "nbgrader": {**base, "grade": True, "grade_id": "written", "locked": False, "points": points,
                         "solution": True}}),
    ]  # fmt: skip


NEW_CHECKS = '''"""The parts of {name}: right answers, cases, and the wrong answers that people give."""

from __future__ import annotations

import numpy as np

from helpers.checks.parts import Case, Lab, Part


def _mean(values):
    return float(np.mean(values))


mean = Part("mean", "The mean of some numbers", points={{"values": 2}}, answer=_mean, hints=("What is it divided by?",),
            banned=frozenset({{"mean", "average"}}))


@mean.cases
def _(rng):
    yield Case(([1.0, 2.0, 6.0],), "values")
    for size in (2, 5):
        yield Case((rng.normal(size=size).tolist(),), "values")


@mean.mistake("the sum", "This is the sum: it grows with the number of values.", "How many values are there?",
              "Divide by `len(values)`.")
def _(values):
    return float(np.sum(values))


LAB = Lab("{name}", "{title}", [mean])
'''


NEW_SOLUTION = """def mean(values):
    ### BEGIN SOLUTION
    return sum(values) / len(values)
    ### END SOLUTION"""


def new(root: Path, name: str) -> list[Path]:
    """Lay out a lab with one part, a written answer and a zoo, ready to run. Raises ValueError or FileExistsError."""
    import importlib

    import nbformat

    if not re.fullmatch(r"lab\d\d_[a-z0-9_]+", name):
        raise ValueError(f"A lab's name is like lab05_my_topic (lower case, digits, underscores), not {name!r}.")
    checks, path = root / "helpers/checks" / f"{name}.py", source(root, name)
    for there in (checks, path):
        if there.exists():
            raise FileExistsError(f"{there.relative_to(root)} exists already.")
    title = name.partition("_")[2].replace("_", " ").capitalize()
    checks.write_text(NEW_CHECKS.format(name=name, title=title), encoding="utf-8")
    importlib.invalidate_caches()
    lab = load(name)
    notebook = nbformat.v4.new_notebook(metadata={
        "kernelspec": places.KERNELSPEC, "language_info": places.LANGUAGE_INFO, "lab": name,
        "points": {"core": 2, "stretch": 0}})  # fmt: skip
    notebook.cells = [
        nbformat.v4.new_markdown_cell(f"# {title}\n{colab.MARKER}\n\nWhat students do, and how long it takes.",
                                      id="title"),
        nbformat.v4.new_code_cell("", id="setup"),
        nbformat.v4.new_code_cell(
            f'import numpy as np\n\nfrom helpers import checks\n\ncheck = checks.lab("{name}")', id="start"),
        *part_cells(lab.parts[0], name, "## 1. The mean (2 points)\n\nWrite `mean(values)`, for a list of numbers.",
                    NEW_SOLUTION),
        *written_cells("## 2. In your own words (3 points)\n\nAt most 120 words. One point each: …; …; ….",
                       "3 points: …\n\n1 point: …"),
        nbformat.v4.new_code_cell("check.progress()", id="progress"),
    ]  # fmt: skip
    path.parent.mkdir(parents=True)
    places.write_notebook(notebook, path)
    colab.mend(path, root, released(root, name))
    animals = root / "tests/labs" / name / "mean"
    for kind, file, text in (
        (
            "right",
            "loop",
            "def mean(values):\n    total = 0.0\n    for value in values:\n"
            "        total += value\n    return total / len(values)\n",
        ),
        ("wrong", "sum", "# mistake: the sum\ndef mean(values):\n    return sum(values)\n"),
        ("wrong", "library", "# mistake: not allowed\ndef mean(values):\n    return np.mean(values)\n"),
    ):
        (animals / kind).mkdir(parents=True, exist_ok=True)
        (animals / kind / f"{file}.py").write_text(text, encoding="utf-8")
    return [path, checks, *build(root, [name]), *sorted(animals.glob("*/*.py"))]


# --- what is handed out -----------------------------------------------------------------------------

BUNDLED = (
    "helpers",
    "pyproject.toml",
    "requirements.lock",
    "environment.yml",
    "Makefile",
    "LICENSE",
    "LICENSE-DATA.md",
    "LICENSE-PROSE.md",
)


def bundle(root: Path, wanted: Iterable[str], out: Path) -> Path:
    """A zip for students: the labs, `helpers` and the set-up, nothing else; the same bytes from the same files.

    In a git checkout only tracked files are taken, so that nothing private that lies about gets in.
    """
    chosen = names(root, wanted)
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z", *BUNDLED], capture_output=True, encoding="utf-8")
    if listed.returncode == 0 and listed.stdout:
        files = [root / f for f in listed.stdout.split("\0") if f]
    else:
        found = [root / entry for entry in BUNDLED]
        files = [p for entry in found for p in ([entry] if entry.is_file() else entry.rglob("*"))
                 if p.is_file() and "__pycache__" not in p.parts]  # fmt: skip
    for name in chosen:
        if found := problems(root, name):
            raise ValueError(f"{name} is not ready to be handed out: {found[0]}. See `course labs check {name}`.")
        files.append(released(root, name))
    readme = (
        f"# {', '.join(chosen)}\n\nType `make lab` in a terminal in this folder; open labs/ in the browser.\n"
        'Without make: python -m venv .venv, activate it, pip install -e ".[lab]", jupyter lab.\n'
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in [
            *((p.relative_to(root).as_posix(), p.read_bytes()) for p in sorted(set(files)) if p.is_file()),
            ("README.md", readme.encode()),
        ]:
            archive.writestr(zipfile.ZipInfo(f"transformers-by-hand/{path}"), data, zipfile.ZIP_DEFLATED)
    return out
