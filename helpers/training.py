"""Honest summaries of right and wrong answers. (The live curve of a training is `explore.training`.)"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float, Int


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
    tail = (1 - confidence) / 2
    low, high = np.quantile(values[draws].mean(axis=1), [tail, 1 - tail])
    return float(low), float(high)


def confusion(
    actual: Int[np.ndarray, " examples"], predicted: Int[np.ndarray, " examples"], labels: int | None = None
) -> Int[np.ndarray, "actual predicted"]:
    """How often each actual label (row) was predicted as each label (column).

    `labels` is the number of labels (default: as many as occur). Raises ValueError if the two differ in length
    or a label lies outside 0 … labels - 1, or is no integer.
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
