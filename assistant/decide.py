"""What to answer: policy first, then Rasa, then policy again; and the way without Rasa."""

import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from assistant.gateway import Breaker, RasaAnswer, RasaFailed, RasaGateway
from assistant.history import History
from assistant.policy import Now, Verdict, judge
from assistant.reply import Line
from assistant.tone import Tone, tone_of
from chat.closing import is_only_thanks
from chat.scrub import is_only_secret
from handoff.escalation import Reason, complains, straight_to_people
from handoff.wishes import beside_declining, declines_person
from knowledge_base.words import terms

log = structlog.get_logger(__name__)

QUEUE_CHOICES = frozenset({"keep_waiting", "ask_meanwhile"})
"""Buttons that the queue itself answers."""

MOST_ATTEMPTS = 3
"""A turn whose worker has vanished this often is given up with a visible sentence."""

OPEN_TICKET, ASK_PERSON, TICKET_FORM = "open_ticket", "ask_person", "ticket_form"

CHOOSE_ARTICLE = "article:"
"""Clicks on an article that was found carry its id."""

READ_BACK = "utter_ticket_read_back"

SAME_MATTER = 2
"""Words that a message must share with an open ticket to be about the same matter."""


@dataclass(frozen=True, slots=True)
class Said:
    """A customer message of the turn: its words, or the button that was clicked, or a form's fields."""

    seq: int
    text: str
    button: str | None = None
    form: dict[str, Any] | None = None
    has_files: bool = False


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A ticket of the customer's that is still worked on: its number, and what it is about."""

    number: str
    about: str
    order_number: str | None = None


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
    entities: dict[str, Any] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)
    history: History = field(default_factory=History)
    queued: bool = False
    open_tickets: tuple[OpenTicket, ...] = ()


@dataclass(slots=True)
class Decision:
    """What the turn writes: lines to say, reasons to hand over, a ticket from a form; and the evidence.

    `alone`: what is said, instead of handing over, where no people are there.
    """

    language: str = ""
    pins_language: bool = False
    repeats: bool = False
    lines: list[Line] = field(default_factory=list)
    alone: list[Line] | None = None
    reasons: list[Reason] = field(default_factory=list)
    danger: str | None = None
    ticket: dict[str, Any] | None = None
    resolve: bool = False
    wait: bool = False
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
        return _from_rasa(answer, facts, said)

    def _before(self, facts: TurnFacts, said: Sequence[Said]) -> Decision | None:
        """What needs no Rasa: people asked for, danger, the bot switched off, forms and files."""
        forms = [one for one in said if one.form is not None]
        if forms:
            evidence = {"path": "form", "outcome": "form", "settled": True}
            return Decision(ticket=forms[-1].form, evidence=evidence)
        reasons = [reason for one in said for reason in _reasons(one)]
        if not reasons and facts.bot_mode in ("bot_off", "human_first"):
            reasons = [Reason("bot_off", said[-1].seq, "")]
        if not reasons and facts.helped_by_person_before:
            reasons = [Reason("transfer", said[-1].seq, said[-1].text[:300])]
        if reasons:
            codes = {reason.code for reason in reasons}
            danger = next((code for code in ("self_harm", "safety") if code in codes), None)
            return Decision(reasons=reasons, danger=danger, evidence={"path": "policy"})
        if said[-1].button == TICKET_FORM:
            return _said_by_us(facts, said, [ticket_form_line()], {"path": "form"})
        if all(one.has_files and not one.text for one in said):
            return _said_by_us(facts, said, [Line("utter_file_kept")], {"path": "file"})
        return None

    async def _ask(self, facts: TurnFacts, said: Sequence[Said]) -> RasaAnswer:
        """One turn of Rasa's for each click and for the texts in between; mostly that is one."""
        steps = in_steps(said)
        answers = [await self._step(facts, step, number) for number, step in enumerate(steps)]
        return joined(answers)

    async def _step(self, facts: TurnFacts, step: Sequence[Said], number: int) -> RasaAnswer:
        carried = facts.slots if facts.is_new_tracker and number == 0 else {}
        metadata: dict[str, Any] = {
            "language": facts.language,
            "customer": facts.customer,
            "entities": facts.entities,
            "slots": carried,
        }
        turn_id = facts.turn_id if number == 0 else f"{facts.turn_id}.{number}"
        button = step[0].button or self._unspoken(facts, step)
        if button is None:
            text = burst_text([one.text for one in step])
            return await self.gateway.turn(turn_id, facts.sender_id, text=text, metadata=metadata)
        entities: dict[str, str] = {}
        if button.startswith(CHOOSE_ARTICLE):
            button, entities = "choose_article", {"article_id": button.removeprefix(CHOOSE_ARTICLE)}
        return await self.gateway.turn(
            turn_id, facts.sender_id, intent=button, entities=entities, metadata=metadata
        )

    def _unspoken(self, facts: TurnFacts, step: Sequence[Said]) -> str | None:
        """A friendly emoji without a word is a thank-you; in a form it is no answer, and is asked again."""
        text = burst_text([one.text for one in step])
        wordless = bool(text) and not any(character.isalnum() for character in text)
        in_form = facts.history.last is not None and facts.history.last.form
        return "thanks" if wordless and _is_emoji(text) and is_only_thanks(text) and not in_form else None

    async def _without_rasa(self, facts: TurnFacts, said: Sequence[Said]) -> Decision:
        """The knowledge base answers by itself; a ticket is taken by an inline form."""
        evidence = {"path": "without_rasa"}
        if said[-1].button == OPEN_TICKET:
            return _said_by_us(facts, said, [ticket_form_line()], evidence)
        text = burst_text([one.text for one in said])
        if is_only_thanks(text):
            return _said_by_us(facts, said, [Line("utter_thanks")], evidence, intent="thanks")
        found = await self._search(text, facts.language)
        if found:
            return _said_by_us(facts, said, [found], evidence)
        return Decision(
            lines=[Line("utter_bot_failed_queued")],
            alone=[Line("utter_dont_know", abstained=True)],
            reasons=[Reason("bot_failed", said[-1].seq, said[-1].text[:300])],
            evidence=evidence,
        )

    def failed(self, facts: TurnFacts, cause: str) -> Decision:
        """A visible sentence, with a person if one is there, else with the offer of a ticket."""
        said = facts.said
        evidence = {"path": "rasa_failed", "cause": cause}
        if said[-1].button == OPEN_TICKET:
            return Decision(lines=[ticket_form_line()], evidence=evidence)
        return Decision(
            lines=[Line("utter_bot_failed_queued")],
            alone=[Line("utter_bot_failed")],
            reasons=[Reason("bot_failed", said[-1].seq, said[-1].text[:300])],
            evidence=evidence,
        )


