"""Long experiments that lessons show as recorded: one file each in notebooks/recorded, which says how it was made."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from helpers import runtime

FOLDER = Path(__file__).resolve().parents[1] / "notebooks" / "recorded"


def write(
    name: str,
    runs: list[dict[str, Any]],
    *,
    about: str,
    command: str,
    packages: set[str],
    recipe: dict,
    date: str | None = None,
    note: str = "CPU",
    extra: dict[str, Any] | None = None,
) -> Path:
    """Write notebooks/recorded/NAME.json, a line for each run, and return its place.

    `packages`: those whose versions matter, Python besides. `date`: today, in UTC, if it is not given. `note`: what is
    to be said of the machine beyond its cores. `extra`: further entries of the head. All runs have the same keys; they
    are written once, as `columns` (else ValueError, and nothing is written).
    """
    head = {
        "name": name,
        "about": about,
        "command": command,
        "date": date or f"{datetime.now(UTC):%Y-%m-%d}",
        "versions": {p: v for p, v in runtime.versions().items() if p in packages | {"python"}},
        "machine": f"{os.cpu_count()} cores ({platform.machine()}), {note}",
        "recipe": recipe,
        "columns": list(runs[0]),
        **(extra or {}),
    }
    if any(list(run) != head["columns"] for run in runs):
        raise ValueError(f"The runs of {name} have different keys: nothing was written.")
    lines = ",\n".join(" " + json.dumps(list(run.values()), ensure_ascii=False) for run in runs)
    text = json.dumps(head, indent=1, ensure_ascii=False)[:-2]
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / f"{name}.json"
    file.write_text(f'{text},\n "runs": [\n{lines}\n]}}\n', encoding="utf-8")
    return file
