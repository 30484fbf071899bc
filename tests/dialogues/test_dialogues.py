"""Whole dialogues, from the files beside this one, with the real Rasa, actions and search."""

import pytest
from dialogue_checks import faults_of
from dialogue_desk import DialogueDesk
from dialogue_play import Player
from dialogue_script import Dialogue, read_dialogues

DIALOGUES = read_dialogues()


def test_there_are_enough_dialogues_and_enough_of_them_are_unhappy() -> None:
    names = [dialogue.id for dialogue in DIALOGUES]
    chinese = [dialogue for dialogue in DIALOGUES if dialogue.language == "zh"]
    assert len(names) == len(set(names))
    assert len(names) >= 90
    assert sum(dialogue.unhappy for dialogue in DIALOGUES) * 2 >= len(names)
    assert 0.28 <= len(chinese) / len(names) <= 0.45


@pytest.mark.rasa
@pytest.mark.timeout(900)
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda dialogue: dialogue.id)
async def test_dialogue(desk: DialogueDesk, dialogue: Dialogue) -> None:
    player = Player(desk, dialogue)
    await player.begin()
    language = dialogue.language
    for number, step in enumerate(dialogue.steps, 1):
        try:
            outcome = await player.plays(step)
        except Exception as error:
            pytest.fail(_shown(player, number, [repr(error)]), pytrace=True)
        language = step.expect.language or language
        faults = await faults_of(player, outcome)
        if outcome.conversation.language != language:
            faults.append(f"the language is {outcome.conversation.language}, not {language}")
        if faults:
            pytest.fail(_shown(player, number, faults), pytrace=False)


def _shown(player: Player, number: int, faults: list[str]) -> str:
    """The whole transcript, and what is wrong with its last step."""
    lines = [*player.transcript, f"step {number}:", *(f"  - {fault}" for fault in faults)]
    return "\n".join(["", *lines])
