"""Collect what students handed in, from a folder or a zip in any usual layout. Nothing is dropped silently.

    collected = collect(Path("inbox.zip"), "lab02_attention", into=Path("class/lab02_attention/received"))

Plain (`STUDENT/…/NAME.ipynb`, `STUDENT.ipynb`), nbgrader's (`STUDENT/NAME/NAME.ipynb` beside timestamp.txt), Canvas's
and Moodle's downloads, and zips that students upload. A submission is data here: no file is written under a name that
a student chose, no link is followed, nothing but notebooks is unpacked, and only the chosen notebook is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from helpers.grading import canonical
from helpers.grading.roster import Roster, safe_id, when

NOTEBOOK = 20_000_000  # bytes of a notebook
ZIP = 50_000_000  # bytes of a zip that a student uploads,
UNPACKED = 500_000_000  # what its members may say they hold,
MEMBERS = 2_000  # and how many they may be
CLASS_MEMBERS = 200_000  # in the class's own zip
RATIO = 200  # times that a file above 1 MB may shrink in a zip
BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, RuntimeError, ValueError)  # of a zip

MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)")
CANVAS = re.compile(
    r"(?:(?P<name>\w+?)_)?(?P<late>LATE_)?(?P<user>\d+|anon_[A-Za-z0-9]+)_(?P<file>\d{1,18})_(?P<rest>.+)", re.I
)
TRY = re.compile(r"(?P<stem>.+?)(?: ?\((?P<n>\d{1,6})\)|-(?P<m>\d{1,6}))\.ipynb", re.I)  # a browser's, Canvas's
LOOK_ALIKE = "aаα cсϲ dԁ eе hһ iіι jј kкκ l1|ӏ mм o0оοσ pрρ qԛ rг sѕ tтτ uυ vνѵ wѡ xхχ yуγ"  # each like its first
LOOKS = {other: group[0] for group in LOOK_ALIKE.split() for other in group}
Key = tuple[str, str]  # a student to the inbox: the layout and the name there, or "roster" and the id


@dataclass(frozen=True)
class Submission:
    """The notebook that counts for a student, as it came. `flags` are for a person to look at."""

    student: str  # a safe id: a folder's name anywhere
    path: Path  # where its bytes lie now
    sha256: str
    submitted: datetime  # UTC
    clock: str  # what says so: timestamp.txt, zip, file, or LMS (in time or not is all that it tells)
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
    given: dict[str, str] = field(default_factory=dict)  # safe id -> what the inbox calls the student


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
    order: tuple = ()  # among several tries, beside the time
    late: bool | None = None  # what the LMS says

    @property
    def ending(self) -> str:
        """Of its name, in lower case; none for what systems and Jupyter add by themselves."""
        junk = {"__MACOSX", ".ipynb_checkpoints"}.intersection(self.parts) or self.name.startswith(".")
        return "" if junk else os.path.splitext(self.name)[1].lower()


def collect(inbox: Path, lab: str, *, into: Path, roster: Roster | None = None) -> Collected:
    """Copy each student's latest notebook of `lab` to `into/STUDENT/LAB.ipynb` and account for every file.

    Raises ValueError when `inbox` is neither a folder nor a zip that can be opened.
    """
    roster, result, inbox = roster or Roster(Path(into)), Collected(), Path(inbox)
    if Path(into).resolve().is_relative_to(inbox.resolve()):
        raise ValueError(f"{into} lies in the inbox {inbox}: keep the class's folder outside it.")
    try:
        files = list(_folder(inbox)) if inbox.is_dir() else _members(zipfile.ZipFile(inbox), CLASS_MEMBERS)
    except BROKEN as error:
        raise ValueError(f"{inbox} is neither a folder nor a zip that can be opened: {error}") from None
    if _wrapped([file.parts for file in files if file.ending], lab, roster):
        for file in files:
            file.parts = file.parts[1:]
    found: dict[Key, list[_File]] = {}
    seen: dict[Key, _File] = {}
    stamps: dict[Key, _File] = {}
    problems: list[tuple[_File, Key | None, str]] = []
    queue: deque[tuple[_File, Key | None]] = deque()
    for file in files:
        key, file.name, file.order, file.late = _whose(file.parts, lab, roster)
        queue.append((file, key))
    while queue:
        file, key = queue.popleft()
        while file.where in result.files:  # two members of one name
            file.where += "'"
        result.files[file.where] = "beside"
        if file.problem or (key is None and file.ending in (".ipynb", ".zip")):
            problems.append((file, key, file.problem or "nothing in its path says whose it is"))
        elif len(file.parts) == 3 and lab != file.parts[1] == file.name.removesuffix(".ipynb"):
            continue  # nbgrader's folder holds the student's other labs too
        elif key and file.ending == ".ipynb":
            found.setdefault(key, []).append(file)
        elif key and file.ending == ".zip":
            try:
                queue.extend((member, key) for member in _opened(file))
                result.files[file.where] = "opened"
            except BROKEN as error:
                problems.append((file, key, f"no zip that can be opened: {error}"))
        elif key and file.parts[1:] == (lab, "timestamp.txt") and not MOODLE.fullmatch(file.parts[0]):
            stamps[key] = file
        if key and file.ending and (key[0] != "plain" or file.ending == ".zip"):
            seen.setdefault(key, file)
    heard = {*found, *(key for _, key, _ in problems)}
    problems += [(file, key, f"no notebook of {lab} came with it") for key, file in seen.items() if key not in heard]
    ids = _ids([*found, *(key for _, key, _ in problems if key)], roster)
    result.given = {name: key[1] for key, (name, _) in ids.items()}
    for key in sorted(found, key=lambda key: ids[key]):
        _stamp(found[key], stamps.get(key), ids[key][1])
        problems += [(file, key, why) for file, why in _choose(found[key], result, lab, Path(into), roster, *ids[key])]
    for file, key, reason in problems:
        result.files[file.where] = "problem"
        result.unreadable.append(Problem(file.where, ids[key][0] if key else None, reason))
    return result


# --- which of a student's notebooks -----------------------------------------------------------------


def _choose(
    found: list[_File], result: Collected, lab: str, into: Path, roster: Roster, student: str, flags: list[str]
) -> list[tuple[_File, str]]:
    """Keep the latest try that can be read; returns those that cannot, with the reason."""
    tries, problems = _tries(found, lab), []
    if not tries:
        names = ", ".join(_printable(file.name) for file in found)
        return [(file, f"none of the student's notebooks is {lab}: {names}") for file in found]
    for number in range(len(tries), 0, -1):
        file = tries[number - 1]
        try:
            data = file.read(NOTEBOOK)
            if number > 1:
                canonical.read(data)  # else the try before it counts
        except BROKEN as error:
            problems.append((file, str(error)))
            flags.append("a later try could not be read")
            continue
        time, clock, until = file.time, file.clock, roster.until(student, lab)
        if file.late is not None:  # the zip holds only the time of the download
            clock = "LMS"
            time = time if until is None else min(time, until + timedelta(minutes=file.late))
            flags += ["late, says the LMS, but not by how much"] * file.late
        result.files |= {file.where: "chosen"} | {earlier.where: "superseded" for earlier in tries[: number - 1]}
        path = into / student / f"{lab}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        (part := path.with_suffix(".part")).write_bytes(data)
        os.replace(part, path)
        digest = hashlib.sha256(data).hexdigest()
        result.submissions.append(
            Submission(student, path, digest, time, clock, number, len(tries), file.where, tuple(dict.fromkeys(flags)))
        )
        break
    return problems


def _tries(found: list[_File], lab: str) -> list[_File]:
    """The notebooks of the lab, first to last: those named like it, else those that say so, else the only one."""
    numbers = {}
    for index, file in enumerate(found):
        match = TRY.fullmatch(file.name)
        if file.name.casefold() == f"{lab}.ipynb".casefold():
            numbers[index] = 0
        elif match and match["stem"].casefold() == lab.casefold():
            numbers[index] = int(match["n"] or match["m"])
    if not numbers:
        said = [_says(file) for file in found]
        numbers = {index: 0 for index, name in enumerate(said) if name == lab or said == [None]}

    def order(index: int) -> tuple:  # of Canvas's times none is a submission's: its numbers come first
        file = found[index]
        first = (numbers[index], file.time) if file.late is not None else (file.time, numbers[index])
        return (file.late is not None, *first, file.order, file.where)

    return [found[index] for index in sorted(numbers, key=order)]


def _says(file: _File) -> str | None:
    """Which lab a notebook says it is."""
    try:
        return str(json.loads(file.read(NOTEBOOK))["metadata"]["lab"])
    except (*BROKEN, LookupError, TypeError):
        return None


def _stamp(found: list[_File], stamp: _File | None, flags: list[str]) -> None:
    """nbgrader's timestamp.txt (in UTC, if it does not say) is the time of the notebooks beside it."""
    if stamp is None:
        return
    try:
        text = stamp.read(1_000).decode("utf-8", "replace").strip()
        moment = when(text if re.search(r"([A-Z]|[+-]\d\d:?\d\d)$", text) else f"{text} UTC", "timestamp.txt")
    except BROKEN as error:
        return flags.append(str(error))
    for file in found:
        if file.parts[:-1] == stamp.parts[:-1]:
            file.time, file.clock = moment, "timestamp.txt"


