"""What providers' 400s taught of the parameters that each target does not take. A 400 is not billed, so the request is sent again without them, and the next
one has none from the start. One for a worker; bounded; forgotten after a week, because providers change.
"""

import msgspec

from headgate.core.clock import Clock
from headgate.core.endpoint import Target
from headgate.core.headers import Headers
from headgate.core.loss import Loss
from headgate.dialects.parameter_refusal import RefusedParameters, without_fields
from headgate.policy.parameters import parted_betas

_WHY = "the provider refuses it"
_TARGETS_MAX = 1000
_KEPT_S = 7 * 86_400.0


class LearntRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """What one target refuses; `learnt_at_s` in seconds of the wall clock."""

    provider: str
    base_url: str
    model: str
    fields: tuple[str, ...] = ()
    betas: tuple[str, ...] = ()
    learnt_at_s: float = 0.0


class RefusalMemory:
    """Owns what was learnt. `changed` says that it is not written down yet; the process resets that when it writes it down.

    Where `learnt` is empty, `of` need not be called.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.learnt: dict[tuple[str, str, str], LearntRefusal] = {}
        self.changed = False

    def of(self, target: Target) -> RefusedParameters | None:
        """What the target refuses; `None` for most."""
        if not self.learnt:
            return None
        found = self.learnt.get(_key(target))
        if found is None or self._clock.wall_ns() / 1e9 - found.learnt_at_s > _KEPT_S:
            return None
        return RefusedParameters(frozenset(found.fields), frozenset(found.betas))

    def learn(self, target: Target, refused: RefusedParameters) -> bool:
        """Remember it. False where nothing of it is new: then asking again would not help."""
        known = self.of(target) or RefusedParameters()
        every = known | refused
        if every == known:
            return False
        if len(self.learnt) >= _TARGETS_MAX:
            self.learnt.clear()
        self.learnt[_key(target)] = LearntRefusal(
            provider=target.provider.name,
            base_url=target.provider.base_url,
            model=target.model,
            fields=tuple(sorted(every.fields)),
            betas=tuple(sorted(every.betas)),
            learnt_at_s=self._clock.wall_ns() / 1e9,
        )
        self.changed = True
        return True

    def all_learnt(self) -> tuple[LearntRefusal, ...]:
        """Everything that is remembered, for a file."""
        return tuple(self.learnt.values())

    def restore(self, learnt: tuple[LearntRefusal, ...]) -> None:
        """Take what an earlier process has learnt."""
        for each in learnt[:_TARGETS_MAX]:
            self.learnt[each.provider, each.base_url, each.model] = each


def without_refused(refused: RefusedParameters, headers: Headers, body: bytes) -> tuple[Headers, bytes, tuple[Loss, ...]]:
    """The request without what its target refuses, and what that was."""
    fields = frozenset(name for name in refused.fields if b'"%s"' % name.encode() in body)
    betas: list[str] = []
    if refused.betas:
        headers, betas = parted_betas(headers, lambda beta: beta not in refused.betas)
    losses = [*(Loss(name, _WHY) for name in sorted(fields)), *(Loss(f"anthropic-beta {beta}", _WHY) for beta in betas)]
    return headers, without_fields(body, fields) if fields else body, tuple(losses)


def _key(target: Target) -> tuple[str, str, str]:
    return target.provider.name, target.provider.base_url, target.model
