"""The simulator: days of contacts through the same routing that the dispatcher uses, many times, with intervals.

results = simulate(scenario, replications=20, seed=1, progress=lambda done, of: None)
results.total["mean_wait"].mean, results.queue("permits")["service_level"].low
compare(results, simulate(other, replications=20, seed=1))["abandonment"]
"""

from civicline.engine.simulation.driving import Drive, Happening, replay
from civicline.engine.simulation.outcomes import Fates, Outcome
from civicline.engine.simulation.results import CONFIDENCE, Estimate, Figures, Results, compare, estimate
from civicline.engine.simulation.running import Progress, replicate, simulate
from civicline.engine.simulation.spreads import (
    SimulationError,
    Spread,
    constant,
    empirical,
    exponential,
    lognormal,
)
from civicline.engine.simulation.survival import kaplan_meier, patience
from civicline.engine.simulation.tally import COUNTED, PERCENTILES, Replication
from civicline.engine.simulation.values import (
    DAY,
    Agent,
    Callback,
    Queue,
    Rates,
    Scenario,
    Shift,
    Surge,
    Trace,
    Traced,
)

__all__ = [
    "CONFIDENCE",
    "COUNTED",
    "DAY",
    "PERCENTILES",
    "Agent",
    "Callback",
    "Drive",
    "Estimate",
    "Fates",
    "Figures",
    "Happening",
    "Outcome",
    "Progress",
    "Queue",
    "Rates",
    "Replication",
    "Results",
    "Scenario",
    "Shift",
    "SimulationError",
    "Spread",
    "Surge",
    "Trace",
    "Traced",
    "compare",
    "constant",
    "empirical",
    "estimate",
    "exponential",
    "kaplan_meier",
    "lognormal",
    "patience",
    "replay",
    "replicate",
    "simulate",
]
