"""A language over facts. It knows no guidance, and of milestones only whether they are reached."""
