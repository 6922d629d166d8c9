"""Outcomes as rows."""

import datetime as dt
from decimal import Decimal

import pytest

from headgate.catalog.usage_table import USAGE
from headgate.core.budget import BudgetMark
from headgate.core.record import AttemptRecord
from headgate.core.usage import Usage
from headgate.metering.bill import Bill, bill
from headgate.metering.price import Rates
from headgate.storage.journal.charge_sums import ChargeSum, SumKey
from headgate.storage.journal.fold import interrupted
from headgate.storage.rows.usage_rows import UsageRows, charges_of
from tests.fakes.records import AT_NS, RATES, intent, outcome, rates_of


def row(one, rates=rates_of):
    """The one row of an outcome."""
    [made] = UsageRows(rates).table([one]).to_pylist(maps_as_pydicts="strict")
    return made


def test_the_columns_are_the_tables():
    """Arrow and the catalog agree on names, order and what may be missing."""
    schema = UsageRows(rates_of).schema

    assert schema.names == [field.name for field in USAGE.schema.fields]
    assert [field.nullable for field in schema] == [field.nullable for field in USAGE.schema.fields]


def test_a_whole_answer_as_a_row():
    """Every field of a record is in its column."""
    made = row(outcome("r-1", usage=Usage(input_tokens=10, cache_read_tokens=1000, cache_write_5m_tokens=200, output_tokens=50, reasoning_tokens=7)))
    expected = {
        "request_id": "r-1", "schema_version": 1, "endpoint_name": "databricks-claude-opus-4-6", "endpoint_tags": {},
        "event_time": dt.datetime(2026, 9, 21, 14, 13, 20, tzinfo=dt.UTC), "latency_ms": 2000, "time_to_first_byte_ms": 300,
        "destination_type": "EXTERNAL_MODEL", "destination_name": "anthropic", "destination_model": "claude-opus-4-6",
        "requester": "ada@example.com", "requester_type": "USER", "ip_address": "127.0.0.1", "url": "/anthropic/v1/messages",
        "user_agent": "claude-cli/2.1.0", "api_type": "messages", "request_tags": {"team": "tools"},
        "input_tokens": 1210, "output_tokens": 50, "total_tokens": 1260, "status_code": 200,
        "token_details": {"cache_read_input_tokens": 1000, "cache_creation_input_tokens": 200, "output_reasoning_tokens": 7},
        "agent": "claude-code", "agent_version": "2.1.0", "surface": "cli", "session_id": "s-1",
        "model_asked": "databricks-claude-opus-4-6", "model_sent": "claude-opus-4-6", "model_served": "claude-opus-4-6",
        "fresh_input_tokens": 10, "cache_read_tokens": 1000, "cache_write_5m_tokens": 200, "cache_write_1h_tokens": None, "reasoning_tokens": 7,
        "usage_estimated": False, "ended": "completed", "token_id": "t-1", "stream": True, "finish_reason": "end_turn",
        "request_bytes": 2048, "response_bytes": 4096, "principal_id": "u-1", "dialect": "anthropic", "response_id": "msg_r-1",
        "charge": Decimal("0.003050000000"), "charge_status": "priced",
    }  # fmt: skip

    assert {name: made[name] for name in expected} == expected
    assert made["rates"] == {
        "input_mtok": 5.0, "cache_read_mtok": 0.5, "cache_write_5m_mtok": 6.25, "cache_write_1h_mtok": 10.0, "output_mtok": 25.0,
        "provider": "anthropic", "model": "claude-opus-4-6", "source": "a test",
    }  # fmt: skip
    assert made["session_metadata"] == {
        "session_id": "s-1", "subagent_id": None, "parent_subagent_id": None, "coding_agent": "claude-code", "agent_version": "2.1.0", "surface": "cli",
    }  # fmt: skip


def test_every_attempt_is_in_the_row():
    """In the order in which they were made, with their times."""
    first = AttemptRecord(provider="a", model="m", status_code=529, error_code="overloaded", started_at_ns=AT_NS, latency_ms=20, action="fallback")
    attempts = row(outcome("r", attempts=(first, AttemptRecord(provider="b", model="m"))))["routing_information"]["attempts"]

    assert [(one["priority"], one["destination"], one["status_code"], one["action"]) for one in attempts] == [
        (0, "a", 529, "fallback"),
        (1, "b", None, None),
    ]
    assert attempts[0]["end_time"] - attempts[0]["start_time"] == dt.timedelta(milliseconds=20)
    assert attempts[1]["start_time"] is None
    assert [one["destination_id"] for one in attempts] == ["a/m", "b/m"]


def test_the_share_is_that_of_the_target_which_was_chosen():
    """Not of one that was passed over, nor of a fallback, which has none."""
    passed = AttemptRecord(provider="a", model="m", action="circuit_open", traffic_percent=80)
    chosen = AttemptRecord(provider="b", model="m", status_code=500, traffic_percent=20)
    fallback = AttemptRecord(provider="c", model="m", status_code=200, action="fallback")

    assert row(outcome("r", attempts=(passed, chosen, fallback)))["traffic_percent"] == 20
    assert row(outcome("r", attempts=(fallback,)))["traffic_percent"] is None
    assert row(outcome("r"))["traffic_percent"] is None


def test_what_is_unknown_is_null_and_zero_stays_zero():
    """Empty text is NULL, an explicit count of nothing is 0, and no usage is NULL throughout."""
    none = row(outcome("r", usage=None, model_served="", intent=intent("r", session_id="", provider="")))
    zero = row(outcome("r", usage=Usage(input_tokens=0, output_tokens=0)))

    assert (none["session_id"], none["model_served"], none["destination_type"]) == (None, None, None)
    assert (none["input_tokens"], none["total_tokens"], none["usage_estimated"], none["charge"], none["charge_status"]) == (
        None,
        None,
        None,
        None,
        "none",
    )
    assert (zero["input_tokens"], zero["total_tokens"], zero["charge"], zero["charge_status"]) == (0, 0, 0, "priced")


