"""Search and answers: the parts of the lab, their points, and how the inputs of their cases are drawn."""

from __future__ import annotations

import numpy as np

from course.authoring import Case, Lab, Part, drawn, written_numbers

ALLOWED = frozenset({"numpy", "math", "collections", "itertools", "functools", "re", "string"})
WITH_TORCH = ALLOWED | {"torch"}

WORDS = (
    *("bell", "boat", "bread", "brook", "candle", "castle", "clock", "cloud", "door", "fiddle", "forest", "goose"),
    *("giant", "hill", "honey", "lamp", "meadow", "mill", "moon", "mouse", "needle", "prince", "river", "shoe"),
    *("silver", "snow", "stone", "tower", "village", "window", "winter", "wolf"),
)
INSIDE = (
    ("art", "party"),
    ("old", "golden"),
    ("ran", "orange"),
    ("ear", "pearls"),
    ("own", "crowned"),
    ("oak", "cloak"),
)


def _some(rng, count):
    return [str(word) for word in rng.choice(WORDS, size=count, replace=False)]


idf = Part(
    "idf",
    "What a word is worth",
    points={"counting": 1, "words": 1},
    imports=ALLOWED,
    hints=(
        "For three short texts, write down N, n and the value by hand. Which of them does your function get wrong?",
        "Cut each text into its words first. Then count the texts whose list of words has `word` in it.",
        "`n = sum(word in re.findall(r'\\w+', text.lower()) for text in texts)`. Then put N and n into the formula.",
    ),
)


@idf.cases
def idf_cases(rng):
    a, b, c, d, e = _some(rng, 5)
    yield Case((a, [f"{a} {b}", c, f"{c} {d}"]), "counting")
    yield Case((a, [f"{b} {a}", f"{a} {c}", f"{d} {e} {a}", b, a]), "counting")
    yield Case((a, [a, f"{c} {a} {e}"]), "counting")  # every text has it
    yield Case((d, [a, f"{b} {c}", f"{c} {e}"]), "counting")  # no text has it
    rows = [" ".join(_some(rng, 4)) for _ in range(int(rng.integers(6, 10)))]
    yield Case((rows[0].split()[0], rows), "counting")
    yield Case((a, [f"{a} {b} {a}", f"{c} {b}", f"{d} {a}", e]), "words")
    yield Case((a, [f"{a.capitalize()} {b} {c}", f"{d} {a}", c, e]), "words")
    yield Case((a, [f"{b} {c}, {a}.", f"{d} {a}", f"{e}? {b}!", c]), "words")
    short, long = INSIDE[rng.integers(len(INSIDE))]
    yield Case((short, [f"{a} {long}", f"{long} {short} {b}", c, d]), "words")
    yield Case(
        (
            short,
            [
                f"{short.capitalize()}, {a} and {short}",
                f"“{short}” {b}",
                f"{long} {c}.",
                f"{d} {e}; {d}",
                f"{a}: {long}",
            ],
        ),
        "words",
    )


bm25 = Part(
    "bm25",
    "The score of a text",
    points={"how often": 1, "length": 1, "the whole query": 1},
    imports=ALLOWED,
    uses=("idf",),
    hints=(
        "Take one word and two texts. Which numbers go into the formula for each text?",
        "Compute in this order: the words of each text, the average length, and for each word of the query and each text how often the word is there.",
        "Start with `scores = [0.0] * len(texts)`. For each word of the query and each text, add "
        "`idf(word, texts) * f * (k1 + 1) / (f + k1 * (1 - b + b * length / average))`.",
    ),
)


