"""How `headgate connect` tells what it did, for people and as JSON. No token is in it."""

import os
from typing import Any

import msgspec

from headgate.agents.merge import SettingChange
from headgate.agents.setting import PLACEHOLDER, SettingsOwner
from headgate.cli.agent_gateway import Tried
from headgate.cli.connect_plan import FilePlan
from headgate.cli.connecting import Connecting
from headgate.cli.output import Paint, usd


def lines(result: Connecting, tried: Tried | None, paint: Paint, *, dry_run: bool) -> list[str]:
    """An agent in lines: its name, each file with its changes, the answer, and what is in the way."""
    agent = result.agent
    version = result.installed.version_text if result.installed is not None else "not in PATH"
    found = [f"{paint.strong(agent.name)} {paint.dim(version)}".rstrip()]
    for plan in result.plans:
        found += _file_lines(plan, paint, dry_run=dry_run)
    if agent.by_hand is not None:
        found += ["  Enter by hand:" if not dry_run else "  To enter by hand:", *(f"    {line}" for line in _hidden(result).splitlines())]
    if tried is not None:
        found.append(f"  {_answer(tried, paint)}")
    for trap in result.traps:
        found += [f"  {paint.warn('!')} {trap.problem}", f"    Fix: {trap.fix}"]
    if result.connection.owner is SettingsOwner.PROJECT and agent.word != "claude":
        found.append("  These files hold a token: keep them out of git.")
    if result.connection.owner is SettingsOwner.MANAGED:
        found.append("  No token is in it, because every user of this machine reads it. Each user runs `headgate connect` for their own.")
    if agent.note:
        found.append(f"  {paint.dim(agent.note)}")
    if result.connection.own_profile and agent.word == "codex":
        found.append("  Start it with `codex --profile headgate`.")
    return found


def described(result: Connecting, tried: Tried | None) -> dict[str, Any]:
    """The same as JSON."""
    answer = None
    if tried is not None:
        answer = {
            "problem": tried.problem,
            "model": tried.model,
            "seconds": round(tried.seconds, 3),
            "charge": tried.charge,
            "request_id": tried.request_id,
        }
    return {
        "agent": result.agent.word,
        "version": result.installed.version_text if result.installed is not None else None,
        "connected": bool(result.plans),
        "url": result.connection.url,
        "model": result.connection.model,
        "files": [
            {"path": str(plan.path), "changes": [_change(each) for each in plan.changes], "removed": list(plan.removed)} for plan in result.plans
        ],
        "answer": answer,
        "traps": [{"problem": trap.problem, "fix": trap.fix} for trap in result.traps],
        "problem": "",
    }


def _file_lines(plan: FilePlan, paint: Paint, *, dry_run: bool) -> list[str]:
    if plan.is_done:
        return [f"  {plan.file.place}  {paint.dim('nothing to change')}"]
    verb = "would be" if dry_run else "is"
    how = f"{verb} new" if plan.found is None else f"{verb} changed"
    if str(plan.path) != _plain_path(plan.file.place):
        how += f", as {plan.path}"
    changes = [str(change) for change in plan.changes] + [f"remove   {name}" for name in plan.removed]
    return [f"  {plan.file.place}  {paint.dim(how)}", *(f"    {line}" for line in changes)]


def _plain_path(place: str) -> str:
    """The path of a place without following links."""
    return os.path.abspath(os.path.expanduser(place))


def _answer(tried: Tried, paint: Paint) -> str:
    if tried.problem:
        return f"{paint.bad('✘')} a small request failed: {tried.problem}"
    return f"{paint.good('✔')} {tried.model} answered a small request in {tried.seconds:.1f} s, {cost_text(tried)}"


def cost_text(tried: Tried) -> str:
    """What a request cost, in words."""
    if tried.charge is not None:
        return f"for {usd(tried.charge)}{', made up by the demo' if tried.charge_status == 'demo' else ''}"
    return {"demo": "free: this is the demo", "unpriced": "without a known price", "not_charged": "free"}.get(
        tried.charge_status, "at an unknown cost"
    )


def _hidden(result: Connecting) -> str:
    """The lines for a settings window, without the token, which `headgate connect` shows nowhere."""
    by_hand = result.agent.by_hand
    return "" if by_hand is None else by_hand(msgspec.structs.replace(result.connection, token=PLACEHOLDER))


def _change(change: SettingChange) -> dict[str, Any]:
    return {"setting": change.name, "old": change.old, "new": change.new}
