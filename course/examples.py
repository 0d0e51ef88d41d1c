"""The examples of a task, read from a file or by name: questions with answers, sentences with labels, and pairs.

`helpers.corpora` reads texts with one label. If something is wrong with a file, a sentence says what it is and where.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from helpers import corpora, runtime, tables
from helpers.corpora import SPLITS, same_text

One = TypeVar("One")
Splits = dict[str, list[One]]
BIO = re.compile(r"O|[BI]-\S+")
CONLL = (".conll", ".bio", ".iob", ".iob2", ".txt", ".tsv")  # JSON Lines and tables have other endings


class Asked(NamedTuple):
    """A question and a text whose characters `start` to `end` are an answer. All `answers` count as right."""

    question: str
    text: str
    answers: tuple[str, ...]
    start: int
    end: int
    place: str


class Sentence(NamedTuple):
    words: tuple[str, ...]
    labels: tuple[str, ...]


class Pair(NamedTuple):
    """A question and the passages that answer it, by index in `Pairs.passages`. The model learns from the first one."""

    question: str
    passages: tuple[int, ...]


class Pairs(NamedTuple):
    passages: list[str]
    questions: list[Pair]

    def __len__(self) -> int:
        return len(self.questions)


# --- questions about a text -------------------------------------------------------------------------


def find(answer: str, text: str) -> tuple[int, int] | None:
    """Where `answer` first occurs word for word in `text`, regardless of case but not inside a longer word."""
    pattern = r"\s+".join(map(re.escape, answer.split()))
    match = pattern and re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE)
    return match.span() if match else None


def questions(
    data: str, columns: Mapping[str, str], encoding: str | None = None, drop_missing: bool = False
) -> tuple[Splits[Asked], list[str]]:
    """`fairytales`, a file in SQuAD's format, or a table with a question, a text and an answer in each row."""
    if data == "fairytales":
        return {split: fairytale_questions(split) for split in SPLITS}, []
    path = _file(data)
    squad = _squad(path, encoding) if tables.ending(path) == ".json" else None
    rows, notes = squad or _asked_in_table(path, columns, encoding)
    found, without = [], []
    for question, text, answers, start, place in rows:
        if not answers:
            without.append(place)
            continue
        span = next((span for answer in answers if (span := _span(answer, text, start))), None)
        if span is None:
            raise ValueError(
                f"{path}, {place}: the answer {_short(answers[0])} is not in the text word for word. Correct it, "
                "because this task learns to mark answers in a text, not to write them."
            )
        found.append(Asked(question, text, answers, *span, f"{path}, {place}"))
    if without and not drop_missing:
        raise ValueError(
            f"{path}, {without[0]}: the question has no answer ({tables.many(len(without), 'such question')}). This "
            "task learns from answers that are in the text. Leave such questions out with --drop-missing."
        )
    if without:
        left_out = f"{tables.many(len(without), 'question')} without an answer left out, {without[0]} first"
        notes.append(f"{path}: {left_out}.")
    return cut(found, lambda one: one.text, path, "text"), notes


def fairytale_questions(split: str) -> list[Asked]:
    """The questions of a split that have an answer word for word (see `find`) in a section that the data name.

    The text is the first section with such an answer, and the first answer that is in it counts.
    """
    tales, found = corpora.fairytales(split), []
    for number, question in enumerate(tales.questions):
        texts = (tales.sections[i].text for i in question.sections)
        pairs = ((text, answer) for text in texts for answer in question.answers)
        here = next(((text, span) for text, answer in pairs if (span := find(answer, text))), None)
        if here:
            place = f"fairytales, question {number + 1} of {split}"
            found.append(Asked(question.text, here[0], question.answers, *here[1], place))
    return found


def _span(answer: str, text: str, start: int | None) -> tuple[int, int] | None:
    """Where the answer is: at `start` if the text has it there, otherwise where `find` finds it."""
    if start is not None and text[start : start + len(answer)] == answer:
        return start, start + len(answer)
    return find(answer, text)


def _squad(path: Path, encoding: str | None) -> tuple[list[tuple], list[str]] | None:
    """The questions in SQuAD's JSON, or None if the file has a different form, which may be a table."""
    written, notes = tables.read_text(path, encoding)
    try:
        content = json.loads(written)
    except ValueError:
        return None
    if not isinstance(content, dict) or "data" not in content:
        return None
    rows = []
    try:
        for i, article in enumerate(content["data"]):
            for j, paragraph in enumerate(article["paragraphs"]):
                for k, asked in enumerate(paragraph["qas"]):
                    place = f"data[{i}].paragraphs[{j}].qas[{k}]"
                    given = [] if asked.get("is_impossible") else asked["answers"]
                    answers = tuple(dict.fromkeys(one["text"] for one in given))
                    start = given[0].get("answer_start") if given else None
                    rows.append((asked["question"], paragraph["context"], answers, start, place))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path}, after {tables.many(len(rows), 'question')}: SQuAD's format needs data, paragraphs, context, qas, "
            f"question and answers with text and answer_start ({runtime.reason(error)})."
        ) from error
    return rows, notes