def test_an_interrupted_exchange_as_a_row():
    """No status and no times, for nobody saw the end; the input is estimated and priced so."""
    made = row(interrupted(intent("r"), AT_NS))

    assert (made["ended"], made["status_code"], made["latency_ms"], made["time_to_first_byte_ms"]) == ("interrupted", None, None, None)
    assert (made["input_tokens"], made["output_tokens"], made["total_tokens"], made["usage_estimated"]) == (100, None, 100, True)
    assert made["charge"] == Decimal("0.0005")


def test_a_model_without_a_price_is_unpriced_and_never_free():
    """No rates, no charge; the model that was asked for steps in where the served name has no price."""
    other = outcome("r", model_served="secret-model", intent=intent("r", model_sent="secret-model"))

    assert bill(other, rates_of) == Bill("unpriced")
    assert row(other)["rates"] is None
    assert bill(outcome("r", model_served="claude-opus-4-6-20260801"), rates_of).rates is RATES


def test_rates_that_lack_a_class_charge_nothing():
    """Half a price is no price."""
    half = Rates(None, None, None, None, 25.0, "p", "m", "s")

    assert bill(outcome("r"), lambda *_: half) == Bill("unpriced")


def test_many_rows_keep_their_order_and_their_own_nested_values():
    """Structs, lists and maps that are built from flat children belong to the right rows."""
    made = UsageRows(rates_of).table(
        [
            outcome(f"r-{n}", attempts=tuple(AttemptRecord(provider=f"p{n}-{k}", model="m") for k in range(n)), intent=intent(f"r-{n}", request_tags={f"k{k}": str(n) for k in range(n)}))
            for n in range(5)
        ]
    ).to_pylist(maps_as_pydicts="strict")  # fmt: skip

    assert [one["request_id"] for one in made] == [f"r-{n}" for n in range(5)]
    assert [len(one["routing_information"]["attempts"]) for one in made] == [0, 1, 2, 3, 4]
    assert made[3]["routing_information"]["attempts"][2]["destination"] == "p3-2"
    assert [one["request_tags"] for one in made] == [{f"k{k}": str(n) for k in range(n)} for n in range(5)]


@pytest.mark.parametrize("odd", [Usage(output_tokens=(1 << 64) - 1), Usage(input_tokens=1 << 63, output_tokens=1 << 63)])
def test_an_absurd_count_does_not_stop_other_rows(odd):
    """The rows that fit are made, and the one that does not is named."""
    made, misfits = UsageRows(rates_of).fitting([outcome("a"), outcome("b", usage=odd), outcome("c")])
    ids = made.column("request_id").to_pylist()

    assert sorted(ids + misfits) == ["a", "b", "c"]
    assert {"a", "c"} <= set(ids)


def test_an_outcome_that_fits_no_row_is_named():
    """A status beyond an INT cannot be a row; its neighbours are."""
    made, misfits = UsageRows(rates_of).fitting([outcome("a"), outcome("b", status_code=1 << 40)])

    assert made.column("request_id").to_pylist() == ["a"]
    assert misfits == ["b"]


def test_no_outcomes_make_no_rows():
    """An empty table has all columns."""
    assert UsageRows(rates_of).table([]).num_rows == 0


def test_the_row_says_whose_account_paid():
    """The requester's own: the charge is 0 on the row and on its line, the list price is beside it. Headgate's: neither column says anything."""
    usage = Usage(input_tokens=10, output_tokens=50)
    own = row(outcome("r-1", usage=usage, intent=intent("r-1", paid_by="requester")))
    ours = row(outcome("r-2", usage=usage))

    assert (own["paid_by"], own["charge"], own["charge_status"], own["list_charge"]) == ("requester", 0, "not_charged", ours["charge"])
    assert [line["charge"] for line in own["usage_lines"]] == [0]
    assert own["rates"] == ours["rates"]
    assert (ours["paid_by"], ours["list_charge"], ours["charge_status"]) == (None, None, "priced")


def test_the_budgets_of_an_exchange_and_where_it_was_sent_from():
    """Without budgets both are empty."""
    marks = (BudgetMark("all"), BudgetMark("team", "u-1", "downgrade", "rate"))
    counted = row(outcome("r-1", intent=intent("r-1", budgets=marks, downgraded_from="opus")))
    plain = row(outcome("r-2"))

    assert counted["budgets"] == [{"name": "all", "action": None, "unpriced": None}, {"name": "team", "action": "downgrade", "unpriced": "rate"}]
    assert counted["downgraded_from"] == "opus"
    assert (plain["budgets"], plain["downgraded_from"]) == ([], None)


def test_rows_are_summed_by_target_and_charge_status():
    """To the last digit; rows without a price have none, and rows of a refusal no provider."""
    refused = outcome("d", intent=intent("d", endpoint="", provider="", model_sent=""), ended="refused", usage=None)
    unpriced = outcome("c", model_served="other", intent=intent("c", model_sent="other"))
    target = ("databricks-claude-opus-4-6", "anthropic")

    assert dict(charges_of(UsageRows(rates_of).table([outcome("a"), outcome("b"), unpriced, refused]))) == {
        SumKey(*target, "priced"): ChargeSum(2, Decimal("0.0061")),
        SumKey(*target, "unpriced"): ChargeSum(1),
        SumKey("", "", "none"): ChargeSum(1),
    }
