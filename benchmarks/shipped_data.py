"""How the data of lessons 10 and 11 (fairytales, entities, translations) were made from what others published.

    COURSE_DATA=FOLDER python benchmarks/shipped_data.py           # writes into helpers/assets
    COURSE_DATA=FOLDER python benchmarks/shipped_data.py --check  # exit code 1 if a file differs

`FOLDER` holds fairytaleqa.tar.xz (FairytaleQA), litbank.tsv.xz (LitBank's entity layer) and tatoeba-fra-eng.zip
(English and French sentences of Tatoeba). The cards in the three folders say what is in them, and on which terms.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import lzma
import os
import re
import sys
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from helpers.corpora import same_text, words

ASSETS = Path(__file__).resolve().parents[1] / "helpers" / "assets"
SPLITS = {"train": "train", "validation": "val", "test": "test"}
HELD_OUT = 1000  # English sentences in validation, and in test
LITBANK_SHARES = {"train": 0.7, "validation": 0.1, "test": 0.2}


def packed(text: str) -> bytes:
    """Gzipped without a name and a time, so that the same text gives the same bytes."""
    return gzip.compress(text.encode("utf-8"), 9, mtime=0)


def unpacked(content: bytes) -> bytes:
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


def fairytales(archive: Path) -> Iterator[tuple[str, bytes]]:
    """One file for each split. In a section, lines of a paragraph are joined and paragraphs are lines."""
    with tarfile.open(archive) as tar:
        texts = {m.name: tar.extractfile(m).read().decode("utf-8") for m in tar if m.name.endswith(".csv")}
    for split, folder in SPLITS.items():
        tales: dict[str, list[str]] = {}
        questions = []
        for place in sorted(name for name in texts if f"section-stories/{folder}/" in name):
            tale = Path(place).name.removesuffix("-story.csv")
            sections: dict[str, list[str]] = {}
            for row in csv.DictReader(io.StringIO(texts[place])):  # one tale has a section 5 in two rows
                paragraphs = re.split(r"\n\s*\n", row["text"])
                sections.setdefault(row["section"], []).extend(" ".join(p.split()) for p in paragraphs if p.strip())
            tales[tale] = ["\n".join(paragraphs) for paragraphs in sections.values()]
            asked = place.replace("section-stories", "questions").replace("-story.csv", "-questions.csv")
            for row in csv.DictReader(io.StringIO(texts[asked])):
                answers = [" ".join(row[f"answer{i}"].split()) for i in range(1, 7)]
                questions.append(
                    {
                        "tale": tale,
                        "sections": [int(number) - 1 for number in re.findall(r"\d+", row["cor_section"])],
                        "question": " ".join(row["question"].split()),
                        "answers": [*dict.fromkeys(filter(None, answers))],
                        "kind": row["attribute1"].strip(),
                    }
                )
        content = json.dumps({"tales": tales, "questions": questions}, ensure_ascii=False, separators=(",", ":"))
        yield f"fairytales/{split}.json.gz", packed(content)


def entities(file: Path) -> Iterator[tuple[str, bytes]]:
    """A word and its label a line, an empty line between sentences; the innermost of LitBank's layers, without overlap.

    The file has its hundred novels one after another, so a split is a run of whole novels but for its ends.
    """
    sentences = lzma.decompress(file.read_bytes()).decode("utf-8").strip("\n").split("\n\n")
    rows = [["\t".join(line.split("\t")[:2]) for line in sentence.splitlines()] for sentence in sentences]
    first = 0.0
    for split, share in LITBANK_SHARES.items():
        part = rows[round(first * len(rows)) : round((first + share) * len(rows))]
        first += share
        yield f"entities/{split}.tsv.gz", packed("\n\n".join("\n".join(sentence) for sentence in part) + "\n")


def translations(archive: Path) -> Iterator[tuple[str, bytes]]:
    """An English sentence and its French ones a line. Which are held out, the hash of the English one decides.

    Then how often each word is in the sentences that are not held out, each sentence read once.
    """
    with zipfile.ZipFile(archive) as files:
        pairs = [line.split("\t")[:2] for line in files.read("fra.txt").decode("utf-8").splitlines()]
    french: dict[str, list[str]] = {}
    english: dict[str, str] = {}
    for source, target in pairs:
        key = same_text(source)
        english.setdefault(key, " ".join(source.split()))
        french.setdefault(key, []).append(" ".join(target.split()))
    drawn = sorted(english, key=lambda key: hashlib.sha256(key.encode()).hexdigest())
    for split, keys in (("test", drawn[:HELD_OUT]), ("validation", drawn[HELD_OUT : 2 * HELD_OUT])):
        lines = ["\t".join([english[key], *dict.fromkeys(french[key])]) for key in keys]
        yield f"translations/{split}.tsv", ("\n".join(lines) + "\n").encode("utf-8")
    held_out = {*drawn[: 2 * HELD_OUT]}
    read = [pair for pair in pairs if same_text(pair[0]) not in held_out]
    for language, sentences in zip(("en", "fr"), map(set, zip(*read, strict=True)), strict=True):
        counts = Counter(word for sentence in sentences for word in words(sentence))
        lines = [f"{word}\t{count}" for word, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]
        yield f"translations/words_{language}.tsv.gz", packed("\n".join(lines) + "\n")


def main() -> None:
    if "COURSE_DATA" not in os.environ:
        sys.exit("Set COURSE_DATA to the folder with the published data: see the top of this file.")
    data = Path(os.environ["COURSE_DATA"])
    different = []
    for name, content in (
        *fairytales(data / "fairytaleqa.tar.xz"),
        *entities(data / "litbank.tsv.xz"),
        *translations(data / "tatoeba-fra-eng.zip"),
    ):
        file = ASSETS / name
        same = file.exists() and unpacked(file.read_bytes()) == unpacked(content)  # zlibs differ in how they pack
        print(f"{name:30} {len(content):>10,} bytes{'' if same else '  new'}")
        different += [name] * (not same)
        if "--check" not in sys.argv:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    if "--check" in sys.argv and different:
        sys.exit(f"Different: {', '.join(different)}")


if __name__ == "__main__":
    main()
