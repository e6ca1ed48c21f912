"""`civicline voice`: the telephone looked over, fetched, and given to people."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from civicline.cli.problems import Problem, explained

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="The telephone: look it over, fetch it, give it to people.",
)


@app.command(epilog="civicline voice doctor\n\ncivicline voice doctor --json")
def doctor(as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False) -> None:
    """Look over Asterisk, ports, certificate, ARI, codecs, lines and telephones; say what is wrong and its remedy."""
    from civicline.cli.commands import set_up

    set_up()
    from django.conf import settings

    from civicline.channels.voice import doctor as doctors

    with explained():
        findings = doctors.examine(settings.CIVICLINE)
    wrong = [one for one in findings if not one.good]
    if as_json:
        typer.echo(json.dumps({"good": not wrong, "findings": doctors.as_plain(findings)}, indent=2))
    else:
        for one in findings:
            typer.echo(f"{'ok   ' if one.good else 'WRONG'} {one.check}: {one.found}")
            if one.remedy:
                typer.echo(f"      {one.remedy}")
        typer.echo(f"{len(wrong)} to put right." if wrong else "All is well.")
    if wrong:
        raise typer.Exit(1)


@app.command(epilog="civicline voice fetch")
def fetch() -> None:
    """Find this machine's Asterisk, or unpack one from Debian's packages into the cache folder (once)."""
    from civicline.cli.commands import set_up

    set_up()
    from django.conf import settings

    from civicline.channels.voice.asterisk.installation import NoAsterisk, obtain, present

    conf = settings.CIVICLINE
    try:
        if present(named=conf.voice_asterisk, cache=conf.voice_cache) is None:
            typer.echo("Unpacking Asterisk 22 from Debian's packages (80 MB, about 20 s) ...")
        found = obtain(named=conf.voice_asterisk, cache=conf.voice_cache)
    except NoAsterisk as problem:
        raise Problem(str(problem)) from problem
    typer.echo(f"Asterisk {found.version} is here.")


@app.command(epilog="civicline voice key 2027")
def key(name: Annotated[str, typer.Argument(help="Its name: small letters, digits, hyphens.")]) -> None:
    """Make a key for recordings and print it as the setting takes it; it is kept nowhere."""
    import base64
    import secrets

    from civicline.config.recording_key_kind import BYTES, recording_keys

    made = f"{name}:{base64.b64encode(secrets.token_bytes(BYTES)).decode()}"
    try:
        recording_keys(made)
    except ValueError as wrong:
        raise Problem(f"The setting {wrong}.") from wrong
    typer.echo(f"CIVICLINE_VOICE_RECORDING_KEYS={made}")
    typer.echo(
        "Put it before the keys that are there, start again, then run: civicline voice rekey", err=True
    )


@app.command(epilog="civicline voice rekey")
def rekey() -> None:
    """Store every recording with the first key of voice.recording_keys; afterwards the older ones may go."""
    from civicline.cli.commands import set_up

    set_up()
    from civicline.channels.voice import services

    with explained():
        done = services.rekey_recordings()
    typer.echo(
        f"{done} recordings were stored with the first key." if done else "All were stored with it already."
    )


@app.command(
    epilog="civicline voice phone nadia@example.org 7001 --kind sip --address sip:7001@10.0.0.7:5060\n\n"
    "civicline voice phone nadia@example.org --remove"
)
def phone(
    email: Annotated[str, typer.Argument(help="Whose telephone it is.")],
    extension: Annotated[str, typer.Argument(help="Two to eight digits.")] = "",
    kind: Annotated[str, typer.Option(help="sip (a desk phone) or browser.")] = "sip",
    address: Annotated[str, typer.Option(help="Of a desk phone that does not sign in itself.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take it away.")] = False,
) -> None:
    """Give somebody a telephone, show what it signs in with, or take it away."""
    from civicline.cli.commands import set_up

    set_up()
    from django.conf import settings

    from civicline.channels.voice import services
    from civicline.channels.voice.asterisk import passwords
    from civicline.channels.voice.asterisk.endpoints import endpoint
    from civicline.kernel.actors import SYSTEM, acting_as
    from civicline.kernel.errors import Refused
    from civicline.people import selectors as people

    with explained(), acting_as(SYSTEM):
        user = next((one for one in people.list_staff() if one.email == email.lower()), None)
        if user is None or people.find_agent(user.pk) is None:
            raise Problem(f"{email} is nobody who takes contacts; civicline staff makes accounts.")
        try:
            if remove:
                services.remove_phone(agent_id=user.pk)
                typer.echo(f"{email} has no telephone any more.")
                return
            services.save_phone(agent_id=user.pk, name=extension, kind=kind, address=address)
        except Refused as refused:
            fields = getattr(refused, "fields", {})
            raise Problem(*([str(text) for text in fields.values()] or [refused.message()])) from refused
        typer.echo(f"{email} has the extension {extension}.")
        if kind == "browser":
            typer.echo("It rings in their browser, as long as they have their desk open.")
        elif not address:
            secret = passwords.of(settings.CIVICLINE)
            typer.echo(f"It signs in as {endpoint(extension)} with the password {secret.of_phone(extension)}")
