"""Passwords: argon2id in threads of its own, and the same work whether or not the user exists."""

import asyncio
import base64
import os
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.errors import Malformed

MIN_LENGTH = 8
MAX_LENGTH = 1024

hasher = PasswordHasher()

# Each hash takes 64 MiB and a core for some 50 ms: a flood of sign-ins queues here, it does not fill the
# memory, and it does not take the threads that everything else shares.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rehashed` is a new hash to be stored, where the stored one has old parameters."""

    right: bool
    rehashed: str | None = None


async def hash_password(password: str) -> str:
    """The hash to store; raises Malformed if the password is too short or too long."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise Malformed(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.", type="password-length")
    return await asyncio.get_running_loop().run_in_executor(_threads, hasher.hash, _composed(password))


async def verify_password(stored: str | None, password: str) -> Verdict:
    """Compare with the stored hash; without one (no such user) the same work is done for nothing."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _verify, stored, _composed(password))


def _verify(stored: str | None, password: str) -> Verdict:
    try:
        hasher.verify(stored or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return Verdict(right=False)
    if stored is None or not hasher.check_needs_rehash(stored):
        return Verdict(right=stored is not None)
    return Verdict(right=True, rehashed=hasher.hash(password))


def _nobodys_hash() -> str:
    """A hash with today's parameters that no password fits: its result is random, never computed."""
    salt, result = (base64.b64encode(os.urandom(n)).rstrip(b"=").decode() for n in (16, 32))
    parameters = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${parameters}${salt}${result}"


def _composed(password: str) -> str:
    """One form for what looks the same, however the keyboard composed it (full width, accents)."""
    return unicodedata.normalize("NFKC", password)
