"""Files are UTF-8 by name, whatever the system's encoding; a terminal that lacks a character shows a question mark."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from families import CONFIGS

REPOSITORY = Path(__file__).resolve().parents[1]
ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}  # no file is UTF-8 of itself
CP1252 = {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
STRICT = """
import sys, warnings
sys.path.insert(0, {root!r})
warnings.filterwarnings("error", category=EncodingWarning, module=r"helpers\\.")
"""


def program(text: str, where: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run `text` in a Python that treats a file of ours without a named encoding as an error."""
    given = {name: value for name, value in os.environ.items() if name not in ("LANG", "PYTHONIOENCODING")}
    given |= {"COURSE_PROFILE": "offline", "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""} | environment
    return subprocess.run(
        [sys.executable, "-X", "warn_default_encoding", "-c", STRICT.format(root=str(REPOSITORY)) + text],
        cwd=where,
        env=given,
        capture_output=True,
        timeout=240,
        check=False,
    )


def unnamed(code: str) -> list[int]:
    """Lines that open a file for text, or read what a process says, without an encoding."""
    lines = []
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        if {"encoding", None} & set(named):  # None: **options
            continue
        place = 1 if isinstance(node.func, ast.Name) else 0
        mode = named.get("mode", node.args[place] if len(node.args) > place else ast.Constant("r"))
        mode = mode.value if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else ""
        opens = name == "open" and re.fullmatch(r"[rwxa][t+]*", mode)
        reads = name in ("read_text", "write_text") and len(node.args) < (1 if name == "read_text" else 2)
        says = any(getattr(named.get(kind), "value", None) is True for kind in ("text", "universal_newlines"))
        if opens or reads or says:
            lines.append(node.lineno)
    return lines


def test_what_the_check_finds():
    wrong = [
        "open(p)",
        "open(p, 'w')",
        "p.open()",
        "p.open('a')",
        "p.read_text()",
        "p.write_text(t)",
        "run(c, text=True)",
    ]
    assert [unnamed(code) for code in wrong] == [[1]] * len(wrong)
    right = [
        "open(p, 'rb')",
        "p.open('rb')",
        "open(p, encoding='utf-8')",
        "p.read_text('utf-8')",
        "os.open(p, flags)",
        "p.write_text(t, 'utf-8')",
        "run(c, text=True, encoding='utf-8')",
        "Book.open(data, lab)",
    ]
    assert [unnamed(code) for code in right] == [[]] * len(right)


@pytest.mark.parametrize(
    "path",
    sorted(p for house in ("helpers", "course") for p in (REPOSITORY / house).rglob("*.py")),
    ids=lambda path: path.stem,
)
def test_every_file_names_its_encoding(path):
    assert unnamed(path.read_text("utf-8")) == []


def test_commands_in_a_locale_without_utf_8(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "transformers-by-hand"\n# Größe\n', "utf-8")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "README.md").write_text("# Größe → Ω\n", "utf-8")
    code = "from course.cli import main\nsys.argv = ['course', {}]\nmain()"
    for command, status in (("'lint', 'README.md'", 0), ("'progress'", 0), ("'doctor', '--json'", None)):
        done = program(code.format(command), tmp_path, COURSE_PROGRESS=str(tmp_path / "progress.jsonl"), **ASCII)
        assert b"Traceback" not in done.stderr and (status is None or done.returncode == status), done.stderr
        assert done.stdout


@pytest.mark.parametrize("stream", ["cp1252", "ascii"])
def test_a_terminal_that_lacks_an_arrow(stream, tmp_path):
    """What is printed holds → and ·; what is wrong may name a file in any script."""
    code = """
from course import cli
from helpers import checkpoints
def resolve(names):
    print(checkpoints.resolve("gpt2").name, "→ ·")
    raise ValueError("There is no file Größe-数据.csv → here.")
checkpoints.fetch = resolve
sys.argv = ["course", "fetch", "gpt2"]
cli.main()
"""
    done = program(code, tmp_path, **CP1252 | {"PYTHONIOENCODING": stream})
    assert done.returncode == 2, done.stderr
    arrow, size = ("? \u00b7", "Größe-??") if stream == "cp1252" else ("? ?", "Gr??e-??")
    assert done.stdout.decode(stream).split() == ["gpt2", *arrow.split()]
    assert done.stderr.decode(stream).splitlines() == [f"Error: There is no file {size}.csv ? here."]


def test_a_run_with_an_umlaut_goes_on_in_a_locale_without_utf_8(tmp_path):
    """The column, the label and the folder's name; what was written is what is read."""
    config = CONFIGS["bert"] | {"hidden_size": 16, "vocab_size": 4096}
    (tmp_path / "mine.csv").write_text(
        "Größe,Urteil\n" + "".join(f"thing {i} of size {i},{('schön', 'naß')[i % 2]}\n" for i in range(60)), "utf-8"
    )
    code = f"""
import transformers
from course import finetuning
from helpers import checkpoints
transformers.AutoTokenizer.from_pretrained(checkpoints.ASSETS / "storybook-bert").save_pretrained("tiny")
transformers.BertModel(transformers.BertConfig(**{config!r})).save_pretrained("tiny")
recipe = finetuning.Recipe(epochs=1, batch=8, precision="float32")
given = dict(text="Gr\\u00f6\\u00dfe", label="Urteil", resume=len(sys.argv) > 1)
for resume in (False, True, True):
    if resume and not given["resume"]:
        finetuning.os.unlink("out/metrics.json")           # as if it had been killed before the end
    given["resume"] = resume
    print(ascii(finetuning.finetune("mine.csv", "out", "tiny", recipe, **given)["labels"]))
"""
    done = program(code, tmp_path, **ASCII)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    assert done.stdout.count(rb"['na\xdf', 'sch\xf6n']") == 3
    assert json.loads((tmp_path / "out" / "recipe.json").read_text("utf-8"))["text"] == "Größe"
