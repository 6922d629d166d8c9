"""Gemini's generateContent, as Gemini CLI and Google's SDKs speak it."""

from headgate.dialects.gemini.dialect import Gemini

__all__ = ("Gemini",)
