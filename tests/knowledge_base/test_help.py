"""The help centre: readable without script, safe whatever was written, nothing that is not for everybody."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest

from knowledge_base.drafts import Draft
from knowledge_base.rendering import summary, to_html

if TYPE_CHECKING:
    from tests.knowledge_base.conftest import Cast

NS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def article(slug: str, title: str, body: str, **more: Any) -> Draft:
    return Draft.model_validate({"slug": slug, "locale": "en", "title": title, "body": body, **more})


RETURN = article(
    "return-an-item", "Return an item", "Within **30 days**. See [labels](print-a-label).", category="returns"
)
LABEL = article("print-a-label", "Print a return label", "1. Open it.\n2. Print it.", category="returns")
RETURN_ZH = article("return-an-item", "退货", "三十天内可以退货。", locale="zh", category="returns")
SECRET = article(
    "goodwill-limits", "Goodwill limits zebra", "Agents may give zebra vouchers.", audience="staff"
)
INSIDER = article("early-zebra", "Early zebra access", "For those signed in.", audience="customers")
HOSTILE = article(
    "hostile",
    '<script>alert(1)</script> & "quotes"',
    "<script>alert(2)</script>\n\n<img src=x onerror=alert(3)>\n\n[a](javascript:alert(4)) "
    "![b](https://evil.example/x.png) <a href='x' onclick='y'>c</a>\n\n"
    "[d](data:text/html,x) [e](https://good.example \"t\")\n\n<iframe src='//evil.example'></iframe>",
    category='"><script>alert(5)</script>',
)


async def text_of(cast: Cast, path: str, **query: Any) -> str:
    answer = await cast.charlie.get(path, **query)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_topics_list_the_articles(cast: Cast, put: Any) -> None:
    await put(RETURN, LABEL, RETURN_ZH)
    page = await text_of(cast, "/help/en")
    assert "Hearth &amp; Hollow" in page
    assert page.index("Print a return label") < page.index("Return an item")
    assert "2 articles" in page
    assert 'lang="en"' in page
    chinese = await text_of(cast, "/help/zh")
    assert "退换货" in chinese
    assert "退货" in chinese
    assert "Return an item" not in chinese


async def test_the_entrance_speaks_the_browsers_language(cast: Cast, put: Any) -> None:
    await put(RETURN, RETURN_ZH)
    for accepted, locale in (("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("fr,en;q=0.5", "en"), (";;q=x,", "en")):
        answer = await cast.charlie.http.get("/help", headers={"Accept-Language": accepted})
        assert (answer.status_code, answer.headers["location"]) == (302, f"/help/{locale}")


async def test_an_article_has_all_that_a_reader_needs(cast: Cast, put: Any) -> None:
    dated = RETURN.model_copy(
        update={
            "updated": article("x", "x", "x", updated="2026-03-04T00:00:00Z").updated,
            "valid_until": article("x", "x", "x", valid_until="2099-12-31T00:00:00Z").valid_until,
        }
    )
    await put(dated, LABEL, RETURN_ZH)
    page = await text_of(cast, "/help/en/return-an-item")
    assert "<h1>Return an item</h1>" in page
    assert "<strong>30 days</strong>" in page
    assert "Updated 4 March 2026" in page
    assert "Valid until 31 December 2099" in page
    assert '<a href="/help/en/print-a-label">Print a return label</a>' in page
    assert 'hreflang="zh" href="http://127.0.0.1:8000/help/zh/return-an-item"' in page
    assert '<link rel="canonical" href="http://127.0.0.1:8000/help/en/return-an-item">' in page
    assert "更新于" in await text_of(cast, "/help/zh/return-an-item")


async def test_search_answers_or_says_that_it_cannot(cast: Cast, put: Any) -> None:
    await put(RETURN, LABEL)
    found = await text_of(cast, "/help/search", q="how can I return an item", locale="en")
    assert "This should answer it" in found
    assert "Within 30 days." in found
    nothing = await text_of(cast, "/help/search", q="who painted the night watch", locale="en")
    assert "No article fits this question." in nothing
    assert "This should answer it" not in nothing
    assert "Type a question" in await text_of(cast, "/help/search")


async def test_no_script_can_be_written_into_a_page(cast: Cast, put: Any) -> None:
    await put(HOSTILE, RETURN)
    attack = '"><script>alert(6)</script>'
    pages = [
        await text_of(cast, "/help/en"),
        await text_of(cast, "/help/en/hostile"),
        await text_of(cast, "/help/search", q=attack, locale="en"),
        await text_of(cast, "/help/search", q="hostile quotes", locale=attack[:35]),
        (await cast.charlie.get(f"/help/en/{attack}")).text,
    ]
    for page in pages:
        assert "<script" not in page
        assert not re.search(r"<[^>]*\son\w+=", page)
        assert not re.search(r"""(href|src)=["'](javascript|data):""", page)
        assert "<img" not in page
        assert "<iframe" not in page
        assert " style=" not in page
    assert "&lt;script&gt;alert(2)&lt;/script&gt;" in pages[1]
    assert '<a href="https://good.example" title="t" rel="noopener noreferrer">e</a>' in pages[1]


