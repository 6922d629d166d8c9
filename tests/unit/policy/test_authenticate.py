"""Tokens, credentials and grants."""

import msgspec
import pytest

from headgate.core.access_token import AccessToken
from headgate.core.errors import Forbidden, Unauthenticated
from headgate.core.principal import Principal
from headgate.policy.authenticate import TokenTable, authenticate, client_credential_of, compose_token, credential_of, digest, parse_token, token_tail
from tests.fakes.principals import token_of, user

PEPPER = b"p" * 32
TOKEN = compose_token(bytes(range(32)))
LAPTOP = AccessToken(id="tok_1", name="ada", principal=Principal(id="usr_1", name="ada@example.com"))
BEARER = (b"authorization", b"Bearer " + TOKEN.encode())


def table(token: AccessToken = LAPTOP) -> TokenTable:
    return TokenTable({digest(PEPPER, TOKEN): token})


def refusal(headers, query_key: str = "") -> str:
    with pytest.raises(Unauthenticated) as caught:
        credential_of(headers, query_key)
    assert caught.value.status == 401
    return caught.value.message


def test_tokens_have_one_form():
    """A token has its prefix, its length and its checksum, and is read back as itself."""
    assert TOKEN.startswith("hg_")
    assert len(TOKEN) == 52
    assert parse_token(TOKEN) == TOKEN
    assert parse_token(compose_token(b"\x00" * 32)) == "hg_" + "0" * 43 + parse_token(compose_token(b"\x00" * 32))[-6:]
    assert parse_token(compose_token(b"\xff" * 32)) is not None


def test_compose_takes_32_bytes():
    """Fewer random bits make no token."""
    with pytest.raises(ValueError, match="32 bytes"):
        compose_token(b"short")


@pytest.mark.parametrize(
    "text",
    ["", "hg_", TOKEN[:-1], TOKEN + "0", TOKEN[:20] + "0" * 32, TOKEN.upper(), " " + TOKEN, TOKEN + "\n", "sk-1234", "sk-ant-" + "a" * 45,
     "' OR (SELECT pg_sleep(8)) IS NOT NULL --", "hg_" + "é" * 49, TOKEN[:-1] + ("0" if TOKEN[-1] != "0" else "1"), "hg_" + "z" * 49],
)  # fmt: skip
def test_no_tokens(text):
    """A wrong prefix, length, character or checksum is refused without a look-up."""
    assert parse_token(text) is None


def test_digest_needs_the_pepper():
    """The same token has another digest under another key."""
    assert digest(PEPPER, TOKEN) != digest(b"q" * 32, TOKEN)
    assert len(digest(PEPPER, TOKEN)) == 32


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ([BEARER], ""), ([(b"authorization", b"bearer " + TOKEN.encode())], ""), ([(b"authorization", b"BEARER " + TOKEN.encode())], ""),
        ([(b"x-api-key", TOKEN.encode())], ""), ([(b"x-goog-api-key", TOKEN.encode())], ""), ([(b"api-key", TOKEN.encode())], ""), ([], TOKEN),
        ([BEARER, (b"x-goog-api-key", TOKEN.encode())], ""), ([BEARER, (b"x-api-key", b"")], ""), ([BEARER], TOKEN),
        ([(b"x-api-key", TOKEN.encode()), (b"x-api-key", TOKEN.encode())], ""),
    ],
)  # fmt: skip
def test_credential_of(headers, key):
    """Every place is read; the same credential in two of them is fine."""
    assert credential_of([(b"host", b"h"), *headers], key) == TOKEN


def test_two_different_credentials():
    """Two different credentials are refused, and the message names both places."""
    assert "in Authorization and in x-api-key" in refusal([BEARER, (b"x-api-key", b"other")])
    assert "in x-goog-api-key and in ?key=" in refusal([(b"x-goog-api-key", b"one")], "two")
    assert "both in x-api-key" in refusal([(b"x-api-key", b"one"), (b"x-api-key", b"two")])


def test_two_authorization_headers():
    """Two Authorization headers are refused even when they are equal."""
    assert "two Authorization headers" in refusal([BEARER, BEARER])


@pytest.mark.parametrize(
    "value",
    [b"Bearer  x", b"Basic eDp5", b"Basic", b"x", b"Bearer a b", b"Bearer a\n", b"Bearer \xc3\xa9", b"Bearer\tx",
     b" Bearer x", b"Bearer " + b"a" * 10_000],
)  # fmt: skip
def test_bad_authorization(value):
    """Anything but `Bearer`, one space and a bounded printable word is refused."""
    assert "Authorization header" in refusal([(b"authorization", value)])


def test_bad_keys():
    """A key with other characters or of another length is refused, and the refusal does not repeat it."""
    assert "x-api-key" in refusal([(b"x-api-key", b"a b")])
    assert "x-goog-api-key" in refusal([(b"x-goog-api-key", b"a" * 513)])
    assert "café" not in refusal([], "café")


