"""The curves of a training: live while it runs; when it ends, a picture that stays, and its numbers.

The picture is SVG and made here alone: the live view puts a cursor over it, the static form shows the same as an image.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from math import ceil, floor, isfinite, log10
from pathlib import Path
from typing import Any

from helpers import plots
from helpers.runtime import in_notebook
from helpers.show import INK, LINE, PAPER, Static, image, tag, view

SCRIPT = Path(__file__).with_suffix(".js")
REDRAW_SECONDS = 1.0
LOGGED = {"training": "loss", "validation": "eval_loss", "learning rate": "learning_rate"}  # ours: Trainer's
WIDTH, LEFT, RIGHT, MAIN, STRIP, GAP = 720, 58, 706, 230, 56, 26  # of the picture, in pixels
DRAWN, LISTED = 1500, 200  # points of a line, rows of the table
DASHES = ("", "7 3", "2 2", "9 3 2 3")
MARKS = ("M-4 0A4 4 0 0 1 4 0A4 4 0 0 1-4 0Z", "M-4-4H4V4H-4Z", "M0-5L5 0L0 5L-5 0Z", "M0-5L5 4H-5Z")
Series = tuple[list[float], list[float]]
Panel = dict[str, Any]


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
        """What the curve shows, in words: where each series starts and ends, and where a short one turns."""
        if not self.series:
            return f"{self.title}: no points yet."
        parts = []
        for name in self.names():
            values = self.series[name][1]
            near = min(self.smooth, -(-len(values) // 3))  # at most a third of the series, rounded up
            first, last = sum(values[:near]) / near, sum(values[-near:]) / near
            if name in self.below:
                parts.append(f"{name} between {min(values):.2g} and {max(values):.2g}")
            elif len(values) == 1:
                parts.append(f"{name} is at {last:.2f} after 1 point")
            elif f"{first:.2f}" == f"{last:.2f}":
                parts.append(f"{name} stays near {last:.2f} over {len(values)} points")
            elif near == 1 and min(values) < min(first, last):
                lowest = min(values)
                parts.append(
                    f"{name} falls from about {first:.2f} to about {lowest:.2f} at point "
                    f"{values.index(lowest) + 1} of {len(values)}, then rises to about {last:.2f}"
                )
            else:
                word = "falls" if last < first else "rises"
                parts.append(f"{name} {word} from about {first:.2f} to about {last:.2f} over {len(values)} points")
        reference = f" The line at {self.reference[0]:.2f} is {self.reference[1]}." if self.reference else ""
        return f"{self.title}, {self.ylabel} by {self.xlabel}: {'; '.join(parts)}.{reference}"

    def data(self) -> dict[str, Any]:
        """What the live view needs: the picture, all numbers as float64 bytes, and where they lie in the picture."""
        panels, _ = self.layout()
        series = [
            {
                "name": name,
                "panel": number,
                "mean": self.smoothed(name),
                **{
                    part: array("d", numbers).tobytes()
                    for part, numbers in zip(("steps", "values"), self.series[name], strict=True)
                },
            }
            for number, panel in enumerate(panels)
            for name in panel["names"]
        ]
        return {
            "title": self.title,
            "xlabel": self.xlabel,
            "smooth": self.smooth,
            "svg": self.svg(),
            "series": series,
            "panels": [{k: panel[k] for k in ("top", "bottom", "low", "high")} for panel in panels],
            "across": [LEFT, RIGHT, *self.across()],
        }

    def static(self) -> Static:
        """The picture as an image (a front end that does not trust a page drops SVG, not images), and a table."""
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
        return Static(
            f"<div>{image(self.svg(), said, WIDTH)}<p><em>{escape(said)}</em></p>"
            f"<details><summary>The numbers{some}</summary>"
            f'<div tabindex="0" style="max-height:16em;overflow:auto"><table><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table></div></details></div>",
            said,
        )

    # --- the picture --------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """The series, those with a strip of their own last."""
        return sorted(self.series, key=lambda name: name in self.below)

    def smoothed(self, name: str) -> bool:
        return name not in self.below and len(self.series[name][1]) > 2 * self.smooth

    def means(self, name: str) -> list[float]:
        """The running mean: of the last `smooth` values, or of as many as there are yet."""
        values = self.series[name][1]
        windows = (values[max(0, i + 1 - self.smooth) : i + 1] for i in range(len(values)))
        return [sum(window) / len(window) for window in windows]

    def across(self) -> tuple[float, float]:
        """The first and the last step, which are never the same."""
        steps = [step for steps, _ in self.series.values() for step in steps] or [0.0]
        return min(steps), max(max(steps), min(steps) + 1)

    def layout(self) -> tuple[list[Panel], list[tuple[float, float, str, str]]]:
        """The panels from top to bottom, with place and scale; the legend's places, texts and series."""
        main = [name for name in self.series if name not in self.below]
        entries = [(f"{name} (mean of the last {self.smooth})" if self.smoothed(name) else name, name) for name in main]
        legend, x, y = [], LEFT, 42.0
        for label, name in entries + ([(self.reference[1], "")] if self.reference and main else []):
            width = 44 + 6.6 * len(label)
            if x > LEFT and x + width > RIGHT:
                x, y = LEFT, y + 18
            legend.append((x, y, label, name))
            x += width
        top, panels = y + 16, []
        strips = [([name], STRIP, "") for name in self.names() if name in self.below]
        for names, height, label in [(main, MAIN, self.ylabel)] * bool(main) + strips:
            values = [v for name in names for v in self.series[name][1] if isfinite(v)] or [0.0]
            values += [self.reference[0]] if self.reference and label else []
            low, high = min(values), max(values)
            margin = 0.05 * (high - low) or 0.05 * abs(high) or 0.05
            panels.append(
                {
                    "names": names,
                    "label": label,
                    "top": top,
                    "bottom": top + height,
                    "low": low - margin,
                    "high": high + margin,
                }
            )
            top += height + GAP
        return panels, legend

    def svg(self) -> str:
        """The picture, self-contained: in the live view its colors follow the theme, elsewhere it is dark on white."""
        panels, legend = self.layout()
        first, last = self.across()
        bottom = panels[-1]["bottom"] if panels else 60.0
        styles = {name: (plots.COLORS[k % 8], DASHES[k % 4], MARKS[k % 4]) for k, name in enumerate(self.names())}
        styles[""] = (INK, "1 4", "")
        out = [
            tag("rect", width="100%", height="100%", fill=PAPER),
            tag("text", self.title, x=LEFT, y=20, font_size=14, font_weight=600),
        ]

        def x(step: float) -> float:
            return LEFT + (RIGHT - LEFT) * (step - first) / (last - first)

        def mark(name: str, x: float, y: float) -> str:
            return tag("path", d=styles[name][2], transform=f"translate({x:.2f} {y:.2f})", fill=styles[name][0])

        for place, down, label, name in legend:
            color, dash, _ = styles[name]
            way = f"M{place:.0f} {down - 4:.0f}h24"
            out.append(tag("path", d=way, stroke=color, stroke_width=2, stroke_dasharray=dash))
            if name and not self.smoothed(name):
                out.append(mark(name, place + 12, down - 4))
            out.append(tag("text", label, x=round(place + 30), y=round(down)))
        for panel in panels:
            top, base, low, label = panel["top"], panel["bottom"], panel["low"], panel["label"]
            unit = (base - top) / (panel["high"] - low)
            for value in ticks(low, panel["high"], 6 if label else 2):
                y = base - unit * (value - low)
                out += [
                    tag("path", d=f"M{LEFT} {y:.1f}H{RIGHT}", stroke=LINE, stroke_width=0.7),
                    tag("text", f"{value:g}", x=LEFT - 7, y=round(y + 4), text_anchor="end"),
                ]
            if label:
                turned = f"translate(14 {(top + base) / 2:.0f}) rotate(-90)"
                out.append(tag("text", label, transform=turned, text_anchor="middle"))
            else:
                out.append(tag("text", panel["names"][0], x=LEFT, y=round(top - 5)))
            if label and self.reference:
                way = f"M{LEFT} {base - unit * (self.reference[0] - low):.2f}H{RIGHT}"
                out.append(tag("path", d=way, stroke=INK, stroke_width=1.6, stroke_dasharray="1 4"))
            for name in panel["names"]:
                steps, values = self.series[name]
                xs, (color, dash, _) = [x(step) for step in steps], styles[name]
                looks = [("raw", values, 2.0, 1.0)]
                if self.smoothed(name):
                    looks = [("raw", values, 1.0, 0.5), ("mean", self.means(name), 2.2, 1.0)]
                for kind, numbers, width, opacity in looks:
                    ys = [base - unit * (value - low) for value in numbers]
                    look = {"stroke": color, "stroke_width": width, "stroke_dasharray": dash, "opacity": opacity}
                    out += [
                        tag("polyline", points=way, fill="none", data_series=name, data_kind=kind, **look)
                        for way in ways(xs, ys)
                    ]
                if label and not self.smoothed(name):
                    out += [mark(name, *point) for point in zip(xs, ys, strict=True) if isfinite(point[1])]
        for step in ticks(first, last, 8):
            at = round(x(step), 1)
            out += [
                tag("path", d=f"M{at} {bottom:.0f}v5", stroke=INK),
                tag("text", f"{step:g}", x=at, y=round(bottom + 18), text_anchor="middle"),
            ]
        out.append(tag("text", self.xlabel, x=(LEFT + RIGHT) / 2, y=round(bottom + 36), text_anchor="middle"))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 44:.0f}" fill="{INK}" '
            f'font-size="12" font-family="system-ui, sans-serif" role="img" aria-label="{escape(self.sentence())}">'
            f"{''.join(out)}</svg>"
        )


def ways(xs: Sequence[float], ys: Sequence[float]) -> list[str]:
    """A line as SVG points, in as many pieces as it has between values that are not finite; long ones thinned out."""
    every = ceil(len(xs) / DRAWN) or 1
    points = [point for k, point in enumerate(zip(xs, ys, strict=True)) if k % every == 0 or k == len(xs) - 1]
    pieces = groupby(points, lambda point: isfinite(point[1]))
    return [" ".join(f"{x:.2f},{y:.2f}" for x, y in piece) for finite, piece in pieces if finite]


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` + 1 round numbers from `low` to `high`: multiples of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / most
    power = 10.0 ** floor(log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * 0.999999)
    return [round(k * step, 12) for k in range(ceil(low / step), floor(high / step) + 1)]
