"""A real JupyterLab in a real browser: Debian's Chromium, driven by Playwright, on the loopback address alone."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import nbformat

from course.places import KERNELSPEC

REPOSITORY = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_SECONDS, PAGE_SECONDS = 120, 90


class Absent(Exception):
    """No browser, or nothing to drive it by; how to get it."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}: scripts/system-packages.sh installs Chromium, make setup-test the rest")


@contextmanager
def chromium() -> Iterator:
    """A headless Chromium whose profile is new. Raises Absent where there is none."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise Absent(f"no browser here ({', '.join(BROWSERS)})")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise Absent("playwright is not installed") from None
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0  # in a container: Chromium has no sandbox for root
    sandbox = ["--no-sandbox"] if as_root else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, headless=True, args=[*FLAGS, *sandbox])
        yield launched
        launched.close()


class Lab:
    """A running JupyterLab: its address, its folder, and the file in which its kernels record progress."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.url = folder, f"http://127.0.0.1:{port}"
        self.notebooks, self.progress = folder / "notebooks", folder / "progress.jsonl"

    def notebook(self, name: str, cells: Mapping[str, str]) -> Path:
        """Write a notebook of these code cells, by id, into the server's folder."""
        notebook = nbformat.v4.new_notebook(metadata={"kernelspec": dict(KERNELSPEC)})
        notebook.cells = [nbformat.v4.new_code_cell(source, id=key) for key, source in cells.items()]
        path = self.notebooks / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path


@contextmanager
def jupyterlab(folder: Path) -> Iterator[Lab]:
    """JupyterLab with settings of its own, without a token, in `folder`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        served = Lab(folder, free.getsockname()[1])
    served.notebooks.mkdir()
    news = folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text('{"fetchNews": "false", "checkForUpdates": false}')  # else it asks, over the quiz
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTER_DATA_DIR": "data",
        "IPYTHONDIR": "ipython",
    }
    environment = {**os.environ, **{name: str(folder / place) for name, place in own.items()}}
    environment |= {"COURSE_PROGRESS": str(served.progress), "PYTHONPATH": str(REPOSITORY)}
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={urlsplit(served.url).port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={served.notebooks}",
        "--IdentityProvider.token=",
        "--expose-app-in-browser",
        "--JupyterNotebookApp.expose_app_in_browser=True",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
    ]
    log = folder / "jupyter.log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, env=environment, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait_until_it_answers(served.url, server, log)
            yield served
        finally:
            server.terminate()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_until_it_answers(url: str, server: subprocess.Popen, log: Path) -> None:
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/api/status", timeout=2):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")


class Page:
    """A page of JupyterLab, what it asked of which host, and what it complained of."""

    def __init__(self, page, lab: Lab) -> None:
        self.page, self.lab = page, lab
        self.hosts: set[str] = set()
        self.errors: list[str] = []
        page.on("request", lambda request: self._asked(request.url))
        page.on("websocket", lambda socket: self._asked(socket.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda told: self.errors.append(told.text) if told.type == "error" else None)
        page.set_default_timeout(PAGE_SECONDS * 1000)

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob"):
            self.hosts.add(f"{parts.hostname}:{parts.port}")

    def open(self, name: str, *, run: bool = True, place: str = "lab/tree") -> None:
        """Open a notebook in JupyterLab (or in Notebook 7, whose place is "notebooks"), and run all of its cells."""
        self.page.goto(f"{self.lab.url}/{place}/{name}?reset")
        self.page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
        )
        self.theme("JupyterLab Light")
        if run:
            self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def theme(self, name: str) -> None:
        self.page.evaluate("name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name)
        light = "false" if "Dark" in name else "true"
        self.page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")

    def reload(self) -> None:
        """Save the notebook and load the page anew; its kernel lives on."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        self.page.reload()

    def cells(self) -> tuple[int, int]:
        """The active cell's index and the number of cells."""
        notebook = "window.jupyterapp.shell.currentWidget.content"
        return tuple(self.page.evaluate(f"() => [{notebook}.activeCellIndex, {notebook}.widgets.length]"))

    def axe(self, within: str = ".course-view") -> list[str]:
        """What axe-core has against the nodes inside `within`: one line for each rule that is broken."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page, within).response["violations"]
        return [f"{v['id']} ({v['impact']}): {v['help']}: {[n['html'][:200] for n in v['nodes'][:3]]}" for v in found]

    def cut_off(self, view, scrolling: str) -> list[str]:
        """What in a view is wider than its place at 200 % (1100 pixels are 550), but for what scrolls by itself."""
        self.page.set_viewport_size({"width": 550, "height": 800})
        return view.evaluate(
            "(view, scrolling) => [view, ...view.querySelectorAll(`*:not(${scrolling})`)].filter(n => "
            "n.scrollWidth > n.clientWidth + 1 && getComputedStyle(n).display !== 'inline')"
            ".map(n => n.className || n.tagName)",
            scrolling,
        )

    def picture(self, name: str, what=None) -> None:
        """A screenshot of `what` (or the page) into the folder that COURSE_PICTURES names, if it is set."""
        if folder := os.environ.get("COURSE_PICTURES"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            (what or self.page).screenshot(path=Path(folder) / f"{name}.png")


@contextmanager
def opened(browser, lab: Lab) -> Iterator[Page]:
    """A fresh page in a fresh browser context, tall enough for a whole quiz; its kernels end with it."""
    context = browser.new_context(viewport={"width": 1100, "height": 1500})
    page = Page(context.new_page(), lab)
    yield page
    page.page.evaluate("() => window.jupyterapp?.serviceManager.sessions.shutdownAll()")
    context.close()
