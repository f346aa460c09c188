"""Recipes of students: smaller models that nearly give a teacher's vectors on a catalogue."""
