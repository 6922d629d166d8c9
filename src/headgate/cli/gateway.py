"""How a command asks a running gateway: its address, the token to present, and its answer or its refusal."""

import http.client
import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from headgate.cli.gateway_address import TOKEN_VARIABLE, URL_VARIABLE, gateway_address, presented_token
from headgate.core.errors import GatewayError, Unauthenticated, Unavailable

_TIMEOUT_S = 10.0
_BYTES_MAX = 64 << 20


def ask_gateway(path: str, environ: Mapping[str, str] = os.environ) -> Any:  # ruff: ignore[any-type] what the JSON holds
    """GET a path of the workspace API. Raises GatewayError where there is no token, no gateway, or a refusal."""
    token = presented_token("", environ)
    if token is None:
        raise Unauthenticated(f"This asks the running gateway: set {TOKEN_VARIABLE} to your token, and {URL_VARIABLE} if it is not on this machine.")
    url = gateway_address("", environ).url
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", parts.path + path, headers={"authorization": f"Bearer {token.reveal()}", "accept": "application/json"})
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
