"""One try at bringing a checkpoint from the Hub into the cache: list it, transfer, check, put in place.

huggingface_hub (1.27 and 2.4) throws away what arrived when a download breaks off, is content with a byte every
ten seconds, and compares sizes, not content. So files are transferred here: over the client's session
(its proxies, certificates and token) and into the client's cache, under the client's locks, in the layout that
it documents: blobs/HASH, snapshots/COMMIT/NAME (a link to a blob), refs/main (a commit).

A file gets the name by which others find it only after its content was compared with the Hub's hash.
"""

from __future__ import annotations

import contextlib
import email.utils
import errno
import hashlib
import json
import os
import re
import shutil
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO

from helpers import runtime

SOCKET_SECONDS = 10.0  # to connect, and between two reads
ANSWER_SECONDS = 20.0  # until an answer is there: looking up the name, connecting, redirects
SLOW_RATE = 20_000  # bytes per second; fewer than that …
SLOW_SECONDS = 30.0  # … over so long, and a try is given up
LOCK_SECONDS = 120.0  # the same for another process that holds the lock of a file we need
RETRY_AFTER_SECONDS = 60.0  # the longest pause that a server may ask for

# What a checkpoint's folder needs, at its top; not the same weights again in other formats.
FILES = {"allow_patterns": ["*.json", "*.txt", "*.model", "*.jinja", "*.safetensors"], "ignore_patterns": ["*/*"]}

# A name that means one file in its folder on any system: no separator, no drive or stream (:), no control character.
PLAIN_NAME = re.compile(r"[\w.-]+")


class Failed(Exception):
    """Why a try failed.

    `again`: another try may do better, `wait` seconds later; `anew`: it has to begin at the first byte; `advice`:
    what to do, where it is not the usual; `arrived`: bytes that it nevertheless brought; `answered`: whether the
    Hub said anything at all.
    """

    def __init__(
        self, reason: str, *, again: bool = True, wait: float = 0.0, anew: bool = False, advice: str = ""
    ) -> None:
        super().__init__(reason)
        self.again, self.wait, self.anew, self.advice = again, wait, anew, advice
        self.arrived, self.answered = 0, False


@dataclass(frozen=True)
class Remote:
    """A file on the Hub: `digest` is the SHA-256 of a large file, git's SHA-1 of any other."""

    name: str
    size: int
    digest: str


def attempt(hub_id: str, revision: str, endpoint: str, cache: Path) -> Path:
    """Bring what is missing of `hub_id` into `cache`; returns the snapshot's folder. Raises Failed.

    Nothing can interrupt a thread that looks up a name, so the work is done in one that is left behind if it hangs.
    """
    work = _Try(hub_id, revision, endpoint, cache)
    work.start()
    try:
        while work.is_alive():
            work.join(0.25)
            if work.is_alive() and work.waiting_seconds() > ANSWER_SECONDS:
                what = "did not finish its answer" if work.answered else "was not reached"
                raise Failed(f"{work.host} {what} within {ANSWER_SECONDS:g} s{_proxy(endpoint)}")
    except Failed as failed:
        failed.answered = work.answered
        raise
    finally:
        work.cancelled = True  # also on Ctrl-C; what arrived stays for the next try
    if isinstance(work.error, Failed):
        work.error.answered = work.answered
    if work.error:
        raise work.error
    return work.folder


