"""The policy after Rasa as pure functions: what is said again, what is offered, and what is never done."""

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.history import History, PastTurn
from assistant.phrases import FLOOR, token_of
from assistant.policy import MOST_TIMES, QUIET_TURNS, Now, Verdict, judge
from assistant.reply import Line
from assistant.tone import Tone

DONT_KNOW = Line("utter_dont_know", abstained=True)
REPHRASE = Line("utter_ask_rephrase")
UNHELPFUL = Line("utter_unhelpful")
NOTHING = Line("utter_nothing_to_confirm")
CHOICES = [{"value": "article:1", "label": "One"}, {"value": "none_of_these"}]
DID_YOU_MEAN = Line("utter_did_you_mean", choices=CHOICES)
CROSS, FURIOUS = Tone(("swearing",)), Tone(("grumble",))


def article(name: str) -> Line:
    return Line("utter_article", {"passage": name}, "article", [{"article_id": name}])


@dataclass
class Talk:
    """A conversation as the policy sees it; what it came to is remembered as the desk stores it: as JSON."""

    turns: list[PastTurn] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    epoch: int = 1

    def hears(self, *lines: Line, intent: str | None = None, **more: Any) -> Verdict:
        now = Now(lines, seq=2 * len(self.turns) + 1, intent=intent, **more)
        verdict = judge(now, History(tuple(self.turns), self.epoch))
        stored = json.loads(json.dumps({**verdict.evidence, "seq": now.seq, "epoch": self.epoch}))
        self.turns.append(PastTurn.of(stored))
        self.verdicts.append(verdict)
        return verdict

    def asks(self, *lines: Line, **more: Any) -> Verdict:
        return self.hears(*lines, intent="nlu_fallback", **more)


def keys(verdict: Verdict) -> list[str]:
    return [line.text_key for line in verdict.lines]


def why(verdict: Verdict) -> str | None:
    return (verdict.evidence.get("offer") or {}).get("why")


class TestAbstaining:
    def test_one_is_no_reason_two_running_are(self) -> None:
        talk = Talk()
        assert keys(talk.asks(DONT_KNOW)) == ["utter_dont_know"]
        second = talk.asks(DONT_KNOW)
        assert keys(second) == ["utter_offer_dont_know"]
        assert second.lines[0].abstained
        assert second.evidence["offer"] == {"why": "abstained", "because": [1, 3]}

    def test_small_talk_does_not_come_between(self) -> None:
        talk = Talk()
        talk.asks(DONT_KNOW)
        talk.hears(Line("utter_thanks"), intent="thanks")
        assert why(talk.asks(REPHRASE)) == "abstained"

    def test_an_answer_does(self) -> None:
        talk = Talk()
        talk.asks(DONT_KNOW)
        talk.asks(article("a"))
        assert why(talk.asks(DONT_KNOW)) is None

    def test_help_does(self) -> None:
        talk = Talk()
        talk.asks(DONT_KNOW)
        talk.hears(Line("utter_helpful"), intent="helpful")
        assert why(talk.asks(DONT_KNOW)) is None

    def test_the_offer_comes_once_and_then_rests(self) -> None:
        talk = Talk()
        offers = [why(talk.asks(DONT_KNOW)) for _ in range(7)]
        assert offers[1] == "abstained"
        assert not any(offers[2 : 2 + QUIET_TURNS])

    def test_one_of_two_wishes_answered_is_an_answer(self) -> None:
        talk = Talk()
        for _ in range(2):
            verdict = talk.asks(DONT_KNOW, article("a"), wishes=2)
            assert why(verdict) is None
        assert verdict.evidence["outcome"] == "answered"


class TestThreeUnhelpfulTurns:
    def test_of_any_kind(self) -> None:
        talk = Talk()
        talk.asks(DID_YOU_MEAN)
        talk.hears(UNHELPFUL, intent="unhelpful")
        third = talk.asks(REPHRASE)
        assert third.evidence["offer"] == {"why": "unhelpful_turns", "because": [1, 3, 5]}
        assert keys(third) == ["utter_offer"]

    def test_a_choice_that_was_taken_was_help(self) -> None:
        talk = Talk()
        for name in "abc":
            talk.asks(replace(DID_YOU_MEAN, choices=[{"value": f"article:{name}"}]))
            verdict = talk.hears(article(name), intent="choose_article")
            assert why(verdict) is None

    def test_a_choice_that_was_refused_was_not(self) -> None:
        talk = Talk()
        talk.asks(DID_YOU_MEAN)
        refused = talk.hears(DONT_KNOW, intent="none_of_these")
        assert refused.evidence["outcome"] == "refused"
        assert why(talk.asks(REPHRASE)) == "unhelpful_turns"

    def test_long_ago_is_forgotten(self) -> None:
        talk = Talk()
        for number in range(3):
            assert why(talk.asks(DONT_KNOW)) is None
            for n in range(5):
                talk.asks(article(f"{number}.{n}"))
                talk.hears(Line("utter_thanks"), intent="thanks")


