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
    "next_probabilities",
    "Probabilities at a temperature",
    points={"shares": 1, "low temperatures": 1},
    answer=_probabilities,
    imports=ALLOWED,
    banned=frozenset({"softmax", "log_softmax", "softmin"}),
    hints=(
        "What should the result sum to? And what is it for temperature 1?",
        "Divide the logits by the temperature; then a softmax as in lab 2, with the maximum subtracted.",
        "`z = logits / temperature`, `e = np.exp(z - z.max())`, `return e / e.sum()`.",
    ),
)


@next_probabilities.cases
def _(rng):
    yield Case((np.log([1.0, 3.0]), 1.0), "shares")
    yield Case((np.log([1.0, 2.0, 3.0]), 0.5), "shares")
    yield Case((rng.normal(size=3), float(rng.uniform(1.5, 2.5))), "shares")
    yield Case((np.append(rng.normal(size=3), -INF), float(rng.uniform(0.4, 0.8))), "shares")
    yield Case((5 + rng.normal(size=2) / 100, 0.005), "low temperatures")
    yield Case((rng.normal(size=3) / 100 - 9, 0.01), "low temperatures")
    yield Case((8 + rng.normal(size=4), 0.001), "low temperatures")
    yield Case((np.array([3.0, 5.0, 8.0]), 0.002), "low temperatures")  # far apart, to both sides of their mean
    yield Case((np.array([-9.0, 2.0, 2.001]), 0.002), "low temperatures")


@next_probabilities.mistake(
    "multiplied by the temperature",
    "It works the wrong way round: a low temperature should sharpen, yours flattens. "
    "The logits are multiplied by it (or the probabilities raised to its power).",
    "Logits 0 and 1, temperature 0.5: should the gap become 2 or 0.5?",
    "Divide: `logits / temperature`.",
)
def _(z, t):
    return _softmax(z * t)


@next_probabilities.mistake(
    "the temperature has no effect",
    "These are the probabilities at temperature 1. Dividing after `exp` changes "
    "nothing either: the factor cancels in the sum.",
    "Where does the temperature come in: before or after `exp`?",
    "Divide the logits, before `exp`.",
)
def _(z, t):
    return _softmax(z)


@next_probabilities.mistake(
    "probabilities divided by the temperature",
    "The softmax comes first and its result is divided by the temperature: it no longer sums to 1.",
    "What do your values sum to?",
    "Divide the logits by the temperature, then apply the softmax.",
)
def _(z, t):
    return _softmax(z) / t


@next_probabilities.mistake(
    "a softmax of probabilities",
    "The softmax is applied twice: first to the logits, then to the probabilities divided by the temperature.",
    "How often does the formula take `exp`?",
    "Divide the logits themselves; one softmax.",
)
def _(z, t):
    return _softmax(_softmax(z) / t)


@next_probabilities.mistake(
    "no exponential",
    "These are the logits divided by their sum: the exponential is missing.",
    "Can a probability be negative?",
    "`np.exp` before you divide by the sum.",
)
def _(z, t):
    return z / t / np.sum(z / t)


@next_probabilities.mistake(
    "not divided by the sum",
    "The exponentials are right, but they do not sum to 1.",
    "What do you have to divide by?",
    "`e / e.sum()`.",
)
def _(z, t):
    return np.exp(z / t)


@next_probabilities.mistake(
    "exponentials of the gaps",
    "The maximum is subtracted and `exp` taken, but the values do not sum to 1.",
    "What is your largest value, always?",
    "`e / e.sum()`.",
)
def _(z, t):
    return np.exp(z / t - np.max(z / t))


@next_probabilities.mistake(
    "the logits returned",
    "These are the logits divided by the temperature; probabilities are asked for.",
    "Are your values between 0 and 1?",
    "Apply the softmax to `logits / temperature`.",
)
def _(z, t):
    return z / t


@next_probabilities.mistake(
    "no maximum subtracted",
    "High temperatures come out right, low ones as nan: 5 / 0.005 is 1000, and `exp` of it is "
    "infinite (and for -1000 all are 0).",
    "What is `np.exp(1000.0)`? Infinity divided by infinity?",
    "Subtract the maximum of `logits / temperature` before `np.exp`.",
)
def _(z, t):
    e = np.exp(z / t)
    return e / e.sum()


@next_probabilities.mistake(
    "the logarithm of the probabilities",
    "These are the logarithms of the probabilities.",
    "Are your values between 0 and 1?",
    "Leave the logarithm out.",
)
def _(z, t):
    z = z / t
    return z - z.max() - np.log(np.exp(z - z.max()).sum())


@next_probabilities.mistake(
    "the root of the temperature",
    "The logits are divided by the root of the temperature: that is attention's scale.",
    "At temperature 0.25, by what should a gap of 1 grow?",
    "Divide by the temperature itself.",
)
def _(z, t):
    return _softmax(z / np.sqrt(t))


@next_probabilities.mistake(
    "the mean subtracted",
    "The mean is subtracted, not the maximum: at low temperatures the largest is still too large for `exp`.",
    "Logits 3, 5 and 8 at temperature 0.002: what is left of the largest?",
    "Subtract the maximum: then the largest is 0.",
)
def _(z, t):
    e = np.exp(z / t - np.mean(z / t))
    return e / e.sum()


@next_probabilities.mistake(
    "the mean subtracted",
    "The mean of the finite logits is subtracted, not the maximum: at low temperatures the largest is still too large for `exp`.",
    "Logits 3, 5 and 8 at temperature 0.002: what is left of the largest?",
    "Subtract the maximum: then the largest is 0.",
)
def _(z, t):
    z = z / t
    e = np.exp(z - np.mean(z[np.isfinite(z)]))
    return e / e.sum()


@next_probabilities.mistake(
    "the minimum subtracted",
    "The minimum is subtracted, not the maximum: the values are then all 0 or more, and too large for `exp`.",
    "Logits 3, 5 and 8 at temperature 0.002: what is left of the largest?",
    "Subtract the maximum: then the largest is 0.",
)
def _(z, t):
    e = np.exp(z / t - np.min(z / t))
    return e / e.sum()


@next_probabilities.mistake(
    "all or nothing",
    "The likeliest token gets 1 and the others 0: that is greedy, not a temperature.",
    "What should a temperature of 1 do to the probabilities?",
    "`np.exp` of `logits / temperature`, divided by the sum.",
)
def _(z, t):
    return (z == np.max(z)).astype(float)


@next_probabilities.sign(
    "the logits clipped",
    "Large values were cut to a bound such as ±700: logits beyond it become equal, although one of them is higher.",
    "1000 and 1001 clipped to 700: which is larger then?",
    "Nothing is to be cut: subtract the maximum of `logits / temperature`.",
)
def _(inputs, expected, outcome):
    (z, t), got = inputs, np.asarray(outcome.output, dtype=float)
    bounds = (20, 30, 50, 80, 88, 100, 200, 300, 500, 600, 650, 700, 705, 708, 709, 709.7, 709.78, 710, 745, 800, 1000)
    clipped = (
        f(z / t, bound)
        for bound in bounds
        for f in (lambda s, b: np.clip(s, -b, b), np.minimum, lambda s, b: np.maximum(s, -b))
    )
    return any(np.allclose(_softmax(found), got) for found in clipped)


# --- 2. top-k ---------------------------------------------------------------------------------------


top_k = Part(
    "top_k",
    "Top-k",
    points={"no ties": 1, "ties": 1, "k of the vocabulary or more": 1},
    answer=reference.top_k,
    imports=ALLOWED,
    banned=frozenset({"TopKLogitsWarper"}),
    hints=(
        "Which logit is the k-th highest? Which tokens are as high, and are they all still there?",
        "`np.sort` sorts upward: the k-th highest stands at `[-k]`. What about a k beyond the vocabulary?",
        "`threshold = np.sort(logits)[-min(k, len(logits))]`, `np.where(logits < threshold, -np.inf, logits)`.",
    ),
)


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
    yield Case((rng.permutation([1.0, 1.0, 1.0, -2.0]) + shift, 1), "ties")
    yield Case((rng.normal(size=3), 3), "k of the vocabulary or more")
    yield Case((rng.normal(size=4), int(rng.integers(5, 50))), "k of the vocabulary or more")


