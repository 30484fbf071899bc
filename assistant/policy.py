"""The policy after Rasa: what may be said again, when a person is offered, and when the chat goes to people.

Pure functions: from what Rasa answered and what came before to what is said, with the evidence for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.history import ABSTAINED, UNHELPFUL, History, PastTurn, unhelpful
from assistant.phrases import (
    AGAIN,
    ASKS_WHETHER,
    CHATTY,
    NO_CONSEQUENCE,
    OF_CONSEQUENCE,
    OFFER_TEXTS,
    OFFERING,
    SMALL_TALK,
    SOBER,
    STUCK,
    is_unresolved,
    token_of,
)
from assistant.reply import Line
from assistant.tone import Tone

MOST_TIMES = 2
"""A text or an article is said so often in a conversation; then other words, an offer, people."""

QUIET_TURNS = 3
"""Turns after an offer, or after a "no" to one, in which none is made."""

LONG = 6
"""Questions without a sign that anything helped; the next one makes the matter complex."""

UNHELPFUL_TURNS, WINDOW = 3, 8
UNHAPPY_TURNS = 3


@dataclass(frozen=True, slots=True)
class Now:
    """This turn before the policy: what Rasa would say, and what is known of the customer's words."""

    lines: Sequence[Line]
    seq: int = 0
    intent: str | None = None
    form: str | None = None
    confirming: bool = False
    """A ticket was read back and waits for its yes."""
    stuck_form: str | None = None
    wants_offer: bool = False
    tone: Tone = field(default_factory=Tone)
    grumble: bool = False
    """Rasa took it for a complaint, but nobody said "complaint"."""
    declined: bool = False
    """The customer says that no person is wanted, and nothing else."""
    wishes: int = 1
    queued: bool = False
    same_matter: str | None = None
    """The number of the customer's open ticket that this message is about."""
    has_file: bool = False
    asked_again: bool = False
    """The customer asked for the very thing: a choice that was clicked, or "please repeat"."""
    acts: bool = False
    """A command of consequence comes with it: handing over, resolving."""

    @property
    def signs(self) -> list[str]:
        """How it can be told that the customer is unhappy."""
        return [*self.tone.signs, *(["taken_for_complaint"] if self.grumble else [])]


@dataclass(slots=True)
class Verdict:
    """What is said, and why. `alone`: what is said instead of handing over where nobody is there."""

    lines: list[Line]
    hand_over: str | None = None
    alone: list[Line] | None = None
    evidence: dict[str, Any] = field(default_factory=dict)


FORM_LINE = Line("utter_form_nobody", form={"fields": []})


def judge(now: Now, past: History) -> Verdict:
    """The outcome of the turn, what of it may be said, and whether people are offered or brought in."""
    outcome = outcome_of(now)
    evidence: dict[str, Any] = {"outcome": outcome}
    if now.signs:
        evidence["tone"] = now.signs
    if now.intent == "choose_article":
        evidence["chose"] = True
    answered = _answer_to_offer(now, past)
    if answered:
        answered.evidence = {**evidence, **answered.evidence, "outcome": "other"}
        return _finished(answered, now)
    _note_progress(now, outcome, evidence)
    lines, used_up = _fresh(_sober(now, past), now, past)
    if used_up and not any(line.text_key in CHATTY for line in used_up):
        evidence["outcome"] = "repeated"
        evidence["used_up"] = sorted({token_of(line) or "" for line in used_up})
    verdict = Verdict(lines, evidence=evidence)
    _lead_on(verdict, used_up, now, past)
    if not verdict.lines and not verdict.hand_over and now.grumble:
        _after_ignored_offer(verdict, past)
    if not verdict.lines and not verdict.hand_over and not now.acts and (now.lines or now.wants_offer):
        verdict.lines = [Line("utter_nothing_new")]
    return _finished(verdict, now)


def _lead_on(verdict: Verdict, used_up: Sequence[Line], now: Now, past: History) -> None:
    """The way out that fits: a form filled in at once, people, an offer, or the ladder of what is used up."""
    if now.stuck_form:
        _offer_form(verdict, now, past)
        return
    why, because = _reason_to_offer(now, verdict.evidence["outcome"], past) or ("", [])
    if why == "unhappy_again":
        _bring_people(verdict, "unhappy", because)
    elif why and _may_offer(now, past) and _offer(verdict, why, because, now, past):
        return
    elif used_up:
        _ladder(verdict, used_up, now, past)


