"""Hears what Rasa swallows: collects the warnings and errors that it logs while a turn is running."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Iterator, List, Optional

# Within a turn, each warning of this logger and of those below it stands for something that was lost: an
# action's events (.processor), a slot's validation (.actions), a saved state (.tracker_store).
_HEARD = "rasa.core"
_MAX_CAUSE = 300

_current: ContextVar[Optional[List[str]]] = ContextVar("causes_of_failure", default=None)


class _Listener(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        causes = _current.get()
        if causes is not None:
            causes.append(_cause(record))


def _cause(record: logging.LogRecord) -> str:
    cause = f"{record.name}: {record.getMessage()}"
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        cause += f" ({type(error).__name__}: {error})"
    return cause[:_MAX_CAUSE]


def listen() -> None:
    """Begin to listen; a second call changes nothing. A stricter log level must not make it deaf."""
    logger = logging.getLogger(_HEARD)
    if logger.getEffectiveLevel() > logging.WARNING:
        logger.setLevel(logging.WARNING)
    if not any(isinstance(handler, _Listener) for handler in logger.handlers):
        logger.addHandler(_Listener(level=logging.WARNING))


@contextmanager
def heard() -> Iterator[List[str]]:
    """The causes of failure logged inside the block, by this task and those it starts, and no other's."""
    causes: List[str] = []
    token = _current.set(causes)
    try:
        yield causes
    finally:
        _current.reset(token)