def _keep(logits, ids, other=-INF):
    kept = np.full(len(logits), other)
    kept[ids] = logits[ids]
    return kept


@top_k.mistake(
    "the lowest kept",
    "The k lowest logits stay; the k highest should.",
    "Does `np.sort` put the largest first or last?",
    "Count from the end: `np.sort(logits)[-k]`.",
)
def _(z, k):
    return _keep(z, np.argsort(z, kind="stable")[:k])


@top_k.mistake(
    "one too many kept",
    "One token too many stays: the threshold is the (k+1)-th highest logit.",
    "How many logits are finite in your result for k = 1?",
    "`np.sort(logits)[-k]` is the k-th highest, not `[-k - 1]`.",
)
def _(z, k):
    return reference.top_k(z, k + 1)


@top_k.mistake(
    "the k-th itself cut",
    "One token too few stays: the k-th highest is cut as well.",
    "What is left for k = 1?",
    "Cut what is `<` the threshold, not what is `<=`.",
)
def _(z, k):
    threshold = np.sort(z)[-min(k, len(z))]
    return np.where(z > threshold, z, -np.inf)


@top_k.mistake(
    "zeros instead of -inf",
    "The cut logits are 0. But a logit of 0 is an ordinary one: softmax gives it a share.",
    "What is exp(0)? And what should it be for a cut token?",
    "Cut with `-np.inf`.",
)
def _(z, k):
    return np.where(np.isinf(reference.top_k(z, k)), 0.0, z)


@top_k.mistake(
    "a large negative number instead of -inf",
    "The right tokens are cut, but not with -inf.",
    "What does the question say a cut logit is?",
    "`-np.inf`.",
)
def _(z, k):
    return np.where(np.isinf(reference.top_k(z, k)), -1e9, z)


@top_k.mistake(
    "ties cut, the lowest ids stay",
    "Exactly k tokens stay: of those tied with the k-th, only the ones with the lowest ids.",
    "What does the question say about tokens tied with the k-th?",
    "Compare with the k-th logit instead of picking k ids.",
)
def _(z, k):
    return _keep(z, np.argsort(-z, kind="stable")[:k])


@top_k.mistake(
    "ties cut, the highest ids stay",
    "Exactly k tokens stay: of those tied with the k-th, only the ones with the highest ids.",
    "What does the question say about tokens tied with the k-th?",
    "Compare with the k-th logit instead of picking k ids.",
)
def _(z, k):
    return _keep(z, np.argsort(z, kind="stable")[-k:])


@top_k.mistake(
    "tied logits counted once",
    "The threshold is the k-th highest of the different values: where logits are tied, too many stay.",
    "Logits 2, 2, 1 and k = 2: which logit is the second highest?",
    "Sort all logits, not the set of them (`np.unique`).",
)
def _(z, k):
    values = np.unique(z)
    return np.where(z < values[-min(k, len(values))], -np.inf, z)


@top_k.mistake(
    "only the kept ones returned",
    "The result is shorter than the vocabulary: the cut logits are missing, so nobody knows "
    "which token a place stands for.",
    "Which shape is asked for?",
    "Keep all places, and set the cut ones to `-np.inf`.",
)
def _(z, k):
    return np.sort(z)[::-1][:k]


@top_k.mistake(
    "the ids returned",
    "These are the ids of the k likeliest tokens; their logits at their places are asked for.",
    "What does the function return: ids, or logits?",
    "`np.where(logits < threshold, -np.inf, logits)`.",
)
def _(z, k):
    return np.argsort(-z, kind="stable")[:k]


@top_k.mistake(
    "sorted",
    "The right logits stay, but sorted: the places are the tokens' ids and must not move.",
    "Which token does place 0 stand for?",
    "Only take the threshold from the sorted array.",
)
def _(z, k):
    return np.sort(reference.top_k(z, k))[::-1]


@top_k.mistake(
    "k beyond the vocabulary",
    "It is right until k is larger than the vocabulary: then the index does not exist.",
    "What is the k-th highest of four logits for k = 50?",
    "`k = min(k, len(logits))` first.",
)
def _(z, k):
    return np.where(z < np.sort(z)[-k], -np.inf, z)


@top_k.mistake(
    "k beyond the vocabulary, in np.partition",
    "It is right until k is larger than the vocabulary: then there is nothing to partition by.",
    "What is the k-th highest of four logits for k = 50?",
    "`k = min(k, len(logits))` first.",
)
def _(z, k):
    return np.where(z < np.partition(z, -k)[-k], -np.inf, z)


@top_k.sign(
    "ties cut",
    "Exactly k tokens stay: of those tied with the k-th, some are cut, as `np.argsort` happens to order them.",
    "What does the question say about tokens tied with the k-th?",
    "Compare with the k-th logit instead of picking k ids: `np.where(logits < threshold, -np.inf, logits)`.",
)
def _(inputs, expected, outcome):
    (z, k), got = inputs, np.asarray(outcome.output, dtype=float)
    stays = got > -INF
    return stays.sum() == k and z[stays].min() >= np.sort(z)[-k] and np.array_equal(got[stays], z[stays])


# --- 3. top-p ---------------------------------------------------------------------------------------


top_p = Part(
    "top_p",
    "Top-p",
    points={"nucleus": 1, "small p": 1, "ties": 1},
    answer=reference.top_p,
    imports=ALLOWED,
    banned=frozenset({"TopPLogitsWarper"}),
    uses=("next_probabilities",),
    hints=(
        "Sort the probabilities on paper, largest first, and write the running sums under them. Where is p reached?",
        "`order = np.argsort(-probabilities)`; a token stays if the sum of those before it is still below p.",
        "`before = np.cumsum(p_sorted) - p_sorted`, `keep = order[before < p]`; then an array of -inf with the logits at `keep`.",
    ),
)


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
    yield Case(
        _draw_far(rng, lambda: (np.log(rng.permutation([0.4, 0.3, 0.2, 0.1])), rng.uniform(0.45, 0.85))), "nucleus"
    )
    yield Case(_draw_far(rng, lambda: (rng.normal(size=6), rng.uniform(0.5, 0.8))), "nucleus")
    yield Case(_draw_far(rng, lambda: (rng.normal(size=12) * 2 - 3, rng.uniform(0.8, 0.95))), "nucleus")
    yield Case((np.log(rng.permutation([0.4, 0.35, 0.25])), 0.9), "nucleus")
    yield Case((rng.normal(size=3), 0.05), "small p")
    yield Case((rng.permutation(5) * 1.5, 0.02), "small p")
    shift = float(rng.normal())
    yield Case((np.log([0.4, 0.2, 0.2, 0.2]), 0.5), "ties")
    yield Case(
        (np.log(rng.permutation([0.3, 0.1, 0.3, 0.1, 0.1, 0.1])) + shift, float(rng.uniform(0.62, 0.68))), "ties"
    )
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
        what = "1 token stays" if stays.sum() == 1 else f"{stays.sum()} tokens stay"
        mass = probabilities[stays].sum()
        return f"{what}, with a mass of {mass:.3f}; the fewest that reach p = {p:.4g} are {needed}"
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
    "the token that reaches p cut",
    "One token too few: what stays does not reach p. For a small p nothing stays at all.",
    "Probabilities 0.5, 0.3, 0.2 and p = 0.6: do 0.5 alone reach it?",
    "A token stays if the sum of those *before* it is below p: `np.cumsum(s) - s < p`.",
)
def _(z, p):
    return _nucleus(z, lambda total, own: total <= p)


@top_p.mistake(
    "one token too many",
    "One token too many: p is reached without the last one that you keep.",
    "Probabilities 0.5, 0.3, 0.2 and p = 0.6: how many tokens are needed?",
    "A token stays if the sum of those *before* it is below p: `np.cumsum(s) - s < p`.",
)
def _(z, p):
    return _nucleus(z, lambda total, own: np.arange(len(z)) <= np.sum(total < p) + 1)


@top_p.mistake(
    "cut in the sorted order",
    "The right number of tokens stays, but not the right ones: the mask belongs to the sorted "
    "tokens and is laid on the unsorted ones.",
    "Which token does the first place of your mask stand for?",
    "Bring it back: `keep = order[mask]`, and set these ids.",
)
def _(z, p):
    ordered = np.sort(_softmax(z))[::-1]
    return np.where(np.cumsum(ordered) - ordered < p, z, -np.inf)


