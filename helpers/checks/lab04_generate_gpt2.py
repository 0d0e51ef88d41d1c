"""The parts of lab04_generate_gpt2: right answers, cases, and the wrong answers that people give."""

from __future__ import annotations

import functools

import numpy as np

from helpers.checks import toys
from helpers.checks.parts import Case, Lab, Part
from helpers.reference import decoding as reference

ALLOWED = frozenset({"numpy", "math", "collections", "itertools", "functools", "heapq", "torch"})
INF = float("inf")


def _softmax(z):
    with np.errstate(all="ignore"):
        e = np.exp(np.asarray(z, dtype=np.float64) - np.max(z))
        return e / e.sum()


# --- 1. from logits to probabilities ----------------------------------------------------------------


def _probabilities(logits, temperature):
    return _softmax(np.asarray(logits) / temperature)


next_probabilities = Part(
    "next_probabilities", "Probabilities at a temperature", points={"shares": 1, "low temperatures": 1},
    answer=_probabilities, imports=ALLOWED, banned=frozenset({"softmax", "log_softmax", "softmin"}),
    hints=("What should the result sum to? And what is it for temperature 1?",
           "Divide the logits by the temperature; then a softmax as in lab 2, with the maximum subtracted.",
           "`z = logits / temperature`, `e = np.exp(z - z.max())`, `return e / e.sum()`."),
)  # fmt: skip


@next_probabilities.cases
def _(rng):
    yield Case((np.log([1.0, 3.0]), 1.0), "shares")
    yield Case((np.log([1.0, 2.0, 3.0]), 0.5), "shares")
    yield Case((rng.normal(size=3), float(rng.uniform(1.5, 2.5))), "shares")
    yield Case((np.append(rng.normal(size=3), -INF), float(rng.uniform(0.4, 0.8))), "shares")
    yield Case((5 + rng.normal(size=2) / 100, 0.005), "low temperatures")
    yield Case((rng.normal(size=3) / 100 - 9, 0.01), "low temperatures")
    yield Case((8 + rng.normal(size=4), 0.001), "low temperatures")


@next_probabilities.mistake(
    "multiplied by the temperature", "It works the wrong way round: a low temperature should sharpen, yours flattens. "
    "The logits are multiplied by it (or the probabilities raised to its power).",
    "Logits 0 and 1, temperature 0.5: should the gap become 2 or 0.5?", "Divide: `logits / temperature`.")
def _(z, t):
    return _softmax(z * t)


@next_probabilities.mistake(
    "the temperature has no effect", "These are the probabilities at temperature 1. Dividing after `exp` changes "
    "nothing either: the factor cancels in the sum.",
    "Where does the temperature come in: before or after `exp`?", "Divide the logits, before `exp`.")
def _(z, t):
    return _softmax(z)


@next_probabilities.mistake(
    "probabilities divided by the temperature", "The softmax comes first and its result is divided by the temperature: "
    "it no longer sums to 1.",
    "What do your values sum to?", "Divide the logits by the temperature, then apply the softmax.")
def _(z, t):
    return _softmax(z) / t


@next_probabilities.mistake(
    "a softmax of probabilities", "The softmax is applied twice: first to the logits, then to the probabilities divided "
    "by the temperature.",
    "How often does the formula take `exp`?", "Divide the logits themselves; one softmax.")
def _(z, t):
    return _softmax(_softmax(z) / t)


@next_probabilities.mistake(
    "no exponential", "These are the logits divided by their sum: the exponential is missing.",
    "Can a probability be negative?", "`np.exp` before you divide by the sum.")
def _(z, t):
    return z / t / np.sum(z / t)


@next_probabilities.mistake(
    "not divided by the sum", "The exponentials are right, but they do not sum to 1.",
    "What do you have to divide by?", "`e / e.sum()`.")
def _(z, t):
    return np.exp(z / t)


@next_probabilities.mistake(
    "exponentials of the gaps", "The maximum is subtracted and `exp` taken, but the values do not sum to 1.",
    "What is your largest value, always?", "`e / e.sum()`.")
