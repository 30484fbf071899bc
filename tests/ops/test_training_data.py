"""Training data: a fingerprint that notices what matters, and faults told with file and line."""

from pathlib import Path

import pytest

from server.train import training_failure
from server.training_data import component_count, faults, fingerprint


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "bot" / "data").mkdir(parents=True)
    (tmp_path / "bot" / "domain").mkdir()
    (tmp_path / "bot" / "tests").mkdir()
    (tmp_path / "requirements").mkdir()
    (tmp_path / "config.yml").write_text("pipeline:\n- name: A\n- name: B\npolicies:\n- name: C\n")
    (tmp_path / "bot" / "domain" / "service.yml").write_text("intents:\n- greet\n")
    (tmp_path / "bot" / "data" / "nlu.yml").write_text("nlu:\n- intent: greet\n  examples: |\n    - hello\n")
    (tmp_path / "bot" / "channel.py").write_text("x = 1\n")
    (tmp_path / "requirements" / "bot.lock").write_text("rasa==3.6.21\n")
    return tmp_path


def test_sound_data_has_no_faults(root: Path) -> None:
    assert faults(root) == []
    assert component_count(root) == 3


@pytest.mark.parametrize(
    "file",
    ["config.yml", "bot/domain/service.yml", "bot/data/nlu.yml", "bot/channel.py", "requirements/bot.lock"],
)
def test_the_fingerprint_changes_with_what_shapes_the_model(root: Path, file: str) -> None:
    before = fingerprint(root)
    with (root / file).open("a") as opened:
        opened.write("# changed\n")
    assert fingerprint(root) != before


def test_the_fingerprint_ignores_tests_and_the_environment(root: Path) -> None:
    before = fingerprint(root)
    (root / "bot" / "tests" / "test_channel.py").write_text("y = 2\n")
    (root / "bot" / ".venv" / "lib").mkdir(parents=True)
    (root / "bot" / ".venv" / "lib" / "rasa.py").write_text("z = 3\n")
    assert fingerprint(root) == before


def test_the_fingerprint_is_the_same_elsewhere(root: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    root.rename(tmp_path.parent / "moved")
    (tmp_path.parent / "moved").rename(root)
    import shutil

    shutil.copytree(root, elsewhere, ignore=shutil.ignore_patterns("elsewhere"))
    assert fingerprint(elsewhere) == fingerprint(root)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("nlu:\n- intent: greet\n  examples: |\n   - hello\n - intent: x\n", "bot/data/nlu.yml, line 5: "),
        ("nlu:\n- intent: [greet\n", "bot/data/nlu.yml, line 3: "),
        ("nlu:\n\t- intent: greet\n", "bot/data/nlu.yml, line 2: "),
        ("nlu: []\nnlu: []\n", "bot/data/nlu.yml, line 2: the key `nlu` is given twice."),
        ("- greet\n", "bot/data/nlu.yml, line 1: keys such as"),
        ("", "bot/data/nlu.yml, line 1: the file is empty."),
    ],
)
def test_a_fault_is_told_with_file_and_line(root: Path, content: str, fault: str) -> None:
    (root / "bot" / "data" / "nlu.yml").write_text(content)
    found = faults(root)
    assert len(found) == 1
    assert found[0].startswith(fault), found


def test_what_is_missing_is_named(root: Path) -> None:
    (root / "bot" / "domain" / "service.yml").unlink()
    (root / "bot" / "domain").rmdir()
    (root / "bot" / "data" / "nlu.yml").unlink()
    (root / "bot" / "data").rmdir()
    assert faults(root) == ["bot/domain is missing.", "bot/data is missing."]


def test_rasas_own_complaint_is_shown_without_its_noise(tmp_path: Path) -> None:
    lines = [
        "2026-11-23 06:00:00 INFO     rasa.engine.training.hooks  - Starting to train component 'A'.",
        "\x1b[91mYamlValidationException: Failed to validate 'nlu.yml'.",
        f"  in {tmp_path}/config.yml:12:",
        "  this is not a list\x1b[0m",
    ]
    complaint = training_failure(lines, tmp_path)
    assert "Starting to train" not in complaint
    assert "in config.yml:12:" in complaint
    assert "\x1b" not in complaint
    assert complaint.splitlines()[1].startswith("YamlValidationException")
