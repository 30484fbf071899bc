"""Questions with and without an answer, and the articles they are asked of, for measuring the search.

The demo company's are in this repository; other people's articles and questions are read from
../shared/data where that folder is, and never copied here.
"""

import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.evaluation import Asked, Source
from knowledge_base.imports import read_folder

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
QUESTIONS = Path(__file__).with_name("questions")


@dataclass(frozen=True)
class QuestionSet:
    name: str
    language: str
    sources: Sequence[Source]
    asked: Sequence[Asked]
    near_misses: Sequence[str]
    off_topic: Sequence[str]
    """Questions that no article answers: some sound like the help centre's own, others are far from it."""


def written(name: str) -> Any:
    return yaml.safe_load((QUESTIONS / name).read_text(encoding="utf-8"))


def near(name: str) -> list[str]:
    return list(written("near_misses.yml").get(name, []))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def foreign(name: str, language: str, articles: str, questions: str, off_topic: Sequence[str]) -> QuestionSet:
    sources = [Source(row["_id"], row["title"], row["text"]) for row in lines(DATA / articles)]
    asked = [
        Asked(one, frozenset(ids.split(" | "))) for ids, some in written(questions).items() for one in some
    ]
    return QuestionSet(name, language, sources, asked, near(name), off_topic)


def demo(language: str, off_topic: Sequence[str]) -> QuestionSet:
    drafts = read_folder(ROOT / "server" / "demo" / "articles" / language).drafts
    sources = [
        Source(one.slug, one.title, one.body, tuple(one.questions), tuple(one.codes), tuple(one.tags))
        for one in drafts
    ]
    rows = yaml.safe_load((ROOT / "tests/knowledge_base/demo_questions.yml").read_text(encoding="utf-8"))
    mine = [row for row in rows if row["locale"] == language]
    asked = [Asked(row["question"], frozenset({row["slug"]})) for row in mine if row["slug"]]
    unanswered = [row["question"] for row in mine if not row["slug"]]
    name = f"demo_{language}"
    return QuestionSet(name, language, sources, asked, [*unanswered, *near(name)], off_topic)


def banking_topics(off_topic: Sequence[str]) -> QuestionSet:
    """BANKING77 (CC BY 4.0): a topic's name as title and three of its examples as questions; no body."""
    examples: dict[str, list[str]] = {}
    for row in lines(DATA / "nlu/banking77_train_10.jsonl"):
        examples.setdefault(row["label"], []).append(row["text"])
    sources = [Source(name, name.replace("_", " "), "", tuple(e[1:4])) for name, e in examples.items()]
    rows = random.Random(1).sample(lines(DATA / "nlu/banking77_test.jsonl"), 500)
    asked = [Asked(row["text"], frozenset({row["label"]})) for row in rows]
    return QuestionSet("banking77", "en", sources, asked, [], off_topic)


def question_sets() -> list[QuestionSet]:
    off_topic = written("off_topic.yml")
    sets = [demo("zh", off_topic["zh"])]
    if not DATA.is_dir():
        print(f"{DATA} is absent: only the demo company's questions are used.", file=sys.stderr)
        return [demo("en", off_topic["en"]), *sets]
    clinc = [row["text"] for row in lines(DATA / "nlu/out_of_scope_dev.jsonl")]
    english = [*off_topic["en"], *clinc]
    banks = ("bank", "card", "transfer", "overdraft", "money", "wire", "account", "notary", "atm")
    no_bank = [one for one in english if not any(word in one for word in banks)]
    return [
        demo("en", english),
        *sets,
        foreign("login_gov_en", "en", "knowledge_base/login_gov_en.jsonl", "login_gov.en.yml", english),
        foreign(
            "login_gov_zh", "zh", "knowledge_base/login_gov_zh.jsonl", "login_gov.zh.yml", off_topic["zh"]
        ),
        foreign("bank", "en", "retrieval/bank/articles.jsonl", "bank.en.yml", no_bank),
        banking_topics(no_bank),
    ]
