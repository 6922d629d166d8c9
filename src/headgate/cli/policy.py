"""`headgate policy explain`: what would happen if a user asked for a model, and why; asked of the running gateway, which knows what is left of every limit."""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from headgate.cli.gateway_choice import asked_gateway
from headgate.cli.options import JsonOption, reports_errors, typer_app
from headgate.cli.output import json_text, printable, table, usd
from headgate.core.dialect_names import dialect_name
from headgate.core.errors import BadRequest

app = typer_app("Explain what users may do.")

_WORD_MAX = 80


@app.callback()
def _root() -> None:
    """Commands about policy."""


@app.command()
@reports_errors
def explain(
    model: Annotated[str, typer.Option("--model", metavar="NAME", help="The model, as an agent asks for it.")],
    user: Annotated[str, typer.Option("--as", metavar="USER", help="The user or service principal. By default the owner of the token.")] = "",
    agent: Annotated[str, typer.Option("--agent", metavar="NAME", help="The agent, such as claude-code, codex or gemini-cli.")] = "",
    dialect: Annotated[str, typer.Option("--dialect", metavar="NAME", help="The wire format. By default the agent's, or one that is served.")] = "",
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="KEY=VALUE", help="A request tag; may be repeated.")] = None,
    session: Annotated[str, typer.Option("--session", metavar="ID", help="The session, whose requests stay on one target.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Say what would happen to a request: the endpoint, the grants on it, every limit and budget with what is left, and the target that is tried first.

    Nothing is sent. It asks the running gateway (HEADGATE_URL) with the token in HEADGATE_TOKEN; only administrators may ask about others.
    """
    tags = dict(_tag(text) for text in tag or ())
    asked = {"model": model, "user": user, "agent": agent, "dialect": dialect, "session": session, "tags": json.dumps(tags) if tags else ""}
    found = asked_gateway().get("/api/2.0/headgate/policy/explain?" + urlencode({name: value for name, value in asked.items() if value}))
    print(json_text(found) if as_json else "\n".join(_lines(found)))


def _tag(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise BadRequest(f"{text!r} is no tag; write KEY=VALUE.")
    return key, value


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    groups = f" (in {printable(', '.join(found['groups']), 200)})" if found["groups"] else ""
    agent = f" with {printable(found['agent'], _WORD_MAX)}" if found["agent"] else ""
    refusal = found["refusal"]
    if refusal is None:
        yield f"Allowed: {printable(found['user'], _WORD_MAX)}{groups} may ask for {printable(found['model'], _WORD_MAX)}{agent}, in {found['dialect']}."
    else:
        yield f"Refused with {refusal['status']} {refusal['code']}: {printable(found['user'], _WORD_MAX)}{groups}, {printable(found['model'], _WORD_MAX)}{agent}."
        yield printable(refusal["message"], 600)
    if not found["has_token"]:
        yield f"{printable(found['user'], _WORD_MAX)} has no token: this is what would happen with one that allows all endpoints."
    yield from _served(found)
    yield from _declared(found)


def _served(found: Mapping[str, Any]) -> Iterator[str]:
    if found["endpoint"]:
        instead = f", instead of {found['downgraded_from']}, as a budget sends its requests here" if found["downgraded_from"] else ""
        yield f"Endpoint: {found['endpoint']}{instead}"
    word = "tried first"
    for target in found["targets"]:
        if target["passed_over"]:
            yield f"  passed over for now, since it is in trouble: {_target(target)}"
        else:
            yield f"  {word}: {_target(target)}"
            word = "then"


def _target(target: Mapping[str, Any]) -> str:
    translated_to = target.get("translated_to")  # an older gateway does not say it
    return f"{target['model']} of {target['provider']}" + (f", translated to {dialect_name(translated_to)}" if translated_to else "")


def _declared(found: Mapping[str, Any]) -> Iterator[str]:
    if privileges := found.get("privileges"):  # an older gateway knows none
        held = [(each["privilege"], printable(each["on"], _WORD_MAX), "yes" if each["held"] else "no") for each in privileges]
        yield from ("", *table(("PRIVILEGE NEEDED", "ON", "HELD"), held))
    elif found["endpoint"] and not found["grants"]:
        yield "Grants: none names the endpoint"
    if found["grants"]:
        rows = [(printable(each["principal"], _WORD_MAX), each["permission"], each["endpoint"]) for each in found["grants"]]
        yield from ("", *table(("GRANTED TO", "PERMISSION", "ENDPOINT"), rows))
    if found["limits"]:
        limits = [_limit(each) for each in found["limits"]]
        yield from ("", *table(("LIMIT", "OF", "ENDPOINT", "MEASURE", "MOST", "USED", "LEFT"), limits, right=frozenset({4, 5, 6})))
    if found["budgets"]:
        budgets = [_budget(each) for each in found["budgets"]]
        yield from ("", *table(("BUDGET", "OF", "USED", "MOST", "LEFT", "RESETS"), budgets, right=frozenset({2, 3, 4})))


def _limit(each: Mapping[str, Any]) -> tuple[str, ...]:
    per = "at a time" if each["measure"] == "concurrent" else f"per {each['per']}"
    measure = f"{each['measure']} {per}"
    numbers = (f"{each[name]:,}" for name in ("maximum", "used", "remaining"))
    return each["key"], printable(each["value"], _WORD_MAX), each["endpoint"], measure, *numbers


def _budget(each: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        printable(each["name"], _WORD_MAX),
        printable(str(each["principal"] or "all"), _WORD_MAX),
        f"{each['percent']:.0f} %",
        usd(each["usd"]),
        usd(each["left_usd"]),
        f"{str(each['resets_at'])[:16].replace('T', ' ')} {each['timezone']}",
    )
