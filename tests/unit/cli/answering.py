"""A gateway that answers with fixed JSON, for commands that ask one."""

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@contextmanager
def answering(answers: Mapping[str, object], status: int = 200) -> Generator[tuple[str, list[dict[str, Any]]]]:
    """Its address, and what it was asked: headers, and `method`, `path` and `body`. Answers are by path, or by `METHOD path`; bytes go out as they are, and
    an exception's text with the status that its first argument is.
    """
    asked: list[dict[str, Any]] = []

    class Fixed(BaseHTTPRequestHandler):
        """Answers by path."""

        def answer(self) -> None:
            """Answer, and remember what was asked."""
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked.append(headers | {"method": self.command, "path": self.path, "body": json.loads(content) if content else None})
            found = answers.get(f"{self.command} {self.path}", answers.get(self.path))
            told, found = (found.args[0], found.args[1]) if isinstance(found, Exception) else (404 if found is None else status, found)
            body = found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(told)
            if 300 <= told < 400:
                self.send_header("location", str(found))
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    for method in ("GET", "POST", "PATCH", "DELETE"):
        setattr(Fixed, f"do_{method}", Fixed.answer)
    server = HTTPServer(("127.0.0.1", 0), Fixed)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


ME = {
    "principal": {
        "id": "usr_ada",
        "name": "ada@example.com",
        "kind": "USER",
        "groups": ["contractors"],
        "roles": ["member"],
        "reads_all_usage": False,
    },
    "token": {
        "id": "tok_1",
        "name": "laptop",
        "scopes": ["inference", "sql"],
        "endpoints": ["*"],
        "networks": [],
        "expires_at": "2099-01-15T08:00:00Z",
    },
    "gateway": {"version": "0.1.0", "demo": False},
    "limits": [],
    "budgets": [],
}
