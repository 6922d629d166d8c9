"""The days of the demo: which agent sessions begin when. The same days have the same sessions, whenever they are made.

The last day of the month is its `anchor`; what the month is known for (an incident, a runaway session, a cache that breaks, sub-agents) is so many working
days before it.
"""

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from headgate.app.demo_month import refusals, seeded
from headgate.app.demo_month.agents import SHAPES
from headgate.app.demo_month.cast import BY_NAME, CLAUDE_CODE, CONTRACTORS, CURSOR, OPUS, PEOPLE, REPOSITORIES, SONNET, Person
from headgate.app.demo_month.happenings import AgentSession, Identity
from headgate.app.demo_month.records import Asking, Trouble
from headgate.app.demo_month.walk import SessionStart, session
from headgate.app.demo_month.weather import Incident
from headgate.core.clock import midnight_ns

GENERATION: Final = 1  # in every seed: raised with each change of the generator, so that no id is made twice in a store
DAYS: Final = 30
RUNAWAY, BROKEN_CACHE, SUBAGENTS = "runaway", "broken cache", "sub-agents"
_S = 1_000_000_000
_HOUR = 3_600 * _S
_WEEKEND = 0.11
_FAVOURITE = 0.72


class Cast(msgspec.Struct, frozen=True):
    """The people as the gateway knows them, and the last day of their month."""

    identities: Mapping[str, Identity]
    anchor: dt.date


def sessions_on(cast: Cast, day: dt.date) -> Iterator[AgentSession]:
    """The agent sessions that begin on a day."""
    incident = incident_on(cast, day)
    for person in PEOPLE:
        rng = seeded.generator(f"{GENERATION}:{day.isoformat()}:{person.name}")
        share = _WEEKEND if day.weekday() >= 5 else rng.uniform(0.72, 1.28)
        count = int(person.sessions * share + rng.random())
        for number in range(count):
            yield session(_usual(cast, day, person, rng, incident=incident, number=number))
    for start in _special(cast, day, incident):
        yield session(start)


def session_at(cast: Cast, at_ns: int, seed: str) -> AgentSession:
    """A session of someone that begins at a moment, whatever the day."""
    rng = seeded.generator(f"{GENERATION}:{seed}")
    person = rng.choices(PEOPLE, [person.sessions for person in PEOPLE])[0]
    day = dt.datetime.fromtimestamp(at_ns // _S, dt.UTC).date()
    start = _usual(cast, day, person, rng, incident=None, number=0)
    return session(msgspec.structs.replace(start, at_ns=at_ns, seed=f"{GENERATION}:{seed}:walk", bypassed=False))


def incident_on(cast: Cast, day: dt.date) -> Incident | None:
    """The incident of a day, if it has one: Anthropic's models fail for most of an afternoon."""
    if day != _working_day_before(cast.anchor, 9):
        return None
    begins_ns = midnight_ns(day)
    return Incident("demo-anthropic", begins_ns + 13 * _HOUR, begins_ns + int(16.2 * _HOUR))


def _usual(cast: Cast, day: dt.date, person: Person, rng: random.Random, *, incident: Incident | None, number: int) -> SessionStart:
    favourite, *others = person.agents
    agent = favourite if not others or rng.random() < _FAVOURITE else rng.choice(others)
    models = SHAPES[agent].models
    model = rng.choices(tuple(models), tuple(models.values()))[0]
    at_ns = midnight_ns(day) + int((person.begins_h + rng.triangular(0.0, 10.5, rng.choice((2.5, 6.5)))) * _HOUR)
    first, asks_first = _refused_first(person, agent, rng)
    if person.group == CONTRACTORS and model == OPUS:
        model = SONNET
    return SessionStart(
        asking=_asking(cast, day, person, agent, rng),
        model=model,
        at_ns=at_ns,
        seed=f"{GENERATION}:{day.isoformat()}:{person.name}:{number}",
        incident=incident,
        subagents=agent == CLAUDE_CODE and rng.random() < 0.3,
        refused_first=first,
        asks_first=asks_first,
        bypassed=person.bypasses and agent == CLAUDE_CODE and rng.random() < 0.3,
    )


def _refused_first(person: Person, agent: str, rng: random.Random) -> tuple[Trouble | None, str]:
    """What a session is refused before it chooses another model."""
    if agent != CLAUDE_CODE:
        return None, ""
    if person.group == CONTRACTORS and rng.random() < 0.3:
        return refusals.NOT_PERMITTED, OPUS
    return (refusals.UNKNOWN_MODEL, "claude-opus-5") if rng.random() < 0.02 else (None, "")


def _special(cast: Cast, day: dt.date, incident: Incident | None) -> Iterator[SessionStart]:
    """The sessions that the month is known for."""
    begins_ns = midnight_ns(day)

    def start(name: str, model: str, special: str, at_h: float) -> SessionStart:
        rng = seeded.generator(f"{GENERATION}:{day.isoformat()}:{special}")
        asking = _asking(cast, day, BY_NAME[name], CLAUDE_CODE, rng)
        at_ns = begins_ns + int(at_h * _HOUR)
        return SessionStart(asking=asking, model=model, at_ns=at_ns, seed=f"{GENERATION}:{special}", incident=incident, special=special)

    if day == _working_day_before(cast.anchor, 4):
        runaway = start("dmitri.volkov@acme.example", OPUS, RUNAWAY, 18.4)
        yield msgspec.structs.replace(runaway, prompts=1, rounds_mean=1e6, rounds_max=2_000, tireless=True, stop=refusals.DAY_SPENT, stop_after=560)
    if day == _working_day_before(cast.anchor, 2):
        broken = start("chloe.martin@acme.example", SONNET, BROKEN_CACHE, 9.2)
        yield msgspec.structs.replace(broken, prompts=6, rounds_mean=5.5, pause_s=(15.0, 90.0), breaks_at=(11, 19, 26))
    if day == _working_day_before(cast.anchor, 1):
        helped = start("ada.okafor@acme.example", OPUS, SUBAGENTS, 8.1)
        yield msgspec.structs.replace(helped, prompts=5, rounds_mean=6.0, pause_s=(20.0, 120.0), subagents=True)


def _asking(cast: Cast, day: dt.date, person: Person, agent: str, rng: random.Random) -> Asking:
    shape = SHAPES[agent]
    surfaces = tuple(shape.surfaces)
    wanted = next((each for each in surfaces if person.editor and "vscode" in each), surfaces[0])
    surface = wanted if rng.random() < 0.88 else rng.choice(surfaces)
    repositories = REPOSITORIES[person.group]
    repository = repositories[0] if rng.random() < 0.55 else rng.choice(repositories)
    passed = 1 - (cast.anchor - day).days / DAYS + rng.uniform(-0.12, 0.12)  # people update one after the other
    version = shape.versions[min(len(shape.versions) - 1, max(0, int(passed * len(shape.versions))))]
    return Asking(
        person=person,
        identity=cast.identities[person.name],
        agent=agent,
        agent_version=version if agent != CURSOR or rng.random() < 0.8 else "",
        surface=surface,
        session_id=seeded.session_uuid(rng) if shape.names_sessions else "",
        tags={"repository": repository, "team": person.group} if shape.names_sessions else {},
        address=f"10.20.{1 + PEOPLE.index(person)}.{rng.randrange(10, 250)}",
    )


def _working_day_before(anchor: dt.date, days: int) -> dt.date:
    """The last working day that is at least so many days before."""
    day = anchor - dt.timedelta(days=days)
    return day - dt.timedelta(days=max(0, day.weekday() - 4))
