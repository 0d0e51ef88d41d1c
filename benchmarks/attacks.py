"""The attacks of tests/grading/attacks on nbgrader as shipped and on `course grade`, side by side.

    python benchmarks/attacks.py [--only PART,PART] [--workers 2] [--json FILE]
    python benchmarks/attacks.py --bounds [--only PART,PART]     # what they take of the grader and of a neighbor

nbgrader gets the tiny lab as its courses are written: test cells with assertions that run in the student's kernel. Each
attack has a course folder of its own, in which a neighbor with everything right is graded too, and all of it runs in
bubblewrap without network, with a home folder that is thrown away. The attacks are the same files; those that replace
this course's own driver find none in nbgrader, and say nothing about it.

With --bounds each attack is graded here, beside a neighbor whose cell counts: the resident memory of the grader's
largest process, the least memory that the machine had left beside what it had before, the wall time of the neighbor's
quarter seconds of processor time (median and worst), and the status. The first row is the neighbor alone.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests" / "grading"
sys.path.insert(0, str(TESTS))
os.environ["COURSE_LABS"] = str(TESTS)

import classroom  # noqa: E402
import corpus  # noqa: E402
import nbformat  # noqa: E402
from attacks import ATTACKS  # noqa: E402

LIMIT = 60  # seconds for one attack and its neighbor
CELL = 10  # seconds that nbgrader gives a cell; its own default is none
LAB = corpus.LAB
SECRET = "canary-of-the-benchmark"
BIN = Path(sys.executable).parent

TESTS_IN_THE_KERNEL = {
    "softmax": """
x = np.random.default_rng(5).normal(size=(3, 4))
e = np.exp(x - x.max(axis=-1, keepdims=True))
np.testing.assert_allclose(softmax(x), e / e.sum(axis=-1, keepdims=True))
assert np.allclose(softmax(np.array([1000.0, 1000.0])), [0.5, 0.5])
""",
    "attention": """
q, k, v = np.random.default_rng(6).normal(size=(3, 2, 4))
s = q @ k.T / 2
w = np.exp(s) / np.exp(s).sum(axis=-1, keepdims=True)
np.testing.assert_allclose(attention(q, k, v), w @ v)
""",
    "merge": """
assert merge(["a", "b", "c", "a", "b"], ("a", "b")) == ["ab", "c", "ab"]
assert merge(["a", "a", "a"], ("a", "a")) == ["aa", "a"]
""",
    "parameters": "assert parameters == 288",
}


def source_for_nbgrader():
    """The tiny lab with assertions as hidden tests, and without this course's checks."""
    notebook = nbformat.read(TESTS / f"{LAB}.ipynb", as_version=4)
    for cell in notebook.cells:
        part = cell.id.removesuffix("-test")
        if cell.id == "start":
            cell.source = "import numpy as np"
        elif part in TESTS_IN_THE_KERNEL and cell.id != part:
            hidden = TESTS_IN_THE_KERNEL[part].strip()
            cell.source = f"assert {part} is not None\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
        elif cell.id in ("setup", "progress"):
            cell.source = "import sys"
    return notebook


def inside(base: Path, *command: str) -> list[str]:
    """The command in bubblewrap: all of the system read-only, `base` alone writable, no network, no other process."""
    return [
        "bwrap",
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--ro-bind",
        "/",
        "/",
        "--tmpfs",
        "/tmp",
        "--tmpfs",
        "/root",
        "--ro-bind",
        sys.base_prefix,
        sys.base_prefix,
        "--ro-bind",
        str(ROOT),
        str(ROOT),
        "--bind",
        str(base),
        str(base),
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--tmpfs",
        "/dev/shm",
        "--clearenv",
        "--setenv",
        "HOME",
        str(base / "home"),
        "--setenv",
        "PATH",
        f"{BIN}:/usr/bin:/bin",
        "--setenv",
        "A_SECRET_TOKEN",
        SECRET,
        "--chdir",
        str(base / "course"),
        "--",
        "prlimit",
        f"--as={4 << 30}",
        f"--fsize={300 << 20}",
        "--",
        *command,
    ]


def prepare(base: Path) -> None:
    """A course folder with the source, and the assignment generated."""
    course = base / "course"
    (course / "source" / LAB).mkdir(parents=True)
    (base / "home").mkdir()
    nbformat.write(source_for_nbgrader(), course / "source" / LAB / f"{LAB}.ipynb")
    config = f"c = get_config()\nc.CourseDirectory.course_id = 'c'\nc.Execute.timeout = {CELL}\n"
    (course / "nbgrader_config.py").write_text(config)
    subprocess.run(
        inside(base, str(BIN / "nbgrader"), "generate_assignment", LAB), check=True, capture_output=True, timeout=300
    )


