"""The small world of the tests: the permanent cast, and what each of them does, through the real services.

Alice and Dora are visitors, Charlie is an outsider who must see nothing. Bob and Bea are agents, Sam is
their supervisor.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from databases import share_compiled_statements
from fake_rasa import TOKEN, FakeRasa
from sqlalchemy import func, select, update

from accounts.models import Agent, StaffSession, User
from accounts.permissions import Role
from accounts.queries import token_hash
from accounts.service import NewUser, create_user, set_presence
from assistant.decide import Assistant
from assistant.gateway import Breaker, RasaGateway
from assistant.models import Turn
from assistant.reply import Line
from assistant.run import TurnRunner
from assistant.turns import ClaimedTurn, TurnSource, claim_turn
from chat import visitors
from chat.access import Visitor, hash_token, visitor_by_token
from chat.models import Conversation, ConversationEvent, Inbox, Message, VisitorSession
from chat.schemas import ActionIn, ConversationIn, MessageIn
from chat.service import lock, post_staff_message
from chat.texts import seed
from handoff import service as handoff
from handoff.escalation import Reason
from handoff.models import QueueEntry
from handoff.presence import PresenceSweep
from server.bus import Bus, LocalBus
from server.db import Database, WriteSession, db_now, new_id, utc_now
from server.jobs import Worker
from server.runtime import make_database
from server.settings import Settings
from server.wording import load_wording

ORIGIN = "http://127.0.0.1:8000"
ONLINE_S = 600.0
CAPACITY = 4

VISITORS = ("alice", "dora", "charlie")
STAFF: tuple[tuple[str, Role], ...] = (("bob", "agent"), ("bea", "agent"), ("sam", "supervisor"))


def fixed_id(name: str) -> str:
    """The same id in every test database, in the form of the product's own."""
    return f"00000000-0000-7000-8000-{name.encode().hex():0>12}"[:36]


def token_of(name: str) -> str:
    return f"token-of-{name}-{'x' * 20}"


async def seed_cast(database: Database) -> None:
    """The rows that every test begins with."""
    async with database.write() as session:
        await seed(session, load_wording())
        inbox = Inbox(
            id=fixed_id("inbox"),
            key="default",
            name="Demo",
            languages=["en", "zh"],
            order_pattern=r"HH-\d{6}|55000\d{11}",
            products=["Ember Kettle"],
        )
        session.add(inbox)
        await session.flush()
        for name in VISITORS:
            session.add(
                VisitorSession(
                    id=fixed_id(name),
                    token_hash=hash_token(token_of(name)),
                    inbox_id=inbox.id,
                    expires_at=utc_now() + timedelta(days=90),
                )
            )
        for name, role in STAFF:
            await _seed_staff(session, name, role)


async def _seed_staff(session: WriteSession, name: str, role: Role) -> None:
    user = await create_user(
        session,
        NewUser(
            email=f"{name}@desk.example",
            name=name.title(),
            role=role,
            password_hash="-",
            capacity=CAPACITY,
        ),
    )
    now, end = utc_now(), utc_now() + timedelta(days=7)
    session.add(
        StaffSession(
            id=fixed_id(name),
            token_hash=token_hash(token_of(name)),
            user_id=user.id,
            created_at=now,
            last_seen_at=now,
            expires_at=end,
            ends_at=end,
        )
    )


async def nothing_found(query: str, language: str) -> Line | None:
    """A knowledge base without any article."""
    return None


