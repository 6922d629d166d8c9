"""OTLP protobuf to Arrow columns: what stands behind `storage.otlp_arrow`. Python alone, no native code of ours."""
