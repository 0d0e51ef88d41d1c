"""Files of a class's folder: written whole or not at all."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from helpers.runtime import write_whole


def write_json(path: Path, value: Any) -> None:
    write_whole(path, json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def read_json(path: Path) -> Any | None:
    """What the file holds; None where it is missing, cut off or nested too deep."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


class Journal:
    """grading.jsonl: one line per step, appended. A last line that a crash cut off is skipped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() and not path.read_bytes().endswith(b"\n") and path.stat().st_size:
            with path.open("a", encoding="utf-8") as file:
                file.write("\n")

    def add(self, step: str, student: str = "", **more: Any) -> None:
        line = json.dumps({"at": round(time.time(), 3), "step": step, "student": student, **more}, ensure_ascii=False)
        with self.path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(line + "\n")
