import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

CASES = json.loads((Path(__file__).parents[1] / "cases/client-state.json").read_text())["cases"]

# Plays a case through the reducer, and tells its effects in the words of the table.
PLAY = """async (test) => {
  const { initial, reduce } = await import("/guidepath/client/state.js");
  const start = Date.UTC(2026, 0, 1);
  const iso = (seconds) => new Date(start + 1000 * seconds).toISOString();
  const at = (seconds) => seconds === undefined ? null : iso(seconds);
  const stepsOf = (steps, type) => steps.map(({ id, here, target, onMissing = "skip" }) => (
    { id, type, here, target: target ? { selector: target, waitMs: 100, onMissing } : null }));
  const one = [{ id: "one" }];
  const decide = ({ claim, item, id = "x", steps = one, at: currentStepId, next, lease, locale,
    code = "RULE" }) => ({
    decisionId: "d", locale, evaluatedAt: at(0), nextEvaluationAt: at(next), reason: { code },
    claim: item ? { token: claim, expiresAt: at(lease) } : null,
    item: item && { id, type: item, steps: stepsOf(steps, item), state: { currentStepId } } });
  const tell = { request: () => "request", remove: () => "remove", go: (e) => `go ${e.url}`,
    timer: (e) => `timer ${e.ms}`, find: (e) => `find ${e.selector}`,
    draw: (e) => `draw ${e.stepId}`,
    tell: ({ message: m }) => ["tell", m.kind, m.claim, m.stepId].filter(Boolean).join(" "),
    emit: (e) => ["emit", e.name, e.detail.code].filter(Boolean).join(" "),
    send: ({ feedback: f }) => ["send", f.type, f.claim, f.endReason, f.snooze && `for ${f.snooze}`,
      f.waitedMs && `waited ${f.waitedMs}`, f.reason, f.answers && JSON.stringify(f.answers),
      f.stepId !== "one" && `at ${f.stepId}`].filter(Boolean).join(" ") };
  let state = initial({ headless: test.headless ?? false });
  const got = [];
  for (const [short] of test.play) {
    const now = { claim: state.decision?.claim?.token, stepId: state.stepId };
    const decided = short.type === "decided";
    const event = decided ? { type: "decided", decision: decide(short) } : { ...now, ...short };
    let effects;
    [state, effects] = reduce(state, event);
    got.push(effects.map((effect) => tell[effect.do](effect)));
  }
  return { phase: state.phase, effects: got, frozen: Object.isFrozen(state) };
}"""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_state_answers_each_event_as_the_table_says(blank: Page, case: dict[str, Any]) -> None:
    got = blank.evaluate(PLAY, case)
    assert got["effects"] == [effects for _, effects in case["play"]]
    assert got["phase"] == case["phase"]
    assert got["frozen"]


def test_failures_never_wait_longer_than_five_minutes(blank: Page) -> None:
    waits = blank.evaluate(
        """async () => {
          const { backoff } = await import("/guidepath/client/rhythm.js");
          return [1, 2, 5, 9, 50].map(backoff);
        }"""
    )
    assert waits == [2000, 4000, 32000, 300_000, 300_000]


def test_the_pure_modules_touch_neither_page_nor_clock() -> None:
    folder = Path(__file__).parents[2] / "src/guidepath/client"
    for name in ("state.js", "place.js", "rhythm.js", "words.js"):
        text = (folder / name).read_text()
        for word in (
            "document",
            "window",
            "globalThis",
            "Date.now",
            "new Date",
            "random",
            "fetch(",
        ):
            assert word not in text, f"{name} uses {word}"


def test_markup_is_never_made_from_text_and_styles_never_inline() -> None:
    folder = Path(__file__).parents[2] / "src/guidepath/client"
    forbidden = (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        '"style"',
    )
    for module in folder.glob("*.js"):
        text = module.read_text()
        for word in forbidden:
            assert word not in text, f"{module.name} uses {word}"
        # a rule of a constructed sheet has a style too, and may
        assert not re.search(r"(?<!\brule)\.style\b", text), f"{module.name} uses .style"
