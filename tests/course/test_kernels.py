"""The kernels are installed, start with the right environment, and go away again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from course import kernels


@pytest.fixture
def prefix(tmp_path, monkeypatch):
    """Jupyter looks here and nowhere else, so that nothing of this environment is seen or changed."""
    from jupyter_core import paths

    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share" / "jupyter"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "user"))
    monkeypatch.setattr(paths, "ENV_JUPYTER_PATH", [])
    monkeypatch.setattr(paths, "SYSTEM_JUPYTER_PATH", [])
    return tmp_path


def test_install_and_remove(prefix):
    assert not set(kernels.KERNELS) & set(kernels.installed())
    folders = [Path(folder) for folder in kernels.install(prefix=prefix)]
    assert set(kernels.KERNELS) <= set(kernels.installed())
    cpu, gpu = (json.loads((folder / "kernel.json").read_text()) for folder in folders)
    assert cpu["argv"][0] == gpu["argv"][0] == sys.executable
    assert cpu["env"] == {"CUDA_VISIBLE_DEVICES": ""}
    assert "CUDA_VISIBLE_DEVICES" not in gpu["env"]
    assert [Path(folder) for folder in kernels.remove()] == folders
    assert not set(kernels.KERNELS) & set(kernels.installed())
    assert kernels.remove() == []


def test_the_cpu_kernel_sees_no_gpu(prefix, monkeypatch):
    from jupyter_client.manager import start_new_kernel

    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    kernels.install(prefix=prefix)
    manager, client = start_new_kernel(kernel_name="course-cpu")
    try:
        said = []
        client.execute_interactive(
            "import os; print(repr(os.environ['CUDA_VISIBLE_DEVICES']))",
            timeout=60,
            output_hook=lambda message: said.append(message["content"].get("text", "")),
        )
        assert "''" in "".join(said)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_an_unknown_kernel_says_what_to_type():
    with pytest.raises(ValueError, match=r"no kernel 'course-tpu'.*course kernels install"):
        kernels.check_kernel("course-tpu")


def test_course_gpu_without_a_gpu_is_one_line(monkeypatch, capsys):
    from course import cli

    monkeypatch.setattr(kernels, "installed", lambda: list(kernels.KERNELS))
    monkeypatch.setattr("helpers.runtime.has_cuda", lambda: False)
    monkeypatch.setattr("course.run.run_one", lambda *_, **__: pytest.fail("it ran"))
    monkeypatch.setattr(sys, "argv", ["course", "run", "04", "--kernel", "course-gpu"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    line = capsys.readouterr().err
    assert "torch sees no CUDA device. Type: course run --kernel course-cpu" in line and line.count("\n") == 1
    monkeypatch.setattr("helpers.runtime.has_cuda", lambda: True)
    kernels.check_kernel("course-gpu")
