"""What tests here share: a folder that is a course of its own, with the working directory in it; a single thread."""

from __future__ import annotations

import pytest


@pytest.fixture
def course(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "transformers-by-hand"\n', encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COURSE_PROFILE", raising=False)
    return tmp_path


@pytest.fixture(scope="module")
def one_thread():
    """torch forms its sums in the same order on every machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
