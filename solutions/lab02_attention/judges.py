"""What only code can say of an answer to lab02_attention: judges of parts with several right answers, signs of mistakes."""

from __future__ import annotations

import functools

import numpy as np


def _exp(scores, axis=-1):
    with np.errstate(all="ignore"):
        e = np.exp(scores)
        return e / e.sum(axis=axis, keepdims=True)


TEXTS = (
    "The old woman opened the door, and the cat ran out into the garden.",
    "When the children came home, their mother was waiting for them at the gate.",
    "He put the letter into his pocket and walked slowly down the road.",
    "The princess looked at the dragon, but the dragon did not look at her.",
    "It was so dark that they could not see the trees on the other side of the river.",
    "She said that she would never go back to the house by the sea.",
)


def _losses(layer, head, control):
    """Loss whole, without the head, without the control."""
    return _loss(None, None), _loss(layer, head), _loss(layer, control)


@functools.cache
def prepare():
    import contextlib
    import io

    from transformers import AutoModelForMaskedLM

    from helpers import checkpoints

    with contextlib.redirect_stdout(io.StringIO()):
        return checkpoints.load(str(checkpoints.ASSETS / "storybook-bert"), AutoModelForMaskedLM)


@functools.cache
def _loss(layer, head):
    import contextlib

    from helpers.interventions import head_off, masked_loss

    found = prepare()
    with head_off(found.model, layer, head) if layer is not None else contextlib.nullcontext():
        return masked_loss(found.model, found.tokenizer, TEXTS)


def softmax_the_scores_clipped(inputs, expected, outcome):
    (scores,), got = inputs, np.asarray(outcome.output, dtype=float)
    bounds = (20, 30, 50, 80, 88, 100, 200, 300, 500, 600, 650, 700, 705, 708, 709, 709.7, 709.78, 710, 745, 800, 1000)
    clipped = (
        f(scores, bound)
        for bound in bounds
        for f in (lambda s, b: np.clip(s, -b, b), np.minimum, lambda s, b: np.maximum(s, -b))
    )
    return any(np.allclose(found, got, equal_nan=True) for found in map(_exp, clipped))


def written_numbers(inputs, _, given):
    if not isinstance(given, dict):
        return "fill in the dict: layer, head, control, loss, loss_without_head, loss_without_control"
    places = ("layer", "head", "control")
    losses = ("loss", "loss_without_head", "loss_without_control")
    if missing := [k for k in (*places, *losses) if given.get(k) is None]:
        return f"these are still to be filled in: {', '.join(missing)}"
    if any(type(given[k]) is not int for k in places):
        return "layer, head and control must be integers, counted from 0"
    if any(type(given[k]) not in (int, float) for k in losses):
        return "the losses must be plain numbers, so use float(…)"
    if given["head"] == given["control"]:
        return "the control must be another head of the same layer"
    try:
        real = _losses(given["layer"], given["head"], given["control"])
    except ValueError as error:
        return str(error)
    for name, value in zip(losses, real):
        if not abs(given[name] - value) <= 2e-3:
            return f"your {name} is {given[name]:.4f}, but measured again it is {value:.4f}"
    return None
