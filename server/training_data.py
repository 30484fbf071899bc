"""What the assistant is trained from: which files, their fingerprint, and faults told with file and line."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from server.settings import ROOT


def training_files(root: Path = ROOT) -> list[Path]:
    """Every file that shapes the model, the code of its components and the pinned Rasa included."""
    code = [file for file in (root / "bot").rglob("*.py") if not _is_beside_the_point(file.relative_to(root))]
    data = [file for folder in ("data", "domain") for file in (root / "bot" / folder).rglob("*.yml")]
    pinned = [root / "config.yml", root / "requirements" / "bot.lock"]
    return sorted(file for file in [*code, *data, *pinned] if file.exists())


def fingerprint(root: Path = ROOT) -> str:
    """A SHA-256 over names and contents; the same checkout has the same one on every machine."""
    digest = hashlib.sha256()
    for file in training_files(root):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def faults(root: Path = ROOT) -> list[str]:
    """What is wrong with the YAML files before Rasa sees them: `bot/data/nlu.yml, line 12: …`."""
    needed = ("config.yml", "bot/domain", "bot/data")
    found = [f"{name} is missing." for name in needed if not (root / name).exists()]
    for file in training_files(root):
        if file.suffix == ".yml":
            found += [f"{file.relative_to(root).as_posix()}, {fault}" for fault in _faults_of(file)]
    return found


def component_count(root: Path = ROOT) -> int:
    """How many components are trained, for a progress bar with an end."""
    config: dict[str, Any] = yaml.safe_load((root / "config.yml").read_text(encoding="utf-8"))
    return len(config.get("pipeline") or []) + len(config.get("policies") or [])


def _is_beside_the_point(file: Path) -> bool:
    return any(part in (".venv", "tests", "__pycache__") for part in file.parts)


def _faults_of(file: Path) -> Iterator[str]:
    try:
        content = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        yield f"line {line}: {error.problem or 'this is not YAML'}."
        return
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        yield f"line 1: {error}."
        return
    if content is None:
        yield "line 1: the file is empty."
    elif not isinstance(content, yaml.MappingNode):
        yield f"line {content.start_mark.line + 1}: keys such as `nlu:` or `rules:` are expected here."
    else:
        yield from _keys_given_twice(content)


def _keys_given_twice(node: yaml.MappingNode) -> Iterator[str]:
    """YAML lets the last of two equal keys win in silence, and half the training data is gone."""
    seen: set[str] = set()
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value in seen:
                yield f"line {key.start_mark.line + 1}: the key `{key.value}` is given twice."
            seen.add(key.value)
        if isinstance(value, yaml.MappingNode):
            yield from _keys_given_twice(value)
