"""What to answer: policy first, then Rasa, then policy again; and the way without Rasa."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from assistant.gateway import Breaker, RasaAnswer, RasaFailed, RasaGateway
from assistant.reply import Line
from chat.closing import is_only_thanks
from chat.scrub import is_only_secret
from handoff.escalation import Reason, straight_to_people

log = structlog.get_logger(__name__)

QUEUE_CHOICES = frozenset({"keep_waiting", "ask_meanwhile"})
"""Buttons that the queue itself answers."""

MOST_ATTEMPTS = 3
"""A turn whose worker has vanished this often is given up with a visible sentence."""

OPEN_TICKET, ASK_PERSON = "open_ticket", "ask_person"


@dataclass(frozen=True, slots=True)
class Said:
    """A customer message of the turn: its words, or the button that was clicked, or a form's fields."""

    seq: int
    text: str
    button: str | None = None
    form: dict[str, Any] | None = None
    has_files: bool = False


@dataclass(frozen=True, slots=True)
class TurnFacts:
    """Everything that a turn is decided on, read in one go before it starts."""

    turn_id: str
    conversation_id: str
    owner_epoch: int
    attempts: int
    sender_id: str
    is_new_tracker: bool
    language: str
    bot_mode: str
    said: list[Said]
    slots: dict[str, Any]
    customer: dict[str, Any]
    helped_by_person_before: bool = False


@dataclass(slots=True)
class Decision:
    """What the turn writes: lines to say, reasons to hand over, a ticket from a form; and the evidence."""

    language: str = ""
    lines: list[Line] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    danger: str | None = None
    ticket: dict[str, Any] | None = None
    resolve: bool = False
    wait: bool = False
    bot_failed: bool = False
    rasa: RasaAnswer | None = None
    evidence: dict[str, Any] = field(default_factory=dict)


Search = Callable[[str, str], Awaitable[Line | None]]
"""Query and language → the line that answers from an article, or None where no article does."""


