"""Business time: the one clock for routing, SLA and automations."""