async def test_pages_allow_nothing_but_their_own_style(cast: Cast, put: Any) -> None:
    await put(RETURN)
    for path in ("/help/en", "/help/en/return-an-item", "/help/search?q=x", "/help/en/nothing"):
        answer = await cast.charlie.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        loaded = re.findall(r'<link rel="stylesheet" href="([^"?]+)', answer.text)
        assert loaded == ["/help/static/help.css"]
    assert (await cast.charlie.get("/help/static/help.css")).headers["content-type"].startswith("text/css")
    assert (await cast.charlie.get("/help/static/../help.py")).status_code == 404


async def test_what_is_not_for_everybody_is_nowhere(cast: Cast, put: Any) -> None:
    await put(RETURN, LABEL, SECRET, INSIDER)
    await cast.ed.draft(title="Draft zebra")
    for path in ("/help/en", "/help/en/return-an-item", "/help/sitemap.xml", "/help/search?q=zebra+vouchers"):
        page = (await text_of(cast, path)).replace("zebra vouchers", "").replace("zebra+vouchers", "")
        assert "zebra" not in page.replace("zebra%20vouchers", "").lower(), path
    unknown = await cast.charlie.get("/help/en/no-such-article")
    hidden = await cast.charlie.get("/help/en/goodwill-limits")
    assert (unknown.status_code, hidden.status_code) == (404, 404)
    assert hidden.text == unknown.text


async def test_the_sitemap_lists_every_public_page(cast: Cast, put: Any) -> None:
    await put(RETURN, LABEL, RETURN_ZH, SECRET)
    root = ET.fromstring(await text_of(cast, "/help/sitemap.xml"))  # noqa: S314 - our own
    places = [place.text for place in root.iter(f"{NS}loc")]
    base = "http://127.0.0.1:8000/help"
    assert sorted(str(place) for place in places) == [
        f"{base}/en",
        f"{base}/en/print-a-label",
        f"{base}/en/return-an-item",
        f"{base}/zh",
        f"{base}/zh/return-an-item",
    ]


@pytest.mark.parametrize(
    "path", ["/help/xx", "/help/en/a/b", "/help/en/%00", "/help/%F0%9F%AB%96", "/help/en/x%00y", "/help/%ff"]
)
async def test_what_is_not_there_is_a_friendly_page(cast: Cast, put: Any, path: str) -> None:
    await put(RETURN)
    answer = await cast.charlie.get(path)
    assert answer.status_code == 404
    assert "This page is not here" in answer.text


async def test_an_empty_help_centre_still_opens(cast: Cast) -> None:
    assert "There are no articles here yet." in await text_of(cast, "/help/en")
    assert (await cast.charlie.get("/help")).headers["location"] == "/help/en"


async def test_a_reader_who_searches_too_much_is_asked_to_wait(cast: Cast) -> None:
    answers = [await cast.charlie.get("/help/search", q="x") for _ in range(31)]
    assert [answer.status_code for answer in answers[-2:]] == [200, 429]
    assert "Please wait a minute" in answers[-1].text


def test_headings_begin_below_the_pages_own() -> None:
    assert to_html("# A\n\n## B") == "<h2>A</h2>\n<h3>B</h3>\n"
    assert to_html("## A\n\n### B") == "<h2>A</h2>\n<h3>B</h3>\n"


def test_a_table_can_be_scrolled() -> None:
    html = to_html("| a |\n|---|\n| 1 |")
    assert html.startswith('<div class="table" tabindex="0" role="group"><table>')
    assert html.rstrip().endswith("</table></div>")


def test_a_summary_is_cut_between_words() -> None:
    assert summary("one  two\nthree", 100) == "one two three"
    assert summary("one two three", 9) == "one two…"
    assert summary("一二三四五六七八九十", 5) == "一二三四五…"
