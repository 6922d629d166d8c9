"""The coding task that each agent is led through: read a note, write a program and run it, say so. Told in the tools that the agent itself offers."""

from tests.fakes.turns import Call, Text, Thinking, Tokens, Turn

NOTE = "The word to print is periwinkle.\n"
PROGRAM = 'print("periwinkle")\n'
FINAL = "All done: hello.py prints periwinkle."
PROMPT = "Read notes.txt and write hello.py, which prints the word that the note names. Then run it."
SPENT = (
    Tokens(fresh=1201, read=0, write_5m=8400, output=91, reasoning=40),
    Tokens(fresh=35, read=8400, write_5m=310, output=127, reasoning=12),
    Tokens(fresh=12, read=8710, write_5m=95, output=23),
)
SPENT_WITHOUT_WRITES = (
    Tokens(fresh=9601, read=0, output=91, reasoning=40),
    Tokens(fresh=345, read=8400, output=127, reasoning=12),
    Tokens(fresh=107, read=8710, output=23),
)


def claude_code(folder: str) -> list[Turn]:
    """Claude Code's tools: Read, then Write and Bash in parallel."""
    write = Call("Write", {"file_path": f"{folder}/hello.py", "content": PROGRAM}, "toolu_0002")
    run = Call("Bash", {"command": "cat notes.txt | wc -c", "description": "Count the bytes of the note"}, "toolu_0003")
    return [
        Turn(
            (
                Thinking("The note comes first.", "c2lnLTE="),
                Text("I read the note."),
                Call("Read", {"file_path": f"{folder}/notes.txt"}, "toolu_0001"),
            ),
            SPENT[0],
        ),
        Turn((Thinking("Now the program.", "c2lnLTI="), write, run), SPENT[1]),
        Turn((Text(FINAL),), SPENT[2]),
    ]


def codex() -> list[Turn]:
    """Codex runs everything in its shell."""
    write = Call("exec_command", {"cmd": f"printf '%s\\n' '{PROGRAM.strip()}' > hello.py && cat hello.py"}, "call_0002")
    return [
        Turn(
            (Thinking("The note comes first.", "ZW5jLTE="), Text("I read the note."), Call("exec_command", {"cmd": "cat notes.txt"}, "call_0001")),
            SPENT_WITHOUT_WRITES[0],
        ),
        Turn((Thinking("Now the program.", "ZW5jLTI="), write), SPENT_WITHOUT_WRITES[1]),
        Turn((Text(FINAL),), SPENT_WITHOUT_WRITES[2]),
    ]


def gemini_cli(folder: str) -> list[Turn]:
    """Gemini CLI's tools: read_file, then write_file and run_shell_command in parallel."""
    read = Call("read_file", {"file_path": f"{folder}/notes.txt"}, "read_file-1")
    write = Call("write_file", {"file_path": f"{folder}/hello.py", "content": PROGRAM}, "write_file-2")
    run = Call("run_shell_command", {"command": "wc -c notes.txt", "description": "Count the bytes of the note"}, "run_shell_command-3")
    return [
        Turn((Thinking("The note comes first.", "dGgtMQ=="), Text("I read the note."), read), SPENT_WITHOUT_WRITES[0]),
        Turn((Thinking("Now the program.", "dGgtMg=="), write, run), SPENT_WITHOUT_WRITES[1]),
        Turn((Text(FINAL),), SPENT_WITHOUT_WRITES[2]),
    ]
