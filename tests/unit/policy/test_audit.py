"""Audit events of acts: bounded, and without secrets."""

import json

import pytest

from headgate.core.acting import Acting
from headgate.core.audit_event import Act
from headgate.core.secret import Secret
from headgate.policy.audit import audit_event

ADA = Acting(who="ada@example.com", run_as="admin", address="192.0.2.1", user_agent="curl/8", request_id="req_1")


def made(**fields: object) -> Act:
    return Act(service="accounts", action="generateDbToken", **fields)  # type: ignore[arg-type]


def test_who_acts_is_in_the_event() -> None:
    """As the context says, unless the act knows it better."""
    event = audit_event(made(params={"a": "b"}, after={"z": 1, "a": [None, True]}), ADA, 5)
    assert (event.who, event.run_as, event.address, event.user_agent, event.request_id) == (
        "ada@example.com",
        "admin",
        "192.0.2.1",
        "curl/8",
        "req_1",
    )
    assert (event.at_ns, event.before, event.after, event.result) == (5, "", '{"a":[null,true],"z":1}', "")
    assert audit_event(made(who="bob"), ADA, 5).who == "bob"
    assert audit_event(made(), ADA, 5).id != audit_event(made(), ADA, 5).id


@pytest.mark.parametrize("secret", ["hg_" + "a" * 49, "sk-ant-" + "b" * 40, "https://ada:hunter2@proxy.example"])
def test_what_looks_like_a_secret_is_struck_out(secret: str) -> None:
    """Wherever it is."""
    event = audit_event(made(params={"a": secret}, before={"x": [secret]}, after=secret, error_message=f"no {secret}", status_code=400), ADA, 5)
    told = repr(event)
    assert secret not in told
    assert "hunter2" not in told
    assert told.count("REDACTED") == 4
    assert event.result == "refused"


def test_a_secret_cannot_be_in_an_act() -> None:
    """Its type has no form that could be written."""
    for fields in ({"after": {"key": Secret("k")}}, {"before": [Secret("k")]}):
        with pytest.raises(TypeError):
            audit_event(made(**fields), ADA, 5)


def test_an_event_is_bounded() -> None:
    """A value that is too large says how large it is."""
    event = audit_event(made(params={"a": "x" * 10_000}, after=["y" * 100_000]), ADA, 5)
    assert len(event.params["a"]) == 2_000
    assert json.loads(event.after) == {"too_large": 100_004}
