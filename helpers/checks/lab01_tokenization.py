"""The parts of lab01_tokenization: right answers, cases, and the wrong answers that people give."""

from __future__ import annotations

import functools
from collections import Counter
from itertools import pairwise

import numpy as np

from helpers.checks.parts import Case, Lab, Part
from helpers.reference import bpe

ALLOWED = frozenset(
    {"numpy", "math", "collections", "itertools", "functools", "heapq", "re", "string", "operator", "copy", "typing"}
)
INF = float("inf")


def _letters(rng, alphabet, low, high):
    """Some letters in a row, as a string."""
    return "".join(rng.choice(list(alphabet), size=int(rng.integers(low, high + 1))).tolist())


def _words(rng, alphabet, number, low, high, most=9):
    """Different words, spelled in single letters, with their counts."""
    words = {}
    while len(words) < number:
        words[tuple(_letters(rng, alphabet, low, high))] = int(rng.integers(1, most + 1))
    return words


# --- 1. counting pairs ------------------------------------------------------------------------------


def _pair_counts(words):
    return dict(bpe.count_pairs(words))


pair_counts = Part(
    "pair_counts",
    "Count the pairs of neighbors",
    points={"one word": 1, "several words": 1},
    answer=_pair_counts,
    imports=ALLOWED,
    hints=(
        "Write down by hand the pairs of `('t', 'e', 'a')`. How many are there, and how many does your function find?",
        "Two loops: over the words with their counts, and over the neighbors inside a word.",
        "`for left, right in zip(word, word[1:]): counts[left, right] += count`, with `counts = Counter()`.",
    ),
)


@pair_counts.cases
def _(rng):
    yield Case(({("a", "b"): 1},), "one word")
    yield Case(({("t", "e", "a"): 1},), "one word")
    yield Case(({("a", "a", "a"): 1},), "one word")
    yield Case(({tuple(_letters(rng, "ab", 5, 7)): 1},), "one word")
    yield Case(({(*_letters(rng, "abc", 8, 9), "ab", "c"): 1},), "one word")
    yield Case(({("a", "b"): 2, ("b", "a"): 3},), "several words")
    yield Case(
        ({("a", "b", "a", "b"): int(rng.integers(2, 5)), ("a", "b"): int(rng.integers(2, 5)), ("c",): 4},),
        "several words",
    )
    yield Case((_words(rng, "ab", 3, 2, 5),), "several words")
    yield Case(({("th", "e"): int(rng.integers(2, 9))} | _words(rng, "the", 4, 1, 5),), "several words")


def _count(words, pairs=pairwise, weight=lambda n: n):
    counts = Counter()
    for word, n in words.items():
        for pair in pairs(word):
            counts[pair] += weight(n)
    return dict(counts)


@pair_counts.mistake(
    "the counts of the words left out",
    "Every word counts once: how often it occurs is left out.",
    "How often does the pair (a, b) occur in a text with the word `ab` twice?",
    "Add the word's count, not 1: `+= count`.",
)
def _(words):
    return _count(words, weight=lambda n: 1)


@pair_counts.mistake(
    "each pair once per word",
    "A pair that stands twice in one word counts only once there.",
    "How often does (a, b) stand in `abab`?",
    "Go through all neighbors, with repeats: no `set` here.",
)
def _(words):
    return _count(words, pairs=lambda word: set(pairwise(word)))


@pair_counts.mistake(
    "across the border of words",
    "The last symbol of a word and the first of the next one are counted as a pair.",
    "Which two words does your pair come from?",
    "Do not join the words: look at each by itself.",
)
def _(words):
    counts, before = Counter(), None
    for word, n in words.items():
        if before:
            counts[before, word[0]] += n
        for pair in pairwise(word):
            counts[pair] += n
        before = word[-1]
    return dict(counts)


@pair_counts.mistake(
    "across the border of words",
    "The last symbol of a word and the first of the next one are counted as a pair.",
    "Which two words does your pair come from?",
    "Do not join the words: look at each by itself.",
)
def _(words):
    return dict(Counter(pairwise([s for word, n in words.items() for _ in range(n) for s in word])))


@pair_counts.mistake(
    "the last pair left out",
    "The last pair of every word is missing.",
    "A word of 3 symbols has 2 pairs. What does `range(len(word) - 2)` give?",
    "`range(len(word) - 1)`.",
)
def _(words):
    return _count(words, pairs=lambda word: list(pairwise(word))[:-1])


@pair_counts.mistake(
    "overlaps skipped",
    "In `aaa` the pair (a, a) is counted once; here both count, although they share the middle a.",
    "How many pairs of neighbors has a word of three symbols?",
    "Move on by one symbol after each pair, also after a pair of equals.",
)
def _(words):
    def pairs(word):
        at = 0
        while at < len(word) - 1:
            yield word[at], word[at + 1]
            at += 2 if word[at : at + 3] == (word[at],) * 3 else 1

    return _count(words, pairs=pairs)


@pair_counts.mistake(
    "every second pair",
    "You cut the word into twos: (t, e), then (a, m). The pairs between them are missing.",
    "Is (e, a) a pair of neighbors in `t e a m`?",
    "Step by 1, not by 2: each symbol is the right half of one pair and the left half of the next.",
)
def _(words):
    return _count(words, pairs=lambda word: zip(word[::2], word[1::2]))


@pair_counts.mistake(
    "joined keys",
    "The counts are kept under joined strings; the keys should be pairs (left, right).",
    "Is the key 'abc' the pair (a, bc) or (ab, c)?",
    "Use the tuple `(left, right)` as the key.",
)
def _(words):
    return _count(words, pairs=lambda word: (a + b for a, b in pairwise(word)))


@pair_counts.mistake(
    "the order inside a pair lost",
    "(a, b) and (b, a) are counted together; they are different pairs.",
    "Does merging (a, b) change the word `ba`?",
    "Do not sort the two symbols.",
)
def _(words):
    return _count(words, pairs=lambda word: (tuple(sorted(pair)) for pair in pairwise(word)))


@pair_counts.mistake(
    "symbols instead of pairs",
    "These are the counts of single symbols.",
    "What are the keys that the question asks for?",
    "Walk over `zip(word, word[1:])`.",
)
def _(words):
    return _count(words, pairs=lambda word: word)


@pair_counts.mistake(
    "all pairs, not only neighbors",
    "Symbols that stand apart are counted as pairs too.",
    "Are t and a neighbors in `t e a`?",
    "Each symbol only with the one right after it.",
)
def _(words):
    return _count(words, pairs=lambda word: ((a, b) for i, a in enumerate(word) for b in word[i + 1 :]))


@pair_counts.mistake(
    "overwritten instead of added",
    "A pair has the count of the last word that holds it: the earlier ones were overwritten.",
    "What happens to the count of (a, b) when the second word comes?",
    "`+=`, not `=`.",
)
def _(words):
    return {pair: n for word, n in words.items() for pair in pairwise(word)}


@pair_counts.mistake(
    "a sorted list",
    "The counts are right, but they come as a list of (pair, count); a dict is asked for.",
    "What does the question say is returned?",
    "Leave `.most_common()` or `.items()` away, or use `dict(…)`.",
)
def _(words):
    return Counter(_pair_counts(words)).most_common()


@pair_counts.mistake(
    "a pair not counted before",
    "It stops with a KeyError: `counts[pair] += …` reads a count that is not there yet.",
    "What is `counts[pair]` when the pair comes up for the first time?",
    "`counts[pair] = counts.get(pair, 0) + count`, or `counts = Counter()`.",
)
def _(words):
    return {}[next(iter(words))]


@pair_counts.mistake(
    "the last symbol alone",
    "The last symbol of every word was counted by itself, as if it were a pair.",
    "What is `word[at : at + 2]` at the last symbol?",
    "`range(len(word) - 1)`: a word of n symbols has n - 1 pairs.",
)
def _(words):
    return _count(words, pairs=lambda word: [word[at : at + 2] for at in range(len(word))])


@pair_counts.mistake(
    "multiplied instead of added",
    "A pair that comes up again has its count multiplied; the counts should be added.",
    "What is the count of a pair before it has been seen?",
    "`counts[pair] = counts.get(pair, 0) + count`: the default is 0, and `+`.",
)
def _(words):
    counts = {}
    for word, n in words.items():
        for pair in pairwise(word):
            counts[pair] = counts.get(pair, 1) * n
    return counts


@pair_counts.mistake(
    "the count starts at 1",
    "Every count is 1 too high: it starts at 1 where it should start at 0.",
    "What is the count of a pair before it has been seen?",
    "`counts[pair] = counts.get(pair, 0) + count`: the default is 0.",
)
def _(words):
    return {pair: n + 1 for pair, n in _pair_counts(words).items()}


@pair_counts.mistake(
    "the first count is 1",
    "A pair that comes up for the first time counts 1, however often its word occurs.",
    "The word `ab` occurs twice: what should the count of (a, b) be after it?",
    "`counts[pair] = count` at first, not 1; or `counts.get(pair, 0) + count`.",
)
def _(words):
    counts = {}
    for word, n in words.items():
        for pair in pairwise(word):
            counts[pair] = counts[pair] + n if pair in counts else 1
    return counts


@pair_counts.mistake(
    "`return` inside the loop",
    "Only the first word is counted: the function returns before it looks at the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return counts` belongs at the same indentation as the outer `for`.",
)
def _(words):
    return _pair_counts(dict(list(words.items())[:1]))


@pair_counts.mistake(
    "`return` inside the loop",
    "Only the first pair of the first word is counted: the function returns before it looks at the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return counts` belongs at the same indentation as the outer `for`.",
)
def _(words):
    for word, n in words.items():
        for pair in pairwise(word):
            return {pair: n}


@pair_counts.mistake(
    "`.items()` forgotten",
    "`for word, count in words` goes over the keys only: it splits a word of two symbols in two and fails on any other.",
    "What does `for x in {('a', 'b'): 1}: print(x)` print?",
    "`for word, count in words.items()`.",
)
def _(words):
    counts = {}
    for word, n in words:
        for pair in pairwise(word):
            counts[pair] = counts.get(pair, 0) + n
    return counts


@pair_counts.sign(
    "pairs with a count of 0",
    "The counts are right, but the dict also holds pairs that never occur, with a count of 0.",
    "What does the question say about pairs that do not occur?",
    "Make an entry only when a pair comes up: `counts.get(pair, 0) + count`.",
)
def _(inputs, expected, outcome):
    return {pair: n for pair, n in outcome.output.items() if n != 0} == expected != outcome.output


