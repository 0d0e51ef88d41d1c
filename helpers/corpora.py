"""From a name to a data set: the course's reviews, a Hub id, or a CSV, JSON Lines or Parquet file of your own.

data = corpora.load("reviews")                                  # train, validation, test: text, label
data = corpora.load("mine.csv", text="comment", label="stars")  # split for you, stratified
tales = corpora.fairytales("test")                              # sections, and questions with their answers
sentences = corpora.entities("test")                            # words and labels
pairs = corpora.translations("test")                            # an English sentence and its French ones
texts, titles = corpora.passages("my texts")                    # your own .txt and .md files, in short pieces
counts = corpora.word_counts("fr")                              # how often the translator has read each word
"""

from __future__ import annotations

import gzip
import json
import math
import re
import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from helpers import runtime, tables
from helpers.tables import many, option

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

ASSETS = Path(__file__).parent / "assets"
REVIEWS = ASSETS / "reviews"
HUB_IDS = {"sst2": ("stanfordnlp/sst2", "sentence", "label")}
SPLITS = ("train", "validation", "test")
FILES = {*tables.READERS, ".gz", ".xlsx", ".xls", ".ods", ".txt", ".zip"}  # files all the same, not Hub ids
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d{1,3})?")  # 007 is a name
WHOLE = re.compile(r"-?(0|[1-9]\d*)(\.0*)?")
LIST = re.compile(  # a list, dictionary or tuple as Python or JSON writes it
    r"""\[\s*(['"].*|-?[\d.]+|.*,.*)?\s*\]|\{\s*(['"].*|-?[\d.]+|.*[:,].*)?\s*\}|\(\s*(['"].*|-?[\d.]+\s*),.*\)""",
    re.DOTALL,
)
# What programs write for "no value", in lower case; and what else people write for a missing label.
MISSING = re.compile(
    r"-?nan|#?n/?a|n\.a\.|<na>|nat|null|\(null\)|<null>|#null!|none|nil|\\n|#value!|#ref!|undefined|missing"
)
MISSING_LABEL = re.compile(rf"{MISSING.pattern}|\?|--?|\.|unknown")
UNSEEN = "invisible characters"
TEXTS = (".txt", ".md")  # what `passages` takes from a folder
Places = dict[str, Callable[[int], str]]  # of each split: where the row with this index is in its file
SCORES = 20  # more different numbers than these, unless they count up, look like scores; so do fractions


class Question(NamedTuple):
    """`sections` are the places in `Tales.sections` of those that hold the answer; `kind` is what is asked for."""

    text: str
    answers: tuple[str, ...]
    sections: tuple[int, ...]
    kind: str


class Section(NamedTuple):
    """A part of a tale; `number` counts from 0 in it."""

    text: str
    tale: str
    number: int


class Tales(NamedTuple):
    """Sections of tales, one tale after another, and what was asked about them."""

    sections: tuple[Section, ...]
    questions: tuple[Question, ...]


def fairytales(split: str = "test") -> Tales:
    """FairytaleQA's `split` (Xu et al. 2022). Raises ValueError for a split that there is not."""
    stored = json.loads(_shipped("fairytales", split, "json.gz"))
    sections = tuple(Section(text, tale, i) for tale, texts in stored["tales"].items() for i, text in enumerate(texts))
    place = {(section.tale, section.number): i for i, section in enumerate(sections)}
    questions = tuple(
        Question(q["question"], tuple(q["answers"]), tuple(place[q["tale"], i] for i in q["sections"]), q["kind"])
        for q in stored["questions"]
    )
    return Tales(sections, questions)


def entities(split: str = "test") -> list[tuple[list[str], list[str]]]:
    """Sentences of novels in LitBank's `split` (Bamman et al. 2019), each as its words and their BIO labels.

    Raises ValueError for a split that there is not.
    """
    sentences = _shipped("entities", split, "tsv.gz").strip("\n").split("\n\n")
    rows = [[line.split("\t") for line in sentence.splitlines()] for sentence in sentences]
    return [([word for word, _ in row], [label for _, label in row]) for row in rows]