def _asked_in_table(path: Path, columns: Mapping[str, str], encoding: str | None) -> tuple[list[tuple], list[str]]:
    table = _table(path, columns, encoding)
    starts = table.columns.get("start") or [None] * len(table.places)
    rows = []
    for i, start in enumerate(starts):
        question, text = (_filled(path, table, columns, name, i) for name in ("question", "passage"))
        answer = _cell(path, table, columns, "answer", i)
        number = str(start) if start is not None else ""
        answers = (answer,) if answer.strip() else ()
        rows.append((question, text, answers, int(number) if number.isdecimal() else None, table.place(i)))
    return rows, table.notes


def nearest_sentence(question: str, text: str) -> str:
    """The sentence of `text` that shares the most words with `question`, or the first of several."""
    from helpers.reference.search import words

    asked = {*words(question)}
    return max(re.split(r"(?<=[.!?])\s+", text), key=lambda sentence: len(asked & {*words(sentence)}))


# --- sentences with labels --------------------------------------------------------------------------


def sentences(data: str, columns: Mapping[str, str], encoding: str | None = None) -> tuple[Splits[Sentence], list[str]]:
    """`entities`, JSON Lines, or a file with a word and its label on each line and empty lines between sentences."""
    if data == "entities":
        splits = {split: [Sentence(*map(tuple, one)) for one in corpora.entities(split)] for split in SPLITS}
        return splits, []
    path = _file(data)
    read = _conll if tables.ending(path) in CONLL else _lines
    rows, notes = read(path, columns, encoding)
    if not rows:
        raise ValueError(f"{path} holds no sentences. Check that the export was complete.")
    found, repaired = [], []
    for spelled, labels, places in rows:
        for label, place in zip(labels, places, strict=True):
            if not BIO.fullmatch(label):
                raise ValueError(
                    f"{path}, {place}: the label {_short(label)} is not BIO. A word that begins a name has B-KIND, a "
                    "word that continues it has I-KIND, and every other word has O."
                )
        begun = repair(labels)
        repaired += [place for place, one, other in zip(places, labels, begun, strict=True) if one != other]
        found.append(Sentence(tuple(spelled), tuple(begun)))
    if all(len(one.words) == 1 for one in found):
        raise ValueError(
            f"{path}: each of its {len(found):,} sentences has one word. Put empty lines between sentences only, not "
            "between words."
        )
    if not any(label != "O" for one in found for label in one.labels):
        raise ValueError(f"{path}: all labels are O, so there is no name to learn. Is it the right column?")
    if repaired:
        notes.append(
            f"{path}: {tables.many(len(repaired), 'label')} I-KIND without a beginning (first: {repaired[0]}), read as "
            "B-KIND."
        )
    return cut(found, lambda one: " ".join(one.words), path, "sentence"), notes


def repair(labels: Sequence[str]) -> list[str]:
    """The labels with B- at the beginning of every name: an I- that continues nothing becomes B-."""
    from helpers.reference.entities import entities

    fixed = ["O"] * len(labels)
    for kind, first, end in entities(labels):
        fixed[first:end] = [f"B-{kind}", *[f"I-{kind}"] * (end - first - 1)]
    return fixed


def _conll(path: Path, columns: Mapping[str, str], encoding: str | None) -> tuple[list[tuple], list[str]]:
    """Each line has a word first and its label last, with a tab or spaces between them; # begins a comment."""
    written, notes = tables.read_text(path, encoding)
    rows: list[tuple[list[str], list[str], list[str]]] = [([], [], [])]
    for number, line in enumerate(written.splitlines(), 1):
        fields = [part.strip() for part in line.split("\t")] if "\t" in line else line.split()
        if not "".join(fields) or fields[0] == "-DOCSTART-":
            rows.append(([], [], []))
        elif fields[0] == "#" and not BIO.fullmatch(fields[-1]):
            continue
        elif len(fields) < 2 or not fields[0]:
            raise ValueError(
                f"{path}, line {number}: {_short(line)} is not a word with a label after it. Write both with a tab "
                "between them, and leave an empty line after each sentence."
            )
        else:
            for part, value in zip(rows[-1], (fields[0], fields[-1], f"line {number}"), strict=True):
                part.append(value)
    return [row for row in rows if row[0]], notes


