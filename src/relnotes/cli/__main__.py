"""`python -m relnotes.cli` is `relnotes`."""

from relnotes.cli import main

if __name__ == "__main__":
    main()
