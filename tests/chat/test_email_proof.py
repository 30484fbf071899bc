"""Proof of an address: what a code proves, for whom, how often it may be tried, and what is never said."""

import asyncio
import re
from datetime import timedelta

import pytest
import structlog
from mail_server import Postbox, free_port, serving
from sqlalchemy import select, update

from calendars.clock import ClockIn, move_clock
from chat import code_mails
from chat.code_mails import CodeMails
from chat.email_proof import ask_for_code, check_code, hash_code, identity_of
from chat.models import Conversation, CustomerIdentity, EmailProof
from server.db import db_now, new_id
from server.mail import MailFailed, SmtpMailer

SECRET = "the installation's secret"
ANN = "ann@example.com"


class Proving:
    """Verbs for a visitor who proves an address; mails go to a real SMTP server."""

    def __init__(self, world, box):
        self.world, self.box = world, box
        self.mails = self.post_office(SmtpMailer.from_url(f"smtp://127.0.0.1:{box.port}"))

    def post_office(self, mailer):
        return CodeMails(self.world.db, mailer, sender="Demo <desk@shop.example>", secret=SECRET)

    async def asks(self, talk, address=ANN, key="", world=None):
        async with (world or self.world).db.write() as session:
            return await ask_for_code(session, talk, key=key or new_id(), address=address)

    async def tries(self, talk, code, key="", world=None):
        async with (world or self.world).db.write() as session:
            return await check_code(session, talk, key=key or new_id(), code=code, secret=SECRET)

    async def delivers(self, mails=None):
        """What is due is mailed; the number of mails that were tried."""
        jobs, _ = await (mails or self.mails).claim(10)
        for job in jobs:
            await job()
        return len(jobs)

    async def gets_code(self, talk, address=ANN):
        assert await self.asks(talk, address) == "sent"
        await self.delivers()
        return self.code()

    def code(self):
        [code] = re.findall(r"\d{6}", self.box.mails[-1].get_content())
        return code

    async def proofs(self):
        async with self.world.db.read() as session:
            return list(await session.scalars(select(EmailProof).order_by(EmailProof.id)))

    async def identity(self, talk):
        async with self.world.db.read() as session:
            conversation = await session.get_one(Conversation, talk)
            return await identity_of(session, conversation.customer_id)

    async def passes(self, **time):
        async with self.world.db.write() as session:
            await move_clock(session, ClockIn(advance_s=timedelta(**time).total_seconds()))

    async def no_waiting(self):
        """What waits for another attempt is due now."""
        async with self.world.db.write() as session:
            await session.execute(update(EmailProof).values(run_at=db_now(-1), leased_until=None))


@pytest.fixture
def box():
    with serving(Postbox()) as box:
        yield box


@pytest.fixture
def proving(world, box):
    return Proving(world, box)


@pytest.fixture
async def talk(world):
    return await world.opens("alice")


def other_than(code):
    return f"{(int(code) + 1) % 10**6:06d}"


async def test_the_right_code_proves_the_address(proving, talk):
    assert (await proving.identity(talk)).level == "anonymous"
    code = await proving.gets_code(talk)
    [mail] = proving.box.mails
    assert (mail["To"], mail["From"]) == (ANN, "Demo <desk@shop.example>")
    assert "10 minutes" in mail.get_content()
    assert code not in mail["Subject"]
    assert await proving.tries(talk, code) == "right"
    identity = await proving.identity(talk)
    assert (identity.level, identity.email, identity.proven) == ("email", ANN, (ANN,))
    [proof] = await proving.proofs()
    assert (proof.state, proof.sent_at is not None) == ("proven", True)


async def test_the_mail_speaks_the_customers_language(proving, world, talk):
    await world.says("alice", talk, "我的订单到哪里了")
    await proving.gets_code(talk)
    [mail] = proving.box.mails
    assert (mail["Content-Language"], "验证码" in mail.get_content()) == ("zh", True)


async def test_a_code_is_nowhere_in_clear(proving, world, talk):
    with structlog.testing.capture_logs() as logs:
        code = await proving.gets_code(talk)
        await proving.tries(talk, other_than(code))
        await proving.tries(talk, code)
    [proof] = await proving.proofs()
    row = {column.key: getattr(proof, column.key) for column in EmailProof.__table__.columns}
    assert code not in str({name: value for name, value in row.items() if name not in ("salt", "code_hash")})
    assert proof.code_hash == hash_code(code, proof.salt, SECRET) != hash_code(code, proof.salt, "another")
    assert code not in str(logs)
    assert ANN not in str(logs)


async def test_it_proves_the_address_for_this_customer_only(proving, world, talk):
    theirs = await world.opens("dora")
    code = await proving.gets_code(talk)
    assert await proving.tries(theirs, code) == "expired"
    assert await proving.tries(talk, code) == "right"
    assert (await proving.identity(theirs)).level == "anonymous"
    assert await proving.tries(theirs, await proving.gets_code(theirs)) == "right"
    assert (await proving.identity(talk)).proven == (await proving.identity(theirs)).proven == (ANN,)