def test_no_credential():
    """No credential at all: the message says how to get one."""
    assert "Your Headgate administrator gives you one." in refusal([(b"host", b"h")])


@pytest.mark.parametrize("credential", ["<token>", "<your-token>", "<TOKEN>", "hg_…", "hg_...", "YOUR_TOKEN"])
def test_placeholders_of_examples(credential):
    """Are named as what they are; what only looks a little like one is not."""
    with pytest.raises(Unauthenticated) as refused:
        authenticate(table(), PEPPER, credential, 100.0)
    assert refused.value.code == "placeholder_token"
    assert credential in refused.value.message
    with pytest.raises(Unauthenticated) as refused:
        authenticate(table(), PEPPER, f"{credential}x", 100.0)
    assert refused.value.code == "not_a_token"


def test_the_end_of_a_token():
    """Of a token of Headgate's, known or not; of no other credential, and of none where there are two."""
    assert token_tail([(b"authorization", f"Bearer {TOKEN}".encode())]) == TOKEN[-4:]
    assert token_tail([], TOKEN) == TOKEN[-4:]
    assert not token_tail([(b"authorization", b"Bearer sk-ant-secret")])
    assert not token_tail([(b"authorization", f"Bearer {TOKEN}".encode()), (b"x-api-key", b"other")])
    assert not token_tail([])


def test_authenticate():
    """A known token is found, as it is in the table: nothing is made for a request."""
    assert authenticate(table(), PEPPER, TOKEN, 100.0) is LAPTOP
    assert len(table()) == 1


def test_the_live_token_of_an_id():
    """By its id, until it expires; another token of the same person does not stand in for it."""
    ending = AccessToken(id="tok_2", name="desk", principal=LAPTOP.principal, expires_at_s=100.0)
    tokens = TokenTable({b"1": LAPTOP, b"2": ending})
    assert (tokens.live("tok_1", 1e9), tokens.live("tok_2", 99.9), tokens.live("tok_2", 100.0), tokens.live("", 0.0)) == (LAPTOP, ending, None, None)


def test_unknown_and_expired_are_not_told_apart():
    """Unknown, revoked and expired tokens get the very same answer."""
    expired = AccessToken(id="tok_1", name="ada", principal=LAPTOP.principal, expires_at_s=100.0)
    messages = set()
    for tokens, credential in ((table(), compose_token(b"x" * 32)), (TokenTable({}), TOKEN), (table(expired), TOKEN)):
        with pytest.raises(Unauthenticated) as caught:
            authenticate(tokens, PEPPER, credential, 100.0)
        messages.add((caught.value.message, caught.value.code, caught.value.status))
    assert len(messages) == 1
    assert authenticate(table(expired), PEPPER, TOKEN, 99.9) is expired


def test_no_token_form():
    """What is no token is told so: most often it is a provider's key."""
    with pytest.raises(Unauthenticated, match="not a Headgate token"):
        authenticate(table(), PEPPER, "sk-ant-abc", 0.0)


@pytest.mark.parametrize("empty", [
    (b"authorization", b""), (b"authorization", b"Bearer"), (b"authorization", b"bearer "), (b"x-api-key", b""), (b"x-goog-api-key", b""),
    (b"api-key", b""),
])  # fmt: skip
@pytest.mark.parametrize("good", [BEARER, (b"x-api-key", TOKEN.encode()), (b"x-goog-api-key", TOKEN.encode()), (b"api-key", TOKEN.encode())])
def test_an_empty_place_is_an_absent_one(empty, good):
    """An agent whose variable is unset sends an empty header beside the good one; alone it is no credential."""
    for headers in ([empty, good], [good, empty], [empty, good, empty]):
        assert credential_of(headers) == TOKEN
    assert credential_of([empty], TOKEN) == TOKEN
    assert "has no credential" in refusal([empty])


def test_a_token_is_known_by_all_of_it():
    """One that begins or ends like a good one, in its own right form, is unknown."""
    for alike in (compose_token(bytes(range(31)) + b"\0"), compose_token(b"\1" + bytes(range(1, 32)))):
        assert parse_token(alike) == alike
        with pytest.raises(Unauthenticated, match="unknown"):
            authenticate(table(), PEPPER, alike, 0.0)
    assert compose_token(bytes(range(31)) + b"\0")[:40] == TOKEN[:40]


OWN = b"sk-ant-oat01-" + b"a" * 90
SWAP = (b"x-databricks-ai-gateway-token", b"Bearer " + TOKEN.encode())
HIS = (b"authorization", b"Bearer " + OWN)


