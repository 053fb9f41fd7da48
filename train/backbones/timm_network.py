"""Any picture network of timm, with the picture size and scale of its own data config."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import timm
import torch
from timm.data.config import resolve_data_config
from timm.models import group_parameters
from torch import Tensor, nn

from pain.errors import AssetError
from train.backbones.base import PictureBackbone
from train.backbones.names import TimmName
from train.backbones.timm_models import config_of
from train.preprocess import PixelScale, Preprocess

_COLOURS: Final = 3
_SHOWN: Final = 300
"""Characters of timm's own complaint about a file that are repeated."""


class TimmNetwork(PictureBackbone):
    """What the network hands to its classifier: pooled features, whose number is its own.

    The centre square of the face's crop, which all backbones see, is brought to the network's size
    with the filter of its data config, and to its mean and standard deviation. The share of a
    photograph that the data config cuts out (``crop_pct``) is about photographs and not followed.

    Args:
        name: which one.
        input_px: another side, for networks that take any; that of the data config when None.

    Attributes:
        model: which one.

    Raises:
        AssetError: it takes something else than square colour pictures.
    """

    def __init__(self, name: TimmName, *, input_px: int | None = None) -> None:
        body: Any = timm.create_model(name.model, pretrained=False)
        body.reset_classifier(0)
        config: dict[str, Any] = resolve_data_config(  # type: ignore[no-untyped-call]
            pretrained_cfg=body.pretrained_cfg
        )
        colours, height, width = config["input_size"]
        if colours != _COLOURS or height != width:
            raise AssetError(
                f"{name} takes pictures of {colours} x {height} x {width}; a face is a square in "
                "three colours, choose another network"
            )
        size_px = input_px or height
        super().__init__(name=name, width=_width(body, size_px))
        self.preprocess = Preprocess(
            PixelScale(mean=tuple(config["mean"]), std=tuple(config["std"])),
            size_px=size_px,
            cubic=config["interpolation"] == "bicubic",
        )
        self.model = name
        self.body = body

    @property
    def last_block(self) -> tuple[nn.Module, ...]:
        """The last layers that mix features, as timm groups them, and the norms after them.

        Raises:
            AssetError: timm does not group the layers of this network.
        """
        try:
            # Coarse: stages where there are any, as for the other backbones.
            groups = group_parameters(
                self.body, self.body.group_matcher(coarse=True), return_values=False, reverse=True
            )
        except (AttributeError, AssertionError, RuntimeError) as error:
            raise AssetError(
                f"timm does not say which layers of {self.name} come last; choose train: all or "
                "train: frozen"
            ) from error
        # The last group may be nothing but a norm: back to the first that mixes features.
        mixing = max(
            group
            for parameter, group in groups.items()
            if self.body.get_parameter(parameter).ndim > 1
        )
        owners = dict.fromkeys(
            parameter.rpartition(".")[0] for parameter, group in groups.items() if group >= mixing
        )
        return tuple(self.body.get_submodule(owner) for owner in owners)

    def features(self, prepared: Tensor, *_: Tensor) -> Tensor:
        """Features (N, width) of prepared pictures (N, 3, s, s)."""
        out: Tensor = self.body(prepared)
        return out

    def load(self, state: Mapping[str, Tensor], *, path: Path) -> None:
        """Copy weights in any layout that timm converts for this network, classifier or not.

        Args:
            state: tensors by key.
            path: where they come from, for the message.

        Raises:
            AssetError: they do not fit.
        """
        config = config_of(self.model)
        classes = _classes(state, config)
        source = {
            "state_dict": dict(state),
            "num_classes": classes,
            "custom_load": False,
            "source": None,
        }
        try:
            # As many classes as the file has, so that timm asks for every key.
            whole: Any = timm.create_model(
                self.model.model,
                pretrained=True,
                num_classes=classes,
                pretrained_cfg_overlay=source,
            )
        except (RuntimeError, ValueError, KeyError, IndexError, AttributeError) as error:
            said = " ".join(str(error).split())
            raise AssetError(
                f"weights {path} do not fit {self.name}: {said[:_SHOWN]}. They belong to another "
                "network, or are not in the layout that its authors publish."
            ) from error
        whole.reset_classifier(0)
        self.body.load_state_dict(whole.state_dict())


def _width(body: nn.Module, size_px: int) -> int:
    """Number of features: seen, because networks say it under different names."""
    device = next(body.parameters()).device
    with torch.no_grad():
        out: Tensor = body.eval()(torch.zeros(1, _COLOURS, size_px, size_px, device=device))
    body.train()
    if out.ndim != 2:  # noqa: PLR2004  (faces, features)
        raise AssetError(f"the network gives {tuple(out.shape)} of one picture, not features")
    return out.shape[1]


def _classes(state: Mapping[str, Tensor], config: Any) -> int:
    """How many things the classifier in a file tells apart; 0 without one."""
    names = config.classifier or ()
    first = names if isinstance(names, str) else next(iter(names), "")
    weight = state.get(f"{first}.weight")
    return 0 if weight is None else weight.shape[0] - (config.label_offset or 0)
