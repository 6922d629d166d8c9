"""Applies what an endpoint declares of its requests' parameters: refuses tools, lowers the bound on output, leaves out beta values."""

import msgspec

from headgate.core.endpoint import ParameterPolicy
from headgate.core.headers import Headers
from headgate.dialects.asked import Asked
from headgate.exchange.inbound import Inbound
from headgate.policy.parameters import kept_betas, require_tools

_NOTE_BYTES_MAX = 1024


class Allowed(msgspec.Struct):
    """A request as the endpoint lets it be sent. `headers` are the client's where some are left out; `notes` tell the client what was changed."""

    asked: Asked
    headers: Headers | None = None
    notes: Headers = []


def allow(inbound: Inbound, asked: Asked, endpoint: str, policy: ParameterPolicy) -> Allowed:
    """The request within the endpoint's policy. Raises Forbidden for a tool that it does not allow."""
    allowed = Allowed(asked)
    if inbound.head.operation.generates:
        if policy.tools is not None or policy.server_tools is not None:
            offered = inbound.head.face.tools(asked)
            require_tools(endpoint, policy, offered.client, offered.server)
        if policy.max_output_tokens:
            allowed.asked = inbound.head.face.bounded(asked, policy.max_output_tokens)
            if allowed.asked is not asked:
                allowed.notes.append((b"x-headgate-max-output-tokens", b"%d" % policy.max_output_tokens))
    if policy.betas is not None:
        headers, dropped = kept_betas(inbound.headers, policy.betas)
        if dropped:
            allowed.headers = headers
            allowed.notes.append((b"x-headgate-dropped-betas", ",".join(dropped).encode("ascii", "replace")[:_NOTE_BYTES_MAX]))
    return allowed
