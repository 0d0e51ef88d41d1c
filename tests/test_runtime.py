"""Where am I: what fails must fail, what the doctor says, and imports that answer at once."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

import helpers.reference
from helpers import doctor, runtime

REPOSITORY = Path(__file__).resolve().parents[1]
HEAVY = {"torch", "transformers", "datasets", "matplotlib"}


# --- fails -------------------------------------------------------------------------------------


def test_fails_prints_the_first_line_and_goes_on(capsys):
    with runtime.fails(ValueError):
        raise ValueError("no such shape\nand much more")
    assert capsys.readouterr().out == "ValueError: no such shape\n"


def test_fails_takes_any_error_or_one_of_several(capsys):
    with runtime.fails():
        raise ZeroDivisionError
    with runtime.fails(KeyError, TypeError):
        raise TypeError("wrong")
    assert capsys.readouterr().out == "ZeroDivisionError: \nTypeError: wrong\n"


def test_fails_lets_another_error_through():
    with pytest.raises(KeyError), runtime.fails(ValueError):
        raise KeyError("x")


@pytest.mark.parametrize(
    ("expected", "named"),
    [((), "an error"), ((ValueError, KeyError), "ValueError, KeyError"), ((AssertionError,), "AssertionError")],
)
def test_fails_fails_when_nothing_fails(expected, named, capsys):
    with (
        pytest.raises(AssertionError, match=f"Nothing failed here, though {named} was expected"),
        runtime.fails(*expected),
    ):
        pass
    assert capsys.readouterr().out == ""


# --- start -------------------------------------------------------------------------------------


def test_start_says_what_it_settled_and_seeds(capsys, monkeypatch, tmp_path):
    import random

    import numpy as np
    import torch

    monkeypatch.setattr(runtime, "_profile", None)
    monkeypatch.setenv("COURSE_PROFILE", "offline")
    monkeypatch.setenv("COURSE_REPORT", str(tmp_path / "report.jsonl"))

    def draw():
        run = runtime.start("gpu", seed=7, device="cpu")
        return run, (random.random(), np.random.rand(), torch.rand(1).item())

    run, first = draw()
    assert (run.profile, run.device, run.seed) == ("offline", "cpu", 7)
    assert draw()[1] == first
    assert capsys.readouterr().out == "profile offline · device cpu · seed 7\n" * 2
    facts = [json.loads(line) for line in (tmp_path / "report.jsonl").read_text().splitlines()]
    assert facts == [{"kind": "start", "profile": "offline", "device": "cpu", "seed": 7}] * 2


@pytest.mark.parametrize(("colab", "gpu"), [(True, False), (True, True), (False, False)])
def test_start_on_colab_says_where_a_gpu_is_chosen(colab, gpu, capsys, monkeypatch):
    monkeypatch.setattr(runtime, "_profile", None)
    monkeypatch.setattr(runtime, "has_cuda", lambda: gpu)
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    if colab:
        monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    run = runtime.start("offline")
    assert run.device == ("cuda" if gpu else "cpu")
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("profile offline · device")
    assert len(said) == 1 + (colab and not gpu)
    assert "Change runtime type > T4 GPU" in said[-1] or said[1:] == []


def test_the_device(monkeypatch):
    monkeypatch.setattr(runtime, "has_cuda", lambda: True)
    assert runtime.choose_device() == "cuda"
    assert runtime.choose_device("mps") == "mps"
    monkeypatch.setattr(runtime, "has_cuda", lambda: False)
    assert runtime.choose_device() == "cpu", "Apple's mps only when it is asked for"


# --- doctor ------------------------------------------------------------------------------------


@pytest.fixture
def quick_doctor(monkeypatch):
    monkeypatch.setattr(runtime, "hub_answers", lambda: False)
    return lambda: {finding["check"]: finding for finding in doctor.examine()}


def test_the_doctors_findings_are_well_formed(quick_doctor):
    findings = quick_doctor()
    for finding in findings.values():
        assert list(finding) == ["check", "status", "detail", "advice"]
        assert finding["status"] in {"OK", "WARN", "FAIL"}
        assert finding["detail"]
        assert (finding["advice"] == "") == (finding["status"] == "OK"), finding
    assert {"Python", "disk", "Hub", "name bert", "name masked", "name gpt2"} <= set(findings)
    assert findings["Hub"]["status"] == "WARN"
    assert "did not answer within 2 s" in findings["Hub"]["detail"]
    json.dumps(list(findings.values()))


def test_a_package_outside_its_range(quick_doctor, monkeypatch):
    monkeypatch.setattr(doctor, "requirements", lambda: {"numpy": ">=99", "torch": ">=2", "huggingface-hub": "<0.1"})
    findings = quick_doctor()
    numpy = findings["numpy"]
    assert numpy["status"] == "WARN"
    assert "is outside >=99" in numpy["detail"]
    assert numpy["advice"] == 'pip install "numpy>=99"'
    assert findings["torch"]["status"] == "OK"
    assert findings["huggingface_hub"]["status"] == "WARN", "names are compared as pip compares them"


def test_a_package_that_is_missing(quick_doctor, monkeypatch):
    known = runtime.versions()
    monkeypatch.setattr(doctor, "versions", lambda: {k: v for k, v in known.items() if k not in {"peft", "papermill"}})
    monkeypatch.setattr(doctor, "requirements", lambda: {"peft": ">=0.18"})
    findings = quick_doctor()
    assert (findings["peft"]["status"], findings["peft"]["advice"]) == ("FAIL", 'pip install "peft>=0.18"')
    assert findings["papermill"]["status"] == "WARN", "lessons run without it"


def test_a_name_that_leads_nowhere(quick_doctor, monkeypatch):
    from helpers import checkpoints

    def refuse(name):
        raise OSError("the weights are not the published ones")

    monkeypatch.setattr(checkpoints, "resolve", refuse)
    assert quick_doctor()["name bert"]["status"] == "FAIL"


def test_a_profile_that_does_not_exist_is_a_finding_with_its_own_advice(quick_doctor, monkeypatch):
    monkeypatch.setattr(runtime, "_profile", None)
    monkeypatch.setenv("COURSE_PROFILE", "tpu")
    finding = quick_doctor()["name gpt2"]
    assert finding["status"] == "FAIL"
    assert "COURSE_PROFILE" in finding["detail"]
    assert "COURSE_PROFILE" in finding["advice"]


def test_a_home_that_is_not_there_is_a_finding(quick_doctor, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "gone"))
    for name in ("HF_HOME", "XDG_CACHE_HOME", "USERPROFILE"):
        monkeypatch.delenv(name, raising=False)
    findings = quick_doctor()
    assert findings["home"]["status"] == "WARN" and str(tmp_path / "gone") in findings["home"]["detail"]
    assert "HOME" in findings["home"]["advice"]
    assert findings["disk"]["detail"].endswith("GB free") and "name gpt2" in findings


def test_a_cache_that_cannot_be_written_is_a_finding(quick_doctor, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "shared" / "hf"))
    monkeypatch.setattr(runtime.os, "access", lambda place, how: place != str(tmp_path))
    found = quick_doctor()["cache"]
    assert found["status"] == "WARN" and str(tmp_path / "shared" / "hf") in found["detail"]


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        ("requirements", "course"),
        ("choose_nothing", "device"),
        ("disk_usage", "disk"),
        ("hub_endpoint", "Hub"),
        ("resolve", "names"),
    ],
)
def test_what_is_broken_is_a_line_and_hides_nothing(broken, check, quick_doctor, monkeypatch):
    """A package's damaged metadata, a driver that raises, a folder nobody may read, an address that is none."""
    import torch

    from helpers import checkpoints

    def raises(*_):
        raise RuntimeError("broken here\nand more")

    place, name = {
        "requirements": (doctor, "requirements"),
        "choose_nothing": (torch.cuda, "is_available"),
        "disk_usage": (doctor.shutil, "disk_usage"),
        "hub_endpoint": (runtime, "hub_endpoint"),
        "resolve": (checkpoints, "resolve"),
    }[broken]
    monkeypatch.setattr(place, name, raises)
    findings = quick_doctor()
    assert findings[check]["status"] == "FAIL"
    assert findings[check]["detail"] == "could not be examined: RuntimeError: broken here"
    assert {"Python", "memory"} <= set(findings)


