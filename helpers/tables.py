"""From a file to columns: CSV, TSV, JSON Lines, JSON or Parquet, gzipped or not, whatever its name says.

Nothing is guessed in silence and no cell is changed: cells of CSV and TSV are strings as written, rows are counted, and
each keeps its place in the file, so that a message can name it.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import shlex
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

READERS = {".csv": "csv", ".tsv": "csv", ".json": "json", ".jsonl": "json", ".parquet": "parquet", ".ndjson": "json"}
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
LOOKED_AT = 200  # lines from which the separator is found
SAMPLE = 200_000  # bytes of lines beyond ASCII from which the encoding is found

COMPLETE = "Check that the export was complete."

# What else people take for a table, by its first bytes: what it is, and what to do.
SAVE_AS = "Open it in its program and save the table as CSV."
UNPACK = "Unpack it and name the file in it."
NOT_TABLES: dict[bytes, tuple[str, str]] = {
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook (.xls)", SAVE_AS),
    b"%PDF": ("a PDF", "Take the table from where the PDF was made, and save it as CSV."),
    b"version https://git-lfs": ("a Git LFS pointer, not the data itself", "Run: git lfs pull."),
    b"BZh": ("compressed by bzip2", UNPACK),
    b"\xfd7zXZ": ("compressed by xz", UNPACK),
    b"\x28\xb5\x2f\xfd": ("compressed by zstd", UNPACK),
    b"7z\xbc\xaf": ("a 7z archive", UNPACK),
    b"Rar!": ("a RAR archive", UNPACK),
    b"SQLite format 3": ("an SQLite database", "Export its table as CSV."),
    b"ARROW1": ("an Arrow (Feather) file", "Save it as Parquet."),
    b"\x89PNG": ("a picture", "Name the file with the table."),
    b"\xff\xd8\xff": ("a picture", "Name the file with the table."),
}

# What a file may be in if it is not UTF-8. Of several that fit equally well the first is taken.
ENCODINGS = {
    "cp932": "Japanese",
    "euc_jp": "Japanese",
    "cp949": "Korean",
    "gb18030": "Chinese",
    "big5": "Chinese",
    "cp1252": "Western European",
    "cp1251": "Cyrillic",
    "koi8_r": "Cyrillic",
    "cp1250": "Central European",
}
FREQUENT = {"cp932": (0x88, 0x97), "euc_jp": (0xB0, 0xCF), "gb18030": (0xB0, 0xD7), "big5": (0xA4, 0xC6)}  # first bytes
COMMON = {"cp949": "이다는을의에가고하지한도로은기사리어아나", "gb18030": "的一是不了在人有我他这中大来上个到说你好很"}
EAST = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
FITS = 0.8  # share of the characters beyond ASCII that must be usual ones


ON_COMMAND_LINE: ContextVar[bool] = ContextVar("ON_COMMAND_LINE", default=False)


@contextmanager
def on_command_line() -> Iterator[None]:
    """Within it, messages name options as one types them after `course finetune`."""
    before = ON_COMMAND_LINE.set(True)
    try:
        yield
    finally:
        ON_COMMAND_LINE.reset(before)


def option(**values: str | bool) -> str:
    """What to type to give options: after `course finetune`, or in Python."""
    if not ON_COMMAND_LINE.get():
        literals = {k: str(v) if isinstance(v, bool) else json.dumps(v, ensure_ascii=False) for k, v in values.items()}
        return f'corpora.load("…", {", ".join(f"{name}={literal}" for name, literal in literals.items())})'
    words = {k.replace("_", "-"): "" if v is True else f" {shlex.quote(str(v))}" for k, v in values.items()}
    return " ".join(f"--{name}{word}" for name, word in words.items())


def many(count: int, noun: str) -> str:
    """Like "1 row" and "2,000 rows"."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


@dataclass
class Table:
    """Columns of equal length, the place of each row in the file, and what the reader must know of the reading."""

    columns: dict[str, list[Any]]
    places: Sequence[int]  # line in the file, from 1; of Parquet and of a JSON array the row
    unit: str = "line"
    notes: list[str] = field(default_factory=list)
    headerless: str = ""  # the first line, if it looks like a row and not like names

    def place(self, i: int) -> str:
        """Where row i (from 0) is in the file."""
        return f"{self.unit} {self.places[i]}"


