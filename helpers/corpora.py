"""From a name to a data set: the course's reviews, a Hub id, or a CSV, JSON Lines or Parquet file of your own.

    data = corpora.load("reviews")                                  # train, validation, test: text, label
    data = corpora.load("mine.csv", text="comment", label="stars")  # split for you, stratified
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import runtime

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

REVIEWS = Path(__file__).parent / "assets" / "reviews"
HUB_IDS = {"sst2": ("stanfordnlp/sst2", "sentence", "label")}
SPLITS = ("train", "validation", "test")
NOT_READ = {".xlsx", ".xls", ".ods", ".txt", ".zip", ".gz"}  # files all the same, not Hub ids
READERS = {".csv": "csv", ".tsv": "csv", ".json": "json", ".jsonl": "json", ".parquet": "parquet"}


def load(name: str = "reviews", text: str | None = None, label: str | None = None, *, seed: int = 0) -> DatasetDict:
    """Load `name` as train, validation and test splits with the columns `text` and `label` (names included).

    `name` is `reviews` (it ships with the course), `sst2`, any Hub id, or a CSV, TSV, JSON Lines or Parquet
    file. `text` and `label` say which columns to use (default: `text` and `label`). Splits that are missing are cut
    from train, stratified by label: a fifth each. Further columns stay.

    Raises FileNotFoundError for a missing file, ValueError for a file that cannot serve (wrong encoding, empty, a
    missing column, an empty label, a label seen once), naming the file and the remedy.
    """
    from datasets import ClassLabel, DatasetDict, load_dataset

    path = Path(name).expanduser()
    if name == "reviews":
        files = {split: str(REVIEWS / f"{split}.csv") for split in SPLITS}
        data = _without_cache_noise(lambda: load_dataset("csv", data_files=files, keep_default_na=False))
        names = ["negative", "positive"]
        data = data.cast_column("label", ClassLabel(names=names))
        _say("reviews", "the course's reviews", data)
        return data
    if path.suffix.lower() in {*READERS, *NOT_READ} or path.exists() or name.startswith((".", "/", "~")):
        data = DatasetDict(train=_read_file(path))
        where = str(path)
    else:
        hub_id, text_column, label_column = HUB_IDS.get(name, (name, "text", "label"))
        data, where = _read_hub(hub_id), hub_id
        text, label = text or text_column, label or label_column
    data = _columns(data, where, text or "text", label or "label")
    data = _name_labels(data, where)
    data = _split(data, where, seed)
    _say(name, where, data)
    return data


def _say(name: str, where: str, data: DatasetDict) -> None:
    sizes = {split: len(data[split]) for split in data}
    print(f"{name} → {where}: " + ", ".join(f"{count:,} {split}" for split, count in sizes.items()))
    runtime.record({"kind": "data", "name": name, "label": where, "sizes": sizes})


def _without_cache_noise(read):
    """Run `read` and turn what `datasets` wraps around a reader's error back into the error itself."""
    from datasets.exceptions import DatasetGenerationError

    try:
        return read()
    except DatasetGenerationError as error:
        raise error.__cause__ or error from None


def _read_file(path: Path) -> Dataset:
    from datasets import load_dataset

    if path.is_dir():
        raise ValueError(f"{path} is a folder. Name one file in it: {', '.join(READERS)}.")
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}. Notebooks look from their own folder: {Path.cwd().name}/.")
    kind = READERS.get(path.suffix.lower())
    if kind is None:
        raise ValueError(f"{path} is not a data file that the course reads. It can be: {', '.join(READERS)}.")
    if kind != "parquet":
        _check_encoding(path)
    options: dict[str, Any] = {"keep_default_na": False} if kind == "csv" else {}  # "NA" and "null" are words
    if path.suffix.lower() == ".tsv":
        options["sep"] = "\t"
    try:
        data = _without_cache_noise(lambda: load_dataset(kind, data_files=str(path), split="train", **options))
        rows = len(data)
    except Exception as error:  # each reader has its own errors: say which file, keep the reason
        rows = 0
        if "corresponds to no data" not in str(error):  # that is how datasets says "no rows"
            reason = runtime.first_line(error) or type(error).__name__
            raise ValueError(f"{path} cannot be read as {kind}: {reason}. "
                             "Open it in a text editor and look at its first lines.") from error
    if rows == 0:
        raise ValueError(f"{path} holds no rows, only its header. Check that the export was complete.")
    return data


