"""The roster as spreadsheets write it; lateness; names and seeds that stay the same."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.grading.roster import Roster, penalty, safe_id, student_seed, when

DUE = datetime(2026, 11, 30, 18, tzinfo=UTC)


def made(tmp_path, text: str | bytes, extensions: str = "", due: str | None = None) -> Roster:
    data = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "roster.csv").write_bytes(data)
    if extensions:
        (tmp_path / "extensions.csv").write_text(extensions, encoding="utf-8")
    return Roster.read(tmp_path, due)


PLAIN = "student,name,email,canvas_id\nada,Ada Müller,ada@x.org,0012\nbob,,,\n"


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.replace(",", ";").replace("\n", "\r\n").encode("cp1252"),
        ("sep=;\r\n" + PLAIN.replace(",", ";")).encode("utf-8-sig"),
        PLAIN.replace(",", "\t").encode("utf-16"),
        PLAIN.replace("0012", '"=""0012"""').encode(),
        PLAIN.replace("0012", "'0012").replace("ada,", " ada\u00a0,").encode(),
        PLAIN.replace("student", "Student").replace("canvas_id", "Canvas ID").replace("\nbob", "\n,,,\n\nbob").encode(),
        PLAIN.replace("Müller", "Mu\u0308ller").encode(),
    ],
)
def test_what_spreadsheets_write(tmp_path, data):
    roster = made(tmp_path, data)
    assert list(roster.students) == ["ada", "bob"]
    ada = roster.students["ada"]
    assert (ada.name, ada.email, ada.canvas_id) == ("Ada Müller", "ada@x.org", "0012")
    assert roster.find("ADA@X.ORG", "student", "email") == ada and roster.find("12", "canvas_id") is None
    assert roster.find("", "email", "name") is None
    (tmp_path / "roster.csv").write_text("student,name\nada,Jo\nbob,Jo\n", encoding="utf-8")
    assert Roster.read(tmp_path).find("Jo", "name") is None, "two have that name: nobody's guess"


def test_only_student_is_needed_and_no_roster_is_no_error(tmp_path):
    assert Roster.read(tmp_path).students == {}
    assert list(made(tmp_path, "student\n12345\n").students) == ["12345"]
    assert made(tmp_path, "student,seed,canvas_id\nada,7.0,123.0\n").students["ada"].canvas_id == "123"