class TestNothingAThirdTime:
    def test_other_words_then_an_offer_then_people(self) -> None:
        talk = Talk()
        said = [talk.hears(Line("utter_capabilities"), intent="capabilities") for _ in range(4)]
        assert [keys(one) for one in said[:3]] == [["utter_capabilities"]] * 2 + [["utter_already_said"]]
        assert why(said[2]) == "repeated"
        assert said[3].hand_over == "repeated"
        assert keys(said[3]) == ["utter_handing_over"]
        assert [line.text_key for line in said[3].alone or []] == ["utter_form_nobody"]

    def test_an_article(self) -> None:
        talk = Talk()
        said = [talk.asks(article("a")) for _ in range(3)]
        assert [keys(one) for one in said] == [["utter_article"], ["utter_article"], ["utter_already_said"]]
        assert said[2].evidence["used_up"] == ["article:a"]
        assert not said[2].lines[0].sources

    def test_unless_it_is_asked_for(self) -> None:
        talk = Talk()
        for _ in range(4):
            assert keys(talk.hears(article("a"), intent="choose_article", asked_again=True)) == [
                "utter_article"
            ]

    def test_what_is_new_each_time_is_said_each_time(self) -> None:
        talk = Talk()
        status = Line("utter_ticket_status", {"number": "T-1042", "stage": "received"})
        for line in (status, Line("utter_ticket_cancelled"), Line("utter_ask_ticket_form_email")):
            for _ in range(5):
                assert keys(talk.hears(line, intent="ticket_status")) == [line.text_key]

    def test_a_word_before_an_article_wears_nothing_out(self) -> None:
        talk = Talk()
        for name in "abcd":
            verdict = talk.hears(Line("utter_try_another"), article(name), intent="unhelpful")
            assert keys(verdict)[:2] == ["utter_try_another", "utter_article"]
            talk.hears(Line("utter_helpful"), intent="helpful")

    def test_small_talk_never_ends_with_people(self) -> None:
        talk = Talk()
        for _ in range(9):
            verdict = talk.hears(Line("utter_thanks"), intent="thanks")
            assert why(verdict) is None
            assert verdict.hand_over is None
            assert len(verdict.lines) == 1
        said = Counter(line.text_key for one in talk.verdicts for line in one.lines)
        assert said == {"utter_thanks": 2, "utter_thanks_again": 2, "utter_listening": 5}

    def test_counts_go_on_when_a_person_has_given_the_chat_back(self) -> None:
        talk = Talk()
        for _ in range(2):
            talk.asks(article("a"))
        talk.epoch = 3
        assert keys(talk.asks(article("a"))) == ["utter_already_said"]

    def test_in_a_form_its_question_stays(self) -> None:
        talk = Talk()
        prompt = Line("utter_ask_ticket_form_email")
        for _ in range(2):
            talk.asks(article("a"), prompt, form="ticket_form")
        third = talk.asks(article("a"), prompt, form="ticket_form")
        assert keys(third) == ["utter_ask_ticket_form_email"]
        assert why(third) is None


class TestAnswersToAnOffer:
    def offered(self) -> Talk:
        talk = Talk()
        talk.asks(DONT_KNOW)
        talk.asks(DONT_KNOW)
        return talk

    def test_yes_brings_people_or_the_form(self) -> None:
        verdict = self.offered().hears(NOTHING, intent="affirm")
        assert verdict.hand_over == "asked_for_person"
        assert verdict.lines == []
        assert [line.form is not None for line in verdict.alone or []] == [True]

    def test_no_is_heard_for_three_turns(self) -> None:
        talk = self.offered()
        verdict = talk.hears(UNHELPFUL, intent="deny")
        assert keys(verdict) == ["utter_offer_declined"]
        assert verdict.evidence["declined"] is True
        for number in range(QUIET_TURNS):
            assert why(talk.asks(article(f"{number}"), tone=FURIOUS)) is None
        assert why(talk.asks(article("last"), tone=FURIOUS)) == "grumble"

    def test_no_to_an_offer_beside_an_article_is_not_about_the_article(self) -> None:
        talk = Talk()
        for n in range(7):
            talk.asks(article(f"{n}"))
        verdict = talk.hears(Line("utter_try_another"), article("x"), intent="deny")
        assert keys(verdict) == ["utter_offer_declined"]

    def test_yes_to_i_dont_know(self) -> None:
        talk = Talk()
        talk.asks(DONT_KNOW)
        assert talk.hears(Line("utter_offer"), intent="affirm").hand_over == "asked_for_person"

    def test_a_yes_that_rasa_acts_on_is_rasas(self) -> None:
        created = Line("utter_ticket_created", {"number": "T-1"})
        assert keys(self.offered().hears(created, intent="affirm")) == ["utter_ticket_created"]
        prompt = Line("utter_ask_ticket_form_email")
        assert keys(self.offered().hears(prompt, intent="affirm", form="ticket_form")) == [prompt.text_key]

    def test_a_yes_to_anything_else_is_rasas(self) -> None:
        talk = Talk()
        talk.asks(article("a"))
        assert keys(talk.hears(Line("utter_helpful"), intent="affirm")) == ["utter_helpful"]


