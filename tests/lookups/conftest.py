"""An admin beside the cast, a clock that stands still, and services of a company on this machine."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from company_service import CompanyService
from public_site import Browser, open_site
from world import ORIGIN, World, token_of

from accounts.models import StaffSession
from accounts.queries import token_hash
from accounts.service import NewUser, create_user
from lookups.guard import Guard, InternalHosts
from lookups.service import LookUps
from server.db import utc_now


async def seed_admin(world: World) -> None:
    async with world.db.write() as session:
        user = await create_user(
            session,
            NewUser(email="ada@desk.example", name="Ada", role="admin", password_hash="-", capacity=0),
        )
        now, end = utc_now(), utc_now() + timedelta(days=7)
        session.add(
            StaffSession(
                token_hash=token_hash(token_of("ada")),
                user_id=user.id,
                created_at=now,
                last_seen_at=now,
                expires_at=end,
                ends_at=end,
            )
        )
    world.people["ada"] = user


NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
async def service():
    """A company's service that behaves as a path says."""
    async with CompanyService() as made:
        yield made


@pytest.fixture
def internal(service):
    """What the operator of the tests allows inside: the service, by name."""
    return InternalHosts.parse(f"shop.internal:80=127.0.0.1:{service.port}, orders.internal:8080")


@pytest.fixture
async def look_ups(world, internal):
    made = LookUps(world.db, Guard(internal), now=lambda: NOW)
    yield made
    made.close()


@pytest.fixture
async def site(world, look_ups):
    """The public app, whose look-ups reach the service."""
    async with open_site(world, look_ups) as made:
        yield made


@pytest.fixture
async def ada(world, site):
    """The admin's browser."""
    await seed_admin(world)
    http = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=site.app, raise_app_exceptions=False),
        base_url=ORIGIN,
        headers={"cookie": f"deskhand={token_of('ada')}", "origin": ORIGIN},
    )
    async with http:
        yield Browser(http, "ada")
