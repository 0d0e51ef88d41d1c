"""The curves of a training: live while it runs; when it ends, a picture that stays, and its numbers.

The live picture is drawn by `training.js`, the static one by `helpers.plots`.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from math import ceil, isfinite, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.explorers import still, tab
from helpers.runtime import in_notebook
from helpers.show import Static, view

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCRIPT = Path(__file__).with_suffix(".js")
REDRAW_SECONDS = 1.0
LOGGED = {"training": "loss", "validation": "eval_loss", "learning rate": "learning_rate"}  # ours: Trainer's
LISTED = 200  # rows of the table
CARRIED = 2000  # points that a page without a kernel gets: 21 bytes each
Series = tuple[list[float], list[float]]


def show(log: Any, title: str, **options: Any) -> Any:
    """The view behind `explore.training`: of a run that is over, or, without a `log`, a curve to be fed."""
    if log is None:
        return Curve(title, **options)
    if isinstance(log, Curve):
        curve = log
    else:
        curve = Curve(title, **options)
        curve.series = read(log)
    if not curve.series:
        raise ValueError("Nothing is logged here: no training or validation loss, no learning rate.")
    return view(curve.static(), SCRIPT, curve.data())


def read(log: Any) -> dict[str, Series]:
    """Steps and values by name: from a dictionary of such pairs, or from the `log_history` of a Trainer's state."""
    try:
        if isinstance(log, str):
            raise TypeError
        if isinstance(log, Mapping):
            found = {str(name): [list(map(float, part)) for part in pair] for name, pair in log.items()}
        else:
            rows = {name: [row for row in log if key in row] for name, key in LOGGED.items()}
            found = {
                name: [[float(row[part]) for row in rows[name]] for part in ("step", key)]
                for name, key in LOGGED.items()
            }
        pairs = {name: (steps, values) for name, (steps, values) in found.items() if steps}
        if any(len(steps) != len(values) for steps, values in pairs.values()):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise ValueError(
            "A log is a Trainer's state.log_history, a curve of explore.training(), or a dictionary like "
            "{'training': (steps, losses)} with as many steps as values. A title goes by name: title=…"
        ) from None
    return pairs


