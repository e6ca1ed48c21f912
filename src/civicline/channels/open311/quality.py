"""What this channel does of all that residents may expect of a way in, and what it is exempt from."""

from civicline.intake.ports import QualityNotes

NOTES = QualityNotes(
    done=(
        "A report is acknowledged with an id or a token only after it is stored for good.",
        "A repeated report (Idempotency-Key, or the same body from the same device within ten minutes) is taken once.",
        "Every fault of a report is named in one answer, in XML and in JSON, in the languages of the portal.",
        "Services and questions are offered in the language the app asks for.",
        "Photos are checked, drawn anew and freed of hidden data before anybody sees them.",
        "What is published of a report names and reaches nobody.",
        "The state of a report is read at any time, with the last public word on it.",
    ),
    exempt=(
        (
            "A reply to the resident",
            "GeoReport v2 has no way to write to a resident; public updates are read instead.",
        ),
        (
            "Position in the line and wait",
            "The standard has no place for them; expected_datetime carries the promise.",
        ),
        ("Typing and read states", "There is no conversation in this standard."),
        ("Emergencies", "Apps of this kind must not take emergencies; the service descriptions say so."),
    ),
)
