"""Escalation, context packet, queue, claims and presence."""