# --- whose a file is --------------------------------------------------------------------------------


def _whose(path: tuple[str, ...], lab: str, roster: Roster) -> tuple[Key | None, str, tuple[int, ...], bool | None]:
    """By its path: whose a file is, what the student called it, its number in the LMS, and whether that says late."""
    first, name = (path[0], path[-1]) if path else ("", "")
    number, late = (), None
    if moodle := MOODLE.fullmatch(first):
        name = moodle["rest"] if len(path) == 1 else name
        key = "moodle", f"{moodle['name']}_{moodle['number']}"
        known = roster.find(moodle["number"], "moodle_id") or roster.find(moodle["name"], "name", "student")
    elif len(path) == 1 and (canvas := CANVAS.fullmatch(first)):
        name, number, late = canvas["rest"], (int(canvas["file"]),), bool(canvas["late"])
        key = "canvas", "_".join(filter(None, (canvas["name"], canvas["user"])))
        known = roster.find(canvas["user"], "canvas_id")
    else:
        if len(path) == 1:
            first, ending = os.path.splitext(first)
            if ending.lower() not in (".ipynb", ".zip") or first.casefold() == lab.casefold():
                return None, name, (), None
            name = lab + ending
        key, known = ("plain", first), roster.find(first, "student", "email")
    return ("roster", known.id) if known else key, name, number, late


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
            flags.append("another student has this name but for case or spelling")
        if like := sorted(looks[_look(key[1])] - {key[1]}):
            flags.append(f"looks like {', '.join(map(_printable, like))}")
        taken.add(name.casefold())
        ids[key] = name, flags
    return ids


