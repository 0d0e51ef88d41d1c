"""A class, graded: collect, run, judge, record. Whatever kills it, `--resume` goes on where it stopped.

    DATA/LAB/received/    the files as they came          DATA/LAB/grading.jsonl   one line per step
    DATA/LAB/spool/       what the kernels answered       DATA/gradebook.db        nbgrader's
    DATA/LAB/receipts/    points, reasons, hashes         DATA/autograded/         for formgrader

A submission that has its spool file is graded; one whose receipt names the same key is recorded. Both are written
whole or not at all, and recording twice is recording once. Each is run and judged in a process with limits
(course.grading.apart), here or on a Dask cluster: what a student sends reaches this process as flat text only.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import queue
import re
import sys
import zipfile
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

from course import authoring, labs, places
from course.grading import apart, canonical, execute, sandbox
from course.grading.book import AGAIN, NOWHERE, STOPPED, LabGradebook, feedback, unreadable_page
from course.grading.files import Journal, read_json, write_json
from course.grading.inbox import collect
from course.grading.roster import Roster, penalty
from helpers import checks
from helpers.checks.parts import VISIBLE

TRIES = 3  # of a submission whose worker was lost
LARGE = 1_000_000  # bytes of a notebook that is read first, to leave its outputs behind
READING = apart.Bounds(memory_mb=1024, cpu_s=60, wall_s=120)
UNGRADED = (None, "unreadable", "infrastructure")  # statuses of a student who has no points yet
STALE, NOT_JUDGED = -1, -2  # in place of points that a part got when it was judged again
FEW = 10  # students, of whom the summary tells each one's points
NOT_IN_A_RECEIPT = ("sent", "lent", "executed", "cards", "run", "key", "inputs")


PUBLIC_SEED = 20_261_124


@dataclass(frozen=True)
class Options:
    """How a submission is run; all of it is stated in every receipt."""

    timeout: int = 600
    memory_mb: int = 4096
    unsafe: bool = False
    seeds: str = "class"  # or per-student


@dataclass(frozen=True)
class Settings:
    """How a class is graded, as `settings.json` keeps it: `--resume` goes on with it, but for what is given again."""

    timeout: int = 600
    memory_mb: int = 4096
    seeds: str = "class"
    due: str | None = None
    late_penalty: float = 0.0  # per cent of all points for each started day
    anonymous: bool = False

    @classmethod
    def read(cls, path: Path) -> Settings:
        return cls(**{key: value for key, value in (read_json(path) or {}).items() if key in cls.__dataclass_fields__})

    def options(self, unsafe: bool) -> Options:
        return Options(self.timeout, self.memory_mb, unsafe, self.seeds)


@dataclass(frozen=True)
class Assignment:
    """A lab as it is graded: its name, its source with solutions, and what was handed out, as texts."""

    name: str
    source: str
    released: str

    @classmethod
    def of(cls, name: str) -> Assignment:
        """The lab by name or number; one of your own from COURSE_LABS. Raises ValueError for one that is not there."""
        root = places.course_root()
        name, *others = labs.names(root, [name])
        if others:
            raise ValueError(f"Which lab do you mean: {name} or {', '.join(others)}?")
        source = labs.source(root, name)
        return cls(name, source.read_text("utf-8"), labs.generate(source))

    @property
    def notebook(self) -> Any:
        import nbformat

        return nbformat.reads(self.released, as_version=4)

    def task(
        self, student: str, notebook: bytes, seed: int, options: Options = Options(), hidden: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """What `execute.grade` takes for one submission."""
        return {
            "student": student,
            "lab": self.name,
            "released": self.released,
            "source": self.source,
            "seed": seed,
            "timeout": options.timeout,
            "unsafe": options.unsafe,
            "limits": {"memory_mb": options.memory_mb},
            "hidden": list(hidden),
            "notebook": base64.b64encode(notebook).decode(),
        }


def hidden_seed(public: bool = False) -> int:
    """What the hidden inputs are drawn with: `COURSE_SEED`, or the number in the file that `COURSE_SEED_FILE` names.

    Raises ValueError where neither is set, unless the `public` one is asked for, which anybody can look up.
    """
    if path := os.environ.get("COURSE_SEED_FILE"):
        try:
            return int(Path(path).read_text(encoding="utf-8").split()[0])
        except (OSError, ValueError, IndexError) as error:
            raise ValueError(f"COURSE_SEED_FILE names {path}, which holds no number: {error}") from None
    if given := os.environ.get("COURSE_SEED"):
        return int(given)
    if public:
        return PUBLIC_SEED
    raise ValueError(
        "The hidden inputs are drawn with a number that only you know. Make one and name its file:\n"
        f"  {Path(sys.executable).name} -c 'import secrets; print(secrets.randbits(60))' > ~/class-seed.txt\n"
        "  export COURSE_SEED_FILE=~/class-seed.txt\n"
        "To try it out with a number that students know, add --public-seed."
    )


@lru_cache(maxsize=2)  # a class asks everybody the same, as a rule
def questions(lab: str, seed: int) -> dict[str, str]:
    """By part, what the answers were asked: a hash. Values that answer other questions cannot be judged again."""
    from helpers.checks import values

    return {
        part.name: hashlib.sha256(
            values.dumps([[case.inputs for case in part.draw(s)] for s in (seed, authoring.SEEDS[VISIBLE])]).encode()
        ).hexdigest()
        for part in authoring.source(authoring.folder_of(lab)).authored.parts
    }


class Classroom:
    """The folder of a class, and one lab in it."""

    def __init__(self, data: Path, lab: str, **settings: Any) -> None:
        self.data, self.assignment = data, Assignment.of(lab)
        self.lab = self.assignment.name
        self.folder = data / self.lab
        self.journal = Journal(self.folder / "grading.jsonl")
        self.before = Settings.read(self.folder / "settings.json")
        self.settings = replace(self.before, **{key: value for key, value in settings.items() if value is not None})
        self.roster = Roster.read(data, self.settings.due)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While this lasts, no other process grades this lab in this folder. Raises ValueError where one does."""
        from filelock import FileLock, Timeout

        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder / "grading.lock", blocking=False):  # the system takes it back from who is killed
                yield
        except Timeout:
            raise ValueError(f"Another course grade or regrade is running in {self.folder}: wait for it.") from None

    def spool(self, student: str) -> Path:
        return self.folder / "spool" / f"{student}.json"

    def receipt(self, student: str) -> Path:
        return self.folder / "receipts" / f"{student}.json"

    def students(self) -> list[str]:
        """Everybody who has a result."""
        return sorted(path.stem for path in (self.folder / "spool").glob("*.json"))

    def refuse_other_points(self) -> None:
        """Raises ValueError where the lab gives other points for a part or an answer than it did for what is graded."""
        cells = (cell.metadata.get("nbgrader", {}) for cell in self.assignment.notebook.cells)
        now = {meta["grade_id"].removesuffix("-test"): meta["points"] for meta in cells if meta.get("grade")}
        now |= {part.name: part.full for part in checks.load(self.lab).parts}
        for path in sorted((self.folder / "receipts").glob("*.json")):
            receipt = (read_json(path) or {}).get("receipt", {})
            then = {part["part"]: part["full"] for part in receipt.get("parts", [])}
            then |= {written["id"]: written["full"] for written in receipt.get("written", [])}
            for name, full in then.items():
                if now.get(name, full) != full:
                    raise ValueError(
                        f"{name} of {self.lab} gives {now[name]:g} points now, and gave {full:g} when "
                        f"{self.folder} was graded: grade into another folder."
                    )

    def known_as(self, student: str) -> str:
        """The name in gradebook and formgrader."""
        return self.roster.anonymous(student) if self.settings.anonymous else student

    def lateness(self, student: str, submitted: datetime) -> dict[str, Any]:
        """When it came, how late, and the points that this costs."""
        late = self.roster.late_minutes(student, self.lab, submitted)
        cells = (cell.metadata.get("nbgrader", {}) for cell in self.assignment.notebook.cells)
        full = sum(meta["points"] for meta in cells if meta.get("grade"))
        lost = round(full * penalty(late, self.settings.late_penalty) / 100, 2)
        return {"submitted": submitted.isoformat(), "late_minutes": late, "penalty": lost}

    # --- recording ------------------------------------------------------------------------------------

    def record(self, book: LabGradebook, result: dict[str, Any]) -> None:
        """Marks, notebook for formgrader and receipt of one result; the receipt comes last."""
        student, late = result["student"], result.get("late") or {}
        before = read_json(self.receipt(student)) or {}
        again = before.get("key") == result["key"] and before["receipt"]["status"] == result["status"]
        manual = {row["id"]: row["manual"] for row in book.written(self.known_as(student))}
        manual = before.get("manual", {}) if again else manual
        before = {"same": again, "written": before.get("written", {})}
        person = None if self.settings.anonymous else self.roster.students.get(student)
        about = {"last_name": person.name, "email": person.email} if person else {}
        written = book.record(
            self.known_as(student), result, late.get("submitted"), late.get("penalty", 0.0), before, **about
        )
        receipt = {key: value for key, value in result.items() if key not in NOT_IN_A_RECEIPT}
        whole = {
            "key": result["key"],
            "receipt": receipt,
            "run": result.get("run", {}),
            "written": written,
            "manual": manual,
        }
        write_json(self.receipt(student), whole)
        self.journal.add("recorded", student, points=result["points"], status=result["status"])

    def results(self, book: LabGradebook) -> Iterator[dict[str, Any]]:
        """Every receipt with what people marked meanwhile: what export takes."""
        parts = {part.name for part in checks.load(self.lab).parts}
        received = (read_json(self.folder / "received.json") or [[]])[0]
        for student in sorted({*self.students(), *(one["student"] for one in received)}):
            whole = read_json(self.receipt(student))
            if whole is None:  # the grading was ended before it came to this one
                yield {"student": student, "lab": self.lab, "status": "infrastructure"}
                continue
            receipt = dict(whole["receipt"])
            rows = book.written(self.known_as(student))
            marked = {row["id"].removesuffix("-test"): row for row in rows}
            for part in receipt["parts"]:
                row = marked.get(part["part"])
                part["automatic"] = part["points"]
                if row:
                    part["points"] = row["points"]
            written = [row for row in rows if row["id"].removesuffix("-test") not in parts]
            receipt["written"] = {
                "points": None if any(w["points"] is None for w in written) else sum(w["points"] for w in written),
                "full": sum(w["full"] for w in written),
                "pending": [row["id"] for row in written if row["points"] is None],
            }
            waiting = [row["id"] for row in rows if row["waits"]]
            tests = [row for row in rows if row["id"].removesuffix("-test") in parts]
            entered = [row for row in tests if row["manual"] is not None]
            new = [row for row in entered if row["manual"] != whole.get("manual", {}).get(row["id"])]
            if receipt["status"].split()[0] in STOPPED and new:
                waiting = [name for name in waiting if name not in {row["id"] for row in tests}]  # a person looked
            receipt["waiting"] = waiting if rows else [NOWHERE]
            yield receipt | (receipt.pop("late", None) or {})


