"""Measurements of speed and memory, printed as ratios against goals: python -m bench."""
