"""The model card of `course finetune`, filled in from model_card.txt, and its pictures."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

NO_LEAKS = "No text is in two splits, or nearly."


def pictures(out: Path, history: list[dict[str, Any]], metrics: dict[str, Any]) -> tuple[str, str]:
    """Write `curve.png` and `confusion.png`; a sentence on each."""
    import numpy as np

    from helpers import plots
    from helpers.explorers.training import Curve, read

    names, table = metrics["labels"], np.array(metrics["test"]["confusion"])
    curve = Curve("Fine-tuning", reference=(math.log(len(names)), f"a guess among {len(names)}"))
    curve.series = {name: pair for name, pair in read(history).items() if name != "learning rate"}
    figure = plots.training_curve(curve.series, curve.title, curve.ylabel, curve.xlabel, curve.reference, curve.smooth)
    figure.savefig(out / "curve.png", dpi=plots.DPI)
    plots.confusion(table, names, "Test texts by label").savefig(out / "confusion.png", dpi=plots.DPI)
    wrong = table - np.diag(table.diagonal())
    actual, predicted = np.unravel_index(wrong.argmax(), wrong.shape)
    most = (
        f"; the most frequent mistake, {wrong.max()} times, is {_name(names[predicted])} for {_name(names[actual])}"
        if wrong.max()
        else ""
    )
    says = f"Of {table.sum():,} test texts {table.trace():,} are on the diagonal, right{most}."
    if not all(plots.can_draw(name) for name in names):
        says += " Labels in the picture: " + ", ".join(f"{i} = {_name(name)}" for i, name in enumerate(names, 1)) + "."
    return curve.sentence(), says


def _name(label: str, size: int = 80) -> str:
    """A label in a sentence of the model card: on one line, not too long, no Markdown."""
    label = " ".join(label.split())
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", label if len(label) <= size else label[: size - 1] + "…")


def text(recipe: dict[str, Any], metrics: dict[str, Any], curve: str, table: str, notes: list[str]) -> str:
    """The model card: data, recipe, figures, limits."""

    def row(name: str, values: dict[str, Any]) -> str:
        cells = [f"{values[key]:.3f}" for key in ("accuracy", "macro_f1")]
        for k, key in enumerate(("accuracy_interval", "macro_f1_interval")):
            cells[k] += " ({:.3f} to {:.3f})".format(*values[key]) if key in values else ""
        return f"| {name} | {' | '.join(cells)} |"

    name = recipe["resolved"].partition(" from ")[0]
    best = recipe["keep"] == "best"
    template = (Path(__file__).parent / "model_card.txt").read_text("utf-8")
    return template.format(
        **{k: v for k, v in (metrics | recipe).items() if k != "labels"},
        name=name,
        base=f"base_model: {name}\n" if re.fullmatch(r"[\w.-]+/[\w.-]+", name) else "",
        count=len(metrics["labels"]),
        labels=", ".join(map(_name, metrics["labels"])),
        curve_says=curve,
        table_says=table,
        figures="\n".join(
            [
                row("test", metrics["test"]),
                row("test, always the most frequent label", metrics["test"]["majority"]),
                row("validation", metrics["validation"]),
            ]
        ),
        notes="\n".join(f"- {note}" for note in (notes if any(metrics["leaks"].values()) else [*notes, NO_LEAKS])),
        kept="with the best macro-F1 on validation" if best else "that came last",
        chose="chose the epoch, so its figures flatter" if best else "chose nothing",
    )