# --- 2. one merge -----------------------------------------------------------------------------------


def _merge(symbols, pair):
    return bpe.merge(tuple(symbols), tuple(pair))


def _merge_tuples(symbols, pair):
    """What later parts are lent: it takes what the question says, so that they are blamed for what they hand over."""
    for name, given in (("its symbols", symbols), ("the pair", pair)):
        if not isinstance(given, tuple):
            raise TypeError(f"merge asks for a tuple for {name}, but was given a {type(given).__name__}")
    return _merge(symbols, pair)


merge = Part(
    "merge",
    "One merge",
    points={"different symbols": 1, "equal symbols": 1},
    answer=_merge_tuples,
    imports=ALLOWED,
    tuples=True,
    hints=(
        "Go through `('a', 'b', 'c', 'a', 'b')` with the pair (a, b) by hand: where are you after the first merge?",
        "A `while` loop with a place: after a merge it moves on by 2, else by 1.",
        "`if symbols[at : at + 2] == pair: merged.append(pair[0] + pair[1]); at += 2`, else append `symbols[at]` and `at += 1`.",
    ),
)


@merge.cases
def _(rng):
    yield Case((("a", "b"), ("a", "b")), "different symbols")
    yield Case((("b", "a"), ("a", "b")), "different symbols")
    yield Case((("a",), ("a", "b")), "different symbols")
    yield Case((("a", "b", "c"), ("a", "b")), "different symbols")
    yield Case((("A", "b", "a", "B", "a", "b"), ("a", "b")), "different symbols")
    yield Case((("x", "b", ".", "b"), (".", "b")), "different symbols")
    yield Case((("c", "a", "b", "a", "b"), ("a", "b")), "different symbols")
    yield Case((("ab", "c"), ("a", "bc")), "different symbols")
    yield Case((("ca", "b", "a", "bc"), ("a", "b")), "different symbols")
    yield Case((("a", "b", "a", *_letters(rng, "ab", 3, 6)), ("a", "b")), "different symbols")
    symbols = ("ab", "c", *rng.choice(["a", "b", "ab", "c"], size=int(rng.integers(5, 8))).tolist(), "ab", "c")
    yield Case((symbols, ("ab", "c")), "different symbols")
    yield Case((("a", "a", "a"), ("a", "a")), "equal symbols")
    yield Case((("a", "a", "a", "a"), ("a", "a")), "equal symbols")
    ends = _letters(rng, "bc", 1, 3), _letters(rng, "bc", 1, 3)
    yield Case(((*ends[0], *"a" * (2 * int(rng.integers(1, 4)) + 1), *ends[1]), ("a", "a")), "equal symbols")
    yield Case(
        (("a", "aa", "b", *rng.choice(["a", "a", "aa"], size=6).tolist(), "b", "a", "a", "a"), ("a", "a")),
        "equal symbols",
    )


def _walk(symbols, pair, fits=None, step=2, make="".join):
    fits, out, at = fits or (lambda two: two == tuple(pair)), [], 0
    while at < len(symbols):
        two = tuple(symbols[at : at + 2])
        if len(two) == 2 and fits(two):
            out.append(make(two))
            at += step
        else:
            out.append(symbols[at])
            at += 1
    return tuple(out)


@merge.mistake(
    "only the first place",
    "Only the first place is merged; the pair stands in the word again.",
    "What happens in your loop after the first merge?",
    "Go on to the end of the word: no `break`, no `return` inside the loop.",
)
def _(symbols, pair):
    for at in range(len(symbols) - 1):
        if symbols[at : at + 2] == pair:
            return (*symbols[:at], "".join(pair), *symbols[at + 2 :])
    return symbols


@merge.mistake(
    "from right to left",
    "In `aaa` the last two are merged; the rule here is from left to right.",
    "Which two a's of `aaa` come first?",
    "Start at the left end.",
)
def _(symbols, pair):
    turned = _walk(symbols[::-1], pair[::-1], make=lambda two: two[1] + two[0])
    return turned[::-1]


@merge.mistake(
    "the second half stays",
    "A merged symbol's right half stays in the word as well, or is merged a second time.",
    "How many symbols does a merge use up?",
    "After a merge move on by 2.",
)
def _(symbols, pair):
    return _walk(symbols, pair, step=1)


@merge.mistake(
    "the last symbol lost",
    "The last symbol is missing when it is in no pair.",
    "A loop over pairs ends one before the last symbol. Who appends that one?",
    "Let the place run to `len(symbols)`.",
)
def _(symbols, pair):
    out, at = [], 0
    while at < len(symbols) - 1:
        fits = symbols[at : at + 2] == pair
        out.append("".join(pair) if fits else symbols[at])
        at += 1 + fits
    return tuple(out)


@merge.mistake(
    "the last pair not merged",
    "A pair at the very end of the word is not merged.",
    "What is the last place at which a pair can start?",
    "`at < len(symbols) - 1`, not `- 2`.",
)
def _(symbols, pair):
    out, at = [], 0
    while at < len(symbols):
        fits = at < len(symbols) - 2 and symbols[at : at + 2] == pair
        out.append("".join(pair) if fits else symbols[at])
        at += 1 + fits
    return tuple(out)


@merge.mistake(
    "both orders merged",
    "The pair is merged in the other order, too: (b, a) is not (a, b).",
    "Is `ba` the same text as `ab`?",
    "Compare left with left and right with right.",
)
def _(symbols, pair):
    return _walk(symbols, pair, fits=lambda two: two in (pair, pair[::-1]))


@merge.mistake(
    "joined texts compared",
    "(ab, c) was taken for (a, bc): their joined texts are equal, the pairs are not.",
    "Which symbols does the pair consist of?",
    "Compare the two symbols, not the strings that they give together.",
)
def _(symbols, pair):
    return _walk(symbols, pair, fits=lambda two: "".join(two) == "".join(pair))


@merge.mistake(
    "replaced in the text",
    "The pair is also found where it is only a part of two symbols: the borders of symbols were lost.",
    "Is (a, b) a pair of neighbors in `ca b`?",
    "Work on the list of symbols, not on a string; or mark the borders on both sides.",
)
def _(symbols, pair):
    return tuple(" ".join(symbols).replace(" ".join(pair), "".join(pair)).split())


@merge.mistake(
    "cut into letters",
    "The result is cut into letters again: longer symbols have fallen apart, the new one too.",
    "How many symbols should the result have?",
    "Do not call `tuple` or `list` on a string: append whole symbols.",
)
def _(symbols, pair):
    return tuple("".join(symbols))


@merge.mistake(
    "a string returned",
    "The symbols are joined to one string; they should stay apart.",
    "What does the question say is returned?",
    "Return a tuple of symbols.",
)
def _(symbols, pair):
    return "".join(_merge(symbols, pair))


@merge.mistake(
    "a string returned",
    "The symbols are joined to one string with spaces; a tuple is asked for.",
    "What does the question say is returned?",
    "Return a tuple of symbols: `tuple(text.split())`.",
)
def _(symbols, pair):
    return " ".join(_merge(symbols, pair))


@merge.mistake(
    "the pair put in unjoined",
    "The new symbol should be one string, left and right joined; yours is still a pair.",
    "What is the new symbol's spelling?",
    "`pair[0] + pair[1]`.",
)
def _(symbols, pair):
    return _walk(symbols, pair, make=tuple)


@merge.mistake(
    "the pair removed",
    "The pair is gone: it should be replaced by its joined symbol.",
    "Which letters does the word have before, and which after?",
    "Append `pair[0] + pair[1]`.",
)
def _(symbols, pair):
    return tuple(s for s in _walk(symbols, pair, make=lambda two: None) if s is not None)


@merge.mistake(
    "nothing merged",
    "The symbols came back as they were: the pair was never found.",
    "Is `['a', 'b'] == ('a', 'b')` true? Print both sides of your comparison.",
    "A list is never equal to a tuple: compare `tuple(symbols[at : at + 2]) == pair`, or symbol by symbol.",
)
def _(symbols, pair):
    return symbols


def _past_the_end(symbols, pair, look):
    out, at = [], 0
    while at < len(symbols):
        fits = look(symbols, pair, at)
        out.append("".join(pair) if fits else symbols[at])
        at += 1 + fits
    return tuple(out)


@merge.mistake(
    "past the end",
    "It stops with an IndexError: the last symbol has no right neighbor.",
    "What is `symbols[at + 1]` when `at` is at the last symbol?",
    "A slice does not mind: `symbols[at : at + 2] == pair`.",
)
def _(symbols, pair):
    return _past_the_end(symbols, pair, lambda s, p, at: (s[at], s[at + 1]) == p)


@merge.mistake(
    "past the end",
    "It stops with an IndexError: the last symbol has no right neighbor.",
    "What is `symbols[at + 1]` when `at` is at the last symbol?",
    "A slice does not mind: `symbols[at : at + 2] == pair`.",
)
def _(symbols, pair):
    return _past_the_end(symbols, pair, lambda s, p, at: s[at] == p[0] and s[at + 1] == p[1])


@merge.mistake(
    "a symbol used twice",
    "In `aaa` the middle a is used for two pairs, and a letter is lost: after a merge the next pair must start behind it.",
    "Join your result: is it the same text as before?",
    "After a merge, forget the symbol before: it is no left half any more.",
)
def _(symbols, pair):
    out, before = [], None
    for symbol in symbols:
        if (before, symbol) == pair:
            out[-1] = before + symbol
        else:
            out.append(symbol)
        before = symbol
    return tuple(out)


@merge.mistake(
    "a list returned",
    "The symbols are right, but they come as a list; a tuple is asked for.",
    "Can a list be a key of a dict? Part 3 needs that.",
    "`return tuple(merged)`.",
)
def _(symbols, pair):
    return list(_merge(symbols, pair))


@merge.mistake(
    "capitals taken for small letters",
    "You merged a pair that differs from the one asked for only in capital letters.",
    "Is `'A' == 'a'`?",
    "Compare the symbols as they are, without `.lower()`.",
)
def _(symbols, pair):
    return _walk(symbols, pair, fits=lambda two: tuple(x.lower() for x in two) == pair)


@merge.mistake(
    "`return` inside the loop",
    "Only the first symbol (or pair) comes back: the function returns before it looks at the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return tuple(merged)` belongs at the same indentation as the loop.",
)
def _(symbols, pair):
    return _merge(symbols[:2], pair)[:1]


# --- 3. training ------------------------------------------------------------------------------------


