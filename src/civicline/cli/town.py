"""The demo town: seed it, and say who can sign in."""

from collections.abc import Sequence

import typer

from civicline.cli.problems import Problem
from civicline.config import schema
from civicline.demo import town
from civicline.demo.robots import make_robots, make_teams
from civicline.demo.teams import NoSuchTeam, Team


def seed(*, only_show: bool, robots: int = 0, teams: Sequence[Team] = (), telephones: bool = False) -> None:
    """Seed the demo town unless `only_show`, make robots' accounts and agents' telephones, and print the sign-ins."""
    trouble = schema.problem_with_connection()
    if trouble:
        raise Problem(trouble)
    if not only_show:
        if not schema.layout().is_current:
            schema.bring_up_to_date()
        town.seed()
    if not show_sign_ins():
        typer.echo("The demo town is not in this database; `civicline demo` puts it there.")
        return
    if telephones:
        town.connect_telephones()
        typer.echo(f"  {'telephones':14} every agent's desk is one, in the browser")
    if robots:
        emails = make_robots(robots)
        typer.echo(f"  {'robots':14} {emails[0]} to {emails[-1]}, same password")
    try:
        made = make_teams(teams)
    except NoSuchTeam as wrong:
        raise Problem(str(wrong)) from wrong
    for team in made:
        typer.echo(f"  {'team':14} {team.words}: {team.emails[0]} to {team.emails[-1]}, same password")


def show_sign_ins() -> bool:
    """Print who can sign in; return False when the demo town is not in the database."""
    if not town.is_seeded():
        return False
    typer.echo("\n  Sign-ins of the demo town (known to everybody: never for real work)\n")
    typer.echo(f"  {'resident':14} needs no account: open the first address")
    for one in town.sign_ins():
        typer.echo(f"  {one.role:14} {one.email:34} {one.password}")
    return True
