"""`python -m bench.chaos`."""

import typer

from bench.chaos.run import main

if __name__ == "__main__":
    typer.run(main)