@top_p.mistake(
    "not sorted",
    "The running sum goes through the vocabulary in the order of the ids, not from likely to unlikely.",
    "Which token should be added first?",
    "`order = np.argsort(-probabilities)`.",
)
def _(z, p):
    q = _softmax(z)
    return np.where(np.cumsum(q) - q < p, z, -np.inf)


@top_p.mistake(
    "unlikely first",
    "The unlikeliest tokens are collected until p is reached; the likeliest should be.",
    "In which direction does `np.argsort` sort?",
    "`np.argsort(-probabilities)`, or turn it round with `[::-1]`.",
)
def _(z, p):
    order = np.argsort(z, kind="stable")
    ordered = _softmax(z)[order]
    return _keep(z, order[np.cumsum(ordered) - ordered < p])


@top_p.mistake(
    "p as a minimum probability",
    "Each token is compared with p by itself; it is the sum of the tokens that should reach p.",
    "Probabilities 0.5, 0.3, 0.2 and p = 0.6: does any token alone have 0.6?",
    "Sort, and add up with `np.cumsum`.",
)
def _(z, p):
    return np.where(_softmax(z) >= p, z, -np.inf)


@top_p.mistake(
    "the mass 1 - p",
    "The tokens that you keep reach 1 - p; p is the mass to keep, not the mass to cut.",
    "For p = 0.9, should few or many tokens stay?",
    "Compare with p.",
)
def _(z, p):
    return reference.top_p(z, 1 - p)


@top_p.mistake(
    "all tied tokens kept",
    "Right without ties; with them, too many stay: for top-p only the fewest that reach p do.",
    "Probabilities 0.4, 0.2, 0.2, 0.2 and p = 0.5: how many are needed?",
    "Keep ids, not everything above a threshold: of tied tokens, any may go.",
)
def _(z, p):
    lowest = reference.top_p(z, p)
    return np.where(z >= lowest[lowest > -np.inf].min(), z, -np.inf)


@top_p.mistake(
    "probabilities returned",
    "The right tokens stay, but as probabilities; logits are asked for.",
    "What did the function get, and what should it give back?",
    "Return the logits that you were given, and -inf where cut.",
)
def _(z, p):
    kept = np.exp(reference.top_p(z, p) - np.max(z))
    return kept / kept.sum()


@top_p.mistake(
    "probabilities returned, not shared out",
    "The right tokens stay, but with their old probabilities; logits are asked for.",
    "What did the function get, and what should it give back?",
    "Return the logits that you were given, and -inf where cut.",
)
def _(z, p):
    return np.where(np.isinf(reference.top_p(z, p)), 0.0, _softmax(z))


@top_p.mistake(
    "zeros instead of -inf",
    "The cut logits are 0. But a logit of 0 is an ordinary one: softmax gives it a share.",
    "What is exp(0)? And what should it be for a cut token?",
    "Cut with `-np.inf`.",
)
def _(z, p):
    return np.where(np.isinf(reference.top_p(z, p)), 0.0, z)


@top_p.mistake(
    "sorted",
    "The right logits stay, but sorted: the places are the tokens' ids and must not move.",
    "Which token does place 0 stand for?",
    "Write the kept logits back to their own places.",
)
def _(z, p):
    return np.sort(reference.top_p(z, p))[::-1]


@top_p.mistake(
    "a running sum of logits",
    "The logits are added up; it is probabilities that sum to 1.",
    "What do all the numbers that you add up come to?",
    "`next_probabilities(logits, 1.0)` first.",
)
def _(z, p):
    order = np.argsort(-z, kind="stable")
    total = np.cumsum(z[order])
    return _keep(z, order[total - z[order] < p])


# --- 4. repetition penalty --------------------------------------------------------------------------


repetition_penalty = Part(
    "repetition_penalty",
    "Repetition penalty",
    points={"each sign": 1, "once per token": 1},
    answer=reference.repetition_penalty,
    imports=ALLOWED,
    banned=frozenset({"RepetitionPenaltyLogitsProcessor"}),
    hints=(
        "Take one positive and one negative logit. After the penalty, are both lower than before?",
        "Go through `set(ids)`: each different token once.",
        "`result[i] = logits[i] / penalty if logits[i] > 0 else logits[i] * penalty`, on a copy.",
    ),
)


@repetition_penalty.cases
def _(rng):
    yield Case((np.array([2.0, -2.0, 1.0]), [0, 1], 2.0), "each sign")
    yield Case((rng.permutation([1.5, -0.5, 0.7, -2.5]), [3, 1, 2], float(rng.uniform(1.2, 1.8))), "each sign")
    yield Case((rng.normal(size=7) * 3, rng.permutation(7)[:4].tolist(), float(rng.uniform(1.2, 1.8))), "each sign")
    yield Case((np.array([4.0, -1.0, 2.0]), [0, 0, 1], 2.0), "once per token")
    yield Case(
        (rng.permutation([3.0, -2.0, 1.0, -1.0]), [2, 1, 2, 1, 1], float(rng.uniform(1.2, 1.8))), "once per token"
    )
    ids = [*rng.integers(0, 5, size=6).tolist(), 4, 4]
    yield Case((rng.normal(size=6) * 3, ids, float(rng.uniform(1.1, 1.5))), "once per token")


def _penalized(logits, ids, change):
    logits = np.array(logits)
    for i in ids:
        logits[i] = change(logits[i])
    return logits


@repetition_penalty.mistake(
    "negative logits divided",
    "Positive logits are right, negative ones rise: -2 divided by 2 is -1, and that makes the token likelier.",
    "Is -1 more or less than -2?",
    "Divide the positive logits and multiply the negative ones.",
)
def _(z, ids, penalty):
    return _penalized(z, set(ids), lambda x: x / penalty)


@repetition_penalty.mistake(
    "positive logits multiplied",
    "Negative logits are right, positive ones rise: the token becomes likelier.",
    "2 times 2 is 4: is that a penalty?",
    "Divide the positive logits and multiply the negative ones.",
)
def _(z, ids, penalty):
    return _penalized(z, set(ids), lambda x: x * penalty)


@repetition_penalty.mistake(
    "the wrong way round",
    "Positive logits are multiplied and negative ones divided: all become likelier, it is a reward.",
    "After a penalty, should a logit be higher or lower?",
    "Divide the positive logits and multiply the negative ones.",
)
def _(z, ids, penalty):
    return _penalized(z, set(ids), lambda x: x * penalty if x > 0 else x / penalty)


@repetition_penalty.mistake(
    "once per occurrence",
    "A token that occurs twice is penalized twice; the rule is once per different token.",
    "What does the question say about a token that occurs often?",
    "Go through `set(ids)`.",
)
def _(z, ids, penalty):
    return _penalized(z, ids, lambda x: x / penalty if x > 0 else x * penalty)


@repetition_penalty.mistake(
    "everything penalized",
    "All logits are changed, those of tokens that never occurred too.",
    "Which tokens does `ids` name?",
    "Change only the places in `set(ids)`.",
)
def _(z, ids, penalty):
    return np.where(z > 0, z / penalty, z * penalty)


@repetition_penalty.mistake(
    "the unseen penalized",
    "The tokens of `ids` are left alone and all others are penalized.",
    "Should a token that has occurred become less likely, or one that has not?",
    "Change only the places in `set(ids)`.",
)
def _(z, ids, penalty):
    return _penalized(z, set(range(len(z))) - set(ids), lambda x: x / penalty if x > 0 else x * penalty)


@repetition_penalty.mistake(
    "subtracted",
    "The penalty is subtracted; this rule divides and multiplies.",
    "What should a penalty of 1 change?",
    "Divide the positive logits and multiply the negative ones.",
)
def _(z, ids, penalty):
    return _penalized(z, set(ids), lambda x: x - penalty)


@repetition_penalty.mistake(
    "only the last token",
    "Only the last token of `ids` is penalized; all of them should be.",
    "Which tokens does `ids` name?",
    "Go through `set(ids)`.",
)
def _(z, ids, penalty):
    return _penalized(z, ids[-1:], lambda x: x / penalty if x > 0 else x * penalty)