def _first(counts):
    """The rule of this lab: the highest count; of equals the pair that comes first in Python's order of tuples."""
    return min(counts, key=lambda pair: (-counts[pair], pair))


def _train(words, merges, choose=_first, count=_pair_counts, enough=1):
    words, learned = {tuple(word): n for word, n in words.items()}, []
    while len(learned) < merges:
        counts = count(words)
        if not counts or max(counts.values()) < enough:
            break
        pair = choose(counts)
        learned.append(pair)
        words = {_merge(word, pair): n for word, n in words.items()}
    return learned


train_bpe = Part(
    "train_bpe",
    "Train BPE",
    points={"counts": 2, "ties": 1, "early end": 1},
    answer=_train,
    imports=ALLOWED,
    tuples=True,
    uses=("pair_counts", "merge"),
    hints=(
        "Print the pair and its count in every round. In which round does it go another way than on paper?",
        "Each round: count all pairs again, choose one, note it, rewrite every word with it.",
        "`pair = min(counts, key=lambda p: (-counts[p], p))`, then `words = {merge(w, pair): n for w, n in words.items()}`.",
    ),
)


def _tied(words, merges):
    """Whether two pairs have the highest count in one of the rounds."""
    found = []

    def choose(counts):
        best = max(counts.values())
        found.append(list(counts.values()).count(best) > 1)
        return _first(counts)

    _train(words, merges, choose)
    return any(found)


def _drawn(rng, wanted, draw):
    """The first of the drawn things that is `wanted`."""
    return next(thing for thing in (draw() for _ in range(5000)) if wanted(thing))


@train_bpe.cases
def _(rng):
    yield Case(({("a", "b"): 2, ("b", "c"): 1}, 1), "counts")
    yield Case(({("t", "e", "a"): 5, ("t", "e"): 4}, 2), "counts")
    for number, merges in ((3, 2), (4, 3), (6, 4)):
        words = _drawn(
            rng,
            lambda w, m=merges: not _tied(w, m) and len(_train(w, m + 1)) > m,
            lambda n=number: _words(rng, "aest", n, 2, 5, most=30),
        )
        yield Case((words, merges), "counts")
    yield Case(({("b", "a"): 2, ("a", "c"): 2}, 1), "ties")
    yield Case(({("a", "c"): 2, ("a", "b"): 2}, 1), "ties")
    yield Case(({("b", "a"): 2, ("B", "c"): 2}, 1), "ties")
    yield Case(({("a", "b", "c", "b", "a", "b"): 1}, 3), "ties")
    for merges in (2, 3, 4):
        yield Case(
            (_drawn(rng, lambda w, m=merges: _ties_matter(w, m), lambda: _words(rng, "abc", 3, 2, 5, most=2)), merges),
            "ties",
        )
    yield Case(
        (_drawn(rng, lambda w: _train(w, 4) != _train(w, 4, _joined), lambda: _words(rng, "abc", 3, 2, 5, most=2)), 4),
        "ties",
    )
    yield Case(({("a", "b"): 1}, 3), "early end")
    yield Case(({("a",): 4}, 2), "early end")
    for size in (2, 3):
        words = _drawn(rng, lambda w: not _tied(w, 20), lambda n=size: _words(rng, "abc", n, 2, 4, most=30))
        yield Case((words, 20), "early end")
    words = _drawn(rng, lambda w: not _tied(w | {("a", "b"): 1}, 20), lambda: _words(rng, "cde", 2, 2, 3, most=30))
    yield Case((words | {("a", "b"): 1}, 20), "early end")


def _ties_matter(words, merges):
    rules = (_first, _seen_first, _last, _joined, _seen_last)
    return len({tuple(_train(words, merges, rule)) for rule in rules}) >= 4


def _seen_first(counts):
    return max(counts, key=counts.get)


def _seen_last(counts):
    return max(reversed(counts), key=counts.get)


def _last(counts):
    return max(counts, key=lambda pair: (counts[pair], pair))


def _joined(counts):
    return min(counts, key=lambda pair: (-counts[pair], "".join(pair)))


@train_bpe.mistake(
    "ties: the pair seen first",
    "Of pairs with the same count you take the one that was counted first; the rule here is the order of tuples.",
    "Which does `max(counts, key=counts.get)` take of two equals?",
    "In `{('b', 'a'): 2, ('a', 'c'): 2}`, which pair comes first in `sorted`?",
    "`min(counts, key=lambda pair: (-counts[pair], pair))`.",
)
def _(words, merges):
    return _train(words, merges, _seen_first)


@train_bpe.mistake(
    "ties: the pair seen last",
    "Of pairs with the same count you take the one that was counted last; the rule here is the order of tuples.",
    "What does `>=` do in your search for the largest count?",
    "`min(counts, key=lambda pair: (-counts[pair], pair))`.",
)
def _(words, merges):
    return _train(words, merges, _seen_last)


@train_bpe.mistake(
    "ties: the last in order",
    "Of pairs with the same count you take the last in the order of tuples, not the first.",
    "Which of two equals does `max` over `(count, pair)` take?",
    "Turn the count around instead: `min` over `(-count, pair)`.",
)
def _(words, merges):
    return _train(words, merges, _last)


@train_bpe.mistake(
    "ties: joined texts compared",
    "Of pairs with the same count you take the one whose joined text comes first; compare the tuples.",
    "Which comes first: `('ab', 'a')` or `('a', 'bc')`?",
    "Tuples are compared by their left symbols first; use the pair itself as the key.",
)
def _(words, merges):
    return _train(words, merges, _joined)


@train_bpe.mistake(
    "ties: capitals taken for small letters",
    "Of pairs with the same count you take the one that comes first without regard to capitals.",
    "Which comes first in `sorted([('b', 'a'), ('B', 'c')])`?",
    "Compare the tuples as they are, without `.lower()`.",
)
def _(words, merges):
    return _train(words, merges, lambda counts: min(counts, key=lambda p: (-counts[p], p[0].lower(), p[1].lower())))


@train_bpe.mistake(
    "counted only once",
    "The pairs of the beginning are taken in the order of their counts; after a merge the counts are others.",
    "After merging (e, a): how often does (t, e) occur in `t ea`?",
    "Call `pair_counts` in every round, on the rewritten words.",
)
def _(words, merges):
    counts = _pair_counts(words)
    return sorted(counts, key=lambda pair: (-counts[pair], pair))[:merges]


@train_bpe.mistake(
    "the words not rewritten",
    "The same pair is chosen in every round: the words stay as they were.",
    "What does `merge` return, and where does it go?",
    "`words = {merge(word, pair): n for word, n in words.items()}`.",
)
def _(words, merges):
    counts = _pair_counts(words)
    return [_first(counts)] * merges if counts else []


@train_bpe.mistake(
    "the counts of the words left out",
    "Every different word counts once: how often it occurs is left out.",
    "Is your `pair_counts` right? Do you hand the counts on when you rewrite the words?",
    "Keep `n` in `{merge(word, pair): n …}`.",
)
def _(words, merges):
    return _train(words, merges, count=lambda words: _count(words, weight=lambda n: 1))


@train_bpe.mistake(
    "no early end",
    "When no pair is left, it stops with an error.",
    "What is the largest count of an empty dict?",
    "`if not counts: break`, before you choose.",
)
def _(words, merges):
    if len(learned := _train(words, merges)) < merges:
        raise ValueError("min() arg is an empty sequence")
    return learned


@train_bpe.mistake(
    "no early end",
    "When no pair is left, it stops with an error.",
    "What does `Counter().most_common(1)` give?",
    "`if not counts: break`, before you choose.",
)
def _(words, merges):
    if len(learned := _train(words, merges)) < merges:
        raise IndexError("list index out of range")
    return learned


@train_bpe.mistake(
    "pairs seen once are not merged",
    "It ends too early: a pair with the count 1 is merged here, too.",
    "When does the question say that the training ends?",
    "Only when no pair is left.",
)
def _(words, merges):
    return _train(words, merges, enough=2)


@train_bpe.mistake(
    "the new symbols returned",
    "These are the joined symbols; the merges are pairs.",
    "From 'abc' alone, can one tell what was joined: (a, bc) or (ab, c)?",
    "Append the pair itself.",
)
def _(words, merges):
    return ["".join(pair) for pair in _train(words, merges)]


@train_bpe.mistake(
    "the words returned",
    "These are the rewritten words; the list of merges is asked for.",
    "What does `encode` need later?",
    "Collect the pairs in a list and return that.",
)
def _(words, merges):
    words = dict(words)
    for pair in _train(words, merges):
        words = {_merge(word, pair): n for word, n in words.items()}
    return words


@train_bpe.mistake(
    "pairs with their ranks",
    "The pairs are right, but in a dict with ranks; a list in order is asked for.",
    "What does the question say is returned?",
    "Return the list: the place in it is the rank.",
)
def _(words, merges):
    return {pair: rank for rank, pair in enumerate(_train(words, merges))}


@train_bpe.mistake(
    "pairs with their counts",
    "Beside each pair stands its count; only the pairs are asked for.",
    "What does the question say is returned?",
    "Append the pair alone.",
)
def _(words, merges):
    chosen = []
    _train(words, merges, lambda counts: chosen.append((_first(counts), counts[_first(counts)])) or _first(counts))
    return chosen


@train_bpe.mistake(
    "one merge too many",
    "There is one merge more than asked for.",
    "How many rounds does your loop make?",
    "`for _ in range(merges)` or `while len(learned) < merges`.",
)
def _(words, merges):
    return _train(words, merges + 1)


@train_bpe.mistake(
    "one merge too few",
    "The last merge is missing.",
    "How many rounds does your loop make?",
    "`for _ in range(merges)` makes `merges` of them.",
)
def _(words, merges):
    return _train(words, merges - 1)


@train_bpe.mistake(
    "the rarest pair",
    "The pair with the smallest count is merged; it should be the largest.",
    "`min` or `max` of the counts?",
    "With `min`, turn the sign: `(-counts[pair], pair)`.",
)
def _(words, merges):
    return _train(words, merges, lambda counts: min(counts, key=lambda pair: (counts[pair], pair)))


@train_bpe.mistake(
    "the last pair in order, whatever its count",
    "The pair that comes last in order is merged; the counts play no part.",
    "What does `max(counts)` compare: the keys of the dict, or its values?",
    "`min(counts, key=lambda pair: (-counts[pair], pair))`.",
)
def _(words, merges):
    return _train(words, merges, max)


