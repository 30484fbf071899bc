"""Measurements of a running desk, started for the purpose and thrown away afterwards."""
