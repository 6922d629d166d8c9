"""`headgate whoami`: who the gateway says that the caller is, with which token, and what is left of limits and budgets."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headgate.cli.budget import meter_lines
from headgate.cli.gateway_choice import asked_gateway
from headgate.cli.options import JsonOption, UrlOption, reports_errors, typer_app
from headgate.cli.output import json_text, printable, table
from headgate.core.principal import SERVICE_PRINCIPAL

app = typer_app("Show who you are to a gateway.")


@app.command()
@reports_errors
def whoami(url: UrlOption = "", as_json: JsonOption = False) -> None:
    """Show who you are to a gateway: your roles and groups, your token and its end, and what is left of your limits and budgets."""
    gateway = asked_gateway(url)
    me = gateway.me()
    if as_json:
        print(json_text({"url": gateway.url, "signed_in": gateway.signed_in, **me}))
        return
    for line in lines(me, gateway.url):
        print(line)


def lines(me: Mapping[str, Any], url: str) -> Iterator[str]:
    """The answer for people."""
    principal, token, found = me["principal"], me["token"], me["gateway"]
    kind = "service principal" if principal["kind"] == SERVICE_PRINCIPAL else "user"
    yield f"you       {printable(principal['name'], 128)} ({kind})"
    yield f"roles     {', '.join(principal['roles'])}"
    if principal["groups"]:
        yield f"groups    {printable(', '.join(principal['groups']), 400)}"
    yield f"gateway   {url} (Headgate {found['version']}{', the demo' if found['demo'] else ''})"
    only = "" if list(token["endpoints"]) == ["*"] else f", endpoints {printable(' '.join(token['endpoints']), 200)}"
    yield f"token     {printable(token['name'], 128)} ({token['id']}): {', '.join(token['scopes'])}{only}"
    yield f"ends      {token['expires_at'] or 'never'}"
    if me["limits"]:
        yield from ("", *limit_lines(me["limits"]))
    if me["budgets"]:
        yield from ("", *meter_lines(me["budgets"]))


def limit_lines(limits: Sequence[Mapping[str, Any]]) -> list[str]:
    """Limits as a table."""
    head = ("LIMIT OF", "ENDPOINT", "MEASURE", "MOST", "USED", "LEFT")
    return table(head, [_limit(each) for each in limits], right=frozenset({3, 4, 5}))


def _limit(each: Mapping[str, Any]) -> tuple[str, ...]:
    per = "at a time" if each["measure"] == "concurrent" else f"per {each['per']}"
    numbers = (f"{each[name]:,}" for name in ("maximum", "used", "remaining"))
    return printable(each["whose"], 48), printable(each["endpoint"], 40), f"{each['measure'].replace('_', ' ')} {per}", *numbers