@repetition_penalty.mistake(
    "places counted instead of ids read",
    "The first places of the vocabulary are penalized, as many as there are ids: the "
    "loop counts, it does not read the ids.",
    "If `ids` is [3, 1, 2], which logits should change?",
    "`for i in set(ids)`, not `for i in range(len(ids))`.",
)
def _(z, ids, penalty):
    return _penalized(z, [i for i in range(len(ids)) if i < len(z)], lambda x: x / penalty if x > 0 else x * penalty)


@repetition_penalty.mistake(
    "cut altogether",
    "The tokens of `ids` are cut; they should only become less likely.",
    "May a token ever occur again?",
    "Divide the positive logits and multiply the negative ones.",
)
def _(z, ids, penalty):
    return _penalized(z, ids, lambda x: -np.inf)


@repetition_penalty.mistake(
    "nothing changed",
    "The logits come back as they were: perhaps a copy was changed, or a variable of the loop.",
    "Does `x = x / penalty` change the array that x was read from?",
    "Assign to the place: `result[i] = …`.",
)
def _(z, ids, penalty):
    return z


@repetition_penalty.mistake(
    "probabilities penalized",
    "Probabilities are divided; the rule is for logits.",
    "What does the function get?",
    "No softmax here.",
)
def _(z, ids, penalty):
    return _penalized(_softmax(z), set(ids), lambda x: x / penalty)


@repetition_penalty.mistake(
    "`return` inside the loop",
    "Only one token is penalized: the function returns before it comes to the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return` belongs at the same indentation as the loop.",
)
def _(z, ids, penalty):
    return _penalized(z, [next(iter(set(ids)))], lambda x: x / penalty if x > 0 else x * penalty)


@repetition_penalty.mistake(
    "`return` inside the loop",
    "Only the first token is penalized: the function returns before it comes to the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return` belongs at the same indentation as the loop.",
)
def _(z, ids, penalty):
    return _penalized(z, ids[:1], lambda x: x / penalty if x > 0 else x * penalty)


# --- 5. greedy --------------------------------------------------------------------------------------


def _greedy(next_logits, ids, steps, end):
    return reference.generate(next_logits, ids, steps, reference.greedy, stop=end)


greedy = Part(
    "greedy",
    "The greedy loop",
    points={"tokens": 1, "end": 1},
    answer=_greedy,
    imports=ALLOWED,
    banned=frozenset({"generate"}),
    hints=(
        "Write down, for two steps, what `next_logits` is called with.",
        "Per step: one call with all ids so far, the id of the highest logit, append it, and stop if it is `end`.",
        "`ids = list(ids)`; `for _ in range(steps): ids.append(int(np.argmax(next_logits(ids))))`; then "
        "`if ids[-1] == end: break`.",
    ),
)


@greedy.cases
def _(rng):
    def model(vocabulary=6):
        return toys.next_logits(int(rng.integers(1_000_000)), vocabulary)

    yield Case((model(4), [1], 1, -1), "tokens")
    yield Case((model(), rng.integers(0, 6, size=2).tolist(), 3, -1), "tokens")
    yield Case((model(30), rng.integers(0, 30, size=4).tolist(), int(rng.integers(6, 12)), -1), "tokens")
    for steps in (2, 8, 12):
        yield Case(
            (toys.tied_logits(int(rng.integers(1_000_000)), 7), rng.integers(0, 7, size=2).tolist(), steps, -1),
            "tokens",
        )
    for length, place in ((2, 1), (3, 2), (2, 3)):  # the end comes at this place of the new tokens
        while True:
            toy, prompt = model(9), rng.integers(0, 9, size=length).tolist()
            new = _greedy(toys.build(toy), prompt, place + 4, -1)[length:]
            if new.index(new[place]) == place and new[place] not in prompt:
                break
        yield Case((toy, prompt, place + 4, new[place]), "end")
    while True:  # an end whose id is 0 is an end
        toy, prompt = model(9), rng.integers(1, 9, size=2).tolist()
        new = _greedy(toys.build(toy), prompt, 5, -1)[2:]
        if 0 in new[1:4] and new[0]:
            break
    yield Case((toy, prompt, 5, 0), "end")
    for prompt in ([0, 5], [5, 0], [5, 1, 2]):  # the end stands in the prompt, and does not come again
        while True:
            toy = model(6)
            if 5 not in _greedy(toys.build(toy), prompt, 4, -1)[len(prompt) :]:
                break
        yield Case((toy, prompt, 4, 5), "end")


def _loop(next_logits, ids, steps, end, see=list, choose=np.argmax, prompt_counts=False):
    ids = list(ids)
    while steps > (len(ids) if prompt_counts else 0):
        ids.append(int(choose(next_logits(see(ids)))))
        steps -= not prompt_counts
        if ids[-1] == end:
            break
    return ids


@greedy.mistake(
    "only the new tokens",
    "The new tokens are right, the prompt before them is missing.",
    "What does the question say is returned?",
    "Start from `ids = list(ids)` and append to it.",
)
def _(f, ids, steps, end):
    return _loop(f, ids, steps, end)[len(ids) :]


@greedy.mistake(
    "the end dropped",
    "It stops in time, but `end` itself is missing; it is kept.",
    "Is `end` a token that the model chose?",
    "Append first, then look whether it is `end`.",
)
def _(f, ids, steps, end):
    found = _loop(f, ids, steps, end)
    return found[:-1] if len(found) > len(ids) and found[-1] == end else found


@greedy.mistake(
    "goes on after the end",
    "It does not stop at `end`.",
    "What should happen right after `end` was chosen?",
    "`if ids[-1] == end: break`.",
)
def _(f, ids, steps, end):
    return _loop(f, ids, steps, None)


@greedy.mistake(
    "an end in the prompt stops it",
    "An `end` that stands in the prompt stops it; only a new one should.",
    "GPT-2's texts often begin with the end-of-text token. What would become of them?",
    "Look at the token that you have just chosen, not whether `end in ids`.",
)
def _(f, ids, steps, end):
    ids = list(ids)
    while steps and end not in ids:
        ids, steps = [*ids, int(np.argmax(f(ids)))], steps - 1
    return ids


@greedy.mistake(
    "an end as the prompt's last token stops it",
    "A prompt whose last token is `end` is not continued.",
    "GPT-2's texts often begin with the end-of-text token. What would become of them?",
    "Look whether it is `end` after you have appended a new token, not before.",
)
def _(f, ids, steps, end):
    ids = list(ids)
    while steps and ids[-1] != end:
        ids, steps = [*ids, int(np.argmax(f(ids)))], steps - 1
    return ids


@greedy.mistake(
    "one step too few",
    "One token is missing: the loop runs once less than asked.",
    "How many tokens are there to be for steps = 1?",
    "`for _ in range(steps)`.",
)
def _(f, ids, steps, end):
    return _loop(f, ids, steps - 1, end)


@greedy.mistake(
    "one step too many",
    "One token too many: the loop runs once more than asked.",
    "How many tokens are there to be for steps = 1?",
    "`for _ in range(steps)`.",
)
def _(f, ids, steps, end):
    return _loop(f, ids, steps + 1, end)


@greedy.mistake(
    "the prompt counts as steps",
    "`steps` is taken for the length of the whole text; it is the number of new tokens.",
    "A prompt of 4 tokens and 6 steps: how long is the result?",
    "Count the new tokens only.",
)
def _(f, ids, steps, end):
    return _loop(f, ids, steps, end, prompt_counts=True)


@greedy.mistake(
    "only the last token shown",
    "The model sees the last token alone, not the text before it.",
    "What does GPT-2 need in order to know what the text is about?",
    "`next_logits(ids)`, with all ids so far.",
)
def _(f, ids, steps, end):
    return _loop(f, ids, steps, end, see=lambda now: now[-1:])


@greedy.mistake(
    "only the prompt shown",
    "The model is asked about the prompt again and again: the same token comes at each step.",
    "What does the model see at the second step?",
    "`next_logits(ids)`, with the new tokens appended.",
)
def _(f, ids, steps, end):
    return _loop(f, ids, steps, end, see=lambda now: list(ids))


