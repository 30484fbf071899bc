"""Asks the company's services for customers: which look-up a message wants, and what comes of it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from chat.schemas import clean_text
from lookups import queries
from lookups.definition import Definition, words
from lookups.fetching import Fetcher
from lookups.guard import Guard
from lookups.models import PROVEN_INPUTS, VERSION
from lookups.rendering import PLACE, Context, fill, plain, shown_fields
from lookups.restraint import Restraint
from lookups.url_template import BadTemplate, UnsafeInput
from lookups.views import LookUpFailed, LookUpResult, LookUpView
from server.db import Database, ReadSession, utc_now, version_of

log = structlog.get_logger(__name__)

MAX_INPUT = 254
LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Trial:
    """What an admin's own inputs gave, in both languages; `missing` are fields that could not be shown."""

    results: Mapping[str, LookUpResult]
    missing: Sequence[str] = ()
    took_ms: int = 0


class LookUps:
    """One per process. What admins change counts with the next question: a version is compared each time.

    `guard`, `fetcher`, `now` and `clock` (seconds from anywhere) are what tests replace.
    """

    def __init__(
        self,
        db: Database,
        guard: Guard | None = None,
        *,
        fetcher: Fetcher | None = None,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self.guard = guard or Guard()
        self._fetcher = fetcher or Fetcher(self.guard)
        self._now, self._clock = now, clock
        self._loaded: tuple[int, Sequence[Definition]] = (-1, ())
        self._restraints: dict[tuple[str, int], Restraint] = {}

    async def matching(
        self, *, intent: str | None, text: str, language: str, inbox_id: str | None
    ) -> LookUpView | None:
        """The look-up that a message asks for: by the longest of its phrases, else by the intent."""
        said = words(text[:4000])
        open_here = await self._of_inbox(inbox_id)
        by_phrase = max(open_here, key=lambda one: one.phrase_in(said), default=None)
        if by_phrase and by_phrase.phrase_in(said):
            return by_phrase.view
        return next((one.view for one in open_here if intent and one.intent == intent), None)

    async def get(self, name: str, *, inbox_id: str | None = None) -> LookUpView | None:
        found = await self._named(name, inbox_id)
        return found.view if found else None

    async def ask(
        self,
        name: str,
        inputs: Mapping[str, str],
        *,
        level: str,
        language: str,
        inbox_id: str | None = None,
    ) -> LookUpResult:
        """Ask for a customer whose identity is proven to `level`. No database session is held meanwhile.

        The inputs `email` and `customer` must be proven ones; without them the identity is what is needed.
        """
        found = await self._named(name, inbox_id)
        if found is None:
            return _failure(LookUpFailed("unknown", f"There is no look-up {name} any more."))
        given = _clean(inputs)
        lacking = [one for one in found.inputs if not given.get(one)]
        if not found.is_open_to(level) or any(one in PROVEN_INPUTS for one in lacking):
            return LookUpResult("identity_needed")
        code = "en" if language.split("-")[0] not in LANGUAGES else language.split("-")[0]
        restraint, began = self._restraint(found), self._clock()
        try:
            if restraint.is_resting:
                raise LookUpFailed("resting", "It failed five times within a minute and rests for 30 s.")
            answer = await self._answer(found, given, restraint)
            result = _worded(found, answer, given, self._context(found, code))
        except LookUpFailed as failed:
            result = _failure(failed)
        log.info(
            "look_up_asked",
            look_up=found.name,
            state=result.state,
            cause=result.cause_code,
            took_ms=round((self._clock() - began) * 1000),
        )
        return result

    async def try_out(self, look_up_id: str, inputs: Mapping[str, str]) -> Trial | None:
        """Ask with an admin's inputs, switched on or not, resting or not; None = there is no such look-up."""
        async with self._db.read() as session:
            found = next((one for one in await self._read(session) if one.id == look_up_id), None)
        if found is None:
            return None
        given, began = _clean(inputs), self._clock()
        try:
            answer = await self._answer(found, given, Restraint(self._clock))
        except LookUpFailed as failed:
            return Trial(dict.fromkeys(LANGUAGES, _failure(failed)), took_ms=self._since(began))
        took_ms = self._since(began)
        results = {}
        for code in LANGUAGES:
            try:
                results[code] = _worded(found, answer, given, self._context(found, code))
            except LookUpFailed as failed:
                results[code] = _failure(failed)
        shown = shown_fields(answer, found.fields, self._context(found, "en")) if answer else {}
        missing = [one.name for one in found.fields if one.name not in shown] if answer else []
        return Trial(results, missing, took_ms)

    def close(self) -> None:
        self.guard.close()

    async def _answer(self, found: Definition, given: Mapping[str, str], restraint: Restraint) -> Any:
        lacking = [one for one in found.inputs if not given.get(one)]
        if lacking:
            raise LookUpFailed("missing_input", f"It was asked without {', '.join(lacking)}.")
        try:
            target = found.url.target(given)
        except UnsafeInput:
            return None  # whatever it was meant to do, there is no such thing
        began = self._clock()
        # Who waits keeps half of the time for the service, which would else be blamed for the crowd.
        async with restraint.place(within_s=found.timeout_s / 2):
            left_s = found.timeout_s - (self._clock() - began)
            try:
                answer = await self._fetcher.get(found.url.origin, target, found.headers(), within_s=left_s)
            except LookUpFailed:
                restraint.failed()
                raise
        restraint.succeeded()
        return answer

    def _context(self, found: Definition, language: str) -> Context:
        return Context(language, found.zone, self._now())

    def _since(self, began: float) -> int:
        return round((self._clock() - began) * 1000)

    def _restraint(self, found: Definition) -> Restraint:
        """A changed look-up begins anew: whoever has corrected the address need not wait."""
        key = (found.id, found.version)
        if key not in self._restraints:
            self._restraints = {one: kept for one, kept in self._restraints.items() if one[0] != found.id}
            self._restraints[key] = Restraint(self._clock)
        return self._restraints[key]

    async def _named(self, name: str, inbox_id: str | None) -> Definition | None:
        return next((one for one in await self._of_inbox(inbox_id) if one.name == name), None)

    async def _of_inbox(self, inbox_id: str | None) -> Sequence[Definition]:
        """What is switched on for an inbox, its own before the company's, which they may hide by name."""
        everything = await self._current()
        own = [one for one in everything if inbox_id and one.inbox_id == inbox_id]
        hidden = {one.name for one in own}
        company = [one for one in everything if one.inbox_id is None and one.name not in hidden]
        return [one for one in (*own, *company) if one.enabled]

    async def _current(self) -> Sequence[Definition]:
        async with self._db.read() as session:
            version = await version_of(session, VERSION)
            if version != self._loaded[0]:
                self._loaded = (version, await self._read(session))
        return self._loaded[1]

    async def _read(self, session: ReadSession) -> Sequence[Definition]:
        read = []
        for row, zone in await queries.with_zones(session):
            try:
                read.append(Definition.of(row, zone))
            except BadTemplate as error:
                log.error("look_up_left_out", look_up=row.name, why=str(error))
        return read


def _clean(inputs: Mapping[str, str]) -> dict[str, str]:
    """What a customer gave, without signs that no service expects; what is too long to be true is empty."""
    cleaned = {name: " ".join(str(clean_text(value)).split()) for name, value in inputs.items()}
    return {name: value for name, value in cleaned.items() if len(value) <= MAX_INPUT}


def _worded(found: Definition, answer: Any, given: Mapping[str, str], context: Context) -> LookUpResult:
    """Raises LookUpFailed where nothing of what the service said can be shown."""
    language = context.language
    shown_inputs = {name: plain(given[name]) for name in found.inputs}
    if answer in (None, {}, [], ""):
        return LookUpResult("not_found", fill(found.not_found[language], shown_inputs, language))
    fields = shown_fields(answer, found.fields, context)
    if found.secret:
        fields = {name: text for name, text in fields.items() if found.secret not in text}
    template = found.answer[language]
    text = fill(template, {**shown_inputs, **fields}, language)
    wanted = set(PLACE.findall(template)) - set(found.inputs)
    if not text or (wanted and not any(fields.get(name) for name in wanted)):
        raise LookUpFailed("nothing_to_show", "The answer held none of the fields that the text needs.")
    return LookUpResult("found", text, fields)


def _failure(failed: LookUpFailed) -> LookUpResult:
    return LookUpResult("failed", cause=failed.sentence, cause_code=failed.code)
