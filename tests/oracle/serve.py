"""Spark that waits for statements on a port of this machine, for `python -m tests.oracle.ask`. Start it with `.oracle/bin/python -m tests.oracle.serve`.

A line of JSON asks (`sql`, `zone`), a line of JSON answers. It executes what it is asked, so it listens on the loopback address alone.
"""

import json
import socketserver
import sys

from tests.oracle import spark

PORT = 18999
_SESSION = []


class _Asked(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        for line in self.rfile:
            asked = json.loads(line)
            found = spark.answer(_SESSION[0], asked["sql"], asked.get("zone", "UTC"))
            self.wfile.write(json.dumps(found).encode() + b"\n")


def main(port: int) -> None:
    """Serve until the process ends. One statement at a time."""
    _SESSION.append(spark.session("/tmp/headgate-oracle"))
    socketserver.TCPServer.allow_reuse_address = True
    with socketserver.TCPServer(("127.0.0.1", port), _Asked) as server:
        print(f"ready at 127.0.0.1:{port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PORT)
