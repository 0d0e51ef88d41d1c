"""A small Hub on the loopback address, for the real `huggingface_hub` client: folders become repositories.

    with Hub() as hub:
        hub.add("ada/tiny", folder)
        hub.spoil("*/model.safetensors", wrong_bytes, times=1)
        …                                   # HF_ENDPOINT = hub.url
        assert hub.asked("GET", "*/model.safetensors") == 2

It can be slow, silent, cut off, reset connections, lie, send elsewhere, and change under the reader's hands; `Proxy`
stands before it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import random
import re
import select
import socket
import ssl
import struct
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
    r"(?:/(?P<what>revision|tree)/(?P<revision>[^/]+)(?P<path>/.*)?)?"
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
    """What goes back: a status, headers, and a body in memory or in a file; and how it goes back."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Path = b""
    rate: float | None = None  # bytes per second
    keep: int | None = None  # bytes of the body that are sent before the connection ends
    reset: bool = False  # it ends as by a broken line (RST), not in good order
    silent: bool = False  # not a word comes, and the connection stays

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


def slow(rate: float = 1000) -> Fault:
    """So many bytes per second."""
    return lambda answer: replace(answer, rate=rate)


def cut(seed: int) -> Fault:
    """The connection ends after a random number of the body's bytes, at least one and not all."""
    chance = random.Random(seed)
    return lambda answer: replace(answer, keep=chance.randrange(1, answer.size))


def reset(answer: Answer) -> Answer:
    """The line breaks before a word is said."""
    return replace(answer, keep=0, reset=True)


def reset_within(seed: int) -> Fault:
    """The line breaks in the middle of the body."""
    within = cut(seed)
    return lambda answer: replace(within(answer), reset=True)


def silent(answer: Answer) -> Answer:
    """The connection stands, and nothing comes."""
    return replace(answer, silent=True)


def html(answer: Answer) -> Answer:
    """The page of a network that wants a login, with status 200."""
    return Answer(200, {"Content-Type": "text/html; charset=utf-8"}, b"<html><h1>Welcome! Log in.</h1></html>" * 9)


def json_of_another(answer: Answer) -> Answer:
    """JSON, but not what was asked for."""
    return _json({"message": "hello"})


def redirect(url: str) -> Fault:
    return lambda answer: Answer(302, {"Location": url})


def after(action: Callable[[], object]) -> Fault:
    """A good answer; then `action` happens."""

    def fault(answer: Answer) -> Answer:
        body = answer.body.read_bytes() if isinstance(answer.body, Path) else answer.body
        action()
        return replace(answer, body=body)

    return fault


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.broken: set[int] = set()  # connections that end with a reset

    def shutdown_request(self, request: Any) -> None:
        if id(request) in self.broken:
            self.broken.discard(id(request))
            request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that went away is part of the game


class Hub:
    """Serves repositories until `stop`; keeps a log of (method, path, status)."""

    def __init__(self, certificate: Path | None = None) -> None:
        """With a `certificate` (a PEM file with its key) the Hub speaks TLS."""
        self.repositories: dict[tuple[str, str, str], dict[str, File]] = {}  # (kind, id, revision or commit)
        self.commits: dict[tuple[str, str, str], str] = {}
        self.log: list[tuple[str, str, int]] = []
        self.with_hashes = True  # a mirror may leave sizes and hashes out of its list of files
        self.stopped = threading.Event()
        self.faults: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        hub = self

        class Handler(_Handler):
            pass

        Handler.hub = hub
        self.server = _Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """From now on connections are refused."""
        self.stopped.set()
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
        """Let `fault` change the answers to `method` on paths like `path`, the next `times` of them or all.

        Both are patterns. It goes on until `heal`.
        """
        self.faults.append({"path": path, "fault": fault, "left": times, "method": method})

    def heal(self) -> None:
        self.faults.clear()

    def asked(self, method: str, path: str) -> int:
        """How many requests of this kind came."""
        return sum(fnmatch(m, method) and fnmatch(p, path) for m, p, _ in self.log)

    # --- answers ---

    def answer(self, method: str, path: str, query: str) -> Answer:
        answer = self._honest(path, query)
        with self.lock:
            for fault in list(self.faults):
                if fnmatch(method, fault["method"]) and fnmatch(path, fault["path"]) and fault["left"] != 0:
                    fault["left"] = None if fault["left"] is None else fault["left"] - 1
                    answer = fault["fault"](answer)
            self.log.append((method, path, answer.status))
        return answer

    def _honest(self, path: str, query: str) -> Answer:
        if path == "/":
            return Answer(200, {"Content-Type": "text/html"}, b"<h1>A small Hub</h1>")
        if match := API.fullmatch(path):
            return self._api(match, query)
        if match := RESOLVE.fullmatch(path):
            return self._resolve(match)
        return Answer(404)

    def _find(self, kind: str, repo_id: str, revision: str) -> Answer | tuple[str, dict[str, File]]:
        if (kind, repo_id, revision) in self.repositories:
            return self.commits[kind, repo_id, revision], self.repositories[kind, repo_id, revision]
        if any(key[:2] == (kind, repo_id) for key in self.repositories):
            return Answer(404, {"X-Error-Code": "RevisionNotFound"})
        return Answer(401, {"X-Error-Code": "RepoNotFound"})  # as the Hub does: it does not tell missing from private

    def _api(self, match: re.Match[str], query: str) -> Answer:
        repository = self._find(match["kind"], match["id"], urllib.parse.unquote(match["revision"] or "main"))
        if isinstance(repository, Answer):
            return repository
        commit, files = repository
        if match["what"] == "tree":
            folder = (match["path"] or "").strip("/")
            return _json([_entry(path, file) for path, file in files.items() if path.startswith(folder)])
        siblings: list[dict[str, Any]] = [{"rfilename": path} for path in files]
        if "blobs" in query and self.with_hashes:
            for sibling, file in zip(siblings, files.values()):
                sibling |= {"size": file.size, "blobId": file.git}
                if file.sha256:
                    sibling["lfs"] = {"sha256": file.sha256, "size": file.size, "pointerSize": 134}
        return _json({"id": match["id"], "sha": commit, "siblings": siblings, "tags": []})

    def _resolve(self, match: re.Match[str]) -> Answer:
        kind = "datasets" if match["kind"] else "models"
        repository = self._find(kind, match["id"], urllib.parse.unquote(match["revision"]))
        if isinstance(repository, Answer):
            return repository
        commit, files = repository
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
        answer = self.hub.answer(self.command, path, query)
        self.close_connection = True
        if answer.silent:
            self.hub.stopped.wait(60)
            return
        if answer.reset:
            self.server.broken.add(id(self.connection))
            if answer.keep == 0:
                return
        first, last, headers, code = 0, answer.size - 1, dict(answer.headers), answer.status
        if code == 200 and (wanted := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))):
            first, last, code = int(wanted[1]), min(last, int(wanted[2] or last)), 206
            headers["Content-Range"] = f"bytes {first}-{last}/{answer.size}"
        count = last - first + 1
        self.send_response(code)
        for name, value in (headers | {"Content-Length": str(count), "Connection": "close"}).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self._send(answer, first, count if answer.keep is None else min(count, answer.keep))

    do_HEAD = do_GET

    def _send(self, answer: Answer, first: int, count: int) -> None:
        step = max(1, int(answer.rate / 20)) if answer.rate else 2**20
        with answer.body.open("rb") if isinstance(answer.body, Path) else io.BytesIO(answer.body) as stream:
            stream.seek(first)
            while count > 0 and (block := stream.read(min(count, step))):
                self.wfile.write(block)
                count -= len(block)
                if answer.rate and self.hub.stopped.wait(len(block) / answer.rate):
                    return

    def log_message(self, *_: object) -> None:
        pass  # hub.log has it


