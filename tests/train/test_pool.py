import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

PARENT = """
import multiprocessing, os
from concurrent.futures import ProcessPoolExecutor
from train.pool import join_pool

def whoami():
    return os.getpid()

if __name__ == "__main__":
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=join_pool) as pool:
        print(pool.submit(whoami).result(), flush=True)
        input()
        print(pool.submit(whoami).result(), flush=True)
"""


@pytest.fixture
def parent(tmp_path: Path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    process = subprocess.Popen(
        [sys.executable, script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    with process:
        yield process


def test_a_pool_s_process_ends_when_its_parent_is_killed(parent: subprocess.Popen[str]) -> None:
    assert parent.stdout is not None
    member = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    _, alive = psutil.wait_procs([member], timeout=60)
    assert not alive


def test_ctrl_c_does_not_reach_a_pool_s_process(parent: subprocess.Popen[str]) -> None:
    assert parent.stdout is not None
    assert parent.stdin is not None
    member = int(parent.stdout.readline())
    os.kill(member, signal.SIGINT)
    parent.stdin.write("\n")
    parent.stdin.flush()
    assert int(parent.stdout.readline()) == member
