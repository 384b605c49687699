"""Whether the elements that a playbook points at are still in the product's templates.

    selector.py    a CSS selector -> what it asks of elements; needs the extra `cli`
    expression.py  an expression of a template or a script -> the texts that it can become
    markup.py      a file's text -> the attributes that it gives to elements, with their places
    anchor.py      all that were found, and whether one fits
    folder.py      folders -> the files in them that people write
    check.py       playbook x files -> what is missing, what cannot be told, what is not used

Templates come in many languages, and none of them is run here: what a file says in plain letters
counts, and what is put together while the product runs is told as such.
"""
