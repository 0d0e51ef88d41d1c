"""Whose a file of an inbox is, by its path: the layouts of the usual systems, and whoever the roster knows by name.

A person is one piece of the path, in all paths the same level: the first at which a system's own pattern (Canvas,
Moodle, Brightspace, Blackboard, Gradescope) or somebody of the roster (id, email, full name in either order) is found.
Where there is neither, it is the top, or what lies in the one folder around everybody. A name alone is weak: where two
people of the inbox lead to one student of the roster by name, neither is taken.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from course.grading.roster import Roster, Student, when

MOODLE = re.compile(r"(?P<name>.+?)(?:_(?P<number>\d+))?_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)", re.DOTALL)
CANVAS = re.compile(
    r"(?:(?P<name>\w+?)_)?(?P<late>LATE_)?(?P<user>\d+|anon_[A-Za-z0-9]+)_(?:(?P<file>\d{1,18})_(?P<rest>.+)|text\.html)",
    re.I,
)
BRIGHTSPACE = re.compile(
    r"(?P<user>\d+)-(?P<box>\d+) - (?P<name>.+?) - (?P<time>[^-]*\b\d{4}\b[^-]*?)(?: - (?P<rest>.+))?"
)
BLACKBOARD = re.compile(r"(?P<head>.+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<rest>.+)|\.txt)")
GRADESCOPE = re.compile(r"submission_\d+")
METADATA = "submission_metadata.yml"
SYSTEMS = {METADATA, "index.html", "timestamp.txt", "thumbs.db", "desktop.ini"}  # files that nobody hands in
SUBMITTED = "submitted files"  # of Teams
AROUND = {SUBMITTED, "working files", "student work", "submissions", "abgaben"}  # folders that are never a student
NOBODY = re.compile(  # folders that one student makes, and words around a notebook's name
    r"(?:version|v|attempt|try|versuch|abgabe|part|teil)[ _.-]?\d+|\d{4}-\d\d-\d\d.*|labs?|notebooks?|course|work|src"
    r"|old|new|alt|neu|backup|final|finished|done|copy|copie|kopie|drafts?|archive|solutions?|my",
    re.I,
)
COPY = re.compile(r"\b(?:copy of|kopie von|copia de|copie de)\b|[-_ ]*\bcopy ?\d*$", re.I)
ENDINGS = re.compile(r"(?:\.(?:ipynb|zip|txt|json|html?|py|pdf|tar|gz|tgz|bz2|xz|rar|7z|tbz2?|txz|zst))+$", re.I)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
Key = tuple[str, str]  # a student to the inbox: the layout and the name there, or "roster" and the id
Path = tuple[str, ...]


@dataclass
class Owner:
    """What a piece of a path says of a person, and of the file behind it."""

    key: Key
    name: str = ""  # full, as the system shows it
    number: str = ""  # the system's, of the person
    ids: tuple[str, ...] = ()  # email and student number, as the system knows them
    own: str = ""  # the file's name as the student called it, where the piece is a file's
    strong: Student | None = None  # of the roster, by an id
    weak: Student | None = None  # of the roster, by name
    version: int = 0  # among several tries: before their time,
    order: tuple[int, ...] = ()  # and after it
    late: bool | None = None  # what the system says
    time: datetime | None = None
    clock: str = ""
    flag: str = ""


class Layout:
    """The people of an inbox with these paths. `described` maps a folder to the text of Gradescope's file in it."""

    def __init__(self, paths: list[Path], lab: str, roster: Roster, described: dict[Path, str] | None = None) -> None:
        self.lab, self.roster = lab, roster
        self.submissions = {folder: _submitters(text) for folder, text in (described or {}).items()}
        words = re.findall(r"[a-z]+|\d+", lab.casefold())
        head, tail = (words[:2], words[2:]) if any(w.isdigit() for w in words[:2]) else (words, [])
        number = [f"0*{int(w)}" if w.isdigit() else w for w in head]
        whole = r"[\W_]*".join(number) + (r"(?:[\W_]*" + r"[\W_]*".join(tail) + ")?" if tail else "")
        self.named = re.compile(rf"(?<![^\W_]){whole}(?:[ _]*\(\d+\)|-\d{{1,6}})?(?![^\W_])", re.I)
        notebooks = [p for p in paths if ".ipynb" in p[-1].casefold() or p[-1].casefold().endswith(".zip")]
        self.paths = notebooks or [p for p in paths if p[-1].casefold() not in SYSTEMS and ENDINGS.search(p[-1])]
        self.heads = {m["head"] for p in paths for c in p if (m := BLACKBOARD.fullmatch(c))}
        self.moodle = {m["name"] for p in paths for c in p if (m := MOODLE.fullmatch(c))}
        boxes: dict[str, set[str]] = {}
        for match in (BRIGHTSPACE.fullmatch(c) for p in paths for c in p):
            if match:
                boxes.setdefault(match["user"], set()).add(match["name"])
        self.by_box = any(len(names) > 1 for names in boxes.values())  # the first number is the folder's
        self.level = self._level()
        self.folders = {self._around(p) for p in self.paths if len(p) > self.level}

    # --- which level ----------------------------------------------------------------------------------

    def _level(self) -> int:
        level = 0
        while True:
            here = [p for p in self.paths if len(p) > level and not (len(p) == level + 1 and self._bare(p[-1]))]
            if not here:
                return 0
            if any(self._known(p, level) for p in here):
                return level
            groups: dict[str, list[Path]] = {}
            for path in here:
                groups.setdefault(path[level], []).append(path)
            if not all(len(p) > level + 1 for p in here):
                return level
            below = all(any(self._known(p, i) for p in g for i in range(level + 1, len(p))) for g in groups.values())
            around = all(name.casefold() in AROUND for name in groups)
            if not (below or around or (len(groups) == 1 and self._branches(here, level + 1))):
                return level
            level += 1

    def _known(self, path: Path, at: int) -> bool:
        """Whether a system's pattern or somebody of the roster stands there."""
        owner = self._owner(path, at)
        return owner is not None and bool(owner.key[0] != "plain" or owner.strong or owner.weak)

    def _branches(self, paths: list[Path], level: int) -> bool:
        names, others, dashed = self._people([p[level:] for p in paths])
        return not others and (len(names) > 1 or dashed)

    def unclear(self, rests: list[Path]) -> str:
        """What in the paths below a folder that nobody knows could be several people; empty if nothing."""
        names, others, dashed = self._people([rest for rest in rests if rest])
        folders = {rest[0] for rest in rests if len(rest) > 1}
        several = len(names) > 1 or (names and others and (dashed or len(others & folders) > 0))
        return ", ".join(sorted(names | (others & folders))) if several else ""

    def _people(self, rests: list[Path]) -> tuple[set[str], set[str], bool]:
        """Where paths part: what could be names of people, what cannot, and whether one reads `NAME - LAB`."""
        while rests and all(len(rest) > 1 for rest in rests) and len({rest[0] for rest in rests}) == 1:
            rests = [rest[1:] for rest in rests]
        names, others, dashed = set(), set(), False
        for rest in rests:
            text = ENDINGS.sub("", rest[0])
            name = self.piece(text) if len(rest) == 1 else self.named.sub("", text)
            if name.strip(" -_.") and not NOBODY.fullmatch(name.strip()):
                names.add(name)
                dashed |= len(rest) == 1 and " - " in text and bool(self.named.search(text))
            else:
                others.add(rest[0])
        return names, others, dashed

    def piece(self, stem: str) -> str:
        """A file's name without that of the lab and what copies add: a person's, as a rule, or nothing."""
        rest = (part.strip(" -–—_.,()[]") for part in self.named.sub(" ", COPY.sub(" ", stem)).split(" - "))
        words = ((part, [w.strip("-–—.,()") for w in re.split(r"[\s_]+", part)]) for part in rest)
        return " - ".join(part for part, own in words if not all(NOBODY.fullmatch(w) for w in own if w))

    def _bare(self, name: str) -> bool:
        return not self.piece(ENDINGS.sub("", name))

    def _around(self, path: Path) -> Path:
        return tuple(part for part in path[: self.level] if part.casefold() not in AROUND)

    # --- who ------------------------------------------------------------------------------------------

    def owners(self, path: Path) -> list[Owner]:
        """Whose the file is: nobody's if nothing says so, of several where a system lists those who worked together.

        `key` holds the layout and the name there, never the roster.
        """
        if len(path) <= self.level:
            return []
        if listed := self.submissions.get(path[: self.level], {}).get(path[self.level]):
            return [self._listed(owner, path) for owner in listed]
        owner = self._owner(path, self.level)
        if owner and len(self.folders) > 1 and not (owner.number or owner.strong):
            owner.key = owner.key[0], "/".join((*self._around(path), owner.key[1]))
        if owner and not owner.own:
            owner.own = path[-1]
        return [owner] if owner else []

    def _listed(self, owner: Owner, path: Path) -> Owner:
        students = (self.roster.find(text, "email", "student") for text in owner.ids)
        strong = next(filter(None, students), None)
        return replace(owner, own=path[-1], strong=strong, weak=None if strong else self.roster.named(owner.name))

    def _owner(self, path: Path, at: int) -> Owner | None:
        text, last, find = path[at], at == len(path) - 1, self.roster.find
        if match := MOODLE.fullmatch(text):
            name, number = match["name"], match["number"] or ""
            owner = Owner(("moodle", f"{name}_{number}" if number else name), name, number)
            owner.own = match["rest"] if last else ""
            owner.strong = find(number, "moodle_id") if number else None
            owner.weak = self._moodle(name)
        elif match := BRIGHTSPACE.fullmatch(text):
            number = match["box" if self.by_box else "user"]
            owner = Owner(("brightspace", f"{match['name']}_{number}"), match["name"], number)
            owner.own = (match["rest"] or "") if last else ""
            owner.weak = self.roster.named(match["name"])
            owner.time, owner.clock = _brightspace_time(match["time"]), "file name"
        elif match := BLACKBOARD.fullmatch(text):
            login = self._login(match["head"])
            owner = Owner(("blackboard", login), number=login, own=(match["rest"] or text) if last else "")
            owner.strong = find(login, "student", "email")
            year, month, day, *clock = map(int, match["time"].split("-"))
            owner.time, owner.clock = _local(year, month, day, *clock), "file name"
        elif last and (match := CANVAS.fullmatch(text)):
            key = "_".join(filter(None, (match["name"], match["user"])))
            owner = Owner(("canvas", key), match["name"] or "", match["user"], own=match["rest"] or text)
            owner.order, owner.late = ((int(match["file"]),) if match["file"] else ()), bool(match["late"])
            owner.strong = find(match["user"], "canvas_id")
        elif listed := self.submissions.get(path[:at], {}).get(text):
            return listed[0]
        else:
            owner = self._plain(text, last)
        if owner and owner.time is None:
            owner.clock = ""
        if owner and SUBMITTED in (part.casefold() for part in path[:at]):  # Teams numbers what was handed in
            numbers = (re.fullmatch(r"[^\W\d]+ (\d{1,6})", p) for p in path[at + 1 :] if not self.named.fullmatch(p))
            owner.version = 1 + max((int(number[1]) for number in numbers if number), default=0)
        return owner

    def _plain(self, text: str, last: bool) -> Owner | None:
        own = ""
        texts = [text]
        if last:
            stem, ending = ENDINGS.sub("", text), text[len(ENDINGS.sub("", text)) :]
            if not ending or text.casefold() in SYSTEMS:
                return None
            piece = self.piece(stem)
            dashed = [part.strip() for part in COPY.sub("", stem).split(" - ")]
            texts = list(dict.fromkeys(filter(None, (piece if self.named.search(stem) else stem, stem, *dashed))))
            if not piece:
                return None
            lab = self.named.search(stem) or len(dashed) == 1
            own = self.lab + ending if lab else dashed[-1] + ending
        for name in texts:
            strong = self.roster.find(name, "student", "email") or self._ilias(name)
            if strong or self.roster.named(name):
                weak = None if strong else self.roster.named(name)
                return Owner(("plain", name), name, own=own, strong=strong, weak=weak)
        return Owner(("plain", texts[0]), texts[0], own=own)

    def _ilias(self, text: str) -> Student | None:
        """By the login in `Lovelace_Ada_ada_12345`."""
        pieces = text.split("_")
        if len(pieces) < 4 or not pieces[-1].isdigit():
            return None
        students = (self.roster.find("_".join(pieces[at:-1]), "student", "email") for at in range(2, len(pieces) - 1))
        return next(filter(None, students), None)

    def _login(self, head: str) -> str:
        """Of `Lab 02_ada`: what differs between people, or what the roster knows."""
        first, last = min(self.heads), max(self.heads)  # what these two share, all do
        shared = os.path.commonprefix([first, last]).rpartition("_")[0] if first != last else head  # noqa: RUF071
        starts = [0, *(m.end() for m in re.finditer("_", head))]
        starts = [at for at in starts if at <= len(shared) + 1] or [0]
        known = (head[at:] for at in starts if self.roster.find(head[at:], "student", "email"))
        return next(known, head[starts[-1] :])

    def _moodle(self, name: str) -> Student | None:
        """By the full name, with or without a group's name in front: `Group A-Ada Lovelace`."""
        if known := self.roster.named(name):
            return known
        everybody = all("-" in other for other in self.moodle)
        for dash in re.finditer("-", name):
            group = name[: dash.start()]
            shared = sum(other.startswith(f"{group}-") for other in self.moodle) > 1
            marked = re.search(r"\d", group) or re.match(r"(group|gruppe|grupo|team|section|tutori|class)", group, re.I)
            if (everybody or shared or marked) and (known := self.roster.named(name[dash.end() :])):
                return known
        return None

    # --- settled --------------------------------------------------------------------------------------

    def settle(self, owners: list[Owner]) -> tuple[dict[Key, Key], dict[Key, str], dict[Key, str]]:
        """By key: the student it is, a flag, and why it is nobody's though the roster knows the name."""
        by = {owner.key: owner for owner in owners}
        strong: dict[str, list[Key]] = {}
        for key, owner in by.items():
            if owner.strong:
                strong.setdefault(owner.strong.id, []).append(key)
        numbered = any(owner.key[0] == "moodle" and owner.strong for owner in by.values())
        final = {key: ("roster", owner.strong.id) if owner.strong else key for key, owner in by.items()}
        flags, nobodys = {}, {}
        weak: dict[str, list[Key]] = {}
        for key, owner in by.items():
            if owner.flag:
                flags[key] = owner.flag
            if owner.weak and not owner.strong:
                # a number that is not that student's, in a download whose numbers the roster knows
                other = numbered and key[0] == "moodle" and owner.number and owner.weak.moodle_id
                if owner.weak.id in strong or other:
                    flags[key] = (
                        f"has the name of {owner.weak.id}, but the number or the folder says that it is somebody else"
                    )
                else:
                    weak.setdefault(owner.weak.id, []).append(key)
        for student, keys in strong.items():
            if len(keys) > 1:
                names = ", ".join(sorted(printable(key[1]) for key in keys))
                flags[keys[0]] = f"{len(keys)} names of the inbox are {student}: {names}"
        for student, keys in weak.items():
            for key in keys:
                final[key] = "roster", student
                if len(keys) > 1:
                    names = ", ".join(sorted(printable(other[1]) for other in keys))
                    remedy = f"rename the right one to {student}"
                    remedy = "fill in moodle_id in roster.csv" if key[0] == "moodle" else remedy
                    nobodys[key] = f"{len(keys)} people of the inbox could be {student} ({names}): {remedy}"
        return final, flags, nobodys


