"""Why the answers of some statements depend on the session's time zone, of which Headgate has one, UTC. `zones` of an expected row has Spark's other answer.

All of them have a TIMESTAMP somewhere: it is made of what says no zone, or something without a zone is made of it. Headgate's answers to them are compared with
Spark's in UTC, as all are; what is here is that no statement depends on the zone for a reason that is not in `docs/sql.md`.
"""

import re

REASONS = {
    "a moment without a zone becomes one of the session's": re.compile(
        r"TIMESTAMP(_LTZ)? ?'|AS TIMESTAMP\)|::TIMESTAMP\b|timestamp\(|to_timestamp|unix|to_utc|from_utc|convert_timezone|dateadd|date_trunc|date_add|timestampadd"
        r"|AS STRUCT<.*TIMESTAMP|timestamp\b.*\bfrom_|from_(json|csv)|to_date|make_timestamp|window\(|timestampdiff|datediff|TIMESTAMP_NTZ'", re.IGNORECASE,
    ),
    "a day becomes the moment at which it begins there": re.compile(r"DATE'|\bdate\(|AS DATE\)", re.IGNORECASE),
    "a moment becomes a text, a day or an hour": re.compile(r"AS STRING|::STRING|date_format|\|\||concat|\bat\b", re.IGNORECASE),
    "the zone's own name": re.compile(r"current_timezone"),
}  # fmt: skip


def reason(sql: str) -> str:
    """Why a statement's answer depends on the zone; empty if none of the reasons is known."""
    return next((why for why, words in REASONS.items() if words.search(sql)), "")
