"""Translated streams in time: signs of life, late refusals, clients that leave or lag. Each client meets a provider of another dialect."""

import dataclasses
import json
import re
import time
from types import SimpleNamespace

import pytest

from tests.e2e.asking import ANTHROPIC, CHAT, CLOSING, GOOGLE, RESPONSES, Asking
from tests.e2e.foreign import CHAT as CHAT_MODEL
from tests.e2e.foreign import RESPONSES as RESPONSES_MODEL
from tests.e2e.foreign import foreign_lab
from tests.e2e.lab import CLAUDE, GEMINI
from tests.e2e.test_streams import SIGNS, assert_ends_in_error
from tests.fakes.turns import Cut, Refuse, Silence, Text, Tokens, Turn

SPOKEN = Turn((Text("One word after the other, and so on.", pieces=6),), Tokens(fresh=7, output=21))
STREAMS = "[streams]\nkeep_alive_s = 0.4\nearly_headers_s = 0.8\nfirst_byte_timeout_s = 20\nidle_timeout_s = 20\n"
# How long a provider is silent between two events, and before its answer's head.
BETWEEN_S, BEFORE_S = 1.5, 2.2

PAIRS = [(ANTHROPIC, CHAT_MODEL), (CHAT, CLAUDE), (RESPONSES, GEMINI), (GOOGLE, RESPONSES_MODEL)]
each_pair = pytest.mark.parametrize("case", [dataclasses.replace(case, endpoint=model) for case, model in PAIRS], ids=lambda case: case.dialect)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A provider of every dialect, and an impatient gateway before it."""
    with foreign_lab(tmp_path_factory.mktemp("lab"), STREAMS) as (provider, gateway):
        yield SimpleNamespace(provider=provider, gateway=gateway)


def ask(lab, case, **headers):
    """A request of the case through the gateway."""
    return Asking(lab.gateway.url, lab.gateway.token, case.path(), case.body(), headers)


@each_pair
def test_signs_of_life_are_the_clients_own(lab, case):
    """In silence between two events of the provider the client gets its own format's sign, and the whole answer after it."""
    lab.provider.play(dataclasses.replace(SPOKEN, fault=Silence(BETWEEN_S, after_frames=3)))
    with ask(lab, case) as asking:
        received = asking.rest()
    assert re.findall(SIGNS[case.dialect], received)
    assert CLOSING[case.dialect] in received
    assert b"so on." in received


@each_pair
def test_headers_come_early(lab, case):
    """A provider of another dialect that is slow to begin keeps no client from its headers."""
    before = len(lab.provider.ledger.entries)
    lab.provider.play(dataclasses.replace(SPOKEN, fault=Silence(BEFORE_S, after_frames=-1)))
    with ask(lab, case) as asking:
        assert asking.status == 200
        assert lab.provider.ledger.entries[before].status == 0, "the provider had answered already"
        received = asking.rest()
    assert re.findall(SIGNS[case.dialect], received)
    assert CLOSING[case.dialect] in received


@each_pair
def test_a_late_refusal_is_an_error_of_the_clients(lab, case):
    """Once the headers are out, the refusal of a provider of another dialect comes as the client's own in-band error, with its words."""
    lab.provider.play(Turn(fault=Refuse(429, "the scripted reason", delay_s=BEFORE_S)))
    with ask(lab, case) as asking:
        assert asking.status == 200
        received = asking.rest()
    assert b"the scripted reason" in received
    assert_ends_in_error(case, received)


@each_pair
def test_a_broken_stream_is_no_whole_answer(lab, case):
    """No client takes a translated answer that was cut for a whole one."""
    lab.provider.play(dataclasses.replace(SPOKEN, fault=Cut(after_frames=4)))
    with ask(lab, case) as asking:
        received = asking.rest()
    assert CLOSING[case.dialect] not in received
    if not asking.broken:
        assert_ends_in_error(case, received)


@each_pair
def test_a_client_that_leaves_is_counted(lab, case):
    """The provider's answer is read on to its usage after the client has left."""
    lab.provider.play(Turn((Text("word " * 30, pieces=20),), SPOKEN.tokens, pace_s=0.02))
    tag = f"leaves-{case.dialect}"
    asking = ask(lab, case, **{"Databricks-Ai-Gateway-Request-Tags": json.dumps({"tag": tag})})
    assert next(asking.pieces())
    asking.hang_up()
    lab.provider.ledger.wait(lambda entries: entries[-1].whole or entries[-1].client_closed)
    (row,) = [row for row in lab.gateway.rows(len(lab.provider.ledger.entries)) if dict(row["request_tags"] or {}).get("tag") == tag]
    assert (row["ended"], row["fresh_input_tokens"], row["output_tokens"], row["usage_estimated"]) == ("client_gone", 7, 21, False)


def test_a_slow_client_slows_the_provider(tmp_path):
    """What a client does not read of a translated answer is not gathered in the gateway: the provider's connection fills up and stands still."""
    size = 64 << 20  # the buffers of four sockets alone take 20 MB
    case = dataclasses.replace(ANTHROPIC, endpoint=CHAT_MODEL)
    with foreign_lab(tmp_path) as (provider, gateway):
        provider.play(Turn((Text("0123456789abcdef" * (size // 16), pieces=2000),)))
        with Asking(gateway.url, gateway.token, case.path(), case.body()) as asking:
            received = next(asking.pieces())
            entry = provider.ledger.entries[-1]
            before = -1
            while before != (before := len(entry.sent)):  # until it stands still
                time.sleep(0.4)
            assert not entry.whole
            assert before < size // 2, "the gateway gathers what nobody reads"
            received += asking.rest()
    frames = [json.loads(line[5:]) for line in received.splitlines() if line.startswith(b"data:")]
    words = "".join(frame["delta"].get("text", "") for frame in frames if frame["type"] == "content_block_delta")
    assert words == "0123456789abcdef" * (size // 16)
    assert frames[-1]["type"] == "message_stop"
