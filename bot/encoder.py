"""Turns sentences into vectors: a small BERT on ONNX Runtime, one thread, no torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List, Sequence

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

GRAPH = "encoder.onnx"
TOKENIZER = "tokenizer.json"
FILES = (GRAPH, TOKENIZER)

MOST_TOKENS = 128
"""Longer sentences are cut: what a message wants is said by then, and time grows with the length."""

_BATCH = 32


class SentenceEncoder:
    """Vectors of unit length, float32 [sentences, width]; built once per process and then only read."""

    def __init__(self, session: onnxruntime.InferenceSession, tokenizer: Tokenizer) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self.width: int = session.get_outputs()[0].shape[1]

    @classmethod
    def load(cls, folder: Path) -> SentenceEncoder:
        """From a folder that `bot.encoder_graph` wrote. Raises FileNotFoundError where a file is missing."""
        for name in FILES:
            if not (folder / name).is_file():
                raise FileNotFoundError(f"The sentence encoder lacks {folder / name}: run `make setup`.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = onnxruntime.InferenceSession(
            str(folder / GRAPH), options, providers=["CPUExecutionProvider"]
        )
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        tokenizer.enable_truncation(MOST_TOKENS)
        tokenizer.no_padding()
        return cls(session, tokenizer)

    def encode(self, sentences: Sequence[str]) -> np.ndarray[Any, Any]:
        tokens: List[List[int]] = [self._tokenizer.encode(sentence).ids for sentence in sentences]
        vectors = np.empty((len(tokens), self.width), dtype=np.float32)
        order = np.argsort([len(ids) for ids in tokens], kind="stable")  # little padding
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            vectors[rows] = self._run([tokens[row] for row in rows])
        return vectors

    def _run(self, batch: List[List[int]]) -> np.ndarray[Any, Any]:
        ids = np.zeros((len(batch), max(map(len, batch))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, own in enumerate(batch):
            ids[row, : len(own)] = own
            mask[row, : len(own)] = 1
        result: np.ndarray[Any, Any] = self._session.run(["vectors"], {"ids": ids, "mask": mask})[0]
        return result