class _Try(Thread):
    """The thread: its state is what `attempt` watches."""

    def __init__(self, hub_id: str, revision: str, endpoint: str, cache: Path) -> None:
        super().__init__(daemon=True)
        self.hub_id, self.revision, self.endpoint = hub_id, revision, endpoint
        self.cache, self.repository = cache, cache / f"models--{hub_id.replace('/', '--')}"
        self.host = urllib.parse.urlsplit(endpoint).netloc or endpoint
        self.waiting_since: float | None = None
        self.answered = self.cancelled = False
        self.error: Exception | None = None
        self.folder = Path()

    def waiting_seconds(self) -> float:
        since = self.waiting_since
        return time.monotonic() - since if since else 0.0

    def run(self) -> None:
        try:
            self.folder = self.fetch()
        except Failed as failed:
            self.error = failed
        except OSError as error:
            self.error = self.explain(error)
        except Exception as error:
            self.error = Failed(runtime.reason(error))

    def explain(self, error: OSError) -> Failed:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return self.disk_full()
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            return Failed(
                f"the cache {self.cache} cannot be written ({os.strerror(error.errno)})",
                again=False,
                advice=f"Set HF_HOME to a folder of your own, then run: course fetch {self.hub_id}",
            )
        return Failed(runtime.reason(error))

    def disk_full(self, needed: int = 0) -> Failed:
        free = shutil.disk_usage(self.cache).free / 1e6
        wants = f" ({needed / 1e6:.1f} MB are needed, {free:.1f} MB are free)" if needed else ""
        return Failed(
            f"the disk of {self.cache} is full{wants}",
            again=False,
            advice=f"Free some space, or set HF_HOME to another disk, then run: course fetch {self.hub_id}",
        )

    # --- the steps ---

    def fetch(self) -> Path:
        commit, files = self.list_files()
        if not any(f.name == "config.json" for f in files) or not any(f.name.endswith(".safetensors") for f in files):
            raise Failed(
                "it holds no config.json with a .safetensors file beside it",
                again=False,
                advice="Choose a checkpoint of transformers, in safetensors.",
            )
        folder = self.repository / "snapshots" / commit
        missing = [file for file in files if not is_right(folder / file.name, file.digest)]
        for file in sorted(missing, key=lambda file: -file.size):  # a slow network shows at the largest
            self.bring(file, commit, folder)
        # A cache that is whole may be on a disk that cannot be written: then it goes without these notes.
        with contextlib.suppress(OSError) if not missing else contextlib.nullcontext():
            write(contents_of(folder), json.dumps({file.name: [file.digest, file.size] for file in files}))
            if self.revision != commit:
                write(self.repository / "refs" / self.revision, commit)
        return folder

    def list_files(self) -> tuple[str, list[Remote]]:
        """The commit that the revision means now, and the files that a checkpoint needs."""
        from huggingface_hub.utils import filter_repo_objects

        revision = urllib.parse.quote(self.revision, safe="")
        url = f"{self.endpoint}/api/models/{self.hub_id}/revision/{revision}?blobs=true"
        with self.get(url, "the list of files") as response:
            self.waiting_since = time.monotonic()
            body = response.read()
            self.waiting_since = None
        try:
            found = json.loads(body)
            commit = re.fullmatch("[0-9a-f]{40}", found["sha"])[0]
            names = {name: entry for entry in found["siblings"] if PLAIN_NAME.fullmatch(name := entry["rfilename"])}
        except (ValueError, KeyError, TypeError) as error:
            raise Failed(f"{self.host} sent something else than the list of files") from error
        return commit, [self.describe(names[name], commit) for name in filter_repo_objects(names, **FILES)]

    def describe(self, entry: dict[str, Any], commit: str) -> Remote:
        large = entry.get("lfs") or {}
        digest, size = large.get("sha256") or entry.get("blobId"), large.get("size", entry.get("size"))
        if not digest or size is None:  # a mirror may leave them out of its list
            from huggingface_hub import get_hf_file_metadata

            self.waiting_since = time.monotonic()
            about = get_hf_file_metadata(self.url(entry["rfilename"], commit), timeout=SOCKET_SECONDS)
            self.waiting_since = None
            digest, size = about.etag, about.size
        if not re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", str(digest)) or size is None:
            raise Failed(f"{self.host} gives no hash for {entry['rfilename']}", again=False)
        return Remote(entry["rfilename"], size, digest)

    def url(self, name: str, commit: str) -> str:
        return f"{self.endpoint}/{self.hub_id}/resolve/{commit}/{urllib.parse.quote(name)}"

    def bring(self, file: Remote, commit: str, folder: Path) -> None:
        """Transfer `file` unless another process did meanwhile, check it, and link it into `folder`."""
        blob = self.repository / "blobs" / file.digest
        part = blob.with_name(f"{file.digest}.incomplete")
        for place in (blob.parent, folder):
            place.mkdir(parents=True, exist_ok=True)
        with self.lock(file, blob.parent):
            if not is_right(blob, file.digest):
                self.transfer(file, self.url(file.name, commit), part)
                if not is_right(part, file.digest):
                    part.unlink()
                    raise Failed(f"{file.name} arrived damaged")
                os.replace(part, blob)
            link = folder / f"{file.name}.link"
            link.unlink(missing_ok=True)
            try:
                link.symlink_to(os.path.relpath(blob, folder))
            except OSError:  # Windows without developer mode
                os.replace(blob, link)
            os.replace(link, folder / file.name)

    def transfer(self, file: Remote, url: str, part: Path) -> None:
        """Append to `part` what it lacks of `file`."""
        if part.is_symlink():  # in a cache that others write too it could lead to any file of the reader's
            part.unlink()
        have = start = part.stat().st_size if part.exists() else 0
        if have >= file.size:
            return  # whole or garbage: the hash tells
        if shutil.disk_usage(part.parent).free < file.size - have:
            raise self.disk_full(file.size - have)
        try:
            with self.get(url, file.name, have) as response, part.open("ab") as out, _bar(file, have) as bar:
                if response.status_code == 200:  # the whole file, whatever we asked for
                    out.truncate(0)
                    have = 0
                self.copy(response, out, file, have, bar)
        except Failed as failed:
            if failed.anew:
                part.unlink(missing_ok=True)
            with contextlib.suppress(FileNotFoundError):
                failed.arrived = max(0, part.stat().st_size - start)
            raise
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                part.unlink(missing_ok=True)
            raise

    def copy(self, response: Any, out: BinaryIO, file: Remote, have: int, bar: Any) -> None:
        pace = Pace(SLOW_SECONDS, have)
        for block in response.iter_bytes():
            have += len(block)
            if self.cancelled:
                raise Failed("it was interrupted")
            if have > file.size:
                raise Failed(f"{file.name} is longer than the Hub says", anew=True)
            out.write(block)
            bar.update(len(block))
            if have < file.size and pace.too_slow(have):
                raise Failed(f"{file.name} came at less than {SLOW_RATE / 1000:g} kB/s for {SLOW_SECONDS:g} s")
        if have < file.size:
            raise Failed(f"{file.name} broke off after {have:,} of {file.size:,} bytes")

    @contextlib.contextmanager
    def get(self, url: str, what: str, have: int = 0) -> Iterator[Any]:
        """An answer to GET with a good status, its body not yet read; from byte `have` on, if the server can."""
        from huggingface_hub import get_session
        from huggingface_hub.errors import HfHubHTTPError
        from huggingface_hub.utils import build_hf_headers

        http_error = HfHubHTTPError.__bases__[0]  # httpx.HTTPError, or httpx2's: that depends on the client's version
        headers = build_hf_headers() | {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        self.waiting_since = time.monotonic()
        try:
            with get_session().stream(
                "GET", url, headers=headers, timeout=SOCKET_SECONDS, follow_redirects=True
            ) as response:
                if self.cancelled:
                    raise Failed("it was interrupted")
                self.waiting_since, self.answered = None, True
                self.refuse(response, what, have)
                yield response
        except http_error as error:
            if self.answered:
                raise Failed(f"{what} did not arrive ({runtime.reason(error)}){_proxy(url)}") from error
            raise Failed(f"{self.host} was not reached ({runtime.reason(error)}){_proxy(url)}") from error
        finally:
            self.waiting_since = None

    def refuse(self, response: Any, what: str, have: int) -> None:
        """Raise Failed for anything but a good answer."""
        status, code = response.status_code, response.headers.get("X-Error-Code")
        if status in (200, 206):
            if response.headers.get("Content-Type", "").startswith("text/html"):
                raise Failed(
                    f"a web page came instead of {what}",
                    advice=f"Open a browser: the network may want you to log in. Then run: course fetch {self.hub_id}",
                )
            if status == 206 and not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
                raise Failed(f"another part of {what} came than was asked for", anew=True)
            return
        listing = "/api/models/" in response.request.url.path
        token = "; or the token in HF_TOKEN is not valid" if "Authorization" in response.request.headers else ""
        if code == "GatedRepo":
            raise Failed(
                f"{self.hub_id} is gated: its owner must let you in", again=False, advice="Choose an open checkpoint."
            )
        if code == "RevisionNotFound" and listing:  # for a file: the commit vanished meanwhile
            raise Failed(
                f"{self.hub_id} has no revision {self.revision}",
                again=False,
                advice="Look at its page for the names of branches and tags.",
            )
        if status in (401, 404) and listing:
            raise Failed(
                f"it knows no public checkpoint {self.hub_id} (status {status})",
                again=False,
                advice=f"Check the spelling: owner/name, or the path of a folder{token}.",
            )
        if status in (401, 403):
            raise Failed(
                f"{self.host} refuses {what} of {self.hub_id} (status {status})",
                again=False,
                advice=f"Choose a public checkpoint{token}.",
            )
        wait = _asks_to_wait(response)
        asks = f", and asks to wait {wait:.0f} s" if wait else ""
        too_long = wait > RETRY_AFTER_SECONDS
        raise Failed(
            f"{what}: {self.host} answered with status {status}{asks}",
            again=not too_long,
            wait=wait,
            anew=status == 416,
            advice=f"Wait as long as it asks, then run: course fetch {self.hub_id}" if too_long else "",
        )

    @contextlib.contextmanager
    def lock(self, file: Remote, blobs: Path) -> Iterator[None]:
        """The client's lock of `file`: waits while its holder gets on."""
        from filelock import FileLock, Timeout

        place = self.cache / ".locks" / self.repository.name / f"{file.digest}.lock"
        place.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place, mode=0o664)
        pace = Pace(LOCK_SECONDS)
        while True:
            with contextlib.suppress(Timeout):
                lock.acquire(timeout=0.2)
                break
            if self.cancelled:
                raise Failed("it was interrupted")
            if pace.too_slow(sum(found.stat().st_size for found in blobs.glob("*") if found.is_file())):
                raise Failed(
                    f"another process has locked {file.name} and brought too little in {LOCK_SECONDS:g} s",
                    again=False,
                    advice="Stop the program that fetches it too, then run: "
                    f"course fetch {self.hub_id}  (the lock is {place})",
                )
        try:
            yield
        finally:
            lock.release()


