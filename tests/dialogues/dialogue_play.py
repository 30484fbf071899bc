"""Plays a dialogue and remembers what was said, so that a failure can show the whole of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dialogue_desk import DialogueDesk
from dialogue_script import Dialogue, Step, as_list
from pydantic import ValidationError
from sqlalchemy import delete, select

from assistant.models import Turn
from chat import visitors
from chat.access import Visitor, visitor_by_token
from chat.models import Conversation, CustomerIdentity, Inbox, Message
from chat.schemas import ActionIn, ConversationIn, MessageIn, SessionIn
from chat.service import lock
from handoff import service as handoff
from handoff.models import Handoff
from server.db import new_id
from tickets.models import Ticket, TicketComment
from tickets.numbers import format_number

VERY_LONG = "My kettle drips from the lid after every use. " * 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step came to."""

    step: Step
    conversation: Conversation
    owner_before: str
    messages: Sequence[Message]
    evidence: Sequence[dict[str, Any]]
    tickets: Sequence[Ticket] = ()
    comments: Sequence[str] = ()
    mailed: Sequence[str] = ()
    reasons: Sequence[str] = ()
    refused: bool = False

    @property
    def said(self) -> list[Message]:
        return [one for one in self.messages if one.author_type == "bot"]

    @property
    def notices(self) -> list[str]:
        codes = (one.payload.get("notice") for one in self.messages if one.author_type == "system")
        return [code for code in codes if code]

    @property
    def keys(self) -> list[str]:
        return [key for one in self.evidence for key in one.get("said", [])]

    @property
    def sources(self) -> list[dict[str, Any]]:
        return [source for one in self.said for source in one.payload.get("sources", [])]

    @property
    def buttons(self) -> list[str]:
        """Values; those of articles by their kind alone."""
        found = [button["value"] for one in self.messages for button in one.payload.get("buttons", [])]
        return ["article" if value.startswith("article:") else value for value in found]


