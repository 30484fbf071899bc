"""An article before it is stored: its fields with their limits, and how it is read from Markdown or JSON."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import PurePath
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic import ValidationError as Invalid

from chat.schemas import clean_text
from knowledge_base.models import Audience
from knowledge_base.words import language_of, normalise

MAX_BODY = 100_000
"""Characters of an article's Markdown."""

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"\A\s*#\s+(.+?)\s*#*\s*$\n?", re.MULTILINE)


class Unreadable(ValueError):
    """A source that is no article; the words say why."""


def _nothing_as_empty(value: object) -> object:
    return [] if value is None else value


def _without_repeats(values: list[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))


Words = Annotated[str, BeforeValidator(clean_text)]
Line = Annotated[Words, Field(max_length=200), AfterValidator(lambda text: " ".join(text.split()))]
Title = Annotated[Line, Field(min_length=1)]
Slug = Annotated[str, Field(max_length=120, pattern=r"^[\w\u4e00-\u9fff]+(?:-[\w\u4e00-\u9fff]+)*$")]
Language = Annotated[str, Field(max_length=12, pattern=r"^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$")]
Body = Annotated[Words, Field(min_length=1, max_length=MAX_BODY)]
Labels = Annotated[
    list[Annotated[Line, Field(max_length=80)]],
    BeforeValidator(_nothing_as_empty),
    Field(max_length=50),
    AfterValidator(_without_repeats),
]
Questions = Annotated[
    list[Line], BeforeValidator(_nothing_as_empty), Field(max_length=100), AfterValidator(_without_repeats)
]


class Content(BaseModel):
    """What a version holds."""

    model_config = ConfigDict(frozen=True)

    title: Title
    body: Body
    questions: Questions = []
    codes: Labels = []


class Draft(Content):
    """A whole article as an editor or a source gives it. `updated`: when the source says it was changed."""

    slug: Slug
    locale: Language
    category: Annotated[Line, Field(max_length=80)] = ""
    tags: Labels = []
    audience: Audience = "public"
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    updated: AwareDatetime | None = None

    @property
    def digest(self) -> str:
        """The same for the same content, whatever file or order of keys it came in."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def from_markdown(text: str, *, name: str, locale: str | None = None) -> Draft:
    """An article from Markdown with front matter; what the front matter lacks is taken from the file.

    Without a slug the file's name counts, without a title the first heading, without a locale `locale`, else
    the folder's name, else the language of the text. Raises Unreadable.
    """
    found = _FRONT.match(text.lstrip("\ufeff").replace("\r\n", "\n"))
    front: object = {}
    body = text.lstrip("\ufeff").replace("\r\n", "\n")
    if found:
        body = body[found.end() :]
        try:
            front = yaml.safe_load(found.group(1)) or {}
        except yaml.YAMLError as error:
            raise Unreadable(f"the front matter is not YAML: {_first_line(error)}") from None
        if not isinstance(front, Mapping):
            raise Unreadable("the front matter is not a list of keys and values")
    path = PurePath(name)
    fields = {str(key): value for key, value in dict(front).items()} if isinstance(front, Mapping) else {}
    if not fields.get("title") and (heading := _HEADING.match(body)):
        fields["title"], body = heading.group(1), body[heading.end() :]
    folder = path.parent.name if re.fullmatch(r"[a-z]{2}(-[A-Za-z]{2,4})?", path.parent.name) else ""
    fields["body"] = body
    fields["locale"] = locale or fields.get("locale") or folder or language_of(body)
    fields["slug"] = fields.get("slug") or slug_of(path.stem)
    return _draft(fields)


def from_json(line: str, *, locale: str | None = None) -> Draft:
    """An article from a line `{_id, title, text}`. Raises Unreadable."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise Unreadable(f"not JSON ({error.msg})") from None
    if not isinstance(row, dict) or not {"_id", "title", "text"} <= row.keys():
        raise Unreadable("_id, title or text is missing")
    text = str(row["text"])
    return _draft(
        {
            "slug": slug_of(str(row["_id"])),
            "title": row["title"],
            "body": text,
            "locale": locale or language_of(text),
        }
    )


def slug_of(name: str) -> str:
    """A stable address made of a name: letters and digits of any script, joined by hyphens."""
    return "-".join(re.findall(r"\w+", normalise(name).replace("_", "-")))[:120].strip("-") or "article"


def _draft(fields: Mapping[str, Any]) -> Draft:
    known = {key: value for key, value in fields.items() if key in Draft.model_fields}
    for key, at in (("valid_from", time.min), ("valid_until", time.max), ("updated", time.min)):
        known[key] = _moment(known.get(key), at)
    try:
        return Draft.model_validate(known)
    except Invalid as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:3]]
        raise Unreadable("; ".join(faults)) from None


def _moment(value: object, at: time) -> object:
    """A plain date means the whole day: from its first moment, until its last; UTC where no zone is said."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime.combine(value, at, tzinfo=UTC)
    return value


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