@greedy.mistake(
    "the highest id among ties",
    "Where two logits are equally high, the later id is taken; the lower one is asked for.",
    "Which of two equal maxima does `np.argmax` give?",
    "`np.argmax`, which takes the first.",
)
def _(f, ids, steps, end):
    return _loop(f, ids, steps, end, choose=lambda z: len(z) - 1 - np.argmax(z[::-1]))


@greedy.mistake(
    "the least likely token",
    "The token with the lowest logit is taken.",
    "Which end of a sorted array is the likeliest?",
    "`np.argmax`.",
)
def _(f, ids, steps, end):
    return _loop(f, ids, steps, end, choose=np.argmin)


@greedy.mistake(
    "`return` inside the loop",
    "Only one token is added: the function returns before it comes to the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return ids` belongs at the same indentation as the loop.",
)
def _(f, ids, steps, end):
    return _loop(f, ids, min(steps, 1), end)


@greedy.mistake(
    "an end with the id 0",
    "It stops at every `end` except 0: `if end and …` treats the id 0 as if there were no end.",
    "What is `bool(0)`?",
    "`if ids[-1] == end: break`, without asking whether `end` is true.",
)
def _(f, ids, steps, end):
    return _loop(f, ids, steps, end or None)


# --- 6. perplexity ----------------------------------------------------------------------------------


def _counted(logits, ids, context, stride, reads=None, all_count=False, late=0):
    """Per window, minus the log-probabilities of the tokens that it counts."""
    counted, rows = 1, []
    for start in range(0, len(ids) - 1, stride):
        end = min(start + (reads or context) + 1, len(ids))  # it predicts the tokens start + 1 … end - 1
        if counted < end:
            table = logits(ids[start : end - 1])
            first = start + 1 if all_count else counted + (late if start else 0)
            rows.append(np.array([-np.log(_softmax(table[i - start - 1])[ids[i]]) for i in range(first, end)]))
            counted = end
    return [row for row in rows if len(row)]


def _perplexity(logits, ids, context, stride):
    return float(np.exp(np.concatenate(_counted(logits, ids, context, stride)).mean()))


perplexity = Part(
    "perplexity",
    "Perplexity with a window",
    points={"one window": 1, "several windows": 1},
    answer=_perplexity,
    imports=ALLOWED,
    banned=frozenset({"cross_entropy", "nll_loss", "CrossEntropyLoss", "NLLLoss"}),
    uses=("next_probabilities",),
    hints=(
        "For a text of 6 ids, context 4 and stride 2: write down what each window reads, predicts and counts.",
        "Row i of `logits(ids[start:start + context])` is about the token `ids[start + i + 1]`. Count it unless an earlier window has.",
        "Keep `counted = 1`; per window count the tokens from `counted` to `end - 1`, `end = min(start + context + 1, len(ids))`; "
        "then `counted = end`. At the end `np.exp(np.mean(losses))`.",
    ),
)


@perplexity.cases
def _(rng):
    def case(length, context, stride, vocabulary=5):
        toy = toys.row_logits(int(rng.integers(1_000_000)), vocabulary, context)
        return toy, rng.integers(0, vocabulary, size=length).tolist(), context, stride

    yield Case(case(2, 4, 4), "one window")
    yield Case(case(4, 6, 3), "one window")
    yield Case(case(int(rng.integers(5, 7)), 6, 2), "one window")
    yield Case(case(7, 6, 5), "one window")
    yield Case(case(6, 4, 2), "several windows")
    yield Case(case(9, 4, 4), "several windows")
    yield Case(case(int(rng.integers(10, 13)), 5, 2), "several windows")
    yield Case(case(int(rng.integers(12, 15)), 6, 4), "several windows")
    yield Case(case(9, 4, 1), "several windows")


@perplexity.mistake(
    "the same token counted twice",
    "One window is right; where windows overlap, their common tokens are counted in both.",
    "Context 4, stride 2: which windows predict token 4?",
    "A window counts only what no earlier one has counted.",
)
def _(f, ids, context, stride):
    return float(np.exp(np.concatenate(_counted(f, ids, context, stride, all_count=True)).mean()))


@perplexity.mistake(
    "the same token counted by every window",
    "Every window counts all that it predicts, to the last: even those that predict nothing new.",
    "Context 6, stride 2, 6 ids: how many windows predict token 5?",
    "A window counts only what no earlier one has counted; one that reaches nothing new counts nothing.",
)
def _(f, ids, context, stride):
    losses = []
    for start in range(0, len(ids) - 1, stride):
        window = ids[start : start + context + 1]
        losses += [-np.log(_softmax(row)[token]) for row, token in zip(f(window[:-1]), window[1:])]
    return float(np.exp(np.mean(losses)))


@perplexity.mistake(
    "the mean of the windows' means",
    "Each window's mean is taken first and then the mean of those: a last window that "
    "counts one token weighs as much as one that counts many.",
    "How many tokens does each window count?",
    "Collect all losses in one list, and take one mean at the end.",
)
def _(f, ids, context, stride):
    return float(np.exp(np.mean([row.mean() for row in _counted(f, ids, context, stride)])))


@perplexity.mistake(
    "the mean of the windows' perplexities",
    "Each window's perplexity is taken first and then the mean of those.",
    "Is the mean of exponentials the exponential of the mean?",
    "Collect all losses in one list; one mean, then `np.exp`.",
)
def _(f, ids, context, stride):
    return float(np.mean([np.exp(row.mean()) for row in _counted(f, ids, context, stride)]))


@perplexity.mistake(
    "the stride ignored",
    "Windows do not overlap: the next one begins where the last one ended.",
    "Context 4, stride 2: where does the second window begin?",
    "`range(0, len(ids) - 1, stride)`.",
)
def _(f, ids, context, stride):
    return _perplexity(f, ids, context, context)


@perplexity.mistake(
    "windows one token short",
    "Each window reads one token less than it may: it has room for `context` tokens and predicts as many, "
    "the last of which it does not read.",
    "Context 4, text of 5 ids: how many windows are needed?",
    "A window reads `ids[start:start + context]` and predicts up to `ids[start + context]`.",
)
def _(f, ids, context, stride):
    return float(np.exp(np.concatenate(_counted(f, ids, context, stride, reads=context - 1)).mean()))


@perplexity.mistake(
    "a token lost between windows",
    "One token is counted by no window: the first that each later window should add.",
    "Which tokens do your windows count, one by one? They should be 1, 2, …, each once.",
    "A window counts from the first token that no earlier one has counted.",
)
def _(f, ids, context, stride):
    return float(np.exp(np.concatenate(_counted(f, ids, context, stride, late=1)).mean()))


@perplexity.mistake(
    "only the first window",
    "The text is cut off after the first window.",
    "Which window predicts the last token?",
    "Go on until every token is counted.",
)
def _(f, ids, context, stride):
    return float(np.exp(_counted(f, ids, context, stride)[0].mean()))


@perplexity.mistake(
    "not shifted",
    "Each row is compared with the token that was read there, not with the next one.",
    "After reading token i, which token does row i speak of?",
    "Row i belongs to `ids[start + i + 1]`.",
)
def _(f, ids, context, stride):
    losses, counted = [], 0
    for start in range(0, len(ids) - 1, stride):
        window = ids[start : start + context]
        table = f(window)
        losses += [-np.log(_softmax(table[i])[window[i]]) for i in range(max(0, counted - start), len(window))]
        counted = max(counted, start + len(window))
    return float(np.exp(np.mean(losses)))


@perplexity.mistake(
    "no exponential",
    "This is the loss, the mean of -log p; its exponential is missing.",
    "What is the perplexity of a model that gives each of 4 tokens 1/4?",
    "`np.exp(loss)`.",
)
def _(f, ids, context, stride):
    return float(np.log(_perplexity(f, ids, context, stride)))


@perplexity.mistake(
    "two logarithms mixed",
    "2 is raised to a loss in nats: the base of the power and of the logarithm must be the same.",
    "What is the perplexity of a model that gives each of 4 tokens 1/4?",
    "`np.exp` with `np.log`, or `2 **` with `np.log2`.",
)
def _(f, ids, context, stride):
    return float(2 ** np.log(_perplexity(f, ids, context, stride)))


