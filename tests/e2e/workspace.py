"""The workspace API of a real gateway, asked with plain HTTP: statements and the catalog, as an administrator and as somebody without a grant."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from tests.e2e.lab import Gateway, headgate

STATEMENTS = "/api/2.0/sql/statements"
UNITY = "/api/2.1/unity-catalog"


@dataclass(frozen=True)
class Asker:
    """Somebody with a token."""

    url: str
    token: str
    name: str

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """One request; status and decoded body (bytes where it is not JSON)."""
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"} if self.token else {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, _decoded(answer)
        except urllib.error.HTTPError as error:
            return error.code, _decoded(error)

    def run(self, statement: str, **fields: object) -> Any:
        """Run a statement to its end."""
        status, answer = self.ask("POST", STATEMENTS, {"statement": statement, "warehouse_id": "any", "wait_timeout": "50s", **fields})
        assert status == 200, answer
        return answer

    def rows(self, statement: str, **fields: object) -> list[list[str | None]]:
        """The rows of a statement that succeeds."""
        answer = self.run(statement, **fields)
        assert answer["status"]["state"] == "SUCCEEDED", answer
        return answer["result"].get("data_array", [])

    def error(self, statement: str, **fields: object) -> str:
        """The message of a statement that fails."""
        answer = self.run(statement, **fields)
        assert answer["status"]["state"] == "FAILED", answer
        return str(answer["status"]["error"]["message"])


def _decoded(answer: Any) -> Any:
    body = answer.read()
    return json.loads(body) if answer.headers.get("content-type", "").startswith("application/json") else body


def administrator(gateway: Gateway) -> Asker:
    """An administrator."""
    made = json.loads(headgate("token", "create", "root", "--admin", "--json", "--data", gateway.data))
    return Asker(gateway.url, made["token"], "root")


def user(gateway: Gateway, name: str) -> Asker:
    """Somebody who may do what everybody may."""
    return Asker(gateway.url, gateway.create_token(name, name)[0], name)
