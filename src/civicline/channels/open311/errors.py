"""What Open311 says when it says no: a status and one sentence per fault, in both formats."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. `code` is the HTTP status that it alone would deserve."""

    code: int
    description: str


class RefusalError(Exception):
    """Raised anywhere below a view; the view answers with the errors document.

    Several faults of one submission travel together, so a developer mends them in one go. The status of the
    answer is that of the first fault.
    """

    def __init__(
        self, faults: Fault | Sequence[Fault], *, retry_after: int | None = None, allow: Sequence[str] = ()
    ) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        if not self.faults:
            raise ValueError("a refusal needs at least one fault")
        self.retry_after = retry_after  # seconds, for 429
        self.allow = tuple(allow)  # methods, for 405
        super().__init__("; ".join(fault.description for fault in self.faults))

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return self.faults[0].code


def refuse(code: int, description: str) -> RefusalError:
    """Return the exception for a single fault: `raise refuse(404, ...)`."""
    return RefusalError(Fault(code, description))
