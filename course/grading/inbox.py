"""Collect what students handed in, from a folder or a zip in any usual layout. Nothing is dropped silently.

    collected = collect(Path("inbox.zip"), "lab02_attention", into=Path("class/lab02_attention/received"))

`layouts` says whose a file is; here its bytes are opened, and one notebook of each student is chosen. A submission is
data: no file is written under a name that a student chose, no link is followed, nothing but notebooks is unpacked,
where several must be looked into a process with limits does it, and only the chosen notebook is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import stat
import struct
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from course.grading import apart, canonical
from course.grading.layouts import METADATA, SYSTEMS, Key, Layout, Owner, printable
from course.grading.roster import Roster, safe_id, when
from helpers.runtime import write_whole

NOTEBOOK = 100_000_000  # bytes of a notebook: stored outputs are large, and thrown away later
ZIP = 100_000_000  # bytes of all zips that a student uploads,
ZIPS = 50  # how many they may be,
UNPACKED = 500_000_000  # what their members may say they hold,
MEMBERS = 2_000  # and how many these may be
CANDIDATES = 50  # notebooks of one student that are looked into,
LOOKED = 200_000_000  # and their bytes
CLASS_MEMBERS = 200_000  # in the class's own zip
DEEP = 60  # folders in folders
LATER = timedelta(hours=1)  # that a file may be younger than its timestamp.txt says
BATCH = apart.Bounds(memory_mb=3_000, cpu_s=60, wall_s=150, answer_mb=1)  # to look into all of a student's notebooks,
SINGLE = apart.Bounds(memory_mb=3_000, cpu_s=20, wall_s=50, answer_mb=1)  # or, where that ends, into one
BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, RuntimeError, ValueError)  # of a zip

ARCHIVES = {".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".tbz", ".tbz2", ".xz", ".txz", ".zst", ".cab", ".zipx"}
HANDED_IN = {*ARCHIVES, ".zip", ".ipynb", ".html", ".htm", ".py", ".pdf", ".docx"}  # nobody else puts these there
TRY = re.compile(r"(?P<stem>.+?)(?: ?\((?P<n>\d{1,6})\)|-(?P<m>\d{1,6}))\.ipynb", re.I)  # a browser's, Canvas's
STAMPED = re.compile(r"^\d{14}_(?=.)")  # ILIAS puts the time in front of a file's name
LOOK_ALIKE = "aаα cсϲ dԁ eе hһ iіι jј kкκ l1|ӏ mм o0оοσ pрρ qԛ rг sѕ tтτ uυ vνѵ wѡ xхχ yуγ"  # each like its first
LOOKS = {other: group[0] for group in LOOK_ALIKE.split() for other in group}


@dataclass(frozen=True)
class Submission:
    """The notebook that counts for a student, as it came. `flags` are for a person to look at."""

    student: str  # a safe id: a folder's name anywhere
    path: Path  # where its bytes lie now
    sha256: str
    submitted: datetime  # UTC
    clock: str  # what says so: times.csv, timestamp.txt, zip, file, file name, or LMS (in time or not is all it tells)
    attempt: int  # number … of
    attempts: int
    original: str  # where it lay in the inbox
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """What could not be read, of whom if that is known, and why in words."""

    where: str
    student: str | None
    reason: str


@dataclass
class Collected:
    """`files` accounts for every file of the inbox: chosen, superseded, beside, opened (a zip) or problem."""

    submissions: list[Submission] = field(default_factory=list)
    unreadable: list[Problem] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # safe id -> what the inbox calls the student
    notebooks: int = 0  # of this lab, whatever became of them: more than the students where somebody has several

    def __str__(self) -> str:
        """How many notebooks there are and of how many students: one line, to compare with who is in the class."""
        problems = {p.student or p.where for p in self.unreadable} - {s.student for s in self.submissions}
        counts = [_count(self.notebooks, "notebook") + " of the lab", _count(len(self.submissions), "student")]
        return ", ".join(counts + ([f"{len(problems)} not read"] if problems else []))


@dataclass
class _File:
    """A file before it is opened: `read(limit)` gives its bytes or raises ValueError with the reason."""

    where: str
    parts: tuple[str, ...]
    time: datetime
    clock: str
    read: Callable[[int], bytes]
    problem: str = ""
    name: str = ""  # the student's own
    version: int = 0  # among several tries: before the time,
    order: tuple = ()  # and after it
    late: bool | None = None  # what the LMS says
    plain: bool = False  # in a folder that the instructor made, not in an upload

    @property
    def junk(self) -> bool:
        """What systems and Jupyter add by themselves."""
        return bool({"__MACOSX", ".ipynb_checkpoints"}.intersection(self.parts)) or self.name.startswith(".")

    @property
    def ending(self) -> str:
        """Of its name, in lower case; none for junk."""
        return "" if self.junk else os.path.splitext(self.name)[1].lower()

    @property
    def disguised(self) -> bool:
        """Whether another ending hides that of a notebook: `lab.ipynb.txt`, as browsers save them."""
        return ".ipynb" in self.name.lower() and self.ending not in ("", ".ipynb", ".zip", *ARCHIVES)


@dataclass
class _Candidate:
    """A notebook that was read, or the reason why not, and what it says."""

    file: _File
    data: bytes = b""
    why: str = ""  # it cannot be read
    says: str | None = None  # which lab it is
    changed: bool | None = None  # whether an answer is another than as handed out, where that is known


class _Refusal(NamedTuple):
    """A file that yields nothing: of whom, if that is known, and why."""

    file: _File
    key: Key | None
    why: str


def collect(
    inbox: Path, lab: str, *, into: Path, roster: Roster | None = None, released: str | None = None
) -> Collected:
    """Copy each student's latest notebook of `lab` to `into/STUDENT/LAB.ipynb` and account for every file.

    With `released`, the lab as it was handed out, a notebook without any answer never counts where another one of the
    student has some. Raises ValueError when `inbox` is neither a folder nor a zip that can be opened.
    """
    roster, result = roster or Roster(Path(into)), Collected()
    files = _listing(Path(inbox), Path(into))
    descriptions = {f.parts[:-1]: _text(f) for f in files if f.name == METADATA and not f.problem}
    # The layout is one for the whole inbox: what a single path leaves open, the others settle.
    layout = Layout([f.parts for f in files if f.parts and not f.junk], lab, roster, descriptions)
    owned, refusals = _owned(files, layout, result)
    students, remarks, unclaimed = layout.settle([owner for _, owner in owned])

    by_student: dict[Key, list[_File]] = {}
    for file, owner in owned:
        _take_from_path(file, owner, layout.level)
        student = students[owner.key]
        if owner.key not in unclaimed:
            by_student.setdefault(student, []).append(file)
        elif file.ending in HANDED_IN:  # two could be this student: both are listed, since either could be wrong
            refusals.append(_Refusal(file, student, unclaimed[owner.key]))
            result.notebooks += file.ending == ".ipynb"

    # Ids are given to all at once and in one order: who has which must not depend on the order of the files.
    ids = _ids([*by_student, *(refusal.key for refusal in refusals if refusal.key)], roster)
    for key, remark in remarks.items():
        if students[key] in ids:
            ids[students[key]][1].append(remark)
    for key in sorted(by_student, key=lambda key: ids[key]):
        desk = _Desk(result, lab, Path(into), roster, released, key, *ids[key], layout)
        refusals += desk.take(by_student[key])

    for refusal in refusals:
        result.files[refusal.file.where] = "problem"
        student_id = ids[refusal.key][0] if refusal.key else None
        result.unreadable.append(Problem(refusal.file.where, student_id, refusal.why))
    present = {s.student for s in result.submissions} | {p.student for p in result.unreadable}
    result.names = {name: key[1] for key, (name, _) in ids.items() if name in present}
    return result


def _listing(inbox: Path, into: Path) -> list[_File]:
    """Every file of the inbox, none of them opened. Raises ValueError for what is not an inbox."""
    if into.resolve().is_relative_to(inbox.resolve()):  # what is collected would be collected again
        raise ValueError(f"{into} is inside the inbox {inbox}: keep the class's folder outside the inbox.")
    try:
        return list(_folder(inbox)) if inbox.is_dir() else _members(zipfile.ZipFile(inbox), CLASS_MEMBERS)
    except BROKEN as error:
        raise ValueError(f"{inbox} is neither a folder nor a zip that can be opened: {error}") from None


def _owned(files: list[_File], layout: Layout, result: Collected) -> tuple[list[tuple[_File, Owner]], list[_Refusal]]:
    """Each file with its owner, once for each of several; and the files that are nobody's."""
    owned: list[tuple[_File, Owner]] = []
    refusals: list[_Refusal] = []
    for file in files:
        _enter(result, file)
        owners = layout.owners(file.parts) if file.parts else []
        for owner in owners[1:]:  # handed in together: each gets a copy, which has a line of its own in the account
            _enter(result, copy := replace(file))
            owned.append((copy, owner))
        if owners:
            owned.append((file, owners[0]))
        elif file.problem or not (file.junk or file.name.lower() in SYSTEMS):
            why = "nothing in its path shows whose it is" if file.ending in (".ipynb", ".zip") else "no notebook"
            refusals.append(_Refusal(file, None, file.problem or why))
    return owned, refusals