def translations(split: str = "test") -> list[tuple[str, list[str]]]:
    """English sentences of Tatoeba and all the French translations that it has of each: 1,000 of them in a split.

    `split` is `validation` or `test`; the sentences to train on are not here. Raises ValueError for another split.
    """
    lines = _shipped("translations", split, "tsv").splitlines()
    return [(english, french) for english, *french in (line.split("\t") for line in lines)]


def word_counts(language: str) -> Counter[str]:
    """How often each of the `words` is in the sentences of Tatoeba that the translator was trained on.

    `language` is `en` or `fr`. Raises ValueError for another one.
    """
    if language not in ("en", "fr"):
        raise ValueError(f"There are word counts for en and fr, not for {language!r}.")
    lines = _shipped("translations", f"words_{language}", "tsv.gz").splitlines()
    return Counter({word: int(count) for word, count in (line.split("\t") for line in lines)})


def _shipped(name: str, split: str, suffix: str) -> str:
    file = ASSETS / name / f"{split}.{suffix}"
    if not file.is_file():
        splits = ", ".join(sorted(file.name.split(".")[0] for file in file.parent.glob(f"*.{suffix}")))
        raise ValueError(f"{name} has no split {split!r}; it has {splits}.")
    content = file.read_bytes()
    return (gzip.decompress(content) if suffix.endswith("gz") else content).decode("utf-8")


def passages(path: str | Path, words: int = 90) -> tuple[list[str], list[str]]:
    """A text file (.txt or .md), or all of them in a folder, cut into passages, and a title for each: "name · 3".

    A passage has at most `words` words. It ends where a paragraph does, as late as possible. If that would leave it
    with less than a third of them, it ends with a sentence, and if that would too, between any two words. It is as
    written in the file. A word here is what stands between spaces; a very long one, as in Chinese, counts as several.

    Raises FileNotFoundError for a path where nothing is, and ValueError for a folder without texts, a file that is
    empty or holds no text, and `words` < 1.
    """
    if words < 1:
        raise ValueError(f"words is {words}; a passage needs at least 1.")
    top = runtime.path_of(str(path))
    if not top.exists():
        raise FileNotFoundError(
            f"There is no file or folder {top}. Notebooks look from their own folder: {Path.cwd()}."
        )
    files = [top]
    if top.is_dir():
        files = [file for file in sorted(top.rglob("*")) if file.suffix.lower() in TEXTS and file.is_file()]
        files = [file for file in files if "/." not in f"/{file.relative_to(top).as_posix()}"]  # .ipynb_checkpoints
        if not files:
            raise ValueError(f"{top} has no text in it: no file that ends in {' or '.join(TEXTS)}.")
    texts, titles = [], []
    for file in files:
        name = file.relative_to(top).with_suffix("").as_posix() if top.is_dir() else file.stem
        cut = _passages(_text(file), words)
        texts += cut
        titles += [f"{name} · {k + 1}" for k in range(len(cut))]
    return texts, titles


def _text(file: Path) -> str:
    """What is written in a text file. Raises ValueError for an empty one, and for one that is not text."""
    raw = file.read_bytes()
    binary = f"{file} is not a text file. Save its text as .txt, in UTF-8."
    if raw.startswith(tuple(tables.NOT_TABLES)):
        raise ValueError(binary)
    try:
        text, guessed = tables.decode(file, raw)
    except ValueError as error:
        raise ValueError(binary) from error
    if re.search(r"[\0-\x08\x0e-\x19\x1c-\x1f]", text):  # control characters that no text has
        raise ValueError(binary)
    if not text.strip():
        raise ValueError(f"{file} is empty. Write something in it, or take it out.")
    if guessed:
        print(f"Warning: {file} is not in UTF-8. If its letters look wrong, save it as UTF-8.")
    return text


