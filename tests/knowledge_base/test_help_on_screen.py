"""The help centre in a real browser: no script, a narrow screen, both themes."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from playwright.async_api import async_playwright

from server.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from server.db import Database

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
WIDE = (
    "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    " || [...document.querySelectorAll('main *')].some(e => e.getBoundingClientRect().right > innerWidth + 1"
    " && !e.closest('.table, pre'))"
)

pytestmark = pytest.mark.browser


@pytest.fixture
def url(tmp_path: Any, empty_file: Any) -> str:
    """SQLite is enough here."""
    (tmp_path / "desk.db").write_bytes(empty_file.read_bytes())
    return f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}"


@pytest.fixture
async def site(app: FastAPI, demo: Database) -> AsyncIterator[str]:
    """The help centre with the demo company's articles, on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app.state.settings = Settings(deskhand_env="test", port=port)
    config = uvicorn.Config(app, port=port, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


async def test_it_fits_a_phone_and_needs_no_script(site: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for scheme, background in (("light", "rgb(251, 250, 248)"), ("dark", "rgb(20, 22, 26)")):
            context = await browser.new_context(
                viewport={"width": 390, "height": 844},
                color_scheme=scheme,  # type: ignore[arg-type]
                java_script_enabled=False,
            )
            page = await context.new_page()
            complaints: list[str] = []
            page.on("console", lambda message, heard=complaints: heard.append(message.text))
            await page.goto(f"{site}/help/en")
            assert (
                await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
                == background
            )
            for path in ("/help/en", "/help/en/robot-vacuum-error-codes", "/help/zh", "/help/en/nothing"):
                await page.goto(site + path)
                assert not await page.evaluate(WIDE), path
            await page.goto(f"{site}/help/en")
            await page.get_by_role("searchbox").fill("my parcel hasn't come")
            await page.get_by_role("button", name="Search").click()
            assert await page.get_by_text("This should answer it").is_visible()
            assert not await page.evaluate(WIDE)
            await page.get_by_role("link", name="Read the whole article").click()
            assert await page.get_by_role("heading", level=1).inner_text() == "My parcel is late or lost"
            await page.get_by_role("link", name="中文").click()
            assert await page.get_by_role("heading", level=1).inner_text() == "包裹迟到或丢失"
            assert [text for text in complaints if "404" not in text] == []
            await context.close()
        await browser.close()
