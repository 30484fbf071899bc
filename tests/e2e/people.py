"""The cast of the end-to-end tests, as clients of the public API: visitors and staff."""

import json
import time
import uuid

import httpx
from websockets.sync.client import connect

PATIENCE_S = 20

_opened = []


def client(base_url, **options):
    """An HTTP client that `close_clients` ends."""
    _opened.append(httpx.Client(base_url=base_url, timeout=15, **options))
    return _opened[-1]


def close_clients():
    while _opened:
        _opened.pop().close()


def fresh_id():
    return str(uuid.uuid4())


class Visitor:
    """Somebody on the website: one session, one conversation, and what they have seen of it."""

    def __init__(self, base_url, *, locale="en"):
        self.base_url = base_url
        self.http = client(base_url)
        made = self.http.post("/api/visitor/sessions", json={"locale": locale, "page_url": f"{base_url}/"})
        made.raise_for_status()
        self.token = made.json()["token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"
        self.conversation_id = None
        self.seen = 0

    def at(self, base_url):
        """The same visitor at another app process."""
        other = object.__new__(Visitor)
        other.__dict__ |= self.__dict__
        other.base_url = base_url
        other.http = client(base_url, headers=dict(self.http.headers))
        return other

    @property
    def path(self):
        if self.conversation_id is None:
            made = self.http.post("/api/visitor/conversations", json={"client_id": fresh_id()})
            made.raise_for_status()
            self.conversation_id = made.json()["id"]
        return f"/api/visitor/conversations/{self.conversation_id}"

    def post(self, **body):
        return self.http.post(f"{self.path}/messages", json={"client_id": fresh_id(), **body})

    def say(self, text):
        answer = self.post(text=text)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def click(self, message, value):
        answer = self.post(action={"message_id": message["id"], "value": value})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def messages(self, after=0):
        page = self.http.get(f"{self.path}/messages", params={"after": after, "limit": 200})
        page.raise_for_status()
        return page.json()["items"]

    def hears(self, wanted=lambda message: True, *, within=PATIENCE_S):
        """The next message of somebody else for which `wanted` holds; those before it are passed over."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            for message in self.messages(self.seen):
                self.seen = message["seq"]
                if message["author"]["type"] != "customer" and wanted(message):
                    return message
            time.sleep(0.1)
        raise AssertionError(f"nothing of the kind was heard: {[m['text'] for m in self.messages()][-4:]}")

    def state(self):
        return self.http.get(self.path).json()

    def socket(self):
        """A socket that has said hello for the conversation, from its beginning."""
        opened = connect(self.base_url.replace("http", "ws") + "/api/visitor/socket")
        wanted = {self.conversation_id: 0} if self.conversation_id else {}
        opened.send(json.dumps({"type": "hello", "token": self.token, "conversations": wanted}))
        return opened


def frames_until(socket, wanted, *, within=PATIENCE_S):
    """Frames up to the first for which `wanted` holds."""
    got, until = [], time.monotonic() + within
    while time.monotonic() < until:
        got.append(json.loads(socket.recv(timeout=within)))
        if wanted(got[-1]):
            return got
    raise AssertionError(f"no such frame among {got}")


class Colleague:
    """Somebody of the staff, signed in."""

    def __init__(self, base_url, email, password):
        self.base_url = base_url
        self.http = client(base_url, headers={"Origin": base_url})
        answer = self.http.post("/api/auth/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        self.me = answer.json()
        self.name = self.me["name"]

    def is_online(self, status="online"):
        answer = self.http.put("/api/me/presence", json={"status": status})
        assert answer.status_code == 200, answer.text

    def waiting(self):
        return self.http.get("/api/conversations", params={"owner": "queue"}).json()["items"]

    def detail(self, conversation_id):
        answer = self.http.get(f"/api/conversations/{conversation_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def claim(self, conversation_id, owner_epoch):
        path = f"/api/conversations/{conversation_id}/assignment"
        return self.http.post(path, json={"owner_epoch": owner_epoch})

    def write(self, conversation_id, text):
        path = f"/api/conversations/{conversation_id}/messages"
        return self.http.post(path, json={"client_id": fresh_id(), "text": text})

    def resolve(self, conversation_id):
        return self.http.post(f"/api/conversations/{conversation_id}/closure", json={"reason": "solved"})

    def socket(self):
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        opened = connect(
            self.base_url.replace("http", "ws") + "/api/socket",
            additional_headers={"Cookie": cookies},
            origin=self.base_url,
        )
        opened.send(json.dumps({"type": "hello", "after": {}}))
        return opened
