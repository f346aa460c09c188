"""`python -m bench.soak`."""

import typer

from bench.soak.run import main

if __name__ == "__main__":
    typer.run(main)
