"""An encoder of your own becomes a bundle: `python examples/export_encoder.py FOLDER REGISTRY`.

FOLDER holds a sentence encoder as sentence-transformers or transformers saves it. The export checks
the graph against the model and publishes nothing that falls short. `python -m model_export` has all
options; the recipe `fp32-fused` exports the model as it is, which is the quickest way.
"""

import subprocess
import sys
from pathlib import Path


def export(folder: Path, registry: Path, name: str) -> Path:
    """Publish the bundle and return its folder; raises CalledProcessError when it fell short."""
    command = [sys.executable, "-m", "model_export", "--source", str(folder)]
    command += ["--registry", str(registry), "--name", name, "--recipe", "fp32-fused"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Path(done.stdout.strip().splitlines()[-1])


if __name__ == "__main__":
    print(export(Path(sys.argv[1]), Path(sys.argv[2]), "my-encoder"))
