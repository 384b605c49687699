"""Whether a playbook that is right is also wise: what experience says against it.

The one rule of the room: a finding says what is wrong, why it matters and how to mend it, and
never stops anybody. Only playbooks without errors are asked.

    advice      all of them together, placed in the file
    ground      the playbook looked at as a whole: who meets what, after what
    needs       which milestones are surely reached by then
    early       how soon a rule can hold at all
    goals, order, crowd, talk, unused   what is asked
    tracked     the playbook against a log of what a product really sends
"""
