"""Says which build of Headgate runs: `pure`, or `compiled`, whose hot modules mypyc has made from the same sources."""

from headgate.core import ids


def build_kind() -> str:
    """`pure` or `compiled`. The modules of `compiled.txt` are compiled together or not at all, so that one of them speaks for all."""
    return "pure" if str(ids.__file__).endswith(".py") else "compiled"
