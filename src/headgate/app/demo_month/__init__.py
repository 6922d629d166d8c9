"""The month that `headgate up --demo` fills its store with, and the exchanges that go on after it.

What happened is made up here, as the records that a gateway would have written; rows are made of them by the same code as of real ones. Pure modules
(`cast`, `agents`, `sessions`, `calendar`, …) make it up from a seed and read no clock; `fill` and `live` write it.
"""