class Pace:
    """Says when a count of bytes has grown by less than SLOW_RATE over so many seconds."""

    def __init__(self, seconds: float, count: int = 0) -> None:
        self.seconds, self.count, self.since = seconds, count, time.monotonic()

    def too_slow(self, count: int) -> bool:
        elapsed = time.monotonic() - self.since
        if elapsed < self.seconds:
            return False
        grown, self.count, self.since = count - self.count, count, time.monotonic()
        return grown < SLOW_RATE * elapsed


# --- files -----------------------------------------------------------------------------------------


def is_right(file: Path, digest: str) -> bool:
    """Whether `file` is there and has the content that `digest` was made of."""
    return file.is_file() and digest_of(file, "sha256" if len(digest) == 64 else "git") == digest


def digest_of(file: Path, kind: str) -> str:
    """SHA-256 of the content, or the SHA-1 that git gives a blob (its header first)."""
    with file.open("rb") as stream:
        if kind == "sha256":
            return hashlib.file_digest(stream, "sha256").hexdigest()
        digest = hashlib.sha1(b"blob %d\0" % file.stat().st_size, usedforsecurity=False)
        while block := stream.read(2**20):
            digest.update(block)
        return digest.hexdigest()


def contents_of(snapshot: Path) -> Path:
    """Where we note which files, with which hash and size, the Hub listed for a snapshot."""
    return snapshot.parents[1] / f"contents-{snapshot.name}.json"


