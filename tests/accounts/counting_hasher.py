"""An argon2 hasher that counts its work."""

from typing import Any

from argon2 import PasswordHasher


class CountingHasher(PasswordHasher):
    """Argon2 that remembers the parameters of everything it was asked to verify."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=64, parallelism=1)
        self.verified: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:
        self.verified.append(str(hash).rsplit("$", 2)[0])
        return super().verify(hash, password)
