"""What admins keep for an inbox: patterns of numbers, products and their other names, a region."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MAX_PATTERN = 200
MAX_PRODUCTS = 500
MAX_NAME = 80
MAX_NAMES = 20_000
"""Characters of all names together: they travel with every turn."""


@dataclass(frozen=True)
class Product:
    """A product by its own name, and what else customers call it."""

    name: str
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class Rules:
    """All of it empty: only what looks the same everywhere is recognised."""

    order_pattern: str = ""
    ticket_pattern: str = ""
    products: tuple[Product, ...] = ()
    region: str = ""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Rules:
        """From `{order_pattern, ticket_pattern, products, region}`; what is missing is empty."""
        return cls(
            order_pattern=str(data.get("order_pattern") or ""),
            ticket_pattern=str(data.get("ticket_pattern") or ""),
            products=products_of(data.get("products") or ()),
            region=str(data.get("region") or ""),
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "order_pattern": self.order_pattern,
            "ticket_pattern": self.ticket_pattern,
            "products": [{"name": one.name, "aliases": list(one.aliases)} for one in self.products],
            "region": self.region,
        }


def products_of(listed: Iterable[Any]) -> tuple[Product, ...]:
    """Products from a list of names, or of `{name, aliases}`, or of both."""
    return tuple(
        Product(one)
        if isinstance(one, str)
        else Product(str(one["name"]), tuple(str(alias) for alias in one.get("aliases") or ()))
        for one in listed
    )
