"""The wording of text keys: whose words count, and what becomes of the places for variables."""

import pytest
from sqlalchemy import delete, select
from world import World

from chat import texts
from chat.models import WordingText


async def say(world: World, key: str, locale: str = "en", inbox: str = "", **variables: object) -> str:
    async with world.db.read() as session:
        return (await texts.render(session, key, locale, variables, inbox_key=inbox)).text


async def put(world: World, key: str, locale: str, text: str, inbox: str = "") -> None:
    async with world.db.write() as session:
        session.add(WordingText(key=key, locale=locale, text=text, inbox_key=inbox))


async def test_variables_are_filled_in(world: World) -> None:
    assert await say(world, "notice_ticket_created", number="T-1042") == "Ticket T-1042 was made."


@pytest.mark.parametrize("value", ["{number}", "{0}", "%s", "{", "}", "{number.__class__}", "<b>", "\\1", ""])
async def test_a_value_is_put_in_as_it_is(world: World, value: str) -> None:
    assert await say(world, "notice_ticket_created", number=value) == f"Ticket {value} was made."


async def test_a_missing_variable_leaves_no_brace(world: World) -> None:
    assert await say(world, "notice_ticket_created") == "Ticket  was made."


async def test_the_locale_before_english_and_the_inbox_before_the_company(world: World) -> None:
    await put(world, "utter_x", "en", "company, English")
    assert await say(world, "utter_x", "zh") == "company, English"
    await put(world, "utter_x", "zh", "company, Chinese")
    assert await say(world, "utter_x", "zh-CN") == "company, Chinese"
    await put(world, "utter_x", "zh-CN", "company, mainland")
    assert await say(world, "utter_x", "zh-CN") == "company, mainland"
    await put(world, "utter_x", "zh", "brand, Chinese", inbox="brand")
    assert await say(world, "utter_x", "zh", "brand") == "brand, Chinese"
    assert await say(world, "utter_x", "zh", "other") == "company, Chinese"
    assert await say(world, "utter_x", "fr") == "company, English"


async def test_an_inbox_with_words_in_english_only_still_speaks_the_customers_language(world: World) -> None:
    await put(world, "utter_x", "zh", "company, Chinese")
    await put(world, "utter_x", "en", "brand, English", inbox="brand")
    assert await say(world, "utter_x", "zh", "brand") == "company, Chinese"


async def test_a_key_without_words_is_an_apology_and_no_silence(world: World) -> None:
    assert await say(world, "utter_unheard_of") == await say(world, "utter_dont_know")
    async with world.db.write() as session:
        await session.execute(delete(WordingText))
    assert await say(world, "utter_unheard_of") == ""


async def test_a_newer_version_brings_its_words_and_keeps_what_admins_wrote(world: World) -> None:
    wording = {
        "en": {
            "utter_x": {"text": "first"},
            "utter_y": {"text": "{a}\n", "buttons": []},
            "utter_z": {"text": "ours"},
        }
    }
    async with world.db.write() as session:
        assert await texts.seed(session, wording) == 3
    async with world.db.write() as session:
        assert await texts.seed(session, wording) == 0
        row = await session.scalar(select(WordingText).where(WordingText.key == "utter_z"))
        assert row is not None
        row.text, row.version, row.updated_by = "an admin's", 2, "sam"
    wording["en"] |= {
        "utter_x": {"text": "second", "buttons": [{"label": "Go", "value": "affirm"}]},
        "utter_z": {"text": "ours, again"},
        "utter_new": {"text": "new"},
    }
    async with world.db.write() as session:
        assert await texts.seed(session, wording) == 2
    said = [await say(world, key) for key in ("utter_x", "utter_z", "utter_new")]
    assert said == ["second", "an admin's", "new"]
    assert await say(world, "utter_y", a="b") == "b"
