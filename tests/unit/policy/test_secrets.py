"""Secrets in content."""

import json

import pytest

from headgate.policy.authenticate import compose_token
from headgate.policy.secrets import REDACTED, compile_redactor

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