# --- grading ------------------------------------------------------------------------------------------


def grade_class(
    lab: str,
    inbox: Path,
    data: Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    resume: bool = False,
    unsafe: bool = False,
    student: str | None = None,
    public_seed: bool = False,
    **settings: Any,
) -> int:
    """Grade every submission in `inbox` into `data`. 0 when every one has its result, 1 when some must run again.

    `settings` are fields of Settings; what is None or left out stays as it was in this folder. With `student`, that
    one's submission runs, and runs again if it has its result, and no other.

    Raises ValueError when nothing isolates students' code here, when another process grades there, or `data` holds a
    grading and `resume` is not said, or one of the lab with other points.
    """
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)  # names are no markup
    if unsafe:
        console.print(
            "No sandbox: students' code runs with your rights and an open network. Use this only for your own code."
        )
    elif not scheduler and (trouble := sandbox.probe()):
        raise ValueError(trouble)
    seed = hidden_seed(public_seed)
    room = Classroom(data, lab, **settings)
    execute.single_threaded(room.lab)
    with room.alone():
        return _grade(room, inbox, seed, room.settings.options(unsafe), console, workers, scheduler, resume, student)


def _grade(
    room: Classroom,
    inbox: Path,
    seed: int,
    options: Options,
    console: Any,
    workers: int | None,
    scheduler: str | None,
    resume: bool,
    student: str | None,
) -> int:
    room.refuse_other_points()
    if room.students():
        if not resume:
            raise ValueError(
                f"{room.folder} holds {len(room.students())} results. Add --resume: what is done stays done."
            )
        if room.settings.anonymous != room.before.anonymous:
            how = "with" if room.before.anonymous else "without"
            raise ValueError(f"{room.folder} was graded {how} --anonymous: continue like this, or use another folder.")
        was = asdict(room.before)
        for key, value in asdict(room.settings).items():
            if value != was[key]:
                console.print(f"{key} is {value} now; it was {was[key]}.")
    collected = collect(
        inbox, room.lab, into=room.folder / "received", roster=room.roster, released=room.assignment.released
    )
    for lab in sorted({lab for _, lab in (*room.roster.extensions, *room.roster.times)}):
        try:
            labs.names(places.course_root(), [lab])
        except ValueError:
            console.print(
                f"extensions.csv or times.csv name {lab!r}, which is not a lab's name: those lines change nothing."
            )
    names = sorted(submission.student for submission in collected.submissions)
    if student and student not in names:
        raise ValueError(
            f"{inbox} holds no submission of {student!r} that can be read. Their names here: {', '.join(names)[:500]}."
        )
    if not student:  # what is said for one student is not said for the class
        write_json(room.folder / "settings.json", asdict(room.settings))
    room.journal.add("collected", submissions=len(collected.submissions), unreadable=len(collected.unreadable))
    received = [asdict(submission) for submission in collected.submissions]
    earlier, _ = read_json(room.folder / "received.json") or ([], {})  # of another inbox
    received += [one for one in earlier if one["student"] not in names]
    write_json(room.folder / "received.json", json.loads(json.dumps([received, collected.files], default=str)))
    tasks, asked = [], questions(room.lab, PUBLIC_SEED)
    private = (inbox, room.data, *(os.environ.get(name) for name in ("COURSE_SEED_FILE", checks.OWN_LABS)))
    hidden = tuple(str(Path(path).resolve()) for path in private if path)
    for submission in collected.submissions:
        mine = room.roster.seed(submission.student, seed) if options.seeds == "per-student" else seed
        late = room.lateness(submission.student, submission.submitted)
        tasks.append(_Task(room, submission, mine, options, late, asked, hidden))
    sent_in = {submission.student for submission in collected.submissions}
    lost = {p.student: p for p in collected.unreadable if p.student and p.student not in sent_in}
    before = {name: (read_json(room.spool(name)) or {}).get("status") for name in lost}
    lost = {s: p for s, p in lost.items() if before[s] in UNGRADED}
    with LabGradebook.open(room.data, room.lab, room.assignment.notebook, room.roster.due) as book:
        for name, problem in lost.items():
            key = hashlib.sha256(f"unreadable {problem.where} {problem.reason}".encode()).hexdigest()
            if (read_json(room.receipt(name)) or {}).get("key") != key:
                result = {
                    "student": name,
                    "lab": room.lab,
                    "status": "unreadable",
                    "reason": problem.reason,
                    "flags": [],
                    "key": key,
                    "seed": seed,
                } | execute.points_of(authoring.graded(room.lab, seed))
                write_json(room.spool(name), result)
                room.record(book, result)
        todo = deque()
        for task in tasks:
            done = read_json(room.spool(task.student))
            if student:
                todo += [task] * (task.student == student)
            elif task.key != (done or {}).get("key") or done["status"] == "infrastructure" or task.with_more(done):
                todo.append(task)
            else:
                before = read_json(room.receipt(task.student)) or {}
                if before.get("key") != task.key or before["receipt"].get("late") != task.late:
                    write_json(room.spool(task.student), done := done | {"late": task.late})
                    room.record(book, done)
        if (skipped := len(tasks) - len(todo)) and not student:
            console.print(f"{skipped} of {len(tasks)} are done already.")
        with closing(_run(todo, room.journal, console, workers, scheduler)) as results:
            for task, result in results:
                before = (read_json(room.spool(task.student)) or {}).get("status")
                if result["status"] == "unreadable" and before not in UNGRADED:
                    room.journal.add(
                        "unreadable", task.student, where=task.submission.original, reason=result["reason"]
                    )
                    console.print(
                        f"{task.student}: {task.submission.original} cannot be read ({result['reason']}). The "
                        "result of the file before it stands."
                    )
                    continue
                try:
                    _keep(room, book, result)
                except OSError:  # this machine's: a full disk
                    raise
                except Exception as error:  # no result of one student ends the class
                    book.gradebook.db.rollback()
                    why = f"its result cannot be recorded: {type(error).__name__}: {error}"[:500]
                    _keep(room, book, task.without("infrastructure", why))
    for problem in collected.unreadable:
        room.journal.add("unreadable", problem.student or "", where=str(problem.where), reason=problem.reason)
    console.print(f"Found in the inbox: {collected}.", markup=False)
    return summary(room, [p for p in collected.unreadable if p.student not in lost], console)


