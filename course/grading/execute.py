"""Grade one submission with a pure function from JSON to JSON, so that any worker on any machine can do it.

The student's cells run in a sandboxed kernel. It gets inputs and rules as plain data and never holds an expected
output; the values that come back are judged here. Every part has tripwires, which are answers known to be wrong or
forbidden that replace the student's. A kernel that makes them look right is lying.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import os
import platform
import queue
import random
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from html import escape
from importlib.metadata import version
from typing import Any

from course import authoring
from course.authoring import HIDDEN
from course.grading import apart, canonical
from helpers.checks import values
from helpers.checks.driver import MIME
from helpers.checks.parts import VISIBLE, Lab, Outcome, Part, Questions, Verdict, judge, refusal
from helpers.checks.report import card

CELL_CAP = 1_000_000  # characters of output kept from a cell; the rest is cut
OUTPUT_CAP = 20_000_000  # of all cells together
ERRORS = 20  # kept from a cell, whatever else is cut
ANSWER_CAP = 4_000_000  # characters of an answer
ANSWERS_CAP = 16_000_000  # of all answers together
QUESTION_S = 30  # for an answer on all inputs of a kind
LITTLE_S = 10  # for a cell that was stopped before or that comes late
MESSAGE_CAP = 200_000_000  # bytes: a longer message ends the connection, and with it the kernel
WAITING = 10_000  # messages that may wait to be read; beyond that the kernel drops some, perhaps even the answer
UNREAD = 16  # the same for the one channel that is connected but not read
# Limits of the process, beside the kernel, that reads and judges one submission. It gets `--timeout` and, for its
# start and end, MORE_S.
MEMORY_MB, MORE_S, RESULT_MB = 1024, 300, 100
KEPT_MIMES = ("text/plain", "image/png", "image/jpeg")  # nothing that could act in the browser of the person who marks
DRIVER = "__import__('helpers.checks.driver', fromlist=['x'])"


@dataclass
class Ran:
    """The result of running a cell. Only `ok` and `error` were reported by the kernel itself."""

    status: str = "dead"  # ok, error, interrupted, stuck, dead
    outputs: list[dict[str, Any]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    cut: bool = False
    size: int = 0  # characters of output, including those that were cut


class Lost(Exception):
    """The kernel is gone; `status` and the message are those that the submission's receipt states.

    `at` is the number of the cell, or the name of the part, that ended it. Nothing is tried after a `final` one,
    because this machine failed or the time of the whole submission is over.
    """

    def __init__(self, status: str, reason: str, at: int | str | None = None, final: bool = False) -> None:
        super().__init__(reason)
        self.status, self.at, self.final = status, at, final or status == "infrastructure"


def single_threaded(lab: str) -> None:
    """Set variables for the processes that judge, as they load judges before the fork, which must find no threads."""
    for name, value in (("OMP_NUM_THREADS", "1"), ("TOKENIZERS_PARALLELISM", "false"), (apart.WARM_LAB, lab)):
        os.environ.setdefault(name, value)


def attempt(task: dict[str, Any], core: int | None = None) -> str:
    """Run `grade` in a process of its own with limits, on one processor if `core` is given; return JSON as text.

    A submission is `killed` if reading or judging it exceeds a limit. If the process is lost otherwise, this raises.
    """
    single_threaded(task["lab"])
    bounds = apart.Bounds(MEMORY_MB, task["timeout"] + MORE_S, task["timeout"] + MORE_S, RESULT_MB, core)
    try:
        result = apart.run(grade, task, bounds=bounds)
    except apart.Ended as ended:
        if ended.why == "died":
            raise
        result = {
            "student": task["student"],
            "lab": task["lab"],
            "status": "killed",
            "reason": unjudged(ended),
            "flags": [],
            "sent": {},
            "lent": {},
            "seed": task["seed"],
        }
        result |= points_of(authoring.graded(task["lab"], task["seed"]))
    return json.dumps(result)


def unjudged(ended: apart.Ended) -> str:
    """Return the reason that is stated for a submission whose process was ended."""
    return f"killed (reading and judging it: {ended})"


def again(lab: str, sent: dict[str, Any], lent: dict[str, Any], seed: int) -> dict[str, Any]:
    """Run `points_of` on what was sent before, in a process of its own. Raises apart.Ended if it exceeds a limit."""
    return apart.run(_again, lab, seed, sent, lent, bounds=apart.Bounds(MEMORY_MB, MORE_S, MORE_S, RESULT_MB))


def _again(lab: str, seed: int, *stored: Any) -> dict[str, Any]:
    return points_of(authoring.graded(lab, seed), *stored)


def grade(task: dict[str, Any]) -> dict[str, Any]:
    """Grade one submission. `task` and the result are plain JSON.

    The task holds student, lab, notebook (base64), released and source (notebooks as text), seed, limits, timeout
    (seconds for the whole submission), unsafe, and hidden (files that the kernel must not see). This raises if the
    fault is this machine's and not the submission's.
    """
    import nbformat

    began = time.time()
    lab = authoring.graded(task["lab"], task["seed"])
    released = nbformat.reads(task["released"], as_version=4)
    source = nbformat.reads(task["source"], as_version=4)
    result: dict[str, Any] = {"student": task["student"], "lab": lab.name, "status": "ok", "reason": "", "flags": []}
    result |= {"seed": task["seed"], "sent": {}, "lent": {}, "run": {"host": platform.node(), "at": began}}
    result["sha256"] = hashlib.sha256(data := base64.b64decode(task["notebook"])).hexdigest()
    try:
        notebook = canonical.read(data)
        rebuilt = canonical.rebuild(released, notebook)
    except ValueError as error:
        return result | {"status": "unreadable", "reason": str(error)} | points_of(lab)
    result["notes"] = rebuilt.notes
    grader = Grader(lab, task, (VISIBLE, HIDDEN), source, start=_kernel)
    try:
        asyncio.run(grader.grade(rebuilt, released))
    except Lost as lost:
        result |= {"status": lost.status, "reason": str(lost)}
    if reached := canonical.reaching(rebuilt):
        grader.tripped.append(f"the code reaches for what grades it: {', '.join(reached)}"[:300])
    if unusual := canonical.reaching(rebuilt, canonical.UNUSUAL):
        grader.flags.append(f"unusual in an answer: {'; '.join(unusual)}"[:300])
    if grader.tripped and result["status"] != "infrastructure":
        result |= {"status": "tampered", "reason": "; ".join(grader.tripped)}
    if grader.cut:
        result["flags"].append("output cut")
    if _drop(grader.sent, grader.lent):
        result["flags"].append("answers left out: together they were too large")
    result["flags"] += dict.fromkeys(grader.flags)
    result["flags"] += canonical.doubts(released, rebuilt, notebook, lab.name)
    blank = canonical.untouched(released, rebuilt)
    if any(rebuilt.notebook.cells[i].cell_type == "markdown" for i in rebuilt.extra):
        blank = set()  # a written answer may be in a cell of the student's own, so a person has to look
    result |= points_of(lab, grader.sent, grader.lent)
    result["written"] = [
        {
            "id": cell.metadata.nbgrader.grade_id,
            "full": cell.metadata.nbgrader.points,
            "points": None,
            "empty": cell.metadata.nbgrader.grade_id in blank,
        }
        for cell in released.cells
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.metadata.nbgrader.get("solution")
    ]
    result["answers"] = {k: hashlib.sha256(v.encode()).hexdigest() for k, v in rebuilt.answers.items()}
    result["versions"] = {name: version(name) for name in ("numpy", "ipykernel", "nbgrader")}
    result["versions"] |= {
        "python": platform.python_version(),
        "lab": hashlib.sha256(task["source"].encode()).hexdigest(),
    }
    result["sent"], result["lent"] = grader.sent, grader.lent
    result["executed"] = nbformat.writes(rebuilt.notebook)
    result["run"]["seconds"] = round(time.time() - began, 2)
    return result


def verdict_of(
    part: Part, questions: Questions, message: dict[str, Any] | None, borrowed: tuple[str, ...] = ()
) -> Verdict:
    """Return the verdict on what a driver sent for one part (None: no answer). This never raises, whatever was sent."""
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
        return judge(part, questions, outcomes, borrowed)
    except Exception as error:  # the lab's own judge, too, may fail on data that nobody foresaw
        return Verdict(part.name, "error", nothing, f"What came out cannot be read: {type(error).__name__}: {error}")


def judged(lab: Lab, sent: dict[str, Any], lent: dict[str, Any], kinds: Iterable[str]) -> dict[str, dict[str, Verdict]]:
    """Return, for each part, the verdict on each kind of inputs in `kinds`.

    Verdicts on `hidden` inputs count, and students may see those on `visible` ones. `sent` holds what the student's
    kernel sent, by part and kind of inputs, and `lent` holds the same with earlier parts lent.
    """
    found: dict[str, dict[str, Verdict]] = {}
    for part in lab.parts:
        found[part.name] = {}
        for kind in kinds:
            questions = part.questions[kind]
            own = verdict_of(part, questions, sent.get(part.name, {}).get(kind))
            other = verdict_of(part, questions, lent.get(part.name, {}).get(kind), part.uses)
            if other.points > own.points:
                # What came out with a right answer at hand may hold that answer, so students see only its points.
                own = other if other.status == "right" else replace(own, earned=other.earned, borrowed=other.borrowed)
            found[part.name][kind] = own
    return found


def points_of(lab: Lab, sent: Any = None, lent: Any = None) -> dict[str, Any]:
    """Return points by part, as a receipt states them, and a card for each. What was not sent earns nothing."""
    parts, cards = [], {}
    for name, verdicts in judged(lab, sent or {}, lent or {}, (HIDDEN, VISIBLE)).items():
        part, verdict = lab.part(name), verdicts[HIDDEN]
        parts.append(
            {
                "part": name,
                "status": verdict.status,
                "points": verdict.points,
                "full": part.full,
                "earned": dict(verdict.earned),
                "reason": verdict.reason,
                "mistake": verdict.mistake.name if verdict.mistake else None,
                "borrowed": list(verdict.borrowed),
            }
        )
        cards[name] = _card(part, **verdicts)
    return {"parts": parts, "cards": cards, "points": sum(p["points"] for p in parts), "full": lab.full}


def _card(part: Part, hidden: Verdict, visible: Verdict) -> tuple[str, str]:
    """Return, as HTML and as text, the verdict of the check in the lab and the points on the hidden inputs.

    Only what students can see for themselves appears. Hidden inputs and lines never do.
    """
    visible = replace(visible, reason=visible.reason.replace("\0", ""))
    try:
        shown = card(part, visible, tries=9)
    except Exception:  # an answer that nobody foresaw must not stop the grading of the class
        shown = card(part, replace(visible, status="missing", reason="What came out cannot be shown."))
    line = f"{hidden.points} of {part.full} points on different inputs."
    if hidden.points < visible.points:
        lost = ", ".join(aspect for aspect, points in hidden.earned.items() if not points)
        line += f" The results are right for the inputs that the check shows, but not for others ({lost})."
        line += f" It looks like this: {hidden.mistake.name}." if hidden.mistake else ""
    return f"{shown.html}<p>{escape(line)}</p>", f"{shown.text}\n{line}"


class Grader:
    """Asks one submission for its answers, in one or more kernels, until every part has been asked or given up.

    The notebook `source` lends right earlier parts to later ones; without it nothing is lent. `kinds` lists the kinds
    of inputs, and the last one counts. Hidden inputs are mixed with decoys, which are answers that must fail.
    """

    def __init__(
        self,
        lab: Lab,
        task: dict[str, Any],
        kinds: tuple[str, ...],
        source: Any = None,
        *,
        start: Callable[[dict[str, Any]], Any],
    ) -> None:
        self.lab, self.task, self.kinds, self.source, self.start = lab, task, kinds, source, start
        self.sent: dict[str, dict[str, Any]] = {}
        self.lent: dict[str, dict[str, Any]] = {}
        self.tripped: list[str] = []
        self.cut = False
        self.flags: list[str] = []
        self.lost: Lost | None = None  # the first loss of a kernel that cost an answer
        self.stopped: set[str] = set()  # parts whose answer did not come back; they are not waited for twice
        self.suspects: set[str] = set()  # parts that were being asked once when a kernel ended
        self.skip: set[int] = set()  # cells that do not run again
        self.slow: set[int] = set()  # cells that were stopped and get little time when they run again
        self.ends = time.monotonic() + task["timeout"]

    async def grade(self, rebuilt: canonical.Canonical, released: Any) -> None:
        """Fill `sent` and, for parts that may have failed because of an earlier one, `lent`.

        Raises Lost when this machine fails, or the time of the submission is over.
        """
        self.rebuilt = rebuilt
        await self._all(rebuilt.notebook, [(kind, part) for kind in self.kinds for part in self.lab.parts], self.sent)
        for part in self._leaning(canonical.blank(released, rebuilt)):
            if not self.source:
                if wrong := " and ".join(name for name in part.uses if not self._right(self.lab.part(name))):
                    self.flags.append(f"{part.name} may call {wrong}: correct that first")
                continue
            notebook = canonical.solved(rebuilt, self.source, part.uses)
            kept = self.lost, self.stopped
            self.lost, self.stopped = None, set()
            try:
                await self._all(notebook, [(kind, part) for kind in self.kinds], self.lent, part.uses)
            except Lost as lost:
                if lost.status == "infrastructure":
                    raise
                self.lost = lost
            if self.lost or self.stopped:
                self.flags.append(f"{part.name}: could not be tried with right earlier parts")
            self.lost, self.stopped = kept
        if self.lost:
            raise self.lost

    def _leaning(self, blank: set[str]) -> list[Part]:
        """Parts that failed and may have failed because of an earlier one."""
        return [
            part
            for part in self.lab.parts
            if part.uses
            and part.name not in blank
            and not self._hidden(part).get("missing")
            and not self._right(part)
            # If an answer took too long, an earlier part may be the cause, but not one that is right.
            and not (part.name in self.stopped and all(self._right(self.lab.part(name)) for name in part.uses))
        ]

    def _hidden(self, part: Part) -> dict[str, Any]:
        return self.sent.get(part.name, {}).get(self.kinds[-1]) or {}

    def _right(self, part: Part) -> bool:
        return verdict_of(part, part.questions[self.kinds[-1]], self._hidden(part) or None).points == part.full

    # --- one kernel after the other -------------------------------------------------------------------

    async def _all(
        self, notebook: Any, questions: list[tuple[str, Part]], into: dict, lent: tuple[str, ...] = ()
    ) -> None:
        """Ask `questions`. Only the cell or the part that ends a kernel is given up, and the others are asked again.

        All visible inputs come before any hidden one, because an answer that keeps the inputs it saw must not be able
        to show hidden ones in a visible result.
        """
        last = max((n for n, c in enumerate(notebook.cells) if canonical.is_answer(c)), default=-1)
        at_the_end = {n for n in self.rebuilt.extra if n > last}
        rounds: list[tuple[list[tuple[str, Part]], set[int]]] = [(list(questions), set())]
        while rounds:
            left, without = rounds[0]
            if not left:
                rounds.pop(0)
                continue
            try:
                await self._session(notebook, left, into, lent, without)
            except Lost as lost:
                if lost.final or lost.at is None:
                    raise
                if isinstance(lost.at, int):
                    self._without(lost)
                elif lost.status == "killed" and lost.at not in self.suspects:
                    # This answer need not be the cause. Ask it again, alone, without what the student added last.
                    self.suspects.add(lost.at)
                    rounds.append(([question for question in questions if question[1].name == lost.at], at_the_end))
                else:
                    self.stopped.add(lost.at)
                    self.lost = self.lost or Lost(lost.status, f"{lost.at}: {lost}")

    def _without(self, lost: Lost) -> None:
        """Continue without the cell that ended the kernel and, if the student added it, without later added ones."""
        cell, number = self.rebuilt.notebook.cells[lost.at], lost.at + 1
        line = next((line.strip() for line in cell.source.splitlines() if line.strip()), "")
        what = f"cell {number} (`{line[:60]}`) ended the kernel: {lost}"
        if lost.at in self.rebuilt.extra:
            self.skip |= {n for n in self.rebuilt.extra if n >= lost.at}
            self.flags.append(f"{what}. It ran again without the student's own cells from there on".replace(",", ";"))
            return
        self.skip.add(lost.at)
        if canonical.is_answer(cell):
            self.lost = self.lost or Lost(lost.status, what)
        else:
            self.flags.append(f"{what}. It ran again without this cell".replace(",", ";"))

    async def _session(
        self, notebook: Any, left: list[tuple[str, Part]], into: dict, lent: tuple[str, ...], without: set[int]
    ) -> None:
        """Start one kernel, run all cells except those in `without`, and ask the questions in `left`.

        Each question is removed from `left` before it is asked. If parts are `lent`, the student's own versions run
        just before them, because they may define other things, too. The lent parts run once more after all cells,
        because one of the cells may define the same names.
        """
        room = OUTPUT_CAP
        async with self.start(self.task) as kernel:
            ran = await kernel.run(f"{DRIVER}.guard()", 2 * QUESTION_S)
            if ran.status != "ok":
                raise Lost("infrastructure", "the kernel was not ready")
            again = [c for c in self.source.cells if canonical.key_of(c) in lent] if lent else []
            for number, cell in enumerate([*notebook.cells, *again]):
                if cell.cell_type != "code" or not cell.source.strip() or number in self.skip | without:
                    continue
                if lent and number < len(notebook.cells) and canonical.key_of(cell) in lent:
                    own = self.rebuilt.notebook.cells[number].source
                    kernel.must_live(await kernel.run(own, self._cell_seconds(number), 0), number)
                ran = await kernel.run(cell.source, self._cell_seconds(number), min(CELL_CAP, room))
                room = max(0, room - ran.size)
                self.cut |= ran.cut
                if ran.status == "interrupted" and number not in self.slow:
                    self.slow.add(number)
                    self.flags.append(f"cell {number + 1} took too long and was stopped")
                if not lent and not cell.outputs:
                    cell.outputs, cell.execution_count = ran.outputs, None
                kernel.must_live(ran, number if number < len(notebook.cells) else None)
            while left:
                kind, part = left.pop(0)
                if part.name in self.stopped or (not lent and self.stopped.intersection(part.uses)):
                    continue
                try:
                    await self._ask(kernel, part, kind, into)
                except Lost:
                    left[:] = [question for question in left if question[1] is not part]
                    into.pop(part.name, None)
                    raise

    async def _ask(self, kernel: _Kernel, part: Part, kind: str, into: dict) -> None:
        """Ask for the answer on one kind of inputs; with hidden ones, add decoys in an unpredictable order."""
        inputs = values.dumps(part.questions[kind].inputs)
        asked = [(kind, inputs, None)]
        constant = round(random.SystemRandom().uniform(1, 2), 6)
        if kind == HIDDEN:
            few = values.dumps([case.inputs for case in part.draw(secrets.randbits(31))][:2])
            function = f"def {part.name}(*_, **__): return "
            wrong = f"{part.name} = {constant!r}" if part.is_value else f"{function}{constant!r}"
            asked.append(("wrong", few, wrong))
            if not part.is_value:
                asked.append(("forbidden", few, f"{function}__import__('os')"))  # students may define their own eval
            random.SystemRandom().shuffle(asked)
        into.setdefault(part.name, {})
        for kind, inputs, decoy in asked:
            nonce = secrets.token_hex(8)
            ran = await kernel.run(_question(part, inputs, nonce, decoy), self._seconds(QUESTION_S))
            answers = [m for m in map(_message, ran.answers) if m and m.get("nonce") == nonce]
            if len(ran.answers) > 1:
                self._trip(f"{part.name}: {len(ran.answers)} answers to a single question")
            if decoy is None and ran.status == "interrupted":
                self.stopped.add(part.name)
                self.flags.append(f"{part.name}: took too long and was stopped")
            if decoy is None and ran.status == "ok" and len(answers) == 1:
                into[part.name][kind] = answers[0]
            elif kind == "wrong" and ran.status == "ok":
                expected = {"output": values.dumps(constant)}
                got = answers[0].get("outcomes") if answers else None
                if not got or any(outcome != expected for outcome in got):
                    self._trip(f"{part.name}: a wrong answer came back changed")
            elif (
                kind == "forbidden"
                and ran.status == "ok"
                and not (answers and "__import__" in answers[0].get("short_cuts", []))
            ):
                self._trip(f"{part.name}: a forbidden call was not refused")
            elif decoy and ran.status == "error":
                self._trip(f"{part.name}: the question itself was disturbed")
            elif decoy and ran.status == "interrupted":  # on a busy machine this happens to honest students, too
                self.flags.append(f"{part.name}: a control question was not answered")
            kernel.must_live(ran, part.name)

    def _trip(self, what: str) -> None:
        if what not in self.tripped:
            self.tripped.append(what)

    # --- the time that each may take ------------------------------------------------------------------

    def _seconds(self, most: float) -> float:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise Lost("timeout", f"the submission took more than {self.task['timeout']} s", final=True)
        return min(left, self.task["timeout"] / 3, most)

    def _cell_seconds(self, number: int) -> float:
        """Give a cell of the student's a third of the whole time, and a cell of the lab's half of that.

        The second half of the time is for the questions, so a cell that comes then gets little, as does a cell that was
        stopped before.
        """
        whole = self.task["timeout"]
        little, spare = min(LITTLE_S, whole / 10), self.ends - time.monotonic() - whole / 2
        cells = self.rebuilt.notebook.cells
        theirs = number in self.rebuilt.extra or number >= len(cells) or canonical.is_answer(cells[number])
        return self._seconds(little if number in self.slow else max(little, min(spare, whole / (3 if theirs else 6))))


def _question(part: Part, inputs: str, nonce: str, decoy: str | None) -> str:
    """Return the code that asks a question."""
    ask = f"{DRIVER}.ask({part.rules()!r}, {inputs!r}, {nonce!r})"
    if decoy is None:
        return ask
    kept, name = f"_{nonce}", part.name
    return f"{kept} = globals().get({name!r})\n{decoy}\ntry:\n    {ask}\nfinally:\n    {name} = {kept}; del {kept}"


def _message(text: str) -> dict[str, Any] | None:
    """Return what a driver sends, with only the fields it should have, or None for anything of a different shape.

    Lone surrogates are replaced, because no file can hold them.
    """
    try:
        found = json.loads(text := _text(text))
        if "\\ud" in text or "\\uD" in text:
            found = json.loads(_text(json.dumps(found, ensure_ascii=False)))
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    cuts, outcomes = found.get("short_cuts", []), found.get("outcomes", [])
    if not (isinstance(cuts, list) and isinstance(outcomes, list) and all(isinstance(o, dict) for o in outcomes)):
        return None
    kept = _only(found, nonce=str, part=str, missing=bool)
    if "short_cuts" in found:
        kept["short_cuts"] = [name for name in cuts if isinstance(name, str)]
    if "outcomes" in found:
        kept["outcomes"] = [_only(o, output=str, error=str, where=str, foreign=bool) for o in outcomes]
    return kept


def _only(found: dict[str, Any], **kinds: type) -> dict[str, Any]:
    return {key: found[key] for key, kind in kinds.items() if type(found.get(key)) is kind}


def _drop(*answers: dict[str, dict[str, Any]]) -> bool:
    """Leave out what is beyond ANSWERS_CAP, in the order of the parts; return whether anything was."""
    room, cut = ANSWERS_CAP, False
    for kinds in (kinds for parts in answers for kinds in parts.values()):
        for kind in list(kinds):
            room -= len(json.dumps(kinds[kind]))
            if room < 0:
                del kinds[kind]
                cut = True
    return cut


# --- a kernel, spoken to by its protocol --------------------------------------------------------------


@contextlib.asynccontextmanager
async def _kernel(task: dict[str, Any]):
    import zmq.asyncio

    from course.grading import sandbox

    seconds = {"cpu_s": max(sandbox.Limits.cpu_s, task["timeout"]), "wall_s": task["timeout"] + 30}
    limits = sandbox.Limits(**{**seconds, **task["limits"]})
    manager = sandbox.kernel(None, limits, hidden=task.get("hidden", ()), unsafe=task["unsafe"])
    manager.context = zmq.asyncio.Context()
    manager.context.setsockopt(zmq.MAXMSGSIZE, MESSAGE_CAP)
    manager.context.setsockopt(zmq.RCVHWM, UNREAD)
    if not task["unsafe"]:  # the sockets exist, and whatever replaces them later is the student's
        manager.context.setsockopt(zmq.RECONNECT_IVL, -1)
        manager.context.setsockopt(zmq.SNDTIMEO, 1000)  # ms; otherwise a request to one that has hung up waits forever
    client = None
    try:
        await manager.start_kernel(extra_arguments=["--log-level=50"])
        client = manager.client(context=manager.context)
        manager.context.setsockopt(zmq.RCVHWM, WAITING)
        client.start_channels(stdin=False, hb=False, control=False)
        try:
            await client.wait_for_ready(timeout=120)
        except RuntimeError as error:
            raise Lost("infrastructure", f"the kernel did not start: {error}") from None
        yield _Kernel(manager, client)
    finally:
        if client:
            client.stop_channels()
        with contextlib.suppress(Exception):
            await manager.shutdown_kernel(now=True)
        manager.context.destroy(linger=0)


@contextlib.asynccontextmanager
async def plain_kernel(name: str, folder: str, environment: dict[str, str]):
    """Start a kernel without any isolation, for code that belongs to the person who starts it."""
    from jupyter_client.manager import AsyncKernelManager

    manager = AsyncKernelManager(kernel_name=name)
    client = None
    try:
        await manager.start_kernel(extra_arguments=["--log-level=50"], cwd=folder, env=environment)
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=120)
        yield _Kernel(manager, client)
    finally:
        if client:
            client.stop_channels()
        await manager.shutdown_kernel(now=True)


class _Kernel:
    """Runs cells and returns their outputs; it believes only the kernel's own reply to exactly that request."""

    def __init__(self, manager: Any, client: Any) -> None:
        self.manager, self.client = manager, client

    async def run(self, code: str, seconds: float, cap: int = CELL_CAP) -> Ran:
        """Run a cell and keep `cap` characters of its outputs."""
        ran = await self._run(code, seconds, cap)
        if ran.cut:
            told = "\n[the rest of the output was cut]\n"
            ran.outputs.append({"output_type": "stream", "name": "stderr", "text": told})
        ran.outputs = _joined(ran.outputs)
        return ran

    async def _run(self, code: str, seconds: float, cap: int) -> Ran:
        import zmq

        ran, answered, errors = Ran(), 0, 0
        try:
            asked = self.client.execute(code, store_history=False, allow_stdin=False, stop_on_error=False)
        except zmq.Again:  # it has hung up
            return ran
        ends, interrupted, idle = time.monotonic() + seconds, False, False
        while not idle:
            left = ends - time.monotonic()
            if left <= 0:
                if interrupted:
                    ran.status = "stuck"
                    return ran
                interrupted, ends = True, time.monotonic() + 5
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(self.manager.interrupt_kernel(), 5)
                continue
            try:
                message = await self.client.iopub_channel.get_msg(timeout=min(left, 0.5))
            except queue.Empty:
                if not await self.manager.is_alive():
                    return ran
                continue
            except Exception:  # a message that the kernel's key did not sign, or none at all
                continue
            if (content := _content(message, asked)) is None:
                continue
            kind = message["msg_type"]
            if kind == "status":
                idle = content.get("execution_state") == "idle"
                continue
            output = _output(kind, content)
            if output is None:
                continue
            if (answer := output.pop("answer", None)) is not None:
                answered += len(answer)
                ran.cut |= answered > ANSWER_CAP
                ran.answers += [answer] if answered <= ANSWER_CAP else []
                continue
            ran.size += len(json.dumps(output))
            errors += kind == "error"
            if ran.size <= cap or (kind == "error" and errors <= ERRORS):  # the cell's own error always gets through
                ran.outputs.append(output)
            else:
                ran.cut = True
        ran.status = await self._reply(asked)
        if interrupted and ran.status in ("ok", "error"):
            ran.status = "interrupted"
        return ran

    async def _reply(self, asked: str) -> str:
        ends = time.monotonic() + 10
        while time.monotonic() < ends:
            try:
                reply = await self.client.shell_channel.get_msg(timeout=1)
            except queue.Empty:
                if not await self.manager.is_alive():
                    return "dead"
                continue
            except Exception:
                continue
            if (content := _content(reply, asked)) is not None:
                return "ok" if content.get("status") == "ok" else "error"
        return "stuck"

    def must_live(self, ran: Ran, at: int | str | None) -> None:
        """Raise Lost if the kernel cannot continue after the cell or part given as `at`."""
        from course.grading import sandbox

        if ran.status not in ("dead", "stuck"):
            return
        why = sandbox.why_it_died(self.manager) or "died"
        if ran.status == "stuck" or why == "wall":
            raise Lost("timeout", "it took too long and could not be interrupted", at)
        raise Lost("killed", f"killed ({why})", at)


