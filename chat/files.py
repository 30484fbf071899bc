"""Uploaded files: bounded, named safely, served only as attachments to those who may see them."""

import hashlib
import unicodedata
from collections.abc import Sequence
from urllib.parse import quote

from sqlalchemy import select, true

from chat.access import Visitor
from chat.models import Conversation, File, FileContent
from chat.scrub import scrub
from chat.service import order_pattern
from server.db import ReadSession, WriteSession, new_id
from server.errors import Malformed, NotFound, TooLarge

MAX_BYTES = 10 * 1024 * 1024

# Decided by the first bytes, never by what the sender says.
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)


def safe_name(name: str) -> str:
    """The last part of a path, without control characters or leading dots; at most 150 characters."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").split("/")[-1]
    kept = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*').strip(" .")
    return kept[-150:] or "file"


def sniff(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for magic, mime in _MAGIC if content.startswith(magic)), "application/octet-stream")


async def store(session: WriteSession, visitor: Visitor, name: str, content: bytes) -> File:
    """Keep an upload until a message carries it. Raises TooLarge, Malformed."""
    if len(content) > MAX_BYTES:
        raise TooLarge("A file may have at most 10 MB.")
    if not content:
        raise Malformed("This file is empty.")
    file = File(
        id=new_id(),
        inbox_id=visitor.inbox_id,
        visitor_session_id=visitor.session_id,
        name=scrub(safe_name(name), await order_pattern(session, visitor.inbox_id)).text,
        mime=sniff(content),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    session.add(file)
    await session.flush()
    session.add(FileContent(file_id=file.id, content=content))
    await session.flush()
    return file


async def attach(session: WriteSession, visitor: Visitor, file_ids: Sequence[str]) -> list[File]:
    """The visitor's own uploads that no message carries yet, in the order asked. Raises Malformed."""
    if not file_ids:
        return []
    rows = await session.scalars(
        select(File).where(
            File.id.in_(file_ids),
            File.visitor_session_id == visitor.session_id,
            File.message_id.is_(None),
        )
    )
    found = {file.id: file for file in rows}
    if len(found) != len(set(file_ids)):
        raise Malformed("One of these files is not there. Please attach it again.")
    return [found[file_id] for file_id in dict.fromkeys(file_ids)]


async def for_visitor(session: ReadSession, visitor: Visitor, file_id: str) -> tuple[File, bytes]:
    """A file of one of the visitor's own conversations, or their own upload. Raises NotFound."""
    row = (
        await session.execute(
            select(File, FileContent.content)
            .join(FileContent, FileContent.file_id == File.id)
            .outerjoin(Conversation, Conversation.id == File.conversation_id)
            .where(
                File.id == file_id,
                (Conversation.customer_id == visitor.customer_id)
                if visitor.customer_id
                else (File.visitor_session_id == visitor.session_id),
            )
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


async def for_staff(session: ReadSession, file_id: str) -> tuple[File, bytes]:
    """Any file that was sent in a conversation. Raises NotFound."""
    row = (
        await session.execute(
            select(File, FileContent.content)
            .join(FileContent, FileContent.file_id == File.id)
            .where(File.id == file_id, File.message_id.is_not(None), true())
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def attachment_headers(file: File) -> dict[str, str]:
    """A customer's file is never shown inline: it could be a page with a script in it."""
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, max-age=3600",
    }