@train_bpe.mistake(
    "the first pair in order, whatever its count",
    "The pair that comes first in order is merged; the counts play no part.",
    "What does `min(counts)` compare: the keys of the dict, or its values?",
    "`min(counts, key=lambda pair: (-counts[pair], pair))`.",
)
def _(words, merges):
    return _train(words, merges, min)


@train_bpe.mistake(
    "None at the early end",
    "When no pair is left, None comes back, and what was learned is lost.",
    "What does your function return when it ends early?",
    "`break` out of the loop, so that it ends with `return learned`.",
)
def _(words, merges):
    return learned if len(learned := _train(words, merges)) == merges else None


@train_bpe.mistake(
    "pairs as lists",
    "The pairs are right, but they are lists; a pair is a tuple `(left, right)`.",
    "Can a list be a key of a dict, as `encode` will want it?",
    "Append the pair as it came out of `pair_counts`.",
)
def _(words, merges):
    return [list(pair) for pair in _train(words, merges)]


@train_bpe.mistake(
    "`return` inside the loop",
    "Only one pair is learned: the function returns before the second round.",
    "How far is `return` indented, and how often is it reached?",
    "`return learned` belongs at the same indentation as the loop.",
)
def _(words, merges):
    return _train(words, min(merges, 1))


for _one_merge in (_merge, _merge_tuples):  # what a student's merge makes of a string: a tuple, or an error

    @train_bpe.mistake(
        "`.items()` forgotten",
        "`for word, count in words` goes over the keys only: it splits a word of two symbols in two and fails on any other.",
        "What does `for x in {('a', 'b'): 1}: print(x)` print?",
        "`{merge(word, pair): count for word, count in words.items()}`.",
    )
    def _(words, merges, one_merge=_one_merge):
        learned = []
        while len(learned) < merges and (counts := _pair_counts(words)):
            learned.append(_first(counts))
            words = {one_merge(word, learned[-1]): n for word, n in words}
        return learned


# --- 4. encoding ------------------------------------------------------------------------------------


def _encode(word, merges, best=min):
    symbols, rank = tuple(word), {tuple(pair): i for i, pair in enumerate(merges)}
    while known := [pair for pair in pairwise(symbols) if pair in rank]:
        symbols = _merge(symbols, best(known, key=rank.get))
    return list(symbols)


encode = Part(
    "encode",
    "Encode a word with merges",
    points={"by rank": 2, "unknown symbols": 1},
    answer=_encode,
    imports=ALLOWED,
    uses=("pair_counts", "merge"),
    hints=(
        "Print the symbols after every merge. Which merge came first, and which should have?",
        "Look at all neighbors that are in `merges`; take the pair with the smallest index; merge it everywhere; look again.",
        "`while known := [p for p in zip(s, s[1:]) if p in rank]: s = merge(s, min(known, key=rank.get))`.",
    ),
)


def _replay(word, merges):
    """Each merge once, in order; as a rule the same. The cases are such that both are right."""
    symbols = tuple(word)
    for pair in merges:
        symbols = _merge(symbols, pair)
    return list(symbols)


def _by_position(word, merges):
    symbols = tuple(word)
    while known := [pair for pair in pairwise(symbols) if pair in merges]:
        symbols = _merge_at(symbols, known[0])
    return list(symbols)


def _merge_at(symbols, pair):
    at = list(pairwise(symbols)).index(pair)
    return (*symbols[:at], "".join(pair), *symbols[at + 2 :])


def _longest(word, merges, unknown=lambda letter: [letter]):
    tokens, out, at = {a + b for a, b in merges} | {s for pair in merges for s in pair}, [], 0
    while at < len(word):
        end = next((end for end in range(len(word), at, -1) if word[at:end] in tokens), at + 1)
        out += [word[at:end]] if word[at:end] in tokens else unknown(word[at:end])
        at = end
    return out


def _some_merges(rng, alphabet, merges):
    return _train(_words(rng, alphabet, 6, 3, 6), merges)


@encode.cases
def _(rng):
    yield Case(("ab", [("a", "b")]), "by rank")
    yield Case(("aaa", [("a", "a")]), "by rank")
    yield Case(("abab", [("a", "b")]), "by rank")
    yield Case(("abc", [("a", "b"), ("b", "c")]), "by rank")
    yield Case(("abc", [("b", "c"), ("a", "b")]), "by rank")
    yield Case(("abc", [("b", "c"), ("a", "b"), ("ab", "c")]), "by rank")
    yield Case(("acd", [("a", "b"), ("c", "d"), ("b", "a"), ("a", "cd")]), "by rank")
    for alphabet, number in (("abc", 5), ("abc", 8), ("aest", 10)):
        yield Case(
            _drawn(
                rng,
                lambda case: _hard(*case),
                lambda a=alphabet, n=number: (_letters(rng, a, 5, 9), _some_merges(rng, a, n)),
            ),
            "by rank",
        )
    for extra in (0, 3):  # here the longest symbol leads astray, position does not
        a, b, c, d = rng.permutation(list("aeimnst")).tolist()[:4]
        yield Case((_letters(rng, [d], 0, extra) + a + b + c + d, [(c, d), (b, c), (a, b + c), (a, b)]), "by rank")
    yield Case(("x", [("a", "b")]), "unknown symbols")
    yield Case(("abxab", [("a", "b")]), "unknown symbols")
    for strange in "éZ":
        yield Case(
            _drawn(
                rng,
                lambda case: _easy(*case),
                lambda s=strange: (
                    _letters(rng, "aest", 2, 4) + s + _letters(rng, "aest", 0, 3),
                    _some_merges(rng, "aest", 8),
                ),
            ),
            "unknown symbols",
        )


def _easy(word, merges):
    """A word that every way of merging cuts alike."""
    right = _encode(word, merges)
    return len(right) < len(word) - 1 and right == _replay(word, merges) == _longest(word, merges) == _by_position(
        word, merges
    )


def _hard(word, merges):
    """A word on which rank and position lead to different results."""
    right = _encode(word, merges)
    return right == _replay(word, merges) and right != _by_position(word, merges) and len(right) < len(word) - 1


@encode.mistake(
    "by position, not by rank",
    "The first pair from the left that is a merge is merged, not the one that was learned first.",
    "In `abc` with the merges b+c, a+b: which of the two has the smaller index?",
    "Look at all pairs first: `min(known, key=rank.get)`.",
)
def _(word, merges):
    return _by_position(word, merges)


@encode.mistake(
    "the longest symbol first",
    "You take the longest symbol that fits, from left to right. That is WordPiece; BPE replays its merges.",
    "Which merge was learned first, and does it use up a letter that yours needs?",
    "Merge pairs, the smallest index first.",
)
def _(word, merges):
    return _longest(word, merges)


@encode.mistake(
    "the last merge first",
    "Of the pairs that fit, the one learned last is merged first.",
    "Which has the smaller index?",
    "`min` over the ranks, not `max`; or go through `merges` from the front.",
)
def _(word, merges):
    return _encode(word, merges, best=max)


@encode.mistake(
    "the last merge first",
    "The merges are replayed from the last to the first.",
    "Which merge was learned first?",
    "Go through `merges` from the front.",
)
def _(word, merges):
    return _replay(word, merges[::-1])


@encode.mistake(
    "only one merge",
    "It stops after the first merge, though others would fit now.",
    "After a merge there are new pairs. Who looks at them?",
    "Repeat until no pair of neighbors is in `merges`.",
)
def _(word, merges):
    symbols, rank = tuple(word), {pair: i for i, pair in enumerate(merges)}
    known = [pair for pair in pairwise(symbols) if pair in rank]
    return list(_merge(symbols, min(known, key=rank.get)) if known else symbols)


@encode.mistake(
    "only the first place",
    "Each merge is done at one place only; it must be done wherever the pair stands.",
    "Where else in the word does the pair stand?",
    "Merge from left to right through the whole word, with your `merge`.",
)
def _(word, merges):
    symbols = tuple(word)
    for pair in merges:
        if pair in pairwise(symbols):
            symbols = _merge_at(symbols, pair)
    return list(symbols)


@encode.mistake(
    "one pass from left to right",
    "You go over the word once and merge neighbors as they come: the ranks play no part, and new pairs are not looked at.",
    "Which pair of the whole word has the smallest index?",
    "Look at all pairs, merge the best one, look again.",
)
def _(word, merges):
    return list(_walk(tuple(word), None, fits=lambda two: two in merges))


@encode.mistake(
    "unknown symbols dropped",
    "Letters that no merge knows are missing from the result.",
    "Join your symbols: is it the word again?",
    "Start from all letters of the word; nothing is ever taken away.",
)
def _(word, merges):
    known = {s for pair in merges for s in "".join(pair)}
    return [s for s in _encode(word, merges) if len(s) > 1 or s in known]


@encode.mistake(
    "unknown symbols replaced",
    "Letters that no merge knows were replaced; they should stay as they are.",
    "Join your symbols: is it the word again?",
    "Leave them alone: ids come later.",
)
def _(word, merges):
    known = {s for pair in merges for s in "".join(pair)}
    return [s if len(s) > 1 or s in known else "[UNK]" for s in _encode(word, merges)]


@encode.mistake(
    "the whole word unknown",
    "One unknown letter makes the whole word [UNK]. That is WordPiece; here the letter stays.",
    "What should `abxab` give?",
    "Leave unknown letters where they are.",
)
def _(word, merges):
    known = {s for pair in merges for s in "".join(pair)}
    return _encode(word, merges) if set(word) <= known else ["[UNK]"]


@encode.mistake(
    "a pair that is no merge",
    "It stops with a KeyError: the rank of a pair is looked up that is in no merge.",
    "Is every pair of neighbors in `merges`?",
    "Look only at those that are, or use `rank.get(pair, math.inf)`.",
)
def _(word, merges):
    rank = {pair: i for i, pair in enumerate(merges)}
    symbols = tuple(word)
    while len(symbols) > 1:
        pair = min(pairwise(symbols), key=lambda p: rank[p])
        symbols = _merge(symbols, pair)
    return list(symbols)


@encode.mistake(
    "a pair that is no merge",
    "It stops with a ValueError: `merges.index` is asked for a pair that is in no merge.",
    "Is every pair of neighbors in `merges`?",
    "Look only at those that are.",
)
def _(word, merges):
    symbols = tuple(word)
    while len(symbols) > 1:
        symbols = _merge(symbols, min(pairwise(symbols), key=merges.index))
    return list(symbols)


