"""What the assistant's actions may call: search, tickets, look-ups, scoped to a conversation's customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import select

from actions.dialogue import article_message
from actions.services import ArticleHit, CodeChecked, CodeSent, IdentityView, SearchResult, TicketView
from assistant.reply import Line
from chat import email_proof
from chat.entities import rules_of
from chat.models import Conversation, CustomerIdentity, Inbox
from entities.find import order_number
from handoff.packet import identity_level
from lookups.models import PROVEN_INPUTS
from lookups.service import LookUps
from lookups.views import LookUpResult, LookUpView
from server.db import Database, ReadSession
from tickets import queries as ticket_queries
from tickets.events import Actor
from tickets.intake import TicketDraft
from tickets.models import Ticket
from tickets.numbers import format_number, parse_ticket_number
from tickets.service import CommentDraft, add_comment, create_ticket

MOST_TICKETS = 50
"""Of a customer's newest tickets, in which the latest open one is looked for."""


class Hit(Protocol):
    """A passage that the knowledge base has found."""

    @property
    def article_id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def slug(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def passage(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def locale(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def updated_at(self) -> datetime: ...


class Found(Protocol):
    @property
    def answerable(self) -> bool: ...
    @property
    def threshold(self) -> float: ...
    @property
    def hits(self) -> Sequence[Hit]: ...


class Search(Protocol):
    """The knowledge base's search as a customer may use it: published, public articles only."""

    async def search(self, query: str, locale: str, *, limit: int = 3) -> Found: ...

    async def article(self, article_id: str) -> Hit | None: ...


class DeskServices:
    """Implements `actions.services.Services`; each write is a transaction of its own."""

    def __init__(
        self, db: Database, search: Search, look_ups: LookUps | None = None, *, secret: str = ""
    ) -> None:
        self._db = db
        self._secret = secret
        self._search = search
        self.look_ups = look_ups or LookUps(db)

    async def search(self, conversation_id: str, query: str, locale: str) -> SearchResult:
        found = await self._search.search(query, locale)
        hits = [_hit(hit) for hit in found.hits]
        return SearchResult(answerable=found.answerable, threshold=found.threshold, hits=hits)

    async def answer_line(self, query: str, locale: str) -> Line | None:
        """The way without Rasa: a line that quotes the best article, or None where none answers."""
        found = await self.search("", query, locale)
        if not found.answerable or not found.hits:
            return None
        payload = article_message(found.hits[0])
        return Line.of({**payload, "text_key": "utter_article_no_rasa"})

    async def order_number(self, conversation_id: str, typed: str) -> str | None:
        async with self._db.read() as session:
            conversation = await session.get_one(Conversation, conversation_id)
            inbox = await session.get_one(Inbox, conversation.inbox_id)
            return order_number(typed, rules_of(inbox))

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
        async with self._db.write() as session:
            conversation = await session.get_one(Conversation, conversation_id)
            inbox = await session.get_one(Inbox, conversation.inbox_id)
            draft = TicketDraft(
                key=key,
                by=Actor(type="customer", id=conversation.customer_id),
                subject=subject,
                description=description,
                order_number=order_number,
                email=email,
                language=locale,
                conversation_id=conversation_id,
                customer_id=conversation.customer_id,
                inbox=inbox.key,
            )
            ticket, created = await create_ticket(session, draft)
            return _view(ticket, created=created)

    async def find_ticket(self, conversation_id: str, number: str) -> TicketView | None:
        async with self._db.read() as session:
            conversation = await session.get_one(Conversation, conversation_id)
            found = await ticket_queries.for_customer(
                session, conversation.customer_id, parse_ticket_number(number)
            )
            return _view(found) if found else None

    async def latest_ticket(self, conversation_id: str, *, open_only: bool = False) -> TicketView | None:
        async with self._db.read() as session:
            conversation = await session.get_one(Conversation, conversation_id)
            newest, _ = await ticket_queries.of_customer(
                session, conversation.customer_id, below=None, limit=MOST_TICKETS if open_only else 1
            )
            found = next((ticket for ticket in newest if not (open_only and ticket.is_over)), None)
            return _view(found) if found else None

    async def add_to_ticket(
        self, conversation_id: str, *, key: str, number: str, text: str
    ) -> TicketView | None:
        async with self._db.write() as session:
            conversation = await session.get_one(Conversation, conversation_id)
            ticket = await ticket_queries.for_customer(
                session, conversation.customer_id, parse_ticket_number(number)
            )
            if ticket is None:
                return None
            by = Actor(type="customer", id=conversation.customer_id)
            draft = CommentDraft(by=by, client_id=key, text=text, public=True)
            _, created = await add_comment(session, ticket, draft)
            return _view(ticket, created=created)

    async def article(self, conversation_id: str, article_id: str, locale: str) -> ArticleHit | None:
        hit = await self._search.article(article_id)
        return _hit(hit) if hit else None

    async def look_up_for(
        self, conversation_id: str, *, intent: str | None, text: str, locale: str
    ) -> LookUpView | None:
        async with self._db.read() as session:
            inbox_id = (await session.get_one(Conversation, conversation_id)).inbox_id
        return await self.look_ups.matching(intent=intent, text=text, language=locale, inbox_id=inbox_id)

    async def look_up_named(self, conversation_id: str, name: str) -> LookUpView | None:
        async with self._db.read() as session:
            inbox_id = (await session.get_one(Conversation, conversation_id)).inbox_id
        return await self.look_ups.get(name, inbox_id=inbox_id)

    async def look_up(
        self, conversation_id: str, name: str, inputs: Mapping[str, str], locale: str
    ) -> LookUpResult:
        """`email` and `customer` are the proven ones, whatever was typed."""
        async with self._db.read() as session:
            conversation = await session.get_one(Conversation, conversation_id)
            proven = await _proven(session, conversation, inputs.get("email", ""))
        typed = {one: value for one, value in inputs.items() if one not in PROVEN_INPUTS}
        return await self.look_ups.ask(
            name,
            {**typed, **proven.inputs},
            level=proven.level,
            language=locale,
            inbox_id=conversation.inbox_id,
        )

    async def identity(self, conversation_id: str) -> IdentityView:
        async with self._db.read() as session:
            conversation = await session.get_one(Conversation, conversation_id)
            known = await email_proof.identity_of(session, conversation.customer_id)
        return IdentityView(level=known.level, email=known.email, proven=known.proven)

    async def send_email_code(self, conversation_id: str, *, key: str, address: str) -> CodeSent:
        async with self._db.write() as session:
            state = await email_proof.ask_for_code(session, conversation_id, key=key, address=address)
        return CodeSent(state=state)

    async def check_email_code(self, conversation_id: str, *, key: str, code: str) -> CodeChecked:
        async with self._db.write() as session:
            state = await email_proof.check_code(
                session, conversation_id, key=key, code=code, secret=self._secret
            )
        return CodeChecked(state=state)


@dataclass(frozen=True, slots=True)
class _Proven:
    """How well a customer is known, and what that proves: `email`, and the host site's `customer`."""

    level: str
    inputs: Mapping[str, str]


async def _proven(session: ReadSession, conversation: Conversation, address: str) -> _Proven:
    """Of several proven addresses `address`, where it is one of them, else the newest."""
    inbox = await session.get_one(Inbox, conversation.inbox_id)
    known = await session.scalars(
        select(CustomerIdentity)
        .where(
            CustomerIdentity.customer_id == conversation.customer_id, CustomerIdentity.level != "anonymous"
        )
        .order_by(CustomerIdentity.id)
    )
    inputs: dict[str, str] = {}
    for identity in known:
        if identity.channel == "email":
            if inputs.get("email", "").lower() != address.lower() or not address:
                inputs["email"] = identity.value
        elif identity.channel == f"host:{inbox.key}" and identity.level == "verified":
            inputs["customer"] = identity.value
    return _Proven(await identity_level(session, conversation.customer_id), inputs)


def _hit(hit: Hit) -> ArticleHit:
    return ArticleHit(
        article_id=hit.article_id,
        version=hit.version,
        slug=hit.slug,
        title=hit.title,
        passage=hit.passage,
        score=hit.score,
        locale=hit.locale,
        url=hit.url,
        updated_at=hit.updated_at,
    )


def _view(ticket: Ticket, *, created: bool = False) -> TicketView:
    return TicketView(
        number=format_number(ticket.number),
        stage=ticket.stage,
        subject=ticket.subject,
        updated_at=ticket.shown_at,
        created=created,
    )
