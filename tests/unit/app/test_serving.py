"""The serving process as a whole: what it must not carry."""

import subprocess
import sys

HEAVY = {"deltalake", "pyarrow", "duckdb", "sqlglot", "alembic", "genai_prices"}


def test_it_loads_no_table_library():
    """Tables are other processes' work: what would cost every start memory and time is not imported here, not even by a detour."""
    program = "import sys, headgate.app.serving; print(*{name.partition('.')[0] for name in sys.modules})"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not HEAVY & set(ran.stdout.split())
