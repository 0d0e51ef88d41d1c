"""The arithmetic of marks: from what came out of a notebook to points, and from points to what is entered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from corpus import LAB

from course import authoring
from course.authoring import HIDDEN
from course.grading import book, execute, export, grader, pages
from course.grading.execute import verdict_of
from course.scoring import Score
from helpers.checks import values
from helpers.checks.parts import VISIBLE, Verdict

DUE = datetime(2026, 11, 30, 18, tzinfo=UTC)


def lab():
    return authoring.graded(LAB, 5)


def message(part, kind, wrong=()):
    """What a kernel sends for a right answer; None instead of the outputs for the aspects in `wrong`."""
    outputs = [None if case.aspect in wrong else case.expected for case in part.questions[kind].cases]
    return {"outcomes": [{"output": values.dumps(output)} for output in outputs]}


def messages(name, **wrong):
    """By kind of inputs, what a kernel sends for one part; `hidden` and `visible` name the aspects that are wrong."""
    part = lab().part(name)
    return {name: {kind: message(part, kind, wrong.get(kind, ())) for kind in (HIDDEN, VISIBLE)}}


def points(sent, lent=None):
    """Points by part, and in all."""
    made = execute.points_of(lab(), sent, lent or {})
    return {part["part"]: part["points"] for part in made["parts"]}, made["points"]


# --- from outcomes to points ----------------------------------------------------------------------------


def test_a_score_is_the_sum_of_all_parts():
    verdicts = Verdict("f", "right", {"a": 2, "b": 1}), Verdict("g", "wrong", {"c": 0, "d": 4})
    assert Score("lab", verdicts).points == Score("lab", verdicts).as_dict()["points"] == 7


@pytest.mark.parametrize("sent", [None, {"missing": True}, {"short_cuts": ["softmax"]}, {"outcomes": 5}])
def test_no_answer_earns_nothing(sent):
    part = lab().part("softmax")
    assert verdict_of(part, part.questions[HIDDEN], sent).points == 0


def test_a_receipt_adds_up_all_parts():
    by_part, total = points(messages("softmax") | messages("attention") | messages("merge", hidden=["overlapping"]))
    assert by_part == {"softmax": 3, "attention": 4, "merge": 2, "parameters": 0} and total == 9
    assert execute.points_of(lab())["full"] == 14


def test_points_are_for_hidden_inputs():
    by_part, total = points(messages("softmax", hidden=["shares"]) | messages("attention", visible=["batches"]))
    assert (by_part["softmax"], by_part["attention"], total) == (1, 4, 5)


def test_a_right_earlier_part_adds_points_and_takes_none_away():
    right, wrong = messages("attention"), messages("attention", hidden=["one sequence"], visible=["batches"])
    assert points(wrong, right)[1] == points(right, wrong)[1] == 4 and points(wrong)[1] == 1


# --- lateness -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("per_day", "after", "lost"),
    [
        (10, timedelta(minutes=-1), 0),
        (10, timedelta(minutes=1), 1.7),  # of 17 points: 14 by machine, 3 written
        (10, timedelta(days=1, minutes=1), 3.4),
        (12.5, timedelta(minutes=1), 2.12),  # 2.125, to hundredths
        (33.3, timedelta(minutes=1), 5.66),
        (60, timedelta(days=9), 17),
    ],
)
def test_lateness_costs_a_share_of_all_points(tmp_path, per_day, after, lost):
    room = grader.Classroom(tmp_path, LAB, due=DUE.isoformat(), late_penalty=per_day)
    assert room.lateness("ada", DUE + after)["penalty"] == pytest.approx(lost, abs=1e-9)


def test_an_extension_counts_for_one_student_and_one_lab(tmp_path):
    (tmp_path / "extensions.csv").write_text(
        "student,lab,until\nada,lab90,2026-12-02 18:00+00:00\nben,lab01,2026-12-09\n", encoding="utf-8"
    )
    room = grader.Classroom(tmp_path, LAB, due=DUE.isoformat(), late_penalty=10)
    late = {student: room.lateness(student, DUE + timedelta(days=2, minutes=5)) for student in ("ada", "ben")}
    assert (late["ada"]["late_minutes"], late["ada"]["penalty"]) == (5, 1.7)
    assert (late["ben"]["late_minutes"], late["ben"]["penalty"]) == (2 * 1440 + 5, 5.1)


# --- what is entered ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("got", "penalty", "final"),
    [((2, 1), 0.9, 2.1), ((2, 4), 5.1, 0.9), ((0.1, 0.2), 0, 0.3)],
)
def test_a_mark_has_hundredths_and_no_more(got, penalty, final):
    parts = [{"part": name, "points": one, "full": 4} for name, one in zip("fg", got, strict=True)]
    result = {
        "student": "ada",
        "lab": LAB,
        "status": "ok",
        "parts": parts,
        "full": 8,
        "penalty": penalty,
        "waiting": [],
    }
    assert export.rows([result])[0]["final"] == final


@pytest.mark.parametrize(
    ("got", "penalty", "told"),
    [([3, 4.25, None], 1.7, "5.55 of 17 points so far"), ([3, None], 5.1, "0 of 17 points so far")],
)
def test_a_page_takes_the_penalty_off_and_stops_at_0(got, penalty, told):
    mark = {"final": None, "penalty": penalty, "full": 17}
    assert pages._total([{"points": one} for one in got], mark) == told


def test_the_gradebook_has_the_points_and_the_penalty(tmp_path, tiny):
    parts = [{"part": part.name, "points": 0, "full": part.full} for part in lab().parts]
    parts[0]["points"] = 2
    with book.LabGradebook.open(tmp_path, LAB, tiny.notebook) as opened:
        for student, status in (("ada", "ok"), ("ben", "tampered")):
            opened.record(student, {"status": status, "parts": parts}, DUE.isoformat(), 1.7)
        scores = {row["id"]: row["points"] for row in opened.written("ada")}
        assert scores["softmax-test"] == 2 and scores["merge-test"] == 0 and scores["written"] is None
        assert opened.gradebook.find_submission(LAB, "ada").late_submission_penalty == 1.7
        assert {row["points"] for row in opened.written("ben")} == {None}, "a person looks first"
