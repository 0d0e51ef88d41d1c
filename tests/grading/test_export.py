"""Marks as tables: what is not settled is never a 0, and no cell is a formula."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.grading.export import _cell, rows, write
from course.grading.roster import Roster

LAB = "lab90_tiny"


def result(student: str, points=(2, 1), written=3, status="ok", **more):
    parts = [{"part": name, "points": p, "full": 3, "reason": "", "status": "right"} for name, p in zip("fg", points)]
    pending = [] if written is not None else ["written"]
    known = None if None in points else sum(points)
    return {
        "student": student,
        "lab": LAB,
        "status": status,
        "reason": "",
        "flags": [],
        "parts": parts,
        "points": known,
        "full": 6,
        "written": {"points": written, "full": 3, "pending": pending},
        "late_minutes": 0,
        "penalty": 0,
        "submitted": "2026-11-30T17:00:00+00:00",
    } | more


@pytest.fixture
def roster(tmp_path):
    (tmp_path / "roster.csv").write_text(
        "student,name,email,canvas_id\n"
        "ada,Ada Lovelace,ada@x.org,11\n"
        'bob,"=HYPERLINK(""http://x"",""y"")",bob@x.org,\n'
        "eve,Points Possible,eve@x.org,13\n"
        "joe,Joe,,14\nmia,Mia,mia@x.org,15\nkim,Kim,kim@x.org,16\n"
        "pat,Pat,pat@x.org,17\nsam,Sam,sam@x.org,18\nzoe,Zoe,zoe@x.org,19\n",
        encoding="utf-8",
    )
    return Roster.read(tmp_path)


RESULTS = [
    result("ada"),
    result("bob", points=(0, 0), written=0),
    result("eve", late_minutes=90, penalty=0.9),
    result("joe", status="timeout", reason="cell 7 did not end", points=(2, 0)),
    result("mia", written=None),
    result("kim", points=(None, 1), flags=["tampered"], status="tampered"),
    result("pat", status="infrastructure", points=(0, 0)),
    result("sam", status="unreadable", reason="=cmd|' /C calc'!A0", points=(0, 0)),
    result("stranger"),
]
SETTLED = {"ada": 6, "bob": 0, "eve": 5.1, "stranger": 6}


def table(path, encoding="utf-8"):
    return list(csv.reader(io.StringIO(path.read_text(encoding=encoding))))


def test_rows(roster):
    made = rows(iter(RESULTS), roster)
    by = {row["student"]: row for row in made}
    assert list(by) == sorted(by) and len(made) == 10
    assert {s: row["final"] for s, row in by.items() if row["final"] is not None} == SETTLED
    assert by["zoe"]["status"] == "missing" and by["zoe"]["lab"] == LAB and by["zoe"]["full"] == 9
    assert by["kim"]["points"] is None and by["kim"]["automatic"] is None
    for student, points in (("sam", [None, None]), ("pat", [None, None]), ("joe", [2, 0])):
        assert [p for p, _ in by[student]["parts"].values()] == points, "what is not settled is no 0"
    looked_at = result("x", points=(1, 2), status="tampered", waiting=[])
    assert rows([looked_at])[0]["final"] == 6 and rows([looked_at | {"waiting": ["f-test"]}])[0]["final"] is None
    assert by["mia"]["waiting"] == "written" and by["mia"]["automatic"] == 3 and by["mia"]["points"] is None
    assert rows([result("x", penalty=99)])[0]["final"] == 0
    assert rows([result("x", flags=["tampered"])])[0]["final"] is None  # whatever the status says
    assert rows([result("x", waiting=["g-test"])])[0]["why"] == "waits for a person: g-test"
    for status in ("timeout", "killed", "killed (memory)"):
        stopped = rows([result("x", status=status)])[0]
        assert (stopped["final"], stopped["points"], stopped["why"].split(":")[0]) == (None, 6, status.split()[0])
        assert rows([result("x", status=status, waiting=["g-test"])])[0]["final"] is None
        assert rows([result("x", status=status, waiting=["not in the gradebook"])])[0]["final"] is None
        assert rows([result("x", status=status, waiting=[])])[0]["final"] == 6  # a person has looked
        written = rows([result("x", status=status, waiting=["w"], written=None)])[0]
        assert (written["final"], written["why"]) == (None, "waits for a person: written, w")
    assert rows([result("x", written=None) | {"written": {"points": None, "full": 3, "pending": 2}}])[0]["waiting"]
    assert rows([], roster)[0]["status"] == "missing"


def test_csv(tmp_path, roster):
    left = write(rows(RESULTS, roster), "csv", tmp_path / "out.csv")
    assert [student for student, _ in left] == ["joe", "kim", "mia", "pat", "sam", "zoe"]
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    heading, *lines = table(tmp_path / "out.csv", "utf-8-sig")
    by = {line[0]: dict(zip(heading, line)) for line in lines}
    assert by["ada"]["f (3)"] == "2" and by["ada"]["g (3)"] == "1" and by["ada"]["final"] == "6"
    assert by["eve"]["late_minutes"] == "90" and by["eve"]["penalty"] == "0.9" and by["eve"]["final"] == "5.1"
    assert by["kim"]["f (3)"] == "" and by["kim"]["final"] == "" and "look at it" in by["kim"]["why"]
    assert by["mia"]["final"] == "" and by["mia"]["waiting"] == "written"
    assert by["joe"]["status"] == "timeout" and by["joe"]["reason"] == "cell 7 did not end"
    assert by["joe"]["f (3)"] == "2" and by["joe"]["final"] == "" and "Formgrader" in by["joe"]["why"]
    assert by["bob"]["name"].startswith("'=HYPERLINK") and by["sam"]["reason"].startswith("'=cmd")
    assert by["zoe"]["status"] == "missing" and by["zoe"]["final"] == by["zoe"]["f (3)"] == ""


def test_canvas(tmp_path, roster):
    left = dict(write(rows(RESULTS, roster), "canvas", tmp_path / "out.csv"))
    heading, possible, *lines = table(tmp_path / "out.csv")
    assert heading == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", LAB]
    assert possible == ["    Points Possible", "", "", "", "", "9"]
    assert {line[3]: (line[1], float(line[5])) for line in lines} == {
        "ada": ("11", 6),
        "bob": ("", 0),
        "eve": ("13", 5.1),
    }
    assert not any("Points Possible" in line[0] for line in lines), "Canvas would take it for the second heading"
    assert set(left) == {"joe", "kim", "mia", "pat", "sam", "zoe", "stranger"} and "roster" in left["stranger"]


def test_moodle(tmp_path, roster):
    left = dict(write(rows(RESULTS, roster), "moodle", tmp_path / "out.csv"))
    heading, *lines = table(tmp_path / "out.csv")
    assert heading == ["Email address", LAB, f"{LAB} note"]
    assert {line[0]: line[1] for line in lines} == {"ada@x.org": "6", "bob@x.org": "0", "eve@x.org": "5.1"}
    assert all(line[1] for line in lines), "Moodle takes an empty cell for 'no grade' and erases the one that is there"
    assert lines[2][2] == "90 minutes late: 0.9 points less"
    assert {"joe", "stranger", "kim", "mia"} <= set(left)


def test_another_format(tmp_path):
    with pytest.raises(ValueError, match="csv, canvas or moodle"):
        write([], "xlsx", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_empty_class(tmp_path):
    for name in ("csv", "canvas", "moodle"):
        assert write(rows([]), name, tmp_path / name) == [] and (tmp_path / name).exists()


def test_cells():
    kept = [None, 2, 0.5, -1.5, "-1.5", "-3", "ada"]
    assert [_cell(value) for value in kept] == kept and str(_cell(2.0)) == "2"
    bad = ["=1+1", "+1", "-1+1", "@SUM(A1)", " =1", "\t=1", "\r\n=1", "＝1", "-", "\x00=1", "\u2028=1", "--1", "-²"]
    assert all(_cell(text).startswith("'") for text in bad)
    assert _cell("a\nb\x1b[31m") == "a b [31m"
    assert _cell("late; on 3 May; -5") == "late; on 3 May; -5"


@pytest.mark.parametrize("begins", ["=cmd|A0", "+1+1", "-1+1", "@SUM(A1)", "＝1"])
@pytest.mark.parametrize(
    "before", ["", ";", "a;", "a; ", ";;", "\t", "a\t", "\n", "\r\n", "a;\t", 'a;"', 'a; ""', "b,c;"]
)
def test_no_piece_is_a_formula_where_a_program_splits_at_semicolons(tmp_path, before, begins):
    """Excel in most of Europe reads a CSV so, and so does whoever pastes it with tabs."""
    given = result("ada", reason=f"{before}{begins};b", flags=[f"{before}{begins}"])
    write(rows([given]), "csv", tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_text("utf-8-sig")
    for delimiter in (",", ";", "\t"):
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            first = [unicodedata.normalize("NFKC", cell.lstrip('" '))[:2] for cell in line]
            assert not [sign for sign in first if sign[:1] in ("=", "+", "@") or sign == "-1"], line


@given(st.text())
def test_no_text_is_a_formula(text):
    cell = _cell(text)
    assert not cell.lstrip().startswith(("=", "+", "@"))
    assert not cell.startswith("-") or float(cell) <= 0
    assert not any(ord(c) < 32 for c in cell)


@given(st.lists(st.sampled_from(RESULTS), unique_by=lambda r: r["student"]))
def test_every_result_is_in_the_table_or_left_out(tmp_path_factory, results):
    out = tmp_path_factory.mktemp("out") / "out.csv"
    left = write(rows(results), "csv", out)
    lines = table(out, "utf-8-sig")[1:]
    assert [line[0] for line in lines] == sorted(r["student"] for r in results)
    assert {s for s, _ in left} == {r["student"] for r in results} - set(SETTLED)
