"""The relations of `information_schema`."""

from headgate.catalog import information_schema
from headgate.catalog.names import Name


def test_what_is_in_it():
    """Eight relations with Databricks' names of columns, in lower case as clients get them."""
    assert sorted(information_schema.RELATIONS) == [
        "catalog_privileges", "catalogs", "columns", "schema_privileges", "schemata", "table_privileges", "tables", "views",
    ]  # fmt: skip
    tables = [field.name for field in information_schema.RELATIONS["tables"].fields]
    assert tables[:5] == ["table_catalog", "table_schema", "table_name", "table_type", "is_insertable_into"]
    assert all(field.name == field.name.lower() for schema in information_schema.RELATIONS.values() for field in schema.fields)


def test_whose_relation_it_is():
    """A catalog's own has rows about that catalog, the one of `system` about all."""
    own, all_of_them = Name(("main", "information_schema", "tables")), Name(("system", "information_schema", "tables"))
    assert (information_schema.is_relation(own), information_schema.is_relation(Name(("main", "default", "tables")))) == (True, False)
    assert [information_schema.is_about(own, Name((catalog,))) for catalog in ("main", "system", "house")] == [True, False, False]
    assert information_schema.is_about(all_of_them, Name(("house",)))
