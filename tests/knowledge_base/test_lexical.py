"""BM25: shares between nothing and everything, and rarer words weigh more."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.lexical import Lexical

DOCUMENTS = [["parcel", "late", "parcel"], ["parcel", "lost"], ["kettle", "leaks"], []]


def test_the_document_with_the_words_wins() -> None:
    scores, covered = Lexical(DOCUMENTS).scores(["kettle", "leaks"])
    assert scores.argmax() == 2
    assert covered[2] == 1
    assert not scores[[0, 1, 3]].any()


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    lexical = Lexical(DOCUMENTS)
    assert lexical.idf("lost") > lexical.idf("parcel")
    scores, _ = lexical.scores(["parcel", "lost"])
    assert scores[1] > scores[0]


def test_unknown_words_lower_the_share_of_all() -> None:
    lexical = Lexical(DOCUMENTS)
    plain, _ = lexical.scores(["kettle"])
    longer, covered = lexical.scores(["kettle", "zebra"])
    assert longer[2] < plain[2]
    assert covered[2] < 1
    assert lexical.known(["kettle"]) == 1
    assert 0 < lexical.known(["kettle", "zebra"]) < 1


def test_nothing_in_nothing() -> None:
    lexical = Lexical([])
    scores, _ = lexical.scores(["a"])
    assert scores.shape == (0,)
    assert Lexical(DOCUMENTS).scores([])[0].tolist() == [0, 0, 0, 0]
    assert lexical.known([]) == 0


words = st.lists(st.sampled_from("abcdefg"), max_size=8)


@given(st.lists(words, max_size=6), words)
def test_scores_are_shares(documents: list[list[str]], query: list[str]) -> None:
    for values in Lexical(documents).scores(query):
        assert values.dtype == np.float32
        assert ((values >= 0) & (values <= 1 + 1e-6)).all()
