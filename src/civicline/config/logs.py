"""One shape for every log line: structlog's events and the libraries' own messages, as text or as JSON lines."""

import logging
import sys
from typing import Any

import structlog

from civicline.config.options import Configuration
from civicline.kernel.log import STEPS, redacting

_STAMP = structlog.processors.TimeStamper(fmt="iso", utc=True)
OFF_A_TERMINAL: dict[str, Any] = {"civicline.kernel.relay": {"level": "WARNING"}}
"""Each step of each contact is a line for those who search; somebody who has just started it reads addresses there."""


class Lines(structlog.stdlib.ProcessorFormatter):
    """A line for each record, and for each step of a record that has several (`kernel.log.STEPS`)."""

    def format(self, record: logging.LogRecord) -> str:
        """The text of a record, without its end of line."""
        steps = getattr(record, STEPS, None)
        if steps is None:
            return super().format(record)
        level = record.levelname.lower()
        common = _STAMP(None, level, {"logger": record.name, "level": level})
        return "\n".join(str(self.processors[-1](None, level, {**step, **common})) for step in steps)


def logging_settings(conf: Configuration) -> dict[str, Any]:
    """Return Django's `LOGGING`, and set structlog up to write through it."""
    as_json = conf.log_format == "json" or (conf.log_format == "auto" and not sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        _STAMP,
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    ending: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        redacting,
        structlog.processors.JSONRenderer(default=str)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
    ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": Lines,
                "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder()],
                "processors": ending,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": conf.log_level.upper()},
        "loggers": {
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            "django.security.DisallowedHost": {"level": "CRITICAL"},  # scanners; counted, not logged
            "axes": {"level": "WARNING"},
            "uvicorn.error": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            **({} if as_json or conf.log_level == "debug" else OFF_A_TERMINAL),
        },
    }
