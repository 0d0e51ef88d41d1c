"""Honest summaries of right and wrong answers, and of how well a model predicts a text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float, Int

END_OF_TEXT = "<|endoftext|>"
TEXT_START = f"{END_OF_TEXT}\n"
"""The end of a text and of a line: after it a text begins, and a paragraph. `course pretrain gpt2` reads books so."""


def bootstrap_interval(
    values: Float[np.ndarray, " examples"], confidence: float = 0.95, resamples: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """An interval for the mean of `values` by the percentile bootstrap (Efron 1979).

    `values` has one number per example: right or wrong as 1 or 0, or the difference of two models on the same
    example. Each resample draws as many examples as there are, with replacement; the interval holds the middle
    `confidence` of their means. It knows about the choice of examples, not about the seed of the training.

    Raises ValueError for no values, for more than one axis, for NaN, and for a confidence outside (0, 1).
    """
    import numpy as np

    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"bootstrap_interval wants one number per example, not the shape {values.shape}.")
    if np.isnan(values).any():
        raise ValueError(f"{int(np.isnan(values).sum())} of the {len(values)} values are NaN.")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; it is a share between 0 and 1, such as 0.95.")
    draws = np.random.default_rng(seed).integers(len(values), size=(resamples, len(values)))
    low, high = _middle(values[draws].mean(axis=1), confidence)
    return float(low), float(high)


def _middle(figures: Any, confidence: float) -> np.ndarray:
    """Between which two values the middle `confidence` of the figures lies; one figure for each row, any columns."""
    import numpy as np

    tail = (1 - confidence) / 2
    return np.quantile(figures, [tail, 1 - tail], axis=0)


def confusion(
    actual: Int[np.ndarray, " examples"], predicted: Int[np.ndarray, " examples"], labels: int | None = None
) -> Int[np.ndarray, "actual predicted"]:
    """How often each actual label (row) was predicted as each label (column).

    `labels` is the number of labels (default: as many as occur). Raises ValueError if the two differ in length
    or a label lies outside 0 … labels - 1, or is not an integer.
    """
    import numpy as np

    actual, predicted = np.asarray(actual), np.asarray(predicted)
    if actual.shape != predicted.shape or actual.ndim != 1:
        raise ValueError(
            f"Actual labels have the shape {actual.shape}, predicted ones {predicted.shape}: "
            "give one of each per example."
        )
    both = np.concatenate([actual, predicted])
    if both.size and both.dtype.kind not in "iub":
        raise ValueError(f"Labels are whole numbers, not {both.dtype}. Predictions are logits.argmax(-1).")
    both = both.astype(int)
    count = labels if labels is not None else int(both.max(initial=-1)) + 1
    if both.size and (both.min() < 0 or both.max() >= count):
        raise ValueError(
            f"Labels go from {both.min()} to {both.max()}; with {count} labels they must be 0 to {count - 1}."
        )
    table = np.zeros((count, count), dtype=int)
    np.add.at(table, (both[: len(actual)], both[len(actual) :]), 1)
    return table


def accuracy_and_f1(table: Int[np.ndarray, "actual predicted"]) -> tuple[float, float]:
    """Accuracy, and the mean F1 over the labels that occur at all (what scikit-learn calls macro-F1)."""
    right, both = table.diagonal(), table.sum(0) + table.sum(1)
    return float(right.sum() / table.sum()), float((2 * right[both > 0] / both[both > 0]).mean())


def figures(table: Int[np.ndarray, "actual predicted"], resamples: int = 2000) -> dict[str, Any]:
    """Accuracy and macro-F1, each with its 95 % interval by the percentile bootstrap (Efron 1979).

    To draw as many examples with replacement is to draw the cells of the confusion table from a multinomial.
    """
    import numpy as np

    examples, names = table.sum(), ("accuracy", "macro_f1")
    draws = np.random.default_rng(0).multinomial(examples, table.ravel() / examples, size=resamples)
    low, high = _middle([accuracy_and_f1(draw.reshape(table.shape)) for draw in draws], confidence=0.95)
    values = dict(zip(names, accuracy_and_f1(table), strict=True))
    return (
        values | {f"{name}_interval": [low[k], high[k]] for k, name in enumerate(names)} | {"examples": int(examples)}
    )


def bits_per_character(model, tokenizer, text: str, *, stride: int | None = None, batch: int = 16) -> float:
    """How many bits the model needs for a character of `text`: -log2 p(text) / len(text).

    Every token of the text is predicted once. A window moves on by `stride` tokens (default: half the
    context), so that a token is predicted from at least context - stride tokens before it. The count of
    characters, not of tokens, is the denominator: models with other tokenizers compare.
    """
    import torch

    context = model.config.max_position_embeddings
    stride = stride or context // 2
    end = tokenizer.convert_tokens_to_ids(END_OF_TEXT)
    ids = torch.tensor([end, *tokenizer(text, verbose=False)["input_ids"]])
    starts = range(0, max(1, len(ids) - 1 - (context - stride)), stride)
    device, total, was_training = next(model.parameters()).device, 0.0, model.training
    model.eval()
    pad = torch.nn.functional.pad
    with torch.no_grad():
        for first in range(0, len(starts), batch):
            rows, targets = [], []
            for start in starts[first : first + batch]:
                row = ids[start : start + context + 1]
                target = row[1:].clone()
                if start:
                    target[: context - stride] = -100  # predicted by the window before
                rows.append(pad(row[:-1], (0, context + 1 - len(row)), value=end))
                targets.append(pad(target, (0, context + 1 - len(row)), value=-100))
            logits = model(input_ids=torch.stack(rows).to(device), use_cache=False).logits
            total += torch.nn.functional.cross_entropy(
                logits.flatten(0, 1).float(),
                torch.stack(targets).to(device).flatten(),
                ignore_index=-100,
                reduction="sum",
            ).item()
    model.train(was_training)
    return total / math.log(2) / len(text)