def _(z, t):
    return np.exp(z / t - np.max(z / t))


@next_probabilities.mistake(
    "the logits returned", "These are the logits divided by the temperature; probabilities are asked for.",
    "Are your values between 0 and 1?", "Apply the softmax to `logits / temperature`.")
def _(z, t):
    return z / t


@next_probabilities.mistake(
    "no maximum subtracted", "High temperatures come out right, low ones as nan: 5 / 0.005 is 1000, and `exp` of it is "
    "infinite (and for -1000 all are 0).",
    "What is `np.exp(1000.0)`? Infinity divided by infinity?", "Subtract the maximum of `logits / temperature` before `np.exp`.")
def _(z, t):
    e = np.exp(z / t)
    return e / e.sum()


@next_probabilities.mistake(
    "the logarithm of the probabilities", "These are the logarithms of the probabilities.",
    "Are your values between 0 and 1?", "Leave the logarithm out.")
def _(z, t):
    z = z / t
    return z - z.max() - np.log(np.exp(z - z.max()).sum())


@next_probabilities.mistake(
    "the root of the temperature", "The logits are divided by the root of the temperature: that is attention's scale.",
    "At temperature 0.25, by what should a gap of 1 grow?", "Divide by the temperature itself.")
def _(z, t):
    return _softmax(z / np.sqrt(t))


# --- 2. top-k ---------------------------------------------------------------------------------------


top_k = Part(
    "top_k", "Top-k", points={"no ties": 1, "ties": 1, "k of the vocabulary or more": 1}, answer=reference.top_k,
    imports=ALLOWED, banned=frozenset({"TopKLogitsWarper"}),
    hints=("Which logit is the k-th highest? Print it.",
           "`np.sort` sorts upward: the k-th highest stands at `[-k]`. What about a k beyond the vocabulary?",
           "`threshold = np.sort(logits)[-min(k, len(logits))]`, `np.where(logits < threshold, -np.inf, logits)`."),
)  # fmt: skip


@top_k.cases
def _(rng):
    yield Case((np.array([1.0, 3.0, 2.0]), 2), "no ties")
    yield Case((rng.normal(size=4), 1), "no ties")
    yield Case((rng.normal(size=6), 3), "no ties")
    yield Case((rng.normal(size=9) - 5, int(rng.integers(4, 7))), "no ties")
    yield Case((np.array([2.0, 1.0, 2.0]), 1), "ties")
    shift = float(rng.normal())
    yield Case((rng.permutation([3.0, 1.0, 1.0, 1.0, 0.0]) + shift, 2), "ties")
    yield Case((rng.permutation([4.0, 4.0, 2.0, 2.0, 2.0, 1.0]) + shift, 4), "ties")
    yield Case((rng.normal(size=3), 3), "k of the vocabulary or more")
    yield Case((rng.normal(size=4), int(rng.integers(5, 50))), "k of the vocabulary or more")


def _keep(logits, ids, other=-INF):
    kept = np.full(len(logits), other)
    kept[ids] = logits[ids]
    return kept


@top_k.mistake(
    "the lowest kept", "The k lowest logits stay; the k highest should.",
    "Does `np.sort` put the largest first or last?", "Count from the end: `np.sort(logits)[-k]`.")
def _(z, k):
    return _keep(z, np.argsort(z, kind="stable")[:k])


@top_k.mistake(
    "one too many kept", "One token too many stays: the threshold is the (k+1)-th highest logit.",
    "How many logits are finite in your result for k = 1?", "`np.sort(logits)[-k]` is the k-th highest, not `[-k - 1]`.")
def _(z, k):
    return reference.top_k(z, k + 1)


@top_k.mistake(
    "the k-th itself cut", "One token too few stays: the k-th highest is cut as well.",
    "What is left for k = 1?", "Cut what is `<` the threshold, not what is `<=`.")
def _(z, k):
    threshold = np.sort(z)[-min(k, len(z))]
    return np.where(z > threshold, z, -np.inf)


