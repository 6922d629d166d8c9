"""The built-in demo provider: plausible answers in every wire format without a key, a model or a network. Never reached unless it is asked for."""

from headgate.upstream.demo.demo_upstream import DemoUpstream, demo_providers

__all__ = ["DemoUpstream", "demo_providers"]