@encode.mistake(
    "not encoded at all",
    "The letters came back as they were.",
    "Print the pairs of neighbors: are they tuples, as those in `merges`?",
    "A list is never equal to a tuple: `('a', 'b') != ['a', 'b']`.",
)
def _(word, merges):
    return list(word)


@encode.mistake(
    "a string returned",
    "The symbols are joined to a string; a list of symbols is asked for.",
    "What does the question say is returned?",
    "Return the list (or tuple) of symbols.",
)
def _(word, merges):
    return " ".join(_encode(word, merges))


@encode.mistake(
    "numbers instead of symbols",
    "Numbers came back; the symbols themselves are asked for.",
    "What does the question say is returned?",
    "Return the strings.",
)
def _(word, merges):
    tokens = sorted(set(word)) + [a + b for a, b in merges]
    return [tokens.index(s) for s in _encode(word, merges)]


@encode.mistake(
    "replaced in the text",
    "Merges are found where they are only parts of two symbols: the borders of symbols were lost.",
    "Is there a pair (c, a) in `bc a`?",
    "Work on the list of symbols with your `merge`, not on a string.",
)
def _(word, merges):
    for left, right in merges:
        word = word.replace(left + right, f" {left}{right} ")
    return word.split()


@encode.mistake(
    "replaced in the text",
    "Merges are found where they are only parts of two symbols: the borders of symbols were lost.",
    "Is there a pair (c, a) in `bc a`?",
    "Work on the list of symbols with your `merge`, not on a string.",
)
def _(word, merges):
    text = " ".join(word)
    for left, right in merges:
        text = text.replace(f"{left} {right}", left + right)
    return text.split()


@encode.mistake(
    "it ends at the first merge that does not occur",
    "It stops at the first merge that does not occur in the word; the later ones are not tried.",
    "With the merges b+c, a+d: what should become of `ad`?",
    "Go on to the next merge: no `break` in the `else`.",
)
def _(word, merges):
    symbols = tuple(word)
    for pair in merges:
        if pair not in pairwise(symbols):
            break
        symbols = _merge(symbols, pair)
    return list(symbols)


@encode.mistake(
    "`return` inside the loop",
    "Only the first merge of the list is tried: the function returns before it looks at the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return` belongs at the same indentation as the loop.",
)
def _(word, merges):
    return list(_merge(tuple(word), merges[0]))


@encode.sign(
    "`merge` does not get a tuple",
    "`merge` asks for a tuple of symbols, but your `encode` passes it something else.",
    "What is the `type(…)` of what you pass to `merge`? What does part 2 ask for?",
    "Start with `symbols = tuple(word)`.",
)
def _(inputs, expected, outcome):
    return "merge asks for a tuple" in outcome.error


@encode.mistake(
    "in small letters",
    "Capital letters were made small; they should stay as they are.",
    "Join your symbols: is it the word again?",
    "Leave `.lower()` out.",
)
def _(word, merges):
    return _encode(word.lower(), merges)


# --- 5. a batch -------------------------------------------------------------------------------------


def _pad_batch(rows, pad_id, max_length, side, *, cut="right", width=None, masked=None, fill=None):
    rows = [list(row[:max_length] if cut == "right" else row[max(len(row) - max_length, 0) :]) for row in rows]
    width = max(map(len, rows)) if width is None else width
    ids = np.full((len(rows), width), pad_id if fill is None else fill, dtype=int)
    mask = np.zeros((len(rows), width), dtype=int)
    for i, row in enumerate(rows):
        place = slice(0, len(row)) if side == "right" else slice(width - len(row), width)
        ids[i, place], mask[i, place] = row, 1
    return {"input_ids": ids, "attention_mask": mask if masked is None else masked(ids)}


pad_batch = Part(
    "pad_batch",
    "Pad, truncate and mask a batch",
    points={"padding": 1, "left side": 1, "truncation": 1},
    answer=_pad_batch,
    imports=ALLOWED | {"torch"},
    banned=frozenset({"pad_sequence"}),
    hints=(
        "Take two rows, of 3 and of 1 ids, and write the two arrays on paper.",
        "First cut every row, then take the longest of the cut rows as the width, then pad.",
        "For each row: `row = row[:max_length]`, `pad = width - len(row)`; ids `row + [pad_id] * pad`, mask `[1] * len(row) + [0] * pad`; "
        "on the left the other way round.",
    ),
)


def _rows(rng, number, low, high, pad_id):
    """Rows of ids, the last with the padding's id as a real token in it."""
    rows = [rng.integers(1, 50, size=int(rng.integers(low, high + 1))).tolist() for _ in range(number)]
    return [*rows[:-1], [*rows[-1][:1], pad_id, *rows[-1][1:]]]


@pad_batch.cases
def _(rng):
    yield Case(([[5], [7, 8]], 9, 8, "right"), "padding")
    yield Case(([[5, 6], [7, 8]], 0, 8, "right"), "padding")
    yield Case(([[5, 9], [7, 8, 9]], 9, 8, "right"), "padding")
    for pad_id in (0, 50256):
        yield Case(
            ([[5], *_rows(rng, 2, 2, 4, pad_id), rng.integers(1, 50, size=7).tolist()], pad_id, 9, "right"), "padding"
        )
    yield Case(([[5], [7, 8]], 9, 8, "left"), "left side")
    yield Case(([[9, 5], [7, 8, 3]], 9, 8, "left"), "left side")
    yield Case(([[3], *_rows(rng, 2, 2, 4, 9), rng.integers(1, 50, size=7).tolist()], 9, 12, "left"), "left side")
    yield Case(([[4, 5, 6]], 9, 2, "right"), "truncation")
    yield Case(([[4, 5, 6], [7]], 9, 2, "left"), "truncation")
    yield Case(([[7], [4, 5, 6, 8]], 9, 3, "right"), "truncation")
    for side in ("right", "left"):
        most = int(rng.integers(3, 5))
        yield Case(
            ([*_rows(rng, 3, 1, 7, 9), rng.integers(1, 50, size=most + 2).tolist(), [11]], 9, most, side), "truncation"
        )


@pad_batch.mistake(
    "padded to max_length",
    "Every row is as long as `max_length`; the longest row of the batch is enough.",
    "How many columns of padding does every row have? What do they cost?",
    "`width = max(len(row) for row in rows)`, after truncation.",
)
def _(rows, pad_id, most, side):
    return _pad_batch(rows, pad_id, most, side, width=most)


@pad_batch.mistake(
    "the mask asks for the padding's id",
    "Where a real token has the padding's id, the mask is 0. With GPT-2, padding and end of text share an id.",
    "In `[5, 9]` with pad_id 9: is the 9 a token or padding?",
    "Make the mask from the lengths of the rows, not from the ids.",
)
def _(rows, pad_id, most, side):
    return _pad_batch(rows, pad_id, most, side, masked=lambda ids: (ids != pad_id).astype(int))


@pad_batch.mistake(
    "cut on the left",
    "Long rows lose their beginning; they should lose their end.",
    "Which ids of `[4, 5, 6]` are kept with max_length 2?",
    "`row[:max_length]`, not `row[-max_length:]`.",
)
def _(rows, pad_id, most, side):
    return _pad_batch(rows, pad_id, most, side, cut="left")


@pad_batch.mistake(
    "cut on the padding's side",
    "With padding on the left, long rows lose their beginning. The side is for the padding only; "
    "rows always lose their end.",
    "What does the question say about truncation and `side`?",
    "`row[:max_length]` for both sides.",
)
def _(rows, pad_id, most, side):
    return _pad_batch(rows, pad_id, most, side, cut=side)


@pad_batch.mistake(
    "side ignored",
    "The padding is always on the right.",
    "What do you do with `side`?",
    "On the left: `[pad_id] * pad + row`, and the mask alike.",
)
def _(rows, pad_id, most, side):
    return _pad_batch(rows, pad_id, most, "right")


@pad_batch.mistake(
    "the sides exchanged",
    "`side` is where the padding goes; yours goes to the other side.",
    "With side 'left', where should row `[5]` stand in a width of 2?",
    '`side == "left"`: first the padding, then the row.',
)
def _(rows, pad_id, most, side):
    return _pad_batch(rows, pad_id, most, "left" if side == "right" else "right")


@pad_batch.mistake(
    "the mask not on the left",
    "The ids are padded on the left, the mask as if it were on the right.",
    "Does each 1 of the mask stand at a token?",
    "Build both in the same branch.",
)
def _(rows, pad_id, most, side):
    made = _pad_batch(rows, pad_id, most, side)
    return made | {"attention_mask": _pad_batch(rows, pad_id, most, "right")["attention_mask"]}


@pad_batch.mistake(
    "not cut",
    "Rows longer than `max_length` are kept whole.",
    "What do you do with `max_length`?",
    "`row = row[:max_length]` before anything else.",
)
def _(rows, pad_id, most, side):
    return _pad_batch(rows, pad_id, 10**6, side)


@pad_batch.mistake(
    "the width taken before the cut",
    "There is more padding than needed: the width is that of the longest row before it was cut.",
    "How long is the longest row after truncation?",
    "Cut all rows first, then take the width.",
)
def _(rows, pad_id, most, side):
    return _pad_batch(rows, pad_id, most, side, width=max(map(len, rows)))


@pad_batch.mistake(
    "a mask of ones",
    "The mask is 1 everywhere, also at the padding.",
    "What should a 0 in the mask say?",
    "0 where you added `pad_id`.",
)
def _(rows, pad_id, most, side):
    return _pad_batch(rows, pad_id, most, side, masked=np.ones_like)


@pad_batch.mistake(
    "the mask reversed",
    "The mask has 1 at the padding; here 1 stands for a token.",
    "Which does the question say: 1 for a token, or 1 for padding?",
    "Exchange 0 and 1.",
)
def _(rows, pad_id, most, side):
    made = _pad_batch(rows, pad_id, most, side)
    return made | {"attention_mask": 1 - made["attention_mask"]}


@pad_batch.mistake(
    "a mask of booleans",
    "The values are right, the dtype is not: integers 1 and 0 are asked for.",
    "What is `mask.dtype`?",
    "`.astype(int)`.",
)
def _(rows, pad_id, most, side):
    made = _pad_batch(rows, pad_id, most, side)
    return made | {"attention_mask": made["attention_mask"] == 1}


@pad_batch.mistake(
    "only the ids returned",
    "The ids are right; the mask is missing.",
    "What does the question say is returned?",
    '`return {"input_ids": …, "attention_mask": …}`.',
)
def _(rows, pad_id, most, side):
    return _pad_batch(rows, pad_id, most, side)["input_ids"]


