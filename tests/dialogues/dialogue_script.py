"""Dialogues as data: what stands in the YAML files, checked when they are read. README.md explains it."""

import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

FOLDER = Path(__file__).parent


class Words(yaml.SafeLoader):
    """YAML in which yes and no are words: customers say them."""


Words.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Words.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), list("tf"))


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expect(Part):
    """What must have come of a step; everything that is left out may be as it likes."""

    keys: list[str] | None = None
    """Exactly these texts, in this order, by their keys."""
    says: list[str] = Field(default_factory=list)
    """These texts, and perhaps others; here and in the next two a key may end in `*`."""
    one_of: list[str] = Field(default_factory=list)
    """At least one of these texts."""
    never: list[str] = Field(default_factory=list)
    """None of these texts."""
    article: str | list[str] | None = None
    """The articles that are quoted, by slug, in this order; an empty list for none."""
    contains: str | list[str] = Field(default_factory=list)
    not_contains: str | list[str] = Field(default_factory=list)
    owner: str | None = None
    status: str | None = None
    reasons: list[str] | None = None
    """The handoff's reasons, in any order."""
    notices: list[str] | None = None
    """The system's lines since the step, in this order."""
    choices: list[str] | None = None
    """Buttons that are there, perhaps beside others: `article` stands for one of an article."""
    no_choices: list[str] = Field(default_factory=list)
    ticket: bool | dict[str, str | None] | None = None
    """Whether this step made a ticket; or its fields, each as it is or a part of it."""
    slots: dict[str, Any] = Field(default_factory=dict)
    language: str | None = None
    """The language from here on."""
    silent: bool = False
    """No message of the assistant: somebody else has answered."""
    refused: bool = False
    """The message is not accepted at all."""
    mail: str | None = None
    """A mail went to this address."""
    comment: str | None = None
    """This stands in the last ticket's newest comment."""


class Step(Part):
    """Something happens, and something is expected of it. Exactly one of the things that can happen."""

    customer: str | list[str] | None = None
    """Words, or several messages in a burst."""
    button: str | None = None
    """A click on the newest button with this value or label; `article` is the first of an article."""
    form: dict[str, str] | None = None
    """The fields of the inline form that was shown last."""
    opens: str | None = None
    """The same customer begins another conversation; the word says what for."""
    agent: str | None = None
    """`takes` the conversation, `returns` it to the assistant, or `resolves` it."""
    shop: str | None = None
    """The shop's own service goes `down` or comes `up`."""
    expect: Expect = Field(default_factory=Expect)

    @model_validator(mode="after")
    def _one_thing(self) -> "Step":
        happens = [self.customer, self.button, self.form, self.opens, self.agent, self.shop]
        if sum(one is not None for one in happens) != 1:
            raise ValueError("a step is one of customer, button, form, opens, agent, shop")
        return self


class Given(Part):
    """How things are before the first word."""

    nobody: bool = False
    """No colleague is online."""
    verified: str | None = None
    """The customer is signed in at the shop under this id."""
    proven_email: str | None = None
    """The customer has proven this address before."""
    look_ups: bool = True
    """The look-ups of the demo company are declared."""


class Dialogue(Part):
    name: str
    language: str
    unhappy: bool = False
    """Something goes another way than the customer or the shop would like."""
    given: Given = Field(default_factory=Given)
    may_repeat: bool = False
    """The same words more than twice are right here."""
    steps: list[Step] = Field(min_length=1)
    theme: str = ""

    @property
    def id(self) -> str:
        return f"{self.theme}: {self.name}"


def read_dialogues(folder: Path = FOLDER) -> list[Dialogue]:
    """All dialogues of all files. Raises ValueError naming the file and the dialogue that is not right."""
    found: list[Dialogue] = []
    for file in sorted(folder.glob("*.yml")):
        with file.open(encoding="utf-8") as stream:
            entries = yaml.load(stream, Loader=Words)  # noqa: S506 - a safe loader
        for entry in entries:
            try:
                found.append(Dialogue.model_validate({**entry, "theme": file.stem}))
            except ValueError as error:
                raise ValueError(f"{file.name}: {entry.get('name')}: {error}") from None
    return found


def as_list(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])
