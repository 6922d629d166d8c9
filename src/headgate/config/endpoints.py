"""Compiles endpoints, from the file or the store: their targets bound to providers. Checks what spans several keys of one endpoint, and several endpoints."""

from collections.abc import Collection, Mapping, Sequence

from headgate.config.compile import NAME_GRAMMAR, check_table
from headgate.config.entries import WrittenEndpoint, WrittenTarget
from headgate.config.problems import Path, Problems, nearest
from headgate.core.endpoint import Endpoint, ParameterPolicy, PayloadRule, Provider, Target, deleted_provider, target_of
from headgate.core.model_names import is_name, is_open, is_pattern

_TARGETS_MAX = 10  # both as in Databricks
_FALLBACKS_MAX = 5


def compile_endpoints(
    entries: Sequence[WrittenEndpoint], providers: Sequence[Provider], problems: Problems, reported: Collection[str] = ()
) -> tuple[Endpoint, ...]:
    """The endpoints that are written, in their order. `reported` are the names of providers whose own problems are noted already."""
    by_name = {provider.name: provider for provider in providers}
    known = [*by_name, *reported]
    compiled: list[Endpoint] = []
    names: dict[str, int] = {}
    for index, entry in enumerate(entries):
        path: Path = ("endpoints", index)
        if not _named(entry, path, names, problems):
            continue
        names[entry.name] = index
        _check_targets(entry.targets, (*path, "targets"), known, problems)
        _check_failover(entry, path, known, problems)
        _check_parameters(entry, path, problems)
        if entry.payload_table:
            check_table(entry.payload_table, (*path, "payload_table"), problems)
        compiled.append(_endpoint(entry, by_name))
    return tuple(compiled)


def _endpoint(entry: WrittenEndpoint, providers: Mapping[str, Provider]) -> Endpoint:
    sampling = -1.0 if entry.payload_sampling is None else entry.payload_sampling
    return Endpoint(
        name=entry.name,
        targets=tuple(_target(written, entry.name, providers) for written in entry.targets),
        display_name=entry.display_name,
        tags=entry.tags,
        payload=PayloadRule(table=entry.payload_table, sampling=sampling, paused=entry.payload_paused),
        parameters=_parameters(entry),
        usage_tracking=entry.usage_tracking,
        fallbacks=tuple(_target(written, entry.name, providers) for written in entry.fallbacks),
        first_token_timeout_s=entry.first_token_timeout_s or 0.0,
        retry_budget_percent=entry.retry_budget_percent,
    )


def _parameters(entry: WrittenEndpoint) -> ParameterPolicy | None:
    declared = ParameterPolicy(entry.max_output_tokens or 0, entry.allowed_tools, entry.allowed_server_tools, entry.allowed_betas)
    return None if declared == ParameterPolicy() else declared


def _target(written: WrittenTarget, endpoint: str, providers: Mapping[str, Provider]) -> Target:
    provider = providers.get(written.provider) or deleted_provider(written.provider)
    model = written.model or ("" if is_open(endpoint) else endpoint)
    return target_of(provider, model, written.traffic_percent)


def _named(entry: WrittenEndpoint, path: Path, names: Mapping[str, int], problems: Problems) -> bool:
    if not entry.name:
        problems.add((*path, "name"), "an endpoint needs a name")
    elif not (is_name(entry.name) or (is_open(entry.name) and is_pattern(entry.name))):
        problems.add((*path, "name"), f"{entry.name!r} is no endpoint name: {NAME_GRAMMAR}")
    elif entry.name in names:
        problems.add((*path, "name"), f"{entry.name!r} is already the name of endpoints[{names[entry.name]}]")
    else:
        return True
    return False


def _check_targets(targets: Sequence[WrittenTarget], path: Path, known: Sequence[str], problems: Problems) -> None:
    if not targets:
        problems.add(path, 'an endpoint needs at least one target, such as { provider = "lab", model = "claude-opus-4-6" }')
    if len(targets) > _TARGETS_MAX:
        problems.add(path, f"an endpoint may have {_TARGETS_MAX} targets, and this one has {len(targets)}")
    for position, written in enumerate(targets):
        _check_target(written, (*path, position), known, problems)
    shares = [written.traffic_percent for written in targets if written.traffic_percent is not None]
    if shares:
        _check_shares(targets, shares, path, problems)


def _check_failover(entry: WrittenEndpoint, path: Path, known: Sequence[str], problems: Problems) -> None:
    """Check the fallbacks, and that there is another target where one is needed."""
    within = (*path, "fallbacks")
    if len(entry.fallbacks) > _FALLBACKS_MAX:
        problems.add(within, f"an endpoint may have {_FALLBACKS_MAX} fallbacks, and this one has {len(entry.fallbacks)}")
    for position, written in enumerate(entry.fallbacks):
        _check_target(written, (*within, position), known, problems)
        if written.traffic_percent is not None:
            problems.add((*within, position, "traffic_percent"), "a fallback has no share: it is tried when another target fails")
    split = any(written.traffic_percent is not None for written in entry.targets)
    if entry.first_token_timeout_s is not None and not entry.fallbacks and (split or len(entry.targets) < 2):
        problems.add((*path, "first_token_timeout_s"), "needs another target to try then: write fallbacks")


def _check_parameters(entry: WrittenEndpoint, path: Path, problems: Problems) -> None:
    for key, what in (("allowed_tools", "tool"), ("allowed_server_tools", "tool"), ("allowed_betas", "beta value")):
        for position, pattern in enumerate(getattr(entry, key) or ()):
            if not is_pattern(pattern):
                problems.add((*path, key, position), f"{pattern!r} is no name of a {what}, and no pattern of one with *")


def _check_shares(targets: Sequence[WrittenTarget], shares: Sequence[int], path: Path, problems: Problems) -> None:
    """Check that every target has a share, that no two are the same, and that the shares are all of the traffic."""
    places: dict[tuple[str, str], int] = {}
    for position, written in enumerate(targets):
        key = (written.provider, written.model)
        if key in places:
            problems.add((*path, position), f"is the same as targets[{places[key]}]: write one target with the sum of their shares")
        places.setdefault(key, position)
        if written.traffic_percent is None:
            problems.add((*path, position), "needs a traffic_percent, since another target of this endpoint has one")
    if len(shares) == len(targets) and sum(shares) != 100:
        problems.add(path, f"the traffic_percent of all targets must add up to 100, and these add up to {sum(shares)}")


def _check_target(written: WrittenTarget, path: Path, known: Sequence[str], problems: Problems) -> None:
    if not written.provider:
        problems.add(path, "a target needs a provider")
    elif written.provider not in known:
        problems.add((*path, "provider"), f"no provider is named {written.provider!r}{nearest(written.provider, known)}")
    if written.model and not is_name(written.model):
        problems.add((*path, "model"), f"{written.model!r} is no model name: {NAME_GRAMMAR}")
