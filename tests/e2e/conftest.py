"""Two real installations: the embedded default on SQLite, and several processes on PostgreSQL + Redis."""

import secrets

import psycopg
import pytest
from people import Colleague, Visitor, close_clients
from stack import Stack


@pytest.fixture(scope="session")
def desk(tmp_path_factory):
    """The embedded default: SQLite, one app with its worker inside, one Rasa."""
    stack = Stack(tmp_path_factory.mktemp("desk"))
    try:
        stack.prepare()
        stack.start_app()
        stack.start_rasa()
        stack.wait_for_app()
        stack.wait_for_rasa()
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory, postgres_url, redis_url):
    """The production shape: PostgreSQL, Redis, two apps without workers, a worker, a Rasa."""
    name = f"deskhand_e2e_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    stack = Stack(
        tmp_path_factory.mktemp("cluster"),
        database_url=f"{postgres_url.rstrip('/')}/{name}",
        redis_url=redis_url,
        settings={"WORKER_IN_APP": "false"},
    )
    try:
        stack.prepare()
        stack.start_app("app")
        stack.start_app("app2")
        stack.start("worker", "worker")
        stack.start_rasa()
        for app in ("app", "app2"):
            stack.wait_for_app(app)
        stack.wait_for_rasa()
        yield stack
    finally:
        stack.stop()
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(autouse=True)
def closed_clients():
    yield
    close_clients()


@pytest.fixture
def rasa_is_up(request):
    """Leaves the installation's Rasa running, whatever the test did to it."""
    stack = request.getfixturevalue(request.param)
    yield stack
    if "rasa" not in stack.processes:
        stack.start_rasa()
    stack.wait_for_rasa()


@pytest.fixture
def alice(cluster):
    return Visitor(cluster.url("app"))


@pytest.fixture
def charlie(cluster):
    """The outsider, who must see nothing of Alice."""
    return Visitor(cluster.url("app2"))


@pytest.fixture
def staff(cluster):
    """Sign somebody of the demo company in; everybody is offline again at the end."""
    people = []

    def sign_in(first_name, app="app", *, online=True):
        email, password = next(
            (email, password)
            for email, password in cluster.logins().items()
            if email.startswith(first_name.lower())
        )
        person = Colleague(cluster.url(app), email, password)
        if online:
            person.is_online()
        people.append(person)
        return person

    yield sign_in
    for person in people:
        for one in person.http.get("/api/conversations", params={"agent": "me"}).json()["items"]:
            person.resolve(one["id"])
        person.is_online("offline")
