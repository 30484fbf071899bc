"""A look-up from the actions' side: what is asked for, what is sent and asked, and how it ends."""

import itertools

import pytest
from look_up_fakes import CODE, ORDER

from lookups.views import LookUpView

ANN = "ann@example.com"
TICKET_OR_PERSON = {"utter_look_up_locked", "utter_look_up_code_limited", "utter_look_up_code_unavailable"}


class Looking:
    """Plays Rasa for a look-up: the form is begun, asked through, and its end acted on."""

    def __init__(self, conversation, desk):
        self.conversation, self.desk = conversation, desk
        self.proof = desk.proof("conv7")
        self._turns = (f"turn-{n}" for n in itertools.count(1))

    @property
    def asks(self):
        return self.conversation.slots.get("requested_slot")

    async def asked_for(self, text="Where is my order?", action="action_answer_question", **heard):
        heard = {"intent": "order_status", "turn_id": next(self._turns), **heard}
        self.conversation.heard(text, **heard)
        self.conversation.active_loop = None
        said = await self.conversation.run(action)
        if self.conversation.slots.get("look_up_state") == "asking":
            self.conversation.active_loop = "look_up_form"
            self.conversation.events += [
                {"event": "action", "name": action},
                {"event": "active_loop", "name": "look_up_form"},
                {"event": "action", "name": "look_up_form"},
            ]
            said += await self.conversation.run("validate_look_up_form")
            said += await self._ended()
        return said

    async def hears(self, text, **heard):
        heard.setdefault("turn_id", next(self._turns))
        said = await self.conversation.fill(self.asks, text, form="look_up_form", **heard)
        return said + await self._ended()

    async def _ended(self):
        if self.asks is not None:
            return []
        self.conversation.active_loop = None
        return await self.conversation.run("action_look_up")

    async def proving(self):
        """As far as the code."""
        await self.asked_for(order_number="HH-204817")
        return await self.hears(ANN, email=ANN)


@pytest.fixture
def looking(conversation, desk):
    desk.look_ups["conv7"] = ORDER
    return Looking(conversation, desk)


def keys(said):
    return [payload["text_key"] for payload in said if "text_key" in payload]


async def test_each_input_is_asked_for_and_then_the_proof(looking):
    await looking.asked_for()
    assert looking.asks == "look_up_order_number"
    await looking.hears("HH-204817", order_number="HH-204817")
    assert looking.asks == "look_up_email"
    assert keys(await looking.hears(ANN, email=ANN)) == ["utter_look_up_code_sent"]
    assert looking.asks == "look_up_code"
    assert looking.proof.sent == {"turn-3:validate_look_up_form:0": ANN}
    [said] = await looking.hears(CODE, order_number=CODE)
    assert said["vars"] == {"text": "Your order HH-204817 is on its way."}
    assert looking.desk.asked == [("conv7", {"order_number": "HH-204817", "email": ANN})]
    assert looking.conversation.slots["look_up_state"] == "found"


async def test_a_typed_code_stays_in_no_slot(looking):
    await looking.proving()
    await looking.hears("the code is 654321")
    assert "654321" not in str(looking.conversation.slots)
    assert list(looking.proof.checked) == ["turn-3:validate_look_up_form:0"]


async def test_the_same_turn_again_sends_and_counts_once(looking):
    await looking.asked_for(order_number="HH-204817")
    before = dict(looking.conversation.slots)
    await looking.hears(ANN, email=ANN, turn_id="turn-x")
    looking.conversation.slots = dict(before)
    await looking.hears(ANN, email=ANN, turn_id="turn-x")
    assert len(looking.proof.sent) == 1
    await looking.hears("000000", turn_id="turn-y")
    await looking.hears("000000", turn_id="turn-y")
    assert looking.proof.tries == 1


@pytest.mark.parametrize("state", ["limited", "locked", "unavailable"])
async def test_where_no_code_can_be_sent_people_help(looking, state):
    looking.proof.next_send = state
    said = await looking.proving()
    assert set(keys(said)) <= TICKET_OR_PERSON
    assert len(said) == 1
    assert (looking.asks, looking.conversation.slots["look_up_state"]) == (None, state)
    assert looking.conversation.slots["look_up_order_number"] == "HH-204817"
    assert looking.conversation.slots["look_up_email"] == ANN


async def test_an_expired_code_is_replaced_at_once(looking):
    await looking.proving()
    looking.proof.is_expired = True
    said = await looking.hears(CODE)
    assert keys(said) == ["utter_look_up_code_expired", "utter_look_up_code_again"]
    assert len(looking.proof.sent) == 2
    assert keys(await looking.hears(CODE)) == ["utter_look_up_answer"]


async def test_an_address_is_said_masked(looking):
    [said] = await looking.proving()
    assert said["vars"] == {"email": "a•••@example.com"}


async def test_a_known_address_gets_the_code_without_a_question(looking):
    looking.conversation.slots["email"] = ANN
    said = await looking.asked_for(order_number="HH-204817")
    assert (keys(said), looking.asks) == (["utter_look_up_code_sent"], "look_up_code")
    assert list(looking.proof.sent.values()) == [ANN]


async def test_what_was_told_for_a_ticket_is_not_asked_again(looking):
    looking.conversation.slots |= {"order_number": "HH-204817"}
    await looking.asked_for()
    assert looking.asks == "look_up_email"