def _look(text: str) -> str:
    """What a name looks like: without case, accents and invisible characters, look-alikes as one letter."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(LOOKS.get(c, c) for c in plain if unicodedata.category(c) not in ("Mn", "Cf", "Cc"))


def _wrapped(paths: list[tuple[str, ...]], lab: str, roster: Roster) -> bool:
    """Whether everything lies in one folder that is no student's."""
    if len({path[:1] for path in paths}) != 1 or any(len(path) == 1 for path in paths):
        return False
    top, *below = (_whose(path, lab, roster)[0] for path in (paths[0], *(path[1:] for path in paths)))
    if {key[0] for key in below if key} & {"moodle", "canvas"} and top[0] == "plain":
        return True
    if roster.students or top[0] != "plain":
        return top[0] == "plain" and any(key and key[0] == "roster" for key in below)
    folders = {path[1].casefold() for path in paths}
    return len(folders) > 1 and all(len(path) > 2 for path in paths) and not folders & {lab.casefold(), "labs"}


# --- opening files ----------------------------------------------------------------------------------


def _folder(root: Path) -> Iterator[_File]:
    """Every file below `root`; a link is named, not followed."""
    errors: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=errors.append):
        odd = [f for f in folders if f.lower().endswith(".ipynb") or os.path.islink(os.path.join(folder, f))]
        for name in sorted([*names, *odd]):
            path = os.path.join(folder, name)
            status, parts = os.lstat(path), Path(path).relative_to(root).parts
            problem = "a link, which is not followed" if stat.S_ISLNK(status.st_mode) else "no regular file"
            problem = "" if stat.S_ISREG(status.st_mode) else problem
            time, read = datetime.fromtimestamp(status.st_mtime, UTC), partial(_read, path)
            yield _File(_printable("/".join(parts)), parts, time, "file", read, problem, name)
    for error in errors:
        parts = Path(error.filename).relative_to(root).parts
        if not parts:
            raise error
        yield _File(_printable("/".join(parts)), parts, datetime.now(UTC), "file", bytes, str(error.strerror))


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


def _opened(file: _File) -> list[_File]:
    """The members of a zip that a student uploaded. Raises ValueError with the reason."""

    def archive() -> zipfile.ZipFile:  # opened again for each member that is read: memory does not grow with the class
        data = file.read(ZIP)
        if data.count(b"PK\x01\x02") > MEMBERS:
            raise ValueError(f"more than {MEMBERS:,} members")
        return zipfile.ZipFile(io.BytesIO(data))

    opened = archive()
    if sum(info.file_size for info in opened.infolist()) > UNPACKED:
        raise ValueError(f"unpacks to more than {UNPACKED:,} bytes")
    members = _members(opened, MEMBERS, f"{file.where}!", archive)
    for member in members:  # their time is the upload's: the one inside a student could set
        member.parts, member.order = (*file.parts, "!", *member.parts), (*file.order, member.time)
        member.time, member.clock, member.late = file.time, file.clock, file.late
        member.problem = member.problem or ("a zip in a zip is not opened" if member.ending == ".zip" else "")
    return members


def _members(
    archive: zipfile.ZipFile, most: int, prefix: str = "", again: Callable[[], zipfile.ZipFile] | None = None
) -> list[_File]:
    """The files of a zip, unpacked only when read."""
    if len(listed := archive.infolist()) > most:
        raise ValueError(f"more than {most:,} members")
    found = []
    for index, info in enumerate(listed):
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

        read = partial(_unpack, again or (lambda: archive), index)
        shown, own = prefix + _printable(name), parts[-1] if parts else ""
        found.append(_File(shown, parts, _time(info), "zip", read, problem, own))
    return found


def _unpack(again: Callable[[], zipfile.ZipFile], index: int, limit: int) -> bytes:
    archive = again()
    info = archive.infolist()[index]
    if info.file_size > max(1_000_000, RATIO * info.compress_size):
        raise ValueError(f"shrunk more than {RATIO} times: a zip bomb?")
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


def _printable(text: str) -> str:
    """A name that cannot harm a terminal: what does not print is escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
