"""A mixed-integer programme, built row by row and solved by HiGHS within a time limit.

HiGHS is loaded where it is first asked, and not by every process that could: it takes a quarter of a second.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import highspy

Floats = NDArray[np.float64]
INF = math.inf
"""No limit, to HiGHS too."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it. `values` None: nothing was found; then `infeasible` tells whether that is proved."""

    values: Floats | None
    cost: float
    bound: float
    infeasible: bool


@dataclass(slots=True)
class Programme:
    """Minimise cost over variables with bounds, under rows of linear sums with bounds."""

    costs: list[float] = field(default_factory=list)
    lows: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    row_lows: list[float] = field(default_factory=list)
    row_highs: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    places: list[int] = field(default_factory=list)
    factors: list[float] = field(default_factory=list)

    def variable(self, cost: float = 0.0, low: float = 0.0, high: float = INF, *, whole: bool = False) -> int:
        """A new variable; returns its number."""
        self.costs.append(cost)
        self.lows.append(low)
        self.highs.append(high)
        self.whole.append(whole)
        return len(self.costs) - 1

    def choice(self, cost: float = 0.0) -> int:
        """A new variable that is 0 or 1."""
        return self.variable(cost, 0.0, 1.0, whole=True)

    def row(
        self,
        terms: Mapping[int, float] | Sequence[int],
        *,
        low: float = -INF,
        high: float = INF,
    ) -> int:
        """low <= sum of factor * variable <= high; plain numbers of variables count 1 each. Returns its number."""
        if isinstance(terms, Mapping):
            self.places.extend(terms.keys())
            self.factors.extend(terms.values())
        else:
            self.places.extend(terms)
            self.factors.extend([1.0] * len(terms))
        self.starts.append(len(self.places))
        self.row_lows.append(low)
        self.row_highs.append(high)
        return len(self.row_lows) - 1

    def solve(
        self,
        seconds: float,
        *,
        start: Floats | None = None,
        fixed: Mapping[int, float] | None = None,
        relaxed: bool = False,
        gap: float = 1e-6,
        seed: int = 0,
    ) -> Answer:
        """The best answer within `seconds` (wall clock), from `start` if given, with some variables `fixed`."""
        if seconds <= 0:
            return Answer(start, self.cost_of(start) if start is not None else INF, -INF, False)
        solver = quiet_solver(seconds, seed)
        solver.setOptionValue("mip_rel_gap", gap)
        solver.passModel(self._model(fixed or {}, relaxed=relaxed))
        if start is not None:
            import highspy

            given = highspy.HighsSolution()
            given.col_value = start.tolist()
            given.value_valid = True
            solver.setSolution(given)
        began = time.monotonic()
        solver.run()
        return self._answer(solver, start, time.monotonic() - began)

    def cost_of(self, values: Floats) -> float:
        """What these values cost."""
        return float(np.dot(self.costs, values))

    def _answer(self, solver: highspy.Highs, start: Floats | None, took: float) -> Answer:
        import highspy

        status = solver.getModelStatus()
        info = solver.getInfo()
        gone = status in (
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        )
        is_mip = any(self.whole)
        bound = float(info.mip_dual_bound) if is_mip else float(info.objective_function_value)
        if int(info.primal_solution_status) != highspy.kSolutionStatusFeasible:
            return Answer(start, self.cost_of(start) if start is not None else INF, bound, gone)
        values = np.array(solver.getSolution().col_value)
        return Answer(values, float(info.objective_function_value), bound, False)

    def _model(self, fixed: Mapping[int, float], *, relaxed: bool) -> highspy.HighsLp:
        import highspy

        lp = highspy.HighsLp()
        lows, highs = np.array(self.lows), np.array(self.highs)
        for at, value in fixed.items():
            lows[at] = highs[at] = value
        lp.num_col_, lp.num_row_ = len(self.costs), len(self.row_lows)
        lp.col_cost_ = np.array(self.costs)
        lp.col_lower_, lp.col_upper_ = lows, highs
        lp.row_lower_, lp.row_upper_ = np.array(self.row_lows), np.array(self.row_highs)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(self.starts, dtype=np.int32)
        lp.a_matrix_.index_ = np.array(self.places, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(self.factors, dtype=float)
        if not relaxed and any(self.whole):
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            lp.integrality_ = [kinds[whole] for whole in self.whole]
        return lp


def quiet_solver(seconds: float, seed: int = 0) -> highspy.Highs:
    """HiGHS on one thread, silent, with a limit of wall clock."""
    import highspy

    solver: highspy.Highs = highspy.Highs()  # type: ignore[no-untyped-call] # its stub has no return type
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", seed)
    solver.setOptionValue("time_limit", seconds)
    return solver
