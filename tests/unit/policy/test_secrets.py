"""Secrets in content."""

import json
import re

import msgspec
import pytest

from headgate.policy.authenticate import compose_token
from headgate.policy.secrets import OVERLAP_CHARS, REDACTED, WINDOW_CHARS, compile_redactor

SECRETS = [
    compose_token(b"t" * 32),
    "sk-ant-api03-" + "a1B2" * 10,
    "sk-proj-" + "x" * 40,
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_" + "a" * 36,
    "github_pat_" + "A1_" * 10,
    "glpat-" + "x" * 20,
    "xoxb-1234567890-abcdef",
    "AIza" + "S" * 35,
    "dapi" + "0a" * 16,
    "npm_" + "b" * 36,
    "pypi-AgEI" + "c" * 60,
    "sk_live_" + "4" * 24,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----",
]
ALL = compile_redactor((), secrets=True)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(("before", "after"), [("", ""), ("key: ", ", thanks"), ("line\n", "\nline"), ('"', '"')])
def test_what_issuers_give_out_is_recognised(secret, before, after):
    """Wherever it stands, and nothing around it goes."""
    assert ALL.text(before + secret + after) == before + REDACTED + after
    assert ALL.value({"a": [before + secret + after]}) == {"a": [before + REDACTED + after]}


@pytest.mark.parametrize("secret", SECRETS)
def test_json_text_stays_json(secret):
    """Also where a line break before it is written as a letter."""
    text = json.dumps({"prompt": f"keep\n{secret}", "next": 1})
    clean = ALL.text(text)

    assert json.loads(clean)["next"] == 1
    assert json.loads(clean)["prompt"].startswith("keep\n")
    assert secret.splitlines()[-1] not in clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Authorization: Bearer abcdefghijklmnopqrstuvwxyz", f"Authorization: Bearer {REDACTED}"),
        ("aws_secret_access_key = " + "k" * 40, f"aws_secret_access_key = {REDACTED}"),
        ("postgres://ada:hunter2@db/x", f"postgres://{REDACTED}@db/x"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE and on", REDACTED),  # cut off: all that may belong to it
        ("https://example.com/a:b", "https://example.com/a:b"),
        ("sk-short, task-list-of-the-day, AKIA, a bearer of news", "sk-short, task-list-of-the-day, AKIA, a bearer of news"),
        ("dapiary entries", "dapiary entries"),
    ],
)
def test_what_a_word_marks_goes_and_what_only_looks_near_it_stays(text, clean):
    """The words stay."""
    assert ALL.text(text) == clean


def test_a_value_without_secrets_is_the_very_same():
    """So that who asks can keep the bytes it came in."""
    value = {"a": ["x", 1, None, True, {"b": "y"}], "": ""}

    assert ALL.value(value) is value


def test_own_patterns_stand_beside_or_alone():
    """Nothing at all is no redactor."""
    own = compile_redactor([r"\d{4}-\d{4}"], secrets=False)
    assert own.text("call 0123-4567, AKIAIOSFODNN7EXAMPLE") == f"call {REDACTED}, AKIAIOSFODNN7EXAMPLE"
    assert compile_redactor(["x+"], secrets=True).text("xx AKIAIOSFODNN7EXAMPLE") == f"{REDACTED} {REDACTED}"
    assert compile_redactor((), secrets=False) is None


def test_what_is_nested_too_deep_to_look_into_goes():
    """Rather than be stored unseen."""
    value = "sk-" + "a" * 30
    for _ in range(200):
        value = [value]
    clean = json.dumps(ALL.value(value))

    assert "sk-" not in clean
    assert REDACTED in clean


def test_long_texts_cost_a_time_that_grows_with_them_alone():
    """Texts made to keep a pattern trying end within the test's patience."""
    for piece in ("sk-", "eyJ" + "a" * 30, "://a:", "-----BEGIN A ", "Bearer ", "hg_" + "0" * 48 + "_", "a" * 99):
        assert len(ALL.text(piece * 20_000)) > 0


LONGEST = [
    "eyJ" + "a" * 2000 + ".eyJ" + "b" * 4000 + "." + "c" * 2000,
    "-----BEGIN ENCRYPTED PRIVATE KEY-----" + "k" * 8000 + "-----END ENCRYPTED PRIVATE KEY-----",
]
MARKED = [("Bearer ", "t" * 2000), ("://", "u" * 64 + ":" + "p" * 128), ("aws_secret_access_key = ", "k" * 40)]


