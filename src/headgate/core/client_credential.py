"""A client's own credential for a provider, and the only host that it may go to: its issuer's. Sends nothing, reads no request."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import msgspec

from headgate.core.headers import Headers
from headgate.core.secret import Secret

PAID_BY_REQUESTER: Final = "requester"
"""The word of a record for an exchange that the requester's own subscription or key at the provider pays for."""

_BEARER: Final = b"authorization"
_CHATGPT_ISSUER: Final = "https://auth.openai.com"  # the claim `iss` of the tokens that ChatGPT gives to Codex
_OPENAI_KEY = re.compile(r"sk-(?:proj-|svcacct-)[A-Za-z0-9_-]+|sk-[A-Za-z0-9]{48}")


class Issuer(msgspec.Struct, frozen=True):
    """Who gives credentials to people and takes them back at one host. `issued` says by its form whether a credential is one of them.

    `account_headers` choose the account that is charged, so they go with the credential and never without it.
    """

    name: str
    host: str
    issued: Callable[[str], bool]
    account_headers: frozenset[bytes]


class ClientCredential(msgspec.Struct, frozen=True):
    """What a client sent beside its Headgate token, and the header that it sent it in, which is the one it goes on in."""

    header: bytes
    secret: Secret

    def is_for(self, base_url: str) -> bool:
        """Whether a request to this address goes to the issuer of the credential."""
        issuer = issuer_at(base_url)
        return issuer is not None and issuer.issued(self.secret.reveal())

    def headers_to(self, base_url: str, sent_by_client: Headers) -> Headers:
        """The credential with its account's headers, as the client sent them. Raises ValueError if the address is not its issuer's."""
        issuer = issuer_at(base_url)
        if issuer is None or not issuer.issued(self.secret.reveal()):
            raise ValueError("a client's credential goes to its issuer alone")
        scheme = b"Bearer " if self.header == _BEARER else b""
        account = [header for header in sent_by_client if header[0] in issuer.account_headers]
        return [*account, (self.header, scheme + self.secret.reveal().encode("latin-1"))]


def issuer_at(base_url: str) -> Issuer | None:
    """The issuer whose host this address has: over https, on the ordinary port, the whole name. `None` for any other address."""
    parts = urlsplit(base_url)
    if parts.scheme != "https" or "@" in parts.netloc:
        return None
    return _ISSUERS.get(parts.netloc.removesuffix(":443"))


def _is_chatgpt_token(text: str) -> bool:
    """Whether the text is a JSON web token that says that OpenAI's sign-in issued it. The signature is for the host to check."""
    header, _, rest = text.partition(".")
    payload, _, signature = rest.partition(".")
    if not header.startswith("eyJ") or not signature:
        return False
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, binascii.Error):
        return False
    return isinstance(claims, dict) and claims.get("iss") == _CHATGPT_ISSUER


_ISSUERS: Final = {
    issuer.host: issuer
    for issuer in (
        Issuer(
            "Anthropic",
            "api.anthropic.com",
            lambda text: text.startswith("sk-ant-"),  # `sk-ant-oat…` of a subscription, `sk-ant-api…` of an account
            frozenset({b"anthropic-organization", b"anthropic-organization-id", b"anthropic-workspace-id"}),
        ),
        Issuer("ChatGPT", "chatgpt.com", _is_chatgpt_token, frozenset({b"chatgpt-account-id"})),
        Issuer(
            "OpenAI", "api.openai.com", lambda text: _OPENAI_KEY.fullmatch(text) is not None, frozenset({b"openai-organization", b"openai-project"})
        ),
        Issuer(
            "Google",
            "generativelanguage.googleapis.com",
            lambda text: text.startswith(("ya29.", "AIza", "AQ.")),  # OAuth access tokens, keys of Google AI Studio
            frozenset({b"x-goog-user-project"}),
        ),
    )
}
ISSUER_HOSTS: Final = tuple(_ISSUERS)
