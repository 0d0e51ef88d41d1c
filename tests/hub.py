"""A small Hub on the loopback address, for the real `huggingface_hub` client: folders become repositories.

    with Hub() as hub:
        hub.add("ada/tiny", folder)
        hub.spoil("*/model.safetensors", wrong_bytes, times=1)
        …                                   # HF_ENDPOINT = hub.url
        assert hub.asked("GET", "*/model.safetensors") == 2
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LARGE = {".safetensors", ".bin", ".onnx", ".parquet"}  # kept by LFS: their ETag is a SHA-256
API = re.compile(
    r"/api/(?P<kind>models|datasets)/(?P<id>[^/]+(?:/[^/]+)?)"
    r"(?:/(?P<what>revision|tree|paths-info)/(?P<revision>[^/]+)(?P<path>/.*)?)?"
)
RESOLVE = re.compile(r"/(?P<kind>datasets/)?(?P<id>[^/]+(?:/[^/]+)?)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")


@dataclass(frozen=True)
class File:
    """A file in a repository, with the two hashes that the Hub gives it."""

    location: Path
    size: int
    git: str
    sha256: str | None = None  # for a large file

    @property
    def etag(self) -> str:
        return self.sha256 or self.git


@dataclass(frozen=True)
class Answer:
    """What goes back: a status, headers, and a body in memory or in a file."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Path = b""

    @property
    def size(self) -> int:
        return self.body.stat().st_size if isinstance(self.body, Path) else len(self.body)


Fault = Callable[[Answer], Answer]


