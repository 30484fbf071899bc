"""Customers who are content are left alone: over many short conversations an offer is a rare thing."""

import json

import pytest
from fake_rasa import Answer, Asked
from world import World

from assistant.history import History, PastTurn
from assistant.policy import Now, judge
from assistant.reply import Line
from assistant.tone import tone_of

MOST_FALSE_OFFERS = 0.05
"""Share of customer turns in satisfied conversations that may raise an offer."""

# What the customer writes, and after the bar what the assistant makes of it: an article's name, an intent,
# `?` for "I don't know", `~` for "did you mean", `form` for a step of the ticket form.
CONVERSATIONS = """
Where is my parcel? | late-parcel
thanks | thanks

hi | greet
how do I descale the Ember Kettle? | descale
that helped, thank you | helpful

Can I return an opened air fryer? | returns
And who pays the postage? | postage
perfect, thanks a lot!!! | thanks
bye | goodbye

hello | greet
my order HH-204817 hasn't arrived yet | late-parcel
what if I'm not at home? | not-home
ok | affirm
thank you | thanks

do you deliver to Norway | ?
ok, and to Sweden? | sweden
great | helpful

what is the warranty on headphones | warranty
does that include the battery | ~
the ear cushions I mean | cushions
yes that was it | helpful

are you a robot? | bot_challenge
fair enough, how do I reset the Moth R2 | reset
it works now | helpful

how much is express delivery | express
and on Saturday? | saturday
can I change the address after ordering | address
can I add something to the order | add-item
how do I pay | pay
thanks, all clear | thanks

my damn kettle beeps all night | beeps
haha that was quick, thanks | thanks

invoice please | invoice
with the VAT number on it? | vat
thx | thanks

I'd like a ticket | form
the lid is cracked | form
HH-204817 | form
alice@shop.example | form
yes | form
thank you | thanks

how is my ticket | ticket_status
ok thanks | thanks

what can you do | capabilities
nice. how long is the cable of the Halo lamp? | cable
cheers | thanks

can I use tap water | water
is it dishwasher safe | dishwasher
👍 | thanks

THANK YOU SO MUCH | thanks

do you have a shop in Berlin? | ?
no problem, opening hours in Waterveld then? | hours
thanks! | thanks

My Wren Buds won't charge, the case is empty I think | charge
no, that's not it | unhelpful
the LED stays off | led
great, that solved it | helpful

where do I find the serial number | serial
and how do I register the product | register
do I need the receipt | receipt
what about a gift | gift
ok got it | thanks
one more: do vouchers expire | voucher
ok thanks | thanks

你好 | greet
我的包裹什么时候到 | late-parcel
谢谢 | thanks

水壶怎么除垢 | descale
多久一次 | descale-often
好的，明白了 | thanks

可以退货吗 | returns
运费谁出 | postage
有帮助，谢谢 | helpful

耳机保修多久 | warranty
电池也保吗 | ?
那充电盒呢 | case
好的谢谢 | thanks

我要提交工单 | form
盖子裂了 | form
没有 | form
alice@shop.example | form
对 | form
谢谢 | thanks

有发票吗 | invoice
能开公司抬头吗 | vat
好 | affirm
再见 | goodbye

这款空气炸锅能放进洗碗机吗 | dishwasher
质量不差，就是想问问保修 | warranty
👌 | thanks
"""
INTENTS = {
    "thanks", "greet", "goodbye", "helpful", "unhelpful", "affirm", "bot_challenge", "capabilities",
    "ticket_status",
}  # fmt: skip


def conversations() -> list[list[tuple[str, str]]]:
    blocks = CONVERSATIONS.strip().split("\n\n")
    lines = [[line.split(" | ") for line in block.splitlines()] for block in blocks]
    return [[(text, made) for text, made in block] for block in lines]


def line_for(made: str) -> Line:
    match made:
        case "?":
            return Line("utter_dont_know", abstained=True)
        case "~":
            return Line("utter_did_you_mean", choices=[{"value": "article:x"}, {"value": "none_of_these"}])
        case "form":
            return Line("utter_ask_ticket_form_email")
        case "affirm":
            return Line("utter_nothing_to_confirm")
        case "ticket_status":
            return Line("utter_ticket_status", {"number": "T-1042", "stage": "received"})
        case _ if made in INTENTS:
            return Line(f"utter_{made}")
    return Line("utter_article", {"passage": made}, "article", [{"article_id": made}])


def test_offers_are_rare() -> None:
    turns, offers = 0, []
    for talk in conversations():
        past: list[PastTurn] = []
        for text, made in talk:
            intent = made if made in INTENTS else "nlu_fallback"
            form = "ticket_form" if made == "form" else None
            now = Now([line_for(made)], len(past), intent, form, tone=tone_of(text))
            verdict = judge(now, History(tuple(past)))
            past.append(PastTurn.of(json.loads(json.dumps({**verdict.evidence, "epoch": 1}))))
            turns += 1
            assert verdict.hand_over is None, text
            if verdict.evidence.get("offer"):
                offers.append((text, verdict.evidence["offer"]))
    assert turns >= 80
    assert len(offers) <= MOST_FALSE_OFFERS * turns, offers


@pytest.mark.parametrize("number", [0, 5, 11, 18])
async def test_and_so_it_is_through_the_worker(world: World, number: int) -> None:
    talk_of = conversations()[number]
    script = dict(talk_of)

    def answer(asked: Asked) -> Answer:
        made = script.get(asked.said, "thanks")
        line = line_for(made)
        message = {
            "text_key": line.text_key,
            "vars": line.variables,
            "sources": line.sources,
            "choices": line.choices,
            "abstained": line.abstained,
        }
        return {"messages": [message], "intent": {"name": made if made in INTENTS else "nlu_fallback"}}

    world.rasa.answer = answer
    talk = await world.opens("alice")
    for text, _ in talk_of:
        await world.says("alice", talk, text)
        await world.runs_turn(talk)
    assert [turn.evidence.get("offer") for turn in await world.turns(talk)] == [None] * len(talk_of)
    assert (await world.row(talk)).owner == "bot"
