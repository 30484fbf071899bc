"""Passages: short enough to be quoted, whole enough to be understood."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.passages import PASSAGE_SIZE, plain, search_texts, size, split

LONG = " ".join(f"This is sentence number {n} of a long paragraph." for n in range(40))


def test_a_short_article_is_one_passage() -> None:
    [only] = split("Send it back.\n\nThe label is free.")
    assert only.text == "Send it back.\nThe label is free."


def test_passages_fit_and_tear_no_sentence() -> None:
    found = split(LONG)
    assert len(found) > 4
    assert all(size(passage.text) <= PASSAGE_SIZE for passage in found)
    assert all(passage.text.endswith(".") for passage in found)
    assert " ".join(passage.text for passage in found) == LONG


def test_chinese_sentences_are_cut_at_their_ends() -> None:
    sentence = "收货次日起三十天内都可以退货，不需要说明理由，运费由我们承担。"
    found = split(sentence * 12)
    assert len(found) > 2
    assert all(passage.text.endswith("。") and size(passage.text) <= PASSAGE_SIZE for passage in found)


def test_a_passage_knows_its_heading_and_never_crosses_one() -> None:
    found = split("Before.\n\n## In the shop\n\nBring it.\n\n## By mail\n\nSend it.")
    assert [(one.heading, one.text) for one in found] == [
        ("", "Before."),
        ("In the shop", "Bring it."),
        ("By mail", "Send it."),
    ]


def test_steps_keep_their_numbers() -> None:
    [only] = split("Do this:\n\n1. Open it.\n2. Close it.\n")
    assert only.text == "Do this:\n1. Open it.\n2. Close it."


def test_links_images_tables_code_and_html_become_plain_text() -> None:
    text = plain(
        "See [the **label**](x) ![a box](b.png)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        "```\nrun\n```\n\n<div>in <b>html</b></div>\n"
    )
    assert text.splitlines() == ["See the label a box", "a | b", "1 | 2", "run", "in html"]


def test_title_questions_and_body_are_all_searched() -> None:
    found = search_texts("Title", ["A question?"], "## Part\n\nText.")
    assert [(one.kind, one.meaning) for one in found] == [
        ("title", "Title"),
        ("question", "A question?"),
        ("body", "Title\nPart\nText."),
    ]


@given(st.text(max_size=2000))
def test_any_markdown_can_be_split(text: str) -> None:
    for passage in split(text):
        assert passage.text.strip()
