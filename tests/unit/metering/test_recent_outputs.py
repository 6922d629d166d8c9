"""How long the answers of an endpoint are likely to be."""

from headgate.metering.recent_outputs import RecentOutputs


def test_a_guess_until_there_are_answers():
    """Then what 95 of 100 answers do not exceed."""
    recent = RecentOutputs()
    assert recent.p95("opus") == 1_000
    recent.add("opus", 7)
    assert recent.p95("opus") == 7
    for tokens in range(1, 100):
        recent.add("opus", tokens)

    assert recent.p95("opus") == 95
    assert recent.p95("gpt") == 1_000


def test_old_answers_and_invented_names_are_forgotten():
    """A hundred answers of each, for so many names as there are room for."""
    recent = RecentOutputs()
    for _ in range(100):
        recent.add("opus", 9_000)
    for _ in range(100):
        recent.add("opus", 10)
    assert recent.p95("opus") == 10
    for number in range(3_000):
        recent.add(f"name-{number}", 1)

    assert len(recent._of_name) <= 1_024
