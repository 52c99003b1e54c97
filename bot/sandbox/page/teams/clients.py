"""As which client does the page draw cards? Not everybody's Teams knows what the newest does.

A host that knows the schema 1.5 and nothing of Teams' own shows the `fallback` of each chart; one older than the
card's version shows its `fallbackText`.
https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/charts-in-adaptive-cards
https://learn.microsoft.com/en-us/adaptive-cards/schema-explorer/adaptive-card
"""

from __future__ import annotations

from enum import StrEnum


class Client(StrEnum):
    """What draws the cards."""

    NEWEST = "newest"
    WITHOUT_CHARTS = "without-charts"
    OLDER = "older"

    @property
    def called(self) -> str:
        """Its name on the page."""
        return _CALLED[self]

    @property
    def has_charts(self) -> bool:
        """Whether it draws the charts that only Teams has."""
        return self is Client.NEWEST

    def knows(self, version: object) -> bool:
        """Whether it draws cards of this version at all."""
        return self is not Client.OLDER or version in _OLD_VERSIONS


_OLD_VERSIONS = frozenset({"1.0", "1.1", "1.2", "1.3", "1.4"})
_CALLED = {
    Client.NEWEST: "Teams today",
    Client.WITHOUT_CHARTS: "Teams without charts",
    Client.OLDER: "a client before cards 1.5",
}
