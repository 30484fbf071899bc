"""The packaged sentence-transformers model behind its seam."""

import asyncio
import time
from collections.abc import Sequence

import numpy as np
import pytest

from knowledge_base.encoder import LazyEncoder, Vectors

MODEL = "packaged:all-MiniLM-L6-v2"


async def test_vectors_are_normalised_and_mean_something(encoder: LazyEncoder) -> None:
    loaded = await encoder.ready()
    assert (loaded.id, loaded.dim) == (MODEL, 384)
    texts = ["My parcel has not come", "The package is late", "How to descale a kettle"]
    vectors = await encoder.passages(texts)
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > 0.4 > 0.2 > vectors[0] @ vectors[2]


async def test_each_row_belongs_to_its_text(encoder: LazyEncoder) -> None:
    texts = [("word " * n).strip() or "x" for n in range(40)]
    together = await encoder.passages(texts)
    for n in (0, 3, 17, 39):
        alone = await encoder.passages([texts[n]])
        assert np.allclose(alone[0], together[n], atol=1e-4)
    assert (await encoder.passages([])).shape == (0, 384)


async def test_the_loop_goes_on_while_texts_are_encoded(encoder: LazyEncoder) -> None:
    await encoder.ready()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await encoder.passages([f"sentence number {n} about parcels and kettles" for n in range(48)])
    ticking.cancel()
    assert ticks > 5


async def test_a_query_is_encoded_once() -> None:
    asked: list[Sequence[str]] = []

    class Counting:
        id, dim = "counting", 2

        def __init__(self, name: str) -> None: ...

        def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
            asked.append(texts)
            return np.ones((len(texts), 2), dtype=np.float32)

    encoder = LazyEncoder("counting", Counting)
    assert not encoder.is_ready
    await encoder.query("a")
    await encoder.query("a")
    assert encoder.is_ready
    assert asked == [["a"]]
    encoder.close()


async def test_a_model_that_is_not_there_is_a_clear_error() -> None:
    encoder = LazyEncoder("packaged:something-else")
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(ValueError, match="EMBEDDING_MODEL=packaged:something-else"):
            await encoder.ready()
    assert not encoder.is_ready
    assert time.monotonic() - began < 60
    encoder.close()
