"""Imports a folder of Markdown: what is new or changed is encoded first, then written and published."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from knowledge_base import queries, service
from knowledge_base.drafts import Draft, Unreadable, from_json, from_markdown
from knowledge_base.encoder import LazyEncoder
from knowledge_base.publishing import Prepared, prepare
from server.db import Database

MAX_FILE = 2_000_000
"""Bytes of one Markdown file; a help article has a thousandth of it."""

MAX_LINES_FILE = 200_000_000

TOGETHER = 25
"""Articles written in one transaction: others get in between."""

Progress = Callable[[int, int], None]
"""Called with articles done and articles to do."""


@dataclass(slots=True)
class ImportReport:
    """Names of what was new, changed and skipped because it is unchanged; and why others failed."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Folder:
    drafts: list[Draft] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def read_folder(path: Path, locale: str | None = None) -> Folder:
    """Every `*.md` below a folder, or one file of Markdown or JSON lines. Raises FileNotFoundError."""
    if not path.exists():
        raise FileNotFoundError(f"There is no {path}.")
    read = Folder()
    seen: dict[tuple[str, str], str] = {}
    for name, parse in _sources(path, locale):
        try:
            draft = parse()
            first = seen.setdefault((draft.slug, draft.locale), name)
            if first != name:
                raise Unreadable(f"the same slug and locale as {first}")
        except (Unreadable, OSError, UnicodeDecodeError) as error:
            read.failed[name] = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
        else:
            read.drafts.append(draft)
    return read


def _sources(path: Path, locale: str | None) -> Iterator[tuple[str, Callable[[], Draft]]]:
    if path.suffix == ".jsonl":
        if path.stat().st_size > MAX_LINES_FILE:
            raise ValueError(f"{path} is larger than {MAX_LINES_FILE // 1_000_000} MB.")
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if line.strip():
                yield f"{path.name}:{number}", lambda line=line: from_json(line, locale=locale)  # type: ignore[misc]
        return
    root = path if path.is_dir() else path.parent
    for file in sorted(path.rglob("*.md")) if path.is_dir() else [path]:
        yield str(file.relative_to(root)), lambda file=file: _read(file, locale)  # type: ignore[misc]


def _read(file: Path, locale: str | None) -> Draft:
    if file.stat().st_size > MAX_FILE:
        raise Unreadable(f"larger than {MAX_FILE // 1_000_000} MB")
    return from_markdown(file.read_text(encoding="utf-8"), name=str(file.resolve()), locale=locale)


async def import_folder(
    db: Database,
    encoder: LazyEncoder,
    path: Path,
    *,
    locale: str | None = None,
    author: str = "import",
    progress: Progress | None = None,
) -> ImportReport:
    """Import and publish; a second import of the same content changes nothing.

    An article that was edited here since is left alone until its source changes. A broken file stops only
    itself. Raises FileNotFoundError.
    """
    folder = read_folder(path, locale)
    report = ImportReport(failed=folder.failed)
    async with db.read() as session:
        known = await queries.source_hashes(session)
    wanted = []
    for draft in folder.drafts:
        if known.get((draft.slug, draft.locale)) == draft.digest:
            report.skipped.append(f"{draft.locale}/{draft.slug}")
        else:
            wanted.append(draft)
    for start in range(0, len(wanted), TOGETHER):
        batch = wanted[start : start + TOGETHER]
        prepared = await prepare(encoder, [(draft, draft.locale) for draft in batch])
        await _write(db, list(zip(batch, prepared, strict=True)), author, report)
        if progress:
            progress(start + len(batch), len(wanted))
    return report


async def _write(
    db: Database, ready: Sequence[tuple[Draft, Prepared]], author: str, report: ImportReport
) -> None:
    async with db.write() as session:
        for draft, prepared in ready:
            name = f"{draft.locale}/{draft.slug}"
            try:
                async with session.begin_nested():
                    is_new = await service.put_imported(session, draft, prepared, author=author)
            except SQLAlchemyError as error:
                report.failed[name] = f"not stored ({type(error).__name__})"
            else:
                (report.new if is_new else report.changed).append(name)
