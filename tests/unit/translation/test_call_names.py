"""Names that come back from a target."""

from headgate.translation.call_names import Called, CallNames


def test_a_tool_is_known_by_the_name_that_was_sent():
    """With its kind and namespace; a name that was not sent stays."""
    calls = CallNames({("", "files__read"): Called("read", "custom", "files")})

    assert calls.of("files__read") == Called("read", "custom", "files")
    assert calls.of("write", "custom", "x") == Called("write", "custom", "x")
