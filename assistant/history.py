"""What the earlier turns of a conversation came to, as their stored evidence tells."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from chat.models import ConversationEvent
from server.db import ReadSession

LOOKED_BACK = 200
"""So many answered turns of a conversation are looked at."""

ABSTAINED = frozenset({"abstained", "fallback"})
UNHELPFUL = frozenset({*ABSTAINED, "did_you_mean", "refused", "unhelpful", "repeated"})
ASKING = frozenset({*UNHELPFUL, "answered"})
"""Outcomes of turns in which the customer wanted to know something."""


@dataclass(frozen=True, slots=True)
class PastTurn:
    """One answered turn. `tokens`: the text keys and articles that it said, with which nothing new came."""

    seq: int = 0
    epoch: int = 1
    outcome: str = "other"
    tokens: tuple[str, ...] = ()
    last_key: str = ""
    offer: str | None = None
    declined: bool = False
    helped: bool = False
    settled: bool = False
    chose: bool = False
    unhappy: bool = False
    form: str | None = None

    @classmethod
    def of(cls, evidence: dict[str, Any]) -> "PastTurn":
        """From a turn's evidence; what an older version did not write yet counts as nothing special."""
        return cls(
            seq=int(evidence.get("seq") or 0),
            epoch=int(evidence.get("epoch") or 1),
            outcome=str(evidence.get("outcome") or "other"),
            tokens=tuple(evidence.get("tokens") or ()),
            last_key=str(evidence.get("last_key") or ""),
            offer=(evidence.get("offer") or {}).get("why"),
            declined=bool(evidence.get("declined")),
            helped=bool(evidence.get("helped")),
            settled=bool(evidence.get("settled")),
            chose=bool(evidence.get("chose")),
            unhappy=bool(evidence.get("tone")),
            form=evidence.get("form"),
        )


@dataclass(frozen=True, slots=True)
class History:
    """Answered turns, oldest first. What was said counts for the whole conversation; how it went, only

    since a person last had it (`epoch`).
    """

    turns: tuple[PastTurn, ...] = ()
    epoch: int = 1

    @property
    def recent(self) -> tuple[PastTurn, ...]:
        return tuple(turn for turn in self.turns if turn.epoch == self.epoch)

    @property
    def last(self) -> PastTurn | None:
        return self.recent[-1] if self.recent else None

    @property
    def said(self) -> Counter[str]:
        """How often each text key and article has been said."""
        return Counter(token for turn in self.turns for token in turn.tokens)

    def offered_within(self, turns: int) -> bool:
        return any(turn.offer for turn in self.recent[-turns:])

    def declined_within(self, turns: int) -> bool:
        return any(turn.declined for turn in self.recent[-turns:])

    def since_helped(self) -> tuple[PastTurn, ...]:
        """The turns since the customer said that something helped, or was offered a way out."""
        kept: list[PastTurn] = []
        for turn in reversed(self.recent):
            if turn.helped or turn.offer or turn.declined:
                break
            kept.append(turn)
        return tuple(reversed(kept))

    def asked_since_settled(self) -> list[PastTurn]:
        """The questions since anything was settled: help, thanks, a ticket made, an offer."""
        kept: list[PastTurn] = []
        for turn in reversed(self.recent):
            if turn.helped or turn.settled or turn.offer or turn.declined:
                break
            kept.append(turn)
        return [turn for turn in reversed(kept) if turn.outcome in ASKING]


def unhelpful(turns: Sequence[PastTurn], *, chose_now: bool) -> list[PastTurn]:
    """The turns that were no help. A "did you mean" of which the customer took a choice was one."""
    chosen = [turn.chose for turn in turns[1:]] + [chose_now]
    return [
        turn
        for turn, took in zip(turns, chosen, strict=False)
        if turn.outcome in UNHELPFUL and not (turn.outcome == "did_you_mean" and took)
    ]


async def read_history(session: ReadSession, conversation_id: str, *, epoch: int) -> History:
    """From the conversation's ledger, where every turn's evidence stands."""
    rows = await session.scalars(
        select(ConversationEvent.data)
        .where(ConversationEvent.conversation_id == conversation_id, ConversationEvent.type == "turn_ended")
        .order_by(ConversationEvent.event_seq.desc())
        .limit(LOOKED_BACK)
    )
    turns = [PastTurn.of(data) for data in rows if data.get("state") == "answered"]
    return History(tuple(reversed(turns)), epoch)