@bm25.cases
def bm25_cases(rng):
    def k1():
        return round(float(rng.uniform(0.6, 2.4)), 2)

    def part():
        return round(float(rng.uniform(0.25, 0.45)) if rng.random() < 0.5 else float(rng.uniform(0.6, 0.9)), 2)

    a, b, c, d, e, f = _some(rng, 6)
    yield Case((a, [f"{a} {b}", f"{c} {d}", f"{a} {a}"], 1.0, 0.0), "how often")
    yield Case((a, [f"{a} {a} {a} {b}", f"{c} {d} {a}", e, f"{b} {f}"], k1(), 0.0), "how often")
    texts = [" ".join(rng.permutation([a] * times + _some(rng, 3)).tolist()) for times in (1, 5, 0, 2)]
    yield Case((a, [*texts, f"{b} {c}"], k1(), 0.0), "how often")
    yield Case((a, [f"{a} {b}", f"{a} {b} {c} {d}", f"{e} {f}"], 1.0, 1.0), "length")
    yield Case((a, [f"{a} {b} {b} {b} {c}", f"{d} {a}", f"{e} {f} {e}", c], k1(), part()), "length")
    texts = [
        " ".join([*rng.permutation([a] * times + _some(rng, more)).tolist(), d, d])
        for times, more in ((1, 9), (3, 2), (2, 5))
    ]
    yield Case((a, [*texts, f"{b} {c}"], k1(), part()), "length")
    yield Case((f"{a} {b}", [f"{a} {c}", f"{b} {a} {d}", f"{e} {f} {b} {b}", e], 1.5, 0.75), "the whole query")
    yield Case((f"{a} {b} {a}", [f"{a} {c} {a}", f"{b} {d} {e}", f"{c} {d}", f], k1(), part()), "the whole query")
    yield Case(
        (f"{a} {f}", [f"{a} {c}", f"{b} {a} {d} {d}", f"{e} {b}"], k1(), part()), "the whole query"
    )  # one word nowhere
    query = f"{b.capitalize()} {a}, {c}?"
    texts = [f"{a.capitalize()} {d}. {b}", f"The {c}, the {b}!", f"{d} {e} {e}", f"“{a}” {f} {d} {d} {d}"]
    yield Case((query, texts, k1(), part()), "the whole query")
    short, long = INSIDE[rng.integers(len(INSIDE))]
    texts = [f"{long} {a}", f"{short} {long} {b} {b}", f"{b} {c} {a} {short} {short}", d]
    yield Case((f"{short} {a} {b}", texts, k1(), part()), "the whole query")


mean_pool = Part(
    "mean_pool",
    "Mean pooling with a mask",
    points={"one text": 1, "several texts": 1},
    imports=WITH_TORCH,
    hints=(
        "Which shapes do `hidden`, `mask` and the result have? Which axis has to disappear?",
        "Set the rows of the padding to 0 by a multiplication with the mask, add up the tokens, and divide by the number of real tokens.",
        "`(hidden * mask[:, :, None]).sum(axis=1)` is one sum per text. Divide it by `mask.sum(axis=1, keepdims=True)`.",
    ),
)


@mean_pool.cases
def mean_pool_cases(rng):
    def states(*shape):
        return np.round(rng.normal(size=shape) * 2 + 0.5, 2)

    yield Case((np.array([[[1.0, 3.0], [3.0, 4.0], [9.0, 9.0]]]), np.array([[1, 1, 0]])), "one text")
    yield Case((states(1, 4, 2), np.array([[1, 1, 1, 0]])), "one text")
    yield Case((states(1, 6, 3), np.array([[1, 1, 1, 1, 0, 0]])), "one text")
    yield Case((states(1, 5, 4), np.array([[1, 1, 1, 1, 1]])), "one text")
    yield Case((states(2, 4, 3), np.array([[1, 1, 1, 1], [1, 1, 0, 0]])), "several texts")
    lengths = rng.permutation([2, 3, 5, 6])
    mask = (np.arange(6)[None, :] < lengths[:, None]).astype(int)
    yield Case((states(4, 6, 5), mask), "several texts")
    yield Case((states(3, 5, 2), np.array([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1], [0, 1, 1, 1, 1]])), "several texts")
    yield Case((states(2, 5, 8), np.array([[1, 0, 1, 1, 0], [0, 1, 0, 1, 1]])), "several texts")


rank = Part(
    "rank",
    "The place of the right document",
    points={"no ties": 1, "ties": 1},
    imports=ALLOWED,
    hints=(
        "For the scores 2, 5, 3 and the right document 2, which documents are before it, and which place does it have?",
        "Take the highest score of the right documents. Then count the documents that are not right and have at least this score.",
        "`best = max(scores[i] for i in right)`. The place is 1 + the number of `i not in right` with `scores[i] >= best`.",
    ),
)


