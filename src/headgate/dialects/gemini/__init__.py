"""Gemini's generateContent, as Gemini CLI and Google's SDKs speak it."""
