"""How a command asks a running gateway: its address, the token to present, and its answer or its refusal."""

import http.client
import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from headgate.config.load import server_settings
from headgate.core.errors import BadRequest, GatewayError, Unauthenticated, Unavailable

_TIMEOUT_S = 10.0
_BYTES_MAX = 64 << 20
TOKEN_VARIABLE, URL_VARIABLE = "HEADGATE_TOKEN", "HEADGATE_URL"


def ask_gateway(path: str, environ: Mapping[str, str] = os.environ) -> Any:  # ruff: ignore[any-type] what the JSON holds
    """GET a path of the workspace API. Raises GatewayError where there is no token, no gateway, or a refusal."""
    token = environ.get(TOKEN_VARIABLE, "")
    if not token:
        raise Unauthenticated(f"This asks the running gateway: set {TOKEN_VARIABLE} to your token, and {URL_VARIABLE} if it is not on this machine.")
    url = environ.get(URL_VARIABLE, "") or _own_url(environ)
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadRequest(f"{URL_VARIABLE} is {url!r}; it should be like https://gate.example or http://127.0.0.1:8484.")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", parts.path.rstrip("/") + path, headers={"authorization": f"Bearer {token}", "accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read(_BYTES_MAX)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unavailable(
            f"No gateway answers at {url} ({error or type(error).__name__}). Is `headgate up` running? {URL_VARIABLE} says where."
        ) from error
    finally:
        connection.close()
    try:
        found = json.loads(body)
    except ValueError as error:
        raise Unavailable(f"What answers at {url} is no Headgate: status {answer.status}, and no JSON.") from error
    if answer.status != 200:
        message = found.get("message") if isinstance(found, dict) else ""
        raise GatewayError(f"The gateway refused with status {answer.status}: {message or answer.reason}", status=answer.status)
    return found


def _own_url(environ: Mapping[str, str]) -> str:
    """Where a gateway of this machine's configuration listens."""
    server = server_settings(environ.get("HEADGATE_CONFIG", ""), environ)
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(server.host, server.host)  # every address of the machine is none to connect to
    return f"http://[{host}]:{server.port}" if ":" in host else f"http://{host}:{server.port}"
