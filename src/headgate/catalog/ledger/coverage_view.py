"""`coverage`: by day, agent and requester, how much of the traffic was reported by its clients, and how much of what they reported did not pass.

The view adds up parts: what was counted in one stretch of time, of which a day may have several.
"""

from headgate.catalog.ledger.sources import EVER, Stretch, filled
from headgate.catalog.types import Structure, parse_columns

SCHEMA = Structure(
    parse_columns("""
        day: date, agent: string, requester: string, gateway_requests: bigint, gateway_requests_reported: bigint, gateway_tokens: bigint,
        gateway_tokens_reported: bigint, reported_share: double, client_requests: bigint, client_requests_bypassed: bigint, client_tokens: bigint,
        client_tokens_bypassed: bigint, bypassed_share: double, client_requests_failed: bigint""")
)
COMMENT = "The share of tokens that clients reported, and of reported tokens that did not pass the gateway, by day, agent and requester."


PARTS = parse_columns("""
    day: date, agent: string, requester: string, gateway_requests: bigint, gateway_requests_reported: bigint, gateway_tokens: bigint,
    gateway_tokens_reported: bigint, client_requests: bigint, client_requests_bypassed: bigint, client_tokens: bigint,
    client_tokens_bypassed: bigint, client_requests_failed: bigint""")


def text(parts: str) -> str:
    """The view's query over parts, a query in brackets."""
    return filled(_TEXT, {"parts": parts})


def part_text(exchanges: str, stretch: Stretch = EVER, earlier: str = "") -> str:
    """The parts of a stretch, from its exchanges (a view's name, or a query in brackets that gives those just before and after it too) and the parts of
    sessions before it (a query in brackets).
    """
    seen = filled(_SEEN, {"earlier": earlier}) if earlier else ""
    return filled(_PARTS, {"exchanges": exchanges, "seen": seen, "own": stretch.own("\n  WHERE", "unix_micros(e.event_time)")})


# Who used a session before the stretch.
_SEEN = """
    UNION ALL
    SELECT session, principal, timestamp_micros(principal_us) FROM {earlier} AS earlier
    WHERE principal IS NOT NULL AND session IN (SELECT session_id FROM every WHERE requester IS NULL)"""
_PARTS = """-- How much of what passed was reported, and how much of what was reported passed. Days are those of UTC.
WITH every AS (
  SELECT via, event_time, agent, session_id, requester, client_user, client_reported,
    coalesce(input_tokens, 0) + coalesce(output_tokens, 0) AS tokens,
    coalesce(client_input_tokens, 0) + coalesce(client_output_tokens, 0) AS client_tokens
  FROM {exchanges} AS every_exchange
),
-- Who used a session that the gateway saw, for those of its requests that it did not see.
users AS (
  SELECT session_id, max_by(requester, event_time) AS requester
  FROM (
    SELECT session_id, requester, event_time FROM every WHERE via = 'gateway' AND session_id IS NOT NULL AND requester IS NOT NULL{seen}) AS seen
  GROUP BY session_id
),
counted AS (
  SELECT CAST(e.event_time AS DATE) AS day, coalesce(e.agent, 'unknown') AS agent, coalesce(e.requester, u.requester, e.client_user) AS requester,
    count(*) FILTER (WHERE e.via = 'gateway') AS gateway_requests,
    count(*) FILTER (WHERE e.via = 'gateway' AND e.client_reported) AS gateway_requests_reported,
    sum(CASE WHEN e.via = 'gateway' THEN e.tokens ELSE 0 END) AS gateway_tokens,
    sum(CASE WHEN e.via = 'gateway' AND e.client_reported THEN e.tokens ELSE 0 END) AS gateway_tokens_reported,
    count(*) FILTER (WHERE e.client_reported) AS client_requests,
    count(*) FILTER (WHERE e.via = 'bypassed') AS client_requests_bypassed,
    sum(e.client_tokens) AS client_tokens,
    sum(CASE WHEN e.via = 'bypassed' THEN e.client_tokens ELSE 0 END) AS client_tokens_bypassed,
    count(*) FILTER (WHERE e.via = 'failed') AS client_requests_failed
  FROM every AS e LEFT JOIN users AS u ON u.session_id = e.session_id{own}
  GROUP BY CAST(e.event_time AS DATE), coalesce(e.agent, 'unknown'), coalesce(e.requester, u.requester, e.client_user)
)
SELECT day, agent, requester, gateway_requests, gateway_requests_reported, CAST(gateway_tokens AS BIGINT) AS gateway_tokens,
  CAST(gateway_tokens_reported AS BIGINT) AS gateway_tokens_reported, client_requests, client_requests_bypassed,
  CAST(client_tokens AS BIGINT) AS client_tokens, CAST(client_tokens_bypassed AS BIGINT) AS client_tokens_bypassed, client_requests_failed
FROM counted
"""

_TEXT = """-- How much of what passed was reported, and how much of what was reported passed, all parts of a day together.
WITH parts AS (SELECT * FROM {parts} AS every)
SELECT day, agent, requester, CAST(sum(gateway_requests) AS BIGINT) AS gateway_requests,
  CAST(sum(gateway_requests_reported) AS BIGINT) AS gateway_requests_reported, CAST(sum(gateway_tokens) AS BIGINT) AS gateway_tokens,
  CAST(sum(gateway_tokens_reported) AS BIGINT) AS gateway_tokens_reported,
  CAST(sum(gateway_tokens_reported) AS DOUBLE) / nullif(sum(gateway_tokens), 0) AS reported_share,
  CAST(sum(client_requests) AS BIGINT) AS client_requests, CAST(sum(client_requests_bypassed) AS BIGINT) AS client_requests_bypassed,
  CAST(sum(client_tokens) AS BIGINT) AS client_tokens, CAST(sum(client_tokens_bypassed) AS BIGINT) AS client_tokens_bypassed,
  CAST(sum(client_tokens_bypassed) AS DOUBLE) / nullif(sum(client_tokens), 0) AS bypassed_share,
  CAST(sum(client_requests_failed) AS BIGINT) AS client_requests_failed
FROM parts
GROUP BY day, agent, requester
"""
