"""The network that calls with browsers are tested in: closed, left again, and refused in words."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from tests.own_network import ADDRESS, NoNetwork, own_network
from tests.servers import ROOT, answers, free_port


def test_inside_there_is_one_address_and_no_way_out_and_afterwards_all_is_as_before() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as outside:
        port = outside.getsockname()[1]
        try:
            with own_network() as address:
                assert address == ADDRESS
                assert not answers(port)
                with socket.create_server((address, 0)) as inside:
                    assert inside.getsockname()[0] == ADDRESS
                with pytest.raises(OSError, match="unreachable"):
                    socket.create_connection(("198.51.100.1", 80), timeout=1)
        except NoNetwork as trouble:
            pytest.skip(str(trouble))
        assert answers(port)


def test_who_may_not_have_one_is_told_what_to_do() -> None:
    program = (
        "import os\n"
        "from tests.own_network import NoNetwork, own_network\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "try:\n"
        "    with own_network(): print('inside')\n"
        "except NoNetwork as trouble: print(trouble)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT, timeout=60
    )
    assert "run the tests as root, or allow CAP_SYS_ADMIN" in done.stdout, done.stderr
