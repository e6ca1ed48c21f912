"""What residents said afterwards."""

from django.db import models


class Feedback(models.Model):
    """One answer to the questions after closure: GOV.UK satisfaction (1-5), CES 2.0 (1-7), free text."""

    contact = models.ForeignKey(
        "intake.Contact", null=True, on_delete=models.CASCADE, related_name="feedback"
    )
    case = models.ForeignKey("cases.Case", null=True, on_delete=models.CASCADE, related_name="feedback")
    satisfaction = models.PositiveSmallIntegerField(null=True)  # 1 very dissatisfied .. 5 very satisfied
    ease = models.PositiveSmallIntegerField(
        null=True
    )  # 1 strongly disagree .. 7 strongly agree: "made it easy"
    text = models.TextField(blank=True)
    language = models.CharField(max_length=12, blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact"], name="feedback_contact_once"),
            models.UniqueConstraint(fields=["case"], name="feedback_case_once"),
        ]

    def __str__(self) -> str:
        return f"feedback {self.pk}"