class Assistant:
    """Decides turns. Rasa, the breaker, the search and the look at a planned start are passed in."""

    def __init__(
        self,
        gateway: RasaGateway,
        breaker: Breaker,
        search: Search,
        is_starting: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self.gateway = gateway
        self.breaker = breaker
        self._search = search
        self._is_starting = is_starting

    async def decide(self, facts: TurnFacts) -> Decision:
        said = [one for one in facts.said if one.button not in QUEUE_CHOICES]
        if not said:
            return Decision(evidence={"path": "queue_choice"})
        if facts.attempts > MOST_ATTEMPTS:
            return self.failed(facts, "too many attempts")
        if all(one.button is None and is_only_secret(one.text) for one in said):
            return Decision(evidence={"path": "only_secret"})  # the notice about the masking has said it
        before = self._before(facts, said)
        if before:
            return before
        if self.breaker.probe_due() and await self.gateway.is_ready():
            self.breaker.close()
        if self.breaker.is_open:
            return await self._without_rasa(facts, said)
        try:
            answer = await self._ask(facts, said)
        except RasaFailed as error:
            if error.unreachable and self._is_starting and await self._is_starting():
                return Decision(wait=True, evidence={"path": "rasa_starting"})
            opened = self.breaker.failed()
            log.warning("rasa_failed", cause=error.cause, breaker_opened=opened)
            if self.breaker.is_open:
                return await self._without_rasa(facts, said)
            return self.failed(facts, error.cause)
        self.breaker.succeeded()
        return _from_rasa(answer, said)

    def _before(self, facts: TurnFacts, said: Sequence[Said]) -> Decision | None:
        """What needs no Rasa: people asked for, danger, the bot switched off, forms and files."""
        forms = [one for one in said if one.form is not None]
        if forms:
            return Decision(ticket=forms[-1].form, evidence={"path": "form"})
        reasons = [reason for one in said for reason in _reasons(one)]
        if not reasons and facts.bot_mode in ("bot_off", "human_first"):
            reasons = [Reason("bot_off", said[-1].seq, "")]
        if not reasons and facts.helped_by_person_before:
            reasons = [Reason("transfer", said[-1].seq, said[-1].text[:300])]
        if reasons:
            codes = {reason.code for reason in reasons}
            danger = next((code for code in ("self_harm", "safety") if code in codes), None)
            return Decision(reasons=reasons, danger=danger, evidence={"path": "policy"})
        if all(one.has_files and not one.text for one in said):
            return Decision(lines=[Line("utter_empty_file")], evidence={"path": "file"})
        return None

    async def _ask(self, facts: TurnFacts, said: Sequence[Said]) -> RasaAnswer:
        metadata: dict[str, Any] = {"language": facts.language, "customer": facts.customer}
        metadata["slots"] = facts.slots if facts.is_new_tracker else {}
        last = said[-1]
        if last.button:
            return await self.gateway.turn(
                facts.turn_id, facts.sender_id, intent=last.button, metadata=metadata
            )
        text = burst_text([one.text for one in said if one.text and not one.button])
        return await self.gateway.turn(facts.turn_id, facts.sender_id, text=text, metadata=metadata)

    async def _without_rasa(self, facts: TurnFacts, said: Sequence[Said]) -> Decision:
        """The knowledge base answers by itself; a ticket is taken by an inline form."""
        evidence = {"path": "without_rasa"}
        if said[-1].button == OPEN_TICKET:
            return Decision(lines=[ticket_form_line()], evidence=evidence)
        text = burst_text([one.text for one in said])
        if is_only_thanks(text):
            return Decision(lines=[Line("utter_thanks")], evidence=evidence)
        found = await self._search(text, facts.language)
        if found:
            return Decision(lines=[found], evidence=evidence)
        return Decision(
            lines=[Line("utter_dont_know", abstained=True)],
            reasons=[Reason("bot_failed", said[-1].seq, said[-1].text[:300])],
            bot_failed=True,
            evidence=evidence,
        )

    def failed(self, facts: TurnFacts, cause: str) -> Decision:
        """A visible sentence, with a person if one is there, else with the offer of a ticket."""
        said = facts.said
        evidence = {"path": "rasa_failed", "cause": cause}
        if said[-1].button == OPEN_TICKET:
            return Decision(lines=[ticket_form_line()], evidence=evidence)
        return Decision(
            lines=[Line("utter_bot_failed")],
            reasons=[Reason("bot_failed", said[-1].seq, said[-1].text[:300])],
            bot_failed=True,
            evidence=evidence,
        )


def _reasons(one: Said) -> list[Reason]:
    if one.button == ASK_PERSON:
        return [Reason("asked_for_person", one.seq, one.text)]
    return [] if one.button else straight_to_people(one.text, one.seq)


def burst_text(texts: Sequence[str]) -> str:
    """Several messages as one; those that only greet or thank melt away beside one that asks."""
    telling = [text for text in texts if text and not _is_greeting(text) and not is_only_thanks(text)]
    return "\n".join(telling or [text for text in texts if text][-1:])


def _is_greeting(text: str) -> bool:
    words = "".join(c for c in text.lower() if c.isalnum() or c.isspace()).strip()
    return words in {"hi", "hello", "hey", "hi there", "hello there", "good morning", "good afternoon"} or (
        words in {"你好", "您好", "在吗", "哈喽", "嗨"}
    )


def ticket_form_line() -> Line:
    return Line("utter_form_lead", form={"fields": []})


def _from_rasa(answer: RasaAnswer, said: Sequence[Said]) -> Decision:
    """Messages become lines; commands become what the turn's transaction does after them."""
    decision = Decision(
        lines=[Line.of(message) for message in answer.messages],
        rasa=answer,
        evidence={
            "path": "rasa",
            "intent": answer.intent.name,
            "confidence": round(answer.intent.confidence, 3),
            "actions": answer.actions,
            "ms": answer.timing_ms.get("total"),
        },
    )
    for command in answer.commands:
        if command.get("command") == "hand_off":
            code = str(command.get("reason") or "asked_for_person")
            decision.reasons.append(Reason(code, said[-1].seq, said[-1].text[:300]))
        elif command.get("command") == "offer":
            decision.lines.append(Line("utter_offer"))
        elif command.get("command") == "resolve":
            decision.resolve = True
    return decision
