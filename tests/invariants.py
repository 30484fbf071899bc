"""What must hold for every conversation at every moment, whatever was done to it and in which order."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from world import World

from accounts.models import Agent
from assistant.models import Turn
from chat.models import Conversation, ConversationEvent, Message
from handoff.models import QueueEntry
from server.db import ReadSession

LIVE_PLACE = ("waiting", "offered", "parked")


@dataclass(frozen=True)
class Everything:
    """All rows that matter, by conversation."""

    conversations: Sequence[Conversation]
    turns: dict[str, list[Turn]]
    places: dict[str, list[QueueEntry]]


async def check_everything(world: World) -> Everything:
    """What was looked at. Raises AssertionError with the name of the rule that does not hold."""
    async with world.db.read() as session:
        conversations = (await session.scalars(select(Conversation))).all()
        events = await _by_conversation(session, ConversationEvent, ConversationEvent.event_seq)
        messages = await _by_conversation(session, Message, Message.event_seq)
        turns = await _by_conversation(session, Turn, Turn.id)
        places = await _by_conversation(session, QueueEntry, QueueEntry.id)
        await _check_load(session, conversations)
    for conversation in conversations:
        own = [rows[conversation.id] for rows in (events, messages, turns, places)]
        _check(conversation, *own)
    return Everything(conversations, turns, places)


async def _by_conversation(session: ReadSession, table: Any, order: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in await session.scalars(select(table).order_by(order)):
        found[row.conversation_id].append(row)
    return found


def _check(conversation, events, messages, turns, places) -> None:
    _numbers_have_no_gaps(conversation, events, messages)
    _exactly_one_owner(conversation)
    _owners_follow_events(conversation, events)
    _everybody_wrote_only_while_allowed(conversation, events, messages)
    _bot_messages_are_of_answered_turns(messages, turns)
    _what_is_unanswered_has_a_turn(conversation, turns)
    _place_in_line_fits_owner(conversation, places)


def _numbers_have_no_gaps(conversation, events, messages) -> None:
    assert [event.event_seq for event in events] == list(range(1, conversation.last_event_seq + 1))
    shown = [message.seq for message in messages if message.seq is not None]
    assert shown == list(range(1, conversation.last_seq + 1)), "seq rises with event_seq and has no gap"
    by_number = {event.event_seq: event for event in events}
    assert all(by_number[message.event_seq].message_id == message.id for message in messages)
    assert all(message.seq is None for message in messages if message.payload.get("note"))


def _exactly_one_owner(conversation) -> None:
    assert conversation.owner in ("bot", "queue", "agent")
    assert (conversation.owner == "agent") == (conversation.agent_id is not None)
    assert not (conversation.status == "resolved" and conversation.owner != "bot"), "nobody owns what is over"


def _owners_follow_events(conversation, events) -> None:
    """Each change of owner has its event, raises the epoch by one, and begins where the last one ended."""
    changes = [event.data for event in events if event.type == "owner_changed"]
    assert [change["owner_epoch"] for change in changes] == list(range(2, conversation.owner_epoch + 1))
    owners = ["bot", *(change["to"] for change in changes)]
    assert [change["from"] for change in changes] == owners[:-1]
    assert owners[-1] == conversation.owner
    assert (changes[-1]["agent_id"] if changes else None) == conversation.agent_id


def _everybody_wrote_only_while_allowed(conversation, events, messages) -> None:
    owner, agent, by_event = "bot", None, {message.event_seq: message for message in messages}
    for event in events:
        if event.type == "owner_changed":
            owner, agent = event.data["to"], event.data["agent_id"]
        message = by_event.get(event.event_seq)
        if message is None or message.payload.get("note"):
            continue
        if message.author_type == "bot":
            assert owner == "bot", f"the bot wrote while {owner} owned"
        if message.author_type == "agent":
            assert (owner, agent) == ("agent", message.author_id), "somebody wrote who does not own"


def _bot_messages_are_of_answered_turns(messages, turns) -> None:
    states = {turn.id: turn.state for turn in turns}
    of_turns = [message.client_id.split(":")[0] for message in messages if message.author_type == "bot"]
    assert all(states[turn_id] == "answered" for turn_id in of_turns)
    assert [turn_id for turn_id, n in Counter(of_turns).items() if n > 1] == [], "one message for each turn"


def _what_is_unanswered_has_a_turn(conversation, turns) -> None:
    live = [turn for turn in turns if turn.state in ("queued", "running")]
    assert len(live) <= 1
    assert conversation.answered_seq <= conversation.last_seq
    if conversation.owner == "bot" and conversation.customer_seq > conversation.answered_seq:
        assert live, "a message without an answer and without a turn"


def _place_in_line_fits_owner(conversation, places) -> None:
    live = [place.state for place in places if place.state in LIVE_PLACE]
    if conversation.owner == "queue":
        assert live in (["waiting"], ["offered"])
    elif conversation.owner == "bot" and conversation.status != "resolved":
        assert live in ([], ["parked"])
    else:
        assert live == []


async def _check_load(session: ReadSession, conversations: Sequence[Conversation]) -> None:
    owned = Counter(one.agent_id for one in conversations if one.agent_id)
    for agent in await session.scalars(select(Agent)):
        assert agent.load == owned[agent.user_id], "load is the number of conversations owned"
        assert agent.load <= agent.capacity
