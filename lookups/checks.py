"""What is wrong with a look-up, in the words of the admin who declares it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lookups.guard import PORTS, InternalHosts
from lookups.models import LEVELS, PROVEN_INPUTS
from lookups.rendering import LIMITS, PLACE, size_of
from lookups.schemas import LookUpField, LookUpIn, Texts
from lookups.url_template import BadTemplate, UrlTemplate
from server.errors import Malformed

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PATH = re.compile(r"[^.\s]+(?:\.[^.\s]+){0,9}")
_OURS = frozenset(
    "host connection content-length transfer-encoding te trailer upgrade expect accept accept-encoding "
    "user-agent proxy-authorization".split()
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A field of the look-up, and the sentence about it."""

    field: str
    message: str


def check(wanted: LookUpIn, internal: InternalHosts) -> UrlTemplate:
    """The address, read. Raises Malformed `look-up-faults` with every fault."""
    faults = [*_address(wanted, internal), *_asking(wanted), *_fields(wanted.fields), *_texts(wanted)]
    if faults:
        raise Malformed(
            " ".join(fault.message for fault in faults[:3]),
            type="look-up-faults",
            faults=[{"field": fault.field, "message": fault.message} for fault in faults],
        )
    return UrlTemplate.parse(wanted.url_template)


def _address(wanted: LookUpIn, internal: InternalHosts) -> Iterator[Fault]:
    try:
        url = UrlTemplate.parse(wanted.url_template)
    except BadTemplate as error:
        yield Fault("url_template", str(error))
        return
    if (url.host, url.port) not in internal:
        if url.scheme != "https":
            yield Fault(
                "url_template",
                "The address must begin with https://. Plain http is only for hosts that an operator has "
                "named in LOOKUP_INTERNAL_HOSTS.",
            )
        elif url.port not in PORTS:
            yield Fault(
                "url_template",
                f"Port {url.port} is not allowed. An operator can allow {url.host}:{url.port} in "
                "LOOKUP_INTERNAL_HOSTS.",
            )
    if set(url.places) != set(wanted.inputs):
        yield Fault("inputs", _difference(url.places, wanted.inputs))
    if wanted.secret is not None:
        if not re.fullmatch(r"[!-~](?:[ -~]*[!-~])?", wanted.secret):
            yield Fault("secret", "A secret holds only letters, digits and signs of plain ASCII.")
        if not _HEADER.fullmatch(wanted.secret_header) or wanted.secret_header.lower() in _OURS:
            yield Fault("secret_header", "The secret needs a header such as Authorization or X-Api-Key.")


def _difference(places: Sequence[str], inputs: Sequence[str]) -> str:
    unknown = [f"{{{name}}}" for name in places if name not in inputs]
    unused = [name for name in inputs if name not in places]
    told = []
    if unknown:
        told.append(f"The address has places that are no inputs: {', '.join(unknown)}.")
    if unused:
        told.append(f"Inputs without a place in the address: {', '.join(unused)}.")
    return " ".join(told)


def _asking(wanted: LookUpIn) -> Iterator[Fault]:
    if len(set(wanted.inputs)) < len(wanted.inputs):
        yield Fault("inputs", "Each input is named once.")
    for name in wanted.inputs:
        needed = PROVEN_INPUTS.get(name)
        if needed and LEVELS.index(wanted.identity) < LEVELS.index(needed):
            yield Fault(
                "identity",
                f"The input {name} is only ever a proven one, so the identity must be at least {needed}.",
            )
    if wanted.enabled and not (wanted.intent or wanted.phrases.en or wanted.phrases.zh):
        yield Fault("phrases", "Nothing leads to this look-up: give it an intent or at least one phrase.")
    for phrase in (*wanted.phrases.en, *wanted.phrases.zh):
        if size_of(phrase) < 2 and len(phrase) < 4:
            yield Fault("phrases", f"“{phrase}” is too short: it would be found in other questions too.")


def _fields(fields: list[LookUpField]) -> Iterator[Fault]:
    names = [field.name for field in fields]
    if len(set(names)) < len(names):
        yield Fault("fields", "Each field needs a name of its own.")
    for number, field in enumerate(fields):
        if not _PATH.fullmatch(field.path):
            yield Fault(f"fields.{number}.path", f"The path of {field.name} must look like items.0.status.")
        if (field.type == "code") != bool(field.words):
            words = "needs words for its codes" if field.type == "code" else "is no code, so it has no words"
            yield Fault(f"fields.{number}.words", f"The field {field.name} {words}.")
        if field.currency and field.type != "amount":
            yield Fault(f"fields.{number}.currency", f"The field {field.name} is no amount.")


def _texts(wanted: LookUpIn) -> Iterator[Fault]:
    fields = {field.name for field in wanted.fields}
    inputs: set[str] = set(wanted.inputs)
    for name in sorted(fields & inputs):
        yield Fault("fields", f"{name} is an input already; give the field another name.")
    yield from _wording("answer", wanted.answer, fields | inputs, "a field or an input")
    yield from _wording("not_found", wanted.not_found, inputs, "an input")


def _wording(where: str, texts: Texts, known: set[str], kind: str) -> Iterator[Fault]:
    for language, text in (("en", texts.en), ("zh", texts.zh)):
        place = f"{where}.{language}"
        if not text:
            yield Fault(place, "The text must not be empty.")
        unknown = sorted({name for name in PLACE.findall(text) if name not in known})
        if unknown:
            shown = ", ".join(f"{{{name}}}" for name in unknown)
            yield Fault(place, f"{shown} is not {kind} of this look-up.")
        if re.search(r"[{}]", PLACE.sub("", text)):
            yield Fault(place, "A place is written {status}; there is a brace too many or too few.")
        if size_of(PLACE.sub("", text)) > LIMITS[language]:
            unit = "words" if language == "en" else "characters"
            yield Fault(place, f"The text is too long for a chat: {LIMITS[language]} {unit} at most.")
