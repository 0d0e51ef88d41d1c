"""Tokenization: the parts of the lab, their points, and how the inputs of their cases are drawn."""

from __future__ import annotations

from itertools import pairwise

from course.authoring import Case, Lab, Part, drawn, written_numbers
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


def _pair_counts(words):
    return dict(bpe.count_pairs(words))


pair_counts = Part(
    "pair_counts",
    "Count the pairs of neighbors",
    points={"one word": 1, "several words": 1},
    imports=ALLOWED,
    hints=(
        "Write down by hand the pairs of `('t', 'e', 'a')`. How many are there, and how many does your function find?",
        "You need two loops: one over the words with their counts, and one over the neighbors inside a word.",
        "Start with `counts = Counter()`, then use `for left, right in zip(word, word[1:]): counts[left, right] += count`.",
    ),
)


@pair_counts.cases
def pair_counts_cases(rng):
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


def _merge(symbols, pair):
    return bpe.merge(tuple(symbols), tuple(pair))


merge = Part(
    "merge",
    "One merge",
    points={"different symbols": 1, "equal symbols": 1},
    imports=ALLOWED,
    tuples=True,
    hints=(
        "Go through `('a', 'b', 'c', 'a', 'b')` with the pair (a, b) by hand. Where are you after the first merge?",
        "Use a `while` loop with a position that moves on by 2 after a merge and by 1 otherwise.",
        "If `symbols[at : at + 2] == pair`, append `pair[0] + pair[1]` and move on with `at += 2`. Otherwise append `symbols[at]`, with `at += 1`.",
    ),
)


