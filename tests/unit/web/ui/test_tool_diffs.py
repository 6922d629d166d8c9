"""What a tool call changes in a file."""

import pytest

from headgate.dialects.transcript import called
from headgate.web.ui.tool_diffs import LINES_MAX, change_of

PATCH = "*** Begin Patch\n*** Update File: a.py\n@@\n-old\n+new\n same\n*** End Patch\n"
SHOWN = ["*** Update File: a.py", "@@", "-old", "+new", " same"]


def lines(given, name="Edit"):
    """The lines with their signs."""
    change = change_of(called(name, "c", given))
    signs = {"added": "+", "removed": "-", "same": " ", "hunk": ""}
    return None if change is None else [signs[line.kind] + line.text for line in change.lines]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"file_path": "a", "old_string": "x\ny\nz", "new_string": "x\nY\nz"}, [" x", "-y", "+Y", " z"]),
        ({"path": "a", "old_str": "x", "new_str": ""}, ["-x"]),
        ({"file_path": "a", "old_string": "", "new_string": "x"}, ["+x"]),
        (
            {"file_path": "a", "edits": [{"old_string": "a", "new_string": "b"}, {"old_string": "c", "new_string": "d"}, "odd"]},
            ["-a", "+b", "-c", "+d"],
        ),
        ({"file_path": "a", "content": "x\ny"}, ["+x", "+y"]),
        (PATCH, SHOWN),
        ({"input": PATCH}, SHOWN),
        ({"command": ["bash", "-lc", f"apply_patch <<'EOF'\n{PATCH}EOF"]}, SHOWN),
        ({"command": "ls"}, None),
        ({"content": "no file"}, None),
        ({"old_string": 3, "file_path": 4}, None),
        (None, None),
        ([1, [PATCH]], SHOWN),
    ],
)
def test_changes(given, expected):
    """Of the edit tools of the known agents, and of patches wherever they are."""
    assert lines(given) == expected


def test_a_large_change_is_bounded():
    """In lines, in the length of a line, and in work."""
    change = change_of(called("Write", "c", {"file_path": "a", "content": "x" * 9_000 + "\n" * 2_000}))
    assert (len(change.lines), change.cut, len(change.lines[0].text)) == (LINES_MAX, True, 401)
    many = "\n".join(map(str, range(4_000)))
    assert change_of(called("Edit", "c", {"old_string": many, "new_string": many[::-1]})).cut


def test_what_does_not_print_is_written_out():
    """In lines and in the path."""
    change = change_of(called("Write", "c", {"file_path": "a\x1b", "content": "\x1b[31m\tx\u2028"}))
    assert (change.path, change.lines[0].text) == ("a\\x1b", "\\x1b[31m\tx\\u2028")