def write(file: Path, text: str) -> None:
    """Write a small file whole or not at all, and only if it says something else."""
    if file.is_file() and file.read_bytes() == text.encode():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f"{file.name}.{os.getpid()}")
    new.write_bytes(text.encode())
    os.replace(new, file)


# --- small things ----------------------------------------------------------------------------------


def _asks_to_wait(response: Any) -> float:
    """Seconds, from Retry-After (a number or a date) or from the Hub's own `RateLimit: "api";r=0;t=55`."""
    asked = response.headers.get("Retry-After", "").strip()
    if asked.isdigit():
        return float(asked)
    with contextlib.suppress(ValueError):
        return max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - time.time())
    limit = re.search(r"\bt=(\d+)", response.headers.get("RateLimit", ""))
    return float(limit[1]) if limit and response.status_code == 429 else 0.0


def _proxy(url: str) -> str:
    """` through the proxy HOST`, if there is one for `url`; never its password."""
    parts = urllib.parse.urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or urllib.request.proxy_bypass(parts.hostname or ""):
        return ""
    return f" through the proxy {urllib.parse.urlsplit(proxy).netloc.rpartition('@')[2] or proxy}"


def _bar(file: Remote, have: int) -> Any:
    """A progress bar for a large file, in a terminal that wants one."""
    from huggingface_hub.utils import tqdm

    quiet = os.environ.get("HF_HUB_DISABLE_PROGRESS_BARS", "").upper() in {"1", "ON", "YES", "TRUE"}
    unwanted = quiet or file.size < 2**20
    return tqdm(total=file.size, initial=have, unit="B", unit_scale=True, desc=file.name, disable=unwanted or None)