def wrong_bytes(answer: Answer) -> Answer:
    """The right number of bytes, one of them another: a size check does not see it."""
    body = bytearray(answer.body.read_bytes() if isinstance(answer.body, Path) else answer.body)
    body[len(body) // 2] ^= 1
    return replace(answer, body=bytes(body))


def status(code: int, **headers: str) -> Fault:
    """Another status instead of the answer."""
    return lambda answer: Answer(code, headers, b'{"error": "spoiled"}')


class Hub:
    """Serves repositories until `stop`; keeps a log of (method, path, status)."""

    def __init__(self) -> None:
        self.repositories: dict[tuple[str, str, str], dict[str, File]] = {}  # (kind, id, revision or commit)
        self.commits: dict[tuple[str, str, str], str] = {}
        self.log: list[tuple[str, str, int]] = []
        self.faults: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        hub = self

        class Handler(_Handler):
            pass

        Handler.hub = hub
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """From now on connections are refused."""
        self.server.shutdown()
        self.server.server_close()

    def add(self, repo_id: str, folder: Path, revision: str = "main", kind: str = "models") -> str:
        """Serve `folder` as `repo_id` at `revision`; returns the commit, a hash of the content."""
        files = {
            file.relative_to(folder).as_posix(): _describe(file) for file in sorted(folder.rglob("*")) if file.is_file()
        }
        commit = hashlib.sha1(json.dumps({path: file.etag for path, file in files.items()}).encode()).hexdigest()
        for name in (revision, commit):
            self.repositories[kind, repo_id, name] = files
            self.commits[kind, repo_id, name] = commit
        return commit

    def spoil(self, path: str, fault: Fault, times: int | None = None, method: str = "GET") -> None:
        """Let `fault` change the answers to `method` on paths like `path`, the next `times` of them or all."""
        self.faults.append({"path": path, "fault": fault, "left": times, "method": method})

    def asked(self, method: str, path: str) -> int:
        """How many requests of this kind came."""
        return sum(fnmatch(m, method) and fnmatch(p, path) for m, p, _ in self.log)

    # --- answers ---

    def answer(self, method: str, path: str, query: dict[str, list[str]], form: dict[str, list[str]]) -> Answer:
        answer = self._honest(path, query, form)
        with self.lock:
            for fault in self.faults:
                if fault["method"] == method and fnmatch(path, fault["path"]) and fault["left"] != 0:
                    fault["left"] = None if fault["left"] is None else fault["left"] - 1
                    answer = fault["fault"](answer)
            self.log.append((method, path, answer.status))
        return answer

    def _honest(self, path: str, query: dict[str, list[str]], form: dict[str, list[str]]) -> Answer:
        if path == "/":
            return Answer(200, {"Content-Type": "text/html"}, b"<h1>A small Hub</h1>")
        if match := API.fullmatch(path):
            return self._api(match, query, form)
        if match := RESOLVE.fullmatch(path):
            return self._resolve(match)
        return Answer(404)

    def _find(self, kind: str, repo_id: str, revision: str) -> Answer | tuple[str, dict[str, File]]:
        if (kind, repo_id, revision) in self.repositories:
            return self.commits[kind, repo_id, revision], self.repositories[kind, repo_id, revision]
        if any(key[:2] == (kind, repo_id) for key in self.repositories):
            return Answer(404, {"X-Error-Code": "RevisionNotFound"})
        return Answer(401, {"X-Error-Code": "RepoNotFound"})  # as the Hub does: it does not tell missing from private

    def _api(self, match: re.Match[str], query: dict[str, list[str]], form: dict[str, list[str]]) -> Answer:
        found = self._find(match["kind"], match["id"], urllib.parse.unquote(match["revision"] or "main"))
        if isinstance(found, Answer):
            return found
        commit, files = found
        if match["what"] == "tree":
            folder = (match["path"] or "/").strip("/")
            recursive = query.get("recursive", ["false"])[0].lower() in ("true", "1")
            return _json(_tree(files, folder, recursive))
        if match["what"] == "paths-info":
            entries = {entry["path"]: entry for entry in _tree(files, "", True)}
            return _json([entries[path] for path in form.get("paths", []) if path in entries])
        siblings = [_sibling(path, file, "blobs" in query) for path, file in files.items()]
        return _json({
            "id": match["id"], "modelId": match["id"], "sha": commit, "siblings": siblings, "private": False,
            "gated": False, "disabled": False, "tags": [], "downloads": 0, "likes": 0,
        })

    def _resolve(self, match: re.Match[str]) -> Answer:
        kind = "datasets" if match["kind"] else "models"
        found = self._find(kind, match["id"], urllib.parse.unquote(match["revision"]))
        if isinstance(found, Answer):
            return found
        commit, files = found
        file = files.get(urllib.parse.unquote(match["path"]))
        if file is None:
            return Answer(404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
        headers = {"ETag": f'"{file.etag}"', "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
        if file.sha256:
            headers |= {"X-Linked-Etag": f'"{file.sha256}"', "X-Linked-Size": str(file.size)}
        return Answer(200, headers, file.location)


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        form = urllib.parse.parse_qs(self.rfile.read(length).decode()) if length else {}
        answer = self.hub.answer(self.command, path, urllib.parse.parse_qs(query), form)
        first, headers = 0, dict(answer.headers)
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        last = answer.size - 1
        code = answer.status
        if wanted and code == 200:
            first, last = int(wanted[1]), min(last, int(wanted[2] or last))
            headers["Content-Range"] = f"bytes {first}-{last}/{answer.size}"
            code = 206
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(last - first + 1))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self._send(answer.body, first, last - first + 1)

    do_HEAD = do_POST = do_GET

    def _send(self, body: bytes | Path, first: int, count: int) -> None:
        if isinstance(body, bytes):
            self.wfile.write(body[first : first + count])
            return
        with body.open("rb") as stream:
            stream.seek(first)
            while count > 0 and (block := stream.read(min(count, 2**20))):
                self.wfile.write(block)
                count -= len(block)

    def log_message(self, *_: object) -> None:
        pass  # hub.log has it


def _describe(file: Path) -> File:
    size = file.stat().st_size
    if file.suffix in LARGE:
        with file.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        return File(file, size, hashlib.sha1(sha256.encode()).hexdigest(), sha256)
    content = file.read_bytes()
    return File(file, size, hashlib.sha1(b"blob %d\0" % size + content).hexdigest())


def _tree(files: dict[str, File], folder: str, recursive: bool) -> list[dict[str, Any]]:
    prefix = f"{folder}/" if folder else ""
    entries: dict[str, dict[str, Any]] = {}
    for path, file in files.items():
        if not path.startswith(prefix):
            continue
        parts = path[len(prefix) :].split("/")
        for depth in range(1, len(parts) if recursive else min(2, len(parts))):
            parent = prefix + "/".join(parts[:depth])
            oid = hashlib.sha1(parent.encode()).hexdigest()
            entries[parent] = {"type": "directory", "path": parent, "size": 0, "oid": oid}
        if recursive or len(parts) == 1:
            entries[path] = {"type": "file", "path": path, "size": file.size, "oid": file.git}
            if file.sha256:
                entries[path]["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": 134}
    return list(entries.values())


def _sibling(path: str, file: File, with_blobs: bool) -> dict[str, Any]:
    sibling: dict[str, Any] = {"rfilename": path}
    if with_blobs:
        sibling |= {"size": file.size, "blobId": file.git}
        if file.sha256:
            sibling["lfs"] = {"sha256": file.sha256, "size": file.size, "pointerSize": 134}
    return sibling


def _json(value: object) -> Answer:
    return Answer(200, {"Content-Type": "application/json"}, json.dumps(value).encode())
