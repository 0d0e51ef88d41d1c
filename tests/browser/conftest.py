"""What the browser tests share: Chromium and JupyterLab once, a page for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .served import Absent, Lab, Page, chromium, jupyterlab, opened


@pytest.fixture(scope="package")
def browser() -> Iterator:
    """A headless Chromium. Skipped where somebody works without one; in CI, where it must be there, a failure."""
    try:
        with chromium() as launched:
            yield launched
    except Absent as reason:
        pytest.fail(str(reason)) if os.environ.get("CI") == "true" else pytest.skip(str(reason))


@pytest.fixture(scope="package")
def lab(browser, tmp_path_factory) -> Iterator[Lab]:
    with jupyterlab(tmp_path_factory.mktemp("lab")) as served:
        yield served


@pytest.fixture
def page(browser, lab) -> Iterator[Page]:
    with opened(browser, lab) as page:
        yield page
