"""What the explorers' tests share: a Python with Colab's versions."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-colab" / "bin" / "python"
HEAD = """
from types import SimpleNamespace
import IPython, ipywidgets
IPython.get_ipython = lambda: SimpleNamespace(kernel=1)
from IPython.core.interactiveshell import InteractiveShell
from helpers.show import LIVE_VIEW

def formatted(view):
    data, _ = InteractiveShell.instance().display_formatter.format(view)
    assert set(data) == {LIVE_VIEW, "text/html", "text/plain"}, sorted(data)
    return data

assert ipywidgets.__version__ == "7.7.1"
"""


@pytest.fixture
def on_colab() -> Callable[[str], str]:
    """Runs a program with Colab's versions and returns its last line; its `formatted(view)` asserts all three forms."""
    if not PYTHON.is_file():
        pytest.skip("no .venv-colab here: make colab makes it")

    def run(program: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "COURSE_PROFILE": "offline"}
        command = [PYTHON, "-c", HEAD + program]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[-1]

    return run