def ending(path: Path) -> str:
    """Like ".csv", in lower case; of a gzipped file the ending before .gz."""
    return Path(path.stem if path.suffix.lower() == ".gz" else path.name).suffix.lower()


def read(path: Path, wanted: tuple[str, str] = ("text", "label"), encoding: str | None = None) -> Table:
    """Read `path`; `wanted` are the columns that somebody will ask for, by which a header is recognized.

    Raises ValueError for a file that is not a table, with its path, the line and what to do.
    """
    usual = ending(path) in READERS
    try:
        table = _read(path, wanted, encoding)
    except ValueError as error:
        if usual or str(error).startswith(f"{path} is "):
            raise
        table = Table({}, ())
    if not usual and not set(wanted) <= {*table.columns, *(str(k + 1) for k in range(len(table.columns)))}:
        raise ValueError(
            f"{path} is not a data file that the course reads. It can be: {', '.join(READERS)}, or one of "
            "these gzipped."
        )
    return table


def read_text(path: Path, encoding: str | None = None) -> tuple[str, list[str]]:
    """The text of a file that is not a table, gzipped or not, and what the reader must know of the reading.

    Raises ValueError as `read`.
    """
    raw = _unzipped(path)
    _refuse_other_formats(path, raw)
    return _text(path, raw, encoding)


def _unzipped(path: Path) -> bytes:
    raw = path.read_bytes()
    if raw.startswith(b"\x1f\x8b"):
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"{path} is a gzip file that is damaged or cut off: {error}. Fetch it again.") from error
    return raw


def _text(path: Path, raw: bytes, encoding: str | None) -> tuple[str, list[str]]:
    text, notes = decode(path, raw, encoding)
    if nul := len(text) - len(text := text.rstrip("\0")):
        notes.append(f"{path} ends in {many(nul, 'NUL byte')}, left out here. Check that its last rows are there.")
    if not text.strip():
        raise ValueError(f"{path} is empty. Check that the download or export was complete.")
    return text, notes


def _read(path: Path, wanted: tuple[str, str], encoding: str | None) -> Table:
    raw = _unzipped(path)
    suffix = ending(path)
    _refuse_other_formats(path, raw)
    if raw.startswith(b"PAR1") or (suffix == ".parquet" and raw.strip()):
        return _parquet(path, raw)
    text, notes = _text(path, raw, encoding)
    if READERS.get(suffix) == "json" or re.match(r'\s*(\[\s*)?\{\s*"', text):
        table = _json(path, text)
    else:
        table = _delimited(path, text, wanted, "\t" if suffix == ".tsv" else ",")
    if not table.places:
        raise ValueError(f"{path} holds no rows, only its header. {COMPLETE}")
    table.notes[:0] = notes
    return table


def _refuse_other_formats(path: Path, raw: bytes) -> None:
    for magic, (what, remedy) in NOT_TABLES.items():
        if raw.startswith(magic):
            raise ValueError(f"{path} is {what}. {remedy}")
    if re.match(rb"(\xef\xbb\xbf)?\s*(<!doctype|<html|<\?xml)", raw, re.IGNORECASE):
        raise ValueError(
            f"{path} is a web page or XML, not a table: the download gave a page, perhaps a login. "
            "Open the address in a browser and download the data file itself."
        )
    if raw[257:262] == b"ustar":
        raise ValueError(f"{path} is a tar archive. {UNPACK}")
    if raw.startswith(b"PK"):
        try:
            inside = zipfile.ZipFile(io.BytesIO(raw)).namelist()
        except (zipfile.BadZipFile, OSError, ValueError):
            inside = []
        if any(name.startswith("xl/") for name in inside) or "mimetype" in inside:
            raise ValueError(
                f"{path} is an Excel or LibreOffice workbook, not a data file that the course reads, "
                f"whatever its name says. {SAVE_AS}"
            )
        raise ValueError(
            f"{path} is a zip archive, not a data file that the course reads: {', '.join(READERS)}. {UNPACK}"
        )


