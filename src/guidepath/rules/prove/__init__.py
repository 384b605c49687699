"""Whether rules can hold at all, told by a solver, and somebody for whom they do.

survey      what some rules speak of: events with their windows, attributes, milestones
samples     a value for each way in which the tests of a name can come out
classes     a set of properties for each way in which the filters of an event can come out
world       everything that can be true of somebody, as formulas over counts in cells
solve       whether formulas can hold together, and the fewest that cannot
portrait    somebody of whom they hold

A cell is an age between two limits that the rules name, a class of properties, and who did it. How
often an event fell into each cell is a number; counts, ages and sums are sums over cells, so that
"within 1d is no more than within 7d" or "hers are among the account's" need not be said.
"""
