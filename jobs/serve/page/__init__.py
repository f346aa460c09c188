"""The pages for people of `interestream serve`: HTML from templates, in any number of processes."""
