"""The workspace API: SQL statements and the Unity Catalog interface, as Databricks' clients speak them."""
