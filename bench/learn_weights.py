"""The two fits behind the search's calibration: weights that rank, and weights that decide to answer."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

Question = tuple[np.ndarray, np.ndarray]
"""Features of every article (articles x features), and the places of the right ones."""


def learn_rank(groups: Sequence[Sequence[Question]]) -> np.ndarray:
    """Softmax over the articles of a set: the weights under which the right one is most probable.

    `groups`: per set its questions; each set counts the same, however many questions it has.
    """
    width = groups[0][0][0].shape[1]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = 0.0002 * float(weights @ weights), 0.0004 * weights
        for group in groups:
            for x, right in group:
                p = _softmax(x @ weights)
                hit = p[right].sum()
                total -= np.log(max(hit, 1e-12)) / len(group) / len(groups)
                target = np.zeros_like(p)
                target[right] = p[right] / max(hit, 1e-12)
                slope = slope - x.T @ (target - p) / len(group) / len(groups)
        return total, slope

    found = minimize(loss, np.full(width, 5.0), jac=True, method="L-BFGS-B", bounds=[(0, None)] * width)
    return np.asarray(found.x)


def _softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max())
    return np.asarray(e / e.sum())


def learn_answer(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """Logistic regression with no weight below zero: more evidence must never make the search less sure.

    Without that bound one feature is played off against its neighbour, which only these sets reward.
    """
    mean, spread = x.mean(0), x.std(0) + 1e-6
    z, sign = (x - mean) / spread, np.where(y, 1.0, -1.0)

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (z @ w[:-1] + w[-1])
        pull = -sign / (1 + np.exp(margin))
        slope = np.append(z.T @ pull, pull.sum()) + np.append(w[:-1], 0)
        return float(np.logaddexp(0, -margin).sum() + w[:-1] @ w[:-1] / 2), slope

    bounds = [(0, None)] * x.shape[1] + [(None, None)]
    w = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    weights = w[:-1] / spread
    return weights, float(w[-1] - (weights * mean).sum())
