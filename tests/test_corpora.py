"""From a name to a data set: the bundled reviews, files of one's own, and what is said of those that cannot serve."""

from __future__ import annotations

import csv
import json
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


# --- translations ----------------------------------------------------------------------------------


def test_the_words_that_the_translator_has_read():
    english, french = corpora.word_counts("en"), corpora.word_counts("fr")
    assert french["je"] > 30_000 and english["tom"] > 8_000 and french["floique"] == 0
    assert list(french.values()) == sorted(french.values(), reverse=True)
    unread = sum(word not in french for _, known in corpora.translations("test") for word in corpora.words(known[0]))
    total = sum(len(corpora.words(known[0])) for _, known in corpora.translations("test"))
    assert 0.005 < unread / total < 0.02, "people write such words, too"
    with pytest.raises(ValueError, match="for en and fr, not for 'de'"):
        corpora.word_counts("de")


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


@pytest.mark.parametrize("name", ["mine.csv", "mine.tsv", "mine.jsonl", "mine.parquet"])
@pytest.mark.parametrize("content", [b"", b" \n\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file(name, content, tmp_path):
    path = tmp_path / (name if not content.strip() else "mine.csv")  # a byte order mark is for text
    path.write_bytes(content)
    refused(path, "is empty", "Check that the download or export was complete")


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_a_header_and_nothing_else(suffix, tmp_path):
    path = tmp_path / f"mine{suffix}"
    path.write_text("text,label\n".replace(",", "\t" if suffix == ".tsv" else ","))
    refused(path, "no rows, only its header", "Check that the export was complete")


def test_a_table_without_rows(tmp_path):
    import pandas

    pandas.DataFrame({"text": [], "label": []}).to_parquet(tmp_path / "mine.parquet")
    refused(tmp_path / "mine.parquet", "holds no rows", "Check that the export was complete")


def test_a_label_seen_once(tmp_path):
    path = write(tmp_path / "mine.csv", [*TWENTY, *labeled(("alone", "maybe"))])
    refused(path, "the label 'maybe' occurs once", "Add examples of it", "or remove line 22.")
    path = write(tmp_path / "mine.csv", [*labeled(("", "no")), *TWENTY, *labeled(("alone", "maybe"))])
    refused(path, "or remove line 23.", drop_missing=True)


def test_one_label_only(tmp_path):
    path = write(tmp_path / "mine.csv", labeled(*((f"text {i}", "yes") for i in range(20))))
    refused(path, "one label only (yes)", "Add examples of another")


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
@pytest.mark.parametrize(
    ("text", "label", "column"), [("", "no", "text"), ("  ", "no", "text"), ("a text", "", "label")]
)
def test_an_empty_cell(suffix, text, label, column, tmp_path):
    path = write(tmp_path / f"mine{suffix}", [*TWENTY[:3], *labeled((text, label)), *TWENTY[3:]])
    line = 5 if suffix == ".csv" else 4
    refused(path, f"line {line} has no {column} (1 such row)", 'corpora.load("…", drop_missing=True)')
    data, notes = corpora.read(str(path), drop_missing=True)
    assert sum(map(len, data.values())) == 20
    (note,) = notes
    assert f"1 row without a {column} left out, line {line} first" in note


def test_too_few_rows(tmp_path):
    refused(write(tmp_path / "mine.csv", TWENTY[:4]), "has 4 rows: too few", "Add rows")


def test_rows_that_do_not_fit_the_header(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("text,label\na,b\nc,d,e,f\n")
    refused(path, "cannot be read as csv: line 3 has 4 fields, the header 2", 'needs quotation marks: "…"')
    path.write_text("city,label\n" + "".join(f"Paris {i}, France,{i % 2}\n" for i in range(24)))
    refused(path, 'line 2 has 3 fields, the header 2 (24 such lines): "Paris 0", " France", "0"', text="city")


def test_broken_json(tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text('{"text": "a", "label": 1}\n{"text": "b", "label"\n')
    refused(path, "cannot be read as json: line 2: Expecting ':' delimiter", "one object a line")


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


# --- files as people have them -------------------------------------------------------------------

TEXTS = [f"text {i}, with a comma" if i % 3 else f"text {i}" for i in range(20)]
FILE = "text,label\n" + "".join(
    (f'"{text}"' if "," in text else text) + f",{('no', 'yes')[i % 2]}\n" for i, text in enumerate(TEXTS)
)
ROWS_OF_FILE = {text: ("no", "yes")[i % 2] for i, text in enumerate(TEXTS)}
TABS = "text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in ROWS_OF_FILE.items())
JSON_ROWS = [{"text": text, "label": label} for text, label in ROWS_OF_FILE.items()]


def loaded(path, **options):
    """{text: label} of all splits, and the warnings; no row is lost and none is twice."""
    data, notes = corpora.read(str(path), **options)
    names = data["train"].features["label"].names
    rows = [(text, names[label]) for part in data.values() for text, label in zip(part["text"], part["label"])]
    assert len(dict(rows)) == len(rows)
    return dict(rows), notes


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("semicolons.csv", FILE.replace(",no\n", ";no\n").replace(",yes\n", ";yes\n").replace("text,l", "text;l")),
        ("tabs.csv", TABS),
        ("bars.csv", TABS.replace("\t", "|")),
        ("commas.tsv", FILE),
        ("table.txt", TABS),
        ("a_line_for_excel.csv", "sep=;\n" + TABS.replace("\t", ";")),
        ("spaces.csv", FILE.replace("text,label", "text , label").replace(",no", ", no").replace(",yes", ", yes")),
        ("carriage_returns.csv", FILE.replace("\n", "\r")),
        ("windows.csv", FILE.replace("\n", "\r\n")),
        ("a_mark.csv", "\ufeff" + FILE),
        ("at_the_end.csv", FILE.replace("no\n", "no,\n").replace("yes\n", "yes,\n")),
        ("empty_lines.csv", FILE.replace("\n", "\n\n")),
        (
            "row_names_of_r.csv",
            "text,label\n"
            + "".join(f'"{i}","{text}",{label}\n' for i, (text, label) in enumerate(ROWS_OF_FILE.items(), 1)),
        ),
        ("all_quoted.tsv", '"text"\t"label"\n' + "".join(f'"{a}"\t"{b}"\n' for a, b in ROWS_OF_FILE.items())),
        ("array.json", json.dumps(JSON_ROWS)),
        ("wrapped.json", json.dumps({"version": 2, "data": JSON_ROWS})),
        ("columns.json", json.dumps({"text": TEXTS, "label": list(ROWS_OF_FILE.values())})),
        (
            "pandas.json",
            json.dumps({name: {str(i): row[name] for i, row in enumerate(JSON_ROWS)} for name in ("text", "label")}),
        ),
        ("commas_at_the_end.jsonl", "".join(json.dumps(row) + ",\n" for row in JSON_ROWS)),
        ("lines.json", "".join(json.dumps(row) + "\n" for row in JSON_ROWS)),
        ("misnamed.csv", "".join(json.dumps(row) + "\n" for row in JSON_ROWS)),
    ],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_a_table_is_read_whatever_it_looks_like(name, content, compressed, tmp_path):
    import gzip

    raw = content.encode()
    path = tmp_path / (name + ".gz" * compressed)
    path.write_bytes(gzip.compress(raw) if compressed else raw)
    assert loaded(path) == (ROWS_OF_FILE, [])
    path = tmp_path / f"other_{name}"  # compressed, and named as if it were not
    path.write_bytes(gzip.compress(raw) if compressed else raw)
    assert loaded(path) == (ROWS_OF_FILE, [])


def test_what_is_left_out_is_counted_and_named(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("# made by ada, 2024\n# second\n" + FILE + ",\n,\n")
    rows, notes = loaded(path)
    assert rows == ROWS_OF_FILE
    assert "2 lines above the header left out, line 1 first" in notes[0]
    assert "2 rows with nothing in any column left out, line 24 first" in notes[1]
    path.write_text("My table\n\n" + FILE)
    assert loaded(path) == (ROWS_OF_FILE, [f"{path}: 1 line above the header left out, line 1 first."])
    path.write_text(FILE.replace("text ", "#text "))
    assert loaded(path)[1] == [], "texts that begin with # are texts"


@pytest.mark.parametrize("separator", [",", "\t"])
def test_stray_quotation_marks_cost_no_rows(separator, tmp_path):
    path = tmp_path / ("mine.tsv" if separator == "\t" else "mine.csv")
    texts = [f"text {i}" for i in range(20)]
    texts[5], texts[8], texts[11] = '"so he said', 'and then" she left', '"Great" film'
    rows = {text: ("no", "yes")[i % 2] for i, text in enumerate(texts)}
    path.write_text(f"text{separator}label\n" + "".join(f"{a}{separator}{b}\n" for a, b in rows.items()))
    assert loaded(path)[0] == rows
    texts[8] = 'she left"'  # closes the field of line 7, three rows on
    rows = {text: ("no", "yes")[i % 2] for i, text in enumerate(texts)}
    path.write_text(f"label{separator}text\n" + "".join(f"{b}{separator}{a}\n" for a, b in rows.items()))
    found, notes = loaded(path)
    assert found == rows
    assert "quotation marks that do not close are read as part of the text, in 2 lines, line 7 first" in notes[0]


def test_quoted_line_breaks_separators_and_marks_stay_in_the_text(tmp_path):
    import io

    rows = {f'Dear "{i}", hello\nand thanks, {i}\n\nthe end': ("no", "yes")[i % 2] for i in range(20)}
    for separator in ",\t":
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=separator).writerows([("text", "label"), *rows.items()])
        (tmp_path / "mine.tsv").write_text(buffer.getvalue(), newline="")
        assert loaded(tmp_path / "mine.tsv") == (rows, [])
    (tmp_path / "mine.csv").write_text('text,label\n"a \\"b\\", c",yes\n' + FILE.partition("\n")[2])
    assert loaded(tmp_path / "mine.csv")[0] == {'a "b", c': "yes"} | ROWS_OF_FILE


def test_quoted_lines_that_look_like_rows_but_for_a_space_stay_in_their_text(tmp_path):
    path = tmp_path / "mine.csv"
    odd = "a warm film?\nyes, very much"
    rows = {odd: "yes"} | {f"dull {i}": ("no", "yes")[i % 2] for i in range(20)}
    path.write_text(f'label,text\nyes,"{odd}"\n' + "".join(f"{b},{a}\n" for a, b in rows.items() if a != odd))
    assert loaded(path) == (rows, [])
    path.write_text(path.read_text().replace("yes, very", "yes,very"))
    _, (note,) = loaded(path)
    assert "in 2 lines, line 2 first; 2 lines that they enclose, line 2 first, are read as separate rows" in note


@pytest.mark.parametrize("order", ["text, label", "label, text", '"text", "label"', '"label",  "text"'])
def test_spaces_between_a_separator_and_a_mark(order, tmp_path):
    path = tmp_path / "mine.csv"
    first = "text" in order.partition(",")[0]
    rows = {f"a, oh {i}": ("neg", "pos")[i % 2] for i in range(20)}
    path.write_text(f"{order}\n" + "".join(f'"{a}", "{b}"\n' if first else f'{b}, "{a}"\n' for a, b in rows.items()))
    assert loaded(path) == (rows, [])


def test_halves_of_characters_in_json_are_replaced_and_counted(tmp_path):
    path = tmp_path / "mine.jsonl"
    lines = [f'{{"text": "whole \\ud83d\\ude00 \\\\ud83d {i}", "label": {i % 2}}}\n' for i in range(20)]
    lines[3] = '{"text": "half \\ud83d", "label": 1, "\\ude00": "\\ud83dx"}\n'
    for name, content in (("mine.jsonl", "".join(lines)), ("mine.json", f"[{','.join(lines)}]")):
        (tmp_path / name).write_text(content)
        found, (note,) = loaded(tmp_path / name)
        assert found["half \ufffd"] == "1" and found["whole \U0001f600 \\ud83d 0"] == "0"
        assert "3 half characters (of an emoji, say) replaced by \ufffd, line 4 first" in note
    assert "\ufffd" in corpora.load(str(path))["train"].column_names


@pytest.mark.parametrize("name", ["mine.csv", "mine.jsonl"])
def test_nul_bytes_at_the_end_are_left_out_and_named(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(
        (FILE if name == "mine.csv" else "".join(json.dumps(row) + "\n" for row in JSON_ROWS)).encode() + bytes(4096)
    )
    found, (note,) = loaded(path)
    assert found == ROWS_OF_FILE and "ends in 4,096 NUL bytes, left out" in note
    path.write_bytes(bytes(4096))
    refused(path, "is empty")


@pytest.mark.parametrize("numbers", [range(20), range(3, 63, 3), [7, 2, 9, *range(20, 37)]])
def test_row_numbers_without_a_name(numbers, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(
        "text,label\n"
        + "".join(f'{k},"{text}",{label}\n' for k, (text, label) in zip(numbers, ROWS_OF_FILE.items(), strict=True))
    )
    assert loaded(path) == (ROWS_OF_FILE, [])
    path.write_text("text,label\n" + "".join(f"{i % 7},text,no\n" for i in range(20)))
    refused(path, "line 2 has 3 fields, the header 2 (20 such lines)")


def test_a_header_of_numbers_and_a_header_where_numbers_are_given(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(FILE.replace("text,label", "0,1"))
    refused(path, "numbers instead of names for its columns: 0, 1", 'corpora.load("…", text="0", label="1")')
    assert loaded(path, text="0", label="1") == (ROWS_OF_FILE, [])
    refused(
        path,
        'line 1 is a header, so name columns: corpora.load("…", text="NAME", label="NAME"), of "0", "1"',
        text="1",
        label="2",
    )
    path.write_text(",0,1\n" + "".join(f'{i},"{a}",{b}\n' for i, (a, b) in enumerate(ROWS_OF_FILE.items())))
    refused(path, "for its columns: column 1, 0, 1", 'corpora.load("…", text="0", label="1")')
    path.write_text(FILE.partition("\n")[2])
    refused(path, "has no column '5'; it has 1, 2.", text="1", label="5")
    path.write_text(FILE.replace("text,label", "review,stars"))
    refused(path, "line 1 is a header, so name columns: ", 'of "review", "stars"', text="1", label="2")


def test_a_header_that_is_there_twice_and_a_column_that_is(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(FILE + FILE)
    refused(path, "line 22 repeats the header. Remove it.")
    path.write_text(FILE.replace("text,label", "text,label,text").replace("no\n", "no,x\n").replace("yes\n", "yes,x\n"))
    found, (note,) = loaded(path)
    assert found == ROWS_OF_FILE
    assert "'text' more than once. The first such column keeps the name" in note
    assert 'now "text", "label", "text 3"' in note


def test_what_is_an_address_or_has_a_name_that_cannot_be(tmp_path):
    refused("https://example.org/mine.csv", "is an address, not a file: download it and name the file")
    refused("~nouser9/mine.csv", "nobody here has the home folder ~nouser9. Write the whole path.")
    with pytest.raises(ValueError, match=r"The name caf\?\.csv is not UTF-8: rename it"):
        corpora.load("caf\udce9.csv")


def test_a_file_without_a_header(tmp_path):
    path = tmp_path / "mine.tsv"
    path.write_text(TABS.partition("\n")[2])
    refused(path, 'seems to have no header: its first line is "text 0", "no"', 'corpora.load("…", text="1", label="2")')
    assert loaded(path, text="1", label="2") == (ROWS_OF_FILE, [])


def test_one_column_for_both(tmp_path):
    path = write(tmp_path / "mine.csv")
    refused(path, "Texts and labels cannot both be the column 'comment'", text="comment", label="comment")


@pytest.mark.parametrize(
    ("encoding", "texts"),
    [
        ("gb18030", ["很好看的电影", "服务太差了", "我很喜欢"]),
        ("shift_jis", ["とても良い映画", "つまらない本だった", "カメラが壊れた"]),
        ("euc_kr", ["정말 좋은 영화였다", "배송이 너무 느려요"]),
        ("cp1251", ["Очень хороший фильм", "Не советую"]),
        ("cp1252", ["the café closed", "a naïve film"]),
        ("utf-16", ["plain"]),
        ("utf-16-le", ["plain"]),
    ],
)
def test_a_file_in_another_encoding_is_read_and_never_written(encoding, texts, tmp_path):
    rows = {f"{text} {i}": ("no", "yes")[i % 2] for text in texts for i in range(10)}
    path = tmp_path / "mine.csv"
    path.write_text("text,label\n" + "".join(f"{a},{b}\n" for a, b in rows.items()), encoding=encoding)
    before = path.read_bytes()
    found, notes = loaded(path)
    assert found == rows
    if encoding == "utf-16":
        assert notes == [], "its mark says what it is"
    else:
        assert "is not UTF-8 but probably" in notes[0] and 'corpora.load("…", encoding="NAME")' in notes[0]
    assert loaded(path, encoding=encoding) == (rows, [])
    assert path.read_bytes() == before


def test_an_encoding_that_cannot_be_told_or_does_not_fit(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes((FILE + "ça va,no\nœuf,yes\nété,no\n").encode() + "né,yes\n".encode("cp1252"))
    refused(path, "is UTF-8 but for byte 0xe9 in line 25")
    path.write_text("text,label\n" + "Πολύ καλή ταινία,no\nκακό,yes\n" * 10, encoding="iso8859-7")
    refused(path, "what it is in cannot be told: perhaps ", "Say which: ")
    refused(path, "is not utf-8: byte 0xd0 in line 2", encoding="utf-8")
    with pytest.raises(ValueError, match="There is no encoding 'greek9'"):
        corpora.load(str(path), encoding="greek9")
    path.write_text(FILE.replace("text 3", "\\ud83d"))
    for name in ("undefined", "punycode", "unicode_escape"):
        refused(path, f"is not {name}", "Leave the encoding out", encoding=name)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"it\x92s fine, really", "it’s fine, really"),
        (b"\xc4pfel", "Äpfel"),
        (b"don\x92t buy \x93this\x94", "don’t buy “this”"),
        (b"caf\xe9s in Paris", "cafés in Paris"),
    ],
)
def test_an_english_text_with_few_characters_beyond_ascii_is_no_asian_one(raw, text, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes(b"label;text\n" + b"".join(b"%b;%b %d\n" % ((b"no", b"yes")[i % 2], raw, i) for i in range(20)))
    found, (note,) = loaded(path)
    assert found == {f"{text} {i}": ("no", "yes")[i % 2] for i in range(20)}
    assert "Western European, cp1252" in note and f"{next(w for w in text.split() if not w.isascii())}" in note
    path.write_bytes(b"label;text\n" + raw + b";no\n" + b"a;no\nb;yes\n" * 10)
    assert corpora.tables.read(path).columns["label"][0] == text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("mine.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer.*git lfs pull"),
        ("mine.csv", b"<!DOCTYPE html>\n<html>", "a web page or XML"),
        ("mine.json", b"\n<html lang=en>", "a web page or XML"),
        ("mine.parquet", b"<?xml version='1.0'?>", "a web page or XML"),
        ("mine.csv", b"%PDF-1.4", "a PDF"),
        ("mine.csv", b"PK\x03\x04", "a zip archive"),
        ("mine.csv", b"\xd0\xcf\x11\xe0\xa1", "old Excel workbook"),
        ("mine.ipynb", b'{"cells": [], "nbformat": 4}', "a Jupyter notebook"),
        ("mine.csv.gz", b"\x1f\x8b\x08\0\0", "a gzip file that is damaged"),
        ("mine.txt", b"Once upon a time,\nthere was a king.\n", "not a data file that the course reads"),
        ("mine.json", b"{}", "holds no objects with names|has only the column|holds no rows"),
        ("mine.json", b'{"text": ["a", "b"], "label": ["x"]}', "columns are of different lengths"),
        ("mine.jsonl", b'"a"\n"b"\n', "line 1: 'a' is not an object"),
        ("mine.jsonl", b'{"text": "a", "label": ["x", "y"]}\n', "line 1: the label is a list"),
        ("mine.jsonl", b'{"text": ["a", "b"], "label": "x"}\n', "line 1: the text is a list"),
        ("mine.jsonl", b'{"text": "a", "label": {"x": 1}}\n', "line 1: the label is several values by name"),
    ],
)
def test_what_is_no_table_is_named(name, content, said, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=said) as caught:
        corpora.load(str(tmp_path / name))
    assert "\n" not in str(caught.value)


def test_an_excel_workbook_is_named_whatever_its_suffix(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "mine.csv", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    refused(tmp_path / "mine.csv", "is an Excel or LibreOffice workbook", "save the table as CSV")


# --- texts and labels ----------------------------------------------------------------------------


def labels_of(path, values, **options):
    rows = [{"text": f"text {i}", "label": value} for i, value in enumerate(values)]
    data, notes = corpora.read(str(write(path, rows)), **options)
    return data["train"].features["label"].names, notes


def test_labels_stay_as_written_but_for_equal_numbers(tmp_path):
    path = tmp_path / "mine.csv"
    assert labels_of(path, ["007", "012"] * 10) == (["007", "012"], [])
    assert labels_of(path, ["1", "1.0", "0", "0.00"] * 5) == (["0", "1"], [])
    assert labels_of(path, [" yes", " no"] * 10) == (["no", "yes"], [])
    assert labels_of(tmp_path / "mine.jsonl", [1, "1", "yes", "yes"] * 5) == (["1", "yes"], [])
    assert labels_of(path, ["12345678901234567890123456789", "12345678901234567890123456780"] * 10)[0] == [
        "12345678901234567890123456780",
        "12345678901234567890123456789",
    ]


def test_numbers_that_are_no_whole_ones_stay_as_written(tmp_path):
    path = tmp_path / "mine.csv"
    assert labels_of(path, ["3.10", "3.1", "3.11", "v"] * 10) == (["3.1", "3.10", "3.11", "v"], [])
    assert set(labels_of(path, ["3.10", "3.1", "3.11"] * 10)[0]) == {"3.1", "3.10", "3.11"}
    assert labels_of(path, ["1E5", "7"] * 10)[0] == ["7", "1E5"]
    assert labels_of(path, ["1e999999", "1e9999999", "7"] * 10)[0] == ["7", "1e999999", "1e9999999"]
    assert labels_of(path, ["1", "1.0", "other", "-0", "0.0"] * 10) == (["0", "1", "other"], [])


@pytest.mark.parametrize(
    "pair", [("yes", "y\u200bes"), ("café", "cafe\u0301"), ("yes", "ye\u00ads"), ("A1", "\uff211"), ("a b", "A\u00a0b")]
)
def test_labels_that_look_the_same_are_named_and_merged_if_wanted(pair, tmp_path):
    path = tmp_path / "mine.csv"
    names, (note,) = labels_of(path, [*pair, "no", pair[0]] * 10)
    assert len(names) == 3 and "invisible characters only count as different ones" in note
    one, other = note.partition("ones: ")[2].partition(". To")[0].replace(" (20)", "").replace(" (10)", "").split(" = ")
    assert one != other and {one, other} <= {f(name) for f in (repr, ascii) for name in pair}
    assert (one.isascii() and other.isascii()) or pair[0].isascii()
    assert labels_of(path, [*pair, "no", pair[0]] * 10, merge_labels=True)[0] == sorted([pair[0], "no"])


def test_texts_that_are_numbers_or_dates_stay_as_written(tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(f'{{"text": {i}.50, "label": {i % 2}}}\n' for i in range(20)))
    assert set(loaded(path)[0]) == {f"{i}.50" for i in range(20)}
    path = tmp_path / "mine.csv"
    path.write_text("text,label\n" + "".join(f"{i:03},{i % 2}\n" for i in range(20)))
    assert set(loaded(path)[0]) == {f"{i:03}" for i in range(20)}


def test_spellings_of_a_label_are_named_and_merged_if_wanted(tmp_path):
    values = ["pos", "neg", " pos", "Neg", "pos", "neg"] * 10
    names, (note,) = labels_of(tmp_path / "mine.csv", values)
    assert names == [" pos", "Neg", "neg", "pos"]
    assert "'pos' (20) = ' pos' (10); 'neg' (20) = 'Neg' (10)" in note
    assert 'corpora.load("…", merge_labels=True)' in note
    names, (note,) = labels_of(tmp_path / "mine.csv", values, merge_labels=True)
    assert names == ["neg", "pos"] and "are one now" in note
    path = write(tmp_path / "mine.csv", [*TWENTY, *labeled(("alone", "YES"))])
    refused(path, "'YES' occurs once", 'corpora.load("…", merge_labels=True)')


@pytest.mark.parametrize(
    "word",
    [
        "NA",
        "nan",
        "None",
        "null",
        "\\N",
        "(null)",
        "<null>",
        "NaT",
        "N.A.",
        "#NULL!",
        "#VALUE!",
        "#REF!",
        "#NA",
        "-nan",
        "undefined",
        "missing",
        "?",
        "-",
        "--",
        ".",
        "unknown",
    ],
)
def test_a_word_for_a_missing_value_is_named_and_left_out_if_wanted(word, tmp_path):
    values = ["1.0", "0.0", "1.0", "0.0", word] * 6
    names, (note,) = labels_of(tmp_path / "mine.csv", values)
    assert names == ["0", "1", word]
    assert f"the label of 6 rows is {word!r}, line 6 first" in note and "drop_missing=True" in note
    names, (note,) = labels_of(tmp_path / "mine.csv", values, drop_missing=True)
    assert names == ["0", "1"] and "6 rows without a label left out, line 6 first" in note


def test_a_mark_for_a_missing_label_is_a_text(tmp_path):
    for word, count in (("?", 0), ("unknown", 0), ("#REF!", 1), ("undefined", 1)):
        path = write(tmp_path / "mine.csv", [*TWENTY, *labeled((word, "no"))])
        assert len(corpora.read(str(path))[1]) == count


def test_lists_written_as_text_are_named(tmp_path):
    with pytest.raises(ValueError, match="its labels are lists or dictionaries, such as \"\\['a', 'b0'\\]\""):
        labels_of(tmp_path / "mine.csv", [f"['a', 'b{i % 2}']" for i in range(20)])
    for odd in ("['a', 'b']", "[0]", "[]", "{'a'}", "{1, 2}", "{'a': 1}", "('a', 'b')", "(1, 2)", "('a',)"):
        with pytest.raises(ValueError, match="some of its labels are lists or dictionaries, such as ") as caught:
            labels_of(tmp_path / "mine.csv", [odd, "yes", "no"] * 9)
        assert repr(odd) in str(caught.value)
    assert labels_of(tmp_path / "mine.csv", ["(good, really)", ":-("] * 10)[1] == []
    assert labels_of(tmp_path / "mine.csv", ["[good]", "[bad]"] * 10) == (["[bad]", "[good]"], [])


def test_scores_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"20 different numbers from 0\.05 to 1\. They look like scores"):
        labels_of(tmp_path / "mine.csv", [f"{i / 20:.2f}" for i in range(1, 21)])
    names, (note,) = labels_of(tmp_path / "mine.csv", [i % 8 / 2 for i in range(80)])
    assert names == ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5", "3.0", "3.5"]
    assert "They look like scores; each is learned" in note
    assert labels_of(tmp_path / "mine.csv", [i % 30 for i in range(300)])[1] == [], "labels that count up are labels"


# --- splits --------------------------------------------------------------------------------------


def test_equal_texts_come_into_one_split_before_it_is_cut(tmp_path):
    rows = labeled(
        *(
            (("Text {}!", "text {}")[k % 2].format("abcdefghijklmnopqrst"[i]), i % 2)
            for i in range(20)
            for k in range(8)
        )
    )
    data, (note,) = corpora.read(str(write(tmp_path / "mine.csv", rows)))
    assert {split: len(part) for split, part in data.items()} == {"train": 96, "validation": 32, "test": 32}
    texts = [{text.lower().rstrip("!") for text in part["text"]} for part in data.values()]
    assert [len(one) for one in texts] == [12, 4, 4] and len(set.union(*texts)) == 20
    assert "only 20 different texts in 160 rows" in note


def test_every_label_is_in_every_split_as_far_as_it_has_texts(tmp_path):
    rows = labeled(*((f"text {i}", i % 2) for i in range(1000)), *((f"rare {i}", "rare") for i in range(3)))
    data = corpora.load(str(write(tmp_path / "mine.csv", rows)))
    assert all(Counter(part["label"])[2] == 1 for part in data.values())
    data = corpora.load(str(write(tmp_path / "mine.csv", rows[:-1])))
    assert [Counter(part["label"])[2] for part in data.values()] == [1, 0, 1]


def test_a_label_with_one_text_only_and_texts_with_two_labels(tmp_path):
    path = write(tmp_path / "mine.csv", [*TWENTY, *labeled(*[("nothing", "none")] * 9)])
    refused(path, "the label 'none' occurs 9 times, but with one and the same text")
    _, (note,) = corpora.read(str(write(tmp_path / "mine.csv", [*TWENTY, *labeled(("Text 0.", "yes"))])))
    assert "1 text with different labels at different places, first \"text 0\" ('no' and 'yes')" in note


# --- no cache ------------------------------------------------------------------------------------


def test_files_are_read_where_no_cache_can_be_written(tmp_path):
    """HF_HOME lies below a file, so nobody can make it, not even root."""
    import os
    import subprocess
    import sys

    (tmp_path / "file").write_text("")
    path = write(tmp_path / "mine.csv", TWENTY + labeled(("", "no")))
    program = (
        "from helpers import corpora\n"
        "data = corpora.load('reviews')\n"
        "assert len(data['train'].map(lambda row: {'length': len(row['text'])})) == len(data['train'])\n"
        f"data = corpora.load({str(path)!r}, drop_missing=True)\n"
        "print(sum(map(len, data.values())), 'rows')\n"
    )
    environment = os.environ | {"HF_HOME": str(tmp_path / "file" / "home"), "PYTHONPATH": os.getcwd()}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "20 rows"


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


# --- passages of one's own texts -----------------------------------------------------------------


def test_passages_of_a_folder(tmp_path):
    """Planted faults: copies that JupyterLab keeps are read; files are not in order; other files are read."""
    for name, text in {
        "b.txt": "Nobody knew.",
        "a/fox.md": "# The fox\n\nIt ran.",
        "a/Owl.TXT": "The owl slept.",
        "c.csv": "a,b",
        ".ipynb_checkpoints/b-checkpoint.txt": "Nobody knew.",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    texts, titles = corpora.passages(tmp_path)
    assert titles == ["a/Owl · 1", "a/fox · 1", "b · 1"]
    assert texts == ["The owl slept.", "# The fox\n\nIt ran.", "Nobody knew."]
    texts, titles = corpora.passages(str(tmp_path / "a" / "fox.md"), words=2)
    assert texts == ["# The", "fox", "It ran."] and titles == ["fox · 1", "fox · 2", "fox · 3"]


CUTS = {
    "paragraphs": ("One two.\n\nThree four.\r\n \r\nFive.", 4, ["One two.\n\nThree four.", "Five."]),
    "sentences": (
        "One two three. Four! “Five six?” Seven eight",
        5,
        ["One two three. Four!", "“Five six?” Seven eight"],
    ),
    "words": ("one two three four five", 2, ["one two", "three four", "five"]),
    "a heading stays with its text": (
        "I\n\nOne two three four. Five six.",
        6,
        ["I\n\nOne two three four.", "Five six."],
    ),
    "lines are no paragraphs": ("One\ntwo three\nfour five\n\nsix", 4, ["One\ntwo three\nfour", "five\n\nsix"]),
    "an abbreviation within a word": ("It is 3.5 or a.b or so", 4, ["It is 3.5 or", "a.b or so"]),
    "Chinese": ("雨" * 60 + "。" + "伞" * 30, 2, ["雨" * 60 + "。" + "伞" * 19, "伞" * 11]),
}


@pytest.mark.parametrize("name", CUTS)
def test_where_passages_end(name, tmp_path):
    """Planted faults: the first end in reach instead of the last; a heading alone; a cut in every line."""
    text, words, wanted = CUTS[name]
    (tmp_path / "a.txt").write_bytes(text.encode())
    assert corpora.passages(tmp_path / "a.txt", words)[0] == wanted


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(["a", "b.", "c!”", "\n\n", "\n", " ", "d" * 90, "e"]), min_size=1), st.integers(1, 9))
def test_passages_hold_every_word_once(pieces, words):
    text = " ".join([*pieces, "end"])
    cut = corpora._passages(text, words)
    assert "".join("".join(cut).split()) == "".join(text.split())
    assert all(passage.strip() == passage != "" and passage in text for passage in cut)
    assert all(sum(-(-len(word) // 40) for word in passage.split()) <= words for passage in cut)


def test_a_long_text_is_cut_in_no_time(tmp_path):
    """Planted fault: all sentences are looked at for each passage."""
    (tmp_path / "a.txt").write_text("It rained. The old fox slept in its den until the morning came. " * 40_000)
    start = time.process_time()
    texts, _ = corpora.passages(tmp_path / "a.txt")
    assert len(texts) > 6_000 and time.process_time() - start < 5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty. Write something in it, or take it out"),
        (b" \n\n", "is empty"),
        (b"%PDF-1.7 a", "is not a text file. Save its text as .txt, in UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not a text file"),
        (b"PK\x03\x04" + bytes(range(200)), "is not a text file"),
        (b"plain \x00\x01 bytes", "is not a text file"),
        (bytes(range(128, 256)) * 4, "is not a text file"),
    ],
)
def test_files_that_hold_no_text(content, message, tmp_path):
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).write_bytes(content if name == "b.txt" else b"Fine.")
    for place in (tmp_path, tmp_path / "b.txt"):
        with pytest.raises(ValueError, match=message) as raised:
            corpora.passages(place)
        assert "b.txt" in str(raised.value) and "\n" not in str(raised.value)


def test_texts_in_other_encodings(tmp_path, capsys):
    text = "Das Mädchen fraß Äpfel, während der Bär süß schlief. Früh übte es schön. Größe! " * 3
    for name in ("utf-8-sig", "utf-16", "cp1252"):
        (tmp_path / "a.txt").write_bytes(text.encode(name))
        texts, _ = corpora.passages(tmp_path, 1000)
        assert texts == [text.strip()]
        warned = f"Warning: {tmp_path / 'a.txt'} is not in UTF-8. If its letters look wrong, save it as UTF-8.\n"
        assert capsys.readouterr().out == (warned if name == "cp1252" else "")


def test_passages_that_cannot_be_made(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no file or folder .*nowhere"):
        corpora.passages(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"has no text in it: no file that ends in .txt or .md"):
        corpora.passages(tmp_path)
    with pytest.raises(ValueError, match="words is 0; a passage needs at least 1"):
        corpora.passages(tmp_path, 0)


# --- tales, entities, translations -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("split", "tales", "sections", "asked"), [("validation", 23, 380, 1025), ("test", 23, 365, 1007)]
)
def test_fairytales(split, tales, sections, asked):
    data = corpora.fairytales(split)
    assert (len({s.tale for s in data.sections}), len(data.sections), len(data.questions)) == (tales, sections, asked)
    places = {(section.tale, section.number) for section in data.sections}
    assert len(places) == sections, "no section is there twice"
    for tale in {section.tale for section in data.sections}:
        numbers = [section.number for section in data.sections if section.tale == tale]
        assert numbers == list(range(len(numbers))), "the sections of a tale are together and in order"
    for question in data.questions:
        assert question.text and question.answers and question.sections and question.kind
        assert len({data.sections[place].tale for place in question.sections}) == 1, "a question is about one tale"
    assert all(section.text == section.text.strip() for section in data.sections)


def test_a_fairy_tale_as_it_is_in_the_file():
    data = corpora.fairytales()
    question = data.questions[0]
    assert question == ("What kind of hair did the wife have?", ("golden hair",), (0,), "character")
    assert "golden hair" in data.sections[question.sections[0]].text
    train = {section.tale for section in corpora.fairytales("train").sections}
    held = [{section.tale for section in corpora.fairytales(split).sections} for split in ("validation", "test")]
    assert not train & held[0] and not train & held[1] and not held[0] & held[1], "no tale is in two splits"


def test_entities():
    from helpers.reference.entities import entities

    sentences = corpora.entities("test")
    assert (len(sentences), sum(len(words) for words, _ in sentences)) == (1712, 49152)
    assert sum(len(entities(labels)) for _, labels in sentences) == 2614
    kinds = {label.partition("-")[2] for _, labels in sentences for label in labels} - {""}
    assert kinds == {"PER", "FAC", "LOC", "GPE", "VEH", "ORG"}
    for words, labels in sentences:
        assert len(words) == len(labels) and all(words)
        for before, label in zip(["O", *labels], labels, strict=False):
            assert label[0] != "I" or before[2:] == label[2:], "an annotator's I- continues what is there"


def test_translations():
    pairs = corpora.translations("test")
    assert len(pairs) == len({english for english, _ in pairs}) == len(corpora.translations("validation")) == 1000
    assert all(english and french and all(french) for english, french in pairs)
    assert not {english for english, _ in pairs} & {english for english, _ in corpora.translations("validation")}


@pytest.mark.parametrize("read", [corpora.fairytales, corpora.entities, corpora.translations])
def test_a_split_that_there_is_not_names_those_there_are(read):
    with pytest.raises(ValueError, match=r"has no split 'dev'; it has .*test.*validation"):
        read("dev")


def test_what_ships_is_what_its_script_makes():
    import os
    import subprocess
    import sys
    from pathlib import Path

    folder = Path(os.environ.get("COURSE_DATA", "no such folder"))
    wanted = ("fairytaleqa.tar.xz", "litbank.tsv.xz", "tatoeba-fra-eng.zip")
    if missing := [name for name in wanted if not (folder / name).is_file()]:
        pytest.skip(f"COURSE_DATA is not set to a folder with {', '.join(missing)}")
    script = Path(__file__).resolve().parents[1] / "benchmarks" / "shipped_data.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "new" not in done.stdout
