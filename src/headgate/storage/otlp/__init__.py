"""OTLP protobuf to Arrow columns, in Python, without native code of its own."""
