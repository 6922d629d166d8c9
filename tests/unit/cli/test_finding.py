"""Findings as lines."""

from headgate.cli.finding import failure, finding_lines, ok, warning
from headgate.cli.output import Paint


def test_a_line_for_each_and_one_for_what_to_do():
    """The mark says how bad it is."""
    lines = finding_lines([ok("disk", "room"), warning("tls", "no TLS", "a proxy"), failure("data", "gone\x1b", "headgate up")], Paint(False))
    assert [line.split() for line in lines] == [
        ["✔", "disk", "room"],
        ["!", "tls", "no", "TLS"],
        ["fix:", "a", "proxy"],
        ["✘", "data", "gone"],
        ["fix:", "headgate", "up"],
    ]
