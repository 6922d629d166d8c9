"""Sizes are rules with a test: files, functions and signatures stay small enough to read in one look."""

import ast
import statistics

from tests.tidy.source import ROOT, functions, modules, name, trees

FILE_LINES_MAX = 400
FILE_LINES_MEDIAN_MAX = 150
FUNCTION_LINES_MAX = 50
PARAMETERS_MAX = 6


def test_no_file_is_longer_than_a_reader_holds() -> None:
    """No module of the package or its tests has more than 400 lines."""
    files = [*modules(), *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "bench").rglob("*.py"))]
    long = {name(path): lines for path in files if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES_MAX}

    assert not long


def test_most_files_are_short() -> None:
    """Half of the package's modules have at most 150 lines."""
    assert statistics.median(len(path.read_text(encoding="utf-8").splitlines()) for path in modules()) <= FILE_LINES_MEDIAN_MAX


def _lines_without_docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def test_no_function_is_longer_than_a_screen() -> None:
    """No function has more than 50 lines beside its docstring."""
    long = {
        f"{name(path)}:{function.name}": lines
        for path, tree in trees()
        for function in functions(tree)
        if (lines := _lines_without_docstring(function)) > FUNCTION_LINES_MAX
    }

    assert not long


def test_no_signature_needs_more_than_six_parameters() -> None:
    """No function takes more than six parameters beside self, but for commands, whose options are their users'."""
    wide = {
        f"{name(path)}:{function.name}": count
        for path, tree in trees()
        if "/cli/" not in str(path)
        for function in functions(tree)
        if (count := len([a for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs) if a.arg not in {"self", "cls"}]))
        > PARAMETERS_MAX
    }

    assert not wide