@rank.cases
def rank_cases(rng):
    def order(count):
        return rng.permutation(np.arange(1.0, count + 1)) / 2

    def at(scores, *places):
        """The documents at these places, without ties."""
        return [int(np.argsort(-scores)[place - 1]) for place in places]

    yield Case((np.array([2.0, 5.0, 3.0]), [2]), "no ties")
    scores = drawn(lambda s: np.argsort(-s)[2] == 3, lambda: order(4))
    yield Case((scores, at(scores, 3)), "no ties")
    scores = order(5) - 2
    yield Case((scores, at(scores, 1)), "no ties")
    scores = order(9)
    yield Case((scores, at(scores, 4, 2, 8)), "no ties")
    scores = order(8)
    yield Case((scores, at(scores, 7, 3)), "no ties")
    shift = float(rng.integers(1, 9))
    yield Case((np.array([3.0, 5.0, 3.0]) + shift, [0]), "ties")
    yield Case((np.array([3.0, 5.0, 3.0]) + shift, [2]), "ties")
    yield Case((np.zeros(int(rng.integers(4, 9))), [int(rng.integers(1, 3))]), "ties")
    yield Case((np.array([4.0, 4.0, 1.0, 6.0, 4.0, 6.0]) + shift, [4]), "ties")
    yield Case((np.array([4.0, 2.0, 4.0, 7.0, 4.0]) + shift, [2, 0]), "ties")  # another right one is not before it
    yield Case((np.array([8.0, 8.0, 1.0, 5.0, 5.0, 5.0, 2.0]) + shift, [6, 3, 5]), "ties")


mrr_and_hit = Part(
    "mrr_and_hit",
    "MRR and hit@k",
    points={"all found": 1, "some not found": 1},
    imports=ALLOWED,
    hints=(
        "For the ranks 1, 4 and None, what does each question add to the MRR, and what to hit@3?",
        "A question that was not found adds 0 to both sums. But it is a question, so it counts in the number that you divide by.",
        "`mrr = sum(1 / r for r in ranks if r is not None) / len(ranks)`. For hit@k, count the ranks with `r <= k`, and divide in the same way.",
    ),
)


@mrr_and_hit.cases
def mrr_and_hit_cases(rng):
    def drawn(highest, size):
        return [int(r) for r in rng.integers(1, highest, size=size)]

    yield Case(([1, 2], 1), "all found")
    yield Case(([3, 1, 2, 4], 2), "all found")
    yield Case(([*drawn(9, 4), 3, 7, 4], 3), "all found")
    yield Case(([*drawn(20, 6), 5, 5, 12, 2], 5), "all found")
    yield Case(([1, None], 1), "some not found")
    yield Case(([2, None, 4, 3], 3), "some not found")
    yield Case(([None, *drawn(12, 5), None, 4, None], 4), "some not found")
    yield Case(([None, None, None, int(rng.integers(2, 5))], 10), "some not found")


normalized = Part(
    "normalized",
    "Two answers that should count as the same",
    points={"texts": 1},
    imports=ALLOWED,
    hints=(
        "Do the four steps by hand for ` The  fox's (A) den.`, in the order of the question.",
        "Remove the punctuation character by character. Then `split()` the text into words, so that an article can be compared as a whole word.",
        "`kept = ''.join(c for c in text.lower() if c not in string.punctuation)`. Then join the words of `kept.split()` "
        "that are not in `('a', 'an', 'the')` with one space.",
    ),
)


@normalized.cases
def normalized_cases(rng):
    a, b, c, d = (str(word) for word in rng.choice([w for w in WORDS if "a" not in w], size=4, replace=False))
    yield Case((f"{a.capitalize()} {b.upper()}",), "texts")
    yield Case((f"{a}, {b}.",), "texts")
    yield Case((f"the {a}",), "texts")
    yield Case((f"The {b}",), "texts")
    yield Case((f"a {a} {c} and an {b}",), "texts")
    yield Case((f"the {a} the {b}",), "texts")
    yield Case((f"then {a} gathers an antler, another {c} bathes",), "texts")  # articles inside words
    yield Case((f"sea {b} of their clan {d}, breathe the {a}",), "texts")
    yield Case((f"{a}'s well-known {b}",), "texts")
    yield Case((f'the, {a} (a) {c} "The" {d}',), "texts")  # articles next to punctuation
    yield Case((f"  {b}   {a} \n {c}",), "texts")
    yield Case((f"{a}_{b} of {int(rng.integers(10, 90))} {c} in {d}",), "texts")
    yield Case((f"{a}’s café – {c}",), "texts")  # not in string.punctuation


em_and_f1 = Part(
    "em_and_f1",
    "Exact match and F1",
    points={"one answer": 1, "several answers": 1},
    imports=ALLOWED,
    uses=("normalized",),
    hints=(
        "For `the golden hair` and `golden`, write down the words of both, the shared words, the precision, the recall and F1.",
        "Cut both normalized texts into words. `Counter(mine) & Counter(theirs)` counts each word as often as both have it.",
        "F1 is `2 * shared / (len(mine) + len(theirs))`. Compute both numbers for each answer, and return the highest of each.",
    ),
)


