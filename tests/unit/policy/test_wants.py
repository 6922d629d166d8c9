"""What a request needs room for."""

from headgate.policy.reservation import Reservation
from headgate.policy.reservations import Reservations
from headgate.policy.wants import Wants


def test_a_request_without_limits_and_budgets_needs_room_nowhere():
    """It is let through, holds nothing, and is settled as any other."""
    reservation = Reservations().reserve(Wants("req_1"), 100.0)

    assert isinstance(reservation, Reservation)
    assert (reservation.reserved.counts, reservation.money, reservation.nearest) == ((), (), None)