class Proxy:
    """A forward proxy on the loopback address: whatever host is asked for, the Hub on `port` answers.

    Takes plain requests (`GET http://…`) and tunnels (`CONNECT host:443`); `log` has their first lines.
    """

    def __init__(self, port: int) -> None:
        self.port, self.log = port, []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), client:
            head = b""
            while b"\r\n\r\n" not in head and (block := client.recv(4096)):
                head += block
            line, rest = head.split(b"\r\n", 1)
            self.log.append(line.decode())
            method, target, version = line.split(b" ")
            with socket.create_connection(("127.0.0.1", self.port)) as server:
                if method == b"CONNECT":
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    path = b"/" + target.split(b"/", 3)[3]
                    server.sendall(b" ".join((method, path, version)) + b"\r\n" + rest)
                _join(client, server)


def _join(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until one side is done."""
    while True:
        for ready in select.select([one, other], [], [], 30)[0]:
            if not (block := ready.recv(2**16)):
                return
            (other if ready is one else one).sendall(block)


def _git(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _describe(file: Path) -> File:
    if file.suffix not in LARGE:
        return File(file, file.stat().st_size, _git(file.read_bytes()))
    with file.open("rb") as stream:  # some are half a gigabyte
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return File(file, file.stat().st_size, hashlib.sha1(sha256.encode()).hexdigest(), sha256)


def _entry(path: str, file: File) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": "file", "path": path, "size": file.size, "oid": file.git}
    if file.sha256:
        entry["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": 134}
    return entry


def _json(value: object) -> Answer:
    return Answer(200, {"Content-Type": "application/json"}, json.dumps(value).encode())


# --- what it serves, and what arrives -------------------------------------------------------------


def write_tokenizer_of_gpt2(folder: Path, size: int) -> None:
    """Byte-level BPE with one merge, padded to `size`; <|endoftext|> is last, as in GPT-2."""
    from tokenizers.pre_tokenizers import ByteLevel

    tokens = [*sorted(ByteLevel.alphabet()), "he"]
    tokens += [f"padding{i}" for i in range(size - len(tokens) - 1)] + ["<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\nh e\n")
    (folder / "tokenizer_config.json").write_text('{"model_max_length": 1024, "tokenizer_class": "GPT2Tokenizer"}')


def write_tiny(folder: Path) -> Path:
    """A GPT-2 of 9,000 weights with all that a folder on the Hub holds, also what nobody needs."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    sizes = {"n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": 32, "vocab_size": 300}
    model = GPT2LMHeadModel(GPT2Config(**sizes, bos_token_id=299, eos_token_id=299))
    model.to(torch.float16).save_pretrained(folder)
    write_tokenizer_of_gpt2(folder, 300)
    (folder / "README.md").write_text("# Tiny\n")
    (folder / "pytorch_model.bin").write_bytes(b"the same weights again")
    (folder / "onnx").mkdir()
    (folder / "onnx" / "config.json").write_text("{}")
    return folder


def broken_links(cache: Path) -> list[Path]:
    return [path for path in cache.rglob("*") if path.is_symlink() and not path.exists()]


def damaged_blobs(cache: Path) -> list[Path]:
    """Blobs whose content is not what their name says; what has not arrived whole has another name."""
    blobs = [blob for blob in cache.glob("models--*/blobs/*") if blob.suffix != ".incomplete"]
    return [blob for blob in blobs if blob.name not in (_git(content := blob.read_bytes()), _sha256(content))]
