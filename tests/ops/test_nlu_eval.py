"""`deskhand nlu eval`: the pipeline of config.yml on data from outside, in a scratch folder."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.cli import app
from server.rasa_process import BOT_PYTHON
from server.settings import ROOT

pytestmark = [
    pytest.mark.rasa,
    pytest.mark.skipif(not BOT_PYTHON.exists(), reason="the bot's environment is not here"),
]

TRAIN = {
    "book/a [table](x)": ["book a table for two", "reserve a table tonight", "i want to reserve for four"],
    "opening\nhours": ["when do you open", "are you open on sunday", "what are your opening hours"],
    "/menu": ["what is on the menu", "do you have vegan dishes", "show me the dishes"],
}
TEST = [
    ("could we reserve for six people", "book/a [table](x)"),
    ("how late are you open", "opening\nhours"),
    ("/what dishes do you have", "/menu"),
    ("why is the sky blue", "oos"),
]


def write(file: Path, rows: list[tuple[str, str]]) -> Path:
    file.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows))
    return file


def test_any_labels_and_texts_are_measured(tmp_path: Path) -> None:
    train = write(tmp_path / "train.jsonl", [(text, label) for label in TRAIN for text in TRAIN[label]])
    test = write(tmp_path / "test.jsonl", TEST)
    strangers = write(tmp_path / "oos.jsonl", [("my dog barks at the moon", "anything")])
    models = sorted((ROOT / "models").glob("*.tar.gz"))
    done = CliRunner().invoke(app, ["nlu", "eval", str(train), str(test), "--oos", str(strangers)])
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout.strip().splitlines()[-1])
    assert result["accuracy"] == 1
    assert (result["labels"], result["in_scope"], result["out_of_scope"]) == (3, 3, 2)
    assert result["auroc"] == 1
    assert result["train_seconds"] > 0
    assert result["parse_ms_p50"] > 0
    assert sorted((ROOT / "models").glob("*.tar.gz")) == models


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "holds no line"),
        ('{"text": "a", "label": "x"}\nnonsense\n', "line 2: this is not JSON"),
        ('{"text": 1, "label": "x"}\n', 'line 1: an object with the texts "text" and "label"'),
        ('{"text": "a", "label": "x"}\n', "at least two labels"),
    ],
)
def test_a_bad_file_is_refused_in_plain_words(tmp_path: Path, content: str, complaint: str) -> None:
    train, test = tmp_path / "train.jsonl", write(tmp_path / "test.jsonl", [("a", "x")])
    train.write_text(content)
    done = CliRunner().invoke(app, ["nlu", "eval", str(train), str(test)])
    assert done.exit_code == 2
    assert complaint in done.stderr
