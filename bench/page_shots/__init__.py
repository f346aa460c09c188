"""Pictures of the pages of `interestream serve`, of a simulated population: docs/page/*.png."""
