// What goes in and out of `connect`, for editors and for tsc: guidepath.d.ts and the declarations
// beside it are made of this. Nothing loads it in a browser.

/**
 * @typedef {"tooltip" | "hint" | "banner" | "modal" | "tour" | "checklist" | "survey"
 *   | "announcement"} ItemType
 * @typedef {"done" | "close" | "escape" | "overlay" | "replaced" | "api" | "target_missing"
 *   | "navigated"} EndReason
 */

/**
 * What to show now; no item is a right answer, and `reason` says why.
 *
 * @typedef {object} Decision
 * @property {"decision"} object
 * @property {1} schemaVersion
 * @property {string} decisionId
 * @property {string} evaluatedAt ISO 8601, as all times are
 * @property {string | null} nextEvaluationAt when the answer can change by itself
 * @property {string} locale the language of the texts
 * @property {Item | null} item
 * @property {{code: string}} reason
 * @property {{token: string, expiresAt: string} | null} claim the right to show it, the same in every tab
 */

/**
 * A piece of guidance, ready to be shown.
 *
 * @typedef {object} Item
 * @property {"item"} object
 * @property {string} id
 * @property {string} version
 * @property {ItemType} type
 * @property {string} moment why it exists: "onboard", "celebrate", …
 * @property {string} toward the milestone it leads to
 * @property {Step[]} steps all but tours have one
 * @property {Entry[]} [items] the lines of a checklist
 * @property {State} state
 * @property {string[]} snoozeOptions ISO 8601 durations
 * @property {string} theme
 */

/**
 * How far the person is in it.
 *
 * @typedef {object} State
 * @property {"not_started" | "in_progress" | "completed"} status
 * @property {string} currentStepId
 * @property {{completed: number, total: number}} progress
 */

/**
 * One thing on the screen.
 *
 * @typedef {object} Step
 * @property {string} id
 * @property {string} type
 * @property {string} title plain text
 * @property {string} bodyHtml sanitised by the server
 * @property {{selector: string, waitMs: number, onMissing: "skip" | "center" | "end"} | null} target
 * @property {{side: "top" | "right" | "bottom" | "left" | "start" | "end", align: "start" | "center" | "end"}} placement
 * @property {{enabled: boolean}} overlay whether the rest of the page dims
 * @property {string | null} advanceOn a click on what this selector names goes on
 * @property {Action | null} primaryAction
 * @property {Action | null} secondaryAction
 * @property {boolean} dismissible
 * @property {boolean} here whether it belongs on the page that was asked about
 * @property {Question[]} questions those of a survey
 */

/**
 * A button: it leads to an address, completes the item, or goes on at another step.
 *
 * @typedef {object} Action
 * @property {string} label
 * @property {"navigate" | "complete" | "step"} type
 * @property {string | null} url
 * @property {string | null} stepId
 */

/**
 * A line of a checklist.
 *
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} title
 * @property {"not_started" | "completed"} status
 * @property {boolean} required
 * @property {boolean} locked it opens after the lines before it
 * @property {string | null} completedBy
 * @property {string | null} completedAt
 * @property {Action | null} action
 */

/**
 * A question of a survey.
 *
 * @typedef {object} Question
 * @property {string} id
 * @property {"rating" | "choice" | "text" | "nps"} type
 * @property {string} prompt
 * @property {boolean} required
 * @property {{id: string, label: string}[]} [options] of a choice
 * @property {boolean} [multiple] of a choice: more than one may be taken
 * @property {number} [scale] of a rating: 1 to this
 * @property {string} [low] what the lowest means
 * @property {string} [high] what the highest means
 * @property {number} [maxLength] of a text
 */

/**
 * Answers by question: a number (rating, nps), the ids of options (choice, always a list), a text.
 *
 * @typedef {Record<string, number | string | string[]>} Answers
 */

/**
 * Where nothing belongs to it.
 *
 * @typedef {Record<string, never>} Nothing
 */

/**
 * What belongs to it: to be given where it must be.
 *
 * @template D
 * @typedef {{} extends D ? [detail?: D] : [detail: D]} Given
 */

/**
 * What can be said of an item, and what belongs to it. Those that end it are `item.completed`,
 * `item.dismissed`, `item.snoozed`, `survey.answered` and `target.missing`.
 *
 * @typedef {{
 *   "item.shown": Nothing,
 *   "step.shown": {stepId?: string},
 *   "step.completed": {stepId?: string, targetFound?: boolean, waitedMs?: number},
 *   "action.clicked": {stepId?: string},
 *   "item.completed": {endReason?: EndReason},
 *   "item.dismissed": {endReason?: EndReason},
 *   "item.snoozed": {snooze?: string},
 *   "survey.answered": {answers: Answers},
 *   "target.missing": {targetFound?: false, waitedMs?: number, reason?: "timeout" | "hidden" | "covered" | "clipped"},
 * }} Feedback
 */

