"""Logged requests, answers and traces of exchanges."""
