// An editor in a page: what it completes, tells and underlines, it asks of window.server.
import { autocompletion, completionKeymap, snippet, startCompletion } from "@codemirror/autocomplete";
import { yaml } from "@codemirror/lang-yaml";
import { defaultHighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { linter } from "@codemirror/lint";
import { EditorView, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";

const place = (state, at) => {
  const line = state.doc.lineAt(at);
  return [line.number - 1, at - line.from];
};

const index = (state, { line, character }) => state.doc.line(line + 1).from + character;

const completion = async ({ state, pos }) => {
  const items = await window.server("complete", state.doc.toString(), ...place(state, pos));
  const word = /[\w-]*$/.exec(state.doc.lineAt(pos).text.slice(0, pos - state.doc.lineAt(pos).from));
  return {
    from: pos - word[0].length,
    options: items.map(({ label, insertText, documentation }) => ({
      label,
      type: "property",
      info: documentation?.value ?? documentation,
      apply: snippet(insertText.replaceAll("${1}", "${}")),
    })),
  };
};

const hover = hoverTooltip(async (view, pos) => {
  const text = await window.server("hover", view.state.doc.toString(), ...place(view.state, pos));
  const told = text.replace(/\n+Source: .*$/s, "").replace(/```\w*\n?|\*\*|^#+ |`/gm, "").trim();
  const dom = Object.assign(document.createElement("div"), { className: "told", textContent: told });
  return text ? { pos, above: false, create: () => ({ dom }) } : null;
});

const checked = linter(async ({ state }) => {
  const found = await window.server("check", state.doc.toString());
  return found.map(({ range, message }) => {
    const from = index(state, range.start);
    return { from, to: Math.max(index(state, range.end), from + 1), severity: "error", message };
  });
});

window.show = (doc) => {
  const view = new EditorView({
    doc,
    parent: document.body,
    extensions: [
      lineNumbers(),
      yaml(),
      syntaxHighlighting(defaultHighlightStyle),
      autocompletion({ override: [completion], icons: false, interactionDelay: 0 }),
      keymap.of(completionKeymap),
      hover,
      checked,
    ],
  });
  window.view = view;
  window.completeAt = (at) => {
    view.focus();
    view.dispatch({ selection: { anchor: at } });
    startCompletion(view);
  };
};
