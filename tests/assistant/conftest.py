"""Fixtures of the assistant's tests."""

import logging
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture
def quiet_log() -> Iterator[None]:
    """Only warnings: a test with hundreds of turns would spend its time on printing."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.configure(wrapper_class=before)