@pytest.mark.parametrize("swap", [SWAP, (b"x-headgate-token", b"bearer " + TOKEN.encode())])
@pytest.mark.parametrize(
    ("own", "header"), [(HIS, b"authorization"), ((b"x-api-key", OWN), b"x-api-key"), ((b"x-goog-api-key", OWN), b"x-goog-api-key")]
)
def test_a_credential_of_ones_own_beside_the_token(swap, own, header):
    """The token in its own header says who asks; the other place has the client's credential."""
    for headers in ([swap, own], [own, swap], [swap, swap, own, own], [swap, own, (b"x-api-key", b"")]):
        assert credential_of(headers) == TOKEN
        credential = client_credential_of(headers)
        assert (credential.header, credential.secret.reveal()) == (header, OWN.decode())


@pytest.mark.parametrize(
    "headers", [[SWAP], [SWAP, BEARER], [SWAP, (b"x-api-key", TOKEN.encode())], [SWAP, (b"authorization", b"Bearer ")], [BEARER], []]
)
def test_no_credential_of_ones_own(headers):
    """The token alone, in one place or two, is no credential for a provider; nor is what stands without the header."""
    assert client_credential_of(headers) is None
    if headers:
        assert credential_of(headers) == TOKEN


def test_a_long_credential_of_ones_own():
    """ChatGPT's tokens are far longer than Headgate's."""
    long = (b"authorization", b"Bearer eyJ" + b"a" * 4000)
    assert len(client_credential_of([SWAP, long]).secret.reveal()) == 4003
    assert "a length that none has" in refusal([SWAP, (b"x-api-key", b"a" * 9000)])


@pytest.mark.parametrize(
    ("headers", "key", "words"),
    [
        ([(SWAP[0], TOKEN.encode()), HIS], "", "X-Databricks-AI-Gateway-Token header is not `Bearer`"),
        ([(SWAP[0], b"Basic " + TOKEN.encode()), HIS], "", "Send `X-Databricks-AI-Gateway-Token: Bearer hg_…`"),
        ([SWAP, (b"x-headgate-token", b"Bearer other"), HIS], "", "in X-Databricks-AI-Gateway-Token and in X-Headgate-Token"),
        ([SWAP, (SWAP[0], b"Bearer other")], "", "both in X-Databricks-AI-Gateway-Token"),
        ([SWAP, HIS, (b"x-api-key", b"sk-ant-api03-other")], "", "several credentials of your own"),
        ([SWAP, (b"authorization", b"Bearer " + compose_token(b"y" * 32).encode())], "", "two different Headgate tokens"),
        ([SWAP, (b"authorization", b"Basic eDp5")], "", "Authorization is `Bearer` and your own token"),
        ([SWAP, (b"x-api-key", b"a b")], "", "characters or a length"),
        ([SWAP], "AIzaOwn", "x-goog-api-key, not in ?key="),
    ],
)
def test_confusing_credentials_beside_the_token(headers, key, words):
    """What could be meant in two ways is refused, in words that repeat no credential."""
    message = refusal(headers, key)
    assert words in message
    assert not any(value.rpartition(b" ")[2].decode() in message for _, value in headers)


def test_an_empty_token_header_makes_no_other_credential_a_token():
    """An unset variable leaves the client's own credential as the only one, which is no token of Headgate's."""
    headers = [(SWAP[0], b"Bearer "), HIS]
    assert client_credential_of(headers) is None
    with pytest.raises(Unauthenticated, match="not a Headgate token"):
        authenticate(table(), PEPPER, credential_of(headers), 0.0)


def test_an_inactive_principal():
    """Its token is known, so it is answered why it may do nothing; it lives for no session and no statement either."""
    stopped = table(msgspec.structs.replace(LAPTOP, principal=msgspec.structs.replace(LAPTOP.principal, active=False)))
    with pytest.raises(Forbidden, match=r"ada@example.com is deactivated, so this token may do nothing") as caught:
        authenticate(stopped, PEPPER, TOKEN, 0.0)
    assert caught.value.code == "principal_inactive"
    assert stopped.live("tok_1", 0.0) is None
    assert table().live("tok_1", 0.0) is LAPTOP


def test_the_tokens_that_may_be_used():
    """All but those of inactive principals. A token gets its groups when it is first used, once."""
    active, gone = user("ada"), msgspec.structs.replace(user("ben"), active=False)
    table = TokenTable({b"1": token_of(active, "tok_1"), b"2": token_of(gone, "tok_2")})
    assert [token.id for token in table] == ["tok_1"]

    applied = []
    table = TokenTable({b"1": token_of(active, "tok_1"), b"2": token_of(gone, "tok_2")}, lambda token: applied.append(token.id) or token)
    assert [table.find(b"1").id, table.live("tok_1", 0.0).id, table.find(b"2"), table.find(b"3"), table.live("tok_2", 0.0)] == [
        "tok_1",
        "tok_1",
        None,
        None,
        None,
    ]
    assert (len(table), applied) == (1, ["tok_1", "tok_1"])
