"""The configuration file: its settings, and how they are loaded and checked."""