def _keep(room: Classroom, book: LabGradebook, result: dict[str, Any]) -> None:
    write_json(room.spool(result["student"]), result)
    room.journal.add("executed", result["student"], status=result["status"], reason=result["reason"])
    room.record(book, result)


class _Task:
    """One submission on its way to a worker; its bytes are read only then."""

    def __init__(
        self,
        room: Classroom,
        submission: Any,
        seed: int,
        options: Options,
        late: dict[str, Any],
        asked: dict[str, str],
        hidden: tuple[str, ...],
    ) -> None:
        self.hidden = hidden
        self.room, self.submission, self.seed, self.options, self.late = room, submission, seed, options, late
        self.student, self.tries = submission.student, 0
        # Not when it came: the same notebook in a new copy of the inbox does not run again, nor with other limits
        # unless it was stopped. But it does after `asked`, the questions that the lab's check asks, have changed.
        how = [options.unsafe, options.seeds]
        parts = [submission.sha256, room.assignment.source, room.assignment.released, seed, how, asked]
        self.key = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()

    def with_more(self, done: dict[str, Any]) -> bool:
        """Whether it was stopped, and may take more now."""
        then = done.get("options") or {}
        more = any(getattr(self.options, name) > then.get(name, 0) for name in ("timeout", "memory_mb"))
        return done["status"].split()[0] in STOPPED and more

    def as_json(self) -> dict[str, Any]:
        """What a worker gets. Raises ValueError or apart.Ended for a file that cannot be read, OSError for none."""
        path = self.submission.path
        large = path.stat().st_size > LARGE
        notebook = apart.run(canonical.slim, str(path), bounds=READING).encode() if large else path.read_bytes()
        return self.room.assignment.task(self.student, notebook, self.seed, self.options, self.hidden)

    def finish(self, result: dict[str, Any]) -> dict[str, Any]:
        result["sha256"] = self.submission.sha256
        result["options"] = asdict(self.options)
        result["flags"] += [*self.submission.flags, *(["no sandbox"] if self.options.unsafe else [])]
        return result | {"key": self.key, "late": self.late, "inputs": questions(self.room.lab, self.seed)}

    def without(self, status: str, why: str) -> dict[str, Any]:
        """The result of a submission that nothing came of."""
        nothing = execute.points_of(authoring.graded(self.room.lab, self.seed))
        return self.finish(
            {
                "student": self.student,
                "lab": self.room.lab,
                "status": status,
                "reason": why,
                "flags": [],
                "seed": self.seed,
                "sent": {},
                "lent": {},
            }
            | nothing
        )