@pad_batch.mistake(
    "a tuple returned",
    "Both are right, but as a tuple; a dict with two keys is asked for.",
    "What are the two keys?",
    '`return {"input_ids": …, "attention_mask": …}`.',
)
def _(rows, pad_id, most, side):
    return tuple(_pad_batch(rows, pad_id, most, side).values())


@pad_batch.mistake(
    "padded with 0", "The padding is 0; it should be `pad_id`.", "What do you do with `pad_id`?", "`[pad_id] * pad`."
)
def _(rows, pad_id, most, side):
    return _pad_batch(rows, pad_id, most, side, fill=0)


@pad_batch.mistake(
    "not padded",
    "The rows still have different lengths.",
    "Can one make an array of rows of different lengths?",
    "`row + [pad_id] * (width - len(row))`.",
)
def _(rows, pad_id, most, side):
    return {"input_ids": [row[:most] for row in rows], "attention_mask": [[1] * len(row[:most]) for row in rows]}


@pad_batch.mistake(
    "padded to max_length",
    "Every row is as long as `max_length`; the longest row of the batch is enough. And your mask asks for "
    "`pad_id`, which can be a real token.",
    "How many columns of padding does every row have? What do they cost?",
    "`width = max(len(row) for row in rows)`, after truncation.",
)
def _(rows, pad_id, most, side):
    return _pad_batch(rows, pad_id, most, side, width=most, masked=lambda ids: (ids != pad_id).astype(int))


@pad_batch.mistake(
    "padded to max_length",
    "Every row is as long as `max_length`; the longest row of the batch is enough. And your mask holds booleans "
    "that ask for `pad_id`: it should be of integers, and `pad_id` can be a real token.",
    "How many columns of padding does every row have? What do they cost?",
    "`width = max(len(row) for row in rows)`, after truncation.",
)
def _(rows, pad_id, most, side):
    return _pad_batch(rows, pad_id, most, side, width=most, masked=lambda ids: ids != pad_id)


@pad_batch.mistake(
    "a mask of booleans",
    "The mask should be of integers, 1 and 0. And yours asks for `pad_id`, which can be a real token.",
    "What is `mask.dtype`? And in `[5, 9]` with pad_id 9: is the 9 padding?",
    "Make the mask from the lengths of the rows, with ones and zeros.",
)
def _(rows, pad_id, most, side):
    return _pad_batch(rows, pad_id, most, side, masked=lambda ids: ids != pad_id)


@pad_batch.mistake(
    "not cut",
    "The width is cut to `max_length`, the rows are not.",
    "What is `[pad_id] * -1`? What happens to a row that is too long?",
    "`row = row[:max_length]` before anything else.",
)
def _(rows, pad_id, most, side):
    width = min(max(map(len, rows)), most)
    pads = [width - len(row) for row in rows]
    if side == "right":
        return {
            "input_ids": [row + [pad_id] * n for row, n in zip(rows, pads)],
            "attention_mask": [[1] * len(row) + [0] * n for row, n in zip(rows, pads)],
        }
    return {
        "input_ids": [[pad_id] * n + row for row, n in zip(rows, pads)],
        "attention_mask": [[0] * n + [1] * len(row) for row, n in zip(rows, pads)],
    }


@pad_batch.mistake(
    "`return` inside the loop",
    "Only the first row comes back: the function returns before it looks at the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return` belongs at the same indentation as the loop.",
)
def _(rows, pad_id, most, side):
    return {key: found[:1] for key, found in _pad_batch(rows, pad_id, most, side).items()}


@pad_batch.sign(
    "one row, many times",
    "All rows are alike: `[[…] * width] * n` makes one list and names it n times, so that every change shows in all rows.",
    "After `table = [[0] * 2] * 3` and `table[0][0] = 7`: what is `table[1]`?",
    "`[[pad_id] * width for _ in rows]` makes a new list for each row.",
)
def _(inputs, expected, outcome):
    return _one_row_many_times(expected["input_ids"], outcome.output["input_ids"]) or _one_row_many_times(
        expected["attention_mask"], outcome.output["attention_mask"]
    )


def _one_row_many_times(expected, got):
    """All rows of `got` are equal though those of `expected` are not; a single row cannot be told."""
    rows = [list(row) for row in got]
    return rows != np.asarray(expected).tolist() and all(row == rows[0] for row in rows)


@pad_batch.mistake(
    "padding recognized by its id",
    "A real token that has the padding's id and is next to the padding was taken for padding.",
    "In the row [9, 5] with pad_id 9 on the left: how many tokens are there?",
    "Make the mask from the lengths of the rows, not from the ids.",
)
def _(rows, pad_id, most, side):
    def masked(ids):
        table = ids if side == "left" else ids[:, ::-1]
        real = np.maximum.accumulate(table != pad_id, axis=1).astype(int)
        return real if side == "left" else real[:, ::-1]

    return _pad_batch(rows, pad_id, most, side, masked=masked)


# --- 6. stretch: WordPiece --------------------------------------------------------------------------


def _wordpiece(word, vocab, *, limit=100, unknown=None, mark="##", first="", lengths=None, show=lambda piece: piece):
    """The longest matches; `unknown(pieces, rest)` says what comes of a place where nothing fits."""
    if len(word) > limit:
        return ["[UNK]"]
    pieces, at = [], 0
    while at < len(word):
        before = mark if at else first
        fits = [end for end in range(at + 1, len(word) + 1) if before + word[at:end] in vocab]
        if fits:
            end = (lengths or max)(fits)
            pieces.append(show(before + word[at:end]))
            at = end
        elif unknown is None:
            return ["[UNK]"]
        else:
            return unknown(pieces, word[at:])
    return pieces


wordpiece = Part(
    "wordpiece",
    "WordPiece: the longest match",
    points={"pieces": 1, "unknown words": 1, "long words": 1},
    answer=lambda word, vocab: _wordpiece(word, vocab),
    imports=ALLOWED,
    stretch=True,
    banned=frozenset({"longest_matches", "WordpieceTokenizer"}),
    hints=(
        "Which piece comes first, and which candidates did you try before it?",
        "Start with the whole rest of the word and make it shorter letter by letter until it is in the vocabulary.",
        "Two loops: `while at < len(word)`, and inside `for end in range(len(word), at, -1)`; the `else` of the inner one is `return ['[UNK]']`.",
    ),
)


def _vocab(*tokens):
    return {token: i for i, token in enumerate(dict.fromkeys(("[UNK]", *tokens)))}


def _random_vocab(rng, alphabet="abc", pieces=10):
    some = [_letters(rng, alphabet, 1, 3) for _ in range(pieces)]
    marked = ["##" + s if rng.random() < 0.65 else s for s in some]
    return _vocab(*alphabet, *("##" + letter for letter in alphabet), *marked)


def _greedy_matters(word, vocab):
    """Longest, shortest, unmarked, from the right: four different cuts."""
    ways = (
        _wordpiece(word, vocab),
        _wordpiece(word, vocab, lengths=min),
        _wordpiece(word, vocab, mark=""),
        _from_right(word, vocab),
    )
    return len({tuple(way) for way in ways}) == 4


def _from_right(word, vocab):
    pieces, end = [], len(word)
    while end:
        at = next((at for at in range(end) if ("##" if at else "") + word[at:end] in vocab), None)
        if at is None:
            return ["[UNK]"]
        pieces.insert(0, ("##" if at else "") + word[at:end])
        end = at
    return pieces


def _backtrack(word, vocab, at=0):
    """The first cut found with the longest pieces tried first, going back where nothing fits."""
    if at == len(word):
        return []
    for end in range(len(word), at, -1):
        piece = ("##" if at else "") + word[at:end]
        if piece in vocab and (rest := _backtrack(word, vocab, end)) is not None:
            return [piece, *rest]
    return None


@wordpiece.cases
def _(rng):
    yield Case(("tea", _vocab("tea")), "pieces")
    yield Case(("teas", _vocab("tea", "##s")), "pieces")
    yield Case(("team", _vocab("te", "##a", "##am", "am", "##m")), "pieces")
    yield Case(("tea", _vocab("t", "te", "##e", "##a", "##ea", "a")), "pieces")
    for length in (5, 8):
        yield Case(
            _drawn(
                rng,
                lambda case: _greedy_matters(*case),
                lambda n=length: (_letters(rng, "abc", n, n + 2), _random_vocab(rng)),
            ),
            "pieces",
        )
    yield Case(("TeA", _vocab("te", "t", "Te", "##a", "##A")), "pieces")
    yield Case(("x", _vocab("a")), "unknown words")
    yield Case(("Tea", _vocab("tea", "te", "##a")), "unknown words")
    yield Case(("thé", _vocab("the", "th", "##e")), "unknown words")
    yield Case(("as", _vocab("a", "s")), "unknown words")
    yield Case(("tea", _vocab("t", "te", "##ea")), "unknown words")
    yield Case(("texas", _vocab("te", "##as", "##a", "##s")), "unknown words")
    vocab = _random_vocab(rng)
    yield Case((_letters(rng, "abc", 2, 4) + "x" + _letters(rng, "abc", 1, 3), vocab), "unknown words")
    yield Case((_letters(rng, "abc", 3, 5), vocab | {"##x": 99}), "unknown words")
    yield Case((_letters(rng, "abc", 98, 98) + "ab", _vocab("a", "b", "c", "##a", "##b", "##c", "##ab")), "long words")
    yield Case((_letters(rng, "abc", 101, 101), _vocab("a", "b", "c", "##a", "##b", "##c")), "long words")
    long = _letters(rng, "abc", int(rng.integers(110, 130)), 130)
    yield Case((long, _vocab("a", "b", "c", "##a", "##b", "##c", long)), "long words")


@wordpiece.mistake(
    "## forgotten in the search",
    "Pieces inside the word are looked up without `##`.",
    "Is 's' inside a word the same entry as 's' at its beginning?",
    "For `at > 0` look up `'##' + word[at:end]`.",
)
def _(word, vocab):
    return _wordpiece(word, vocab, mark="")


@wordpiece.mistake(
    "## at the beginning, too",
    "The first piece is looked up with `##` as well.",
    "Which pieces carry `##`?",
    "Only those with `at > 0`.",
)
def _(word, vocab):
    return _wordpiece(word, vocab, first="##")


@wordpiece.mistake(
    "## missing in the result",
    "The right pieces were found, but their `##` is missing in the result.",
    "Which entry of the vocabulary is it: 's' or '##s'?",
    "Append the piece as it stands in the vocabulary.",
)
def _(word, vocab):
    return _wordpiece(word, vocab, show=lambda piece: piece.removeprefix("##"))


