"""Three-level names: grammar, quoting, placeholders."""

import pytest

from headgate.catalog import names
from headgate.catalog.names import Name, parse_service, service_of_parts
from headgate.core.errors import BadRequest


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("main.default.t", ("main", "default", "t")),
        ("Main.Default.CC_otel_logs", ("main", "default", "cc_otel_logs")),
        ("`a-b`.`c.d`.t", None),
        ("`a-b`.s.`t``x`", None),
        ("a-b.s.t", ("a-b", "s", "t")),
        ("s.t", ("main", "s", "t")),
        ("t", ("main", "default", "t")),
        ("a.b.c.d", None),
        ("a..c", None),
        ("a.b.", None),
        ("", None),
        ("a b.s.t", None),
        ("../x.s.t", None),
        ("a/b.s.t", None),
        ("a\\b.s.t", None),
        ("a.s.t\x00", None),
        ("a.s." + "x" * 256, None),
        ("a.s." + "x" * 255, ("a", "s", "x" * 255)),
    ],
)
def test_a_table_name_is_read_or_refused(text, parts):
    """A name has at most three parts of allowed characters, in lower case; missing parts come from the session."""
    if parts is None:
        with pytest.raises(BadRequest):
            names.parse(text, 3, ("main", "default"))
    else:
        assert names.parse(text, 3, ("main", "default")) == Name(parts)


def test_without_defaults_a_name_must_be_whole():
    """The table header of an OTLP request has no session."""
    with pytest.raises(BadRequest, match=r"write catalog\.schema\.table"):
        names.parse("default.t", 3)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<catalog>.<schema>.<table_prefix>_otel_metrics", ["<catalog>", "<schema>", "<table_prefix>"]),
        ("CREATE TABLE <catalog>.s.t (a ARRAY<INT>, m MAP<STRING, STRING>, x STRUCT<a: INT>)", ["<catalog>"]),
        ("main.default.cc_<user>_logs", ["<user>"]),
        ("SELECT a FROM t WHERE a < b AND c > d", []),
    ],
)
def test_placeholders_are_found(text, found):
    """Placeholders of the documentation are told from types and comparisons."""
    assert names.placeholders(text) == found


def test_a_placeholder_left_in_says_to_replace_it():
    """The refusal shows the statement with names filled in."""
    with pytest.raises(BadRequest, match=r"Replace the placeholder <catalog> and <schema>.*main.default.t"):
        names.parse("<catalog>.<schema>.t", 3)


def test_a_name_knows_its_kind_its_parent_and_how_it_is_written():
    """Kind, parent, lineage and SQL form follow from the parts."""
    name = Name(("main", "a-b", "t"))

    assert [place.kind for place in name.lineage()] == ["METASTORE", "CATALOG", "SCHEMA", "TABLE"]
    assert name.parent == Name(("main", "a-b"))
    assert name.sql == "main.`a-b`.t"
    assert Name(("main",)).child("x") == Name(("main", "x"))


def test_a_model_service_is_not_the_table_of_its_name():
    """Its name has the same parts, and the same schema, catalog and metastore above it."""
    service, table = service_of_parts(("Main", "ai", "Coding")), Name(("main", "ai", "coding"))
    assert service == parse_service("main.`ai`.coding") != table
    assert (service.kind, str(service), service.parent, service.leaf) == ("MODEL SERVICE", "main.ai.coding", Name(("main", "ai")), "coding")
    assert service.lineage() == (*table.lineage()[:-1], service)
    assert service_of_parts(("coding",), ("main", "ai")) == service


@pytest.mark.parametrize("text", ["main.ai", "a.b.c.d", "main.ai.<service>", "main..x", ""])
def test_what_names_no_model_service(text):
    """It has three parts."""
    with pytest.raises(BadRequest):
        parse_service(text)