def outcome_of(now: Now) -> str:
    """What the turn came to for the customer; for two wishes, the worse of them only if both failed."""
    keys = {line.text_key for line in now.lines}
    if now.form or now.confirming or any(key.startswith("utter_ticket_") for key in keys):
        return "form"
    unresolved = [line for line in now.lines if is_unresolved(line)]
    if unresolved and len(unresolved) == len(now.lines):
        if now.intent == "none_of_these":
            return "refused"
        if any(line.abstained for line in unresolved):
            return "abstained"
        return "fallback" if "utter_ask_rephrase" in keys else "did_you_mean"
    if "utter_unhelpful" in keys or now.intent == "unhelpful":
        return "unhelpful"
    if now.intent in SMALL_TALK:
        return "small_talk"
    found = any(line.sources or line.text_key.startswith("utter_look_up") for line in now.lines)
    if found or now.intent in (None, "nlu_fallback", "question"):
        return "answered"
    return "other"


def _note_progress(now: Now, outcome: str, evidence: dict[str, Any]) -> None:
    """Whether the customer said that something helped; thanks settle a matter, though they prove nothing."""
    keys = {line.text_key for line in now.lines}
    sober = now.tone.unhappy
    if (now.intent == "helpful" or "utter_helpful" in keys) and not sober:
        evidence["helped"] = True
    elif now.intent == "unhelpful" or outcome == "unhelpful":
        evidence["helped"] = False
    if (now.intent == "thanks" and not sober) or keys & {"utter_ticket_created", "utter_ticket_exists"}:
        evidence["settled"] = True


def _sober(now: Now, past: History) -> list[Line]:
    """No cheer for an unhappy customer: this message, or the one before, showed it."""
    unhappy = now.tone.unhappy or bool(past.last and past.last.unhappy and now.intent != "helpful")
    if not unhappy:
        return list(now.lines)
    return [replace(line, text_key=SOBER.get(line.text_key, line.text_key)) for line in now.lines]


def _fresh(lines: Sequence[Line], now: Now, past: History) -> tuple[list[Line], list[Line]]:
    """The lines that may be said, in other words where the first ones were said twice; and the used up."""
    said = past.said
    fresh: list[Line] = []
    used_up: list[Line] = []
    for line in lines:
        token = token_of(line)
        for other in (line, replace(line, text_key=AGAIN.get(line.text_key, line.text_key))):
            if now.asked_again or token is None or said[token_of(other) or ""] < MOST_TIMES:
                fresh.append(other)
                break
        else:
            used_up.append(line)
    if used_up and not fresh and all(line.text_key in CHATTY for line in used_up):
        fresh.append(Line("utter_listening"))
    return fresh, used_up


def _reason_to_offer(now: Now, outcome: str, past: History) -> tuple[str, list[int]] | None:
    """Why people should be offered, with the numbers of the messages that gave the reason."""
    recent = past.recent
    unhappy = [turn for turn in recent[-4:] if turn.unhappy]
    if now.signs and len(unhappy) >= UNHAPPY_TURNS - 1 and _may_bring(now, past):
        return "unhappy_again", [*_seqs(unhappy), now.seq]
    if now.wants_offer:
        return "asked", [now.seq]
    if now.grumble or now.tone.grumbles:
        return "grumble", [now.seq]
    if outcome == "small_talk":
        return None
    since = past.since_helped()
    if now.tone.unhappy:
        before = [turn for turn in since[-1:] if turn.unhappy or turn.outcome in UNHELPFUL]
        if before or outcome in UNHELPFUL:
            return "unhappy", [*_seqs(before), now.seq]
    failed = _failures(now, outcome, since)
    if failed:
        return failed
    return _complex(now, outcome, past)


def _failures(now: Now, outcome: str, since: Sequence[PastTurn]) -> tuple[str, list[int]] | None:
    asked = [turn for turn in since if turn.outcome not in ("small_talk", "other")]
    if outcome in ABSTAINED and asked and asked[-1].outcome in ABSTAINED:
        return "abstained", [asked[-1].seq, now.seq]
    bad = unhelpful(since[-WINDOW:], chose_now=now.intent == "choose_article")
    if outcome in UNHELPFUL and len(bad) >= UNHELPFUL_TURNS - 1:
        return "unhelpful_turns", [*_seqs(bad), now.seq]
    return None


def _complex(now: Now, outcome: str, past: History) -> tuple[str, list[int]] | None:
    """Two wishes unresolved at once, an open ticket on the same matter, a file, a long way without help."""
    if now.wishes > 1 and len([line for line in now.lines if is_unresolved(line)]) > 1:
        return "complex_wishes", [now.seq]
    if now.same_matter and outcome in UNHELPFUL:
        return "complex_open_ticket", [now.seq]
    if now.has_file:
        return "complex_file", [now.seq]
    asked = past.asked_since_settled()
    if outcome == "answered" and len(asked) >= LONG:
        return "complex_long", [*_seqs(asked), now.seq]
    return None


def _seqs(turns: Sequence[PastTurn]) -> list[int]:
    return [turn.seq for turn in turns]