@em_and_f1.cases
def em_and_f1_cases(rng):
    a, b, c, d, e, f = _some(rng, 6)
    yield Case((f"{a} {b}", [f"{a} {b}"]), "one answer")
    yield Case((f"{a} {b} {c}", [a]), "one answer")
    yield Case((a, [f"{a} {b} {c} {d}"]), "one answer")
    yield Case((f"The {a}, {b}", [f"{a.capitalize()} {b}."]), "one answer")
    yield Case((f"{a} {b} {a} {a}", [f"{a} {c} {a}"]), "one answer")  # a word that repeats
    yield Case((f"{a} {a}", [f"{a} {b}"]), "one answer")
    yield Case((f"{a} {b}", [f"{b} {a}"]), "one answer")  # the same words in another order
    yield Case((f"{a} {b} {c} {d} {d}", [f"{e} the {b} {d} {f} {a} {d}"]), "one answer")
    yield Case((f"{a} {b}", [f"{c} {d} {e}"]), "one answer")
    yield Case(("the", [f"{a} {b}"]), "one answer")  # nothing is left of the prediction
    yield Case((f"{a}s", [a]), "one answer")
    yield Case((f"{a} {b}", [c, f"{a} {b}"]), "several answers")
    yield Case((f"{a} {b}", [f"{b} {a}", c, f"{a} {b} {d} {e}"]), "several answers")
    yield Case((f"{a} {b}", [f"{d} {e}", f"{a} {c} {b} {d} {e}", f"{b} {c} {d}"]), "several answers")
    yield Case((f"a {a} {b} {c}", [f"{a} {d}", f"{a} {b} {b} {c}", f"{d} {e} {f}"]), "several answers")


def _spans(start, end, longest, ordered=True):
    """Every span that the rules allow, best first; without `ordered`, the last token may be before the first."""
    tokens = range(1, len(start))
    found = [
        (start[i] + end[j], i, j) for i in tokens for j in tokens if (j >= i or not ordered) and j - i + 1 <= longest
    ]
    return sorted(found, reverse=True)


def _span(start, end, longest):
    """The best span's first and last token, and how far it is above its rivals and above no answer."""
    (best, i, j), *others = _spans(start, end, longest)
    return (i, j), min([best - score for score, *_ in others], default=9.0), best - start[0] - end[0]


def _logits(rng, tokens, first=None, last=None):
    start, end = (np.round(rng.normal(size=tokens) * 3, 2) for _ in range(2))
    start[0] = first if first is not None else start[0]
    end[0] = last if last is not None else end[0]
    return start, end


best_span = Part(
    "best_span",
    "The best span, or no answer",
    points={"order": 1, "length": 1, "no answer": 1},
    imports=ALLOWED,
    stretch=True,
    hints=(
        "For four tokens and `longest = 2`, list all spans (first, last) that the rules allow. There are five. What is the score of each?",
        "Use two loops: `first` goes over the tokens from 1 on, and `last` from `first` up to `first + longest - 1`, but not beyond the end.",
        "Start with `best = start[0] + end[0]` and `chosen = None`. Whenever a span has a higher score than `best`, keep its score and the span.",
    ),
)


