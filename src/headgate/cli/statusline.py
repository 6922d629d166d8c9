"""`headgate statusline`: one line for Claude Code's status line."""

from headgate.cli.options import UrlOption, reports_errors, typer_app
from headgate.cli.statusline_answer import print_line

app = typer_app("Print a line for Claude Code's status line.")


@app.command()
@reports_errors
def statusline(url: UrlOption = "") -> None:
    """Print a line for Claude Code's status line: the model, the session's cost, and what is left of your budgets and limits.

    It reads Claude Code's JSON from standard input. The gateway is the one that Claude Code uses (ANTHROPIC_BASE_URL), or else the one you signed in to.
    """
    print_line(url)