@top_k.mistake(
    "zeros instead of -inf", "The cut logits are 0. But a logit of 0 is an ordinary one: softmax gives it a share.",
    "What is exp(0)? And what should it be for a cut token?", "Cut with `-np.inf`.")
def _(z, k):
    return np.where(np.isinf(reference.top_k(z, k)), 0.0, z)


@top_k.mistake(
    "a large negative number instead of -inf", "The right tokens are cut, but not with -inf.",
    "What does the question say a cut logit is?", "`-np.inf`.")
def _(z, k):
    return np.where(np.isinf(reference.top_k(z, k)), -1e9, z)


@top_k.mistake(
    "ties cut, the lowest ids stay", "Exactly k tokens stay: of those tied with the k-th, only the ones with the lowest ids.",
    "What does the question say about tokens tied with the k-th?", "Compare with the k-th logit instead of picking k ids.")
def _(z, k):
    return _keep(z, np.argsort(-z, kind="stable")[:k])


@top_k.mistake(
    "ties cut, the highest ids stay", "Exactly k tokens stay: of those tied with the k-th, only the ones with the highest ids.",
    "What does the question say about tokens tied with the k-th?", "Compare with the k-th logit instead of picking k ids.")
def _(z, k):
    return _keep(z, np.argsort(z, kind="stable")[-k:])


@top_k.mistake(
    "tied logits counted once", "The threshold is the k-th highest of the different values: where logits are tied, too many stay.",
    "Logits 2, 2, 1 and k = 2: which logit is the second highest?", "Sort all logits, not the set of them (`np.unique`).")
def _(z, k):
    values = np.unique(z)
    return np.where(z < values[-min(k, len(values))], -np.inf, z)


@top_k.mistake(
    "only the kept ones returned", "The result is shorter than the vocabulary: the cut logits are missing, so nobody knows "
    "which token a place stands for.",
    "Which shape is asked for?", "Keep all places, and set the cut ones to `-np.inf`.")
def _(z, k):
    return np.sort(z)[::-1][:k]


@top_k.mistake(
    "the ids returned", "These are the ids of the k likeliest tokens; their logits at their places are asked for.",
    "What does the function return: ids, or logits?", "`np.where(logits < threshold, -np.inf, logits)`.")
def _(z, k):
    return np.argsort(-z, kind="stable")[:k]


@top_k.mistake(
    "sorted", "The right logits stay, but sorted: the places are the tokens' ids and must not move.",
    "Which token does place 0 stand for?", "Only take the threshold from the sorted array.")
def _(z, k):
    return np.sort(reference.top_k(z, k))[::-1]


@top_k.mistake(
    "k beyond the vocabulary", "It is right until k is larger than the vocabulary: then the index does not exist.",
    "What is the k-th highest of four logits for k = 50?", "`k = min(k, len(logits))` first.")
def _(z, k):
    return np.where(z < np.sort(z)[-k], -np.inf, z)


@top_k.mistake(
    "k beyond the vocabulary, in np.partition", "It is right until k is larger than the vocabulary: then there is nothing to "
    "partition by.",
    "What is the k-th highest of four logits for k = 50?", "`k = min(k, len(logits))` first.")
def _(z, k):
    return np.where(z < np.partition(z, -k)[-k], -np.inf, z)


# --- 3. top-p ---------------------------------------------------------------------------------------


top_p = Part(
    "top_p", "Top-p", points={"nucleus": 1, "small p": 1, "ties": 1}, answer=reference.top_p, imports=ALLOWED,
    banned=frozenset({"TopPLogitsWarper"}), uses=("next_probabilities",),
    hints=("Sort the probabilities on paper, largest first, and write the running sums under them. Where is p reached?",
           "`order = np.argsort(-probabilities)`; a token stays if the sum of those before it is still below p.",
           "`before = np.cumsum(p_sorted) - p_sorted`, `keep = order[before < p]`; then an array of -inf with the logits at `keep`."),
)  # fmt: skip


def _far_from(logits, p):
    """No running sum, of whichever order among ties, is too near to p for floats."""
    return np.abs(np.cumsum(np.sort(_softmax(logits))[::-1]) - p).min() > 1e-3


