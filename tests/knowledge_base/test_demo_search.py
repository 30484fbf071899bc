"""The bars of the search on the demo company's questions; the figures are printed by `-s`.

The calibration has seen these questions (with others'): this guards what is shipped. What unseen questions
meet is measured in folds by bench/calibrate_search.py.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import yaml

from knowledge_base.encoder import SentenceEncoder
from knowledge_base.evaluation import LONG_AGO, Source, build_index
from knowledge_base.imports import read_folder
from knowledge_base.index import Index

DEMO = Path(__file__).parents[2] / "server" / "demo" / "articles"
QUESTIONS = Path(__file__).with_name("demo_questions.yml")


@dataclass
class Measured:
    index: Index
    questions: list[tuple[str, str | None]]
    vectors: np.ndarray | None

    def first(self) -> list[tuple[str | None, str, bool]]:
        """Per question: the right article or None, the first one found, whether it was answered."""
        found = []
        for n, (question, slug) in enumerate(self.questions):
            vector = None if self.vectors is None else self.vectors[n]
            hit = self.index.search(question, vector, now=LONG_AGO, limit=1)[0]
            answered = hit.score >= self.index.calibration(vector).threshold
            found.append((slug, hit.entry.article_id, answered))
        return found

    def alone(self, feature: str) -> float:
        """P@1 of one piece of evidence by itself."""
        right = []
        for n, (question, slug) in enumerate(self.questions):
            if slug:
                vector = None if self.vectors is None else self.vectors[n]
                best = int(self.index.evidence(question, vector).features[feature].argmax())
                right.append(self.index.entries[best].article_id == slug)
        return float(np.mean(right))


@pytest.fixture(scope="module")
def model() -> SentenceEncoder:
    return SentenceEncoder("packaged:all-MiniLM-L6-v2")


@pytest.fixture(scope="module")
def desks(model: SentenceEncoder) -> dict[str, Measured]:
    return {locale: measured(model, locale) for locale in ("en", "zh")}


def measured(model: SentenceEncoder, locale: str) -> Measured:
    drafts = read_folder(DEMO / locale).drafts
    sources = [
        Source(one.slug, one.title, one.body, tuple(one.questions), tuple(one.codes), tuple(one.tags))
        for one in drafts
    ]
    rows = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))
    questions = [(row["question"], row["slug"]) for row in rows if row["locale"] == locale]
    index = build_index(sources, model, locale)
    vectors = model.encode([question for question, _ in questions], query=True)
    return Measured(index, questions, vectors if index.needs_vectors else None)


# Coverage in Chinese is under the 40 % aimed at: the packaged encoder knows English only, so words carry it.
@pytest.mark.parametrize(
    ("locale", "evidence", "p_at_1", "coverage"),
    [("en", ("best", "whole", "words"), 0.80, 0.60), ("zh", ("words", "passages", "heads"), 0.68, 0.30)],
)
def test_the_demo_company_answers_its_customers(
    desks: dict[str, Measured], locale: str, evidence: tuple[str, ...], p_at_1: float, coverage: float
) -> None:
    desk = desks[locale]
    first = desk.first()
    asked = [(slug == found, answered) for slug, found, answered in first if slug]
    out_of_scope = [answered for slug, _, answered in first if not slug]
    fused = float(np.mean([right for right, _ in asked]))
    precise = float(np.mean([right for right, answered in asked if answered]))
    covered = float(np.mean([answered for _, answered in asked]))
    false = float(np.mean(out_of_scope))
    alone = {name: round(desk.alone(name), 3) for name in evidence}
    print(f"{locale}: P@1 {fused:.3f} {alone}, {covered:.3f} at {precise:.3f}, {false:.3f}")  # noqa: T201
    assert fused >= max(alone.values()) - 0.01
    assert fused >= p_at_1
    assert precise >= 0.90
    assert covered >= coverage
    assert false <= 0.05


@pytest.mark.parametrize(
    ("question", "slug"),
    [
        ("my parcel hasn't come", "parcel-late"),
        ("I want my money back", "refund-timing"),
        ("E05", "robot-vacuum-error-codes"),
        ("how do I descale my kettle", "kettle-descaling"),
    ],
)
def test_what_every_visitor_tries_first(
    model: SentenceEncoder, desks: dict[str, Measured], question: str, slug: str
) -> None:
    desk = desks["en"]
    vector = model.encode([question], query=True)[0]
    hit = desk.index.search(question, vector, now=LONG_AGO)[0]
    assert hit.entry.article_id == slug
    assert hit.score >= desk.index.calibration(vector).threshold
