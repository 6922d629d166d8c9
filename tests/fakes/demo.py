"""The demo's people as a gateway that is not there would know them, and the last day of their month."""

import datetime as dt

from headgate.app.demo_month.calendar import Cast
from headgate.app.demo_month.cast import PEOPLE
from headgate.app.demo_month.happenings import Identity

ANCHOR = dt.date(2026, 11, 30)
CAST = Cast({person.name: Identity(f"usr_{number}", f"tok_{number}") for number, person in enumerate(PEOPLE)}, ANCHOR)
