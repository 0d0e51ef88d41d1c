"""Who is in the class: roster, extensions, lateness, names for anonymous marking, seeds per student.

A class's folder holds `roster.csv` (student, and if you like name, email, canvas_id, moodle_id, seed),
`extensions.csv` (student, lab, until) and `times.csv` (student, lab, submitted). They may come from a spreadsheet: a
BOM, semicolons and empty lines do no harm. A time without an offset is this machine's local time; a day alone means
its last second.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path

RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # names of devices on Windows
CODE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0, 1, I, O: read aloud and typed without doubt


@dataclass(frozen=True)
class Student:
    """A line of roster.csv. `id` is `student` made safe for file names; the two differ only where they must."""

    id: str
    student: str
    name: str = ""
    email: str = ""
    canvas_id: str = ""
    moodle_id: str = ""
    seed: str = ""


@dataclass
class Roster:
    """The class. Without roster.csv there are no `students`, and every student of the inbox is welcome."""

    folder: Path
    students: dict[str, Student] = field(default_factory=dict)
    extensions: dict[tuple[str, str], datetime] = field(default_factory=dict)
    times: dict[tuple[str, str], datetime] = field(default_factory=dict)
    due: datetime | None = None
    _names: dict[tuple[str, ...], Student | None] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, folder: Path, due: str | None = None) -> Roster:
        """The class in `folder`. Raises ValueError, naming file and line, for what cannot be understood."""
        roster = cls(Path(folder), due=when(due, "--due") if due else None)
        seen: dict[str, str] = {}
        for at, row in _rows(roster.folder / "roster.csv", "student"):
            student = Student(safe_id(row["student"]), **{k: row.get(k, "") for k in list(Student.__annotations__)[1:]})
            for kind in ("student", "canvas_id", "moodle_id", "email"):  # compared without case, as file systems do
                value = student.id if kind == "student" else getattr(student, kind)
                if value and (before := seen.setdefault(f"{kind} {value.casefold()}", at)) != at:
                    raise ValueError(f"{at}: the {kind} {value!r} stands in {before} already.")
            if student.seed and not re.fullmatch(r"\d{1,15}", student.seed):
                raise ValueError(f"{at}: a seed is a whole number of at most 15 digits, not {student.seed!r}.")
            roster.students[student.id] = student
        for table, column, kept in (("extensions", "until", roster.extensions), ("times", "submitted", roster.times)):
            for at, row in _rows(roster.folder / f"{table}.csv", "student", "lab", column):
                student = roster.find(row["student"], "student")
                if roster.students and student is None:
                    raise ValueError(f"{at}: {row['student']!r} is not in roster.csv.")
                kept[student.id if student else safe_id(row["student"]), row["lab"].casefold()] = when(row[column], at)
        return roster

    def find(self, value: str, *fields: str) -> Student | None:
        """The one student whose `fields` (student, name, email, canvas_id, moodle_id) hold `value`; None if two do."""
        text = _text(value).casefold()
        for name in fields:
            matches = [s for s in self.students.values() if text and text == getattr(s, name).casefold()]
            if len(matches) == 1:
                return matches[0]
        return None

    def named(self, name: str) -> Student | None:
        """The one student with this full name, in whatever order (`Lovelace, Ada`, `Lovelace_Ada`), or with a number
        beside it; None if there is none, or two could be meant."""
        key = tuple(_words(name))
        if key not in self._names:
            plain = [word for word in key if not any(c.isdigit() for c in word)]
            wanted = [sorted(key), sorted(plain)] if len(plain) > 1 else [sorted(key)]
            found = next(
                (f for w in wanted if w and (f := [s for s in self.students.values() if _words(s.name) == w])), []
            )
            self._names[key] = found[0] if len(found) == 1 else None
        return self._names[key]

    def until(self, student: str, lab: str) -> datetime | None:
        """When `lab` is due for a student (by id): the extension if there is one, else the class's date."""
        return self._of(self.extensions, student, lab) or self.due

    def extended(self, student: str, lab: str) -> bool:
        """Whether the student has an extension for `lab`."""
        return self._of(self.extensions, student, lab) is not None

    def submitted(self, student: str, lab: str) -> datetime | None:
        """When a student handed in `lab`, where times.csv says it."""
        return self._of(self.times, student, lab)

    @staticmethod
    def _of(table: dict[tuple[str, str], datetime], student: str, lab: str) -> datetime | None:
        lab = lab.casefold()
        return table.get((student, lab)) or table.get((student, lab.partition("_")[0]))  # lab02 for lab02_attention

    def late_minutes(self, student: str, lab: str, submitted: datetime) -> int:
        """Minutes after the due date, a started one as a whole; 0 in time or where nothing is due."""
        until = self.until(student, lab)
        return 0 if until is None else max(0, -int((until - submitted).total_seconds() // 60))

    def anonymous(self, student: str) -> str:
        """A code like `A-7F3KQ2M` that stays the same for this class; who it is, only `DIR/.secret` can tell."""
        number = int.from_bytes(hmac.digest(self._secret(), f"name {student}".encode(), "sha256")[:5])
        return "A-" + "".join(CODE[number >> shift & 31] for shift in range(0, 35, 5))

    def seed(self, student: str, hidden: int) -> int:
        """A student's own seed: that of the roster, else derived; the same on every machine."""
        stated = self.students[student].seed if student in self.students else ""
        return int(stated) if stated else student_seed(student, hidden)

    def _secret(self) -> bytes:
        path = self.folder / ".secret"
        try:
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.write(os.urandom(32))
        except FileExistsError:
            pass
        if len(secret := path.read_bytes()) != 32:
            raise ValueError(f"{path} is damaged: restore it, or delete it and every student gets a new code.")
        return secret


def student_seed(student: str, hidden: int) -> int:
    """The seed of a student's hidden tests, below 2**48: HMAC-SHA256 of the id, keyed by the seed of the class."""
    return int.from_bytes(hmac.digest(str(hidden).encode(), f"seed {student}".encode(), "sha256")[:6])


def penalty(late_minutes: int, per_day: float, most: float = 100.0) -> float:
    """Per cent of the points to take off: `per_day` for each started day of 24 hours, at most `most`."""
    return min(most, per_day * -(-late_minutes // 1440))


def safe_id(text: str) -> str:
    """`text` if it can be a folder anywhere, else what is left of it and a hash: `ada@uni` becomes `ada_uni-5b2f…`."""
    text = unicodedata.normalize("NFC", text)
    clean = re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("._-")[:60] or "student"
    if clean == text and not RESERVED.fullmatch(text):
        return text
    clean = f"s-{clean}" if RESERVED.fullmatch(clean) else clean.rstrip("._-")
    return f"{clean}-{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()[:8]}"


def when(text: str, at: str) -> datetime:
    """A stated time in UTC. Raises ValueError, beginning with `at`, for any but ISO 8601 (`2026-11-30 18:00`)."""
    stated = re.sub(r" ?(UTC|GMT|Z)$", "+00:00", _text(text).replace("/", "-"))
    try:
        moment = datetime.fromisoformat(stated)
        if len(stated) <= 10:
            moment = datetime.combine(moment, time.max)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(
            f"{at}: {text!r} is not a date. Write 2026-11-30, 2026-11-30 18:00, "
            "or with an offset 2026-11-30T18:00+01:00."
        ) from None


def _text(value: str | None) -> str:
    """A cell without what spreadsheets put around it: spaces of any kind, `="…"`, a leading apostrophe."""
    value = " ".join(unicodedata.normalize("NFC", value or "").split())
    return re.sub(r'^="(.*)"$|^\'', r"\1", value).strip()


def _words(name: str) -> list[str]:
    """The words of a full name, sorted: equal for every order and separator."""
    plain = re.sub(r"['’`´]", "", unicodedata.normalize("NFC", name).casefold())
    return sorted(re.findall(r"[^\W_]+", plain))


def _rows(path: Path, *needed: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a table, each with its place for messages; none if there is no such file."""
    if not path.exists():
        return
    data = path.read_bytes()
    text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", errors="surrogateescape")
    if re.search("[\udc80-\udcff]", text):  # not UTF-8: what Excel writes in Western Europe
        text = data.decode("cp1252", errors="replace")
    lines = text.splitlines(keepends=True)
    skipped = 1 if lines and re.fullmatch(r"sep=.\s*", lines[0], re.IGNORECASE) else 0
    heading = lines[skipped] if len(lines) > skipped else ""
    table = csv.reader(io.StringIO("".join(lines[skipped:])), delimiter=max(",;\t", key=heading.count))
    names = [_text(cell).casefold().replace(" ", "_") for cell in next(table, [])]
    if missing := [name for name in needed if name not in names]:
        raise ValueError(f"{path.name}, line {skipped + 1}: no column {', '.join(missing)}; found: {', '.join(names)}.")
    for cells in table:
        at = f"{path.name}, line {table.line_num + skipped}"
        row = {name: _text(cell) for name, cell in zip(names, cells)}
        if not any(row.values()):
            continue
        for name, value in row.items():
            if name != "name" and re.fullmatch(r"\d[.,]?\d*E\+\d+", value):
                raise ValueError(f"{at}: a spreadsheet made {value!r} of a number. Format the column {name} as text.")
            row[name] = value.removesuffix(".0") if name.endswith("_id") or name == "seed" else value
        if empty := [name for name in needed if not row.get(name)]:
            raise ValueError(f"{at}: {', '.join(empty)} is empty.")
        yield at, row
