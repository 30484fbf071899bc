"""The command line's part in the knowledge base: `deskhand kb import | search | eval`."""

import asyncio
import json
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import SQLAlchemyError

from server.bus import make_bus
from server.db import Database
from server.log import configure_logging
from server.settings import Settings, load_settings

kb = typer.Typer(no_args_is_help=True, add_completion=False, help="Articles: import, search, evaluate.")

_out = Console(highlight=False, soft_wrap=True)
_err = Console(highlight=False, soft_wrap=True, stderr=True)

T = TypeVar("T")

Language = Annotated[str | None, typer.Option("--locale", help="The language; default: as the source says.")]


@kb.command("import")
def import_command(
    path: Annotated[Path, typer.Argument(help="A folder of Markdown, one Markdown file, or JSON lines.")],
    locale: Language = None,
) -> None:
    """Import and publish articles; what has not changed is skipped."""
    report = _run(_import(load_settings(), path, locale))
    for name, why in report.failed.items():
        _out.print(f"failed   {name}: {why}", markup=False)
    _out.print(
        f"{len(report.new)} new, {len(report.changed)} changed, "
        f"{len(report.skipped)} unchanged, {len(report.failed)} failed."
    )
    if report.failed:
        raise typer.Exit(1)


@kb.command("search")
def search_command(
    query: Annotated[str, typer.Argument(help="A question, as a customer would ask it.")],
    locale: Language = None,
    limit: Annotated[int, typer.Option(min=1, max=20)] = 3,
) -> None:
    """Search the published articles, staff's own included; prints one JSON object."""
    from knowledge_base.schemas import StaffSearchOut

    found = _run(_search(load_settings(), query, locale, limit))
    typer.echo(json.dumps(StaffSearchOut.of(found).model_dump(mode="json"), ensure_ascii=False, indent=2))


@kb.command("eval")
def eval_command(
    articles: Annotated[Path, typer.Argument(help="JSON lines {_id, title, text}.")],
    queries: Annotated[Path, typer.Argument(help="JSON lines {query, relevant: [_id]}.")],
    locale: Language = None,
) -> None:
    """Measure the search on any articles and questions; prints one JSON object as its last line."""
    from knowledge_base.evaluation import kb_eval

    try:
        with _progress() as bar:
            task = bar.add_task("articles", total=None)
            result = kb_eval(
                articles,
                queries,
                locale,
                model=load_settings().embedding_model,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    except (OSError, ValueError) as error:
        _fail(str(error))
    typer.echo(json.dumps(result, ensure_ascii=False))


async def _import(settings: Settings, path: Path, locale: str | None) -> Any:
    from knowledge_base.encoder import LazyEncoder
    from knowledge_base.imports import import_folder

    bus = make_bus(settings.redis_url, settings.bus_prefix)
    db = Database(settings.db_url, bus)
    encoder = LazyEncoder(settings.embedding_model)
    try:
        with _progress() as bar:
            task = bar.add_task("articles", total=None)
            return await import_folder(
                db,
                encoder,
                path,
                locale=locale,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    finally:
        encoder.close()
        await db.close()
        await bus.stop()


async def _search(settings: Settings, query: str, locale: str | None, limit: int) -> Any:
    from knowledge_base.search import EVERYBODY, ArticleSearch
    from knowledge_base.words import language_of

    db = Database(settings.db_url, make_bus("", settings.bus_prefix))
    search = ArticleSearch(db, settings.embedding_model)
    try:
        return await search.search(query, locale or language_of(query), limit=limit, audiences=EVERYBODY)
    finally:
        await search.close()
        await db.close()


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run, with one clear sentence instead of a stack trace for what users can put right.

    Warnings go to the error output: the standard output is for the result.
    """
    configure_logging("WARNING")
    try:
        return asyncio.run(work)
    except (OSError, ValueError) as error:
        _fail(str(error))
    except SQLAlchemyError as error:
        _fail(f"The database cannot be used ({type(error).__name__}). Has `deskhand migrate` been run?")


def _fail(sentence: str) -> NoReturn:
    _err.print(sentence, style="red", markup=False)
    raise typer.Exit(1)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=_err,
        transient=True,
    )
