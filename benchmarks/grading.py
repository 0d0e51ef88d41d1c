"""What grading a class costs, beside nbgrader's own `autograde` and a bare run of the same notebooks.

    python benchmarks/grading.py                      # 12 submissions of the tests' tiny lab, 1,000 recorded
    python benchmarks/grading.py --lab lab02_attention --copies 6
    python benchmarks/grading.py --ours --rounds 3    # the execute phase of `course grade` alone

In one run and in turns: nbgrader from the command line and through its API (its tests run beside the student's code,
without a sandbox), nbclient alone, and `course grade` with one and with two workers, with everything switched on. The
execute phase is from the first submission sent out to the last result. Then one result is recorded 1,000 times under
other names: the part that stays serial. A table, and build/grading.json.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:] = [place for place in sys.path if not place or Path(place).resolve() != HERE]

TINY = HERE.parent / "tests" / "grading"
BIN = Path(sys.executable).parent


def submissions(lab: str, copies: int, inbox: Path):
    """The solved lab, `copies` times; a comment makes every file another one."""
    import nbformat

    from course.grading import canonical
    from course.grading.grader import Assignment

    assignment = Assignment.of(lab)
    handed_out = canonical.rebuild(assignment.notebook, assignment.notebook)
    source = nbformat.reads(assignment.source, as_version=4)
    for number in range(copies):
        notebook = canonical.solved(handed_out, source, tuple(handed_out.answers))
        for cell in notebook.cells:
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source += f"\n# copy {number}"
        path = inbox / f"copy{number:03}" / f"{assignment.name}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    return assignment


def nbgrader_course(assignment, inbox: Path, folder: Path) -> Path:
    """A course folder of nbgrader's with the lab and the submissions."""
    name = assignment.name
    (folder / "source" / name).mkdir(parents=True)
    (folder / "source" / name / f"{name}.ipynb").write_text(assignment.source, encoding="utf-8")
    (folder / "nbgrader_config.py").write_text(
        'c = get_config()\nc.CourseDirectory.root = "."\nc.ClearSolutions.enforce_metadata = False\n'
        'c.IgnorePattern.enabled = True\nc.IgnorePattern.pattern = r"(?s).*"\n'
    )
    for path in inbox.glob("*/*.ipynb"):
        target = folder / "submitted" / path.parent.name / name
        target.mkdir(parents=True)
        (target / path.name).write_bytes(path.read_bytes())
    call([BIN / "nbgrader", "generate_assignment", name, "--force"], folder)
    return folder


def call(command, cwd: Path) -> float:
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}
    began = time.perf_counter()
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command}:\n{done.stdout}\n{done.stderr}")
    return time.perf_counter() - began


def api(name: str, folder: Path) -> float:
    """Seconds of NbGraderAPI.autograde over all submissions, in one process that is started before."""
    code = (
        "import time, glob, os\n"
        "from nbgrader.apps import NbGraderAPI\nfrom traitlets.config import Config\n"
        "c = Config(); c.CourseDirectory.root = os.getcwd()\n"
        'c.IgnorePattern.enabled = True; c.IgnorePattern.pattern = r"(?s).*"\n'
        "api = NbGraderAPI(config=c)\nbegan = time.perf_counter()\n"
        f"results = [api.autograde({name!r}, s, force=True) for s in sorted(os.listdir('submitted'))]\n"
        "assert all(r['success'] for r in results), results\nprint('SECONDS', time.perf_counter() - began)\n"
    )
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
    if "SECONDS" not in done.stdout:
        sys.exit(done.stdout + done.stderr)
    return float(done.stdout.rpartition("SECONDS")[2])


def bare(inbox: Path) -> float:
    """Seconds of nbclient over all submissions, nothing else."""
    import nbformat
    from nbclient import NotebookClient

    began = time.perf_counter()
    for path in sorted(inbox.glob("*/*.ipynb")):
        NotebookClient(nbformat.read(path, 4), kernel_name="python3", allow_errors=True).execute()
    return time.perf_counter() - began


