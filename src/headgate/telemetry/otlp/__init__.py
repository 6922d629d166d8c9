"""OTLP exports as bytes: read, counted, repaired, converted from JSON to protobuf, answered. Knows no table, no principal and no journal."""
