"""A real browser for tests: headless Chromium, driven over a pair of pipes with its own DevTools protocol. Needs no driver and no port.

The protocol: https://chromedevtools.github.io/devtools-protocol/; over pipes each message is JSON that ends with a zero byte.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server", "--hide-scrollbars")
_TIMEOUT_S = 20.0


class Browser:
    """One tab of a browser with a profile of its own. `logged` is what its console shows, such as a broken content security policy."""

    def __init__(self, read: int, write: int) -> None:
        self._read = read
        self._write = write
        self._rest = b""
        self._number = 0
        self._session = ""
        self.logged: list[str] = []
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **parameters: object) -> Any:
        """Call a method of the protocol and wait for its result."""
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": self._session} if self._session else {})
        os.write(self._write, json.dumps(message).encode() + b"\0")
        answer = self._next(lambda told: told.get("id") == number)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, url: str) -> None:
        """Go to an address, as if it were typed, and wait until the page is there."""
        self.leave(lambda: self.do("Page.navigate", url=url))

    def press(self, label: str) -> None:
        """Press the button with this label by the mouse, and wait for the page that follows."""
        self._press(f"[...document.querySelectorAll('button')].find(each => each.textContent === {json.dumps(label)})", label)

    def click(self, selector: str) -> None:
        """Press what this selector finds first by the mouse, and wait for the page that follows."""
        self._press(f"document.querySelector({json.dumps(selector)})", selector)

    def leave(self, act: Callable[[], object]) -> None:
        """Do something that leads to another page, and wait until that is there."""
        act()
        self._next(lambda told: told.get("method") == "Page.loadEventFired")

    def _press(self, found: str, name: str) -> None:
        self.value(f"({found})?.scrollIntoView({{block: 'center'}})")
        box = self.value(f"(({found}) ?? document.head).getBoundingClientRect().toJSON()")
        assert box["width"], f"no button {name} in: {self.text()}"
        at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "button": "left", "clickCount": 1}

        def click() -> None:
            self.do("Input.dispatchMouseEvent", type="mousePressed", **at)
            self.do("Input.dispatchMouseEvent", type="mouseReleased", **at)

        self.leave(click)

    def back(self) -> None:
        """Go back one page."""
        entries = self.do("Page.getNavigationHistory")
        self.leave(lambda: self.do("Page.navigateToHistoryEntry", entryId=entries["entries"][entries["currentIndex"] - 1]["id"]))

    def value(self, expression: str) -> Any:
        """The value of an expression in the page."""
        return self.do("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def text(self) -> str:
        """What a person reads on the page."""
        return str(self.value("document.body.innerText"))

    def _next(self, wanted: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
        """The next message of this kind; what the console shows on the way is noted."""
        deadline = time.monotonic() + _TIMEOUT_S
        while True:
            while b"\0" not in self._rest:
                if not select.select([self._read], [], [], max(0.0, deadline - time.monotonic()))[0]:
                    raise TimeoutError("the browser does not answer")
                read = os.read(self._read, 1 << 16)
                assert read, "the browser has ended"
                self._rest += read
            line, _, self._rest = self._rest.partition(b"\0")
            told = json.loads(line)
            match told.get("method"):
                case "Log.entryAdded":
                    self.logged.append(told["params"]["entry"]["text"])
                case "Runtime.exceptionThrown":
                    details = told["params"]["exceptionDetails"]
                    self.logged.append(details.get("exception", details).get("description", details["text"]))
            if wanted(told):
                return told


@contextlib.contextmanager
def browsing(folder: Path) -> Generator[Browser]:
    """A browser that keeps its profile in this folder; ended afterwards."""
    from_us, to_it = os.pipe()
    from_it, to_us = os.pipe()
    script = f'exec "$@" 3<&{from_us} 4>&{to_us}'  # it reads commands from 3 and answers on 4; sh knows no number above 9
    command = ["bash", "-c", script, "bash", PROGRAM, *_FLAGS, "--remote-debugging-pipe", f"--user-data-dir={folder}", "about:blank"]
    with open(folder.with_suffix(".log"), "wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(from_us, to_us), start_new_session=True)
    os.close(from_us)
    os.close(to_us)
    try:
        yield Browser(from_it, to_it)
    finally:
        os.close(to_it)
        os.close(from_it)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
