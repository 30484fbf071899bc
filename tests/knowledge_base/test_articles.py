"""The articles' endpoints: a life from draft to archive, rights, lost updates, hostile input."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from knowledge_base.events import ArticlePublished, ArticleWithdrawn
from server.db import Database, new_id

if TYPE_CHECKING:
    from tests.knowledge_base.conftest import Cast

ARTICLES = "/api/kb/articles"


async def test_from_draft_to_archive(cast: Cast, happened: list[Any]) -> None:
    made = await cast.ed.draft(title="Return an item", tags=["returns"], questions=["Can I send it back?"])
    assert (made["status"], made["version"], made["published_version"]) == ("draft", 1, None)
    assert (made["slug"], made["author"]) == ("return-an-item", "Ed")
    path = f"{ARTICLES}/{made['id']}"

    reviewed = (await cast.ed.patch(path, version=1, status="in_review")).json()
    assert (reviewed["status"], reviewed["version"]) == ("in_review", 2)
    published = await cast.ed.publish(reviewed)
    assert (published["status"], published["published_version"]) == ("published", 2)

    revised = (await cast.ed.patch(path, version=2, body="Now 60 days.", note="longer")).json()
    assert (revised["version"], revised["published_version"], revised["body"]) == (3, 2, "Now 60 days.")
    found = (await cast.ed.get("/api/kb/search", q="how do I return something")).json()
    assert "30 days" in found["hits"][0]["passage"]

    await cast.ed.publish(revised)
    await asyncio.sleep(0.6)
    found = (await cast.ed.get("/api/kb/search", q="how do I return something")).json()
    assert (found["hits"][0]["passage"], found["hits"][0]["version"]) == ("Now 60 days.", 3)

    versions = (await cast.bob.get(f"{path}/versions")).json()
    assert [(one["version"], one["note"], one["published"]) for one in versions["items"]] == [
        (3, "longer", True),
        (2, "", False),
        (1, "", False),
    ]
    archived = (await cast.ed.patch(path, version=3, status="archived")).json()
    assert (archived["status"], archived["published_version"]) == ("archived", None)
    await asyncio.sleep(0.6)
    assert (await cast.ed.get("/api/kb/search", q="how do I return something")).json()["hits"] == []
    kinds = [type(event) for event in happened if isinstance(event, ArticlePublished | ArticleWithdrawn)]
    assert kinds == [ArticlePublished, ArticlePublished, ArticleWithdrawn]


async def test_the_second_of_two_editors_is_told(cast: Cast) -> None:
    made = await cast.ed.draft()
    path = f"{ARTICLES}/{made['id']}"
    assert (await cast.ed.patch(path, version=1, body="Ed's words.")).status_code == 200
    late = await cast.eva.patch(path, version=1, body="Eva's words.")
    assert late.status_code == 409
    problem = late.json()
    assert (problem["type"], problem["version"], problem["changed_by"]) == ("article-changed", 2, "Ed")
    assert (await cast.bob.get(path)).json()["body"] == "Ed's words."
    stale = await cast.eva.post(f"{path}/publication", version=1)
    assert (stale.status_code, stale.json()["type"]) == (409, "article-changed")


async def test_ten_editors_at_once_and_one_wins(cast: Cast) -> None:
    made = await cast.ed.draft()
    path = f"{ARTICLES}/{made['id']}"
    answers = await asyncio.gather(*(cast.ed.patch(path, version=1, body=f"Words {n}.") for n in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    assert len((await cast.ed.get(f"{path}/versions")).json()["items"]) == 2


async def test_a_category_changes_at_once_and_the_answer_stays(cast: Cast) -> None:
    made = await cast.ed.draft()
    await cast.ed.publish(made)
    changed = (await cast.ed.patch(f"{ARTICLES}/{made['id']}", version=1, category="returns")).json()
    assert (changed["version"], changed["published_version"]) == (2, 2)
    await asyncio.sleep(0.6)
    assert (await cast.ed.get("/api/kb/search", q="return an item")).json()["hits"][0]["version"] == 2


async def test_the_same_client_id_makes_one_article(cast: Cast) -> None:
    body = {"client_id": new_id(), "title": "One", "body": "Text.", "locale": "en"}
    answers = await asyncio.gather(*(cast.ed.post(ARTICLES, **body) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await cast.ed.post(ARTICLES, **{**body, "body": "Other."})
    assert (other.status_code, other.json()["type"]) == (409, "client-id-reused")
    taken = await cast.eva.post(ARTICLES, **{**body, "client_id": new_id()})
    assert (taken.status_code, taken.json()["type"]) == (409, "slug-taken")


async def test_translations_share_a_slug(cast: Cast) -> None:
    english = await cast.ed.draft(slug="return-an-item")
    await cast.ed.draft(slug="return-an-item", locale="zh", title="退货", body="三十天内可退。")
    seen = (await cast.bob.get(f"{ARTICLES}/{english['id']}")).json()
    assert [(one["locale"], one["title"]) for one in seen["translations"]] == [("zh", "退货")]


async def test_lists_are_paged_and_filtered(cast: Cast) -> None:
    made = [await cast.ed.draft(title=f"Article {n}", category=f"c{n % 2}") for n in range(5)]
    first = (await cast.bob.get(ARTICLES, limit=3)).json()
    rest = (await cast.bob.get(ARTICLES, limit=3, after=first["next"])).json()
    ids = [one["id"] for one in first["items"] + rest["items"]]
    assert ids == [one["id"] for one in reversed(made)]
    assert rest["next"] is None
    assert len((await cast.bob.get(ARTICLES, category="c1")).json()["items"]) == 2
    assert (await cast.bob.get(ARTICLES, status="published")).json()["items"] == []
    assert len((await cast.bob.get(ARTICLES, q="ticle 3")).json()["items"]) == 1
    assert (await cast.bob.get(ARTICLES, q="%")).json()["items"] == []
    assert (await cast.bob.get(ARTICLES, limit=201)).status_code == 422


async def test_who_may_do_what(cast: Cast) -> None:
    made = await cast.sam.draft(title="Sam writes")
    path = f"{ARTICLES}/{made['id']}"
    assert (await cast.sam.post(f"{path}/publication", version=1)).status_code == 403
    await cast.ed.publish(made)
    assert (await cast.sam.patch(path, version=1, audience="staff")).status_code == 403
    assert (await cast.sam.patch(path, version=1, status="archived")).status_code == 403
    assert (await cast.sam.delete(f"{path}/publication")).status_code == 403
    assert (await cast.sam.patch(path, version=1, body="Better words.")).status_code == 200
    assert (await cast.bob.patch(path, version=2, body="x")).status_code == 403
    assert (await cast.bob.get(path)).status_code == 200
    for outsider in (cast.charlie, cast.vera):
        for way in (path, ARTICLES, f"{path}/versions", "/api/kb/search?q=parcel"):
            assert (await outsider.get(way)).status_code in (401, 403), way
        assert (await outsider.post(ARTICLES, client_id=new_id())).status_code in (401, 403)
        assert (await outsider.delete(f"{path}/publication")).status_code in (401, 403)


async def test_a_published_article_goes_back_only_by_withdrawing(cast: Cast) -> None:
    made = await cast.ed.draft()
    await cast.ed.publish(made)
    path = f"{ARTICLES}/{made['id']}"
    refused = await cast.ed.patch(path, version=1, status="draft")
    assert (refused.status_code, refused.json()["type"]) == (409, "article-published")
    withdrawn = (await cast.ed.delete(f"{path}/publication")).json()
    assert (withdrawn["status"], withdrawn["published_version"]) == ("draft", None)
    assert (await cast.ed.delete(f"{path}/publication")).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"body": " "},
        {"body": "x" * 100_001},
        {"locale": "../en"},
        {"slug": "a/../b"},
        {"slug": "javascript:alert"},
        {"audience": "everyone"},
        {"tags": "not a list"},
        {"questions": ["q"] * 101},
        {"valid_from": "2026-01-02T00:00:00Z", "valid_until": "2026-01-01T00:00:00Z"},
        {"valid_until": "yesterday"},
        {"surprise": 1},
        {"client_id": "short"},
    ],
)
async def test_malformed_articles_are_refused(cast: Cast, body: dict[str, Any]) -> None:
    whole = {"client_id": new_id(), "title": "T", "body": "B", "locale": "en", **body}
    answer = await cast.ed.post(ARTICLES, **whole)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await cast.ed.get(ARTICLES)).json()["items"] == []


async def test_odd_text_is_kept_and_nul_is_dropped(cast: Cast) -> None:
    made = await cast.ed.draft(title="A\u0000 🫖 <script>", body="\u0000<b>x</b> \ud83d 👍 '\"; DROP TABLE")
    seen = (await cast.ed.get(f"{ARTICLES}/{made['id']}")).json()
    assert seen["title"] == "A 🫖 <script>"
    assert "\u0000" not in seen["body"]
    await cast.ed.publish(made)


async def test_what_is_not_there_is_404(cast: Cast) -> None:
    for way in (f"{ARTICLES}/{new_id()}", f"{ARTICLES}/x%00y", f"{ARTICLES}/nope/versions"):
        assert (await cast.ed.get(way)).status_code == 404
    assert (await cast.ed.patch(f"{ARTICLES}/nope", version=1)).status_code == 404
    assert (await cast.ed.post(f"{ARTICLES}/nope/publication", version=1)).status_code == 404
    assert (await cast.ed.delete(f"{ARTICLES}/nope/publication")).status_code == 404


async def test_visitors_search_what_is_published_for_everybody(cast: Cast, db: Database) -> None:
    await cast.ed.publish(await cast.ed.draft(title="Return an item"))
    await cast.ed.publish(
        await cast.ed.draft(title="Return limits for agents", body="Refuse after 90 days.", audience="staff")
    )
    found = (await cast.vera.get("/api/visitor/kb/search", q="I want to return an item", locale="en")).json()
    assert found["answerable"] is True
    assert [hit["title"] for hit in found["hits"]] == ["Return an item"]
    assert set(found["hits"][0]) == {
        *("article_id", "version", "slug", "title", "passage", "score", "locale", "url", "updated_at")
    }
    staff = (await cast.bob.get("/api/kb/search", q="return limits for agents")).json()
    assert {hit["audience"] for hit in staff["hits"]} == {"public", "staff"}
    assert (await cast.charlie.get("/api/visitor/kb/search", q="return")).status_code == 401
    for query in ({"q": ""}, {}, {"q": "x" * 8001}, {"q": "x", "limit": 21}, {"q": "x", "locale": "e;n"}):
        assert (await cast.vera.get("/api/visitor/kb/search", **query)).status_code == 422


async def test_a_visitor_who_searches_too_much_is_asked_to_wait(cast: Cast) -> None:
    answers = [await cast.vera.get("/api/visitor/kb/search", q="x") for _ in range(61)]
    assert [answer.status_code for answer in answers[-2:]] == [200, 429]
    assert answers[-1].headers["retry-after"] == "60"