def _check_encoding(path: Path) -> None:
    raw = path.read_bytes()
    if not raw.strip():
        raise ValueError(f"{path} is empty. Check that the download or export was complete.")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        likely = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "cp1252"
        raise ValueError(
            f"{path} is not UTF-8: byte 0x{raw[error.start]:02x} in line {line}. Save it as UTF-8, or convert it: "
            f'Path("{path.name}").write_text(Path("{path.name}").read_text(encoding="{likely}"), encoding="utf-8")'
        ) from error


def _read_hub(hub_id: str) -> DatasetDict:
    from datasets import Dataset, DatasetDict, load_dataset

    try:
        data = load_dataset(hub_id)
    except Exception as error:  # datasets wraps network, name and format errors in many classes
        reason = runtime.first_line(error) or type(error).__name__
        raise ValueError(
            f"The data set {hub_id} could not be loaded from {runtime.hub_endpoint()}: {reason}. "
            "Check the spelling and the network; "
            'corpora.load("reviews") needs neither.'
        ) from error
    return DatasetDict(train=data) if isinstance(data, Dataset) else data


def _columns(data: DatasetDict, where: str, text: str, label: str) -> DatasetDict:
    present = data["train"].column_names if "train" in data else next(iter(data.values())).column_names
    for wanted, argument in ((text, "text"), (label, "label")):
        if wanted not in present:
            raise ValueError(
                f"{where} has no column {wanted!r}; it has {', '.join(present)}. "
                f'Say which one to use: corpora.load("…", {argument}="{present[0]}").'
            )
    for old, new in ((text, "text"), (label, "label")):
        if old != new:
            if new in present:
                data = data.remove_columns(new)
            data = data.rename_column(old, new)
    for split, rows in data.items():
        for column in ("text", "label"):
            empty = [i for i, value in enumerate(rows[column]) if value is None or not str(value).strip()]
            if empty:
                raise ValueError(f"{where}: row {empty[0] + 1} of {split} has no {column} ({len(empty)} such rows). "
                                 "Fill in or remove these rows.")
    return data


def _name_labels(data: DatasetDict, where: str) -> DatasetDict:
    """Labels become a ClassLabel with names; a split without real labels (all -1, as GLUE's test sets) is dropped."""
    from datasets import ClassLabel, DatasetDict

    data = DatasetDict({split: rows for split, rows in data.items() if set(rows["label"]) != {-1}})
    if "train" not in data:
        raise ValueError(f"{where} has no split train with labels; it has {', '.join(data) or 'none at all'}. "
                         "Choose a data set that has one, or make a CSV of your own from it.")
    if not isinstance(data["train"].features["label"], ClassLabel):
        written = DatasetDict({split: _as_text(rows) for split, rows in data.items()})
        names = {text: value for split in data for text, value in zip(written[split]["label"], data[split]["label"])}
        data = written.cast_column("label", ClassLabel(names=sorted(names, key=names.get)))  # 9 before 10
    counts = Counter(data["train"]["label"])
    label_names = data["train"].features["label"].names
    if len(counts) < 2:
        raise ValueError(f"{where} has one label only ({label_names[next(iter(counts))]}): there is nothing to tell "
                         "apart. Add examples of another, or name another column.")
    rare = [label_names[label] for label, count in counts.items() if count < 2]
    if rare:
        raise ValueError(f"{where}: the label {rare[0]!r} occurs once, so it cannot be in training and test. "
                         "Add examples of it, merge it with another label, or remove the row.")
    return data


def _as_text(rows: Dataset) -> Dataset:
    from datasets import Value

    return rows.cast_column("label", Value("string"))


def _split(data: DatasetDict, where: str, seed: int) -> DatasetDict:
    from datasets import DatasetDict
    from sklearn.model_selection import train_test_split

    data = DatasetDict(data)
    whole = len(data["train"])
    for missing in [split for split in ("test", "validation") if split not in data]:
        train = data["train"]
        labels = train["label"]
        size = max(round(whole / 5), len(set(labels)))
        try:
            kept, apart = train_test_split(range(len(train)), test_size=size, stratify=list(labels), random_state=seed)
        except ValueError as error:
            raise ValueError(f"{where} has {whole} rows: too few to cut off a {missing} split with every label in it. "
                             "Add rows, about ten for each label.") from error
        data["train"], data[missing] = train.select(sorted(kept)), train.select(sorted(apart))
    return DatasetDict({split: data[split] for split in SPLITS})