def _reasons(one: Said) -> list[Reason]:
    if one.button == ASK_PERSON:
        return [Reason("asked_for_person", one.seq, one.text)]
    return [] if one.button else straight_to_people(one.text, one.seq)


def burst_text(texts: Sequence[str]) -> str:
    """Several messages as one; those that only greet or thank melt away beside one that asks."""
    telling = [text for text in texts if text and not _is_greeting(text) and not is_only_thanks(text)]
    telling = [beside_declining(text) for text in telling]
    return "\n".join(telling or [text for text in texts if text][-1:])


def _is_greeting(text: str) -> bool:
    words = "".join(c for c in text.lower() if c.isalnum() or c.isspace()).strip()
    return words in {"hi", "hello", "hey", "hi there", "hello there", "good morning", "good afternoon"} or (
        words in {"你好", "您好", "在吗", "哈喽", "嗨"}
    )


def ticket_form_line() -> Line:
    return Line("utter_form_lead", form={"fields": []})


def in_steps(said: Sequence[Said]) -> list[list[Said]]:
    """A burst in what Rasa takes one by one: each click alone, texts between clicks together."""
    steps: list[list[Said]] = []
    for one in said:
        if steps and not one.button and not steps[-1][0].button:
            steps[-1].append(one)
        elif one.button or one.text:
            steps.append([one])
    return steps


def joined(answers: Sequence[RasaAnswer]) -> RasaAnswer:
    """Several turns as one answer; slots and form are as the last one left them."""
    last = answers[-1]
    if len(answers) == 1:
        return last
    return last.model_copy(
        update={
            "messages": [message for answer in answers for message in answer.messages],
            "commands": [command for answer in answers for command in answer.commands],
            "actions": [action for answer in answers for action in answer.actions],
            "wishes": sum(answer.wishes for answer in answers),
        }
    )


def _is_emoji(text: str) -> bool:
    """Whether there is a sign in it beyond punctuation, which alone says nothing."""
    return any(unicodedata.category(character) in ("So", "Sk") for character in text)


def _tone(said: Sequence[Said]) -> Tone:
    """All signs in what was typed."""
    signs = [sign for one in said if not one.button for sign in tone_of(one.text).signs]
    return Tone(tuple(dict.fromkeys(signs)))


