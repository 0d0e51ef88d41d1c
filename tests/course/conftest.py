"""A course of its own for each test: a folder with pyproject.toml and notebooks/, and the working directory in it."""

from __future__ import annotations

import pytest


@pytest.fixture
def course(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "transformers-by-hand"\n', encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COURSE_PROFILE", raising=False)
    return tmp_path