def _run(
    todo: deque, journal: Journal, console: Any, workers: int | None, scheduler: str | None
) -> Iterator[tuple[_Task, dict[str, Any]]]:
    """The results as they come. As many tasks are out as twice the workers: memory does not grow with the class."""
    if not todo:
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[now]}"),
        TimeRemainingColumn(),
    )
    failed, out = 0, {}
    pool = _cluster(scheduler) if scheduler else _here(workers)
    with pool as (submit, slots), Progress(*columns, console=console) as progress:
        bar = progress.add_task("grading", total=len(todo), now="")

        def done(task: _Task, result: dict[str, Any]) -> tuple[_Task, dict[str, Any]]:
            nonlocal failed
            failed += result["status"] != "ok"
            progress.advance(bar)
            return task, result

        while todo or out:
            while todo and len(out) < slots():
                task = todo.popleft()
                task.tries += 1
                journal.add("sent", task.student, attempt=task.tries)
                try:
                    out[submit(task.as_json())] = task
                except (ValueError, apart.Ended) as error:
                    yield done(task, task.without("unreadable", str(error)))
                except (OSError, RuntimeError) as error:
                    yield done(task, task.without("infrastructure", str(error)))
            progress.update(bar, now=f"{len(out)} out, {failed} not ok")
            for future in wait(out, return_when=FIRST_COMPLETED).done:
                task = out.pop(future)
                try:
                    result = task.finish(json.loads(future.result()))
                except Exception as error:  # whatever it is, it is this submission's
                    if task.tries < TRIES:
                        journal.add("worker lost", task.student, reason=repr(error)[:300])
                        todo.append(task)
                        continue
                    result = task.without("infrastructure", f"the worker failed {TRIES} times: {error!r}"[:500])
                yield done(task, result)


