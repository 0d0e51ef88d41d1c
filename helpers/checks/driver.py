"""The part of scoring that runs in the student's kernel: give inputs to their functions, send plain data out.

It knows inputs, never expectations; what comes out is judged in another process. Nothing here is a wall: student code
shares the process. Whoever grades a class runs it in a sandbox.
"""

from __future__ import annotations

import json
import os
import sys
import types
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

MIME = "application/vnd.transformers-by-hand.answers+json"
BLOCKED = "helpers.reference"


class _Blocked(MetaPathFinder):
    """Turns imports of the reference algorithms away."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.startswith(BLOCKED):
            raise ImportError(f"{name} is blocked while a lab is scored, so write the part yourself.")


class _Inert(types.ModuleType):
    """Something that does nothing, whatever is called in it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Inert(name)

    def __call__(self, *_: Any, **__: Any) -> None:
        pass


class _Colab(MetaPathFinder, Loader):
    """Lets notebooks that were written on Colab import what only Colab has."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        ours = name == "google" or f"{name}.".startswith("google.colab.")
        return ModuleSpec(name, self, is_package=True) if ours else None

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        return _Inert(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def guard() -> None:
    """Before the student's cells: checks stay silent, the reference algorithms cannot be imported, `exit()` and what
    else asks the kernel to end does nothing, and what a notebook imports on Colab is there."""
    from IPython import get_ipython

    from helpers import runtime
    from helpers.checks import parts, toys, values  # noqa: F401  loaded now, so that later imports find them

    os.environ[runtime.QUIET] = "1"
    for name in [m for m in sys.modules if m.startswith(BLOCKED)]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Blocked())
    sys.meta_path.append(_Colab())  # last: on Colab, its own comes first
    get_ipython().unobserve_all("exit_now")


def ask(rules: dict[str, Any], cases: str, nonce: str) -> None:
    """Call the student's function on every case, and show the outcomes as one output that only a machine reads.

    This process knows nothing of the part but its rules.
    """
    import __main__
    from helpers.checks import values
    from helpers.checks.parts import Case, Part, answer_all, short_cuts

    wanted = Part.from_rules(rules)
    sent: dict[str, Any] = {"nonce": nonce, "part": wanted.name}
    given = getattr(__main__, wanted.name, None)
    if given is None or not (wanted.is_value or callable(given)):
        sent["missing"] = True
    elif found := short_cuts(wanted, given):
        sent["short_cuts"] = found
    else:
        rows = [Case(tuple(inputs), "") for inputs in values.loads(cases)]
        sent["outcomes"] = [
            {"error": o.error, "where": o.where, "foreign": o.foreign}
            if o.error
            else {"output": values.dumps(o.output)}
            for o in answer_all(wanted, given, rows)
        ]
    from IPython.display import publish_display_data

    publish_display_data({MIME: json.dumps(sent)})