@wordpiece.mistake(
    "[UNK] for the letter only",
    "Where nothing fits, one letter becomes [UNK] and the rest is kept; here the whole word becomes one [UNK].",
    "What does one piece that cannot be found make of the word?",
    "`return ['[UNK]']` at once.",
)
def _(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    pieces, at = [], 0
    while at < len(word):
        before = "##" if at else ""
        end = next((end for end in range(len(word), at, -1) if before + word[at:end] in vocab), None)
        pieces.append("[UNK]" if end is None else before + word[at:end])
        at = end or at + 1
    return pieces


@wordpiece.mistake(
    "[UNK] for the rest",
    "The pieces before the place where nothing fits are kept; here the whole word becomes one [UNK].",
    "How many tokens does an unknown word give?",
    "`return ['[UNK]']`, not `pieces + ['[UNK]']`.",
)
def _(word, vocab):
    return _wordpiece(word, vocab, unknown=lambda pieces, rest: [*pieces, "[UNK]"])


@wordpiece.mistake(
    "pieces without the rest",
    "Where nothing fits it stops, and the rest of the word is lost.",
    "What should an unknown word give?",
    "`return ['[UNK]']` where nothing fits.",
)
def _(word, vocab):
    return _wordpiece(word, vocab, unknown=lambda pieces, rest: pieces)


@wordpiece.mistake(
    "the shortest match",
    "The shortest piece that fits is taken; it should be the longest.",
    "Which candidate do you try first?",
    "`for end in range(len(word), at, -1)`: from the long end.",
)
def _(word, vocab):
    return _wordpiece(word, vocab, lengths=min)


@wordpiece.mistake(
    "from the right end",
    "The longest piece is taken from the end of the word; the rule starts at the beginning.",
    "Which place of the word is cut first?",
    "Start with `at = 0`.",
)
def _(word, vocab):
    return _from_right(word, vocab) if len(word) <= 100 else ["[UNK]"]


@wordpiece.mistake(
    "going back",
    "Where nothing fits you go back and try a shorter piece; WordPiece never does: the word is [UNK].",
    "For `tea` with te, t, ##ea: what is the longest first piece, and what then?",
    "No second try: `return ['[UNK]']`.",
)
def _(word, vocab):
    return (_backtrack(word, vocab) if len(word) <= 100 else None) or ["[UNK]"]


@wordpiece.mistake(
    "no limit",
    "A word of more than 100 characters is cut like any other; it should be [UNK].",
    "What does the question say about long words?",
    "`if len(word) > 100: return ['[UNK]']`, before the loop.",
)
def _(word, vocab):
    return _wordpiece(word, vocab, limit=10**9)


@wordpiece.mistake(
    "the limit off by one",
    "A word of exactly 100 characters is refused; it should be cut.",
    "Is 100 more than 100?",
    "`>`, not `>=`.",
)
def _(word, vocab):
    return _wordpiece(word, vocab, limit=99)


@wordpiece.mistake(
    "long words cut off",
    "Of a long word the first 100 characters are cut into pieces; it should be [UNK] without being looked at.",
    "What does the question say about long words?",
    "`return ['[UNK]']`.",
)
def _(word, vocab):
    return _wordpiece(word[:100], vocab)


@wordpiece.mistake(
    "a string for the unknown",
    "An unknown word gives the string '[UNK]'; a list with it is asked for.",
    "What type does the function return for other words?",
    "`return ['[UNK]']`.",
)
def _(word, vocab):
    pieces = _wordpiece(word, vocab)
    return "[UNK]" if pieces == ["[UNK]"] else pieces


@wordpiece.mistake(
    "ids instead of pieces",
    "These are ids; the pieces are asked for.",
    "What does the question say is returned?",
    "Append the piece, not `vocab[piece]`.",
)
def _(word, vocab):
    return [vocab[piece] for piece in _wordpiece(word, vocab)]


@wordpiece.mistake(
    "an error for unknown words",
    "Where nothing fits, it stops with a KeyError.",
    "Is every piece in the vocabulary?",
    "Ask `if piece in vocab`; else `return ['[UNK]']`.",
)
def _(word, vocab):
    if (pieces := _wordpiece(word, vocab)) == ["[UNK]"]:
        raise KeyError(word)
    return pieces


@wordpiece.mistake(
    "## put on afterwards",
    "Pieces inside the word are looked up without `##`, and get it only in the result.",
    "Is every piece of your result in the vocabulary?",
    "For `at > 0` look up `'##' + word[at:end]`.",
)
def _(word, vocab):
    pieces = _wordpiece(word, vocab, mark="")
    return [pieces[0], *("##" + piece for piece in pieces[1:])]


@wordpiece.mistake(
    "in small letters",
    "The word was put into small letters first, as some of BERT's tokenizers do; here it is cut as it stands.",
    "Are `Tea` and `tea` the same entry of the vocabulary?",
    "Leave `.lower()` out.",
)
def _(word, vocab):
    return _wordpiece(word.lower(), vocab)


@wordpiece.mistake(
    "`return` inside the loop",
    "Only the first piece comes back: the function returns before it looks at the rest.",
    "How far is `return` indented, and how often is it reached?",
    "`return pieces` belongs at the same indentation as the outer loop.",
)
def _(word, vocab):
    return _wordpiece(word, vocab)[:1] if _wordpiece(word, vocab) != ["[UNK]"] else _first_piece(word, vocab)


def _first_piece(word, vocab):
    found = [word[:end] for end in range(1, len(word) + 1) if word[:end] in vocab]
    return found[-1:] if found and len(word) <= 100 else ["[UNK]"]


# --- 7. stretch: Viterbi ----------------------------------------------------------------------------


def _cuts(word, scores):
    """Every way to cut the word into pieces that have a score."""
    if not word:
        return [[]]
    return [
        [word[:end], *rest]
        for end in range(1, len(word) + 1)
        if word[:end] in scores
        for rest in _cuts(word[end:], scores)
    ]


def _path(word, scores, better=lambda new, old: new > old, add=lambda total, n, score: total + score, longest=INF):
    """Viterbi from left to right; None if the end is not reached. `best` holds (total, pieces) for every place."""
    best = {0: (0.0, [])}
    for end in range(1, len(word) + 1):
        for at in range(end):
            piece = word[at:end]
            if at in best and piece in scores and len(piece) <= longest:
                total, pieces = best[at]
                total = add(total, len(pieces), scores[piece])
                if end not in best or better(total, best[end][0]):
                    best[end] = total, [*pieces, piece]
    return best[len(word)][1] if len(word) in best else None


viterbi = Part(
    "viterbi",
    "The best cut of a unigram model",
    points={"every letter is a piece": 2, "not every letter": 1},
    answer=lambda word, scores: _path(word, scores),
    imports=ALLOWED,
    stretch=True,
    banned=frozenset({"best_path", "lattice"}),
    hints=(
        "For each place in the word: what is the best sum up to there, and which piece leads to it?",
        "From left to right: `best[end]` is the largest `best[at] + scores[word[at:end]]`; note the `at` that won.",
        "At the end walk back: `end = len(word)`; piece `word[came_from[end]:end]`; go on at `came_from[end]`; turn the list around.",
    ),
)


def _score(pieces, scores):
    return sum(scores[piece] for piece in pieces)


@viterbi.judge
def _(inputs, given):
    word, scores = inputs
    if not isinstance(given, (list, tuple)) or any(type(piece) is not str for piece in given):
        return f"a list of pieces is asked for, this is {given!r:.60}"
    if "".join(given) != word:
        return f"joined, your pieces give {''.join(given)!r}, not the word {word!r}"
    if strange := [piece for piece in given if piece not in scores]:
        return f"{strange[0]!r} has no score: it is no piece"
    best = _path(word, scores)
    if _score(given, scores) >= _score(best, scores) - 1e-9:
        return None
    return (
        f"your cut `{' '.join(given)}` has the sum {_score(given, scores):.2f}; "
        f"`{' '.join(best)}` has {_score(best, scores):.2f}"
    )


def _random_scores(rng, letters, alphabet="abc", pieces=12):
    """Scores (log probabilities) of all `letters` and some longer pieces over the alphabet."""
    some = {letter: -round(float(rng.uniform(2.5, 5)), 2) for letter in letters}
    for _ in range(pieces):
        piece = _letters(rng, alphabet, 2, 4)
        some[piece] = -round(float(rng.uniform(2, 4 + 1.5 * len(piece))), 2)
    return some


def _greedy(word, scores, choose):
    pieces, at = [], 0
    while at < len(word):
        ends = [end for end in range(at + 1, len(word) + 1) if word[at:end] in scores]
        if not ends:
            return None
        end = choose(ends, lambda end, at=at: scores[word[at:end]])
        pieces.append(word[at:end])
        at = end
    return pieces


WAYS = {
    "longest": lambda word, scores: _greedy(word, scores, lambda ends, score: max(ends)),
    "best now": lambda word, scores: _greedy(word, scores, lambda ends, score: max(ends, key=score)),
    "fewest": lambda word, scores: _path(word, dict.fromkeys(scores, -1)),
    "mean": lambda word, scores: max(_cuts(word, scores), key=lambda cut: _score(cut, scores) / len(cut)),
    "worst": lambda word, scores: _path(word, scores, better=lambda new, old: new < old),
    "first": lambda word, scores: _path(word, scores, better=lambda new, old: False),
    "short": lambda word, scores: _path(word, scores, longest=2),
    "no word": lambda word, scores: _path(word, {piece: score for piece, score in scores.items() if piece != word}),
    "last added": lambda word, scores: _path(word, scores, add=lambda total, n, score: score),
}


def _telling(word, scores):
    """A word whose best cut stands clear of the others, and is none of the wrong ways'."""
    sums = sorted((_score(cut, scores) for cut in _cuts(word, scores)), reverse=True)
    if len(sums) < 3 or sums[0] - sums[1] < 0.05:
        return False
    best = _path(word, scores)
    names = [name for name in WAYS if name != "no word"]
    return sum(WAYS[name](word, scores) != best for name in names) >= len(names) - 1


@viterbi.cases
def _(rng):
    yield Case(("ab", {"a": -1.0, "b": -1.0, "ab": -3.0}), "every letter is a piece")
    yield Case(("ab", {"a": -2.0, "b": -2.0, "ab": -3.0}), "every letter is a piece")
    yield Case(("ab", {"a": -1.0, "b": -1.0, "ab": -2.0}), "every letter is a piece")
    yield Case(("abc", {"a": -2.0, "b": -4.0, "c": -6.0, "ab": -3.0, "bc": -3.5}), "every letter is a piece")
    yield Case(
        ("abcd", {"a": -3.0, "b": -3.0, "c": -3.0, "d": -3.0, "abc": -4.0, "cd": -5.0, "ab": -5.5, "bcd": -3.5}),
        "every letter is a piece",
    )
    yield Case(("ab", {"a": -60.0, "b": -70.0, "ab": -150.0}), "every letter is a piece")  # rare pieces
    singles = dict.fromkeys("abcdef", -1.5)
    yield Case(("abcdef", singles | {"cdef": -7.0, "abc": -4.0, "def": -6.0, "bcd": -2.0}), "every letter is a piece")
    for length in (5, 7, 9):
        yield Case(
            _drawn(
                rng,
                lambda case: _telling(*case),
                lambda n=length: (_letters(rng, "abc", n, n), _random_scores(rng, "abc")),
            ),
            "every letter is a piece",
        )
    yield Case(("abc", {"a": -3.0, "ab": -1.0, "bc": -4.0}), "not every letter")
    yield Case(("abcab", {"ab": -2.0, "c": -3.0, "abc": -4.0, "ca": -1.0, "b": -6.0}), "not every letter")
    for length in (5, 7):
        yield Case(
            _drawn(
                rng,
                lambda case: case[0][0] != "a" and _dead_end(*case),
                lambda n=length: (_letters(rng, "abc", n, n), _random_scores(rng, "a", pieces=16)),
            ),
            "not every letter",
        )


def _dead_end(word, scores):
    cuts = _cuts(word, scores)
    sums = sorted((_score(cut, scores) for cut in cuts), reverse=True)
    return len(sums) > 1 and sums[0] - sums[1] > 0.05 and WAYS["longest"](word, scores) != _path(word, scores)


@viterbi.mistake(
    "the longest piece first",
    "You take the longest piece that fits, from left to right; that is WordPiece. A shorter one now can make a better sum later.",
    "What are the sums of your cut and of the better one?",
    "Keep the best sum for every place of the word, not one cut only.",
)
def _(word, scores):
    return WAYS["longest"](word, scores)


@viterbi.mistake(
    "the best piece now",
    "You take the piece with the best score at each place; the sum over the whole word counts.",
    "What are the sums of your cut and of the better one?",
    "Keep the best sum for every place of the word, and decide at the end.",
)
def _(word, scores):
    return WAYS["best now"](word, scores)


@viterbi.mistake(
    "the fewest pieces",
    "You take the cut with the fewest pieces; the scores play no part.",
    "Is one rare piece better than two frequent ones?",
    "Add up the scores of the pieces and take the largest sum.",
)
def _(word, scores):
    return WAYS["fewest"](word, scores)


@viterbi.mistake(
    "the mean instead of the sum",
    "You take the cut with the best mean score; the sum is asked for.",
    "Probabilities of the pieces are multiplied. What does that make of their logarithms?",
    "Do not divide by the number of pieces.",
)
def _(word, scores):
    return WAYS["mean"](word, scores)


@viterbi.mistake(
    "the smallest sum",
    "You take the worst cut: the smallest sum.",
    "Which is the larger probability: log p = -2 or -5?",
    "Maximize: `>`, and start from -inf.",
)
def _(word, scores):
    return WAYS["worst"](word, scores)


@viterbi.mistake(
    "the first way stays",
    "The first way to a place stays, although a better one comes later.",
    "What does your code do when a place has a sum already?",
    "Replace it when the new sum is larger.",
)
def _(word, scores):
    return WAYS["first"](word, scores)


@viterbi.mistake(
    "only the last score",
    "For a place, only the score of the last piece is compared; the sum up to its start is missing.",
    "What does `best[end]` stand for?",
    "`best[at] + scores[word[at:end]]`.",
)
def _(word, scores):
    return WAYS["last added"](word, scores)


@viterbi.mistake(
    "single letters",
    "The word is cut into its letters.",
    "Which longer pieces have a score?",
    "Try all `at < end`, not only `end - 1`.",
)
def _(word, scores):
    return list(word)


@viterbi.mistake(
    "pieces of at most two letters",
    "Pieces of three letters and more are never tried.",
    "Which starts do you try for each end?",
    "`for at in range(end)`: all of them.",
)
def _(word, scores):
    return WAYS["short"](word, scores)


@viterbi.mistake(
    "in reverse order",
    "The right pieces, in reverse order.",
    "You walked back from the end. In which order did you collect the pieces?",
    "`pieces[::-1]` at the end.",
)
def _(word, scores):
    return _path(word, scores)[::-1]


@viterbi.mistake(
    "the sum returned, too",
    "The sum is returned beside the pieces; only the pieces are asked for.",
    "What does the question say is returned?",
    "Return the list alone.",
)
def _(word, scores):
    pieces = _path(word, scores)
    return pieces, _score(pieces, scores)


@viterbi.mistake(
    "the sum instead of the pieces",
    "This is the best sum; the pieces are asked for.",
    "How did the best sum come about?",
    "Note for each place where its best piece starts, and walk back from the end.",
)
def _(word, scores):
    return _score(_path(word, scores), scores)


@viterbi.mistake(
    "a string returned",
    "The pieces are joined to one string; a list is asked for.",
    "What does the question say is returned?",
    "Return the list.",
)
def _(word, scores):
    return " ".join(_path(word, scores))


@viterbi.mistake(
    "a letter that is no piece",
    "It stops with a KeyError where a letter is no piece: its score is asked for, or a place is used that no "
    "cut reaches.",
    "In `abc` with the pieces a, ab and bc: can a cut end after b? After c?",
    "Look up `scores` and `best` only where they hold something: `if start in best and piece in scores`.",
)
def _(word, scores):
    if missing := [letter for letter in word if letter not in scores]:
        raise KeyError(missing[0])
    return _path(word, scores)


@viterbi.mistake(
    "starting from 0",
    "A place counts as reached with the sum 0 before any cut leads to it: no sum of negative scores is larger.",
    "What is `best[end]` before the first piece is tried, and is -3 larger?",
    "Start from -inf everywhere but at place 0.",
)
def _(word, scores):
    return [word]


@viterbi.mistake(
    "a start that is not low enough",
    "Where scores are very low, the start value (-10, -100, …) is larger than every sum, and nothing is ever better.",
    "What is the sum of -60 and -70? Is it larger than what you start from?",
    'Start from `-float("inf")`.',
)
def _(word, scores):
    best = _path(word, scores)
    return best if _score(best, scores) > -100 else [word]


# --- 8. written: its numbers ------------------------------------------------------------------------

TEXTS = {
    "English": "The rain has stopped. A small bird is singing in the garden. The girl opens the window and calls her grandmother. "
    "Together they drink tea and read an old book. Tomorrow they will go to the market and buy bread, milk and bananas.",
    "German": "Der Regen hat aufgehört. Ein kleiner Vogel singt im Garten. Das Mädchen öffnet das Fenster und ruft seine Großmutter. "
    "Die beiden trinken zusammen Tee und lesen ein altes Buch. Morgen wollen beide auf den Markt gehen und Brot, Milch und Bananen kaufen.",
    "Spanish": "Ha dejado de llover. Un pajarito canta en el jardín. La niña abre la ventana y llama a su abuela. "
    "Juntas toman té y leen un libro viejo. Mañana irán al mercado y comprarán pan, leche y plátanos.",
    "Swahili": "Mvua imeacha kunyesha. Ndege mdogo anaimba bustanini. Msichana anafungua dirisha na kumwita bibi yake. "
    "Pamoja wanakunywa chai na kusoma kitabu cha zamani. Kesho wataenda sokoni na kununua mkate, maziwa na ndizi.",
    "Russian": "Дождь перестал. В саду поёт маленькая птица. Девочка открывает окно и зовёт бабушку. "
    "Вместе они пьют чай и читают старую книгу. Завтра они пойдут на рынок и купят хлеб, молоко и бананы.",
    "Chinese": "雨停了。一只小鸟在花园里唱歌。女孩打开窗户，叫她的奶奶。她们一起喝茶，读一本旧书。"
    "明天她们要去市场买面包、牛奶和香蕉。",
}

written_numbers = Part(
    "written_numbers", "The numbers of your written answer", points={"measured": 1}, answer=dict, is_value=True
)


@written_numbers.cases
def _(rng):
    yield Case((), "measured")


@written_numbers.judge
def _(inputs, given):
    if not isinstance(given, dict):
        return "fill in the dict: first, second, characters, bytes, tokens, ratio"
    if missing := [k for k in ("first", "second", "characters", "bytes", "tokens", "ratio") if given.get(k) is None]:
        return f"still to fill in: {', '.join(missing)}"
    chosen = given["first"], given["second"]
    if any(type(name) is not str or name not in TEXTS for name in chosen):
        return f"first and second are names of languages: {', '.join(TEXTS)}"
    if chosen[0] == chosen[1]:
        return "first and second must be two different languages"
    for name in ("characters", "bytes", "tokens"):
        pair, real = given[name], [_length(name, TEXTS[language]) for language in chosen]
        if not isinstance(pair, (list, tuple)) or len(pair) != 2 or any(type(n) is not int for n in pair):
            return f"{name} is a list of two whole numbers: of the first language and of the second"
        for language, n, counted in zip(chosen, pair, real):
            if n != counted:
                return f"{name} of {language}: you have {n}, counted again there are {counted}"
    if type(given["ratio"]) not in (int, float):
        return "ratio is a plain number"
    ratio = real[1] / real[0]
    if not abs(given["ratio"] - ratio) <= 0.0051:
        return f"ratio is {given['ratio']:.2f}; tokens of {chosen[1]} divided by tokens of {chosen[0]} is {ratio:.2f}"
    return None


def _length(unit, text):
    if unit == "characters":
        return len(text)
    return len(text.encode("utf-8")) if unit == "bytes" else len(_tokenizer().encode(text).ids)


@functools.cache
def _tokenizer():
    from tokenizers import Tokenizer

    from helpers import checkpoints

    return Tokenizer.from_file(str(checkpoints.ASSETS / "storybook-gpt2" / "tokenizer.json"))


LAB = Lab(
    "lab01_tokenization",
    "Tokenization",
    [pair_counts, merge, train_bpe, encode, pad_batch, wordpiece, viterbi, written_numbers],
)
