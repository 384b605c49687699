"""What product managers declare: one YAML file, or the same classes built in Python.

The one rule of the room: what is declared is checked once, whole, with the place of every mistake,
and never changes afterwards.

    part, name, duration, text, frozen   what the parts are made of
    attribute, milestone, guidance, limits   the parts
    declared      all parts together, each right by itself
    crosscheck    all parts right with each other
    reading       YAML to values, each with its place
    loading       values to parts, with every mistake
    playbook      the face of the room
"""
