"""Importing a folder: repeatable, and a broken file stops only itself."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from knowledge_base import queries
from knowledge_base.drafts import Unreadable, from_markdown
from knowledge_base.encoder import LazyEncoder
from knowledge_base.imports import import_folder, read_folder
from knowledge_base.search import EVERYBODY, ArticleSearch
from server.db import Database, version_of

RETURN = """---
slug: return-an-item
locale: en
title: Return an item
category: returns
tags: [return, send back]
questions:
  - Can I send it back?
codes: [RT-1]
valid_until: 2099-12-31
updated: 2026-03-04
---

Within 30 days. See [the label](print-a-label).
"""


async def test_a_folder_is_imported_and_published(
    db: Database, encoder: LazyEncoder, search: ArticleSearch, write: Any
) -> None:
    folder = write("en/return.md", RETURN)
    write("zh/return.md", "---\nslug: return-an-item\ntitle: 退货\n---\n三十天内可以退货。\n")
    report = await import_folder(db, encoder, folder)
    assert sorted(report.new) == ["en/return-an-item", "zh/return-an-item"]
    assert report.failed == {}
    hit = (await search.search("can I send this back to you", "en")).hits[0]
    assert (hit.slug, hit.passage) == ("return-an-item", "Within 30 days. See the label.")
    assert hit.updated_at == datetime(2026, 3, 4, tzinfo=UTC)
    async with db.read() as session:
        found = await queries.by_address(session, "return-an-item", "en")
        assert found is not None
        assert (found.category, found.tags, found.status) == ("returns", ["return", "send back"], "published")
        assert found.valid_until == datetime(2099, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
        assert (await queries.version_of_article(session, found.id, 1)).codes == ["RT-1"]


async def test_a_second_import_changes_nothing(db: Database, encoder: LazyEncoder, write: Any) -> None:
    folder = write("return.md", RETURN)
    await import_folder(db, encoder, folder)
    async with db.read() as session:
        before = await version_of(session, "kb")
    report = await import_folder(db, encoder, folder)
    assert (report.new, report.changed, report.skipped) == ([], [], ["en/return-an-item"])
    # The same content under another order of keys, line end and file name is the same content.
    (folder / "return.md").unlink()
    moved = RETURN.replace("slug: return-an-item\n", "").replace("---\n\nW", "slug: return-an-item\n---\n\nW")
    write("elsewhere/x.md", moved.replace("\n", "\r\n"))
    assert (await import_folder(db, encoder, folder)).skipped == ["en/return-an-item"]
    async with db.read() as session:
        assert await version_of(session, "kb") == before


async def test_changed_content_is_a_new_version(
    db: Database, encoder: LazyEncoder, search: ArticleSearch, write: Any
) -> None:
    folder = write("return.md", RETURN)
    await import_folder(db, encoder, folder)
    write("return.md", RETURN.replace("30 days", "60 days"))
    report = await import_folder(db, encoder, folder)
    assert report.changed == ["en/return-an-item"]
    hit = (await search.search("return an item", "en")).hits[0]
    assert (hit.version, hit.passage) == (2, "Within 60 days. See the label.")


async def test_a_broken_file_stops_only_itself(db: Database, encoder: LazyEncoder, write: Any) -> None:
    folder = write("good.md", RETURN)
    write("yaml.md", "---\ntitle: [unclosed\n---\nText.\n")
    write("list.md", "---\n- a\n- b\n---\nText.\n")
    write("empty.md", "---\ntitle: Nothing\n---\n")
    write("date.md", "---\ntitle: Date\nvalid_from: soon\n---\nText.\n")
    write("twice.md", RETURN)
    write("evil.md", "---\ntitle: !!python/object/apply:os.system [id]\n---\nText.\n")
    (folder / "latin.md").write_bytes("---\ntitle: Tür\n---\nText".encode("latin-1"))
    (folder / "large.md").write_bytes(b"x" * 2_000_001)
    (folder / "folder.md").mkdir()
    report = await import_folder(db, encoder, folder)
    assert report.new == ["en/return-an-item"]
    assert set(report.failed) == {
        *("yaml.md", "list.md", "empty.md", "date.md", "twice.md", "evil.md", "latin.md", "large.md"),
        "folder.md",
    }
    assert report.failed["latin.md"] == "not UTF-8 text"
    assert report.failed["large.md"] == "larger than 2 MB"
    assert "good.md" in report.failed["twice.md"]


async def test_staff_articles_stay_with_staff(
    db: Database, encoder: LazyEncoder, search: ArticleSearch, write: Any
) -> None:
    folder = write("limits.md", "---\ntitle: Goodwill limits\naudience: staff\n---\nUp to 20 euros.\n")
    await import_folder(db, encoder, folder)
    assert (await search.search("goodwill limits", "en")).hits == []
    assert len((await search.search("goodwill limits", "en", audiences=EVERYBODY)).hits) == 1


async def test_lines_of_json(db: Database, encoder: LazyEncoder, tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_text(
        '{"_id": "help/Reset_it", "title": "Reset", "text": "Hold the button.\\u2028For ten seconds."}\n'
        '{"_id": "x"}\nnot json\n\n{"_id": "y", "title": "退货", "text": "三十天内可以退货。"}\n'
    )
    report = await import_folder(db, encoder, file)
    assert report.new == ["en/help-reset-it", "zh/y"]
    assert list(report.failed) == ["articles.jsonl:2", "articles.jsonl:3"]


def test_a_folder_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError, match="There is no"):
        read_folder(Path("/nowhere/at/all"))


def test_what_the_front_matter_lacks_is_taken_from_the_file() -> None:
    draft = from_markdown("# Return it\n\nWithin 30 days.\n", name="en/Return_it Now.md")
    assert (draft.slug, draft.title, draft.locale) == ("return-it-now", "Return it", "en")
    assert draft.body == "Within 30 days."
    with pytest.raises(Unreadable, match="title"):
        from_markdown("Within 30 days.", name="x.md")