def ours(name: str, inbox: Path, workers: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [BIN / "course", "grade", name, "--inbox", inbox, "--data", folder, "--workers", workers]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        whole = call(command, HERE.parent)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        steps = [json.loads(line) for line in (Path(folder) / name / "grading.jsonl").read_text().splitlines()]
        sent = min(s["at"] for s in steps if s["step"] == "sent")
        done = max(s["at"] for s in steps if s["step"] == "executed")
        receipts = [json.loads(p.read_text())["receipt"] for p in (Path(folder) / name / "receipts").glob("*.json")]
        assert receipts and all(r["status"] == "ok" and r["points"] == r["full"] for r in receipts), receipts
        core = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {"whole": whole, "execute": done - sent, "core": core}


def recording(assignment, inbox: Path, count: int) -> tuple[float, list[float]]:
    """Seconds to record one result under `count` names, and this process's memory (MB) on the way."""
    import psutil

    from course.grading import execute
    from course.grading.grader import Class

    path = next(inbox.glob("*/*.ipynb"))
    result = execute.grade(assignment.task("x", path.read_bytes(), 1))
    result |= {"key": "k", "late": {"submitted": None, "penalty": 0}}
    memory = []
    with tempfile.TemporaryDirectory() as folder:
        room = Class(Path(folder), assignment.name)
        from course.grading.book import Book

        with Book.open(room.data, room.lab, room.assignment.notebook) as book:
            began = time.perf_counter()
            for number in range(count):
                room.record(book, result | {"student": f"s{number:05}"})
                if number % max(1, count // 4) == 0:
                    memory.append(round(psutil.Process().memory_info().rss / 1e6))
            return (time.perf_counter() - began) / count, memory


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", default="lab90_tiny")
    parser.add_argument("--copies", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--record", type=int, default=1000)
    parser.add_argument("--ours", action="store_true", help="the execute phase of course grade, and nothing else")
    given = parser.parse_args()
    if given.lab == "lab90_tiny":
        os.environ["COURSE_LABS"] = str(TINY)
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        inbox = Path(folder) / "inbox"
        assignment = submissions(given.lab, given.copies, inbox)
        for number in range(given.rounds):
            if given.ours:
                seconds = [ours(assignment.name, inbox, workers)["execute"] / given.copies for workers in (1, 2)]
                print(*(f"{one:.2f} s" for one in seconds), flush=True)
                continue
            course = nbgrader_course(assignment, inbox, Path(folder) / f"course{number}")
            one, two = ours(assignment.name, inbox, 1), ours(assignment.name, inbox, 2)
            rows = {
                "nbclient alone": bare(inbox),
                "nbgrader autograde, one command": call(
                    [BIN / "nbgrader", "autograde", assignment.name, "--force"], course
                ),
                "nbgrader through its API": api(assignment.name, course),
                "nbgrader, one command a student": sum(
                    call([BIN / "nbgrader", "autograde", assignment.name, "--student", path.name, "--force"], course)
                    for path in sorted((course / "submitted").iterdir())
                ),
                "course grade, 1 worker": one["whole"],
                "course grade, 2 workers": two["whole"],
                "  its execute phase, 1 worker": one["execute"],
                "  its execute phase, 2 workers": two["execute"],
                "  its core seconds, 1 worker": one["core"],
            }
            for name, seconds in rows.items():
                found.setdefault(name, []).append(seconds / given.copies)
        if given.ours:
            return 0
        each, memory = recording(assignment, inbox, given.record)
    middle = {name: sorted(seconds)[len(seconds) // 2] for name, seconds in found.items()}
    print(f"{given.copies} submissions of {assignment.name}; seconds each, and beside nbclient alone")
    for name, seconds in middle.items():
        print(f"{name:36}{seconds:8.2f} s{seconds / middle['nbclient alone']:8.2f}x")
    efficiency = middle["  its execute phase, 1 worker"] / middle["  its execute phase, 2 workers"] / 2
    command = middle["nbgrader, one command a student"] / middle["  its execute phase, 1 worker"]
    print(f"two workers: {efficiency:.2f} of twice one (aim: at least 0.9)")
    print(f"beside nbgrader's command, per core: {command:.2f}x as fast (aim: at least 2)")
    print(f"recording: {each:.3f} s each over {given.record}, serial; memory {memory} MB on the way")
    out = Path("build", "grading.json")
    out.parent.mkdir(exist_ok=True)
    out.write_text(
        json.dumps(
            {
                "lab": assignment.name,
                "copies": given.copies,
                "seconds": found,
                "recording": each,
                "efficiency": efficiency,
                "memory_mb": memory,
                "cores": os.cpu_count(),
                "date": time.strftime("%Y-%m-%d"),
            },
            indent=1,
        )
        + "\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