def _draw_far(rng, draw):
    while True:
        logits, p = draw()
        if _far_from(logits, p):
            return np.asarray(logits), round(float(p), 4)


@top_p.cases
def _(rng):
    yield Case((np.log([0.5, 0.3, 0.2]), 0.6), "nucleus")
    yield Case((np.log([0.2, 0.5, 0.3]), 0.6), "nucleus")
    yield Case(_draw_far(rng, lambda: (np.log(rng.permutation([0.4, 0.3, 0.2, 0.1])), rng.uniform(0.45, 0.85))), "nucleus")
    yield Case(_draw_far(rng, lambda: (rng.normal(size=6), rng.uniform(0.5, 0.8))), "nucleus")
    yield Case(_draw_far(rng, lambda: (rng.normal(size=12) * 2 - 3, rng.uniform(0.8, 0.95))), "nucleus")
    yield Case((rng.normal(size=3), 0.05), "small p")
    yield Case((rng.permutation(5) * 1.5, 0.02), "small p")
    shift = float(rng.normal())
    yield Case((np.log([0.4, 0.2, 0.2, 0.2]), 0.5), "ties")
    yield Case((np.log(rng.permutation([0.3, 0.1, 0.3, 0.1, 0.1, 0.1])) + shift, float(rng.uniform(0.62, 0.68))), "ties")
    yield Case((np.log(rng.permutation([0.4, 0.15, 0.15, 0.15, 0.15])) + shift, float(rng.uniform(0.58, 0.67))), "ties")


@top_p.judge
def _(inputs, output):
    logits, p = inputs
    found = np.asarray(output) if isinstance(output, (list, tuple, np.ndarray)) else None
    if found is None or found.dtype.kind not in "fiu":
        return "an array of logits is asked for"
    if found.shape != logits.shape:
        return f"expected the shape {logits.shape}, got {found.shape}"
    stays = found > -INF
    if np.isnan(found).any() or not np.allclose(found[stays], logits[stays], rtol=1e-5, atol=1e-6):
        return "every logit must be what it was, or -inf where it is cut"
    probabilities = _softmax(logits)
    needed = int(np.sum(np.cumsum(np.sort(probabilities)[::-1]) < p)) + 1
    if stays.sum() != needed:
        return (f"{stays.sum()} tokens stay, with a mass of {probabilities[stays].sum():.3f}; the fewest that reach "
                f"p = {p:.4g} are {needed}")
    if (~stays).any() and logits[stays].min() < logits[~stays].max() - 1e-9:
        low, high = np.flatnonzero(stays)[np.argmin(logits[stays])], np.flatnonzero(~stays)[np.argmax(logits[~stays])]
        return f"token {low} stays although token {high}, which is likelier, is cut"
    return None


def _nucleus(logits, keep_if, other=-INF):
    """Keep what `keep_if(running sums, their probabilities)` says, likeliest first."""
    order = np.argsort(-logits, kind="stable")
    ordered = _softmax(logits)[order]
    return _keep(logits, order[keep_if(np.cumsum(ordered), ordered)], other)


@top_p.mistake(
    "the token that reaches p cut", "One token too few: what stays does not reach p. For a small p nothing stays at all.",
    "Probabilities 0.5, 0.3, 0.2 and p = 0.6: do 0.5 alone reach it?",
    "A token stays if the sum of those *before* it is below p: `np.cumsum(s) - s < p`.")
def _(z, p):
    return _nucleus(z, lambda total, own: total <= p)


@top_p.mistake(
    "one token too many", "One token too many: p is reached without the last one that you keep.",
    "Probabilities 0.5, 0.3, 0.2 and p = 0.6: how many tokens are needed?",
    "A token stays if the sum of those *before* it is below p: `np.cumsum(s) - s < p`.")
def _(z, p):
    return _nucleus(z, lambda total, own: np.append([True, True], (total < p)[:-2])[: len(z)] | (np.roll(total, 2) < p))


