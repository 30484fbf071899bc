"""What the assistant recognises in an inbox's messages: rules of the admins, changed live."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from accounts.service import Doer, Target, record_audit
from chat import texts
from chat.models import Inbox
from entities.faults import Fault, faults
from entities.rules import Rules
from server.db import ReadSession, WriteSession
from server.errors import Conflict, Malformed, NotFound


def rules_of(inbox: Inbox) -> Rules:
    kept = inbox.settings
    return Rules.of(
        {
            "order_pattern": inbox.order_pattern,
            "ticket_pattern": kept.get("ticket_pattern"),
            "products": inbox.products,
            "region": kept.get("region"),
        }
    )


def entity_rules(inbox: Inbox) -> dict[str, Any]:
    """What a turn tells Rasa: `{order_pattern, ticket_pattern, products: [{name, aliases}], region}`."""
    return rules_of(inbox).as_dict()


def product_names(inbox: Inbox) -> list[str]:
    """All names of all products, none of which says anything about a customer's language."""
    return [name for product in rules_of(inbox).products for name in product.names]


def order_example(inbox: Inbox) -> str:
    return str(inbox.settings.get("order_example") or "")


def version_of(inbox: Inbox) -> int:
    return int(inbox.settings.get("entities_version") or 1)


async def order_hint(session: ReadSession, inbox: Inbox, language: str) -> dict[str, str]:
    """Variables of every text: `order_example`, and `order_hint`, a sentence that is empty without one."""
    example = order_example(inbox)
    if not example:
        return {"order_example": "", "order_hint": ""}
    hint = await texts.render(session, "order_hint", language, {"example": example}, inbox_key=inbox.key)
    return {"order_example": example, "order_hint": hint.text}


async def inbox_of(session: ReadSession, key: str | None, *, for_update: bool = False) -> Inbox:
    """The inbox of this key, or the first one. Raises NotFound."""
    query = select(Inbox).order_by(Inbox.created_at, Inbox.id).limit(1)
    if key is not None:
        query = query.where(Inbox.key == key)
    if for_update:
        query = query.with_for_update()
    found: Inbox | None = await session.scalar(query)
    if found is None:
        raise NotFound
    return found


async def change_rules(
    session: WriteSession, key: str, rules: Rules, *, example: str, version: int, by: Doer
) -> Inbox:
    """Replace an inbox's rules; the next turn goes by them.

    Raises NotFound; Conflict `stale` for another version than today's; Malformed `entity-faults`.
    """
    inbox = await inbox_of(session, key, for_update=True)
    if version_of(inbox) != version:
        raise Conflict("Somebody has changed this meanwhile. Please load it again.", type="stale")
    refuse(faults(rules, example))
    before = entity_rules(inbox) | {"order_example": order_example(inbox)}
    after = rules.as_dict() | {"order_example": example}
    inbox.order_pattern, inbox.products = rules.order_pattern, after["products"]
    inbox.settings = inbox.settings | {
        "order_example": example,
        "ticket_pattern": rules.ticket_pattern,
        "region": rules.region,
        "entities_version": version + 1,
    }
    changed = {name: _said(before[name], now) for name, now in after.items() if before[name] != now}
    detail = {"inbox": inbox.key, "version": version + 1, "changed": changed}
    await record_audit(session, by, "entities.changed", Target("inbox", inbox.id), detail)
    return inbox


def refuse(found: Iterable[Fault]) -> None:
    listed = list(found)
    if listed:
        raise Malformed(
            " ".join(fault.message for fault in listed[:3]),
            type="entity-faults",
            faults=[{"field": fault.field, "message": fault.message} for fault in listed],
        )


def _said(before: Any, after: Any) -> dict[str, Any]:
    """For the audit log: both values; of products, whose list is long, how many there were and are."""
    if isinstance(after, list):
        return {"from": len(before), "to": len(after)}
    return {"from": before, "to": after}
