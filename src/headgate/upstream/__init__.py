"""Outbound HTTP: the client that pushes a provider's answer into a sink."""
