"""Tables of the knowledge base: articles, their versions, and the passages that the search reads."""

from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, LargeBinary, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, new_id, utc_now

ArticleStatus = Literal["draft", "in_review", "published", "archived"]
Audience = Literal["public", "customers", "staff"]
"""Who may read: everybody, customers who have signed in, or only the people of the desk."""
UnitKind = Literal["title", "question", "body"]

Id = String(36)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Article(Base):
    """What is true of an article whatever its wording: address, audience, life, and which version is live.

    Translations are the articles of the same slug in other locales. `version` is the newest one, also the
    number with which an editor proves to have seen it; `published_version` is the one customers are told.
    """

    __tablename__ = "articles"
    __table_args__ = (
        Unique("slug", "locale"),
        CheckConstraint(_one_of("status", get_args(ArticleStatus)), name="status"),
        CheckConstraint(_one_of("audience", get_args(Audience)), name="audience"),
        CheckConstraint("(status = 'published') = (published_version IS NOT NULL)", name="published"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(120))
    locale: Mapped[str] = mapped_column(String(12))
    category: Mapped[str] = mapped_column(String(80), default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    status: Mapped[str] = mapped_column(String(20), default="draft", index=True)
    audience: Mapped[str] = mapped_column(String(20), default="public")
    version: Mapped[int] = mapped_column(default=1)
    published_version: Mapped[int | None]
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    # The title of the newest version, kept here as well so that a list needs no join.
    title: Mapped[str] = mapped_column(String(200))
    client_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    source_hash: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
    """When the content was last changed, as readers are told; an import takes it from the source."""


class ArticleVersion(Base):
    """One wording of an article; never changed once written."""

    __tablename__ = "article_versions"

    article_id: Mapped[str] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    questions: Mapped[list[str]] = mapped_column(default=list)
    codes: Mapped[list[str]] = mapped_column(default=list)
    author: Mapped[str] = mapped_column(String(120))
    author_id: Mapped[str | None] = mapped_column(Id)
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Passage(Base):
    """A title, an alternative question or a piece of the body of a published version, ready to be searched.

    Terms and vector are stored, so that a start reads them and encodes nothing that has not changed.
    """

    __tablename__ = "passages"
    __table_args__ = (
        ForeignKeyConstraint(
            ["article_id", "version"],
            ["article_versions.article_id", "article_versions.version"],
            ondelete="CASCADE",
        ),
        CheckConstraint(_one_of("kind", get_args(UnitKind)), name="kind"),
    )

    article_id: Mapped[str] = mapped_column(Id, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    heading: Mapped[str] = mapped_column(String(300), default="")
    text: Mapped[str] = mapped_column(Text)
    lexical: Mapped[str] = mapped_column(Text)
    """Its terms, separated by blanks (`knowledge_base.words.terms`)."""
    rules: Mapped[int] = mapped_column(default=0)
    """The `words.RULES` by which they were made; terms of other rules are made anew when they are read."""
    encoder: Mapped[str | None] = mapped_column(String(200))
    vector: Mapped[bytes | None] = mapped_column(LargeBinary)
    """`dim` little-endian float32 of the encoder named beside it."""