@best_span.cases
def best_span_cases(rng):
    def telling(tokens, longest, wanted, aspect, first=None, last=None):
        def clear(start, end):
            span, gap, above = _span(start, end, longest)
            return gap > 0.25 and abs(above) > 0.25 and wanted(start, end, span, above)

        start, end = drawn(lambda pair: clear(*pair), lambda: _logits(rng, tokens, first, last))
        return Case((start, end, longest), aspect)

    def apart(start, end, span, above):
        """The best first and the best last token, each chosen by itself, are no span."""
        i, j = 1 + np.argmax(start[1:]), 1 + np.argmax(end[1:])
        from_start, from_end = (i, i + int(np.argmax(end[i:]))), (1 + int(np.argmax(start[1 : j + 1])), j)
        return j < i and above > 0 and span not in (from_start, from_end)

    yield Case((np.array([-9.0, 1.0, 4.0, 0.0]), np.array([-9.0, 3.0, 2.0, 1.0]), 3), "order")
    yield telling(5, 4, apart, "order", -9.0, -9.0)
    yield telling(7, 6, apart, "order", -9.0, -9.0)
    yield telling(8, 7, apart, "order", -9.0, -9.0)

    def from_the_start(start, end, span, above):
        return (
            above > 0
            and start[0] + end[1:].max() > start[span[0]] + end[span[1]] + 1
            and apart(start, end, span, above)
        )

    yield telling(6, 5, from_the_start, "order", 9.0, -20.0)
    yield telling(
        5, 4, lambda s, e, span, above: above > 0 and 1 < span[0] < span[1] == len(s) - 1, "order", -9.0, -9.0
    )

    def too_long_by(more):
        def wanted(start, end, span, above):
            _, i, j = _spans(start, end, len(start))[0]
            return above > 0 and j - i + 1 == 2 + more and (_spans(start, end, 3)[0][1:] != span or more > 1)

        return wanted

    def just_fits(longest):
        def wanted(start, end, span, above):
            shorter = _spans(start, end, longest - 1)[0][1:]
            return above > 0 and span[1] - span[0] + 1 == longest and shorter != span and span[1] < len(start) - 1

        return wanted

    yield telling(5, 2, too_long_by(1), "length", -9.0, -9.0)
    yield telling(6, 2, just_fits(2), "length", -9.0, -9.0)
    yield telling(8, 3, just_fits(3), "length", -9.0, -9.0)
    yield telling(8, 2, too_long_by(3), "length", -9.0, -9.0)
    yield telling(6, 1, lambda s, e, span, above: above > 0 and _spans(s, e, 2)[0][1:] != span, "length", -9.0, -9.0)

    yield Case((np.array([3.0, 1.0, 2.0]), np.array([4.0, 1.0, 2.0]), 2), "no answer")

    def close(sign, halves=None):
        def wanted(start, end, span, above):
            alone = (start[0] > start[1:].max()) == (halves == "start") and (end[0] > end[1:].max()) == (
                halves == "end"
            )
            return 0.3 < sign * above < 2 and span != (1, 1) and (alone or halves is None)

        return wanted

    yield telling(5, 3, close(-1), "no answer")
    yield telling(5, 3, close(1, "start"), "no answer")
    yield telling(6, 3, close(1, "end"), "no answer")
    yield telling(7, 4, close(-1, "end"), "no answer")
    yield telling(7, 4, close(-1, "start"), "no answer")

    def would_fit(start, end, span, above):
        """A span that is too long, or that ends before it begins, is above no answer, and no other is."""
        return above < 0 and all(
            _spans(start, end, *rule)[0][0] > start[0] + end[0] + 0.3 for rule in ((9,), (2, False))
        )

    yield telling(7, 2, would_fit, "no answer")

    def below_zero(start, end, span, above):
        return above > 0 and start[span[0]] + end[span[1]] < -0.3

    yield telling(4, 2, below_zero, "no answer")


fusion = Part(
    "fusion",
    "Reciprocal rank fusion",
    points={"no ties": 2, "ties": 1},
    imports=ALLOWED,
    stretch=True,
    hints=(
        "For one search with the scores 2, 5, 3, write down the place of each document. Are your places 3, 1, 2?",
        "The place of a document is the number of documents whose score is at least as high as its own. It counts itself, so the best has place 1.",
        "For each search and each document, add `1 / (k + sum(other >= score for other in scores))` to the sum of this document.",
    ),
)


@fusion.cases
def fusion_cases(rng):
    def search(count, scale=1.0, shift=0.0):
        """Scores whose order is not its own inverse, so that an order cannot pass for places."""
        order = drawn(lambda order: (np.argsort(order) != order).any(), lambda: rng.permutation(count))
        return np.round((order + rng.uniform(-0.3, 0.3, size=count)) * scale + shift, 3)

    yield Case(([np.array([2.0, 5.0, 3.0])], 1), "no ties")
    yield Case(([search(4)], 10), "no ties")
    yield Case(([search(4, 9.0), search(4, 0.1)], 60), "no ties")
    yield Case(([search(6, 5.0, -20.0), search(6, 0.1), search(6)], int(rng.integers(2, 30))), "no ties")
    shift = float(rng.integers(1, 9))
    yield Case(([np.array([3.0, 1.0, 3.0]) + shift], 1), "ties")
    yield Case(([rng.permutation([0.0, 0.0, 0.0, 2.0, 3.0]), search(5)], int(rng.integers(2, 30))), "ties")
    yield Case(([rng.permutation([5.0, 5.0, 1.0, 1.0, 7.0, 7.0]) - shift, np.zeros(6), search(6)], 60), "ties")


LAB = Lab(
    "lab05_search",
    "Search and answers",
    [
        idf,
        bm25,
        mean_pool,
        rank,
        mrr_and_hit,
        normalized,
        em_and_f1,
        best_span,
        fusion,
        written_numbers(),
    ],
)
