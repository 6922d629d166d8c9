"""Tells the audit of requests that a service refused: finds out whose they were, without what is secret in them. It refuses nothing itself."""

import msgspec

from headgate.core.errors import GatewayError
from headgate.core.headers import Headers
from headgate.exchange.denials import Denials, Denied, is_denial
from headgate.policy.attribute import user_agent
from headgate.web.authenticator import Authenticator


class Sender(msgspec.Struct, frozen=True):
    """Where a request came from."""

    headers: Headers
    address: str
    request_id: str = ""


class DeniedRequests(msgspec.Struct, frozen=True):
    """One for all services of a process."""

    denials: Denials
    authenticator: Authenticator

    def tell(self, error: Exception, sender: Sender, service: str, action: str, params: dict[str, str] | None = None) -> None:
        """Tell of an error that was answered, if it denies something, and count it. `action` names the route, never the path, which may hold a secret."""
        if not isinstance(error, GatewayError) or not is_denial(error):
            self.denials.count(error, service)
            return
        who, token_id = self._caller(sender.headers)
        denied = Denied(
            service=service,
            action=action,
            who=who,
            token_id=token_id,
            address=sender.address,
            user_agent=user_agent(sender.headers),
            request_id=sender.request_id,
            params=params or {},
        )
        self.denials.tell(error, denied)

    def _caller(self, headers: Headers) -> tuple[str, str]:
        """The principal and the token, if the request presents a valid one."""
        try:
            token = self.authenticator.presented_token(headers)
        except GatewayError:
            return "", ""
        return token.principal.name, token.id