def _may_offer(now: Now, past: History) -> bool:
    """Never in a form, never to somebody who already waits, never soon after an offer or a "no" to one."""
    if now.form or now.confirming or now.queued or now.acts:
        return False
    return not (past.offered_within(QUIET_TURNS) or past.declined_within(QUIET_TURNS))


def _may_bring(now: Now, past: History) -> bool:
    """People come unasked only after an offer, and not to somebody who has just said no to it."""
    if now.form or now.confirming or now.queued or now.acts:
        return False
    return past.offered_within(4) and not past.declined_within(QUIET_TURNS)


def _offer(verdict: Verdict, why: str, because: list[int], now: Now, past: History) -> bool:
    """Add the offer; lines that say the same give way, and an honest "I don't know" stays marked as one.

    False where every wording of it has been said twice: the buttons of the answers must do then.
    """
    keys = (OFFER_TEXTS.get(why, "utter_offer"), "utter_offer")
    key = next((key for key in keys if past.said[key] < MOST_TIMES), None)
    if key is None:
        return False
    variables = {"number": now.same_matter} if key == "utter_offer_open_ticket" else {}
    abstained = any(line.abstained for line in verdict.lines)
    kept = [line for line in verdict.lines if line.text_key not in OFFERING and not line.abstained]
    verdict.lines = [*kept, Line(key, variables, abstained=abstained)]
    verdict.evidence["offer"] = {"why": why, "because": because}
    return True


def _offer_form(verdict: Verdict, now: Now, past: History) -> None:
    """A form got stuck: all its fields at once, filled in as far as is known, or a person."""
    if past.last and past.last.offer == "form_failed":
        return
    kept = [line for line in verdict.lines if not line.text_key.startswith(STUCK)]
    verdict.lines = [*kept, Line("utter_offer_form", form={"fields": []})]
    verdict.evidence["offer"] = {"why": "form_failed", "because": [now.seq]}


def _ladder(verdict: Verdict, used_up: Sequence[Line], now: Now, past: History) -> None:
    """Nothing new is left to say: an offer first, people next; and never silence."""
    if all(line.text_key in CHATTY for line in used_up):
        return
    if _may_offer(now, past):
        before = any(turn.offer == "repeated" for turn in past.recent)
        if before or not _offer(verdict, "repeated", [now.seq], now, past):
            _bring_people(verdict, "repeated", [now.seq])
    elif not now.form and not now.confirming and past.last and past.last.offer == "repeated":
        _bring_people(verdict, "repeated", [past.last.seq, now.seq])
    elif not verdict.lines:
        verdict.lines = [Line("utter_nothing_new")]


def _bring_people(verdict: Verdict, code: str, because: list[int]) -> None:
    """Hand over where people are, else give the form: offering once more would lead nowhere."""
    kept = [line for line in verdict.lines if line.text_key not in OFFERING and not line.abstained]
    verdict.alone = [*kept, FORM_LINE]
    verdict.lines = [*kept, Line("utter_handing_over")]
    verdict.hand_over = code
    verdict.evidence["hand_over"] = {"why": code, "because": because}


def _after_ignored_offer(verdict: Verdict, past: History) -> None:
    """A grumble too soon for another offer."""
    worn = past.said["utter_sorry"] >= MOST_TIMES
    verdict.lines = [Line("utter_nothing_new" if worn else "utter_sorry")]


def _answer_to_offer(now: Now, past: History) -> Verdict | None:
    """A bare yes or no to an offer of ours, of which Rasa knows nothing."""
    if now.declined:
        return _declined(past)
    last = past.last
    if last is None or now.form or now.confirming or now.acts:
        return None
    own = bool(last.offer) and not any(line.text_key.startswith(OF_CONSEQUENCE) for line in now.lines)
    asked = last.last_key in ASKS_WHETHER and all(line.text_key in NO_CONSEQUENCE for line in now.lines)
    if not own and not asked:
        return None
    if now.intent == "affirm":
        why = {"why": "asked_for_person", "because": [last.seq, now.seq]}
        return Verdict([], "asked_for_person", [FORM_LINE], {"accepted": True, "hand_over": why})
    if now.intent in ("deny", "cancel"):
        return _declined(past)
    return None


def _declined(past: History) -> Verdict:
    worn = past.said["utter_offer_declined"] >= MOST_TIMES
    said = Line("utter_listening" if worn else "utter_offer_declined")
    return Verdict([said], evidence={"declined": True})


def _finished(verdict: Verdict, now: Now) -> Verdict:
    """Note what is said, for the turns to come."""
    tokens = [token_of(line) for line in verdict.lines]
    verdict.evidence["tokens"] = [token for token in tokens if token]
    if now.form:
        verdict.evidence["form"] = now.form
    if verdict.lines:
        verdict.evidence["last_key"] = verdict.lines[-1].text_key
    return verdict
