"""The gateway as an agent will use it: whether a token works there, which models it may ask for, one small request, and what that cost."""

import time
from typing import Any, Final, NamedTuple

from headgate import __version__
from headgate.agents.setting import Agent
from headgate.agents.trial import LISTINGS, names_in_listing, refusal_text, trial
from headgate.cli.gateway import RemoteGateway
from headgate.cli.gateway_connection import exchange
from headgate.core.errors import GatewayError, Unauthenticated
from headgate.core.secret import Secret

_LISTING_TIMEOUT_S: Final = 15.0
_TRIAL_TIMEOUT_S: Final = 60.0
_COSTS: Final = "SELECT request_id, model_served, charge, charge_status FROM system.ai_gateway.my_usage WHERE request_id IN ({marks})"


class Tried(NamedTuple):
    """How the request ended: what refused it, or the model that answered; the time; and its cost in US dollars, `None` if that is not known."""

    problem: str = ""
    model: str = ""
    seconds: float = 0.0
    request_id: str = ""
    charge: float | None = None
    charge_status: str = ""


def served_models(url: str, token: Secret, agent: Agent) -> tuple[str, ...]:
    """The models that the token may ask for in the agent's dialect. Raises Unauthenticated if the gateway refuses the token, Unavailable without a gateway."""
    path, _ = LISTINGS[agent.dialect]
    answered = exchange(url, ("GET", path, _headers(token), None), _LISTING_TIMEOUT_S)
    if answered.status in {401, 403}:
        raise Unauthenticated(f"{url} refuses the token: {refusal_text(answered.body)}")
    if answered.status != 200:
        raise GatewayError(f"{url} answers {answered.status} to a request for its models. Is it a Headgate?", status=answered.status)
    return names_in_listing(agent.dialect, answered.body)


def try_agent(url: str, token: Secret, agent: Agent, model: str) -> Tried:
    """Send the one request. A refusal is a result, not an error."""
    asked = trial(agent.dialect, model)
    began = time.monotonic()
    try:
        answered = exchange(url, ("POST", asked.path, {**_headers(token), **asked.headers}, asked.body), _TRIAL_TIMEOUT_S)
    except GatewayError as error:
        return Tried(problem=error.message)
    seconds = time.monotonic() - began
    request_id = answered.headers.get("x-databricks-request-id", "")
    if answered.status != 200:
        return Tried(problem=f"{answered.status} {refusal_text(answered.body)}", model=model, request_id=request_id)
    return Tried(model=model, seconds=seconds, request_id=request_id)


def with_costs(url: str, token: Secret, tried: dict[str, Tried]) -> dict[str, Tried]:
    """The same with what each cost, as far as the token may ask for it."""
    wanted = {each.request_id: word for word, each in tried.items() if each.request_id and not each.problem}
    if not wanted:
        return tried
    names = [f"r{position}" for position in range(len(wanted))]
    parameters = [{"name": name, "value": value} for name, value in zip(names, wanted, strict=True)]
    body = {"statement": _COSTS.format(marks=", ".join(f":{name}" for name in names)), "parameters": parameters, "wait_timeout": "20s"}
    try:
        answer = RemoteGateway(url=url, token=token).ask("POST", "/api/2.0/sql/statements", body, timeout_s=30.0)
        rows: list[list[Any]] = answer["result"]["data_array"]
    except (GatewayError, KeyError, TypeError):
        return tried
    found = dict(tried)
    for request_id, model, charge, status in rows:
        word = wanted[request_id]
        found[word] = tried[word]._replace(
            model=model or tried[word].model, charge=None if charge is None else float(charge), charge_status=status or ""
        )
    return found


def _headers(token: Secret) -> dict[str, str]:
    return {"authorization": f"Bearer {token.reveal()}", "accept": "application/json", "user-agent": f"headgate-connect/{__version__}"}