def printable(text: str) -> str:
    """A name that cannot harm a terminal: what does not print is escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _submitters(text: str) -> dict[str, list[Owner]]:
    """Gradescope's list of submissions: by folder, who handed it in. What cannot be read names nobody."""
    import yaml

    try:
        listed = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # texts only, whatever the tags
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    owners: dict[str, list[Owner]] = {}
    for folder, about in listed.items() if isinstance(listed, dict) else ():
        people = about.get(":submitters") if isinstance(about, dict) and GRADESCOPE.fullmatch(str(folder)) else None
        people = [p for p in people if isinstance(p, dict)] if isinstance(people, list) else []
        try:
            moment, clock = when(str(about.get(":created_at")), METADATA), METADATA
        except (ValueError, AttributeError):
            moment, clock = None, ""
        for person in people:
            ids = tuple(filter(None, (str(person.get(key) or "") for key in (":email", ":sid"))))
            name = str(person.get(":name") or folder)
            key = "gradescope", f"{name} ({ids[0] if ids else folder})"
            owners.setdefault(folder, []).append(Owner(key, name, key[1], ids=ids, time=moment, clock=clock))
        for owner in owners.get(folder, []):
            others = [other.name for other in owners[folder] if other is not owner]
            owner.flag = f"handed in together with {printable(', '.join(others))}" if others else ""
    return owners


def _brightspace_time(text: str) -> datetime | None:
    """Of `Sep 24, 2024 926 PM` or `24 September, 2024 9:26 PM`; None for another language's."""
    text = re.sub(r"^(\d{1,2}) (\w+)", r"\2 \1", text.strip())  # the day first, as Britain writes it
    match = re.fullmatch(r"(\w{3})\w* (\d{1,2}),? (\d{4}),? (\d{1,2}):?(\d\d) ?([AP]M)", text, re.I)
    if not match or match[1].casefold() not in MONTHS or not 1 <= int(match[4]) <= 12:
        return None
    hours = int(match[4]) % 12 + 12 * (match[6].upper() == "PM")
    return _local(int(match[3]), MONTHS.index(match[1].casefold()) + 1, int(match[2]), hours, int(match[5]))


def _local(*clock: int) -> datetime | None:
    """A moment that is meant in this machine's time zone."""
    try:
        return datetime(*clock).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
