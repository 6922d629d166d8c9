"""The journey of one OTLP batch, from the wire to rows."""
