"""Rebuilding a submission: what the student wrote survives, nothing else does."""

from __future__ import annotations

import json

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell

from course.grading import canonical

CODE = "def softmax(scores):\n    return 'mine'"


def cell(notebook, key):
    return next(c for c in notebook.cells if (c.metadata.get("nbgrader", {}).get("grade_id") or c.id) == key)


def sources(notebook):
    return [c.source for c in notebook.cells]


def test_an_untouched_lab_comes_out_as_it_was(released):
    rebuilt = canonical.rebuild(released, released)
    assert sources(rebuilt.notebook) == sources(released)
    assert rebuilt.notes == [] and rebuilt.extra == []
    assert canonical.untouched(released, rebuilt) == set(rebuilt.answers)


def test_answers_survive_and_their_metadata_does_not(tiny, released):
    theirs = nbformat.reads(tiny.released, as_version=4)
    cell(theirs, "softmax").source = CODE
    cell(theirs, "softmax").metadata["tags"] = ["skip-execution"]
    cell(theirs, "softmax").metadata["nbgrader"]["points"] = 1000
    cell(theirs, "softmax").outputs = [nbformat.v4.new_output("stream", text="10/10")]
    theirs.metadata["kernelspec"] = {"name": "mine", "display_name": "mine"}
    rebuilt = canonical.rebuild(released, theirs)
    assert cell(rebuilt.notebook, "softmax").source == CODE
    assert cell(rebuilt.notebook, "softmax").metadata == cell(released, "softmax").metadata
    assert cell(rebuilt.notebook, "softmax").outputs == []
    assert rebuilt.notebook.metadata == released.metadata
    assert "softmax" not in canonical.untouched(released, rebuilt)


@pytest.mark.parametrize("lose", ["metadata", "ids", "both", "order"])
def test_answers_are_found_whatever_was_lost(lose, tiny, released, solved):
    right = {key: cell(solved, key).source for key in canonical.rebuild(released, solved).answers}
    if lose in ("metadata", "both"):
        for c in solved.cells:
            c.metadata = nbformat.from_dict({})
    if lose in ("ids", "both"):
        raw = json.loads(nbformat.writes(solved)) | {"nbformat_minor": 2}
        for c in raw["cells"]:
            del c["id"]
        solved = canonical.read(json.dumps(raw).encode())
    if lose == "order":
        solved.cells.reverse()
    rebuilt = canonical.rebuild(released, solved)
    assert rebuilt.answers == right
    lab = [c.source for c in rebuilt.notebook.cells if c.metadata.get("course") != "own"]
    assert len(lab) == len(released.cells) and rebuilt.extra == []


def test_colab_keeps_the_id_in_the_metadata(released, solved):
    answer = cell(solved, "softmax").source
    for c in solved.cells:
        c.metadata = nbformat.from_dict({"id": c.id, "colab": {"base_uri": "https://localhost/"}})
        c.id = f"x{c.id[:10]}"
    assert canonical.rebuild(released, solved).answers["softmax"] == answer


def test_changed_and_missing_tests_come_back(released, solved):
    cell(solved, "softmax-test").source = "assert True"
    solved.cells.remove(cell(solved, "attention-test"))
    rebuilt = canonical.rebuild(released, solved)
    for key in ("softmax-test", "attention-test"):
        assert cell(rebuilt.notebook, key).source == cell(released, key).source
    assert any("softmax-test was changed" in note for note in rebuilt.notes)
    assert any("put back: attention-test" in note for note in rebuilt.notes)


def test_own_cells_stay_where_they_were(released, solved):
    at = solved.cells.index(cell(solved, "attention"))
    solved.cells.insert(at, new_code_cell("helper = 1", metadata={"tags": ["skip-execution"]}))
    solved.cells.insert(0, new_markdown_cell("my notes"))
    rebuilt = canonical.rebuild(released, solved)
    order = sources(rebuilt.notebook)
    assert order[0] == "my notes"
    assert order.index("helper = 1") < order.index(cell(solved, "attention").source)
    own = [rebuilt.notebook.cells[i] for i in rebuilt.extra]
    assert [c.source for c in own] == ["my notes", "helper = 1"]
    assert all(c.metadata == {"course": "own"} for c in own)


