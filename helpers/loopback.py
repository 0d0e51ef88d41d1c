"""A Hub on this machine, for trying out an upload: it takes what `HfApi` sends and keeps the files in a folder.

    with LoopbackHub(folder) as hub:
        HfApi(endpoint=hub.url, token="none").upload_folder(repo_id="me/model", folder_path=…)

It answers the requests of an upload (create, look at a card's header, prepare, commit) and lists its files.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class _Handler(BaseHTTPRequestHandler):
    folder: Path

    def do_POST(self) -> None:
        lines = self._lines()
        url, none = f"http://{self.headers['Host']}", "0" * 40
        if self.path.endswith("/create"):
            asked = json.loads(b"".join(lines))
            self._answer({"url": f"{url}/{asked['organization']}/{asked['name']}"})
        elif "/preupload/" in self.path:  # every file travels in the commit, however large it is
            how = {"uploadMode": "regular", "shouldIgnore": False}
            self._answer({"files": [{"path": file["path"], **how} for file in json.loads(b"".join(lines))["files"]]})
        elif "/commit/" in self.path:
            for entry in map(json.loads, lines):
                if entry["key"] == "file":
                    file = self.folder / Path(entry["value"]["path"]).name
                    file.write_bytes(base64.b64decode(entry["value"]["content"]))
            repository = self.path.removeprefix("/api/models/").partition("/commit/")[0]
            self._answer({"commitUrl": f"{url}/{repository}/commit/{none}", "commitOid": none})
        else:
            b"".join(lines)
            self._answer({"errors": [], "warnings": []})  # for a card's header

    def _lines(self) -> Iterator[bytes]:
        left = int(self.headers.get("Content-Length") or 0)
        while left > 0 and (line := self.rfile.readline(left)):
            left -= len(line)
            yield line

    def do_GET(self) -> None:
        files = sorted(self.folder.iterdir())
        self._answer([{"type": "file", "oid": "", "path": f.name, "size": f.stat().st_size} for f in files])

    def _answer(self, content: Any) -> None:
        text = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


class LoopbackHub:
    """Answers at `url`, an address of this machine, until its `with` block ends; keeps files in `folder`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"folder": folder}))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> LoopbackHub:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