async def test_a_better_proof_stays_as_it_is(proving, world, talk):
    async with world.db.write() as session:
        customer_id = (await session.get_one(Conversation, talk)).customer_id
        session.add_all(
            [
                CustomerIdentity(customer_id=customer_id, channel="email", value=ANN, level="anonymous"),
                CustomerIdentity(
                    customer_id=customer_id, channel="host:default", value="4711", level="verified"
                ),
            ]
        )
    assert (await proving.identity(talk)).proven == ()
    assert await proving.tries(talk, await proving.gets_code(talk)) == "right"
    identity = await proving.identity(talk)
    assert (identity.level, identity.proven) == ("verified", (ANN,))
    assert await world.count(CustomerIdentity) == 2


async def test_a_verified_address_of_somebody_else_is_not_taken_over(proving, world, talk):
    theirs = await world.opens("dora")
    async with world.db.write() as session:
        owner = (await session.get_one(Conversation, theirs)).customer_id
        session.add(CustomerIdentity(customer_id=owner, channel="email", value=ANN, level="verified"))
    assert await proving.tries(talk, await proving.gets_code(talk)) == "right"
    assert (await proving.identity(talk)).level == "email"
    async with world.db.read() as session:
        levels = dict(
            (await session.execute(select(CustomerIdentity.customer_id, CustomerIdentity.level))).all()
        )
    assert levels[owner] == "verified"


async def test_a_third_wrong_code_locks_the_address_for_this_customer_everywhere(proving, world, talk):
    code = await proving.gets_code(talk)
    wrong = other_than(code)
    assert [await proving.tries(talk, wrong) for _ in range(4)] == ["wrong", "wrong", "locked", "locked"]
    assert await proving.tries(talk, code) == "locked"
    elsewhere = await world.opens("alice")
    assert await proving.asks(talk) == await proving.asks(elsewhere) == "locked"
    assert await proving.asks(elsewhere, "Ann@Example.com") == "locked"
    assert await proving.asks(await world.opens("dora")) == "sent"
    await proving.passes(minutes=31)
    assert await proving.tries(talk, code) == "expired"
    assert await proving.tries(elsewhere, await proving.gets_code(elsewhere)) == "right"


async def test_a_code_lives_ten_minutes(proving, talk):
    code = await proving.gets_code(talk)
    await proving.passes(minutes=9, seconds=50)
    assert await proving.tries(talk, other_than(code)) == "wrong"
    await proving.passes(seconds=15)
    assert await proving.tries(talk, code) == "expired"
    assert (await proving.identity(talk)).level == "anonymous"
    assert await proving.tries(talk, await proving.gets_code(talk)) == "right"


async def test_only_the_newest_code_counts(proving, talk):
    first = await proving.gets_code(talk)
    second = await proving.gets_code(talk)
    if first != second:
        assert await proving.tries(talk, first) == "wrong"
    assert await proving.tries(talk, second) == "right"


async def test_three_mails_an_hour_to_an_address_whoever_asks(proving, world, talk):
    for name in ("alice", "dora", "charlie"):
        assert (
            await proving.asks(await world.opens(name), ANN if name != "dora" else "ANN@example.com")
            == "sent"
        )
    assert await proving.asks(talk) == "limited"
    assert await proving.asks(talk, "bob@example.com") == "sent"
    await proving.passes(minutes=61)
    assert await proving.asks(talk) == "sent"


async def test_no_customer_writes_to_many_strangers(proving, talk):
    answers = [await proving.asks(talk, f"stranger{n}@example.com") for n in range(8)]
    assert answers == ["sent"] * 6 + ["limited"] * 2


async def test_a_known_address_and_an_unknown_one_are_answered_alike(proving, world, talk):
    theirs = await world.opens("dora")
    async with world.db.write() as session:
        owner = (await session.get_one(Conversation, theirs)).customer_id
        session.add(CustomerIdentity(customer_id=owner, channel="email", value=ANN, level="verified"))
    assert await proving.asks(talk, ANN) == await proving.asks(talk, "nobody@example.com") == "sent"


async def test_asking_and_trying_again_with_the_same_key_changes_nothing(proving, talk):
    for _ in range(3):
        assert await proving.asks(talk, key="turn-1:validate_look_up_form:0") == "sent"
    assert await proving.delivers() == 1
    code = proving.code()
    for _ in range(5):
        assert await proving.tries(talk, other_than(code), key="turn-2") == "wrong"
    assert (await proving.proofs())[0].tries == 1
    assert [await proving.tries(talk, code, key="turn-3") for _ in range(2)] == ["right", "right"]


async def test_a_guess_without_any_code(proving, talk):
    assert await proving.tries(talk, "000000") == "expired"
    await proving.asks(talk)
    assert await proving.tries(talk, "000000") == "wrong"
    assert (await proving.proofs())[0].tries == 0