@perplexity.mistake(
    "the first token counted as predicted",
    "The sum is divided by the number of tokens; the first one is never predicted.",
    "A text of 2 tokens: how many predictions are there?",
    "Divide by `len(ids) - 1`.",
)
def _(f, ids, context, stride):
    return float(np.exp(np.concatenate(_counted(f, ids, context, stride)).sum() / len(ids)))


@perplexity.mistake(
    "the sum instead of the mean",
    "The losses are added up, not averaged: a longer text always looks worse.",
    "What happens to your number when the text gets twice as long?",
    "`np.exp(np.mean(losses))`.",
)
def _(f, ids, context, stride):
    return float(np.exp(np.concatenate(_counted(f, ids, context, stride)).sum()))


@perplexity.mistake(
    "the mean of the probabilities",
    "This is 1 / the mean probability; the mean is to be taken of the logarithms.",
    "Probabilities 1/2 and 1/8: what is the mean of -log₂ p?",
    "`np.exp(np.mean(-np.log(probabilities)))`.",
)
def _(f, ids, context, stride):
    return float(1 / np.exp(-np.concatenate(_counted(f, ids, context, stride))).mean())


@perplexity.mistake(
    "the sign lost",
    "It is below 1: the minus before the logarithm is missing.",
    "Can a perplexity be below 1?",
    "`np.exp(-np.mean(log_probabilities))`.",
)
def _(f, ids, context, stride):
    return 1 / _perplexity(f, ids, context, stride)


@perplexity.mistake(
    "`return` inside the loop",
    "Only the first token counts: the function returns before it comes to the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return` belongs at the same indentation as the outermost loop.",
)
def _(f, ids, context, stride):
    return float(np.exp(_counted(f, ids, context, stride)[0][0]))


# --- 7. stretch: beam search ------------------------------------------------------------------------


def _beam_search(next_logits, ids, steps, beams, end, length_penalty):
    return _beams(next_logits, ids, steps, beams, end, length_penalty)


def _beams(
    f,
    ids,
    steps,
    beams,
    end,
    length_penalty,
    *,
    value=lambda z: np.log(_softmax(z)),
    each_its_own=False,
    ended="leave",
    last="count",
    first_wins=False,
    score=None,
):
    """The search with its usual mistakes as switches. A beam is (total, ids)."""
    prompt, running, finished = list(ids), [(0.0, list(ids))], []
    score = score or (lambda total, new: total / new**length_penalty)
    for step in range(steps):
        wider = []
        for total, known in running:
            row = value(f(known))
            grown = [(total + float(row[i]), [*known, i]) for i in range(len(row))]
            if each_its_own and step:
                grown = [max(grown)]
            wider += grown
        if ended == "keep a place":
            wider, finished = wider + finished, []
        best = sorted(wider, key=lambda beam: -beam[0])[:beams]
        done = [b for b in best if b[1][-1] == end and ended != "run on"]
        running = [b for b in best if b not in done]
        finished += done if ended != "lost" else []
        if not running or (first_wins and finished):
            break
    pool = finished if last == "lost" and finished else finished + ([] if first_wins and finished else running)
    total, text = max(pool, key=lambda b: score(b[0], len(b[1]) - len(prompt)))
    return text, score(total, len(text) - len(prompt))


beam_search = Part(
    "beam_search",
    "Beam search",
    points={"search": 1, "end": 1, "length penalty": 1},
    answer=_beam_search,
    imports=ALLOWED,
    banned=frozenset({"generate", "BeamSearchScorer"}),
    uses=("next_probabilities",),
    stretch=True,
    hints=(
        "With 2 beams and 3 tokens: draw the tree of the first two steps. How many continuations compete in the second?",
        "Keep a list `running` of (total, ids) and a list `finished`. Per step: all continuations of all running beams in "
        "one list, sort, keep the first `beams`, and sort these into the two lists.",
        "At the end: `max(finished + running, key=score)` with `score = total / (len(ids) - len(prompt)) ** length_penalty`.",
    ),
)


def _telling(rng, steps, beams, vocabulary, penalty, variants, ends=True):
    """Inputs on which each of these variants of the search gives something else than the right answer."""
    while True:
        toy = toys.next_logits(int(rng.integers(1_000_000)), vocabulary)
        ids = rng.integers(0, vocabulary, size=int(rng.integers(1, 4))).tolist()
        end = int(rng.integers(0, vocabulary)) if ends is True else ends
        model = toys.build(toy)
        right = _beams(model, ids, steps, beams, end, penalty)
        if all(_outcome(model, ids, steps, beams, end, penalty, v) != right for v in variants):
            return Case(
                (toy, ids, steps, beams, end, penalty), "length penalty" if penalty else "search" if end < 0 else "end"
            )


def _outcome(f, ids, steps, beams, end, penalty, variant):
    try:
        return _beams(
            f,
            ids,
            steps,
            variant.get("beams", beams),
            end,
            penalty,
            **{k: v for k, v in variant.items() if k != "beams"},
        )
    except ValueError:
        return None


@beam_search.cases
def _(rng):
    narrow, own, plain = {"beams": 1}, {"each_its_own": True}, {"score": lambda total, new: total}
    yield _telling(rng, 2, 2, 3, 0.0, [narrow], ends=-1)
    yield _telling(rng, 3, 3, 4, 0.0, [narrow, own], ends=-1)
    yield _telling(rng, 5, 3, 8, 0.0, [narrow, own], ends=-1)
    yield _telling(rng, 2, 2, 3, 0.0, [{"ended": "run on"}, {"ended": "lost"}])
    yield _telling(rng, 4, 2, 4, 0.0, [{"last": "lost"}])
    yield _telling(rng, 3, 2, 4, 0.0, [{"ended": "run on"}, {"ended": "lost"}], ends=0)
    yield _telling(rng, 5, 3, 5, 0.0, [{"ended": "run on"}, {"ended": "lost"}])
    yield _telling(rng, 3, 3, 4, 1.0, [plain, {"first_wins": True}])
    yield _telling(rng, 5, 3, 5, round(float(rng.uniform(0.6, 0.9)), 2), [plain, {"first_wins": True}])
    yield _telling(rng, 5, 2, 5, round(float(rng.uniform(1.2, 2.0)), 2), [plain, {"last": "lost"}])
    yield _telling(rng, 5, 2, 5, round(float(rng.uniform(1.2, 2.0)), 2), [{"ended": "keep a place"}])


@beam_search.mistake(
    "greedy",
    "This is the greedy text: only one beginning is followed.",
    "Can the likeliest text of two tokens begin with the second likeliest token?",
    "Keep `beams` beginnings after each step.",
)
def _(f, ids, steps, beams, end, penalty):
    return _beams(f, ids, steps, 1, end, penalty)


@beam_search.mistake(
    "each beam by itself",
    "Each beam is continued by its own best token; all continuations of all beams should compete.",
    "May the two best texts both be continuations of the same beam?",
    "One list of all continuations, sorted, then the first `beams`.",
)
def _(f, ids, steps, beams, end, penalty):
    return _beams(f, ids, steps, beams, end, penalty, each_its_own=True)


@beam_search.mistake(
    "probabilities added",
    "Probabilities are added up; it is their logarithms that add.",
    "Two tokens with probability 1/2 each: how likely is the pair?",
    "Add `np.log(probabilities)`.",
)
def _(f, ids, steps, beams, end, penalty):
    return _beams(f, ids, steps, beams, end, penalty, value=_softmax)


@beam_search.mistake(
    "logits added",
    "Logits are added up as they are; each row has another constant in it.",
    "What happens to your totals if a model adds 100 to all logits?",
    "`np.log(next_probabilities(logits, 1.0))`.",
)
def _(f, ids, steps, beams, end, penalty):
    return _beams(f, ids, steps, beams, end, penalty, value=np.asarray)


@beam_search.mistake(
    "ended beams run on",
    "A beam that has chosen `end` is continued.",
    "What comes after the end of a text?",
    "Take it out of the running beams, and keep it for the choice at the end.",
)
def _(f, ids, steps, beams, end, penalty):
    return _beams(f, ids, steps, beams, end, penalty, ended="run on")


