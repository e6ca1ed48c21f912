"""Public holidays of a country and its parts, as the dates and names that a calendar wants."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import holidays

FIRST_YEAR = 1970
LAST_YEAR = 2100


class HolidaysUnknown(ValueError):
    """A place or years we cannot give holidays for.

    code: unknown_country {country}, unknown_subdivision {country, subdivision, known},
    bad_years {first, last}.
    """

    def __init__(self, code: str, sentence: str, **params: object) -> None:
        super().__init__(sentence)
        self.code = code
        self.params = params


@lru_cache(maxsize=1)
def supported() -> Mapping[str, tuple[str, ...]]:
    """Country code -> codes of its subdivisions, as the `holidays` package knows them."""
    known = holidays.list_supported_countries(include_aliases=False)
    return MappingProxyType({country: tuple(parts) for country, parts in sorted(known.items())})


def public_holidays(
    country: str, first_year: int, last_year: int, *, subdivision: str = "", language: str = ""
) -> Mapping[date, str]:
    """The public holidays of the years first_year..last_year, both included: date -> name.

    country      ISO 3166-1 alpha-2 code, any case ("GB").
    subdivision  a code of `supported()` ("ENG", "BY"), "" for those of the whole country.
    language     of the names, "en" or "en_US", where the package has it; else, and for "", the country's own.
    Days moved to a weekday come with the name that says so. Raises HolidaysUnknown.
    """
    return _fetch(country.strip().upper(), subdivision.strip(), first_year, last_year, language.strip())


@lru_cache(maxsize=256)
def _fetch(country: str, subdivision: str, first: int, last: int, language: str) -> Mapping[date, str]:
    if not FIRST_YEAR <= first <= last <= LAST_YEAR:
        raise HolidaysUnknown(
            "bad_years",
            f"Holidays are known from {FIRST_YEAR} to {LAST_YEAR}; {first} to {last} is not within that.",
            first=first,
            last=last,
        )
    known = supported()
    if country not in known:
        raise HolidaysUnknown("unknown_country", f"No holidays are known for {country!r}.", country=country)
    part = {code.upper(): code for code in known[country]}.get(subdivision.upper(), "")
    if subdivision and not part:
        raise HolidaysUnknown(
            "unknown_subdivision",
            f"{country} has no part {subdivision!r}; known are {', '.join(known[country]) or 'none'}.",
            country=country,
            subdivision=subdivision,
            known=known[country],
        )
    place = holidays.country_holidays(country, subdiv=part or None)
    spoken = _language(language, place.default_language, place.supported_languages)
    found = holidays.country_holidays(
        country, subdiv=part or None, years=range(first, last + 1), language=spoken
    )
    return MappingProxyType(dict(sorted((day, name) for day, name in found.items())))


def _language(wanted: str, own: str | None, known: tuple[str, ...]) -> str | None:
    """The package's code for the wanted language ("en" finds "en_US"), else the country's own.

    It is always named: left open, the package takes the server's LANG, and a German town would get
    its holidays in the language of whoever installed the machine.
    """
    asked = wanted.replace("-", "_").lower()
    exact = [code for code in known if code.lower() == asked]
    same = [code for code in known if asked and code.lower().split("_")[0] == asked.split("_")[0]]
    return next(iter((*exact, *same)), own)
