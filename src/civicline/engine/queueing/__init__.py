"""Queueing mathematics: what a line does with so many people, and how many people a promise takes."""

from civicline.engine.queueing.erlang_a import erlang_a
from civicline.engine.queueing.erlang_b import erlang_b
from civicline.engine.queueing.erlang_c import erlang_c, erlang_c_performance
from civicline.engine.queueing.positions import positions_a, positions_c, scheduled
from civicline.engine.queueing.square_root import delay_probability, square_root_positions, staffing_factor
from civicline.engine.queueing.values import Performance, QueueingError, Target
from civicline.engine.queueing.varying import modified_offered_load

__all__ = [
    "Performance",
    "QueueingError",
    "Target",
    "delay_probability",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "erlang_c_performance",
    "modified_offered_load",
    "positions_a",
    "positions_c",
    "scheduled",
    "square_root_positions",
    "staffing_factor",
]
