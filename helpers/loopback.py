"""A Hub on this machine, for trying out an upload: it takes what `HfApi` sends and keeps it in a folder.

with LoopbackHub(folder) as hub:
    HfApi(endpoint=hub.url, token="none").upload_folder(repo_id="me/model", folder_path=…)

It knows four requests: create a repository, look at a card's header, prepare an upload, commit; and it lists files.
"""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class _Handler(BaseHTTPRequestHandler):
    folder: Path

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = f"http://{self.headers['Host']}"
        if self.path == "/api/repos/create":
            asked = json.loads(body)
            self._reply({"url": f"{url}/{asked.get('organization', 'me')}/{asked['name']}"})
        elif "/preupload/" in self.path:  # every file goes with the commit, however large
            files = [{"path": file["path"], "uploadMode": "regular"} for file in json.loads(body)["files"]]
            self._reply({"files": [{**file, "shouldIgnore": False} for file in files]})
        elif "/commit/" in self.path:
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    file = self.folder / Path(line["value"]["path"]).name
                    file.write_bytes(base64.b64decode(line["value"]["content"]))
            self._reply({"commitUrl": f"{url}{self.path.removeprefix('/api/models')}/{'0' * 40}", "commitOid": "0" * 40})
        else:
            self._reply({"errors": [], "warnings": []})  # of a card's header

    def do_GET(self) -> None:
        files = [{"type": "file", "oid": "0" * 40, "path": f.name, "size": f.stat().st_size} for f in self._files()]
        self._reply(files if "/tree/" in self.path else {})

    def _files(self) -> list[Path]:
        return sorted(self.folder.iterdir())

    def _reply(self, content: Any) -> None:
        answer = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


class LoopbackHub:
    """Listens on 127.0.0.1 at `url` until its `with` block ends, and keeps the uploaded files in `folder`."""

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
