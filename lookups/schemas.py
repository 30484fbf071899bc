"""Shapes of the look-ups' API for admins."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from chat.schemas import Body, Moment, clean_text
from lookups.models import FieldType, InputName, Level, LookUp

MAX_FIELDS, MAX_WORDS, MAX_PHRASES = 30, 100, 50

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Clean = BeforeValidator(clean_text)
Wording = Annotated[str, Clean, Field(max_length=1000)]
Phrase = Annotated[str, Clean, Field(min_length=1, max_length=80)]
Words = Annotated[str, Clean, Field(min_length=1, max_length=200)]
InboxKey = Annotated[str, Clean, Field(max_length=60)]
Secret = Annotated[str, Field(min_length=1, max_length=2000)]
Header = Annotated[str, Field(max_length=80)]
Seconds = Annotated[float, Field(gt=0, le=5)]
Url = Annotated[str, Clean, Field(max_length=1000)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Texts(Body):
    """A text in both languages, with `{field}` and `{input}` places."""

    en: Wording
    zh: Wording


class CodeWords(Body):
    """What a code is called."""

    en: Words
    zh: Words


class Phrases(Body):
    """Words that ask for this look-up wherever a customer's message contains them."""

    en: list[Phrase] = Field(default_factory=list, max_length=MAX_PHRASES)
    zh: list[Phrase] = Field(default_factory=list, max_length=MAX_PHRASES)


class LookUpField(Body):
    """A value of the service's answer: where it stands (`items.0.status`) and how it is shown."""

    name: FieldName
    path: Annotated[str, Clean, Field(min_length=1, max_length=200)]
    type: FieldType = "text"
    words: dict[Annotated[str, Clean, Field(min_length=1, max_length=80)], CodeWords] = Field(
        default_factory=dict,
        max_length=MAX_WORDS,
        description="For the type `code`: what each code is called. `*` is for codes that are not named.",
    )
    currency: Currency | None = Field(
        None, description="For the type `amount`: the currency where the answer does not say it."
    )


class LookUpIn(Body):
    """A look-up as an admin declares it. The request is always a GET."""

    name: Slug
    inbox: InboxKey | None = Field(None, description="Key of an inbox; null: for every inbox.")
    enabled: bool = True
    url_template: Url = Field(
        description="`https://shop.example/orders/{order_number}`; its places are exactly the `inputs`."
    )
    secret: Secret | None = Field(None, description="Sent in `secret_header`. Write-only.")
    secret_header: Header = "Authorization"  # noqa: S105 - a header's name
    timeout_s: Seconds = 3.0
    identity: Level = "anonymous"
    inputs: list[InputName] = Field(max_length=5)
    intent: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")] | None = None
    phrases: Phrases = Field(default_factory=Phrases)
    fields: list[LookUpField] = Field(max_length=MAX_FIELDS)
    answer: Texts
    not_found: Texts


class LookUpPatch(Body):
    """What is to change; `version` is the one that was read, and makes a lost update a 409.

    Lists and texts are replaced as a whole. A null takes away `inbox`, `secret` or `intent`. Where the
    address moves to another host, a secret must be given anew.
    """

    version: int = Field(ge=1)
    name: Slug | None = None
    inbox: InboxKey | None = None
    enabled: bool | None = None
    url_template: Url | None = None
    secret: Secret | None = None
    secret_header: Header | None = None
    timeout_s: Seconds | None = None
    identity: Level | None = None
    inputs: list[InputName] | None = Field(None, max_length=5)
    intent: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")] | None = None
    phrases: Phrases | None = None
    fields: list[LookUpField] | None = Field(None, max_length=MAX_FIELDS)
    answer: Texts | None = None
    not_found: Texts | None = None

    @model_validator(mode="after")
    def _nothing_emptied_that_must_be_there(self) -> Self:
        for name in self.model_fields_set - {"inbox", "secret", "intent"}:
            if getattr(self, name) is None:
                raise ValueError(f"{name} must not be null")
        return self

    def changes(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True, exclude={"version"})


class LookUpOut(BaseModel):
    """A look-up without its secret."""

    id: str
    version: int
    name: str
    inbox: str | None
    enabled: bool
    url_template: str
    has_secret: bool
    secret_header: str
    timeout_s: float
    identity: Level
    inputs: list[InputName]
    intent: str | None
    phrases: Phrases
    fields: list[LookUpField]
    answer: Texts
    not_found: Texts
    updated_at: Moment
    updated_by: str | None = Field(description="Id of whoever changed it last.")

    @classmethod
    def of(cls, row: LookUp, inbox: str | None) -> "LookUpOut":
        own: dict[str, Any] = {
            name: getattr(row, name) for name in cls.model_fields if name not in ("inbox", "has_secret")
        }
        return cls(**own, inbox=inbox, has_secret=row.secret is not None)


class TrialIn(Body):
    inputs: dict[InputName, Annotated[str, Clean, Field(max_length=254)]] = Field(
        default_factory=dict, description="A value for each of the look-up's inputs."
    )


class TrialTexts(BaseModel):
    """What a customer would read; empty where they would read nothing of it."""

    en: str
    zh: str


class TrialFields(BaseModel):
    """The fields as they are shown in each language."""

    en: dict[str, str]
    zh: dict[str, str]


class TrialOut(BaseModel):
    """How the look-up ended with an admin's inputs."""

    state: Literal["found", "not_found", "failed"]
    cause: str = Field(description="Where it failed: a sentence for staff. It never holds the secret.")
    cause_code: str
    took_ms: int
    fields: TrialFields
    missing: list[str] = Field(description="Fields that the answer did not hold in a form that can be shown.")
    text: TrialTexts
    at: Moment
