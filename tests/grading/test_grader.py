"""A class graded from the command line: marks, receipts, feedback; killed, resumed, judged again, on a cluster."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from corpus import LAB, solve
from nbformat.v4 import new_code_cell

COURSE = [sys.executable, "-m", "course.cli"]
FULL = 14
LATE = ("--due", "2020-01-01", "--late-penalty", "10")
TINY = Path(__file__).parent / "tiny"
SECRET = "the-instructors-own-secret"


def course(*arguments, labs=None, check=True, **more):
    environment = {**os.environ, "COURSE_LABS": str(labs or TINY), "A_SECRET": SECRET, **more}
    done = subprocess.run([*COURSE, *map(str, arguments)], capture_output=True, text=True, env=environment, timeout=300)
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    return done


def hand_in(inbox: Path, student: str, notebook) -> None:
    data = notebook if isinstance(notebook, (bytes, str)) else nbformat.writes(notebook)
    path = inbox / student / f"{LAB}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    os.utime(path, (1_795_000_000, 1_795_000_000))


def answer(notebook, key, source):
    next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == key).source = source


@pytest.fixture(scope="module")
def inbox(tmp_path_factory, tiny):
    """Right, wrong in one part, leaning on a wrong part, untouched, unreadable."""
    folder = tmp_path_factory.mktemp("inbox")
    hand_in(folder, "ada", solve(tiny))
    wrong = solve(tiny)
    answer(wrong, "softmax", "def softmax(scores):\n    e = np.exp(scores - scores.max())\n    return e / e.sum()")
    answer(
        wrong, "written", "My answer <script>alert(1)</script> [link](javascript:alert(1)) $\\href{javascript:x}{y}$"
    )
    wrong.cells.append(
        new_code_cell("from IPython.display import HTML\nprint('own')\nHTML('<script>alert(2)</script>')")
    )
    hand_in(folder, "ben", wrong)
    hand_in(folder, "cai", tiny.released)
    hand_in(folder, "dee", b"\x00not a notebook")
    return folder


@pytest.fixture(scope="module")
def graded(inbox, tmp_path_factory):
    data = tmp_path_factory.mktemp("class")
    (data / "roster.csv").write_text(
        "student,name,email\nada,Ada,ada@localhost\nben,Ben,\ncai,Cai,\ndee,Dee,\neve,Eve,\n"
    )
    done = course("grade", LAB, "--inbox", inbox, "--data", data, "--workers", 2, "--timeout", 60, *LATE)
    return data, done


def receipts(data: Path) -> dict[str, dict]:
    return {p.stem: json.loads(p.read_text())["receipt"] for p in sorted((data / LAB / "receipts").glob("*.json"))}


def points(receipt) -> dict[str, int]:
    return {part["part"]: part["points"] for part in receipt["parts"]}


def test_everybody_gets_what_they_earned(graded):
    data, done = graded
    found = receipts(data)
    assert {name: receipt["status"] for name, receipt in found.items()} == {
        "ada": "ok",
        "ben": "ok",
        "cai": "ok",
        "dee": "unreadable",
    }
    assert found["ada"]["points"] == found["ada"]["full"] == FULL
    assert found["cai"]["points"] == found["dee"]["points"] == 0
    mine = points(found["ben"])
    assert mine["softmax"] < points(found["ada"])["softmax"]
    assert mine["attention"] == points(found["ada"])["attention"], "tried with a right softmax"
    part = {p["part"]: p for p in found["ben"]["parts"]}
    assert part["attention"]["borrowed"] == ["softmax"] and part["softmax"]["mistake"]
    assert "4 submissions: 3 ok, 1 unreadable" in done.stdout
    assert "Found in the inbox: 4 notebooks of the lab, 4 students." in done.stdout


def test_a_receipt_states_how_and_what(graded):
    data, _ = graded
    kept = json.loads((data / LAB / "receipts" / "ben.json").read_text())
    assert {"host", "seconds", "at"} <= kept["run"].keys()
    stated = kept["receipt"]
    assert {"sha256", "answers", "seed", "versions", "options", "parts", "status", "late"} <= stated.keys()
    assert "run" not in stated and len(stated["answers"]["softmax"]) == 64
    assert stated["late"]["penalty"] == 17.0, "all of it: years late, at most everything"


def test_the_same_command_gives_the_same_receipts(graded, inbox, tmp_path):
    first, _ = graded
    shutil.copy(first / "roster.csv", tmp_path)
    course("grade", LAB, "--inbox", inbox, "--data", tmp_path, "--workers", 1, "--timeout", 60, *LATE)
    assert receipts(tmp_path) == receipts(first)


def test_the_gradebook_waits_for_written_answers(graded):
    from nbgrader.api import Gradebook

    data, _ = graded
    with Gradebook(f"sqlite:///{data / 'gradebook.db'}") as book:
        ben = book.find_submission(LAB, "ben")
        assert ben.needs_manual_grade and ben.score < FULL
        assert not book.find_submission(LAB, "cai").needs_manual_grade, "an empty answer needs no marker"
        assert book.find_submission(LAB, "ada").score == FULL
        assert {s.id for s in book.students} == {"ada", "ben", "cai", "dee"}
    shown = nbformat.read(data / "autograded" / "ben" / LAB / f"{LAB}.ipynb", 4)
    texts = [c.source for c in shown.cells if c.cell_type == "markdown"]
    outputs = json.dumps([c.outputs for c in shown.cells if c.cell_type == "code"])
    assert "own\\n" in outputs and "<script" not in outputs + str(texts)
    assert any("My answer" in t for t in texts)
    assert not re.search(r"(?<!\\)\]\(|\\href|<script", "".join(t for t in texts if "My answer" in t))


def test_what_is_graded_is_not_graded_again(graded, inbox):
    data, _ = graded
    before = receipts(data)
    refused = course("grade", LAB, "--inbox", inbox, "--data", data, check=False)
    assert refused.returncode == 2 and "Add --resume" in refused.stderr
    again = course("grade", LAB, "--inbox", inbox, "--data", data, "--resume")
    assert "4 of 4 are done already." in again.stdout
    assert receipts(data) == before, "what was said the first time, due date and penalty too, still holds"


def test_what_is_said_anew_replaces_what_was_said(graded, inbox, tmp_path):
    data = tmp_path / "class"
    shutil.copytree(graded[0], data)
    again = course("grade", LAB, "--inbox", inbox, "--data", data, "--resume", "--late-penalty", 0)
    assert "late_penalty is 0.0 now; it was" in again.stdout and "done already" in again.stdout
    late = [receipt["late"] for receipt in receipts(data).values() if receipt.get("late")]
    assert late and all(one["late_minutes"] and not one["penalty"] for one in late)
    refused = course("grade", LAB, "--inbox", inbox, "--data", data, "--resume", "--anonymous", check=False)
    assert refused.returncode == 2 and "was graded without --anonymous" in refused.stderr


@pytest.mark.parametrize("command", [("grade", "--inbox", "there", "--resume"), ("regrade",)])
def test_one_at_a_time_in_a_folder(graded, command):
    from filelock import FileLock

    data, _ = graded
    before = receipts(data)
    with FileLock(data / LAB / "grading.lock"):
        refused = course(command[0], LAB, *command[1:], "--data", data, check=False)
    assert refused.returncode == 2 and "is running in" in refused.stderr
    assert receipts(data) == before


def test_marks_by_hand_come_into_export_and_feedback(graded):
    from nbgrader.api import Gradebook

    data, _ = graded
    rows = exported(data)
    assert (rows["ben"]["status"], rows["ben"]["waiting"]) == ("ok", "written")
    assert rows["eve"]["status"] == "missing"
    with Gradebook(f"sqlite:///{data / 'gradebook.db'}") as book:
        grade = book.find_grade("written", LAB, LAB, "ben")
        grade.manual_score, grade.needs_manual_grade = 2.0, False
        book.find_comment("written", LAB, LAB, "ben").manual_comment = "Well seen."
        book.db.commit()
    assert exported(data)["ben"]["waiting"] == ""
    course("feedback", LAB, "--data", data)
    page = (data / "feedback" / "ben" / LAB / f"{LAB}.html").read_text()
    for wanted in (
        "2 of 3",
        "0 of 17 points",
        "minus 17 for handing in",
        "Well seen.",
        "own",
        "points on different inputs",
        "It looks like this",
        "Content-Security-Policy",
    ):
        assert wanted in page, wanted
    hidden = (TINY / "solutions" / LAB / f"{LAB}.ipynb").read_text()
    assert "BEGIN HIDDEN" in hidden and "HIDDEN TESTS" not in page and "checks.points" not in page
    assert not re.search(r"<script(?! type=\"application/json)|href=\"javascript|onerror=", page)
    assert "could not be read" in (data / "feedback" / "dee" / LAB / f"{LAB}.html").read_text()


def exported(data: Path) -> dict[str, dict[str, str]]:
    course("export", LAB, "--data", data, "--out", data / "marks.csv")
    with (data / "marks.csv").open(encoding="utf-8-sig") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_a_corrected_check_changes_marks_without_running_anything(graded, tmp_path):
    data = tmp_path / "class"
    shutil.copytree(graded[0], data)
    assert "0 marks changed" in course("regrade", LAB, "--data", data).stdout
    labs = shutil.copytree(TINY, tmp_path / "labs")
    with (labs / "solutions" / LAB / "checks.py").open("a") as file:
        file.write('softmax.judge = "content"\n')
    (labs / "solutions" / LAB / "judges.py").write_text("def content(inputs, expected, output):\n    return None\n")
    told = course("regrade", LAB, "--data", data, labs=labs, PATH="").stdout
    assert re.search(r"ben  softmax  \d -> 3", told), told
    assert "ada" not in told
    assert points(receipts(data)["ben"])["softmax"] == 3


def test_killed_at_any_moment_and_resumed(graded, inbox, tmp_path):
    """kill -9 at every kind of step, until nothing is left to do: the marks are those of one undisturbed run."""
    shutil.copy(graded[0] / "roster.csv", tmp_path)
    command = [
        *COURSE,
        "grade",
        LAB,
        "--inbox",
        str(inbox),
        "--data",
        str(tmp_path),
        "--workers",
        "1",
        "--timeout",
        "60",
        "--resume",
        *LATE,
    ]
    environment = {**os.environ, "COURSE_LABS": str(TINY)}
    journal, kills = tmp_path / LAB / "grading.jsonl", 0
    for step in ("collected", "sent", "executed", "recorded", "executed"):
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        before = journal.read_text().count(f'"{step}"') if journal.is_file() else 0
        while process.poll() is None:
            if journal.is_file() and journal.read_text().count(f'"{step}"') > before:
                os.killpg(process.pid, signal.SIGKILL)
                kills += 1
                break
            time.sleep(0.02)
        process.wait()
    course(*command[len(COURSE) :])
    assert kills >= 3
    assert receipts(tmp_path) == receipts(graded[0])
    recorded = [line for line in map(json.loads, journal.read_text().splitlines()) if line["step"] == "executed"]
    assert len({line["student"] for line in recorded}) == 4


def test_a_worker_of_another_environment_and_a_lost_one(graded, inbox, tmp_path):
    """A scheduler and workers as on other machines: another working directory, no shared folder; one dies at work."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    away = tmp_path / "away"
    away.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(away), "COURSE_LABS": str(TINY)}
    address = f"tcp://127.0.0.1:{port}"
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host=127.0.0.1", f"--port={port}"]
    started = [subprocess.Popen([*scheduler, "--no-dashboard"], cwd=away, env=environment, stderr=subprocess.DEVNULL)]
    worker = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        address,
        "--nthreads",
        "1",
        "--no-dashboard",
        "--no-nanny",
    ]
    data = tmp_path / "class"
    data.mkdir()
    shutil.copy(graded[0] / "roster.csv", data)
    try:
        started += [subprocess.Popen(worker, cwd=away, env=environment, stderr=subprocess.DEVNULL) for _ in range(2)]
        command = ["grade", LAB, "--inbox", inbox, "--data", data, "--scheduler", address, "--timeout", 60, *LATE]
        process = subprocess.Popen(
            [*COURSE, *map(str, command)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=dict(os.environ),
        )
        journal = data / LAB / "grading.jsonl"
        while process.poll() is None and not (journal.is_file() and '"sent"' in journal.read_text()):
            time.sleep(0.02)
        time.sleep(0.3)
        started[1].kill()
        out, _ = process.communicate(timeout=200)
        assert process.returncode == 0, out
    finally:
        for one in started:
            one.kill()
            one.wait()
    assert receipts(data) == receipts(graded[0])


def test_a_lost_worker_costs_no_mark(graded, inbox, tmp_path):
    """Both workers of this machine are killed at work: their submissions are sent out again."""
    shutil.copy(graded[0] / "roster.csv", tmp_path)
    command = [
        *COURSE,
        "grade",
        LAB,
        "--inbox",
        str(inbox),
        "--data",
        str(tmp_path),
        "--workers",
        "2",
        "--timeout",
        "60",
        *LATE,
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    workers = []
    while process.poll() is None and len(workers) < 2:
        time.sleep(0.02)
        with contextlib.suppress(psutil.NoSuchProcess):
            servers = [p for p in psutil.Process(process.pid).children() if "forkserver" in " ".join(p.cmdline())]
            workers = [worker for server in servers for worker in server.children() if worker.children()]
    for worker in workers:
        worker.kill()
    out, _ = process.communicate(timeout=200)
    assert process.returncode == 0, out
    assert len(workers) == 2 and '"worker lost"' in (tmp_path / LAB / "grading.jsonl").read_text()
    assert receipts(tmp_path) == receipts(graded[0])


def test_no_result_of_one_student_ends_the_class(graded, inbox, tmp_path, monkeypatch, capfd):
    """One whose result cannot be recorded, and one whose process is lost again and again, must run again; no other."""
    from course.grading import apart, execute, grader

    attempt, record = execute.attempt, grader.LabGradebook.record

    def lost(task, *core):
        if task["student"] == "cai":
            raise apart.Ended("died", "lost")
        return attempt(task, *core)

    def refused(book, student, result, *more, **about):
        if student == "ben" and result["status"] == "ok":
            book.gradebook.update_or_create_student("ben")
            raise RecursionError("nested too deep")
        return record(book, student, result, *more, **about)

    monkeypatch.setattr(execute, "attempt", lost)
    monkeypatch.setattr(grader.LabGradebook, "record", refused)
    assert grader.grade_class(LAB, inbox, tmp_path, workers=2, timeout=60) == 1
    found = receipts(tmp_path)
    assert {name: receipt["status"] for name, receipt in found.items()} == {
        "ada": "ok",
        "ben": "infrastructure",
        "cai": "infrastructure",
        "dee": "unreadable",
    }
    assert "cannot be recorded: RecursionError: nested too deep" in found["ben"]["reason"]
    assert "the worker failed 3 times" in found["cai"]["reason"]
    monkeypatch.undo()
    assert grader.grade_class(LAB, inbox, tmp_path, workers=2, resume=True) == 0
    assert {receipt["status"] for receipt in receipts(tmp_path).values()} == {"ok", "unreadable"}


def test_a_zip_that_cannot_be_opened_keeps_nobody_else_from_a_mark(tmp_path, tiny):
    from course.grading import grader

    hand_in(tmp_path / "inbox", "ada", solve(tiny))
    (tmp_path / "inbox" / "zoe").mkdir()
    (tmp_path / "inbox" / "zoe" / f"{LAB}.zip").write_bytes(b"PK nothing")
    assert grader.grade_class(LAB, tmp_path / "inbox", tmp_path / "data", workers=1, timeout=60) == 0
    found = receipts(tmp_path / "data")
    assert {name: receipt["status"] for name, receipt in found.items()} == {"ada": "ok", "zoe": "unreadable"}


def test_judging_again_ends_with_one_student_and_not_with_the_class(graded, tmp_path, monkeypatch):
    from course.grading import apart, execute, grader

    def again(lab, sent, lent, seed):
        if "merge" in sent:
            raise apart.Ended("memory", "it took more than 1024 MB")
        return execute.points_of(grader.authoring.graded(lab, seed), sent, lent)

    data = tmp_path / "class"
    shutil.copytree(graded[0], data)
    monkeypatch.setattr(execute, "again", again)
    changed = grader.regrade(LAB, data)
    assert ("ada", "merge", 4, grader.NOT_JUDGED) in changed
    ada = receipts(data)["ada"]
    assert (ada["status"], ada["points"]) == ("ok", 14)  # what was judged before stands
    assert "1024 MB" in (data / LAB / "grading.jsonl").read_text()


def test_without_a_seed_it_refuses_and_says_how_to_make_one(tmp_path, monkeypatch):
    from course.grading import grader

    monkeypatch.delenv("COURSE_SEED")
    with pytest.raises(ValueError, match=r"secrets.randbits(.|\n)*export COURSE_SEED_FILE=(.|\n)*--public-seed"):
        grader.hidden_seed()
    assert grader.hidden_seed(public=True) == grader.PUBLIC_SEED
    monkeypatch.setenv("COURSE_SEED_FILE", str(tmp_path / "seed"))
    with pytest.raises(ValueError, match="which holds no number"):
        grader.hidden_seed(public=True)
    (tmp_path / "seed").write_text("77\n")
    assert grader.hidden_seed() == 77


def test_where_nothing_isolates_it_refuses(inbox, tmp_path):
    refused = course("grade", LAB, "--inbox", inbox, "--data", tmp_path, PATH="/nowhere", check=False)
    assert refused.returncode == 2 and "bubblewrap" in refused.stderr, refused.stdout + refused.stderr
    assert not (tmp_path / LAB / "receipts").exists()


def test_without_a_sandbox_every_output_says_so(inbox, tmp_path):
    alone = tmp_path / "inbox"
    shutil.copytree(inbox / "ada", alone / "ada")
    done = course("grade", LAB, "--inbox", alone, "--data", tmp_path, "--unsafe-no-sandbox", "--timeout", 60)
    assert "No sandbox" in done.stdout
    receipt = receipts(tmp_path)["ada"]
    assert receipt["points"] == FULL and receipt["options"]["unsafe"] is True
    assert exported(tmp_path)["ada"]["flags"] == "no sandbox"


def test_formgrader_shows_it_and_takes_marks(graded, tmp_path):
    """The real formgrader on the class's folder: a person enters points, and they are in the export."""
    from nbgrader.api import Gradebook

    data = tmp_path / "class"
    shutil.copytree(graded[0], data)
    with Gradebook(f"sqlite:///{data / 'gradebook.db'}") as book:
        notebook = book.find_submission_notebook(LAB, LAB, "ada")
        page, grade = notebook.id, next(g.id for g in notebook.grades if g.name == "written")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "JUPYTER_CONFIG_DIR": str(tmp_path),
        "JUPYTER_DATA_DIR": str(tmp_path),
    }
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            f"--port={url.rpartition(':')[2]}",
            "--IdentityProvider.token=",
            "--ServerApp.disable_check_xsrf=True",
        ],
        cwd=data,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        shown = ask(f"{url}/formgrader/submissions/{page}/")
        for wanted in ("Student&#39;s answer", "softmax: Right", "3 of 3 points on different inputs"):
            assert wanted in shown or wanted.replace("&#39;", "'") in shown, wanted
        ask(f"{url}/formgrader/api/grade/{grade}", json.dumps({"manual_score": 2.5}).encode())
    finally:
        server.terminate()
        server.wait(20)
    row = exported(data)["ada"]
    assert (row["written"], row["waiting"], float(row["points"])) == ("2.5", "", FULL + 2.5)


def ask(url: str, data: bytes | None = None) -> str:
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    ends = time.monotonic() + 60
    while True:
        try:
            with urlopen(Request(url, data, method="PUT" if data else "GET"), timeout=30) as answer:
                return answer.read().decode()
        except HTTPError:
            raise
        except URLError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.3)