def marks(course: Path) -> dict[str, float | None]:
    """Points by student as the gradebook states them; None where there are none."""
    query = (
        "select s.id, sum(coalesce(g.manual_score, g.auto_score)) from submitted_assignment a "
        "join student s on s.id = a.student_id join submitted_notebook n on n.assignment_id = a.id "
        "join grade g on g.notebook_id = n.id group by s.id"
    )
    try:
        with sqlite3.connect(f"file:{course / 'gradebook.db'}?mode=ro", uri=True) as book:
            return dict(book.execute(query).fetchall())
    except sqlite3.Error:
        return {}


def attack_nbgrader(name: str, template: Path) -> dict[str, object]:
    """One attack, graded as an instructor would: `nbgrader autograde`, with a neighbor in the same class."""
    entry = ATTACKS[name]
    with tempfile.TemporaryDirectory(prefix="attack-", dir=template.parent) as made:
        base = Path(made)
        shutil.copytree(template, base, dirs_exist_ok=True)
        course, home = base / "course", base / "home"
        canary = home / "canary.txt"
        canary.write_text(SECRET)
        world = {
            "secrets": [str(canary)],
            "targets": [str(canary)],
            "folders": [str(home)],
            "port": 9,
            "data": str(course),
            "inbox": str(course / "submitted"),
        }
        submitted = course / "submitted"
        # A process of its own: what an attack knows of its world is global.
        build = (
            f"import sys; sys.path[:0] = [{str(TESTS)!r}, {str(ROOT)!r}]; import corpus, nbformat, pathlib\n"
            f"vars(corpus.WORLD).update({world!r}); from attacks import ATTACKS\n"
            f"lab = nbformat.read({str(course / 'release' / LAB / f'{LAB}.ipynb')!r}, as_version=4)\n"
            f"ATTACKS[{name!r}].build(lab, pathlib.Path({str(submitted / name / LAB)!r}))\n"
            f"corpus.hand_in(pathlib.Path({str(submitted / 'neighbor' / LAB)!r}), corpus.solved(lab))"
        )
        subprocess.run([sys.executable, "-c", build], check=True, timeout=120, capture_output=True)
        command = inside(base, str(BIN / "nbgrader"), "autograde", LAB, "--force")
        began, state = time.monotonic(), "ended"
        try:
            done = subprocess.run(command, capture_output=True, timeout=LIMIT, stdin=subprocess.DEVNULL)
            state = "ended" if done.returncode == 0 else f"failed ({done.returncode})"
        except subprocess.TimeoutExpired:
            state = f"still running after {LIMIT} s"
        found = marks(course)
        earned = sum(entry.earned.values())
        harm = []
        if not canary.is_file() or canary.read_text() != SECRET:
            harm.append("wrote outside")
        kept = "".join(path.read_text(errors="replace") for path in (course / "autograded").rglob("*.ipynb"))
        if SECRET in kept:
            harm.append("read a secret")
        if (neighbor := found.get("neighbor")) != sum(corpus.FULL.values()):
            harm.append(f"neighbor got {'no mark' if neighbor is None else f'{neighbor:g}'}")
        if "<script>document.title" in kept:
            harm.append("script kept")
        if len(kept) > 20_000_000:
            harm.append(f"{len(kept) / 1e6:.0f} MB kept")
        points = found.get(name)
        if points is not None and points > earned:
            harm.append(f"{points - earned:g} points not earned")
        if points is not None and points < earned and "killed" not in entry.status:
            harm.append(f"{earned - points:g} points lost")
    return {
        "points": points,
        "earned": earned,
        "state": state,
        "harm": harm,
        "seconds": round(time.monotonic() - began, 1),
    }


def ours(names: list[str], base: Path, marks_csv: Path | None) -> dict[str, dict[str, object]]:
    """The same attacks in one class here, or what a run of tests/grading/test_attacks.py has left in marks.csv."""
    if marks_csv:
        with marks_csv.open(encoding="utf-8-sig", newline="") as file:
            rows = {row["student"]: row for row in csv.DictReader(file)}
    else:
        chosen = corpus.Corpus("attack")
        chosen.update({name: ATTACKS[name] for name in names})
        base.mkdir()
        rows = classroom.grade(base, chosen).rows
    found = {}
    for name in names:
        row = rows.get(name, {})
        points = sum(float(value or 0) for key, value in row.items() if key.endswith(")"))
        found[name] = {"status": row.get("status", "not read"), "points": points}
    return found


