"""The settled ledger on disk: how far it goes, and its tables' files."""
