"""The guard before the network: a look-up reaches public addresses, and inside only what operators name.

Threats: an admin's account, or somebody who controls the name of a service, turns a look-up against what
only this machine can reach: cloud metadata, the database's port, Rasa, a router's page.

- A name is resolved once, every address is checked, and the connection goes to one of these very addresses:
  a name that answers differently the next moment (DNS rebinding) gains nothing. The Host header and the
  certificate's name stay the template's.
- One inner address among several refuses the name: nobody publishes such a mixture by accident.
- Only ports 80 and 443. `LOOKUP_INTERNAL_HOSTS` names the exceptions, each with host and port.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Protocol

import httpcore

from lookups.url_template import host_fault
from lookups.views import LookUpFailed

PORTS = frozenset({80, 443})
FIRST_ADDRESS_S = 1.0
"""How long an address is tried while there is another one."""

# IANA's special-purpose registries (RFC 6890 and its updates), and 168.63.129.16, Azure's address for its
# own machines. Written out rather than taken from `is_global`, whose answers change with Python's version.
_NOT_PUBLIC_V4 = tuple(
    ip_network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_PUBLIC_V6 = ip_network("2000::/3")
_NOT_PUBLIC_V6 = tuple(ip_network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_NAT64 = ip_network("64:ff9b::/96")


class Resolver(Protocol):
    """Addresses of a name as text, IPv4 or IPv6. Raises OSError."""

    async def __call__(self, host: str, port: int) -> Sequence[str]: ...


class SystemResolver:
    """The machine's own resolver, in threads of its own: a slow name server holds up look-ups only."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="look-up-names")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _addresses, host, port)
        return list(dict.fromkeys(found))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _addresses(host: str, port: int) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether an address is somebody's in the public internet; what is not surely one is not."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        inner = _inner_v4(found)
        if inner is None:
            return _is_public_v6(found)
        found = inner
    return not any(found in net for net in _NOT_PUBLIC_V4)


def _inner_v4(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a mapped or translated IPv6 address stands for."""
    if address.scope_id is None and address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id is not None or address not in _PUBLIC_V6:
        return False
    return not any(address in net for net in _NOT_PUBLIC_V6)


Place = tuple[str, int]
"""Host and port."""


@dataclass(frozen=True, slots=True)
class InternalHosts:
    """What an operator allows inside: `orders.internal:8080`; `shop:80=10.0.0.7:8080` says where it is."""

    targets: Mapping[Place, Place] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "InternalHosts":
        """From `host:port,…`; raises ValueError."""
        targets: dict[Place, Place] = {}
        for entry in filter(None, (part.strip().lower() for part in text.split(","))):
            name, _, target = entry.partition("=")
            targets[_place(name)] = _place(target or name)
        return cls(targets)

    def __contains__(self, place: Place) -> bool:
        return place in self.targets


def _place(text: str) -> Place:
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]").removesuffix(".")
    if host_fault(host) or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise ValueError(f"LOOKUP_INTERNAL_HOSTS: {text!r} is not host:port")
    return host, int(port)


class Guard:
    """Says which addresses a look-up may connect to."""

    def __init__(self, internal: InternalHosts | None = None, resolve: Resolver | None = None) -> None:
        self.internal = internal or InternalHosts()
        self._system = SystemResolver() if resolve is None else None
        self._resolve: Resolver = resolve or self._system  # type: ignore[assignment]

    async def addresses(self, host: str, port: int) -> list[Place]:
        """Checked addresses, IPv4 first. Raises LookUpFailed."""
        allowed = self.internal.targets.get((host, port))
        if allowed is None and port not in PORTS:
            raise LookUpFailed("refused_address", f"Port {port} is not allowed: {_hint(host, port)}")
        asked, to_port = allowed or (host, port)
        try:
            found = await self._resolve(asked, to_port)
        except (OSError, UnicodeError):
            found = ()
        if not found:
            raise LookUpFailed("unreachable", f"No address is known for {host}.")
        if allowed is None and not all(map(is_public, found)):
            raise LookUpFailed("refused_address", f"{host} leads to an address inside: {_hint(host, port)}")
        return [(address, to_port) for address in sorted(found, key=lambda one: ":" in one)]

    def close(self) -> None:
        if self._system is not None:
            self._system.close()


def _hint(host: str, port: int) -> str:
    return f"an operator can allow it with LOOKUP_INTERNAL_HOSTS={host}:{port}."


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to checked addresses only. Certificates are compared with the name, one layer above."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._tcp = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        *others, last = await self._guard.addresses(host, port)
        for address, to_port in others:
            try:
                return await self._tcp.connect_tcp(address, to_port, FIRST_ADDRESS_S)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._tcp.connect_tcp(*last, timeout)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise LookUpFailed("refused_address", "Look-ups never use local sockets.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
