"""What timm knows of its networks by name, and where it publishes their weights."""

from __future__ import annotations

import difflib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Final

import huggingface_hub
import timm
import torch
from huggingface_hub import constants
from timm.models import get_arch_name, get_pretrained_cfg, is_model, list_pretrained

from pain.errors import AssetError
from train.backbones.names import TimmName
from train.backbones.published import TIMEOUT_S, PublishedFile, obtain

_NEAREST: Final = 5
_WEIGHTS_FILE: Final = "model.safetensors"


def check_known(name: TimmName) -> None:
    """Make sure that timm has the network, and the training that stands behind the dot.

    Raises:
        ValueError: it has not; names the nearest.
    """
    asked = name.model
    architecture = get_arch_name(asked)
    if not is_model(asked):
        near = difflib.get_close_matches(architecture, timm.list_models(), n=_NEAREST, cutoff=0.5)
        what = f"the nearest are {', '.join(near)}" if near else "timm.list_models() lists all"
        raise ValueError(f"timm {timm.__version__} knows no network {architecture}; {what}")
    trained = list_pretrained(f"{architecture}.*")
    if architecture != asked and asked not in trained:
        tags = difflib.get_close_matches(asked, trained, n=_NEAREST, cutoff=0.0)
        what = f"the nearest are {', '.join(tags)}" if tags else f"write timm:{architecture}"
        raise ValueError(f"timm {timm.__version__} has no weights {asked}; {what}")


def config_of(name: TimmName) -> Any:
    """Timm's ``PretrainedCfg``: size and scale of pictures, and where the weights are."""
    return get_pretrained_cfg(name.model)


def obtain_timm(name: TimmName, *, timeout_s: float = TIMEOUT_S) -> Path:
    """Find the published weights in the cache, else fetch them.

    Args:
        name: which network.
        timeout_s: longest silence of the publisher before it is given up, s.

    Raises:
        AssetError: there are none, or they cannot be fetched; says what to do.
    """
    config = config_of(name)
    if config.hf_hub_id:
        return _from_hub(name, config.hf_hub_id, config.hf_hub_filename or _WEIGHTS_FILE, timeout_s)
    if config.url:
        # These names end in the first eight digits of the hash.
        digits = Path(config.url).stem.rsplit("-", 1)[-1]
        file = PublishedFile(url=config.url, sha256=digits, licence=config.license or "not said")
        return obtain(file, folder=Path(torch.hub.get_dir()) / "checkpoints", timeout_s=timeout_s)
    raise AssetError(
        f"Nobody published weights of {name} that timm knows. Name a file with `--weights PATH`, "
        "or choose `weights: random` to train from scratch."
    )


def _from_hub(name: TimmName, repository: str, file: str, timeout_s: float) -> Path:
    cached = huggingface_hub.try_to_load_from_cache(repository, file)
    if isinstance(cached, str):
        return Path(cached)
    try:
        # Asked first, because the hub's library tries again for a minute where there is no network.
        _answers(constants.ENDPOINT, timeout_s)
        return Path(huggingface_hub.hf_hub_download(repository, file))
    except Exception as error:  # whatever the HTTP client of the hub's library raises
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise AssetError(
            f"The official weights of {name} are not in {constants.HF_HUB_CACHE} and could not be "
            f"fetched from {constants.ENDPOINT}/{repository} ({reason}). Fetch {file} there on "
            "another machine and name it with `--weights PATH`, or choose `weights: random` to "
            "try the plumbing without them."
        ) from error


def _answers(address: str, timeout_s: float) -> None:
    """Raises OSError where nothing answers; a status of whatever kind is an answer."""
    request = urllib.request.Request(address, method="HEAD", headers={"User-Agent": "painwatch"})  # noqa: S310 - the hub's own address
    try:
        with urllib.request.urlopen(request, timeout=timeout_s):  # noqa: S310
            return
    except urllib.error.HTTPError:
        return
