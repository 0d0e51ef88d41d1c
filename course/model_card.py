"""The model card of `course finetune`, filled in from model_card.txt, and its pictures. Tasks bring their own words."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

from course.tasks import Task

NO_LEAKS = "No text is in two splits, or nearly."
ADAPTED = (
    " LoRA of rank {rank} stood beside every matrix of the layers, with a factor of 2; only it and the head learned. It"
    "\nis merged into the model; `adapter/` has both by themselves, in peft's format and in float16."
)


def pictures(out: Path, history: list[dict[str, Any]], metrics: dict[str, Any]) -> tuple[str, str]:
    """Write `curve.png` and, where texts have labels, `confusion.png`; a sentence on each."""
    from helpers import plots
    from helpers.explorers.training import Curve, read

    names = metrics.get("labels", [])
    guess = {"reference": (math.log(len(names)), f"a guess among {len(names)}")} if names else {}
    curve = Curve("Fine-tuning", **guess)
    curve.series = {name: pair for name, pair in read(history).items() if name != "learning rate"}
    figure = plots.training_curve(curve.series, curve.title, curve.ylabel, curve.xlabel, curve.reference, curve.smooth)
    figure.savefig(out / "curve.png", dpi=plots.DPI)
    return curve.sentence(), _confusion(out, metrics) if names else ""


def _confusion(out: Path, metrics: dict[str, Any]) -> str:
    import numpy as np

    from helpers import plots

    names, table = metrics["labels"], np.array(metrics["test"]["confusion"])
    plots.confusion(table, names, "Test texts by label").savefig(out / "confusion.png", dpi=plots.DPI)
    wrong = table - np.diag(table.diagonal())
    actual, predicted = np.unravel_index(wrong.argmax(), wrong.shape)
    most = (
        f"; the most frequent mistake, {wrong.max()} times, is {plain(names[predicted])} for {plain(names[actual])}"
        if wrong.max()
        else ""
    )
    says = f"Of {table.sum():,} test texts {table.trace():,} are on the diagonal, right{most}."
    if not all(plots.can_draw(name) for name in names):
        says += " Labels in the picture: " + ", ".join(f"{i} = {plain(name)}" for i, name in enumerate(names, 1)) + "."
    return says


def plain(label: str, size: int = 80) -> str:
    """A label in a sentence of the model card: on one line, not too long, no Markdown."""
    label = " ".join(label.split())
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", label if len(label) <= size else label[: size - 1] + "…")


def text(task: Task, recipe: dict[str, Any], metrics: dict[str, Any], curve: str, table: str, notes: list[str]) -> str:
    """The model card: data, recipe, figures, limits. model_card_TASK.txt has what is said of one task only."""
    name = recipe["resolved"].partition(" from ")[0]
    best, leaks = recipe["keep"] == "best", metrics.get("leaks", {})
    if leaks and not any(leaks.values()):
        notes = [*notes, NO_LEAKS]
    labels = metrics.get("labels", metrics.get("kinds", []))
    base = f"pipeline_tag: {task.pipeline}\n" if task.pipeline else ""
    base += f"base_model: {name}\n" if re.fullmatch(r"[\w.-]+/[\w.-]+", name) else ""
    words = {
        **metrics,
        **recipe,
        "name": name,
        "base": base,
        "examples": task.noun,
        "labels": ", ".join(map(plain, labels)),
        "count": len(labels),
        "table": rows(task, metrics),
        "curve_says": curve,
        "drawn": f"![{table}](confusion.png)\n\n*{table}*\n\n" if table else "",
        "notes": "".join(f"\n- {note}" for note in notes),
        "adapted": ADAPTED.format(rank=recipe["lora"]) if recipe["lora"] else "",
        "dropped": f" Dropout {recipe['dropout']:g}." if recipe["dropout"] is not None else "",
        "kept": f"with the best {task.told_as[task.best]} on validation" if best else "that came last",
        "chose": "chose the epoch, so its figures flatter" if best else "chose nothing",
    }
    own = re.split(r"^== (\w+)\n", _template(f"_{task.name}"), flags=re.MULTILINE)[1:]
    parts = {part: told.strip().format(**words) for part, told in zip(own[::2], own[1::2], strict=True)}
    return _template("").format(**words | parts)


def _template(which: str) -> str:
    return (Path(__file__).parent / f"model_card{which}.txt").read_text("utf-8")


def rows(task: Task, metrics: dict[str, Any]) -> str:
    """The table of figures, with the intervals that there are."""
    test = metrics["test"]
    beside = {f"test, {plain(name)}": values for name, values in task.beside(test).items()}
    heads = [told + " (95 % interval)" * (f"{name}_interval" in test) for name, told in task.told_as.items()]
    lines = [f"| | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for row, values in {"test": test, **beside, "validation": metrics["validation"]}.items():
        cells = [f"{values[name]:.3f}" for name in task.told_as]
        for k, name in enumerate(task.told_as):
            if f"{name}_interval" in values:
                cells[k] += " ({:.3f} to {:.3f})".format(*values[f"{name}_interval"])
        lines.append(f"| {' | '.join([row, *cells])} |")
    return "\n".join(lines)
