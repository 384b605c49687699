"""The one way to write a playbook down: what it says stays the same, every comment stays with it.

tree     a playbook as it is written: values and comments, no blanks and no quotes
taking   a text to its tree
shaping  the order of keys, one spelling of rules and durations, what is always a block
scalars  one value, in the simplest way that reads the same
writing  a tree to its text
form     all of it, and the proof that nothing was lost
"""
