"""What is wrong with splits before anything is trained: texts in two of them, labels that are missing in one."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from helpers.corpora import same_text, words

if TYPE_CHECKING:
    from datasets import DatasetDict

SIMILAR = 0.8  # share of the words, of both texts together, that near-duplicates have in common
COMPARED = 500  # texts that begin like a text, and that it is compared with to find near-duplicates


def near_duplicates(
    texts: Sequence[str], others: Sequence[str], similar: float = SIMILAR, track: Callable[[Any], Any] = iter
) -> list[tuple[int, int, float]]:
    """For each text that has a near-duplicate among `others`: (its index, the index of the nearest, their Jaccard).

    Jaccard: words in both / words in either, as sets. Equal sets are looked up. All other pairs of at least `similar`
    share their first few common words when each set is ordered by rarity (Bayardo et al. 2007): only texts that do so
    are compared, and a text with the first `COMPARED` such others at most. `track` shows how far it is.
    """
    sets, other_sets = ([set(words(text)) for text in part] for part in (texts, others))
    frequency = Counter(word for one in (*sets, *other_sets) for word in one)
    rank = {word: i for i, word in enumerate(sorted(frequency, key=lambda word: (frequency[word], word)))}

    def distinct(part: list[set[str]]) -> dict[tuple[int, ...], list[int]]:
        places: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for i, one in enumerate(part):
            if one:
                places[tuple(sorted(rank[word] for word in one))].append(i)
        return places

    def shared(size: int) -> int:
        """Of so many words these are in any similar set."""
        return math.ceil(similar * size - 1e-9)

    def depth(size: int) -> int:
        """How many common words two sets must begin with; more are rarer, but make more combinations."""
        return min(5 if size <= 9 else 4 if size <= 20 else 3 if size <= 30 else 2 if size <= 50 else 1, shared(size))

    def beginnings(one: tuple[int, ...], count: int) -> Iterator[tuple[int, ...]]:
        return combinations(one[: len(one) - shared(len(one)) + count], count)

    # Equal sets are a matter of looking up; what is left is open.
    ours, theirs = distinct(sets), distinct(other_sets)
    pairs = [(i, theirs[one][0], 1.0) for one, equals in ours.items() if one in theirs for i in equals]
    open_ones = [one for one in ours if one not in theirs]
    members, left = [frozenset(one) for one in open_ones], [COMPARED] * len(open_ones)
    # Each open text is filed under its beginnings, and only those that share one are compared.
    best, nearest = [0.0] * len(open_ones), [-1] * len(open_ones)
    holders: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for k, one in enumerate(open_ones):
        for beginning in beginnings(one, depth(len(one))):
            holders[beginning].append(k)
    for other, places in track(theirs.items()):
        size = len(other)
        sizes = range(shared(size), int(size / similar + 1e-9) + 1)
        candidates: set[int] = set()
        for count in {depth(size) for size in sizes}:
            for beginning in beginnings(other, count):
                if beginning in holders:  # texts that were compared often enough are taken out
                    holders[beginning] = [k for k in holders[beginning] if left[k]]
                    candidates.update(holders[beginning])
        for k in candidates:
            if len(open_ones[k]) in sizes:
                left[k] -= 1
                both = len(members[k].intersection(other))
                jaccard = both / (len(open_ones[k]) + size - both)
                if jaccard > best[k]:
                    best[k], nearest[k] = jaccard, places[0]
    pairs += [(i, nearest[k], best[k]) for k, one in enumerate(open_ones) if best[k] >= similar for i in ours[one]]
    return sorted(pairs)


def without_leaks(
    data: DatasetDict, track: Callable[[Any], Any] = iter
) -> tuple[DatasetDict, dict[str, int], list[str]]:
    """`data` with no training text that is in validation or test too; counts by kind, and a sentence on each.

    "The same" ignores case and punctuation. Near-duplicates, and what validation and test share, stay: they are named.
    Raises ValueError where that leaves a label, or everything, without a training text.
    """
    data, counts, notes = type(data)(data), {}, []  # the caller's stays as it is
    keys = {split: [same_text(text) for text in data[split]["text"]] for split in data}
    seen = {key: split for split in ("validation", "test") for key in keys[split]}
    same = [i for i, key in enumerate(keys["train"]) if key in seen]
    if same:
        first, names = same[0], data["train"].features["label"].names
        before = data["train"]["label"]
        notes.append(
            f"{len(same)} training text(s) are in validation or test too and are left out of training. "
            f"The first is row {first + 1} (in {seen[keys['train'][first]]}): {short(data['train'][first])}"
        )
        left_out = set(same)
        data["train"] = data["train"].select([i for i in range(len(data["train"])) if i not in left_out])
        gone = sorted(set(before) - set(data["train"]["label"]))
        if gone:
            raise ValueError(
                f"All training texts of the label {names[gone[0]]!r} are in validation or test too, so "
                "none is left to learn from. Remove them there, or let course finetune cut the splits."
            )
    counts["same in train"] = len(same)
    for split, others in (("validation", "train"), ("test", "train"), ("test", "validation")):
        near = near_duplicates(data[split]["text"], data[others]["text"], track=track)
        counts[f"near: {split}, {others}"] = len(near)
        if near:
            i, j, jaccard = max(near, key=lambda pair: pair[2])
            notes.append(
                f"{len(near)} text(s) of {split} nearly repeat one of {others}: the figures may flatter. "
                f"The nearest, {jaccard:.0%} the same words: {short(data[split][i])} (row {i + 1}) and "
                f"{short(data[others][j])} (row {j + 1})"
            )
    return data, counts, notes


def absent_labels(data: DatasetDict) -> tuple[dict[str, list[str]], list[str]]:
    """By split the names of the labels that have no text in it, and a sentence on each such split.

    Raises ValueError for a label that validation or test have and training has not.
    """
    names = data["train"].features["label"].names
    present = {split: set(rows["label"]) for split, rows in data.items()}
    for split in ("validation", "test"):
        unknown = sorted(present[split] - present["train"])
        if unknown:
            raise ValueError(
                f"The label {names[unknown[0]]!r} is in {split} but has no training text to learn it "
                "from. Add examples of it to training, or remove it."
            )
    absent = {split: [name for i, name in enumerate(names) if i not in labels] for split, labels in present.items()}
    notes = []
    for split, missing in absent.items():
        if missing:
            shown = ", ".join(repr(name) for name in missing[:5]) + (", …" if len(missing) > 5 else "")
            what = "the model never sees it" if split == "train" else "the numbers there say nothing about it"
            what = what.replace(" it", " them") if len(missing) > 1 else what
            notes.append(f"No text of {split} has the label{'s' * (len(missing) > 1)} {shown}: {what}.")
    return absent, notes


def short(row: dict[str, Any], size: int = 60) -> str:
    text = " ".join(row["text"].split())
    return f'"{text if len(text) <= size else text[: size - 1] + "…"}"'
