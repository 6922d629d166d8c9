"""A gateway holds every key, so it depends on little: the number of packages it brings is a rule with a test."""

import importlib.metadata
import re
import tomllib

from tests.tidy.source import ROOT

TRANSITIVE_MAX = 26
# What state, rows and tables need beside the serving path: databases, Delta, Arrow, SQL, OpenTelemetry's messages. They are counted apart.
STORAGE = {
    "sqlalchemy",
    "alembic",
    "mako",
    "markupsafe",
    "deltalake",
    "arro3-core",
    "deprecated",
    "wrapt",
    "pyarrow",
    "duckdb",
    "sqlglot",
    "protobuf",
    "opentelemetry-proto",
    "zstandard",
}

ELSEWHERE = re.compile(r"sys_platform == '(win32|emscripten)'")


def _closure(packages: dict[str, dict], start: list[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        package = waiting.pop()
        if package in found:
            continue
        found.add(package)
        waiting += [
            dependency["name"] for dependency in packages[package].get("dependencies", []) if not ELSEWHERE.search(dependency.get("marker", ""))
        ]
    return found


def test_a_run_time_install_stays_small() -> None:
    """Without storage, at most 26 packages are installed beside Headgate."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    packages = {package["name"]: package for package in lock["package"]}
    direct = [dependency["name"] for dependency in packages["headgate"]["dependencies"]]
    serving = _closure(packages, direct) - STORAGE

    assert len(serving) <= TRANSITIVE_MAX, sorted(serving)


def test_make_up_installs_what_runs_and_shows_it() -> None:
    """A user who only wants to try Headgate waits for no test tools, and not before a silent terminal."""
    rules = dict(re.findall(r"^(\S+): (.*\n(?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    installs = [line for line in rules[".venv/.runtime"].splitlines() if " sync " in line]

    assert rules["up"].startswith(".venv/.runtime ##")
    assert "./headgate up --demo" in rules["up"]
    assert ["--no-dev" in line and "--quiet" not in line for line in installs] == [True]


def test_every_package_is_pinned_with_hashes() -> None:
    """Every wheel and source archive in the lock has a SHA-256."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    files = [file for package in lock["package"] for file in [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]]

    assert files
    assert all(file["hash"].startswith("sha256:") for file in files)


def test_no_package_runs_code_when_python_starts() -> None:
    """A `.pth` file in site-packages is run by every Python process of the installation: a package that brings one needs a look."""
    packages = list(importlib.metadata.distributions())
    bring = sorted(f"{package.name}: {file}" for package in packages for file in package.files or () if str(file).endswith(".pth"))

    assert len(packages) > TRANSITIVE_MAX
    assert [each for each in bring if not each.startswith("headgate:")] == []