def test_a_changed_start_cell_runs_after_the_labs_own(released, solved):
    theirs = cell(solved, "start").source + "\nimport math"
    cell(solved, "start").source = theirs
    order = sources(canonical.rebuild(released, solved).notebook)
    assert order.index(cell(released, "start").source) + 1 == order.index(theirs)


def test_an_answer_given_twice(released, solved):
    copy = cell(solved, "softmax").copy()
    copy.source = CODE
    solved.cells.append(copy)
    rebuilt = canonical.rebuild(released, solved)
    assert rebuilt.answers["softmax"] == cell(solved, "softmax").source
    at = sources(rebuilt.notebook).index(CODE)
    assert at == len(rebuilt.notebook.cells) - 1, "as when running from top to bottom, the last one counts"
    assert any("softmax is there more than once" in note for note in rebuilt.notes)


def test_solved_puts_right_answers_in_place_of_earlier_ones(tiny, released, solved):
    source = nbformat.reads(tiny.source, as_version=4)
    right = cell(solved, "softmax").source
    cell(solved, "softmax").source = CODE
    rebuilt = canonical.rebuild(released, solved)
    lent = canonical.solved(rebuilt, source, ("softmax",))
    assert cell(lent, "softmax").source == right
    assert cell(rebuilt.notebook, "softmax").source == CODE, "the student's own stays in the first one"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\x1f\x8b\x08\x00", "not text in UTF-8"),
        (b"[1, 2]", "nbformat is missing"),
        (b'{"nbformat": 5, "nbformat_minor": 0, "metadata": {}, "cells": []}', "nbformat 5"),
        (b'{"nbformat": true, "metadata": {}, "cells": []}', "nbformat True"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "cannot be read"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [3]}', "cell 0 is not a cell"),
        (
            b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code", "source": 3}]}',
            "cell 0",
        ),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 7}', "cannot be read"),
    ],
)
def test_what_cannot_be_read_says_why(data, reason):
    with pytest.raises(ValueError, match=reason):
        canonical.read(data)


def test_a_notebook_of_ten_thousand_cells(released):
    released.cells += [new_code_cell("1") for _ in range(10_000)]
    with pytest.raises(ValueError, match="cells, more than 1,000"):
        canonical.read(nbformat.writes(released).encode())


def test_old_notebooks_and_odd_bytes_are_read(released, solved):
    text = nbformat.writes(solved)
    assert sources(canonical.read(b"\xef\xbb\xbf" + text.encode())) == sources(solved)
    assert sources(canonical.read(text.replace("\n", "\r\n").encode())) == sources(solved)
    cell(solved, "softmax").source = "'\ud800'"
    data = json.dumps(solved).encode()
    assert "'?'" in sources(canonical.read(data))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_handed_in_the_lab_is_whole(data, tiny):
    """Cells shuffled, dropped, doubled, renamed: every cell of the lab is there once, in order, with its metadata."""
    released, theirs = (nbformat.reads(tiny.released, as_version=4) for _ in range(2))
    keys = [c.id for c in released.cells]
    made = []
    for c in data.draw(st.lists(st.sampled_from(theirs.cells), max_size=12)):
        c = c.copy()
        c.metadata = data.draw(
            st.sampled_from(
                [
                    c.metadata,
                    {},
                    {"nbgrader": 3},
                    {"nbgrader": {"grade_id": data.draw(st.sampled_from([*keys, "x"]))}},
                    {"id": data.draw(st.sampled_from(keys))},
                ]
            )
        )
        c.source = data.draw(
            st.sampled_from([c.source, "", "def softmax(): pass", "softmax = attention = 1", "%magic"])
        )
        made.append(c)
    theirs.cells = made
    rebuilt = canonical.rebuild(released, theirs)
    lab = [c for i, c in enumerate(rebuilt.notebook.cells) if i not in rebuilt.extra]
    assert [c.id for c in lab] == keys
    assert [c.metadata for c in lab] == [c.metadata for c in released.cells]
    answers = set(rebuilt.answers)
    for mine, theirs_ in zip(lab, released.cells):
        key = theirs_.metadata.get("nbgrader", {}).get("grade_id")
        assert mine.source == theirs_.source or key in answers