async def test_a_proven_address_counts_and_another_one_does_not(looking):
    looking.proof.level, looking.proof.proven = "email", [ANN]
    looking.conversation.slots["email"] = "old@example.com"
    assert keys(await looking.asked_for(order_number="HH-204817")) == ["utter_look_up_answer"]
    said = await looking.asked_for("and for bob@example.com?", intent="nlu_fallback", email="bob@example.com")
    assert (keys(said), looking.asks) == (["utter_look_up_code_sent"], "look_up_code")


async def test_signed_in_is_enough_where_no_address_is_asked_with(looking):
    looking.desk.look_ups["conv7"] = LookUpView("order", ("order_number",), "email")
    looking.proof.level = "verified"
    assert keys(await looking.asked_for(order_number="HH-204817")) == ["utter_look_up_answer"]
    assert looking.proof.sent == {}


async def test_signed_in_does_not_prove_an_address_that_was_typed(looking):
    looking.proof.level = "verified"
    await looking.asked_for(order_number="HH-204817")
    await looking.hears(ANN, email=ANN)
    assert looking.asks == "look_up_code"


@pytest.mark.parametrize(
    "view",
    [LookUpView("order", ("order_number",), "verified"), LookUpView("order", ("customer",), "verified")],
)
async def test_what_takes_signing_in_says_so_and_asks_nothing(looking, view):
    looking.desk.look_ups["conv7"] = view
    assert keys(await looking.asked_for()) == ["utter_look_up_sign_in"]
    assert looking.desk.asked == []


async def test_without_any_proof_where_none_is_wanted(looking):
    looking.desk.look_ups["conv7"] = LookUpView("order", ("order_number",), "anonymous")
    assert keys(await looking.asked_for(order_number="HH-204817")) == ["utter_look_up_answer"]


async def test_phone_and_product(looking):
    looking.desk.look_ups["conv7"] = LookUpView("order", ("phone", "product"), "anonymous")
    await looking.asked_for()
    assert looking.asks == "look_up_phone"
    assert keys(await looking.hears("I have forgotten")) == ["utter_invalid_phone"]
    await looking.hears("+49 30 1234567")
    assert looking.asks == "look_up_product"
    assert keys(await looking.hears("the Ember Kettle")) == ["utter_look_up_not_found"]
    assert looking.desk.asked[-1][1] == {"phone": "+49 30 1234567", "product": "the Ember Kettle"}


async def test_a_shop_that_fails_is_a_persons_matter(looking):
    looking.proof.level, looking.proof.proven = "email", [ANN]
    looking.desk.shop_is_down = True
    said = await looking.asked_for(order_number="HH-204817")
    assert said[0]["text_key"] == "utter_look_up_failed"
    assert said[1] == {"command": "hand_off", "reason": "bot_failed"}
    slots = looking.conversation.slots
    assert (slots["look_up"], slots["look_up_order_number"]) == ("order", "HH-204817")
    assert (slots["look_up_state"], slots["order_number"]) == ("failed", "HH-204817")


async def test_a_look_up_that_is_switched_off_meanwhile(looking):
    await looking.asked_for()
    del looking.desk.look_ups["conv7"]
    said = await looking.hears("HH-204817", order_number="HH-204817")
    assert said[0]["text_key"] == "utter_look_up_failed"
    assert looking.asks is None


async def test_an_order_that_is_not_there_reads_like_somebody_elses(looking):
    looking.proof.level, looking.proof.proven = "email", ["eve@example.com"]
    theirs = await looking.asked_for(order_number="HH-204817")
    none = await looking.asked_for(order_number="HH-000000")
    assert keys(theirs) == keys(none) == ["utter_look_up_not_found"]


async def test_another_number_at_the_code(looking):
    await looking.proving()
    await looking.hears("sorry, it's HH-204818", order_number="HH-204818")
    assert looking.asks == "look_up_code"
    assert len(looking.proof.sent) == 1, "the code that was sent still counts"
    [said] = await looking.hears(CODE)
    assert "HH-204818" in said["vars"]["text"]


async def test_what_is_no_matter_of_the_form_is_left_to_its_rule(looking):
    await looking.proving()
    before = dict(looking.conversation.slots)
    for intent in ("thanks", "greet", "ticket_status", "open_ticket", "bot_challenge"):
        assert await looking.hears("whatever that is", intent=intent) == []
        assert looking.conversation.slots == before


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("123456", "code"),
        ("123 456", "code"),
        ("123-456", "code"),
        ("it's 123456.", "code"),
        ("code:123456", "code"),
        ("验证码是123456谢谢", "code"),
        ("1234567", "nothing"),
        ("12345", "nothing"),
        ("HH-123456", "nothing"),
        ("please resend it", "resend"),
        ("I haven't received anything", "resend"),
        ("nothing came", "resend"),
        ("can you send it again", "resend"),
        ("我没有收到邮件", "resend"),
        ("再发一次", "resend"),
        ("what now", "nothing"),
    ],
)
async def test_what_is_typed_at_the_code(looking, typed, means):
    await looking.proving()
    await looking.hears(typed)
    now = "code" if looking.proof.checked else "resend" if len(looking.proof.sent) == 2 else "nothing"
    assert now == means
