"""``painwatch train shipped``."""

from __future__ import annotations


def shipped() -> None:
    """List the models whose checkpoint is in this package.

    Wherever a command takes the folder of a checkpoint, and in the keys 'start' and 'teachers' of a
    distillation's file, shipped:NAME stands for one of them:

    painwatch train distil configs/distil/mobilenetv3s.yaml --start shipped:mobilenetv3s-v1
    --data SET --cache CACHE --out STUDENT

    painwatch train explain face.jpg --checkpoint shipped:mobilenetv3s-v1 --out looks
    """
    from rich import box
    from rich.table import Table

    from train.distil.checkpoint import load_student
    from train.protocol.show import console
    from train.shipped.find import SCHEME, checkpoint_folder, shipped_names

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("checkpoint", no_wrap=True)
    for title in ("network", "learnt from"):
        table.add_column(title, overflow="fold")
    table.add_column("weights", justify="right")
    for name in shipped_names():
        student = load_student(checkpoint_folder(SCHEME + name))
        count = sum(parameter.numel() for parameter in student.network.parameters())
        table.add_row(
            SCHEME + name, student.training.backbone, student.training.data, f"{count / 1e6:.2f} M"
        )
    console().print(table)
