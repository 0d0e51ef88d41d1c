"""What the reference tokenizers are tried on: sentences, and valid Unicode of the kinds that break tokenizers."""

from __future__ import annotations

import csv
import functools
import os
import random
import re
import tarfile
from pathlib import Path

from hypothesis import strategies as st

COURSE_DATA = Path(os.environ.get("COURSE_DATA", "no such folder"))
REVIEWS = Path(__file__).parents[2] / "helpers" / "assets" / "reviews"
AT_LEAST = 10_000

FAMILIES = ["👩‍👩‍👧", "👨‍👩‍👧‍👦", "👩🏽‍🚀", "🏳️‍🌈", "👍🏿", "🇫🇷🇩🇪", "❤️", "1️⃣"]
FRAGMENTS = [
    "",
    " ",
    "  ",
    "    \t ",
    "\t",
    "\n",
    "\r\n",
    "\n\n\n",
    "\u00a0",
    "\u2003",
    "\u3000",
    "\u200b",
    "\ufeff",
    "\u2028",
    "e\u0301",
    "o\u0308\u0304",
    "\u0301",
    "a" + "\u0300\u0316" * 4,
    "ﬁ",
    "Å",
    "ǅ",
    "ẞ",
    "İstanbul",
    "ΣΊΣΥΦΟΣ",
    "naïve",
    "שָׁלוֹם",
    "مرحبا",
    "\u200fעברית\u200e",
    "١٢٣",
    "हिन्दी",
    "ภาษาไทย",
    "한국어",
    "\u1112\u1161\u11ab",
    "我爱北京天安门。",
    "東京は雨です",
    "豈",
    "𠀀",
    "カタカナ",
    "Привет!",
    "don't",
    "it'S",
    "'ll",
    "…",
    "—",
    "½",
    "²",
    "Ⅷ",
    "x=1;\tif (a[0]!=b) {",
    "$5.00",
    "<|endoftext|",
    "##ing",
    "[mask]",
    "▁",
    "\x00",
    "\x7f",
    "\ufffd",
    "\u00ad",
    "unbelievable",
    "a" * 101,
    " " * 30,
    *FAMILIES,
]
TEXTS = [
    "The rain it raineth on the just and also on the unjust fella, but chiefly on the just.",
    "It's raining, isn't it? We'll wait; they've waited since 1899, she'd say. I'm sure you're RIGHT, it'S",
    "the thin thing, the thick thing, then the other thing   and  so on\n\n\tthe end \n",
    "naïve café, Straße, 東京は雨です。 Привет! 👩‍👩‍👧 café ½ ² Ⅷ ١٢٣",
    "aaaa aaa aa a aaaaa banana bananas bandana",
    "!!! ... --- ''' 'll 'LL 12345678 a1b2 \u00a0x \u3000y \u00adz",
    " ".join(FRAGMENTS),
    "".join(FRAGMENTS),
    *FRAGMENTS,
]

# Python, regex and tokenizers carry Unicode tables of different years: a character that is not assigned in
# Python's may be a letter for one of the others and not for the other. Only assigned ones are compared.
NOT_COMPARED = ("Cs", "Cn")


def valid_text(not_compared: str = "") -> st.SearchStrategy[str]:
    """Any assigned characters, and the fragments above among them; without the characters `not_compared`."""
    characters = st.characters(exclude_categories=NOT_COMPARED, exclude_characters=not_compared)
    kept = [fragment for fragment in FRAGMENTS if not set(fragment) & set(not_compared)]
    pieces = st.one_of(st.sampled_from(kept), st.text(characters, max_size=6), st.text("aben th'\n1.", max_size=8))
    return st.lists(pieces, max_size=6).map("".join)


@functools.cache
def sentences() -> list[str]:
    """At least 10,000 different sentences, in a fixed order.

    With COURSE_DATA: all of the reviews that ship with the course, half of sst2's, the rest from the beginnings of
    the storybooks. Without: those of the reviews and then spans of them, because the reviews have about 1,600.
    """
    files = sorted(REVIEWS.glob("*.csv"))
    reviews = [row["text"] for file in files for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())]
    found = dict.fromkeys(part for review in reviews for part in split(review))
    if (COURSE_DATA / "sst2").is_dir():
        lines = (COURSE_DATA / "sst2" / "train.tsv").read_text(encoding="utf-8").splitlines()
        found.update(dict.fromkeys(line.split("\t")[0] for line in lines[::2]))
    if (COURSE_DATA / "storybooks.tar.xz").is_file():
        found.update(dict.fromkeys(part for book in storybooks().values() for part in split(book[:15_000])))
    shipped, rng = list(found), random.Random(0)
    while len(found) < AT_LEAST:
        words = rng.choice(shipped).split(" ")
        start, end = sorted(rng.sample(range(len(words) + 1), 2))
        found[" ".join(words[start:end])] = None
    return list(found)


@functools.cache
def storybooks() -> dict[str, str]:
    """File name → text of the storybooks in COURSE_DATA."""
    with tarfile.open(COURSE_DATA / "storybooks.tar.xz") as archive:
        books = {file.name: archive.extractfile(file).read().decode("utf-8") for file in archive if file.isfile()}
    return dict(sorted(books.items()))


def split(text: str) -> list[str]:
    return [part for line in text.splitlines() for part in re.split(r"(?<=[.!?])\s+", line) if part]
