"""`syncfork` as a process of its own that is forked off a server: what a merge always loads is loaded there already.

Hundreds of these are run, and most of the time of one went into loading. What is loaded late is loaded in each as ever,
and test_command_line.py starts each verb anew. So does what hangs on how an interpreter starts (its environment, how
its streams are encoded).
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import NoReturn

_LOADED = (
    *("git", "msgspec.json", "rich.console", "rich.progress", "rich.table", "typer", "unidiff", "yaml"),
    *("syncfork.cli.merging", "syncfork.cli.verbs", "syncfork.commands.memory", "syncfork.commands.merge"),
    *(
        "syncfork.render.outputs",
        "syncfork.render.terminal",
        "syncfork.resolve.memory",
        "syncfork.resolve.written",
    ),
)
_OWN = "--serve"


def run(arguments: Sequence[str], env: Mapping[str, str]) -> tuple[int, bytes, bytes]:
    """The exit code, standard output and standard error of `python -m syncfork ARGUMENTS`; standard input is empty."""
    with TemporaryFile() as asked, TemporaryFile() as out, TemporaryFile() as err:
        asked.write(json.dumps([list(arguments), dict(env), str(Path.cwd())]).encode())
        asked.flush()
        server = _server()
        socket.send_fds(server, [b"?"], [asked.fileno(), out.fileno(), err.fileno()])
        code = server.recv(16)
        assert code, "the server that forks syncfork has died"
        for file in (out, err):
            file.seek(0)
        return int(code), out.read(), err.read()


@cache
def _server() -> socket.socket:
    """The connection to this process's server, which ends with it."""
    here, there = socket.socketpair()
    command = [sys.executable, __file__, _OWN, str(there.fileno())]
    subprocess.Popen(command, pass_fds=[there.fileno()], stdin=subprocess.DEVNULL)
    there.close()
    return here


def _serve(asking: socket.socket) -> None:
    for name in _LOADED:
        importlib.import_module(name)
    from syncfork.detect.registry import DETECTORS, detector

    for name in DETECTORS:
        detector(name)
    gc.freeze()  # what is loaded is never walked, and so never copied, in a child
    while True:
        message, files, *_ = socket.recv_fds(asking, 1, 3)
        if not message:
            return
        if not (child := os.fork()):
            asking.close()
            _become_syncfork(*files)
        for file in files:
            os.close(file)
        _, status = os.waitpid(child, 0)
        asking.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become_syncfork(asked: int, out: int, err: int) -> NoReturn:
    with os.fdopen(asked) as file:
        file.seek(0)
        arguments, env, folder = json.load(file)
    for made, number in ((out, 1), (err, 2)):
        os.dup2(made, number)
        os.close(made)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    sys.argv = ["syncfork", *arguments]
    from syncfork.__main__ import entry

    entry()
    raise AssertionError("syncfork's entry ends the process")


if __name__ == "__main__" and sys.argv[1:2] == [_OWN]:
    _serve(socket.socket(fileno=int(sys.argv[2])))
