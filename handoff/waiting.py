"""What a customer hears while they wait: the choices after their first word, and what each one does."""

from typing import Any

from chat import texts
from chat.events import MessagePosted
from chat.models import Conversation
from chat.service import Draft, append
from handoff import queries
from handoff.service import leave_queue
from server.db import WriteSession

CHOICES = ("keep_waiting", "ask_meanwhile", "open_ticket")


async def on_customer_message(session: WriteSession, happened: Any) -> None:
    """The first message in the queue gets one line with choices; a click on one of them is obeyed."""
    if not isinstance(happened, MessagePosted) or happened.message.author_type != "customer":
        return
    conversation = happened.conversation
    if conversation.owner != "queue":
        return
    choice = (happened.message.payload.get("action") or {}).get("value")
    if choice in ("ask_meanwhile", "open_ticket"):
        await leave_queue(session, conversation, keep_place=choice == "ask_meanwhile")
    elif choice != "keep_waiting":
        await _offer_choices(session, conversation)


async def _offer_choices(session: WriteSession, conversation: Conversation) -> None:
    entry = await queries.live_entry(session, conversation.id)
    if entry is None or entry.told_choices:
        return
    entry.told_choices = True
    wording = await texts.render(session, "utter_queue_wait_choice", conversation.language, {})
    draft = Draft("system", kind="buttons", text=wording.text, payload={"buttons": wording.buttons})
    await append(session, conversation, draft)
