"""The rules of heads, as pure functions. The rows of the wire are in `tests/e2e/test_framing.py`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.web import framing, refusal
from headgate.web.body_framing import Framing
from headgate.web.framing import judge_foreign_bytes, judge_headers, judge_large_headers, judge_target
from headgate.web.front import FrontLimits

LIMITS = FrontLimits(body_bytes_max=1000, target_bytes_max=200)
HOST = (b"host", b"x")


@pytest.mark.parametrize("target", [b"/", b"/a", b"/a/", b"/a/b?c", b"/?", b"/a..b", b"/...", b"/a%20b", b"/m:generateContent?alt=sse", b"/a?../.."])
def test_plain_paths_pass(target: bytes) -> None:
    """An absolute path without empty, single-dot or double-dot segments, and any printable query."""
    assert judge_target(target, LIMITS) is None


@pytest.mark.parametrize(
    "target",
    [b"", b"a", b"*", b"//", b"/a//b", b"/.", b"/..", b"/./a", b"/a/..", b"/a/../b", b"/..?a", b"/a;b", b"/a b", b"/a#b", b"/%2e", b"/%2F", b"/%00",
     b"/%25", b"/%3B", b"/%5c", b"/%7f", b"/%1f", b"/%", b"/%f", b"/%ff", b"/%c0%ae", b"/%ed%a0%80", b"/\xc3\xa4", b"/a\n", b"/a?\n", b"/a?\xff"],
)  # fmt: skip
def test_other_targets_are_refused(target: bytes) -> None:
    """Whatever could be read as another path."""
    assert judge_target(target, LIMITS) is refusal.BAD_TARGET


def test_long_targets_are_refused() -> None:
    """The limit is the target's, query included."""
    assert judge_target(b"/?" + b"a" * 198, LIMITS) is None
    assert judge_target(b"/?" + b"a" * 199, LIMITS) is refusal.TARGET_TOO_LONG


@given(st.binary(max_size=300))
def test_no_target_makes_the_judgement_fail(target: bytes) -> None:
    """Any bytes are refused or pass; what passes begins with a slash and decodes."""
    if judge_target(b"/" + target, LIMITS) is None:
        assert b"/../" not in b"/" + target.partition(b"?")[0] + b"/"


@pytest.mark.parametrize(
    ("headers", "version", "expected"),
    [
        ([HOST], "1.1", Framing()),
        ([HOST, (b"content-length", b"0")], "1.0", Framing()),
        ([HOST, (b"content-length", b"1000")], "1.1", Framing(1000)),
        ([HOST, (b"transfer-encoding", b"Chunked")], "1.1", Framing(chunked=True)),
        ([HOST, (b"content-length", b"1"), (b"expect", b"100-Continue")], "1.1", Framing(1, expects_continue=True)),
        ([], "1.1", refusal.BAD_HOST),
        ([HOST, HOST], "1.1", refusal.BAD_HOST),
        ([(b"host", b"x:")], "1.1", refusal.BAD_HOST),
        ([(b"host", b"x" * 300)], "1.1", refusal.BAD_HOST),
        ([(b"host", b"-x")], "1.1", refusal.BAD_HOST),
        ([HOST, (b"content-length", b"1001")], "1.1", refusal.BODY_TOO_LARGE),
        ([HOST, (b"content-length", b"1"), (b"content-length", b"1")], "1.1", refusal.BAD_LENGTH),
        ([HOST, (b"content-length", b"\xb2")], "1.1", refusal.BAD_LENGTH),
        ([HOST, (b"content-length", b"")], "1.1", refusal.BAD_LENGTH),
        ([HOST, (b"transfer-encoding", b"chunked")], "1.0", refusal.BAD_CODING),
        ([HOST, (b"transfer-encoding", b"chunked"), (b"content-length", b"1")], "1.1", refusal.BAD_CODING),
        ([HOST, (b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked")], "1.1", refusal.BAD_CODING),
        ([HOST, (b"transfer-encoding", b"gzip, chunked")], "1.1", refusal.BAD_CODING),
        ([HOST, (b"transfer-encoding", b"")], "1.1", refusal.BAD_CODING),
        ([HOST, (b"expect", b"")], "1.1", refusal.BAD_EXPECTATION),
        ([HOST, (b"expect", b"100-continue"), (b"expect", b"100-continue")], "1.1", refusal.BAD_EXPECTATION),
        ([HOST, *[(b"x", b"y")] * 100], "1.1", refusal.HEAD_TOO_LARGE),
    ],
)
def test_headers_are_read_in_one_way_or_refused(headers: list[tuple[bytes, bytes]], version: str, expected: object) -> None:
    """The framing that they state, or the reason against them."""
    assert judge_headers(headers, version, LIMITS) == expected


def test_only_listed_hosts_are_served() -> None:
    """Case and port do not matter."""
    limits = FrontLimits(hosts=frozenset({"a.example"}))

    assert judge_headers([(b"host", b"A.example:1")], "1.1", limits) == Framing()
    assert judge_headers([(b"host", b"b.example")], "1.1", limits) is refusal.BAD_HOST


def test_one_large_header_is_refused() -> None:
    """Name and value count together."""
    limits = FrontLimits(header_bytes_max=10)

    assert judge_large_headers([(b"x-a", b"1234567")], limits) is None
    assert judge_large_headers([(b"x-a", b"12345678")], limits) is refusal.HEAD_TOO_LARGE


@pytest.mark.parametrize(
    ("name", "passes"), [(b"x-name", True), (b"user-agent", True), (b"authorization", False), (b"sec-websocket-protocol", False)]
)
def test_foreign_bytes_only_where_they_are_legal(name: bytes, passes: bool) -> None:
    """Headers that somebody acts on are ASCII."""
    assert (judge_foreign_bytes([(name, b"\xff")]) is None) is passes


@pytest.mark.parametrize(
    ("target", "passes"),
    [
        (b"/v1/models/vendor%2Fmodel-7b", True), (b"/v1/models/vendor%2fmodel-7b?a=b", True), (b"/v1/models/a%2F..%2Fb", False),
        (b"/v1/models/%2F", False), (b"/v1/models/a%2F%2Fb", False), (b"/v1/models/a%252Fb", False), (b"/v1%2Fmodels/a", False),
        (b"/v1%2F/models/a", False), (b"/v1/models/a%2F%2e%2e", False), (b"/v1/models/a%5Cb", False),
    ],
)  # fmt: skip
def test_a_slash_may_be_escaped_in_a_models_name(target: bytes, passes: bool) -> None:
    """There and nowhere else, and never so that the path is another one once it is decoded."""
    assert (judge_target(target, LIMITS) is None) is passes


def test_a_target_with_a_query_is_remembered_nowhere() -> None:
    """It may hold a credential, and so may some paths; a plain one is judged once."""
    framing._judge_path.cache_clear()
    for target in (b"/m?key=secret", b"/m?key=secret", b"/api/2.0/otel/t/secret/main.default.agents", b"/anthropic/hg_secret/v1"):
        assert judge_target(target, LIMITS) is None
    assert framing._judge_path.cache_info().currsize == 0
    judge_target(b"/m", LIMITS)
    assert framing._judge_path.cache_info().currsize == 1