def _take_from_path(file: _File, owner: Owner, level: int) -> None:
    """A system writes more than a name into a path: note what it says, and keep the student's own part of it."""
    file.parts, file.name = file.parts[level:], owner.own
    file.version, file.order, file.late = owner.version, owner.order, owner.late
    file.plain = owner.key[0] == "plain"
    if owner.time:
        file.time, file.clock = owner.time, owner.clock


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _enter(result: Collected, file: _File) -> None:
    while file.where in result.files:  # two members of one name
        file.where += "'"
    result.files[file.where] = "beside"


# --- which of a student's notebooks -----------------------------------------------------------------


@dataclass
class _Desk:
    """One student's files: the zips opened once, the notebooks looked at, one of them kept."""

    result: Collected
    lab: str
    into: Path
    roster: Roster
    released: str | None
    key: Key
    student: str
    flags: list[str]
    layout: Layout
    refusals: list[_Refusal] = field(default_factory=list)

    def take(self, files: list[_File]) -> list[_Refusal]:
        """Keep the notebook that counts; returns what cannot be read, and why."""
        for file in files:
            if file.problem:
                self._refuse(file, file.problem)
        uploads = [file for file in files if not file.problem]
        files = self._unpacked(uploads)
        notebooks = [file for file in files if file.ending == ".ipynb" or file.disguised]
        of_the_lab = [file for file in notebooks if not self._of_another_lab(file)]
        self._stamp(of_the_lab, [f for f in files if f.plain and f.parts[1:] == (self.lab, "timestamp.txt")])
        if not notebooks:  # a browser may have saved it under another ending: the content says what it is
            of_the_lab = [file for file in files if file.ending in (".json", ".txt") and b'"nbformat"' in _peek(file)]
        if of_the_lab:
            self._choose(of_the_lab)
        elif not self.refusals:
            handed_in = self.key[0] != "plain" or any(f.ending in HANDED_IN for f in (*uploads, *files))
            self._nothing(files or uploads, handed_in and not notebooks)
        return self.refusals

    def _of_another_lab(self, file: _File) -> bool:
        """nbgrader keeps all labs of a student in one folder: STUDENT/LAB/LAB.ipynb."""
        return len(file.parts) == 3 and self.lab != file.parts[1] == file.name.removesuffix(".ipynb")

    def _refuse(self, file: _File, why: str, of: bool = True) -> None:
        self.refusals.append(_Refusal(file, self.key if of else None, why))

    def _nothing(self, files: list[_File], handed_in: bool) -> None:
        """Name what came instead of a notebook; a folder of documents that nobody knows makes nobody a student."""
        real = [file for file in files if not file.junk and file.name.lower() not in SYSTEMS] or files
        names = ", ".join(dict.fromkeys(printable(file.parts[-1])[:60] for file in real[:4]))
        names += f" and {len(real) - 4} more" if len(real) > 4 else ""
        archives = [file for file in real if file.ending in ARCHIVES]
        why = f"no notebook of {self.lab} came with it, only {names}"
        if archives:
            why += f": {archives[0].ending} is not opened here, so unpack it or pack it as zip, and grade again"
        elif any(".ipynb_checkpoints" in file.parts for file in files):
            why += ": that is Jupyter's own backup, ask for the notebook"
        self._refuse((archives or real)[0], why, of=handed_in)

    def _unpacked(self, files: list[_File]) -> list[_File]:
        """The files, and the members of the zips among them, within one limit for all of these."""
        contents, zips, left, members, unpacked = [], 0, ZIP, MEMBERS, UNPACKED
        for file in files:
            if file.ending != ".zip":
                contents.append(file)
                continue
            zips += 1
            try:
                if zips > ZIPS:
                    raise ValueError(f"more than {ZIPS} zips of one student")
                data = file.read(left)
                left -= len(data)
                if data.count(b"PK\x01\x02") > members:
                    raise ValueError(f"more than {MEMBERS:,} members in the student's zips")
                archive = zipfile.ZipFile(io.BytesIO(data))
                unpacked -= sum(info.file_size for info in archive.infolist())
                if unpacked < 0:
                    raise ValueError(f"unpacks to more than {UNPACKED:,} bytes with the student's other zips")
                inside = _members(archive, members, f"{file.where}!")
            except BROKEN as error:
                self._refuse(file, f"not a zip that can be opened: {error}")
                continue
            members -= len(inside)
            self.result.files[file.where] = "opened"
            for member in inside:  # their time is the upload's: the one inside a student could set
                member.parts, member.order = (*file.parts, "!", *member.parts), (*file.order, member.time)
                member.time, member.clock, member.late, member.version = file.time, file.clock, file.late, file.version
                member.problem = member.problem or ("a zip in a zip is not opened" if member.ending == ".zip" else "")
                _enter(self.result, member)
                if member.problem:
                    self._refuse(member, member.problem)
                else:
                    contents.append(member)
        return contents

    def _stamp(self, notebooks: list[_File], stamps: list[_File]) -> None:
        """nbgrader's timestamp.txt (in UTC, if it does not say) is the time of the notebooks beside it."""
        if not stamps:
            return
        try:
            text = stamps[-1].read(1_000).decode("utf-8", "replace").strip()
            moment = when(text if re.search(r"([A-Z]|[+-]\d\d:?\d\d)$", text) else f"{text} UTC", "timestamp.txt")
        except BROKEN as error:
            self.flags.append(str(error)[:200])
            return
        for file in notebooks:
            if file.parts[:-1] == stamps[-1].parts[:-1]:
                if file.time - moment > LATER:
                    stated, changed = f"{moment:%Y-%m-%d %H:%M}", f"{file.time:%Y-%m-%d %H:%M}"
                    self.flags.append(f"timestamp.txt says {stated} UTC, but the notebook is of {changed} UTC")
                file.time, file.clock = moment, "timestamp.txt"

    def _choose(self, files: list[_File]) -> None:
        """The latest try that can be read, or an earlier notebook where that one is as it was handed out."""
        candidates = self._look(files)
        tries = self._tries(candidates)
        beside = [c for c in candidates if c not in tries and self._of_the_lab(c)]
        self.result.notebooks += len(tries) + len(beside)
        if not tries:
            names = ", ".join(dict.fromkeys(printable(file.name)[:60] for file in files[:8]))
            for candidate in candidates:
                why = f" ({candidate.why})" if candidate.why else ""
                self._refuse(candidate.file, f"none of the student's notebooks is {self.lab}: {names}{why}")
            return
        if self._several_people([*tries, *beside]):
            return
        chosen = self._latest(tries)
        if chosen is None:
            return
        later = tries[tries.index(chosen) + 1 :]  # refused already
        # An untouched copy, handed in last by mistake, must not hide the work.
        if chosen.changed is False and (worked := self._with_answers(chosen, tries, beside)):
            self.flags.append(f"{chosen.file.where[-80:]} has no answers: {worked.file.where[-80:]} was taken instead")
            if worked in beside:
                tries.append(worked)
                beside.remove(worked)
            chosen, later = worked, [c for c in later if c.why]
        if others := [c.file.where[-80:] for c in beside if c.data != chosen.data]:
            more = f" and {len(others) - 3} more" if len(others) > 3 else ""
            self.flags.append(f"other notebooks of this lab are next to it: {', '.join(others[:3])}{more}")
        superseded = {c.file.where: "superseded" for c in tries if c is not chosen and c not in later}
        self.result.files |= superseded | {chosen.file.where: "chosen"}
        self._keep(chosen, tries.index(chosen) + 1, len(tries))

    def _several_people(self, candidates: list[_Candidate]) -> bool:
        """Refuse all where one folder that nobody knows may hold the work of several: a guess would give it to one."""
        unclear = self.layout.unclear([c.file.parts[1:] for c in candidates]) if self.key[0] == "plain" else ""
        if unclear:
            why = (
                f"one student's tries, or the work of several ({printable(unclear)[:200]})? Give each student a "
                "folder at the top of the inbox, or list them in roster.csv by these names"
            )
            for candidate in candidates:
                self._refuse(candidate.file, why, of=False)
        return bool(unclear)

    def _latest(self, tries: list[_Candidate]) -> _Candidate | None:
        """The latest that can be read; the others after it are refused."""
        for candidate in reversed(tries):
            if not candidate.why or (candidate is tries[0] and candidate.data):
                return candidate  # that nothing can be read is for the grader to say
            self._refuse(candidate.file, candidate.why)
            self.flags.append("a later try could not be read")
        return None

    def _with_answers(self, chosen: _Candidate, tries: list[_Candidate], beside: list[_Candidate]) -> _Candidate | None:
        """The latest earlier try with an answer in it, else the latest such notebook under another name."""
        earlier = reversed(tries[: tries.index(chosen)])
        others = sorted(beside, key=lambda c: self._order(c.file), reverse=True)
        return next((c for c in (*earlier, *others) if c.changed), None)

    def _keep(self, chosen: _Candidate, attempt: int, attempts: int) -> None:
        path = self.into / self.student / f"{self.lab}.ipynb"
        write_whole(path, chosen.data)
        moment, clock = self._submitted(chosen.file)
        digest, flags = hashlib.sha256(chosen.data).hexdigest(), tuple(dict.fromkeys(self.flags))
        self.result.submissions.append(
            Submission(self.student, path, digest, moment, clock, attempt, attempts, chosen.file.where, flags)
        )

    def _submitted(self, file: _File) -> tuple[datetime, str]:
        """When it came, and what says so."""
        if stated := self.roster.submitted(self.student, self.lab):
            return stated, "times.csv"
        if file.late is None:
            return file.time, file.clock
        # The zip holds only the time of the download. The LMS says whether it was late, and not by how much.
        until = self.roster.until(self.student, self.lab)
        late = file.late and (until is None or not self.roster.extended(self.student, self.lab))
        if late:
            self.flags.append("late for the LMS, which does not say by how much: times.csv can say it")
        elif file.late:
            self.flags.append("late for the LMS, but there is an extension: no points taken off, see when it came")
        return file.time if until is None else min(file.time, until + timedelta(minutes=late)), "LMS"

    def _look(self, files: list[_File]) -> list[_Candidate]:
        """Read the notebooks, those named like the lab first; look into them where one name does not settle it."""
        files = sorted(files, key=self._order, reverse=True)  # where there are too many, the oldest are not looked at
        files = sorted(files, key=lambda file: (self._number(file) is None, not self._named(file)))
        candidates, left = [], LOOKED
        for file in files[:CANDIDATES]:
            candidates.append(candidate := _Candidate(file))
            try:
                if left <= 0:
                    raise ValueError(f"more than {LOOKED:,} bytes of one student's notebooks: not looked at")
                candidate.data = file.read(min(NOTEBOOK, left))
            except BROKEN as error:
                candidate.why = str(error)
            left -= len(candidate.data)
        for file in files[CANDIDATES:]:
            self._refuse(file, f"more than {CANDIDATES} notebooks of one student: not looked at")
        if len(files) > 1 or self._number(files[0]) is None or files[0].ending != ".ipynb":
            self._look_into([candidate for candidate in candidates if not candidate.why])
        return candidates

    def _look_into(self, candidates: list[_Candidate]) -> None:
        """What they say, in a process with limits: in one for all, and one by one where that ends."""
        until = time.monotonic() + BATCH.wall_s

        def ask(some: list[_Candidate], bounds: apart.Bounds) -> bool:
            try:
                answers = apart.run(look, [c.data for c in some], self.lab, self.released, bounds=bounds)
            except (apart.Ended, RuntimeError, ValueError) as error:
                for candidate in some:
                    candidate.why = f"it cannot be read within limits: {error}"
                return False
            for candidate, answer in zip(some, answers, strict=True):
                candidate.why, candidate.says, candidate.changed = answer
            return True

        if candidates and not ask(candidates, BATCH) and len(candidates) > 1:
            for candidate in candidates:
                if time.monotonic() < until:
                    ask([candidate], SINGLE)

    def _tries(self, candidates: list[_Candidate]) -> list[_Candidate]:
        """Those of the lab, first to last: named like it, else those that say so, else with its name in theirs, else
        the only one."""
        tries = [c for c in candidates if self._number(c.file) is not None]
        tries = [c for c in tries if not c.file.disguised] or tries  # a lab.ipynb.bak counts where nothing else does
        tries = tries or [c for c in candidates if c.says == self.lab]
        tries = tries or [c for c in candidates if self._named(c.file) and self._of_the_lab(c)]
        if not tries and len(candidates) == 1 and candidates[0].data and candidates[0].says is None:
            tries = [] if candidates[0].file.disguised and candidates[0].why else candidates
        return sorted(tries, key=lambda c: self._order(c.file))

    def _order(self, file: _File) -> tuple:
        """First to last: of Canvas's times none is a submission's, so its numbers come first."""
        number = self._number(file) or 0
        first = (number, file.time) if file.late is not None else (file.time, number)
        return (file.late is not None, file.version, *first, file.order, file.where)

    def _of_the_lab(self, one: _Candidate) -> bool:
        return one.says == self.lab or (one.says is None and not one.why and self._named(one.file))

    def _named(self, file: _File) -> bool:
        """Whether the lab's name stands in the file's."""
        return bool(self.layout.named.search(file.name))

    def _number(self, file: _File) -> int | None:
        """Which try a file is by its name; None for one that is not called like the lab."""
        name = STAMPED.sub("", file.name)
        if file.disguised:
            name = name[: name.lower().index(".ipynb") + 6]
        if name.casefold() == f"{self.lab}.ipynb".casefold():
            return 0
        match = TRY.fullmatch(name)
        return int(match["n"] or match["m"]) if match and match["stem"].casefold() == self.lab.casefold() else None