def _lines(path: Path, columns: Mapping[str, str], encoding: str | None) -> tuple[list[tuple], list[str]]:
    """Each row of JSON Lines, JSON or Parquet has a list of words and a list of labels."""
    table = _table(path, columns, encoding)
    rows = []
    for i, (spelled, labels) in enumerate(zip(*(table.columns[columns[name]] for name in ("text", "label")))):
        for name, value in ((columns["text"], spelled), (columns["label"], labels)):
            if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
                raise ValueError(f"{path}, {table.place(i)}: {name} is not a list of words, but {_short(str(value))}.")
        if len(spelled) != len(labels):
            raise ValueError(f"{path}, {table.place(i)}: {len(spelled)} words have {len(labels)} labels.")
        if spelled:
            rows.append((spelled, labels, [table.place(i)] * len(labels)))
    return rows, table.notes


# --- questions and the passages that answer them ----------------------------------------------------


def pairs(data: str, columns: Mapping[str, str], encoding: str | None = None) -> tuple[dict[str, Pairs], list[str]]:
    """`fairytales`, or a table with a question and a passage in each row. Equal passages count as one."""
    if data == "fairytales":
        return {split: fairytale_pairs(split) for split in SPLITS}, []
    path = _file(data)
    table = _table(path, columns, encoding)
    rows = [
        tuple(_filled(path, table, columns, name, i) for name in ("question", "passage"))
        for i in range(len(table.places))
    ]
    splits = {}
    for split, part in cut(rows, lambda row: row[1], path, "passage").items():
        places = {passage: i for i, passage in enumerate(dict.fromkeys(passage for _, passage in part))}
        splits[split] = Pairs([*places], [Pair(question, (places[passage],)) for question, passage in part])
    return splits, table.notes


def fairytale_pairs(split: str) -> Pairs:
    """All questions of a split with the sections that the data name, and all sections of the split as passages."""
    tales = corpora.fairytales(split)
    return Pairs(
        [section.text for section in tales.sections],
        [Pair(question.text, question.sections) for question in tales.questions],
    )


# --- what they share ----------------------------------------------------------------------------


def cut(examples: Sequence[One], key: Callable[[One], str], path: Path, what: str) -> Splits[One]:
    """Train, validation and test, with a fifth of the different keys in each of the last two.

    Examples with equal keys stay together. Raises ValueError for fewer than five different keys.
    """
    groups = [*dict.fromkeys(same_text(key(one)) for one in examples)]
    if len(groups) < 5:
        raise ValueError(
            f"{path} has {tables.many(len(groups), f'different {what}')}, too few to cut training, validation and test "
            "from them: at least 5 are needed, and some hundreds to learn from."
        )
    random.Random(0).shuffle(groups)
    fifth = max(1, round(len(groups) / 5))
    parts = {"test": groups[:fifth], "validation": groups[fifth : 2 * fifth], "train": groups[2 * fifth :]}
    split_of = {group: split for split, part in parts.items() for group in part}
    splits: Splits[One] = {split: [] for split in SPLITS}
    for one in examples:
        splits[split_of[same_text(key(one))]].append(one)
    return splits


def _file(data: Any) -> Path:
    if not isinstance(data, str):
        raise ValueError("Only classification takes splits; give the name of a file.")
    path = runtime.path_of(data)
    if path.is_dir():
        raise ValueError(f"{path} is a folder. Name one file in it.")
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}. Files are looked for in {Path.cwd()}. Check the name.")
    return path


def _table(path: Path, columns: Mapping[str, str], encoding: str | None) -> tables.Table:
    """The table in `path`. Raises ValueError for a missing column, with the option that names a different one."""
    wanted = tuple(columns.values())
    table = tables.read(path, wanted, encoding)
    for option, column in columns.items():
        if column not in table.columns:
            raise ValueError(
                f"{path} has no column {column!r}; it has {', '.join(table.columns)}. "
                f"Say which one to use: --{option} NAME."
            )
    return table


def _cell(path: Path, table: tables.Table, columns: Mapping[str, str], name: str, i: int) -> str:
    value = table.columns[columns[name]][i]
    if isinstance(value, (list, dict)):
        raise ValueError(f"{path}, {table.place(i)}: the {columns[name]} is not a text, but {_short(str(value))}.")
    return "" if value is None else str(value)


def _filled(path: Path, table: tables.Table, columns: Mapping[str, str], name: str, i: int) -> str:
    """The cell. Raises ValueError if nothing is in it."""
    value = _cell(path, table, columns, name, i)
    if not value.strip():
        raise ValueError(f"{path}, {table.place(i)} has no {columns[name]}. Fill it in, or remove the row.")
    return value


def _short(text: str, size: int = 60) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= size else text[: size - 1] + "…")
