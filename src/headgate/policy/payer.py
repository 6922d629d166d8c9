"""Which targets a request may go to by who pays: the client with a credential of its own, or Headgate's account. Pure: decides, sends nothing."""

from collections.abc import Sequence

from headgate.core.client_credential import ClientCredential, issuer_at
from headgate.core.endpoint import Endpoint, Target
from headgate.core.errors import Forbidden

_SWAP = "`X-Databricks-AI-Gateway-Token: Bearer hg_…`"


def paid_targets(endpoint: Endpoint, targets: Sequence[Target], own: ClientCredential | None) -> tuple[Target, ...]:
    """The targets that the request may be sent to, in their order.

    With a credential of its own: those whose provider takes one and is its issuer. Without: all others. One payer's request never falls back to the
    other's account. A deleted provider's target stays, so that it refuses. Raises Forbidden where none is left.
    """
    if own is None:
        left = tuple([target for target in targets if not target.provider.takes_client_credential])
    else:
        left = tuple([target for target in targets if target.provider.deleted or _takes(target, own)])
    if not left:
        raise _missing(endpoint, targets) if own is None else _refused(endpoint, targets)
    return left


def _takes(target: Target, own: ClientCredential) -> bool:
    return target.provider.takes_client_credential and own.is_for(target.provider.base_url)


def _missing(endpoint: Endpoint, targets: Sequence[Target]) -> Forbidden:
    return Forbidden(
        f"Endpoint {endpoint.name} uses your own account at {_issuers(targets)}. Sign your agent in there, and send the Headgate token beside that in the header "
        f"{_SWAP}.",
        code="own_credential_missing",
    )


def _refused(endpoint: Endpoint, targets: Sequence[Target]) -> Forbidden:
    takes = [target for target in targets if target.provider.takes_client_credential]
    if takes:
        what = f"Endpoint {endpoint.name} takes only credentials that {_issuers(takes)} issued, and yours is none of these."
    else:
        what = f"Endpoint {endpoint.name} does not take your own credential for a provider."
    return Forbidden(
        f"{what} It was sent nowhere. Choose another model, or send only the Headgate token, in `Authorization`.", code="own_credential_refused"
    )


def _issuers(targets: Sequence[Target]) -> str:
    issuers = (issuer_at(target.provider.base_url) for target in targets)
    return " or ".join(dict.fromkeys(issuer.name for issuer in issuers if issuer is not None))
