"""Every layout is read, the latest try is chosen, nothing leads outside, and every file is accounted for."""

from __future__ import annotations

import io
import json
import os
import random
import re
import stat
import struct
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from corpus import answered
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course.grading import apart, inbox
from course.grading.inbox import collect
from course.grading.roster import Roster

LAB = "lab90_tiny"
NB = f"{LAB}.ipynb"
NOV = datetime(2026, 11, 1, 12, tzinfo=UTC)


def notebook(text: str = "", lab: str | None = None) -> bytes:
    metadata = {"lab": lab} if lab else {}
    return json.dumps({"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5, "text": text}).encode()


def folder(root: Path, files: dict[str, bytes], times: dict[str, datetime] | None = None) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        moment = (times or {}).get(name, NOV).timestamp()
        os.utime(path, (moment, moment))
    root.mkdir(exist_ok=True)
    return root


def zipped(files: dict[str, bytes] | list[tuple], times: dict[str, datetime] | None = None) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items() if isinstance(files, dict) else files:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name, (2026, 11, 1, 12, 0, 0))
            if times and info.filename in times:  # the extended timestamp: seconds since 1970, UTC
                info.extra = struct.pack("<HHBI", 0x5455, 5, 1, int(times[info.filename].timestamp()))
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def outer(path: Path, files: dict[str, bytes] | list[tuple], times: dict[str, datetime] | None = None) -> Path:
    path.write_bytes(zipped(files, times))
    return path


def roster(root: Path, text: str, due: str | None = None) -> Roster:
    root.mkdir(parents=True, exist_ok=True)
    (root / "roster.csv").write_text(text, encoding="utf-8")
    return Roster.read(root, due)


def chosen(collected: inbox.Collected) -> dict[str, bytes]:
    return {s.student: s.path.read_bytes() for s in collected.submissions}


@pytest.fixture
def tokyo(monkeypatch):
    """A machine whose local time is nine hours ahead of UTC."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


# --- layouts ----------------------------------------------------------------------------------------

PLAIN = ["{}/" + NB, "{}/labs/" + LAB + "/" + NB, "{}/" + LAB + "/" + NB, "{}.ipynb"]


@pytest.mark.parametrize("pattern", [*PLAIN, "inbox/{}/" + NB, "submitted/{}/" + LAB + "/" + NB])
@pytest.mark.parametrize("packed", [False, True])
def test_plain_layouts(tmp_path, pattern, packed):
    files = {pattern.format(who): notebook(who) for who in ("ada", "bob")}
    source = outer(tmp_path / "in.zip", files) if packed else folder(tmp_path / "in", files)
    found = collect(source, LAB, into=tmp_path / "into")
    assert chosen(found) == {"ada": notebook("ada"), "bob": notebook("bob")}
    assert found.unreadable == [] and set(found.files.values()) == {"chosen"}
    one = found.submissions[0]
    assert one.path == tmp_path / "into/ada" / NB and (one.attempt, one.attempts) == (1, 1)
    assert one.submitted.tzinfo == UTC and one.clock == ("zip" if packed else "file")


def test_a_class_of_one_is_not_taken_for_a_folder_around_the_class(tmp_path):
    files = {f"ada/labs/{LAB}/{NB}": notebook(), "ada/notebooks/01.ipynb": notebook("lesson")}
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into")
    assert list(chosen(found)) == ["ada"]
    listed = roster(tmp_path / "data", "student\nada\neve\n")
    files = {"ada/eve/" + NB: notebook(), "ada/" + NB: notebook()}
    assert list(chosen(collect(folder(tmp_path / "in2", files), LAB, into=tmp_path / "i2", roster=listed))) == ["ada"]


def test_a_zip_without_time_zones_is_in_local_time(tmp_path, tokyo):
    found = collect(outer(tmp_path / "in.zip", {f"ada/{NB}": notebook()}), LAB, into=tmp_path / "into")
    assert found.submissions[0].submitted == NOV.replace(hour=3)
    found = collect(outer(tmp_path / "i2.zip", {f"ada/{NB}": b""}, {f"ada/{NB}": NOV}), LAB, into=tmp_path / "into")
    assert found.submissions[0].submitted == NOV


def test_nbgrader_takes_its_time_from_timestamp_txt(tmp_path, tokyo):
    files = {
        f"ada/{LAB}/{NB}": notebook(),
        f"ada/{LAB}/timestamp.txt": b"2026-10-05 09:30:00.123456 UTC\n",
        f"bob/{LAB}/{NB}": notebook(),
        f"bob/{LAB}/timestamp.txt": b"2026-10-05 09:30:00",
        f"eve/{LAB}/{NB}": notebook(),
        f"eve/{LAB}/timestamp.txt": b"yesterday",
    }
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into")
    ada, bob, eve = found.submissions
    assert ada.submitted == datetime(2026, 10, 5, 9, 30, 0, 123456, UTC) and ada.clock == "timestamp.txt"
    assert bob.submitted == datetime(2026, 10, 5, 9, 30, tzinfo=UTC)
    assert eve.submitted == NOV and eve.clock == "file" and "timestamp.txt" in eve.flags[0]


def test_a_student_cannot_set_the_clock_from_inside_an_upload(tmp_path):
    early = {n: datetime(2020, 1, 1, tzinfo=UTC) for n in (f"x/{LAB}/{NB}", f"{LAB}/{NB}")}
    stamp = b"2020-01-01 00:00:00 UTC"
    hand = zipped({f"x/{LAB}/{NB}": notebook(), f"x/{LAB}/timestamp.txt": stamp, f"{LAB}/timestamp.txt": stamp}, early)
    moodle = "Mo Li_7_assignsubmission_file_"
    files = {
        "eve.zip": hand,
        "mal/hand.zip": hand,
        f"{moodle}/{LAB}/{NB}": notebook(),
        f"{moodle}/{LAB}/timestamp.txt": stamp,
    }
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into")
    assert len(found.submissions) == 3 and {s.submitted for s in found.submissions} == {NOV}


CANVAS = {
    f"lovelaceada_11_500_{NB}": notebook("first"),
    f"lovelaceada_LATE_11_502_{LAB}-2.ipynb": notebook("third"),
    f"lovelaceada_LATE_11_501_{LAB}-1.ipynb": notebook("second"),
    f"hopper_grace_12_503_{NB}": notebook("grace"),
    "hopper_grace_12_text.html": b"<p>see file</p>",
    f"anon_Ab12C_504_{NB}": notebook("anon"),
}


@pytest.mark.parametrize("top", ["", "submissions/"])
def test_canvas(tmp_path, top):
    dates = {top + name: NOV.replace(day=28 - i) for i, name in enumerate(CANVAS)}  # whatever the dates, -2 is last
    source = outer(tmp_path / "in.zip", {top + name: data for name, data in CANVAS.items()}, dates)
    listed = roster(tmp_path / "data", "student,canvas_id\nada,11\ngrace,12\n", due="2026-10-20T00:00Z")
    found = collect(source, LAB, into=tmp_path / "into", roster=listed)
    assert chosen(found) == {"ada": notebook("third"), "grace": notebook("grace"), "anon_Ab12C": notebook("anon")}
    by = {s.student: s for s in found.submissions}
    assert (by["ada"].attempt, by["ada"].attempts) == (3, 3) and "late" in by["ada"].flags[0]
    # the zip is dated after the due date for everybody: what Canvas says of lateness holds
    assert [listed.late_minutes(s, LAB, by[s].submitted) for s in ("ada", "grace")] == [1, 0]
    assert by["ada"].clock == "LMS"
    assert "not on the roster" in by["anon_Ab12C"].flags and not by["grace"].flags
    roles = sorted(found.files.values())
    assert roles == ["beside", *["chosen"] * 3, *["superseded"] * 2]


def test_canvas_without_a_roster_tells_students_apart_by_name_and_number(tmp_path):
    found = collect(outer(tmp_path / "in.zip", CANVAS), LAB, into=tmp_path / "into")
    assert sorted(chosen(found)) == ["anon_Ab12C", "hopper_grace_12", "lovelaceada_11"]


@pytest.mark.parametrize(
    "pattern",
    [
        "{}_assignsubmission_file_/" + NB,
        "{}_assignsubmission_file/" + NB,
        "{}_assignsubmission_file_" + NB,
        "moodle/{}_assignsubmission_file_/" + NB,
    ],
)
def test_moodle(tmp_path, pattern):
    people = {"Ada Lovelace_101": "ada", "José Núñez_102": "jose", "Jo Smith_103": "jo1", "Jo Smith_104": None}
    files = {pattern.format(who): notebook(who) for who in people}
    files["Ada Lovelace_101_assignsubmission_onlinetext_/onlinetext.html"] = b"<p></p>"
    source = outer(tmp_path / "in.zip", files)
    text = "student,name,moodle_id\nada,Ada Lovelace,\njose,José Núñez,\njo1,Jo Smith,103\njo2,Jo Smith,\n"
    if pattern.startswith("moodle"):
        files.pop("Ada Lovelace_101_assignsubmission_onlinetext_/onlinetext.html")
        source = outer(tmp_path / "in.zip", files)
    found = collect(source, LAB, into=tmp_path / "into", roster=roster(tmp_path / "data", text))
    got = chosen(found)
    assert {got.pop(who): who for who in ("ada", "jose", "jo1")} == {
        notebook(name): who for name, who in people.items() if who
    }
    (other,) = [s for s in found.submissions if s.student in got]  # two of that name, no number: nobody's guess
    assert found.names[other.student] == "Jo Smith_104" and "not on the roster" in other.flags


def test_zips_of_students(tmp_path):
    project = {
        f"course/labs/{LAB}/{NB}": notebook("ada", LAB),
        "course/notebooks/01.ipynb": notebook("lesson"),
        "course/labs/other/other.ipynb": notebook("other", "other"),
        "course/data.bin": b"\0" * 5_000_000,
        f"__MACOSX/course/labs/{LAB}/._{NB}": b"junk",
    }
    files = {
        f"lovelaceada_11_500_{LAB}.zip": zipped(project),
        "bob.zip": zipped({"mine.ipynb": notebook("bob", LAB)}),
        "eve/hand in.zip": zipped({"a.zip": zipped({NB: notebook()}), NB: notebook("eve")}),
    }
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into")
    got = chosen(found)
    assert got == {"lovelaceada_11": notebook("ada", LAB), "bob": notebook("bob", LAB), "eve": notebook("eve")}
    assert [p.where for p in found.unreadable] == ["eve/hand in.zip!a.zip"]
    assert found.unreadable[0].reason == "a zip in a zip is not opened"
    assert found.files["bob.zip"] == "opened" and found.files["bob.zip!mine.ipynb"] == "chosen"
    assert sum(role == "beside" for role in found.files.values()) == 4


SYSTEMS = {  # a class of three: who handed in what, and what the inbox calls them where there is no roster
    "gradescope": """
        ada   submission_110/LAB.ipynb
        grace submission_111/LAB.ipynb
        mary  submission_112/LAB.ipynb
        LIST  submission_metadata.yml
        = Ada Lovelace (ada@x.org); Grace Hopper (grace@x.org); Mary Jackson (mary@x.org)""",
    "gradescope without its list": """
        ada   submission_110/LAB.ipynb
        grace submission_111/LAB.ipynb
        mary  submission_112/LAB.ipynb
        = submission_110; submission_111; submission_112""",
    "classroom": """
        ada   Ada Lovelace - LAB.ipynb
        grace Grace Hopper - Copy of LAB.ipynb
        mary  Copy of LAB - Mary Jackson.ipynb
        = Ada Lovelace; Grace Hopper; Mary Jackson""",
    "drive": """
        ada   Ada Lovelace - lab90.ipynb
        grace Grace Hopper - Lab 90 final.ipynb
        mary  Mary Jackson - lab90 (1).ipynb
        = Ada Lovelace; Grace Hopper; Mary Jackson""",
    "teams": """
        old   Submitted files/Ada Lovelace/Lab 90/Version 9/LAB.ipynb
        ada   Submitted files/Ada Lovelace/Lab 90/Version 10/LAB.ipynb
        grace Submitted files/Grace Hopper/Lab 90/Version 1/LAB.ipynb
        mary  Submitted files/Mary Jackson/Lab 90/LAB.ipynb
        draft Working files/Mary Jackson/Lab 90/LAB.ipynb
        = Ada Lovelace; Grace Hopper; Mary Jackson""",
    "ilias": """
        ada   Abgaben/Lovelace_Ada_ada_12345/20241120230102_LAB.ipynb
        grace Abgaben/Hopper_Grace_grace_12346/LAB.ipynb
        mary  Abgaben/Jackson_Mary_mary_12347/20241120230102_LAB.ipynb
        = Hopper_Grace_grace_12346; Jackson_Mary_mary_12347; Lovelace_Ada_ada_12345""",
    "ilias, teams": """
        ada   Abgaben/Team 1/Ada_Lovelace_ada_1/LAB.ipynb
        grace Abgaben/Team 2/Grace_Hopper_grace_2/LAB.ipynb
        mary  Abgaben/Team 3/Mary_Jackson_mary_3/LAB.ipynb
        = Team 1; Team 2; Team 3""",
    "brightspace": """
        old   397063-2557369 - Ada Lovelace - Sep 24, 2024 1110 AM/LAB.ipynb
        ada   397063-2557369 - Ada Lovelace - Sep 24, 2024 110 PM/LAB.ipynb
        grace 397064-2557369 - Grace Hopper - Sep 24, 2024 926 PM/LAB.ipynb
        mary  397065-2557369 - Mary Jackson - 24 September, 2024 926 PM/LAB.ipynb
        -     index.html
        = Ada Lovelace_397063; Grace Hopper_397064; Mary Jackson_397065""",
    "blackboard": """
        old   Lab 90_ada_attempt_2024-11-19-23-01-02_LAB.ipynb
        ada   Lab 90_ada_attempt_2024-11-20-23-01-02_LAB.ipynb
        -     Lab 90_ada_attempt_2024-11-20-23-01-02.txt
        grace Lab 90_grace_attempt_2024-11-20-23-01-03_lab90.ipynb
        mary  Lab 90_mary_attempt_2024-11-20-23-01-02_my work.ipynb
        = ada; grace; mary""",
    "moodle with groups": """
        ada   Group A-Ada Lovelace_40172_assignsubmission_file_/LAB.ipynb
        grace Group B-Grace Hopper_40173_assignsubmission_file_/LAB.ipynb
        mary  Group B-Mary Jackson_40174_assignsubmission_file_LAB.ipynb
        = Group A-Ada Lovelace_40172; Group B-Grace Hopper_40173; Group B-Mary Jackson_40174""",
    "moodle with ids": """
        ada   z1234567_Ada Lovelace_40172_assignsubmission_file_/LAB.ipynb
        grace z1234568 Grace Hopper_40173_assignsubmission_file_/LAB.ipynb
        mary  z1234569-Mary Jackson_40174_assignsubmission_file_/LAB.ipynb
        = z1234567_Ada Lovelace_40172; z1234568 Grace Hopper_40173; z1234569-Mary Jackson_40174""",
    "moodle without numbers": """
        ada   Ada Lovelace_assignsubmission_file_/LAB.ipynb
        grace Grace Hopper_assignsubmission_file/LAB.ipynb
        mary  Mary Jackson_assignsubmission_file_LAB.ipynb
        = Ada Lovelace; Grace Hopper; Mary Jackson""",
    "full names": """
        ada   Lovelace, Ada/LAB.ipynb
        grace Grace Hopper/work/LAB.ipynb
        mary  Jackson_Mary/LAB.zip
        = Grace Hopper; Jackson_Mary; Lovelace, Ada""",
    "names with numbers": """
        ada   Ada Lovelace (12345)/LAB.ipynb
        grace 12346_Hopper Grace/LAB.ipynb
        mary  Jackson_Mary_12347/LAB.ipynb
        = 12346_Hopper Grace; Ada Lovelace (12345); Jackson_Mary_12347""",
    "files": """
        ada   Lovelace, Ada.ipynb
        grace Grace Hopper.ipynb
        mary  mary.zip
        = Grace Hopper; Lovelace, Ada; mary""",
    "files of the lab": """
        ada   ada_LAB.ipynb
        grace LAB-Grace Hopper.ipynb
        mary  mary-LAB.zip
        = Grace Hopper; ada; mary""",
}
CLASS = "student,name,email\n" + "".join(
    f"{name.split()[0].lower()},{name},{name.split()[0].lower()}@x.org\n"
    for name in ("Ada Lovelace", "Grace Hopper", "Mary Jackson")
)
LISTED = "---\n" + "".join(
    f"submission_11{i}:\n  :submitters:\n  - :name: {name}\n    :sid: '12{i}'\n    :email: {mail}@x.org\n"
    f"  :created_at: 2024-09-2{i} 21:26:00.123456789 Z\n  :score: 10.0\n  :history: !ruby/object:Any\n    - 1\n"
    for i, (name, mail) in enumerate((("Ada Lovelace", "ada"), ("Grace Hopper", "grace"), ("Mary Jackson", "mary")))
)


def system(layout: str, top: str = "") -> tuple[dict[str, bytes], list[str]]:
    """The files of a download, and what it calls the students."""
    *lines, names = (line.strip() for line in SYSTEMS[layout].strip().splitlines())
    files = {}
    for who, path in (line.split(maxsplit=1) for line in lines):
        data = notebook(who) if path.endswith("ipynb") else zipped({NB: notebook(who)})
        data = {"LIST": LISTED.encode(), "-": b"Name: somebody"}.get(who, data)
        files[top + path.replace("LAB", LAB)] = data
    return files, names.removeprefix("= ").split("; ")


@pytest.mark.parametrize("top", ["", "Lab 90/", "export/assignment_4711_export/"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("layout", SYSTEMS)
def test_layouts_of_other_systems(tmp_path, layout, listed, packed, top):
    files, names = system(layout, top)
    source = outer(tmp_path / "in.zip", files) if packed else folder(tmp_path / "in", files)
    people = roster(tmp_path / "data", CLASS) if listed else None
    found = collect(source, LAB, into=tmp_path / "into", roster=people)
    assert found.unreadable == []
    assert sorted(chosen(found).values()) == [notebook(who) for who in ("ada", "grace", "mary")]
    if listed and layout != "gradescope without its list":
        assert chosen(found) == {who: notebook(who) for who in ("ada", "grace", "mary")}
        assert not any(s.flags for s in found.submissions)
    else:
        calls = sorted(found.names[s.student] for s in found.submissions)
        assert calls == sorted(names)
    notebooks = sum(name.endswith(("ipynb", "zip")) for name in files)
    assert str(found) == f"{notebooks} notebooks of the lab, 3 students"


def test_times_that_other_systems_state(tmp_path, tokyo):
    for layout, hour, clock in (
        ("brightspace", 4, "file name"),
        ("blackboard", 14, "file name"),
        ("gradescope", 21, "submission_metadata.yml"),
    ):
        found = collect(folder(tmp_path / layout, system(layout)[0]), LAB, into=tmp_path / "into")
        ada = min(found.submissions, key=lambda one: one.student)
        assert (ada.submitted.hour, ada.clock) == (hour, clock)


# --- tries ------------------------------------------------------------------------------------------


def test_the_latest_try_counts(tmp_path):
    names = (f"ada/a/{NB}", f"ada/{LAB} (1).ipynb", f"ada/{LAB}-2.ipynb")
    day = {name: NOV.replace(day=number) for number, name in enumerate(names, 1)}
    files = {name: notebook(name) for name in day} | {f"ada/{LAB}-Copy1.ipynb": notebook("copy", LAB)}
    found = collect(folder(tmp_path / "in", files, day), LAB, into=tmp_path / "into")
    (one,) = found.submissions
    assert one.original == f"ada/{LAB}-2.ipynb" and (one.attempt, one.attempts) == (3, 3)
    assert one.submitted == NOV.replace(day=3)
    assert found.files == dict.fromkeys(list(day)[:2], "superseded") | {
        f"ada/{LAB}-2.ipynb": "chosen",
        f"ada/{LAB}-Copy1.ipynb": "beside",
    }
    later = {**day, f"ada/a/{NB}": NOV.replace(day=9)}
    found = collect(folder(tmp_path / "in", files, later), LAB, into=tmp_path / "into")
    assert found.submissions[0].original == f"ada/a/{NB}"
    assert (tmp_path / "into/ada" / NB).read_bytes() == notebook(f"ada/a/{NB}")  # written over


def test_zip_dates_order_tries(tmp_path):
    times = {f"ada/old/{NB}": NOV, f"ada/new/{NB}": NOV.replace(day=2)}
    found = collect(outer(tmp_path / "in.zip", {n: notebook(n) for n in times}, times), LAB, into=tmp_path / "into")
    assert found.submissions[0].original == f"ada/new/{NB}"
    assert found.submissions[0].submitted == NOV.replace(day=2)


@pytest.mark.parametrize(
    "files, kept",
    [
        ({"draft.ipynb": notebook("a"), NB: notebook("b")}, NB),
        ({"draft.ipynb": notebook("a", LAB), "other.ipynb": notebook("b", "other")}, "draft.ipynb"),
        ({"whatever.ipynb": notebook("a")}, "whatever.ipynb"),
        ({"a.ipynb": notebook("a"), "b.ipynb": notebook("b")}, None),
        ({"a.ipynb": notebook("a", "other_lab")}, None),
        ({NB.upper(): notebook("a"), "a.ipynb": b"{"}, NB.upper()),
        ({"broken.ipynb": b"{", "deep.ipynb": b"[" * 100_000}, None),
        ({NB: b""}, NB),
    ],
)
def test_which_of_a_students_notebooks(tmp_path, files, kept):
    source = folder(tmp_path / "in", {f"ada/{name}": data for name, data in files.items()} | {"bob.ipynb": notebook()})
    found = collect(source, LAB, into=tmp_path / "into")
    if kept:
        (ada,) = [s for s in found.submissions if s.student == "ada"]
        assert ada.original == f"ada/{kept}" and ada.path.read_bytes() == files[kept]
    else:
        assert [s.student for s in found.submissions] == ["bob"]
        assert {p.student for p in found.unreadable} == {"ada"} and len(found.unreadable) == len(files)
        assert all(LAB in p.reason for p in found.unreadable)


def test_an_earlier_try_counts_where_the_later_cannot_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr(inbox, "NOTEBOOK", 1_000)
    files = {f"ada/{NB}": notebook("good"), f"ada/late/{NB}": b" " * (inbox.NOTEBOOK + 1)}
    times = {f"ada/late/{NB}": NOV.replace(day=5)}
    found = collect(folder(tmp_path / "in", files, times), LAB, into=tmp_path / "into")
    assert chosen(found) == {"ada": notebook("good")}
    assert found.submissions[0].flags == ("a later try could not be read",)
    assert [(p.student, p.reason) for p in found.unreadable] == [("ada", "more than 1,000 bytes")]


# --- the untouched copy -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Copy of {}", "{}-Copy1", "{} FINAL", "{} (1)", "meine", "sub/{}"])
@pytest.mark.parametrize("pattern", ["ada/{}.ipynb", "ada.zip", "Ada Lovelace_7_assignsubmission_file_/{}.ipynb"])
def test_work_counts_beside_an_untouched_copy(tmp_path, tiny, name, pattern):
    work = json.dumps(answered(nbformat.reads(tiny.released, as_version=4))).encode()
    for turn, (first, second) in enumerate(((tiny.released.encode(), work), (work, tiny.released.encode()))):
        files = {LAB: first, name.format(LAB): second}
        if pattern == "ada.zip":
            files = {pattern: zipped({f"{stem}.ipynb": data for stem, data in files.items()})}
        else:
            files = {pattern.format(stem): data for stem, data in files.items()}
        source = folder(tmp_path / f"in{turn}", files | {"bob.ipynb": work})
        found = collect(source, LAB, into=tmp_path / "into", released=tiny.released)
        ada, bob = sorted(found.submissions, key=lambda one: one.path.parent.name.casefold())
        assert ada.path.read_bytes() == work and not bob.flags
        latest_is_untouched = next(s for s in (ada,) if s).attempt != ada.attempts
        told = [flag for flag in ada.flags if "next to it" in flag or "was taken instead" in flag]
        assert told or (name in ("{} (1)", "sub/{}") and not latest_is_untouched)
        assert not found.unreadable and found.notebooks == 3


def test_two_notebooks_with_work_are_flagged_and_the_one_with_the_name_counts(tmp_path, tiny):
    lab = nbformat.reads(tiny.released, as_version=4)
    work, more = (json.dumps(answered(lab, right)).encode() for right in (["merge"], ["softmax"]))
    files = {f"ada/{NB}": work, f"ada/Copy of {NB}": more, f"bob/{NB}": work, f"bob/copy/{LAB} copy.ipynb": work}
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into", released=tiny.released)
    ada, bob = found.submissions
    assert ada.path.read_bytes() == work and not bob.flags
    assert ada.flags == (f"other notebooks of this lab are next to it: ada/Copy of {NB}",)


# --- two people, or one -----------------------------------------------------------------------------


def moodle(name: str) -> str:
    return f"{name}_assignsubmission_file_/{NB}"


PEOPLE = "student,name,email,moodle_id\nada,Ada Lovelace,ada@x.org,\ngrace,Grace Hopper,,\nluise,Luise Schmidt,,\n"


@pytest.mark.parametrize(
    "names, people, remedy",
    [
        ([moodle("Ada Lovelace_40172"), moodle("Ada Lovelace_40999")], PEOPLE, "fill in moodle_id"),
        ([moodle("Ada Lovelace_40172"), moodle("Team 3-Ada Lovelace_40999")], PEOPLE, "fill in moodle_id"),
        (
            [f"1-9 - Ada Lovelace - Sep 24, 2024 926 PM/{NB}", f"2-9 - Ada Lovelace - Sep 25, 2024 926 PM/{NB}"],
            PEOPLE,
            "rename the right one to ada",
        ),
        ([f"Ada Lovelace/{NB}", f"Lovelace, Ada/{NB}"], PEOPLE, "rename the right one to ada"),
        ([f"Group A/Ada Lovelace/{NB}", f"Group B/Ada Lovelace/{NB}"], PEOPLE, "rename the right one to ada"),
    ],
)
def test_two_who_could_be_one_student_are_both_listed_and_neither_is_taken(tmp_path, names, people, remedy):
    files = {name: notebook(name) for name in names}
    listed = roster(tmp_path / "data", people)
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into", roster=listed)
    assert found.submissions == []
    assert sorted((p.where, p.student) for p in found.unreadable) == [(name, "ada") for name in sorted(names)]
    assert all("2 people of the inbox could be ada" in p.reason and remedy in p.reason for p in found.unreadable)


@pytest.mark.parametrize(
    "name, given",
    [
        (moodle("ada_40999"), "ada_40999"),  # a display name that is another one's id,
        (moodle("ada@x.org_40999"), "ada@x.org_40999"),  # or address
        (moodle("Anna-Luise Schmidt_40999"), "Anna-Luise Schmidt_40999"),
        (f"Ada Lovelace/{NB}", "Ada Lovelace"),
    ],
)
def test_a_name_alone_never_takes_the_place_of_who_came_by_id(tmp_path, name, given):
    people = PEOPLE.replace("ada@x.org,", "ada@x.org,40172")
    files = {name: notebook("m"), f"Grace Hopper_1_assignsubmission_file_/{NB}": notebook("g")}
    if name.startswith("Ada Lovelace/"):
        files = {name: notebook("m"), f"ada/{NB}": notebook("a"), f"grace/{NB}": notebook("g")}
    listed = roster(tmp_path / "data", people)
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into", roster=listed)
    other = next(s for s in found.submissions if s.path.read_bytes() == notebook("m"))
    assert other.student not in listed.students and found.names[other.student] == given
    assert "not on the roster" in other.flags
    assert chosen(found)["grace"] == notebook("g") and len(found.submissions) == len(files)


def test_a_number_that_is_not_hers_is_not_her(tmp_path):
    listed = roster(tmp_path / "data", "student,name,moodle_id\nada,Ada Lovelace,40172\ngrace,Grace Hopper,40173\n")
    files = {moodle("Ada Lovelace_40999"): notebook("m"), moodle("Somebody_40173"): notebook("g")}
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into", roster=listed)
    assert set(chosen(found)) == {"grace", "Ada_Lovelace_40999-b24d44e8"}


@pytest.mark.parametrize(
    "files, taken",
    [
        ([f"A/ada/{NB}", f"A/bob/{NB}", f"eve/{NB}"], {"eve"}),
        ([f"x/Ada Lovelace - {NB}", f"x/Grace Hopper - {NB}", f"x/{NB}", f"eve/{NB}"], {"eve"}),
        ([f"x/Ada Lovelace - {NB}", f"x/{NB}", f"eve/{NB}"], {"eve"}),
        ([f"x/new/{NB}", f"x/bob/{NB}", f"eve/{NB}"], {"eve"}),
        (["x/ada.zip", "x/bob.zip", f"eve/{NB}"], {"eve"}),
        ([f"ada/old/{NB}", f"ada/new/{NB}", f"eve/{NB}"], {"eve", "ada"}),
        ([f"ada/{NB}", f"ada/more/{NB}", f"eve/{NB}"], {"eve", "ada"}),
    ],
)
@pytest.mark.parametrize("people", ["", "student\neve\nzoe\n"])
def test_a_folder_of_several_people_is_nobodys(tmp_path, files, taken, people):
    made = {name: zipped({NB: notebook(name)}) if name.endswith("zip") else notebook(name) for name in files}
    listed = roster(tmp_path / "data", people) if people else None
    found = collect(folder(tmp_path / "in", made), LAB, into=tmp_path / "into", roster=listed)
    assert set(chosen(found)) == taken
    if "ada" not in taken:
        assert len(found.unreadable) == len(files) - 1 and {p.student for p in found.unreadable} == {None}
        assert all("Give each student a folder" in p.reason for p in found.unreadable)


def test_the_classes_own_zip_in_a_folder_is_nobodys(tmp_path):
    inner = zipped({f"{who}/{NB}": notebook(who) for who in ("ada", "bob")})
    found = collect(folder(tmp_path / "in", {"all.zip": inner, f"eve/{NB}": notebook()}), LAB, into=tmp_path / "into")
    assert list(chosen(found)) == ["eve"] and len(found.unreadable) == 2


def test_who_handed_in_together_all_get_it(tmp_path):
    listing = (
        b"submission_1:\n  :submitters:\n  - :name: Ada Lovelace\n    :email: ada@x.org\n"
        b"  - :name: Grace Hopper\n    :email: grace@x.org\n"
    )
    files = {f"submission_1/{NB}": notebook("both"), "submission_metadata.yml": listing}
    listed = roster(tmp_path / "data", CLASS)
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into", roster=listed)
    assert chosen(found) == {"ada": notebook("both"), "grace": notebook("both")}
    assert [s.flags for s in found.submissions] == [
        (f"handed in together with {name}",) for name in ("Grace Hopper", "Ada Lovelace")
    ]


# --- what is no notebook ----------------------------------------------------------------------------


@pytest.mark.parametrize("people", ["", "student\n" + "".join(f"s{i}\n" for i in range(20))])
def test_every_name_that_yields_no_notebook_is_named_with_its_reason(tmp_path, people):
    names = [
        "s0/lab.html",
        "s1/lab.py",
        "s2/lab.tgz",
        f"s3/.ipynb_checkpoints/{LAB}-checkpoint.ipynb",
        "s4.rar",
        "s5.7z",
        "s6.tar.gz",
        "s7/x.json",
        "s8/lab.ipynb.html",
        "s9.html",
        "s10/a.pdf",
    ]
    files = {name: b"x" for name in names} | {f"s11/{NB}": notebook(), "s11/.DS_Store": b"", ".DS_Store": b""}
    listed = roster(tmp_path / "data", people) if people else None
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into", roster=listed)
    assert list(chosen(found)) == ["s11"]
    assert {p.where for p in found.unreadable} == set(names)
    said = {p.where: p.reason for p in found.unreadable}
    assert all("unpack it" in said[name] for name in ("s2/lab.tgz", "s4.rar", "s5.7z", "s6.tar.gz"))
    assert "only s6.tar.gz" in said["s6.tar.gz"] and "backup" in said[names[3]]
    if people:
        assert {p.student for p in found.unreadable} == {f"s{i}" for i in range(11)}


@pytest.mark.parametrize("name", [f"{NB}.txt", f"{NB}.json", f"{LAB}.json", f"{LAB}.txt", "lab.ipynb.txt"])
@pytest.mark.parametrize("pattern", ["ada/{}", "Mo Li_7_assignsubmission_file_/{}"])
def test_a_notebook_under_another_ending_is_read(tmp_path, name, pattern):
    files = {pattern.format(name): notebook("work"), f"bob/{NB}": notebook()}
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into")
    assert sorted(chosen(found).values()) == sorted([notebook("work"), notebook()]) and not found.unreadable


def test_a_notebook_under_another_ending_at_the_top_is_read(tmp_path):
    found = collect(
        folder(tmp_path / "in", {"ada.ipynb.txt": notebook("a"), f"bob/{NB}": notebook()}), LAB, into=tmp_path / "o"
    )
    assert chosen(found) == {"ada": notebook("a"), "bob": notebook()}


def test_a_backup_never_takes_the_place_of_the_notebook(tmp_path):
    files = {f"ada/{NB}": notebook("work"), f"ada/{NB}.bak": notebook("backup"), f"bob/{NB}": notebook()}
    times = {f"ada/{NB}.bak": NOV.replace(day=5)}
    found = collect(folder(tmp_path / "in", files, times), LAB, into=tmp_path / "into")
    assert chosen(found) == {"ada": notebook("work"), "bob": notebook()}
    assert f"ada/{NB}.bak" in found.submissions[0].flags[0]


# --- times ------------------------------------------------------------------------------------------


def test_an_extension_costs_nothing_where_canvas_says_late(tmp_path):
    names = {who: f"{who}_LATE_{number}_50{number}_{NB}" for number, who in enumerate(("ada", "grace", "mary"), 11)}
    files = {name: notebook(who) for who, name in names.items()}
    people = "student,canvas_id\nada,11\ngrace,12\nmary,13\n"
    (data := tmp_path / "data").mkdir()
    (data / "extensions.csv").write_text("student,lab,until\nada,lab90,2026-10-25T00:00Z\n")
    (data / "times.csv").write_text(f"student,lab,submitted\nmary,{LAB},2026-10-22T01:00Z\n")
    listed = roster(data, people, due="2026-10-20T00:00Z")
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into", roster=listed)
    ada, grace, mary = found.submissions
    assert [listed.late_minutes(s.student, LAB, s.submitted) for s in (ada, grace, mary)] == [0, 1, 2 * 1440 + 60]
    assert "extension" in ada.flags[0] and "does not say by how much" in grace.flags[0]
    assert (mary.clock, mary.flags) == ("times.csv", ())


def test_a_timestamp_older_than_its_notebook_is_flagged(tmp_path):
    files = {f"{who}/{LAB}/{NB}": notebook(who) for who in ("ada", "bob", "eve")}
    stamps = {"ada": b"2026-10-29 12:00:00 UTC", "bob": b"2026-11-02 12:00:00 UTC", "eve": b"[/x] [link=x]y"}
    files |= {f"{who}/{LAB}/timestamp.txt": stamp for who, stamp in stamps.items()}
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into")
    ada, bob, eve = found.submissions
    assert ada.flags == ("timestamp.txt says 2026-10-29 12:00 UTC, but the notebook is of 2026-11-01 12:00 UTC",)
    assert ada.submitted == datetime(2026, 10, 29, 12, tzinfo=UTC) and bob.flags == ()
    assert "is not a date" in eve.flags[0]


# --- attacks ----------------------------------------------------------------------------------------


def special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


@pytest.mark.parametrize(
    "member, reason",
    [
        ("../../bob/" + NB, "leads out"),
        ("/etc/" + NB, "leads out"),
        ("C:\\Windows\\" + NB, "leads out"),
        ("..\\..\\" + NB, "leads out"),
        (special(NB, stat.S_IFLNK | 0o777), "link"),
        (special(NB, stat.S_IFIFO | 0o644), "no regular file"),
        (special(NB, stat.S_IFCHR | 0o644), "no regular file"),
    ],
)
@pytest.mark.parametrize("nested", [True, False])
def test_members_that_lead_elsewhere(tmp_path, member, reason, nested):
    member = member if isinstance(member, zipfile.ZipInfo) else zipfile.ZipInfo(member)
    if not nested and not member.filename.startswith((".", "/", "C")):
        member.filename = f"eve/{member.filename}"
    data = [(member, b"/etc/passwd"), ("bob/" + NB, notebook("bob"))]
    if nested:
        source = folder(tmp_path / "in", {"eve.zip": zipped(data[:1]), "bob.ipynb": notebook("bob")})
    else:
        source = outer(tmp_path / "in.zip", data)
    before = {p for p in tmp_path.parent.rglob("*")}
    found = collect(source, LAB, into=tmp_path / "into")
    assert chosen(found) == {"bob": notebook("bob")}
    assert len(found.unreadable) == 1 and reason in found.unreadable[0].reason
    new = {tmp_path / name for name in ("into", "into/bob", f"into/bob/{NB}")}
    assert {p for p in tmp_path.parent.rglob("*")} - before == new


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_links_and_devices_in_a_folder(tmp_path):
    secret = tmp_path / "secret"
    folder(secret, {NB: notebook("secret")})
    source = folder(tmp_path / "in", {f"ada/{NB}": notebook("ada"), "eve/x": b"", "mal/x": b""})
    (source / "eve" / NB).symlink_to(secret / NB)
    (source / "mal" / "labs").symlink_to(secret)
    (source / "zoe").symlink_to(secret)
    (source / "pip.ipynb").symlink_to(secret / NB)
    os.mkfifo(source / "mal" / NB)
    found = collect(source, LAB, into=tmp_path / "into")
    assert chosen(found) == {"ada": notebook("ada")}
    assert {(p.where, p.student) for p in found.unreadable} == {
        (f"eve/{NB}", "eve"),
        ("mal/labs", "mal"),
        (f"mal/{NB}", "mal"),
        ("zoe", None),
        ("pip.ipynb", "pip"),
    }
    with pytest.raises(ValueError, match="cannot be opened"):  # also where it becomes a link after the listing
        inbox._read(str(source / "eve" / NB), 100)
    with pytest.raises(ValueError, match="no regular file"):
        inbox._read(str(source / "mal" / NB), 100)


def encrypted(data: bytes) -> bytes:
    """A zip whose first member claims to be encrypted."""
    raw = bytearray(data)
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


@pytest.mark.parametrize(
    "data, reason",
    [
        (zipped({NB: b" " * 100_000_001}), "more than 100,000,000 bytes"),
        (zipped({f"{i}.txt": b"" for i in range(inbox.MEMBERS + 1)}), "members"),
        (encrypted(zipped({NB: notebook()})), "encrypted"),
        (zipped({NB: notebook()})[:-30], "not a zip"),
        (b"PK\x05\x06", "not a zip"),
        (b"", "not a zip"),
    ],
)
def test_zips_that_are_not_unpacked(tmp_path, data, reason):
    source = folder(tmp_path / "in", {"eve.zip": data, "bob.ipynb": notebook()})
    found = collect(source, LAB, into=tmp_path / "into")
    assert list(chosen(found)) == ["bob"] and [p.student for p in found.unreadable] == ["eve"]
    assert reason in found.unreadable[0].reason and "ZipInfo" not in found.unreadable[0].reason


def test_a_zip_that_understates_its_size_is_cut(tmp_path):
    raw = zipped({NB: b"0" * 3_000_000})
    size = struct.pack("<I", 3_000_000)
    lying = raw.replace(size, struct.pack("<I", 10))
    assert lying != raw
    found = collect(folder(tmp_path / "in", {"eve.zip": lying, "bob.ipynb": b"{}"}), LAB, into=tmp_path / "into")
    sizes = {s.student: s.path.stat().st_size for s in found.submissions}
    assert sizes["bob"] == 2 and sizes.get("eve", 0) <= 10


def test_a_zip_that_unpacks_to_too_much_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(inbox, "UNPACKED", 1_000)
    files = {"eve.zip": zipped({NB: notebook(), "big.csv": b"0" * 1_000}), "bob.zip": zipped({NB: notebook()})}
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into")
    assert list(chosen(found)) == ["bob"] and "unpacks to more" in found.unreadable[0].reason


def test_damaged_zips_never_stop_the_class(tmp_path):
    raw, rng = zipped({NB: notebook("x" * 500), "b/other.ipynb": notebook(), "c.txt": b"c"}), random.Random(1)
    files = {"bob.ipynb": notebook("bob")}
    for i in range(150):
        damaged = bytearray(raw)
        for _ in range(rng.choice((1, 3, 20))):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        files[f"eve{i}.zip"] = bytes(damaged)
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into")
    assert chosen(found)["bob"] == notebook("bob")
    heard = {s.student for s in found.submissions} | {p.student for p in found.unreadable}
    assert heard == {"bob", *(f"eve{i}" for i in range(150))}


def test_names_that_could_be_confused_are_flagged_and_kept_apart(tmp_path):
    names = ["ada", "Ada", "аda", "a\u200bda", "zoë", "zoe\u0308", "con", "a b", "bob"]  # the third begins in Cyrillic
    found = collect(outer(tmp_path / "in.zip", {f"{n}/{NB}": notebook(n) for n in names}), LAB, into=tmp_path / "into")
    assert sorted(chosen(found).values()) == sorted(map(notebook, names))
    ids = [s.student for s in found.submissions]
    assert len({i.casefold() for i in ids}) == len(names) and all(i.isascii() for i in ids)
    flagged = {found.names[s.student] for s in found.submissions if s.flags}
    assert flagged == {"ada", "Ada", "аda", "a\u200bda", "zoë", "zoe\u0308"}
    assert {"ada", "bob"} <= set(ids) and "con" not in ids


def test_two_names_of_one_student_are_flagged(tmp_path):
    files = {f"ada/{NB}": notebook("one"), f"Ada/{NB}": notebook("two"), f"bob/{NB}": notebook("bob")}
    listed = roster(tmp_path / "data", "student\nada\nbob\n")
    found = collect(outer(tmp_path / "in.zip", files), LAB, into=tmp_path / "into", roster=listed)
    flags = {s.student: " ".join(s.flags) for s in found.submissions}
    assert "2 names of the inbox are ada: Ada, ada" in flags["ada"] and flags["bob"] == ""


def test_who_is_on_the_roster_keeps_the_id(tmp_path):
    listed = roster(tmp_path / "data", "student,email\nAda,\nl1,\nll,\nbob,bob@x.org\n")
    files = {f"{n}/{NB}": notebook(n) for n in ("ada", "l1", "ll", "bob@x.org", "аda")}
    found = collect(outer(tmp_path / "in.zip", files), LAB, into=tmp_path / "into", roster=listed)
    by = {s.student: s for s in found.submissions}
    assert {"Ada", "l1", "ll", "bob"} <= set(by) and len(by) == 5
    assert not any(by[n].flags for n in ("Ada", "l1", "ll", "bob"))
    (other,) = set(by) - {"Ada", "l1", "ll", "bob"}
    assert by[other].flags == ("not on the roster", "looks like Ada")


def test_a_zip_is_opened_once_and_few_of_its_notebooks_are_read(tmp_path, monkeypatch):
    opened, made = [], zipfile.ZipFile
    members = {f"{i:03}.ipynb": notebook(str(i), "other") for i in range(80)} | {f"x/{NB}": notebook("work")}
    source = folder(tmp_path / "in", {"eve.zip": zipped(members), f"bob/{NB}": notebook()})
    monkeypatch.setattr(zipfile, "ZipFile", lambda *given: opened.append(1) or made(*given))
    read = []
    monkeypatch.setattr(inbox, "_unpack", lambda *given, real=inbox._unpack: read.append(1) or real(*given))
    found = collect(source, LAB, into=tmp_path / "into")
    assert chosen(found) == {"bob": notebook(), "eve": notebook("work")}
    assert len(opened) == 1 and len(read) == inbox.CANDIDATES
    assert len(found.unreadable) == 81 - inbox.CANDIDATES
    assert all(f"more than {inbox.CANDIDATES} notebooks" in p.reason for p in found.unreadable)


@pytest.mark.parametrize("limit, value", [("ZIP", 2_500), ("ZIPS", 2), ("MEMBERS", 2), ("UNPACKED", 5_000)])
def test_the_limits_hold_for_all_zips_of_a_student_together(tmp_path, monkeypatch, limit, value):
    monkeypatch.setattr(inbox, limit, value)
    texts = [f"{i}{random.Random(i).randbytes(900).hex()}" for i in range(3)]  # 1 kB each in a zip, 2 kB out of it
    files = {f"{who}/{i}.zip": zipped({NB: notebook(text)}) for who in ("ada", "bob") for i, text in enumerate(texts)}
    listed = roster(tmp_path / "data", "student\nada\nbob\n")
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into", roster=listed)
    assert chosen(found) == {"ada": notebook(texts[1]), "bob": notebook(texts[1])}
    assert [p.where for p in found.unreadable] == ["ada/2.zip", "bob/2.zip"]
    assert all(s.attempts == 2 for s in found.submissions)


def test_one_line_printed_again_and_again_is_no_bomb(tmp_path):
    printed = json.dumps(
        {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5, "x": ["step\n"] * 3_000_000}
    ).encode()
    inner = zipped({NB: printed})
    assert len(printed) > 200 * len(inner)
    for number, source in enumerate(
        (folder(tmp_path / "in", {"eve.zip": inner}), outer(tmp_path / "i.zip", {f"eve/{NB}": printed}))
    ):
        found = collect(source, LAB, into=tmp_path / f"into{number}")
        assert not found.unreadable and chosen(found) == {"eve": printed}


def test_a_notebook_that_is_too_much_to_read_ends_alone(tmp_path, monkeypatch):
    bounds = apart.Bounds(memory_mb=150, cpu_s=20, wall_s=60)
    monkeypatch.setattr(inbox, "BATCH", bounds)
    monkeypatch.setattr(inbox, "SINGLE", bounds)
    heavy = b'{"cells": [], "metadata": {"x": [' + b"{}," * 1_500_000 + b'{}]}, "nbformat": 4, "nbformat_minor": 5}'
    files = {f"eve/{NB}": notebook("good"), f"eve/{LAB} (1).ipynb": heavy, f"bob/{NB}": notebook()}
    times = {f"eve/{LAB} (1).ipynb": NOV.replace(day=5)}
    found = collect(folder(tmp_path / "in", files, times), LAB, into=tmp_path / "into")
    assert chosen(found) == {"bob": notebook(), "eve": notebook("good")}
    (problem,) = found.unreadable
    assert problem.student == "eve" and re.search("memory|limits", problem.reason, re.I)


# --- the instructor's mistakes ----------------------------------------------------------------------


def test_an_inbox_that_is_none(tmp_path):
    (tmp_path / "text.zip").write_text("no zip")
    for path in (tmp_path / "text.zip", tmp_path / "nowhere"):
        with pytest.raises(ValueError, match="neither a folder nor a zip"):
            collect(path, LAB, into=tmp_path / "into")
    with pytest.raises(ValueError, match="outside"):
        collect(tmp_path, LAB, into=tmp_path / "into")


def test_a_notebook_without_a_student(tmp_path):
    found = collect(folder(tmp_path / "in", {NB: notebook(), "README.txt": b""}), LAB, into=tmp_path / "into")
    assert [(p.where, p.student) for p in found.unreadable] == [(NB, None), ("README.txt", None)]
    assert found.files == {NB: "problem", "README.txt": "problem"}


def test_whatever_yields_no_notebook_is_named(tmp_path):
    files = {
        "eve.zip": zipped({"essay.pdf": b""}),
        "Mo Li_7_assignsubmission_file_/essay.pdf": b"",
        "doe_1_2_essay.pdf": b"",
        "ada/lab91_other/lab91_other.ipynb": notebook(),
        "docs/readme.txt": b"",
        f"bob/lab91_other/{NB}": notebook("bob"),
    }
    found = collect(folder(tmp_path / "in", files), LAB, into=tmp_path / "into")
    assert list(chosen(found)) == ["bob"]
    assert {p.where: p.student and found.names[p.student] for p in found.unreadable} == {
        "eve.zip!essay.pdf": "eve",
        "Mo Li_7_assignsubmission_file_/essay.pdf": "Mo Li_7",
        "doe_1_2_essay.pdf": "doe_1",
        "ada/lab91_other/lab91_other.ipynb": None,
        "docs/readme.txt": None,
    }
    assert all(f"no notebook of {LAB} came with it, only" in p.reason for p in found.unreadable)


def test_an_empty_inbox(tmp_path):
    assert collect(folder(tmp_path / "in", {}), LAB, into=tmp_path / "into") == inbox.Collected()


def test_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    source, scandir = folder(tmp_path / "in", {f"ada/{NB}": notebook(), f"eve/{NB}": notebook()}), os.scandir

    def refuse(path):
        if str(path).endswith("eve"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = collect(source, LAB, into=tmp_path / "into")
    assert list(chosen(found)) == ["ada"]
    assert [(p.where, p.reason) for p in found.unreadable] == [("eve", "Permission denied")]


def test_what_the_system_refuses_to_show_is_named_and_the_rest_is_graded(tmp_path, monkeypatch):
    source, lstat = folder(tmp_path / "in", {f"ada/{NB}": notebook(), f"eve/{NB}": notebook()}), os.lstat

    def refuse(path, **more):
        if str(path).endswith(f"eve/{NB}"):
            raise PermissionError(13, "Permission denied", str(path))
        return lstat(path, **more)

    monkeypatch.setattr(os, "lstat", refuse)
    found = collect(source, LAB, into=tmp_path / "into")
    assert list(chosen(found)) == ["ada"]
    assert [(p.where, p.student) for p in found.unreadable] == [(f"eve/{NB}", "eve")]
    assert "Permission denied" in found.unreadable[0].reason


@pytest.mark.parametrize("name, levels", [("d" * 200, 25), ("d", 1_500)])
def test_a_path_that_is_too_long_is_named_and_the_rest_is_graded(tmp_path, name, levels):
    source = folder(tmp_path / "in", {f"ada/{NB}": notebook(), f"eve/{NB}": notebook("e")})
    at = os.open(source / "eve", os.O_RDONLY)
    for _ in range(levels):
        os.mkdir(name, dir_fd=at)
        at, above = os.open(name, os.O_RDONLY, dir_fd=at), at
        os.close(above)
    try:
        found = collect(source, LAB, into=tmp_path / "into")
    finally:  # pytest cannot remove what is as deep as that
        for _ in range(levels):
            at, below = os.open("..", os.O_RDONLY, dir_fd=at), at
            os.close(below)
            os.rmdir(name, dir_fd=at)
        os.close(at)
    assert chosen(found) == {"ada": notebook(), "eve": notebook("e")}
    assert [p.student for p in found.unreadable] == ["eve"]
    assert "deep" in found.unreadable[0].reason or "too long" in found.unreadable[0].reason


# --- properties -------------------------------------------------------------------------------------

PIECES = st.one_of(
    st.text(min_size=1, max_size=8),
    st.sampled_from(
        [
            "..",
            ".",
            "",
            "/",
            "\\",
            "C:",
            "ada",
            "Ada",
            "con",
            NB,
            LAB,
            f"{LAB}-1.ipynb",
            "x.ipynb",
            "a.zip",
            "__MACOSX",
            "~",
            "A B_1_assignsubmission_file_",
            f"doe_LATE_1_2_{NB}",
            "timestamp.txt",
        ]
    ),
)
NAMES = st.lists(PIECES, min_size=1, max_size=4).map("/".join)


def inside(root: Path) -> set[str]:
    return {p.relative_to(root).as_posix() for p in root.rglob("*") if not p.is_dir()}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(names=st.lists(NAMES, max_size=8), nested=st.booleans())
def test_any_names_stay_inside_and_are_accounted_for(tmp_path_factory, names, nested):
    root = tmp_path_factory.mktemp("any")
    files = [(zipfile.ZipInfo(name), notebook(str(i))) for i, name in enumerate(names)]
    data = zipped(files)
    members = [info for info, _ in zip(zipfile.ZipFile(io.BytesIO(data)).infolist(), files)]
    if nested:
        (root / "in").mkdir()
        (root / "in/eve.zip").write_bytes(data)
    else:
        (root / "in.zip").write_bytes(data)
    before = inside(root)
    found = collect(root / ("in" if nested else "in.zip"), LAB, into=root / "into")
    assert inside(root) - before == {s.path.relative_to(root).as_posix() for s in found.submissions}
    assert all(len(s.path.relative_to(root / "into").parts) == 2 and not s.path.is_symlink() for s in found.submissions)
    leads_out = sum(".." in i.filename.replace("\\", "/").split("/") for i in members)
    plain = sum(not i.filename.replace("\\", "/").endswith("/") for i in members)
    assert plain + nested <= len(found.files) <= plain + leads_out + len(members) + nested
    assert set(found.files.values()) <= {"chosen", "superseded", "beside", "problem", "opened"}
    assert sorted(w for w, r in found.files.items() if r == "chosen") == sorted(s.original for s in found.submissions)
    assert sorted(w for w, r in found.files.items() if r == "problem") == sorted(p.where for p in found.unreadable)
    students = [s.student for s in found.submissions]
    assert len({s.casefold() for s in students}) == len(students)
    if nested:
        assert len(students) <= 1
    assert all(w.isprintable() for w in found.files)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(order=st.permutations(["ada", "Ada", "аda", "bob", "Bob"]))
def test_the_order_of_the_files_changes_nothing(tmp_path_factory, order):
    root = tmp_path_factory.mktemp("order")
    found = collect(outer(root / "in.zip", {f"{n}/{NB}": notebook(n) for n in order}), LAB, into=root / "into")
    again = sorted(order)
    other = collect(outer(root / "in.zip", {f"{n}/{NB}": notebook(n) for n in again}), LAB, into=root / "into")
    assert found.names == other.names and found.submissions == other.submissions
