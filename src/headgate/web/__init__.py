"""Inbound HTTP: strict framing, one route table, the gateway's service."""
