"""`civicline serve`: checks, first start, addresses and sign-ins, then the process itself."""

from typing import NoReturn

import typer
from django.conf import settings
from django.db import connections

from civicline.cli.problems import Problem
from civicline.cli.town import show_sign_ins
from civicline.config import serve as process
from civicline.config.jinja import BUILD


def start(role: str, *, listen_anyway: bool) -> None:
    """Run until told to stop. `listen_anyway`: a part without pages still answers health and metrics."""
    conf = settings.CIVICLINE
    _refuse_what_cannot_work(role)
    with_pages = role in {"all", "web"}
    listener = process.listen(conf.host, conf.port) if with_pages or listen_anyway else None
    new = process.first_start(conf, role)
    if role == "all" and listener is not None:
        _welcome(listener.url, new=new)
    connections.close_all()  # threads make their own
    process.serve(conf, role, listener)


def _refuse_what_cannot_work(role: str) -> None:
    conf = settings.CIVICLINE
    if role not in process.ROLES:
        raise typer.BadParameter(
            f"{role!r} is no role; choose from {', '.join(process.ROLES)}.", param_hint="--role"
        )
    if role != "all" and not conf.redis_url:
        _refuse(
            "Several processes need Redis to wake each other; set CIVICLINE_REDIS_URL, or use --role all."
        )
    if role != "all" and conf.is_sqlite:
        _refuse("Several processes need PostgreSQL; set CIVICLINE_DATABASE_URL, or use --role all.")
    if role in {"all", "web"} and not (BUILD / "manifest.json").exists():
        _refuse(
            "The front end is not built; run `make run`, or `npm ci && npm run build` (needs Node 20 or newer)."
        )


def _refuse(sentence: str) -> NoReturn:
    raise Problem(sentence)


def _welcome(url: str, *, new: bool) -> None:
    if new:
        typer.echo("The database is ready.")
    typer.echo(f"\n{settings.CIVICLINE.town_name}: Civicline runs. Ctrl-C ends it.\n")
    for what, where in process.addresses(url):
        typer.echo(f"  {what:14} {where}")
    show_sign_ins()
    typer.echo("", nl=True)
