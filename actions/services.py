"""The seam below the actions: what they need of the desk, passed in when the app is put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from lookups.views import LookUpResult, LookUpView


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


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityView:
    """How well the customer is known: `anonymous`, `email` or `verified`; `email` may be merely typed."""

    level: str
    email: str | None = None
    proven: Sequence[str] = ()
    """The addresses that are proven to be theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSent:
    """Whether a code is on its way, which says nothing about whether the address is known."""

    state: Literal["sent", "limited", "locked", "unavailable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeChecked:
    """Whether a typed code proves the address. `locked`: wrong too often; `expired`: a new one is needed."""

    state: Literal["right", "wrong", "locked", "expired"]


class Services(Protocol):
    """All methods see only what belongs to the customer of the conversation."""

    async def search(self, conversation_id: str, query: str, locale: str) -> SearchResult: ...

    async def order_number(self, conversation_id: str, typed: str) -> str | None:
        """What was typed for an order number, as the inbox's own numbers look; None where it is none."""
        ...

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

    async def latest_ticket(self, conversation_id: str, *, open_only: bool = False) -> TicketView | None: ...

    async def add_to_ticket(
        self, conversation_id: str, *, key: str, number: str, text: str
    ) -> TicketView | None:
        """A public comment by the customer, idempotent on `key`; None as in `find_ticket`."""
        ...

    async def article(self, conversation_id: str, article_id: str, locale: str) -> ArticleHit | None:
        """A published, public article, with its first passage; None where it is not, or no longer, one."""
        ...

    async def look_up_for(
        self, conversation_id: str, *, intent: str | None, text: str, locale: str
    ) -> LookUpView | None:
        """The look-up that a message asks for, by the words in it or by its intent."""
        ...

    async def look_up_named(self, conversation_id: str, name: str) -> LookUpView | None:
        """None where it has been switched off or taken away."""
        ...

    async def look_up(
        self, conversation_id: str, name: str, inputs: Mapping[str, str], locale: str
    ) -> LookUpResult:
        """Ask the company's service. `email` and `customer` in `inputs` do not count, only proven ones."""
        ...

    async def identity(self, conversation_id: str) -> IdentityView: ...

    async def send_email_code(self, conversation_id: str, *, key: str, address: str) -> CodeSent:
        """Idempotent on `key`; the mail follows in a moment, and only the newest code counts."""
        ...

    async def check_email_code(self, conversation_id: str, *, key: str, code: str) -> CodeChecked:
        """Idempotent on `key`; the right code proves the address for this customer."""
        ...
