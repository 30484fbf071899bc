"""URL templates: an origin that no customer can change, and places in path and query that they fill.

Threats: a value that climbs out of its path (`../admin`, `..%2f`), begins a query or ends the URL, or moves
the request to another host. The origin is split off once, when the template is read, and travels as a value
of its own; what is filled in is percent-encoded as a whole, and a path that would climb is refused, because
many servers decode `%2e%2e%2f` before they route. No second parser ever reads the finished URL.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

PLACE = re.compile(r"\{(\w*)\}")

_SHAPE = re.compile(r"(?i:(https?))://([^/?#]*)(/[^?#]*)?(\?[^#]*)?")
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:]*)(?::(\d{1,5}))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_ENDS_IN_A_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)")
_LITERAL = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*")


class BadTemplate(ValueError):
    """The template cannot be used; the words are for the admin who wrote it."""


class UnsafeInput(ValueError):
    """A value cannot stand in the path without leading somewhere else."""


@dataclass(frozen=True, slots=True)
class UrlTemplate:
    """`host` is lower case, without a trailing dot and, for IPv6, without brackets."""

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @classmethod
    def parse(cls, text: str) -> "UrlTemplate":
        """Raises BadTemplate."""
        if not re.fullmatch(r"[!-~]+", text):
            raise BadTemplate(
                "The address must be written in plain signs without spaces. An international name is written "
                "in its xn-- form, other signs as %XX."
            )
        shape = _SHAPE.fullmatch(text)
        if shape is None:
            raise BadTemplate("The address must look like https://shop.example/orders/{order_number}.")
        scheme, authority, path, query = shape[1].lower(), shape[2], shape[3] or "/", shape[4] or ""
        host, port = _host_and_port(authority, 443 if scheme == "https" else 80)
        for part in (path, query):
            _check_part(part)
        if _climbs(PLACE.sub("x", path)):
            raise BadTemplate("The path must not hold the steps . or ..")
        return cls(scheme, host, port, path, query)

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def places(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(PLACE.findall(self.path + self.query)))

    def target(self, inputs: Mapping[str, str]) -> str:
        """Path and query with the inputs filled in; raises UnsafeInput where a value would climb."""

        def value(place: re.Match[str]) -> str:
            return quote(inputs[place[1]], safe="")

        path = PLACE.sub(value, self.path)
        if _climbs(path):
            raise UnsafeInput
        return path + PLACE.sub(value, self.query)


def host_fault(host: str) -> str | None:
    """What is wrong with a host, in words; None where nothing is. Expects lower case and no brackets."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return None
    if _ENDS_IN_A_NUMBER.fullmatch(host):
        return "An address in numbers must be a plain one, such as 192.0.2.7."
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        return "The host must be a name such as shop.example."
    return None


def _host_and_port(authority: str, default: int) -> tuple[str, int]:
    if "@" in authority:
        raise BadTemplate("The address must not hold a user or a password. Use the secret instead.")
    if "{" in authority or "}" in authority:
        raise BadTemplate("The host is fixed: places may stand only in the path and after the question mark.")
    found = _AUTHORITY.fullmatch(authority.lower())
    if found is None:
        raise BadTemplate("The host must be a name such as shop.example, with :port behind it at most.")
    host, port = found[1].strip("[]").removesuffix("."), int(found[2]) if found[2] else default
    if fault := host_fault(host):
        raise BadTemplate(fault)
    if not 1 <= port <= 65535:
        raise BadTemplate("A port is a number from 1 to 65535.")
    return host, port


def _check_part(part: str) -> None:
    literal = PLACE.sub("", part)
    if "{" in literal or "}" in literal:
        raise BadTemplate("A place is written {order_number}; there is a brace too many or too few.")
    if not _LITERAL.fullmatch(literal):
        raise BadTemplate("Path and query hold a sign that must be written as %XX.")


def _climbs(path: str) -> bool:
    """Whether any server, however often it decodes, could see a step `.` or `..` in this path."""
    for _ in range(4):
        if any(step in (".", "..") for step in re.split(r"[/\\]", path)):
            return True
        decoded = unquote(path)
        if decoded == path:
            return False
        path = decoded
    return True