/**
 * What a person can do with an item, and what belongs to it.
 *
 * @typedef {{
 *   close: Nothing,
 *   escape: Nothing,
 *   overlay: Nothing,
 *   next: Nothing,
 *   back: Nothing,
 *   snooze: {snooze: string},
 *   act: {action: Action, entryId?: string},
 *   survey: {answers: Answers},
 * }} Answer
 */

/**
 * How far the person has come. Announcements are those she has had, the newest first.
 *
 * @typedef {object} Progress
 * @property {"progress"} object
 * @property {Milestone[]} milestones
 * @property {Item[]} checklists
 * @property {Item[]} announcements
 */

/**
 * A milestone, and whether it is reached.
 *
 * @typedef {object} Milestone
 * @property {string} id
 * @property {string} title
 * @property {"user" | "account"} scope
 * @property {boolean} firstValue
 * @property {string | null} reachedAt
 * @property {string | null} reachedBy
 * @property {boolean} backfilled
 */

/**
 * What a connection tells. `item` says what to draw, also when a tour turns to its next step; one that
 * comes again with the same claim is an update. `gone` says to take it off the screen.
 *
 * @typedef {{
 *   item: Shown,
 *   gone: {},
 *   shown: Shown,
 *   answered: {itemId: string, type: keyof Feedback, endReason?: EndReason, snooze?: string},
 *   silent: {code: string | null},
 *   navigate: {url: string},
 *   trace: Trace,
 * }} Events
 */

/**
 * An item, and what is needed to draw it.
 *
 * @typedef {object} Shown
 * @property {Item} item
 * @property {Step} step the step of the item to draw
 * @property {Position} position which step of how many it is
 * @property {Decision} decision
 * @property {Words} words the client's own words in the language of the decision
 */

/**
 * Which step of how many, counted from 1.
 *
 * @typedef {object} Position
 * @property {number} n
 * @property {number} m
 * @property {boolean} first no way leads back from here
 * @property {boolean} last the next answer ends it
 */

/**
 * What the client did, for who looks into it.
 *
 * @typedef {object} Trace
 * @property {string} at
 * @property {"asked" | "decided" | "waiting" | "found" | "placed" | "shown" | "missing" | "answered" | "failed" | "closed"} what
 * @property {object} [detail]
 */

/**
 * The client's own words by name, e.g. `close`.
 *
 * @typedef {Record<string, string>} Words
 */

/**
 * What `connect` is given; only `base` must be.
 *
 * @typedef {object} ConnectOptions
 * @property {string} base where the app is mounted
 * @property {string | (() => string)} [page] the path to ask about (default: that of the address)
 * @property {string} [locale] the language (default: that of the page)
 * @property {"desktop" | "tablet" | "mobile"} [device] (default: what the browser says)
 * @property {typeof globalThis.fetch} [fetch] in place of the browser's
 * @property {Record<string, Words>} [texts] other words by language, e.g. {de: {close: "Zu"}}
 * @property {Record<string, Element | (() => Element | null)>} [targets] what a selector means where you know better
 * @property {string | (() => string | Promise<string>)} [token] a bearer token, for another origin
 * @property {() => Record<string, string>} [headers] sent with every request
 * @property {RequestCredentials} [credentials] (default: "same-origin")
 * @property {Decision} [first] a decision the page brought along
 * @property {() => Surface | Promise<Surface>} [surface] what draws; without it you do, on "item"
 */

/**
 * What draws items for a connection.
 *
 * @typedef {object} Surface
 * @property {(view: any) => Element | Promise<Element>} draw
 * @property {() => void} remove
 */

/**
 * A connection.
 *
 * @typedef {object} Guide
 * @property {() => Promise<Decision | null>} next asks now; null where the server could not be reached
 * @property {() => void} refresh something has changed: asks soon, here and in the other tabs
 * @property {<K extends keyof Events>(name: K, act: (detail: Events[K], prevent: () => void) => void) => () => void} on
 *   hears of an event; gives the function that stops it
 * @property {<K extends keyof Feedback>(feedback: K, ...detail: Given<Feedback[K]>) => Promise<void>} respond
 *   says what became of the item
 * @property {<K extends keyof Answer>(kind: K, ...detail: Given<Answer[K]>) => Promise<void>} answer
 *   says what the person did; it goes through a tour by itself
 * @property {() => Promise<Progress>} progress milestones, checklists and past announcements; it rejects
 *   where the server cannot be reached
 * @property {() => Promise<object>} inspect why this and not that, where the host allows it
 * @property {() => void} close leaves: takes the item away, gives its claim back, hears nothing more
 */

export {};
