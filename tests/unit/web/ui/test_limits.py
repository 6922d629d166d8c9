"""The lists of limits and budgets, and their forms."""

import re

import msgspec
import pytest

from headgate.admin.what_if import Counted, PersonCounted, WhatIfAnswer
from tests.fakes.limit_pages import LimitDesk
from tests.fakes.principals import user

LIMIT = {"key": "user", "principal": "bob", "per": "day", "requests": "7"}
BUDGET = {"name": "tight", "usd": "5", "per": "day", "scope": "per_user", "warn": "50", "block": "100"}


async def desk_of(text: str | None = None) -> LimitDesk:
    """A signed-in administrator."""
    desk = LimitDesk() if text is None else LimitDesk(text)
    await desk.browser.sign_in()
    return desk


async def test_empty_lists_say_what_fills_them() -> None:
    """With the command."""
    desk = await desk_of("")
    assert "headgate limit create --key user_default" in await desk.page("/limits")
    assert "headgate budget create --name everyone" in await desk.page("/limits?show=budgets")


async def test_what_the_file_declares_is_read_only() -> None:
    """It has its line in place of a form, on its own page too."""
    desk = await desk_of()
    page = await desk.page("/limits")
    assert "60 requests per minute" in page
    assert "<code>headgate.toml:2</code>" in page
    assert "nothing counted now" in page
    page = await desk.page("/limits?show=budgets")
    assert "<code>headgate.toml:7</code>" in page
    one = await desk.page("/limits/budgets/everyone")
    assert "Change it there" in one
    assert "<textarea" not in one
    assert (await desk.browser.press("/limits/budgets/everyone", act="save", **BUDGET))[0] == 409


async def test_what_is_used_now() -> None:
    """Of each user the fullest counts first, with names; of a limit that is shared its count."""
    desk = await desk_of()
    desk.objects.create("limit", {"key": "endpoint", "per": "hour", "requests": 100, "concurrent": 90}, "root")
    desk.objects.create("limit", {"key": "token", "per": "hour", "tokens": 1000}, "root")
    desk.objects.create("limit", {"key": "request_tag", "request_tag_key": "team", "per": "hour", "requests": 10}, "root")
    desk.use(user("ada@example.com"), 6)
    desk.use(user("stranger"), 3)
    page = await desk.page("/limits")
    assert re.findall(r"ada@example.com: (\d+) of 60 requests", page) == ["6"]
    assert "another: 3 of 60 requests" in page
    assert "9 of 100 requests" in page
    assert "9 of 90 concurrent" in page
    assert "laptop of ada@example.com: 180 of 1,000 tokens" in page
    assert "another: 9 of 10 requests" in page


async def test_a_limit_is_made_changed_and_deleted() -> None:
    """Through the use-case, and in force each time; emptied fields are gone."""
    desk = await desk_of()
    status, headers, _ = await desk.browser.press("/limits/limits", act="save", **LIMIT, tokens="900")
    assert (status, headers["location"]) == (303, "/limits?show=limits")
    made = desk.objects.all_of("limit")[-1]
    assert made.document == {"key": "user", "principal": "bob", "per": "day", "requests": 7, "tokens": 900}
    path = f"/limits/limits/{made.id}"
    assert 'value="900"' in await desk.page(path)
    assert (await desk.browser.press(path, act="save", etag=made.etag, **LIMIT))[0] == 303
    assert "tokens" not in desk.objects.find("limit", made.id).document
    assert (await desk.browser.press(path, act="delete", etag="2"))[0] == 303
    assert len(desk.objects.all_of("limit")) == 1
    assert desk.follows == 3
    assert (await desk.browser.press(path, act="delete"))[0] == 404


async def test_a_budget_is_made() -> None:
    """With its actions, and with its meters where something is spent."""
    desk = await desk_of()
    assert (await desk.browser.press("/limits/budgets", act="save", **BUDGET))[0] == 303
    made = desk.objects.all_of("budget")[-1]
    assert made.document["actions"] == [{"percent": 50.0, "do": "warn"}, {"percent": 100.0, "do": "block"}]
    assert "$5.00 a day" in await desk.page("/limits?show=budgets")
    assert 'value="50"' in await desk.page(f"/limits/budgets/{made.id}")


