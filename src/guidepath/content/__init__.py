"""What people read: texts with values in them, in their language, as harmless HTML.

The one rule of the room: whatever comes in as a value is shown as it was typed, and never does
anything. A body goes through `template.render(escape=markdown.escape)` and `markdown.render`.
"""
