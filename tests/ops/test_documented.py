"""Nothing an operator can set or type is undocumented, and nothing documented is invented."""

import re
from pathlib import Path

import pytest

from server.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
OPERATORS = ROOT / "docs" / "operators.md"
NAMES = sorted(name.upper() for name in Settings.model_fields)

# Read by docker compose only, not by the program.
COMPOSE_ONLY = {"POSTGRES_PASSWORD", "PROXY_PORT", "RASA_DB_PASSWORD"}


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    settings = [re.fullmatch(r"#?([A-Z][A-Z0-9_]*)=(.*)", line) for line in lines]
    return {found[1]: found[2] for found in settings if found}


@pytest.mark.parametrize("name", NAMES)
def test_each_setting_is_in_the_example_and_explained_to_operators(name: str) -> None:
    assert name in example(), f"{name} is missing in .env.example"
    assert f"| `{name}` |" in OPERATORS.read_text(), f"{name} is missing in docs/operators.md"


def test_the_example_names_no_setting_that_does_not_exist() -> None:
    assert set(example()) - COMPOSE_ONLY <= set(NAMES)


def test_the_example_shows_the_defaults() -> None:
    """Taking every # off changes nothing."""
    given = {name.lower(): value for name, value in example().items() if name not in COMPOSE_ONLY}
    defaults = {name: field.get_default() for name, field in Settings.model_fields.items()}
    assert Settings.model_validate(given).model_dump() == defaults


def test_each_setting_in_the_example_has_a_comment() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    for number, line in enumerate(lines):
        if re.match(r"#?[A-Z][A-Z0-9_]*=", line):
            above = lines[number - 1]
            assert above.startswith("#"), f"{line} has no comment above it"


def commands() -> list[str]:
    from typer.main import get_group

    from server.cli import app

    found: list[str] = []
    for name, command in get_group(app).commands.items():
        inner = getattr(command, "commands", None)
        found += [f"{name} {sub}" for sub in inner] if inner else [name]
    return sorted(found)


def test_each_command_is_explained_to_operators() -> None:
    text = OPERATORS.read_text()
    missing = [command for command in commands() if f"`deskhand {command}" not in text]
    assert not missing, f"docs/operators.md does not mention: {missing}"


def test_no_command_is_invented() -> None:
    known = commands()
    for page in (OPERATORS, ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for mentioned in re.findall(r"`deskhand ([a-z][a-z -]*)", page.read_text()):
            words = mentioned.split()
            assert " ".join(words[:2]) in known or words[0] in known, f"{page.name}: deskhand {mentioned}"


def test_each_verb_of_make_is_in_contributing() -> None:
    verbs = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    text = (ROOT / "CONTRIBUTING.md").read_text()
    assert verbs
    assert not [verb for verb in verbs if f"make {verb}" not in text]


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/operators.md", "CHANGELOG.md"])
def test_local_links_lead_somewhere(page: str) -> None:
    file = ROOT / page
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", file.read_text()):
        if not link.startswith(("http://", "https://", "mailto:")):
            assert (file.parent / link).exists(), f"{page} links to {link}, which is not there"