def _content(message: dict[str, Any], asked: str) -> dict[str, Any] | None:
    """Return the content of a message if it answers this request; students can send anything, in any shape."""
    parent, content = message.get("parent_header"), message.get("content")
    ours = isinstance(parent, dict) and isinstance(content, dict) and parent.get("msg_id") == asked
    return content if ours else None


def _output(kind: str, content: dict[str, Any]) -> dict[str, Any] | None:
    """Return an output as a notebook stores it, without what could act in a browser, or an answer under `answer`."""
    if kind == "stream":
        name = "stderr" if content.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": _text(content.get("text"))}
    if kind == "error":
        lines = content.get("traceback")
        trace = [_text(line)[:2000] for line in (lines if isinstance(lines, list) else [])[-20:]]
        return {
            "output_type": "error",
            "ename": _text(content.get("ename"))[:200],
            "evalue": _text(content.get("evalue"))[:2000],
            "traceback": trace,
        }
    if kind not in ("display_data", "execute_result", "update_display_data"):
        return None
    data = content.get("data")
    data = data if isinstance(data, dict) else {}
    if MIME in data:
        return {"answer": data[MIME] if isinstance(data[MIME], str) else ""}
    kept = {mime: _text(data[mime]) for mime in KEPT_MIMES if mime in data}
    return {"output_type": "display_data", "data": kept, "metadata": {}} if kept else None


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else f"<{type(value).__name__}>"
    return text.encode("utf-8", "replace").decode("utf-8")


def _joined(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join streams that follow each other into one."""
    from nbformat import from_dict

    joined: list[dict[str, Any]] = []
    for output in outputs:
        same = joined and output["output_type"] == "stream" == joined[-1]["output_type"]
        if same and joined[-1]["name"] == output["name"]:
            joined[-1]["text"] += output["text"]
        else:
            joined.append(output)
    return [from_dict(output) for output in joined]
