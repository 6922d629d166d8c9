"""A real S3 server on this machine (moto's), and what queries need to reach it."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Self

from headgate.core.clock import SystemClock
from headgate.storage.query.copies import Copies
from headgate.storage.query.fetching import Fetching, Threads
from tests.e2e.lab import free_port

BUCKET = "s3://warehouse"


class Store:
    """moto's server, which can go away for a while; what it holds is in its memory."""

    def __init__(self) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        command = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", self.url.rpartition(":")[2]]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait(self) -> None:
        """Until it answers; then make the bucket."""
        deadline = time.monotonic() + 30
        while True:
            try:
                self._send("PUT", "/warehouse")
            except urllib.error.HTTPError:
                raise
            except OSError:
                assert self._process.poll() is None, "moto's server has ended"
                assert time.monotonic() < deadline, "moto's server does not start"
                time.sleep(0.1)
            else:
                return

    def __enter__(self) -> Self:
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()

    def check_credentials(self, *, after: int) -> None:
        """From so many requests on, only credentials that were made in it are taken: none were."""
        self._send("POST", "/moto-api/reset-auth", str(after).encode())

    def variables(self) -> dict[str, str]:
        """How delta-rs reaches it, by the names that it documents."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "hush-hush",
            "AWS_REGION": "us-east-1",
        }

    def _send(self, method: str, path: str, body: bytes | None = None) -> None:
        request = urllib.request.Request(self.url + path, body, {"content-type": "text/plain"}, method=method)
        urllib.request.urlopen(request, timeout=5).close()


def fetching(root: object, bytes_max: int = 1 << 30) -> Fetching:
    """What a query gateway fetches with; copies go below this folder."""
    return Fetching(Copies(f"{root}/copies", bytes_max, SystemClock()), Threads())
