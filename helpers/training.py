"""What fine-tuning needs around the loop: a live curve, and honest summaries of right and wrong answers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from helpers.runtime import in_notebook

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float, Int
    from matplotlib.figure import Figure

REDRAW_SECONDS = 2.0


class LiveCurve:
    """A curve that grows while a model trains: one output that is redrawn, and whose last frame stays.

        with LiveCurve("Fine-tuning", "loss", reference=(0.69, "a coin's loss")) as curve:
            curve.add("training", step, loss)

    It is redrawn at most once in `seconds` and once more at the end, also when the training is interrupted or
    fails (the error goes on). Under the last frame comes `sentence()`, which says the same in words. Outside
    a notebook the sentence is printed instead.

    `reference` is a (value, label) pair for a horizontal line. `smooth` is the number of points in the running
    mean that is drawn over a long series.
    """

    def __init__(
        self, title: str, ylabel: str = "loss", xlabel: str = "step",
        reference: tuple[float, str] | None = None, smooth: int = 10, seconds: float = REDRAW_SECONDS,
    ) -> None:
        if smooth < 1:
            raise ValueError(f"smooth is {smooth}; it counts points, so it is at least 1.")
        self.title, self.ylabel, self.xlabel, self.reference = title, ylabel, xlabel, reference
        self.smooth, self.seconds = smooth, seconds
        self.series: dict[str, tuple[list[float], list[float]]] = {}
        self._display: Any = None
        self._drawn = float("-inf")

    def add(self, name: str, step: float, value: float) -> None:
        """Append a point to the series `name`, and redraw if it is time."""
        steps, values = self.series.setdefault(name, ([], []))
        steps.append(float(step))
        values.append(float(value))
        if time.monotonic() - self._drawn >= self.seconds:
            self.draw()

    def sentence(self) -> str:
        """What the curve shows, in words: where each series starts and ends, and where a short one turns."""
        if not self.series:
            return f"{self.title}: no points yet."
        parts = []
        for name, (_, values) in self.series.items():
            near = min(self.smooth, -(-len(values) // 3))      # at most a third of the series, rounded up
            first, last = sum(values[:near]) / near, sum(values[-near:]) / near
            if len(values) == 1:
                parts.append(f"{name} is at {last:.2f} after 1 point")
            elif f"{first:.2f}" == f"{last:.2f}":
                parts.append(f"{name} stays near {last:.2f} over {len(values)} points")
            elif near == 1 and min(values) < min(first, last):
                lowest = min(values)
                parts.append(f"{name} falls from about {first:.2f} to about {lowest:.2f} at point "
                             f"{values.index(lowest) + 1} of {len(values)}, then rises to about {last:.2f}")
            else:
                word = "falls" if last < first else "rises"
                parts.append(
                    f"{name} {word} from about {first:.2f} to about {last:.2f} over {len(values)} points"
                )
        reference = f" The line at {self.reference[0]:.2f} is {self.reference[1]}." if self.reference else ""
        return f"{self.title}, {self.ylabel} by {self.xlabel}: {'; '.join(parts)}.{reference}"

    def figure(self) -> Figure:
        from helpers import plots

        return plots.training_curve(
            self.series, self.title, self.ylabel, self.xlabel, self.reference, self.smooth
        )

    def draw(self) -> None:
        """Redraw now."""
        self._drawn = time.monotonic()
        if not in_notebook():
            print(self.sentence())
            return
        from IPython.display import display

        from helpers import plots

        picture = plots.picture(self.figure(), self.sentence())
        if self._display is None:
            self._display = display(picture, raw=True, display_id=True)
        else:
            self._display.update(picture, raw=True)

    def close(self) -> None:
        """Draw the last frame and put its sentence under it."""
        self.draw()
        if in_notebook():
            from IPython.display import Markdown, display

            display(Markdown(f"*{self.sentence()}*"))

    def __enter__(self) -> LiveCurve:
        return self

    def __exit__(self, *error: object) -> None:
        if self.series:
            self.close()


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
