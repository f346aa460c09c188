"""`python -m bench.verify DATA`."""

import typer

from bench.verify.run import main

if __name__ == "__main__":
    typer.run(main)
