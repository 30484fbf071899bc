"""What to answer: policy first, then Rasa, then policy again; and the way without Rasa."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog

from assistant.conclude import ASK_PERSON, from_rasa, said_by_us, ticket_form_line
from assistant.facts import Decision, Said, TurnFacts
from assistant.gateway import Breaker, RasaAnswer, RasaFailed, RasaGateway
from assistant.reply import Line
from chat.closing import is_only_thanks
from chat.scrub import is_only_secret
from handoff.escalation import Reason, straight_to_people
from handoff.wishes import beside_declining

log = structlog.get_logger(__name__)

QUEUE_CHOICES = frozenset({"keep_waiting", "ask_meanwhile"})
"""Buttons that the queue itself answers."""

MOST_ATTEMPTS = 3
"""A turn whose worker has vanished this often is given up with a visible sentence."""

OPEN_TICKET, TICKET_FORM = "open_ticket", "ticket_form"

CHOOSE_ARTICLE = "article:"
"""Clicks on an article that was found carry its id."""

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
        return from_rasa(answer, facts, said)

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
            return said_by_us(facts, said, [ticket_form_line()], {"path": "form"})
        if all(one.has_files and not one.text for one in said):
            return said_by_us(facts, said, [Line("utter_file_kept")], {"path": "file"})
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
        return "thanks" if wordless and _is_friendly(text) and is_only_thanks(text) and not in_form else None

    async def _without_rasa(self, facts: TurnFacts, said: Sequence[Said]) -> Decision:
        """The knowledge base answers by itself; a ticket is taken by an inline form."""
        evidence = {"path": "without_rasa"}
        if said[-1].button == OPEN_TICKET:
            return said_by_us(facts, said, [ticket_form_line()], evidence)
        text = burst_text([one.text for one in said])
        if is_only_thanks(text):
            return said_by_us(facts, said, [Line("utter_thanks")], evidence, intent="thanks")
        found = await self._search(text, facts.language)
        if found:
            return said_by_us(facts, said, [found], evidence)
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


_FRIENDLY = frozenset("👍👌🙏👏🙌🤝💪😀😃😄😁😆😊🙂☺😉😌😍🥰😘😎🤗🤩🥳🎉🎊❤🧡💛💚💙💜💖💯✅✨🌹🌸💐")


def _is_friendly(text: str) -> bool:
    """Whether one of its signs is meant kindly; another, a flag or a face that melts, says nothing clear."""
    return not _FRIENDLY.isdisjoint(text)
