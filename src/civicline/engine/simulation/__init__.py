"""The simulator: days of contacts through the same routing that the dispatcher uses, many times, with intervals.

results = simulate(scenario, replications=20, seed=1, progress=lambda done, of: None)
results.total["mean_wait"].mean, results.queue("permits")["service_level"].low
compare(results, simulate(other, replications=20, seed=1))["abandonment"]
"""

from civicline.engine.simulation.driving import Drive, Happening, replay
from civicline.engine.simulation.outcomes import Fates, Outcome
from civicline.engine.simulation.past_day import (
    Came,
    Measured,
    PastDay,
    Promise,
    line_of,
    measured,
    past_scenario,
    waits_by_interval,
)
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
from civicline.engine.simulation.training import (
    Candidate,
    Terms,
    TrainingPlan,
    TrainingStep,
    candidates_of,
    plan_training,
    taught,
)
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
    "Came",
    "Candidate",
    "Drive",
    "Estimate",
    "Fates",
    "Figures",
    "Happening",
    "Measured",
    "Outcome",
    "PastDay",
    "Progress",
    "Promise",
    "Queue",
    "Rates",
    "Replication",
    "Results",
    "Scenario",
    "Shift",
    "SimulationError",
    "Spread",
    "Surge",
    "Terms",
    "Trace",
    "Traced",
    "TrainingPlan",
    "TrainingStep",
    "candidates_of",
    "compare",
    "constant",
    "empirical",
    "estimate",
    "exponential",
    "kaplan_meier",
    "line_of",
    "lognormal",
    "measured",
    "past_scenario",
    "patience",
    "plan_training",
    "replay",
    "replicate",
    "simulate",
    "taught",
    "waits_by_interval",
]
