"""Records, prices and journals to test the storage with."""

import os
from collections.abc import Iterable, Sequence

from headgate.core.record import AttemptRecord, Intent, Outcome
from headgate.core.usage import Usage
from headgate.metering.price import Rates, Sold
from headgate.storage.journal import journals, segments
from headgate.storage.journal.frames import pack_frame
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.segments import Frame

AT_NS = 1_790_000_000_000_000_000
RATES = Rates(5.0, 0.5, 6.25, 10.0, 25.0, "anthropic", "claude-opus-4-6", "a test")

# No reserve and no waiting: tests open many journals. Nothing is finished by time, so that tests decide when.
QUIET = JournalLimits(roll_s=3600.0, reserve_bytes=0, lock_wait_s=0.0)


class FakeClock:
    """Stands still."""

    def __init__(self, wall_ns: int = AT_NS) -> None:
        self.now_ns = wall_ns

    def wall_ns(self) -> int:
        """The time it was set to."""
        return self.now_ns

    def monotonic_s(self) -> float:
        """The same in seconds."""
        return self.now_ns / 1e9


def rates_of(sold: Sold, _at_ns: int, _usage: Usage) -> Rates | None:
    """One model has a price."""
    return RATES if RATES.model in sold.models else None


def intent(request_id: str, **changes: object) -> Intent:
    """An intent as Claude Code's requests make it."""
    given = {
        "request_id": request_id,
        "started_at_ns": AT_NS,
        "principal_id": "u-1",
        "requester": "ada@example.com",
        "token_id": "t-1",
        "endpoint": "databricks-claude-opus-4-6",
        "provider": "anthropic",
        "provider_dialect": "anthropic",
        "model_asked": "databricks-claude-opus-4-6",
        "model_sent": "claude-opus-4-6",
        "dialect": "anthropic",
        "api_type": "messages",
        "path": "/anthropic/v1/messages",
        "stream": True,
        "agent": "claude-code",
        "agent_version": "2.1.0",
        "surface": "cli",
        "session_id": "s-1",
        "user_agent": "claude-cli/2.1.0",
        "ip_address": "127.0.0.1",
        "request_tags": {"team": "tools"},
        "request_bytes": 2048,
        "estimated_input_tokens": 100,
    }
    return Intent(**(given | changes))


def outcome(request_id: str, **changes: object) -> Outcome:
    """A whole answer."""
    given = {
        "intent": intent(request_id),
        "status_code": 200,
        "ended": "completed",
        "ended_at_ns": AT_NS + 2_000_000_000,
        "latency_ms": 2000,
        "time_to_first_byte_ms": 300,
        "usage": Usage(input_tokens=10, cache_read_tokens=1000, cache_write_5m_tokens=200, output_tokens=50),
        "model_served": "claude-opus-4-6",
        "response_id": f"msg_{request_id}",
        "finish_reason": "end_turn",
        "response_bytes": 4096,
        "attempts": (AttemptRecord(provider="anthropic", model="claude-opus-4-6", status_code=200, started_at_ns=AT_NS, latency_ms=2000),),
    }
    return Outcome(**(given | changes))


def write_segment(directory: str, first_seq: int, frames: Iterable[tuple[int, bytes]]) -> str:
    """A segment file of frames with rising numbers; returns its path."""
    path = segments.segment_path(directory, first_seq)
    with open(path, "wb") as file:
        file.writelines(pack_frame(first_seq + index, kind, body) for index, (kind, body) in enumerate(frames))
    return path


def all_frames(data_dir: str) -> Sequence[Frame]:
    """Every frame of a journal."""
    found = segments.list_segments(journals.writer_dir(data_dir))
    return [frame for segment in found for frame in segments.read_segment(segment).frames]


def names(directory: str, suffix: str) -> list[str]:
    """The files of a directory with this ending, sorted."""
    return sorted(name for name in os.listdir(directory) if name.endswith(suffix))
