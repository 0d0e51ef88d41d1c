"""A class of many submissions, graded in one run of `course grade` beside canaries, and what came of it."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from corpus import LAB, WORLD, Corpus, hand_in, released, solved

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COURSE = [sys.executable, "-m", "course.cli"]
SLOW = float(os.environ.get("COURSE_SLOW", "1"))  # how many times slower this machine is than two quiet cores
TIMEOUT = round(30 * SLOW)  # seconds for a submission; a cell gets a third
MEMORY = 1500  # MB


@dataclass
class Canaries:
    """Files with known content in places that no submission has any business with, and a listener on the loopback."""

    base: Path
    secret: str = field(default_factory=lambda: f"canary-{secrets.token_hex(12)}")
    files: list[Path] = field(default_factory=list)
    connections: list[bytes] = field(default_factory=list)

    def __enter__(self) -> Canaries:
        home = self.base / "home"
        for folder in (home / ".config", self.base / "beside", ROOT / "build", HERE / "__pycache__"):
            folder.mkdir(parents=True, exist_ok=True)
        name = f"{self.secret[:14]}.txt"
        self.files = [home / name, home / ".config" / name, self.base / "beside" / name, self.base / name]
        # where git looks away, so that nobody commits one
        self.files += [ROOT / f"progress-{name}.jsonl", ROOT / "build" / name, HERE / "__pycache__" / name]
        for path in self.files:
            path.write_text(self.secret)
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._listen, daemon=True).start()
        WORLD.secrets = WORLD.targets = [str(path) for path in self.files]
        WORLD.folders = [str(path.parent) for path in self.files]
        WORLD.port = self.listener.getsockname()[1]
        WORLD.data, WORLD.inbox = str(self.base / "data"), str(self.base / "inbox")
        return self

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections.append(connection.recv(100))
                connection.close()

    def __exit__(self, *_: object) -> None:
        self.listener.close()
        for path in self.files:
            if path.is_relative_to(ROOT):
                path.unlink(missing_ok=True)

    def disturbed(self) -> list[str]:
        """What is not as it was."""
        wrong = [
            f"{path} is gone or changed" for path in self.files if not path.is_file() or path.read_text() != self.secret
        ]
        places = {*WORLD.folders, str(ROOT / "helpers"), str(ROOT), sys.prefix, str(Path(shutil.__file__).parent)}
        wrong += [str(p) for place in places for p in Path(place).glob("written_by_an_attack*")]
        wrong += [str(p) for p in Path("/tmp").glob("written_by_an_attack*")]
        return wrong + [f"a connection: {said!r}" for said in self.connections]


@dataclass
class Seen:
    """What a run of `course grade` showed of itself, its sandboxes aside."""

    peak_mb: int = 0  # resident memory of the largest process
    ports: set[str] = field(default_factory=set)  # on which it listened

    def watch(self, run: subprocess.Popen) -> None:
        """Look until it ends."""
        while run.poll() is None:
            with contextlib.suppress(psutil.Error):
                self._look(psutil.Process(run.pid))
            time.sleep(0.1)

    def _look(self, process: psutil.Process) -> None:
        if process.name() in ("bwrap", "setpriv", "unshare", "prlimit"):
            return
        with contextlib.suppress(psutil.Error):
            self.peak_mb = max(self.peak_mb, process.memory_info().rss >> 20)
            for child in process.children():
                self._look(child)
            found = process.net_connections("inet")
            self.ports |= {f"{one.laddr.ip}:{one.laddr.port}" for one in found if one.status == psutil.CONN_LISTEN}


@dataclass
class Graded:
    """What a run left behind."""

    data: Path
    code: int
    said: str
    seconds: float
    rows: dict[str, dict[str, str]]
    receipts: dict[str, dict[str, Any]]
    disturbed: list[str]
    secret: str
    seen: Seen

    def points(self, name: str) -> dict[str, float]:
        """Points by part that the CSV states; a part that is withheld counts nothing."""
        row = self.rows[name]
        return {key.partition(" (")[0]: float(value or 0) for key, value in row.items() if key.endswith(")")}

    def texts(self, name: str) -> dict[str, str]:
        """Everything that is kept or shown of a submission, except the bytes as they came."""
        places = [
            self.data / LAB / "receipts" / f"{name}.json",
            self.data / LAB / "spool" / f"{name}.json",
            *(self.data / "autograded" / name).rglob("*.ipynb"),
            *(self.data / "feedback" / name).rglob("*.html"),
        ]
        return {str(path.relative_to(self.data)): path.read_text("utf-8") for path in places if path.is_file()}


def chosen(corpus: Corpus) -> Corpus:
    """The corpus, or what COURSE_ONLY picks from it by parts of names, separated by commas: to try a few."""
    parts, few = os.environ.get("COURSE_ONLY", "").split(","), Corpus(corpus.prefix)
    few.update({name: entry for name, entry in corpus.items() if any(part in name for part in parts)})
    return few


def grade(base: Path, corpus: Corpus, neighbors: tuple[str, ...] = ("a-neighbor", "neighbor")) -> Graded:
    """Hand in every submission of a corpus, and two neighbors' that are right; grade, export, give feedback."""
    inbox, data = base / "inbox", base / "data"
    with Canaries(base) as canaries:
        lab = released()
        for name, entry in corpus.items():
            entry.build(lab, inbox / name)
        for name in neighbors:
            hand_in(inbox / name, solved(lab))
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "COURSE"))}
        environment |= {
            "COURSE_LABS": str(HERE / "tiny"),
            "HOME": str(base / "home"),
            "NO_COLOR": "1",
            "A_SECRET_TOKEN": canaries.secret,
            "COURSE_SEED": str(secrets.randbits(31)),
            "COLUMNS": "150",
        }

        def course(*arguments: Any) -> tuple[int, str]:
            command = [*COURSE, *map(str, arguments)]
            run = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=environment,
                cwd=ROOT,
                errors="replace",
                encoding="utf-8",
            )
            if arguments[0] == "grade":
                threading.Thread(target=seen.watch, args=(run,), daemon=True).start()
            try:
                told = run.communicate(timeout=1000 * SLOW)[0]
                return run.returncode, told
            finally:
                run.kill()

        seen = Seen()
        began = time.monotonic()
        code, said = course(
            "grade", LAB, "--inbox", inbox, "--data", data, "--workers", 2, "--timeout", TIMEOUT, "--memory", MEMORY
        )
        seconds = time.monotonic() - began
        _, exported = course("export", LAB, "--data", data, "--format", "csv", "--out", base / "marks.csv")
        _, pages = course("feedback", LAB, "--data", data)
        said = f"{said}\n{exported}\n{pages}"
        (base / "said.txt").write_text(said)
        rows, receipts = {}, {}
        if (base / "marks.csv").is_file():
            with (base / "marks.csv").open(encoding="utf-8-sig", newline="") as file:
                rows = {row["student"]: row for row in csv.DictReader(file)}
        for path in (data / LAB / "receipts").glob("*.json"):
            receipts[path.stem] = json.loads(path.read_text("utf-8"))
        return Graded(data, code, said, seconds, rows, receipts, canaries.disturbed(), canaries.secret, seen)