class TestTone:
    def test_a_grumble_gets_an_offer_and_no_handover(self) -> None:
        verdict = Talk().asks(article("a"), tone=FURIOUS)
        assert keys(verdict) == ["utter_article", "utter_offer_unhappy"]
        assert why(verdict) == "grumble"
        assert verdict.hand_over is None

    def test_a_complaint_that_is_none_is_a_grumble(self) -> None:
        verdict = Talk().hears(intent="complain", grumble=True)
        assert keys(verdict) == ["utter_offer_unhappy"]

    def test_swearing_once_is_nothing(self) -> None:
        verdict = Talk().asks(article("a"), tone=CROSS)
        assert keys(verdict) == ["utter_article"]
        assert verdict.evidence["tone"] == ["swearing"]

    def test_unhappy_twice_running_or_once_without_help(self) -> None:
        talk = Talk()
        talk.asks(article("a"), tone=CROSS)
        assert why(talk.asks(article("b"), tone=CROSS)) == "unhappy"
        assert why(Talk().asks(DONT_KNOW, tone=CROSS)) == "unhappy"

    def test_grumbling_on_brings_people_too(self) -> None:
        talk = Talk()
        said = [talk.hears(intent="complain", grumble=True) for _ in range(3)]
        assert [keys(one)[-1] for one in said] == ["utter_offer_unhappy", "utter_sorry", "utter_handing_over"]
        assert said[2].hand_over == "unhappy"

    def test_the_third_time_people_come(self) -> None:
        talk = Talk()
        for name in "ab":
            talk.asks(article(name), tone=CROSS)
        third = talk.asks(article("c"), tone=CROSS)
        assert third.hand_over == "unhappy"
        assert keys(third) == ["utter_article", "utter_handing_over"]
        assert third.evidence["hand_over"]["because"] == [1, 3, 5]

    def test_not_against_their_will(self) -> None:
        talk = Talk()
        for name in "ab":
            talk.asks(article(name), tone=CROSS)
        talk.hears(UNHELPFUL, intent="deny", tone=CROSS)
        assert talk.asks(article("c"), tone=CROSS).hand_over is None
        assert keys(talk.hears(intent="complain", grumble=True, tone=FURIOUS)) == ["utter_sorry"]

    @pytest.mark.parametrize("key", ["utter_greet", "utter_goodbye", "utter_thanks", "utter_helpful"])
    def test_no_cheer_for_an_unhappy_customer(self, key: str) -> None:
        intent = key.removeprefix("utter_")
        now = Talk().hears(Line(key), intent=intent, tone=CROSS)
        assert keys(now) == [f"{key}_sober"]
        talk = Talk()
        talk.asks(article("a"), tone=CROSS)
        after = talk.hears(Line(key), intent=intent)
        assert keys(after) == [key if intent == "helpful" else f"{key}_sober"]

    def test_thanks_for_nothing_is_no_thanks(self) -> None:
        verdict = Talk().hears(Line("utter_thanks"), intent="thanks", tone=Tone(("negated_thanks",)))
        assert why(verdict) == "grumble"
        assert "utter_thanks" not in keys(verdict)
        assert not verdict.evidence.get("settled")


class TestComplex:
    def test_more_than_six_questions_without_a_sign_of_help(self) -> None:
        talk = Talk()
        said = [talk.asks(article(f"{n}")) for n in range(7)]
        assert [why(one) for one in said] == [None] * 6 + ["complex_long"]
        assert keys(said[6]) == ["utter_article", "utter_offer"]
        assert said[6].evidence["offer"]["because"] == [1, 3, 5, 7, 9, 11, 13]

    def test_thanks_on_the_way_start_the_count_anew(self) -> None:
        talk = Talk()
        for n in range(20):
            assert why(talk.asks(article(f"{n}"))) is None
            if n % 5 == 4:
                talk.hears(Line("utter_thanks"), intent="thanks")

    def test_two_unresolved_wishes_at_once(self) -> None:
        verdict = Talk().asks(DONT_KNOW, DID_YOU_MEAN, wishes=2)
        assert why(verdict) == "complex_wishes"

    def test_an_open_ticket_on_the_same_matter(self) -> None:
        verdict = Talk().asks(DONT_KNOW, same_matter="T-1042")
        assert why(verdict) == "complex_open_ticket"
        assert verdict.lines[-1].variables == {"number": "T-1042"}
        assert why(Talk().asks(article("a"), same_matter="T-1042")) is None

    def test_a_file_that_nobody_here_can_read(self) -> None:
        verdict = Talk().hears(Line("utter_file_kept"), has_file=True)
        assert keys(verdict) == ["utter_empty_file"]
        in_form = Talk().hears(Line("utter_file_kept"), has_file=True, form="ticket_form")
        assert keys(in_form) == ["utter_file_kept"]


