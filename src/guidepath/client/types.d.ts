export type ItemType = "tooltip" | "hint" | "banner" | "modal" | "tour" | "checklist" | "survey" | "announcement";
export type EndReason = "done" | "close" | "escape" | "overlay" | "replaced" | "api" | "target_missing" | "navigated";
/**
 * What to show now; no item is a right answer, and `reason` says why.
 */
export type Decision = {
    object: "decision";
    schemaVersion: 1;
    decisionId: string;
    /**
     * ISO 8601, as all times are
     */
    evaluatedAt: string;
    /**
     * when the answer can change by itself
     */
    nextEvaluationAt: string | null;
    /**
     * the language of the texts
     */
    locale: string;
    item: Item | null;
    reason: {
        code: string;
    };
    /**
     * the right to show it, the same in every tab
     */
    claim: {
        token: string;
        expiresAt: string;
    } | null;
};
/**
 * A piece of guidance, ready to be shown.
 */
export type Item = {
    object: "item";
    id: string;
    version: string;
    type: ItemType;
    /**
     * why it exists: "onboard", "celebrate", …
     */
    moment: string;
    /**
     * the milestone it leads to
     */
    toward: string;
    /**
     * all but tours have one
     */
    steps: Step[];
    /**
     * the lines of a checklist
     */
    items?: Entry[] | undefined;
    state: State;
    /**
     * ISO 8601 durations
     */
    snoozeOptions: string[];
    theme: string;
};
/**
 * How far the person is in it.
 */
export type State = {
    status: "not_started" | "in_progress" | "completed";
    currentStepId: string;
    progress: {
        completed: number;
        total: number;
    };
};
/**
 * One thing on the screen.
 */
export type Step = {
    id: string;
    type: string;
    /**
     * plain text
     */
    title: string;
    /**
     * sanitised by the server
     */
    bodyHtml: string;
    target: {
        selector: string;
        waitMs: number;
        onMissing: "skip" | "center" | "end";
    } | null;
    placement: {
        side: "top" | "right" | "bottom" | "left" | "start" | "end";
        align: "start" | "center" | "end";
    };
    /**
     * whether the rest of the page dims
     */
    overlay: {
        enabled: boolean;
    };
    /**
     * a click on what this selector names goes on
     */
    advanceOn: string | null;
    primaryAction: Action | null;
    secondaryAction: Action | null;
    dismissible: boolean;
    /**
     * whether it belongs on the page that was asked about
     */
    here: boolean;
    /**
     * those of a survey
     */
    questions: Question[];
};
/**
 * A button: it leads to an address, completes the item, or goes on at another step.
 */
export type Action = {
    label: string;
    type: "navigate" | "complete" | "step";
    url: string | null;
    stepId: string | null;
};
/**
 * A line of a checklist.
 */
export type Entry = {
    id: string;
    title: string;
    status: "not_started" | "completed";
    required: boolean;
    /**
     * it opens after the lines before it
     */
    locked: boolean;
    completedBy: string | null;
    completedAt: string | null;
    action: Action | null;
};
/**
 * A question of a survey.
 */
export type Question = {
    id: string;
    type: "rating" | "choice" | "text" | "nps";
    prompt: string;
    required: boolean;
    /**
     * of a choice
     */
    options?: {
        id: string;
        label: string;
    }[] | undefined;
    /**
     * of a choice: more than one may be taken
     */
    multiple?: boolean | undefined;
    /**
     * of a rating: 1 to this
     */
    scale?: number | undefined;
    /**
     * what the lowest means
     */
    low?: string | undefined;
    /**
     * what the highest means
     */
    high?: string | undefined;
    /**
     * of a text
     */
    maxLength?: number | undefined;
};
/**
 * Answers by question: a number (rating, nps), the ids of options (choice, always a list), a text.
 */
export type Answers = Record<string, number | string | string[]>;
/**
 * Where nothing belongs to it.
 */
export type Nothing = Record<string, never>;
/**
 * What belongs to it: to be given where it must be.
 */
export type Given<D> = {} extends D ? [detail?: D] : [detail: D];
/**
 * What can be said of an item, and what belongs to it. Those that end it are `item.completed`,
 * `item.dismissed`, `item.snoozed`, `survey.answered` and `target.missing`.
 */
export type Feedback = {
    "item.shown": Nothing;
    "step.shown": {
        stepId?: string;
    };
    "step.completed": {
        stepId?: string;
        targetFound?: boolean;
        waitedMs?: number;
    };
    "action.clicked": {
        stepId?: string;
    };
    "item.completed": {
        endReason?: EndReason;
    };
    "item.dismissed": {
        endReason?: EndReason;
    };
    "item.snoozed": {
        snooze?: string;
    };
    "survey.answered": {
        answers: Answers;
    };
    "target.missing": {
        targetFound?: false;
        waitedMs?: number;
        reason?: "timeout" | "hidden" | "covered" | "clipped";
    };
};
/**
 * What a person can do with an item, and what belongs to it.
 */