def test_a_torch_that_cannot_be_imported_is_a_finding(quick_doctor, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # importing it is an ImportError
    found = quick_doctor()["device"]
    assert found["status"] == "FAIL" and "torch cannot be imported" in found["detail"] and "pip" in found["advice"]


# --- imports -----------------------------------------------------------------------------------


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "new" / "marks.csv"
    runtime.write_whole(path, "Größe\r\n\udce9")
    assert path.read_bytes() == "Größe\r\n?".encode()
    monkeypatch.setattr(runtime.os, "fsync", lambda _: (_ for _ in ()).throw(OSError("the disk is full")))
    with pytest.raises(OSError, match="full"):
        runtime.write_whole(path, b"half")
    assert path.read_bytes() == "Größe\r\n?".encode()


def test_imports_pull_in_nothing_heavy():
    modules = [
        "helpers",
        *(f"helpers.{name}" for name in ("runtime", "checkpoints", "corpora", "plots", "metrics")),
        "course.cli",
        "course.pretraining",
    ]
    modules += [f"helpers.reference.{module.name}" for module in pkgutil.iter_modules(helpers.reference.__path__)]
    assert len(modules) >= 10
    program = f"""
import importlib, json, sys
found = {{}}
for module in {modules!r}:
    importlib.import_module(module)
    if heavy := {HEAVY!r} & set(sys.modules):
        found[module] = sorted(heavy)
        break  # every later one would be blamed as well
print(json.dumps(found))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=REPOSITORY, timeout=120, check=True
    )
    assert json.loads(done.stdout) == {}