@dataclass
class World:
    """One installation: a database, a bus, a stand-in for Rasa; and verbs for the cast."""

    url: str
    settle_s: float = 0.0
    bus: Bus = field(default_factory=LocalBus)
    rasa: FakeRasa = field(default_factory=FakeRasa)
    search: Any = nothing_found
    rasa_timeout_s: float = 5.0
    is_starting: bool = False
    settings: Settings = field(init=False)
    db: Database = field(init=False)
    assistant: Assistant = field(init=False)
    people: dict[str, User] = field(default_factory=dict)
    _more: list["World"] = field(default_factory=list)
    _known: dict[str, Visitor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = Settings(
            deskhand_env="test",
            database_url=self.url,
            bot_settle_ms=round(self.settle_s * 1000),
            internal_token="internal-token",
        )
        self.db = share_compiled_statements(make_database(self.settings, self.bus))
        gateway = RasaGateway(
            "http://rasa", TOKEN, timeout_s=self.rasa_timeout_s, transport=self.rasa.transport
        )

        async def is_starting() -> bool:
            return self.is_starting

        self.assistant = Assistant(gateway, Breaker(), self.search, is_starting)

    async def begin(self) -> "World":
        async with self.db.read() as session:
            self.people = {user.name.lower(): user for user in await session.scalars(select(User))}
        return self

    async def end(self) -> None:
        for other in self._more:
            await other.end()
        await self.assistant.gateway.close()
        await self.bus.stop()
        await self.db.close()

    async def another_process(self) -> "World":
        """A second app process on the same database, with the same Rasa; SQLite is for one process."""
        if self.db.is_sqlite:
            return self
        return await self._and_also(settle_s=self.settle_s)

    async def with_settle(self, settle_s: float, **more: Any) -> "World":
        """The same installation with another setting; the one before is no longer used for writing."""
        return await self._and_also(settle_s=settle_s, **more)

    async def _and_also(self, **settings: Any) -> "World":
        other = World(self.url, bus=self.bus, rasa=self.rasa, search=self.search, **settings)
        self._more.append(other)
        return await other.begin()

    # Visitors

    async def visitor(self, name: str) -> Visitor:
        if name not in self._known:
            async with self.db.read() as session:
                found = await visitor_by_token(session, token_of(name))
            assert found is not None
            if found[0].customer_id is None:  # the first conversation makes a customer of them
                return found[0]
            self._known[name] = found[0]
        return self._known[name]

    async def opens(self, name: str, client_id: str = "") -> str:
        """A new conversation; its id."""
        visitor = await self.visitor(name)
        async with self.db.write() as session:
            asked = ConversationIn(client_id=client_id or new_id())
            conversation, _ = await visitors.start_conversation(session, visitor, asked)
            return conversation.id

    async def says(self, name: str, talk: str, text: str, client_id: str = "") -> Message:
        """Write as a visitor; fails the test where the conversation is closed for good."""
        posted = await self.posts(name, talk, MessageIn(client_id=client_id or new_id(), text=text))
        assert isinstance(posted, visitors.Posted)
        return posted.message

    async def clicks(self, name: str, talk: str, message: Message, value: str | dict[str, Any]) -> Message:
        action = ActionIn(message_id=message.id, value=value)
        posted = await self.posts(name, talk, MessageIn(client_id=new_id(), action=action))
        assert isinstance(posted, visitors.Posted)
        return posted.message

    async def posts(self, name: str, talk: str, asked: MessageIn) -> visitors.Posted | visitors.Closed:
        visitor = await self.visitor(name)
        async with self.db.write() as session:
            return await visitors.post_message(session, visitor, talk, asked)

    async def asks_for_person(self, name: str, talk: str) -> str:
        async with self.db.write() as session:
            conversation = await lock(session, talk)
            reason = Reason("asked_for_person", conversation.last_seq, "")
            return await handoff.hand_off(session, conversation, [reason])

    async def leaves_queue(self, talk: str, *, keep_place: bool = False) -> None:
        async with self.db.write() as session:
            await handoff.leave_queue(session, await lock(session, talk), keep_place=keep_place)

    # Staff

    async def online(self, *names: str, status: str = "online") -> None:
        for name in names:
            async with self.db.write() as session:
                await set_presence(session, self.people[name].id, status, offline_after_s=ONLINE_S)

    async def goes_silent(self, name: str) -> None:
        """The heartbeat stops; it is noticed at the next sweep."""
        async with self.db.write() as session:
            await session.execute(
                update(Agent).where(Agent.user_id == self.people[name].id).values(seen_until=db_now(-1))
            )

    async def claims(self, name: str, talk: str, epoch: int | None = None) -> Conversation:
        seen = (await self.row(talk)).owner_epoch if epoch is None else epoch
        async with self.db.write() as session:
            return await handoff.claim(
                session,
                talk,
                user=self.people[name],
                owner_epoch=seen,
                may_take_over=self.people[name].role == "supervisor",
            )

    async def writes(self, name: str, talk: str, text: str, client_id: str = "") -> Message:
        return await self._staff_writes(name, talk, text, client_id, is_note=False)

    async def notes(self, name: str, talk: str, text: str, client_id: str = "") -> Message:
        return await self._staff_writes(name, talk, text, client_id, is_note=True)

    async def _staff_writes(
        self, name: str, talk: str, text: str, client_id: str, *, is_note: bool
    ) -> Message:
        user = self.people[name]
        async with self.db.write() as session:
            message, _ = await post_staff_message(
                session,
                talk,
                user_id=user.id,
                name=user.name,
                client_id=client_id or new_id(),
                text=text,
                is_note=is_note,
            )
            return message

    async def gives_to_bot(self, name: str, talk: str, note: str = "") -> None:
        async with self.db.write() as session:
            conversation = await lock(session, talk)
            await handoff.return_to_bot(session, conversation, user=self.people[name], note=note)

    async def gives_to(self, name: str, talk: str, colleague: str, note: str = "") -> None:
        async with self.db.write() as session:
            conversation = await lock(session, talk)
            await handoff.transfer_to_agent(
                session,
                conversation,
                self.people[colleague].id,
                user=self.people[name],
                reason="transfer",
                note=note,
            )

    async def gives_to_queue(self, name: str, talk: str) -> None:
        async with self.db.write() as session:
            actor = handoff.staff_actor(self.people[name])
            await handoff.return_to_queue(session, await lock(session, talk), reason="transfer", actor=actor)

    async def resolves(self, name: str, talk: str, reason: str = "solved", note: str = "") -> None:
        user = self.people[name]
        async with self.db.write() as session:
            await handoff.resolve(
                session,
                await lock(session, talk),
                reason=reason,
                note=note,
                user=user,
                actor=handoff.staff_actor(user),
            )

    async def owned_by(self, name: str, agent: str, text: str = "My kettle leaks") -> str:
        """A new conversation of a visitor that an agent has taken."""
        talk = await self.opens(name)
        await self.says(name, talk, text)
        await self.online(agent)
        assert await self.asks_for_person(name, talk) == "queued"
        await self.claims(agent, talk)
        return talk

    # The assistant and the worker

    def worker(self, *, concurrency: int = 8, sweep: bool = False) -> Worker:
        runner = TurnRunner(self.db, self.bus, self.assistant)
        sources: list[Any] = [TurnSource(self.db, self.bus, runner.run)]
        if sweep:
            sources.append(PresenceSweep(self.db, offline_after_s=ONLINE_S))
        return Worker(self.bus, sources, concurrency=concurrency)

    def working(self, *, workers: int = 1, sweep: bool = False) -> "Working":
        return Working([self.worker(sweep=sweep) for _ in range(workers)])

    async def claims_turn(self, talk: str) -> ClaimedTurn | None:
        """Claim the conversation's live turn, as a worker does."""
        async with self.db.write() as session:
            live = await session.scalar(
                select(Turn.id).where(Turn.conversation_id == talk, Turn.state.in_(("queued", "running")))
            )
            return await claim_turn(session, live, talk) if live else None

    async def runs_turn(self, talk: str) -> ClaimedTurn | None:
        claimed = await self.claims_turn(talk)
        if claimed:
            await TurnRunner(self.db, self.bus, self.assistant).run(claimed)
        return claimed

    async def settled(self, talk: str) -> None:
        """Wait until every message is answered or a person's: no turn is under way."""
        while await self.live_turns(talk):
            await asyncio.sleep(0.01)

    async def live_turns(self, talk: str | None = None) -> int:
        query = select(func.count()).where(Turn.state.in_(("queued", "running")))
        if talk is not None:
            query = query.where(Turn.conversation_id == talk)
        async with self.db.read() as session:
            return await session.scalar(query) or 0

    # Looking

    async def row(self, talk: str) -> Conversation:
        async with self.db.read() as session:
            return await session.get_one(Conversation, talk)

    async def messages(self, talk: str, author: str | None = None) -> Sequence[Message]:
        """All items and notes, in the order in which they were written."""
        query = select(Message).where(Message.conversation_id == talk).order_by(Message.event_seq)
        if author:
            query = query.where(Message.author_type == author)
        async with self.db.read() as session:
            return (await session.scalars(query)).all()

    async def texts(self, talk: str, author: str | None = None) -> list[str]:
        return [message.text for message in await self.messages(talk, author)]

    async def notices(self, talk: str) -> list[str]:
        found = [message.payload.get("notice") for message in await self.messages(talk, "system")]
        return [code for code in found if code]

    async def events(self, talk: str) -> Sequence[ConversationEvent]:
        query = select(ConversationEvent).where(ConversationEvent.conversation_id == talk)
        async with self.db.read() as session:
            return (await session.scalars(query.order_by(ConversationEvent.event_seq))).all()

    async def turns(self, talk: str) -> Sequence[Turn]:
        async with self.db.read() as session:
            query = select(Turn).where(Turn.conversation_id == talk).order_by(Turn.id)
            return (await session.scalars(query)).all()

    async def places(self, talk: str) -> Sequence[QueueEntry]:
        async with self.db.read() as session:
            query = select(QueueEntry).where(QueueEntry.conversation_id == talk).order_by(QueueEntry.id)
            return (await session.scalars(query)).all()

    async def load(self, name: str) -> int:
        async with self.db.read() as session:
            return (await session.get_one(Agent, self.people[name].id)).load

    async def owned(self, name: str) -> int:
        """Open conversations that this person owns."""
        query = select(func.count()).where(Conversation.agent_id == self.people[name].id)
        async with self.db.read() as session:
            return await session.scalar(query) or 0

    async def count(self, table: Any) -> int:
        async with self.db.read() as session:
            return await session.scalar(select(func.count()).select_from(table)) or 0


class Working:
    """Workers that run while the block does; `kill` ends them as a power cut would."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = workers
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Working":
        self._tasks = [asyncio.create_task(worker.run()) for worker in self._workers]
        return self

    async def __aexit__(self, *failure: object) -> None:
        for worker in self._workers:
            worker.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def kill(self) -> None:
        for worker in self._workers:
            for task in list(worker._running):
                task.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
