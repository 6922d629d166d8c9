"""What a tool call brought about, counted from its arguments before they are redacted: lines, commits and pull requests, as small numbers that say nothing of the content.

Only agents that do not report these as metrics are counted this way. Counts are what the call asked for; a call known to have failed counts nothing.
"""

import re
from collections.abc import Mapping

LINES_ADDED = "headgate.lines_added"
LINES_REMOVED = "headgate.lines_removed"
COMMITS = "headgate.commits"
PULL_REQUESTS = "headgate.pull_requests"

_ARGUMENTS = ("arguments", "function_args")
_PATCH = re.compile(r"\*\*\* Begin Patch(.*?)(?:\*\*\* End Patch|\Z)", re.DOTALL)
_GIT = re.compile(r"\bgit\Z")
_COMMIT = re.compile(r"commit\b")
_PULL_REQUEST = re.compile(r"\bgh\s+pr\s+create\b|\bglab\s+mr\s+create\b")
_SCANNED_CHARS_MAX = 1_000_000


def count(attributes: Mapping[str, str]) -> dict[str, int]:
    """The counts of one tool call, without those that are 0. `attributes` are an event's or span's, as text."""
    if attributes.get("success", "true").lower() not in {"true", "1"}:
        return {}
    arguments = next((attributes[name] for name in _ARGUMENTS if attributes.get(name)), "")[:_SCANNED_CHARS_MAX]
    if not arguments:
        return {}
    patch = _PATCH.search(arguments)
    lines = re.split(r"\n|\\n", patch[1]) if patch else []
    found = {
        LINES_ADDED: sum(1 for line in lines if line.startswith("+")),
        LINES_REMOVED: sum(1 for line in lines if line.startswith("-")),
        COMMITS: _commits(arguments) if not patch else 0,
        PULL_REQUESTS: len(_PULL_REQUEST.findall(arguments)) if not patch else 0,
    }
    return {name: number for name, number in found.items() if number}


def _commits(text: str) -> int:
    """How often `git commit` is called, with options between the two words: `git -C place --no-pager commit`.

    Each word is looked at once. One pattern for the whole call would begin anew at each `git` and read all options behind it again.
    """
    found, in_call, after_option = 0, False, False
    for word in text.split():
        if in_call and _COMMIT.match(word):
            found, in_call = found + 1, False
        elif in_call and word.startswith("-") and len(word) > 1:
            after_option = True
        elif in_call and after_option and not word.startswith("-"):
            after_option = False  # the option's value
        else:
            in_call = False
        if _GIT.search(word) and not (in_call and after_option):
            in_call, after_option = True, False
    return found
