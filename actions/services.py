"""The seam below the actions: what they need of the desk, passed in when the app is put together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleHit:
    """One passage that was found; `url` is where a customer reads the whole article."""

    article_id: str
    version: int
    slug: str
    title: str
    passage: str
    score: float
    locale: str
    url: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """Hits, best first. `answerable`: the best one is above the calibrated `threshold`."""

    answerable: bool
    threshold: float
    hits: Sequence[ArticleHit] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketView:
    """A ticket as its customer may see it. `created`: made by this very call, not by an earlier one."""

    number: str
    stage: str
    subject: str = ""
    updated_at: datetime | None = None
    created: bool = False


class Services(Protocol):
    """All methods see only what belongs to the customer of the conversation."""

    async def search(self, conversation_id: str, query: str, locale: str) -> SearchResult: ...

    async def create_ticket(
        self,
        conversation_id: str,
        *,
        key: str,
        subject: str,
        description: str,
        order_number: str | None,
        email: str | None,
        locale: str,
    ) -> TicketView:
        """Idempotent on `key` ("{turn_id}:{action}:{n}"): the same key gives the same ticket."""
        ...

    async def find_ticket(self, conversation_id: str, number: str) -> TicketView | None:
        """None alike for a ticket that does not exist and for somebody else's."""
        ...

    async def latest_ticket(self, conversation_id: str) -> TicketView | None: ...
