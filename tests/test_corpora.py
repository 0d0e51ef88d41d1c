"""From a name to a data set: the bundled reviews, files of one's own, and what is said of those that cannot serve."""

from __future__ import annotations

import csv
import json
from collections import Counter

import pytest

from helpers import corpora

ROWS = [
    {"id": i, "comment": f"Review number {i}, in which I say what I think.", "stars": "good" if i % 4 else "bad"}
    for i in range(80)
]


def write(path, rows=ROWS, separator=","):
    """`rows` as what the suffix says."""
    if path.suffix in (".csv", ".tsv"):
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0].keys(), delimiter="\t" if path.suffix == ".tsv" else separator)
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows), encoding="utf-8")
    else:
        import pandas

        pandas.DataFrame(rows).to_parquet(path)
    return path


def labeled(*pairs):
    return [{"text": text, "label": label} for text, label in pairs]


# --- the course's reviews ------------------------------------------------------------------------


def test_reviews(capsys):
    data = corpora.load("reviews")
    assert list(data) == ["train", "validation", "test"]
    for rows in data.values():
        assert rows.column_names == ["text", "label", "topic", "phenomenon"]
        assert rows.features["label"].names == ["negative", "positive"]
        assert set(rows["label"]) == {0, 1}
        assert all(isinstance(phenomenon, str) for phenomenon in rows["phenomenon"]), "no phenomenon is '', not None"
    printed = capsys.readouterr().out
    assert printed == (
        f"reviews → the course's reviews: {len(data['train']):,} train, {len(data['validation']):,} validation, "
        f"{len(data['test']):,} test\n"
    )


# --- files of one's own --------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".json", ".jsonl", ".parquet"])
def test_a_file_with_columns_of_other_names(suffix, tmp_path):
    path = write(tmp_path / f"mine{suffix}")
    data = corpora.load(str(path), text="comment", label="stars")
    assert {split: len(rows) for split, rows in data.items()} == {"train": 48, "validation": 16, "test": 16}
    back = {}
    for rows in data.values():
        assert set(rows.column_names) == {"id", "text", "label"}
        names = rows.features["label"].names
        assert names == ["bad", "good"]
        assert Counter(rows["label"]) == {0: len(rows) // 4, 1: len(rows) * 3 // 4}, "stratified"
        for i, text, label in zip(rows["id"], rows["text"], rows["label"], strict=True):
            assert i not in back, "a row is in one split only"
            back[i] = {"id": i, "comment": text, "stars": names[label]}
    assert [back[i] for i in sorted(back)] == ROWS, "nothing is lost or mixed up"


def test_splits_depend_on_the_seed_alone(tmp_path):
    path = str(write(tmp_path / "mine.csv"))

    def ids(seed):
        return [list(rows["id"]) for rows in corpora.load(path, "comment", "stars", seed=seed).values()]

    assert ids(0) == ids(0)
    assert ids(0) != ids(1)


def test_a_renamed_column_takes_the_place_of_the_old_one(tmp_path):
    rows = [{"text": "old", "comment": f"new {i}", "label": i % 2} for i in range(20)]
    data = corpora.load(str(write(tmp_path / "mine.csv", rows)), text="comment")
    assert all(text.startswith("new") for text in data["train"]["text"])


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([10, 9], ["9", "10"]),
        ([-1, 1], ["-1", "1"]),
        ([True, False], ["false", "true"]),
        ([0.5, 1.5], ["0.5", "1.5"]),
        ([2.0, 1.0], None),  # how 1.0 is written is pyarrow's affair
        (["no", "yes"], ["no", "yes"]),
    ],
)
def test_labels_of_any_type_get_names_in_order(values, names, tmp_path):
    rows = labeled(*((f"text {i}", values[i % 2]) for i in range(20)))
    data = corpora.load(str(write(tmp_path / "mine.jsonl", rows)))
    assert len(data["train"].features["label"].names) == 2
    if names:
        assert data["train"].features["label"].names == names
    for part in data.values():
        for text, label in zip(part["text"], part["label"], strict=True):
            assert label == sorted(values).index(values[int(text.split()[1]) % 2])


@pytest.mark.parametrize("word", ["NA", "null", "None", "nan"])
def test_words_that_a_table_reader_takes_for_nothing_are_words(word, tmp_path):
    rows = labeled(*((f"{word}" if i < 2 else f"text {i}", ("NA", "yes")[i % 2]) for i in range(20)))
    data = corpora.load(str(write(tmp_path / "mine.csv", rows)))
    assert data["train"].features["label"].names == ["NA", "yes"]
    assert [text for part in data.values() for text in part["text"]].count(word) == 2


def test_a_byte_order_mark_is_no_part_of_a_column(tmp_path):
    path = write(tmp_path / "mine.csv", labeled(*((f"text {i}", i % 2) for i in range(20))))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert "text" in corpora.load(str(path))["train"].column_names


# --- files that cannot serve ---------------------------------------------------------------------


def refused(path, *parts, error=ValueError, **columns):
    """The message names the file and holds every part: what is wrong, and what to do."""
    with pytest.raises(error) as caught:
        corpora.load(str(path), **columns)
    for part in (str(path), *parts):
        assert part in str(caught.value)


TWENTY = labeled(*((f"text {i}", ("no", "yes")[i % 2]) for i in range(20)))


