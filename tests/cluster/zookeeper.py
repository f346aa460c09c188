"""A ZooKeeper of one node, which Flink's own distribution has, and what Flink needs to use it."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from jobs.runtime import processes
from jobs.runtime.environment import flink_home, job_environment

SERVER = "org.apache.flink.shaded.zookeeper3.org.apache.zookeeper.server.ZooKeeperServerMain"
TICK_MS = 500
"""ZooKeeper grants sessions of 2 to 20 ticks."""
SESSION_S = 4
"""How long a JobManager that says nothing stays the leader."""


class ZooKeeper:
    """A server in a folder of its own, which can be killed and started again at its port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = processes.free_port()
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir()
        settings = {
            "tickTime": TICK_MS,
            "dataDir": folder / "data",
            "clientPort": self._port,
            "clientPortAddress": "127.0.0.1",
            "admin.enableServer": "false",
        }
        text = "".join(f"{key}={value}\n" for key, value in settings.items())
        (folder / "zoo.cfg").write_text(text)

    def start(self) -> None:
        """Start it, and wait until it listens."""
        libraries = [
            str(jar)
            for pattern in ("flink-dist-*.jar", "log4j-*.jar")
            for jar in sorted((flink_home() / "lib").glob(pattern))
        ]
        environment = job_environment(self._folder / "log")
        java = str(Path(environment["JAVA_HOME"]) / "bin" / "java")
        command = [java, "-Xmx128m", "-XX:+UseSerialGC", "-cp", os.pathsep.join(libraries), SERVER]
        command.append(str(self._folder / "zoo.cfg"))
        self._process = processes.start(command, environment, self._folder / "out")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError((self._folder / "out").read_text()[-2000:])

    def kill(self) -> None:
        """Kill it, as a machine that goes down would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)
            self._process = None

    def options(self, storage: Path) -> dict[str, str]:
        """Flink's options of high availability, the same for each of its processes."""
        return {
            "high-availability.type": "zookeeper",
            "high-availability.zookeeper.quorum": f"127.0.0.1:{self._port}",
            "high-availability.zookeeper.client.session-timeout": f"{SESSION_S} s",
            "high-availability.zookeeper.client.connection-timeout": f"{SESSION_S} s",
            "high-availability.storageDir": storage.as_uri(),
        }