async def test_a_mail_server_that_comes_back(proving, world, talk):
    port = free_port()
    away = proving.post_office(SmtpMailer.from_url(f"smtp://127.0.0.1:{port}"))
    await proving.asks(talk)
    assert await proving.delivers(away) == 1
    assert await proving.delivers(away) == 0, "not at once again"
    _, due_in = await away.claim(10)
    assert 0 < due_in <= code_mails.BACKOFF_S[0]
    await proving.no_waiting()
    with serving(Postbox(), port=port) as box:
        assert await proving.delivers(away) == 1
        proving.box = box
        assert await proving.tries(talk, proving.code()) == "right"


async def test_a_mail_server_that_stays_away(proving, talk):
    away = proving.post_office(SmtpMailer.from_url(f"smtp://127.0.0.1:{free_port()}"))
    await proving.asks(talk)
    for _ in range(code_mails.ATTEMPTS):
        await proving.no_waiting()
        assert await proving.delivers(away) == 1
    await proving.no_waiting()
    assert await proving.delivers(away) == 0
    assert (await proving.proofs())[0].state == "failed"
    assert await proving.tries(talk, "123456") == "expired"
    assert await proving.asks(talk) == "unavailable"
    await proving.passes(minutes=11)
    assert await proving.asks(talk) == "sent"


async def test_a_mailbox_that_does_not_exist_is_tried_once(proving, talk):
    proving.box.refuse[ANN] = "550 no such mailbox"
    await proving.asks(talk)
    await proving.delivers()
    await proving.no_waiting()
    assert await proving.delivers() == 0
    assert await proving.asks(talk) == "unavailable"
    assert await proving.asks(talk, "bob@example.com") == "sent"


async def test_an_address_that_no_mail_can_carry(proving, talk):
    assert await proving.asks(talk, "ann@example.com\r\nBcc: eve@example.com") == "sent"
    await proving.delivers()
    assert proving.box.mails == []
    assert (await proving.proofs())[0].state == "failed"


async def test_a_worker_that_dies_while_sending(proving, world, talk):
    """Its mail may have gone out unnoticed: the next attempt makes another code, and only that one counts."""

    class Dies:
        async def send(self, mail):
            self.mail = mail
            raise asyncio.CancelledError

    dying = Dies()
    await proving.asks(talk)
    with pytest.raises(asyncio.CancelledError):
        await proving.delivers(proving.post_office(dying))
    assert await proving.delivers() == 0, "the lease still runs"
    [unnoticed] = re.findall(r"\d{6}", dying.mail.get_content())
    await proving.no_waiting()
    assert await proving.delivers() == 1
    if unnoticed != proving.code():
        assert await proving.tries(talk, unnoticed) == "wrong"
    assert await proving.tries(talk, proving.code()) == "right"


async def test_nothing_is_mailed_inside_a_transaction(proving, world, talk):
    class Looks:
        async def send(self, mail):
            async with world.db.write() as session:  # waits for ever if one is open on SQLite
                await move_clock(session, ClockIn(advance_s=0))

    await proving.asks(talk)
    assert await asyncio.wait_for(proving.delivers(proving.post_office(Looks())), 5) == 1
    assert (await proving.proofs())[0].state == "sent"


async def test_two_workers_send_one_mail(proving, world, talk):
    other = await world.another_process()
    await proving.asks(talk)
    mailer = SmtpMailer.from_url(f"smtp://127.0.0.1:{proving.box.port}")
    offices = [
        proving.mails,
        CodeMails(other.db, mailer, sender="Demo <desk@shop.example>", secret=SECRET),
    ]
    counts = await asyncio.gather(*(proving.delivers(office) for office in offices))
    assert sorted(counts) == [0, 1]
    assert len(proving.box.mails) == 1


async def test_many_guesses_at_once_are_three(proving, world, talk):
    code = await proving.gets_code(talk)
    other = await world.another_process()
    guesses = [f"{n:06d}" for n in range(12) if f"{n:06d}" != code]
    verdicts = await asyncio.gather(
        *(proving.tries(talk, guess, world=(world, other)[n % 2]) for n, guess in enumerate(guesses))
    )
    assert verdicts.count("wrong") == 2
    assert verdicts.count("locked") == len(guesses) - 2
    assert (await proving.proofs())[0].tries == 3
    assert await proving.tries(talk, code) == "locked"


async def test_many_wishes_at_once_are_three_mails(proving, world):
    talks = [await world.opens(name) for name in ("alice", "dora", "charlie") for _ in range(3)]
    other = await world.another_process()
    answers = await asyncio.gather(
        *(proving.asks(talk, world=(world, other)[n % 2]) for n, talk in enumerate(talks))
    )
    assert (answers.count("sent"), answers.count("limited")) == (3, 6)


async def test_a_failing_mailer_is_told_without_the_address(proving, talk):
    class Fails:
        async def send(self, mail):
            raise MailFailed("SMTPConnectError")

    await proving.asks(talk)
    with structlog.testing.capture_logs() as logs:
        await proving.delivers(proving.post_office(Fails()))
    assert [line["event"] for line in logs] == ["code_not_sent"]
    assert ANN not in str(logs)