def way(values: Sequence[float], smooth: int) -> str:
    """Where a series goes, in words: it falls, rises, stays, or turns at its lowest or highest place in between.

    Means of up to `smooth` points, at most a third of the series (rounded up), are compared. A turn counts if it is
    larger than the usual step from one point to the next, or, where single points are compared, if it is there at all.
    """
    count = len(values)
    if count == 1:
        return f"is at {values[0]:.2f} after 1 point"
    near = min(smooth, -(-count // 3))
    means = [sum(values[k : k + near]) / near for k in range(count - near + 1)]
    first, last = means[0], means[-1]
    usual = sum(abs(b - a) for a, b in pairwise(values)) / (count - 1) if near > 1 else 0.0
    dip, hump = min(first, last) - min(means), max(means) - max(first, last)
    turn, size, words = (min(means), dip, ("falls", "rises")) if dip >= hump else (max(means), hump, ("rises", "falls"))
    if size > usual and f"{turn:.2f}" not in (f"{first:.2f}", f"{last:.2f}"):
        at = means.index(turn) + 1 + near // 2
        return (
            f"{words[0]} from about {first:.2f} to about {turn:.2f} at point {at} of {count}, "
            f"then {words[1]} to about {last:.2f}"
        )
    if f"{first:.2f}" == f"{last:.2f}":
        return f"stays near {last:.2f} over {count} points"
    return f"{'falls' if last < first else 'rises'} from about {first:.2f} to about {last:.2f} over {count} points"


def call_of(curve: Curve) -> dict[str, Any] | None:
    """What `tab/training.js` needs to draw the curve without a kernel: its numbers; None if there are very many."""
    points = sum(len(steps) for steps, _ in curve.series.values())
    return {"view": "training", "data": tab.plain(curve.data())} if points <= CARRIED else None


class Curve:
    """What a training logs, drawn while it runs: one output, whose last frame stays.

        with explore.training(title="Fine-tuning", reference=(0.69, "a coin's loss")) as curve:
            curve.add("training", step, loss)

    It is redrawn at most once in `seconds`. At the end, also when the training is interrupted or fails (the error goes
    on), the static form takes the live view's place: it needs no kernel. Outside a notebook `sentence()` is printed.

    `reference` is a (value, label) pair for a horizontal line. `smooth` is the number of points in the running mean
    that is drawn over a series more than twice as long. Series named in `below` get a strip and a scale of their own.
    """

    def __init__(
        self,
        title: str = "Training",
        *,
        ylabel: str = "loss",
        xlabel: str = "step",
        reference: tuple[float, str] | None = None,
        smooth: int = 10,
        seconds: float = REDRAW_SECONDS,
        below: Sequence[str] = ("learning rate",),
    ) -> None:
        if smooth < 1:
            raise ValueError(f"smooth is {smooth}; it counts points, so it is at least 1.")
        self.title, self.ylabel, self.xlabel, self.reference = title, ylabel, xlabel, reference
        self.smooth, self.seconds, self.below = smooth, seconds, below
        self.series: dict[str, Series] = {}
        self._shown: Any = None
        self._display: Any = None
        self._drawn = float("-inf")
        self._closed = False

    def __repr__(self) -> str:
        return self.sentence()

    # --- while it runs ------------------------------------------------------------------------------

    def add(self, name: str, step: float, value: float) -> None:
        """Append a point to the series `name`, and redraw if it is time."""
        steps, values = self.series.setdefault(name, ([], []))
        steps.append(float(step))
        values.append(float(value))
        if time.monotonic() - self._drawn >= self.seconds:
            self.draw()

    def callback(self) -> Any:
        """For `Trainer(..., callbacks=[curve.callback()])`: what Trainer logs goes into this curve.

        Train inside `with curve:` if an interrupt shall leave the last frame, too.
        """
        from transformers import TrainerCallback

        curve = self

        class Logged(TrainerCallback):
            def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, float], **_: Any) -> None:
                for name, key in LOGGED.items():
                    if key in logs:
                        curve.add(name, state.global_step, logs[key])

            def on_train_end(self, *_: Any, **__: Any) -> None:
                curve.close()

        return Logged()

    def draw(self) -> None:
        """Redraw now."""
        self._drawn = time.monotonic()
        if not in_notebook():
            return
        from IPython.display import display

        if self._display is None:
            self._shown = view(self.static(), SCRIPT, self.data())
            self._display = display(self._shown, display_id=True)
        elif self._closed or isinstance(self._shown, Static):
            self._display.update(self.static())
        else:
            self._shown.data = self.data()

    def close(self) -> None:
        """Leave the last frame, in a form that outlives the kernel."""
        if not in_notebook():
            if not self._closed:
                print(self.sentence())
        else:
            if self._display is None:
                self.draw()
            self._display.update(self.static())
            if not self._closed and not isinstance(self._shown, Static):
                self._shown.close()
        self._closed = True

    def __enter__(self) -> Curve:
        return self

    def __exit__(self, *error: object) -> None:
        if self.series:
            self.close()

    # --- what it says and shows ---------------------------------------------------------------------

    def sentence(self) -> str:
        """What the curve shows, in words: whether each series falls, rises, turns or stays, and from where to where."""
        if not self.series:
            return f"{self.title}: no points yet."
        parts = []
        for name in self.names():
            values = self.series[name][1]
            finite = [value for value in values if isfinite(value)]
            if not finite:
                parts.append(f"{name} is not a number at any of {len(values)} points")
            elif name in self.below:
                parts.append(f"{name} between {min(finite):.2g} and {max(finite):.2g}")
            else:
                lost = f", and {len(values) - len(finite)} are not numbers" if len(finite) < len(values) else ""
                parts.append(f"{name} {way(finite, self.smooth)}{lost}")
        reference = f" The line at {self.reference[0]:.2f} is {self.reference[1]}." if self.reference else ""
        return f"{self.title}, {self.ylabel} by {self.xlabel}: {'; '.join(parts)}.{reference}"

    def data(self) -> dict[str, Any]:
        """What the live view needs: every number as float64 bytes, and how it is named and looks."""
        series = [
            {
                "name": name,
                "color": color,
                "below": name in self.below,
                "mean": self.smoothed(name),
                "steps": array("d", self.series[name][0]).tobytes(),
                "values": array("d", self.series[name][1]).tobytes(),
            }
            for name, color in self.colors().items()
        ]
        words = {name: getattr(self, name) for name in ("title", "xlabel", "ylabel", "reference", "smooth")}
        return {**words, "sentence": self.sentence(), "series": series}

    def static(self) -> Static:
        """The picture as an image and the numbers as a table."""
        said = self.sentence()
        at = {name: dict(zip(*self.series[name], strict=True)) for name in self.names()}
        steps = sorted({step for numbers in at.values() for step in numbers})
        every = ceil(len(steps) / LISTED) or 1
        few = {step for numbers in at.values() if len(numbers) <= LISTED for step in numbers}
        kept = [step for k, step in enumerate(steps) if k % every == 0 or step in few]
        rows = [[f"{s:g}", *(f"{numbers[s]:.4g}" if s in numbers else "" for numbers in at.values())] for s in kept]
        head = "".join(f"<th>{escape(name)}</th>" for name in (self.xlabel, *at))
        body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
        some = f", one step in {every}" if every > 1 else ""
        shown = Static(
            f"<div>{still(self.figure(), said)}<p><em>{escape(said)}</em></p>"
            f"<details><summary>The numbers{some}</summary>"
            f'<div tabindex="0" style="max-height:16em;overflow:auto"><table><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table></div></details></div>",
            said,
        )
        return tab.alive(shown, call_of(self) if self.series else None)

    # --- the picture --------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """The series, those with a strip of their own last."""
        return sorted(self.series, key=lambda name: name in self.below)

    def colors(self) -> dict[str, str]:
        from helpers import plots

        return {name: plots.COLORS[k % len(plots.COLORS)] for k, name in enumerate(self.names())}

    def smoothed(self, name: str) -> bool:
        return name not in self.below and len(self.series[name][1]) > 2 * self.smooth

    def figure(self) -> Figure:
        """The losses, and under them a strip for each series of another scale. A value that is not finite is a gap."""
        from helpers import plots

        drawn = {
            name: (steps, [value if isfinite(value) else nan for value in values])
            for name, (steps, values) in self.series.items()
        }
        main = {name: pair for name, pair in drawn.items() if name not in self.below}
        strips = [name for name in drawn if name in self.below]
        reference = self.reference if main else None
        fig = plots.training_curve(main, self.title, self.ylabel, self.xlabel, reference, self.smooth)
        (axis,) = fig.axes
        fig.set_figheight(fig.get_figheight() * bool(main) + 1.1 * len(strips) or 1)
        grid = fig.add_gridspec(1 + len(strips), 1, height_ratios=[3.6 if main else 0.01, *[1] * len(strips)])
        axis.set_subplotspec(grid[0])
        axis.set_visible(bool(main))
        for place, name in enumerate(strips, 1):
            axis.set_xlabel("")
            strip = fig.add_subplot(grid[place], sharex=axis)
            strip.plot(*drawn[name], color=self.colors()[name])
            strip.set_title(name, loc="left", fontsize=9)
            strip.spines[["top", "right"]].set_visible(False)
            axis = strip
        axis.set_xlabel(self.xlabel)
        return fig