# --- encodings ----------------------------------------------------------------------------------


def decode(path: Path, raw: bytes, encoding: str | None = None) -> tuple[str, list[str]]:
    """The text of a file, and a note if its encoding was guessed."""
    if encoding:
        try:
            text = raw.decode(encoding).removeprefix("\ufeff")
            text.encode()  # unicode_escape may give half characters
            return text, []
        except LookupError as error:
            raise ValueError(f"There is no encoding {encoding!r}. Known are utf-8, {', '.join(ENCODINGS)}.") from error
        except UnicodeError as error:
            where = _where(raw, error) if isinstance(error, UnicodeDecodeError) else ""
            raise ValueError(f"{path} is not {encoding}{where}. Leave the encoding out, and it is guessed.") from error
    for mark, name in ((b"\xff\xfe\0\0", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return decode(path, raw, name)
    body = raw.rstrip(b"\0")  # some disks and copies end in such bytes
    if len(body) > 3 and body.count(0) > len(body) // 4:  # UTF-16 without its mark
        return _assumed(path, raw, "utf-16-le" if raw[1::2].count(0) > raw[::2].count(0) else "utf-16-be")
    try:
        return raw.decode("utf-8").removeprefix("\ufeff"), []
    except UnicodeDecodeError as error:
        where = _where(raw, error)
    replaced = raw.decode("utf-8", "replace")
    broken, foreign = replaced.count("\ufffd"), sum(character > "\x7f" for character in replaced)
    if foreign - broken > 3 * broken:
        raise ValueError(
            f"{path} is UTF-8 but for {where[2:]} ({many(broken, 'such place')}). "
            "Correct that line in an editor, or fetch the file again."
        )
    sample = b"\n".join(line for line in raw.splitlines()[:-1] if not line.isascii())[:SAMPLE] or raw
    sample = sample.rpartition(b"\n")[0] or sample
    scores = {name: score for name in ENCODINGS if (score := _fit(sample, name)) > 0}
    ranked = sorted(scores, key=scores.__getitem__, reverse=True)
    best = ranked[0] if ranked else ""
    if {"cp949", "gb18030"} <= {name for name, score in scores.items() if score >= FITS}:  # the same bytes
        common = {name: sum(c in these for c in sample.decode(name)) for name, these in COMMON.items()}
        best = max(common, key=common.__getitem__) if len(set(common.values())) > 1 else ""
    if scores.get(best, 0) < FITS:
        likely = ", ".join(f"{name} ({ENCODINGS[name]})" for name in ranked[:3]) or "none of the usual ones"
        raise ValueError(
            f"{path} is not UTF-8 ({where[2:]}), and what it is in cannot be told: "
            f"perhaps {likely}. Say which: {option(encoding=best or 'NAME')}."
        )
    return _assumed(path, raw, best)


def _assumed(path: Path, raw: bytes, name: str) -> tuple[str, list[str]]:
    try:
        text = raw.decode(name)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is neither UTF-8 nor {name}{_where(raw, error)}. Save it as UTF-8.") from error
    example = next((word for word in [*re.findall(r"\w+", text), *text.split()] if not word.isascii()), "")[:30]
    what = f"{ENCODINGS[name]}, {name}" if name in ENCODINGS else name
    return text, [
        f"{path} is not UTF-8 but probably {what}, and is read as such: {example!r} is a word in it. If "
        f"that looks wrong, name the encoding: {option(encoding='NAME')}."
    ]


def _fit(raw: bytes, name: str) -> float:
    """The share of the characters beyond ASCII that are usual in a text in this encoding; 0 where it cannot be."""
    try:
        text = raw.decode(name)
    except UnicodeDecodeError:
        return 0.0
    foreign = [character for character in text if character > "\x7f"]
    if 2 * len(re.findall(f"(?<=[A-Za-z]){EAST}|{EAST}(?=[A-Za-z])", text)) > len(re.findall(EAST, text)):
        return 0.0  # it\x92s: an apostrophe, and no Korean between Latin letters
    usual = sum(c in "–—‘’“”„•…" or "\u3000" <= c <= "\u303f" or "\uff00" <= c <= "\uff5e" for c in foreign)
    if name == "cp949":
        usual += sum("\uac00" <= c <= "\ud7a3" for c in foreign)
    elif name in FREQUENT:  # these tables begin with the frequent characters
        first, last = FREQUENT[name]
        usual += sum("\u4e00" <= c <= "\u9fff" and first <= c.encode(name)[0] <= last for c in foreign)
        kana = sum("\u3040" <= c <= "\u30ff" for c in foreign)
        if ENCODINGS[name] == "Japanese":
            usual = usual + kana if kana else 0
    else:
        usual += sum(c in "«»„€£°§©®№\xa0¡¿" for c in foreign)
        for word in re.findall(r"[^\W\d_]+", text):
            letters = sum(c > "\x7f" for c in word)
            if ENCODINGS[name] == "Cyrillic":  # capitals within a word come of reading it wrongly
                usual += letters * bool(re.fullmatch("[а-яёіїєґўА-ЯЁІЇЄҐЎ][а-яёіїєґў]*", word))
            else:
                usual += letters * (letters < len(word) or letters == 1)
    return usual / len(foreign) if foreign else 0.0


def _where(raw: bytes, error: UnicodeDecodeError) -> str:
    before = raw[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return f": byte 0x{raw[error.start]:02x} in line {before.count(10) + 1}"


# --- separated values ---------------------------------------------------------------------------


def _delimited(path: Path, text: str, wanted: tuple[str, str], usual: str) -> Table:
    limit = csv.field_size_limit(2**31 - 1)  # a text may be longer than csv's 131,072 characters
    try:
        return _separated(path, list(io.StringIO(text, newline="")), wanted, usual)
    finally:
        csv.field_size_limit(limit)


def _separated(path: Path, lines: list[str], wanted: tuple[str, str], usual: str) -> Table:
    def names_wanted(line: str) -> bool:
        headers = (next(csv.reader([line], delimiter=one, skipinitialspace=True), []) for one in SEPARATORS)
        return any(set(wanted) <= set(_names(header)) for header in headers)

    start, separator, notes = 0, "", []
    first = next((k for k, line in enumerate(lines[:LOOKED_AT]) if names_wanted(line)), 0)  # a title may stand above
    while start < len(lines):
        line = lines[start].strip()
        if match := re.fullmatch(r'"?sep=(.)"?', lines[start].strip("\r\n")):
            separator = match[1]
        elif line and (start < first or (line.startswith("#") and start != first)):
            notes.append(start + 1)
        elif line:
            break
        start += 1
    if start == len(lines):
        raise ValueError(f"{path} holds no rows, only comments. {COMPLETE}")
    if notes:
        notes = [f"{path}: {many(len(notes), 'line')} above the header left out, line {notes[0]} first."]
    separator = separator or _separator(lines[start : start + LOOKED_AT], wanted, usual)
    rows, spans = _records(path, lines, start, separator, wanted)
    notes += spans
    (_, header), rows = rows[0], rows[1:]
    names = _names(header)
    by_number = all(name.isdecimal() for name in wanted) and not set(wanted) <= set(names)
    if by_number and (numbered(names) or _unlike_labels(header, rows, int(wanted[1]) - 1)):
        raise ValueError(
            f"{path}, line {start + 1} is a header, so name columns: {option(text='NAME', label='NAME')}, "
            f"of {_short(names)}."
        )
    repeated = [line for line, fields in rows if [one.strip() for one in fields] == names]
    if repeated and set(wanted) & set(names):
        more = f" (as do {len(repeated) - 1} more)" if len(repeated) > 1 else ""
        raise ValueError(f"{path}: line {repeated[0]} repeats the header{more}. Remove it.")
    written = Counter(one.strip() for one in header)
    if duplicates := [] if by_number else [name for name in names if written[name] > 1]:
        notes.append(
            f"{path}: its header has {', '.join(map(repr, duplicates))} more than once. The first such column "
            f"keeps the name; all columns are now {_short(names)}{', …' * (len(names) > 4)}."
        )
    headerless = ""
    if by_number:
        rows, names = [(start + 1, header), *rows], [str(k + 1) for k in range(len(header))]
    elif not set(wanted) & set(names) and _like_a_row(header, rows) and not numbered(names):
        headerless = _short(header)
    rows, names, empty = _fitted(path, rows, names, separator)
    if empty:
        notes.append(f"{path}: {many(len(empty), 'row')} with nothing in any column left out, line {empty[0]} first.")
    columns = {name: [fields[k] for _, fields in rows] for k, name in enumerate(names)}
    return Table(columns, [line for line, _ in rows], "line", notes, headerless)


def _separator(lines: list[str], wanted: tuple[str, str], usual: str) -> str:
    """The one that finds the wanted columns in the header; else the one by which most lines have as many fields."""

    def fit(separator: str) -> tuple[int, float, bool]:
        rows = [row for row in csv.reader(lines, delimiter=separator, skipinitialspace=True) if row]
        wide = len(rows[0])
        share = sum(len(row) == wide for row in rows) / len(rows) if wide > 1 else 0.0
        return len(set(wanted) & set(_names(rows[0]))) if wide > 1 else 0, share, separator == usual

    return max(SEPARATORS, key=fit)


def _records(
    path: Path, lines: list[str], start: int, separator: str, wanted: tuple[str, str]
) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """(Line number, fields) of each row, the header first; and a note on quotation marks that do not quote.

    A field is quoted where that fits. Where a mark opens and swallows whole lines that are rows each by themselves,
    with labels that other rows have, it is a character like others: a stray one must not cost rows.
    """
    header = next(csv.reader(lines[start:], delimiter=separator, skipinitialspace=True))
    width, names = len(header), _names(header)
    at = names.index(wanted[1]) if wanted[1] in names else width - 1
    rows: list[tuple[int, list[str]]] = []
    spans: dict[int, int] = {}  # of rows over several lines: where they end
    stray: list[int] = []
    quoted = '"' in lines[start]  # in a TSV marks quote only where something needs it
    i = start
    while i < len(lines):
        line = lines[i].rstrip("\r\n")
        plain = line.split(separator)
        if not line.strip():
            i += 1
            continue
        fields, end = plain, i + 1
        if '"' in line:
            fields, end = _quoted(lines, i, separator, width)
            if not fields:
                if len(plain) != width:
                    raise ValueError(
                        f"{path}, line {i + 1}: a quotation mark opens and is never closed. Close it, or "
                        'write it twice ("") if it belongs to the text.'
                    )
                fields = plain
                stray.append(i + 1)
            elif end > i + 1:
                spans[i] = end
            quoted = quoted or end > i + 1 or (len(fields) == width and len(plain) != width) or '""' in line
        rows.append((i + 1, fields))
        i = end
    ordinary = [fields for line, fields in rows[1:] if line - 1 not in spans and len(fields) == width]
    labels, separated = {fields[at].strip() for fields in ordinary}, []
    spaced = any(one.startswith(" ") for fields in ordinary for one in fields)  # else "yes, very much" is no row
    for first, end in spans.items():
        parts = [(k + 1, lines[k].rstrip("\r\n").split(separator)) for k in range(first, end) if lines[k].strip()]
        if first > start and all(
            len(fields) == width
            and fields[at].strip() in labels
            and (spaced or not any(re.match(r' +[^ "]', one) for one in fields))
            for _, fields in parts
        ):
            k = next(k for k, (line, _) in enumerate(rows) if line == first + 1)
            rows[k : k + 1] = parts
            separated += [line for line, _ in parts]
            stray += [line for line, _ in parts if '"' in lines[line - 1]]
    if separator == "\t" and not quoted:
        rows = [(line, lines[line - 1].rstrip("\r\n").split(separator)) for line, _ in rows]
    if not stray:
        return rows, []
    note = (
        f"{path}: quotation marks that do not close are read as part of the text, in {many(len(stray), 'line')}, "
        f"line {min(stray)} first"
    )
    if separated:
        note += (
            f"; {many(len(separated), 'line')} that they enclose, line {separated[0]} first, are read as separate "
            "rows, because each looks like one"
        )
    return rows, [f"{note}."]


def _quoted(lines: list[str], i: int, separator: str, width: int) -> tuple[list[str], int]:
    """The fields of the row that begins in line i, and the line after it; no fields if a mark is never closed."""
    usual = {"skipinitialspace": re.search(re.escape(separator) + ' +"', lines[i]) is not None}  # a, "b"
    escaped = [usual | {"escapechar": "\\", "doublequote": False}] if '\\"' in lines[i] else []
    for options in (usual, *escaped):
        reader = csv.reader((lines[k] for k in range(i, len(lines))), delimiter=separator, strict=True, **options)
        try:
            fields = next(reader)
        except csv.Error as error:
            if "unexpected end" in str(error):
                return [], i + 1
            continue
        if len(fields) == width or options is usual:
            return fields, i + reader.line_num
    line = lines[i].rstrip("\r\n")  # "Great" film: a mark that closes within a field
    plain = line.split(separator)
    return plain if len(plain) == width else next(csv.reader([line], delimiter=separator)), i + 1


def _fitted(path: Path, rows, names: list[str], separator: str):
    """The rows, each as long as the header; the names; and the lines that hold nothing."""
    wide, empty, full = len(names), [], []
    for line, fields in rows:
        while len(fields) > wide and not fields[-1].strip():  # a separator at the end of a line
            fields = fields[:-1]
        if any(one.strip() for one in fields):
            full.append((line, fields))
        else:
            empty.append(line)
    longer = [(line, fields) for line, fields in full if len(fields) > wide]
    numbers = {fields[0] for _, fields in full if fields[0].isdigit() and len(fields) == wide + 1}
    if len(numbers) == len(full):
        return full, ["row", *names], empty  # R numbers rows, and has no name for that
    if longer:
        line, fields = longer[0]
        such = f" ({len(longer):,} such lines)" if len(longer) > 1 else ""
        raise ValueError(
            f"{path} cannot be read as csv: line {line} has {len(fields)} fields, the header "
            f"{wide}{such}: {_short(fields)}. A {SEPARATORS.get(separator, separator)} within "
            'a text needs quotation marks: "…".'
        )
    return [(line, fields + [""] * (wide - len(fields))) for line, fields in full], names, empty


def _names(header: list[str]) -> list[str]:
    """Names of the columns: without spaces around, and none of them empty or twice."""
    names: list[str] = []
    for k, name in enumerate(one.strip().removeprefix("\ufeff") for one in header):
        name = name or f"column {k + 1}"
        names.append(name if name not in names else f"{name} {k + 1}")
    return names


def numbered(names: list[str]) -> bool:
    """Whether columns are called 0, 1, … by pandas for want of names, after a column of row numbers or not."""
    names = names[1:] if names[:1] == ["column 1"] else names
    return names == [str(k) for k in range(len(names))]


def _like_a_row(header: list[str], rows) -> bool:
    """Whether the first line looks like the others: a number in it, or a value that its column has again."""
    return any(
        re.fullmatch(r"[-+]?[\d.]+", cell.strip())
        or any(len(fields) > k and fields[k].strip() == cell.strip() != "" for _, fields in rows[:LOOKED_AT])
        for k, cell in enumerate(header)
    )


def _unlike_labels(header: list[str], rows, k: int) -> bool:
    """Whether the first line has, as the label in column k, what no other row has: so it is a header."""
    return 0 <= k < len(header) and not any(
        len(fields) > k and fields[k].strip() == header[k].strip() for _, fields in rows
    )


def _short(fields: list[str]) -> str:
    return ", ".join(f'"{one if len(one) <= 30 else one[:29] + "…"}"' for one in fields[:4])


# --- JSON and Parquet ---------------------------------------------------------------------------


class _Number(float):
    """A number with a point, that is written as it was in the file: 1.50 stays 1.50."""

    def __new__(cls, written: str):
        number = super().__new__(cls, written)
        number.written = written
        return number

    def __str__(self) -> str:
        return self.written


def _loads(text: str) -> Any:
    return json.loads(text, parse_float=_Number, parse_constant=lambda _: None)  # NaN is a missing value


# Both halves of a character; half of one, as remains where a program cuts a text within an emoji; a backslash.
HALF = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\\\")


def _json(path: Path, text: str) -> Table:
    halves = [match.start() for match in HALF.finditer(text) if match[1]]
    if not halves:
        return _json_table(path, text)
    table = _json_table(path, HALF.sub(lambda match: "\\ufffd" if match[1] else match[0], text))
    line = text.count("\n", 0, halves[0]) + 1
    table.notes.append(
        f"{path}: {many(len(halves), 'half character')} (of an emoji, say) replaced by \ufffd, line {line} first."
    )
    return table


def _json_table(path: Path, text: str) -> Table:
    try:
        whole = _loads(text)
    except (ValueError, RecursionError) as error:
        if text.lstrip().startswith("["):
            raise _no_json(path, getattr(error, "lineno", 1), error) from error
        return _json_lines(path, text)
    if isinstance(whole, dict) and "cells" in whole and "nbformat" in whole:
        raise ValueError(
            f"{path} is a Jupyter notebook, not a table. Save the table from within it: "
            'frame.to_csv("mine.csv", index=False).'
        )
    if isinstance(whole, dict):
        lists = {name: value for name, value in whole.items() if isinstance(value, list)}
        inside = [value for value in lists.values() if value and all(isinstance(row, dict) for row in value)]
        if len(inside) == 1 and len(lists) == 1:  # {"data": [{…}, {…}]}
            whole = inside[0]
        elif whole and all(isinstance(value, dict) for value in whole.values()):  # pandas: {"text": {"0": …}}
            keys = list(dict.fromkeys(key for column in whole.values() for key in column))
            columns = {name: [column.get(key) for key in keys] for name, column in whole.items()}
            return Table(columns, range(1, len(keys) + 1), "row")
        elif len(lists) == len(whole) > 1:
            if len(sizes := {name: len(column) for name, column in lists.items()}) and len(set(sizes.values())) > 1:
                counts = ", ".join(f"{name} {size}" for name, size in sizes.items())
                raise ValueError(f"{path}: its columns are of different lengths ({counts}).")
            return Table(lists, range(1, len(next(iter(lists.values()))) + 1), "row")
        else:
            return _rows(path, [whole], [1])  # JSON Lines, of one line
    if isinstance(whole, list) and whole and not any(isinstance(row, dict) and row for row in whole):
        raise ValueError(f'{path} holds no objects with names, like [{{"text": "…", "label": "…"}}].')
    return _rows(path, whole, range(1, len(whole) + 1), "row") if isinstance(whole, list) else _rows(path, [whole], [1])


def _json_lines(path: Path, text: str) -> Table:
    rows, places = [], []
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        if line.strip():
            try:
                rows.append(_loads(line.strip().rstrip(",")))
            except (ValueError, RecursionError) as error:
                raise _no_json(path, number, error) from error
            places.append(number)
    return _rows(path, rows, places)


def _no_json(path: Path, line: int, error: Exception) -> ValueError:
    reason = getattr(error, "msg", "") or str(error)
    return ValueError(
        f"{path} cannot be read as json: line {line}: {reason}. Write one object a line, like "
        '{"text": "…", "label": "…"}.'
    )


def _rows(path: Path, rows: list[Any], places: Sequence[int], unit: str = "line") -> Table:
    for place, row in zip(places, rows, strict=True):
        if not isinstance(row, dict):
            raise ValueError(
                f"{path}, {unit} {place}: {str(row)[:30]!r} is not an object with names, like "
                '{"text": "…", "label": "…"}.'
            )
    names = list(dict.fromkeys(name for row in rows for name in row))
    return Table({name: [row.get(name) for row in rows] for name in names}, places, unit)


def _parquet(path: Path, raw: bytes) -> Table:
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.read_table(io.BytesIO(raw))
    except (pyarrow.ArrowException, OSError) as error:
        raise ValueError(
            f"{path} cannot be read as parquet: {str(error).splitlines()[0].rstrip('.')}. Fetch or export it again."
        ) from error
    if not table.num_rows:
        raise ValueError(f"{path} holds no rows, only its header. {COMPLETE}")
    return Table(table.to_pydict(), range(1, table.num_rows + 1), "row")
