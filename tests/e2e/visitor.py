"""A signed-in browser without a browser: pages over plain HTTP, with a session's cookie and the text that its forms need."""

import html
import http.client
import re
from urllib.parse import quote, urlencode, urlsplit

from tests.e2e.lab import headgate


class Visitor:
    """One session of a gateway, of this user, or of an administrator. `location` is where the last redirect led to."""

    def __init__(self, gateway, user: str = "") -> None:
        self._gateway = gateway
        self.cookie = ""
        self.location = ""
        named = ("--user", user) if user else ()
        link = headgate("token", "sign-in", *named, "--url", gateway.url, "--data", gateway.data).strip()
        status, _ = self._ask("POST", "/login", urlsplit(link).query)
        assert status == 303

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page."""
        return self._ask("GET", path)

    def page(self, path: str) -> str:
        """The text of a page that is there."""
        status, text = self.get(path)
        assert status == 200, text
        return text

    def post(self, path: str, **form: str) -> tuple[int, str]:
        """Send a form of this session."""
        token = re.findall(r'name="form_token" value="([0-9a-f]+)"', self.page("/connect"))[0]
        return self._ask("POST", path, urlencode(form | {"form_token": token}))

    def follow(self) -> str:
        """The page that the last redirect led to."""
        return self.page(self.location)

    def _ask(self, method: str, path: str, form: str = "") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._gateway.port, timeout=60)
        headers = {"cookie": self.cookie, "accept": "text/html"}
        connection.request(method, quote(path, safe="/?&=%"), form or None, headers)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        connection.close()
        self.cookie = (answer.getheader("set-cookie") or self.cookie).partition(";")[0]
        self.location = answer.getheader("location") or self.location
        return answer.status, text


def shown_text(page: str) -> str:
    """What a person reads of a page: without markup, in one line."""
    return " ".join(html.unescape(re.sub(r"<(script|style|svg).*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)).split())
