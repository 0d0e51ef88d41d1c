"""Two kernels for tests and `course run` beside `python3`: one that sees no GPU, and one that may."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

KERNELS: dict[str, dict] = {
    "course-cpu": {"display_name": "Course (CPU only)", "env": {"CUDA_VISIBLE_DEVICES": ""}},
    "course-gpu": {"display_name": "Course (GPU if there is one)", "env": {}},
}


def kernel_json(name: str) -> dict:
    """The kernel specification of `name`: this Python, with the environment that makes the difference."""
    from ipykernel.kernelspec import get_kernel_dict

    return {**get_kernel_dict(), **KERNELS[name]}


def install(*, user: bool = False, prefix: str | Path | None = None) -> list[str]:
    """Register both kernels in this environment (`sys.prefix`), in `prefix` or for the `user`: the folders.

    Raises ValueError when the folder cannot be written.
    """
    from jupyter_client.kernelspec import KernelSpecManager

    where = {"user": True} if user else {"prefix": str(prefix or sys.prefix)}
    folders = []
    for name in KERNELS:
        with tempfile.TemporaryDirectory() as source:
            Path(source).chmod(0o755)
            (Path(source) / "kernel.json").write_text(json.dumps(kernel_json(name), indent=1) + "\n", encoding="utf-8")
            try:
                folders.append(KernelSpecManager().install_kernel_spec(source, kernel_name=name, **where))
            except OSError as error:  # of several files at once, shutil's has no name
                place = error.filename or where.get("prefix", "Jupyter's folder in your home")
                advice = "set JUPYTER_DATA_DIR to another folder" if user else "try `course kernels install --user`"
                raise ValueError(f"{place} cannot be written: {advice}.") from None
    return folders


def remove() -> list[str]:
    """Take both kernels away wherever Jupyter finds them; return the folders that are gone."""
    from jupyter_client.kernelspec import KernelSpecManager

    manager, gone = KernelSpecManager(), []
    for name in KERNELS:
        while name in manager.find_kernel_specs():  # the environment's and the user's, if there are both
            gone.append(manager.remove_kernel_spec(name))
    return gone


def installed() -> list[str]:
    """Names of every kernel that Jupyter finds here."""
    from jupyter_client.kernelspec import KernelSpecManager

    return sorted(KernelSpecManager().find_kernel_specs())


def check_kernel(name: str) -> None:
    """Raise ValueError, saying what to type, when Jupyter has no kernel `name`, or it needs a GPU and there is none."""
    names = installed()
    if name not in names:
        advice = (
            "course kernels install" if name in KERNELS else "course kernels install (for course-cpu and course-gpu)"
        )
        raise ValueError(f"There is no kernel {name!r}; there are {', '.join(names) or 'none'}. Type: {advice}")
    if name == "course-gpu":
        from helpers.runtime import has_cuda

        if not has_cuda():
            raise ValueError(
                "course-gpu needs a GPU, and torch sees no CUDA device. Type: course run --kernel course-cpu"
            )
