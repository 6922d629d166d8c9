"""One finding of `headgate doctor`: what was looked at, how it is, and what to do."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from headgate.cli.output import Paint, printable

State = Literal["ok", "warning", "failure"]
_TEXT_MAX = 600


class Finding(msgspec.Struct, frozen=True):
    """`check` is the name of what was looked at. A warning and a failure have a `fix`."""

    check: str
    state: State
    text: str
    fix: str = ""


def ok(check: str, text: str) -> Finding:
    """It is as it should be."""
    return Finding(check, "ok", text)


def warning(check: str, text: str, fix: str) -> Finding:
    """It works, and should be looked at."""
    return Finding(check, "warning", text, fix)


def failure(check: str, text: str, fix: str) -> Finding:
    """It does not work."""
    return Finding(check, "failure", text, fix)


def finding_lines(findings: Iterable[Finding], paint: Paint) -> list[str]:
    """For people: a line for each, and one for what to do."""
    found = []
    for each in findings:
        mark = {"ok": paint.good("✔"), "warning": paint.warn("!"), "failure": paint.bad("✘")}[each.state]
        found.append(f"{mark} {each.check:<14} {printable(each.text, _TEXT_MAX)}")
        if each.fix:
            found.append(f"  {'':<14} {paint.strong('fix:')} {printable(each.fix, _TEXT_MAX)}")
    return found