def look(notebooks: list[bytes], lab: str, released: str | None) -> list[list[Any]]:
    """For each: why it cannot be read, which lab it says it is, and whether an answer differs from `released`."""
    import nbformat

    replies = []
    for data in notebooks:
        try:
            notebook, changed = canonical.read(data), None
            says = notebook.get("metadata", {}).get("lab") if isinstance(notebook.get("metadata"), dict) else None
            if released is not None:
                handed_out = nbformat.reads(released, as_version=4)
                rebuilt = canonical.rebuild(handed_out, notebook)
                answers = {
                    c.metadata.nbgrader.grade_id
                    for c in handed_out.cells
                    if c.metadata.get("nbgrader", {}).get("solution")
                }
                changed = bool(answers - canonical.untouched(handed_out, rebuilt))
            replies.append(["", None if says is None else str(says)[:100], changed])
        except MemoryError:
            replies.append(["it takes too much memory to read", None, None])
        except Exception as error:
            replies.append([str(error)[:300] or type(error).__name__, None, None])
    return replies


def _peek(file: _File) -> bytes:
    try:
        return file.read(NOTEBOOK)
    except BROKEN:
        return b""


def _text(file: _File) -> str:
    try:
        return file.read(20_000_000).decode("utf-8-sig", "replace")
    except BROKEN:
        return ""


