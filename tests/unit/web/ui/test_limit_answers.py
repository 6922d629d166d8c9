"""What would happen, what was refused, and what applies to the one who looks."""

from tests.fakes.limit_pages import LimitDesk

ALLOWED = {
    "user": "bob", "has_token": True, "groups": ["staff"], "model": "opus", "agent": "codex", "dialect": "anthropic", "allowed": True, "refusal": None,
    "endpoint": "opus", "downgraded_from": "", "targets": [{"provider": "lab", "model": "claude", "dialect": "anthropic", "translated_to": None, "passed_over": False}],
    "grants": [{"principal": "staff", "endpoint": "opus", "permission": "CAN_QUERY"}], "privileges": [],
    "limits": [{"key": "user", "endpoint": "*", "value": "bob", "per": "day", "measure": "tokens", "maximum": 900, "used": 300, "remaining": 600}],
    "budgets": [],
}  # fmt: skip


async def desk_of() -> LimitDesk:
    """A signed-in administrator."""
    desk = LimitDesk()
    await desk.browser.sign_in()
    return desk


async def test_what_would_happen() -> None:
    """The question of the address, answered step by step; a refusal in the words that the agent would get."""
    desk = await desk_of()
    assert "Ask" in await desk.page("/limits?show=try")
    assert desk.explained == []
    desk.explanation = ALLOWED
    page = await desk.page("/limits?show=try&user=bob&model=opus&agent=codex&tags=team=search,%20x=y")
    (asked,) = desk.explained
    assert (asked.user, asked.model, asked.agent, asked.tags) == ("bob", "opus", "codex", {"team": "search", "x": "y"})
    assert '<span class="good">Allowed</span>' in page
    assert "300 of 900 tokens per day for bob" in page
    assert "CAN_QUERY" in page
    assert "claude of lab." in page
    desk.explanation = ALLOWED | {"targets": [ALLOWED["targets"][0] | {"translated_to": "openai_responses"}]}
    assert "claude of lab (translated to OpenAI Responses)." in await desk.page("/limits?show=try&user=bob&model=opus")
    refusal = {"status": 429, "code": "limit_user", "message": "The <limit> has no room."}
    desk.explanation = ALLOWED | {"allowed": False, "refusal": refusal, "has_token": False}
    page = await desk.page("/limits?show=try&model=opus")
    assert desk.explained[-1].user == "ada@example.com"
    assert "The &lt;limit&gt; has no room." in page
    assert "It has no token" in page
    desk.explanation = ALLOWED | {"endpoint": "", "allowed": False, "refusal": refusal}
    assert "is no endpoint that it may ask for" in await desk.page("/limits?show=try&model=opus")


async def test_questions_that_are_none() -> None:
    """The reason is at the form, with what was typed."""
    desk = await desk_of()
    for query in ("model=odd", "model=opus&tags=search"):
        status, _, page = await desk.browser.ask("GET", f"/limits?show=try&user=bob&{query}")
        assert (status, 'role="alert"' in page, 'value="bob"' in page) == (400, True, True)


async def test_recent_refusals() -> None:
    """Who, by what, how often; or that there are none."""
    desk = await desk_of()
    assert "No limit and no budget refused a request" in await desk.page("/limits?show=refusals")
    desk.refusals = [("bob", "limit_user", "opus", 12, "2026-11-30T09:00:00Z", "The limit has no room.")]
    page = await desk.page("/limits?show=refusals")
    assert "<code>limit_user</code>" in page
    assert '<td class="number">12</td>' in page


async def test_a_member_sees_its_own() -> None:
    """Its limits with what is left, its share of budgets."""
    desk = await desk_of()
    desk.use(desk.browser.tokens[1].principal, 4)
    await desk.browser.sign_in("plain")
    page = await desk.page("/me/limits")
    assert '<td class="number">4</td><td class="number">56</td>' in page
    assert "$50.00" in page
    assert (await desk.browser.ask("GET", "/limits?show=refusals", accept="text/html"))[0] == 403
