"""A look-up as a process keeps it in memory: read once, ready to be matched, asked and worded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from calendars.business_time import load_zone
from knowledge_base.words import normalise
from lookups.models import LEVELS, LookUp
from lookups.rendering import ShownField
from lookups.url_template import UrlTemplate
from lookups.views import LookUpView


@dataclass(frozen=True, slots=True)
class Definition:
    """Never changed once it is read; a new version of its row is a new one."""

    id: str
    version: int
    name: str
    inbox_id: str | None
    enabled: bool
    url: UrlTemplate
    secret: str | None = field(repr=False)
    secret_header: str
    timeout_s: float
    identity: str
    inputs: tuple[str, ...]
    intent: str | None
    phrases: tuple[str, ...]
    """As `normalise` writes them, longest first."""
    fields: tuple[ShownField, ...]
    answer: Mapping[str, str]
    not_found: Mapping[str, str]
    zone: ZoneInfo

    @classmethod
    def of(cls, row: LookUp, zone: str) -> "Definition":
        """Raises BadTemplate where an address was stored that this version does not take any more."""
        phrases: Mapping[str, list[str]] = row.phrases
        return cls(
            id=row.id,
            version=row.version,
            name=row.name,
            inbox_id=row.inbox_id,
            enabled=row.enabled,
            url=UrlTemplate.parse(row.url_template),
            secret=row.secret,
            secret_header=row.secret_header,
            timeout_s=row.timeout_s,
            identity=row.identity,
            inputs=tuple(row.inputs),
            intent=row.intent,
            phrases=tuple(sorted({words(one) for own in phrases.values() for one in own}, key=_longest)),
            fields=tuple(ShownField.of(one) for one in row.fields),
            answer=row.answer,
            not_found=row.not_found,
            zone=load_zone(zone),
        )

    @property
    def view(self) -> LookUpView:
        return LookUpView(self.name, self.inputs, self.identity)

    def headers(self) -> list[tuple[str, str]]:
        return [(self.secret_header, self.secret)] if self.secret else []

    def is_open_to(self, level: str) -> bool:
        return level in LEVELS and _rank(level) >= _rank(self.identity)

    def phrase_in(self, text: str) -> int:
        """Length of the longest phrase that a normalised text contains; 0 = none."""
        return next((len(phrase) for phrase in self.phrases if phrase and _contains(text, phrase)), 0)


def words(text: str) -> str:
    """NFKC, lower case, Simplified characters, single spaces."""
    return " ".join(normalise(text).split())


def _contains(text: str, phrase: str) -> bool:
    """Latin words count only as whole ones: "eta" is not in "beta"."""
    before = r"(?<![a-z0-9])" if re.match(r"[a-z0-9]", phrase) else ""
    after = r"(?![a-z0-9])" if re.search(r"[a-z0-9]$", phrase) else ""
    return phrase in text and re.search(before + re.escape(phrase) + after, text) is not None


def _longest(phrase: str) -> Any:
    return -len(phrase), phrase


def _rank(level: str) -> int:
    return [str(one) for one in LEVELS].index(level)
