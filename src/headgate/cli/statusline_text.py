"""The line that `headgate statusline` prints: the model and the cost that Claude Code reports, and what is left at the gateway. Pure.

Fields of Claude Code's JSON: https://code.claude.com/docs/en/statusline, read 2026-11-30. Each of them may be absent, and is left out then.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from headgate.cli.output import Paint, printable, usd

_NEAR_PERCENT = 80.0
_SHOWN_CHARS = 40

Me = Mapping[str, Any]
"""What a gateway says of its caller (`/api/2.0/headgate/me`), or the part of it that matters here."""


def status_line(session: Mapping[str, Any], me: Me | None, trouble: str, paint: Paint) -> str:
    """One line, never empty. `trouble` says in a few words why `me` is not there, or is old."""
    left = () if me is None else remaining_texts(me, str(session.get("session_id") or ""), paint)
    parts = [*_of_session(session), *left, *([paint.warn(trouble)] if trouble else [])]
    return " · ".join(parts) or "Headgate"


def remaining_texts(me: Me, session_id: str, paint: Paint) -> Sequence[str]:
    """The budget with the least left, and the limit with the least left if there is no budget or it is nearly used up."""
    budgets = [each for each in me["budgets"] if each["session"] in {None, session_id}]
    budget = max(budgets, key=lambda each: float(each["percent"]), default=None)
    limit = max(me["limits"], key=_percent, default=None)
    found = []
    if budget is not None:
        text = f"{usd(budget['left_usd'])} of {usd(budget['usd'])} left until {str(budget['resets_at'])[:10]} ({printable(budget['name'], _SHOWN_CHARS)})"
        found.append(_painted(text, float(budget["percent"]), paint))
    if limit is not None and (budget is None or _percent(limit) >= _NEAR_PERCENT):
        per = "at a time" if limit["measure"] == "concurrent" else f"per {limit['per']}"
        text = f"{limit['remaining']:,} of {limit['maximum']:,} {limit['measure'].replace('_', ' ')} {per} left"
        found.append(_painted(text, _percent(limit), paint))
    return found


def _percent(limit: Mapping[str, Any]) -> float:
    return 100.0 * limit["used"] / limit["maximum"] if limit["maximum"] else 100.0


def _painted(text: str, percent: float, paint: Paint) -> str:
    return paint.bad(text) if percent >= 100 else paint.warn(text) if percent >= _NEAR_PERCENT else text


def _of_session(session: Mapping[str, Any]) -> Sequence[str]:
    model, cost = session.get("model"), session.get("cost")
    name = (model.get("display_name") or model.get("id")) if isinstance(model, Mapping) else None
    spent = cost.get("total_cost_usd") if isinstance(cost, Mapping) else None
    found = [printable(name, _SHOWN_CHARS)] if isinstance(name, str) else []
    return [*found, f"{usd(spent)} this session"] if isinstance(spent, int | float) and not isinstance(spent, bool) else found