# --- names ------------------------------------------------------------------------------------------


def _ids(keys: list[Key], roster: Roster) -> dict[Key, tuple[str, list[str]]]:
    """A safe id for each student of the inbox, never one for two, and flags for those that a reader could confuse."""
    ids = {key: (key[1], []) for key in keys if key[0] == "roster"}
    taken = {student.casefold() for student in roster.students}
    looks: dict[str, set[str]] = {}
    for name in [student.student for student in roster.students.values()] + [k[1] for k in keys if k not in ids]:
        looks.setdefault(_look(name), set()).add(name)
    for key in sorted({*keys} - {*ids}, key=lambda k: (k[1] != k[1].lower(), k[1] != safe_id(k[1]), k[1], k[0])):
        name, flags = safe_id(key[1]), ["not on the roster"] if roster.students else []
        if name.casefold() in taken:
            name += "-" + hashlib.sha256("/".join(key).encode("utf-8", "backslashreplace")).hexdigest()[:8]
            flags.append("another student has this name except for case or spelling")
        if like := sorted(looks[_look(key[1])] - {key[1]}):
            flags.append(f"looks like {', '.join(map(printable, like))}")
        taken.add(name.casefold())
        ids[key] = name, flags
    return ids


def _look(text: str) -> str:
    """What a name looks like: without case, accents and invisible characters, look-alikes as one letter."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(LOOKS.get(c, c) for c in plain if unicodedata.category(c) not in ("Mn", "Cf", "Cc"))


# --- opening files ----------------------------------------------------------------------------------


def _folder(root: Path) -> Iterator[_File]:
    """Every file below `root`; a link is named, not followed, and so is what the system does not let us look at."""
    errors: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=errors.append):
        here = Path(folder).relative_to(root).parts
        odd = [f for f in folders if f.lower().endswith(".ipynb") or os.path.islink(os.path.join(folder, f))]
        if len(here) >= DEEP:
            odd, folders[:] = list(folders), []
        for name in sorted([*names, *odd]):
            path, parts = os.path.join(folder, name), (*here, name)
            try:
                status = os.lstat(path)
                moment = datetime.fromtimestamp(status.st_mtime, UTC)
            except (OSError, ValueError, OverflowError) as error:
                why = f"cannot be looked at: {getattr(error, 'strerror', None) or error}"
                yield _File(printable("/".join(parts)), parts, datetime.now(UTC), "file", bytes, why, name)
                continue
            problem = "a link, which is not followed" if stat.S_ISLNK(status.st_mode) else "no regular file"
            problem = f"more than {DEEP} folders deep" if name in odd and len(here) >= DEEP else problem
            problem = "" if stat.S_ISREG(status.st_mode) else problem
            yield _File(printable("/".join(parts)), parts, moment, "file", partial(_read, path), problem, name)
    for error in errors:
        parts = Path(error.filename).relative_to(root).parts
        if not parts:
            raise error
        yield _File(printable("/".join(parts)), parts, datetime.now(UTC), "file", bytes, str(error.strerror), parts[-1])


def _read(path: str, limit: int) -> bytes:
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ValueError("no regular file")
            return _capped(file, limit)
    except OSError as error:
        raise ValueError(f"cannot be opened: {error.strerror}") from None


def _capped(file: io.IOBase, limit: int) -> bytes:
    if len(data := file.read(limit + 1)) > limit:
        raise ValueError(f"more than {limit:,} bytes")
    return data


def _members(archive: zipfile.ZipFile, most: int, prefix: str = "") -> list[_File]:
    """The files of a zip, unpacked only when read."""
    if len(listed := archive.infolist()) > most:
        raise ValueError(f"more than {most:,} members")
    files = []
    for info in listed:
        name, kind = info.filename, stat.S_IFMT(info.external_attr >> 16)
        if not info.flag_bits & 0x800:
            with contextlib.suppress(UnicodeError):  # UTF-8 also where the zip forgets to say so
                name = name.encode("cp437").decode("utf-8")
        name = name.replace("\\", "/")
        parts = tuple(part for part in name.split("/") if part not in ("", "."))
        problem = ""
        if name.startswith("/") or re.match("[A-Za-z]:", name) or ".." in parts or not parts:
            problem = "its name leads out of the zip"
        elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            problem = "a link, which is not followed" if kind == stat.S_IFLNK else "no regular file"
        elif name.endswith("/"):
            continue
        elif info.flag_bits & 1:
            problem = "encrypted"

        read = partial(_unpack, archive, info)
        where, own = prefix + printable(name), parts[-1] if parts else ""
        files.append(_File(where, parts, _time(info), "zip", read, problem, own))
    return files


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    """A member's bytes, and no more of them than `limit` whatever it unpacks to."""
    if info.file_size > limit:
        raise ValueError(f"more than {limit:,} bytes")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("compressed in an unusual way")
    with archive.open(info) as file:
        return _capped(file, limit)


def _time(info: zipfile.ZipInfo) -> datetime:
    """When a member was changed: in UTC if the zip says so (extended timestamp), else local time is meant."""
    extra = info.extra
    with contextlib.suppress(ValueError, OverflowError, OSError, struct.error):
        while len(extra) >= 9:
            tag, size, which = struct.unpack("<HHB", extra[:5])
            if tag == 0x5455 and which & 1:
                return datetime.fromtimestamp(struct.unpack("<I", extra[5:9])[0], UTC)
            extra = extra[4 + size :]
        return datetime(*info.date_time).astimezone(UTC)
    return datetime(1980, 1, 1, tzinfo=UTC)
