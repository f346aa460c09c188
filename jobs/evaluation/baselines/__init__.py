"""What recommend() is compared with: rankings in numpy, from the events before each question."""
