"""`coverage`: by day, agent and requester, how much of the traffic was reported by its clients, and how much of what they reported did not pass."""

from headgate.catalog.ledger.sources import filled
from headgate.catalog.names import Name
from headgate.catalog.types import Structure, parse_columns

SCHEMA = Structure(
    parse_columns("""
        day: date, agent: string, requester: string, gateway_requests: bigint, gateway_requests_reported: bigint, gateway_tokens: bigint,
        gateway_tokens_reported: bigint, reported_share: double, client_requests: bigint, client_requests_bypassed: bigint, client_tokens: bigint,
        client_tokens_bypassed: bigint, bypassed_share: double, client_requests_failed: bigint""")
)
COMMENT = "The share of tokens that clients reported, and of reported tokens that did not pass the gateway, by day, agent and requester."


def text(exchanges: Name) -> str:
    """The view's query over the exchanges."""
    return filled(_TEXT, {"exchanges": exchanges.sql})


_TEXT = """-- How much of what passed was reported, and how much of what was reported passed. Days are those of UTC.
WITH every AS (
  SELECT via, event_time, agent, session_id, requester, client_user, client_reported,
    coalesce(input_tokens, 0) + coalesce(output_tokens, 0) AS tokens,
    coalesce(client_input_tokens, 0) + coalesce(client_output_tokens, 0) AS client_tokens
  FROM {exchanges}
),
-- Who used a session that the gateway saw, for those of its requests that it did not see.
users AS (
  SELECT session_id, max_by(requester, event_time) AS requester
  FROM every
  WHERE via = 'gateway' AND session_id IS NOT NULL AND requester IS NOT NULL
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
  FROM every AS e LEFT JOIN users AS u ON u.session_id = e.session_id
  GROUP BY CAST(e.event_time AS DATE), coalesce(e.agent, 'unknown'), coalesce(e.requester, u.requester, e.client_user)
)
SELECT day, agent, requester, gateway_requests, gateway_requests_reported, CAST(gateway_tokens AS BIGINT) AS gateway_tokens,
  CAST(gateway_tokens_reported AS BIGINT) AS gateway_tokens_reported,
  CAST(gateway_tokens_reported AS DOUBLE) / nullif(gateway_tokens, 0) AS reported_share, client_requests, client_requests_bypassed,
  CAST(client_tokens AS BIGINT) AS client_tokens, CAST(client_tokens_bypassed AS BIGINT) AS client_tokens_bypassed,
  CAST(client_tokens_bypassed AS DOUBLE) / nullif(client_tokens, 0) AS bypassed_share, client_requests_failed
FROM counted
"""
