"""`kb eval` and the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from knowledge_base.commands import kb
from knowledge_base.encoder import SentenceEncoder
from knowledge_base.evaluation import kb_eval
from server.db import Base

KEYS = {"p_at_1", "mrr_at_10", "recall_at_5", "coverage", "precision", "p50_ms", "p95_ms"}

ARTICLES = [
    {"_id": "a", "title": "Reset your password", "text": "Choose 'Forgot password' and follow the mail."},
    {"_id": "b", "title": "Track a parcel", "text": "Open the tracking page with your order number."},
    {"_id": "c", "title": "Descale the kettle", "text": "Use citric acid once a month."},
]
QUERIES = [
    {"query": "I forgot my password", "relevant": ["a"]},
    {"query": "where is my parcel right now", "relevant": ["b"]},
    {"query": "the kettle is full of limescale, how to descale it", "relevant": ["c"]},
    {"query": "forgot my password again", "relevant": ["b"]},
]


@pytest.fixture(scope="module")
def model() -> SentenceEncoder:
    return SentenceEncoder("packaged:all-MiniLM-L6-v2")


@pytest.fixture
def files(tmp_path: Path) -> Any:
    def written(articles: Any, queries: Any) -> tuple[Path, Path]:
        paths = tmp_path / "articles.jsonl", tmp_path / "queries.jsonl"
        for path, rows in zip(paths, (articles, queries), strict=True):
            path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        return paths

    return written


def test_figures_of_a_small_set(files: Any, model: SentenceEncoder) -> None:
    result = kb_eval(*files(ARTICLES, QUERIES), encoder=model)
    assert result.keys() >= KEYS
    assert result["locale"] == "en"
    assert result["p_at_1"] == 0.75
    assert 0.75 < result["mrr_at_10"] < 1
    assert result["recall_at_5"] == 1
    assert 0 < result["p50_ms"] <= result["p95_ms"]
    json.dumps(result)


def test_the_language_is_found_or_said(files: Any, model: SentenceEncoder) -> None:
    articles = [
        {"_id": 1, "title": "退款多久到账", "text": "三个工作日内退回原账户。"},
        {"_id": 2, "title": "怎么换货", "text": "在订单页申请。"},
    ]
    queries = [{"query": "钱什么时候退回来", "relevant": [1]}, {"query": "我想换货", "relevant": [2]}]
    result = kb_eval(*files(articles, queries), encoder=model)
    assert (result["locale"], result["p_at_1"]) == ("zh", 1)
    assert kb_eval(*files(articles, queries), "en", encoder=model)["locale"] == "en"


def test_nothing_answered_has_no_precision(files: Any, model: SentenceEncoder) -> None:
    result = kb_eval(*files(ARTICLES, [{"query": "zzz", "relevant": ["nowhere"]}]), encoder=model)
    assert (result["p_at_1"], result["mrr_at_10"], result["coverage"], result["precision"]) == (0, 0, 0, None)


@pytest.mark.parametrize(
    ("articles", "queries", "fault"),
    [
        ([{"_id": "a", "title": "t"}], QUERIES, "line 1: text is missing"),
        (ARTICLES, [{"query": "q"}], "line 1: relevant is missing"),
        ([], QUERIES, "nothing to measure"),
    ],
)
def test_input_of_another_shape_is_named(
    files: Any, model: SentenceEncoder, articles: Any, queries: Any, fault: str
) -> None:
    with pytest.raises(ValueError, match=fault):
        kb_eval(*files(articles, queries), encoder=model)


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A migrated database in a data folder of its own."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    # The runner's output closes with it; loggers that were bound to it would outlive it.
    monkeypatch.setattr("knowledge_base.commands.configure_logging", lambda level: None)
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "data").mkdir()
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'data' / 'deskhand.db'}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return tmp_path


def test_import_then_search_from_the_command_line(at_home: Path) -> None:
    folder = at_home / "articles"
    folder.mkdir()
    (folder / "a.md").write_text("---\ntitle: Reset your password\n---\nFollow the mail.\n")
    (folder / "b.md").write_text("---\ntitle: [\n---\n")
    run = CliRunner().invoke(kb, ["import", str(folder), "--locale", "en"])
    assert run.exit_code == 1
    assert "1 new, 0 changed, 0 unchanged, 1 failed." in run.output
    assert "b.md" in run.output
    (folder / "b.md").unlink()
    again = CliRunner().invoke(kb, ["import", str(folder), "--locale", "en"])
    assert (again.exit_code, "0 new, 0 changed, 1 unchanged, 0 failed." in again.output) == (0, True)
    found = CliRunner().invoke(kb, ["search", "I forgot my password"])
    assert json.loads(found.stdout[found.stdout.index("{") :])["hits"][0]["title"] == "Reset your password"


def test_mistakes_get_one_sentence(at_home: Path) -> None:
    for command in (["import", "/nowhere"], ["eval", "/nowhere", "/nowhere"]):
        run = CliRunner().invoke(kb, command)
        assert run.exit_code == 1
        assert "/nowhere" in run.stderr
        assert "Traceback" not in run.output + run.stderr


def test_the_last_line_of_eval_is_json(files: Any, at_home: Path) -> None:
    paths = files(ARTICLES, QUERIES)
    code = "from knowledge_base.commands import kb; kb()"
    run = subprocess.run(
        [sys.executable, "-c", code, "eval", *map(str, paths)],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        check=True,
        timeout=200,
    )
    assert json.loads(run.stdout.splitlines()[-1]).keys() >= KEYS
