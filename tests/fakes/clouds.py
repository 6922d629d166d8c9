"""A server on loopback that is Bedrock, Vertex AI, Azure OpenAI and a server of tokens at once. It keeps what it received, and answers what was prepared."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """A request, as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


@dataclass
class Prepared:
    """An answer for the paths that hold a text."""

    path: str
    body: bytes | list[bytes]
    content_type: str = "application/json"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Clouds:
    """What is answered, by path, and what was received."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.prepared: list[Prepared] = []
        self.url = ""

    def answer(self, path: str, body: bytes | list[bytes] | dict[str, Any], content_type: str = "application/json", **more: Any) -> None:
        """Answer from now on so where a path holds this text; what was prepared last has precedence."""
        content = json.dumps(body).encode() if isinstance(body, dict) else body
        self.prepared.insert(0, Prepared(path, content, content_type, **more))

    def last(self, path: str) -> Received:
        """The latest request to a path that holds this text."""
        return next(each for each in reversed(self.received) if path in each.path)


@contextmanager
def serving() -> Generator[Clouds]:
    """The server, in a thread of its own."""
    clouds = Clouds()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            clouds.received.append(Received(self.command, self.path, headers, body))
            found = next((each for each in clouds.prepared if each.path in self.path), Prepared("", b'{"message":"nothing is prepared"}', status=404))
            self.send_response(found.status)
            self.send_header("content-type", found.content_type)
            for name, value in found.headers.items():
                self.send_header(name, value)
            if isinstance(found.body, bytes):
                self.send_header("content-length", str(len(found.body)))
                self.end_headers()
                self.wfile.write(found.body)
                return
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for piece in found.body:
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")

        do_GET = do_POST = _answer  # ruff: ignore[mixed-case-variable-in-class-scope] -- the library calls them so

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    clouds.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield clouds
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
