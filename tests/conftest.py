"""What tests share: caches of their own, the offline profile, a Hub on the loopback address."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # tests/hub.py

# Before anything imports huggingface_hub or datasets: they read their places once, at import.
_PLACE = Path(tempfile.mkdtemp(prefix="course-tests-"))
atexit.register(shutil.rmtree, _PLACE, ignore_errors=True)
for _name in ("HF_ENDPOINT", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_DATASETS_CACHE", "HF_TOKEN", "COURSE_REPORT"):
    os.environ.pop(_name, None)
os.environ["HF_HOME"] = str(_PLACE / "huggingface")
os.environ["COURSE_PROFILE"] = "offline"
os.environ["COURSE_PROGRESS"] = ""  # what tests do is not the reader's progress
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """An empty Hub, an empty cache, and a client that knows no other; pauses between tries are short."""
    import datasets.config
    from hub import Hub
    from huggingface_hub import close_session, constants

    from helpers import checkpoints, runtime

    with Hub() as served:
        cache = tmp_path / "hf"
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        monkeypatch.setenv("HF_HOME", str(cache))
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(constants, "ENDPOINT", served.url)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", served.url + "/{repo_id}/resolve/{revision}/{filename}"
        )
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache / "hub"))
        monkeypatch.setattr(datasets.config, "HF_ENDPOINT", served.url)
        monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", cache / "datasets")
        monkeypatch.setattr(checkpoints, "FIRST_PAUSE", 0.01)
        monkeypatch.setattr(runtime, "_profile", None)
        runtime.hub_answers.cache_clear()
        served.cache = cache / "hub"
        close_session()  # the client looks for proxies once, when its session begins
        yield served
    close_session()
    runtime.hub_answers.cache_clear()


@pytest.fixture(scope="session")
def course_data() -> Path:
    """The folder of large data that is not in the repository; COURSE_DATA names it."""
    place = os.environ.get("COURSE_DATA")
    if not place:
        pytest.skip("COURSE_DATA is not set: it names the folder with storybooks.tar.xz")
    if not (Path(place) / "storybooks.tar.xz").is_file():
        pytest.skip(f"{place} (COURSE_DATA) holds no storybooks.tar.xz")
    return Path(place)
