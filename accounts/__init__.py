"""Who works here: people, teams, skills, permissions, sessions, the audit log."""
