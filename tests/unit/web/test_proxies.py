"""Which forwarding headers count, and what they say."""

import pytest

from headgate.web.proxies import Proxies, base_url, client_scheme
from tests.fakes.asking import head

OURS = Proxies(["127.0.0.1", "10.0.0.0/8", "fd00::/8"])


@pytest.mark.parametrize(
    ("peer", "trusted"),
    [("127.0.0.1", True), ("10.9.8.7", True), ("::ffff:10.1.1.1", True), ("fd00::1", True), ("192.0.2.1", False), ("", False), ("localhost", False)],
)
def test_only_configured_peers_are_believed(peer: str, trusted: bool) -> None:
    """By address or network; without a configuration nobody."""
    assert OURS.trusts(peer) is trusted
    assert not Proxies().trusts(peer)


@pytest.mark.parametrize(
    ("headers", "client"),
    [
        ([], "10.0.0.1"),
        ([(b"x-forwarded-for", b"192.0.2.7")], "192.0.2.7"),
        ([(b"x-forwarded-for", b"192.0.2.7:5123")], "192.0.2.7"),
        ([(b"x-forwarded-for", b"[2001:db8::7]:5123")], "2001:db8::7"),
        ([(b"x-forwarded-for", b"2001:db8::7")], "2001:db8::7"),
        # What the client wrote itself stands left of what our proxy saw.
        ([(b"x-forwarded-for", b"198.51.100.1, 192.0.2.7")], "192.0.2.7"),
        ([(b"x-forwarded-for", b"198.51.100.1"), (b"x-forwarded-for", b"192.0.2.7, 10.0.0.2")], "192.0.2.7"),
        ([(b"x-forwarded-for", b"192.0.2.7, unknown, 10.0.0.2")], "10.0.0.2"),
        ([(b"x-forwarded-for", b"\xff\xfe, ,")], "10.0.0.1"),
        ([(b"x-forwarded-for", b"10.0.0.9, 10.0.0.2")], "10.0.0.9"),
        ([(b"x-forwarded-for", b"192.0.2.7" + b", 10.0.0.2" * 30)], "10.0.0.2"),
        ([(b"forwarded", b'for=192.0.2.7;proto=https, For="[2001:db8::7]:99"')], "2001:db8::7"),
        ([(b"forwarded", b"for=198.51.100.1"), (b"x-forwarded-for", b"192.0.2.7")], "192.0.2.7"),
        ([(b"forwarded", b"for=_hidden")], "10.0.0.1"),
    ],
)
def test_the_client_is_the_last_hop_that_is_not_ours(headers: list[tuple[bytes, bytes]], client: str) -> None:
    """Read from the right, up to the first address that is no proxy of ours; what cannot be read ends the search."""
    assert OURS.client(headers, "10.0.0.1") == client


@pytest.mark.parametrize(
    ("headers", "scheme"),
    [
        ([], "http"),
        ([(b"x-forwarded-proto", b"https")], "https"),
        ([(b"x-forwarded-proto", b"HTTPS, http")], "https"),
        ([(b"x-forwarded-proto", b"http")], "http"),
        ([(b"x-forwarded-proto", b'"><script>')], "http"),
        ([(b"forwarded", b"for=192.0.2.7; Proto=https")], "https"),
    ],
)
def test_the_scheme_is_one_of_two(headers: list[tuple[bytes, bytes]], scheme: str) -> None:
    """How the client reached the first proxy."""
    assert client_scheme(headers) == scheme


def test_links_are_made_with_the_public_address() -> None:
    """The configured one; else the one that was asked for; else where Headgate listens."""
    request = head("GET", "/", [(b"host", b"gate.example")])
    request.scheme = "https"
    assert base_url(request, "https://public.example") == "https://public.example"
    assert base_url(request, "") == "https://gate.example"
    assert base_url(head("GET", "/"), "", "http://127.0.0.1:8484") == "http://127.0.0.1:8484"
