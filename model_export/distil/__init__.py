"""Smaller students that give nearly a teacher's vectors on a catalogue's own texts."""