PNG = "iVBORw0KGgo="


def test_pictures_of_written_answers_stay_and_nothing_else_that_is_attached(released, solved, monkeypatch):
    attached = {"a.png": {"image/png": PNG}, "b.svg": {"image/svg+xml": "PHN2Zz4="}, "c.png": {"image/png": "<x>"}}
    cell(solved, "written").attachments = attached
    split = {"d.jpg": {"image/jpeg": [PNG[:4], PNG[4:]]}}
    solved.cells.append(new_markdown_cell("![](attachment:d.jpg)", attachments=split))
    rebuilt = canonical.rebuild(released, solved)
    assert cell(rebuilt.notebook, "written").get("attachments") == {"a.png": {"image/png": PNG}}
    assert rebuilt.notebook.cells[-1].get("attachments") == {"d.jpg": {"image/jpeg": PNG}}
    monkeypatch.setattr(canonical, "MAX_PICTURES", 15)
    rebuilt = canonical.rebuild(released, solved)
    assert [c.get("attachments") for c in rebuilt.notebook.cells if c.get("attachments")] == [
        {"a.png": {"image/png": PNG}}
    ]


@pytest.mark.parametrize("make", [new_markdown_cell, nbformat.v4.new_raw_cell], ids=["markdown", "raw"])
def test_an_answer_of_another_type_is_still_the_answer(make, released, solved):
    at = solved.cells.index(cell(solved, "softmax"))
    old = solved.cells[at]
    solved.cells[at] = make(old.source, id=old.id, metadata=dict(old.metadata))
    rebuilt = canonical.rebuild(released, solved)
    assert rebuilt.answers["softmax"] == old.source and cell(rebuilt.notebook, "softmax").cell_type == "code"
    assert any("softmax had become a" in note for note in rebuilt.notes)


def test_the_file_of_another_lab_is_doubted(released):
    other = nbformat.v4.new_notebook(cells=[new_code_cell("x = 1")], metadata={"lab": "lab01_tokenization"})
    rebuilt = canonical.rebuild(released, other)
    found = canonical.doubts(released, rebuilt, other, "lab90_tiny")
    assert found == [
        "the notebook says that it is 'lab01_tokenization'",
        "no answer was changed: is it the right file?",
    ]
    elsewhere = nbformat.v4.new_notebook(cells=[new_code_cell(f"x = 1\n{CODE}")])
    rebuilt = canonical.rebuild(released, elsewhere)
    assert canonical.doubts(released, rebuilt, elsewhere, "lab90_tiny") == []
    assert "softmax" not in canonical.blank(released, rebuilt)


def test_stored_outputs_are_left_behind_and_large_ones_are_no_reason_to_refuse(solved, tmp_path):
    """25 MB of pictures and texts are usual; they are made again, or not needed."""
    small = canonical.read(nbformat.writes(solved).encode())
    full = json.loads(nbformat.writes(solved))
    for cell in full["cells"]:
        if cell["cell_type"] == "code":
            text = {"output_type": "stream", "name": "stdout", "text": "é" * 1_500_000}
            cell["outputs"] = [
                text,
                {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 10**6}},
            ]
    data = json.dumps(full, ensure_ascii=False).encode()
    assert len(data) > 25_000_000
    path = tmp_path / "large.ipynb"
    path.write_bytes(b"\xef\xbb\xbf" + data)
    slim = canonical.slim(str(path))
    assert len(slim) < 50_000
    assert [c.source for c in canonical.read(data).cells] == [c.source for c in small.cells]
    assert canonical.read(slim.encode()) == canonical.read(data)


def test_what_is_large_without_its_outputs_is_refused(released, tmp_path):
    released.metadata["x"] = ["text"] * 3_000_000
    path = tmp_path / "large.ipynb"
    path.write_text(json.dumps(released), "utf-8")
    with pytest.raises(ValueError, match="in addition to its outputs, more than 20,000,000"):
        canonical.slim(str(path))
    path.write_text("[" * 2_000_000, "utf-8")
    with pytest.raises(ValueError, match="not JSON"):
        canonical.slim(str(path))