@beam_search.mistake(
    "ended beams lost",
    "A beam that has chosen `end` is thrown away; it may be the best of all.",
    "Where do your finished texts go?",
    "Keep them in a list of their own, and choose from it and the running ones at the end.",
)
def _(f, ids, steps, beams, end, penalty):
    return _beams(f, ids, steps, beams, end, penalty, ended="lost")


@beam_search.mistake(
    "ended beams keep a place",
    "Finished beams take part in the next step and keep a place; here they leave, and all `beams` "
    "places are free for continuations.",
    "How many continuations go on after one of 3 beams has ended?",
    "Sort only the continuations of running beams.",
)
def _(f, ids, steps, beams, end, penalty):
    return _beams(f, ids, steps, beams, end, penalty, ended="keep a place")


@beam_search.mistake(
    "the first end wins",
    "The search stops with the first beam that ends; a longer one may have the better score.",
    "What does the question say about when to stop?",
    "Go on until no beam runs or `steps` is reached.",
)
def _(f, ids, steps, beams, end, penalty):
    return _beams(f, ids, steps, beams, end, penalty, first_wins=True)


@beam_search.mistake(
    "running beams lost at the last step",
    "Only beams that chose `end` are compared; those still running after the last step count too.",
    "What is your result if no beam ever ends?",
    "`max(finished + running, key=score)`.",
)
def _(f, ids, steps, beams, end, penalty):
    return _beams(f, ids, steps, beams, end, penalty, last="lost")


@beam_search.mistake(
    "the length penalty ignored",
    "The total is returned and compared as it is: `length_penalty` has no effect.",
    "What is a total of -6 over 4 tokens, with length_penalty 1?",
    "`total / new ** length_penalty`.",
)
def _(f, ids, steps, beams, end, penalty):
    return _beams(f, ids, steps, beams, end, penalty, score=lambda total, new: total)


@beam_search.mistake(
    "the prompt counted in the length",
    "The totals are right, but divided by the length of the whole text: the prompt's tokens have no part in the total.",
    "How many log-probabilities did you add?",
    "`new = len(ids) - len(prompt)`.",
)
def _(f, ids, steps, beams, end, penalty):
    return _beams(f, ids, steps, beams, end, penalty, score=lambda total, new: total / (len(ids) + new) ** penalty)


@beam_search.mistake(
    "multiplied by the length",
    "The total is multiplied by the power of the length; it should be divided.",
    "Should a long text's total come nearer to 0, or go further away?",
    "`total / new ** length_penalty`.",
)
def _(f, ids, steps, beams, end, penalty):
    return _beams(f, ids, steps, beams, end, penalty, score=lambda total, new: total * new**penalty)


@beam_search.mistake(
    "length times penalty",
    "The total is divided by length × penalty; the penalty is an exponent.",
    "What should length_penalty = 0 do? And what does dividing by 0 do?",
    "`total / new ** length_penalty`.",
)
def _(f, ids, steps, beams, end, penalty):
    return _beams(f, ids, steps, beams, end, penalty, score=lambda total, new: total / (new * penalty))


@beam_search.mistake(
    "only the ids returned",
    "The ids are right, the score is missing: both are asked for.",
    "What does the question say is returned?",
    "`return ids, score`.",
)
def _(f, ids, steps, beams, end, penalty):
    return _beams(f, ids, steps, beams, end, penalty)[0]


@beam_search.mistake(
    "only the new tokens",
    "The new tokens are right, the prompt before them is missing.",
    "What does the question say is returned?",
    "Let each beam begin as `list(ids)`.",
)
def _(f, ids, steps, beams, end, penalty):
    found, score = _beams(f, ids, steps, beams, end, penalty)
    return found[len(ids) :], score


@beam_search.mistake(
    "`return` inside the loop",
    "The search ends after its first step: the function returns before it comes to the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return` belongs at the same indentation as the loop over the steps.",
)
def _(f, ids, steps, beams, end, penalty):
    return _beams(f, ids, 1, beams, end, penalty)


@beam_search.mistake(
    "an end with the id 0",
    "Beams end at every `end` except 0: `if end and …` treats the id 0 as if there were no end.",
    "What is `bool(0)`?",
    "`text[-1] == end`, without asking whether `end` is true.",
)
def _(f, ids, steps, beams, end, penalty):
    return _beams(f, ids, steps, beams, end, penalty, ended="leave" if end else "run on")


# --- 8. stretch: the cache --------------------------------------------------------------------------


def _generate_with_cache(step, ids, steps):
    ids, cache = list(ids), None
    for i in ids:
        logits, cache = step(i, cache)
    for left in reversed(range(steps)):
        ids.append(int(np.argmax(logits)))
        if left:
            logits, cache = step(ids[-1], cache)
    return ids


generate_with_cache = Part(
    "generate_with_cache",
    "Generating with a cache",
    points={"ids": 1, "one call per token": 2},
    answer=_generate_with_cache,
    imports=ALLOWED,
    banned=frozenset({"generate"}),
    stretch=True,
    hints=(
        "Write down the calls of `step` for a prompt of 2 ids and 2 steps. There are three.",
        "Read the prompt id by id, each time with the cache that the call before gave. Its last logits choose the first new id.",
        "Then: append the new id; if more are wanted, `logits, cache = step(ids[-1], cache)`. The last new id is never read.",
    ),
)


@generate_with_cache.cases
def _(rng):
    def case(length, steps, most=0):
        return (
            toys.cached_step(int(rng.integers(1_000_000)), 50, most),
            rng.integers(0, 50, size=length).tolist(),
            steps,
        )

    yield Case(case(1, 3), "ids")
    yield Case(case(2, 3), "ids")
    yield Case(case(int(rng.integers(3, 6)), int(rng.integers(4, 7))), "ids")
    yield Case(case(2, 1, 2), "one call per token")
    yield Case(case(1, 3, 3), "one call per token")
    yield Case(case(2, 4, 6), "one call per token")
    length, steps = int(rng.integers(3, 6)), int(rng.integers(4, 7))
    yield Case(case(length, steps, length + steps - 1), "one call per token")


def _stepwise(step, ids, steps, prompt=list, after=lambda prompts, now: now, feed=lambda ids: ids[-1:], idle=False):
    """`after(the prompt's cache, the present one)` is what a new id is read with; `feed(ids)` is what is read."""
    ids, cache, logits = list(ids), None, None
    for i in prompt(ids):
        logits, cache = step(i, cache)
    prompts = cache
    for left in reversed(range(steps)):
        ids.append(int(np.argmax(logits)))
        if left or idle:
            cache = after(prompts, cache)
            for i in feed(ids):
                logits, cache = step(i, cache)
    return ids


@generate_with_cache.mistake(
    "the cache not passed on",
    "The cache that `step` gives is not handed to the next call: the model sees one id at a time, without any past.",
    "What does the second call know about the first?",
    "`logits, cache = step(i, cache)`, with one variable for both.",
)
def _(step, ids, steps):
    ids = list(ids)
    for i in ids:
        logits, _ = step(i, None)
    for left in reversed(range(steps)):
        ids.append(int(np.argmax(logits)))
        if left:
            logits, _ = step(ids[-1], None)
    return ids


@generate_with_cache.mistake(
    "the cache not replaced",
    "Each new id is read with the prompt's cache: the new ids before it are forgotten.",
    "After the third new id, how many ids should the cache stand for?",
    "Keep what `step` returns: `logits, cache = step(…, cache)`.",
)
def _(step, ids, steps):
    return _stepwise(step, ids, steps, after=lambda prompts, now: prompts)


@generate_with_cache.mistake(
    "the cache emptied after the prompt",
    "The prompt is read, and then the new ids start from an empty cache.",
    "What does the first new id know about the prompt?",
    "Set `cache = None` once, before the prompt.",
)
def _(step, ids, steps):
    ids, cache = list(ids), None
    for i in ids:
        logits, cache = step(i, cache)
    cache = None
    for left in reversed(range(steps)):
        ids.append(int(np.argmax(logits)))
        if left:
            logits, cache = step(ids[-1], cache)
    return ids