async def test_refusals_are_at_the_form_with_what_was_typed() -> None:
    """A number that is none, a limit that exists, and one that says too little."""
    desk = await desk_of()
    for form, status, told in (
        (LIMIT | {"requests": "seven"}, 400, "is no whole number"),
        ({"key": "user_default", "per": "minute", "requests": "5"}, 409, "is declared at headgate.toml:2 already"),
        (LIMIT | {"principal": ""}, 400, "needs the name of the user"),
    ):
        answered, _, page = await desk.browser.press("/limits/limits", act="save", request_tag_value="<typed>" if status == 400 else "", **form)
        assert (answered, told in page, 'value="&lt;typed&gt;"' in page) == (status, True, status == 400)
        assert '<details class="confirm" open>' in page
    assert len(desk.objects.all_of("limit")) == 1


async def test_a_stale_form_is_refused() -> None:
    """It keeps what was typed, and the revision that it was made for: a second press changes nothing either."""
    desk = await desk_of()
    made = desk.objects.create("limit", {"key": "user", "principal": "bob", "per": "day", "requests": 7}, "root")
    desk.objects.change("limit", made.id, {"requests": 8}, "eve")
    path = f"/limits/limits/{made.id}"
    for _ in range(2):
        status, _, page = await desk.browser.press(path, act="save", etag=made.etag, **(LIMIT | {"requests": "99"}))
        assert (status, "was changed meanwhile" in page, 'value="99"' in page) == (409, True, True)
        assert f'name="etag" value="{made.etag}"' in page
    assert desk.objects.find("limit", made.id).document["requests"] == 8
    assert (await desk.browser.press(path, act="crown"))[0] == 400


async def test_a_limit_is_tried_without_being_saved() -> None:
    """The question has the typed limit, the others that may take its place, and the members of groups; the answer is shown with what was typed."""
    desk = await desk_of()
    desk.answer = WhatIfAnswer(
        total=Counted(900, 12, 3, 0),
        requests=1000,
        people=(PersonCounted("ada", Counted(500, 12, 3, 0), 1_700_000_000_000),),
        people_touched=1,
        firsts={"refused": 1_700_000_000_000},
        by_day={"2023-11-14": 12},
        from_ms=1_698_000_000_000,
        to_ms=1_698_000_000_000 + 30 * 86_400_000,
    )
    form = {"key": "group", "principal": "staff", "per": "hour", "requests": "7"}
    status, _, page = await desk.browser.press("/limits/limits", act="try", **form)
    assert status == 200
    assert '<b class="bad">12 refused</b>' in page
    assert "2023-11-14 22:13:20" in page
    assert "Nothing is saved yet" in page
    assert 'value="staff"' in page
    (asked,) = desk.asked
    assert asked.document == {"key": "group", "principal": "staff", "per": "hour", "requests": 7}
    assert asked.others == ({"key": "user_default", "per": "minute", "requests": 60},)
    assert asked.groups == {"ada@example.com": frozenset({"staff"})}
    assert len(desk.objects.all_of("limit")) == 1


async def test_a_change_is_tried_without_being_saved() -> None:
    """In place of what is stored; a form that is not valid is not tried; an answer of few days says so."""
    desk = await desk_of()
    made = desk.objects.create("budget", {"name": "tight", "usd": 9.0, "per": "day"}, "root")
    path = f"/limits/budgets/{made.id}"
    desk.answer = WhatIfAnswer(requests=10, total=Counted(10), from_ms=0, to_ms=5 * 86_400_000)
    _, _, page = await desk.browser.press(path, act="try", etag=made.etag, **BUDGET)
    assert "Nothing would have happened" in page
    assert "Against the last 5 days" in page
    assert "fewer days" in page
    assert desk.asked[0].document["usd"] == pytest.approx(5.0)
    assert (await desk.browser.press(path, act="try", **(BUDGET | {"per": "year"})))[0] == 400
    desk.answer = msgspec.structs.replace(desk.answer, requests=0)
    assert "No request reached a provider" in (await desk.browser.press(path, act="try", **BUDGET))[2]
    assert desk.objects.find("budget", "tight").document["usd"] == pytest.approx(9.0)


async def test_members_see_no_limits_of_others() -> None:
    """Neither the lists nor the forms."""
    desk = await desk_of()
    await desk.browser.sign_in("plain")
    assert (await desk.browser.ask("GET", "/limits", accept="text/html"))[0] == 403
    assert (await desk.browser.press("/limits/limits", act="save", **LIMIT))[0] == 403