@pytest.mark.parametrize("secret", SECRETS + LONGEST)
def test_a_secret_is_found_wherever_a_window_ends(secret):
    """Before, across and behind the end of a window and of its overlap, also of two."""
    assert len(secret) < OVERLAP_CHARS
    step = WINDOW_CHARS - OVERLAP_CHARS
    for edge in (step, WINDOW_CHARS, 2 * step, 2 * step + OVERLAP_CHARS):
        for place in (edge - len(secret) - 1, edge - len(secret), edge - len(secret) // 2, edge - 1, edge, edge + 1):
            text = " " * place + secret + " " * (3 * WINDOW_CHARS - place)
            assert ALL.text(text) == text.replace(secret, REDACTED)


@pytest.mark.parametrize(("mark", "secret"), MARKED)
def test_what_a_word_marks_is_found_wherever_a_window_ends(mark, secret):
    """The word may stand in one window and what it marks in the next."""
    for edge in (WINDOW_CHARS - OVERLAP_CHARS, WINDOW_CHARS):
        for place in range(edge - len(mark) - 2, edge + 2):
            text = "." * (place - 1) + " " + mark + secret + "@ " + "." * WINDOW_CHARS
            assert ALL.text(text) == text.replace(secret, REDACTED)


def test_many_secrets_in_a_long_text_are_all_found():
    """In windows as at once."""
    text = "".join(f"{number}: {secret}, " for number in range(200) for secret in SECRETS[:-1])
    once = text
    for secret in sorted(SECRETS, key=len, reverse=True):
        once = once.replace(secret, REDACTED)
    assert len(text) > 2 * WINDOW_CHARS
    assert ALL.text(text) == once


class Watched:
    """A pattern that notes how much of the text each of its searches may look at."""

    def __init__(self, pattern):
        self.pattern, self.looked_at, self.read = pattern, [], 0

    def finditer(self, text, at, end):
        """Pass on, and count."""
        self.looked_at.append(end - at)
        for found in self.pattern.finditer(text, at, end):
            self.read += len(found[0])
            yield found


HOSTILE = ["eyJ", "eyJ" + "a" * 30, "eyJaaaaaaaaaa.", "eyJaaaaaaaaaa.eyJ", "sk-", "://a:", "://a:b", "-----BEGIN A ", "-----BEGIN PRIVATE KEY-----", "Bearer ",
           "hg_" + "0" * 48 + "_", "github_pat_", "xoxb-", "sk_live_", "pypi-AgEI"]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_step_is_longer_than_a_window(piece):
    """A step keeps the event loop waiting. Every window is looked at once, and they overlap by a seventh."""
    text = piece * (400_000 // len(piece))
    for rule in ALL.rules:
        watched = Watched(rule.pattern)
        msgspec.structs.replace(rule, pattern=watched).applied(text)
        assert max(watched.looked_at, default=0) <= WINDOW_CHARS
        assert sum(watched.looked_at) < 1.3 * len(text)


@pytest.mark.parametrize("piece", ["eyJ", "eyJ" + "a" * 30, "eyJaaaaaaaaaa.", "eyJaaaaaaaaaa.eyJ"])
def test_what_begins_like_a_token_is_read_once(piece):
    """And not from each of its beginnings anew: all that could be one is in some match, whether it is one or not."""
    (rule,) = [rule for rule in ALL.rules if rule.needs == "eyJ"]
    text = piece * (WINDOW_CHARS // len(piece))
    watched = Watched(rule.pattern)
    msgspec.structs.replace(rule, pattern=watched).applied(text)
    assert watched.read >= len(text) - text.count(".")


def test_every_long_quantifier_gives_nothing_back():
    """One that does is tried again at each length: thousands of steps for one beginning."""
    for rule in ALL.rules:
        for most, follow in re.findall(r"\{\d+,(\d+)\}(.?)", rule.pattern.pattern):
            assert int(most) < 500 or follow == "+", rule.pattern.pattern


def test_an_own_pattern_sees_the_whole_text():
    """What it matches may be longer than any window."""
    own = compile_redactor(["<<.*>>"], secrets=False)
    assert own.text("a<<" + "x" * 200_000 + ">>b") == f"a{REDACTED}b"
