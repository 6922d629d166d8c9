"""Ask Spark one statement, and Headgate the same: `python -m tests.oracle.ask "SELECT …"` while `tests.oracle.serve` runs.

An expression may be given without `SELECT`. `--zone America/New_York` sets the session's time zone, `--spark` leaves Headgate out.
"""

import argparse
import json
import socket

from tests.oracle.statements import whole

PORT = 18999


def ask(sql: str, zone: str = "UTC", port: int = PORT) -> dict[str, object]:
    """Spark's answer from the server."""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection, connection.makefile("rwb") as stream:
        stream.write(json.dumps({"sql": sql, "zone": zone}).encode() + b"\n")
        stream.flush()
        return json.loads(stream.readline())


def _print(title: str, answer: dict[str, object]) -> None:
    print(f"== {title}")
    if "error" in answer:
        print(f"error {answer['error']} {answer.get('state', '')}\n{answer.get('message', '')}")
        return
    print(" | ".join(f"{name}: {kind}" for name, kind in zip(answer["names"], answer["types"], strict=True)))
    for row in answer["rows"][:100]:
        print(json.dumps(row, ensure_ascii=False))


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser(prog="python -m tests.oracle.ask", description=__doc__)
    options.add_argument("statement")
    options.add_argument("--zone", default="UTC")
    options.add_argument("--port", type=int, default=PORT)
    options.add_argument("--spark", action="store_true", help="leave Headgate out")
    given = options.parse_args()
    sql = whole(given.statement)
    expected = ask(sql, given.zone, given.port)
    _print("Spark", expected)
    if given.spark:
        return
    from tests.oracle import verdict
    from tests.oracle.ours import Ours

    ours = Ours().answer(sql)
    _print("Headgate", ours)
    found = verdict.of(sql, expected, ours)
    print(f"== {found.kind} {found.reason}")


if __name__ == "__main__":
    main()
