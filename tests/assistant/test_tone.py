"""How a message sounds: what is anger at us, what is only an oath, and what is neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.tone import tone_of

GRUMBLES = [
    "this is ridiculous",
    "Your service is terrible.",
    "you are useless",
    "what a waste of my time",
    "I'm sick of this",
    "I am very disappointed",
    "thanks for nothing",
    "thank you for wasting my morning",
    "worst support ever",
    "nobody cares",
    "how many times do I have to ask?",
    "useless!",
    "你们服务太差了",
    "什么破客服",
    "浪费我的时间",
    "我说了好几遍了",
    "太离谱了",
    "I'm really not happy with how long this takes",
    "答非所问",
    "太失望了",
    "你們服務太差了",
]
UNHAPPY_ONLY = [
    "this damn kettle leaks again",
    "WHERE IS MY PARCEL NOW",
    "where is it???",
    "I'm really annoyed",
    "thanks, but it still doesn't work",
    "wtf",
    "😡",
    "谢谢，但还是不行",
    "我很生气",
    "妈的又坏了",
    "真是谢谢你啊，一点用都没有",
]
CALM = [
    "Where is my parcel?",
    "thank you!!!",
    "damn good kettle, thanks",
    "I'm not angry, just asking",
    "no thanks",
    "no thanks, that's all",
    "thanks, no more questions",
    "thanks, where do I find the number?",
    "The filter is useless without the ring, where do I get one?",
    "my order is HH-204817 AND EK-17T",
    "OK",
    "HELLO",
    "GREAT SERVICE THANK YOU",
    "that's not what I asked",
    "it didn't help",
    "what if I'm not happy with the colour?",
    "I don't need to talk to a human, just tell me how to reset my password",
    "I was disappointed with the colour, can I return it?",
    "服务很好",
    "不差",
    "质量不差，就是想问保修",
    "谢谢您的耐心",
    "没用过这个功能，怎么开？",
    "没有帮助",
    "",
]


@pytest.mark.parametrize("text", GRUMBLES)
def test_anger_at_us_is_a_grumble(text: str) -> None:
    assert tone_of(text).grumbles, tone_of(text)


@pytest.mark.parametrize("text", UNHAPPY_ONLY)
def test_swearing_at_the_parcel_is_unhappy_and_no_grumble(text: str) -> None:
    assert tone_of(text).unhappy
    assert not tone_of(text).grumbles, tone_of(text)


@pytest.mark.parametrize("text", CALM)
def test_calm_words_have_no_sign(text: str) -> None:
    assert not tone_of(text).unhappy, tone_of(text)


@given(st.text())
def test_any_text_has_a_tone_whose_signs_are_names_of_ours(text: str) -> None:
    names = {"grumble", "swearing", "anger", "negated_thanks", "thanks_but", "shouting", "angry_emoji"}
    assert set(tone_of(text).signs) <= names
