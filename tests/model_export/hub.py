"""A model hub on this machine, speaking what huggingface_hub asks: one repository, some commits."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

REPO = "makers/tiny"


class Hub:
    """Commits by their hash, branches and tags by the commit they stand for."""

    def __init__(self, commits: Mapping[str, Path], references: Mapping[str, str]) -> None:
        self.commits = commits
        self.references = dict(references)
        self.stated_weights_sha256: str | None = None
        self.downloads: list[str] = []
        self.endpoint = ""

    def info(self, revision: str) -> dict[str, object] | None:
        commit = self.references.get(revision, revision)
        folder = self.commits.get(commit)
        if folder is None:
            return None
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {
            "id": REPO,
            "sha": commit,
            "siblings": [self._file(folder, path) for path in files],
        }

    def _file(self, folder: Path, path: Path) -> dict[str, object]:
        found: dict[str, object] = {
            "rfilename": path.relative_to(folder).as_posix(),
            "size": path.stat().st_size,
        }
        if path.suffix == ".safetensors":
            sha256 = self.stated_weights_sha256 or _sha256(path)
            found["lfs"] = {"sha256": sha256, "size": found["size"], "pointerSize": 134}
        return found


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def running_hub(hub: Hub) -> Iterator[Hub]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def _answer(self, with_body: bool) -> None:
            path = unquote(self.path.partition("?")[0])
            api = f"/api/models/{REPO}/revision/"
            if path.startswith(api):
                info = hub.info(path.removeprefix(api))
                self._info(info)
                return
            if not path.startswith(f"/{REPO}/resolve/"):
                self._fail("RepoNotFound")
                return
            commit, _, name = path.removeprefix(f"/{REPO}/resolve/").partition("/")
            file = hub.commits[commit] / name
            if with_body:
                hub.downloads.append(name)
            self._send(file.read_bytes() if with_body else b"", file, commit)

        def _info(self, info: dict[str, object] | None) -> None:
            if info is None:
                self._fail("RevisionNotFound")
                return
            body = json.dumps(info).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _send(self, body: bytes, file: Path, commit: str) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(file.stat().st_size))
            self.send_header("ETag", f'"{_sha256(file)}"')
            self.send_header("X-Repo-Commit", commit)
            self.end_headers()
            self.wfile.write(body)

        def _fail(self, code: str) -> None:
            self.send_response(404)
            self.send_header("X-Error-Code", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
