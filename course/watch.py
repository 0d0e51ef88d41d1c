"""What one sees while a notebook runs, and what each of its cells costs."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from course import places

SAMPLE_SECONDS = 0.05
FAMILY_SECONDS = 0.5  # how often the kernel's children are looked up: that costs more than a sample


class MemorySampler(threading.Thread):
    """Peak resident memory (MB) of a process and all its descendants; shared pages count in each."""

    def __init__(self, pid: int | None) -> None:
        super().__init__(daemon=True)
        import psutil

        self._errors = psutil.Error
        self._family = [psutil.Process(pid)] if pid else []  # a kernel on another machine has none
        self._ended, self._peak, self._lock, self._next_look = threading.Event(), 0.0, threading.Lock(), 0.0

    def sample(self) -> None:
        total = 0
        if self._family and time.monotonic() >= self._next_look:
            with suppress(self._errors):
                self._family[1:] = self._family[0].children(recursive=True)
            self._next_look = time.monotonic() + FAMILY_SECONDS
        for process in self._family:
            with suppress(self._errors):  # it ended meanwhile
                total += process.memory_info().rss
        with self._lock:
            self._peak = max(self._peak, total / 1e6)

    def take_peak(self) -> float:
        """The peak since the last call."""
        self.sample()
        with self._lock:
            peak, self._peak = self._peak, 0.0
        return peak

    def run(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self.sample()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()


def progress_bar(console):
    """A live bar for terminals; elsewhere it shows nothing, and `Watch` prints lines."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(24),
        TextColumn("cell {task.completed}/{task.total}"),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[cell]}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class Watch:
    """Follows one notebook by nbclient's hooks: shows where it is, keeps seconds and memory of each code cell."""

    def __init__(self, bar, title: str, indices: Mapping[str, int | None]) -> None:
        self.bar, self.indices = bar, indices
        self.cells: list[dict[str, Any]] = []
        self.sampler: MemorySampler | None = None
        self.current, self.running, self._began, self._last_line = None, False, 0.0, time.monotonic()
        for task in bar.task_ids:  # of the notebook before
            bar.remove_task(task)
        self._task = bar.add_task(title, total=len(indices), cell="starting the kernel")
        self._line(f"{title}: {len(indices)} cells")

    def _line(self, text: str) -> None:
        if not self.bar.console.is_terminal:
            self.bar.console.print(text, markup=False, highlight=False)

    def begins(self, cell, cell_index: int) -> None:
        self.sampler.take_peak()  # what was between the cells is nobody's
        self.current, self.running, self._began = cell, True, time.perf_counter()
        self.bar.update(self._task, cell=name_of(cell))

    def ends(self, cell, cell_index: int, execute_reply: object = None) -> None:
        self.running, seconds, name = False, time.perf_counter() - self._began, name_of(cell)
        peak = round(self.sampler.take_peak(), 1)
        self.cells.append({"id": name, "index": self.indices.get(name), "seconds": round(seconds, 3), "peak_mb": peak})
        self.bar.update(self._task, completed=len(self.cells))
        if time.monotonic() - self._last_line > 5 or seconds > 2:
            self._last_line = time.monotonic()
            self._line(f"    cell {len(self.cells)}/{len(self.indices)} {name}: {seconds:.1f} s")


def name_of(cell) -> str:
    return "injected-parameters" if "injected-parameters" in places.cell_tags(cell) else cell.get("id", "")
