"""The navigation: every page with its title and address, in groups. What is shown of it depends on the pages that are served and on who looks."""

from collections.abc import Callable
from typing import Final

import msgspec


class NavigationEntry(msgspec.Struct, frozen=True):
    """One line of the navigation. `icon` names a drawing in the template `icons.html`."""

    path: str
    title: str
    icon: str


class NavigationGroup(msgspec.Struct, frozen=True):
    """Entries under one heading."""

    title: str
    entries: tuple[NavigationEntry, ...]


NAVIGATION: Final = (
    NavigationGroup(
        "Usage",
        (
            NavigationEntry("/", "Overview", "overview"),
            NavigationEntry("/agents", "Coding agents", "agents"),
            NavigationEntry("/people", "People and teams", "people"),
            NavigationEntry("/cost", "Cost and budgets", "cost"),
            NavigationEntry("/performance", "Performance", "performance"),
            NavigationEntry("/productivity", "Productivity", "productivity"),
            NavigationEntry("/coverage", "Telemetry coverage", "coverage"),
            NavigationEntry("/cache", "Cache health", "cache"),
        ),
    ),
    NavigationGroup(
        "Look closer",
        (
            NavigationEntry("/sessions", "Sessions", "sessions"),
            NavigationEntry("/requests", "Requests", "requests"),
            NavigationEntry("/sql", "SQL", "sql"),
            NavigationEntry("/catalog", "Catalog", "catalog"),
            NavigationEntry("/dashboards", "Dashboards", "dashboards"),
        ),
    ),
    NavigationGroup(
        "You",
        (
            NavigationEntry("/me", "My usage", "me"),
            NavigationEntry("/me/tokens", "My tokens", "access"),
            NavigationEntry("/me/limits", "My limits", "limits"),
            NavigationEntry("/connect", "Connect an agent", "connect"),
        ),
    ),
    NavigationGroup(
        "Manage",
        (
            NavigationEntry("/endpoints", "Endpoints", "endpoints"),
            NavigationEntry("/providers", "Providers", "providers"),
            NavigationEntry("/access", "Access", "access"),
            NavigationEntry("/limits", "Limits and budgets", "limits"),
            NavigationEntry("/previews", "Previews", "previews"),
            NavigationEntry("/audit", "Audit", "audit"),
            NavigationEntry("/settings", "Settings", "settings"),
        ),
    ),
)


def navigation_for(opens: Callable[[str], bool]) -> tuple[NavigationGroup, ...]:
    """The groups with the entries whose path satisfies `opens`; groups without any are left out."""
    groups = (NavigationGroup(group.title, tuple(entry for entry in group.entries if opens(entry.path))) for group in NAVIGATION)
    return tuple(group for group in groups if group.entries)
