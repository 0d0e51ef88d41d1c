"""The gaps of lesson 02: the two functions that BPE is made of."""

from __future__ import annotations

from course.authoring import Case, Lab, Part

ALLOWED = frozenset({"numpy", "math", "regex"})

count_pairs = Part(
    "count_pairs",
    "How often each pair of neighbors occurs",
    points={"counts": 1},
    imports=ALLOWED,
    hints=(
        "Count the pairs of `('t', 'e', 'a')` by hand. How much does each count if the word occurs five times?",
        "Two loops: over the words with their frequencies, and over the neighbors in each word.",
        "`for pair in pairwise(word): pairs[pair] += frequency`",
    ),
)


def _words(rng, letters="aest", count=4):
    made = {}
    while len(made) < count:
        word = tuple(letters[int(i)] for i in rng.integers(0, len(letters), size=int(rng.integers(2, 6))))
        made[word] = int(rng.integers(2, 9))
    return made


@count_pairs.cases
def count_pairs_cases(rng):
    yield Case(({("t", "e", "a"): 5},), "counts")
    yield Case(({("a", "b"): 2, ("b", "a"): 3},), "counts")
    yield Case(({("a", "n", "a", "n"): 1},), "counts")
    yield Case(
        ({("t", "e", "a"): 5, ("t", "e", "a", "m"): 3, ("s", "t", "e", "a", "m"): 2, ("s", "e", "a", "t"): 4},),
        "counts",
    )
    yield Case(({("tea",): 5, ("tea", "m"): 3, ("s", "tea", "m"): 2},), "counts")
    yield Case(({("a", "a", "a"): 2},), "counts")
    yield Case((_words(rng),), "counts")
    yield Case((_words(rng, "ab", 5),), "counts")


merge = Part(
    "merge",
    "Replace a pair by its merged token",
    points={"once": 1, "several times": 1},
    imports=ALLOWED,
    tuples=True,
    hints=(
        "Go through `('s', 't', 'e', 'a', 'm')` with the pair `('e', 'a')` on paper. When do you step on by one, when by two?",
        "Keep a position. If the next two symbols are the pair, append them joined and step on by two, else append one symbol and step on by one.",
        "Compare `word[at : at + 2] == pair`, and return `tuple(merged)`.",
    ),
)


@merge.cases
def merge_cases(rng):
    yield Case((("t", "e", "a"), ("e", "a")), "once")
    yield Case((("e", "a", "t"), ("e", "a")), "once")
    yield Case((("s", "ea", "t"), ("s", "ea")), "once")
    yield Case((("t", "e", "a"), ("a", "t")), "once")
    yield Case((("tea",), ("t", "ea")), "once")
    yield Case((("s", "t", "ea"), ("te", "a")), "once")
    mixed, at = tuple(str(letter) for letter in rng.permutation(list("aemst"))), int(rng.integers(0, 4))
    yield Case((mixed, mixed[at : at + 2]), "once")
    yield Case((("a", "n", "a", "n"), ("a", "n")), "several times")
    yield Case((("a", "a", "a"), ("a", "a")), "several times")
    yield Case((("a", "a", "a", "a", "b"), ("a", "a")), "several times")
    for size in (6, 9):
        letters = tuple("ab"[int(i)] for i in rng.integers(0, 2, size=size))
        yield Case((("a", "b", *letters, "a", "b"), ("a", "b")), "several times")


LAB = Lab("lesson02", "Subword tokenization", [count_pairs, merge])
