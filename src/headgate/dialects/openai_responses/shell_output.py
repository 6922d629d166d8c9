"""The output of OpenAI's shell tool as text, and text as such an output. A model of another provider reads the text."""

import msgspec

from headgate.dialects.lenient import decoded, items, mapping, text

_ANY = msgspec.json.Decoder()


def shell_text(output: msgspec.Raw) -> str:
    """What the commands wrote and how they ended: each of them one after the other."""
    value = decoded(_ANY, output)
    if isinstance(value, str):
        return value
    return "\n".join(_one(mapping(chunk)) for chunk in items(value))


def shell_chunks(written: str, exit_code: int) -> list[dict[str, object]]:
    """The same as the output of one command."""
    return [{"stdout": written, "stderr": "", "outcome": {"type": "exit", "exit_code": exit_code}}]


def _one(chunk: object) -> str:
    fields = mapping(chunk)
    outcome = mapping(fields.get("outcome"))
    said = [text(fields.get("stdout")), text(fields.get("stderr"))]
    if outcome.get("type") == "timeout":
        said.append("The command ran out of time.")
    elif outcome.get("exit_code"):
        said.append(f"Exit code: {outcome['exit_code']}")
    return "\n".join(line.rstrip("\n") for line in said if line)
