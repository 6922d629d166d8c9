"""Holds the gateway's usage rows against the provider's ledger."""

from typing import Any

from tests.e2e.lab import SENT, USER
from tests.fakes.ledger import Entry
from tests.fakes.turns import Tokens


def token_classes(row: dict[str, Any]) -> dict[str, Any]:
    """The five classes of a row, in the words of the script."""
    return {
        "fresh": row["fresh_input_tokens"],
        "read": row["cache_read_tokens"],
        "write": (row["cache_write_5m_tokens"] or 0) + (row["cache_write_1h_tokens"] or 0),
        "output": row["output_tokens"],
    }


def scripted_classes(tokens: Tokens) -> dict[str, Any]:
    """The same of what the provider reported, with the compactions that it counts on top."""
    extra = [one for one in tokens.more.get("iterations", ()) if one["type"] == "compaction"]
    return {
        "fresh": tokens.fresh + sum(one["input_tokens"] for one in extra),
        "read": tokens.read + sum(one["cache_read_input_tokens"] for one in extra),
        "write": tokens.write_5m + tokens.write_1h,
        "output": tokens.output + sum(one["output_tokens"] for one in extra),
    }


def check_rows(rows: list[dict[str, Any]], entries: list[Entry], **same: Any) -> None:
    """One row for each exchange, in order, with its tokens, models, charge and requester. `same` are columns that are equal in all rows."""
    assert len(rows) == len(entries), [(row["ended"], row["status_code"], row["error_message"]) for row in rows]
    assert len({row["request_id"] for row in rows}) == len(rows)
    for row, entry in zip(rows, entries, strict=True):
        assert entry.tokens is not None
        assert {key: value or 0 for key, value in token_classes(row).items()} == scripted_classes(entry.tokens)
        assert row["input_tokens"] == entry.tokens.all_input
        assert row["total_tokens"] == entry.tokens.all_input + entry.tokens.output
        assert row["usage_estimated"] is False
        assert (row["status_code"], row["ended"]) == (200, "completed")
        assert row["requester"] == USER
        assert SENT[row["model_asked"]] == row["model_sent"] == row["destination_model"] == row["model_served"] == entry.model
        assert row["endpoint_name"] == row["model_asked"]
        assert row["charge_status"] == "priced"
        assert float(row["charge"]) > 0
        assert row["request_bytes"] > 0
        assert row["response_bytes"] == len(entry.sent)
        assert row["time_to_first_byte_ms"] is not None
        assert row["time_to_first_byte_ms"] <= row["latency_ms"]
    for column, value in same.items():
        assert {row[column] for row in rows} == {value}, column


RESPONSE_IDS = {"anthropic": "msg_{:06d}", "openai_chat": "chatcmpl-{:06d}", "openai_responses": "resp_{:06d}", "gemini": "gem-{:06d}"}


def check_books(rows: list[dict[str, Any]], entries: list[Entry]) -> None:
    """Every answer that the provider gave to its end has exactly one row, with its tokens; no row is there twice."""
    assert len({row["request_id"] for row in rows}) == len(rows)
    by_response: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_response.setdefault(row["response_id"], []).append(row)
    for entry in entries:
        if entry.operation != "generate" or entry.status != 200 or not entry.whole or entry.tokens is None:
            continue
        found = by_response.get(RESPONSE_IDS[entry.dialect].format(entry.number), [])
        assert len(found) == 1, f"{len(found)} rows for {entry.target} ({entry.number})"
        assert {key: value or 0 for key, value in token_classes(found[0]).items()} == scripted_classes(entry.tokens), entry.target
