"""A gateway that answers with fixed JSON, for commands that ask one."""

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer


@contextmanager
def answering(answers: Mapping[str, object], status: int = 200) -> Generator[tuple[str, list[dict[str, str]]]]:
    """Its address, and the headers that it was asked with. An answer that is bytes goes out as it is."""
    asked: list[dict[str, str]] = []

    class Fixed(BaseHTTPRequestHandler):
        """Answers by path."""

        def do_GET(self) -> None:
            """Answer, and remember the headers."""
            asked.append({name.lower(): value for name, value in self.headers.items()})
            found = answers[self.path]
            body = found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Fixed)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
