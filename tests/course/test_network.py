"""Both ways of cutting the network refuse an address outside at once, and leave the loopback address alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from course import network

TRY = """
import asyncio, socket, sys, time
def refused(action):
    began = time.monotonic()
    try:
        action()
    except OSError as error:
        assert not isinstance(error, TimeoutError), error
        assert time.monotonic() - began < 1, "refused, but not at once"
        return True
    return False
outside = ("192.0.2.1", 80)
server = socket.create_server(("127.0.0.1", 0))
with socket.create_connection(server.getsockname(), 5) as client:
    client.sendall(b"hello")
    print("loopback", server.accept()[0].recv(5).decode())
print("tcp", refused(lambda: socket.create_connection(outside, 5)))
print("udp", refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", outside)))
print("asyncio", refused(lambda: asyncio.run(asyncio.wait_for(asyncio.open_connection(*outside), 5))))
print("name", refused(lambda: socket.getaddrinfo("example.org", 80)))
"""
EXPECTED = ["loopback hello", "tcp True", "udp True", "asyncio True", "name True"]


def run(command, environment):
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


def test_a_namespace_cuts_the_network():
    command = network.namespace_command()
    if command is None:
        pytest.skip("this system forbids network namespaces")
    assert run([*command, sys.executable, "-c", TRY], dict(os.environ)) == EXPECTED


def test_refused_sockets_cut_the_network_of_python_and_its_children():
    child = f"import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-c', {TRY!r}]).returncode)"
    program = f"from course.network import refuse_sockets as cut; cut(); exec({TRY!r}); sys.stdout.flush()"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert run([sys.executable, "-c", f"import sys; {program}; exec({child!r})"], environment) == EXPECTED * 2


def test_the_hook_does_nothing_unasked_and_runs_the_next_sitecustomize(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("print('the next one')\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(network.REFUSE_SOCKETS), str(tmp_path)])}
    environment.pop("COURSE_REFUSE_SOCKETS", None)
    probe = (
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9)); print('connected')"
    )
    command = [sys.executable, "-c", f"try:\n    {probe}\nexcept OSError as e:\n    print(e)"]
    assert run(command, environment)[0] == "the next one"
    assert "was refused" not in run(command, environment)[1]
    assert "was refused" in run(command, {**environment, "COURSE_REFUSE_SOCKETS": "1"})[1]


def test_a_network_that_is_not_cut_is_noticed(monkeypatch):
    monkeypatch.setenv(network.INSIDE_NAMESPACE, "1")  # a lie
    monkeypatch.setattr(network, "outside_is_refused", lambda: False)
    with pytest.raises(RuntimeError, match="could not be cut"):
        network.cut([])


def test_a_timeout_is_not_a_refusal(monkeypatch):
    class Silent:
        def __init__(self, *_): ...
        def __enter__(self):
            return self

        def __exit__(self, *_): ...
        def settimeout(self, seconds):
            self.seconds = seconds

        def connect(self, _):
            raise TimeoutError

    monkeypatch.setattr("socket.socket", Silent)
    began = time.monotonic()
    assert not network.outside_is_refused()
    assert time.monotonic() - began < 1