@merge.cases
def merge_cases(rng):
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
    imports=ALLOWED,
    tuples=True,
    uses=("pair_counts", "merge"),
    hints=(
        "Print the pair and its count in every round. In which round does it differ from what you get on paper?",
        "In each round, count all pairs again, choose one, append it to the list, and merge it in every word.",
        "Use `pair = min(counts, key=lambda p: (-counts[p], p))`, then `words = {merge(w, pair): n for w, n in words.items()}`.",
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


@train_bpe.cases
def train_bpe_cases(rng):
    yield Case(({("a", "b"): 2, ("b", "c"): 1}, 1), "counts")
    yield Case(({("t", "e", "a"): 5, ("t", "e"): 4}, 2), "counts")
    for number, merges in ((3, 2), (4, 3), (6, 4)):
        words = drawn(
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
            (drawn(lambda w, m=merges: _ties_matter(w, m), lambda: _words(rng, "abc", 3, 2, 5, most=2)), merges),
            "ties",
        )
    yield Case(
        (drawn(lambda w: _train(w, 4) != _train(w, 4, _joined), lambda: _words(rng, "abc", 3, 2, 5, most=2)), 4),
        "ties",
    )
    yield Case(({("a", "b"): 1}, 3), "early end")
    yield Case(({("a",): 4}, 2), "early end")
    for size in (2, 3):
        words = drawn(lambda w: not _tied(w, 20), lambda n=size: _words(rng, "abc", n, 2, 4, most=30))
        yield Case((words, 20), "early end")
    words = drawn(lambda w: not _tied(w | {("a", "b"): 1}, 20), lambda: _words(rng, "cde", 2, 2, 3, most=30))
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


def _encode(word, merges, best=min):
    symbols, rank = tuple(word), {tuple(pair): i for i, pair in enumerate(merges)}
    while known := [pair for pair in pairwise(symbols) if pair in rank]:
        symbols = _merge(symbols, best(known, key=rank.get))
    return list(symbols)


encode = Part(
    "encode",
    "Encode a word with merges",
    points={"by rank": 2, "unknown symbols": 1},
    imports=ALLOWED,
    uses=("pair_counts", "merge"),
    hints=(
        "Print the symbols after every merge. Which merge came first, and which should have?",
        "Look at all neighbors that are in `merges`, take the pair with the smallest index, merge it everywhere, and look again.",
        "Use `while known := [p for p in zip(s, s[1:]) if p in rank]: s = merge(s, min(known, key=rank.get))`.",
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
def encode_cases(rng):
    yield Case(("ab", [("a", "b")]), "by rank")
    yield Case(("aaa", [("a", "a")]), "by rank")
    yield Case(("abab", [("a", "b")]), "by rank")
    yield Case(("abc", [("a", "b"), ("b", "c")]), "by rank")
    yield Case(("abc", [("b", "c"), ("a", "b")]), "by rank")
    yield Case(("abc", [("b", "c"), ("a", "b"), ("ab", "c")]), "by rank")
    yield Case(("acd", [("a", "b"), ("c", "d"), ("b", "a"), ("a", "cd")]), "by rank")
    for alphabet, number in (("abc", 5), ("abc", 8), ("aest", 10)):
        yield Case(
            drawn(
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
            drawn(
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


pad_batch = Part(
    "pad_batch",
    "Pad, truncate and mask a batch",
    points={"padding": 1, "left side": 1, "truncation": 1},
    imports=ALLOWED | {"torch"},
    banned=frozenset({"pad_sequence"}),
    hints=(
        "Take a row of 3 ids and a row of 1 id, and write the two arrays on paper.",
        "First cut every row, then take the length of the longest cut row as the width, then pad.",
        "For each row, take `row = row[:max_length]` and `pad = width - len(row)`. The ids are `row + [pad_id] * pad` and the "
        "mask is `[1] * len(row) + [0] * pad`. With padding on the left, swap the two terms.",
    ),
)


def _rows(rng, number, low, high, pad_id):
    """Rows of ids, the last with the padding's id as a real token in it."""
    rows = [rng.integers(1, 50, size=int(rng.integers(low, high + 1))).tolist() for _ in range(number)]
    return [*rows[:-1], [*rows[-1][:1], pad_id, *rows[-1][1:]]]


@pad_batch.cases
def pad_batch_cases(rng):
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
    imports=ALLOWED,
    stretch=True,
    banned=frozenset({"longest_matches", "WordpieceTokenizer"}),
    hints=(
        "Which piece comes first, and which candidates did you try before it?",
        "Start with the whole rest of the word, and make it shorter letter by letter until it is in the vocabulary.",
        "You need two loops: `while at < len(word)`, and inside it `for end in range(len(word), at, -1)`. The `else` of the inner loop is `return ['[UNK]']`.",
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


@wordpiece.cases
def wordpiece_cases(rng):
    yield Case(("tea", _vocab("tea")), "pieces")
    yield Case(("teas", _vocab("tea", "##s")), "pieces")
    yield Case(("team", _vocab("te", "##a", "##am", "am", "##m")), "pieces")
    yield Case(("tea", _vocab("t", "te", "##e", "##a", "##ea", "a")), "pieces")
    for length in (5, 8):
        yield Case(
            drawn(
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
    imports=ALLOWED,
    stretch=True,
    banned=frozenset({"best_path", "lattice"}),
    hints=(
        "For each place in the word, what is the best sum up to there, and which piece leads to it?",
        "Go from left to right: `best[end]` is the largest `best[at] + scores[word[at:end]]`. Remember the `at` that won.",
        "Then walk back. Start at `end = len(word)`, take the piece `word[came_from[end]:end]`, continue at `came_from[end]`, and reverse the list.",
    ),
    judge="viterbi",
)


def _score(pieces, scores):
    return sum(scores[piece] for piece in pieces)


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


def _cut(inputs, aspect):
    """A case with its best cut, which the judge compares with."""
    return Case(inputs, aspect, _path(*inputs))


@viterbi.cases
def viterbi_cases(rng):
    yield _cut(("ab", {"a": -1.0, "b": -1.0, "ab": -3.0}), "every letter is a piece")
    yield _cut(("ab", {"a": -2.0, "b": -2.0, "ab": -3.0}), "every letter is a piece")
    yield _cut(("ab", {"a": -1.0, "b": -1.0, "ab": -2.0}), "every letter is a piece")
    yield _cut(("abc", {"a": -2.0, "b": -4.0, "c": -6.0, "ab": -3.0, "bc": -3.5}), "every letter is a piece")
    yield _cut(
        ("abcd", {"a": -3.0, "b": -3.0, "c": -3.0, "d": -3.0, "abc": -4.0, "cd": -5.0, "ab": -5.5, "bcd": -3.5}),
        "every letter is a piece",
    )
    yield _cut(("ab", {"a": -60.0, "b": -70.0, "ab": -150.0}), "every letter is a piece")  # rare pieces
    singles = dict.fromkeys("abcdef", -1.5)
    yield _cut(("abcdef", singles | {"cdef": -7.0, "abc": -4.0, "def": -6.0, "bcd": -2.0}), "every letter is a piece")
    for length in (5, 7, 9):
        yield _cut(
            drawn(
                lambda case: _telling(*case),
                lambda n=length: (_letters(rng, "abc", n, n), _random_scores(rng, "abc")),
            ),
            "every letter is a piece",
        )
    yield _cut(("abc", {"a": -3.0, "ab": -1.0, "bc": -4.0}), "not every letter")
    yield _cut(("abcab", {"ab": -2.0, "c": -3.0, "abc": -4.0, "ca": -1.0, "b": -6.0}), "not every letter")
    for length in (5, 7):
        yield _cut(
            drawn(
                lambda case: case[0][0] != "a" and _dead_end(*case),
                lambda n=length: (_letters(rng, "abc", n, n), _random_scores(rng, "a", pieces=16)),
            ),
            "not every letter",
        )


def _dead_end(word, scores):
    cuts = _cuts(word, scores)
    sums = sorted((_score(cut, scores) for cut in cuts), reverse=True)
    return len(sums) > 1 and sums[0] - sums[1] > 0.05 and WAYS["longest"](word, scores) != _path(word, scores)


LAB = Lab(
    "lab01_tokenization",
    "Tokenization",
    [pair_counts, merge, train_bpe, encode, pad_batch, wordpiece, viterbi, written_numbers()],
)