def _passages(text: str, most: int) -> list[str]:
    words = [match.span() for match in re.finditer(r"\S{1,40}", text)]
    paragraphs, sentences = [0], [0]  # how many words there are up to the end of each
    for k, (start, end) in enumerate(words, 1):
        gap = text[end : words[k][0]] if k < len(words) else "\n\n"
        if len(re.findall(r"\r\n|[\n\r]", gap)) > 1:
            paragraphs.append(k)
        elif re.search(r"[.!?…]['\"’”)\]]*$|[。！？]$", text[start:end]) and gap:
            sentences.append(k)
    found, done = [], 0
    while done < len(words):
        until = min(done + most, len(words))
        lasts = (ends[bisect_right(ends, until) - 1] for ends in (paragraphs, sentences, [until]))
        last = next(k for k in lasts if k == len(words) or k > done + most // 3)
        found.append(text[words[done][0] : words[last - 1][1]])
        done = last
    return found


def load(
    name: str = "reviews",
    text: str | None = None,
    label: str | None = None,
    *,
    seed: int = 0,
    encoding: str | None = None,
    merge_labels: bool = False,
    drop_missing: bool = False,
) -> DatasetDict:
    """Load `name` as train, validation and test splits with the columns `text` and `label` (names included).

    `name` is `reviews` (it ships with the course), `sst2`, any Hub id, or a CSV, TSV, JSON, JSON Lines or Parquet
    file, gzipped or not. `text` and `label` say which columns to use (default: `text` and `label`; in a file without
    a header their numbers, from 1). Texts and labels are strings as written. Splits that are missing are cut from
    train, stratified by label, a fifth each, equal texts together. Further columns stay.

    `encoding` is that of a file that is not UTF-8 (else it is guessed, with a warning). `merge_labels` makes labels one
    that differ in case, spaces and invisible characters only; `drop_missing` leaves out rows without text or label, or
    with a word like NA for it. Where neither is given, a warning names such labels.

    Raises FileNotFoundError for a missing file, ValueError for a file that cannot serve (empty, another format, a
    missing column, rows of another length, a text without a label, a label with one text only), naming file, line and
    remedy.
    """
    data, notes = read(
        name, text, label, seed=seed, encoding=encoding, merge_labels=merge_labels, drop_missing=drop_missing
    )
    for note in notes:
        print(f"Warning: {note}")
    return data


def read(
    name: str,
    text: str | None = None,
    label: str | None = None,
    *,
    seed: int = 0,
    encoding: str | None = None,
    merge_labels: bool = False,
    drop_missing: bool = False,
) -> tuple[DatasetDict, list[str]]:
    """What `load` returns, and the sentences of its warnings."""
    from datasets import DatasetDict

    if re.match(r"\w[\w+.-]*://", name):
        raise ValueError(f"{name} is an address, not a file: download it and name the file.")
    path, notes = runtime.path_of(name), []
    if name == "reviews":
        where = "the course's reviews"
        data = DatasetDict({split: _dataset(tables.read(REVIEWS / f"{split}.csv").columns) for split in SPLITS})
        data, _ = _name_labels(data, where, False, {})
    else:
        if path.suffix.lower() in FILES or path.exists() or name.startswith((".", "/", "~")):
            where = str(path)
            data, places, notes = _read_file(path, text or "text", label or "label", encoding)
        else:
            where, text_column, label_column = HUB_IDS.get(name, (name, "text", "label"))
            data = _read_hub(where, text or text_column, label or label_column)
            places = {split: _row_of(split) for split in data}
        for step, argument in ((_whole_rows, drop_missing), (_name_labels, merge_labels), (_split, seed)):
            data, more = step(data, where, argument, places)
            notes += more
    sizes = {split: len(data[split]) for split in data}
    print(f"{name} → {where}: " + ", ".join(f"{count:,} {split}" for split, count in sizes.items()))
    runtime.record({"kind": "data", "name": name, "label": where, "sizes": sizes})
    return data, notes


# --- where it comes from ------------------------------------------------------------------------


def _read_file(path: Path, text: str, label: str, encoding: str | None):
    from datasets import DatasetDict

    if path.is_dir():
        raise ValueError(f"{path} is a folder. Name one file in it: {', '.join(tables.READERS)}.")
    if not path.is_file():
        look = f"Notebooks look from their own folder: {Path.cwd().name}/"
        look = f"Files are looked for in {Path.cwd()}" if tables.ON_COMMAND_LINE.get() else look
        raise FileNotFoundError(f"There is no file {path}. {look}. Check the name.")
    table = tables.read(path, (text, label), encoding)
    headerless = table.headerless and (
        f"{path} seems to have no header: its first line is {table.headerless}. Write names there, such as text and "
        f"label, in a copy, or give the numbers of the columns: {option(text='1', label='2')}."
    )
    _check_columns(list(table.columns), str(path), text, label, headerless)
    new_names = {text: "text", label: "label"}
    columns = {
        new_names.get(name, name): values
        for name, values in table.columns.items()
        if name in new_names or name not in ("text", "label")
    }
    for name in ("text", "label"):
        columns[name] = _written(columns[name], name, str(path), table.place)
    return DatasetDict(train=_dataset(columns)), {"train": table.place}, table.notes


def _read_hub(hub_id: str, text: str, label: str) -> DatasetDict:
    """The data set, with `text` as strings, and `label` as strings where it has no names of its own."""
    from datasets import ClassLabel, Dataset, DatasetDict, Value, load_dataset

    try:
        data = load_dataset(hub_id)
    except Exception as error:  # datasets wraps network, name and format errors in many classes
        reason = runtime.first_line(error) or type(error).__name__
        bundled = "--data reviews" if tables.ON_COMMAND_LINE.get() else 'corpora.load("reviews")'
        raise ValueError(
            f"The data set {hub_id} could not be loaded from {runtime.hub_endpoint()}: {reason}. "
            f"Check the spelling and the network; {bundled} needs neither."
        ) from error
    data = DatasetDict(train=data) if isinstance(data, Dataset) else data
    first = data["train"] if "train" in data else next(iter(data.values()))
    _check_columns(first.column_names, hub_id, text, label)
    for old, new in ((text, "text"), (label, "label")):
        if old != new:
            data = data.remove_columns(new) if new in first.column_names else data
            data = data.rename_column(old, new)
    for split, rows in data.items():
        for column in ("text", "label"):
            kind = rows.features[column]
            if not isinstance(kind, ClassLabel) and kind != Value("string"):
                values = _written(rows[column], column, hub_id, _row_of(split))
                rows = rows.remove_columns(column).add_column(column, values, feature=Value("string"))
        data[split] = rows
    return data


def _check_columns(present: list[str], where: str, text: str, label: str, headerless: str = "") -> None:
    if text == label:
        raise ValueError(
            f"Texts and labels cannot both be the column {text!r} of {where}. "
            f"Name another one: {option(label=next((n for n in present if n != text), 'label'))}."
        )
    if len(present) < 2:
        raise ValueError(f"{where} has only the column {', '.join(present)}: texts and labels need one each.")
    if tables.numbered(present) and not {text, label} & {*present}:
        raise ValueError(
            f"{where} has numbers instead of names for its columns: {', '.join(present)}. Say which hold "
            f"texts and labels: {option(text='0', label='1')}."
        )
    for column, argument, other in ((text, "text", label), (label, "label", text)):
        if column not in present:
            if headerless:
                raise ValueError(headerless)
            free = [name for name in present if name != other] or present
            alike = [name for name in free if name.casefold() == column.casefold()] or free
            listed = ", ".join(name if len(name) <= 40 else name[:39] + "…" for name in present)
            raise ValueError(
                f"{where} has no column {column!r}; it has {listed}. "
                f"Say which one to use: {option(**{argument: alike[0]})}."
            )


def _row_of(split: str) -> Callable[[int], str]:
    return lambda i: f"row {i + 1} of {split}"


def _written(values: Iterable[Any], column: str, where: str, place: Callable[[int], str]) -> list[str | None]:
    """Cells as strings, as they were written; None where there is nothing to see."""
    cells: list[str | None] = []
    for i, value in enumerate(values):
        if isinstance(value, (list, tuple, dict)):
            kind = "several values by name" if isinstance(value, dict) else "a list"
            remedy = f"A text has one label here: choose or make such a column: {option(label='NAME')}."
            if column == "text":
                remedy = f"Make one text of it, or choose another column: {option(text='NAME')}."
            raise ValueError(f"{where}, {place(i)}: the {column} is {kind}. {remedy}")
        if isinstance(value, bytes):
            value = value.decode("utf-8", "backslashreplace")
        if isinstance(value, bool):
            value = str(value).lower()
        text = "" if value is None or (isinstance(value, float) and math.isnan(value)) else str(value)
        cells.append(text if any(c.isprintable() and not c.isspace() for c in text) else None)
    return cells


def _dataset(columns: dict[str, list[Any]]) -> Dataset:
    """In memory, so that nothing is written to a cache. Columns besides text and label get numbers where all are."""
    import pyarrow
    from datasets import Dataset, Features, Value

    features, cells = {}, {}
    for name, values in columns.items():
        if name not in ("text", "label"):
            if all(isinstance(value, str) and NUMBER.fullmatch(value) for value in values):
                integers = all(value.lstrip("-").isdigit() and len(value) < 18 for value in values)
                values = [int(value) if integers else float(value) for value in values]
            try:
                features[name] = Features.from_arrow_schema(pyarrow.schema([(name, pyarrow.array(values).type)]))[name]
            except (pyarrow.ArrowException, OverflowError, TypeError, ValueError):  # mixed types in JSON
                values = [None if value is None else str(value) for value in values]
                features[name] = Value("string")
        else:
            features[name] = Value("string")
        cells[name] = values
    return Dataset.from_dict(cells, features=Features(features))


# --- rows and labels ----------------------------------------------------------------------------


def _whole_rows(data: DatasetDict, where: str, drop: bool, places: Places) -> tuple[DatasetDict, list[str]]:
    """Rows that have both text and label. Others are refused or, if wanted, left out (of `places` too) and named."""
    from datasets import ClassLabel, DatasetDict

    splits, notes = {}, []
    for split, rows in data.items():
        incomplete: set[int] = set()
        for column, absent in (("text", MISSING), ("label", MISSING_LABEL)):
            if isinstance(rows.features[column], ClassLabel):
                continue
            values = list(rows[column])
            cells = [(value or "").strip().casefold() for value in values]
            empty = [i for i, cell in enumerate(cells) if not cell]
            words = [i for i, cell in enumerate(cells) if absent.fullmatch(cell)]
            if drop and (empty or words):
                incomplete |= {*empty, *words}
                notes.append(
                    f"{where}: {many(len(empty) + len(words), 'row')} without a {column} left out, "
                    f"{places[split](min(empty + words))} first."
                )
            elif empty:
                raise ValueError(
                    f"{where}: {places[split](empty[0])} has no {column} ({many(len(empty), 'such row')}). "
                    f"Fill it in, or leave such rows out: {option(drop_missing=True)}."
                )
            elif words:
                examples = ", ".join(dict.fromkeys(repr(values[i]) for i in words))
                notes.append(
                    f"{where}: the {column} of {many(len(words), 'row')} is {examples}, {places[split](words[0])} "
                    f"first, and kept as it is. If it stands for a missing value: {option(drop_missing=True)}."
                )
        if incomplete:
            complete = [i for i in range(len(rows)) if i not in incomplete]
            rows, place = rows.select(complete), places[split]
            places[split] = lambda i, place=place, complete=complete: place(complete[i])
        if not len(rows):
            raise ValueError(
                f"{where} has no row with both text and label in {split}. Name other columns: "
                f"{option(text='NAME', label='NAME')}."
            )
        splits[split] = rows
    return DatasetDict(splits), notes


def _name_labels(data: DatasetDict, where: str, merge: bool, places: Places) -> tuple[DatasetDict, list[str]]:
    """Labels become a ClassLabel with names; a split without real labels (all -1, as GLUE's test sets) is dropped."""
    from datasets import ClassLabel, DatasetDict

    data = DatasetDict({split: rows for split, rows in data.items() if set(rows["label"]) not in ({-1}, {"-1"})})
    if "train" not in data:
        raise ValueError(
            f"{where} has no split train with labels; it has {', '.join(data) or 'none at all'}. "
            "Choose a data set that has one, or make a CSV of your own from it."
        )
    notes: list[str] = []
    if not isinstance(data["train"].features["label"], ClassLabel):
        counts = Counter(label for rows in data.values() for label in rows["label"])
        names, notes = _one_name_each(counts, where, merge)
        ordered = sorted(set(names.values()), key=_in_order)
        ids = {name: i for i, name in enumerate(ordered)}
        feature = ClassLabel(names=ordered)
        data = DatasetDict(
            {
                split: rows.remove_columns("label")
                .add_column("label", [ids[names[label]] for label in rows["label"]], feature=feature)
                .select_columns(rows.column_names)
                for split, rows in data.items()
            }
        )
    names = data["train"].features["label"].names
    present = set(data["train"]["label"])
    if len(present) < 2:
        raise ValueError(
            f"{where} has one label only ({names[next(iter(present))]}): there is nothing to tell "
            f"apart. Add examples of another, or name another column: {option(label='NAME')}."
        )
    return data, notes


def _one_name_each(counts: Counter[str], where: str, merge: bool) -> tuple[dict[str, str], list[str]]:
    """From each label as written to its name (1.0 and 1 are the same number), and what is odd about them."""
    notes = []
    if lists := [label for label in counts if LIST.fullmatch(label.strip())]:
        some = "" if len(lists) == len(counts) else "some of "
        raise ValueError(
            f"{where}: {some}its labels are lists or dictionaries, such as {lists[0]!r}. A text "
            f"has one label here: choose or make such a column: {option(label='NAME')}."
        )
    names = {label: label.strip() for label in counts}
    if len(set(names.values())) < len(names):  # spaces alone tell labels apart: say so first
        names = {label: label for label in counts}
    real = [label for label in counts if not MISSING_LABEL.fullmatch(label.strip().casefold())]
    numbers = [label for label in real if NUMBER.fullmatch(label.strip())]
    if all(WHOLE.fullmatch(label.strip()) for label in numbers):  # else 3.1 and 3.10 may be versions
        names |= {label: re.sub(r"^-0$", "0", label.strip().partition(".")[0]) for label in numbers}
    if len(numbers) == len(real) and all(len(label) < 25 for label in real):
        values = {label: Decimal(label.strip()) for label in real}
        distinct = sorted(set(values.values()))
        fractions = any(value != value.to_integral_value() for value in distinct)
        ids = len(distinct) <= SCORES or distinct[-1] - distinct[0] == len(distinct) - 1
        if fractions or not ids:
            lowest, highest = (f"{float(value):.12g}" for value in (distinct[0], distinct[-1]))
            scores = f"{where}: its labels are {len(distinct)} different numbers from {lowest} to {highest}"
            rarest = min(Counter(names[label] for label in counts.elements()).values())
            if 2 * len(distinct) > counts.total() or (fractions and rarest < 2):
                raise ValueError(
                    f"{scores}. They look like scores, which need regression; this learns labels. Make a "
                    f"column with a few ranges, such as low and high: {option(label='NAME')}."
                )
            notes.append(f"{scores}. They look like scores; each is learned as a label, without their order.")
    variants: dict[str, Counter[str]] = defaultdict(Counter)
    for label, count in counts.items():
        variants[_alike(names[label])][names[label]] += count
    several = [spellings for spellings in variants.values() if len(spellings) > 1]
    if several:
        examples = "; ".join(
            " = ".join(f"{_told(name, spellings)} ({count})" for name, count in spellings.most_common())
            for spellings in several[:3]
        )
        what = f"{where}: labels that differ in case, spaces or {UNSEEN} only"
        if merge:
            best = {
                key: min(spellings, key=lambda name: (-spellings[name], name != name.strip(), name)).strip()
                for key, spellings in variants.items()
            }
            names = {label: best[_alike(name)] for label, name in names.items()}
            notes.append(f"{what} are one now: {examples}.")
        else:
            notes.append(f"{what} count as different ones: {examples}. To make them one: {option(merge_labels=True)}.")
    return names, notes


def _alike(label: str) -> str:
    """Equal for labels that look the same but for case and spaces: é in one character or two, what is never seen."""
    seen = "".join(c for c in unicodedata.normalize("NFKC", label) if unicodedata.category(c) != "Cf")
    return " ".join(seen.split()).casefold()


def _told(name: str, others: Iterable[str]) -> str:
    """`name` in quotation marks; by codes where it looks like one of `others` all the same."""
    alike = (other for other in others if other != name)
    same = unicodedata.normalize("NFKC", name)
    return ascii(name) if any(unicodedata.normalize("NFKC", other) == same for other in alike) else repr(name)


def _in_order(name: str) -> tuple[int, Decimal, str]:
    """Numbers by size (9 before 10), then words."""
    return (0, Decimal(name), name) if NUMBER.fullmatch(name) else (1, Decimal(0), name)


# --- splits -------------------------------------------------------------------------------------


def _split(data: DatasetDict, where: str, seed: int, places: Places) -> tuple[DatasetDict, list[str]]:
    """Cut what is missing from train: a fifth of the different texts each, stratified; equal texts stay together.

    Every label gets a text in each split, as far as it has so many: first in training, then test, then validation.
    """
    import numpy as np
    from datasets import DatasetDict

    data, notes = DatasetDict(data), []
    missing = [split for split in ("test", "validation") if split not in data]
    if not missing:
        return DatasetDict({split: data[split] for split in SPLITS}), notes
    train = data["train"]
    names, labels = train.features["label"].names, list(train["label"])
    groups: dict[str, list[int]] = defaultdict(list)
    for i, text in enumerate(train["text"]):
        groups[same_text(text)].append(i)
    ambiguous = [rows for rows in groups.values() if len({labels[i] for i in rows}) > 1]
    if 2 * len(groups) <= len(train):
        notes.append(
            f"{where}: only {many(len(groups), 'different text')} in {len(train):,} rows: equal ones are in "
            "one split, and the intervals of the results come out narrower than they should be."
        )
    if ambiguous:
        example = " ".join(train[ambiguous[0][0]]["text"].split())
        both = " and ".join(repr(names[k]) for k in dict.fromkeys(labels[i] for i in ambiguous[0]))
        notes.append(
            f"{where}: {many(len(ambiguous), 'text')} with different labels at different places, first "
            f'"{example if len(example) <= 60 else example[:59] + "…"}" ({both}).'
        )
    by_label: dict[int, list[list[int]]] = defaultdict(list)
    for rows in groups.values():
        by_label[Counter(labels[i] for i in rows).most_common(1)[0][0]].append(rows)
    rows_of = Counter(labels)
    rare = [k for k in sorted(rows_of) if len(by_label[k]) < 2]
    if rare:
        raise ValueError(_too_rare(rare, rows_of, names, where, places["train"](labels.index(rare[0]))))
    draw = np.random.default_rng(seed)
    left = {k: [by_label[k][i] for i in draw.permutation(len(by_label[k]))] for k in sorted(by_label)}
    for split in missing:
        size = max(round(len(groups) / 5), len(left))
        exact = {k: size * len(rest) / sum(map(len, left.values())) for k, rest in left.items()}
        take = {k: int(share) for k, share in exact.items()}
        for k in sorted(exact, key=lambda k: take[k] - exact[k])[: size - sum(take.values())]:
            take[k] += 1
        take = {k: min(max(take[k], 1), len(rest) - 1) for k, rest in left.items()}
        chosen = sorted(i for k, rest in left.items() for rows in rest[: take[k]] for i in rows)
        if not chosen:
            raise ValueError(
                f"{where} has {len(train)} rows: too few to cut off a {split} split with every label in "
                "it. Add rows, about ten for each label."
            )
        left = {k: rest[take[k] :] for k, rest in left.items()}
        data[split] = train.select(chosen)
    data["train"] = train.select(sorted(i for rest in left.values() for rows in rest for i in rows))
    return DatasetDict({split: data[split] for split in SPLITS}), notes


def _too_rare(rare: list[int], rows_of: Counter[int], names: list[str], where: str, place: str) -> str:
    first, others = names[rare[0]], [name for k, name in enumerate(names) if k not in rare]
    once = "once" if rows_of[rare[0]] == 1 else f"{rows_of[rare[0]]} times, but with one and the same text"
    more = f" (and {len(rare) - 1} more such labels, of {len(names)})" if len(rare) > 1 else ""
    rows = place if rows_of[rare[0]] == 1 else f"its rows, {place} first"
    remedy = f"Add examples of it, merge it with another label, or remove {rows}."
    if any(_alike(first) == _alike(name) for name in names if name != first):
        remedy = f"It differs from another label only in case, spaces or {UNSEEN}: {option(merge_labels=True)}."
    elif len(rare) > len(others):
        remedy = f"Is it the right column? Name another one: {option(label='NAME')}."
    return f"{where}: the label {first!r} occurs {once}, so it cannot be in training and test{more}. {remedy}"


def words(text: str) -> list[str]:
    """The words of a text without case and punctuation; a Chinese or Japanese character counts as a word."""
    return re.findall(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+", text.casefold())


def same_text(text: str) -> str:
    """Equal for texts that differ in case, punctuation and spaces only."""
    return " ".join(words(text)) or text.strip()
