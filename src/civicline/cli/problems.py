"""Expected problems: told in one sentence each, with exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager


class Problem(Exception):
    """Something the person at the keyboard can put right. `sentences` say what and how."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@contextmanager
def explained() -> Iterator[None]:
    """Turn the expected errors of configuration, database and system into a `Problem`."""
    from civicline.config.conf import ConfigurationError

    try:
        yield
    except ConfigurationError as error:
        raise Problem(*error.problems) from error
    except Problem:
        raise
    except Exception as error:
        sentence = _known(error)
        if sentence is None:
            raise
        raise Problem(sentence) from error


def _known(error: Exception) -> str | None:
    from django.db import OperationalError

    from civicline.config.serve import CannotServeError

    if isinstance(error, CannotServeError):
        return str(error)
    if isinstance(error, OperationalError):
        reason = (str(error).strip().splitlines() or ["no reason given"])[0]
        return (
            f"The database cannot be used ({reason}). Check CIVICLINE_DATABASE_URL, the disk and the folder."
        )
    if isinstance(error, PermissionError):
        return f"{error.filename} cannot be used ({error.strerror}): give this account the right to, or choose another."
    return None
