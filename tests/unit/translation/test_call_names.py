"""Names that come back from a target."""

from headgate.translation.call_names import Called, CallNames


def test_a_renamed_tool_gets_its_own_name_back():
    """With its kind and namespace; a name that was not changed stays."""
    calls = CallNames({"files__read": Called("read", "custom", "files")})

    assert calls.of("files__read") == Called("read", "custom", "files")
    assert calls.of("write") == Called("write")
