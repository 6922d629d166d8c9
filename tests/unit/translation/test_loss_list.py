"""Losses of one translation."""

from headgate.core.loss import Loss
from headgate.translation.loss_list import LossList, kept_losses


def test_each_loss_is_reported_once():
    """In the order in which it was met."""
    losses = LossList()
    losses.add("top_k", "no")
    losses.add("thinking", "unreadable")
    losses.add("top_k", "no")

    assert losses.all() == (Loss("top_k", "no"), Loss("thinking", "unreadable"))


def test_a_record_keeps_a_bounded_number_of_short_losses():
    """They say words of the client's, of any number and length."""
    assert kept_losses([Loss("a", "no"), Loss("b" * 1_000_000, "no"), Loss("a", "no")]) == (Loss("a", "no"), Loss("b" * 200, "no"))
    many = kept_losses(Loss(f"f{n}", "no") for n in range(1_000))
    assert (len(many), many[0], many[-1]) == (64, Loss("f0", "no"), Loss("more", "937 other things were left out or changed"))
