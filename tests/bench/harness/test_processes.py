import subprocess
import sys
import time

from bench.harness.processes import OWN, ProcessWatch

BUSY = """
import sys, time
print("ready", flush=True)
sys.stdin.readline()
end = time.process_time() + 0.5
while time.process_time() < end: pass
"""


def test_processor_time_of_a_child_is_counted_and_kept_after_its_end() -> None:
    watch = ProcessWatch()
    command = [sys.executable, "-c", BUSY, "bench.peers"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        before = watch.usage().cpu_s["peer"]
        child.stdin.write(b"\n")
        child.stdin.flush()
        after = before
        deadline = time.monotonic() + 60
        while after - before < 0.4 and time.monotonic() < deadline:
            after = watch.usage().cpu_s["peer"]
            time.sleep(0.02)
        child.stdin.close()
    spent = watch.usage().cpu_s["peer"] - before
    assert 0.4 <= spent < 0.7
    assert "peer" not in watch.usage().memory_mb


def test_the_benchmark_itself_is_a_kind_of_its_own() -> None:
    used = ProcessWatch().usage()
    assert used.cpu_s[OWN] > 0
    assert used.memory_mb[OWN] > 10
