"""``painwatch train``: the training room's commands."""

from __future__ import annotations

import typer

from train.data.command import data_app
from train.distil.command import distil
from train.explain.command import explain
from train.protocol.command import crossval, features, fit
from train.report.command import report
from train.residents.cli import app as residents_app
from train.ship.command import ship
from train.shipped.command import shipped
from train.track.command import track
from train.tune.command import tune

app = typer.Typer(help="Make training data and train pain models.", no_args_is_help=True)
app.add_typer(residents_app, name="residents")
app.add_typer(data_app, name="data")
app.command("track")(track)
app.command("features")(features)
app.command("fit")(fit)
app.command("crossval")(crossval)
app.command("distil")(distil)
app.command("tune")(tune)
app.command("report")(report)
app.command("explain")(explain)
app.command("ship")(ship)
app.command("shipped")(shipped)
