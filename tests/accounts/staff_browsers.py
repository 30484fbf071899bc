"""Browsers for the tests: cookies of their own, an address of their own, an Origin that can be changed."""

from dataclasses import dataclass
from typing import Any

import httpx

ORIGIN = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery"


@dataclass
class Browser:
    """A browser with its own cookies, on one of our own pages unless told otherwise."""

    http: httpx.AsyncClient

    async def sign_in(self, name: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
        body = {"email": f"{name}@desk.example", "password": password}
        return await self.http.post("/api/auth/login", json=body, headers=headers)

    @property
    def cookie(self) -> str | None:
        return self.http.cookies.get("deskhand")


class Browsers:
    def __init__(self, app: Any) -> None:
        self._app = app
        self._open: list[httpx.AsyncClient] = []

    def new(self, ip: str = "198.51.100.7", *, app: Any = None, base_url: str = ORIGIN) -> Browser:
        transport = httpx.ASGITransport(app=app or self._app, client=(ip, 40_000), raise_app_exceptions=False)
        http = httpx.AsyncClient(transport=transport, base_url=base_url, headers={"Origin": base_url})
        self._open.append(http)
        return Browser(http)

    async def signed_in(self, name: str) -> Browser:
        browser = self.new()
        assert (await browser.sign_in(name)).status_code == 200
        return browser

    async def close(self) -> None:
        for http in self._open:
            await http.aclose()
