// The texts of the client itself, by language, and how durations are said. Pure.
// What an item says comes from the playbook; these are only the words around it.

const WORDS = Object.freeze({
  en: Object.freeze({
    close: "Close",
    later: "Remind me later",
    remind: "Remind me {when}",
    next: "Next",
    back: "Back",
    done: "Done",
    steps: "{n} of {m}",
    reach: "Press F6 to go there.",
    hide: "Hide this list",
    completed: "Done",
    open: "To do",
    optional: "Optional",
    locked: "Opens after the earlier steps",
    hint: "Hint: {title}",
    send: "Send",
    missing: "Please answer this.",
    guide: "Guide",
    past: "Earlier news",
    nothing: "Nothing here yet.",
  }),
  de: Object.freeze({
    close: "Schließen",
    later: "Später erinnern",
    remind: "{when} erinnern",
    next: "Weiter",
    back: "Zurück",
    done: "Fertig",
    steps: "{n} von {m}",
    reach: "Mit F6 dorthin springen.",
    hide: "Liste ausblenden",
    completed: "Erledigt",
    open: "Offen",
    optional: "Freiwillig",
    locked: "Öffnet sich nach den früheren Schritten",
    hint: "Hinweis: {title}",
    send: "Senden",
    missing: "Bitte beantworten.",
    guide: "Wegweiser",
    past: "Frühere Neuigkeiten",
    nothing: "Noch nichts hier.",
  }),
});

const RIGHT_TO_LEFT = Object.freeze(["ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"]);
const UNITS = Object.freeze({ week: 604800, day: 86400, hour: 3600, minute: 60, second: 1 }); // seconds

/** The words of a locale, English where a language is missing; `overrides` are by language. */
export function wordsFor(locale, overrides = {}) {
  const language = languageOf(locale);
  return Object.freeze({ ...WORDS.en, ...WORDS[language], ...overrides[language], ...overrides[locale] });
}

/** A text with its {placeholders} filled. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** "Remind me in 4 hours": an ISO 8601 duration as the words of the locale say it. */
export function reminder(duration, words, locale) {
  const [number, unit] = inOneUnit(duration);
  const when = new Intl.RelativeTimeFormat(known(locale), { numeric: "always" }).format(number, unit);
  const label = fill(words.remind, { when });
  return label.charAt(0).toLocaleUpperCase(known(locale)) + label.slice(1);
}

/** "rtl" where the language is written from right to left. */
export function direction(locale) {
  return RIGHT_TO_LEFT.includes(languageOf(locale)) ? "rtl" : "ltr";
}

// An ISO 8601 duration of weeks to seconds as [number, unit], in the largest unit that is whole. Months
// are not said, so that an M is a minute and every letter begins a unit.
function inOneUnit(duration) {
  const units = Object.entries(UNITS);
  const sizeOf = (letter) => units.find(([name]) => name[0] === letter)[1];
  const parts = [...duration.toLowerCase().matchAll(/(\d+)([wdhms])/g)];
  const seconds = parts.reduce((sum, [, number, letter]) => sum + number * sizeOf(letter), 0);
  const [name, size] = units.find(([, size]) => seconds >= size && seconds % size === 0) ?? ["second", 1];
  return [seconds / size, name];
}

function languageOf(locale) {
  return String(locale ?? "en").toLowerCase().split(/[-_]/)[0];
}

function known(locale) {
  try {
    return Intl.getCanonicalLocales(String(locale).replace("_", "-"))[0] ?? "en";
  } catch {
    return "en";
  }
}
