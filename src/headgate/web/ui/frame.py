"""The frame around each page: navigation, who is signed in, theme, and the notices that every page shows."""

import msgspec

from headgate.web.ui.answers import PageAnswer, page
from headgate.web.ui.navigation import NavigationGroup
from headgate.web.ui.templating import render

THEMES = ("light", "dark")
THEME_COOKIE = "headgate_theme"


class PageFrame(msgspec.Struct, frozen=True, kw_only=True):
    """What surrounds a page for one principal. `form_token` proves that a form is one of this session's; `theme` is empty where the system's counts;
    `demo` says that what is shown is the demo's; `notices` are what is wrong, for those who may know.
    """

    path: str = "/"
    groups: tuple[NavigationGroup, ...] = ()
    user: str = ""
    role: str = ""
    form_token: str = ""
    theme: str = ""
    demo: bool = False
    notices: tuple[str, ...] = ()

    @property
    def current(self) -> str:
        """The address of the entry in the navigation that the page belongs to: its own, or the nearest above it; empty for none."""
        entries = (entry.path for group in self.groups for entry in group.entries)
        return max((path for path in entries if path == self.path or (path != "/" and self.path.startswith(f"{path}/"))), key=len, default="")

    def answer(self, template: str, title: str, /, *, status: int = 200, **values: object) -> PageAnswer:
        """A page of this template, which extends `frame.html`."""
        return page(render(template, frame=self, title=title, **values), status)

    def fragment(self, template: str, **values: object) -> str:
        """A part of a page, for a script to put into one."""
        return render(template, frame=self, **values)


def theme_of(cookie: str) -> str:
    """The theme that a browser's cookies name; empty for the system's."""
    for part in cookie.split(";"):
        name, _, value = part.strip().partition("=")
        if name == THEME_COOKIE and value in THEMES:
            return value
    return ""