@generate_with_cache.mistake(
    "the last prompt id read twice",
    "The prompt's last id is read twice: once with the prompt and once more before the first choice.",
    "Which logits choose the first new id?",
    "Those of the prompt's last call; no further call is needed.",
)
def _(step, ids, steps):
    ids, cache = list(ids), None
    for i in ids:
        logits, cache = step(i, cache)
    for _ in range(steps):
        logits, cache = step(ids[-1], cache)
        ids.append(int(np.argmax(logits)))
    return ids


@generate_with_cache.mistake(
    "only the prompt's last id read",
    "Only the last id of the prompt is read; with a prompt of one id that is right.",
    "What does the cache hold when the first new id is chosen?",
    "Read the whole prompt: `for i in ids: logits, cache = step(i, cache)`.",
)
def _(step, ids, steps):
    return _stepwise(step, ids, steps, prompt=lambda ids: ids[-1:])


@generate_with_cache.mistake(
    "everything read again",
    "The ids are right, but the whole text is read again at each step: the cache saves nothing.",
    "A prompt of 1 id and 3 steps: how many calls do you make, and how many ids are there to read?",
    "After the prompt, each step reads one id: the one just chosen.",
)
def _(step, ids, steps):
    return _stepwise(step, ids, steps, after=lambda prompts, now: None, feed=list)


@generate_with_cache.mistake(
    "everything read again on top of the cache",
    "The whole text is read again at each step, and added to a cache that holds it already.",
    "How many ids does the cache stand for after the second step?",
    "Read only the id just chosen.",
)
def _(step, ids, steps):
    return _stepwise(step, ids, steps, feed=list)


@generate_with_cache.mistake(
    "a call for nothing at the end",
    "The ids are right, with one call too many: the last new id is read, and its logits are not used.",
    "A prompt of 1 id and 3 steps: which three ids have to be read?",
    "Call `step` only if another id is wanted.",
)
def _(step, ids, steps):
    return _stepwise(step, ids, steps, idle=True)


@generate_with_cache.mistake(
    "the new ids not read",
    "All new ids are chosen from the prompt's last logits: the same id again and again.",
    "When do the logits change?",
    "After appending: `logits, cache = step(ids[-1], cache)`.",
)
def _(step, ids, steps):
    return _stepwise(step, ids, steps, feed=lambda ids: [])


@generate_with_cache.mistake(
    "only the new ids",
    "The new ids are right, the prompt before them is missing.",
    "What does the question say is returned?",
    "Start from `list(ids)` and append to it.",
)
def _(step, ids, steps):
    return _stepwise(step, ids, steps)[len(ids) :]


@generate_with_cache.mistake(
    "one step too few",
    "One id is missing.",
    "How many new ids are there to be for steps = 1?",
    "Each step appends one id; only the call after the last one is left out.",
)
def _(step, ids, steps):
    return _stepwise(step, ids, steps - 1)


@generate_with_cache.mistake(
    "`return` inside the loop",
    "Only one new id comes: the function returns before it comes to the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return ids` belongs at the same indentation as the loop.",
)
def _(step, ids, steps):
    return _stepwise(step, ids, 1)


# --- 9. written: its numbers ------------------------------------------------------------------------

PROMPTS = (
    "Once upon a time there was a",
    "The old woman opened the door and",
    "In the middle of the forest",
    "The little boy looked at the moon and",
    "When the king heard this, he",
    "Far away, at the other end of the sea,",
)
TOKENS = 24
SETTING = ("temperature", "top_k", "top_p", "repetition_penalty", "seed")
MEASURED = ("log_probability", "distinct_2", "repeated_3")


def write(model, tokenizer, setting, prompts, tokens):
    """One continuation per prompt: its new ids, and the log-probability of each under the model."""
    import torch
    from transformers.generation import logits_process as library

    steps = [
        library.RepetitionPenaltyLogitsProcessor(float(setting["repetition_penalty"])),
        library.TemperatureLogitsWarper(float(setting["temperature"])),
    ]
    if setting["top_k"]:  # 0 stands for all tokens
        steps.append(library.TopKLogitsWarper(setting["top_k"]))
    steps.append(library.TopPLogitsWarper(float(setting["top_p"])))
    texts = []
    for number, prompt in enumerate(prompts):
        rng = np.random.default_rng([setting["seed"], number])
        ids, new, log_p, cache = tokenizer(prompt, return_tensors="pt").input_ids, [], [], None
        while len(new) < tokens and tokenizer.eos_token_id not in new:
            with torch.no_grad():
                output = model(ids[:, -1:] if cache else ids, past_key_values=cache)
            cache, logits = output.past_key_values, output.logits[:, -1].double()
            changed = logits.clone()
            for step in steps:
                changed = step(ids, changed)
            sums = changed.softmax(-1)[0].numpy().cumsum()
            new.append(int(np.sum(sums <= rng.random() * sums[-1])))
            log_p.append(float(logits.log_softmax(-1)[0, new[-1]]))
            ids = torch.cat([ids, torch.tensor([new[-1:]])], dim=1)
        texts.append((new, log_p))
    return texts


def measure(texts):
    """Three plain numbers about continuations that `write` has written."""
    pairs = [tuple(new[i : i + 2]) for new, _ in texts for i in range(len(new) - 1)]
    triples = [[tuple(new[i : i + 3]) for i in range(len(new) - 2)] for new, _ in texts]
    repeats = sum(len(found) - len(set(found)) for found in triples)
    return {
        "log_probability": float(np.mean([value for _, row in texts for value in row])),
        "distinct_2": len(set(pairs)) / max(1, len(pairs)),
        "repeated_3": repeats / max(1, sum(map(len, triples))),
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
        return "fill in the dict: chosen, rival, chosen_measured, rival_measured"
    for name in ("chosen", "rival"):
        for kind, keys in (("", SETTING), ("_measured", MEASURED)):
            found = given.get(name + kind)
            if not isinstance(found, dict) or any(found.get(key) is None for key in keys):
                return f"still to fill in: {name}{kind}, with {', '.join(keys)}"
        if problem := _setting_problem(given[name]):
            return f"{name}: {problem}"
        if any(type(given[f"{name}_measured"][key]) not in (int, float) for key in MEASURED):
            return f"{name}_measured holds plain numbers, as measure(…) gives them"
    if all(given["chosen"][key] == given["rival"][key] for key in SETTING[:-1]):
        return "chosen and rival must differ in more than the seed"
    for name in ("chosen", "rival"):
        real = _measured(*(given[name][key] for key in SETTING))
        for key in MEASURED:
            value = given[f"{name}_measured"][key]
            if not abs(value - real[key]) <= (0.15 if key == "log_probability" else 0.03):
                return f"{key} of {name} is {value:.3f}; written and measured again it is {real[key]:.3f}"
    return None


def _setting_problem(setting):
    numbers = {key: type(setting[key]) in (int, float) for key in SETTING}
    if not all(numbers.values()):
        return "every value of a setting is a plain number"
    if type(setting["top_k"]) is not int or type(setting["seed"]) is not int:
        return "top_k and seed are whole numbers"
    if not 0.01 <= setting["temperature"] <= 100:
        return "the temperature lies between 0.01 and 100; for greedy use top_k = 1"
    if not 0 < setting["top_p"] <= 1:
        return "top_p lies above 0 and is at most 1 (1 cuts nothing)"
    if not 0 < setting["repetition_penalty"] <= 100:
        return "the repetition penalty is above 0 (1 changes nothing)"
    if not 0 <= setting["top_k"] <= 10_000 or not 0 <= setting["seed"] < 2**32:
        return "top_k and seed are at least 0"
    return None


@functools.cache
def _model():
    import contextlib
    import io

    from transformers import AutoModelForCausalLM

    from helpers import checkpoints

    with contextlib.redirect_stdout(io.StringIO()):
        return checkpoints.load(str(checkpoints.ASSETS / "storybook-gpt2"), AutoModelForCausalLM)


@functools.cache
def _measured(*values):
    found = _model()
    return measure(write(found.model, found.tokenizer, dict(zip(SETTING, values)), PROMPTS, TOKENS))


LAB = Lab(
    "lab04_generate_gpt2",
    "Generating with GPT-2",
    [
        next_probabilities,
        top_k,
        top_p,
        repetition_penalty,
        greedy,
        perplexity,
        beam_search,
        generate_with_cache,
        written_numbers,
    ],
    _model,
)