@pytest.mark.parametrize(
    "text, message",
    [
        ("name\nAda\n", "roster.csv, line 1: no column student; found: name"),
        ("", "roster.csv, line 1: no column student"),
        ("student,name\nada,\n,Bob\n", "roster.csv, line 3: student is empty"),
        ("student\nada\nbob\nAda\n", "roster.csv, line 4: the student 'Ada' stands in roster.csv, line 2 already"),
        ("student,email\nada,a@x\nbob,A@x\n", "line 3: the email 'A@x' stands in"),
        ("student,canvas_id\nada,1.2E+11\n", "line 2: a spreadsheet made '1.2E+11' of a number"),
        ("student,seed\nada,-1\n", "line 2: a seed is a whole number"),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path, text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        made(tmp_path, text)


@pytest.mark.parametrize(
    "text, message",
    [
        ("student,lab,until\nada,lab02,30.11.2026\n", "extensions.csv, line 2: '30.11.2026' is not a date"),
        ("student,lab,until\nada,lab02,30/11/2026 18:00\n", "is not a date. Write 2026-11-30"),
        ("student,lab,until\neve,lab02,2026-11-30\n", "extensions.csv, line 2: 'eve' is not in roster.csv"),
        ("student,lab\nada,lab02\n", "no column until"),
        ("student,lab,until\nada,,2026-11-30\n", "line 2: lab is empty"),
    ],
)
def test_mistakes_in_extensions(tmp_path, text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        made(tmp_path, PLAIN, text)


@pytest.mark.parametrize(
    "text", ["Ada Müller", "Müller, Ada", "müller_ada", "Ada Mu\u0308ller (4711)", "z123_Ada Müller", "Ada  MÜLLER"]
)
def test_a_full_name_is_found_in_any_order_and_beside_a_number(tmp_path, text):
    roster = made(tmp_path, PLAIN)
    assert roster.named(text) == roster.students["ada"]


@pytest.mark.parametrize("text", ["", "Ada", "Müller", "Ada Maria Müller", "ada", "bob", "4711", "Ada 4711"])
def test_what_is_not_the_full_name_is_nobody(tmp_path, text):
    assert made(tmp_path, PLAIN).named(text) is None


def test_a_name_that_two_could_have_is_nobodys(tmp_path):
    roster = made(tmp_path, "student,name\nw,Wei Li\nl,Li Wei\no,Mary-Ann O'Neil\n")
    assert roster.named("Wei Li") is None and roster.named("ONeil, Mary Ann") == roster.students["o"]


def test_times_of_single_students(tmp_path):
    (tmp_path / "times.csv").write_text("student;lab;submitted\nAda;lab02;2026-12-01T08:30+01:00\n", encoding="utf-8")
    roster = made(tmp_path, PLAIN, "student,lab,until\nada,lab02_attention,2026-12-02\n")
    assert roster.submitted("ada", "lab02_attention") == datetime(2026, 12, 1, 7, 30, tzinfo=UTC)
    assert roster.submitted("ada", "lab01_x") is None is roster.submitted("bob", "lab02_attention")
    assert roster.extended("ada", "lab02_attention") and not roster.extended("bob", "lab02_attention")
    (tmp_path / "times.csv").write_text("student,lab,submitted\neve,lab02,2026-12-01\n", encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape("times.csv, line 2: 'eve' is not in roster.csv")):
        Roster.read(tmp_path)


def test_lateness_and_extensions(tmp_path):
    text = "student,lab,until\nAda,lab02_attention,2026-12-02T19:00+01:00\n"
    roster = made(tmp_path, PLAIN, text, due="2026-11-30T18:00Z")
    assert roster.due == DUE and roster.until("ada", "lab02_attention") == DUE + timedelta(days=2)

    def late(who, lab="lab02_attention", **after):
        return roster.late_minutes(who, lab, DUE + timedelta(**after))

    assert [late("bob", minutes=m) for m in (-90, 0, 1, 90)] == [0, 0, 1, 90]
    assert late("bob", seconds=1) == 1 and late("bob", seconds=61) == 2
    assert late("ada", days=2) == 0 and late("ada", days=2, minutes=5) == 5
    assert late("ada", "lab01_tokenization", minutes=5) == 5
    short = made(tmp_path, PLAIN, text.replace("lab02_attention", "lab02"), due="2026-11-30T18:00Z")
    assert short.until("ada", "lab02_attention") == DUE + timedelta(days=2) and short.until("ada", "lab01_x") == DUE
    local = (DUE + timedelta(minutes=3)).astimezone(timezone(timedelta(hours=-8)))
    assert roster.late_minutes("bob", "lab02_attention", local) == 3
    assert Roster.read(tmp_path).late_minutes("bob", "lab02_attention", DUE) == 0


def test_penalty_is_per_started_day_and_bounded():
    assert [penalty(m, 10) for m in (0, 1, 1440, 1441, 99_999)] == [0, 10, 10, 20, 100]
    assert penalty(5 * 1440, 15, most=50) == 50 and penalty(500, 0) == 0


def test_times(monkeypatch):
    assert when("2026-11-30T18:00+01:00", "") == datetime(2026, 11, 30, 17, tzinfo=UTC)
    assert when("2026/11/30 18:00 UTC", "") == when("2026-11-30 18:00Z", "") == DUE
    here = datetime(2026, 11, 30, 18).astimezone()
    assert when("2026-11-30 18:00", "") == here
    day = datetime(2026, 11, 30, 23, 59, 59, 999999).astimezone()
    assert when("2026-11-30", "") == day
    for wrong in ("", "tomorrow", "11/30/2026", "2026-13-01"):
        with pytest.raises(ValueError, match=r"^--due: "):
            when(wrong, "--due")


def test_codes_are_stable_secret_and_distinct(tmp_path):
    roster = made(tmp_path, PLAIN)
    code = roster.anonymous("ada")
    assert re.fullmatch(r"A-[2-9A-HJ-NP-Z]{7}", code)
    assert Roster.read(tmp_path).anonymous("ada") == code != roster.anonymous("bob")
    assert len({roster.anonymous(f"s{i}") for i in range(2_000)}) == 2_000
    if os.name == "posix":
        assert (tmp_path / ".secret").stat().st_mode & 0o077 == 0
    (tmp_path / "b").mkdir()
    assert Roster.read(tmp_path / "b").anonymous("ada") != code
    (tmp_path / ".secret").write_bytes(b"short")
    with pytest.raises(ValueError, match="damaged"):
        roster.anonymous("ada")


def test_seeds_are_the_same_everywhere_and_tell_nothing_of_each_other(tmp_path):
    assert student_seed("ada", 20261124) == 156415227066781  # a number to keep: another one would change every mark
    code = "from course.grading.roster import student_seed as s; print(s('ada', 20261124))"
    there = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    ).stdout
    assert int(there) == student_seed("ada", 20261124)
    seeds = {student_seed(f"s{i}", hidden) for i in range(500) for hidden in (1, 2)}
    assert len(seeds) == 1_000 and all(0 <= seed < 2**48 for seed in seeds)
    roster = made(tmp_path, "student,seed\nada,42\nbob,\n")
    assert roster.seed("ada", 1) == 42 and roster.seed("bob", 1) == student_seed("bob", 1) == roster.seed("bob", 1)
    assert roster.seed("eve", 1) == student_seed("eve", 1)


@given(st.text(max_size=80))
def test_ids_are_safe_folders_and_stay_apart(text):
    name = safe_id(text)
    assert re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,80}[A-Za-z0-9])?", name)
    assert safe_id(name) == name, "an id is its own id"


def test_ids():
    assert [safe_id(t) for t in ("ada", "a.b-c_9", "12345")] == ["ada", "a.b-c_9", "12345"]
    changed = ["ada@x.org", "../ada", "ada/..", "con", "NUL.txt", "a b", "张伟", "", ".", "-rf", "a" * 99, "ada\0", "é"]
    ids = [safe_id(t) for t in changed]
    assert not any(re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", safe_id(t)) for t in (*changed, "con.x y"))
    assert len(set(ids)) == len(changed) and ids[0].startswith("ada_x.org-")
    assert safe_id("é") == safe_id("e\u0301")