Submit = Callable[[dict[str, Any]], Future]


@contextmanager
def _here(workers: int | None) -> Iterator[tuple[Submit, Callable[[], int]]]:
    """Workers of this machine: a thread for each, which waits for a process; no port is open. Each has a processor."""
    cores = sorted(os.sched_getaffinity(0))
    count = workers or max(1, len(cores) - 1)
    free: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(count):
        free.put(cores[number % len(cores)])

    def work(task: dict[str, Any]) -> str:
        core = free.get()
        try:
            return execute.attempt(task, core)
        finally:
            free.put(core)

    with ThreadPoolExecutor(count) as pool:
        try:
            yield lambda task: pool.submit(work, task), lambda: 2 * count
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            apart.stop()


@contextmanager
def _cluster(scheduler: str) -> Iterator[tuple[Submit, Callable[[], int]]]:
    """The workers of a Dask cluster."""
    import warnings

    import dask
    from distributed import Client

    warnings.filterwarnings("ignore", "Sending large graph")  # a submission travels with its task: no shared disk
    with dask.config.set({"distributed.comm.timeouts.connect": "30s"}), Client(scheduler, timeout=30) as client:
        pool = client.get_executor(pure=False)

        def slots() -> int:
            return 2 * max(1, sum(w["nthreads"] for w in client.scheduler_info(n_workers=-1)["workers"].values()))

        yield lambda task: pool.submit(execute.attempt, task), slots


