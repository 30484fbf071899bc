"""From what is to be said to a decision: Rasa's messages and commands, seen by the policy."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from assistant.facts import Decision, OpenTicket, Said, TurnFacts
from assistant.gateway import RasaAnswer
from assistant.policy import Now, Verdict, judge
from assistant.reply import Line
from assistant.tone import Tone, tone_of
from handoff.escalation import Reason, complains
from handoff.wishes import declines_person
from knowledge_base.words import terms

ASK_PERSON = "ask_person"

READ_BACK = "utter_ticket_read_back"

SAME_MATTER = 2
"""Words that a message must share with an open ticket to be about the same matter."""


def ticket_form_line() -> Line:
    return Line("utter_form_lead", form={"fields": []})


def _tone(said: Sequence[Said]) -> Tone:
    """All signs in what was typed."""
    signs = [sign for one in said if not one.button for sign in tone_of(one.text).signs]
    return Tone(tuple(dict.fromkeys(signs)))


def said_by_us(
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


def from_rasa(answer: RasaAnswer, facts: TurnFacts, said: Sequence[Said]) -> Decision:
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