export type Answer = {
    close: Nothing;
    escape: Nothing;
    overlay: Nothing;
    next: Nothing;
    back: Nothing;
    snooze: {
        snooze: string;
    };
    act: {
        action: Action;
        entryId?: string;
    };
    survey: {
        answers: Answers;
    };
};
/**
 * How far the person has come. Announcements are those she has had, the newest first.
 */
export type Progress = {
    object: "progress";
    milestones: Milestone[];
    checklists: Item[];
    announcements: Item[];
};
/**
 * A milestone, and whether it is reached.
 */
export type Milestone = {
    id: string;
    title: string;
    scope: "user" | "account";
    firstValue: boolean;
    reachedAt: string | null;
    reachedBy: string | null;
    backfilled: boolean;
};
/**
 * What a connection tells. `item` says what to draw, also when a tour turns to its next step; one that
 * comes again with the same claim is an update. `gone` says to take it off the screen.
 */
export type Events = {
    item: Shown;
    gone: {};
    shown: Shown;
    answered: {
        itemId: string;
        type: keyof Feedback;
        endReason?: EndReason;
        snooze?: string;
    };
    silent: {
        code: string | null;
    };
    navigate: {
        url: string;
    };
    trace: Trace;
};
/**
 * An item, and what is needed to draw it.
 */
export type Shown = {
    item: Item;
    /**
     * the step of the item to draw
     */
    step: Step;
    /**
     * which step of how many it is
     */
    position: Position;
    decision: Decision;
    /**
     * the client's own words in the language of the decision
     */
    words: Words;
};
/**
 * Which step of how many, counted from 1.
 */
export type Position = {
    n: number;
    m: number;
    /**
     * no way leads back from here
     */
    first: boolean;
    /**
     * the next answer ends it
     */
    last: boolean;
};
/**
 * What the client did, for who looks into it.
 */
export type Trace = {
    at: string;
    what: "asked" | "decided" | "waiting" | "found" | "placed" | "shown" | "missing" | "answered" | "failed" | "closed";
    detail?: object;
};
/**
 * The client's own words by name, e.g. `close`.
 */
export type Words = Record<string, string>;
/**
 * What `connect` is given; only `base` must be.
 */
export type ConnectOptions = {
    /**
     * where the app is mounted
     */
    base: string;
    /**
     * the path to ask about (default: that of the address)
     */
    page?: string | (() => string) | undefined;
    /**
     * the language (default: that of the page)
     */
    locale?: string | undefined;
    /**
     * (default: what the browser says)
     */
    device?: "desktop" | "tablet" | "mobile" | undefined;
    /**
     * in place of the browser's
     */
    fetch?: typeof fetch | undefined;
    /**
     * other words by language, e.g. {de: {close: "Zu"}}
     */
    texts?: Record<string, Words> | undefined;
    /**
     * what a selector means where you know better
     */
    targets?: Record<string, Element | (() => Element | null)> | undefined;
    /**
     * a bearer token, for another origin
     */
    token?: string | (() => string | Promise<string>) | undefined;
    /**
     * sent with every request
     */
    headers?: (() => Record<string, string>) | undefined;
    /**
     * (default: "same-origin")
     */
    credentials?: RequestCredentials | undefined;
    /**
     * a decision the page brought along
     */
    first?: Decision | undefined;
    /**
     * what draws; without it you do, on "item"
     */
    surface?: (() => Surface | Promise<Surface>) | undefined;
};
/**
 * What draws items for a connection.
 */
export type Surface = {
    draw: (view: any) => Element | Promise<Element>;
    remove: () => void;
};
/**
 * A connection.
 */
export type Guide = {
    /**
     * asks now; null where the server could not be reached
     */
    next: () => Promise<Decision | null>;
    /**
     * something has changed: asks soon, here and in the other tabs
     */
    refresh: () => void;
    /**
     *   hears of an event; gives the function that stops it
     */
    on: <K extends keyof Events>(name: K, act: (detail: Events[K], prevent: () => void) => void) => () => void;
    /**
     *   says what became of the item
     */
    respond: <K extends keyof Feedback>(feedback: K, ...detail: Given<Feedback[K]>) => Promise<void>;
    /**
     *   says what the person did; it goes through a tour by itself
     */
    answer: <K extends keyof Answer>(kind: K, ...detail: Given<Answer[K]>) => Promise<void>;
    /**
     * milestones, checklists and past announcements; it rejects
     * where the server cannot be reached
     */
    progress: () => Promise<Progress>;
    /**
     * why this and not that, where the host allows it
     */
    inspect: () => Promise<object>;
    /**
     * leaves: takes the item away, gives its claim back, hears nothing more
     */
    close: () => void;
};