COUNTS = """
import time
for _ in range(24):
    wall, used = time.perf_counter(), time.process_time()
    while time.process_time() - used < 0.25:
        pass
    print("QUARTER", (time.perf_counter() - wall) / 0.25)
"""


def bounds(names: list[str]) -> None:
    """A table: what each attack takes."""
    import psutil

    print(f"{'attack':36}{'grader MB':>10}{'machine MB':>11}{'median':>8}{'worst':>7}{'seconds':>9}  status")
    for name in (None, *names):
        chosen = corpus.Corpus("attack")
        if name:
            chosen[name] = ATTACKS[name]
        chosen["a-neighbor"] = corpus.Entry("a-neighbor", counting, ("ok",), {})
        before, least, over = psutil.virtual_memory().available, [float("inf")], threading.Event()

        def look(least: list[float] = least, over: threading.Event = over) -> None:
            while not over.wait(0.1):
                least[0] = min(least[0], psutil.virtual_memory().available)

        threading.Thread(target=look, daemon=True).start()
        with tempfile.TemporaryDirectory(prefix="attacks-") as made:
            graded = classroom.grade(Path(made), chosen, neighbors=())
            over.set()
            kept = Path(made, "data", LAB, "spool", "a-neighbor.json")
            told = json.loads(kept.read_text("utf-8"))["executed"] if kept.is_file() else ""
        found = sorted(float(one) for one in re.findall(r"QUARTER ([0-9.]+)", told)) or [float("nan")]
        status = graded.rows.get(name, {}).get("status", "no row") if name else ""
        print(
            f"{(name or 'the neighbor alone').removeprefix('attack-'):36}{graded.seen.peak_mb:10}"
            f"{(before - least[0]) / 1e6:11.0f}{found[len(found) // 2]:8.2f}{found[-1]:7.2f}{graded.seconds:9.0f}"
            f"  {status}",
            flush=True,
        )


def counting(lab: object, folder: Path) -> None:
    notebook = corpus.solved(lab)
    corpus.insert(notebook, COUNTS, "start")
    corpus.hand_in(folder, notebook)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="parts of names, separated by commas")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--within", type=float, default=float("inf"), help="start no attack after so many seconds")
    parser.add_argument("--marks", type=Path, help="marks.csv of a run here, instead of a new one")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--bounds", action="store_true", help="what they take of the grader and of a neighbor")
    options = parser.parse_args()
    names = [n for n in sorted(ATTACKS) if any(part in n for part in options.only.split(","))]
    if options.bounds:
        return bounds(names)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="attacks-") as made:
        base = Path(made)
        prepare(base / "template")

        def attempt(name: str) -> dict[str, object] | None:
            if time.monotonic() - began > options.within:
                return None
            try:
                return attack_nbgrader(name, base / "template")
            except subprocess.SubprocessError as error:
                print(f"{name} could not be built: {error}", file=sys.stderr)
                return None

        with ThreadPoolExecutor(options.workers) as pool:
            tried = dict(zip(names, pool.map(attempt, names)))
        shipped = {name: result for name, result in tried.items() if result}
        here = ours(list(shipped), base / "here", options.marks)
    rows = [("attack", "nbgrader as shipped", "here")]
    for name, theirs in shipped.items():
        earned, mine = theirs["earned"], here[name]
        mark = "no mark" if theirs["points"] is None else f"{theirs['points']:g} of {earned:g} earned"
        said = "; ".join([mark, *theirs["harm"], *([theirs["state"]] if theirs["state"] != "ended" else [])])
        rows.append((name.removeprefix("attack-"), said, f"{mine['status']}, {mine['points']:g} of {earned:g} earned"))
    width = [max(len(row[i]) for row in rows) for i in range(3)]
    for row in rows:
        print("  ".join(f"{text:{size}}" for text, size in zip(row, width)).rstrip())
    gained = sum(any("not earned" in harm for harm in theirs["harm"]) for theirs in shipped.values())
    hurt = sum(bool(theirs["harm"]) or theirs["state"] != "ended" for theirs in shipped.values())
    print(f"\n{len(shipped)} attacks, {len(names) - len(shipped)} more not tried in time.")
    print(f"nbgrader as shipped: {gained} gain points; {hurt} gain points, take some away, stop it or do other harm.")
    print(f"here: {sum(here[name]['points'] > shipped[name]['earned'] for name in shipped)} gain points.")
    if options.json:
        options.json.write_text(json.dumps({"nbgrader": shipped, "here": here}, indent=1))


if __name__ == "__main__":
    main()
