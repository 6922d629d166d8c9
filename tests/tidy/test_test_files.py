"""The pure layers are tested file by file: `a.py` has its `test_a.py`."""

from tests.tidy.source import PACKAGE, PURE_LAYERS, ROOT, name

UNIT = ROOT / "tests" / "unit"


def test_every_module_of_the_pure_layers_has_its_test_file() -> None:
    """Each module of a pure layer has a test file of the same name below `tests/unit`, but for `__init__` and the bare faces and codecs."""
    missing = [
        name(path)
        for layer in PURE_LAYERS
        for path in sorted((PACKAGE / layer).rglob("*.py"))
        if path.stem not in {"__init__", "codec", "dialect", "faces"}
        and not (UNIT / path.relative_to(PACKAGE).parent / f"test_{path.stem}.py").exists()
    ]

    assert not missing


def test_no_test_file_outlives_its_module() -> None:
    """Each unit test file of a pure layer belongs to a module that exists; elsewhere a file may be named after what it holds."""
    orphans = [
        name(path)
        for layer in PURE_LAYERS
        for path in sorted((UNIT / layer).rglob("test_*.py"))
        if not (PACKAGE / path.relative_to(UNIT).parent / f"{path.stem.removeprefix('test_')}.py").exists()
    ]

    assert not orphans
