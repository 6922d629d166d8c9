"""Anthropic Messages, as Claude Code and Anthropic's SDKs speak it."""

from headgate.dialects.anthropic.dialect import Anthropic

__all__ = ("Anthropic",)