class TestForms:
    def test_a_form_that_is_stuck_becomes_one_with_all_its_fields(self) -> None:
        verdict = Talk().hears(Line("utter_form_stuck"), stuck_form="ticket_form")
        assert keys(verdict) == ["utter_offer_form"]
        assert verdict.lines[0].form is not None
        assert why(verdict) == "form_failed"

    def test_no_offer_while_one_is_filled_in(self) -> None:
        talk = Talk()
        for _ in range(6):
            assert why(talk.asks(Line("utter_invalid_email"), form="ticket_form", tone=FURIOUS)) is None

    def test_nor_while_a_ticket_waits_for_its_yes_nor_in_the_queue(self) -> None:
        for more in ({"confirming": True}, {"queued": True}):
            talk = Talk()
            talk.asks(DONT_KNOW, **more)
            assert why(talk.asks(DONT_KNOW, **more)) is None


def test_the_dialogues_own_offer_is_one() -> None:
    talk = Talk()
    assert why(talk.hears(wants_offer=True)) == "asked"
    assert keys(talk.hears(wants_offer=True)) == ["utter_nothing_new"]


def test_evidence_of_an_older_version_is_read() -> None:
    assert PastTurn.of({"path": "rasa", "intent": "greet"}) == PastTurn()


LINES = st.sampled_from(
    [
        (DONT_KNOW,), (REPHRASE,), (UNHELPFUL,), (NOTHING,), (DID_YOU_MEAN,), (article("a"),),
        (article("b"),), (article("c"), DONT_KNOW), (Line("utter_capabilities"),), (Line("utter_greet"),),
        (Line("utter_thanks"),), (Line("utter_helpful"),), (Line("utter_offer"),),
        (Line("utter_ask_ticket_form_email"),),
        (Line("utter_ticket_status", {"number": "T-1"}),), (DONT_KNOW, DID_YOU_MEAN),
    ]
)  # fmt: skip
INTENTS = st.sampled_from(
    [
        "nlu_fallback",
        "greet",
        "thanks",
        "helpful",
        "unhelpful",
        "affirm",
        "deny",
        "capabilities",
        "none_of_these",
    ]
)
HEARD = st.fixed_dictionaries(
    {
        "lines": LINES,
        "intent": INTENTS,
        "form": st.sampled_from([None, None, None, "ticket_form"]),
        "tone": st.sampled_from([Tone(), Tone(), CROSS, FURIOUS]),
        "has_file": st.booleans(),
        "queued": st.sampled_from([False, False, False, True]),
        "wants_offer": st.sampled_from([False, False, True]),
        "stuck_form": st.sampled_from([None, None, None, None, "ticket_form"]),
        "grumble": st.sampled_from([False, False, True]),
        "wishes": st.integers(1, 2),
        "same_matter": st.sampled_from([None, "T-1"]),
    }
)


@given(st.lists(HEARD, max_size=25))
def test_whatever_happens(heard: list[dict[str, Any]]) -> None:
    talk = Talk()
    said: Counter[str] = Counter()
    for one in heard:
        lines = one.pop("lines")
        verdict = talk.hears(*lines, **one)
        assert verdict.lines or verdict.hand_over, "never silence"
        for line in verdict.lines:
            if token := token_of(line):
                assert token not in FLOOR
                said[token] += 1
        assert all(times <= MOST_TIMES for times in said.values()), said
        if why(verdict) and why(verdict) != "form_failed":
            assert not one["form"]
            assert not one["queued"]
        if verdict.hand_over:
            assert verdict.alone
            assert not (one["form"] and why(verdict))
    for before, after in zip(talk.verdicts, talk.verdicts[1:], strict=False):
        assert not (why(before) and why(after) and why(after) != "form_failed"), "no offer twice in a row"
    for number, verdict in enumerate(talk.verdicts):
        if verdict.evidence.get("declined"):
            for later in talk.verdicts[number + 1 : number + 1 + QUIET_TURNS]:
                assert why(later) in (None, "form_failed")
        for seq in (verdict.evidence.get("offer") or {}).get("because", []):
            assert seq <= 2 * number + 1