def _said_by_us(
    facts: TurnFacts,
    said: Sequence[Said],
    lines: list[Line],
    evidence: dict[str, Any],
    *,
    intent: str | None = None,
) -> Decision:
    """What is said without Rasa, under the same policy; a form that is open in Rasa stays open."""
    form = facts.history.last.form if facts.history.last else None
    now = _now(facts, said, lines, intent=intent)
    return _judged(Decision(evidence=evidence), replace(now, form=form), facts, said)


def _now(facts: TurnFacts, said: Sequence[Said], lines: Sequence[Line], *, intent: str | None) -> Now:
    return Now(
        lines=lines,
        seq=said[-1].seq,
        intent=intent,
        tone=_tone(said),
        queued=facts.queued,
        same_matter=same_matter([one.text for one in said if not one.button], facts.open_tickets),
        has_file=any(one.has_files for one in said),
    )


def same_matter(texts: Sequence[str], tickets: Sequence[OpenTicket]) -> str | None:
    """The open ticket that a message is about: its order number, or two of its words, are named."""
    words = set(terms("\n".join(texts)))
    for ticket in tickets:
        named = bool(ticket.order_number) and any(str(ticket.order_number) in text for text in texts)
        if named or len(words & set(terms(ticket.about))) >= SAME_MATTER:
            return ticket.number
    return None


def _from_rasa(answer: RasaAnswer, facts: TurnFacts, said: Sequence[Said]) -> Decision:
    """Messages become lines; commands become what the turn's transaction does after them."""
    decision = Decision(
        rasa=answer,
        evidence={
            "path": "rasa",
            "intent": answer.intent.name,
            "confidence": round(answer.intent.confidence, 3),
            "actions": answer.actions,
            "ms": answer.timing_ms.get("total"),
        },
    )
    typed = "\n".join(one.text for one in said if not one.button)
    wants_offer, grumble, declined, stuck = False, False, False, None
    for command in answer.commands:
        match command.get("command"):
            case "hand_off":
                code = str(command.get("reason") or "asked_for_person")
                if answer.intent.name == "complain" and typed and not complains(typed):
                    grumble = True
                elif answer.intent.name == ASK_PERSON and typed and declines_person(typed):
                    declined = True
                else:
                    decision.reasons.append(Reason(code, said[-1].seq, said[-1].text[:300]))
            case "offer":
                wants_offer = True
            case "form_stuck":
                stuck = str(command.get("form") or "form")
            case "resolve":
                decision.resolve = True
            case "repeat":
                decision.repeats = True
            case "set_language":
                _set_language(decision, str(command.get("language") or ""), facts)
    lines = [Line.of(message) for message in answer.messages]
    if "no_language" in decision.evidence:
        lines = [Line("utter_no_language")]
    now = replace(
        _now(facts, said, lines, intent=answer.intent.name),
        form=answer.active_form,
        confirming=_confirming(answer, lines, facts),
        stuck_form=stuck,
        wants_offer=wants_offer,
        grumble=grumble,
        declined=declined,
        wishes=answer.wishes,
        asked_again=decision.repeats or answer.intent.name == "choose_article",
        acts=bool(decision.reasons) or decision.resolve or decision.repeats,
    )
    return _judged(decision, now, facts, said)


def _confirming(answer: RasaAnswer, lines: Sequence[Line], facts: TurnFacts) -> bool:
    """Whether a ticket was read back just now, or a moment ago and not answered yet."""
    last = facts.history.last.last_key if facts.history.last else ""
    read_back = [key for key in (last, *(line.text_key for line in lines)) if key.startswith(READ_BACK)]
    return bool(read_back and answer.slots.get("ticket_read_back"))


def _set_language(decision: Decision, language: str, facts: TurnFacts) -> None:
    if language in facts.languages:
        decision.language, decision.pins_language = language, True
    else:
        decision.evidence["no_language"] = language[:12]


def _judged(decision: Decision, now: Now, facts: TurnFacts, said: Sequence[Said]) -> Decision:
    """The policy's word: its lines, its reasons, its evidence, and where to look for what it is about."""
    verdict: Verdict = judge(now, facts.history)
    decision.lines, decision.alone = verdict.lines, verdict.alone
    if verdict.hand_over:
        decision.reasons.append(Reason(verdict.hand_over, said[-1].seq, said[-1].text[:300]))
    decision.evidence |= verdict.evidence
    return decision
