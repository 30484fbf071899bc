"""After the end: thanks alone leave a conversation closed, anything else opens it again."""

import pytest

from chat.closing import is_only_thanks


@pytest.mark.parametrize(
    "text",
    [
        "thanks",
        "Thank you!",
        "thx",
        "ok",
        "OK, thanks a lot!!",
        "great, thank you very much",
        "perfect 👍",
        "👍",
        "🙏❤️",
        "bye",
        "ok bye then",
        "thanks for your help",
        "all good, cheers",
        "好的",
        "好的，谢谢！",
        "谢谢你",
        "收到，再见",
        "嗯嗯",
        "没问题，辛苦了",
        "ＯＫ",
        "...",
    ],
)
def test_only_thanks(text: str) -> None:
    assert is_only_thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "no thanks, it is still broken",
        "thanks, but it leaks again",
        "ok and when does it arrive",
        "it is not solved",
        "still waiting",
        "thank you, one more question",
        "?",
        "？？",
        "thanks?",
        "👎",
        "🤷🤷",
        "😡😡",
        "🙁",
        "还是不行",
        "谢谢，但是还没到",
        "不好",
        "没解决",
        "HH-204817",
        "12",
        "hello",
        "great " * 40,
    ],
)
def test_something_new(text: str) -> None:
    assert not is_only_thanks(text)


def test_a_hostile_text_takes_no_time() -> None:
    assert not is_only_thanks("ok " * 2600 + "x")
    assert not is_only_thanks("ok" * 39 + "x")
