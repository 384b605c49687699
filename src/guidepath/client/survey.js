// A survey: its questions as a form. Loaded with the first one.

import { card, make, push, reminders } from "./parts.js";

// What was typed in the survey on the page, so that it is there again when the survey is drawn anew.
let draft = {};

/** The inside of a survey; it is answered as a whole, when nothing that is required is missing. */
export function survey(view) {
  const { decision, step, words, answer } = view;
  const { id } = decision.item;
  const { questions } = step;
  const kept = draft.id === id ? draft.values : [];
  const boxes = questions.map((question) => box(question, words, kept));
  const form = make(
    "form",
    {
      novalidate: true,
      oninput: ({ target }) => {
        draft = { id, values: [...new FormData(form)] };
        complain(target.closest("fieldset"), "");
      },
      onsubmit: (event) => {
        event.preventDefault();
        const answers = answersOf(new FormData(form), questions);
        const lacks = questions.map((one) => one.required !== false && !(one.id in answers));
        lacks.forEach((lacking, index) => complain(boxes[index], lacking ? words.missing : ""));
        const missing = boxes[lacks.indexOf(true)];
        if (missing) return missing.querySelector("input, textarea").focus();
        draft = {};
        answer("survey", { answers });
      },
    },
    ...boxes,
    make(
      "div",
      { class: "controls" },
      reminders(view),
      push("send", step.primaryAction?.label ?? words.send, "primary", null, { type: "submit" }),
    ),
  );
  return card(view, form);
}

function box({ id, type, prompt, required, low, high, multiple, maxLength, ...rest }, words, kept) {
  const optional = required === false;
  const about = { "aria-describedby": `${id}-said`, "aria-required": optional ? null : "true" };
  const values = kept.filter(([name]) => name === id).map(([, value]) => value);
  const choice = type === "choice";
  const kind = choice && multiple ? "checkbox" : "radio";
  const option = ({ id: value, label }) => {
    const checked = values.includes(value);
    const input = make("input", { type: kind, name: id, value, checked, "data-key": `${id} ${value}` });
    return make("label", { class: choice ? "option" : "point" }, input, make("span", {}, label));
  };
  const field = { ...about, class: "field", name: id, "data-key": id, rows: 2, maxlength: maxLength };
  const text = type === "text" && make("textarea", { ...field, "aria-label": prompt }, values[0]);
  const group = kind === "radio" ? { ...about, role: "radiogroup" } : { "aria-describedby": `${id}-said` };
  return make(
    "fieldset",
    text ? {} : group,
    make("legend", { class: "prompt" }, `${prompt} `, optional && make("small", {}, words.optional)),
    text || make("div", { class: choice ? "options" : "scale" }, ...optionsOf(type, rest).map(option)),
    make(
      "div",
      { id: `${id}-said` },
      low || high ? make("div", { class: "ends" }, ...[low, high].map((end) => make("span", {}, end))) : null,
      make("p", { class: "error", role: "alert" }),
    ),
  );
}

function optionsOf(type, { scale = 5, options }) {
  if (type === "choice") return options;
  const marks = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];
  const asked = type === "nps" ? marks : marks.slice(1, scale + 1);
  return asked.map((mark) => ({ id: mark, label: mark }));
}

// What was not answered is left out.
function answersOf(data, questions) {
  const given = questions.map(({ id, type }) => {
    const values = data.getAll(id).map((value) => value.trim()).filter(Boolean);
    const [value] = values;
    return [id, value && (type === "choice" ? values : type === "text" ? value : Number(value))];
  });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

// Says what is missing beside its question, for everyone.
function complain(fieldset, text) {
  const error = fieldset.querySelector(".error");
  const marked = fieldset.role ? fieldset : fieldset.querySelector("textarea");
  if (error.textContent !== text) error.textContent = text;
  marked?.setAttribute("aria-invalid", String(text !== ""));
}
