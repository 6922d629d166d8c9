"""The exceptions to the counts and names that tidy tests hold, each with its reason. Remove a line as soon as it is no longer true: a test finds it."""

from collections.abc import Mapping

# Classes with more than 12 instance attributes, by name. Split the class (an object per idea that it holds) and remove its line.
WIDE_CLASSES: Mapping[str, str] = {
    "Picker": "to be split",
    "LogColumns": "one attribute per column of the table",
    "SpanColumns": "one attribute per column of the table",
}

# Class names that two modules define. Rename one of the classes and remove its line.
SHARED_NAMES: Mapping[str, str] = {
    "AddColumns": "to be renamed",
    "Counts": "to be renamed",
    "Done": "to be renamed",
    "Optimize": "to be renamed",
    "SetProperties": "to be renamed",
    "StreamReader": "each dialect's package has one, and they are always used through their dialect",
    "Vacuum": "to be renamed",
}

# A word of the vocabulary in ARCHITECTURE.md that is also a class: the one module that defines it.
VOCABULARY: Mapping[str, str] = {
    "Principal": "core/principal",
    "AccessToken": "core/access_token",
    "Provider": "core/endpoint",
    "Target": "core/endpoint",
    "Endpoint": "core/endpoint",
    "ClientFace": "dialects/faces",
    "ProviderFace": "dialects/faces",
    "Usage": "core/usage",
    "UsageLine": "core/usage",
    "Bill": "metering/bill",
    "Intent": "core/record",
    "Outcome": "core/record",
    "Batch": "core/batch",
    "Snapshot": "exchange/snapshot",
}
