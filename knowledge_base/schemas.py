"""Shapes of the knowledge base's API."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from chat.schemas import Body, ClientId, Moment
from knowledge_base import drafts
from knowledge_base.models import Article, ArticleStatus, ArticleVersion, Audience
from knowledge_base.search import SearchResult, article_url

Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Note = Annotated[drafts.Words, Field(max_length=500)]


class _Valid(Body):
    """When an article counts; an empty or reversed time is refused."""

    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise ValueError("valid_until must be after valid_from")
        return self


class ArticleIn(_Valid):
    """A new draft. Without a slug one is made of the title."""

    client_id: ClientId
    title: drafts.Title
    body: drafts.Body
    locale: drafts.Language
    slug: drafts.Slug | None = None
    category: Annotated[drafts.Line, Field(max_length=80)] = ""
    tags: drafts.Labels = Field(default_factory=list)
    questions: drafts.Questions = Field(default_factory=list)
    codes: drafts.Labels = Field(default_factory=list)
    audience: Audience = "public"
    note: Note = ""

    def draft(self) -> drafts.Draft:
        fields = self.model_dump(exclude={"client_id", "note"})
        return drafts.Draft.model_validate({**fields, "slug": self.slug or drafts.slug_of(self.title)})


class ArticleChangeIn(_Valid):
    """What is to change; `version` is the newest one that was read, and makes a lost update a 409."""

    version: Version
    title: drafts.Title | None = None
    body: drafts.Body | None = None
    category: Annotated[drafts.Line, Field(max_length=80)] | None = None
    tags: drafts.Labels | None = None
    questions: drafts.Questions | None = None
    codes: drafts.Labels | None = None
    audience: Audience | None = None
    status: Literal["draft", "in_review", "archived"] | None = None
    note: Note = ""

    def fields(self) -> dict[str, object]:
        """What was sent; only the two times may be sent as null, which takes them away."""
        sent = self.model_dump(exclude_unset=True, exclude={"version", "note"})
        return {
            name: value
            for name, value in sent.items()
            if value is not None or name in ("valid_from", "valid_until")
        }


class PublicationIn(Body):
    version: Version


class ArticleOut(BaseModel):
    id: str
    slug: str
    locale: str
    title: str
    category: str
    tags: list[str]
    status: ArticleStatus
    audience: Audience
    version: int
    published_version: int | None
    valid_from: Moment | None
    valid_until: Moment | None
    created_at: Moment
    updated_at: Moment
    url: str

    @classmethod
    def of(cls, article: Article) -> "ArticleOut":
        return ArticleOut(**_common(article))


class TranslationOut(BaseModel):
    id: str
    locale: str
    title: str
    status: ArticleStatus


class ArticleDetailOut(ArticleOut):
    """With the newest wording, whether or not it is published."""

    body: str
    questions: list[str]
    codes: list[str]
    author: str
    note: str
    translations: list[TranslationOut]

    @classmethod
    def with_wording(
        cls, article: Article, newest: ArticleVersion, same_slug: Sequence[Article]
    ) -> "ArticleDetailOut":
        return cls(
            **_common(article),
            body=newest.body,
            questions=newest.questions,
            codes=newest.codes,
            author=newest.author,
            note=newest.note,
            translations=[
                TranslationOut.model_validate(one, from_attributes=True)
                for one in same_slug
                if one.id != article.id
            ],
        )


def _common(article: Article) -> dict[str, Any]:
    fields = {name: getattr(article, name) for name in ArticleOut.model_fields if name != "url"}
    return {**fields, "url": article_url(article.locale, article.slug)}


class ArticleVersionOut(BaseModel):
    version: int
    title: str
    body: str
    questions: list[str]
    codes: list[str]
    author: str
    note: str
    created_at: Moment
    published: bool

    @classmethod
    def of(cls, row: ArticleVersion, published: int | None) -> Self:
        fields = {name: getattr(row, name) for name in cls.model_fields if name != "published"}
        return cls.model_validate({**fields, "published": row.version == published})


class HitOut(BaseModel):
    article_id: str
    version: int
    slug: str
    title: str
    passage: str
    score: float
    locale: str
    url: str
    updated_at: Moment


class StaffHitOut(HitOut):
    audience: Audience


class SearchOut(BaseModel):
    """`answerable`: the first hit is sure enough to be told as the answer."""

    answerable: bool
    threshold: float
    hits: list[HitOut]

    @classmethod
    def of(cls, result: SearchResult) -> Self:
        return cls.model_validate(result, from_attributes=True)


class StaffSearchOut(BaseModel):
    """Like SearchOut, with the articles that only staff may read, and who may read each."""

    answerable: bool
    threshold: float
    hits: list[StaffHitOut]

    @classmethod
    def of(cls, result: SearchResult) -> Self:
        return cls.model_validate(result, from_attributes=True)
