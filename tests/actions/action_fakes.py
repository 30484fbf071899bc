"""A desk of a few lines below the actions: articles found by word, tickets in a dictionary."""

from datetime import UTC, datetime
from typing import Any

from look_up_fakes import LookUpDesk

from actions.services import ArticleHit, SearchResult, TicketView
from entities.find import order_number
from entities.rules import Rules

RULES = Rules()
THRESHOLD = 0.5
TOKEN = "internal-token-for-tests"


def article(
    title: str, passage: str, *, locale: str = "en", version: int = 3, score: float = 0.91
) -> ArticleHit:
    slug = title.lower().replace(" ", "-")
    return ArticleHit(
        article_id=f"id-{slug}",
        version=version,
        slug=slug,
        title=title,
        passage=passage,
        score=score,
        locale=locale,
        url=f"/help/{slug}",
        updated_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    )


ARTICLES = {
    "delivery": article("Delivery times", "Delivery takes two to four working days."),
    "parcel": article("A late parcel", "If a parcel is late, look at its tracking first."),
    "courier": article("Tracking", "The courier's page shows where a parcel is.", score=0.6),
    "filter": article("Filters", "Change the filter twice a year.", score=0.3),
    "buzzing": article("Humming", "A low hum is normal.", score=0.2),
    "descale": article("Descaling", "Run one tank of descaler through the machine."),
    "多久": article("配送时间", "送货需要两到四个工作日。", locale="zh"),
    "快递": article("快递迟到", "快递迟到时请先查物流。", locale="zh"),
}


class Desk(LookUpDesk):
    """Implements actions.services.Services for whoever owns the test."""

    def __init__(self) -> None:
        super().__init__()
        self.searched: list[tuple[str, str, str]] = []
        self.made: dict[str, dict[str, Any]] = {}
        self.tickets: dict[tuple[str, str], TicketView] = {}
        self.comments: dict[str, dict[str, str]] = {}
        self.broken = False

    async def search(self, conversation_id: str, query: str, locale: str) -> SearchResult:
        self._fail_if_broken()
        self.searched.append((conversation_id, query, locale))
        found = [hit for word, hit in ARTICLES.items() if word in query.lower()]
        hits = sorted(found, key=lambda hit: -hit.score)
        answerable = bool(hits) and hits[0].score >= THRESHOLD
        return SearchResult(answerable=answerable, threshold=THRESHOLD, hits=hits)

    async def article(self, conversation_id: str, article_id: str, locale: str) -> ArticleHit | None:
        self._fail_if_broken()
        return next((hit for hit in ARTICLES.values() if hit.article_id == article_id), None)

    async def order_number(self, conversation_id: str, typed: str) -> str | None:
        return order_number(typed, RULES)

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
        self._fail_if_broken()
        if key in self.made:
            return TicketView(number=self.made[key]["number"], stage="received", created=False)
        number = f"T-{1042 + len(self.made)}"
        self.made[key] = {
            "number": number,
            "conversation_id": conversation_id,
            "subject": subject,
            "description": description,
            "order_number": order_number,
            "email": email,
            "locale": locale,
        }
        self.add_ticket(conversation_id, number, subject)
        return TicketView(number=number, stage="received", subject=subject, created=True)

    def add_ticket(
        self, conversation_id: str, number: str, subject: str = "Kettle", stage: str = "received"
    ) -> None:
        updated_at = datetime(2026, 11, 23, 6, tzinfo=UTC)
        self.tickets[conversation_id, number] = TicketView(
            number=number, stage=stage, subject=subject, updated_at=updated_at
        )

    async def find_ticket(self, conversation_id: str, number: str) -> TicketView | None:
        self._fail_if_broken()
        return self.tickets.get((conversation_id, number))

    async def latest_ticket(self, conversation_id: str, *, open_only: bool = False) -> TicketView | None:
        self._fail_if_broken()
        own = [ticket for (owner, _), ticket in self.tickets.items() if owner == conversation_id]
        if open_only:
            own = [ticket for ticket in own if ticket.stage not in ("solved", "confirmed")]
        return own[-1] if own else None

    async def add_to_ticket(
        self, conversation_id: str, *, key: str, number: str, text: str
    ) -> TicketView | None:
        self._fail_if_broken()
        ticket = self.tickets.get((conversation_id, number))
        if ticket:
            self.comments.setdefault(
                key, {"conversation_id": conversation_id, "number": number, "text": text}
            )
        return ticket

    def _fail_if_broken(self) -> None:
        if self.broken:
            raise RuntimeError("the card number 4111 1111 1111 1111 must not be repeated")
