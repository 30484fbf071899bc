"""The installation that all dialogues share: one Rasa, one app, one database."""

import logging

import pytest
import pytest_asyncio
import structlog
from dialogue_desk import open_dialogue_desk


@pytest.fixture(scope="module", autouse=True)
def quiet_log():
    """Only errors: a failure shows the dialogue, not what the desk logged beside it."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.configure(wrapper_class=before)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory):
    async with open_dialogue_desk(tmp_path_factory.mktemp("dialogues")) as made:
        yield made