@dataclass
class Player:
    """The customer of one dialogue, and everything that happened to them."""

    desk: DialogueDesk
    dialogue: Dialogue
    visitor: Visitor | None = None
    talk: str = ""
    token: str = ""
    words: list[str] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)
    history: list[Message] = field(default_factory=list)
    _others_ticket: str = ""

    async def begin(self) -> None:
        given = self.dialogue.given
        await self.desk.people(online=not given.nobody)
        await self.desk.look_ups(declared=given.look_ups)
        self.desk.shop.comes_up()
        self.token = await self._new_session()
        await self._open()
        if given.verified:
            await self._is_known("host:default", given.verified, "verified")
        if given.proven_email:
            await self._is_known("email", given.proven_email, "email")

    async def plays(self, step: Step) -> Outcome:
        """Do what the step says and let the assistant answer."""
        before = await self._row()
        tickets = {ticket.number for ticket in await self._tickets()}
        mails, comments = len(self.desk.mails()), await self._comments()
        try:
            await self._do(step)
        except ValidationError:
            self.transcript.append("    (the message was not accepted)")
            return Outcome(step, before, before.owner, [], [], refused=True)
        ran = await self.desk.runs_turns(self.talk)
        after = await self._row()
        first = before.last_seq if before.id == after.id else 0
        outcome = Outcome(
            step=step,
            conversation=after,
            owner_before=before.owner,
            messages=await self._messages(first),
            evidence=await self._evidence(ran),
            tickets=[ticket for ticket in await self._tickets() if ticket.number not in tickets],
            comments=(await self._comments())[len(comments) :],
            mailed=[str(mail["To"]) for mail in self.desk.mails()[mails:]],
            reasons=await self._reasons(),
        )
        self._note(outcome)
        return outcome

    async def _do(self, step: Step) -> None:
        for text in as_list(step.customer):
            words = await self.filled_in(text)
            self.transcript.append(f"customer  {words[:300]}")
            await self._posts(MessageIn(client_id=new_id(), text=words))
            self.words.append(words)
        if step.button is not None:
            await self._clicks(step.button)
        if step.form is not None:
            await self._sends_form(step.form)
        if step.opens is not None:
            self.transcript.append(f"          --- another conversation: {step.opens}")
            await self._open()
        if step.agent is not None:
            self.transcript.append(f"          --- the agent {step.agent}")
            await self._agent(step.agent)
        if step.shop is not None:
            self.transcript.append(f"          --- the shop's service is {step.shop}")
            (self.desk.shop.comes_up if step.shop == "up" else self.desk.shop.goes_down)()

    async def filled_in(self, text: str) -> str:
        if "<others_ticket>" in text and not self._others_ticket:
            self._others_ticket = await self._ticket_of_somebody_else()
        numbers = (
            [format_number(ticket.number) for ticket in await self._tickets()] if "<ticket>" in text else []
        )
        return (
            text.replace("<others_ticket>", self._others_ticket)
            .replace("<ticket>", numbers[-1] if numbers else "<ticket>")
            .replace("<very long>", VERY_LONG)
            .replace("<mail_code>", self.desk.mail_code() if "<mail_code>" in text else "")
        )

    async def _posts(self, asked: MessageIn) -> None:
        visitor = await self._me()
        async with self.desk.db.write() as session:
            posted = await visitors.post_message(session, visitor, self.talk, asked)
        assert isinstance(posted, visitors.Posted), "the conversation is closed for good"

    async def _clicks(self, wanted: str) -> None:
        """The newest button with this value or label."""
        for message in reversed(await self._messages(0)):
            for button in message.payload.get("buttons", []):
                value = button["value"]
                names = (value, button["label"], "article" if value.startswith("article:") else value)
                if wanted in names:
                    self.transcript.append(f"customer  [{button['label']}]")
                    self.words.append(button["label"])
                    await self._posts(
                        MessageIn(client_id=new_id(), action=ActionIn(message_id=message.id, value=value))
                    )
                    return
        raise AssertionError(f"there is no button {wanted}")

    async def _sends_form(self, fields: dict[str, str]) -> None:
        message = next(one for one in reversed(await self._messages(0)) if one.payload.get("form"))
        self.transcript.append(f"customer  {fields}")
        self.words.extend(fields.values())
        action = ActionIn(message_id=message.id, value=dict(fields))
        await self._posts(MessageIn(client_id=new_id(), action=action))

    async def _agent(self, does: str) -> None:
        user = self.desk.agent
        async with self.desk.db.write() as session:
            conversation = await lock(session, self.talk)
            if does == "takes":
                epoch = conversation.owner_epoch
                await handoff.claim(session, self.talk, user=user, owner_epoch=epoch)
            elif does == "returns":
                await handoff.return_to_bot(session, conversation, user=user)
            else:
                actor = handoff.staff_actor(user)
                await handoff.resolve(session, conversation, reason="solved", user=user, actor=actor)

    # Looking

    async def _me(self) -> Visitor:
        async with self.desk.db.read() as session:
            found = await visitor_by_token(session, self.token)
        assert found is not None
        return found[0]

    async def _row(self) -> Conversation:
        async with self.desk.db.read() as session:
            return await session.get_one(Conversation, self.talk)

    async def _messages(self, after: int) -> list[Message]:
        query = select(Message).where(Message.conversation_id == self.talk, Message.seq > after)
        async with self.desk.db.read() as session:
            return list(await session.scalars(query.order_by(Message.seq)))

    async def _evidence(self, turns: Sequence[str]) -> list[dict[str, Any]]:
        query = select(Turn.evidence).where(Turn.id.in_(turns)).order_by(Turn.id)
        async with self.desk.db.read() as session:
            return [dict(one or {}) for one in await session.scalars(query)]

    async def _tickets(self) -> list[Ticket]:
        visitor = await self._me()
        query = select(Ticket).where(Ticket.customer_id == visitor.customer_id).order_by(Ticket.number)
        async with self.desk.db.read() as session:
            return list(await session.scalars(query))

    async def _comments(self) -> list[str]:
        """What has been added to the customer's tickets."""
        ids = [ticket.id for ticket in await self._tickets()]
        query = select(TicketComment.text).where(TicketComment.ticket_id.in_(ids))
        query = query.order_by(TicketComment.created_at, TicketComment.ordinal)
        async with self.desk.db.read() as session:
            return list(await session.scalars(query))

    async def _reasons(self) -> list[str]:
        query = select(Handoff.packet).where(Handoff.conversation_id == self.talk).order_by(Handoff.id.desc())
        async with self.desk.db.read() as session:
            packet = await session.scalar(query.limit(1))
        return [reason["code"] for reason in (packet or {}).get("reasons", [])]

    # The stage

    async def _new_session(self) -> str:
        asked = SessionIn(locale=self.dialogue.language)
        async with self.desk.db.write() as session:
            inbox = (await session.scalars(select(Inbox).where(Inbox.key == "default"))).one()
            token, _ = await visitors.start_session(session, inbox, asked, None)
        return token

    async def _open(self) -> None:
        visitor = await self._me()
        async with self.desk.db.write() as session:
            conversation, _ = await visitors.start_conversation(
                session, visitor, ConversationIn(client_id=new_id())
            )
            self.talk = conversation.id

    async def _is_known(self, channel: str, value: str, level: str) -> None:
        visitor = await self._me()
        async with self.desk.db.write() as session:
            # A proven identity is one customer's alone; the one of the dialogue before gives it up.
            await session.execute(delete(CustomerIdentity).where(CustomerIdentity.value == value))
            session.add(
                CustomerIdentity(
                    customer_id=visitor.customer_id or "", channel=channel, value=value, level=level
                )
            )

    async def _ticket_of_somebody_else(self) -> str:
        other = Player(self.desk, self.dialogue)
        other.token = await other._new_session()
        await other._open()
        view = await self.desk.runtime.services.create_ticket(
            other.talk,
            key=f"{new_id()}:action_create_ticket:0",
            subject="Lamp flickers",
            description="The lamp flickers in the evening.",
            order_number=None,
            email="somebody.else@mail.example",
            locale="en",
        )
        return view.number

    def _note(self, outcome: Outcome) -> None:
        self.history.extend(outcome.messages)
        for one in outcome.messages:
            if one.author_type == "customer":
                continue
            name = f"({one.payload['notice']}) " if "notice" in one.payload else ""
            buttons = "".join(f" [{button['label']}]" for button in one.payload.get("buttons", []))
            self.transcript.append(f"{one.author_type:<10}{name}{one.text}{buttons}")
        for one in outcome.evidence:
            shown = {key: one[key] for key in ("said", "intent", "confidence", "path", "cause") if key in one}
            self.transcript.append(f"          {shown}")
        row = outcome.conversation
        self.transcript.append(f"          owner {row.owner}, {row.status}, {row.language}, {row.slots}")
