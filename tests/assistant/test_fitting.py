"""Bot messages stay short: cut between sentences, the room shared, and every text and article fits."""

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.fitting import LIMIT, Part, first_sentence, fit, label, shorten, size
from knowledge_base.passages import split
from server.settings import ROOT
from server.wording import load_wording

HAN = re.compile(r"[\u3400-\u9fff]")
QUOTED = frozenset({"passage", "text"})
LONG_EN = (
    "Send it back within 30 days. The form is in your account. We pay the postage for faulty goods. " * 6
)
LONG_ZH = "请在三十天内寄回。表格在您的账户里。质量问题由我们承担运费。" * 10


def within_the_rule(text: str) -> bool:
    return len(text.split()) <= 60 and len(HAN.findall(text)) <= 120


def quoted(passage: str, template: str = "{passage}") -> Part:
    return Part(template, {"passage": passage}, QUOTED)


@pytest.mark.parametrize("text", [LONG_EN, LONG_ZH])
def test_what_is_quoted_ends_with_a_sentence(text: str) -> None:
    short = shorten(text, 30)
    assert text.startswith(short)
    assert short[-1] in ".。"
    assert 20 < size(short) <= 30


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("It costs €3.50 a day. Then more follows here.", 6, "It costs €3.50 a day."),
        (
            "Do this:\n1. Switch it off. Wait a moment please.\n2. Unplug it.",
            6,
            "Do this:\n1. Switch it off.",
        ),
        ("Ask e.g. Ms. Smith for it now. Or not at all.", 8, "Ask e.g. Ms. Smith for it now."),
        ("She said “take it.” Then she went out.", 5, "She said “take it.”"),
        ("他说“可以退。”然后就走了，没有再回来。", 4, "他说“可以退。”"),
        ("short", 10, "short"),
    ],
)
def test_only_real_ends_of_sentences_are_ends(text: str, limit: float, kept: str) -> None:
    assert shorten(text, limit) == kept


def test_a_sentence_too_long_for_anything_ends_between_words() -> None:
    endless = "word and another " * 40
    short = shorten(endless, 10)
    assert short.endswith("…")
    assert endless.startswith(short[:-1])
    assert short[:-1].split()[-1] in ("word", "and", "another")
    chinese = shorten("电热水壶保修期内免费维修更换配件上门服务" * 10, 6)
    assert chinese.endswith("…")
    assert size(chinese) <= 6


def test_two_answers_share_the_room_and_short_ones_leave_theirs_to_long_ones() -> None:
    first, second = fit([quoted(LONG_EN), quoted(LONG_EN.replace("Send", "Bring"))])
    assert size(first) + size(second) <= LIMIT
    assert min(size(first), size(second)) > 20
    short, rest = fit(
        [quoted("Yes, within 30 days of delivery, free of charge and anywhere."), quoted(LONG_EN)]
    )
    assert short.endswith("anywhere.")
    assert size(rest) > 35


def test_an_offer_after_a_long_passage_stays_whole() -> None:
    offer = Part("Shall a colleague look at this, now in the chat or later by ticket?", {})
    passage, asked = fit([quoted(LONG_EN), offer])
    assert asked == offer.template
    assert passage.endswith(".")
    assert within_the_rule(f"{passage}\n\n{asked}")


def test_a_long_description_is_shown_cut_and_marked() -> None:
    part = Part("Please check.\nWhat happened: {what}\nIs that right?", {"what": "it broke and " * 60})
    (text,) = fit([part])
    assert "…" in text
    assert text.endswith("Is that right?")
    assert within_the_rule(text)


@given(
    st.lists(
        st.builds(
            lambda template, value: Part(template, {"passage": value}, QUOTED),
            st.sampled_from(["{passage}", "Here it is:\n\n{passage}", "Just words.", "一句话。{passage}"]),
            st.text(alphabet="ab。. 电壶\n1,", max_size=700),
        ),
        max_size=4,
    )
)
def test_whatever_is_said_is_within_the_limit(parts: list[Part]) -> None:
    texts = fit(parts)
    assert sum(map(size, texts)) <= LIMIT
    assert within_the_rule("\n\n".join(texts))


@given(st.text(max_size=300), st.integers(1, 60))
def test_shortening_keeps_a_beginning(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert text.startswith(short.removesuffix("…").rstrip()) or short == text
    assert size(short) <= max(limit, 1)


def all_parts() -> list[tuple[str, str, Part]]:
    found = []
    for locale, wording in load_wording().items():
        for key, entry in wording.items():
            if key.startswith("utter_"):
                long = LONG_ZH if locale == "zh" else LONG_EN
                places = re.findall(r"\{(\w+)\}", entry["text"])
                found.append((locale, key, Part(entry["text"], dict.fromkeys(places, long), QUOTED)))
    return found


def test_every_text_fits_however_long_its_values() -> None:
    for locale, key, part in all_parts():
        (text,) = fit([part])
        assert within_the_rule(text), (locale, key, text)


def test_any_two_texts_fit_into_one_message() -> None:
    by_locale = {locale: [part for its, _, part in all_parts() if its == locale] for locale in ("en", "zh")}
    for parts in by_locale.values():
        for one, other in itertools.combinations(parts, 2):
            text = "\n\n".join(fit([one, other]))
            assert within_the_rule(text), text
            assert text


def passages() -> list[tuple[str, str]]:
    found = []
    for path in sorted((ROOT / "server" / "demo" / "articles").rglob("*.md")):
        body = Path(path).read_text(encoding="utf-8").split("---", 2)[-1]
        found += [(path.stem, passage.text) for passage in split(body)]
    return found


def test_every_demo_passage_is_said_in_whole_sentences() -> None:
    wording = load_wording()
    assert len(passages()) > 400
    for name, passage in passages():
        alone = fit([quoted(passage)])[0]
        assert alone == passage, name
        locale = "zh" if HAN.search(passage) else "en"
        lead = wording[locale]["utter_article_no_rasa"]["text"]
        (text,) = fit([quoted(passage, lead)])
        assert within_the_rule(text), (name, text)
        assert "…" not in text.removeprefix(lead.split("{")[0]) or "…" in passage, (name, text)


def test_every_demo_passage_beside_an_offer_or_another_passage() -> None:
    offers = {locale: wording["utter_offer"]["text"] for locale, wording in load_wording().items()}
    before = ("", "")
    for name, passage in passages():
        offer = offers["zh" if HAN.search(passage) else "en"]
        text, asked = fit([quoted(passage), Part(offer, {})])
        assert asked == offer
        assert within_the_rule(f"{text}\n\n{asked}"), (name, text)
        both = "\n\n".join(fit([quoted(before[1]), quoted(passage)]))
        assert within_the_rule(both), (before[0], name, both)
        before = (name, passage)


def test_labels_are_short_and_cut_between_words() -> None:
    title = "How to clean the filter of the Moth R2 robot vacuum without taking it apart at all"
    assert len(label(title)) <= 60
    assert label(title).endswith("…")
    assert label(title)[:-1].split() == title.split()[: len(label(title).split())]
    assert label("Returns\nand  refunds") == "Returns and refunds"
    assert len(label("电热水壶" * 30)) <= 60


def test_the_first_sentence() -> None:
    assert first_sentence("One thing. Another.") == "One thing."
    assert first_sentence("No end here") == "No end here"
    assert first_sentence("1. Switch it off. Wait.") == "1. Switch it off."
