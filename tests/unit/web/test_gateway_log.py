"""What the gateway's service logs of requests that it refuses."""

import pytest

from headgate.policy.authenticate import compose_token
from tests.unit.web.test_gateway import TOKEN, House


@pytest.fixture
def house() -> House:
    """A fresh one."""
    return House()


async def test_what_leaves_no_row_is_in_the_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Who refuses to let somebody in says so, but not what was presented; the same again is not told again, and what has a row is not told here."""
    for _ in range(3):
        await house.ask("POST", "/anthropic/v1/messages", b"{}", authorization="Bearer sk-canary", content_type="application/json")
    assert len(caplog.messages) == 1
    assert (
        caplog.text.count("refused a request from 127.0.0.1 in the format anthropic: 401 not_a_token: The credential is not a Headgate token.") == 1
    )
    await house.ask("GET", "/openai/v1/responses", authorization=f"Bearer {TOKEN}", upgrade="websocket")
    await house.ask("POST", "/anthropic/v1/messages", b'{"model":"nope"}', authorization=f"Bearer {TOKEN}", content_type="application/json")
    assert (len(caplog.messages), len(house.journal.outcomes)) == (1, 1)
    await house.ask("POST", f"/anthropic/{TOKEN}", b"{}")
    assert "404: No API at this path. " in caplog.messages[-1]
    assert "(POST /anthropic/…, req_" in caplog.messages[-1]
    assert TOKEN not in caplog.text


async def test_a_refusal_in_the_log_says_whose_it_was_and_what_was_asked(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Behind one proxy each token that is refused has a line of its own, by its last four characters; so does a request that says no more than its address."""
    unknown = [compose_token(bytes([number]) * 32) for number in (7, 8)]
    for token in (*unknown, *unknown, ""):
        given = {"authorization": f"Bearer {token}"} if token else {}
        await house.ask("POST", "/anthropic/v1/messages?beta=true", b"{}", content_type="application/json", **given)
    lines = [record for record in caplog.records if record.name == "headgate.web"]

    assert [record.getMessage().partition(" in the format anthropic")[0] for record in lines] == [
        *(f"refused a request from 127.0.0.1 (token …{token[-4:]})" for token in unknown),
        "refused a request from 127.0.0.1",
    ]
    for record in lines:
        assert record.path == "/anthropic/v1/messages"
        assert record.getMessage().endswith(f"(POST /anthropic/v1/messages, {record.request_id})")