def test_a_missing_column(tmp_path):
    path = write(tmp_path / "mine.csv")
    refused(path, "no column 'text'; it has id, comment, stars", 'corpora.load("…", text="id")')
    refused(path, "no column 'label'", 'label="id"', text="comment")


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl"])
@pytest.mark.parametrize("content", ["", " \n\n"])
def test_an_empty_file(suffix, content, tmp_path):
    path = tmp_path / f"mine{suffix}"
    path.write_text(content)
    refused(path, "is empty", "Check that the download or export was complete")


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_a_header_and_nothing_else(suffix, tmp_path):
    path = tmp_path / f"mine{suffix}"
    path.write_text("text,label\n".replace(",", "\t" if suffix == ".tsv" else ","))
    refused(path, "no rows, only its header", "Check that the export was complete")


def test_a_table_without_rows(tmp_path):
    import pandas

    pandas.DataFrame({"text": [], "label": []}).to_parquet(tmp_path / "mine.parquet")
    refused(tmp_path / "mine.parquet", "cannot be read as parquet")


def test_a_file_in_another_encoding(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path / "mine.csv", [*TWENTY, *labeled(("the café closed", "no"))])
    right = path.read_text(encoding="utf-8")
    path.write_text(right, encoding="cp1252")
    refused(path, "is not UTF-8: byte 0xe9 in line 22", 'encoding="cp1252"', "Save it as UTF-8")
    with pytest.raises(ValueError, match="not UTF-8") as caught:
        corpora.load(str(path))
    remedy = str(caught.value)[str(caught.value).index("Path(") :]
    from pathlib import Path

    exec(remedy, {"Path": Path})  # what the message tells to type works
    assert path.read_text(encoding="utf-8") == right
    path.write_text(right, encoding="utf-16")
    refused(path, "is not UTF-8", 'encoding="utf-16"')


def test_a_label_seen_once(tmp_path):
    path = write(tmp_path / "mine.csv", [*TWENTY, *labeled(("alone", "maybe"))])
    refused(path, "the label 'maybe' occurs once", "Add examples of it")


def test_one_label_only(tmp_path):
    path = write(tmp_path / "mine.csv", labeled(*((f"text {i}", "yes") for i in range(20))))
    refused(path, "one label only (yes)", "Add examples of another")


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
@pytest.mark.parametrize(
    ("text", "label", "column"), [("", "no", "text"), ("  ", "no", "text"), ("a text", "", "label")]
)
def test_an_empty_cell(suffix, text, label, column, tmp_path):
    path = write(tmp_path / f"mine{suffix}", [*TWENTY[:3], *labeled((text, label)), *TWENTY[3:]])
    refused(path, f"row 4 of train has no {column} (1 such rows)", "Fill in or remove")


def test_too_few_rows(tmp_path):
    refused(write(tmp_path / "mine.csv", TWENTY[:4]), "has 4 rows: too few", "Add rows")


def test_rows_that_do_not_fit_the_header(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("text,label\na,b\nc,d,e,f\n")
    refused(path, "cannot be read as csv", "look at its first lines")


def test_broken_json(tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text('{"text": "a", "label": 1}\n{"text": "b", "label"\n')
    refused(path, "cannot be read as json", "look at its first lines")


def test_a_parquet_file_that_is_none(tmp_path):
    path = tmp_path / "mine.parquet"
    path.write_bytes(b"not parquet")
    refused(path, "cannot be read as parquet")


def test_a_missing_file(tmp_path):
    refused(tmp_path / "gone.csv", "There is no file", "Notebooks look from their own folder", error=FileNotFoundError)
    refused(tmp_path / "gone", "There is no file", error=FileNotFoundError)
    with pytest.raises(FileNotFoundError, match=r"no file gone.xlsx"):
        corpora.load("gone.xlsx")


def test_an_unknown_suffix(tmp_path):
    path = tmp_path / "mine.xlsx"
    path.write_bytes(b"PK")
    refused(path, "not a data file that the course reads", ".csv, .tsv, .json, .jsonl, .parquet")


def test_a_folder(tmp_path):
    refused(tmp_path, "is a folder", "Name one file in it")


# --- the Hub -------------------------------------------------------------------------------------


@pytest.fixture
def on_hub(hub, tmp_path):
    def add(repo_id, **splits):
        folder = tmp_path / "repository"
        folder.mkdir()
        for split, rows in splits.items():
            write(folder / f"{split}.csv", rows)
        hub.add(repo_id, folder, kind="datasets")
        return repo_id

    return add


def test_a_data_set_on_the_hub(on_hub):
    train = [{"sentence": f"text {i}", "label": i % 2} for i in range(100)]
    hidden = [{"sentence": f"test {i}", "label": -1} for i in range(10)]
    on_hub("stanfordnlp/sst2", train=train, validation=train[:10], test=hidden)
    data = corpora.load("sst2")
    assert {split: len(rows) for split, rows in data.items()} == {"train": 80, "validation": 10, "test": 20}
    assert all(text.startswith("text") for text in data["test"]["text"]), "a test split without labels is no test"


def test_a_test_split_of_its_own_does_not_change_the_share_of_validation(on_hub):
    rows = labeled(*((f"text {i}", i % 2) for i in range(100)))
    data = corpora.load(on_hub("ada/reviews", train=rows, test=rows))
    assert {split: len(part) for split, part in data.items()} == {"train": 80, "validation": 20, "test": 100}


def test_a_data_set_without_train(on_hub):
    on_hub("ada/reviews", test=TWENTY)
    refused("ada/reviews", "no split train", "it has test")


def test_a_data_set_that_is_not_there(hub):
    refused("ada/absent", hub.url, "Check the spelling and the network", 'corpora.load("reviews") needs neither')
