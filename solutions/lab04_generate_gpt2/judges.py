"""What only code can say of an answer to lab04_generate_gpt2: judges of parts with several right answers, signs of mistakes."""

from __future__ import annotations

import functools

import numpy as np

INF = float("inf")


def _softmax(z):
    with np.errstate(all="ignore"):
        e = np.exp(np.asarray(z, dtype=np.float64) - np.max(z))
        return e / e.sum()


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


def _setting_problem(setting):
    numbers = {key: type(setting[key]) in (int, float) for key in SETTING}
    if not all(numbers.values()):
        return "every value of a setting must be a plain number"
    if type(setting["top_k"]) is not int or type(setting["seed"]) is not int:
        return "top_k and seed must be integers"
    if not 0.01 <= setting["temperature"] <= 100:
        return "the temperature must be between 0.01 and 100; for greedy, use top_k = 1"
    if not 0 < setting["top_p"] <= 1:
        return "top_p must be above 0 and at most 1 (1 cuts nothing)"
    if not 0 < setting["repetition_penalty"] <= 100:
        return "the repetition penalty must be above 0 and at most 100 (1 changes nothing)"
    if not 0 <= setting["top_k"] <= 10_000 or not 0 <= setting["seed"] < 2**32:
        return "top_k must be from 0 to 10,000, and seed at least 0 and below 2**32"
    return None


@functools.cache
def prepare():
    import contextlib
    import io

    from transformers import AutoModelForCausalLM

    from helpers import checkpoints

    with contextlib.redirect_stdout(io.StringIO()):
        return checkpoints.load(str(checkpoints.ASSETS / "storybook-gpt2"), AutoModelForCausalLM)


@functools.cache
def _measured(*values):
    found = prepare()
    return measure(write(found.model, found.tokenizer, dict(zip(SETTING, values)), PROMPTS, TOKENS))


def next_probabilities_the_logits_clipped(inputs, expected, outcome):
    (z, t), got = inputs, np.asarray(outcome.output, dtype=float)
    bounds = (20, 30, 50, 80, 88, 100, 200, 300, 500, 600, 650, 700, 705, 708, 709, 709.7, 709.78, 710, 745, 800, 1000)
    clipped = (
        f(z / t, bound)
        for bound in bounds
        for f in (lambda s, b: np.clip(s, -b, b), np.minimum, lambda s, b: np.maximum(s, -b))
    )
    return any(np.allclose(_softmax(found), got) for found in clipped)


def top_k_ties_cut(inputs, expected, outcome):
    (z, k), got = inputs, np.asarray(outcome.output, dtype=float)
    stays = got > -INF
    return stays.sum() == k and z[stays].min() >= np.sort(z)[-k] and np.array_equal(got[stays], z[stays])


def top_p(inputs, _, output):
    logits, p = inputs
    found = np.asarray(output) if isinstance(output, (list, tuple, np.ndarray)) else None
    if found is None or found.dtype.kind not in "fiu":
        return "the function should return an array of logits"
    if found.shape != logits.shape:
        return f"the shape should be {logits.shape}, but it is {found.shape}"
    stays = found > -INF
    if np.isnan(found).any() or not np.allclose(found[stays], logits[stays], rtol=1e-5, atol=1e-6):
        return "every logit must be unchanged, or -inf if it is cut"
    probabilities = _softmax(logits)
    needed = int(np.sum(np.cumsum(np.sort(probabilities)[::-1]) < p)) + 1
    if stays.sum() != needed:
        what = "1 token stays" if stays.sum() == 1 else f"{stays.sum()} tokens stay"
        mass = probabilities[stays].sum()
        return (
            f"{what}, with a mass of {mass:.3f}, but the smallest number of tokens that reaches p = {p:.4g} is {needed}"
        )
    if (~stays).any() and logits[stays].min() < logits[~stays].max() - 1e-9:
        low, high = np.flatnonzero(stays)[np.argmin(logits[stays])], np.flatnonzero(~stays)[np.argmax(logits[~stays])]
        return f"token {low} stays although token {high}, which is likelier, is cut"
    return None


def written_numbers(inputs, _, given):
    if not isinstance(given, dict):
        return "fill in the dict: chosen, rival, chosen_measured, rival_measured"
    for name in ("chosen", "rival"):
        for kind, keys in (("", SETTING), ("_measured", MEASURED)):
            found = given.get(name + kind)
            if not isinstance(found, dict) or any(found.get(key) is None for key in keys):
                return f"{name}{kind} is still to be filled in, with {', '.join(keys)}"
        if problem := _setting_problem(given[name]):
            return f"{name}: {problem}"
        if any(type(given[f"{name}_measured"][key]) not in (int, float) for key in MEASURED):
            return f"{name}_measured must hold plain numbers, as measure(…) returns them"
    if all(given["chosen"][key] == given["rival"][key] for key in SETTING[:-1]):
        return "chosen and rival must differ in more than the seed"
    for name in ("chosen", "rival"):
        real = _measured(*(given[name][key] for key in SETTING))
        for key in MEASURED:
            value = given[f"{name}_measured"][key]
            if not abs(value - real[key]) <= (0.15 if key == "log_probability" else 0.03):
                return f"your {key} of {name} is {value:.3f}, but written and measured again it is {real[key]:.3f}"
    return None
