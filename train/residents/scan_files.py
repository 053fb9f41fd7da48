"""SHA-256 of every file of ICT Face Model Light that is used; another hash is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BASE: Final = "generic_neutral_mesh.obj"

FACE_VERTICES: Final = 9409
"""The skin of face and mouth comes first; head, teeth and eyes follow."""

SCAN_FILES: Final[Mapping[str, str]] = {
    "generic_neutral_mesh.obj": (
        "eedbc2576d8e5ea57f55255b8f98263213a1efb5431d8bfceed1d7aef10271f9"
    ),
    "browDown_L.obj": ("d1dcd14fc085a9e258dec62a4bfe4a31d592cce5d8918a3892c20f480653f4c1"),
    "browDown_R.obj": ("66a2c72ab64999af168795f27182d011f52b90958c402d719d3ec8ff7d1c8939"),
    "browInnerUp_L.obj": ("81fb1625794ea36fb13303234ce06cef798acfdbc489077e22ae195a705bc92e"),
    "browInnerUp_R.obj": ("5e66b46cdad89fd1237273db2b885511688cf37636cedfdde432a4844c9109e7"),
    "browOuterUp_L.obj": ("022d5342687e51351f4cad6dd1abd42c3bb1b752d0b235bdc7fc588ab0d79c90"),
    "browOuterUp_R.obj": ("1e4722060538b274ed49ed872525d770b5bfd9262b7bce1b6310f49356f5b531"),
    "cheekRaiser_L.obj": ("56596066c17425a0446f9ba5566cb574de306792dac8fb8bbe3d6420197e76c5"),
    "cheekRaiser_R.obj": ("475ba0a741e74e8343b3b912b90ee6d0fc657196a5b7aeb1c0b6620ddf3781be"),
    "cheekSquint_L.obj": ("572fe87f2e0cdd0a7ff868b9173d0ff08ee2bc73bf94c17b603f6e5d5b8fbe26"),
    "cheekSquint_R.obj": ("a9afa0aac432159e89eb54dbbb3139864b8cc1c4208c3c0e9c420d0d8050b99a"),
    "eyeSquint_L.obj": ("ecb8244f083cf55fa9f0277427b8213315176a624d9ac3a09b533c7fbc68917e"),
    "eyeSquint_R.obj": ("0dffbbc651b9cdbc346ead32ba102051200c72ed8a93e7b33f07149e18390b8a"),
    "noseSneer_L.obj": ("47c5d66ddc1ba146480f0e43b1084f439e0e7d2af31bcec3e6a3bffc420ffa4d"),
    "noseSneer_R.obj": ("c384c41331124b9cd4b99c1bbe8aef56318cae2b8db6ff0f573a7347ebbe8caa"),
    "mouthUpperUp_L.obj": ("d49483aca6cbbb7a559edf4865aec62970560ddf3a0d34e5b208488bff59f722"),
    "mouthUpperUp_R.obj": ("299e3da0f36ca80c0c74e51900b67bfe6bb5b0101aaf46ce30075064c26a7f02"),
    "mouthSmile_L.obj": ("91794e73cef330f1c7d1f4541723544708536b39d5dd6ed35fd8f83f676b7af4"),
    "mouthSmile_R.obj": ("3fb3de3da9f8358edbb933a65ce6e44c25a2501f30dcb240daea725b68adac84"),
    "mouthStretch_L.obj": ("9187105730bad43023c63e2a91c979091b9289dd8fc1b587885412b8f7a3d2b7"),
    "mouthStretch_R.obj": ("d985452085a19d6b3da397ca2cd2f938d8e08761d2e684e87640f3639bdf5f6d"),
    "mouthLowerDown_L.obj": ("8847660d51e2a72f2bce6ce9add7d58abab1cef967420db83056891291c0b2de"),
    "mouthLowerDown_R.obj": ("b5143ed50d41c91d80ddc8b565f6274eaf514509ec6f895797db34ca92a85b68"),
    "mouthFrown_L.obj": ("1bfd720ad024e5805ac8472df170c2c96c09e817e02b66f916057d6e2d31ee9b"),
    "mouthFrown_R.obj": ("ae3da92fa1dc70010c6bec810338d740287c71b8730694c97876cab5af241f74"),
    "mouthDimple_L.obj": ("189f6e01adbf1e13147fe4d505d1f3006e5ce4590ae150064b810274093d29b0"),
    "mouthDimple_R.obj": ("4cf674b98d6d34a16fab462fbd9ecb2cb5e39ccaf3f50459b9ac7d59fbd6a215"),
    "mouthPress_L.obj": ("de2bdaf2fa7199294ff7a281cd8f6647bf5ca9a6f84588bd7f7779fff4c61396"),
    "mouthPress_R.obj": ("ca8d9973b3231e51b8b76d3e7af7f7f3432959b7c37148fc25e7c643252847b6"),
}
"""Name in the folder ``FaceXModel`` to SHA-256."""
