"""The command line's part in accounts: `deskhand create-user`."""

import asyncio
import sys
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from accounts.emails import normal_email
from accounts.passwords import hash_password
from accounts.permissions import Role
from accounts.service import NewUser, create_user
from server.bus import LocalBus
from server.db import Database
from server.errors import Problem
from server.settings import load_settings


def create_user_command(
    email: Annotated[str, typer.Argument(help="The address with which they sign in.")],
    role: Annotated[Role, typer.Option(help="What they may do.")],
    name: Annotated[str, typer.Option(help="As customers see it; default: the address's first part.")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from the first line of the input.")
    ] = False,
    language: Annotated[list[str] | None, typer.Option(help="Languages they write; default: en.")] = None,
    skill: Annotated[list[str] | None, typer.Option(help="Skills, for routing.")] = None,
    capacity: Annotated[int, typer.Option(min=0, max=100, help="Conversations at the same time.")] = 4,
) -> None:
    """Add a person to the desk."""
    try:
        address = normal_email(email)
        password = _password(from_input=password_stdin)
        new = NewUser(
            email=address,
            name=name or address.partition("@")[0],
            role=role,
            password_hash=asyncio.run(hash_password(password)),
            languages=language or ["en"],
            skills=skill or [],
            capacity=capacity,
        )
        asyncio.run(_create(new))
    except Problem as problem:
        _fail(problem.detail)
    except SQLAlchemyError as error:
        _fail(f"The database cannot be written ({type(error).__name__}). Has `deskhand migrate` been run?")
    typer.echo(f"{address} can now sign in as {role}.")


def _password(*, from_input: bool) -> str:
    if not from_input:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    # A line's end belongs to the line; anything else may belong to the password.
    return sys.stdin.readline().rstrip("\r\n")


async def _create(new: NewUser) -> None:
    db = Database(load_settings().db_url, LocalBus())
    try:
        async with db.write() as session:
            await create_user(session, new)
    finally:
        await db.close()


def _fail(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
