"""Gemini CLI's names."""

from headgate.telemetry.agents.gemini_cli import GEMINI_CLI


def test_its_metrics_are_running_totals_and_its_resource_holds_the_prompt():
    """The command line is content."""
    assert GEMINI_CLI.cumulative
    assert "process.command_args" in GEMINI_CLI.content
    assert {"input-json", "output-json"} <= set(GEMINI_CLI.content)
