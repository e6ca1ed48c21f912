"""The first person who may set up everything."""

import typer
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from civicline.cli.problems import Problem
from civicline.kernel.errors import Refused
from civicline.people import services


def make_administrator(email: str, name: str) -> None:
    """Make the account and grant it the role; the password is asked for twice and never shown."""
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        validate_password(password)
        services.create_staff(email=email, name=name, roles=["administrator"], password=password)
    except ValidationError as error:
        raise Problem(*error.messages) from error
    except Refused as error:
        raise Problem(error.message()) from error
    typer.echo(f"{name} can sign in with {email}.")