# --- afterwards ---------------------------------------------------------------------------------------


def summary(room: Classroom, problems: list[Any], console: Any) -> int:
    """Say what came of it, and what to do next."""
    records = [read_json(room.receipt(student)) for student in room.students()]
    receipts = [record["receipt"] for record in records if record]
    counts = Counter(receipt["status"] for receipt in receipts)
    lines = [f"{len(receipts)} submissions: " + ", ".join(f"{n} {status}" for status, n in counts.most_common())]
    for receipt in receipts:
        if receipt["status"] != "ok" or receipt["flags"]:
            what = ", ".join([receipt["status"], *receipt["flags"]])
            lines.append(f"  {receipt['student']}: {what}. {receipt['reason']}")
    lines += [f"  not read: {problem.where}: {problem.reason}" for problem in problems]
    lines += _mistakes(receipts) + _equal(room, receipts)
    with LabGradebook.open(room.data, room.lab, room.assignment.notebook) as book:
        for student in room.students():
            for row in book.written(room.known_as(student)):
                if row["manual"] is None and (row["comment"] or "").startswith(AGAIN):
                    lines.append(
                        f"  {student}: {row['id']} is another text than the one that was marked: mark it again"
                    )
    for line in lines:
        console.print(_one_line(line))
    _points(receipts, console)
    console.print(
        f"Written answers: start jupyter lab in {room.data}, open Formgrader. Then course feedback and export."
    )
    again = counts["infrastructure"]
    if again:
        console.print(f"{again} must run again: use the same command with --resume.")
    return int(bool(again))


