"""Every attack of the corpus in one class, graded at once: nothing is gained, nobody is harmed, the grader lives."""

from __future__ import annotations

import re
import sys
import time
from html.parser import HTMLParser

import classroom
import psutil
import pytest
from attacks import ATTACKS
from attacks.display import ACTIVE
from attacks.resources import SLEEPER
from corpus import FULL, LAB, RIGHT, released

from course.grading import execute

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")
CHOSEN = classroom.chosen(ATTACKS)
NOT_READ = [name for name, entry in CHOSEN.items() if entry.status == ("not-read",)]  # nobody can say whose they are
NAMES = sorted(CHOSEN.keys() - set(NOT_READ))


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    return classroom.grade(tmp_path_factory.mktemp("attacks"), CHOSEN)


class Page(HTMLParser):
    """What in a page would act, and comes from an attack: scripts, handlers, frames, links that run or load."""

    def __init__(self) -> None:
        super().__init__()
        self.active: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tag = tag
        for name, value in attrs:
            runs = re.match(r"\s*(javascript|vbscript|data:text)", value or "", re.IGNORECASE)
            acts = name.startswith("on") and re.search("document|alert|PWNED", value or "")
            loads = tag != "a" and name not in ("alt", "title") and re.search(r"127\.0\.0\.1:9|PWNED", value or "")
            if (runs and name != "alt") or acts or loads:
                self.active.append(f"<{tag} {name}={value!r:.80}>")

    def handle_data(self, data):
        if self.tag in ("script", "style") and re.search(r"PWNED|alert\(|127\.0\.0\.1:9", data):
            self.active.append(f"<{self.tag}>{data:.80}")

    def handle_endtag(self, tag):
        self.tag = ""

    tag = ""


def test_the_page_reader_sees_what_acts():
    page = Page()
    page.feed(ACTIVE)
    assert len(page.active) >= 15


# --- the builders -----------------------------------------------------------------------------------


def test_the_corpus_is_large_enough_and_says_what_it_tries():
    assert len(ATTACKS) >= 40
    assert [name for name, entry in ATTACKS.items() if not entry.says] == []
    statuses = {"ok", "unreadable", "timeout", "killed", "tampered", "infrastructure", "not-read"}
    assert {status for entry in ATTACKS.values() for status in entry.status} <= statuses


@pytest.mark.parametrize("name", [n for n in NAMES if ATTACKS[n].group not in ("files",)])
def test_builders_leave_the_lab_alone_and_write_one_notebook(name, tmp_path):
    lab = released()
    ATTACKS[name].build(lab, tmp_path / name)
    assert lab == released()
    assert (tmp_path / name / f"{LAB}.ipynb").is_file()


# --- what came of them --------------------------------------------------------------------------------


def test_the_grader_lives_and_lists_everybody(graded):
    assert graded.code in (0, 1), graded.said
    assert set(graded.rows) == {*NAMES, "a-neighbor", "neighbor"}
    assert [name for name in NOT_READ if f"not read: {name}" not in graded.said] == []
    assert "Traceback" not in graded.said


@pytest.mark.parametrize("name", NAMES)
def test_status(graded, name):
    row = graded.rows[name]
    assert row["status"].split()[0] in ATTACKS[name].status, row["reason"]
    for flag in ATTACKS[name].flags:
        assert flag in row["flags"]


@pytest.mark.parametrize("name", NAMES)
def test_no_point_that_was_not_earned(graded, name):
    """Where the status is ok the honest parts keep their points, exactly; else nothing counts beyond them."""
    row, earned = graded.rows[name], {part: ATTACKS[name].earned.get(part, 0) for part in FULL}
    points = graded.points(name)
    assert {part: points[part] for part in FULL if points[part] > earned[part]} == {}, row
    if row["status"] == "ok":
        assert points == earned, row["reason"]
    if row["status"] == "tampered":
        assert row["final"] == "" and sum(points.values()) == 0  # withheld until a person has looked


@pytest.mark.parametrize("name", ["a-neighbor", "neighbor"])
def test_a_neighbor_in_the_same_class_gets_what_they_earned(graded, name):
    assert graded.rows[name]["status"] == "ok", graded.rows[name]["reason"]
    assert graded.points(name) == FULL


def test_nothing_outside_was_touched_and_nobody_was_called(graded):
    assert graded.disturbed == []


def test_nothing_survives(graded):
    alive = [p.pid for p in psutil.process_iter(["cmdline"]) if SLEEPER in " ".join(p.info["cmdline"] or ())]
    assert alive == []


def test_the_grader_stays_within_its_own_bounds(graded):
    """Of no process outside the sandboxes was there more than a submission may take, and what all start with."""
    assert 100 < graded.seen.peak_mb < execute.MEMORY_MB + 600


def test_no_port_is_open_while_a_class_is_graded(graded):
    assert graded.seen.ports == set()


def test_no_secret_is_in_what_the_run_said(graded):
    assert graded.secret not in graded.said


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_in_what_is_kept(graded, name):
    assert [place for place, text in graded.texts(name).items() if graded.secret in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_solution_in_what_students_get(graded, name):
    """A solution that is lent to a later part, or a hidden test's line, does not come back in a feedback page."""
    lines = {line.strip() for part in FULL for line in RIGHT[part].splitlines()[1:] if len(line.strip()) > 20}
    own = graded.data / LAB / "received" / name / f"{LAB}.ipynb"
    mine = own.read_text("utf-8", errors="replace") if own.is_file() else ""
    for place, text in graded.texts(name).items():
        if place.startswith("feedback"):
            assert [line for line in lines if line in text and line not in mine] == []
            assert "checks.points(" not in text and "HIDDEN TESTS" not in text


@pytest.mark.parametrize("name", NAMES)
def test_nothing_acts_in_the_browser_of_whoever_looks(graded, name):
    """Feedback pages and formgrader's notebooks hold no live script, handler, frame, form or link of a student's."""
    for place, text in graded.texts(name).items():
        if place.startswith("feedback"):
            page = Page()
            page.feed(text)
            assert page.active == []
            assert "Content-Security-Policy" in text or graded.rows[name]["status"] == "unreadable"


@pytest.mark.parametrize("name", NAMES)
def test_formgrader_shows_every_notebook_at_once_and_nothing_acts_in_it(graded, name):
    """nbconvert with its own filters, as formgrader uses it: in one thread, for everybody who marks."""
    from nbconvert import HTMLExporter

    for path in (graded.data / "autograded" / name).rglob("*.ipynb"):
        began = time.process_time()
        shown, _ = HTMLExporter(template_name="classic").from_filename(str(path))
        assert time.process_time() - began < 5 * classroom.SLOW
        page = Page()
        page.feed(shown)
        assert page.active == []


def test_the_terminal_gets_no_control_sequences(graded):
    assert re.findall(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", graded.said) == []
    assert "FORGED" not in graded.said


def test_the_table_holds_no_formula(graded):
    cells = [cell for row in graded.rows.values() for cell in row.values() if cell]
    formulas = [cell[:80] for cell in cells if re.match(r"[=+@\t\r]|-(?!\d)", cell)]
    assert formulas == []
    assert max(map(len, cells)) < 5_000


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_of_a_submission_is_small(graded, name):
    sizes = {place: len(text) for place, text in graded.texts(name).items() if len(text) > 50_000_000}
    assert sizes == {}
    receipt = graded.receipts.get(name)
    assert receipt is not None and len(str(receipt)) < 100_000


def test_both_lists_fit_into_ci(graded):
    assert graded.seconds < 480 * classroom.SLOW
