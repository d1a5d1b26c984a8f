"""Logistic regression whose weights keep their sign, by coordinate steps: small, repeatable, no library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Row = tuple[tuple[tuple[int, float], ...], bool, float, int]  # ((column, value), …), label, weight, set


@dataclass
class Model:
    weights: list[float]
    intercepts: list[float]


def fit(rows: Sequence[Row], signs: Sequence[int], sets: int, ridge: float = 1.0, sweeps: int = 60) -> Model:
    """Weights with `signs` (+1: none below zero, -1: none above), and an intercept for each set of rows."""
    columns: list[list[tuple[int, float]]] = [[] for _ in range(len(signs) + sets)]
    for number, (values, _, _, group) in enumerate(rows):
        for column, value in values:
            columns[column].append((number, value))
        columns[len(signs) + group].append((number, 1.0))
    state = _State(rows, [0.0] * len(columns))
    for _ in range(sweeps):
        moved = 0.0
        for column, entries in enumerate(columns):
            sign = signs[column] if column < len(signs) else 0
            moved = max(moved, state.step(column, entries, sign, ridge if sign else 0.0))
        if moved < 1e-4:
            break
    return Model(state.weights[: len(signs)], state.weights[len(signs) :])


class _State:
    def __init__(self, rows: Sequence[Row], weights: list[float]) -> None:
        self.weights = weights
        self.labels = [1.0 if label else 0.0 for _, label, _, _ in rows]
        self.row_weights = [weight for _, _, weight, _ in rows]
        self.logits = [0.0] * len(rows)

    def step(self, column: int, entries: list[tuple[int, float]], sign: int, ridge: float) -> float:
        """One Newton step along one weight, held within its sign; how far it went."""
        gradient, curvature = -ridge * self.weights[column], ridge
        logits, labels, row_weights = self.logits, self.labels, self.row_weights
        for row, value in entries:
            chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, logits[row]))))
            scaled = row_weights[row] * value
            gradient += scaled * (labels[row] - chance)
            curvature += scaled * value * max(chance * (1 - chance), 1e-3)
        if not curvature:
            return 0.0
        wanted = self.weights[column] + max(-1.0, min(1.0, gradient / curvature))
        if sign and wanted * sign < 0:
            wanted = 0.0
        move = wanted - self.weights[column]
        if move:
            self.weights[column] = wanted
            for row, value in entries:
                logits[row] += move * value
        return abs(move)