def _one_line(text: str) -> str:
    """Without what a terminal obeys."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _points(receipts: list[dict[str, Any]], console: Any) -> None:
    """The points by part, of the class and, where they are few, of each."""
    from rich.table import Table

    marked = [receipt for receipt in receipts if receipt["status"] not in ("infrastructure", "unreadable")]
    if not marked:
        return
    table = Table("part", *(("points", "mean", "with full points") if len(marked) > 1 else ("points", "got")))
    for part in marked[0]["parts"]:
        got = [p["points"] for r in marked for p in r["parts"] if p["part"] == part["part"]]
        share = f"{sum(points == part['full'] for points in got) / len(got):.0%}"
        mean = f"{sum(got) / len(got):.3g}"
        table.add_row(part["part"], f"{part['full']:g}", mean, *([share] if len(marked) > 1 else []))
    console.print(table)
    for receipt in marked if len(marked) <= FEW else []:
        parts = ", ".join(f"{part['part']} {part['points']:g}" for part in receipt["parts"])
        console.print(_one_line(f"  {receipt['student']}: {receipt['points']:g} of {receipt['full']:g} ({parts})"))


def _mistakes(receipts: list[dict[str, Any]]) -> list[str]:
    """The mistakes that have a name, the most frequent first."""
    counts = Counter((p["part"], p["mistake"]) for r in receipts for p in r["parts"] if p.get("mistake"))
    lines = [f"  {part}: {mistake} ({count})" for (part, mistake), count in counts.most_common(FEW)]
    return ["Most frequent mistakes:", *lines] if lines else []


def _equal(room: Classroom, receipts: list[dict[str, Any]]) -> list[str]:
    """Who handed in the same text: a written answer, or most of the code that both wrote. It is a reason to ask."""
    cells = [cell for cell in room.assignment.notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    stubs = {hashlib.sha256(text.encode()).hexdigest() for cell in cells for text in (cell.source, "")}
    texts = {cell.metadata.nbgrader.grade_id for cell in cells if cell.cell_type == "markdown"}
    answers = {r["student"]: {k: v for k, v in (r.get("answers") or {}).items() if v not in stubs} for r in receipts}
    groups: dict[tuple[str, ...], list[set[str]]] = {}
    for one, other in combinations(sorted(answers), 2):
        both = [key for key in answers[one] if key in answers[other]]
        same = tuple(key for key in both if answers[one][key] == answers[other][key])
        if texts & set(same) or (len(same) > 1 and 2 * len(same) > len(both)):
            known = groups.setdefault(same, [])
            joined = [group for group in known if group & {one, other}]
            known[:] = [group for group in known if group not in joined] + [{one, other}.union(*joined)]
    lines = [f"  {' = '.join(sorted(group))}: {', '.join(same)}" for same, known in groups.items() for group in known]
    return ["Equal answers (a reason to ask, and nothing more):", *sorted(lines)] if lines else []


def regrade(lab: str, data: Path) -> list[tuple[str, str, int, int]]:
    """Judge the stored values again, after a check was corrected; no student code runs.

    Returns (student, part, points before, points after) where they differ. Parts keep their points that are listed
    with STALE after, since their questions have changed, or with NOT_JUDGED, since that passed a limit.
    """
    room = Classroom(data, lab)
    if not room.students():
        raise ValueError(f"There is nothing to judge again in {room.folder}: run course grade {room.lab} first.")
    room.refuse_other_points()
    changed = []
    with room.alone(), LabGradebook.open(data, room.lab, room.assignment.notebook) as book:
        for student in room.students():
            result = read_json(room.spool(student))
            if not result.get("inputs"):
                continue
            asked = questions(room.lab, result["seed"])
            try:
                fresh = execute.again(room.lab, result["sent"], result["lent"], result["seed"])
            except apart.Ended as ended:  # the points of before stand
                room.journal.add("not judged again", student, reason=str(ended))
                changed += [(student, part["part"], part["points"], NOT_JUDGED) for part in result["parts"]]
                continue
            before = {part["part"]: part for part in result["parts"]}
            parts = []
            for part in fresh["parts"]:
                name = part["part"]
                old = before.get(name, {"points": 0})
                if asked[name] != result["inputs"].get(name):
                    changed.append((student, name, old["points"], STALE))
                    part, fresh["cards"][name] = old, result["cards"].get(name, fresh["cards"][name])
                elif part["points"] != old["points"]:
                    changed.append((student, name, old["points"], part["points"]))
                parts.append(part)
            if parts != result["parts"]:
                result |= fresh | {"parts": parts, "points": sum(p["points"] for p in parts)}
                room.record(book, result)
                write_json(room.spool(student), result)  # last: what a crash left undone is seen, and done, again
                room.journal.add("judged again", student, points=result["points"])
    return changed


def feedback_pages(lab: str, data: Path) -> list[Path]:
    """Write the feedback page of everybody who handed in something."""
    from course.grading import export

    room = Classroom(data, lab)
    room.refuse_other_points()
    pages = []
    with LabGradebook.open(data, room.lab, room.assignment.notebook) as book:
        marks = {row["student"]: row for row in export.rows(room.results(book), room.roster)}
        for student in room.students():
            result = read_json(room.spool(student))
            if "infrastructure" in (result["status"], marks[student]["status"]):
                continue  # not graded yet, or not recorded
            if result["status"] == "unreadable":
                pages.append(unreadable_page(book, student, result["reason"]))
            else:
                pages.append(feedback(book, room.known_as(student), result, student, marks[student]))
    return pages


def feedback_zip(lab: str, data: Path, pages: list[Path]) -> tuple[Path, list[str]]:
    """The pages as Moodle (Upload multiple feedback files) and Canvas (Re-upload submissions) take them.

    Both find a student by what their own download was called. Returns the zip and the students whose file had another
    name.
    """
    room = Classroom(data, lab)
    received = (read_json(room.folder / "received.json") or [[]])[0]
    called = {one["student"]: _as_the_lms_calls_it(one["original"], room.lab) for one in received}
    path, left_out = data / f"{room.lab}-feedback.zip", []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in pages:
            student = page.parent.parent.name
            if name := called.get(student):
                archive.write(page, name)
            else:
                left_out.append(student)
    return path, left_out


def _as_the_lms_calls_it(original: str, lab: str) -> str | None:
    """What the page of a file must be called so that the LMS that the file came from finds its student."""
    pieces = original.partition("!")[0].replace("\\", "/").split("/")  # after the ! comes what is in a zip of theirs
    for piece in pieces:
        if moodle := re.match(r"[^/]+_\d+_assignsubmission_[a-z]+_?", piece):
            return f"{moodle[0].rstrip('_')}_/{lab}-feedback.html"
    canvas = re.match(r"[^/]+?_\d+_\d+_", pieces[-1])  # name, LATE, user, file: with other numbers Canvas ignores it
    return f"{canvas[0]}{lab}-feedback.html" if canvas else None


def export_marks(lab: str, data: Path, format: str, out: Path | None) -> tuple[Path, list[tuple[str, str]]]:
    """Write the marks; returns the file, and (student, why) for everybody who has no mark in it."""
    from course.grading import export

    room = Classroom(data, lab)
    room.refuse_other_points()
    path = out or data / f"{room.lab}-{format}.csv"
    with LabGradebook.open(data, room.lab, room.assignment.notebook) as book:
        return path, export.write(export.rows(room.results(book), room.roster), format, path)
