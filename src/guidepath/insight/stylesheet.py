"""The look of the report page, for a host that serves its styles from a file of its own."""

STYLESHEET = """\
:root {
  color-scheme: light dark;
  --guidepath-paper: #ffffff; --guidepath-card: #f6f8fa; --guidepath-ink: #1d2733;
  --guidepath-soft: #5b6675; --guidepath-line: #d9dee5; --guidepath-curve: #1a62c4;
  --guidepath-group-1: #0067a8; --guidepath-group-2: #c04f00; --guidepath-group-3: #007a5a;
  --guidepath-group-4: #a2357a; --guidepath-group-5: #8a6a00; --guidepath-group-6: #5c5c5c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --guidepath-paper: #12161c; --guidepath-card: #1a2029; --guidepath-ink: #e8edf3;
    --guidepath-soft: #a3aebb; --guidepath-line: #303945; --guidepath-curve: #6cabff;
    --guidepath-group-1: #62b6f0; --guidepath-group-2: #ff9a5c; --guidepath-group-3: #4fd1a5;
    --guidepath-group-4: #ee8fc8; --guidepath-group-5: #e0c050; --guidepath-group-6: #bdbdbd;
  }
}
body { margin: 0; background: var(--guidepath-paper); color: var(--guidepath-ink); }
.guidepath-report {
  max-width: 64rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem;
  font: 1rem/1.55 system-ui, sans-serif;
}
.guidepath-report h1 { margin: 0; font-size: 1rem; font-weight: 600; letter-spacing: .01em; }
.guidepath-report h2 { margin: 3rem 0 .75rem; font-size: 1.25rem; line-height: 1.3; }
.guidepath-report h3 { margin: 0 0 .5rem; font-size: 1rem; line-height: 1.35; }
.guidepath-report p { margin: .25rem 0; }
.guidepath-report .lead {
  margin: 1.25rem 0 1.5rem; max-width: 46rem; font-size: clamp(1.25rem, 3.2vw, 1.6rem);
  line-height: 1.35; font-weight: 600; text-wrap: pretty;
}
.guidepath-report .soft, .guidepath-report figcaption { color: var(--guidepath-soft); }
.guidepath-report .soft, .guidepath-report figcaption, .guidepath-report td small {
  font-size: .875rem;
}
.guidepath-report figure { margin: 0; }
.guidepath-report figure svg { display: block; max-width: 100%; height: auto; }
.guidepath-report figcaption { margin-top: .5rem; }
.guidepath-report .main svg { width: 100%; min-width: 36rem; }
.guidepath-report .several {
  display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr));
}
.guidepath-report .card {
  padding: 1rem; background: var(--guidepath-card); border-radius: .75rem;
}
.guidepath-report .wide { overflow-x: auto; border-radius: .5rem; }
.guidepath-report .wide:focus-visible { outline: 2px solid var(--guidepath-curve); }
.guidepath-report table { width: 100%; border-collapse: collapse; }
.guidepath-report caption {
  padding-bottom: .5rem; text-align: left; color: var(--guidepath-soft); font-size: .875rem;
}
.guidepath-report th, .guidepath-report td {
  padding: .5rem .75rem; border-bottom: 1px solid var(--guidepath-line); text-align: right;
  vertical-align: top; white-space: nowrap; font-variant-numeric: tabular-nums;
}
.guidepath-report thead th { color: var(--guidepath-soft); font-size: .875rem; font-weight: 600; }
.guidepath-report th:first-child {
  padding-left: 0; text-align: left; white-space: normal; min-width: 11rem;
  overflow-wrap: anywhere;
}
.guidepath-report td:last-child, .guidepath-report th:last-child { padding-right: 0; }
.guidepath-report tbody th { font-weight: 500; }
.guidepath-report tbody th b { color: var(--guidepath-curve); }
.guidepath-report td small { display: block; color: var(--guidepath-soft); }
.guidepath-report .group { margin-bottom: 2.5rem; }
.guidepath-report .group figure { margin-bottom: 1rem; }
"""
