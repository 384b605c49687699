"""Time to value: how many reach a milestone, how soon, and how sure that is.

    survival.py    one group of subjects -> the curve of those who have not reached it yet
    logrank.py     two groups -> whether their curves differ
    report.py      what all subjects reached -> the numbers of each milestone
    targets.py     what users were shown -> how often an item's target was missing
    wording.py     numbers -> the words that text and page share
    text.py        a report -> lines for a terminal
    chart.py       a report -> curves as SVG; needs the extra `insight`
    page.py        a report -> one HTML page; needs the extra `insight`
    backtest*.py   what all reached and are shown under two playbooks -> what differs, and its words

Pure numbers: no file, no clock, no store. Who has not reached a milestone is censored, never
dropped.
"""
