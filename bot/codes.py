"""Finds ticket numbers, order numbers and e-mail addresses in a message and brings them into one form."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, NamedTuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

# Classes are spelled in ASCII because Chinese words touch codes without a space ("工单1042谢谢"),
# and every repetition is bounded, so that no typed text can make a pattern slow.
_BEFORE = r"(?<![A-Za-z0-9])"
_AFTER = r"(?![A-Za-z0-9])"

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
)
_TICKET = [
    re.compile(_BEFORE + r"T[- ]?(\d{3,8})" + _AFTER, re.IGNORECASE),
    re.compile(
        _BEFORE
        + r"(?:ticket|tiket|case)\s{0,3}(?:number|no\.?|nr\.?|id)?\s{0,3}[:#]?\s{0,3}(\d{3,8})"
        + _AFTER,
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:工单|工單|报修单|報修單)(?:编号|編號|号|號)?[是为為:# ]{0,3}(?:T-?)?(\d{3,8})" + _AFTER,
        re.IGNORECASE,
    ),
    re.compile(_BEFORE + r"(\d{3,8}) ?(?:号|號)?(?:的)?(?:工单|工單)"),
    # "#1042" is a ticket unless the words before it say that it is an order.
    re.compile(
        r"(?<!order )(?<!order)(?<!订单)(?<!订单号)(?<!訂單)(?<![A-Za-z0-9])#\s?(\d{3,8})" + _AFTER,
        re.IGNORECASE,
    ),
]
_BARE_NUMBER = re.compile(r"\s*(\d{3,5})\s*[.?!]?\s*")
_ORDER = [
    re.compile(_BEFORE + r"([A-Z]{2}-?\d{4,8})" + _AFTER, re.IGNORECASE),
    re.compile(r"(?<![A-Za-z0-9.+-])(\d{6,12})(?![A-Za-z0-9])"),
]


class Code(NamedTuple):
    """One code in a text: which kind, where, and its normal form."""

    entity: str
    start: int
    end: int
    value: str


def find_codes(text: str) -> List[Code]:
    """All codes of a normalised text, in reading order; no two overlap."""
    found: List[Code] = []
    for code in _candidates(text):
        if all(code.end <= other.start or code.start >= other.end for other in found):
            found.append(code)
    return sorted(found, key=lambda code: code.start)


def _candidates(text: str) -> Iterator[Code]:
    """Codes by strength of evidence: an earlier one keeps its place against a later one that overlaps it."""
    for match in _EMAIL.finditer(text):
        yield Code("email", match.start(), match.end(), match.group())
    for pattern in _TICKET:
        for match in pattern.finditer(text):
            yield Code("ticket_number", match.start(), match.end(), f"T-{match.group(1)}")
    for pattern in _ORDER:
        for match in pattern.finditer(text):
            yield Code("order_number", match.start(1), match.end(1), match.group(1).upper())
    # Three to five digits alone answer "which ticket?"; nobody sends them for anything else.
    alone = _BARE_NUMBER.fullmatch(text)
    if alone:
        yield Code("ticket_number", alone.start(1), alone.end(1), f"T-{alone.group(1)}")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class CodeExtractor(GraphComponent, EntityExtractorMixin):
    """The pipeline's step that adds the codes of a message to its entities."""

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CodeExtractor:
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            codes = [code._asdict() for code in find_codes(message.get(TEXT) or "")]
            entities = message.get(ENTITIES, []) + self.add_extractor_name(codes)
            message.set(ENTITIES, entities, add_to_output=True)
        return messages
