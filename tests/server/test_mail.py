"""Mail leaves the house safely: by a real SMTP server or into a folder, never with foreign headers."""

from email import policy
from email.parser import BytesParser

import pytest
import structlog
from mail_server import Postbox, free_port, self_signed, serving

from server.mail import (
    FolderMailer,
    MailFailed,
    MailRefused,
    SmtpMailer,
    compose_mail,
    make_mailer,
    sender_of,
)
from server.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


def letter(**changed):
    written = {
        "sender": "Hearth & Home <service@shop.example>",
        "to": "ann@example.com",
        "subject": "Your code",
        "text": "Your code is 123456\n",
        "language": "en",
    }
    return compose_mail(**{**written, **changed})


@pytest.fixture
def box():
    with serving(Postbox()) as box:
        yield box


@pytest.fixture(scope="module")
def contexts(tmp_path_factory):
    return self_signed(tmp_path_factory.mktemp("tls"))


async def test_a_mail_arrives_as_it_was_written(box):
    await SmtpMailer.from_url(f"smtp://127.0.0.1:{box.port}").send(letter())
    [mail] = box.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == (
        "Hearth & Home <service@shop.example>",
        "ann@example.com",
        "Your code",
    )
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().strip() == "Your code is 123456"
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "en")
    assert mail["Message-ID"].endswith("@shop.example>")
    assert box.envelopes == [("service@shop.example", ["ann@example.com"])]


async def test_chinese_words_arrive(box):
    mail = letter(
        sender="炉火家居 <service@shop.example>", subject="您的验证码", text="验证码是 123456", language="zh"
    )
    await SmtpMailer.from_url(f"smtp://127.0.0.1:{box.port}").send(mail)
    [mail] = box.mails
    assert mail["Subject"] == "您的验证码"
    assert mail["From"].addresses[0].display_name == "炉火家居"
    assert mail.get_content().strip() == "验证码是 123456"


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\r\n\r\n"])
def test_no_subject_adds_a_header(line_end):
    mail = letter(subject=f"Hello{line_end}Bcc: eve@example.com")
    sent = BytesParser(policy=policy.default).parsebytes(mail.as_bytes())
    assert sent["Bcc"] is None
    assert sent["Subject"] == "Hello Bcc: eve@example.com"


@pytest.mark.parametrize(
    "address",
    [
        "ann@example.com\r\nBcc: eve@example.com",
        "ann@example.com\nBcc: eve@example.com",
        "ann@example.com, eve@example.com",
        "Ann <ann@example.com>",
        "ann@example.com>",
        "ann",
        "@example.com",
        "",
        "ann@" + "a" * 70 + ".com",
    ],
)
def test_what_is_no_single_address_is_never_written_to(address):
    with pytest.raises(MailRefused):
        letter(to=address)


def test_an_international_domain_is_written_as_mail_servers_know_it():
    assert letter(to="ann@bücher.example")["To"] == "ann@xn--bcher-kva.example"


async def test_a_mailbox_that_does_not_exist_is_not_tried_again(box):
    box.refuse["ann@example.com"] = "550 no such mailbox"
    with pytest.raises(MailRefused):
        await SmtpMailer.from_url(f"smtp://127.0.0.1:{box.port}").send(letter())


@pytest.mark.parametrize("answer", ["451 try again later", "421 shutting down"])
async def test_a_server_that_cannot_now_may_be_tried_again(box, answer):
    box.answer = answer
    with pytest.raises(MailFailed) as failed:
        await SmtpMailer.from_url(f"smtp://127.0.0.1:{box.port}").send(letter())
    assert not isinstance(failed.value, MailRefused)


async def test_a_full_mailbox_may_be_tried_again(box):
    box.refuse["ann@example.com"] = "452 mailbox full"
    with pytest.raises(MailFailed) as failed:
        await SmtpMailer.from_url(f"smtp://127.0.0.1:{box.port}").send(letter())
    assert not isinstance(failed.value, MailRefused)


async def test_nobody_listens():
    with pytest.raises(MailFailed):
        await SmtpMailer.from_url(f"smtp://127.0.0.1:{free_port()}").send(letter())


async def test_starttls_is_used_where_it_is_offered(contexts):
    server, client = contexts
    with serving(Postbox(), tls=server) as box:
        await SmtpMailer.from_url(f"smtp://127.0.0.1:{box.port}", tls_context=client).send(letter())
    assert box.tls == [True]


async def test_a_password_goes_over_tls_only(contexts):
    server, client = contexts
    with serving(Postbox(), tls=server, login=("desk", "p@ss")) as box:
        url = f"smtp://desk:p%40ss@127.0.0.1:{box.port}"
        await SmtpMailer.from_url(url, tls_context=client).send(letter())
        wrong = SmtpMailer.from_url(url.replace("p%40ss", "other"), tls_context=client)
        with pytest.raises(MailFailed):
            await wrong.send(letter())
    assert box.tls == [True]
    with serving(Postbox()) as box, pytest.raises(MailFailed):
        await SmtpMailer.from_url(f"smtp://desk:secret@127.0.0.1:{box.port}").send(letter())
    assert box.mails == []


async def test_a_certificate_of_somebody_else_is_not_trusted(contexts):
    with serving(Postbox(), tls=contexts[0]) as box, pytest.raises(MailFailed):
        await SmtpMailer.from_url(f"smtp://127.0.0.1:{box.port}?starttls=required").send(letter())
    assert box.mails == []


def test_what_the_url_means():
    plain = SmtpMailer.from_url("smtp://mail.example")
    assert (plain.host, plain.port, plain.tls, plain.starttls) == ("mail.example", 587, False, None)
    with_password = SmtpMailer.from_url("smtp://u:p@mail.example:25")
    assert (with_password.port, with_password.starttls) == (25, True)
    assert SmtpMailer.from_url("smtp://u:p@127.0.0.1?starttls=off").starttls is False
    safe = SmtpMailer.from_url("smtps://u:p@mail.example")
    assert (safe.port, safe.tls, safe.starttls) == (465, True, False)
    assert "secret" not in repr(SmtpMailer.from_url("smtp://u:secret@mail.example"))


@pytest.mark.parametrize(
    "url", ["http://u:secret@mail.example", "smtp://", "smtp://u:secret@h?starttls=maybe"]
)
def test_a_url_that_does_not_fit_is_refused_without_its_password(url):
    with pytest.raises(ValueError, match="SMTP_URL") as refused:
        SmtpMailer.from_url(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "given", [{"smtp_url": "mail.example u:secret"}, {"smtp_url": "smtp://u:secret@mail.example"}]
)
def test_settings_say_what_is_missing_without_the_password(given):
    with pytest.raises(ValueError, match=r"SMTP_URL|MAIL_FROM") as refused:
        Settings(**given)
    assert "secret" not in str(refused.value)


async def test_without_a_server_mails_become_files(tmp_path):
    settings = Settings(data_dir=tmp_path)
    mailer = make_mailer(settings)
    assert isinstance(mailer, FolderMailer)
    with structlog.testing.capture_logs() as logs:
        await mailer.send(letter(sender=sender_of(settings)))
    [file] = (tmp_path / "mail").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert (tmp_path / "mail").stat().st_mode & 0o077 == 0
    assert b"123456" in file.read_bytes()
    assert [line["event"] for line in logs] == ["mail_written_to_folder"]
    assert not any(secret in str(logs) for secret in ("123456", "ann@example.com", "Your code"))