@top_p.mistake(
    "cut in the sorted order", "The right number of tokens stays, but not the right ones: the mask belongs to the sorted "
    "tokens and is laid on the unsorted ones.",
    "Which token does the first place of your mask stand for?", "Bring it back: `keep = order[mask]`, and set these ids.")
def _(z, p):
    ordered = np.sort(_softmax(z))[::-1]
    return np.where(np.cumsum(ordered) - ordered < p, z, -np.inf)


@top_p.mistake(
    "not sorted", "The running sum goes through the vocabulary in the order of the ids, not from likely to unlikely.",
    "Which token should be added first?", "`order = np.argsort(-probabilities)`.")
def _(z, p):
    q = _softmax(z)
    return np.where(np.cumsum(q) - q < p, z, -np.inf)


@top_p.mistake(
    "unlikely first", "The unlikeliest tokens are collected until p is reached; the likeliest should be.",
    "In which direction does `np.argsort` sort?", "`np.argsort(-probabilities)`, or turn it round with `[::-1]`.")
def _(z, p):
    order = np.argsort(z, kind="stable")
    ordered = _softmax(z)[order]
    return _keep(z, order[np.cumsum(ordered) - ordered < p])


@top_p.mistake(
    "p as a minimum probability", "Each token is compared with p by itself; it is the sum of the tokens that should reach p.",
    "Probabilities 0.5, 0.3, 0.2 and p = 0.6: does any token alone have 0.6?", "Sort, and add up with `np.cumsum`.")
def _(z, p):
    return np.where(_softmax(z) >= p, z, -np.inf)


@top_p.mistake(
    "the mass 1 - p", "The tokens that you keep reach 1 - p; p is the mass to keep, not the mass to cut.",
    "For p = 0.9, should few or many tokens stay?", "Compare with p.")
def _(z, p):
    return reference.top_p(z, 1 - p)


@top_p.mistake(
    "all tied tokens kept", "Right without ties; with them, too many stay: for top-p only the fewest that reach p do.",
    "Probabilities 0.4, 0.2, 0.2, 0.2 and p = 0.5: how many are needed?",
    "Keep ids, not everything above a threshold: of tied tokens, any may go.")
def _(z, p):
    lowest = reference.top_p(z, p)
    return np.where(z >= lowest[lowest > -np.inf].min(), z, -np.inf)


@top_p.mistake(
    "probabilities returned", "The right tokens stay, but as probabilities; logits are asked for.",
    "What did the function get, and what should it give back?", "Return the logits that you were given, and -inf where cut.")
def _(z, p):
    kept = np.exp(reference.top_p(z, p) - np.max(z))
    return kept / kept.sum()


@top_p.mistake(
    "probabilities returned, not shared out", "The right tokens stay, but with their old probabilities; logits are asked for.",
    "What did the function get, and what should it give back?", "Return the logits that you were given, and -inf where cut.")
def _(z, p):
    return np.where(np.isinf(reference.top_p(z, p)), 0.0, _softmax(z))


@top_p.mistake(
    "zeros instead of -inf", "The cut logits are 0. But a logit of 0 is an ordinary one: softmax gives it a share.",
    "What is exp(0)? And what should it be for a cut token?", "Cut with `-np.inf`.")
def _(z, p):
    return np.where(np.isinf(reference.top_p(z, p)), 0.0, z)


@top_p.mistake(
    "sorted", "The right logits stay, but sorted: the places are the tokens' ids and must not move.",
    "Which token does place 0 stand for?", "Write the kept logits back to their own places.")
def _(z, p):
    return np.sort(reference.top_p(z, p))[::-1]


@top_p.mistake(
    "a running sum of logits", "The logits are added up; it is probabilities that sum to 1.",
    "What do all the numbers that you add up come to?", "`next_probabilities(logits, 1.0)` first.")
def _(z, p):
    order = np.argsort(-z, kind="stable")
    total = np.cumsum(z[order])
    return _keep(z, order[total - z[order] < p])


# --- 4. repetition penalty --------------------------------------------------------------------------
